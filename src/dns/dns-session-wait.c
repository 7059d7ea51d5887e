/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "time-util.h"
#include "authres-limits.h"
#include "domain-within.h"
#include "known-answers.h"
#include "dns-session-private.h"

/* How long an answer waits for the others before a run may use it. A run is
   cheap, but whoever writes a message can make it less so, and let his answers
   come one by one: every second time it is twice as long. */
#define DNS_SESSION_MIN_GRACE_MSECS 1
#define DNS_SESSION_MAX_GRACE_MSECS 200

struct dns_answer *
dns_answer_new(pool_t pool, enum dns_status status, const char *reason)
{
	struct dns_answer *answer = p_new(pool, struct dns_answer, 1);

	answer->status = status;
	answer->reason = p_strdup(pool, reason);
	p_array_init(&answer->records, pool, 1);
	return answer;
}

/* What DNS said before, or NULL. */
static const struct dns_answer *
dns_question_known(const struct dns_question *question)
{
	struct dns_session *session = question->session;
	struct dns_answer answer;

	if (session->known == NULL ||
	    !known_answers_find(session->known, session->pool, question->name,
				question->type, ioloop_time, &answer))
		return NULL;
	return p_memdup(session->pool, &answer, sizeof(answer));
}

void dns_question_expire(struct dns_question *question)
{
	question->answer = dns_question_known(question);
	if (question->answer == NULL)
		question->answer = question->session->expired;
}

void dns_session_cancel_all(struct dns_session *session)
{
	struct dns_question *question;

	array_foreach_elem(&session->order, question)
		resolver_cancel(&question->request);
	i_zero(&session->under_way_counts);
	session->unsent_count = 0;
}

static void dns_session_wait_finished(struct dns_session *session)
{
	dns_session_callback_t *callback = session->callback;
	struct timeval now;
	long long usecs;

	if (session->wait_started.tv_sec != 0) {
		i_gettimeofday(&now);
		usecs = timeval_diff_usecs(&now, &session->wait_started);
		session->wait_usecs += I_MAX(usecs, 0);
		i_zero(&session->wait_started);
	}
	timeout_remove(&session->to_grace);
	timeout_remove(&session->to_stale);
	session->callback = NULL;
	/* may destroy the session */
	callback(session->context);
}

static void dns_session_await_none(struct dns_session *session)
{
	struct dns_question *question;

	array_foreach_elem(&session->order, question)
		question->awaited = FALSE;
	session->awaited_count = 0;
}

static void dns_session_grace_over(struct dns_session *session)
{
	session->grace_count++;
	dns_session_await_none(session);
	dns_session_wait_finished(session);
}

/* What is answered may lead to further names, so do not let one that is slow
   keep them from being asked before the deadline. */
static void dns_session_grace_start(struct dns_session *session)
{
	unsigned int msecs = DNS_SESSION_MIN_GRACE_MSECS;

	if (session->to_grace != NULL)
		return;
	for (unsigned int i = 1; i < session->grace_count &&
	     msecs < DNS_SESSION_MAX_GRACE_MSECS; i += 2)
		msecs *= 2;
	session->to_grace = timeout_add_short(
		I_MIN(msecs, DNS_SESSION_MAX_GRACE_MSECS),
		dns_session_grace_over, session);
}

static const struct dns_answer *
dns_session_keep_answer(struct dns_session *session,
			const struct dns_answer *answer)
{
	const struct dns_record *record;
	struct dns_answer *copy;
	size_t bytes = sizeof(*copy);

	array_foreach(&answer->records, record) {
		bytes += sizeof(*record) + record->text_size;
		if (record->name != NULL)
			bytes += strlen(record->name);
	}
	/* The large answers of one domain must not cost another its own. */
	if (bytes > AUTHRES_SMALL_DNS_ANSWER_BYTES) {
		if (bytes > AUTHRES_MAX_DNS_ANSWER_BYTES -
		    session->answer_bytes)
			return session->too_large;
		session->answer_bytes += bytes;
	}

	copy = dns_answer_new(session->pool, answer->status, answer->reason);
	copy->alias = answer->alias;
	copy->secure = answer->secure;
	copy->ttl_secs = answer->ttl_secs;
	array_foreach(&answer->records, record) {
		struct dns_record *record_copy =
			array_append_space(&copy->records);

		*record_copy = *record;
		record_copy->name = p_strdup(session->pool, record->name);
		if (record->text != NULL) {
			record_copy->text =
				p_memdup(session->pool, record->text,
					 record->text_size + 1);
		}
	}
	return copy;
}

static void dns_question_settled(struct dns_question *question)
{
	question->awaited = FALSE;
	i_assert(question->session->awaited_count > 0);
	question->session->awaited_count--;
}

static int dns_question_stale_msecs(const struct dns_question *question)
{
	struct timeval now;

	i_gettimeofday(&now);
	return (int)question->stale_msecs -
		timeval_diff_msecs(&now, &question->asked_at);
}

/* The domain that has this name for a purpose ("_dmarc", "s1._domainkey"). */
static const char *name_without_purpose(const char *name)
{
	const char *p = name, *label = name, *dot;

	while ((dot = strchr(label, '.')) != NULL) {
		if (*label == '_' && strchr(dot + 1, '.') != NULL)
			p = dot + 1;
		label = dot + 1;
	}
	return p;
}

/* One wait is enough for the names of a domain that is silent, however long the
   chain that they are in. */
static void dns_question_set_stale_msecs(struct dns_question *question)
{
	struct dns_question *other;
	const char *zone;

	question->stale_msecs = AUTHRES_STALE_ANSWER_MSECS;
	if (question->session->silent_count == 0)
		return;
	array_foreach_elem(&question->session->order, other) {
		zone = name_without_purpose(other->name);
		if (other->silent && strcmp(question->name, zone) != 0 &&
		    domain_is_within(question->name, zone)) {
			question->stale_msecs =
				AUTHRES_STALE_NEXT_ANSWER_MSECS;
			return;
		}
	}
}

static void dns_session_stale_over(struct dns_session *session);

/* first: also what has waited long enough before */
static void dns_session_stale_start(struct dns_session *session, bool first)
{
	struct dns_question *question;
	int msecs, next_msecs = INT_MAX;

	timeout_remove(&session->to_stale);
	if (session->known == NULL)
		return;
	array_foreach_elem(&session->order, question) {
		if (!question->awaited)
			continue;
		msecs = dns_question_stale_msecs(question);
		if (msecs > 0 || first)
			next_msecs = I_MIN(next_msecs, I_MAX(msecs, 0));
	}
	if (next_msecs < INT_MAX) {
		session->to_stale = timeout_add_short(next_msecs,
			dns_session_stale_over, session);
	}
}

/* RFC 8767 section 5: DNS did not answer in time, so use what it said before.
   The question stays: an answer that comes still counts. */
static void dns_session_stale_over(struct dns_session *session)
{
	struct dns_question *question;
	bool progress = FALSE;

	array_foreach_elem(&session->order, question) {
		if (!question->awaited ||
		    dns_question_stale_msecs(question) > 0)
			continue;
		question->answer = dns_question_known(question);
		if (question->answer != NULL) {
			question->silent = TRUE;
			session->silent_count++;
			dns_question_settled(question);
			progress = TRUE;
		}
	}
	if (session->awaited_count == 0) {
		dns_session_wait_finished(session);
		return;
	}
	dns_session_stale_start(session, FALSE);
	if (progress)
		dns_session_grace_start(session);
}

/* A fresh answer counts and is remembered; without one what is known. */
static void dns_question_set_answer(struct dns_question *question,
				    const struct dns_answer *answer)
{
	struct dns_session *session = question->session;

	if (answer->status == DNS_STATUS_TEMPORARY) {
		if (question->answer == NULL)
			question->answer = dns_question_known(question);
		if (question->answer != NULL)
			return;
	} else if (session->known != NULL) {
		known_answers_note(session->known, question->name,
				   question->type, question->purpose, answer,
				   ioloop_time);
	}
	if (question->silent) {
		question->silent = FALSE;
		session->silent_count--;
	}
	question->answer = dns_session_keep_answer(session, answer);
}

static void dns_session_send(struct dns_session *session);

static void dns_question_answered(const struct dns_answer *answer,
				  void *context)
{
	struct dns_question *question = context;
	struct dns_session *session = question->session;
	bool awaited = question->awaited;

	session->answered_depth = I_MAX(session->answered_depth,
		question->depth - (session->asking ? 1 : 0));
	if (question->request != NULL) {
		question->request = NULL;
		session->under_way_counts[question->sent_purpose]--;
		if (answer->status != DNS_STATUS_TEMPORARY)
			i_gettimeofday(&session->last_answer);
	}
	dns_question_set_answer(question, answer);
	if (awaited)
		dns_question_settled(question);
	if (session->asking) {
		session->cached_count++;
		if (awaited)
			session->progress = TRUE;
		return;
	}
	session->progress = awaited;
	dns_session_send(session);
	if (!session->progress)
		return;
	if (session->awaited_count == 0)
		dns_session_wait_finished(session);
	else
		dns_session_grace_start(session);
}

unsigned int dns_session_under_way(const struct dns_session *session)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < DNS_PURPOSE_COUNT; i++)
		count += session->under_way_counts[i];
	return count;
}

static void dns_question_send(struct dns_question *question)
{
	struct dns_session *session = question->session;
	struct resolver_question resolver_question;
	struct resolver_request *request;

	i_zero(&resolver_question);
	resolver_question.name = question->name;
	resolver_question.type = question->type;
	resolver_question.purpose = question->purpose;
	resolver_question.ahead_count = dns_session_under_way(session);
	question->sent = TRUE;
	question->sent_purpose = question->purpose;
	session->unsent_count--;
	session->asked_count++;
	request = resolver_ask(session->resolver, &resolver_question,
			       dns_question_answered, question);
	/* NULL: already answered */
	if (request != NULL) {
		question->request = request;
		if (dns_session_under_way(session) == 0)
			i_gettimeofday(&session->last_answer);
		session->under_way_counts[question->purpose]++;
		session->wave_count = I_MAX(session->wave_count,
					    question->depth);
	}
}

/* As many as the limits let through, what decides the policy first. */
static void dns_session_send(struct dns_session *session)
{
	static const unsigned int limits[] = {
		[DNS_PURPOSE_POLICY] = AUTHRES_MAX_DNS_UNDER_WAY,
		[DNS_PURPOSE_MINOR] = AUTHRES_MAX_DNS_MINOR_UNDER_WAY,
	};
	struct dns_question *question;

	session->asking = TRUE;
	for (unsigned int i = 0; i < DNS_PURPOSE_COUNT; i++) {
		array_foreach_elem(&session->order, question) {
			if (session->unsent_count == 0 ||
			    session->under_way_counts[i] >= limits[i])
				break;
			if (!question->asked || question->sent ||
			    question->purpose != i ||
			    (question->answer != NULL &&
			     !question->answer->stale))
				continue;
			dns_question_send(question);
		}
	}
	session->asking = FALSE;
}

void dns_session_resolve(struct dns_session *session,
			 dns_session_callback_t *callback, void *context)
{
	struct dns_question *question;
	unsigned int depth = session->answered_depth + 1;
	struct timeval now;

	i_assert(session->callback == NULL);
	session->callback = callback;
	session->context = context;

	/* Count first: answers can come while asking. */
	array_foreach_elem(&session->order, question) {
		if (question->answer == NULL &&
		    question->missing_run == session->run) {
			question->awaited = TRUE;
			session->awaited_count++;
		}
	}
	i_gettimeofday(&now);
	array_foreach_elem(&session->order, question) {
		if (!question->asked && question->answer == NULL) {
			question->asked = TRUE;
			question->asked_at = now;
			dns_question_set_stale_msecs(question);
			question->depth = depth;
			session->unasked_count--;
			session->unsent_count++;
		}
	}
	session->progress = FALSE;
	session->answered_depth = 0;
	dns_session_send(session);
	if (session->awaited_count == 0 || session->progress) {
		/* what is remembered leads to further names at once */
		dns_session_await_none(session);
		dns_session_wait_finished(session);
		return;
	}
	i_gettimeofday(&session->wait_started);
	dns_session_stale_start(session, TRUE);
}

void dns_session_expire(struct dns_session *session, const char *reason)
{
	struct dns_question *question;

	i_assert(!session->asking);
	if (session->expired != NULL)
		return;
	session->expired = dns_answer_new(session->pool, DNS_STATUS_TEMPORARY,
					  reason);
	dns_session_cancel_all(session);
	array_foreach_elem(&session->order, question) {
		if (question->answer == NULL)
			dns_question_expire(question);
	}
	dns_session_await_none(session);
	session->unasked_count = 0;
	if (session->callback != NULL)
		dns_session_wait_finished(session);
}
