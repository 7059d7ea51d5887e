/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "test-file.h"
#include "test-history.h"
#include "test-sql-dict.h"
#include "history-store.h"

#define DAY 20281

static void
add(struct history_batch *batch, unsigned int day, const char *domain,
    const char *ip)
{
	struct history_record record;

	test_history_record(&record, day, domain, ip);
	history_batch_add(batch, &record);
}

static void test_commit(struct history_batch **batch)
{
	const char *error;

	test_assert(history_batch_commit(batch, &error) == HISTORY_COMMIT_OK);
}

/* "domain ip count;..." */
static const char *
t_rows(struct history_store *store, unsigned int day, const char *domain)
{
	struct history_iter *iter = history_store_rows(store, day, domain);
	const struct history_row *row;
	const char *error, *text = "";
	uint64_t count;

	while (history_iter_next_row(iter, &row, &count)) {
		test_assert(row->day == day);
		text = t_strdup_printf("%s%s %s %"PRIu64";", text,
				       row->policy_domain,
				       net_ip2addr(&row->source_ip), count);
	}
	test_assert(history_iter_skipped(iter) == 0);
	test_assert(history_iter_deinit(&iter, &error) == 0);
	return text;
}

static void test_rows(void)
{
	struct dict *dict = test_sql_dict_init();
	struct history_store *store = history_store_init(dict);
	struct history_batch *batch;
	const char *error;

	test_begin("history store: rows");
	for (unsigned int i = 0; i < 2; i++) {
		batch = history_batch_init(store);
		add(batch, DAY, "b.example", "192.0.2.1");
		add(batch, DAY, "a.example", "192.0.2.2");
		add(batch, DAY, "b.example", "192.0.2.1");
		add(batch, DAY + 1, "a.example", "192.0.2.3");
		test_assert(history_batch_count(batch) == 4);
		test_assert(history_batch_rows(batch) == 3);
		test_commit(&batch);
		test_assert(batch == NULL);
	}
	test_assert_strcmp(t_rows(store, DAY, NULL),
			   "a.example 192.0.2.2 2;b.example 192.0.2.1 4;");
	test_assert_strcmp(t_rows(store, DAY, "b.example"),
			   "b.example 192.0.2.1 4;");
	test_assert_strcmp(t_rows(store, DAY, "example"), "");
	test_assert_strcmp(t_rows(store, DAY + 1, NULL),
			   "a.example 192.0.2.3 2;");
	test_assert_strcmp(t_rows(store, DAY + 2, NULL), "");

	test_assert(history_store_drop_day(store, DAY, &error) == 0);
	test_assert_strcmp(t_rows(store, DAY, NULL), "");
	test_assert_strcmp(t_rows(store, DAY + 1, NULL),
			   "a.example 192.0.2.3 2;");
	history_store_deinit(&store);
	test_sql_dict_deinit(&dict);
	test_end();
}

/* In one order, whatever the order of messages: two writers never wait for each
   other in a circle. And the row comes before its counter. */
static void test_order(void)
{
	static const char *const orders[][3] = {
		{ "a.example", "b.example", "c.example" },
		{ "c.example", "b.example", "a.example" },
	};
	struct dict *dict = test_sql_dict_init();
	struct history_store *store = history_store_init(dict);
	struct history_batch *batch;
	const char *written[2], *const *keys, *prev = NULL;

	test_begin("history store: keys in order");
	for (unsigned int i = 0; i < N_ELEMENTS(orders); i++) {
		batch = history_batch_init(store);
		for (unsigned int j = 0; j < N_ELEMENTS(orders[i]); j++)
			add(batch, DAY, orders[i][j], "192.0.2.1");
		test_commit(&batch);
		written[i] = t_strdup(test_sql_dict_written(dict));
	}
	test_assert_strcmp(written[0], written[1]);
	keys = t_strsplit(written[0], " ");
	test_assert(str_array_length(keys) == 9);
	for (; *keys != NULL; keys++) {
		const char *p = strchr(*keys, '/');

		if (strncmp(*keys, "count/", 6) == 0)
			test_assert(null_strcmp(prev, p) == 0);
		prev = p;
	}
	history_store_deinit(&store);
	test_sql_dict_deinit(&dict);
	test_end();
}

static void test_policies(void)
{
	struct dict *dict = test_sql_dict_init();
	struct history_store *store = history_store_init(dict);
	struct history_batch *batch = history_batch_init(store);
	struct history_record record;
	const struct published_policy *policy;
	struct history_iter *iter;
	const char *domain, *config, *error;
	unsigned int count = 0;

	test_begin("history store: policies (RFC 9990 3.1)");
	test_history_record(&record, DAY, "a.example", "192.0.2.1");
	history_batch_add(batch, &record);
	/* the newest rua counts */
	record.policy.rua = "mailto:new@example.org";
	history_batch_add(batch, &record);
	/* another configuration */
	record.policy.policy = DMARC_POLICY_REJECT;
	record.row.config = t_published_policy_config(&record.policy);
	history_batch_add(batch, &record);
	/* without a policy there is none */
	i_zero(&record);
	record.row.day = DAY;
	record.row.policy_domain = HISTORY_NO_DOMAIN;
	record.row.config = "";
	history_batch_add(batch, &record);
	test_commit(&batch);

	iter = history_store_policies(store, DAY, NULL);
	while (history_iter_next_policy(iter, &domain, &config, &policy)) {
		test_assert_strcmp(domain, "a.example");
		test_assert_strcmp(config, t_published_policy_config(policy));
		test_assert_strcmp(policy->rua, "mailto:new@example.org");
		count++;
	}
	test_assert(history_iter_deinit(&iter, &error) == 0);
	test_assert(count == 2);
	history_store_deinit(&store);
	test_sql_dict_deinit(&dict);
	test_end();
}

static void test_failures(void)
{
	struct dict *dict = test_sql_dict_init();
	struct history_store *store = history_store_init(dict);
	struct history_batch *batch;
	struct history_iter *iter;
	const struct history_row *row;
	const char *error;
	uint64_t position, count;

	test_begin("history store: failures");
	test_assert(history_store_spool_get(store, "s1", &position,
					    &error) == 0);
	test_sql_dict_fail(dict, TEST_SQL_DICT_DOWN);
	batch = history_batch_init(store);
	add(batch, DAY, "a.example", "192.0.2.1");
	history_batch_set_spool(batch, "s1", 100);
	error = NULL;
	test_assert(history_batch_commit(&batch, &error) ==
		    HISTORY_COMMIT_FAILED);
	test_assert_strcmp(error, "down");
	test_assert(history_store_spool_get(store, "s1", &position,
					    &error) < 0);
	iter = history_store_rows(store, DAY, NULL);
	test_assert(!history_iter_next_row(iter, &row, &count));
	test_assert(history_iter_deinit(&iter, &error) < 0);

	test_sql_dict_fail(dict, TEST_SQL_DICT_UNCERTAIN);
	batch = history_batch_init(store);
	add(batch, DAY, "a.example", "192.0.2.1");
	history_batch_set_spool(batch, "s1", 200);
	test_assert(history_batch_commit(&batch, &error) ==
		    HISTORY_COMMIT_UNCERTAIN);
	/* the position tells that it was written */
	test_sql_dict_fail(dict, TEST_SQL_DICT_WORKS);
	test_assert(history_store_spool_get(store, "s1", &position,
					    &error) == 1);
	test_assert(position == 200);
	test_assert_strcmp(t_rows(store, DAY, NULL), "a.example 192.0.2.1 1;");
	history_store_deinit(&store);
	test_sql_dict_deinit(&dict);
	test_end();
}

static void test_reports(void)
{
	static const char *const dests[] = {
		"mailto:a@b.example", "mailto:%/x@y.example"
	};
	struct dict *dict = test_sql_dict_init();
	struct history_store *store = history_store_init(dict);
	struct history_iter *iter;
	const char *domain, *dest, *state, *error;
	pool_t pool = pool_datastack_create();
	unsigned int i, count = 0;

	test_begin("history store: states of reports");
	for (i = 0; i < N_ELEMENTS(dests); i++) {
		test_assert(history_store_get_report(store, pool, DAY,
			"a.example", dests[i], &state, &error) == 0);
		test_assert(history_store_set_report(store, DAY, "a.example",
			dests[i], "claimed", &error) == 0);
		test_assert(history_store_set_report(store, DAY, "a.example",
			dests[i], "sent", &error) == 0);
		test_assert(history_store_get_report(store, pool, DAY,
			"a.example", dests[i], &state, &error) == 1);
		test_assert_strcmp(state, "sent");
		test_assert(history_store_set_suppressed(store, dests[i],
			"550", &error) == 0);
	}
	iter = history_store_reports(store, DAY, "a.example");
	while (history_iter_next_report(iter, &domain, &dest, &state)) {
		test_assert_strcmp(domain, "a.example");
		test_assert(strcmp(dest, dests[0]) == 0 ||
			    strcmp(dest, dests[1]) == 0);
		count++;
	}
	test_assert(history_iter_deinit(&iter, &error) == 0);
	test_assert(count == 2);

	test_assert(history_store_unset_suppressed(store, dests[0],
						   &error) == 0);
	test_assert(history_store_get_suppressed(store, pool, dests[0],
						 &state, &error) == 0);
	iter = history_store_suppressed(store);
	test_assert(history_iter_next_suppressed(iter, &dest, &state));
	test_assert_strcmp(dest, dests[1]);
	test_assert_strcmp(state, "550");
	test_assert(!history_iter_next_suppressed(iter, &dest, &state));
	test_assert(history_iter_deinit(&iter, &error) == 0);
	test_assert(history_store_drop_day(store, DAY, &error) == 0);
	test_assert(history_store_get_report(store, pool, DAY, "a.example",
		dests[1], &state, &error) == 0);
	history_store_deinit(&store);
	test_sql_dict_deinit(&dict);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_rows,
		test_order,
		test_policies,
		test_failures,
		test_reports,
		NULL
	};
	return test_run(test_functions);
}
