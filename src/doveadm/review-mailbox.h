#ifndef REVIEW_MAILBOX_H
#define REVIEW_MAILBOX_H

#include "mail-command.h"
#include "authres-settings.h"
#include "delivery-record.h"
#include "stored-verdict.h"

/* Stored messages of a user, and what delivery found out about them. Errors
   are logged and become the command's exit code. */

struct review_mailbox;
struct uid_selection;

struct review_user {
	struct doveadm_mail_cmd_context *cmd;
	struct mail_user *user;
	/* of all that is said about this user */
	pool_t pool;
	pool_t set_pool;
	struct authres_settings set;
	/* the mailboxes for mail that fails its policy, NULL-terminated: the
	   first takes it, and may not exist */
	const char *const *junk;
};

struct review_mail {
	/* lives until the next one */
	struct mail *mail;
	bool has_verdict;
	/* with has_verdict */
	struct stored_verdict stored;
	/* without: why not, a half sentence about the message */
	const char *why;
	/* the mailbox's index confirms that our delivery saved it, and that it
	   failed a policy of quarantine or reject (delivery-record.h) */
	bool delivered;
	/* the record itself, zero if there is none */
	struct delivery_record record;
};

struct review_params {
	/* must live as long as the mailbox is open */
	const char *mailbox;
	/* which messages; reference stays with the caller */
	struct mail_search_args *search_args;
	/* what else is asked of each message */
	enum mail_fetch_field wanted_fields;
	/* Names of header fields that will be asked of each message, besides
	   what a verdict is read from; NULL = none, else NULL-terminated.
	   Dovecot 2.3 panics where one that is not cached is asked for after
	   the header was read. */
	const char *const *more_fields;
	/* flags or messages will be changed */
	bool writable;
	/* many messages: read no more than the cache can have */
	bool many;
	/* a mailbox that is missing is an error, not an empty one */
	bool must_exist;
	/* show on a terminal how far it is */
	bool progress;
};

/* Messages of wrong settings are warnings. */
void review_user_init(struct doveadm_mail_cmd_context *cmd,
		      struct mail_user *user, struct review_user *ruser_r);
void review_user_deinit(struct review_user *ruser);
/* TRUE if vname is among ruser->junk. */
bool review_user_is_junk(const struct review_user *ruser, const char *vname);

/* Returns -1 if one of the arguments had no message. */
int review_check_uids(struct review_user *ruser, const char *vname,
		      const struct uid_selection *uids);

/* Returns 0, or -1 when the mailbox cannot be opened. */
int review_mailbox_open(struct review_user *ruser,
			const struct review_params *params,
			struct review_mailbox **rbox_r);
/* Returns FALSE at the end, also after an error. mail_r lives until the next
   call. */
bool review_mailbox_next(struct review_mailbox *rbox,
			 const struct review_mail **mail_r);
/* NULL if the mailbox is missing. */
struct mailbox *review_mailbox_get_box(struct review_mailbox *rbox);
/* Returns -1 if anything could not be read. */
int review_mailbox_close(struct review_mailbox **rbox);

#endif
