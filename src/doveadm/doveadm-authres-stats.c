/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "dict.h"
#include "master-service.h"
#include "mail-storage.h"
#include "doveadm.h"
#include "doveadm-print.h"
#include "authres-settings-read.h"
#include "history-client.h"
#include "history-day.h"
#include "history-dict.h"
#include "history-store.h"
#include "history-totals.h"
#include "stats-file.h"
#include "stats-page.h"
#include "commands.h"

#include <time.h>
#include <sysexits.h>

#define DEFAULT_DAYS 7
#define RECORDER_TIMEOUT_SECS 10

struct stats_command {
	struct authres_settings set;
	enum history_group group;
	/* Author Domain; NULL = all */
	const char *domain;
	/* write a page into it; NULL = print a table */
	const char *html;
	unsigned int first_day, last_day;
};

static const char *const columns[] = {
	"group", "messages", "passed", "failed", "other", "junk", "rejected",
	"overridden", "taken_back"
};

static int stats_fail(int exit_code, const char *error)
{
	i_error("authres stats: %s", error);
	doveadm_exit_code = exit_code;
	return -1;
}

static int
stats_read_params(struct stats_command *cmd, struct doveadm_cmd_context *cctx)
{
	const char *text;
	time_t since;
	bool utc;

	cmd->last_day = history_day(time(NULL));
	cmd->first_day = cmd->last_day + 1 - DEFAULT_DAYS;
	if (doveadm_cmd_param_str(cctx, "since", &text)) {
		if (mail_parse_human_timestamp(text, &since, &utc) < 0 ||
		    since < 0)
			return stats_fail(EX_USAGE, t_strdup_printf(
				"--since: %s is no date", text));
		cmd->first_day = history_day(since);
	}
	if (doveadm_cmd_param_str(cctx, "domain", &text))
		cmd->domain = t_str_lcase(text);
	(void)doveadm_cmd_param_str(cctx, "html", &cmd->html);
	if (!doveadm_cmd_param_str(cctx, "by", &text))
		return 0;
	if (cmd->html != NULL)
		return stats_fail(EX_USAGE, "--by: --html has all of them");
	if (history_group_parse(text, &cmd->group) < 0)
		return stats_fail(EX_USAGE, t_strdup_printf(
			"--by: %s is none of domain, source, disposition, "
			"override, day", text));
	return 0;
}

typedef void stats_row_callback_t(void *context, const struct history_row *row,
				  uint64_t count);

static int
stats_read_day(const struct stats_command *cmd, struct history_store *store,
	       unsigned int day, stats_row_callback_t *callback, void *context)
{
	struct history_iter *iter = history_store_rows(store, day, NULL);
	const struct history_row *row;
	const char *error;
	uint64_t count;

	while (history_iter_next_row(iter, &row, &count)) {
		if (cmd->domain == NULL ||
		    null_strcmp(cmd->domain, row->header_from) == 0)
			callback(context, row, count);
	}
	if (history_iter_deinit(&iter, &error) < 0)
		return stats_fail(EX_TEMPFAIL, error);
	return 0;
}

static int
stats_read(const struct stats_command *cmd, struct dict *dict,
	   stats_row_callback_t *callback, void *context)
{
	struct history_store *store = history_store_init(dict);
	unsigned int day;
	int ret = 0;

	for (day = cmd->first_day; day <= cmd->last_day && ret == 0; day++) {
		T_BEGIN {
			ret = stats_read_day(cmd, store, day, callback,
					     context);
		} T_END;
	}
	history_store_deinit(&store);
	return ret;
}

static void stats_print_init(void)
{
	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	for (unsigned int i = 0; i < N_ELEMENTS(columns); i++)
		doveadm_print_header_simple(columns[i]);
}

static void stats_print(struct history_totals *totals)
{
	ARRAY_TYPE(history_total) rows;
	const struct history_total *row;

	t_array_init(&rows, 32);
	history_totals_get(totals, &rows);
	array_foreach(&rows, row) T_BEGIN {
		doveadm_print(row->group);
		for (unsigned int i = 0; i < HISTORY_COUNT_COUNT; i++) {
			doveadm_print(t_strdup_printf("%"PRIu64,
						      row->counts[i]));
		}
	} T_END;
}

static void
add_to_totals(void *context, const struct history_row *row, uint64_t count)
{
	history_totals_add(context, row, count);
}

static void stats_show(const struct stats_command *cmd, struct dict *dict)
{
	struct history_totals *totals = history_totals_init(cmd->group);

	if (stats_read(cmd, dict, add_to_totals, totals) == 0)
		stats_print(totals);
	history_totals_deinit(&totals);
}

static void
add_to_page(void *context, const struct history_row *row, uint64_t count)
{
	stats_page_add(context, row, count);
}

static void stats_write(const struct stats_command *cmd, struct dict *dict)
{
	const struct stats_page_info info = {
		.host = cmd->set.authserv_ids[0],
		.domain = cmd->domain,
		.first_day = cmd->first_day,
		.last_day = cmd->last_day,
		.now = time(NULL),
	};
	struct stats_page *page = stats_page_init();
	string_t *text = str_new(default_pool, 65536);
	const char *error;

	if (stats_read(cmd, dict, add_to_page, page) == 0) {
		stats_page_write(page, &info, text);
		if (stats_file_write(cmd->html, text, &error) < 0)
			(void)stats_fail(EX_CANTCREAT, error);
	}
	str_free(&text);
	stats_page_deinit(&page);
}

/* What waits in the spool of this host counts, too. */
static void stats_flush(const struct authres_settings *set)
{
	const char *const *status, *error;

	if (history_client_ask(set->base_dir, TRUE, RECORDER_TIMEOUT_SECS,
			       &status, &error) < 0)
		i_warning("authres stats: %s - without the newest messages",
			  error);
}

static void stats_run(struct stats_command *cmd)
{
	struct dict *dict;
	const char *error;
	int ret;

	ret = history_dict_init(&cmd->set, &dict, &error);
	if (ret < 0) {
		(void)stats_fail(EX_CONFIG, error);
		return;
	}
	if (ret == 0) {
		(void)stats_fail(EX_CONFIG, "authres_history is empty: "
				 "nothing is kept of messages");
		return;
	}
	stats_flush(&cmd->set);
	if (cmd->html != NULL)
		stats_write(cmd, dict);
	else
		stats_show(cmd, dict);
	dict_deinit(&dict);
}

static void doveadm_authres_stats(struct doveadm_cmd_context *cctx)
{
	pool_t pool = pool_alloconly_create("authres stats", 4096);
	struct stats_command cmd;
	const char *const *errors, *error;

	i_zero(&cmd);
	if (authres_settings_read(pool, master_service, &cmd.set, &errors,
				  &error) < 0)
		(void)stats_fail(EX_TEMPFAIL, error);
	else if (stats_read_params(&cmd, cctx) == 0) {
		if (cmd.html == NULL)
			stats_print_init();
		stats_run(&cmd);
	}
	pool_unref(&pool);
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_stats = {
	.cmd = doveadm_authres_stats,
	.name = "authres stats",
	.usage = "[--since DATE] [--domain DOMAIN] [--by GROUP | --html FILE]",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_PARAM('\0', "since", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "domain", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "by", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "html", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAMS_END
};
