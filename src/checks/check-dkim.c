/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "dns-session.h"
#include "domain-name.h"
#include "dkim-key.h"
#include "dkim-verify.h"
#include "check-dkim-private.h"

void check_dkim_decide(struct dkim_check *check,
		       struct dkim_check_signature *signature,
		       enum check_result_word result, const char *reason)
{
	signature->outcome.result = result;
	signature->outcome.reason = p_strdup(check->pool, reason);
	signature->decided = TRUE;
}

static void dkim_check_add(struct dkim_check *check,
			   const struct msg_field *field)
{
	struct dkim_check_signature *signature =
		array_append_space(&check->signatures);
	struct dkim_signature_outcome *outcome = &signature->outcome;
	struct dkim_signature *sig = &signature->sig;
	enum check_result_word result;
	const char *reason;

	if (dkim_signature_parse(check->pool, field, DKIM_SIGNATURE_DKIM,
				 sig, &result, &reason) < 0)
		check_dkim_decide(check, signature, result, reason);
	else if (dkim_signature_check_time(sig, check->set->now, &reason) < 0) {
		check_dkim_decide(check, signature, CHECK_RESULT_PERMERROR,
				  reason);
	} else if (check->header->limit_reason != NULL) {
		check_dkim_decide(check, signature, CHECK_RESULT_POLICY,
				  check->header->limit_reason);
	}
	outcome->sdid = sig->sdid;
	outcome->auid = sig->auid;
	outcome->selector = sig->selector;
	outcome->algorithm = sig->algorithm;
	outcome->signature = sig->signature_text;
	outcome->signed_names = sig->signed_names;
}

static bool can_align(const struct dkim_check_signature *signature,
		      const char *const *author_domains)
{
	const char *sdid = signature->outcome.sdid;

	for (; sdid != NULL && *author_domains != NULL; author_domains++) {
		if (domain_is_within(sdid, *author_domains) ||
		    domain_is_within(*author_domains, sdid))
			return TRUE;
	}
	return FALSE;
}

/* Choose which signatures are verified: first those that can help the author,
   then the others from the top. */
static void dkim_check_choose(struct dkim_check *check,
			      const char *const *author_domains)
{
	struct dkim_check_signature *signature;
	unsigned int left = AUTHRES_MAX_DKIM_SIGNATURES;

	array_foreach_modifiable(&check->signatures, signature) {
		signature->purpose = signature->outcome.sdid != NULL &&
			domain_may_align(signature->outcome.sdid,
					 author_domains) ?
			DNS_PURPOSE_POLICY : DNS_PURPOSE_MINOR;
		if (left > 0 && !signature->decided &&
		    can_align(signature, author_domains)) {
			signature->chosen = TRUE;
			left--;
		}
	}
	array_foreach_modifiable(&check->signatures, signature) {
		if (left > 0 && !signature->chosen) {
			signature->chosen = TRUE;
			left--;
		} else if (!signature->chosen) {
			signature->outcome.over_limit = TRUE;
			check_dkim_decide(check, signature, CHECK_RESULT_POLICY,
				t_strdup_printf("more than %u signatures",
						AUTHRES_MAX_DKIM_SIGNATURES));
		}
	}
}

static void dkim_check_collect_sdids(struct dkim_check *check)
{
	const struct dkim_check_signature *signature;
	ARRAY_TYPE(const_string) sdids;
	const char *sdid;

	p_array_init(&sdids, check->pool, 8);
	array_foreach(&check->signatures, signature) {
		sdid = signature->outcome.sdid;
		if (!signature->chosen || sdid == NULL)
			continue;
		if (array_lsearch(&sdids, &sdid, i_strcmp_p) == NULL)
			array_push_back(&sdids, &sdid);
	}
	array_append_zero(&sdids);
	check->sdids = array_front(&sdids);
}

static void dkim_check_prepare(struct dkim_check *check,
			       struct dns_session *dns)
{
	struct dkim_check_signature *signature;
	enum dns_purpose purpose;

	array_foreach_modifiable(&check->signatures, signature) {
		if (signature->decided)
			continue;
		if (check->body_hashes != NULL) {
			signature->body_hash = body_hash_add(
				check->body_hashes,
				signature->sig.body_canonicalization,
				signature->sig.body_length);
		}
		purpose = dns_session_set_purpose(dns, signature->purpose);
		dns_session_prefetch(dns, signature->sig.key_name,
				     DNS_TYPE_TXT);
		(void)dns_session_set_purpose(dns, purpose);
	}
}

struct dkim_check *
check_dkim_init(pool_t pool, const struct dkim_settings *set,
		const struct msg_header *header,
		const char *const *author_domains,
		struct body_hash_set *body_hashes, struct dns_session *dns)
{
	struct dkim_check *check = p_new(pool, struct dkim_check, 1);
	const struct msg_field *field;

	check->pool = pool;
	check->set = set;
	check->header = header;
	check->body_hashes = body_hashes;
	p_array_init(&check->signatures, pool, 4);
	array_foreach(&header->fields, field) T_BEGIN {
		if (strcasecmp(field->name, "DKIM-Signature") == 0)
			dkim_check_add(check, field);
	} T_END;
	dkim_check_choose(check, author_domains);
	dkim_check_collect_sdids(check);
	dkim_check_prepare(check, dns);
	return check;
}

const char *const *check_dkim_sdids(const struct dkim_check *check)
{
	return check->sdids;
}

const struct dns_answer *
check_dkim_lookup_key(const struct dkim_check_signature *signature,
		      struct dns_session *dns)
{
	const struct dns_answer *answer;
	enum dns_purpose purpose;

	purpose = dns_session_set_purpose(dns, signature->purpose);
	answer = dns_session_lookup(dns, signature->sig.key_name, DNS_TYPE_TXT);
	(void)dns_session_set_purpose(dns, purpose);
	return answer;
}

void check_dkim_cut(struct dkim_check *check, const char *reason)
{
	struct dkim_check_signature *signature;

	array_foreach_modifiable(&check->signatures, signature) {
		if (!signature->decided &&
		    (check->body_hashes == NULL ||
		     body_hash_is_cut(check->body_hashes,
				      signature->body_hash))) {
			check_dkim_decide(check, signature,
					  CHECK_RESULT_POLICY, reason);
		}
	}
}

static bool key_is_weak(const struct dkim_check *check,
			const struct dkim_check_signature *signature)
{
	return signature->sig.key_type == PUBLIC_KEY_RSA &&
		signature->outcome.key_bits < check->set->min_key_bits;
}

void check_dkim_note_body_changed(struct dkim_check *check,
				  struct dkim_check_signature *signature)
{
	/* RFC 6376 section 3.6.1, t=y: as if it were not there */
	signature->outcome.body_hash_only_failed =
		!key_is_weak(check, signature) && !signature->outcome.test_key;
}

void check_dkim_decide_good(struct dkim_check *check,
			    struct dkim_check_signature *signature)
{
	const struct dkim_signature_outcome *outcome = &signature->outcome;

	if (key_is_weak(check, signature)) {
		check_dkim_decide(check, signature, CHECK_RESULT_POLICY,
			t_strdup_printf("key is shorter than %u bits",
					check->set->min_key_bits));
	} else if (outcome->unsigned_body_bytes > 0) {
		check_dkim_decide(check, signature,
			CHECK_RESULT_POLICY,
			t_strdup_printf("%"PRIuUOFF_T" bytes of the body "
					"are not signed",
					outcome->unsigned_body_bytes));
	} else {
		check_dkim_decide(check, signature, CHECK_RESULT_PASS, NULL);
	}
}

static void dkim_check_with_key(struct dkim_check *check,
				struct dkim_check_signature *signature,
				struct public_key *key)
{
	struct dkim_signature_outcome *outcome = &signature->outcome;
	struct dkim_verification verification;
	const char *reason;

	if (check->index == NULL) {
		check->index = dkim_header_index_init(check->pool,
						      check->header);
	}
	dkim_signature_verify(check->index, &signature->sig, key,
			      body_hash_get(check->body_hashes,
					    signature->body_hash),
			      &verification);
	reason = dkim_verification_reason(&verification);
	if (verification.header_good && !verification.body_good &&
	    !verification.body_short)
		check_dkim_note_body_changed(check, signature);
	if (reason == NULL) {
		outcome->unsigned_body_bytes =
			verification.unsigned_body_bytes;
		check_dkim_decide_good(check, signature);
	} else if (verification.body_short) {
		check_dkim_decide(check, signature, CHECK_RESULT_PERMERROR,
				  reason);
	} else {
		check_dkim_decide(check, signature, CHECK_RESULT_FAIL, reason);
	}
}

static void dkim_check_signature(struct dkim_check *check,
				 struct dkim_check_signature *signature,
				 struct dns_session *dns)
{
	const struct dns_answer *answer;
	enum check_result_word result;
	struct dkim_key key;
	const char *reason;
	int ret;

	answer = check_dkim_lookup_key(signature, dns);
	if (dns_answer_is_placeholder(answer))
		return;
	signature->outcome.stale = answer->stale;
	ret = dkim_key_get(answer, &signature->sig, check->set->key_cache,
			   &key, &result, &reason);
	signature->outcome.test_key = key.test;
	signature->outcome.key_bits = key.bits;
	if (ret < 0) {
		check_dkim_decide(check, signature, result, reason);
	} else {
		dkim_check_with_key(check, signature, key.key);
		public_key_unref(&key.key);
	}
}

void check_dkim_verify(struct dkim_check *check, struct dns_session *dns,
		       ARRAY_TYPE(dkim_signature_outcome) *outcomes_r)
{
	struct dkim_check_signature *signature;

	p_array_init(outcomes_r, check->pool,
		     I_MAX(array_count(&check->signatures), 1));
	array_foreach_modifiable(&check->signatures, signature) {
		if (!signature->decided) T_BEGIN {
			dkim_check_signature(check, signature, dns);
		} T_END;
		array_push_back(outcomes_r, &signature->outcome);
	}
}
