/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "sha2.h"
#include "time-util.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "body-hash.h"
#include "check-arc.h"
#include "dns-session.h"
#include "domain-name.h"
#include "list-id.h"
#include "author-domain.h"
#include "engine-libspf2.h"
#include "engine-libopendkim.h"
#include "upstream-results.h"
#include "assemble.h"
#include "identity-find.h"
#include "evaluation.h"

#include <time.h>

/* The answer leaves this much before the client stops waiting. */
#define EVALUATION_MAX_MARGIN_MSECS 500

struct evaluation {
	pool_t pool;
	const struct evaluation_settings *set;
	const struct verify_request *request;
	evaluation_callback_t *callback;
	void *context;

	struct msg_parser *parser;
	struct body_hash_set *body_hashes;
	struct dns_session *dns;
	struct timeout *to_deadline, *to_answer;
	unsigned int deadline_msecs;
	struct timeval started;

	/* set once the header is complete */
	const struct msg_header *header;
	struct identity identity;
	struct author author;
	/* NULL = none, or nobody's */
	const char *list_id;
	/* these methods are not checked again */
	struct upstream_results upstream;
	struct spf_query spf_query;
	struct dkim_check *dkim;
	/* verifies what dkim has found; NULL = the native engine */
	struct engine_libopendkim *libopendkim;
	struct arc_check *arc;

	/* outcomes of the last run live here; cleared with every run */
	pool_t run_pool;
	struct verdict verdict;
	unsigned int cpu_usecs;
	uint64_t message_bytes;
	/* NULL, or why the rest of the message is missing */
	const char *cut_reason;

	/* there are no more bytes, or they do not matter */
	bool body_done:1;
	bool resolving:1;
	bool advancing:1;
	bool answered:1;
};

static uint64_t cpu_clock_usecs(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
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

static bool evaluation_spf_wanted(const struct evaluation *evaluation)
{
	return evaluation->set->check_spf &&
		evaluation->identity.client_ip.family != 0 &&
		!upstream_results_have(&evaluation->upstream,
				       CHECK_METHOD_SPF);
}

static void evaluation_call_back(struct evaluation *evaluation)
{
	timeout_remove(&evaluation->to_answer);
	evaluation->callback(&evaluation->verdict, evaluation->context);
}

static void evaluation_answer(struct evaluation *evaluation)
{
	struct verdict *verdict = &evaluation->verdict;

	i_assert(!evaluation->answered);
	evaluation->answered = TRUE;
	timeout_remove(&evaluation->to_deadline);
	verdict->dns_questions = dns_session_questions(evaluation->dns);
	verdict->dns_cached = dns_session_cached(evaluation->dns);
	verdict->dns_waves = dns_session_waves(evaluation->dns);
	verdict->dns_wait_msecs = dns_session_wait_msecs(evaluation->dns);
	verdict->cpu_usecs = evaluation->cpu_usecs;
	/* Whoever gets the verdict may deinitialize us, and we may stand in a
	   callback of the DNS session: answer from the ioloop. */
	evaluation->to_answer =
		timeout_add_short(0, evaluation_call_back, evaluation);
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

/* Whoever dates it himself can only make it older: it never waits longer. */
static bool evaluation_may_wait(const struct evaluation *evaluation)
{
	const struct identity *identity = &evaluation->identity;

	return evaluation->verdict.may_fail && identity->accepted_time != 0 &&
		evaluation->request->received_time - identity->accepted_time <
			(time_t)evaluation->set->temperror_wait_secs;
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
	else if (set->check_spf)
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

/* One run of everything that can be known now. Before the body is there, only
   what does not depend on it: the run then serves to find the DNS names that
   depend on other names. */
static void evaluation_run(struct evaluation *evaluation)
{
	const struct evaluation_settings *set = evaluation->set;
	struct verdict_outcomes outcomes;
	struct spf_outcome mail_from_spf, helo_spf;
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
	if (set->check_dmarc &&
	    evaluation->identity.origin == MAIL_ORIGIN_EXTERNAL)
		evaluation_run_dmarc(evaluation, &outcomes);
	verdict_assemble(pool, &outcomes, &set->dmarc, &set->overrides,
			 evaluation->dns, &evaluation->verdict);
	evaluation->verdict.may_wait = evaluation_may_wait(evaluation);
}

static void evaluation_resolved(void *context);

/* Run, and as long as names are missing ask for them and run again. */
static void evaluation_advance(struct evaluation *evaluation)
{
	uint64_t started;

	if (evaluation->advancing)
		return;
	evaluation->advancing = TRUE;
	while (!evaluation->resolving && !evaluation->answered) {
		started = cpu_clock_usecs();
		p_clear(evaluation->run_pool);
		dns_session_begin_run(evaluation->dns);
		T_BEGIN {
			evaluation_run(evaluation);
		} T_END;
		evaluation->cpu_usecs += cpu_clock_usecs() - started;
		if (dns_session_run_incomplete(evaluation->dns) ||
		    dns_session_has_unasked(evaluation->dns)) {
			evaluation->resolving = TRUE;
			dns_session_resolve(evaluation->dns,
					    evaluation_resolved, evaluation);
			continue;
		}
		if (!evaluation->body_done)
			break;
		evaluation_answer(evaluation);
	}
	evaluation->advancing = FALSE;
}

static void evaluation_resolved(void *context)
{
	struct evaluation *evaluation = context;

	evaluation->resolving = FALSE;
	evaluation_advance(evaluation);
}

static void evaluation_deadline(struct evaluation *evaluation)
{
	timeout_remove(&evaluation->to_deadline);
	if (evaluation->header == NULL) {
		verdict_init_temperror(evaluation->pool, &evaluation->verdict,
			"the header did not arrive in time");
		evaluation->verdict.unjudged = TRUE;
		evaluation_answer(evaluation);
		return;
	}
	(void)evaluation_cut(evaluation, t_strdup_printf(
		"not all of it came within %u msecs",
		evaluation->deadline_msecs));
	if (evaluation->answered)
		return;
	/* Whatever was waited for is answered now. */
	dns_session_expire(evaluation->dns, p_strdup_printf(evaluation->pool,
		"no answer within %u msecs", evaluation->deadline_msecs));
}

static void evaluation_prefetch(struct evaluation *evaluation)
{
	const struct evaluation_settings *set = evaluation->set;
	const char *const *sdids, *domain;
	ARRAY_TYPE(const_string) walks;

	if (!set->check_dmarc || !upstream_results_need_dmarc_record(
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

static void
evaluation_init_dkim(struct evaluation *evaluation,
		     const struct dkim_settings *dkim_set)
{
	struct body_hash_set *body_hashes = evaluation->body_hashes;

#ifdef HAVE_LIBOPENDKIM
	/* the library makes its own */
	if (evaluation->set->dkim_engine == DKIM_ENGINE_LIBOPENDKIM)
		body_hashes = NULL;
#endif
	evaluation->dkim =
		check_dkim_init(evaluation->pool, dkim_set, evaluation->header,
				evaluation->author.domains, body_hashes,
				evaluation->dns);
#ifdef HAVE_LIBOPENDKIM
	if (body_hashes == NULL) {
		evaluation->libopendkim =
			engine_libopendkim_init(evaluation->dkim);
	}
#endif
}

static unsigned int evaluation_wanted(const struct evaluation_settings *set)
{
	return (set->check_spf ? 1U << CHECK_METHOD_SPF : 0) |
		(set->check_dkim ? 1U << CHECK_METHOD_DKIM : 0) |
		(set->check_arc ? 1U << CHECK_METHOD_ARC : 0) |
		(set->check_dmarc ? 1U << CHECK_METHOD_DMARC : 0);
}

static void
evaluation_header_done(const struct msg_header *header, void *context)
{
	struct evaluation *evaluation = context;
	const struct evaluation_settings *set = evaluation->set;
	struct spf_query *spf = &evaluation->spf_query;
	struct dkim_settings *dkim_set;
	enum dns_purpose purpose;

	evaluation->header = header;
	identity_find(evaluation->pool, &set->identity, evaluation->request,
		      header, &evaluation->identity);
	author_find(evaluation->pool, header, &evaluation->author);
	evaluation->list_id = list_id_find(evaluation->pool, header);
	if (evaluation->identity.origin != MAIL_ORIGIN_EXTERNAL)
		return;
	upstream_results_find(evaluation->pool, &set->upstream, header,
			      &evaluation->identity, &evaluation->author,
			      evaluation_wanted(set), &evaluation->upstream);

	spf->client_ip = evaluation->identity.client_ip;
	spf->helo = evaluation->identity.helo;
	spf->mail_from = evaluation->identity.mail_from;
	spf->receiver = set->hostname;
	spf->now = evaluation->request->received_time;
	dkim_set = p_new(evaluation->pool, struct dkim_settings, 1);
	*dkim_set = set->dkim;
	dkim_set->now = evaluation->request->received_time;
	if (set->check_dkim &&
	    !upstream_results_have(&evaluation->upstream, CHECK_METHOD_DKIM))
		evaluation_init_dkim(evaluation, dkim_set);
	T_BEGIN {
		evaluation_prefetch(evaluation);
	} T_END;
	/* last: a long chain must not use up the names of a message */
	if (set->check_arc &&
	    !upstream_results_have(&evaluation->upstream, CHECK_METHOD_ARC)) {
		purpose = dns_session_set_purpose(evaluation->dns,
						  DNS_PURPOSE_MINOR);
		evaluation->arc =
			check_arc_init(evaluation->pool, dkim_set, header,
				       evaluation->body_hashes,
				       evaluation->dns);
		(void)dns_session_set_purpose(evaluation->dns, purpose);
	}
	evaluation_advance(evaluation);
}

static void
evaluation_body(const unsigned char *data, size_t size, void *context)
{
	struct evaluation *evaluation = context;

#ifdef HAVE_LIBOPENDKIM
	if (evaluation->libopendkim != NULL)
		engine_libopendkim_more(evaluation->libopendkim, data, size);
#endif
	if (evaluation->dkim != NULL || evaluation->arc != NULL)
		body_hash_more(evaluation->body_hashes, data, size);
}

static const struct msg_parser_vfuncs evaluation_parser_vfuncs = {
	.header_done = evaluation_header_done,
	.body = evaluation_body
};

struct evaluation *
evaluation_init(const struct evaluation_settings *set,
		const struct verify_request *request,
		struct resolver *resolver,
		evaluation_callback_t *callback, void *context)
{
	struct evaluation *evaluation;
	unsigned int margin_msecs;
	pool_t pool;

	pool = pool_alloconly_create("evaluation", 16 * 1024);
	evaluation = p_new(pool, struct evaluation, 1);
	evaluation->pool = pool;
	evaluation->run_pool = pool_alloconly_create("evaluation run", 4096);
	evaluation->set = set;
	evaluation->request = request;
	evaluation->callback = callback;
	evaluation->context = context;
	evaluation->parser = msg_parser_init(pool, &evaluation_parser_vfuncs,
					     evaluation);
	evaluation->body_hashes = body_hash_set_init(pool);
	evaluation->dns = dns_session_init(pool, resolver);
	if (set->known_answers != NULL) {
		dns_session_use_known_answers(evaluation->dns,
					      set->known_answers);
	}

	margin_msecs = I_MIN(request->timeout_msecs / 10,
			     EVALUATION_MAX_MARGIN_MSECS);
	evaluation->deadline_msecs = request->timeout_msecs - margin_msecs;
	i_gettimeofday(&evaluation->started);
	evaluation->to_deadline =
		timeout_add_short(I_MAX(evaluation->deadline_msecs, 1),
				  evaluation_deadline, evaluation);
	return evaluation;
}

bool evaluation_cut(struct evaluation *evaluation, const char *reason)
{
	if (evaluation->header == NULL)
		return FALSE;
	if (evaluation->answered || evaluation->body_done)
		return TRUE;
	reason = p_strconcat(evaluation->pool, "message cut: ", reason, NULL);
	evaluation->cut_reason = reason;
	body_hash_cut(evaluation->body_hashes);
#ifdef HAVE_LIBOPENDKIM
	if (evaluation->libopendkim != NULL)
		engine_libopendkim_cut(evaluation->libopendkim, reason);
#endif
	if (evaluation->dkim != NULL)
		check_dkim_cut(evaluation->dkim, reason);
	if (evaluation->arc != NULL)
		check_arc_cut(evaluation->arc, reason);
	evaluation->body_done = TRUE;
	evaluation_advance(evaluation);
	return TRUE;
}

static uint64_t evaluation_max_bytes(const struct evaluation *evaluation)
{
	return evaluation->set->max_message_bytes != 0 ?
		evaluation->set->max_message_bytes : AUTHRES_MAX_REQUEST_BYTES;
}

static void evaluation_too_large(struct evaluation *evaluation)
{
	/* If all of it was header, this ends the header, too. */
	if (evaluation->header == NULL)
		msg_parser_finish(evaluation->parser);
	(void)evaluation_cut(evaluation, t_strdup_printf(
		"larger than %"PRIu64" bytes",
		evaluation_max_bytes(evaluation)));
}

void evaluation_more(struct evaluation *evaluation,
		     const unsigned char *data, size_t size)
{
	uint64_t left, started = cpu_clock_usecs();

	if (evaluation->answered || evaluation->body_done)
		return;
	left = evaluation_max_bytes(evaluation) - evaluation->message_bytes;
	evaluation->message_bytes += I_MIN(size, left);
	msg_parser_more(evaluation->parser, data, I_MIN(size, left));
	evaluation->cpu_usecs += cpu_clock_usecs() - started;
	if (size > left)
		evaluation_too_large(evaluation);
}

void evaluation_finish(struct evaluation *evaluation)
{
	if (evaluation->answered || evaluation->body_done)
		return;
	/* With an empty message the header is done only now. */
	msg_parser_finish(evaluation->parser);
	body_hash_finish(evaluation->body_hashes);
	evaluation->body_done = TRUE;
	evaluation_advance(evaluation);
}

const struct identity *
evaluation_get_identity(const struct evaluation *evaluation)
{
	return evaluation->header == NULL ? NULL : &evaluation->identity;
}

uint64_t evaluation_message_number(const struct evaluation *evaluation)
{
	unsigned char digest[SHA256_RESULTLEN];
	const struct msg_field *field;
	uint64_t number;

	if (evaluation->header == NULL ||
	    evaluation->identity.accepted_field == UINT_MAX)
		return 0;
	field = array_idx(&evaluation->header->fields,
			  evaluation->identity.accepted_field);
	sha256_get_digest(field->data, field->size, digest);
	memcpy(&number, digest, sizeof(number));
	return I_MAX(number, 1);
}

size_t evaluation_memory_bytes(const struct evaluation *evaluation)
{
	return pool_alloconly_get_total_alloc_size(evaluation->pool) +
		pool_alloconly_get_total_alloc_size(evaluation->run_pool);
}

unsigned int evaluation_silent_msecs(const struct evaluation *evaluation)
{
	return evaluation->answered ? 0 :
		dns_session_silent_msecs(evaluation->dns);
}

void evaluation_shorten(struct evaluation *evaluation, unsigned int msecs)
{
	struct timeval now;
	int elapsed_msecs;

	if (evaluation->to_deadline == NULL ||
	    msecs >= evaluation->deadline_msecs)
		return;
	i_gettimeofday(&now);
	elapsed_msecs = I_MAX(timeval_diff_msecs(&now, &evaluation->started),
			      0);
	evaluation->deadline_msecs = I_MAX(msecs, (unsigned int)elapsed_msecs);
	timeout_remove(&evaluation->to_deadline);
	evaluation->to_deadline = timeout_add_short(
		I_MAX((int)evaluation->deadline_msecs - elapsed_msecs, 1),
		evaluation_deadline, evaluation);
}

void evaluation_deinit(struct evaluation **_evaluation)
{
	struct evaluation *evaluation = *_evaluation;

	if (evaluation == NULL)
		return;
	*_evaluation = NULL;
	timeout_remove(&evaluation->to_deadline);
	timeout_remove(&evaluation->to_answer);
#ifdef HAVE_LIBOPENDKIM
	engine_libopendkim_deinit(&evaluation->libopendkim);
#endif
	dns_session_deinit(&evaluation->dns);
	body_hash_set_deinit(&evaluation->body_hashes);
	msg_parser_deinit(&evaluation->parser);
	pool_unref(&evaluation->run_pool);
	pool_unref(&evaluation->pool);
}
