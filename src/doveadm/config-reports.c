/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "authres-limits.h"
#include "history-day.h"
#include "history-dict.h"
#include "history-store.h"
#include "report-state.h"
#include "config-reports.h"

#include <unistd.h>

/* what "systemctl enable" makes of debian's timer */
#define TIMER_PATH \
	"/etc/systemd/system/timers.target.wants/authres-report.timer"

static int
add_sent_of_day(struct history_store *store, unsigned int day,
		struct config_reports *reports, const char **error_r)
{
	struct history_iter *iter = history_store_reports(store, day, NULL);
	pool_t pool = pool_alloconly_create("report state", 512);
	const char *domain, *dest, *text;
	struct report_state state;

	while (history_iter_next_report(iter, &domain, &dest, &text)) {
		p_clear(pool);
		/* no address: a mark of report-domain.c */
		if (strchr(dest, '@') == NULL ||
		    report_state_parse(pool, text, &state) < 0 ||
		    state.progress != REPORT_PROGRESS_SENT)
			continue;
		reports->sent++;
		reports->last_sent = I_MAX(reports->last_sent, state.time);
	}
	pool_unref(&pool);
	return history_iter_deinit(&iter, error_r);
}

static int
add_suppressed(struct history_store *store, time_t now,
	       struct config_reports *reports, const char **error_r)
{
	struct history_iter *iter = history_store_suppressed(store);
	pool_t pool = pool_alloconly_create("report contact", 512);
	struct report_contact contact;
	const char *dest, *text;

	while (history_iter_next_suppressed(iter, &dest, &text)) {
		p_clear(pool);
		if (strchr(dest, '@') != NULL &&
		    report_contact_parse(pool, text, &contact) == 0 &&
		    report_contact_is_paused(&contact, now))
			reports->suppressed++;
	}
	pool_unref(&pool);
	return history_iter_deinit(&iter, error_r);
}

static int
ask_store(struct history_store *store, time_t now,
	  struct config_reports *reports, const char **error_r)
{
	unsigned int today = history_day(now);

	for (unsigned int ago = 1; ago <= AUTHRES_REPORT_TRY_DAYS; ago++) {
		if (add_sent_of_day(store, today - ago, reports, error_r) < 0)
			return -1;
	}
	return add_suppressed(store, now, reports, error_r);
}

int config_reports_ask(const struct authres_settings *set, time_t now,
		       struct config_reports *reports_r, const char **error_r)
{
	struct history_store *store;
	struct dict *dict;
	int ret;

	i_zero(reports_r);
	reports_r->timer = access(TIMER_PATH, F_OK) == 0;
	ret = history_dict_init(set, &dict, error_r);
	if (ret == 0)
		*error_r = "authres_history is empty";
	if (ret <= 0)
		return -1;
	store = history_store_init(dict);
	ret = ask_store(store, now, reports_r, error_r);
	history_store_deinit(&store);
	dict_deinit(&dict);
	return ret;
}
