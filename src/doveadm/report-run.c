/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "history-store.h"
#include "report-name.h"
#include "report-lease.h"
#include "history-day.h"
#include "report-run.h"


bool report_dest_is_failure(const char *dest)
{
	const char *space = strrchr(dest, ' ');

	return space != NULL && strncmp(space + 1, REPORT_FAILURE_CONFIG,
					strlen(REPORT_FAILURE_CONFIG)) == 0;
}

static int
count_sent_of_day(struct report_run *run, unsigned int day,
		  unsigned int *count, const char **error_r)
{
	struct history_iter *iter =
		history_store_reports(run->store, day, NULL);
	pool_t pool = pool_alloconly_create("report state", 512);
	const char *domain, *dest, *text;
	struct report_state state;

	while (history_iter_next_report(iter, &domain, &dest, &text)) {
		p_clear(pool);
		/* no address: a mark of report-domain.c */
		if (strchr(dest, '@') != NULL &&
		    !report_dest_is_failure(dest) &&
		    report_state_parse(pool, text, &state) == 0 &&
		    state.progress == REPORT_PROGRESS_SENT &&
		    state.time > run->now - HISTORY_DAY_SECS &&
		    state.time <= run->now)
			*count += 1;
	}
	pool_unref(&pool);
	return history_iter_deinit(&iter, error_r);
}

int report_run_count_sent(struct report_run *run, unsigned int *count_r,
			  const char **error_r)
{
	unsigned int today = history_day(run->now);

	*count_r = 0;
	for (unsigned int ago = 1; ago <= AUTHRES_REPORT_TRY_DAYS + 1; ago++) {
		if (count_sent_of_day(run, today - ago, count_r, error_r) < 0)
			return -1;
	}
	return 0;
}

static void
policies_add(pool_t pool, const char *domain, const char *config,
	     const struct published_policy *policy,
	     ARRAY_TYPE(report_policy) *policies)
{
	struct report_policy *added = array_append_space(policies);

	added->domain = p_strdup(pool, domain);
	added->config = p_strdup(pool, config);
	added->policy = *policy;
	added->policy.fo = p_strdup(pool, policy->fo);
	added->policy.rua = p_strdup(pool, policy->rua);
	added->policy.ruf = NULL;
	added->policy.defect = p_strdup(pool, policy->defect);
}

/* Those with rua=; all, if it is about one domain and people want to know. */
static int
report_run_policies(struct report_run *run, pool_t pool, unsigned int day,
		    ARRAY_TYPE(report_policy) *policies, const char **error_r)
{
	struct history_iter *iter =
		history_store_policies(run->store, day, run->only_domain);
	const struct published_policy *policy;
	const char *domain, *config;
	bool full = FALSE;

	while (history_iter_next_policy(iter, &domain, &config, &policy)) {
		if (!report_domain_is_valid(domain) ||
		    (policy->rua == NULL && run->only_domain == NULL))
			continue;
		if (array_count(policies) < AUTHRES_MAX_REPORT_POLICIES)
			policies_add(pool, domain, config, policy, policies);
		else
			full = TRUE;
	}
	if (full) {
		i_warning("authres report: %s: More than %u policies: the rest "
			  "gets no report", t_history_day_text(day),
			  AUTHRES_MAX_REPORT_POLICIES);
	}
	return history_iter_deinit(&iter, error_r);
}

static int
report_run_policies_send(struct report_run *run, unsigned int day,
			 const ARRAY_TYPE(report_policy) *policies,
			 const char **error_r)
{
	const struct report_policy *all;
	unsigned int i, first, count;
	int ret = 0;

	all = array_get(policies, &count);
	run->domain_count = 0;
	run->domain_total = count;
	for (first = 0; first < count && ret == 0; first = i) {
		for (i = first + 1; i < count &&
		     strcmp(all[i].domain, all[first].domain) == 0; )
			i++;
		if (run->lease != NULL &&
		    report_lease_keep(run->lease, error_r) < 0)
			return -1;
		ret = report_run_domain(run, day, all + first, i - first,
					error_r);
		run->domain_count = i;
		run->progress(run->context);
	}
	return ret;
}

int report_run_day(struct report_run *run, unsigned int day,
		   const char **error_r)
{
	pool_t pool = pool_alloconly_create("report policies", 64 * 1024);
	ARRAY_TYPE(report_policy) policies;
	int ret;

	i_array_init(&policies, 64);
	ret = report_run_policies(run, pool, day, &policies, error_r);
	if (ret == 0)
		ret = report_run_policies_send(run, day, &policies, error_r);
	array_free(&policies);
	pool_unref(&pool);
	return ret;
}

/* A report that is given up. */
struct stale_report {
	const char *domain, *dest;
	struct report_state state;
};

static int
report_give_up(struct report_run *run, unsigned int day,
	       const struct stale_report *report, const char **error_r)
{
	struct report_state state = report->state;
	struct report_news news;

	state.progress = REPORT_PROGRESS_GAVE_UP;
	state.time = run->now;
	if (history_store_set_report(run->store, day, report->domain,
				     report->dest,
				     t_report_state_text(&state), error_r) < 0)
		return -1;
	i_zero(&news);
	news.day = day;
	news.domain = report->domain;
	news.destination = t_strcut(report->dest, ' ');
	news.action = report_progress_name(state.progress);
	news.reason = t_strdup_printf("tried for %u days: %s",
		AUTHRES_REPORT_TRY_DAYS,
		state.reason == NULL ? "interrupted" : state.reason);
	run->news(&news, run->context);
	return 0;
}

int report_run_give_up(struct report_run *run, unsigned int day,
		       const char **error_r)
{
	pool_t pool = pool_alloconly_create("stale reports", 1024);
	struct history_iter *iter =
		history_store_reports(run->store, day, run->only_domain);
	ARRAY(struct stale_report) reports;
	struct stale_report report;
	const struct stale_report *stale;
	const char *domain, *dest, *text;
	int ret;

	i_array_init(&reports, 8);
	while (history_iter_next_report(iter, &domain, &dest, &text)) {
		if (report_dest_is_failure(dest) ||
		    report_state_parse(pool, text, &report.state) < 0 ||
		    report.state.progress != REPORT_PROGRESS_CLAIMED)
			continue;
		report.domain = p_strdup(pool, domain);
		report.dest = p_strdup(pool, dest);
		array_push_back(&reports, &report);
	}
	ret = history_iter_deinit(&iter, error_r);
	array_foreach(&reports, stale) {
		if (ret == 0)
			ret = report_give_up(run, day, stale, error_r);
	}
	array_free(&reports);
	pool_unref(&pool);
	return ret;
}
