/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "known-reasons.h"
#include "check-dmarc.h"

/* What is published, and who asks for more: "p=none, our own domain". */
static const char *t_policy_comment(const struct dmarc_outcome *outcome)
{
	const char *comment = NULL;

	if (outcome->policy_tag != NULL &&
	    (outcome->result == CHECK_RESULT_PASS ||
	     outcome->result == CHECK_RESULT_FAIL || outcome->may_fail)) {
		comment = t_known_policy(outcome->policy_tag,
					 outcome->published_policy);
	}
	return outcome->own_domain ? t_known_own_domain(comment) : comment;
}

void check_dmarc_report(pool_t pool, const struct dmarc_outcome *outcome,
			enum override_reason override_reason,
			const char *override_comment,
			struct check_result *result_r)
{
	const char *reason = outcome->reason;

	i_zero(result_r);
	result_r->method = CHECK_METHOD_DMARC;
	result_r->result = outcome->result;
	if (override_reason == OVERRIDE_REASON_NONE) {
		override_reason = outcome->override_reason;
		override_comment = NULL;
	}
	/* only a failing policy can be overridden */
	if (outcome->result != CHECK_RESULT_FAIL)
		override_reason = OVERRIDE_REASON_NONE;

	T_BEGIN {
		if (override_reason != OVERRIDE_REASON_NONE) {
			reason = t_known_override(override_reason,
						  override_comment);
		}
		result_r->reason = p_strdup(pool,
			str_sanitize(reason, AUTHRES_MAX_REASON_BYTES));
		result_r->comment = p_strdup(pool, t_policy_comment(outcome));
		if (outcome->stale)
			check_result_set_stale(pool, result_r);
		check_result_add_property(pool, result_r, "header", "from",
					  outcome->author_domain);
		if (outcome->result == CHECK_RESULT_FAIL ||
		    outcome->may_fail ||
		    (outcome->result == CHECK_RESULT_PERMERROR &&
		     outcome->policy != DMARC_POLICY_NONE)) {
			check_result_add_property(pool, result_r, "policy",
				"dmarc", dmarc_policy_name(outcome->policy));
		}
		if (override_reason != OVERRIDE_REASON_NONE) {
			check_result_add_property(pool, result_r, "policy",
				"override-reason",
				override_reason_name(override_reason));
		}
	} T_END;
}
