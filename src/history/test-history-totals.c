/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "test-common.h"
#include "test-file.h"
#include "test-history.h"
#include "history-totals.h"

static void test_totals(void)
{
	static const struct {
		const char *by, *expected;
	} tests[] = {
		{ "domain", "b.example 5,0,5,0,5,0,0,0;"
			    "a.example 3,0,3,0,0,0,3,7;"
			    "- 2,0,0,2,0,0,0,0;total 10,0,8,2,5,0,3,7;" },
		{ "source", "192.0.2.2 5,0,5,0,5,0,0,0;"
			    "192.0.2.1 3,0,3,0,0,0,3,7;"
			    "- 2,0,0,2,0,0,0,0;total 10,0,8,2,5,0,3,7;" },
		{ "disposition", "none 5,0,3,2,0,0,3,0;"
				 "quarantine 5,0,5,0,5,0,0,7;"
				 "total 10,0,8,2,5,0,3,7;" },
		{ "override", "- 7,0,5,2,5,0,0,7;"
			      "mailing_list: list.example.org 3,0,3,0,0,0,3,0;"
			      "total 10,0,8,2,5,0,3,7;" },
		{ "day", "2025-07-12 5,0,3,2,0,0,3,7;"
			 "2025-07-13 5,0,5,0,5,0,0,0;"
			 "total 10,0,8,2,5,0,3,7;" },
	};
	struct history_record record;
	struct history_totals *totals;
	enum history_group group;

	test_begin("history totals");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		ARRAY_TYPE(history_total) rows;
		const struct history_total *row;
		const char *text = "";

		test_assert_idx(history_group_parse(tests[i].by, &group) == 0,
				i);
		totals = history_totals_init(group);
		test_history_record(&record, 20281, "a.example", "192.0.2.1");
		history_totals_add(totals, &record.row, 3);
		/* counts nothing that was delivered */
		record.row.event = HISTORY_EVENT_TAKEN_BACK;
		record.row.disposition = HISTORY_DISPOSITION_QUARANTINE;
		history_totals_add(totals, &record.row, 7);
		test_history_record(&record, 20282, "b.example", "192.0.2.2");
		record.row.disposition = HISTORY_DISPOSITION_QUARANTINE;
		record.row.reason = HISTORY_REASON_NONE;
		record.row.reason_comment = NULL;
		history_totals_add(totals, &record.row, 5);
		i_zero(&record.row);
		record.row.day = 20281;
		record.row.config = "";
		record.row.policy_domain = HISTORY_NO_DOMAIN;
		history_totals_add(totals, &record.row, 2);

		t_array_init(&rows, 4);
		history_totals_get(totals, &rows);
		array_foreach(&rows, row) {
			text = t_strconcat(text, row->group, " ", NULL);
			for (unsigned int j = 0; j < HISTORY_COUNT_COUNT; j++) {
				text = t_strdup_printf("%s%s%"PRIu64, text,
						       j == 0 ? "" : ",",
						       row->counts[j]);
			}
			text = t_strconcat(text, ";", NULL);
		}
		test_assert_strcmp_idx(text, tests[i].expected, i);
		history_totals_deinit(&totals);
	}
	test_assert(history_group_parse("mailbox", &group) < 0);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_totals,
		NULL
	};
	return test_run(test_functions);
}
