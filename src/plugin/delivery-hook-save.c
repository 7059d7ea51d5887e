/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "header-cache.h"
#include "stored-verdict.h"
#include "authres-user.h"
#include "delivery.h"
#include "delivery-hook-save.h"

#define SAVE_HOOK_CONTEXT_REQUIRE(obj) \
	MODULE_CONTEXT_REQUIRE(obj, save_hook_storage_module)

struct save_hook_mailbox {
	union mailbox_module_context module_ctx;
};

static MODULE_CONTEXT_DEFINE_INIT(save_hook_storage_module,
				  &mail_storage_module_register);

static void save_hook_add(struct mail_save_context *ctx,
			      const char *const *names)
{
	struct mailbox *box = ctx->transaction->box;
	struct mail_keywords *old = ctx->data.keywords, *ours;
	ARRAY_TYPE(keyword_indexes) indexes;
	unsigned int i, j;

	ours = mailbox_keywords_create_valid(box, names);
	t_array_init(&indexes, 8);
	if (old != NULL)
		array_append(&indexes, old->idx, old->count);
	for (i = 0; i < ours->count; i++) {
		for (j = 0; old != NULL && j < old->count; j++) {
			if (old->idx[j] == ours->idx[i])
				break;
		}
		if (old == NULL || j == old->count)
			array_push_back(&indexes, &ours->idx[i]);
	}
	mailbox_keywords_unref(&ours);
	ctx->data.keywords =
		mailbox_keywords_create_from_indexes(box, &indexes);
	if (old != NULL)
		mailbox_keywords_unref(&old);
}

static struct delivery *save_get_delivery(struct mailbox *box)
{
	/* Only what is delivered: a mailbox that a plugin opens for its own
	   purposes is left alone. */
	if ((box->flags & MAILBOX_FLAG_POST_SESSION) == 0)
		return NULL;
	return authres_user_get_delivery(box->storage->user);
}

static void save_hook_apply(struct mail_save_context *ctx)
{
	struct delivery *delivery = save_get_delivery(ctx->transaction->box);
	const char *const *names;

	if (delivery == NULL)
		return;
	names = delivery_get_keywords(delivery);
	if (names == NULL || names[0] == NULL)
		return;
	T_BEGIN {
		save_hook_add(ctx, names);
	} T_END;
}

static int
save_hook_begin(struct mail_save_context *ctx, struct istream *input)
{
	struct mailbox *box = ctx->transaction->box;
	struct save_hook_mailbox *kbox = SAVE_HOOK_CONTEXT_REQUIRE(box);

	/* copy() has done it already */
	if (!ctx->copying_via_save)
		save_hook_apply(ctx);
	return kbox->module_ctx.super.save_begin(ctx, input);
}

static int
save_hook_copy(struct mail_save_context *ctx, struct mail *mail)
{
	struct mailbox *box = ctx->transaction->box;
	struct save_hook_mailbox *kbox = SAVE_HOOK_CONTEXT_REQUIRE(box);
	struct delivery *delivery = save_get_delivery(box);

	save_hook_apply(ctx);
	/* for doveadm authres list */
	if (delivery != NULL && delivery_is_junk(delivery)) T_BEGIN {
		header_cache_request(box, stored_verdict_short_fields);
	} T_END;
	if (kbox->module_ctx.super.copy(ctx, mail) < 0)
		return -1;
	if (delivery != NULL) {
		delivery_mark_saved(delivery, ctx->dest_mail);
		delivery_add_mailbox(delivery, mailbox_get_vname(box));
	}
	return 0;
}

void delivery_hook_save_mailbox_allocated(struct mailbox *box)
{
	struct mailbox_vfuncs *v = box->vlast;
	struct save_hook_mailbox *kbox;

	kbox = p_new(box->pool, struct save_hook_mailbox, 1);
	kbox->module_ctx.super = *v;
	box->vlast = &kbox->module_ctx.super;
	v->save_begin = save_hook_begin;
	v->copy = save_hook_copy;
	MODULE_CONTEXT_SET(box, save_hook_storage_module, kbox);
}

static const char *const *
hidden_get_keywords(struct mail *mail ATTR_UNUSED)
{
	static const char *const no_keywords[] = { NULL };

	return no_keywords;
}

void delivery_hook_save_hide(struct mail *mail)
{
	struct mail_private *pmail = (struct mail_private *)mail;

	pmail->v.get_keywords = hidden_get_keywords;
}
