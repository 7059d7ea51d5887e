#ifndef DELIVERY_H
#define DELIVERY_H

#include "disposition.h"

/* One message for one recipient: the verdict, what follows from it, and what
   came of it. Who acts on it is delivery-hook.h. */

struct authres_user;
struct delivery_transaction;
struct mail;
struct mail_user;

struct delivery {
	pool_t pool;
	struct delivery_transaction *trans;
	/* Nothing is decided: the message has to wait for right settings, or
	   for the end of a reload. NULL = it does not. */
	const char *tempfail_reply;

	struct disposition_query query;
	struct disposition disposition;
	/* of 550 or 451; NULL = it is accepted */
	const char *reply;
	/* made by us instead of LMTP's hook */
	struct delivery_transaction *own_trans;

	/* where it was saved, separated by ", "; NULL = nowhere yet */
	string_t *mailboxes;
	/* fields that were removed; 0 also when an earlier recipient's copy
	   is used */
	unsigned int forged_count;
};

struct delivery_params {
	struct mail_user *user;
	/* the message as the server gives it for this recipient */
	struct mail *mail;
	/* NULL = unknown */
	const char *rcpt_to;
	/* where it would go */
	const char *default_mailbox;
	/* the recipient can be answered 550 */
	bool can_reject;
	struct event *event;
};

/* Get the verdict and decide what happens to this user's mail. Sets
   auser->delivery, which lives until delivery_finish(). */
void delivery_begin(struct authres_user *auser,
		    struct delivery_transaction *trans,
		    const struct delivery_params *params);
/* Log the delivery's line and event to event, note for the history what
   happened, and forget it. failed: it was neither saved nor refused for good,
   and its MTA tries again. */
void delivery_finish(struct authres_user *auser, bool failed,
		     struct event *event);

/* TRUE if the answer is 550; delivery_get_reply() is its text. */
bool delivery_is_rejected(const struct delivery *delivery);
const char *delivery_get_reply(const struct delivery *delivery);
/* TRUE if it goes to the mailbox for mail that fails its policy. */
bool delivery_is_junk(const struct delivery *delivery);
/* To be set on what is saved; NULL-terminated, NULL = none. */
const char *const *delivery_get_keywords(const struct delivery *delivery);
/* mail is the message that was just saved for this user: write the proof
   (delivery-record.h) if a move of it could mean something. */
void delivery_mark_saved(const struct delivery *delivery, struct mail *mail);
/* The message was saved to this mailbox. */
void delivery_add_mailbox(struct delivery *delivery, const char *vname);

/* There is no mailbox for junk: the message stays where it would have gone, and
   is only tagged. */
void delivery_give_up_junk(struct delivery *delivery);

#endif
