/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "verdict-policy.h"
#include "history-day.h"
#include "history-disposition.h"


static void
set_reason(struct history_row *row, enum history_reason reason,
	   const char *comment)
{
	row->reason = reason;
	row->reason_comment =
		t_history_text(comment, AUTHRES_MAX_COMMENT_BYTES);
}

static enum history_reason
reason_of_override(enum override_reason reason)
{
	switch (reason) {
	case OVERRIDE_REASON_LOCAL_POLICY:
		return HISTORY_REASON_LOCAL_POLICY;
	case OVERRIDE_REASON_TRUSTED_FORWARDER:
		return HISTORY_REASON_TRUSTED_FORWARDER;
	case OVERRIDE_REASON_MAILING_LIST:
		return HISTORY_REASON_MAILING_LIST;
	case OVERRIDE_REASON_POLICY_TEST_MODE:
		return HISTORY_REASON_POLICY_TEST_MODE;
	case OVERRIDE_REASON_SAMPLED_OUT:
		return HISTORY_REASON_SAMPLED_OUT;
	case OVERRIDE_REASON_NONE:
		break;
	}
	return HISTORY_REASON_NONE;
}

static enum history_disposition
disposition_of_outcome(enum history_outcome outcome)
{
	switch (outcome) {
	case HISTORY_OUTCOME_JUNK:
		return HISTORY_DISPOSITION_QUARANTINE;
	case HISTORY_OUTCOME_REJECTED:
		return HISTORY_DISPOSITION_REJECT;
	case HISTORY_OUTCOME_DELIVERED:
		break;
	}
	return HISTORY_DISPOSITION_NONE;
}

/* A failing message: what the policy asks for, and what was done. */
static void
find_reason(const struct verdict *verdict,
	    const struct disposition *disposition, struct history_row *row)
{
	enum override_reason global = verdict->override_reason;
	enum history_disposition asked =
		verdict->policy == DMARC_POLICY_REJECT ?
		HISTORY_DISPOSITION_REJECT :
		verdict->policy == DMARC_POLICY_QUARANTINE ?
		HISTORY_DISPOSITION_QUARANTINE : HISTORY_DISPOSITION_NONE;

	if (verdict_policy_is_our_own(verdict)) {
		/* the owner asked for nothing */
		if (row->disposition != HISTORY_DISPOSITION_NONE) {
			set_reason(row, HISTORY_REASON_LOCAL_POLICY,
				   HISTORY_COMMENT_OWN_DOMAIN);
		}
	} else if (row->disposition == asked) {
		/* the owner's own doing, if it is less than published */
		if (verdict->policy != verdict->history.published_policy) {
			set_reason(row, reason_of_override(
				verdict_override_reason(verdict)), NULL);
		}
	} else if (global != OVERRIDE_REASON_NONE) {
		set_reason(row, reason_of_override(global),
			   verdict->override_comment);
	} else if (disposition->override_reason ==
		   OVERRIDE_REASON_LOCAL_POLICY) {
		/* the owner must not learn about a user's choice */
		set_reason(row, HISTORY_REASON_LOCAL_POLICY, NULL);
	} else if (row->disposition == HISTORY_DISPOSITION_QUARANTINE) {
		set_reason(row, HISTORY_REASON_LOCAL_POLICY,
			   "reject is filed in Junk");
	} else {
		set_reason(row, HISTORY_REASON_LOCAL_POLICY,
			   "not enforced here");
	}
}

static void
fill_disposition(const struct verdict *verdict,
		 const struct disposition *disposition,
		 struct history_row *row)
{
	switch (verdict->dmarc) {
	case CHECK_RESULT_PASS:
		/* filed in Junk by somebody else's rule is no policy */
		row->disposition = *row->config != '\0' &&
			verdict->history.published_policy !=
			DMARC_POLICY_NONE ?
			HISTORY_DISPOSITION_PASS : HISTORY_DISPOSITION_NONE;
		break;
	case CHECK_RESULT_FAIL:
		find_reason(verdict, disposition, row);
		break;
	case CHECK_RESULT_TEMPERROR:
		set_reason(row, HISTORY_REASON_OTHER, "DNS failure");
		break;
	default:
		break;
	}
}

static void
add_signature(struct history_row *row, const struct check_result *result)
{
	const char *domain = check_result_property(result, "header", "d");
	const char *selector = check_result_property(result, "header", "s");
	struct history_dkim *dkim;

	if (domain == NULL || selector == NULL ||
	    row->dkim_count == N_ELEMENTS(row->dkim))
		return;
	domain = t_str_lcase(domain);
	selector = t_str_lcase(selector);
	if (!verdict_domain_is_valid(domain) ||
	    !history_selector_is_valid(selector))
		return;
	dkim = &row->dkim[row->dkim_count++];
	dkim->domain = domain;
	dkim->selector = selector;
	dkim->result = result->result;
	dkim->human_result = result->result == CHECK_RESULT_PASS ? NULL :
		t_history_text(result->reason, AUTHRES_MAX_HUMAN_RESULT_BYTES);
}

static void
set_spf(struct history_row *row, const struct check_result *result)
{
	const char *domain = t_check_result_domain(result);

	if (row->spf.domain != NULL || domain == NULL)
		return;
	domain = t_str_lcase(domain);
	if (!verdict_domain_is_valid(domain))
		return;
	row->spf.domain = domain;
	row->spf.result = result->result;
	/* the reason of fail is the domain owner's own text */
	row->spf.human_result = result->result == CHECK_RESULT_TEMPERROR ||
		result->result == CHECK_RESULT_PERMERROR ?
		t_history_text(result->reason,
			       AUTHRES_MAX_HUMAN_RESULT_BYTES) : NULL;
}

/* Results of RFC 8601 that are none of RFC 9990's words are left out. */
static void
fill_results(const struct verdict *verdict, struct history_row *row)
{
	const struct check_result *result;

	if (!array_is_created(&verdict->results))
		return;
	array_foreach(&verdict->results, result) {
		if (!check_method_has_result(result->method, result->result))
			continue;
		if (result->method == CHECK_METHOD_DKIM)
			add_signature(row, result);
		else if (result->method == CHECK_METHOD_SPF)
			set_spf(row, result);
	}
}

/* Its policy and identities, if there is a record and one author. */
static void
fill_policy(pool_t pool, const struct verdict *verdict,
	    struct history_record *record)
{
	const struct verdict_history *history = &verdict->history;
	struct history_row *row = &record->row;

	row->policy_domain = HISTORY_NO_DOMAIN;
	row->config = "";
	published_policy_init(&record->policy);
	if (history->published == NULL || verdict->policy_domain == NULL ||
	    verdict->author_domain == NULL || verdict->bad_author ||
	    strcmp(verdict->policy_domain, HISTORY_NO_DOMAIN) == 0 ||
	    published_policy_parse(pool, history->published,
				   &record->policy) < 0)
		return;
	row->policy_domain = verdict->policy_domain;
	row->config = t_published_policy_config(&record->policy);
	row->header_from = verdict->author_domain;
	row->envelope_from = history->envelope_from;
	row->source_ip = verdict->client_ip;
	row->dkim_aligned = history->dkim_aligned;
	row->spf_aligned = history->spf_aligned;
	fill_results(verdict, row);
}

/* What was made on the data stack. */
static void keep_strings(pool_t pool, struct history_row *row)
{
	row->config = p_strdup(pool, row->config);
	row->reason_comment = *row->config == '\0' ? NULL :
		p_strdup(pool, row->reason_comment);
	for (unsigned int i = 0; i < row->dkim_count; i++) {
		struct history_dkim *dkim = &row->dkim[i];

		dkim->domain = p_strdup(pool, dkim->domain);
		dkim->selector = p_strdup(pool, dkim->selector);
		dkim->human_result = p_strdup(pool, dkim->human_result);
	}
	row->spf.domain = p_strdup(pool, row->spf.domain);
	row->spf.human_result = p_strdup(pool, row->spf.human_result);
}

bool history_disposition_record(pool_t pool, const struct verdict *verdict,
				const struct disposition *disposition,
				enum history_outcome outcome, time_t time,
				struct history_record *record_r)
{
	struct history_row *row = &record_r->row;

	i_zero(record_r);
	if (verdict->origin != MAIL_ORIGIN_EXTERNAL || verdict->unjudged)
		return FALSE;
	record_r->message_number = verdict->history.message_number;
	row->day = history_day(time);
	row->event = HISTORY_EVENT_DELIVERED;
	row->dmarc = verdict->dmarc;
	row->disposition = disposition_of_outcome(outcome);
	row->automatic = verdict->history.automatic;
	row->outside_junk = outcome == HISTORY_OUTCOME_DELIVERED;
	fill_policy(pool, verdict, record_r);
	fill_disposition(verdict, disposition, row);
	keep_strings(pool, row);
	return history_row_is_valid(row);
}

void history_disposition_merge(struct history_record *record,
			       const struct history_record *other)
{
	bool outside_junk = record->row.outside_junk ||
		other->row.outside_junk;

	if (other->row.disposition > record->row.disposition)
		*record = *other;
	record->row.outside_junk = outside_junk;
}
