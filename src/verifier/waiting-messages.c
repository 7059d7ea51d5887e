/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "shared-memory.h"
#include "waiting-messages.h"

/* An entry is the upper part of a message's number, and the minute it was
   counted, both in one word, so that it is never half written. */
#define MINUTE_BITS 24
#define MINUTE_MASK ((UINT64_C(1) << MINUTE_BITS) - 1)
/* No message waits longer (authres_temperror_wait). */
#define KEEP_MINUTES (5 * 24 * 60)

struct waiting_messages {
	/* hour << 32 | how many: of deliveries, of strangers */
	uint64_t *hours[2];
	uint64_t *entries;
};

struct waiting_messages *
waiting_messages_init(struct shared_memory *memory)
{
	struct waiting_messages *waiting = i_new(struct waiting_messages, 1);

	i_assert(memory->size >= WAITING_MESSAGES_BYTES);
	waiting->hours[0] = (uint64_t *)memory->data;
	waiting->hours[1] = waiting->hours[0] + 1;
	waiting->entries = waiting->hours[1] + 1;
	return waiting;
}

void waiting_messages_deinit(struct waiting_messages **_waiting)
{
	i_free_and_null(*_waiting);
}

static uint64_t entry_age(uint64_t entry, uint64_t minute)
{
	return (minute - entry) & MINUTE_MASK;
}

static bool hour_count(uint64_t *word, time_t now)
{
	uint64_t hour = (uint64_t)(now / 3600) & UINT32_MAX;
	uint64_t old = __atomic_load_n(word, __ATOMIC_RELAXED), new;

	do {
		if (old >> 32 != hour)
			new = hour << 32 | 1;
		else if ((old & UINT32_MAX) >= AUTHRES_MAX_WAITING_PER_HOUR)
			return FALSE;
		else
			new = old + 1;
	} while (!__atomic_compare_exchange_n(word, &old, new, FALSE,
					      __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return TRUE;
}

bool waiting_messages_admit(struct waiting_messages *waiting,
			    uint64_t number, bool trusted, time_t now)
{
	uint64_t minute = (uint64_t)(now / 60) & MINUTE_MASK;
	uint64_t *bucket = waiting->entries + WAITING_MESSAGES_BUCKET_SIZE *
		(number % WAITING_MESSAGES_BUCKETS);
	uint64_t entry, age, max_age = 0;
	unsigned int i, oldest = 0;

	for (i = 0; i < WAITING_MESSAGES_BUCKET_SIZE; i++) {
		entry = __atomic_load_n(&bucket[i], __ATOMIC_RELAXED);
		age = entry == 0 ? UINT64_MAX : entry_age(entry, minute);
		if (((entry ^ number) & ~MINUTE_MASK) == 0 && entry != 0 &&
		    age <= KEEP_MINUTES)
			return TRUE;
		if (age >= max_age) {
			max_age = age;
			oldest = i;
		}
	}
	if (!hour_count(waiting->hours[trusted ? 0 : 1], now))
		return FALSE;
	__atomic_store_n(&bucket[oldest], (number & ~MINUTE_MASK) | minute,
			 __ATOMIC_RELAXED);
	return TRUE;
}
