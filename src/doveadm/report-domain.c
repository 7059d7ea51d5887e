/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "authres-settings.h"
#include "history-row.h"
#include "history-store.h"
#include "report-target.h"

#define DONE_REASON "all addresses"

struct domain_run {
	struct report_run *run;
	pool_t pool;
	unsigned int day;
	const char *domain;
	ARRAY(struct report_job *) jobs;
	/* a message of the day was delivered outside Junk */
	bool outside_junk;
};

/* Is everything done that can be? Then the next run need not ask for it. */
static int
job_mark_done(struct domain_run *drun, struct report_job *job,
	      const char **error_r)
{
	const struct report_target *target;
	struct report_state done;

	if (drun->run->submission == NULL)
		return 0;
	array_foreach(&job->targets, target) {
		if (report_state_is_open(&target->state))
			return 0;
	}
	i_zero(&done);
	done.progress = REPORT_PROGRESS_SENT;
	done.time = drun->run->now;
	done.reason = DONE_REASON;
	return history_store_set_report(drun->run->store, drun->day,
		drun->domain, t_report_job_dest(job, NULL),
		t_report_state_text(&done), error_r);
}

/* Returns 1 if it is, 0, -1. People who ask with a dry run are told it all. */
static int
job_is_done(struct domain_run *drun, const struct report_job *job,
	    const char **error_r)
{
	const char *text;

	if (drun->run->submission == NULL)
		return 0;
	return history_store_get_report(drun->run->store, drun->pool,
		drun->day, drun->domain, t_report_job_dest(job, NULL), &text,
		error_r);
}

static struct report_job *
job_init(struct domain_run *drun, const struct report_policy *policy)
{
	struct report_job *job = p_new(drun->pool, struct report_job, 1);
	struct report_name_key key;

	i_zero(&key);
	key.day = drun->day;
	key.submitter = drun->run->submitter;
	key.policy_domain = drun->domain;
	key.config = policy->config;
	job->pool = drun->pool;
	job->policy = policy;
	job->day = drun->day;
	report_name_init(drun->pool, &key, &job->name);
	p_array_init(&job->targets, drun->pool, 4);
	p_array_init(&job->ignored, drun->pool, 4);
	return job;
}

/* A job for each configuration for which a mail may have to be sent. */
static int
domain_add_job(struct domain_run *drun, const struct report_policy *policy,
	       const char **error_r)
{
	struct report_job *job = job_init(drun, policy);
	struct report_target *target;
	const char *sentence;
	bool ready = FALSE;
	int ret;

	if (policy->policy.rua == NULL) {
		report_job_tell(drun->run, job, NULL, "none",
				"the record has no rua=");
		return 0;
	}
	if ((ret = job_is_done(drun, job, error_r)) != 0)
		return ret < 0 ? -1 : 0;
	if (report_job_find_targets(drun->run, job, policy->policy.rua,
				    error_r) < 0)
		return -1;
	array_foreach_elem(&job->ignored, sentence)
		report_job_tell(drun->run, job, NULL, "ignored", sentence);
	array_foreach_modifiable(&job->targets, target) {
		if (report_target_decide(drun->run, job, target, error_r) < 0)
			return -1;
		if (target->ready)
			ready = TRUE;
	}
	if (!ready)
		return job_mark_done(drun, job, error_r);
	array_push_back(&drun->jobs, &job);
	return 0;
}

/* One pass over all rows of the domain writes the files of all jobs that do not
   fit yet. */
static int
domain_write(struct domain_run *drun, enum report_detail detail,
	     const char **error_r)
{
	const struct history_row *row;
	struct history_iter *iter;
	struct report_job *job;
	uint64_t count;

	array_foreach_elem(&drun->jobs, job) {
		if (!job->fits)
			report_job_begin(drun->run, job, detail);
	}
	iter = history_store_rows(drun->run->store, drun->day, drun->domain);
	while (history_iter_next_row(iter, &row, &count)) {
		if (row->event == HISTORY_EVENT_DELIVERED && row->outside_junk)
			drun->outside_junk = TRUE;
		array_foreach_elem(&drun->jobs, job) {
			if (!job->fits &&
			    strcmp(job->policy->config, row->config) == 0)
				report_job_add(job, row, count);
		}
	}
	array_foreach_elem(&drun->jobs, job) {
		if (!job->fits)
			report_job_end(job);
	}
	return history_iter_deinit(&iter, error_r);
}

static int domain_write_all(struct domain_run *drun, const char **error_r)
{
	struct report_job *job;
	bool fits = FALSE;

	for (unsigned int detail = 0; detail < REPORT_DETAIL_COUNT && !fits;
	     detail++) {
		if (domain_write(drun, detail, error_r) < 0)
			return -1;
		fits = TRUE;
		array_foreach_elem(&drun->jobs, job) {
			if (!job->fits)
				fits = FALSE;
		}
	}
	return 0;
}

/* What the rows say about whether there is a report; NULL = there is. */
static const char *
job_why_none(const struct domain_run *drun, const struct report_job *job,
	     const struct report_target *target)
{
	if (!job->fits)
		return "the report is too large";
	if (job->messages == 0)
		return "no message has all that a report must say";
	if (!job->has_cause)
		return "all messages are reports, bounces or automatic answers";
	if (target->contact.first_sent == 0 && !drun->outside_junk)
		return "it never got a report, and all messages of the day "
			"went to Junk";
	return NULL;
}

static int
target_send(struct domain_run *drun, struct report_job *job,
	    struct report_target *target, const char **error_r)
{
	struct report_run *run = drun->run;
	const char *reason = job_why_none(drun, job, target);

	if (reason != NULL)
		return report_target_close(run, job, target,
			REPORT_PROGRESS_SUPPRESSED, reason, error_r);
	if (run->left == 0) {
		report_job_tell(run, job, target, "waits",
			"authres_report_max mails were sent within a day");
		return 0;
	}
	if (run->submission == NULL) {
		run->left--;
		report_job_tell(run, job, target, "send",
				target->destination->reason);
		return 0;
	}
	return report_job_mail(run, job, target, error_r);
}

static int domain_send(struct domain_run *drun, const char **error_r)
{
	struct report_target *target;
	struct report_job *job;

	array_foreach_elem(&drun->jobs, job) {
		array_foreach_modifiable(&job->targets, target) {
			if (target->ready &&
			    target_send(drun, job, target, error_r) < 0)
				return -1;
		}
		if (job_mark_done(drun, job, error_r) < 0)
			return -1;
	}
	return 0;
}

int report_run_domain(struct report_run *run, unsigned int day,
		      const struct report_policy *policies,
		      unsigned int count, const char **error_r)
{
	struct domain_run drun;
	struct report_job *job;
	int ret = 0;

	i_zero(&drun);
	drun.run = run;
	drun.pool = pool_alloconly_create("report domain", 4096);
	drun.day = day;
	drun.domain = policies[0].domain;
	p_array_init(&drun.jobs, drun.pool, count);
	for (unsigned int i = 0; i < count && ret == 0; i++)
		ret = domain_add_job(&drun, &policies[i], error_r);
	if (ret == 0 && array_count(&drun.jobs) > 0) {
		ret = domain_write_all(&drun, error_r);
		if (ret == 0)
			ret = domain_send(&drun, error_r);
	}
	array_foreach_elem(&drun.jobs, job) {
		if (job->file != NULL)
			buffer_free(&job->file);
	}
	pool_unref(&drun.pool);
	return ret;
}
