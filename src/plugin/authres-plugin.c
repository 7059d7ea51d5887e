/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "mail-deliver.h"
#include "mail-storage-private.h"
#include "user-settings.h"
#include "authres-user.h"
#include "delivery-hook.h"
#include "delivery-hook-lmtp.h"
#include "delivery-hook-save.h"
#include "delivery-log.h"
#include "delivery-transaction.h"
#include "moves-hook.h"
#include "authres-plugin.h"

/* libdovecot-lda is there in lmtp and dovecot-lda only. imap looks at moves.
   Elsewhere (doveadm, indexer, when mail_plugins is global) the module loads
   and does nothing. */
#pragma weak mail_deliver_hook_set
#pragma weak deliver_mail

/* Typing errors are told once; more than these can only come from a userdb
   that makes up names. */
#define AUTHRES_MAX_UNKNOWN_SETTINGS_TOLD 32

static deliver_mail_func_t *next_deliver_mail;
static ARRAY(char *) unknown_settings_told;
static bool delivering;

static int
authres_deliver_mail(struct mail_deliver_context *ctx,
		     struct mail_storage **storage_r)
{
	int ret;

	/* Another plugin that was loaded later than ours may call us as the
	   next one, after we called it. */
	if (delivering)
		return 0;
	delivering = TRUE;
	ret = delivery_hook_deliver(ctx, next_deliver_mail, storage_r);
	delivering = FALSE;
	return ret;
}

/* The hook set last is called first, and Sieve calls no other when it runs a
   script: ours must be set after Sieve's, even if a later user's mail_plugins
   loads Sieve. */
static void authres_deliver_hook_set(void)
{
	if (deliver_mail != authres_deliver_mail) {
		next_deliver_mail =
			mail_deliver_hook_set(authres_deliver_mail);
	}
}

static bool unknown_setting_is_told(const char *name)
{
	char *told;

	array_foreach_elem(&unknown_settings_told, told) {
		if (strcmp(told, name) == 0)
			return TRUE;
	}
	return array_count(&unknown_settings_told) >=
		AUTHRES_MAX_UNKNOWN_SETTINGS_TOLD;
}

static void warn_unknown_settings(struct mail_user *user)
{
	const char *const *names = t_user_settings_unknown(user);

	for (; *names != NULL; names++) {
		char *name;

		if (unknown_setting_is_told(*names))
			continue;
		name = i_strdup(*names);
		array_push_back(&unknown_settings_told, &name);
		e_warning(user->event, "authres: %s is not a setting - ignored",
			  str_sanitize(name, 80));
	}
}

static void authres_mail_user_deinit(struct mail_user *user)
{
	struct authres_user *auser = authres_user_from(user);

	moves_hook_deinit(&auser->moves);
	authres_user_deinit(auser);
}

static void authres_mail_user_created(struct mail_user *user)
{
	struct moves_hook *moves;

	if (user->autocreated)
		return;

	moves = moves_hook_init(user);
	if (mail_deliver_hook_set != NULL)
		authres_deliver_hook_set();
	else if (moves == NULL)
		return;

	authres_user_init(user, authres_mail_user_deinit)->moves = moves;
	/* a delivery tells them */
	if (moves == NULL) T_BEGIN {
		warn_unknown_settings(user);
	} T_END;
}

static void authres_mailbox_allocated(struct mailbox *box)
{
	struct authres_user *auser = authres_user_get(box->storage->user);

	if (auser == NULL)
		return;
	if (auser->moves != NULL)
		moves_hook_mailbox_allocated(box);
	else
		delivery_hook_save_mailbox_allocated(box);
}

static void authres_mail_allocated(struct mail *mail)
{
	struct authres_user *auser = authres_user_get(mail->box->storage->user);

	if (auser != NULL && auser->moves != NULL)
		moves_hook_mail_allocated(mail);
}

static const struct mail_storage_hooks authres_mail_storage_hooks = {
	.mail_user_created = authres_mail_user_created,
	.mailbox_allocated = authres_mailbox_allocated,
	.mail_allocated = authres_mail_allocated,
};

const char *authres_plugin_version = DOVECOT_ABI_VERSION;
const char *authres_plugin_dependencies[] = { NULL };

void authres_plugin_init(struct module *module)
{
	mail_storage_hooks_add(module, &authres_mail_storage_hooks);
	if (mail_deliver_hook_set == NULL)
		return;

	i_array_init(&unknown_settings_told, 4);
	authres_deliver_hook_set();
	delivery_hook_lmtp_init();
}

void authres_plugin_deinit(void)
{
	char *name;

	mail_storage_hooks_remove(&authres_mail_storage_hooks);
	user_settings_deinit();
	if (mail_deliver_hook_set == NULL)
		return;

	delivery_hook_lmtp_deinit();
	if (deliver_mail == authres_deliver_mail)
		mail_deliver_hook_set(next_deliver_mail);
	delivery_transaction_close_connection();
	delivery_log_deinit();
	array_foreach_elem(&unknown_settings_told, name)
		i_free(name);
	array_free(&unknown_settings_told);
}
