/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "known-reasons.h"
#include "verdict-policy.h"

enum override_reason verdict_override_reason(const struct verdict *verdict)
{
	const struct check_result *dmarc;
	enum override_reason reason;
	const char *name;

	if (verdict->dmarc != CHECK_RESULT_FAIL)
		return OVERRIDE_REASON_NONE;
	if (verdict->override_reason != OVERRIDE_REASON_NONE)
		return verdict->override_reason;
	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	name = dmarc == NULL ? NULL :
		check_result_property(dmarc, "policy", "override-reason");
	if (name == NULL || override_reason_parse(name, &reason) < 0)
		return OVERRIDE_REASON_NONE;
	return reason;
}

bool verdict_policy_is_overridden(const struct verdict *verdict)
{
	switch (verdict->override_reason) {
	case OVERRIDE_REASON_NONE:
	case OVERRIDE_REASON_POLICY_TEST_MODE:
	case OVERRIDE_REASON_SAMPLED_OUT:
		return FALSE;
	case OVERRIDE_REASON_LOCAL_POLICY:
	case OVERRIDE_REASON_TRUSTED_FORWARDER:
	case OVERRIDE_REASON_MAILING_LIST:
		break;
	}
	return verdict->dmarc == CHECK_RESULT_FAIL;
}

bool verdict_fails_enforced_policy(const struct verdict *verdict)
{
	if (verdict->origin != MAIL_ORIGIN_EXTERNAL)
		return FALSE;
	if (verdict->bad_author)
		return verdict->bad_author_enforced;
	return verdict->dmarc == CHECK_RESULT_FAIL &&
		verdict->policy != DMARC_POLICY_NONE &&
		!verdict_policy_is_overridden(verdict);
}

bool verdict_is_unproven(const struct verdict *verdict)
{
	return verdict_fails_enforced_policy(verdict) ||
		(verdict->origin == MAIL_ORIGIN_EXTERNAL && verdict->may_fail);
}

/* Of several dmarc entries the first that asks for something. */
const char *verdict_failed_policy(const struct verdict *verdict)
{
	const struct check_result *result;
	enum dmarc_policy policy, strictest = DMARC_POLICY_NONE;
	const char *value;

	if (!verdict->bad_author) {
		return verdict->dmarc != CHECK_RESULT_FAIL &&
			!verdict->may_fail ? "" :
			dmarc_policy_name(verdict->policy);
	}
	if (!verdict->bad_author_enforced && !verdict->may_fail)
		return "";
	array_foreach(&verdict->results, result) {
		value = check_result_property(result, "policy", "dmarc");
		if (result->method == CHECK_METHOD_DMARC && value != NULL &&
		    dmarc_policy_parse(value, &policy) == 0)
			strictest = I_MAX(strictest, policy);
	}
	return dmarc_policy_name(strictest);
}

bool verdict_policy_is_our_own(const struct verdict *verdict)
{
	const struct check_result *dmarc;

	if (!array_is_created(&verdict->results))
		return FALSE;
	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	return dmarc != NULL && known_own_domain_is(dmarc);
}

bool verdict_author_is_hidden(const struct verdict *verdict)
{
	const struct check_result *result;
	enum dmarc_policy policy;
	const char *value;

	if (!verdict->bad_author_enforced ||
	    !array_is_created(&verdict->results))
		return FALSE;
	array_foreach(&verdict->results, result) {
		value = check_result_property(result, "policy", "dmarc");
		if (result->method == CHECK_METHOD_DMARC &&
		    result->result == CHECK_RESULT_FAIL && value != NULL &&
		    dmarc_policy_parse(value, &policy) == 0 &&
		    policy != DMARC_POLICY_NONE)
			return FALSE;
	}
	return TRUE;
}
