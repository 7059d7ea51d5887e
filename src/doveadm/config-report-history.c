/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "time-util.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "dovecot-config.h"
#include "verifier-listeners.h"
#include "config-reports.h"
#include "config-report-private.h"

static const char *t_number(const char *const *status, const char *key)
{
	const char *value = config_status_value(status, key);

	return *value == '\0' ? "0" : value;
}

static void
config_failure_reports(pool_t pool, const struct config_report_query *query,
		       ARRAY_TYPE(config_row) *rows)
{
	const char *value = dec2str(query->set->failure_reports);

	if (query->set->failure_reports == 0)
		return;
	if (!query->history)
		ADD(WARNING, "authres_failure_reports", value,
		    "there are none: authres_history is not set");
	else
		ADD(INFO, "authres_failure_reports", value,
		    "so many an hour: domain owners who ask for it are told "
		    "of single messages that fail, if \"doveadm authres "
		    "report --failure\" is run");
}

/* The address that reports come from, as authres report reads it. */
static void
add_report_from(pool_t pool, const struct config_report_query *query,
		ARRAY_TYPE(config_row) *rows)
{
	const char *const *words = query->set->report_from;
	unsigned int count = str_array_length(words);
	const char *from, *domain;

	from = count > 0 ? words[count - 1] :
		t_strconcat("dmarc-reports@", query->dovecot->hostname, NULL);
	domain = strrchr(from, '@');
	if (domain == NULL || strchr(domain, '.') == NULL) {
		ADD(ERROR, "authres_report_from", from,
		    "not an address with a full domain: no reports are "
		    "sent");
	} else if (count == 0) {
		ADD(INFO, "authres_report_from", "",
		    "reports come from %s, made of Dovecot's hostname: mail "
		    "to it should be read", from);
	} else {
		ADD(OK, "authres_report_from", from, "reports come from it");
	}
}

static void
add_reports(pool_t pool, const struct config_report_query *query,
	    ARRAY_TYPE(config_row) *rows)
{
	const struct config_reports *reports = query->reports;

	if (query->reports_error != NULL) {
		ADD(ERROR, "reports", "", "authres_history cannot be read: %s",
		    query->reports_error);
		return;
	}
	if (reports == NULL)
		return;
	if (reports->sent > 0) {
		ADD(OK, "reports", t_strdup_printf("last sent %s UTC",
			t_strfgmtime("%Y-%m-%d %H:%M", reports->last_sent)),
		    "%u were sent about the last %u days", reports->sent,
		    AUTHRES_REPORT_TRY_DAYS);
	} else if (reports->timer) {
		ADD(INFO, "reports", "none sent", "none about the last %u "
		    "days; doveadm authres report --dry-run says why",
		    AUTHRES_REPORT_TRY_DAYS);
	} else {
		ADD(INFO, "reports", "none sent", "nothing sends them here: "
		    "domain owners get them if doveadm authres report runs "
		    "daily on one host (systemctl enable --now "
		    "authres-report.timer)");
	}
	if (reports->suppressed > 0) {
		ADD(INFO, "reports", t_strdup_printf("%u addresses are paused",
						     reports->suppressed),
		    "their MTAs refused a report; each is tried again later");
	}
}

void config_report_history(pool_t pool,
			   const struct config_report_query *query,
			   ARRAY_TYPE(config_row) *rows)
{
	const char *const *status = query->history_status;
	const char *error, *lost, *waiting, *value;

	config_failure_reports(pool, query, rows);
	if (!query->history) {
		ADD(INFO, "authres_history", "",
		    "nothing is kept of messages: no reports, no "
		    "statistics");
		return;
	}
	if (status == NULL) {
		ADD(ERROR, "authres_history", AUTHRES_HISTORY_LISTENER,
		    "%s: messages are missing in the history",
		    query->history_error);
		return;
	}
	error = config_status_value(status, "error");
	lost = t_number(status, "lost");
	waiting = t_number(status, "waiting_bytes");
	value = t_strdup_printf("%s taken, %s stored, %s lost, %s bytes wait",
				t_number(status, "taken"),
				t_number(status, "stored"), lost, waiting);
	if (*error != '\0')
		ADD(ERROR, "authres_history", value, "%s", error);
	else if (strcmp(lost, "0") != 0)
		ADD(WARNING, "authres_history", value,
		    "messages are missing in the history; the log says why");
	else
		ADD(OK, "authres_history", value,
		    "since its process began; what waits is written within "
		    "seconds");
	add_report_from(pool, query, rows);
	add_reports(pool, query, rows);
}
