#ifndef DKIM_KEY_H
#define DKIM_KEY_H

#include "check-result.h"
#include "public-key.h"

struct dns_answer;
struct dkim_signature;

/* Key records, RFC 6376 section 3.6.1, RFC 8301, RFC 8463 and RFC 8616. */

struct dkim_key_record {
	enum public_key_type type;
	/* p= decoded; size 0 = revoked */
	const unsigned char *data;
	size_t size;
	/* t=y */
	bool test;
	/* t=s: i= must equal d= */
	bool no_subdomains;
	/* h= allows SHA-256, s= allows e-mail; both are so when absent */
	bool sha256;
	bool email;
};

struct dkim_key {
	/* a reference; NULL when refused */
	struct public_key *key;
	/* 0 = nothing was decoded */
	unsigned int bits;
	bool test;
};

/* Read one record. record_r lives in pool. Returns 0, or -1 and error_r (data
   stack) when it is no usable key record. */
int dkim_key_record_parse(pool_t pool, const unsigned char *text, size_t size,
			  struct dkim_key_record *record_r,
			  const char **error_r);
/* The key for signature out of the answer for its key_name: found, parsed,
   fit for it, and decoded (RFC 6376 section 6.1.2). cache may be NULL. Returns
   0 and a key whose reference the caller drops; or -1 with the result this
   gives and the reason (data stack). */
int dkim_key_get(const struct dns_answer *answer,
		 const struct dkim_signature *signature,
		 struct public_key_cache *cache, struct dkim_key *key_r,
		 enum check_result_word *result_r, const char **reason_r);

#endif
