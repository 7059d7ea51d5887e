#ifndef DKIM_VERIFY_H
#define DKIM_VERIFY_H

#include "dkim-signature.h"

struct msg_header;
struct body_hash;

/* The two hashes of RFC 6376 section 3.7, for DKIM and for the message
   signatures of ARC. */

/* The fields of one message by name. Selecting is cheap however many names
   h= has and however many fields there are. */
struct dkim_header_index;

/* header must live as long as pool. */
struct dkim_header_index *
dkim_header_index_init(pool_t pool, const struct msg_header *header);

/* Append a signature field in canonical form with an empty b= (section 3.7). */
void dkim_signature_field_append(string_t *dest,
				 const struct dkim_signature *signature,
				 enum canonicalization canonicalization,
				 bool with_crlf);

struct dkim_verification {
	bool header_good;
	bool body_good;
	/* the body is shorter than l= */
	bool body_short;
	/* bytes of the body behind l=: body_hash_bytes_left() */
	uoff_t unsigned_body_bytes;
};
void dkim_signature_verify(struct dkim_header_index *index,
			   const struct dkim_signature *signature,
			   struct public_key *key,
			   const struct body_hash *body_hash,
			   struct dkim_verification *verification_r);
/* Why it is not good, one phrase; NULL when it is. */
const char *
dkim_verification_reason(const struct dkim_verification *verification);

#endif
