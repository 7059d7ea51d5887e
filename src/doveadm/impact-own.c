/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "check-dmarc.h"
#include "domain-name.h"
#include "known-reasons.h"
#include "verdict.h"
#include "impact-own.h"

static void
spf_of_stored(const struct verdict *verdict, struct spf_outcome *spf,
	      struct dmarc_query *query)
{
	const struct check_result *result =
		verdict_find(verdict, CHECK_METHOD_SPF);

	if (result == NULL) {
		if (verdict->client_ip.family == 0)
			query->spf_missing_reason = "client address unknown";
		return;
	}
	spf->result = result->result;
	spf->domain = t_check_result_domain(result);
	spf->reason = result->reason;
	query->spf = spf;
}

static void
dkim_of_stored(const struct verdict *verdict,
	       ARRAY_TYPE(dkim_signature_outcome) *signatures)
{
	const struct check_result *result;
	struct dkim_signature_outcome *signature;

	array_foreach(&verdict->results, result) {
		if (result->method != CHECK_METHOD_DKIM)
			continue;
		signature = array_append_space(signatures);
		signature->result = result->result;
		signature->sdid = check_result_property(result, "header", "d");
		signature->reason = result->reason;
	}
}

static bool
list_is_trusted(const struct verdict *verdict, const char *const *lists)
{
	if (verdict->list_domain == NULL)
		return FALSE;
	for (; *lists != NULL; lists++) {
		if (domain_is_within(verdict->list_domain, *lists))
			return TRUE;
	}
	return FALSE;
}

/* Its first entry of dmarc. */
static struct check_result *dmarc_find(struct verdict *verdict)
{
	struct check_result *result;

	array_foreach_modifiable(&verdict->results, result) {
		if (result->method == CHECK_METHOD_DMARC)
			return result;
	}
	return NULL;
}

static void
outcome_find(const struct own_domains *own, const struct verdict *verdict,
	     struct dmarc_outcome *outcome)
{
	struct dmarc_settings set = { .own = *own };
	ARRAY_TYPE(dkim_signature_outcome) signatures;
	struct spf_outcome spf;
	struct dmarc_query query;

	t_array_init(&signatures, 4);
	i_zero(&spf);
	i_zero(&query);
	spf_of_stored(verdict, &spf, &query);
	dkim_of_stored(verdict, &signatures);
	query.dkim = &signatures;
	check_dmarc_own_domain(pool_datastack_create(), &set, &query, outcome);
}

bool impact_own_apply(const struct own_domains *own,
		      const char *const *trusted_lists,
		      struct verdict *verdict)
{
	struct dmarc_outcome outcome;
	struct check_result *dmarc;

	if (verdict->origin != MAIL_ORIGIN_EXTERNAL || verdict->bad_author ||
	    verdict->author_domain == NULL ||
	    !array_is_created(&verdict->results) ||
	    (dmarc = dmarc_find(verdict)) == NULL)
		return FALSE;
	i_zero(&outcome);
	outcome.result = verdict->dmarc;
	outcome.author_domain = verdict->author_domain;
	outcome.policy = verdict->policy;
	outcome.reason = dmarc->reason;
	outcome_find(own, verdict, &outcome);
	if (!outcome.own_domain || list_is_trusted(verdict, trusted_lists))
		return FALSE;
	dmarc->comment = t_known_own_domain(check_result_own_comment(dmarc));
	verdict->dmarc = outcome.result;
	verdict->policy = outcome.policy;
	verdict->may_fail = outcome.may_fail;
	verdict->override_reason = OVERRIDE_REASON_NONE;
	return TRUE;
}
