/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-field.h"
#include "msg-parser.h"
#include "dns-session.h"
#include "arc-set.h"
#include "dkim-key.h"
#include "dkim-verify.h"
#include "check-arc.h"

struct arc_check {
	pool_t pool;
	const struct dkim_settings *set;
	const struct msg_header *header;
	struct body_hash_set *body_hashes;
	struct dkim_header_index *index;

	struct arc_chain chain;
	/* handles of the message signatures' body hashes */
	unsigned int body_hash_handles[AUTHRES_MAX_ARC_INSTANCES];
	/* newest message signature and all seals verified */
	bool chain_verified;
	/* outcome is final */
	bool decided;
	struct arc_outcome outcome;
};

static void arc_decide(struct arc_check *check, enum check_result_word result,
		       const char *reason)
{
	check->outcome.result = result;
	check->outcome.reason = p_strdup(check->pool, reason);
	check->decided = TRUE;
}

static void arc_fail(struct arc_check *check, const char *what,
		     unsigned int instance, const char *reason)
{
	arc_decide(check, CHECK_RESULT_FAIL, t_strdup_printf(
		"%s i=%u: %s", what, instance, reason));
}

static const char *const arc_seal_name = "ARC-Seal";
static const char *const arc_message_name = "ARC-Message-Signature";

/* Section 4.1.2: h= must not name ARC-Seal. Returns NULL or what is wrong. */
static const char *
message_signature_check(const struct arc_check *check,
			const struct arc_set *set)
{
	const char *const *name, *reason;

	if (set->message_signature_error != NULL)
		return set->message_signature_error;
	for (name = set->message_signature.signed_names;
	     *name != NULL; name++) {
		if (strcasecmp(*name, "ARC-Seal") == 0)
			return "tag h names ARC-Seal";
	}
	return dkim_signature_check_time(&set->message_signature,
					 check->set->now, &reason) < 0 ?
		reason : NULL;
}

static void arc_check_prepare(struct arc_check *check, struct dns_session *dns)
{
	unsigned int i, newest = check->chain.count - 1;

	for (i = 0; i < check->chain.count; i++) {
		struct arc_set *set = &check->chain.sets[i];
		const struct dkim_signature *sig = &set->message_signature;

		set->message_signature_error =
			p_strdup(check->pool,
				 message_signature_check(check, set));
		dns_session_prefetch(dns, set->seal.key_name, DNS_TYPE_TXT);
		if (set->message_signature_error != NULL)
			continue;
		check->body_hash_handles[i] = body_hash_add(check->body_hashes,
			sig->body_canonicalization, sig->body_length);
		if (i == newest)
			dns_session_prefetch(dns, sig->key_name, DNS_TYPE_TXT);
	}
	if (check->chain.sets[newest].message_signature_error != NULL) {
		arc_fail(check, arc_message_name, newest + 1,
			 check->chain.sets[newest].message_signature_error);
	}
}

struct arc_check *
check_arc_init(pool_t pool, const struct dkim_settings *set,
	       const struct msg_header *header,
	       struct body_hash_set *body_hashes, struct dns_session *dns)
{
	struct arc_check *check = p_new(pool, struct arc_check, 1);
	const char *reason = NULL;
	int ret;

	check->pool = pool;
	check->set = set;
	check->header = header;
	check->body_hashes = body_hashes;
	p_array_init(&check->outcome.sets, pool, 1);
	T_BEGIN {
		ret = arc_chain_collect(pool, header, &check->chain, &reason);
		check->outcome.newest_instance = check->chain.count;
		if (ret < 0)
			arc_decide(check, CHECK_RESULT_FAIL, reason);
		else if (ret == 0)
			arc_decide(check, CHECK_RESULT_NONE, NULL);
		else if (header->limit_reason != NULL) {
			arc_decide(check, CHECK_RESULT_FAIL,
				   header->limit_reason);
		} else {
			arc_check_prepare(check, dns);
		}
	} T_END;
	return check;
}

void check_arc_cut(struct arc_check *check, const char *reason)
{
	if (!check->decided)
		arc_decide(check, CHECK_RESULT_FAIL, reason);
}

/* Returns FALSE when the key is not known yet. */
static bool key_is_known(const struct dkim_signature *sig,
			 struct dns_session *dns)
{
	return !dns_answer_is_placeholder(
		dns_session_lookup(dns, sig->key_name, DNS_TYPE_TXT));
}

/* Returns 0 and a reference, or -1 and reason_r. */
static int arc_key_get(struct arc_check *check,
		       const struct dkim_signature *sig,
		       struct dns_session *dns, struct public_key **key_r,
		       const char **reason_r)
{
	const struct dns_answer *answer =
		dns_session_lookup(dns, sig->key_name, DNS_TYPE_TXT);
	enum check_result_word result;
	struct dkim_key key;

	if (answer->stale)
		check->outcome.stale = TRUE;
	if (dkim_key_get(answer, sig, check->set->key_cache, &key,
			 &result, reason_r) < 0)
		return -1;
	if (sig->key_type == PUBLIC_KEY_RSA &&
	    key.bits < check->set->min_key_bits) {
		*reason_r = t_strdup_printf("key is shorter than %u bits",
					    check->set->min_key_bits);
		public_key_unref(&key.key);
		return -1;
	}
	*key_r = key.key;
	return 0;
}

/* Returns NULL when it is good, or what is wrong with it. */
static const char *
verify_message_signature(struct arc_check *check, unsigned int i,
			 struct dns_session *dns)
{
	const struct arc_set *set = &check->chain.sets[i];
	struct dkim_verification verification;
	struct public_key *key;
	const char *reason;

	if (set->message_signature_error != NULL)
		return set->message_signature_error;
	if (arc_key_get(check, &set->message_signature, dns,
			&key, &reason) < 0)
		return reason;
	if (check->index == NULL) {
		check->index = dkim_header_index_init(check->pool,
						      check->header);
	}
	dkim_signature_verify(check->index, &set->message_signature, key,
			      body_hash_get(check->body_hashes,
					    check->body_hash_handles[i]),
			      &verification);
	public_key_unref(&key);
	reason = dkim_verification_reason(&verification);
	if (reason == NULL && verification.unsigned_body_bytes > 0)
		reason = "only part of the body is signed";
	return reason;
}

/* data: the sets before this one and this one's other fields, canonical.
   Returns NULL when it is good, or what is wrong with it. */
static const char *
verify_seal(struct arc_check *check, const struct dkim_signature *seal,
	    string_t *data, struct dns_session *dns)
{
	struct public_key *key;
	const char *reason;
	bool good;

	if (arc_key_get(check, seal, dns, &key, &reason) < 0)
		return reason;
	dkim_signature_field_append(data, seal, CANONICALIZATION_RELAXED,
				    FALSE);
	good = public_key_verify(key, str_data(data), str_len(data),
				 seal->signature, seal->signature_size) > 0;
	public_key_unref(&key);
	return good ? NULL : "signature did not verify";
}

/* Section 5.1.1: every seal covers its own set and all sets before it. Returns
   -1 when the chain failed. */
static int verify_seals(struct arc_check *check, struct dns_session *dns)
{
	string_t *data = str_new(default_pool, 16384);
	const char *reason = NULL;
	unsigned int i;

	for (i = 0; i < check->chain.count && !check->decided; i++) T_BEGIN {
		const struct arc_set *set = &check->chain.sets[i];
		size_t size;

		canonicalize_field(data, set->authentication_results,
				   CANONICALIZATION_RELAXED, TRUE);
		canonicalize_field(data, set->message_signature.field,
				   CANONICALIZATION_RELAXED, TRUE);
		size = str_len(data);
		reason = verify_seal(check, &set->seal, data, dns);
		if (reason != NULL)
			arc_fail(check, arc_seal_name, i + 1, reason);
		str_truncate(data, size);
		canonicalize_field(data, set->seal.field,
				   CANONICALIZATION_RELAXED, TRUE);
	} T_END;
	str_free(&data);
	return check->decided ? -1 : 0;
}

/* Section 5.2 steps 4 and 6. Returns 1 when the chain passed, 0 when keys are
   missing, -1 when it failed. */
static int verify_chain(struct arc_check *check, struct dns_session *dns)
{
	unsigned int i, newest = check->chain.count - 1;
	const char *reason;
	bool known;

	/* every key that is missing is asked for in the same run */
	known = key_is_known(&check->chain.sets[newest].message_signature, dns);
	for (i = 0; i < check->chain.count; i++) {
		if (!key_is_known(&check->chain.sets[i].seal, dns))
			known = FALSE;
	}
	if (!known)
		return 0;
	reason = verify_message_signature(check, newest, dns);
	if (reason != NULL) {
		arc_fail(check, arc_message_name, newest + 1, reason);
		return -1;
	}
	return verify_seals(check, dns) < 0 ? -1 : 1;
}

/* Section 5.2 step 5. Returns FALSE when keys are missing. */
static bool find_oldest_pass(struct arc_check *check, struct dns_session *dns)
{
	const struct arc_set *sets = check->chain.sets;
	bool known = TRUE;
	unsigned int i;

	for (i = check->chain.count - 1; i > 0; i--) {
		if (sets[i - 1].message_signature_error == NULL &&
		    !key_is_known(&sets[i - 1].message_signature, dns))
			known = FALSE;
	}
	if (!known)
		return FALSE;
	for (i = check->chain.count - 1; i > 0; i--) {
		if (verify_message_signature(check, i - 1, dns) != NULL)
			break;
	}
	check->outcome.oldest_pass = i == 0 ? 0 : i + 1;
	return TRUE;
}

/* What the sets say, now that the chain passed. */
static void collect_sets(struct arc_check *check)
{
	unsigned int i;

	for (i = 0; i < check->chain.count; i++) T_BEGIN {
		const struct arc_set *set = &check->chain.sets[i];
		struct arc_set_outcome *outcome =
			array_append_space(&check->outcome.sets);
		struct authres_field field;
		const char *error;

		outcome->sealer = set->seal.sdid;
		if (authres_field_parse(check->pool, set->payload,
					set->payload_size, &field,
					&error) == 0) {
			outcome->authserv_id = field.authserv_id;
			outcome->results = field.results;
		} else {
			p_array_init(&outcome->results, check->pool, 1);
		}
	} T_END;
}

static void arc_verify(struct arc_check *check, struct dns_session *dns)
{
	if (!check->chain_verified && verify_chain(check, dns) <= 0)
		return;
	check->chain_verified = TRUE;
	if (!find_oldest_pass(check, dns))
		return;
	collect_sets(check);
	arc_decide(check, CHECK_RESULT_PASS, NULL);
}

void check_arc_verify(struct arc_check *check, struct dns_session *dns,
		      struct arc_outcome *outcome_r)
{
	if (!check->decided) T_BEGIN {
		arc_verify(check, dns);
	} T_END;
	*outcome_r = check->outcome;
}
