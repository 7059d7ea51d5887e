/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-text.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "report-state.h"

#define DAY 86400

static void test_report_state(void)
{
	static const struct {
		const char *text;
		int ret;
		enum report_progress progress;
		bool open;
	} tests[] = {
		{ "claimed\t1752278400\t2\tno answer", 0,
		  REPORT_PROGRESS_CLAIMED, TRUE },
		{ "sent\t1752278400\t1\t", 0, REPORT_PROGRESS_SENT, FALSE },
		{ "refused\t1752278400\t0\tx", 0, REPORT_PROGRESS_REFUSED,
		  FALSE },
		{ "gave-up\t1752278400\t9\tx", 0, REPORT_PROGRESS_GAVE_UP,
		  FALSE },
		{ "suppressed\t1752278400\t0\tx", 0,
		  REPORT_PROGRESS_SUPPRESSED, FALSE },
		/* whoever wrote these: nothing is sent twice */
		{ "", -1, REPORT_PROGRESS_SENT, FALSE },
		{ "\t1\t1\t", -1, REPORT_PROGRESS_SENT, FALSE },
		{ "claimed", -1, REPORT_PROGRESS_SENT, FALSE },
		{ "claimed\t-1\t1\t", -1, REPORT_PROGRESS_SENT, FALSE },
		{ "claimed\t1\tx\t", -1, REPORT_PROGRESS_SENT, FALSE },
		{ "claimed\t1\t1\tx\ty", -1, REPORT_PROGRESS_SENT, FALSE },
		{ "Claimed\t1\t1\t", -1, REPORT_PROGRESS_SENT, FALSE },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct report_state state;
	unsigned int i;

	test_begin("report_state_parse");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(report_state_parse(pool, tests[i].text,
						   &state) == tests[i].ret, i);
		test_assert_idx(state.progress == tests[i].progress, i);
		test_assert_idx(report_state_is_open(&state) == tests[i].open,
				i);
		if (tests[i].ret == 0) {
			test_assert_strcmp_idx(t_report_state_text(&state),
					       tests[i].text, i);
		}
	}
	i_zero(&state);
	test_assert(report_state_is_open(&state));
	/* what an MTA says may be anything */
	state.progress = REPORT_PROGRESS_REFUSED;
	state.reason = t_strconcat("a\tb\r\nc", t_repeat("x", 2000), NULL);
	test_assert(strlen(t_report_state_text(&state)) <
		    AUTHRES_MAX_REPORT_STATE_BYTES);
	test_assert(report_state_parse(pool, t_report_state_text(&state),
				       &state) == 0);
	test_assert(strpbrk(state.reason, "\t\r\n") == NULL);
	pool_unref(&pool);
	test_end();
}

static void test_report_day_is_open(void)
{
	test_begin("report_day_is_open");
	test_assert(report_day_is_open(100, 101 * DAY));
	test_assert(report_day_is_open(100, 104 * DAY - 1));
	test_assert(report_day_is_open(100, 103 * DAY));
	test_assert(!report_day_is_open(100, 104 * DAY));
	test_end();
}

static void test_report_contact(void)
{
	static const unsigned int pauses[] = {
		7, 14, 28, 56, 112, 224, 448, 448, 448
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct report_contact contact, again;
	time_t now = 1752278400;
	unsigned int i;

	test_begin("report_contact");
	i_zero(&contact);
	test_assert(!report_contact_is_paused(&contact, now));
	for (i = 0; i < N_ELEMENTS(pauses); i++) {
		report_contact_refused(&contact, now, "550 no\tsuch user");
		test_assert_idx(contact.pause_days == pauses[i], i);
		test_assert_idx(report_contact_is_paused(
			&contact, now + pauses[i] * DAY - 1), i);
		test_assert_idx(!report_contact_is_paused(
			&contact, now + pauses[i] * DAY), i);
	}
	test_assert(report_contact_parse(pool, t_report_contact_text(&contact),
					 &again) == 0);
	test_assert(again.first_sent == 0 && again.pause_days == 448 &&
		    again.paused_until == contact.paused_until);
	test_assert_strcmp(again.reason, "550 no?such user");
	/* one that is accepted ends it */
	test_assert(report_contact_accepted(&contact, now));
	test_assert(contact.first_sent == now && contact.pause_days == 0);
	test_assert(!report_contact_is_paused(&contact, now));
	test_assert(!report_contact_accepted(&contact, now + 1));
	test_assert(contact.first_sent == now);
	report_contact_refused(&contact, now, "no");
	test_assert(contact.pause_days == 7 && contact.first_sent == now);

	test_assert(report_contact_parse(pool, "1\t2\t3", &again) < 0);
	test_assert(report_contact_parse(pool, "1\tx\t3\t", &again) < 0);
	test_assert(report_contact_parse(pool, "", &again) < 0);
	test_assert(again.first_sent == 0 && again.paused_until == 0);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_report_state,
		test_report_day_is_open,
		test_report_contact,
		NULL
	};
	return test_run(test_functions);
}
