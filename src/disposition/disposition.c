#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "disposition-private.h"

const char *disposition_action_name(enum disposition_action action)
{
	switch (action) {
	case DISPOSITION_KEEP:
		return "keep";
	case DISPOSITION_JUNK:
		return "junk";
	case DISPOSITION_REJECT:
		return "reject";
	case DISPOSITION_TEMPFAIL:
		return "tempfail";
	}
	i_unreached();
}

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
	case OVERRIDE_REASON_OTHER:
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

bool disposition_may_be_allowed(const struct verdict *verdict)
{
	return verdict_is_unproven(verdict) &&
		!verdict->bad_author && !verdict->phishing &&
		(verdict->list_domain != NULL || verdict->forwarder != NULL);
}

bool disposition_is_allowed(const struct disposition_query *query)
{
	return query->allowed_through != NULL &&
		disposition_may_be_allowed(query->verdict);
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

static enum disposition_action
decide_reject(const struct disposition_query *query, const char **note_r)
{
	const char *action = query->set->reject_action;

	if (strcmp(action, "keep") == 0) {
		*note_r = "authres_reject_action is keep";
		return DISPOSITION_KEEP;
	}
	if (strcmp(action, "reject") != 0)
		return DISPOSITION_JUNK;
	if (!query->can_reject) {
		*note_r = "it was not rejected, since local delivery cannot";
		return DISPOSITION_JUNK;
	}
	/* A queueing MTA turns the rejection into a bounce, which must not go
	   to somebody who sent nothing. */
	if (!query->verdict->mail_from_spf_pass) {
		*note_r = "it was not rejected, since the reverse-path has "
			"no SPF pass and a bounce could hit a bystander";
		return DISPOSITION_JUNK;
	}
	return DISPOSITION_REJECT;
}

static enum disposition_action
decide_enforced(const struct disposition_query *query, const char **note_r)
{
	const struct authres_settings *set = query->set;

	if (query->verdict->bad_author) {
		if (strcmp(set->bad_author_action, "keep") != 0)
			return DISPOSITION_JUNK;
		*note_r = "authres_bad_author_action is keep";
		return DISPOSITION_KEEP;
	}
	if (query->verdict->policy == DMARC_POLICY_REJECT)
		return decide_reject(query, note_r);
	if (strcmp(set->quarantine_action, "keep") != 0)
		return DISPOSITION_JUNK;
	*note_r = "authres_quarantine_action is keep";
	return DISPOSITION_KEEP;
}

static bool verdict_is_temperror(const struct verdict *verdict)
{
	return verdict->origin == MAIL_ORIGIN_EXTERNAL &&
		(verdict->temperror || verdict->may_fail ||
		 verdict->dmarc == CHECK_RESULT_TEMPERROR);
}

/* Whoever forges chooses names that do not answer: no policy is to end there.
   An outage ends by itself, so there is time for another attempt. */
static enum disposition_action
decide_may_fail(const struct disposition_query *query, const char **note_r)
{
	const char *action = query->set->temperror_action;

	if (strcmp(action, "keep") == 0) {
		*note_r = "authres_temperror_action is keep";
		return DISPOSITION_KEEP;
	}
	if (decide_enforced(query, note_r) == DISPOSITION_KEEP)
		return DISPOSITION_KEEP;
	*note_r = NULL;
	if (strcmp(action, "junk") != 0 && query->verdict->may_wait) {
		*note_r = "it waits at the mail server that brought it, since "
			"that may still be found out";
		return DISPOSITION_TEMPFAIL;
	}
	return DISPOSITION_JUNK;
}

static enum disposition_action
decide_temperror(const struct disposition_query *query, const char **note_r)
{
	if (strcmp(query->set->temperror_action, "tempfail") == 0)
		return DISPOSITION_TEMPFAIL;
	if (verdict_is_unproven(query->verdict))
		return decide_may_fail(query, note_r);
	return DISPOSITION_KEEP;
}

static enum disposition_action
decide_action(const struct disposition_query *query, const char **note_r)
{
	enum disposition_action action;

	*note_r = NULL;
	if (disposition_is_allowed(query)) {
		*note_r = t_strdup_printf("the user allows mail of this author "
					  "that comes through %s",
					  query->allowed_through);
		return DISPOSITION_KEEP;
	}
	if (verdict_fails_enforced_policy(query->verdict))
		action = decide_enforced(query, note_r);
	else if (query->verdict->unjudged) {
		/* whatever authres_temperror_action says of names that do not
		   answer: a message that ends its verifier is no outage */
		action = DISPOSITION_TEMPFAIL;
	} else if (verdict_is_temperror(query->verdict))
		action = decide_temperror(query, note_r);
	else
		return DISPOSITION_KEEP;

	if (action == DISPOSITION_KEEP)
		return action;
	if (strcmp(query->set->mode, "tag") == 0) {
		*note_r = "it was only tagged, since authres_mode is tag";
		return DISPOSITION_KEEP;
	}
	if (query->shared_destination) {
		*note_r = "it was only tagged where it went";
		return DISPOSITION_KEEP;
	}
	return action;
}

static const char *
t_disposition_reply(enum disposition_action action, const char *explanation)
{
	switch (action) {
	case DISPOSITION_KEEP:
	case DISPOSITION_JUNK:
		return NULL;
	case DISPOSITION_REJECT:
		break;
	case DISPOSITION_TEMPFAIL:
		return "Sender authentication could not be completed, "
			"try again later";
	}
	return t_strconcat("Rejected: ", explanation, NULL);
}

void disposition_decide(pool_t pool, const struct disposition_query *query,
			struct disposition *disposition_r)
{
	const struct verdict *verdict = query->verdict;
	const char *note, *explanation;

	i_zero(disposition_r);
	if (strcmp(query->set->mode, "off") == 0) {
		disposition_r->keywords = p_new(pool, const char *, 1);
		disposition_r->explanation = "authres_mode is off.";
		return;
	}
	disposition_r->action = decide_action(query, &note);
	disposition_r->run_sieve =
		disposition_r->action == DISPOSITION_JUNK &&
		strcmp(query->set->junk_sieve, "run") == 0;
	if (disposition_is_allowed(query)) {
		disposition_r->override_reason = OVERRIDE_REASON_LOCAL_POLICY;
		disposition_r->override_comment =
			p_strdup(pool, query->allowed_through);
	} else {
		disposition_r->override_reason =
			verdict_override_reason(verdict);
		/* the comment is about the override of the verdict only */
		if (disposition_r->override_reason == verdict->override_reason)
			disposition_r->override_comment =
				verdict->override_comment;
	}
	disposition_r->keywords =
		disposition_keywords(pool, query, disposition_r->action);
	T_BEGIN {
		explanation = t_disposition_explanation(verdict, note);
		disposition_r->explanation = p_strdup(pool, explanation);
		disposition_r->reply = p_strdup(pool,
			t_disposition_reply(disposition_r->action,
					    explanation));
	} T_END;
}
