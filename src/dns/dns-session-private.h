#ifndef DNS_SESSION_PRIVATE_H
#define DNS_SESSION_PRIVATE_H

#include "hash.h"
#include "dns-session.h"

struct known_answers;

/* For dns-session.c, which knows the questions, and dns-session-wait.c, which
   asks them and waits. */

/* A question of this message, asked once. */
struct dns_question {
	struct dns_session *session;
	const char *name;
	enum dns_type type;
	/* it can become more important after it was sent */
	enum dns_purpose purpose, sent_purpose;

	/* NULL while there is none; a stale one while DNS may still answer */
	const struct dns_answer *answer;
	/* NULL while not asked, or when answered */
	struct resolver_request *request;
	struct timeval asked_at;
	/* how long DNS is waited for if an answer is known */
	unsigned int stale_msecs;
	/* how many had to be answered one after the other until it was asked,
	   itself included */
	unsigned int depth;
	/* the last run that met the placeholder */
	unsigned int missing_run;
	/* asked for, though perhaps not yet of the resolver */
	bool asked;
	bool sent;
	/* so long no answer came that a stale one is used */
	bool silent;
	/* the waiting callback needs this one */
	bool awaited;
};

struct dns_session {
	pool_t pool;
	struct resolver *resolver;
	/* NULL = none are kept */
	struct known_answers *known;

	HASH_TABLE(struct dns_question *, struct dns_question *) questions;
	ARRAY(struct dns_question *) order;

	const struct dns_answer *placeholder;
	const struct dns_answer *impossible_name;
	const struct dns_answer *too_many;
	const struct dns_answer *too_large;
	/* set when the deadline is over */
	const struct dns_answer *expired;

	unsigned int run;
	bool run_incomplete;
	unsigned int unasked_count;
	/* of answers that are not small */
	size_t answer_bytes;
	/* questions of DNS_PURPOSE_MINOR */
	unsigned int minor_count;
	/* of what is asked now */
	enum dns_purpose purpose;

	dns_session_callback_t *callback;
	void *context;
	unsigned int awaited_count;
	/* set while some but not all awaited ones are answered */
	struct timeout *to_grace;
	/* how often the rest was not waited for any longer */
	unsigned int grace_count;
	/* until stale answers may be used for what is awaited */
	struct timeout *to_stale;
	unsigned int stale_count;
	/* questions that are silent */
	unsigned int silent_count;
	/* the greatest of those answered since dns_session_resolve(); what is
	   answered at once is no link in the chain */
	unsigned int answered_depth;
	/* an awaited one was answered, perhaps while asking */
	bool progress;
	/* dns_session_send() is still asking */
	bool asking;
	/* questions answered while it was */
	unsigned int cached_count;

	/* asked for by dns_session_resolve() and not sent yet */
	unsigned int unsent_count;
	/* sent and not answered, by purpose */
	unsigned int under_way_counts[DNS_PURPOSE_COUNT];
	/* when one of those came, or the first of them was sent */
	struct timeval last_answer;
	unsigned int asked_count;
	unsigned int wave_count;
	struct timeval wait_started;
	uint64_t wait_usecs;
};

/* An answer of ours, without records, in pool. */
struct dns_answer *
dns_answer_new(pool_t pool, enum dns_status status, const char *reason);
/* The deadline is over: what DNS said before, or nothing. */
void dns_question_expire(struct dns_question *question);
void dns_session_cancel_all(struct dns_session *session);
/* Questions sent and not answered. */
unsigned int dns_session_under_way(const struct dns_session *session);

#endif
