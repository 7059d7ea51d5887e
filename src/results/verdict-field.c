/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-field.h"
#include "known-reasons.h"
#include "verdict-comment.h"
#include "verdict-field.h"

/* There is no chain, and nothing else to say about that. */
static bool result_is_silent(const struct check_result *result)
{
	return result->method == CHECK_METHOD_ARC &&
		result->result == CHECK_RESULT_NONE &&
		result->comment == NULL && result->reason == NULL;
}

void verdict_field_write(string_t *dest, const struct verdict *verdict,
			 const char *authserv_id, const char *newline)
{
	const struct check_result *result;
	ARRAY_TYPE(check_result) results;

	t_array_init(&results, 8);
	if (array_is_created(&verdict->results)) {
		array_foreach(&verdict->results, result) {
			if (!result_is_silent(result))
				array_push_back(&results, result);
		}
	}
	authres_field_write(dest, authserv_id, &results,
			    t_verdict_comment(verdict), newline);
}

static void
read_dmarc(const struct check_result *result, struct verdict *verdict)
{
	const char *policy, *reason;

	policy = check_result_property(result, "policy", "dmarc");
	reason = check_result_property(result, "policy", "override-reason");
	verdict->dmarc = result->result;
	if (policy != NULL)
		(void)dmarc_policy_parse(policy, &verdict->policy);
	if (reason != NULL &&
	    override_reason_parse(reason, &verdict->override_reason) == 0 &&
	    verdict->override_reason != OVERRIDE_REASON_NONE) {
		verdict->override_comment = known_override_comment(
			result->reason, verdict->override_reason);
	}
	verdict->temperror = result->result == CHECK_RESULT_TEMPERROR;
	/* else it would not say which policy that is */
	verdict->may_fail = verdict->temperror && policy != NULL &&
		verdict->policy != DMARC_POLICY_NONE;
	verdict->author_domain =
		check_result_property(result, "header", "from");
	verdict->bad_author = result->result == CHECK_RESULT_PERMERROR &&
		verdict->author_domain == NULL;
	if (verdict->bad_author) {
		verdict->bad_author_enforced =
			verdict->policy != DMARC_POLICY_NONE;
		verdict->policy = DMARC_POLICY_NONE;
	}
}

/* Another domain that can be read in a bad From. */
static void
read_other_dmarc(const struct check_result *result, struct verdict *verdict)
{
	enum dmarc_policy policy;
	const char *value;

	value = check_result_property(result, "policy", "dmarc");
	if (!verdict->bad_author || value == NULL ||
	    dmarc_policy_parse(value, &policy) < 0 ||
	    policy == DMARC_POLICY_NONE)
		return;
	if (result->result == CHECK_RESULT_FAIL)
		verdict->bad_author_enforced = TRUE;
	else if (result->result == CHECK_RESULT_TEMPERROR)
		verdict->may_fail = TRUE;
}

void verdict_field_read(pool_t pool, const struct authres_field *field,
			struct verdict *verdict_r)
{
	const struct check_result *result;
	bool dmarc_seen = FALSE;

	i_zero(verdict_r);
	verdict_r->results = field->results;
	array_foreach(&field->results, result) {
		if (result->method == CHECK_METHOD_DMARC) {
			if (dmarc_seen)
				read_other_dmarc(result, verdict_r);
			else
				read_dmarc(result, verdict_r);
			dmarc_seen = TRUE;
		} else if (result->method == CHECK_METHOD_SPF &&
			   result->result == CHECK_RESULT_PASS &&
			   check_result_property(result, "smtp",
						 "mailfrom") != NULL) {
			verdict_r->mail_from_spf_pass = TRUE;
		}
	}
	if (field->comment != NULL) T_BEGIN {
		verdict_comment_read(pool, field->comment, verdict_r);
	} T_END;
}
