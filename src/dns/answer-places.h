#ifndef ANSWER_PLACES_H
#define ANSWER_PLACES_H

#include "authres-limits.h"
#include "resolver.h"

/* Places for DNS answers in memory that processes share, found by the hash of
   a question. Who keeps what for how long, known-answers.h and fresh-answers.h
   say.

   A question may stand in any of ANSWER_PLACES_WAYS places of one bucket in
   each class of places. Small answers do not take the room of large ones.

   The memory is hostile: another process may have died while it wrote, or be
   in a stranger's hands. What does not pass its check is not there, and what
   does is still read as any bytes. */

#define ANSWER_PLACES_WAYS 16
#define ANSWER_PLACES_CLASSES 3
#define ANSWER_PLACES_CHECK_BYTES 16

struct shared_memory;
struct answer_places;

/* One size of places. */
struct answer_places_class {
	/* of a place, head included; at most AUTHRES_MAX_KNOWN_ANSWER_BYTES */
	size_t bytes;
	unsigned int buckets;
};

struct answer_place_head {
	/* of all that follows, with the memory's secret */
	unsigned char check[ANSWER_PLACES_CHECK_BYTES];
	/* which name and type; 0 = empty */
	uint64_t tag;
	/* when DNS last gave this answer */
	int64_t confirmed;
	/* the last day it did, and on how many days */
	uint32_t day;
	uint16_t days;
	/* bytes of the answer */
	uint16_t size;
	/* why it stays: the keeper's own numbers */
	uint8_t want;
	uint8_t policy;
	uint8_t unused[2];
	/* from confirmed on */
	uint32_t ttl_secs;
};

/* A copy, so that nobody changes what was checked. */
struct answer_place {
	struct answer_place_head head;
	unsigned char data[AUTHRES_MAX_KNOWN_ANSWER_BYTES -
			   sizeof(struct answer_place_head)];
};

/* Where a question may stand. A secret chooses it, so nobody can choose whose
   place he takes. */
struct answer_key {
	uint64_t tag;
	uint32_t hash;
};

/* How much the answer at a place is wanted; 0 = not at all. head is unchecked:
   any bytes. uses: how often it was found, as far as that is counted. */
typedef uint64_t answer_rank_t(const struct answer_place_head *head,
			       unsigned int uses, time_t now, void *context);

/* classes: ANSWER_PLACES_CLASSES of them, smallest first; static. All must fit
   into memory, which must stay until answer_places_deinit(). count_uses: keep a
   count beside each place. */
struct answer_places *
answer_places_init(struct shared_memory *memory,
		   const struct answer_places_class *classes, bool count_uses);
void answer_places_deinit(struct answer_places **places);

void answer_key_init(const struct answer_places *places, const char *name,
		     enum dns_type type, struct answer_key *key_r);
/* The class that holds data_size bytes; ANSWER_PLACES_CLASSES = none. */
unsigned int answer_places_class_for(const struct answer_places *places,
				     size_t data_size);
/* Which way of class has this key; ANSWER_PLACES_WAYS = none. */
unsigned int
answer_places_way(const struct answer_places *places, unsigned int class,
		  const struct answer_key *key);
/* Returns FALSE if what stands there is not whole, or not of this key. */
bool answer_places_read(const struct answer_places *places,
			unsigned int class, const struct answer_key *key,
			unsigned int way, struct answer_place *place_r);
/* It was found there once more. Only if uses are counted. */
void answer_places_note_use(struct answer_places *places, unsigned int class,
			    const struct answer_key *key, unsigned int way);
/* Take over what is known of this name, and forget it where its answer does not
   stand any more. class: where the new one will stand; ANSWER_PLACES_CLASSES =
   nowhere. Returns its way in class, ANSWER_PLACES_WAYS if it has none.
   old_r->head.tag is 0 if nothing was known. */
unsigned int
answer_places_take_over(struct answer_places *places, unsigned int class,
			const struct answer_key *key,
			struct answer_place *old_r);
unsigned int
answer_places_least_wanted(const struct answer_places *places,
			   unsigned int class, const struct answer_key *key,
			   answer_rank_t *rank, time_t now, void *context);
/* Write place, whose check is filled in. If we die in between, or another
   writes at the same time, the check does not fit what stands there. What is
   another key's is replaced, and its uses are forgotten. */
void answer_places_write(struct answer_places *places, unsigned int class,
			 const struct answer_key *key, unsigned int way,
			 struct answer_place *place);
/* How many places there are, and how many are taken. */
void answer_places_usage(const struct answer_places *places,
			 unsigned int *taken_r, unsigned int *places_r);

#endif
