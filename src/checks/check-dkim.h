#ifndef CHECK_DKIM_H
#define CHECK_DKIM_H

#include "check-result.h"
#include "body-hash.h"

struct dns_session;
struct msg_header;
struct public_key_cache;

/* DKIM, RFC 6376 with RFC 8301 (algorithms), RFC 8463 (ed25519), RFC 8616
   (internationalized). Every signature has its own result. */

struct dkim_settings {
	/* RSA below it: policy */
	unsigned int min_key_bits;
	/* decoded keys, may be NULL */
	struct public_key_cache *key_cache;
	/* the message's receive time, for t= and x= (drift 300 s) */
	time_t now;
};

struct dkim_signature_outcome {
	enum check_result_word result;
	/* one phrase for people; NULL for a plain pass */
	const char *reason;
	/* as far as they could be read; A-labels; NULL otherwise */
	const char *sdid;
	const char *auid;
	const char *selector;
	/* the text of a= */
	const char *algorithm;
	/* the b= value without white space */
	const char *signature;
	/* 0 = no key was decoded */
	unsigned int key_bits;
	/* the key record has t=y */
	bool test_key;
	/* the key was seen before, since DNS does not answer now */
	bool stale;
	/* bytes of the body that the signature does not cover (l=) */
	uoff_t unsigned_body_bytes;
	/* The header signature verified over the header with its bh=, and only
	   the body hash differs: the header is the signer's. Never with a key
	   too weak for a pass or with t=y, nor with a body shorter than l=. */
	bool body_hash_only_failed;
	/* h=, NULL-terminated; NULL if the signature could not be read */
	const char *const *signed_names;
	/* above AUTHRES_MAX_DKIM_SIGNATURES: result policy, never looked at */
	bool over_limit;
};
ARRAY_DEFINE_TYPE(dkim_signature_outcome, struct dkim_signature_outcome);

struct dkim_check;

/* Parse all DKIM-Signature fields (at most AUTHRES_MAX_DKIM_SIGNATURES are
   verified: those whose d= can align with author_domains (NULL-terminated)
   first), register their body hashes, and note their key names for
   prefetching. body_hashes: NULL if another engine verifies
   (engine-libopendkim.h). Call it when the header is complete, before body
   bytes are fed. header and author_domains must live as long as pool. */
struct dkim_check *
check_dkim_init(pool_t pool, const struct dkim_settings *set,
		const struct msg_header *header,
		const char *const *author_domains,
		struct body_hash_set *body_hashes, struct dns_session *dns);
/* The d= of the signatures that will be verified, A-labels, without
   duplicates, NULL-terminated: known before the body, for the tree walks of
   DMARC. Lives as long as check. */
const char *const *check_dkim_sdids(const struct dkim_check *check);
/* After body_hash_cut(), before check_dkim_verify(): signatures that need the
   rest of the body are policy, with this reason. */
void check_dkim_cut(struct dkim_check *check, const char *reason);
/* After body_hash_finish(): verify. May be called again when dns says
   dns_session_run_incomplete(). outcomes_r is in the order of the message;
   beyond the limit: result policy with a reason. */
void check_dkim_verify(struct dkim_check *check, struct dns_session *dns,
		       ARRAY_TYPE(dkim_signature_outcome) *outcomes_r);

/* The entry of the field: dkim=... header.d= .i= .a= .s= .b=. b_bytes: how many
   characters of b= tell it from the others (RFC 6008). */
void check_dkim_report(pool_t pool,
		       const struct dkim_signature_outcome *outcome,
		       unsigned int b_bytes, struct check_result *result_r);
/* The shortest prefix, at least 8, that tells all b= apart (RFC 6008). */
unsigned int
check_dkim_unique_b(const ARRAY_TYPE(dkim_signature_outcome) *outcomes);

#endif
