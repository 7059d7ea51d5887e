/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "randgen.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "shared-memory.h"
#include "waiting-messages.h"

#define HOUR 3600
#define NOW (1700000000 / HOUR * HOUR)

static uint64_t random_number(void)
{
	uint64_t number;

	random_fill(&number, sizeof(number));
	return number;
}

static struct waiting_messages *
test_init(struct shared_memory **memory_r)
{
	const char *error;

	/* no directory: memory of our own */
	(void)shared_memory_init(NULL, WAITING_MESSAGES_FILE,
				 WAITING_MESSAGES_LAYOUT,
				 WAITING_MESSAGES_BYTES, memory_r, &error);
	return waiting_messages_init(*memory_r);
}

static void test_waiting_messages_limit(void)
{
	struct shared_memory *memory;
	struct waiting_messages *waiting = test_init(&memory);
	uint64_t numbers[AUTHRES_MAX_WAITING_PER_HOUR];
	unsigned int i;

	test_begin("waiting messages: so many an hour");
	for (i = 0; i < AUTHRES_MAX_WAITING_PER_HOUR; i++) {
		numbers[i] = random_number();
		test_assert_idx(waiting_messages_admit(waiting, numbers[i],
						       TRUE, NOW + i), i);
	}
	test_assert(!waiting_messages_admit(waiting, random_number(), TRUE,
					    NOW + HOUR - 1));
	/* those that wait already are counted no more */
	for (i = 0; i < AUTHRES_MAX_WAITING_PER_HOUR; i++) {
		test_assert_idx(waiting_messages_admit(waiting, numbers[i],
						       TRUE, NOW + HOUR - 1),
				i);
	}
	test_assert(waiting_messages_admit(waiting, random_number(), TRUE,
					   NOW + HOUR));
	test_assert(waiting_messages_admit(waiting, numbers[0], TRUE,
					   NOW + 4 * HOUR));
	test_end();

	test_begin("waiting messages: strangers use up their own");
	for (i = 0; i < AUTHRES_MAX_WAITING_PER_HOUR; i++) {
		test_assert_idx(waiting_messages_admit(waiting,
				random_number(), FALSE, NOW + 9 * HOUR), i);
	}
	test_assert(!waiting_messages_admit(waiting, random_number(), FALSE,
					    NOW + 9 * HOUR));
	test_assert(waiting_messages_admit(waiting, random_number(), TRUE,
					   NOW + 9 * HOUR));
	test_end();
	waiting_messages_deinit(&waiting);
	shared_memory_deinit(&memory);
}

static void test_waiting_messages_repeated(void)
{
	struct shared_memory *memory;
	struct waiting_messages *waiting = test_init(&memory);
	uint64_t number = random_number();
	unsigned int i;

	test_begin("waiting messages: one that comes often counts once");
	for (i = 0; i < 2 * AUTHRES_MAX_WAITING_PER_HOUR; i++)
		test_assert(waiting_messages_admit(waiting, number, TRUE, NOW));
	for (i = 1; i < AUTHRES_MAX_WAITING_PER_HOUR; i++) {
		test_assert_idx(waiting_messages_admit(waiting,
						       random_number(), TRUE,
						       NOW),
				i);
	}
	test_assert(!waiting_messages_admit(waiting, random_number(), TRUE,
					    NOW));
	test_end();
	waiting_messages_deinit(&waiting);
	shared_memory_deinit(&memory);
}

/* Four hours at the limit fit: who waits is not counted anew. */
static void test_waiting_messages_kept(void)
{
	struct shared_memory *memory;
	struct waiting_messages *waiting = test_init(&memory);
	unsigned int i, hour, lost = 0;
	uint64_t first = 0, number;

	test_begin("waiting messages: all are remembered while they wait");
	for (hour = 0; hour < 4; hour++) {
		for (i = 0; i < AUTHRES_MAX_WAITING_PER_HOUR; i++) {
			number = random_number();
			if (hour == 0 && i == 0)
				first = number;
			if (!waiting_messages_admit(waiting, number, TRUE,
						    NOW + hour * HOUR))
				lost++;
		}
	}
	test_assert(lost == 0);
	/* the last hour is full: only one that is remembered gets in */
	test_assert(waiting_messages_admit(waiting, first, TRUE,
					   NOW + 3 * HOUR));
	test_end();
	waiting_messages_deinit(&waiting);
	shared_memory_deinit(&memory);
}

static void test_waiting_messages_damaged(void)
{
	struct shared_memory *memory;
	struct waiting_messages *waiting = test_init(&memory);
	uint64_t number = random_number();

	test_begin("waiting messages: damaged memory");
	memset(memory->data, 0xff, memory->size);
	test_assert(waiting_messages_admit(waiting, number, TRUE, NOW));
	random_fill(memory->data, memory->size);
	(void)waiting_messages_admit(waiting, number, TRUE, NOW);
	(void)waiting_messages_admit(waiting, 0, TRUE, 0);
	test_end();
	waiting_messages_deinit(&waiting);
	shared_memory_deinit(&memory);
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_waiting_messages_limit,
		test_waiting_messages_repeated,
		test_waiting_messages_kept,
		test_waiting_messages_damaged,
		NULL
	};

	return test_run(test_functions);
}
