/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-dir.h"
#include "test-history.h"
#include "test-sql-dict.h"
#include "history-day.h"
#include "history-store.h"
#include "history-taken-back.h"
#include "movers.h"
#include "recent-messages.h"
#include "row-limits.h"
#include "recorder.h"
#include "spool.h"

#include <unistd.h>

#define DAY 20281
#define TEST_KEEP_DAYS 90

struct test_site {
	struct ioloop *ioloop;
	struct dict *dict;
	struct history_store *store;
	struct spool *spool;
	struct recorder *recorder;
};

static void site_begin(struct test_site *site, struct dict *dict)
{
	const char *error;

	site->ioloop = io_loop_create();
	site->dict = dict;
	site->store = history_store_init(dict);
	if (spool_open(t_test_dir(), (uid_t)-1, (gid_t)-1, 100000,
		       &site->spool, &error) < 0)
		i_fatal("%s", error);
	site->recorder = recorder_init(site->spool, site->store,
				       TEST_KEEP_DAYS, NULL);
}

/* As a process that is killed, but for its memory. */
static void site_end(struct test_site *site)
{
	test_assert(recorder_settle(site->recorder));
	recorder_deinit(&site->recorder);
	history_store_deinit(&site->store);
	spool_close(&site->spool);
	io_loop_destroy(&site->ioloop);
}

static void site_remove(struct dict **dict)
{
	test_sql_dict_deinit(dict);
	test_dir_remove();
}

static void add(struct test_site *site, const char *ip, uint64_t number)
{
	struct history_record record;
	string_t *line = t_str_new(256);

	test_history_record(&record, DAY, "a.example", ip);
	record.message_number = number;
	history_record_encode(&record, line);
	test_assert(recorder_add(site->recorder, str_c(line)) == 0);
}

static void flushed(void *context ATTR_UNUSED)
{
	io_loop_stop(current_ioloop);
}

static void flush(struct test_site *site)
{
	struct recorder_status status;

	recorder_flush(site->recorder, flushed, site);
	io_loop_run(site->ioloop);
	recorder_get_status(site->recorder, &status);
	test_assert(status.error != NULL || status.waiting_bytes == 0);
}

/* How many messages the store has. */
static uint64_t count_day(struct dict *dict, unsigned int day)
{
	struct history_store *store = history_store_init(dict);
	struct history_iter *iter = history_store_rows(store, day, NULL);
	const struct history_row *row;
	const char *error;
	uint64_t row_count, sum = 0;

	while (history_iter_next_row(iter, &row, &row_count))
		sum += row_count;
	(void)history_iter_deinit(&iter, &error);
	history_store_deinit(&store);
	return sum;
}

static uint64_t count(struct dict *dict)
{
	return count_day(dict, DAY);
}

static void store_day(struct test_site *site, unsigned int day)
{
	struct history_batch *batch = history_batch_init(site->store);
	struct history_record record;
	const char *error;

	test_history_record(&record, day, "a.example", "192.0.2.1");
	history_batch_add(batch, &record);
	test_assert(history_batch_commit(&batch, &error) == HISTORY_COMMIT_OK);
}

/* Old days are forgotten with the first message of a day. */
static void test_old_days(void)
{
	struct dict *dict = test_sql_dict_init();
	struct test_site site;
	unsigned int oldest;

	test_begin("recorder: old days are forgotten");
	site_begin(&site, dict);
	io_loop_time_refresh();
	oldest = ioloop_time / (24 * 3600) - TEST_KEEP_DAYS;
	store_day(&site, oldest - HISTORY_DROP_DAYS);
	store_day(&site, oldest - 1);
	store_day(&site, oldest);
	add(&site, "192.0.2.1", 1);
	flush(&site);
	test_assert(count_day(dict, oldest - HISTORY_DROP_DAYS) == 0);
	test_assert(count_day(dict, oldest - 1) == 0);
	test_assert(count_day(dict, oldest) == 1);
	test_assert(count(dict) == 1);
	/* once a day */
	store_day(&site, oldest - 1);
	add(&site, "192.0.2.1", 2);
	flush(&site);
	test_assert(count_day(dict, oldest - 1) == 1);
	site_end(&site);
	site_remove(&dict);
	test_end();
}

static void test_counts(void)
{
	struct dict *dict = test_sql_dict_init();
	struct recorder_status status;
	struct test_site site;

	test_begin("recorder: every message is counted once");
	site_begin(&site, dict);
	add(&site, "192.0.2.1", 1);
	add(&site, "192.0.2.1", 2);
	/* another delivery of the same message */
	add(&site, "192.0.2.1", 2);
	/* no number: each is one of its own */
	add(&site, "192.0.2.1", 0);
	add(&site, "192.0.2.1", 0);
	flush(&site);
	test_assert(count(dict) == 4);
	recorder_get_status(site.recorder, &status);
	test_assert(status.taken == 4 && status.stored == 4 &&
		    status.lost == 0);
	site_end(&site);
	/* what is in the store does not come again */
	site_begin(&site, dict);
	add(&site, "192.0.2.2", 3);
	flush(&site);
	test_assert(count(dict) == 5);
	site_end(&site);
	site_remove(&dict);
	test_end();
}

static void test_store_down(void)
{
	struct dict *dict = test_sql_dict_init();
	struct test_site site;

	test_begin("recorder: a store that is down");
	test_sql_dict_fail(dict, TEST_SQL_DICT_DOWN);
	site_begin(&site, dict);
	for (unsigned int i = 1; i <= 50; i++)
		add(&site, "192.0.2.1", i);
	test_expect_error_string("authres_history: down");
	flush(&site);
	test_expect_no_more_errors();
	test_assert(count(dict) == 0);
	site_end(&site);

	site_begin(&site, dict);
	test_sql_dict_fail(dict, TEST_SQL_DICT_WORKS);
	add(&site, "192.0.2.1", 51);
	flush(&site);
	test_assert(count(dict) == 51);
	site_end(&site);
	site_remove(&dict);
	test_end();
}

/* The commit counts, though its result was not heard. */
static void test_uncertain(void)
{
	struct dict *dict = test_sql_dict_init();
	struct test_site site;

	test_begin("recorder: a commit whose result is not known");
	site_begin(&site, dict);
	add(&site, "192.0.2.1", 1);
	test_sql_dict_fail(dict, TEST_SQL_DICT_UNCERTAIN);
	test_expect_error_string("authres_history: connection lost");
	flush(&site);
	test_expect_no_more_errors();
	site_end(&site);
	test_sql_dict_fail(dict, TEST_SQL_DICT_WORKS);
	site_begin(&site, dict);
	add(&site, "192.0.2.1", 2);
	flush(&site);
	test_assert(count(dict) == 2);
	site_end(&site);
	site_remove(&dict);
	test_end();
}

static void test_full(void)
{
	struct dict *dict = test_sql_dict_init();
	struct recorder_status status;
	struct test_site site;

	test_begin("recorder: losses are counted");
	test_sql_dict_fail(dict, TEST_SQL_DICT_DOWN);
	site_begin(&site, dict);
	test_expect_errors(2);
	for (unsigned int i = 1; i <= 1000; i++) T_BEGIN {
		add(&site, "192.0.2.1", i);
	} T_END;
	flush(&site);
	test_expect_no_more_errors();
	recorder_get_status(site.recorder, &status);
	test_assert(status.lost > 0 && status.lost < 1000);
	test_assert(status.waiting_bytes <= 100000);
	test_sql_dict_fail(dict, TEST_SQL_DICT_WORKS);
	flush(&site);
	test_assert(count(dict) == 1000 - status.lost);
	site_end(&site);
	site_remove(&dict);
	test_end();
}

static void test_strangers_line(void)
{
	struct dict *dict = test_sql_dict_init();
	struct test_site site;

	test_begin("recorder: a line that is none");
	site_begin(&site, dict);
	test_expect_error_string("no record of a message");
	test_assert(recorder_add(site.recorder, "MESSAGE\tx") < 0);
	test_expect_no_more_errors();
	site_end(&site);
	site_remove(&dict);
	test_end();
}

static const char *t_taken_back(const char *domain)
{
	struct verdict verdict = {
		.dmarc = CHECK_RESULT_FAIL, .author_domain = domain
	};
	struct history_record record;
	string_t *line = t_str_new(256);

	/* the day is the recorder's, whatever a client says */
	history_taken_back_record(&verdict, DAY * 86400, &record);
	history_record_encode(&record, line);
	return str_c(line);
}

/* A local user may say one thing only, and not too often. */
static void test_taken_back(void)
{
	struct dict *dict = test_sql_dict_init();
	struct history_record delivered;
	struct test_site site;
	string_t *line = t_str_new(256);
	unsigned int i, today;

	test_begin("recorder: taken back");
	site_begin(&site, dict);
	io_loop_time_refresh();
	today = history_day(ioloop_time);
	test_history_record(&delivered, today, "a.example", "192.0.2.1");
	history_record_encode(&delivered, line);
	test_assert(recorder_add_taken_back(site.recorder, 1000,
					    str_c(line)) < 0);
	test_assert(recorder_add_taken_back(site.recorder, 1000,
					    "STATUS") < 0);
	test_expect_errors(1);
	for (i = 0; i < AUTHRES_MAX_TAKEN_BACK_USER_PER_HOUR + 5; i++) T_BEGIN {
		if (recorder_add_taken_back(site.recorder, 1000,
					    t_taken_back("a.example")) < 0)
			test_assert(FALSE);
	} T_END;
	test_expect_no_more_errors();
	test_assert(recorder_add_taken_back(site.recorder, 1001,
					    t_taken_back("b.example")) == 0);
	flush(&site);
	test_assert(count(dict) == 0);
	test_assert(count_day(dict, today) ==
		    AUTHRES_MAX_TAKEN_BACK_USER_PER_HOUR + 1);
	site_end(&site);
	site_remove(&dict);
	test_end();
}

static void test_movers(void)
{
	struct movers *movers = movers_init();
	unsigned int i, counted = 0, told = 0;
	time_t now = 3600 * 1000;
	int ret;

	test_begin("movers");
	for (i = 0; i <= AUTHRES_MAX_TAKEN_BACK_USER_PER_HOUR; i++) {
		ret = movers_count(movers, 1000, now + i % 3600);
		test_assert_idx(ret == (i < AUTHRES_MAX_TAKEN_BACK_USER_PER_HOUR
					? 1 : -1), i);
	}
	test_assert(movers_count(movers, 1000, now) == 0);
	test_assert(movers_count(movers, 1001, now) == 1);
	test_assert(movers_count(movers, 1000, now + 3600) == 1);
	/* all of them together */
	now += 7200;
	for (i = 0; i < 2 * AUTHRES_MAX_TAKEN_BACK_PER_HOUR; i++) {
		ret = movers_count(movers, i % 20, now);
		counted += ret == 1 ? 1 : 0;
		told += ret < 0 ? 1 : 0;
	}
	test_assert(counted == AUTHRES_MAX_TAKEN_BACK_PER_HOUR && told == 1);
	movers_deinit(&movers);
	test_end();
}

/* What users say takes no room of deliveries, and has its own. */
static void test_taken_back_limits(void)
{
	struct row_limits *limits = row_limits_init();
	struct history_record record;
	unsigned int i, detailed = 0;

	test_begin("row limits: taken back");
	for (i = 0; i < AUTHRES_MAX_TAKEN_BACK_ROWS + 10; i++) T_BEGIN {
		struct verdict verdict = {
			.author_domain = t_strdup_printf("d%u.example", i)
		};

		history_taken_back_record(&verdict, DAY * 86400, &record);
		row_limits_apply(limits, &record.row);
		if (!history_row_is_valid(&record.row))
			test_assert_idx(FALSE, i);
		if (record.row.header_from != NULL)
			detailed++;
	} T_END;
	test_assert(detailed == AUTHRES_MAX_TAKEN_BACK_ROWS);
	test_history_record(&record, DAY, "a.example", "192.0.2.1");
	row_limits_apply(limits, &record.row);
	test_assert(record.row.dkim_count == 1);
	row_limits_deinit(&limits);
	test_end();
}

static void test_recent_messages(void)
{
	struct recent_messages *recent = recent_messages_init();
	time_t now = 1000000;

	test_begin("recent messages");
	test_assert(recent_messages_add(recent, 7, now));
	test_assert(!recent_messages_add(recent, 7, now +
					 AUTHRES_HISTORY_RECENT_SECS - 1));
	test_assert(recent_messages_add(recent, 7, now +
					AUTHRES_HISTORY_RECENT_SECS));
	test_assert(recent_messages_add(recent, 0, now));
	test_assert(recent_messages_add(recent, 0, now));
	for (uint64_t i = 8; i < 4 * AUTHRES_MAX_HISTORY_RECENT; i++) {
		if (!recent_messages_add(recent, i, now + 1000))
			test_assert(FALSE);
	}
	recent_messages_deinit(&recent);
	test_end();
}

static void test_row_limits(void)
{
	struct row_limits *limits = row_limits_init();
	struct history_record record;
	struct history_row row;
	unsigned int i, detailed = 0, plain = 0, none = 0;

	test_begin("row limits");
	test_history_record(&record, DAY, "a.example", "192.0.2.1");
	for (i = 0; i < 3000; i++) T_BEGIN {
		row = record.row;
		row.dkim[0].selector = t_strdup_printf("s%u", i);
		row.source_ip.u.ip4.s_addr = i;
		row_limits_apply(limits, &row);
		test_assert(history_row_is_valid(&row));
		if (*row.config == '\0')
			none++;
		else if (row.dkim_count == 0)
			plain++;
		else
			detailed++;
	} T_END;
	test_assert(detailed == AUTHRES_MAX_HISTORY_DOMAIN_ROWS);
	test_assert(plain == AUTHRES_MAX_HISTORY_DOMAIN_PLAIN_ROWS -
		    AUTHRES_MAX_HISTORY_DOMAIN_ROWS);
	test_assert(none == 3000 - AUTHRES_MAX_HISTORY_DOMAIN_PLAIN_ROWS);
	/* one that is known, one of another domain, and the next day */
	row = record.row;
	row.dkim[0].selector = "s0";
	row.source_ip.u.ip4.s_addr = 0;
	row_limits_apply(limits, &row);
	test_assert(row.dkim_count == 1);
	row = record.row;
	row.policy_domain = "b.example";
	row_limits_apply(limits, &row);
	test_assert(row.dkim_count == 1);
	row = record.row;
	row.day++;
	row_limits_apply(limits, &row);
	test_assert(row.dkim_count == 1);
	row_limits_deinit(&limits);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_counts,
		test_old_days,
		test_store_down,
		test_uncertain,
		test_full,
		test_strangers_line,
		test_taken_back,
		test_movers,
		test_taken_back_limits,
		test_recent_messages,
		test_row_limits,
		NULL
	};
	return test_run(test_functions);
}
