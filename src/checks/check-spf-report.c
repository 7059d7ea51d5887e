/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "check-spf.h"

/* The reverse-path as the field shows it: with its domain in A-labels, and
   without a local part that is not plain. */
static const char *
spf_report_mail_from(const struct spf_query *query,
		     const struct spf_outcome *outcome)
{
	const char *at, *p;

	if (outcome->domain == NULL) {
		return str_sanitize(query->mail_from,
				    AUTHRES_MAX_DOMAIN_BYTES);
	}
	at = strrchr(query->mail_from, '@');
	if (at == NULL || at == query->mail_from ||
	    at - query->mail_from > AUTHRES_MAX_LABEL_BYTES)
		return outcome->domain;
	for (p = query->mail_from; p < at; p++) {
		if (*p < 0x20 || *p > 0x7e)
			return outcome->domain;
	}
	return t_strdup_printf("%s@%s", t_strdup_until(query->mail_from, at),
			       outcome->domain);
}

static const char *spf_report_comment(const struct spf_outcome *outcome)
{
	if (outcome->mechanism == NULL)
		return NULL;
	return t_strdup_printf("%s in %s", outcome->mechanism,
			       outcome->mechanism_domain);
}

void check_spf_report(pool_t pool, const struct spf_query *query,
		      const struct spf_outcome *outcome,
		      struct check_result *result_r)
{
	i_zero(result_r);
	result_r->method = CHECK_METHOD_SPF;
	result_r->result = outcome->result;
	T_BEGIN {
		result_r->comment = p_strdup(pool,
			str_sanitize(spf_report_comment(outcome),
				     AUTHRES_MAX_COMMENT_BYTES));
		result_r->reason = p_strdup(pool,
			str_sanitize(outcome->explanation != NULL ?
				     outcome->explanation : outcome->reason,
				     AUTHRES_MAX_REASON_BYTES));
		if (outcome->stale)
			check_result_set_stale(pool, result_r);
		if (!outcome->helo_identity) {
			check_result_add_property(pool, result_r, "smtp",
				"mailfrom", query->mail_from == NULL ? NULL :
				spf_report_mail_from(query, outcome));
		} else {
			check_result_add_property(pool, result_r, "smtp",
				"helo", outcome->domain != NULL ?
				outcome->domain :
				str_sanitize(query->helo,
					     AUTHRES_MAX_DOMAIN_BYTES));
		}
	} T_END;
}
