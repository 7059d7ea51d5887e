/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "ioloop.h"
#include "time-util.h"
#include "authres-limits.h"
#include "dns-session-private.h"

static unsigned int dns_question_hash(const struct dns_question *question)
{
	return str_hash(question->name) + (unsigned int)question->type;
}

static int dns_question_cmp(const struct dns_question *q1,
			    const struct dns_question *q2)
{
	if (q1->type != q2->type)
		return (int)q1->type - (int)q2->type;
	return strcmp(q1->name, q2->name);
}

struct dns_session *dns_session_init(pool_t pool, struct resolver *resolver)
{
	struct dns_session *session = p_new(pool, struct dns_session, 1);
	struct dns_answer *placeholder;

	session->pool = pool;
	session->resolver = resolver;
	hash_table_create(&session->questions, pool, 0,
			  dns_question_hash, dns_question_cmp);
	p_array_init(&session->order, pool, 32);
	placeholder = dns_answer_new(pool, DNS_STATUS_NODATA, NULL);
	placeholder->placeholder = TRUE;
	session->placeholder = placeholder;
	session->impossible_name =
		dns_answer_new(pool, DNS_STATUS_NXDOMAIN, NULL);
	session->too_many = dns_answer_new(pool, DNS_STATUS_TEMPORARY,
		t_strdup_printf("message needs more than %u DNS names",
				AUTHRES_MAX_DNS_NAMES));
	session->too_large = dns_answer_new(pool, DNS_STATUS_TEMPORARY,
		t_strdup_printf("DNS answers for message exceed %u bytes",
				AUTHRES_MAX_DNS_ANSWER_BYTES));
	/* 0 is "never missing" */
	session->run = 1;
	return session;
}

void dns_session_use_known_answers(struct dns_session *session,
				   struct known_answers *known)
{
	session->known = known;
}

void dns_session_deinit(struct dns_session **_session)
{
	struct dns_session *session = *_session;

	if (session == NULL)
		return;
	*_session = NULL;
	i_assert(!session->asking);
	timeout_remove(&session->to_grace);
	timeout_remove(&session->to_stale);
	dns_session_cancel_all(session);
	hash_table_destroy(&session->questions);
}

void dns_session_begin_run(struct dns_session *session)
{
	session->run++;
	session->run_incomplete = FALSE;
}

bool dns_session_run_incomplete(const struct dns_session *session)
{
	return session->run_incomplete;
}

bool dns_answer_is_placeholder(const struct dns_answer *answer)
{
	return answer->placeholder;
}

/* Returns 1 and the question, 0 if a new one is above the limit, -1 if the
   name cannot be asked. */
static int
dns_session_question(struct dns_session *session, const char *name,
		     enum dns_type type, struct dns_question **question_r)
{
	struct dns_question lookup, *question;

	i_zero(&lookup);
	lookup.type = type;
	if (dns_name_normalize(name, &lookup.name) < 0)
		return -1;
	question = hash_table_lookup(session->questions, &lookup);
	if (question == NULL) {
		if (array_count(&session->order) >= AUTHRES_MAX_DNS_NAMES)
			return 0;
		if (session->purpose == DNS_PURPOSE_MINOR) {
			if (session->minor_count >= AUTHRES_MAX_DNS_NAMES -
			    AUTHRES_RESERVED_DNS_NAMES)
				return 0;
			session->minor_count++;
		}
		question = p_new(session->pool, struct dns_question, 1);
		question->session = session;
		question->name = p_strdup(session->pool, lookup.name);
		question->type = type;
		question->purpose = session->purpose;
		hash_table_insert(session->questions, question, question);
		array_push_back(&session->order, &question);
		if (session->expired != NULL)
			dns_question_expire(question);
		else
			session->unasked_count++;
	} else if (question->purpose > session->purpose) {
		question->purpose = session->purpose;
		session->minor_count--;
	}
	*question_r = question;
	return 1;
}

const struct dns_answer *
dns_session_lookup(struct dns_session *session, const char *name,
		   enum dns_type type)
{
	struct dns_question *question = NULL;
	int ret;

	T_BEGIN {
		ret = dns_session_question(session, name, type, &question);
	} T_END;
	if (ret < 0)
		return session->impossible_name;
	if (ret == 0)
		return session->too_many;
	if (question->answer != NULL) {
		if (question->answer->stale)
			session->stale_count++;
		return question->answer;
	}
	question->missing_run = session->run;
	session->run_incomplete = TRUE;
	return session->placeholder;
}

void dns_session_prefetch(struct dns_session *session, const char *name,
			  enum dns_type type)
{
	struct dns_question *question;

	T_BEGIN {
		(void)dns_session_question(session, name, type, &question);
	} T_END;
}

enum dns_purpose dns_session_set_purpose(struct dns_session *session,
					 enum dns_purpose purpose)
{
	enum dns_purpose old_purpose = session->purpose;

	session->purpose = purpose;
	return old_purpose;
}

bool dns_session_has_unasked(const struct dns_session *session)
{
	return session->unasked_count > 0;
}

unsigned int dns_session_questions(const struct dns_session *session)
{
	return session->asked_count;
}

unsigned int dns_session_cached(const struct dns_session *session)
{
	return session->cached_count;
}

unsigned int dns_session_waves(const struct dns_session *session)
{
	return session->wave_count;
}

unsigned int dns_session_wait_msecs(const struct dns_session *session)
{
	return session->wait_usecs / 1000;
}

unsigned int dns_session_silent_msecs(const struct dns_session *session)
{
	struct timeval now;

	if (dns_session_under_way(session) == 0)
		return 0;
	i_gettimeofday(&now);
	return I_MAX(timeval_diff_msecs(&now, &session->last_answer), 0);
}

unsigned int dns_session_stale_count(const struct dns_session *session)
{
	return session->stale_count;
}
