/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "verifier-listeners.h"
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
}
