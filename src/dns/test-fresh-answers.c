/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "authres-limits.h"
#include "shared-memory.h"
#include "answer-places.h"
#include "fresh-answers.h"
#include "known-answer.h"
#include "test-kept-answer.h"
#include "test-common.h"
#include "test-file.h"

#include <unistd.h>
#include <sys/wait.h>

#define TEST_NOW 1790000000
#define TEST_TTL 300

static struct fresh_answers *test_fresh_init(void)
{
	return fresh_answers_init(
		test_kept_memory(AUTHRES_FRESH_ANSWERS_BYTES));
}

static void
note(struct fresh_answers *fresh, const char *name, const char *text,
     unsigned int ttl_secs, time_t now)
{
	T_BEGIN {
		struct dns_answer answer = *test_kept_answer(DNS_TYPE_TXT,
			text == NULL ? DNS_STATUS_NXDOMAIN :
			DNS_STATUS_ANSWER, text, 1);

		answer.ttl_secs = ttl_secs;
		fresh_answers_note(fresh, name, DNS_TYPE_TXT, &answer, now);
	} T_END;
}

/* Seconds that are left of the answer, 0 = it is not there. */
static unsigned int
secs_left(struct fresh_answers *fresh, const char *name, time_t now)
{
	struct dns_answer answer;
	unsigned int secs = 0;

	T_BEGIN {
		if (fresh_answers_find(fresh, pool_datastack_create(), name,
				       DNS_TYPE_TXT, now, &answer)) {
			test_assert(!answer.stale && answer.ttl_secs > 0);
			secs = answer.ttl_secs;
		}
	} T_END;
	return secs;
}

static void test_fresh_answers_kinds(void)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum dns_status status;
		const char *text;
		unsigned int count, ttl_secs;
		bool kept;
	} tests[] = {
		{ "_dmarc.a.example", DNS_TYPE_TXT, DNS_STATUS_ANSWER,
		  "v=DMARC1; p=reject", 1, 60, TRUE },
		{ "a.example", DNS_TYPE_TXT, DNS_STATUS_ANSWER,
		  "v=spf1 -all", 12, 60, TRUE },
		{ "a.example", DNS_TYPE_A, DNS_STATUS_ANSWER, "192.0.2.1", 3,
		  60, TRUE },
		{ "a.example", DNS_TYPE_AAAA, DNS_STATUS_ANSWER,
		  "2001:db8::1", 40, 60, TRUE },
		{ "a.example", DNS_TYPE_MX, DNS_STATUS_ANSWER, "mx.a.example",
		  5, 60, TRUE },
		{ "b.example", DNS_TYPE_MX, DNS_STATUS_ANSWER, "", 1, 60,
		  TRUE },
		{ "1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, DNS_STATUS_ANSWER,
		  "a.example", 2, 60, TRUE },
		/* RFC 2308 */
		{ "b.example", DNS_TYPE_TXT, DNS_STATUS_NODATA, NULL, 0, 60,
		  TRUE },
		{ "c.example", DNS_TYPE_A, DNS_STATUS_NXDOMAIN, NULL, 0, 60,
		  TRUE },
		{ "2.2.0.192.in-addr.arpa", DNS_TYPE_PTR, DNS_STATUS_NXDOMAIN,
		  NULL, 0, 60, TRUE },
		/* section 5: no SOA, no TTL */
		{ "d.example", DNS_TYPE_TXT, DNS_STATUS_NXDOMAIN, NULL, 0, 0,
		  FALSE },
		{ "e.example", DNS_TYPE_A, DNS_STATUS_ANSWER, "192.0.2.1", 1,
		  0, FALSE },
		{ "f.example", DNS_TYPE_TXT, DNS_STATUS_TEMPORARY, NULL, 0,
		  60, FALSE },
		/* more than a place holds */
		{ "g.example", DNS_TYPE_AAAA, DNS_STATUS_ANSWER,
		  "2001:db8::1", 253, 60, FALSE },
	};
	struct fresh_answers *fresh = test_fresh_init();
	struct dns_answer answer, found;

	test_begin("fresh answers: what is kept");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		answer = *test_kept_answer(tests[i].type, tests[i].status,
					   tests[i].text, tests[i].count);
		answer.ttl_secs = tests[i].ttl_secs;
		answer.secure = i % 2 == 0;
		answer.alias = i % 3 == 0;
		fresh_answers_note(fresh, tests[i].name, tests[i].type,
				   &answer, TEST_NOW);
		test_assert_idx(fresh_answers_find(fresh,
			pool_datastack_create(), tests[i].name, tests[i].type,
			TEST_NOW, &found) == tests[i].kept, i);
		if (tests[i].kept) {
			test_assert_idx(test_kept_answers_equal(tests[i].type,
				&answer, &found), i);
			test_assert_idx(found.secure == answer.secure &&
					!found.stale, i);
		}
	} T_END;
	fresh_answers_deinit(&fresh);
	test_end();
}

static void test_fresh_answers_ttl(void)
{
	static const struct {
		unsigned int ttl_secs;
		int age_secs;
		unsigned int left_secs;
	} tests[] = {
		{ 300, 0, 300 },
		{ 300, 100, 200 },
		{ 300, 299, 1 },
		{ 300, 300, 0 },
		{ 300, 1000000, 0 },
		{ 1, 0, 1 },
		{ 1, 1, 0 },
		/* whatever the TTL */
		{ 86400, 0, AUTHRES_FRESH_ANSWER_SECS },
		{ 86400, AUTHRES_FRESH_ANSWER_SECS - 1, 1 },
		{ 86400, AUTHRES_FRESH_ANSWER_SECS, 0 },
		{ UINT32_MAX, AUTHRES_FRESH_ANSWER_SECS, 0 },
		/* another process's clock, and one that was set back */
		{ 300, -1, 300 },
		{ 300, -60, 0 },
		{ 300, -TEST_NOW, 0 },
	};

	test_begin("fresh answers: how long they may be used");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		struct fresh_answers *fresh = test_fresh_init();

		note(fresh, "a.example", "text", tests[i].ttl_secs, TEST_NOW);
		test_assert_ucmp_idx(secs_left(fresh, "a.example",
					TEST_NOW + tests[i].age_secs), ==,
				     tests[i].left_secs, i);
		note(fresh, "b.example", NULL, tests[i].ttl_secs, TEST_NOW);
		test_assert_ucmp_idx(secs_left(fresh, "b.example",
					TEST_NOW + tests[i].age_secs), ==,
				     tests[i].left_secs, i);
		fresh_answers_deinit(&fresh);
	}
	test_end();
}

static void test_fresh_answers_newer(void)
{
	struct fresh_answers *fresh = test_fresh_init();
	char *large = i_malloc(AUTHRES_MAX_KNOWN_ANSWER_BYTES);

	test_begin("fresh answers: the newest counts");
	note(fresh, "a.example", "one", 300, TEST_NOW);
	note(fresh, "a.example", NULL, 20, TEST_NOW + 1);
	test_assert_ucmp(secs_left(fresh, "a.example", TEST_NOW + 1), ==, 20);
	/* one that cannot be kept ends the other all the same */
	note(fresh, "a.example", "one", 0, TEST_NOW + 2);
	test_assert_ucmp(secs_left(fresh, "a.example", TEST_NOW + 2), ==, 0);
	note(fresh, "a.example", "one", 300, TEST_NOW + 3);
	memset(large, 'x', AUTHRES_MAX_KNOWN_ANSWER_BYTES - 1);
	note(fresh, "a.example", large, 300, TEST_NOW + 4);
	test_assert_ucmp(secs_left(fresh, "a.example", TEST_NOW + 4), ==, 0);
	/* of any size */
	for (size_t size = 1; size < AUTHRES_MAX_KNOWN_ANSWER_BYTES - 100;
	     size += 101) {
		unsigned int ttl_secs = 300 + size / 2;

		large[size] = '\0';
		note(fresh, "a.example", large, ttl_secs, TEST_NOW + 5);
		test_assert_ucmp(secs_left(fresh, "a.example", TEST_NOW + 5),
				 ==, ttl_secs);
		large[size] = 'x';
	}
	i_free(large);
	fresh_answers_deinit(&fresh);
	test_end();
}

#define TEST_WANTED 500
#define TEST_THROW_AWAYS 100000

static unsigned int count_wanted(struct fresh_answers *fresh, time_t now)
{
	unsigned int i, count = 0;

	for (i = 0; i < TEST_WANTED; i++) T_BEGIN {
		if (secs_left(fresh, t_strdup_printf("w%u.example", i),
			      now) > 0)
			count++;
	} T_END;
	return count;
}

static void test_fresh_answers_throw_away(void)
{
	struct fresh_answers *fresh = test_fresh_init();
	unsigned int i;

	test_begin("fresh answers: 100000 throw-away names");
	for (i = 0; i < TEST_WANTED; i++) T_BEGIN {
		note(fresh, t_strdup_printf("w%u.example", i), "text",
		     3600, TEST_NOW);
	} T_END;
	/* by two messages */
	test_assert_ucmp(count_wanted(fresh, TEST_NOW), ==, TEST_WANTED);
	test_assert_ucmp(count_wanted(fresh, TEST_NOW), ==, TEST_WANTED);
	for (i = 0; i < TEST_THROW_AWAYS; i++) T_BEGIN {
		const char *name = t_strdup_printf("x%u.example", i);

		note(fresh, name, i % 2 == 0 ? "text" : NULL, 3600,
		     TEST_NOW + 1);
		/* each in one message */
		test_assert_ucmp(secs_left(fresh, name, TEST_NOW + 1), ==,
				 3600);
	} T_END;
	test_assert_ucmp(count_wanted(fresh, TEST_NOW + 2), ==, TEST_WANTED);
	/* what is over makes room */
	for (i = 0; i < TEST_THROW_AWAYS; i++) T_BEGIN {
		note(fresh, t_strdup_printf("y%u.example", i), "text", 3600,
		     TEST_NOW + 3601);
	} T_END;
	test_assert(secs_left(fresh, "y99999.example", TEST_NOW + 3601) > 0);
	fresh_answers_deinit(&fresh);
	test_end();
}

static void test_fresh_answers_hostile_memory(void)
{
	struct shared_memory *memory =
		test_kept_memory(AUTHRES_FRESH_ANSWERS_BYTES);
	struct fresh_answers *fresh = fresh_answers_init(memory);
	unsigned char *saved = i_malloc(memory->size);
	size_t i, changed = 0;

	test_begin("fresh answers: any bytes in the memory");
	note(fresh, "a.example", "text", TEST_TTL, TEST_NOW);
	memcpy(saved, memory->data, memory->size);
	for (i = 0; i < memory->size; i++) {
		if (saved[i] == 0)
			continue;
		memory->data[i] ^= 0x41;
		test_assert(secs_left(fresh, "a.example", TEST_NOW) == 0);
		memory->data[i] = saved[i];
		changed++;
	}
	test_assert(changed > strlen("a.example") + strlen("text"));
	test_assert(secs_left(fresh, "a.example", TEST_NOW) == TEST_TTL);
	for (i = 0; i < memory->size; i++)
		memory->data[i] = i_rand_limit(256);
	test_assert(secs_left(fresh, "a.example", TEST_NOW) == 0);
	for (i = 0; i < 5000; i++) T_BEGIN {
		note(fresh, t_strdup_printf("x%zu.example", i), "text",
		     TEST_TTL, TEST_NOW);
	} T_END;
	note(fresh, "a.example", "text", TEST_TTL, TEST_NOW);
	test_assert(secs_left(fresh, "a.example", TEST_NOW) == TEST_TTL);
	i_free(saved);
	fresh_answers_deinit(&fresh);
	test_end();
}

/* A process in a stranger's hands knows the secret. What it writes passes the
   check, but is not older, newer or longer than an answer can be. */
static void test_fresh_answers_forged(void)
{
	static const struct {
		int64_t confirmed;
		uint32_t ttl_secs;
		bool used;
	} tests[] = {
		{ TEST_NOW, TEST_TTL, TRUE },
		{ TEST_NOW, AUTHRES_FRESH_ANSWER_SECS, TRUE },
		{ TEST_NOW, AUTHRES_FRESH_ANSWER_SECS + 1, FALSE },
		{ TEST_NOW, UINT32_MAX, FALSE },
		{ TEST_NOW, 0, FALSE },
		{ TEST_NOW + 3600, 3600, FALSE },
		{ INT64_MAX, 3600, FALSE },
		{ INT64_MIN, 3600, FALSE },
		{ -1, UINT32_MAX, FALSE },
	};
	/* as in fresh-answers.c */
	static const struct answer_places_class
	classes[ANSWER_PLACES_CLASSES] = {
		{ 208, 1024 }, { 640, 414 },
		{ AUTHRES_MAX_KNOWN_ANSWER_BYTES, 8 },
	};
	struct shared_memory *memory =
		test_kept_memory(AUTHRES_FRESH_ANSWERS_BYTES);
	struct fresh_answers *fresh = fresh_answers_init(memory);
	struct answer_places *places =
		answer_places_init(memory, classes, TRUE);
	struct answer_place place;
	struct answer_key key;
	unsigned int i, j;

	test_begin("fresh answers: forged by another process");
	answer_key_init(places, "a.example", DNS_TYPE_TXT, &key);
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		buffer_t *data = t_buffer_create(64);

		(void)known_answer_encode(data, "a.example", DNS_TYPE_TXT,
			test_kept_answer(DNS_TYPE_TXT, DNS_STATUS_ANSWER,
					 "text", 1));
		i_zero(&place);
		place.head.tag = key.tag;
		place.head.confirmed = tests[i].confirmed;
		place.head.ttl_secs = tests[i].ttl_secs;
		place.head.size = data->used;
		memcpy(place.data, data->data, data->used);
		for (j = 0; j < ANSWER_PLACES_WAYS; j++)
			answer_places_write(places, 0, &key, j, &place);
		test_assert_idx((secs_left(fresh, "a.example",
					   TEST_NOW) > 0) == tests[i].used, i);
		/* and is no obstacle */
		note(fresh, "a.example", "text", TEST_TTL, TEST_NOW);
		test_assert_idx(secs_left(fresh, "a.example",
					  TEST_NOW) == TEST_TTL, i);
	} T_END;
	answer_places_deinit(&places);
	fresh_answers_deinit(&fresh);
	test_end();
}

static void test_fresh_answers_processes(void)
{
	struct fresh_answers *fresh = test_fresh_init();
	int status;
	pid_t pid;

	test_begin("fresh answers: of another process");
	pid = fork();
	i_assert(pid >= 0);
	if (pid == 0) {
		note(fresh, "a.example", "text", TEST_TTL, TEST_NOW);
		note(fresh, "b.example", NULL, TEST_TTL, TEST_NOW);
		_exit(0);
	}
	test_assert(waitpid(pid, &status, 0) == pid && status == 0);
	test_assert(secs_left(fresh, "a.example", TEST_NOW) == TEST_TTL);
	test_assert(secs_left(fresh, "b.example", TEST_NOW) == TEST_TTL);
	fresh_answers_deinit(&fresh);
	test_end();
}

static void test_fresh_answers_layout(void)
{
	static const char *const none[] = { NULL };
	static const char *const one[] = { "192.0.2.1", NULL };
	static const char *const two[] = { "192.0.2.1", "192.0.2.2", NULL };
	static const char *const joined[] = { "192.0.2.1192.0.2.2", NULL };
	static const struct {
		const char *const *servers;
		bool dnssec;
	} tests[] = {
		{ none, FALSE }, { none, TRUE }, { one, FALSE }, { one, TRUE },
		{ two, FALSE }, { joined, FALSE },
	};
	unsigned int i, j;

	test_begin("fresh answers: of which DNS servers");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		const char *layout = fresh_answers_layout(tests[i].servers,
							  tests[i].dnssec);

		/* as shared-memory.h wants it */
		test_assert_idx(strlen(layout) <= 63, i);
		for (j = 0; j < N_ELEMENTS(tests); j++) {
			test_assert_idx((strcmp(layout, fresh_answers_layout(
				tests[j].servers, tests[j].dnssec)) == 0) ==
				(i == j), i);
		}
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_fresh_answers_kinds,
		test_fresh_answers_ttl,
		test_fresh_answers_newer,
		test_fresh_answers_throw_away,
		test_fresh_answers_hostile_memory,
		test_fresh_answers_forged,
		test_fresh_answers_processes,
		test_fresh_answers_layout,
		NULL
	};
	return test_run(test_functions);
}
