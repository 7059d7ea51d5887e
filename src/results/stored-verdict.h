#ifndef STORED_VERDICT_H
#define STORED_VERDICT_H

#include "verdict.h"

struct istream;

/* What delivery found out about a message, read back from the stored
   message. */

/* The fields stored_verdict_read() looks at, NULL-terminated: enough of a
   message's header for it. */
extern const char *const stored_verdict_fields[];
/* The same without the ones that are long: for many messages, from Dovecot's
   cache. A field that a client copied here from a server which writes no
   Return-Path could then be taken for ours. */
extern const char *const stored_verdict_short_fields[];

struct stored_verdict {
	/* who says so: one of our names, as the field has it */
	const char *authserv_id;
	/* as far as a field can say it: verdict_field_read() */
	struct verdict verdict;
};

/* Of an authserv-id, in any case of its letters: 1..0x7fffff, the same in every
   version. It keeps no secret: what it is good for stands below. */
uint32_t authserv_id_digest(const char *authserv_id);

/* Find our field in a header (any bytes, read to where it ends or our field
   has been found). It is ours if it carries one of authserv_ids
   (NULL-terminated) and no server wrote a Received, Return-Path or Delivered-To
   field above it: delivery puts ours on top and removes all others that claim
   to be, and what a client copies here from elsewhere has those of its server.
   Returns 1 and fills stored_r, whose strings live in pool; 0 and why_r (data
   stack, a half sentence about the message) if there is none that can be read;
   -1 and why_r if reading header failed. */
int stored_verdict_read(pool_t pool, struct istream *header,
			const char *const *authserv_ids, uint32_t name_digest,
			struct stored_verdict *stored_r, const char **why_r);

#endif
