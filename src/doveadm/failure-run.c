/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "str.h"
#include "authres-limits.h"
#include "failure-files.h"
#include "failure-mail.h"
#include "failure-record.h"
#include "history-day.h"
#include "history-store.h"
#include "report-lease.h"
#include "report-target.h"
#include "failure-run.h"

#define HOUR_SECS 3600
/* for how many days before this one the history is asked if mail of the domain
   stays outside Junk */
#define OUTSIDE_JUNK_DAYS 2

struct failure_run {
	struct report_run *run;
	const char *dir;
	/* address -> reports within the last hour */
	pool_t pool;
	HASH_TABLE(char *, unsigned int *) sent;
	unsigned int total;
};

/* A file that is being done. */
struct failure_file {
	const char *name;
	struct failure_record record;
	struct report_policy policy;
	struct report_job job;
};

static unsigned int
sent_to(const struct failure_run *frun, const char *address)
{
	const unsigned int *count = hash_table_lookup(frun->sent, address);

	return count == NULL ? 0 : *count;
}

static void note_sent(struct failure_run *frun, const char *address)
{
	unsigned int *count = hash_table_lookup(frun->sent, address);

	if (count == NULL) {
		count = p_new(frun->pool, unsigned int, 1);
		hash_table_insert(frun->sent, p_strdup(frun->pool, address),
				  count);
	}
	*count += 1;
	frun->total++;
}

/* What was sent about messages of this day. */
static int
count_day(struct failure_run *frun, unsigned int day, const char **error_r)
{
	time_t now = frun->run->now;
	struct history_iter *iter =
		history_store_reports(frun->run->store, day, NULL);
	pool_t pool = pool_alloconly_create("failure state", 512);
	const char *domain, *dest, *text;
	struct report_state state;

	while (history_iter_next_report(iter, &domain, &dest, &text)) {
		p_clear(pool);
		if (report_dest_is_failure(dest) &&
		    report_state_parse(pool, text, &state) == 0 &&
		    state.progress == REPORT_PROGRESS_SENT &&
		    state.time > now - HOUR_SECS && state.time <= now)
			note_sent(frun, t_strcut(dest, ' '));
	}
	pool_unref(&pool);
	return history_iter_deinit(&iter, error_r);
}

static int
failure_run_init(struct report_run *run, struct failure_run *frun,
		 const char **error_r)
{
	unsigned int today = history_day(run->now);

	i_zero(frun);
	frun->run = run;
	frun->pool = pool_alloconly_create("failure run", 4096);
	hash_table_create(&frun->sent, default_pool, 0, str_hash, strcmp);
	return count_day(frun, today - 1, error_r) < 0 ||
		count_day(frun, today, error_r) < 0 ? -1 : 0;
}

static void failure_run_deinit(struct failure_run *frun)
{
	hash_table_destroy(&frun->sent);
	pool_unref(&frun->pool);
}

int report_run_count_failures(struct report_run *run, unsigned int *count_r,
			      const char **error_r)
{
	struct failure_run frun;
	int ret = failure_run_init(run, &frun, error_r);

	*count_r = frun.total;
	failure_run_deinit(&frun);
	return ret;
}

static void
file_init(struct failure_run *frun, pool_t pool, struct failure_file *file)
{
	struct report_job *job = &file->job;
	const char *id = p_strdup(pool, failure_file_id(file->name));

	file->policy.domain = file->record.policy_domain;
	file->policy.config = p_strconcat(pool, REPORT_FAILURE_CONFIG, id,
					  NULL);
	job->pool = pool;
	job->kind = REPORT_KIND_FAILURE;
	job->policy = &file->policy;
	job->day = history_day(file->record.time);
	job->name.id = id;
	job->messages = file->record.incidents;
	p_array_init(&job->targets, pool, 4);
	p_array_init(&job->ignored, pool, 4);
	frun->run->domain_count++;
}

/* Was mail of the domain delivered outside Junk lately? Returns 1, 0, -1. */
static int
domain_is_outside_junk(struct failure_run *frun, const char *domain,
		       const char **error_r)
{
	unsigned int today = history_day(frun->run->now);
	const struct history_row *row;
	struct history_iter *iter;
	uint64_t count;
	bool found = FALSE;

	for (unsigned int ago = 0; ago <= OUTSIDE_JUNK_DAYS && !found; ago++) {
		iter = history_store_rows(frun->run->store, today - ago,
					  domain);
		while (!found && history_iter_next_row(iter, &row, &count)) {
			found = row->event == HISTORY_EVENT_DELIVERED &&
				row->outside_junk;
		}
		if (history_iter_deinit(&iter, error_r) < 0)
			return -1;
	}
	return found ? 1 : 0;
}

/* Returns 1 and reason_r why it gets none, 0, -1. */
static int
target_why_none(struct failure_run *frun, const struct failure_file *file,
		const struct report_target *target, const char **reason_r,
		const char **error_r)
{
	int ret;

	if (sent_to(frun, target->address) >= AUTHRES_MAX_FAILURES_PER_HOUR) {
		*reason_r = t_strdup_printf("%u failure reports went there "
			"within an hour", AUTHRES_MAX_FAILURES_PER_HOUR);
		return 1;
	}
	if (target->contact.first_sent == 0) {
		ret = domain_is_outside_junk(frun, file->policy.domain,
					     error_r);
		*reason_r = "it never got a report, and all messages of the "
			"last days went to Junk";
		return ret < 0 ? -1 : ret == 0 ? 1 : 0;
	}
	return 0;
}

static int
target_mail(struct failure_run *frun, struct failure_file *file,
	    struct report_target *target, const char **error_r)
{
	struct report_run *run = frun->run;
	string_t *text = str_new(default_pool, 8192);
	struct failure_mail mail;
	int ret;

	i_zero(&mail);
	mail.name = &file->job.name;
	mail.submitter = run->submitter;
	mail.organization = run->organization;
	mail.from = run->from;
	mail.to = target->address;
	mail.date = run->now;
	mail.user_agent = t_str_replace(run->generator, ' ', '/');
	mail.record = &file->record;
	failure_mail_write(&mail, text);
	ret = report_job_submit(run, &file->job, target, text, error_r);
	str_free(&text);
	if (target->state.progress == REPORT_PROGRESS_SENT)
		note_sent(frun, target->address);
	return ret;
}

static int
target_send(struct failure_run *frun, struct failure_file *file,
	    struct report_target *target, const char **error_r)
{
	struct report_run *run = frun->run;
	const char *reason = NULL;
	int ret;

	ret = target_why_none(frun, file, target, &reason, error_r);
	if (ret < 0)
		return -1;
	if (ret > 0)
		return report_target_close(run, &file->job, target,
			REPORT_PROGRESS_SUPPRESSED, reason, error_r);
	if (run->left == 0) {
		report_job_tell(run, &file->job, target, "waits",
			"authres_failure_reports mails were sent within an "
			"hour");
		return 0;
	}
	if (run->submission == NULL) {
		run->left--;
		note_sent(frun, target->address);
		report_job_tell(run, &file->job, target, "send",
				target->destination->reason);
		return 0;
	}
	return target_mail(frun, file, target, error_r);
}

/* Returns 1 if nothing is left to be done about it, 0, -1. */
static int
file_send(struct failure_run *frun, struct failure_file *file,
	  const char **error_r)
{
	struct report_job *job = &file->job;
	struct report_target *target;
	const char *sentence;
	int ret = 1;

	if (report_job_find_targets(frun->run, job, file->record.ruf,
				    error_r) < 0)
		return -1;
	array_foreach_elem(&job->ignored, sentence)
		report_job_tell(frun->run, job, NULL, "ignored", sentence);
	array_foreach_modifiable(&job->targets, target) {
		if (report_target_decide(frun->run, job, target, error_r) < 0 ||
		    (target->ready &&
		     target_send(frun, file, target, error_r) < 0))
			return -1;
		if (report_state_is_open(&target->state))
			ret = 0;
	}
	return ret;
}

/* Too old, or of another clock. */
static bool file_is_stale(const struct failure_run *frun,
			  const struct failure_record *record)
{
	time_t now = frun->run->now;

	return record->time < now - AUTHRES_FAILURE_SECS ||
		record->time > now + AUTHRES_FAILURE_SECS;
}

/* Returns as file_send() does. */
static int
file_do(struct failure_run *frun, pool_t pool, struct failure_file *file,
	const char **error_r)
{
	struct report_run *run = frun->run;
	int ret = failure_file_read(pool, frun->dir, file->name, &file->record,
				    error_r);

	if (ret == 0) {
		i_warning("authres report: %s/%s is no failure report",
			  frun->dir, file->name);
		return 1;
	}
	if (ret < 0)
		return -1;
	if (run->only_domain != NULL &&
	    strcmp(file->record.policy_domain, run->only_domain) != 0)
		return 0;
	file_init(frun, pool, file);
	if (!file_is_stale(frun, &file->record))
		return file_send(frun, file, error_r);
	report_job_tell(run, &file->job, NULL,
			report_progress_name(REPORT_PROGRESS_GAVE_UP),
			"it has waited for a day");
	return 1;
}

static int
file_run(struct failure_run *frun, const char *name, const char **error_r)
{
	struct report_run *run = frun->run;
	pool_t pool = pool_alloconly_create("failure file", 4096);
	struct failure_file *file = p_new(pool, struct failure_file, 1);
	int ret;

	file->name = name;
	ret = file_do(frun, pool, file, error_r);
	if (ret > 0 && run->submission != NULL)
		ret = failure_file_remove(frun->dir, name, error_r);
	run->progress(run->context);
	pool_unref(&pool);
	return ret < 0 ? -1 : 0;
}

int report_run_failures(struct report_run *run, const char *dir,
			const char **error_r)
{
	struct failure_run frun;
	ARRAY_TYPE(const_string) names;
	const char *name, *error;
	int ret;

	ret = failure_run_init(run, &frun, error_r);
	frun.dir = dir;
	if (ret == 0)
		ret = failure_files_list(dir, &names, error_r);
	if (ret == 0)
		run->domain_total = array_count(&names);
	for (unsigned int i = 0; ret == 0 && i < run->domain_total; i++) {
		name = array_idx_elem(&names, i);
		T_BEGIN {
			if (run->lease != NULL)
				ret = report_lease_keep(run->lease, &error);
			if (ret == 0)
				ret = file_run(&frun, name, &error);
		} T_END_PASS_STR_IF(ret < 0, &error);
		if (ret < 0)
			*error_r = error;
	}
	failure_run_deinit(&frun);
	return ret;
}
