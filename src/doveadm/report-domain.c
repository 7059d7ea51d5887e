/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "authres-settings.h"
#include "history-row.h"
#include "history-store.h"
#include "destinations-child.h"
#include "history-day.h"
#include "report-job.h"

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

/* TRUE if address, or its domain or one above, is listed. */
static bool
is_never(const struct authres_settings *set, const char *address)
{
	const char *domain = strrchr(address, '@') + 1;
	size_t size = strlen(domain), word_size;

	for (const char *const *word = set->report_never; *word != NULL;
	     word++) {
		word_size = strlen(*word);
		if (strcasecmp(*word, address) == 0 ||
		    strcasecmp(*word, domain) == 0 ||
		    (size > word_size &&
		     domain[size - word_size - 1] == '.' &&
		     strcasecmp(domain + size - word_size, *word) == 0))
			return TRUE;
	}
	return FALSE;
}

static int
target_read_state(struct domain_run *drun, const struct report_job *job,
		  struct report_target *target, const char **error_r)
{
	struct report_run *run = drun->run;
	const char *text;
	int ret;

	ret = history_store_get_report(run->store, drun->pool, drun->day,
		drun->domain, t_report_job_dest(job, target->address), &text,
		error_r);
	if (ret > 0)
		(void)report_state_parse(drun->pool, text, &target->state);
	if (ret >= 0) {
		ret = history_store_get_suppressed(run->store, drun->pool,
			target->address, &text, error_r);
	}
	if (ret > 0)
		(void)report_contact_parse(drun->pool, text, &target->contact);
	return ret < 0 ? -1 : 0;
}

/* It gets no report: remember it, and say it. */
static int
target_close(struct domain_run *drun, struct report_job *job,
	     struct report_target *target, enum report_progress progress,
	     const char *reason, const char **error_r)
{
	target->ready = FALSE;
	report_job_tell(drun->run, job, target,
			report_progress_name(progress), reason);
	return report_job_set_state(drun->run, job, target, progress, reason,
				    error_r);
}

static const char *t_date(time_t time)
{
	return t_history_day_text(history_day(time));
}

/* What can be said before the rows are read. */
static int
target_decide(struct domain_run *drun, struct report_job *job,
	      struct report_target *target, const char **error_r)
{
	const struct report_destination *destination = target->destination;
	struct report_run *run = drun->run;

	if (target_read_state(drun, job, target, error_r) < 0)
		return -1;
	if (!report_state_is_open(&target->state)) {
		report_job_tell(run, job, target, "done", t_strdup_printf(
			"%s on %s%s%s",
			report_progress_name(target->state.progress),
			t_date(target->state.time),
			target->state.reason == NULL ? "" : ": ",
			target->state.reason == NULL ? "" :
			target->state.reason));
		return 0;
	}
	if (is_never(run->set, target->address))
		return target_close(drun, job, target,
			REPORT_PROGRESS_SUPPRESSED,
			"authres_report_never names it", error_r);
	switch (destination->permission) {
	case REPORT_PERMISSION_REFUSED:
		return target_close(drun, job, target,
			REPORT_PROGRESS_REFUSED, destination->reason, error_r);
	case REPORT_PERMISSION_UNKNOWN:
		report_job_tell(run, job, target, "waits", t_strdup_printf(
			"the next run asks again: %s", destination->reason));
		return report_job_set_state(run, job, target,
			REPORT_PROGRESS_CLAIMED, destination->reason, error_r);
	case REPORT_PERMISSION_GIVEN:
		break;
	}
	if (report_contact_is_paused(&target->contact, run->now))
		return target_close(drun, job, target,
			REPORT_PROGRESS_SUPPRESSED, t_strdup_printf(
				"paused until %s: %s",
				t_date(target->contact.paused_until),
				target->contact.reason == NULL ? "" :
				target->contact.reason), error_r);
	target->ready = TRUE;
	return 0;
}

static bool job_has_target(const struct report_job *job, const char *address)
{
	const struct report_target *target;

	array_foreach(&job->targets, target) {
		if (strcmp(target->address, address) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Where its report may go. */
static int
job_find_targets(struct domain_run *drun, struct report_job *job,
		 const char **error_r)
{
	ARRAY_TYPE(report_destination) destinations;
	const struct report_destination *destination;
	const struct report_uri *uri;
	struct report_target *target;

	if (destinations_child_ask(drun->run->child, drun->pool, drun->domain,
				   job->policy->policy.rua, &destinations,
				   &job->ignored, error_r) < 0)
		return -1;
	array_foreach(&destinations, destination) {
		uri = destination->uri != NULL ? destination->uri :
			destination->published;
		if (job_has_target(job, uri->address))
			continue;
		target = array_append_space(&job->targets);
		target->address = uri->address;
		target->destination = destination;
		if (drun->run->set->report_form ==
		    AUTHRES_REPORT_FORM_RFC7489)
			target->max_bytes = uri->max_bytes;
	}
	return 0;
}

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
	if (job_find_targets(drun, job, error_r) < 0)
		return -1;
	array_foreach_elem(&job->ignored, sentence)
		report_job_tell(drun->run, job, NULL, "ignored", sentence);
	array_foreach_modifiable(&job->targets, target) {
		if (target_decide(drun, job, target, error_r) < 0)
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
		return target_close(drun, job, target,
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
