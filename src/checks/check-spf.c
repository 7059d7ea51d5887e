/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "domain-name.h"
#include "spf-check-host.h"
#include "spf-explain.h"
#include "spf-identity.h"
#include "check-spf.h"

static void
spf_outcome_fill(pool_t pool, const struct spf_evaluation *evaluation,
		 const struct spf_host *host, const char *explanation,
		 struct spf_outcome *outcome)
{
	outcome->result = host->result;
	outcome->term_lookups = evaluation->term_lookups;
	outcome->void_lookups = evaluation->void_lookups;
	outcome->explanation = p_strdup(pool, explanation);
	outcome->reason = p_strdup(pool, str_sanitize(host->reason,
					AUTHRES_MAX_REASON_BYTES));
	if (host->mechanism != NULL) {
		outcome->mechanism = p_strdup(pool,
			str_sanitize(host->mechanism,
				     AUTHRES_MAX_COMMENT_BYTES));
		outcome->mechanism_domain = p_strdup(pool, host->domain);
	}
}

static void
check_spf_identity(pool_t pool, const struct spf_query *query,
		   const struct spf_identity *identity,
		   struct dns_session *dns, struct spf_outcome *outcome_r)
{
	struct spf_evaluation evaluation;
	struct spf_host host;
	const char *explanation;

	i_zero(outcome_r);
	outcome_r->result = CHECK_RESULT_NONE;
	outcome_r->helo_identity = identity->helo;
	if (identity->domain == NULL)
		return;
	outcome_r->domain = p_strdup(pool, identity->domain);

	i_zero(&evaluation);
	evaluation.pool = pool_alloconly_create("spf evaluation", 2048);
	evaluation.dns = dns;
	spf_identity_macro_values(query, identity, &evaluation.values);
	spf_check_host(&evaluation, identity->domain, &host);
	explanation = spf_explain(&evaluation, &host);
	spf_outcome_fill(pool, &evaluation, &host, explanation, outcome_r);
	pool_unref(&evaluation.pool);
}

void check_spf(pool_t pool, const struct spf_query *query,
	       struct dns_session *dns, struct spf_outcome *outcome_r)
{
	T_BEGIN {
		struct spf_identity identity;

		spf_identity_mail_from(query, &identity);
		check_spf_identity(pool, query, &identity, dns, outcome_r);
	} T_END;
}

void check_spf_helo(pool_t pool, const struct spf_query *query,
		    struct dns_session *dns, struct spf_outcome *outcome_r)
{
	T_BEGIN {
		struct spf_identity identity;

		spf_identity_helo(query, &identity);
		check_spf_identity(pool, query, &identity, dns, outcome_r);
	} T_END;
}
