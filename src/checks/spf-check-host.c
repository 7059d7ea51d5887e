/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "domain-name.h"
#include "spf-mechanism.h"
#include "spf-names.h"
#include "spf-record.h"
#include "spf-scope.h"
#include "spf-check-host.h"

static void spf_host_end(struct spf_host *host, enum check_result_word result,
			 const char *mechanism, const char *reason)
{
	host->result = result;
	host->mechanism = mechanism;
	host->reason = reason;
}

static void spf_host_permerror(struct spf_evaluation *evaluation,
			       struct spf_host *host, const char *reason)
{
	spf_host_end(host, CHECK_RESULT_PERMERROR, NULL,
		     p_strdup_printf(evaluation->pool, "%s: %s", host->domain,
				     reason));
}

/* The one record among those of the TXT answer (section 4.5). Returns FALSE if
   there is none or too many. */
static bool
spf_host_select_record(struct spf_evaluation *evaluation,
		       struct spf_host *host, const struct dns_answer *answer,
		       struct spf_selection *selection_r)
{
	int ret;

	ret = spf_select_record(answer, evaluation->scope, selection_r);
	if (ret < 0) {
		spf_host_permerror(evaluation, host, evaluation->scope == NULL ?
			"more than one SPF record" : t_strdup_printf(
			"more than one %s record for scope %s",
			selection_r->version, evaluation->scope));
	}
	if (ret > 0)
		host->version = selection_r->version;
	return ret > 0;
}

/* Returns TRUE if there is a record to evaluate, else the host is filled. */
static bool
spf_host_read_record(struct spf_evaluation *evaluation, struct spf_host *host,
		     struct spf_record *record_r)
{
	const struct dns_answer *answer;
	struct spf_selection selection;
	const char *error;

	host->result = CHECK_RESULT_NONE;
	host->version = NULL;
	if (domain_label_count(host->domain) < 2)
		return FALSE;
	answer = dns_session_lookup(evaluation->dns, host->domain,
				    DNS_TYPE_TXT);
	if (dns_answer_is_placeholder(answer)) {
		host->unknown = TRUE;
		return FALSE;
	}
	if (answer->status == DNS_STATUS_TEMPORARY) {
		spf_host_end(host, CHECK_RESULT_TEMPERROR, NULL,
			     p_strdup_printf(evaluation->pool, "TXT %s: %s",
					     host->domain, answer->reason));
		return FALSE;
	}
	host->nonexistent = answer->status == DNS_STATUS_NXDOMAIN;
	if (answer->status != DNS_STATUS_ANSWER ||
	    !spf_host_select_record(evaluation, host, answer, &selection))
		return FALSE;
	if (spf_terms_parse(evaluation->pool,
			    selection.record->text + selection.version_size,
			    selection.record->text_size -
			    selection.version_size, record_r, &error) < 0) {
		spf_host_permerror(evaluation, host, error);
		return FALSE;
	}
	host->exp = record_r->exp;
	return TRUE;
}

/* Section 4.6.4. Returns FALSE if this is one too many. */
static bool spf_count_term(struct spf_evaluation *evaluation,
			   struct spf_host *host)
{
	if (evaluation->term_lookups == AUTHRES_MAX_SPF_TERMS) {
		spf_host_permerror(evaluation, host, t_strdup_printf(
			"more than %u terms that need DNS",
			AUTHRES_MAX_SPF_TERMS));
		return FALSE;
	}
	evaluation->term_lookups++;
	return TRUE;
}

/* Section 5.2. Recursion is bounded by spf_count_term(). */
static enum spf_match
spf_match_include(struct spf_evaluation *evaluation,
		  const struct spf_host *host,
		  const struct spf_directive *directive, const char **reason_r)
{
	struct spf_host included;
	enum spf_match match;
	const char *target;

	match = spf_target_name(evaluation, &directive->target, &target);
	if (match == SPF_MATCH_UNKNOWN)
		return match;
	if (match == SPF_MATCH_NO) {
		/* RFC 8616 section 4: such a term matches nothing. */
		if (evaluation->values.local_part == NULL)
			return match;
		target = "";
	}

	spf_check_host(evaluation, target, &included);
	evaluation->values.domain = host->domain;
	if (included.unknown)
		return SPF_MATCH_UNKNOWN;
	*reason_r = included.reason;
	switch (included.result) {
	case CHECK_RESULT_PASS:
		return SPF_MATCH_YES;
	case CHECK_RESULT_FAIL:
	case CHECK_RESULT_SOFTFAIL:
	case CHECK_RESULT_NEUTRAL:
		return SPF_MATCH_NO;
	case CHECK_RESULT_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case CHECK_RESULT_NONE:
		*reason_r = p_strdup_printf(evaluation->pool,
			"%s: %s has no SPF record", host->domain,
			directive->text);
		return SPF_MATCH_PERMERROR;
	default:
		return SPF_MATCH_PERMERROR;
	}
}

static enum spf_match
spf_host_match(struct spf_evaluation *evaluation, struct spf_host *host,
	       const struct spf_directive *directive, const char **reason_r)
{
	switch (directive->mechanism) {
	case SPF_MECHANISM_ALL:
		return SPF_MATCH_YES;
	case SPF_MECHANISM_IP4:
	case SPF_MECHANISM_IP6:
		break;
	case SPF_MECHANISM_INCLUDE:
		if (!spf_count_term(evaluation, host)) {
			*reason_r = host->reason;
			return SPF_MATCH_PERMERROR;
		}
		return spf_match_include(evaluation, host, directive,
					 reason_r);
	default:
		if (!spf_count_term(evaluation, host)) {
			*reason_r = host->reason;
			return SPF_MATCH_PERMERROR;
		}
		break;
	}
	return spf_directive_match(evaluation, directive, reason_r);
}

/* Returns TRUE if a directive gave a result. */
static bool
spf_host_walk_directives(struct spf_evaluation *evaluation,
			 struct spf_host *host,
			 const struct spf_record *record)
{
	const struct spf_directive *directive;
	const char *reason = NULL;
	enum spf_match match;

	array_foreach(&record->directives, directive) {
		T_BEGIN {
			match = spf_host_match(evaluation, host, directive,
					       &reason);
		} T_END;
		switch (match) {
		case SPF_MATCH_NO:
			break;
		case SPF_MATCH_YES:
			spf_host_end(host, directive->result, directive->text,
				     NULL);
			return TRUE;
		case SPF_MATCH_UNKNOWN:
			host->unknown = TRUE;
			break;
		case SPF_MATCH_TEMPERROR:
			spf_host_end(host, CHECK_RESULT_TEMPERROR, NULL,
				     reason);
			return TRUE;
		case SPF_MATCH_PERMERROR:
			spf_host_end(host, CHECK_RESULT_PERMERROR, NULL,
				     reason);
			return TRUE;
		}
	}
	return FALSE;
}

/* Section 6.1. Returns TRUE if host->domain is now the target, else the host
   is filled. */
static bool
spf_host_redirect(struct spf_evaluation *evaluation, struct spf_host *host,
		  const struct spf_record *record)
{
	enum spf_match match;
	const char *target;

	if (!spf_count_term(evaluation, host))
		return FALSE;
	match = spf_target_name(evaluation, &record->redirect, &target);
	switch (match) {
	case SPF_MATCH_YES:
		host->domain = p_strdup(evaluation->pool, target);
		return TRUE;
	case SPF_MATCH_UNKNOWN:
		host->unknown = TRUE;
		return FALSE;
	default:
		break;
	}
	if (evaluation->values.local_part == NULL) {
		/* RFC 8616 section 4: as if it were not there */
		spf_host_end(host, CHECK_RESULT_NEUTRAL, "default", NULL);
	} else {
		spf_host_permerror(evaluation, host, t_strdup_printf(
			"%s: malformed domain", record->redirect_text));
	}
	return FALSE;
}

void spf_check_host(struct spf_evaluation *evaluation, const char *domain,
		    struct spf_host *host_r)
{
	struct spf_record record;
	const char *redirect_text = NULL, *source = NULL;
	bool redirected;

	i_zero(host_r);
	host_r->domain = p_strdup(evaluation->pool, domain);
	do {
		evaluation->values.domain = host_r->domain;
		if (!spf_host_read_record(evaluation, host_r, &record)) {
			if (redirect_text != NULL && !host_r->unknown &&
			    host_r->result == CHECK_RESULT_NONE) {
				host_r->domain = source;
				spf_host_permerror(evaluation, host_r,
					t_strdup_printf("%s has no SPF record",
							redirect_text));
			}
			return;
		}
		if (spf_host_walk_directives(evaluation, host_r, &record))
			return;
		redirected = record.redirect.part_count > 0;
		if (!redirected) {
			spf_host_end(host_r, CHECK_RESULT_NEUTRAL, "default",
				     NULL);
			return;
		}
		redirect_text = record.redirect_text;
		source = host_r->domain;
	} while (spf_host_redirect(evaluation, host_r, &record));
}
