#ifndef BODY_HASH_H
#define BODY_HASH_H

#include "canonicalize.h"

/* The body hashes of one message, all fed in the same pass (RFC 6376 section
   3.7). One running SHA-256 per canonicalization; l= is a snapshot of it. */

#define BODY_HASH_BYTES 32
#define BODY_HASH_WHOLE ((uoff_t)-1)

struct body_hash_set *body_hash_set_init(pool_t pool);
void body_hash_set_deinit(struct body_hash_set **set);

/* Ask for a hash before the first body byte is fed. length: the value of l=,
   or BODY_HASH_WHOLE. Returns a handle for body_hash_get(). The same request
   twice gives the same handle. */
unsigned int body_hash_add(struct body_hash_set *set,
			   enum canonicalization canonicalization,
			   uoff_t length);
/* Body bytes with canonical line ends (msg-parser.h). */
void body_hash_more(struct body_hash_set *set,
		    const unsigned char *data, size_t size);
void body_hash_finish(struct body_hash_set *set);
/* Instead of body_hash_finish(): more bytes would follow, but will not come. */
void body_hash_cut(struct body_hash_set *set);
/* After body_hash_cut(): TRUE if the hash needs bytes that did not come. Then
   body_hash_get() must not be called for it. */
bool body_hash_is_cut(struct body_hash_set *set, unsigned int handle);

struct body_hash {
	unsigned char digest[BODY_HASH_BYTES];
	/* bytes of the whole canonical body, and how many of them were
	   hashed */
	uoff_t canonical_bytes;
	uoff_t hashed_bytes;
};
/* After body_hash_finish(). hashed_bytes < length of l= means that the body is
   shorter than l= says. */
const struct body_hash *
body_hash_get(struct body_hash_set *set, unsigned int handle);
/* How many bytes of a canonical body stand behind those that were hashed. Its
   last CRLF is none: canonicalization adds it where the signer's body had none
   (RFC 6376 section 3.4.3), and it can hold nothing. */
uoff_t body_hash_bytes_left(uoff_t canonical_bytes, uoff_t hashed_bytes);

#endif
