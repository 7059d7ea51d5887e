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
#include "list-id.h"
#include "engine-libopendkim.h"
#include "upstream-results.h"
#include "identity-find.h"
#include "evaluation-private.h"

#include <time.h>

/* The answer leaves this much before the client stops waiting. */
#define EVALUATION_MAX_MARGIN_MSECS 500

static uint64_t cpu_clock_usecs(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
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
		"the rest did not arrive within %u msecs",
		evaluation->deadline_msecs));
	if (evaluation->answered)
		return;
	/* Whatever was waited for is answered now. */
	dns_session_expire(evaluation->dns, p_strdup_printf(evaluation->pool,
		"no answer within %u msecs", evaluation->deadline_msecs));
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
			      set->checks, &evaluation->upstream);

	spf->client_ip = evaluation->identity.client_ip;
	spf->helo = evaluation->identity.helo;
	spf->mail_from = evaluation->identity.mail_from;
	spf->receiver = set->hostname;
	spf->now = evaluation->request->received_time;
	if (evaluation_has_check(set, CHECK_METHOD_SENDER_ID))
		purported_address_find(evaluation->pool, header,
				       &evaluation->pra);
	dkim_set = p_new(evaluation->pool, struct dkim_settings, 1);
	*dkim_set = set->dkim;
	dkim_set->now = evaluation->request->received_time;
	if (evaluation_has_check(set, CHECK_METHOD_DKIM) &&
	    !upstream_results_have(&evaluation->upstream, CHECK_METHOD_DKIM))
		evaluation_init_dkim(evaluation, dkim_set);
	T_BEGIN {
		evaluation_prefetch(evaluation);
	} T_END;
	/* last: a long chain must not use up the names of a message */
	if (evaluation_has_check(set, CHECK_METHOD_ARC) &&
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

const struct msg_header *
evaluation_get_header(const struct evaluation *evaluation)
{
	return evaluation->header;
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
