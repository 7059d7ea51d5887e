/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "authres-limits.h"
#include "shared-memory.h"
#include "known-answer.h"
#include "known-answers.h"
#include "test-kept-answer.h"
#include "test-common.h"
#include "test-file.h"

#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

#define TEST_NOW 1790000000
#define TEST_DAY (24 * 3600)
#define TEST_POLICY_SECS (7 * TEST_DAY)
#define TEST_POLICY "v=DMARC1; p=reject"

static struct shared_memory *test_memory_init(void)
{
	return test_kept_memory(AUTHRES_KNOWN_ANSWERS_BYTES);
}

static struct known_answers *test_known_init(void)
{
	return known_answers_init(test_memory_init(), TEST_POLICY_SECS);
}

static void
note(struct known_answers *known, const char *name, const char *text,
     time_t now)
{
	enum dns_status status = text == NULL ?
		DNS_STATUS_NXDOMAIN : DNS_STATUS_ANSWER;

	T_BEGIN {
		known_answers_note(known, name, DNS_TYPE_TXT,
				   DNS_PURPOSE_POLICY,
				   test_kept_answer(DNS_TYPE_TXT, status, text,
						    1), now);
	} T_END;
}

/* The text known for name; "" for a known negative answer, NULL = nothing. */
static const char *
known_text(const struct known_answers *known, const char *name, time_t now)
{
	struct dns_answer answer;
	const struct dns_record *record;

	if (!known_answers_find(known, pool_datastack_create(), name,
				DNS_TYPE_TXT, now, &answer))
		return NULL;
	test_assert(answer.stale && !answer.secure && answer.ttl_secs == 30);
	if (answer.status != DNS_STATUS_ANSWER) {
		test_assert(array_count(&answer.records) == 0);
		return "";
	}
	record = array_front(&answer.records);
	test_assert(record->text[record->text_size] == '\0');
	return (const char *)record->text;
}

static void test_known_answers_kinds(void)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum dns_status status;
		const char *text;
		unsigned int count;
		bool kept;
	} tests[] = {
		{ "_dmarc.a.example", DNS_TYPE_TXT, DNS_STATUS_ANSWER,
		  TEST_POLICY, 1, TRUE },
		{ "_dmarc.b.example", DNS_TYPE_TXT, DNS_STATUS_NODATA,
		  NULL, 0, TRUE },
		{ "_dmarc.c.example", DNS_TYPE_TXT, DNS_STATUS_NXDOMAIN,
		  NULL, 0, TRUE },
		{ "_dmarc.d.example", DNS_TYPE_TXT, DNS_STATUS_TEMPORARY,
		  NULL, 0, FALSE },
		{ "s._domainkey.a.example", DNS_TYPE_TXT, DNS_STATUS_ANSWER,
		  "v=DKIM1; p=MIIB", 1, TRUE },
		/* a stranger asks early for a key that comes later */
		{ "t._domainkey.a.example", DNS_TYPE_TXT, DNS_STATUS_NXDOMAIN,
		  NULL, 0, FALSE },
		{ "a.example", DNS_TYPE_TXT, DNS_STATUS_ANSWER,
		  "v=spf1 -all", 12, TRUE },
		{ "b.example", DNS_TYPE_TXT, DNS_STATUS_NODATA,
		  NULL, 0, FALSE },
		{ "a.example", DNS_TYPE_TXT, DNS_STATUS_ANSWER, "", 1, TRUE },
		{ "a.example", DNS_TYPE_A, DNS_STATUS_ANSWER,
		  "192.0.2.1", 3, TRUE },
		{ "a.example", DNS_TYPE_AAAA, DNS_STATUS_ANSWER,
		  "2001:db8::1", 40, TRUE },
		{ "c.example", DNS_TYPE_A, DNS_STATUS_NXDOMAIN,
		  NULL, 0, FALSE },
		{ "_dmarc.e.example", DNS_TYPE_A, DNS_STATUS_NXDOMAIN,
		  NULL, 0, FALSE },
		{ "a.example", DNS_TYPE_MX, DNS_STATUS_ANSWER,
		  "mx.a.example", 5, TRUE },
		/* null MX, RFC 7505 */
		{ "b.example", DNS_TYPE_MX, DNS_STATUS_ANSWER, "", 1, TRUE },
		{ "1.2.0.192.in-addr.arpa", DNS_TYPE_PTR, DNS_STATUS_ANSWER,
		  "a.example", 1, FALSE },
	};
	struct known_answers *known = test_known_init();
	const struct dns_answer *answer;
	struct dns_answer found;

	test_begin("known answers: what is kept");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		answer = test_kept_answer(tests[i].type, tests[i].status,
				     tests[i].text, tests[i].count);
		known_answers_note(known, tests[i].name, tests[i].type,
				   DNS_PURPOSE_POLICY, answer, TEST_NOW);
		test_assert_idx(known_answers_find(known,
			pool_datastack_create(), tests[i].name, tests[i].type,
			TEST_NOW, &found) == tests[i].kept, i);
		if (tests[i].kept) {
			test_assert_idx(test_kept_answers_equal(
				tests[i].type, answer, &found), i);
		}
	} T_END;
	/* the type is a part of the question */
	test_assert(!known_answers_find(known, pool_datastack_create(),
					"_dmarc.a.example", DNS_TYPE_A,
					TEST_NOW, &found));
	known_answers_deinit(&known);
	test_end();
}

static void test_known_answers_age(void)
{
	static const struct {
		const char *name;
		unsigned int policy_secs;
		int age_secs;
		bool found;
	} tests[] = {
		{ "_dmarc.a.example", 7 * TEST_DAY, 0, TRUE },
		{ "_dmarc.a.example", 7 * TEST_DAY, 7 * TEST_DAY, TRUE },
		{ "_dmarc.a.example", 7 * TEST_DAY, 7 * TEST_DAY + 1, FALSE },
		{ "_dmarc.a.example", 30 * TEST_DAY, 29 * TEST_DAY, TRUE },
		{ "a.example", 7 * TEST_DAY, TEST_DAY, TRUE },
		{ "a.example", 7 * TEST_DAY, TEST_DAY + 1, FALSE },
		{ "s._domainkey.a.example", 7 * TEST_DAY, TEST_DAY + 1, FALSE },
		/* the setting holds for all of them */
		{ "_dmarc.a.example", 3600, 3601, FALSE },
		{ "a.example", 3600, 3600, TRUE },
		{ "a.example", 3600, 3601, FALSE },
		/* another process's clock, and one that was set back */
		{ "_dmarc.a.example", 7 * TEST_DAY, -2, TRUE },
		{ "_dmarc.a.example", 7 * TEST_DAY, -3600, FALSE },
		{ "_dmarc.a.example", 7 * TEST_DAY, -TEST_NOW, FALSE },
	};

	test_begin("known answers: how old they may be");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		struct known_answers *known =
			known_answers_init(test_memory_init(),
					   tests[i].policy_secs);

		note(known, tests[i].name, "text", TEST_NOW);
		test_assert_idx((known_text(known, tests[i].name,
				TEST_NOW + tests[i].age_secs) != NULL) ==
				tests[i].found, i);
		known_answers_deinit(&known);
	}
	test_end();
}

static char *long_text(size_t size)
{
	char *text = t_malloc0(size + 1);

	memset(text, 'x', size);
	return text;
}

static void test_known_answers_newer(void)
{
	static const char *const policy = "_dmarc.a.example";
	static const char *const key = "s._domainkey.a.example";
	struct known_answers *known = test_known_init();
	size_t size;

	test_begin("known answers: the newest is known");
	note(known, policy, TEST_POLICY, TEST_NOW);
	note(known, policy, "v=DMARC1; p=none", TEST_NOW + 1);
	test_assert_strcmp(known_text(known, policy, TEST_NOW + 1),
			   "v=DMARC1; p=none");
	/* confirmed later: counts from then on */
	note(known, policy, "v=DMARC1; p=none", TEST_NOW + TEST_DAY);
	test_assert(known_text(known, policy,
			       TEST_NOW + 8 * TEST_DAY) != NULL);
	note(known, policy, NULL, TEST_NOW + 2 * TEST_DAY);
	test_assert_strcmp(known_text(known, policy, TEST_NOW + 2 * TEST_DAY),
			   "");
	/* a key that is gone is not used again, nor one that grew too large */
	note(known, key, "v=DKIM1; p=MIIB", TEST_NOW);
	note(known, key, NULL, TEST_NOW + 1);
	test_assert(known_text(known, key, TEST_NOW + 1) == NULL);
	/* every size */
	for (size = 1; size < 2 * AUTHRES_MAX_KNOWN_ANSWER_BYTES;
	     size += 97) T_BEGIN {
		const char *text = long_text(size), *text_known;

		note(known, key, text, TEST_NOW + size);
		text_known = known_text(known, key, TEST_NOW + size);
		if (size > AUTHRES_MAX_KNOWN_ANSWER_BYTES - 100) {
			test_assert(text_known == NULL ||
				    strlen(text_known) == size);
		} else {
			test_assert(text_known != NULL &&
				    strcmp(text_known, text) == 0);
		}
	} T_END;
	test_assert(known_text(known, key, TEST_NOW + size) == NULL);
	/* what is no answer changes nothing */
	note(known, key, "v=DKIM1; p=MIIB", TEST_NOW + size);
	known_answers_note(known, key, DNS_TYPE_TXT, DNS_PURPOSE_POLICY,
			   test_kept_answer(DNS_TYPE_TXT, DNS_STATUS_TEMPORARY,
				       NULL, 0), TEST_NOW + size);
	test_assert(known_text(known, key, TEST_NOW + size) != NULL);
	known_answers_deinit(&known);
	test_end();
}

#define TEST_BANKS 500
#define TEST_THROW_AWAYS 100000
/* twice what there is room for */
#define TEST_OTHERS 32768

static const char *bank_policy(unsigned int number)
{
	return t_strdup_printf("_dmarc.bank%u.example", number);
}

static const char *bank_key(unsigned int number)
{
	return t_strdup_printf("s._domainkey.bank%u.example", number);
}

static unsigned int
count_banks(const struct known_answers *known,
	    const char *(*name)(unsigned int), time_t now)
{
	unsigned int i, count = 0;

	for (i = 0; i < TEST_BANKS; i++) T_BEGIN {
		if (known_text(known, name(i), now) != NULL)
			count++;
	} T_END;
	return count;
}

static void
note_banks(struct known_answers *known, time_t now)
{
	for (unsigned int i = 0; i < TEST_BANKS; i++) T_BEGIN {
		note(known, bank_policy(i), TEST_POLICY, now);
		note(known, bank_key(i), long_text(400), now);
		/* a stranger cannot make it unwanted */
		known_answers_note(known, bank_policy(i), DNS_TYPE_TXT,
			DNS_PURPOSE_MINOR, test_kept_answer(DNS_TYPE_TXT,
				DNS_STATUS_ANSWER, TEST_POLICY, 1), now);
	} T_END;
}

/* Policies and keys of domains never seen again. */
static void
note_throw_aways(struct known_answers *known, unsigned int count, time_t now)
{
	for (unsigned int i = 0; i < count; i++) T_BEGIN {
		const char *name = t_strdup_printf("x%u.example", i);

		note(known, t_strconcat("_dmarc.", name, NULL), TEST_POLICY,
		     now + i / 100);
		note(known, t_strconcat("s._domainkey.", name, NULL),
		     long_text(400), now + i / 100);
	} T_END;
}

static void test_known_answers_throw_away(void)
{
	struct known_answers *known = test_known_init();
	unsigned int i, taken, places;

	test_begin("known answers: 100000 throw-away domains");
	note_banks(known, TEST_NOW);
	note_banks(known, TEST_NOW + TEST_DAY);
	note_throw_aways(known, TEST_THROW_AWAYS, TEST_NOW + TEST_DAY);
	/* some as often as they like, within a day */
	for (i = 0; i < 20; i++)
		note_throw_aways(known, 200, TEST_NOW + TEST_DAY + 1000 * i);
	test_assert(count_banks(known, bank_policy,
				TEST_NOW + TEST_DAY) == TEST_BANKS);
	test_assert(count_banks(known, bank_key,
				TEST_NOW + TEST_DAY) == TEST_BANKS);
	known_answers_usage(known, &taken, &places);
	test_assert(taken > places / 2 && taken <= places);
	/* what came last is known as well, as long as there is room */
	test_assert(known_text(known, "_dmarc.x99999.example",
			       TEST_NOW + TEST_DAY + 1000) != NULL);
	/* what nobody asks for any more makes room */
	note_throw_aways(known, TEST_OTHERS, TEST_NOW + 9 * TEST_DAY);
	test_assert(count_banks(known, bank_policy,
				TEST_NOW + 3 * TEST_DAY) < TEST_BANKS / 2);
	known_answers_deinit(&known);
	test_end();
}

/* Among what was seen on one day policies go before the rest. */
static void test_known_answers_policy_first(void)
{
	struct known_answers *known = test_known_init();
	unsigned int i;

	test_begin("known answers: policies before other answers");
	for (i = 0; i < TEST_BANKS; i++) T_BEGIN {
		note(known, bank_policy(i), TEST_POLICY, TEST_NOW);
	} T_END;
	for (i = 0; i < TEST_OTHERS; i++) T_BEGIN {
		note(known, t_strdup_printf("x%u.example", i), "v=spf1 -all",
		     TEST_NOW + 1);
		note(known, t_strdup_printf("_dmarc.x%u.bank.example", i),
		     NULL, TEST_NOW + 1);
		known_answers_note(known,
			t_strdup_printf("_dmarc.y%u.example", i),
			DNS_TYPE_TXT, DNS_PURPOSE_MINOR,
			test_kept_answer(DNS_TYPE_TXT, DNS_STATUS_ANSWER,
				    TEST_POLICY, 1), TEST_NOW + 1);
	} T_END;
	test_assert(count_banks(known, bank_policy,
				TEST_NOW + 1) == TEST_BANKS);
	known_answers_deinit(&known);
	test_end();
}

static void test_known_answers_hostile_memory(void)
{
	static const char *const name = "_dmarc.a.example";
	struct shared_memory *memory = test_memory_init();
	struct known_answers *known =
		known_answers_init(memory, TEST_POLICY_SECS);
	unsigned char *saved = i_malloc(memory->size);
	const char *text;
	size_t i, changed = 0;

	test_begin("known answers: any bytes in the memory");
	note(known, name, TEST_POLICY, TEST_NOW);
	memcpy(saved, memory->data, memory->size);
	/* every byte that is used, changed */
	for (i = 0; i < memory->size; i++) {
		if (saved[i] == 0)
			continue;
		memory->data[i] ^= 0x41;
		T_BEGIN {
			text = known_text(known, name, TEST_NOW);
			test_assert(text == NULL);
		} T_END;
		memory->data[i] = saved[i];
		changed++;
	}
	test_assert(changed > strlen(TEST_POLICY) + strlen(name));
	test_assert_strcmp(known_text(known, name, TEST_NOW), TEST_POLICY);
	/* noise: nothing is found, and all goes on */
	for (i = 0; i < memory->size; i++)
		memory->data[i] = i_rand_limit(256);
	test_assert(known_text(known, name, TEST_NOW) == NULL);
	for (i = 0; i < 5000; i++) T_BEGIN {
		note(known, t_strdup_printf("_dmarc.x%zu.example", i),
		     TEST_POLICY, TEST_NOW);
	} T_END;
	note(known, name, TEST_POLICY, TEST_NOW);
	test_assert_strcmp(known_text(known, name, TEST_NOW), TEST_POLICY);
	/* another secret: not ours */
	known_answers_deinit(&known);
	memory->secret[0] ^= 1;
	known = known_answers_init(memory, TEST_POLICY_SECS);
	test_assert(known_text(known, name, TEST_NOW) == NULL);
	i_free(saved);
	known_answers_deinit(&known);
	test_end();
}

/* What a process in a stranger's hands can write has a good check, but must
   still be an answer. */
static void test_known_answer_decode(void)
{
#define HEAD "\x04\x00\x00\x03" "a.b"
	static const struct {
		enum dns_type type;
		const char *data;
		size_t size;
		bool good;
	} tests[] = {
#define ROW(type, data, good) { type, data, sizeof(data) - 1, good }
		ROW(DNS_TYPE_TXT, HEAD"\x00\x01\x00\x02xy", TRUE),
		ROW(DNS_TYPE_TXT, HEAD"\x00\x01\x00\x00", TRUE),
		ROW(DNS_TYPE_TXT, "", FALSE),
		ROW(DNS_TYPE_TXT, "\x04", FALSE),
		ROW(DNS_TYPE_TXT, "\x04\x00\x00\xff" "a.b", FALSE),
		/* no record, one missing, one cut, one more */
		ROW(DNS_TYPE_TXT, HEAD"\x00\x00", FALSE),
		ROW(DNS_TYPE_TXT, HEAD"\x00\x02\x00\x02xy", FALSE),
		ROW(DNS_TYPE_TXT, HEAD"\x00\x01\x00\x03xy", FALSE),
		ROW(DNS_TYPE_TXT, HEAD"\x00\x01\xff\xffxy", FALSE),
		ROW(DNS_TYPE_TXT, HEAD"\x00\x01\x00\x01xy", FALSE),
		ROW(DNS_TYPE_TXT, HEAD"\xff\xff\x00\x01x", FALSE),
		/* another name, type, status or flag */
		ROW(DNS_TYPE_TXT, "\x04\x00\x00\x03" "a.c\x00\x01\x00\x01x",
		    FALSE),
		ROW(DNS_TYPE_A, HEAD"\x00\x01\x00\x02xy", FALSE),
		ROW(DNS_TYPE_TXT, "\x04\x03\x00\x03" "a.b\x00\x00", FALSE),
		ROW(DNS_TYPE_TXT, "\x04\x09\x00\x03" "a.b\x00\x00", FALSE),
		ROW(DNS_TYPE_TXT, "\x04\x00\x04\x03" "a.b\x00\x01\x00\x01x",
		    FALSE),
		ROW(DNS_TYPE_TXT, "\x04\x00\x02\x03" "a.b\x00\x01\x00\x01x",
		    TRUE),
		/* NODATA with and without a record */
		ROW(DNS_TYPE_TXT, "\x04\x01\x00\x03" "a.b\x00\x00", TRUE),
		ROW(DNS_TYPE_TXT, "\x04\x02\x01\x03" "a.b\x00\x00", TRUE),
		ROW(DNS_TYPE_TXT, "\x04\x01\x00\x03" "a.b\x00\x01\x00\x01x",
		    FALSE),
		/* addresses */
		ROW(DNS_TYPE_A, "\x00\x00\x00\x03" "a.b\x00\x01\x01\x02\x03\x04",
		    TRUE),
		ROW(DNS_TYPE_A, "\x00\x00\x00\x03" "a.b\x00\x01\x01\x02\x03",
		    FALSE),
		ROW(DNS_TYPE_AAAA, "\x01\x00\x00\x03" "a.b\x00\x01"
		    "0123456789abcdef", TRUE),
		/* names as resolver.h promises them */
		ROW(DNS_TYPE_MX, "\x02\x00\x00\x03" "a.b\x00\x01\x00\x05\x01m",
		    TRUE),
		ROW(DNS_TYPE_MX, "\x02\x00\x00\x03" "a.b\x00\x01\x00\x05\x00",
		    TRUE),
		ROW(DNS_TYPE_MX, "\x02\x00\x00\x03" "a.b\x00\x01\x00\x05\x01M",
		    FALSE),
		ROW(DNS_TYPE_MX, "\x02\x00\x00\x03" "a.b\x00\x01\x00\x05\x02m.",
		    FALSE),
		ROW(DNS_TYPE_MX, "\x02\x00\x00\x03" "a.b\x00\x01\x00\x05\x02m\0",
		    FALSE),
		ROW(DNS_TYPE_MX, "\x02\x00\x00\x03" "a.b\x00\x01\x00\x05\x02m\n",
		    FALSE),
		ROW(DNS_TYPE_PTR, "\x03\x00\x00\x03" "a.b\x00\x01\x01m",
		    TRUE),
		ROW(DNS_TYPE_PTR, "\x03\x00\x00\x03" "a.b\x00\x01\x02m\n",
		    FALSE),
	};
	struct dns_answer answer;

	test_begin("known answer: hostile bytes");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		/* in memory of its own, so that no byte behind it is read */
		unsigned char *data = i_malloc(I_MAX(tests[i].size, 1));
		buffer_t *again = t_buffer_create(64);

		memcpy(data, tests[i].data, tests[i].size);
		test_assert_idx(known_answer_decode(pool_datastack_create(),
			data, tests[i].size, "a.b", tests[i].type,
			&answer) == tests[i].good, i);
		if (tests[i].good) {
			test_assert_idx(known_answer_encode(again, "a.b",
				tests[i].type, &answer), i);
			test_assert_idx(again->used == tests[i].size &&
				memcmp(again->data, data, again->used) == 0,
				i);
		}
		i_free(data);
	} T_END;
	test_end();
}

#define TEST_WRITERS 4
#define TEST_NAMES 8

/* Writes the same names as others, each time with another text that tells of
   which name it is; never returns. */
static void child_write(struct known_answers *known, unsigned int number)
{
	for (unsigned int i = 0;; i++) T_BEGIN {
		note(known, t_strdup_printf("_dmarc.x%u.example",
					    i % TEST_NAMES),
		     t_strdup_printf("x%u%s", i % TEST_NAMES,
				     long_text((i * 7 + number) % 100)),
		     TEST_NOW);
	} T_END;
}

static bool text_is_whole(const char *text, unsigned int number)
{
	const char *prefix = t_strdup_printf("x%u", number);
	size_t size = strlen(prefix);

	return strncmp(text, prefix, size) == 0 &&
		strspn(text + size, "x") == strlen(text + size);
}

static void test_known_answers_killed(void)
{
	struct known_answers *known = test_known_init();
	unsigned int round, i, found = 0;
	pid_t pids[TEST_WRITERS];
	const char *text;
	int status;

	test_begin("known answers: writers at once, killed at any point");
	for (round = 0; round < 8; round++) {
		for (i = 0; i < TEST_WRITERS; i++) {
			if ((pids[i] = fork()) == 0)
				child_write(known, i);
			test_assert(pids[i] > 0);
		}
		for (i = 0; i < 5000; i++) T_BEGIN {
			text = known_text(known, t_strdup_printf(
				"_dmarc.x%u.example", i % TEST_NAMES),
				TEST_NOW);
			if (text != NULL) {
				found++;
				test_assert(text_is_whole(text,
							  i % TEST_NAMES));
			}
		} T_END;
		for (i = 0; i < TEST_WRITERS; i++) {
			(void)kill(pids[i], SIGKILL);
			test_assert(waitpid(pids[i], &status, 0) == pids[i]);
		}
		for (i = 0; i < TEST_NAMES; i++) T_BEGIN {
			text = known_text(known, t_strdup_printf(
				"_dmarc.x%u.example", i), TEST_NOW);
			test_assert(text == NULL || text_is_whole(text, i));
		} T_END;
	}
	test_assert(found > 0);
	/* what was left half written is no obstacle */
	for (i = 0; i < TEST_NAMES; i++) T_BEGIN {
		const char *name = t_strdup_printf("_dmarc.x%u.example", i);

		note(known, name, TEST_POLICY, TEST_NOW + 1);
		test_assert_strcmp(known_text(known, name, TEST_NOW + 1),
				   TEST_POLICY);
	} T_END;
	known_answers_deinit(&known);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_known_answers_kinds,
		test_known_answers_age,
		test_known_answers_newer,
		test_known_answers_throw_away,
		test_known_answers_policy_first,
		test_known_answers_hostile_memory,
		test_known_answer_decode,
		test_known_answers_killed,
		NULL
	};
	return test_run(test_functions);
}
