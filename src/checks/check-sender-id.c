/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "purported-address.h"
#include "spf-check-host.h"
#include "spf-explain.h"
#include "spf-scope.h"
#include "check-sender-id.h"

static void
sender_id_evaluate(pool_t pool, const struct spf_query *query,
		   const struct purported_address *pra,
		   struct spf_evaluation *evaluation,
		   struct sender_id_outcome *outcome)
{
	struct spf_query pra_query = *query;
	struct spf_identity identity;
	struct spf_host host;

	/* RFC 4406 section 4.1: what MAIL FROM is for SPF, the PRA is here */
	pra_query.mail_from = t_strconcat(pra->local_part, "@", pra->domain,
					  NULL);
	spf_identity_mail_from(&pra_query, &identity);
	/* a single label is not asked for (RFC 7208 section 4.3) */
	if (identity.domain == NULL)
		return;
	spf_identity_macro_values(&pra_query, &identity, &evaluation->values);
	spf_check_host(evaluation, identity.domain, &host);
	outcome->result = host.result;
	outcome->version = host.version;
	outcome->reason = host.reason;
	if (host.result == CHECK_RESULT_NONE && host.nonexistent) {
		outcome->result = CHECK_RESULT_FAIL;
		outcome->reason = "the domain does not exist";
	}
	outcome->explanation =
		p_strdup(pool, spf_explain(evaluation, &host));
	outcome->reason = p_strdup(pool, str_sanitize(outcome->reason,
					AUTHRES_MAX_REASON_BYTES));
	outcome->term_lookups = evaluation->term_lookups;
	outcome->void_lookups = evaluation->void_lookups;
}

void check_sender_id(pool_t pool, const struct spf_query *query,
		     const struct purported_address *pra,
		     struct dns_session *dns,
		     struct sender_id_outcome *outcome_r)
{
	struct spf_evaluation evaluation;

	i_zero(outcome_r);
	outcome_r->field = pra->field;
	outcome_r->domain = p_strdup(pool, pra->domain);
	if (pra->domain == NULL) {
		outcome_r->result = CHECK_RESULT_PERMERROR;
		outcome_r->detail = p_strdup(pool, pra->reason);
		outcome_r->reason = "no purported responsible address";
		return;
	}
	outcome_r->result = CHECK_RESULT_NONE;
	i_zero(&evaluation);
	evaluation.pool = pool_alloconly_create("sender-id evaluation", 2048);
	evaluation.dns = dns;
	evaluation.scope = SPF_SCOPE_PRA;
	T_BEGIN {
		sender_id_evaluate(pool, query, pra, &evaluation, outcome_r);
	} T_END;
	pool_unref(&evaluation.pool);
}

void check_sender_id_report(pool_t pool,
			    const struct sender_id_outcome *outcome,
			    struct check_result *result_r)
{
	i_zero(result_r);
	result_r->method = CHECK_METHOD_SENDER_ID;
	result_r->result = outcome->result;
	result_r->comment = outcome->version != NULL ?
		p_strconcat(pool, outcome->version, " record", NULL) :
		p_strdup(pool, outcome->detail);
	result_r->reason = p_strdup(pool, str_sanitize(
		outcome->explanation != NULL ?
		outcome->explanation : outcome->reason,
		AUTHRES_MAX_REASON_BYTES));
	if (outcome->stale)
		check_result_set_stale(pool, result_r);
	/* the local part is nobody's business: RFC 5451 section 2.4.2 */
	if (outcome->domain != NULL) {
		check_result_add_property(pool, result_r, "header",
					  outcome->field, outcome->domain);
	}
}
