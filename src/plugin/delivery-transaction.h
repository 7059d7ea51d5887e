#ifndef DELIVERY_TRANSACTION_H
#define DELIVERY_TRANSACTION_H

#include "verify-request.h"

/* One message on its way to one or more recipients. The verifier is asked
   once for all of them. LMTP keeps this for one MAIL/DATA transaction
   (delivery-hook-lmtp.h), dovecot-lda for its only delivery. */

struct authres_settings;
struct delivery_history;
struct mail;
struct smtp_address;

struct delivery_transaction {
	pool_t pool;

	/* The message as it was received; NULL = the mail at hand is it.
	   Not owned: LMTP frees it after the last recipient. */
	struct mail *received_mail;
	/* A recipient's saved copy that begins with our field for this
	   message, which LMTP uses as the source for later recipients; NULL =
	   none. Known only from having made it: what a message holds proves
	   nothing. Not owned. */
	struct mail *tagged_mail;

	/* What is known of the envelope. rcpt_to, received_time and
	   timeout_msecs are set when the verifier is asked. */
	struct verify_request request;
	/* NULL = not asked yet */
	const struct verdict *verdict;
	/* Dovecot was reloaded or stopped before the verdict came. Nothing may
	   be saved: nobody may be there any more to tell the MTA so. */
	bool interrupted;
	/* what the history will be told, so far; NULL = nothing */
	struct delivery_history *history;
	/* how long that took, and what went wrong; NULL = nothing */
	unsigned int verifier_msecs;
	const char *verifier_error;
};

struct delivery_transaction *
delivery_transaction_init(enum verify_protocol protocol);
void delivery_transaction_deinit(struct delivery_transaction **trans);

/* mail_from: NULL = unknown, null address = null reverse-path */
void delivery_transaction_set_mail_from(struct delivery_transaction *trans,
					const struct smtp_address *mail_from);

/* The verdict on the message in mail, asked for when this is the first call.
   When it cannot be had, it is dmarc=temperror with a reason, verdict.unjudged
   is set if a verifier was there, and one error is logged to event. Waits at
   most set->timeout_msecs. Lives as long as trans. */
const struct verdict *
delivery_transaction_get_verdict(struct delivery_transaction *trans,
				 struct mail *mail, const char *rcpt_to,
				 const struct authres_settings *set,
				 struct event *event);

/* One connection to the verifier is kept for the next message of this process:
   close it. */
void delivery_transaction_close_connection(void);

#endif
