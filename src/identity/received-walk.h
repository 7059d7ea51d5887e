#ifndef RECEIVED_WALK_H
#define RECEIVED_WALK_H

#include "received.h"
#include "identity.h"
#include "verify-request.h"

/* The walk down the Received fields to the point where the message came to one
   of our hosts. A trusted host tells which host handed the message over to it;
   the next field down may be believed only if that host is trusted as well. */

struct received_walk {
	pool_t pool;
	const struct identity_settings *set;
	const struct msg_header *header;
	/* what was found */
	struct identity *identity;

	/* index into header->fields of the next field to look at */
	unsigned int next_field;
	/* of the field directly below the Received before the last one */
	unsigned int below_field;
	/* Received fields seen so far */
	unsigned int received_count;
	/* whoever handed the message over to the host looked at last is inside
	   local_networks */
	bool local;
	/* an MTA of ours wrote a Received field; Dovecot's own is none */
	bool mta_seen;
	/* what an earlier delivery of ours was given as MAIL FROM, NULL = there
	   was none: Sieve sent the message on */
	const char *earlier_mail_from;
	/* index of the first field that a provider wrote whose mailbox the
	   message was fetched from; UINT_MAX = it was not fetched */
	unsigned int provider_field;
};

/* The next field down, which is not taken; NULL if there is none. */
const struct msg_field *received_walk_peek(struct received_walk *walk);
/* Start with what the LMTP server tells. Returns FALSE if its peer is not
   ours; the identity says so. */
bool received_walk_lmtp(struct received_walk *walk,
			const struct verify_request *request);
/* Go below the line that Dovecot's LMTP server wrote for this delivery, if
   there is one. Returns FALSE as above. */
bool received_walk_own(struct received_walk *walk,
		       const struct verify_request *request);
/* Walk on from there. Fills the identity, or leaves its reason. */
void received_walk_run(struct received_walk *walk);
/* The identity has a client, and its boundary line is known: if the client is
   a trusted forwarder whose line can be believed, go on below it. */
void received_walk_forwarder(struct received_walk *walk);

#endif
