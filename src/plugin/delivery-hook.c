/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "smtp-address.h"
#include "mail-deliver.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "junk-mailbox.h"
#include "user-settings.h"
#include "verdict-policy.h"
#include "authres-user.h"
#include "delivery.h"
#include "delivery-hook-save.h"
#include "delivery-lda.h"
#include "delivery-sieve.h"
#include "delivery-transaction.h"
#include "tagged-mail.h"
#include "disposition.h"
#include "delivery-hook.h"

#pragma weak mail_deliver_save

#define TEMPFAIL_REPLY "Temporary internal error"
#define JUNK_REPLY "Mailbox cannot take the message now, try again later"

static bool
deliver_is_tempfailed(struct mail_deliver_context *ctx,
		      struct mail_storage *storage)
{
	enum mail_error error;

	if (ctx->tempfail_error != NULL)
		return TRUE;
	if (storage == NULL)
		return FALSE;
	(void)mail_storage_get_last_error(storage, &error);
	return error == MAIL_ERROR_TEMP;
}

/* A stranger can fill a small Junk: INBOX must not be what he gets for it. Over
   quota the quota has its own answer, everything else may be over by the next
   attempt. */
static void
deliver_junk_failed(struct mail_deliver_context *ctx,
		    struct mail_storage *storage)
{
	enum mail_error code = MAIL_ERROR_TEMP;
	const char *error = "unknown error";

	if (storage != NULL)
		error = mail_storage_get_last_internal_error(storage, &code);
	e_error(ctx->event, "authres: Can't save to %s: %s - not delivered",
		str_sanitize(ctx->rcpt_default_mailbox, 80), error);
	if (code != MAIL_ERROR_NOQUOTA)
		ctx->tempfail_error = JUNK_REPLY;
}

/* What the caller would do itself after the hook, were it not that it has the
   original mail only, with forged fields and without ours. */
static int
deliver_by_default(struct mail_deliver_context *ctx, bool junk,
		   struct mail_storage **storage_r)
{
	int ret = -1;

	if (!ctx->tried_default_save) {
		ret = mail_deliver_save(ctx, ctx->rcpt_default_mailbox, 0,
					NULL, storage_r);
	}
	if (ret < 0 && !deliver_is_tempfailed(ctx, *storage_r)) {
		if (junk)
			deliver_junk_failed(ctx, *storage_r);
		else if (strcasecmp(ctx->rcpt_default_mailbox, "INBOX") != 0)
			ret = mail_deliver_save(ctx, "INBOX", 0, NULL,
						storage_r);
	}
	return ret < 0 ? -1 : 1;
}

/* dovecot-lda itself sends a bounce for what does not fit, which for forged
   mail hits somebody who sent nothing. It leaves the rest to the MTA. */
static void
deliver_prevent_bounce(struct mail_deliver_context *ctx,
		       const struct delivery *delivery)
{
	if (delivery->trans->request.protocol == VERIFY_PROTOCOL_LDA &&
	    ctx->tempfail_error == NULL &&
	    (verdict_is_unproven(delivery->query.verdict) ||
	     delivery->query.verdict->bad_author))
		ctx->tempfail_error = JUNK_REPLY;
}

/* Returns -1 if there is none now. */
static int
deliver_choose_junk(struct mail_deliver_context *ctx,
		    struct authres_user *auser)
{
	enum mail_error code;
	const char *vname, *error;

	if (junk_mailbox_get(ctx->rcpt_user, auser->set.junk_mailbox,
			     &vname, &code, &error) == 0) {
		ctx->rcpt_default_mailbox = p_strdup(ctx->pool, vname);
		return 0;
	}
	if (code != MAIL_ERROR_NOTPOSSIBLE && code != MAIL_ERROR_PARAMS) {
		e_error(ctx->event, "authres: No mailbox for junk: %s - "
			"not delivered", error);
		ctx->tempfail_error = JUNK_REPLY;
		return -1;
	}
	/* The configuration can have none: no attempt will find one. */
	e_error(ctx->event, "authres: No mailbox for junk: %s - "
		"saving to INBOX", error);
	ctx->rcpt_default_mailbox = "INBOX";
	delivery_give_up_junk(auser->delivery);
	return 0;
}

static int
deliver_source_mail(struct mail_deliver_context *ctx,
		    struct authres_user *auser, deliver_mail_func_t *next,
		    struct mail_storage **storage_r)
{
	struct delivery *delivery = auser->delivery;
	const char *orig_default_mailbox = ctx->rcpt_default_mailbox;
	/* it may turn out that there can be no Junk: the mail is no better */
	bool junk = delivery_is_junk(delivery);
	enum disposition_sieve sieve = delivery->disposition.sieve;
	int ret = 0;

	if (junk && deliver_choose_junk(ctx, auser) < 0)
		return -1;
	if (junk)
		ret = delivery_sieve_run_junk(ctx, sieve, next, storage_r);
	else if (next != NULL)
		ret = next(ctx, storage_r);
	if (ret <= 0 && !ctx->saved_mail &&
	    !deliver_is_tempfailed(ctx, *storage_r))
		ret = deliver_by_default(ctx, delivery_is_junk(delivery),
					 storage_r);

	/* Had the caller another mailbox to try, it would save the original
	   there. */
	ctx->rcpt_default_mailbox = ret > 0 || ctx->saved_mail ?
		orig_default_mailbox : "INBOX";
	return ret;
}

static int
deliver_tagged(struct mail_deliver_context *ctx, struct authres_user *auser,
	       deliver_mail_func_t *next, struct mail_storage **storage_r)
{
	struct delivery *delivery = auser->delivery;
	struct delivery_transaction *trans = delivery->trans;
	struct mail *orig_mail = ctx->src_mail;
	struct tagged_mail *source = NULL;
	const char *error;
	int ret;

	/* Saving the first recipient's copy again makes hard links of it. */
	if (trans->tagged_mail == NULL || orig_mail != trans->tagged_mail) {
		if (tagged_mail_open(ctx->rcpt_user,
				     trans->received_mail != NULL ?
				     trans->received_mail : orig_mail,
				     delivery->query.verdict, &auser->set,
				     smtp_address_encode(ctx->mail_from),
				     &source, &error) < 0) {
			e_error(ctx->event, "authres: %s - not delivered",
				error);
			ctx->tempfail_error = TEMPFAIL_REPLY;
			return -1;
		}
		ctx->src_mail = tagged_mail_get(source);
		delivery->forged_count = tagged_mail_get_forged_count(source);
	}

	ret = deliver_source_mail(ctx, auser, next, storage_r);
	if (ret < 0 && !ctx->saved_mail)
		deliver_prevent_bounce(ctx, delivery);

	ctx->src_mail = orig_mail;
	tagged_mail_close(&source);
	if (ctx->dest_mail != NULL) {
		trans->tagged_mail = ctx->dest_mail;
		delivery_hook_save_hide(ctx->dest_mail);
	}
	return ret;
}

/* In dovecot-lda, and where the LMTP server was not hooked. */
static struct delivery_transaction *
own_transaction_create(struct mail_deliver_context *ctx)
{
	struct delivery_transaction *trans;
	struct mail_user *user = ctx->rcpt_user;
	struct verify_request *request;
	const char *p;

	if (strcmp(user->service, "lmtp") == 0) {
		trans = delivery_transaction_init(VERIFY_PROTOCOL_LMTP);
		request = &trans->request;
		if (user->conn.remote_ip != NULL)
			request->peer_ip = *user->conn.remote_ip;
		/* <transaction>:R<n> */
		if (ctx->session_id != NULL &&
		    (p = strrchr(ctx->session_id, ':')) != NULL && p[1] == 'R')
			request->session_id =
				p_strdup_until(trans->pool, ctx->session_id, p);
		else
			request->session_id =
				p_strdup(trans->pool, ctx->session_id);
	} else {
		trans = delivery_transaction_init(VERIFY_PROTOCOL_LDA);
		delivery_lda_read(trans->pool, user_settings_get_global,
				   ctx->event, &trans->request);
	}
	delivery_transaction_set_mail_from(trans, ctx->mail_from);
	return trans;
}

static void
deliver_begin_without_lmtp(struct mail_deliver_context *ctx,
			   struct authres_user *auser)
{
	struct delivery_transaction *trans = own_transaction_create(ctx);
	struct delivery_params params;

	i_zero(&params);
	params.user = ctx->rcpt_user;
	params.mail = ctx->src_mail;
	params.rcpt_to = ctx->rcpt_to == NULL ? NULL :
		smtp_address_encode(ctx->rcpt_to);
	params.default_mailbox = ctx->rcpt_default_mailbox;
	params.event = ctx->event;
	delivery_begin(auser, trans, &params);
	auser->delivery->own_trans = trans;
}

/* For a user with authres_mode=off: as without us, but for fields with a
   key. */
static int
deliver_without_keys(struct mail_deliver_context *ctx,
		     const struct authres_settings *set,
		     deliver_mail_func_t *next, struct mail_storage **storage_r)
{
	struct mail *orig_mail = ctx->src_mail;
	struct tagged_mail *source;
	const char *error;
	int ret;

	if (tagged_mail_open(ctx->rcpt_user, orig_mail, NULL, set,
			     smtp_address_encode(ctx->mail_from),
			     &source, &error) < 0) {
		e_error(ctx->event, "authres: %s - not delivered", error);
		ctx->tempfail_error = TEMPFAIL_REPLY;
		return -1;
	}
	ctx->src_mail = tagged_mail_get(source);
	ret = next == NULL ? 0 : next(ctx, storage_r);
	if (ret <= 0 && !ctx->saved_mail &&
	    !deliver_is_tempfailed(ctx, *storage_r))
		ret = deliver_by_default(ctx, FALSE, storage_r);
	ctx->src_mail = orig_mail;
	tagged_mail_close(&source);
	/* the caller would save the original there */
	if (ret <= 0 && !ctx->saved_mail)
		ctx->rcpt_default_mailbox = "INBOX";
	return ret;
}

int delivery_hook_deliver(struct mail_deliver_context *ctx,
			  deliver_mail_func_t *next,
			  struct mail_storage **storage_r)
{
	struct authres_user *auser = authres_user_get(ctx->rcpt_user);
	const struct authres_settings *key_set;
	int ret;

	if (auser == NULL) {
		/* LMTP gives the first copy it may keep to all recipients that
		   follow: let it be one that they can make hard links of. */
		if (authres_user_opted_out(ctx->rcpt_user))
			ctx->save_dest_mail = FALSE;
		key_set = authres_user_get_key_settings(ctx->rcpt_user);
		if (key_set != NULL)
			return deliver_without_keys(ctx, key_set, next,
						    storage_r);
		return next == NULL ? 0 : next(ctx, storage_r);
	}

	if (auser->delivery == NULL)
		deliver_begin_without_lmtp(ctx, auser);
	if (auser->delivery->tempfail_reply != NULL ||
	    auser->delivery->disposition.action == DISPOSITION_TEMPFAIL) {
		ctx->tempfail_error =
			p_strdup(ctx->pool,
				 delivery_get_reply(auser->delivery));
		ret = -1;
	} else {
		ret = deliver_tagged(ctx, auser, next, storage_r);
	}
	delivery_finish(auser, ret < 0 && !ctx->saved_mail, ctx->event);
	return ret;
}
