/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "str-sanitize.h"
#include "mail-namespace.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "mailbox-list-iter.h"
#include "doveadm-mail-iter.h"
#include "junk-mailbox.h"
#include "user-settings.h"
#include "review-progress.h"
#include "uid-selection.h"
#include "review-mailbox.h"

struct review_mailbox {
	struct review_user *ruser;
	struct doveadm_mail_iter *iter;
	struct mailbox_header_lookup_ctx *headers;
	const char *vname;

	/* of the message at hand */
	pool_t pool;
	struct review_mail mail;

	struct review_progress *progress;
	bool failed;
};

void review_user_init(struct doveadm_mail_cmd_context *cmd,
		      struct mail_user *user, struct review_user *ruser_r)
{
	const char *const *errors;

	i_zero(ruser_r);
	ruser_r->cmd = cmd;
	ruser_r->user = user;
	ruser_r->pool = pool_alloconly_create("authres review user", 1024);
	if (user_settings_get(user, &ruser_r->set_pool, &ruser_r->set,
			      &errors) < 0) {
		for (; *errors != NULL; errors++)
			e_warning(user->event, "authres: %s", *errors);
	}
	ruser_r->junk = junk_mailboxes_find(ruser_r->pool, user,
					    ruser_r->set.junk_mailbox);
}

void review_user_deinit(struct review_user *ruser)
{
	pool_unref(&ruser->set_pool);
	pool_unref(&ruser->pool);
}

bool review_user_is_junk(const struct review_user *ruser, const char *vname)
{
	return str_array_find(ruser->junk, vname);
}

int review_check_uids(struct review_user *ruser, const char *vname,
		      const struct uid_selection *uids)
{
	unsigned int idx = 0;
	const char *missing;
	int ret = 0;

	while ((missing = uid_selection_missing(uids, &idx)) != NULL) {
		e_error(ruser->user->event,
			"Mailbox %s: No message with UID %s",
			str_sanitize_utf8(vname, 80), missing);
		ret = -1;
	}
	if (ret < 0)
		doveadm_mail_failed_error(ruser->cmd, MAIL_ERROR_NOTFOUND);
	return ret;
}

static int
mailbox_not_found(struct review_user *ruser,
		  const struct review_params *params, const char *text)
{
	if (!params->must_exist)
		return 0;
	e_error(ruser->user->event, "Mailbox %s: %s",
		str_sanitize_utf8(params->mailbox, 80), text);
	doveadm_mail_failed_error(ruser->cmd, MAIL_ERROR_NOTFOUND);
	return -1;
}

/* doveadm_mail_iter_init() of Dovecot 2.3 takes a mailbox that is missing for
   an empty one. Returns 1 if it is there, 0 if it need not be, -1 on error. */
static int
mailbox_check_open(struct review_user *ruser,
		   const struct review_params *params, struct mailbox *box)
{
	enum mail_error error;
	const char *text;

	if (mailbox_open(box) == 0)
		return 1;
	text = mailbox_get_last_internal_error(box, &error);
	if (error == MAIL_ERROR_NOTFOUND)
		return mailbox_not_found(ruser, params, text);
	e_error(ruser->user->event, "Mailbox %s: %s",
		str_sanitize_utf8(params->mailbox, 80), text);
	doveadm_mail_failed_error(ruser->cmd, error);
	return -1;
}

static const char *const *t_review_fields(const struct review_params *params)
{
	const char *const *field = params->many ?
		stored_verdict_short_fields : stored_verdict_fields;
	ARRAY_TYPE(const_string) fields;

	t_array_init(&fields, 8);
	for (; *field != NULL; field++)
		array_push_back(&fields, field);
	for (field = params->more_fields; field != NULL && *field != NULL;
	     field++)
		array_push_back(&fields, field);
	array_append_zero(&fields);
	return array_front(&fields);
}

int review_mailbox_open(struct review_user *ruser,
			const struct review_params *params,
			struct review_mailbox **rbox_r)
{
	const char *const *fields = t_review_fields(params);
	struct review_mailbox *rbox;
	struct mailbox_info info;
	struct doveadm_mail_iter *iter;
	struct mailbox *box = NULL;
	int ret;

	i_zero(&info);
	info.vname = params->mailbox;
	info.ns = mail_namespace_find(ruser->user->namespaces,
				      params->mailbox);
	if (doveadm_mail_iter_init(ruser->cmd, &info, params->search_args,
				   params->wanted_fields, fields,
				   params->writable ? 0 :
				   DOVEADM_MAIL_ITER_FLAG_READONLY,
				   &iter) < 0)
		return -1;
	if (iter == NULL) {
		/* Dovecot 2.4: not found */
		ret = mailbox_not_found(ruser, params,
					"Mailbox doesn't exist");
	} else {
		box = doveadm_mail_iter_get_mailbox(iter);
		ret = mailbox_check_open(ruser, params, box);
	}
	if (ret < 0) {
		if (iter != NULL)
			doveadm_mail_iter_deinit_rollback(&iter);
		return -1;
	}

	rbox = i_new(struct review_mailbox, 1);
	rbox->ruser = ruser;
	rbox->iter = iter;
	rbox->pool = pool_alloconly_create("authres review mail", 4096);
	rbox->vname = params->mailbox;
	if (ret > 0)
		rbox->headers = mailbox_header_lookup_init(box, fields);
	if (ret > 0 && params->progress)
		rbox->progress = review_progress_init(box);
	*rbox_r = rbox;
	return 0;
}

static void
review_mail_failed(struct review_mailbox *rbox, const char *why,
		   enum mail_error error)
{
	/* it may go at any time, and then needs no review */
	if (error == MAIL_ERROR_EXPUNGED)
		return;
	e_error(rbox->ruser->user->event, "Mailbox %s: UID %u: %s",
		rbox->vname, rbox->mail.mail->uid, why);
	doveadm_mail_failed_error(rbox->ruser->cmd, error);
	rbox->failed = TRUE;
}

/* A header that was read to its end is cached. */
static void read_rest(struct istream *header)
{
	const unsigned char *data;
	size_t size;

	while (i_stream_read_more(header, &data, &size) > 0)
		i_stream_skip(header, size);
}

/* Returns FALSE if the message cannot be read. */
static bool review_mail_read(struct review_mailbox *rbox)
{
	struct review_mail *rmail = &rbox->mail;
	struct istream *header;
	enum mail_error error;
	const char *why;
	int ret;

	if (mail_get_header_stream(rmail->mail, rbox->headers, &header) < 0) {
		why = mailbox_get_last_internal_error(rmail->mail->box,
						      &error);
		review_mail_failed(rbox, why, error);
		return FALSE;
	}
	rmail->delivered = delivery_record_get(rmail->mail, &rmail->record);
	ret = stored_verdict_read(rbox->pool, header,
				  rbox->ruser->set.authserv_ids,
				  delivery_record_name(&rmail->record),
				  &rmail->stored, &why);
	read_rest(header);
	if (ret < 0) {
		review_mail_failed(rbox, why, MAIL_ERROR_TEMP);
		return FALSE;
	}
	rmail->has_verdict = ret > 0;
	rmail->why = p_strdup(rbox->pool, why);
	return TRUE;
}

bool review_mailbox_next(struct review_mailbox *rbox,
			 const struct review_mail **mail_r)
{
	bool readable;

	do {
		p_clear(rbox->pool);
		i_zero(&rbox->mail);
		if (rbox->iter == NULL ||
		    !doveadm_mail_iter_next(rbox->iter, &rbox->mail.mail))
			return FALSE;
		if (rbox->progress != NULL)
			review_progress_step(rbox->progress);
		T_BEGIN {
			readable = review_mail_read(rbox);
		} T_END;
	} while (!readable);
	*mail_r = &rbox->mail;
	return TRUE;
}

struct mailbox *review_mailbox_get_box(struct review_mailbox *rbox)
{
	return rbox->iter == NULL ? NULL :
		doveadm_mail_iter_get_mailbox(rbox->iter);
}

int review_mailbox_close(struct review_mailbox **_rbox)
{
	struct review_mailbox *rbox = *_rbox;
	int ret = 0;

	*_rbox = NULL;
	review_progress_deinit(&rbox->progress);
	if (rbox->headers != NULL)
		mailbox_header_lookup_unref(&rbox->headers);
	if (rbox->iter != NULL)
		ret = doveadm_mail_iter_deinit(&rbox->iter);
	if (rbox->failed)
		ret = -1;
	pool_unref(&rbox->pool);
	i_free(rbox);
	return ret;
}
