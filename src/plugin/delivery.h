#ifndef DELIVERY_H
#define DELIVERY_H

#include "mail-deliver.h"

/* Delivery of one message to one recipient: verdict, then disposition, then
   whatever it asks for. Nothing of ours may lose or hold up a message: when
   something fails it is delivered where it would have gone, without forged
   fields. */

struct authres_user;
struct delivery;
struct delivery_transaction;

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
/* Log the delivery's line and event to event and forget it. */
void delivery_finish(struct authres_user *auser, struct event *event);

/* TRUE if the answer is 550; delivery_get_reply() is its text. */
bool delivery_is_rejected(const struct delivery *delivery);
const char *delivery_get_reply(const struct delivery *delivery);
/* TRUE if it goes to the mailbox for mail that fails its policy. */
bool delivery_is_junk(const struct delivery *delivery);
/* To be set on what is saved; NULL-terminated, NULL = none. */
const char *const *delivery_get_keywords(const struct delivery *delivery);
/* mail is the message that was just saved for this user: write the proof
   (delivered-mail.h) if a move of it could mean something. */
void delivery_mark_saved(const struct delivery *delivery, struct mail *mail);
/* The message was saved to this mailbox. */
void delivery_add_mailbox(struct delivery *delivery, const char *vname);

/* The deliver hook. next may be NULL. */
int delivery_deliver(struct mail_deliver_context *ctx,
		     deliver_mail_func_t *next,
		     struct mail_storage **storage_r);

#endif
