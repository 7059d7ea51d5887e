/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-history.h"
#include "failure-record.h"

#define TEXT "Auth-Failure: dmarc\tFrom: `6a6f65`@shop.example"
#define LINE(version, time, domain, ip, delivery, incidents, ruf) \
	"FAILURE\t" version "\t" time "\tffff\t" domain "\tshop.example\t" ip \
	"\t" delivery "\t" incidents "\t" ruf "\t" TEXT
#define GOOD LINE("1", "1752366000", "shop.example", "192.0.2.7", "policy", \
		  "1", "mailto:f@shop.example!10m")

static void test_record(void)
{
	struct history_record history;
	struct failure_record record, again;
	string_t *line = t_str_new(256);

	test_begin("failure record");
	test_history_record(&history, 20281, "shop.example", "192.0.2.7");
	history.message_number = 0xffff;
	history.policy.ruf = "mailto:f@shop.example!10m";
	history.row.disposition = HISTORY_DISPOSITION_QUARANTINE;
	test_assert(failure_record_init(&history, TEXT, 1752366000, &record));
	failure_record_encode(&record, line);
	test_assert_strcmp(str_c(line), GOOD);
	test_assert(failure_record_decode(pool_datastack_create(), GOOD,
					  &again) == 0);
	test_assert(again.time == 1752366000 && again.incidents == 1 &&
		    again.message_number == 0xffff);
	test_assert_strcmp(again.text, TEXT);

	history.row.disposition = HISTORY_DISPOSITION_REJECT;
	test_assert(failure_record_init(&history, TEXT, 1, &record) &&
		    record.delivery == FAILURE_DELIVERY_REJECT);
	/* allowed by a user, or passed: nobody is told */
	history.row.disposition = HISTORY_DISPOSITION_PASS;
	test_assert(failure_record_init(&history, TEXT, 1, &record) &&
		    record.delivery == FAILURE_DELIVERY_DELIVERED);
	test_assert(!failure_record_init(&history, NULL, 1, &record));
	history.policy.ruf = NULL;
	test_assert(!failure_record_init(&history, TEXT, 1, &record));
	test_end();
}

static void test_refused(void)
{
#define RUF "mailto:f@shop.example"
	static const char *const lines[] = {
		"", "FAILURE", "FAILURE\t1", "MESSAGE\t1",
		LINE("2", "1", "x.example", "192.0.2.7", "policy", "1", RUF),
		LINE("1", "-1", "x.example", "192.0.2.7", "policy", "1", RUF),
		LINE("1", "01", "x.example", "192.0.2.7", "policy", "1", RUF),
		LINE("1", "1", "X.example", "192.0.2.7", "policy", "1", RUF),
		LINE("1", "1", "", "192.0.2.7", "policy", "1", RUF),
		LINE("1", "1", "../x", "192.0.2.7", "policy", "1", RUF),
		LINE("1", "1", "x.example", "192.0.2", "policy", "1", RUF),
		LINE("1", "1", "x.example", "", "policy", "1", RUF),
		LINE("1", "1", "x.example", "192.0.2.7", "spam", "1", RUF),
		LINE("1", "1", "x.example", "192.0.2.7", "policy", "0", RUF),
		LINE("1", "1", "x.example", "192.0.2.7", "policy", "1", ""),
		LINE("1", "1", "x.example", "192.0.2.7", "policy", "1", "a b"),
		GOOD "\t", GOOD "\tSubject: x", GOOD "\tFrom: x", GOOD "\n",
	};
	struct failure_record record;

	test_begin("failure record: what is none");
	for (unsigned int i = 0; i < N_ELEMENTS(lines); i++) T_BEGIN {
		test_assert_idx(failure_record_decode(pool_datastack_create(),
						      lines[i],
						      &record) < 0, i);
	} T_END;
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_record,
		test_refused,
		NULL
	};
	return test_run(test_functions);
}
