/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-user.h"
#include "authres-limits.h"
#include "authres-user.h"
#include "delivery-record.h"
#include "moves-keywords.h"
#include "moves-mailbox.h"
#include "moves-copies.h"
#include "moves-lesson.h"
#include "moves-hook.h"

#define MOVES_CONTEXT_REQUIRE(obj) \
	MODULE_CONTEXT_REQUIRE(obj, moves_storage_module)
#define MOVES_CONTEXT(obj) \
	MODULE_CONTEXT(obj, moves_storage_module)
#define MOVES_MAIL_CONTEXT_REQUIRE(obj) \
	MODULE_CONTEXT_REQUIRE(obj, moves_mail_module)

struct moves_hook {
	struct moves_copies *copies;
	/* source of a copy into a virtual mailbox, which saves it to a real
	   one */
	struct mail *virtual_copy_src;
};

struct moves_mailbox {
	union mailbox_module_context module_ctx;
	enum mailbox_role place;
	bool place_known;
};

struct moves_transaction {
	union mailbox_transaction_module_context module_ctx;
	/* to be finished when it is committed */
	ARRAY(struct moves_lesson *) lessons;
	ARRAY_TYPE(seq_range) expunged_uids;
};

/* A message on its way from one mailbox to another. */
struct move {
	struct authres_user *auser;
	struct mail *src;
	enum mailbox_role from, to;
	/* flags are 0 if it has no record */
	struct delivery_record delivered;
	/* NULL = nothing to be said */
	struct moves_lesson *lesson;
};

static MODULE_CONTEXT_DEFINE_INIT(moves_storage_module,
				  &mail_storage_module_register);
static MODULE_CONTEXT_DEFINE_INIT(moves_mail_module, &mail_module_register);

static struct authres_user *moves_user(struct mailbox *box)
{
	struct authres_user *auser = authres_user_get(box->storage->user);

	return auser == NULL || auser->moves == NULL ? NULL : auser;
}

static enum mailbox_role
moves_role(struct authres_user *auser, struct mailbox *box)
{
	struct moves_mailbox *mbox = MOVES_CONTEXT(box);

	if (mbox == NULL)
		return MAILBOX_ROLE_FOREIGN;
	if (!mbox->place_known) T_BEGIN {
		mbox->place = mailbox_role_get(auser, box);
		mbox->place_known = TRUE;
	} T_END;
	return mbox->place;
}

struct moves_hook *moves_hook_init(struct mail_user *user)
{
	struct moves_hook *moves;

	if (strcmp(user->service, "imap") != 0)
		return NULL;
	moves = i_new(struct moves_hook, 1);
	moves->copies = moves_copies_init();
	return moves;
}

void moves_hook_deinit(struct moves_hook **_moves)
{
	struct moves_hook *moves = *_moves;

	if (moves == NULL)
		return;
	*_moves = NULL;
	moves_copies_deinit(&moves->copies);
	i_free(moves);
}

static void
moves_add_lesson(struct mailbox_transaction_context *trans,
		 struct moves_lesson *lesson)
{
	struct moves_transaction *mtrans = MOVES_CONTEXT_REQUIRE(trans);

	if (!array_is_created(&mtrans->lessons))
		i_array_init(&mtrans->lessons, 4);
	if (array_count(&mtrans->lessons) == AUTHRES_MAX_RELEASES)
		moves_lesson_free(&lesson);
	else
		array_push_back(&mtrans->lessons, &lesson);
}

/* Returns FALSE if ctx saves nothing that the user moves. */
static bool
move_begin(struct mail_save_context *ctx, struct mail *src, struct move *move_r)
{
	struct mailbox *box = ctx->transaction->box;
	struct junk_keywords_change change;

	i_zero(move_r);
	move_r->auser = moves_user(box);
	if (move_r->auser == NULL ||
	    src->box->storage->user != box->storage->user ||
	    (ctx->transaction->flags & MAILBOX_TRANSACTION_FLAG_SYNC) != 0)
		return FALSE;
	move_r->src = src;
	move_r->from = moves_role(move_r->auser, src->box);
	move_r->to = moves_role(move_r->auser, box);
	if (move_r->from == MAILBOX_ROLE_FOREIGN ||
	    move_r->to == MAILBOX_ROLE_FOREIGN)
		return FALSE;

	(void)delivery_record_get(src, &move_r->delivered);
	if (move_r->from == MAILBOX_ROLE_JUNK &&
	    move_r->to == MAILBOX_ROLE_OTHER) {
		change = t_junk_keywords_released(&move_r->auser->set);
		move_keywords_save(ctx, &change);
		if (delivery_record_is_held(&move_r->delivered)) {
			move_r->lesson =
				moves_lesson_release(move_r->auser, src,
						     &move_r->delivered);
		}
	} else if (move_r->from == MAILBOX_ROLE_OTHER &&
		   move_r->to == MAILBOX_ROLE_JUNK) {
		change = junk_keywords_filed(&move_r->auser->set);
		move_keywords_save(ctx, &change);
		move_r->lesson = moves_lesson_retraction(move_r->auser, src);
	}
	return TRUE;
}

static void move_abort(struct move *move)
{
	if (move->lesson != NULL)
		moves_lesson_free(&move->lesson);
}

static void move_saved(struct mail_save_context *ctx, struct move *move)
{
	struct mailbox_transaction_context *trans = ctx->transaction;

	if (move->delivered.flags != 0) {
		move->delivered.flags &= ENUM_NEGATE(DELIVERY_RECORD_RELEASED);
		delivery_record_set(ctx->dest_mail, &move->delivered);
	}
	if (move->lesson == NULL)
		return;
	if (move->to == MAILBOX_ROLE_JUNK)
		moves_add_lesson(trans, move->lesson);
	else {
		moves_copies_add(move->auser->moves->copies, move->src, trans,
				 move->lesson);
	}
}

/* Other plugins copy, too, such as lazy_expunge what the user deletes. imap
   says why it begins a transaction: "UID MOVE 1 INBOX". */
static bool trans_is_by_user(const struct mailbox_transaction_context *trans)
{
	const char *reason = trans->reason == NULL ? "" : trans->reason;

	if (strncasecmp(reason, "UID ", 4) == 0)
		reason += 4;
	return strncasecmp(reason, "COPY ", 5) == 0 ||
		strncasecmp(reason, "MOVE ", 5) == 0;
}

static int moves_copy(struct mail_save_context *ctx, struct mail *mail)
{
	struct mailbox *box = ctx->transaction->box;
	struct moves_mailbox *mbox = MOVES_CONTEXT_REQUIRE(box);
	struct authres_user *auser = moves_user(box);
	struct move move;
	int ret;

	if (auser == NULL || ctx->saving || !trans_is_by_user(ctx->transaction))
		return mbox->module_ctx.super.copy(ctx, mail);
	if (box->virtual_vfuncs != NULL) {
		auser->moves->virtual_copy_src = mail;
		ret = mbox->module_ctx.super.copy(ctx, mail);
		auser->moves->virtual_copy_src = NULL;
		return ret;
	}
	if (!move_begin(ctx, mail, &move))
		return mbox->module_ctx.super.copy(ctx, mail);
	if (mbox->module_ctx.super.copy(ctx, mail) < 0) {
		move_abort(&move);
		return -1;
	}
	move_saved(ctx, &move);
	return 0;
}

static int
moves_save_begin(struct mail_save_context *ctx, struct istream *input)
{
	struct mailbox *box = ctx->transaction->box;
	struct moves_mailbox *mbox = MOVES_CONTEXT_REQUIRE(box);
	struct authres_user *auser = moves_user(box);
	struct move move;

	if (auser == NULL || box->virtual_vfuncs != NULL ||
	    auser->moves->virtual_copy_src == NULL ||
	    !move_begin(ctx, auser->moves->virtual_copy_src, &move))
		return mbox->module_ctx.super.save_begin(ctx, input);
	if (mbox->module_ctx.super.save_begin(ctx, input) < 0) {
		move_abort(&move);
		return -1;
	}
	move_saved(ctx, &move);
	return 0;
}

static struct mailbox_transaction_context *
moves_transaction_begin(struct mailbox *box,
			enum mailbox_transaction_flags flags,
			const char *reason)
{
	struct moves_mailbox *mbox = MOVES_CONTEXT_REQUIRE(box);
	struct mailbox_transaction_context *trans;
	struct moves_transaction *mtrans;

	trans = mbox->module_ctx.super.transaction_begin(box, flags, reason);
	mtrans = i_new(struct moves_transaction, 1);
	MODULE_CONTEXT_SET(trans, moves_storage_module, mtrans);
	return trans;
}

static void
moves_transaction_finish(struct mailbox *box, struct moves_transaction *mtrans,
			 const struct mailbox_transaction_context *trans,
			 bool committed)
{
	struct authres_user *auser = moves_user(box);
	struct moves_lesson *lesson;

	if (auser != NULL)
		moves_copies_saved(auser->moves->copies, trans, committed);
	if (array_is_created(&mtrans->expunged_uids)) {
		if (auser != NULL && committed) {
			moves_copies_expunged(auser->moves->copies, auser, box,
					      &mtrans->expunged_uids);
		}
		array_free(&mtrans->expunged_uids);
	}
	if (array_is_created(&mtrans->lessons)) {
		array_foreach_elem(&mtrans->lessons, lesson) {
			if (auser != NULL && committed) {
				moves_lesson_finish(auser, lesson,
						    mailbox_get_vname(box));
			}
			moves_lesson_free(&lesson);
		}
		array_free(&mtrans->lessons);
	}
	i_free(mtrans);
}

static int
moves_transaction_commit(struct mailbox_transaction_context *trans,
			 struct mail_transaction_commit_changes *changes_r)
{
	struct mailbox *box = trans->box;
	struct moves_mailbox *mbox = MOVES_CONTEXT_REQUIRE(box);
	struct moves_transaction *mtrans = MOVES_CONTEXT_REQUIRE(trans);
	int ret;

	ret = mbox->module_ctx.super.transaction_commit(trans, changes_r);
	/* trans is only compared from here on */
	moves_transaction_finish(box, mtrans, trans, ret == 0);
	return ret;
}

static void
moves_transaction_rollback(struct mailbox_transaction_context *trans)
{
	struct mailbox *box = trans->box;
	struct moves_mailbox *mbox = MOVES_CONTEXT_REQUIRE(box);
	struct moves_transaction *mtrans = MOVES_CONTEXT_REQUIRE(trans);

	mbox->module_ctx.super.transaction_rollback(trans);
	moves_transaction_finish(box, mtrans, trans, FALSE);
}

void moves_hook_mailbox_allocated(struct mailbox *box)
{
	struct mailbox_vfuncs *v = box->vlast;
	struct moves_mailbox *mbox;

	mbox = p_new(box->pool, struct moves_mailbox, 1);
	mbox->module_ctx.super = *v;
	box->vlast = &mbox->module_ctx.super;
	v->copy = moves_copy;
	v->save_begin = moves_save_begin;
	v->transaction_begin = moves_transaction_begin;
	v->transaction_commit = moves_transaction_commit;
	v->transaction_rollback = moves_transaction_rollback;
	MODULE_CONTEXT_SET(box, moves_storage_module, mbox);
}

static void moves_mail_expunge(struct mail *mail)
{
	struct mail_private *pmail = (struct mail_private *)mail;
	union mail_module_context *mmail = MOVES_MAIL_CONTEXT_REQUIRE(pmail);
	struct moves_transaction *mtrans = MOVES_CONTEXT(mail->transaction);
	struct authres_user *auser = moves_user(mail->box);

	if (auser != NULL && mtrans != NULL &&
	    !moves_copies_is_empty(auser->moves->copies) &&
	    (mail->transaction->flags & MAILBOX_TRANSACTION_FLAG_SYNC) == 0) {
		if (!array_is_created(&mtrans->expunged_uids))
			i_array_init(&mtrans->expunged_uids, 8);
		seq_range_array_add(&mtrans->expunged_uids, mail->uid);
	}
	mmail->super.expunge(mail);
}

/* The user marks a message where it is. Returns FALSE if that says nothing. */
static bool
mail_is_marked(struct authres_user *auser, struct mail *mail,
	       const struct mail_keywords *keywords,
	       struct junk_keywords_change *change_r)
{
	enum mailbox_role place = moves_role(auser, mail->box);
	const char *const *names = t_move_keywords_names(mail->box, keywords);
	struct delivery_record delivered;

	if (place == MAILBOX_ROLE_JUNK && junk_keywords_say_released(names)) {
		*change_r = t_junk_keywords_released(&auser->set);
		if (delivery_record_get(mail, &delivered) &&
		    delivery_record_is_held(&delivered)) {
			moves_add_lesson(mail->transaction,
				moves_lesson_release(auser, mail, &delivered));
			delivered.flags |= DELIVERY_RECORD_RELEASED;
			delivery_record_set(mail, &delivered);
		}
		return TRUE;
	}
	if (place == MAILBOX_ROLE_OTHER && junk_keywords_say_junk(names)) {
		*change_r = junk_keywords_filed(&auser->set);
		moves_add_lesson(mail->transaction,
				  moves_lesson_retraction(auser, mail));
		return TRUE;
	}
	return FALSE;
}

static void
moves_mail_update_keywords(struct mail *mail, enum modify_type modify_type,
			   struct mail_keywords *keywords)
{
	struct mail_private *pmail = (struct mail_private *)mail;
	union mail_module_context *mmail = MOVES_MAIL_CONTEXT_REQUIRE(pmail);
	struct authres_user *auser = moves_user(mail->box);
	struct junk_keywords_change change;
	bool marked;

	if (auser == NULL || modify_type == MODIFY_REMOVE ||
	    MOVES_CONTEXT(mail->transaction) == NULL ||
	    (mail->transaction->flags & MAILBOX_TRANSACTION_FLAG_SYNC) != 0) {
		mmail->super.update_keywords(mail, modify_type, keywords);
		return;
	}
	T_BEGIN {
		/* what says phishing may be replaced by the update */
		marked = mail_is_marked(auser, mail, keywords, &change);
		mmail->super.update_keywords(mail, modify_type, keywords);
		if (marked) {
			move_keywords_update(mail, mmail->super.update_keywords,
					     &change);
		}
	} T_END;
}

static void
moves_mail_update_flags(struct mail *mail, enum modify_type modify_type,
			enum mail_flags flags)
{
	struct mail_private *pmail = (struct mail_private *)mail;
	union mail_module_context *mmail = MOVES_MAIL_CONTEXT_REQUIRE(pmail);
	struct authres_user *auser = moves_user(mail->box);
	struct delivery_record delivered;

	if (auser != NULL && modify_type != MODIFY_REMOVE &&
	    (flags & MAIL_ANSWERED) != 0 &&
	    (mail_get_flags(mail) & MAIL_ANSWERED) == 0 &&
	    MOVES_CONTEXT(mail->transaction) != NULL &&
	    (mail->transaction->flags & MAILBOX_TRANSACTION_FLAG_SYNC) == 0 &&
	    moves_role(auser, mail->box) == MAILBOX_ROLE_OTHER) {
		(void)delivery_record_get(mail, &delivered);
		if ((delivered.flags & DELIVERY_RECORD_LIST_PASSED) != 0) {
			moves_add_lesson(mail->transaction,
				moves_lesson_answer(auser, mail, &delivered));
		}
	}
	mmail->super.update_flags(mail, modify_type, flags);
}

void moves_hook_mail_allocated(struct mail *mail)
{
	struct mail_private *pmail = (struct mail_private *)mail;
	struct mail_vfuncs *v = pmail->vlast;
	union mail_module_context *mmail;

	mmail = p_new(pmail->pool, union mail_module_context, 1);
	mmail->super = *v;
	pmail->vlast = &mmail->super;
	v->expunge = moves_mail_expunge;
	v->update_flags = moves_mail_update_flags;
	v->update_keywords = moves_mail_update_keywords;
	MODULE_CONTEXT_SET_SELF(pmail, moves_mail_module, mmail);
}
