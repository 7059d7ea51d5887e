#ifndef VERDICT_KEYS_H
#define VERDICT_KEYS_H

/* The members of struct verdict that the VERDICT line of the verifier's socket
   carries (verdict-wire.h): a key is one row, and both ends walk the rows. */

/* How a member is spelled, and what its type is. */
enum verdict_key_kind {
	/* the words of verdict.h and check-result.h, each a type of its own */
	VERDICT_KEY_DMARC,
	VERDICT_KEY_POLICY,
	VERDICT_KEY_OVERRIDE,
	VERDICT_KEY_ORIGIN,
	VERDICT_KEY_CLIENT_SOURCE,
	/* const char *; NULL is not written. A domain
	   (verdict_domain_is_valid()), a forwarder, an author address in
	   percent-encoding, or anybody's text of printable ASCII. */
	VERDICT_KEY_NAME,
	VERDICT_KEY_FORWARDER,
	VERDICT_KEY_AUTHOR_ADDRESS,
	VERDICT_KEY_TEXT,
	/* bool: "yes"; FALSE is not written */
	VERDICT_KEY_FLAG,
	/* struct ip_addr; without a family it is not written */
	VERDICT_KEY_IP,
	/* unsigned int */
	VERDICT_KEY_UINT
};

struct verdict_key {
	/* NULL ends the table */
	const char *key;
	/* of the member in struct verdict */
	size_t offset;
	enum verdict_key_kind kind;
	/* of VERDICT_KEY_TEXT */
	size_t max_bytes;
	/* a line without it is incomplete */
	bool required;
	/* also part of a minimal reply: words of ours and domains */
	bool minimal;
};

/* In the order in which they are written; at most 32. */
extern const struct verdict_key verdict_keys[];

#endif
