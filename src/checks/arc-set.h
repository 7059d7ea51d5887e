#ifndef ARC_SET_H
#define ARC_SET_H

#include "authres-limits.h"
#include "dkim-signature.h"

struct msg_field;
struct msg_header;

/* The ARC Sets of a message and their structure, RFC 8617 sections 4.2 and
   5.2 steps 1 to 3. */

struct arc_set {
	/* ARC-Authentication-Results */
	const struct msg_field *authentication_results;
	/* what stands in it behind "i=1;" */
	const unsigned char *payload;
	size_t payload_size;

	struct dkim_signature message_signature;
	/* only its instance could be read: why, or NULL */
	const char *message_signature_error;

	struct dkim_signature seal;
};

struct arc_chain {
	/* sets[0] is instance 1 */
	struct arc_set *sets;
	unsigned int count;
};

/* Collect the sets. Returns 1 when there are some and their structure is as it
   must be, 0 when the message has no field of ARC at all, -1 when the chain
   failed; then reason_r (data stack) says why and chain_r->count is the
   highest instance that could be read. Everything lives in pool. Of message
   signatures other than the newest only the instance must be readable. */
int arc_chain_collect(pool_t pool, const struct msg_header *header,
		      struct arc_chain *chain_r, const char **reason_r);

#endif
