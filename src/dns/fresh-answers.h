#ifndef FRESH_ANSWERS_H
#define FRESH_ANSWERS_H

#include "resolver.h"

/* The DNS cache that all verifier processes share: what one of them was
   answered none of them asks again until its TTL is over. It stands in memory
   that they share (shared-memory.h), and is lost with the machine's restart.

   Kept are answers of all types, with records or without. The TTL is that of
   the records, without records that of RFC 2308 section 5 (the SOA's minimum);
   in any case at most AUTHRES_FRESH_ANSWER_SECS. Answers without a TTL, those
   larger than AUTHRES_MAX_KNOWN_ANSWER_BYTES and TEMPORARY ones are not kept.

   Most wanted first: what is over goes first, then what was found least often,
   by powers of two, then the older. So names that a stranger makes up take each
   other's place; for that of a name that many messages need he would have to
   fill all places with names of his own, each in as many messages.

   A process in a stranger's hands can write answers here that others take for
   good, as long as it lives and AUTHRES_FRESH_ANSWER_SECS longer:
   doc/security.md says why that is no more than it can do without. What does
   not pass its check is not there. */

struct shared_memory;
struct fresh_answers;

/* For shared_memory_init(), of a cache that is filled by these DNS servers
   (NULL-terminated; empty = those of the system), validated or not: the
   answers of others are not used. Its size is AUTHRES_FRESH_ANSWERS_BYTES. Data
   stack. */
const char *fresh_answers_layout(const char *const *servers, bool dnssec);

/* memory must stay until fresh_answers_deinit(). */
struct fresh_answers *fresh_answers_init(struct shared_memory *memory);
void fresh_answers_deinit(struct fresh_answers **fresh);

/* DNS just gave this answer (name as of dns_name_normalize()). Another one for
   this question is forgotten. now: the wall clock. */
void fresh_answers_note(struct fresh_answers *fresh, const char *name,
			enum dns_type type, const struct dns_answer *answer,
			time_t now);
/* Returns TRUE and a copy in pool, its TTL what is left of it. One from the
   future (the clock was set back) is not used. */
bool fresh_answers_find(struct fresh_answers *fresh, pool_t pool,
			const char *name, enum dns_type type, time_t now,
			struct dns_answer *answer_r);

#endif
