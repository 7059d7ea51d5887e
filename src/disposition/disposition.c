/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-settings.h"
#include "verdict-policy.h"
#include "disposition.h"

#include <ctype.h>

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

bool disposition_may_be_allowed(const struct verdict *verdict)
{
	return verdict_is_unproven(verdict) &&
		!verdict->bad_author && !verdict->phishing &&
		(verdict->list_domain != NULL || verdict->forwarder != NULL);
}

/* The user's own allowance stands against the policy. */
static bool disposition_is_allowed(const struct disposition_query *query)
{
	return query->allowed_through != NULL &&
		disposition_may_be_allowed(query->verdict);
}

static enum disposition_action
decide_reject(const struct disposition_query *query, const char **note_r)
{
	enum authres_reject_action action = query->set->reject_action;

	if (action == AUTHRES_REJECT_ACTION_KEEP) {
		*note_r = "authres_reject_action is keep";
		return DISPOSITION_KEEP;
	}
	if (action != AUTHRES_REJECT_ACTION_REJECT)
		return DISPOSITION_JUNK;
	if (!query->can_reject) {
		*note_r = "it was not rejected, because local delivery cannot";
		return DISPOSITION_JUNK;
	}
	/* A queueing MTA turns the rejection into a bounce, which must not go
	   to somebody who sent nothing. */
	if (!query->verdict->mail_from_spf_pass) {
		*note_r = "it was not rejected, because MAIL FROM has no SPF "
			"pass and a bounce could hit a bystander";
		return DISPOSITION_JUNK;
	}
	return DISPOSITION_REJECT;
}

static enum disposition_action
decide_enforced(const struct disposition_query *query, const char **note_r)
{
	const struct authres_settings *set = query->set;

	/* no domain has asked for more than suspicion */
	if (query->verdict->policy == DMARC_POLICY_REJECT &&
	    !query->verdict->bad_author)
		return decide_reject(query, note_r);
	if (set->quarantine_action != AUTHRES_QUARANTINE_ACTION_KEEP)
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
	enum authres_temperror_action action = query->set->temperror_action;

	if (action == AUTHRES_TEMPERROR_ACTION_KEEP) {
		*note_r = "authres_temperror_action is keep";
		return DISPOSITION_KEEP;
	}
	if (decide_enforced(query, note_r) == DISPOSITION_KEEP)
		return DISPOSITION_KEEP;
	*note_r = NULL;
	if (action != AUTHRES_TEMPERROR_ACTION_JUNK &&
	    query->verdict->may_wait) {
		*note_r = "it waits at the sending mail server, because DNS "
			"may still answer";
		return DISPOSITION_TEMPFAIL;
	}
	return DISPOSITION_JUNK;
}

static enum disposition_action
decide_temperror(const struct disposition_query *query, const char **note_r)
{
	if (query->set->temperror_action == AUTHRES_TEMPERROR_ACTION_TEMPFAIL)
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
	if (query->set->mode == AUTHRES_MODE_TAG) {
		*note_r = "it was only tagged, because authres_mode is tag";
		return DISPOSITION_KEEP;
	}
	if (query->shared_destination) {
		*note_r = "it was only tagged where it went";
		return DISPOSITION_KEEP;
	}
	return action;
}

static void
keyword_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
	    const char *keyword)
{
	const char *const *added;

	if (!authres_keyword_is_valid(keyword))
		return;
	array_foreach(keywords, added) {
		if (strcasecmp(*added, keyword) == 0)
			return;
	}
	keyword = p_strdup(pool, keyword);
	array_push_back(keywords, &keyword);
}

static void
keywords_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
	     const char *const *words)
{
	for (; *words != NULL; words++)
		keyword_add(pool, keywords, *words);
}

/* "$SPFSoftfail" */
static const char *t_method_keyword(const struct check_result *result)
{
	const char *method = check_method_name(result->method);
	const char *word = check_result_word_name(result->result);
	string_t *str = t_str_new(32);

	str_append_c(str, '$');
	for (; *method != '\0'; method++) {
		if (i_isalnum(*method))
			str_append_c(str, i_toupper(*method));
	}
	str_append_c(str, i_toupper(*word));
	str_append(str, word + 1);
	return str_c(str);
}

static const struct check_result *
setting_method_find(const struct verdict *verdict, const char *name)
{
	enum check_method method;

	if (check_method_setting_parse(name, &method) < 0)
		return NULL;
	return verdict_find_best(verdict, method);
}

static void
method_keywords_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
		    const struct verdict *verdict, const char *const *methods)
{
	const struct check_result *result;

	for (; *methods != NULL; methods++) T_BEGIN {
		result = setting_method_find(verdict, *methods);
		/* Maildir has names for 26 keywords: none for nothing */
		if (result != NULL && result->result != CHECK_RESULT_NONE)
			keyword_add(pool, keywords, t_method_keyword(result));
	} T_END;
}

static void
dmarc_keywords_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
		   const struct disposition_query *query)
{
	const struct verdict *verdict = query->verdict;
	const struct authres_settings *set = query->set;

	if (verdict->dmarc == CHECK_RESULT_PASS && !verdict->bad_author)
		keywords_add(pool, keywords, set->keyword_pass);
	if (verdict->dmarc == CHECK_RESULT_FAIL || verdict->bad_author)
		keywords_add(pool, keywords, set->keyword_fail);
	if (verdict->dmarc == CHECK_RESULT_TEMPERROR || verdict->temperror ||
	    verdict->may_fail)
		keywords_add(pool, keywords, set->keyword_temperror);
	if (verdict_policy_is_overridden(verdict) ||
	    disposition_is_allowed(query))
		keywords_add(pool, keywords, set->keyword_override);
	if (verdict->phishing && verdict_fails_enforced_policy(verdict))
		keywords_add(pool, keywords, set->keyword_phishing);
}

static const char *const *
disposition_keywords(pool_t pool, const struct disposition_query *query,
		     enum disposition_action action)
{
	const struct authres_settings *set = query->set;
	ARRAY_TYPE(const_string) keywords;

	p_array_init(&keywords, pool, 8);
	if (query->verdict->origin == MAIL_ORIGIN_EXTERNAL) {
		dmarc_keywords_add(pool, &keywords, query);
		if (action == DISPOSITION_JUNK)
			keywords_add(pool, &keywords, set->keyword_junk);
		method_keywords_add(pool, &keywords, query->verdict,
				    set->keyword_methods);
	}
	array_append_zero(&keywords);
	return array_front(&keywords);
}

static enum disposition_sieve
junk_sieve_get(const struct authres_settings *set)
{
	switch (set->junk_sieve) {
	case AUTHRES_JUNK_SIEVE_SKIP:
		return DISPOSITION_SIEVE_SKIP;
	case AUTHRES_JUNK_SIEVE_GLOBAL:
		return DISPOSITION_SIEVE_GLOBAL;
	case AUTHRES_JUNK_SIEVE_RUN:
		return DISPOSITION_SIEVE_RUN;
	}
	i_unreached();
}

void disposition_decide(pool_t pool, const struct disposition_query *query,
			struct disposition *disposition_r)
{
	const struct verdict *verdict = query->verdict;
	const char *note;

	i_zero(disposition_r);
	if (query->set->mode == AUTHRES_MODE_OFF) {
		disposition_r->keywords = p_new(pool, const char *, 1);
		disposition_r->off = TRUE;
		return;
	}
	T_BEGIN {
		disposition_r->action = decide_action(query, &note);
		disposition_r->note = p_strdup(pool, note);
	} T_END;
	if (disposition_r->action == DISPOSITION_JUNK)
		disposition_r->sieve = junk_sieve_get(query->set);
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
}
