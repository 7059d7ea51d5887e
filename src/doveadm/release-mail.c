/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "seq-range-array.h"
#include "str-sanitize.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "junk-keywords.h"
#include "review-mailbox.h"
#include "release-mail.h"

#define RELEASE_TRANSACTION "authres release"

struct release {
	struct review_user *ruser;
	struct mailbox *box, *inbox;
	uint32_t uid;
};

static void
release_log_error(const struct release *release, struct mailbox *box,
		  const char *what)
{
	const char *text;
	enum mail_error error;

	text = mailbox_get_last_internal_error(box, &error);
	e_error(release->ruser->user->event, "Mailbox %s: UID %u: %s: %s",
		str_sanitize_utf8(mailbox_get_vname(release->box), 80),
		release->uid, what, text);
	doveadm_mail_failed_error(release->ruser->cmd, error);
}

static struct mailbox_transaction_context *
release_transaction_begin(const struct release *release, struct mailbox *box)
{
	return mailbox_transaction_begin(box,
		release->ruser->cmd->transaction_flags, RELEASE_TRANSACTION);
}

static const char *const *
t_released_keywords(const struct release *release, struct mail *mail)
{
	const struct junk_keywords_change change =
		t_junk_keywords_released(&release->ruser->set);

	return junk_keywords_changed(pool_datastack_create(), &change,
				     mail_get_keywords(mail));
}

/* Our delivery put it there, in INBOX as well: as the plugin keeps the record
   of what a user moves. */
static void
release_copy_record(struct mailbox_transaction_context *trans,
		    uint32_t last_seq, struct mail *mail)
{
	struct delivery_record record;

	(void)delivery_record_get(mail, &record);
	if (record.flags == 0 || delivery_record_last_seq(trans) <= last_seq)
		return;
	record.flags &= ENUM_NEGATE(DELIVERY_RECORD_RELEASED);
	delivery_record_set_last(trans, &record);
}

static int
release_copy(const struct release *release, struct mail *mail,
	     uint32_t *inbox_uid_r)
{
	struct mailbox_transaction_context *trans;
	struct mail_transaction_commit_changes changes;
	struct mail_save_context *save;
	struct mail_keywords *keywords;
	struct seq_range_iter iter;
	uint32_t last_seq;
	int ret;

	*inbox_uid_r = 0;
	trans = mailbox_transaction_begin(release->inbox,
		MAILBOX_TRANSACTION_FLAG_EXTERNAL |
		release->ruser->cmd->transaction_flags, RELEASE_TRANSACTION);
	last_seq = delivery_record_last_seq(trans);
	save = mailbox_save_alloc(trans);
	mailbox_save_copy_flags(save, mail);
	keywords = mailbox_keywords_create_valid(release->inbox,
		t_released_keywords(release, mail));
	/* nobody releases a message to have it expunged */
	mailbox_save_set_flags(save, mail_get_flags(mail) &
			       ENUM_NEGATE(MAIL_DELETED | MAIL_RECENT),
			       keywords);
	mailbox_keywords_unref(&keywords);
	if (mailbox_copy(&save, mail) < 0) {
		release_log_error(release, release->inbox,
				  "Can't copy to INBOX");
		mailbox_transaction_rollback(&trans);
		return -1;
	}
	release_copy_record(trans, last_seq, mail);
	ret = mailbox_transaction_commit_get_changes(&trans, &changes);
	if (ret < 0) {
		release_log_error(release, release->inbox,
				  "Can't copy to INBOX");
		return -1;
	}
	seq_range_array_iter_init(&iter, &changes.saved_uids);
	(void)seq_range_array_iter_nth(&iter, 0, inbox_uid_r);
	pool_unref(&changes.pool);
	return 0;
}

/* Returns -1 if nothing was changed. Who looks at the mailbox next completes
   what was committed. */
static int
release_expunge(const struct release *release, struct mailbox *box,
		uint32_t uid)
{
	struct mailbox_transaction_context *trans;
	struct mail *mail;

	trans = release_transaction_begin(release, box);
	mail = mail_alloc(trans, 0, NULL);
	if (mail_set_uid(mail, uid))
		mail_expunge(mail);
	mail_free(&mail);
	return mailbox_transaction_commit(&trans);
}

static bool
mailbox_has_uid(const struct release *release, struct mailbox *box,
		uint32_t uid)
{
	struct mailbox_transaction_context *trans;
	struct mail *mail;
	bool found;

	trans = release_transaction_begin(release, box);
	mail = mail_alloc(trans, 0, NULL);
	found = mail_set_uid(mail, uid);
	mail_free(&mail);
	mailbox_transaction_rollback(&trans);
	return found;
}

/* Returns -1 if the original stays; then nobody will remove it later
   either. */
static int release_remove_original(const struct release *release)
{
	if (release_expunge(release, release->box, release->uid) < 0) {
		release_log_error(release, release->box, "Can't remove it");
		return -1;
	}
	if (mailbox_sync(release->box, 0) < 0) {
		/* the next one who opens the mailbox completes it */
		release_log_error(release, release->box,
				  "It is in INBOX, and here for a while");
		return 0;
	}
	if (!mailbox_has_uid(release, release->box, release->uid))
		return 0;
	/* why is in the log already */
	e_error(release->ruser->user->event, "Mailbox %s: UID %u: "
		"Can't remove it",
		str_sanitize_utf8(mailbox_get_vname(release->box), 80),
		release->uid);
	doveadm_mail_failed_error(release->ruser->cmd, MAIL_ERROR_TEMP);
	return -1;
}

/* The copy is in INBOX: remove the original, or else the copy. */
static int release_original(const struct release *release, uint32_t inbox_uid)
{
	if (release_remove_original(release) == 0)
		return 0;
	if (inbox_uid == 0 || mailbox_sync(release->inbox, 0) < 0 ||
	    release_expunge(release, release->inbox, inbox_uid) < 0 ||
	    mailbox_sync(release->inbox, 0) < 0) {
		release_log_error(release, release->inbox,
				  "It is in INBOX as well");
	}
	return -1;
}

static bool
same_keywords(const char *const *first, const char *const *second)
{
	if (str_array_length(first) != str_array_length(second))
		return FALSE;
	for (; *first != NULL; first++) {
		if (!str_array_icase_find(second, *first))
			return FALSE;
	}
	return TRUE;
}

/* In INBOX there are only keywords to change. */
static enum release_result
release_in_place(const struct release *release, struct mail *mail)
{
	const char *const *names = t_released_keywords(release, mail);
	struct mail_keywords *keywords;

	if (same_keywords(names, mail_get_keywords(mail)))
		return RELEASE_UNCHANGED;
	keywords = mailbox_keywords_create_valid(release->box, names);
	mail_update_keywords(mail, MODIFY_REPLACE, keywords);
	mailbox_keywords_unref(&keywords);
	return RELEASE_DONE;
}

enum release_result
release_mail(struct review_user *ruser, struct mailbox *box, uint32_t uid,
	     struct mailbox *inbox, uint32_t *inbox_uid_r)
{
	struct release release = {
		.ruser = ruser, .box = box, .inbox = inbox, .uid = uid
	};
	struct mailbox_transaction_context *trans;
	struct mail *mail;
	bool in_place = mailbox_equals(box, mailbox_get_namespace(inbox),
				       mailbox_get_vname(inbox));
	enum release_result result = RELEASE_GONE;

	*inbox_uid_r = in_place ? uid : 0;
	trans = release_transaction_begin(&release, box);
	mail = mail_alloc(trans, MAIL_FETCH_FLAGS, NULL);
	if (mail_set_uid(mail, uid)) {
		if (in_place)
			result = release_in_place(&release, mail);
		else if (release_copy(&release, mail, inbox_uid_r) == 0)
			result = RELEASE_DONE;
		else
			result = RELEASE_FAILED;
	}
	mail_free(&mail);
	if (mailbox_transaction_commit(&trans) < 0 && in_place) {
		release_log_error(&release, box, "Can't change its keywords");
		return RELEASE_FAILED;
	}
	if (result != RELEASE_DONE || in_place)
		return result;

	return release_original(&release, *inbox_uid_r) < 0 ?
		RELEASE_FAILED : RELEASE_DONE;
}
