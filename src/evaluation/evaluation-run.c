/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "check-arc.h"
#include "dns-session.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "engine-libspf2.h"
#include "engine-libopendkim.h"
#include "upstream-results.h"
#include "assemble.h"
#include "failure-facts.h"
#include "history-facts.h"
#include "evaluation-private.h"

static bool evaluation_spf_wanted(const struct evaluation *evaluation)
{
	return evaluation_has_check(evaluation->set, CHECK_METHOD_SPF) &&
		evaluation->identity.client_ip.family != 0 &&
		!upstream_results_have(&evaluation->upstream,
				       CHECK_METHOD_SPF);
}

/* The domain of the identity that check_spf() will check, in A-labels; NULL if
   there is none. Data stack. */
static const char *evaluation_spf_domain(const struct evaluation *evaluation)
{
	const char *mail_from = evaluation->identity.mail_from;
	const char *domain, *error;

	if (mail_from == NULL)
		return NULL;
	domain = strrchr(mail_from, '@');
	domain = domain != NULL ? domain + 1 : evaluation->identity.helo;
	if (domain == NULL || domain_to_ascii(domain, &domain, &error) < 0)
		return NULL;
	return domain;
}

static enum dns_purpose
evaluation_spf_purpose(const struct evaluation *evaluation)
{
	const char *domain = evaluation_spf_domain(evaluation);

	return domain != NULL &&
		domain_may_align(domain, evaluation->author.domains) ?
		DNS_PURPOSE_POLICY : DNS_PURPOSE_MINOR;
}

static void
evaluation_check_spf(struct evaluation *evaluation,
		     check_spf_function_t *check, enum dns_purpose purpose,
		     struct spf_outcome *outcome_r)
{
	struct dns_session *dns = evaluation->dns;
	enum dns_purpose old_purpose = dns_session_set_purpose(dns, purpose);
	unsigned int stale_count = dns_session_stale_count(dns);

	check(evaluation->run_pool, &evaluation->spf_query, dns, outcome_r);
	outcome_r->stale = dns_session_stale_count(dns) != stale_count;
	(void)dns_session_set_purpose(dns, old_purpose);
}

static void
evaluation_run_spf(struct evaluation *evaluation,
		   struct spf_outcome *mail_from_r, struct spf_outcome *helo_r,
		   struct verdict_outcomes *outcomes)
{
	const struct spf_query *query = &evaluation->spf_query;
	check_spf_function_t *mail_from_check = check_spf;
	check_spf_function_t *helo_check = check_spf_helo;

#ifdef HAVE_LIBSPF2
	if (evaluation->set->spf_engine == SPF_ENGINE_LIBSPF2) {
		mail_from_check = check_spf_libspf2;
		helo_check = check_spf_helo_libspf2;
	}
#endif
	outcomes->spf_query = query;
	outcomes->check_spf = mail_from_check;
	if (query->mail_from != NULL) {
		evaluation_check_spf(evaluation, mail_from_check,
				     evaluation_spf_purpose(evaluation),
				     mail_from_r);
		outcomes->mail_from_spf = mail_from_r;
	}
	/* For the null reverse-path that was the HELO identity. */
	if (query->helo != NULL &&
	    (query->mail_from == NULL || query->mail_from[0] != '\0')) {
		evaluation_check_spf(evaluation, helo_check,
				     DNS_PURPOSE_MINOR, helo_r);
		outcomes->helo_spf = helo_r;
	}
}

static bool evaluation_sender_id_wanted(const struct evaluation *evaluation)
{
	/* only mail of strangers has a client here */
	return evaluation_has_check(evaluation->set, CHECK_METHOD_SENDER_ID) &&
		evaluation->spf_query.client_ip.family != 0;
}

static void
evaluation_run_sender_id(struct evaluation *evaluation,
			 struct sender_id_outcome *outcome_r)
{
	struct dns_session *dns = evaluation->dns;
	enum dns_purpose old_purpose =
		dns_session_set_purpose(dns, DNS_PURPOSE_MINOR);
	unsigned int stale_count = dns_session_stale_count(dns);

	check_sender_id(evaluation->run_pool, &evaluation->spf_query,
			&evaluation->pra, dns, outcome_r);
	outcome_r->stale = dns_session_stale_count(dns) != stale_count;
	(void)dns_session_set_purpose(dns, old_purpose);
}

static void
evaluation_run_dkim(struct evaluation *evaluation,
		    struct verdict_outcomes *outcomes)
{
	outcomes->dkim_evaluated = TRUE;
#ifdef HAVE_LIBOPENDKIM
	if (evaluation->libopendkim != NULL) {
		engine_libopendkim_verify(evaluation->libopendkim,
					  evaluation->dns, &outcomes->dkim);
		return;
	}
#endif
	check_dkim_verify(evaluation->dkim, evaluation->dns, &outcomes->dkim);
}

static void
evaluation_run_dmarc(struct evaluation *evaluation,
		     struct verdict_outcomes *outcomes)
{
	const struct evaluation_settings *set = evaluation->set;
	struct dmarc_query query;

	i_zero(&query);
	query.author = &evaluation->author;
	query.spf = outcomes->mail_from_spf;
	if (evaluation->identity.client_hides)
		;
	else if (evaluation->identity.client_ip.family == 0)
		query.spf_missing_reason = "client address unknown";
	else if (evaluation_has_check(set, CHECK_METHOD_SPF))
		query.spf_missing_reason = "envelope sender unknown";
	query.dkim = &outcomes->dkim;
	query.sample = check_dmarc_sample(evaluation->header);
	outcomes->dmarc_evaluated = TRUE;
	if (upstream_results_have(&evaluation->upstream, CHECK_METHOD_DMARC)) {
		upstream_results_dmarc(&evaluation->upstream,
				       evaluation->run_pool, &set->dmarc,
				       &query, evaluation->dns,
				       &outcomes->dmarc);
		return;
	}
	check_dmarc(evaluation->run_pool, &set->dmarc, &query,
		    evaluation->dns, &outcomes->dmarc);
}

/* The outcomes of SPF, DKIM and ARC that a filter gave. */
static void
use_upstream(struct upstream_results *results,
	     struct verdict_outcomes *outcomes)
{
	outcomes->upstream = results;
	if (upstream_results_have(results, CHECK_METHOD_SPF)) {
		outcomes->spf_query = &results->spf_query;
		outcomes->mail_from_spf = &results->mail_from_spf;
		if (results->has_helo_spf)
			outcomes->helo_spf = &results->helo_spf;
	}
	if (upstream_results_have(results, CHECK_METHOD_DKIM)) {
		outcomes->dkim_evaluated = TRUE;
		outcomes->dkim = results->dkim;
	}
	if (upstream_results_have(results, CHECK_METHOD_ARC))
		outcomes->arc = &results->arc;
}

/* NULL: all of the message was looked at. */
static const char *evaluation_cut_reason(struct evaluation *evaluation)
{
	const char *limit_reason = evaluation->header->limit_reason;

	if (evaluation->cut_reason != NULL || limit_reason == NULL)
		return evaluation->cut_reason;
	return p_strconcat(evaluation->run_pool, "header cut: ", limit_reason,
			   NULL);
}

/* Whoever dates it himself can only make it older: it never waits longer. */
static bool evaluation_may_wait(const struct evaluation *evaluation)
{
	const struct identity *identity = &evaluation->identity;

	return evaluation->verdict.may_fail && identity->accepted_time != 0 &&
		evaluation->request->received_time - identity->accepted_time <
			(time_t)evaluation->set->temperror_wait_secs;
}

static void
evaluation_find_failure(struct evaluation *evaluation,
			const struct verdict_outcomes *outcomes)
{
	struct verdict_history *history = &evaluation->verdict.history;

	history->failure = failure_facts_find(evaluation->run_pool, outcomes,
					      evaluation->header, history,
					      evaluation->dns);
}

void evaluation_run(struct evaluation *evaluation)
{
	const struct evaluation_settings *set = evaluation->set;
	struct verdict_outcomes outcomes;
	struct spf_outcome mail_from_spf, helo_spf;
	struct sender_id_outcome sender_id;
	struct arc_outcome arc;
	enum dns_purpose purpose;
	pool_t pool = evaluation->run_pool;

	i_zero(&outcomes);
	outcomes.identity = &evaluation->identity;
	outcomes.author = &evaluation->author;
	outcomes.list_id = evaluation->list_id;
	if (evaluation_spf_wanted(evaluation)) {
		evaluation_run_spf(evaluation, &mail_from_spf, &helo_spf,
				   &outcomes);
	}
	if (evaluation_sender_id_wanted(evaluation)) {
		evaluation_run_sender_id(evaluation, &sender_id);
		outcomes.sender_id = &sender_id;
	}
	if (!evaluation->body_done)
		return;

	p_array_init(&outcomes.dkim, pool, 4);
	p_array_init(&outcomes.dmarc, pool, 2);
	if (evaluation->dkim != NULL)
		evaluation_run_dkim(evaluation, &outcomes);
	if (evaluation->arc != NULL) {
		purpose = dns_session_set_purpose(evaluation->dns,
						  DNS_PURPOSE_MINOR);
		check_arc_verify(evaluation->arc, evaluation->dns, &arc);
		(void)dns_session_set_purpose(evaluation->dns, purpose);
		outcomes.arc = &arc;
	}
	outcomes.cut_reason = evaluation_cut_reason(evaluation);
	use_upstream(&evaluation->upstream, &outcomes);
	if (evaluation_has_check(set, CHECK_METHOD_DMARC) &&
	    evaluation->identity.origin == MAIL_ORIGIN_EXTERNAL)
		evaluation_run_dmarc(evaluation, &outcomes);
	verdict_assemble(pool, &outcomes, &set->dmarc, &set->overrides,
			 evaluation->dns, &evaluation->verdict);
	evaluation->verdict.may_wait = evaluation_may_wait(evaluation);
	if (evaluation->request->history) {
		history_facts_find(pool, &outcomes, evaluation->header,
				   set->dmarc.mode == DMARC_MODE_RFC7489,
				   &evaluation->verdict.history);
		if (evaluation->request->failure)
			evaluation_find_failure(evaluation, &outcomes);
	}
}

void evaluation_prefetch(struct evaluation *evaluation)
{
	const struct evaluation_settings *set = evaluation->set;
	const char *const *sdids, *domain;
	ARRAY_TYPE(const_string) walks;

	if (!evaluation_has_check(set, CHECK_METHOD_DMARC) ||
	    !upstream_results_need_dmarc_record(
					&evaluation->upstream))
		return;
	t_array_init(&walks, 8);
	if (evaluation_spf_wanted(evaluation) &&
	    (domain = evaluation_spf_domain(evaluation)) != NULL)
		array_push_back(&walks, &domain);
	if (evaluation->dkim != NULL) {
		for (sdids = check_dkim_sdids(evaluation->dkim);
		     *sdids != NULL; sdids++)
			array_push_back(&walks, sdids);
	}
	array_append_zero(&walks);
	check_dmarc_prefetch(&set->dmarc, &evaluation->author,
			     array_front(&walks), evaluation->dns);
	if (evaluation->list_id != NULL) {
		check_dmarc_prefetch_below(&set->dmarc, evaluation->list_id,
					   array_front(&walks),
					   evaluation->dns);
	}
}
