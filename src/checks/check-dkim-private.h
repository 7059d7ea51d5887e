#ifndef CHECK_DKIM_PRIVATE_H
#define CHECK_DKIM_PRIVATE_H

#include "resolver.h"
#include "check-dkim.h"
#include "dkim-signature.h"

/* What the engines of DKIM share: reading signatures, choosing which are
   verified, and judging good ones. */

struct dkim_header_index;

struct dkim_check_signature {
	struct dkim_signature sig;
	struct dkim_signature_outcome outcome;
	unsigned int body_hash;
	/* of the question for its key */
	enum dns_purpose purpose;
	/* within AUTHRES_MAX_DKIM_SIGNATURES */
	bool chosen;
	/* outcome is final */
	bool decided;
};

struct dkim_check {
	pool_t pool;
	const struct dkim_settings *set;
	const struct msg_header *header;
	/* NULL: another engine hashes the body */
	struct body_hash_set *body_hashes;
	/* made when needed */
	struct dkim_header_index *index;
	/* in the order of the message */
	ARRAY(struct dkim_check_signature) signatures;
	const char *const *sdids;
};

/* This is the result. reason is duplicated. */
void check_dkim_decide(struct dkim_check *check,
		       struct dkim_check_signature *signature,
		       enum check_result_word result, const char *reason);
/* The answer to the question for its key, or a placeholder. */
const struct dns_answer *
check_dkim_lookup_key(const struct dkim_check_signature *signature,
		      struct dns_session *dns);
/* The header signature is good and the body hash differs: is the header proven
   to be the signer's? outcome->key_bits and test_key are set. */
void check_dkim_note_body_changed(struct dkim_check *check,
				  struct dkim_check_signature *signature);
/* The signature is good: is it good enough? outcome->key_bits and
   unsigned_body_bytes are set. */
void check_dkim_decide_good(struct dkim_check *check,
			    struct dkim_check_signature *signature);

#endif
