#ifndef DNS_SESSION_H
#define DNS_SESSION_H

#include "resolver.h"

/* The DNS of one message, and what makes checks restartable. A check asks and
   goes on: a name that is not known yet is noted as missing and answered with
   a placeholder. When a run had missing names its outcome is thrown away, all
   missing names are asked for at once, and the check runs again. So a message
   waits for the longest chain of names, not for their sum. */

struct dns_session;
struct known_answers;

/* Called once when everything asked for by dns_session_resolve() is answered
   or given up. May be called before dns_session_resolve() returns. It may start
   the next run, call dns_session_resolve() again, and destroy the session. */
typedef void dns_session_callback_t(void *context);

/* Answers are kept in pool. resolver may be shared by many sessions. */
struct dns_session *dns_session_init(pool_t pool, struct resolver *resolver);
/* Before the first question: keep answers in known, which may be shared by
   many sessions, and where DNS gives none - an answer that is TEMPORARY, none
   within AUTHRES_STALE_ANSWER_MSECS, none at the deadline - use what is known
   (RFC 8767): that has stale set. Names below a domain that has left this
   message without an answer for so long get AUTHRES_STALE_NEXT_ANSWER_MSECS.
   What is bogus is TEMPORARY, and what was
   known before it may be used: a forged answer must not end a policy. A fresh
   answer always comes first, also one that comes while others are waited
   for. */
void dns_session_use_known_answers(struct dns_session *session,
				   struct known_answers *known);
/* Cancels what is still asked. */
void dns_session_deinit(struct dns_session **session);

/* Start a run of evaluation: forget which names were missing. */
void dns_session_begin_run(struct dns_session *session);
/* TRUE if this run met a placeholder: throw its outcome away. */
bool dns_session_run_incomplete(const struct dns_session *session);

/* The answer, or a placeholder when it is not known yet (then the name is
   noted as missing). Never NULL; lives as long as the session's pool. name may
   be any string: one that cannot be asked is answered with NXDOMAIN. The
   placeholder has status NODATA and no records. Above AUTHRES_MAX_DNS_NAMES
   different questions the answer is TEMPORARY with a reason, and so are answers
   over AUTHRES_SMALL_DNS_ANSWER_BYTES that exceed
   AUTHRES_MAX_DNS_ANSWER_BYTES in all. */
const struct dns_answer *
dns_session_lookup(struct dns_session *session, const char *name,
		   enum dns_type type);
/* TRUE if that answer was a placeholder. */
bool dns_answer_is_placeholder(const struct dns_answer *answer);
/* Note that this name will probably be needed: it is asked for with the next
   dns_session_resolve(), but its absence does not make a run incomplete. */
void dns_session_prefetch(struct dns_session *session, const char *name,
			  enum dns_type type);

/* What names looked up and prefetched from now on are for; at first
   DNS_PURPOSE_POLICY. Those of DNS_PURPOSE_MINOR leave
   AUTHRES_RESERVED_DNS_NAMES of the names for the others. A name is asked for
   once, with the more important of its purposes. Returns what it was before,
   to be set again. */
enum dns_purpose dns_session_set_purpose(struct dns_session *session,
					 enum dns_purpose purpose);

/* Ask for all missing and prefetched names at once, but no more than
   AUTHRES_MAX_DNS_UNDER_WAY of the policy's and AUTHRES_MAX_DNS_MINOR_UNDER_WAY
   of the others at a time; the next follow when one is answered. The callback
   is called as soon as all *missing* ones are answered, at once if some of them
   are remembered, or a moment after some of them are answered: one slow name
   does not hold up the chains of others. The next run may miss the rest again,
   which is then waited for, as are prefetched names that are still on their
   way. Must not be called again before the callback came. While it waits it
   needs the ioloop. */
void dns_session_resolve(struct dns_session *session,
			 dns_session_callback_t *callback, void *context);
/* TRUE while names noted as missing or prefetched have not been asked for. */
bool dns_session_has_unasked(const struct dns_session *session);
/* The deadline is over: whatever is not answered now is stale or TEMPORARY with
   this reason from now on, also names never asked for. A waiting callback is
   called. */
void dns_session_expire(struct dns_session *session, const char *reason);

/* Statistics: questions asked of the resolver, waves (the longest chain of
   questions, each asked when the one before was answered, as far as that can be
   told; without those that were answered at once), time spent waiting; of the
   questions those that the resolver answered at once, from what it
   remembers. */
unsigned int dns_session_questions(const struct dns_session *session);
unsigned int dns_session_cached(const struct dns_session *session);
unsigned int dns_session_waves(const struct dns_session *session);
unsigned int dns_session_wait_msecs(const struct dns_session *session);
/* Since when there are questions under way and none was answered; 0 = there are
   none. */
unsigned int dns_session_silent_msecs(const struct dns_session *session);
/* How many lookups had a stale answer: a check rests on one if this grew while
   it ran. */
unsigned int dns_session_stale_count(const struct dns_session *session);

#endif
