/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "check-dmarc.h"

/* What identifiers say as if the own domain had the record "v=DMARC1;
   p=quarantine". */
struct own_alignment {
	bool pass;
	bool organization_signed;
	bool header_signed;
	/* DNS did not answer for one that could pass; NULL = none */
	const char *temporary;
};

static const char *t_temporary(const char *method, const char *reason)
{
	return t_strdup_printf("%s: %s", method,
			       reason == NULL ? "temporary error" : reason);
}

static bool
is_own(const struct own_domains *own, const char *own_domain,
       const char *domain)
{
	const char *closest;

	if (domain == NULL)
		return FALSE;
	closest = own_domains_find(own, domain);
	return closest != NULL && strcmp(closest, own_domain) == 0;
}

static void
own_align_spf(const struct own_domains *own, const char *own_domain,
	      const struct spf_outcome *spf, struct own_alignment *alignment)
{
	if (spf == NULL || !is_own(own, own_domain, spf->domain))
		return;
	if (spf->result == CHECK_RESULT_PASS)
		alignment->pass = TRUE;
	else if (spf->result == CHECK_RESULT_TEMPERROR)
		alignment->temporary = t_temporary("SPF", spf->reason);
}

static void
own_align(const struct own_domains *own, const char *own_domain,
	  const struct dmarc_query *query, struct own_alignment *alignment_r)
{
	const struct dkim_signature_outcome *signatures;
	unsigned int i, count;

	i_zero(alignment_r);
	own_align_spf(own, own_domain, query->spf, alignment_r);
	signatures = array_get(query->dkim, &count);
	for (i = 0; i < count; i++) {
		if (!is_own(own, own_domain, signatures[i].sdid))
			continue;
		alignment_r->organization_signed = TRUE;
		if (signatures[i].body_hash_only_failed)
			alignment_r->header_signed = TRUE;
		if (signatures[i].result == CHECK_RESULT_PASS)
			alignment_r->pass = TRUE;
		else if (signatures[i].result == CHECK_RESULT_TEMPERROR &&
			 alignment_r->temporary == NULL) {
			alignment_r->temporary = t_temporary("DKIM",
				signatures[i].reason);
		}
	}
}

static void outcome_ask_quarantine(struct dmarc_outcome *outcome)
{
	outcome->policy = DMARC_POLICY_QUARANTINE;
	outcome->override_reason = OVERRIDE_REASON_NONE;
	outcome->own_domain = TRUE;
}

static bool client_is_known(const struct dmarc_query *query)
{
	return query->spf != NULL || query->spf_missing_reason == NULL;
}

static void
outcome_set_temporary(pool_t pool, const struct dmarc_query *query,
		      const char *reason, struct dmarc_outcome *outcome)
{
	outcome->result = CHECK_RESULT_TEMPERROR;
	outcome->reason = p_strdup(pool, reason);
	if (client_is_known(query)) {
		outcome->may_fail = TRUE;
		outcome_ask_quarantine(outcome);
	}
}

/* Nobody has published a policy, or DNS does not tell it. */
static void
outcome_without_policy(pool_t pool, const struct dmarc_settings *set,
		       const struct dmarc_query *query, const char *own_domain,
		       struct dmarc_outcome *outcome)
{
	struct own_alignment alignment;

	own_align(&set->own, own_domain, query, &alignment);
	if (alignment.pass)
		return;
	outcome->author_organization_signed = alignment.organization_signed;
	outcome->author_header_signed = alignment.header_signed;
	if (outcome->result == CHECK_RESULT_TEMPERROR) {
		outcome_set_temporary(pool, query, outcome->reason, outcome);
	} else if (alignment.temporary != NULL) {
		outcome_set_temporary(pool, query, alignment.temporary,
				      outcome);
	} else if (query->spf == NULL && !client_is_known(query)) {
		outcome_set_temporary(pool, query, query->spf_missing_reason,
				      outcome);
	} else {
		outcome->result = CHECK_RESULT_FAIL;
		outcome_ask_quarantine(outcome);
	}
}

void check_dmarc_own_domain(pool_t pool, const struct dmarc_settings *set,
			    const struct dmarc_query *query,
			    struct dmarc_outcome *outcome)
{
	const char *own_domain;

	if (outcome->author_domain == NULL ||
	    outcome->policy != DMARC_POLICY_NONE ||
	    (own_domain = own_domains_find(&set->own,
					   outcome->author_domain)) == NULL)
		return;
	switch (outcome->result) {
	case CHECK_RESULT_FAIL:
		outcome_ask_quarantine(outcome);
		break;
	case CHECK_RESULT_NONE:
		outcome_without_policy(pool, set, query, own_domain, outcome);
		break;
	case CHECK_RESULT_TEMPERROR:
		if (outcome->record == NULL) {
			outcome_without_policy(pool, set, query, own_domain,
					       outcome);
		} else if (!outcome->presumed_pass && client_is_known(query)) {
			outcome->may_fail = TRUE;
			outcome_ask_quarantine(outcome);
		}
		break;
	default:
		break;
	}
}
