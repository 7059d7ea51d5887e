/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "author-domain.h"
#include "upstream-results.h"

/* What check_dmarc() says if nothing passes: fail with the policy that holds
   now, none, or temperror. */
static void
policy_lookup(pool_t pool, const struct dmarc_settings *set,
	      const struct dmarc_query *query, struct dns_session *dns,
	      ARRAY_TYPE(dmarc_outcome) *outcomes_r)
{
	const struct spf_outcome no_spf = { .result = CHECK_RESULT_FAIL };
	struct dmarc_query failing = *query;
	ARRAY_TYPE(dkim_signature_outcome) signatures;
	struct dkim_signature_outcome *signature;

	/* whose they are still counts */
	t_array_init(&signatures, array_count(query->dkim) + 1);
	array_append_array(&signatures, query->dkim);
	array_foreach_modifiable(&signatures, signature)
		signature->result = CHECK_RESULT_FAIL;
	failing.spf = &no_spf;
	failing.dkim = &signatures;
	check_dmarc(pool, set, &failing, dns, outcomes_r);
}

static void
outcome_use_upstream_policy(pool_t pool,
			    const struct upstream_results *results,
			    struct dmarc_outcome *outcome)
{
	if (results->has_policy || outcome->result == CHECK_RESULT_NONE) {
		/* the record is gone: without a word of the filter there is
		   no policy */
		outcome->result = CHECK_RESULT_FAIL;
		outcome->policy = outcome->published_policy =
			results->has_policy ? results->policy :
			DMARC_POLICY_NONE;
		outcome->override_reason = OVERRIDE_REASON_NONE;
		outcome->policy_tag = "p";
		outcome->reason = NULL;
	} else {
		outcome->reason = p_strdup_printf(pool,
			"dmarc=fail of %s, but the policy is unknown: %s",
			results->authserv_ids[CHECK_METHOD_DMARC],
			outcome->reason);
	}
}

static bool
has_unknown_signer(const ARRAY_TYPE(dkim_signature_outcome) *signatures)
{
	const struct dkim_signature_outcome *signature;

	array_foreach(signatures, signature) {
		if (signature->sdid == NULL)
			return TRUE;
	}
	return FALSE;
}

void upstream_results_dmarc(const struct upstream_results *results, pool_t pool,
			    const struct dmarc_settings *set,
			    const struct dmarc_query *query,
			    struct dns_session *dns,
			    ARRAY_TYPE(dmarc_outcome) *outcomes_r)
{
	struct dmarc_outcome *outcome;

	i_assert(query->author->single);
	if (results->dmarc != CHECK_RESULT_FAIL) {
		p_array_init(outcomes_r, pool, 1);
		outcome = array_append_space(outcomes_r);
		outcome->result = results->dmarc;
		outcome->author_domain = query->author->domains[0];
		outcome->dkim_aligned_index = -1;
		check_dmarc_own_domain(pool, set, query, outcome);
		return;
	}
	T_BEGIN {
		policy_lookup(pool, set, query, dns, outcomes_r);
	} T_END;
	outcome = array_front_modifiable(outcomes_r);
	if (outcome->result != CHECK_RESULT_FAIL)
		outcome_use_upstream_policy(pool, results, outcome);
	/* the filter did not say whose signature it is: it may be the
	   author's */
	if (has_unknown_signer(query->dkim))
		outcome->author_organization_signed = TRUE;
	check_dmarc_own_domain(pool, set, query, outcome);
}
