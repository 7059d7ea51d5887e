#ifndef KNOWN_ANSWERS_H
#define KNOWN_ANSWERS_H

#include "resolver.h"

/* DNS answers seen before, for when DNS does not answer now (RFC 8767): the
   policy of an author must not end because somebody keeps his DNS servers from
   answering. They stand in memory that all verifier processes share and that
   outlives them (shared-memory.h).

   Kept are answers of type TXT, A, AAAA and MX with records, and answers that
   there is no DMARC record ("_dmarc." names, TXT): the tree walk needs these.
   No other negative answers: a stranger can make us ask for a name long before
   its owner creates it. Whatever the TTL, what may be used is at most
   max_age_secs old for "_dmarc." names (the policy), and at most
   AUTHRES_KNOWN_ANSWER_SECS for all others. A newer answer of any kind
   replaces what was known at once, or removes it where it cannot be kept
   (revoked key, larger than AUTHRES_MAX_KNOWN_ANSWER_BYTES).

   Most wanted first: an answer that DNS gave on many days stays before one of
   few days, then a policy before keys and SPF and these before what cannot
   align with an author, then the newer. So names that a stranger makes up take
   each other's place and not that of the mail that comes every day.

   The memory is hostile: another process may have died while it wrote, or be
   in a stranger's hands. What does not pass its check is not there. */

/* For shared_memory_init(): its size is AUTHRES_KNOWN_ANSWERS_BYTES. */
#define KNOWN_ANSWERS_LAYOUT "known DNS answers 1"

struct shared_memory;
struct known_answers;

/* memory must stay until known_answers_deinit(). max_age_secs: not 0. */
struct known_answers *
known_answers_init(struct shared_memory *memory, unsigned int max_age_secs);
void known_answers_deinit(struct known_answers **known);

/* DNS just gave this answer (name as of dns_name_normalize()). TEMPORARY ones
   change nothing. now: the wall clock. */
void known_answers_note(struct known_answers *known, const char *name,
			enum dns_type type, enum dns_purpose purpose,
			const struct dns_answer *answer, time_t now);
/* The answer last seen, young enough: returns TRUE and a copy in pool, with
   stale set, not secure, its TTL 30 seconds (RFC 8767 section 4). One from the
   future (the clock was set back) is not used. */
bool known_answers_find(const struct known_answers *known, pool_t pool,
			const char *name, enum dns_type type, time_t now,
			struct dns_answer *answer_r);

/* How many answers there is room for, and how many places are taken. */
void known_answers_usage(const struct known_answers *known,
			 unsigned int *taken_r, unsigned int *places_r);

#endif
