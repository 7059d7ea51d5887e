/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "test-common.h"
#include "test-file.h"
#include "test-history.h"
#include "history-advice.h"

/* so many messages of author in Junk, with a DKIM pass of proof */
static void
add_junk(struct history_advice *advice, const char *author, const char *proof,
	 uint64_t count)
{
	struct history_record record;

	test_history_record(&record, 20281, author, "192.0.2.1");
	record.row.disposition = HISTORY_DISPOSITION_QUARANTINE;
	record.row.reason = HISTORY_REASON_NONE;
	record.row.reason_comment = NULL;
	record.row.spf.domain = "other.example";
	record.row.spf.result = CHECK_RESULT_FAIL;
	if (proof != NULL) {
		record.row.dkim[0].domain = proof;
		record.row.dkim[0].result = CHECK_RESULT_PASS;
	}
	history_advice_add(advice, &record.row, count);
}

static void
add_taken_back(struct history_advice *advice, const char *author,
	       const char *list, uint64_t count)
{
	struct history_row row;

	i_zero(&row);
	row.event = HISTORY_EVENT_TAKEN_BACK;
	row.disposition = HISTORY_DISPOSITION_QUARANTINE;
	row.policy_domain = row.header_from = author;
	row.reason = list == NULL ? HISTORY_REASON_NONE :
		HISTORY_REASON_MAILING_LIST;
	row.reason_comment = list;
	history_advice_add(advice, &row, count);
}

static void test_advice(void)
{
	static const struct {
		const char *proof, *list, *other_list;
		uint64_t junk, by_list, by_other, by_none;
		const char *expected;
	} tests[] = {
		{ "list.example.org", "list.example.org", NULL, 41, 3, 0, 0,
		  "x.example: 41 in Junk, 3 taken back, all by "
		  "list.example.org: consider authres_trusted_lists" },
		{ "list.example.org", "list.example.org", "l.example", 9, 3, 1,
		  2, "x.example: 9 in Junk, 6 taken back, 3 by "
		  "list.example.org: consider authres_trusted_lists" },
		{ "example.org", "list.example.org", NULL, 1, 1, 0, 0,
		  "x.example: 1 in Junk, 1 taken back, all by "
		  "list.example.org: consider authres_trusted_lists" },
		{ "bounce.list.example.org", "list.example.org", NULL, 1, 1, 0,
		  0, "x.example: 1 in Junk, 1 taken back, all by "
		  "list.example.org: consider authres_trusted_lists" },
		/* what no mail in Junk proves is no advice */
		{ NULL, "liar.example", NULL, 1, 1, 0, 0,
		  "x.example: 1 in Junk, 1 taken back, all by liar.example" },
		{ "list.example.org", "evillist.example.org", NULL, 1, 1, 0, 0,
		  "x.example: 1 in Junk, 1 taken back, all by "
		  "evillist.example.org" },
		{ "list.example.org", "org", NULL, 1, 1, 0, 0,
		  "x.example: 1 in Junk, 1 taken back, all by org" },
		{ "list.example.org", NULL, NULL, 5, 0, 0, 2,
		  "x.example: 5 in Junk, 2 taken back" },
		{ NULL, NULL, NULL, 5, 0, 0, 0,
		  "x.example: 5 in Junk, none taken back" },
		{ NULL, NULL, NULL, 0, 0, 0, 1,
		  "x.example: 0 in Junk, 1 taken back" },
	};

	test_begin("history advice");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		struct history_advice *advice = history_advice_init();
		ARRAY_TYPE(history_advice_domain) domains;

		if (tests[i].junk > 0) {
			add_junk(advice, "x.example", tests[i].proof,
				 tests[i].junk);
		}
		if (tests[i].by_other > 0) {
			add_taken_back(advice, "x.example",
				       tests[i].other_list, tests[i].by_other);
		}
		if (tests[i].by_list > 0) {
			add_taken_back(advice, "x.example", tests[i].list,
				       tests[i].by_list);
		}
		if (tests[i].by_none > 0) {
			add_taken_back(advice, "x.example", NULL,
				       tests[i].by_none);
		}
		t_array_init(&domains, 1);
		history_advice_get(advice, &domains);
		test_assert_idx(array_count(&domains) == 1, i);
		test_assert_strcmp_idx(
			t_history_advice(array_front(&domains)),
			tests[i].expected, i);
		history_advice_deinit(&advice);
	}
	test_end();
}

static void test_order(void)
{
	struct history_advice *advice = history_advice_init();
	ARRAY_TYPE(history_advice_domain) domains;
	const struct history_advice_domain *domain;
	struct history_record record;
	const char *names = "";

	test_begin("history advice: order");
	add_junk(advice, "b.example", NULL, 7);
	add_junk(advice, "a.example", NULL, 7);
	add_junk(advice, "c.example", NULL, 8);
	add_taken_back(advice, "d.example", NULL, 1);
	/* what did not go to Junk */
	test_history_record(&record, 20281, "e.example", "192.0.2.1");
	history_advice_add(advice, &record.row, 100);
	/* one author with many lists */
	for (unsigned int i = 0; i < 10 * AUTHRES_MAX_ADVICE_NAMES; i++) {
		add_taken_back(advice, "f.example",
			       t_strdup_printf("l%u.example", i), 1);
	}
	t_array_init(&domains, 4);
	history_advice_get(advice, &domains);
	array_foreach(&domains, domain) {
		names = t_strconcat(names, t_strcut(domain->domain, '.'),
				    NULL);
	}
	test_assert_strcmp(names, "fdcab");
	domain = array_front(&domains);
	test_assert(domain->taken_back == 10 * AUTHRES_MAX_ADVICE_NAMES);
	history_advice_deinit(&advice);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_advice,
		test_order,
		NULL
	};
	return test_run(test_functions);
}
