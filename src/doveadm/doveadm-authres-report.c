/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "str.h"
#include "str-sanitize.h"
#include "smtp-address.h"
#include "master-service.h"
#include "doveadm.h"
#include "doveadm-print.h"
#include "submission.h"
#include "authres-limits.h"
#include "authres-settings-read.h"
#include "dovecot-config.h"
#include "history-dict.h"
#include "history-store.h"
#include "failure-files.h"
#include "domain-name.h"
#include "report-name.h"
#include "destinations-child.h"
#include "failure-run.h"
#include "offline-place.h"
#include "report-lease.h"
#include "report-run.h"
#include "history-day.h"
#include "commands.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* as often as this the line is written */
#define PROGRESS_DOMAINS 20
#define REASON_SHOWN_BYTES 400

static struct event_category report_event_category = {
	.name = "authres"
};

struct report_command {
	struct doveadm_cmd_context *cctx;
	pool_t pool;
	struct authres_settings set;
	const char *zone_path;
	/* NULL = yesterday, and what is open of the days before */
	const char *date;
	bool dry_run;
	/* failure reports instead */
	bool failure;

	struct dovecot_config config;
	struct submission_settings submission;
	struct offline_place place;
	struct dict *dict;
	struct report_run run;
	/* standard error is a terminal; a line is on it */
	bool progress, progress_visible;
};

static int ATTR_FORMAT(2, 3)
report_fail(int exit_code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	i_error("authres report: %s", t_strdup_vprintf(format, args));
	va_end(args);
	doveadm_exit_code = exit_code;
	return -1;
}

static int report_parse_arguments(struct report_command *cmd)
{
	struct doveadm_cmd_context *cctx = cmd->cctx;
	const char *value, *domain, *error;
	unsigned int day;

	(void)doveadm_cmd_param_bool(cctx, "failure", &cmd->failure);
	if (doveadm_cmd_param_str(cctx, "date", &cmd->date)) {
		if (cmd->failure)
			return report_fail(EX_USAGE, "--date: Failure reports "
				"have none");
		if (report_day_parse(cmd->date, &day) < 0)
			return report_fail(EX_USAGE, "--date %s: Not a date "
				"such as 2026-07-12",
				str_sanitize(cmd->date, 40));
		if (day >= history_day(cmd->run.now))
			return report_fail(EX_USAGE, "--date %s: That day has "
				"not ended (UTC)", cmd->date);
	}
	if (doveadm_cmd_param_str(cctx, "domain", &value)) {
		if (domain_to_ascii(value, &domain, &error) < 0)
			return report_fail(EX_USAGE, "--domain %s: %s",
					   str_sanitize(value, 80), error);
		cmd->run.only_domain = p_strdup(cmd->pool, domain);
	}
	(void)doveadm_cmd_param_bool(cctx, "dry-run", &cmd->dry_run);
	(void)doveadm_cmd_param_str(cctx, "zone", &cmd->zone_path);
	return 0;
}

/* authres_report_from: "address" or "Any Name <address>". */
static int report_parse_from(struct report_command *cmd)
{
	const char *const *words = cmd->set.report_from;
	unsigned int count = str_array_length(words);
	const char *from, *domain, *error;
	struct smtp_address *address;
	string_t *name = t_str_new(64);
	size_t size;

	from = count > 0 ? words[count - 1] :
		t_strconcat("dmarc-reports@", cmd->config.hostname, NULL);
	size = strlen(from);
	if (size > 2 && from[0] == '<' && from[size - 1] == '>')
		from = t_strndup(from + 1, size - 2);
	if (smtp_address_parse_mailbox(cmd->pool, from, 0, &address,
				       &error) < 0 ||
	    domain_to_ascii(address->domain, &domain, &error) < 0 ||
	    strchr(domain, '.') == NULL) {
		return report_fail(EX_CONFIG, "authres_report_from: %s: Not "
			"an address with a full domain", from);
	}
	cmd->run.submitter = p_strdup(cmd->pool, domain);
	cmd->run.from = p_strdup(cmd->pool, smtp_address_encode(
		smtp_address_create_temp(address->localpart, domain)));
	if (count > 1) {
		for (unsigned int i = 0; i < count - 1; i++) {
			if (i > 0)
				str_append_c(name, ' ');
			str_append(name, words[i]);
		}
		cmd->run.organization = p_strdup(cmd->pool, str_c(name));
	}
	return 0;
}

static int report_read_settings(struct report_command *cmd)
{
	const char *const *errors, *error;

	if (authres_settings_read(cmd->pool, master_service, &cmd->set,
				  &errors, &error) < 0)
		return report_fail(EX_TEMPFAIL, "%s", error);
	for (; *errors != NULL; errors++)
		i_warning("%s", *errors);
	if (cmd->failure && cmd->set.failure_reports == 0)
		return report_fail(EX_CONFIG, "authres_failure_reports is 0: "
			"there are none");
	if (!history_dict_is_set(&cmd->set))
		return report_fail(EX_CONFIG, "authres_history is not set: "
			"nothing is known to report");
	if (dovecot_config_read(cmd->pool, master_service, &cmd->config,
				&error) < 0)
		return report_fail(EX_TEMPFAIL, "%s", error);
	return report_parse_from(cmd);
}

static int
report_open_submission(struct report_command *cmd, const char **error_r)
{
	cmd->submission.hostname = cmd->config.hostname;
	cmd->submission.submission_host = cmd->config.submission_host;
	cmd->submission.sendmail_path = cmd->config.sendmail_path;
	cmd->submission.submission_ssl = cmd->config.submission_ssl;
	cmd->submission.submission_timeout_secs =
		cmd->config.submission_timeout_secs;
	return submission_init(master_service, &cmd->submission,
			       &cmd->run.submission, error_r);
}

/* The child is forked before anything is opened. */
static int report_open(struct report_command *cmd)
{
	const char *error;
	int ret;

	ret = offline_place_init(cmd->pool, &cmd->set, cmd->zone_path,
				 &cmd->place, &error);
	if (ret != 0)
		return report_fail(ret, "%s", error);
	if (destinations_child_init(&cmd->place, &cmd->run.child,
				    &error) < 0 ||
	    history_dict_init(&cmd->set, &cmd->dict, &error) <= 0 ||
	    (!cmd->dry_run && report_open_submission(cmd, &error) < 0))
		return report_fail(EX_TEMPFAIL, "%s", error);
	cmd->run.store = history_store_init(cmd->dict);
	return 0;
}

static void report_progress_clear(struct report_command *cmd)
{
	if (!cmd->progress_visible)
		return;
	cmd->progress_visible = FALSE;
	fputs("\r\033[K", stderr);
	fflush(stderr);
}

static void report_progress_show(void *context)
{
	struct report_command *cmd = context;
	const struct report_run *run = &cmd->run;

	if (!cmd->progress || run->domain_count % PROGRESS_DOMAINS != 0)
		return;
	cmd->progress_visible = TRUE;
	fprintf(stderr, "\r\033[K%s: %u/%u, mails: %u",
		cmd->failure ? "reports" : "domains", run->domain_count,
		run->domain_total, run->sent);
	fflush(stderr);
}

static void report_news(const struct report_news *news, void *context)
{
	struct report_command *cmd = context;

	report_progress_clear(cmd);
	doveadm_print(t_history_day_text(news->day));
	doveadm_print(news->domain);
	doveadm_print(str_sanitize(news->destination,
				   AUTHRES_MAX_REPORT_ADDRESS_BYTES));
	doveadm_print(news->messages == 0 ? "-" : dec2str(news->messages));
	doveadm_print(news->action);
	doveadm_print(str_sanitize(news->reason, REASON_SHOWN_BYTES));
}

static void report_print_init(void)
{
	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	doveadm_print_header_simple("day");
	doveadm_print_header_simple("domain");
	doveadm_print_header_simple("destination");
	doveadm_print_header_simple("messages");
	doveadm_print_header_simple("action");
	doveadm_print_header_simple("reason");
}

static int report_count_left(struct report_command *cmd)
{
	const char *error;
	unsigned int sent, max;

	if (cmd->failure) {
		max = cmd->set.failure_reports;
		if (report_run_count_failures(&cmd->run, &sent, &error) < 0)
			return report_fail(EX_TEMPFAIL, "authres_history: %s",
					   error);
		cmd->run.left = sent >= max ? 0 : max - sent;
		return 0;
	}
	if (report_run_count_sent(&cmd->run, &sent, &error) < 0)
		return report_fail(EX_TEMPFAIL, "authres_history: %s", error);
	cmd->run.left = sent >= cmd->set.report_max ? 0 :
		cmd->set.report_max - sent;
	return 0;
}

static int report_run_days(struct report_command *cmd)
{
	unsigned int first, last, day;
	const char *error;

	last = history_day(cmd->run.now) - 1;
	first = last + 1 - AUTHRES_REPORT_TRY_DAYS;
	if (cmd->date != NULL) {
		(void)report_day_parse(cmd->date, &first);
		last = first;
	}
	if (!cmd->dry_run && cmd->date == NULL &&
	    report_run_give_up(&cmd->run, first - 1, &error) < 0)
		return report_fail(EX_TEMPFAIL, "authres_history: %s", error);
	for (day = first; day <= last; day++) {
		if (report_run_day(&cmd->run, day, &error) < 0)
			return report_fail(EX_TEMPFAIL, "%s: %s",
					   t_history_day_text(day), error);
	}
	return 0;
}

static int report_run_failure(struct report_command *cmd)
{
	const char *dir = t_strconcat(cmd->set.state_dir,
				      "/"FAILURE_FILES_DIR, NULL);
	const char *error;

	if (report_run_failures(&cmd->run, dir, &error) < 0)
		return report_fail(EX_TEMPFAIL, "%s", error);
	return 0;
}

static int report_take_lease(struct report_command *cmd)
{
	const char *error;
	int ret;

	if (cmd->dry_run)
		return 0;
	ret = report_lease_take(cmd->run.store, cmd->failure ?
				REPORT_KIND_FAILURE : REPORT_KIND_AGGREGATE,
				&cmd->run.lease, &error);
	if (ret > 0)
		return 0;
	return report_fail(EX_TEMPFAIL, ret < 0 ? "authres_history: %s" : "%s",
			   error);
}

static void report_command_run(struct report_command *cmd)
{
	if (report_parse_arguments(cmd) < 0 ||
	    report_read_settings(cmd) < 0 ||
	    report_open(cmd) < 0 ||
	    report_take_lease(cmd) < 0 ||
	    report_count_left(cmd) < 0)
		return;
	report_print_init();
	if (cmd->failure)
		(void)report_run_failure(cmd);
	else
		(void)report_run_days(cmd);
	report_progress_clear(cmd);
}

static void doveadm_authres_report(struct doveadm_cmd_context *cctx)
{
	struct report_command cmd;

	i_zero(&cmd);
	cmd.cctx = cctx;
	cmd.pool = pool_alloconly_create("authres report", 4096);
	cmd.progress = isatty(STDERR_FILENO) != 0;
	cmd.run.set = &cmd.set;
	cmd.run.generator = "authres " AUTHRES_VERSION;
	cmd.run.now = time(NULL);
	cmd.run.event = event_create(NULL);
	event_add_category(cmd.run.event, &report_event_category);
	cmd.run.news = report_news;
	cmd.run.progress = report_progress_show;
	cmd.run.context = &cmd;
	report_command_run(&cmd);

	report_lease_release(&cmd.run.lease);
	if (cmd.run.store != NULL)
		history_store_deinit(&cmd.run.store);
	if (cmd.dict != NULL)
		dict_deinit(&cmd.dict);
	submission_deinit(&cmd.run.submission);
	destinations_child_deinit(&cmd.run.child);
	offline_place_deinit(&cmd.place);
	event_unref(&cmd.run.event);
	pool_unref(&cmd.pool);
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_report = {
	.cmd = doveadm_authres_report,
	.name = "authres report",
	.usage = "[--failure] [--date <date>] [--domain <domain>] [--dry-run] "
		 "[--zone <file>]",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_PARAM('\0', "failure", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAM('\0', "date", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "domain", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "dry-run", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAM('\0', "zone", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAMS_END
};
