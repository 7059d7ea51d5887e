/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "str.h"
#include "str-sanitize.h"
#include "submission.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "history-row.h"
#include "history-store.h"
#include "report-gzip.h"
#include "report-mail.h"
#include "report-job.h"

/* then it is not about the addresses, but about us */
#define MAX_FAILED 5
#define MAX_REFUSED 50
/* header and base64 of a file */
#define MAX_FILE_BYTES ((AUTHRES_MAX_REPORT_MAIL_BYTES / 78 - 100) * 57)

static void job_output(void *context, const void *data, size_t size)
{
	struct report_job *job = context;

	report_gzip_more(job->gzip, data, size);
}

/* What is wrong with the record (RFC 9990 section 3.1.5). */
static const char *t_job_error(const struct report_job *job)
{
	string_t *str = t_str_new(128);
	const char *sentence;

	if (job->policy->policy.defect != NULL)
		str_append(str, job->policy->policy.defect);
	array_foreach_elem(&job->ignored, sentence) {
		if (str_len(str) + strlen(sentence) + 10 >
		    AUTHRES_MAX_REPORT_ERROR_BYTES)
			break;
		if (str_len(str) > 0)
			str_append(str, "; ");
		str_printfa(str, "rua=%s", sentence);
	}
	return str_len(str) == 0 ? NULL : str_c(str);
}

void report_job_begin(const struct report_run *run, struct report_job *job,
		      enum report_detail detail)
{
	struct report_xml_head head;

	i_zero(&head);
	head.form = run->set->report_form;
	head.detail = detail;
	head.organization = run->organization != NULL ? run->organization :
		run->submitter;
	head.email = run->from;
	head.name = &job->name;
	head.error = t_job_error(job);
	head.generator = run->generator;
	head.policy_domain = job->policy->domain;
	head.policy = &job->policy->policy;

	if (job->file == NULL)
		job->file = buffer_create_dynamic(default_pool, 4096);
	buffer_set_used_size(job->file, 0);
	job->messages = 0;
	job->has_cause = FALSE;
	job->gzip = report_gzip_init(job->file, MAX_FILE_BYTES);
	job->xml = report_xml_init(&head, job_output, job);
}

void report_job_add(struct report_job *job, const struct history_row *row,
		    uint64_t count)
{
	if (!report_xml_takes_row(row) || count == 0)
		return;
	report_xml_add(job->xml, row, count);
	job->messages += count;
	if (!row->automatic)
		job->has_cause = TRUE;
}

void report_job_end(struct report_job *job)
{
	report_xml_finish(&job->xml);
	job->fits = report_gzip_finish(&job->gzip);
}

const char *t_report_job_dest(const struct report_job *job,
			      const char *address)
{
	return address == NULL ? job->policy->config :
		t_strconcat(address, " ", job->policy->config, NULL);
}

int report_job_set_state(struct report_run *run, const struct report_job *job,
			 struct report_target *target,
			 enum report_progress progress, const char *reason,
			 const char **error_r)
{
	struct report_state *state = &target->state;

	state->progress = progress;
	state->time = run->now;
	state->reason = reason;
	if (run->submission == NULL)
		return 0;
	return history_store_set_report(run->store, job->day,
		job->policy->domain, t_report_job_dest(job, target->address),
		t_report_state_text(state), error_r);
}

/* For statistics. */
static void
report_job_event(const struct report_run *run, const struct report_job *job,
		 const struct report_target *target, const char *action)
{
	struct event *event = event_create(run->event);
	struct event_passthrough *e = event_create_passthrough(event);

	if (job->kind == REPORT_KIND_FAILURE)
		e->set_name("authres_failure_report_finished");
	else
		e->set_name("authres_report_finished");
	e->add_str("action", action);
	e->add_str("policy_domain", job->policy->domain);
	e->add_str("destination", target == NULL ? "-" : target->address);
	e->add_int("messages", job->messages);
	e_debug(e->event(), "authres: report about %s: %s",
		job->policy->domain, action);
	event_unref(&event);
}

void report_job_tell(const struct report_run *run,
		     const struct report_job *job,
		     const struct report_target *target, const char *action,
		     const char *reason)
{
	struct report_news news;

	if (run->submission != NULL)
		report_job_event(run, job, target, action);
	i_zero(&news);
	news.day = job->day;
	news.domain = job->policy->domain;
	news.destination = target == NULL ? "-" : target->address;
	news.messages = job->messages;
	news.action = action;
	news.reason = reason;
	run->news(&news, run->context);
}

static void job_write(const struct report_run *run,
		      const struct report_job *job,
		      const struct report_target *target, string_t *mail)
{
	struct report_mail report;

	i_zero(&report);
	report.name = &job->name;
	report.submitter = run->submitter;
	report.organization = run->organization;
	report.from = run->from;
	report.policy_domain = job->policy->domain;
	report.to = target->address;
	report.date = run->now;
	report.gzip = job->file;
	report_mail_write(&report, mail);
}

/* Not remembering it costs a question, or a mail to a dead address. */
static void
job_set_contact(struct report_run *run, struct report_target *target)
{
	const char *error;

	if (history_store_set_suppressed(run->store, target->address,
			t_report_contact_text(&target->contact), &error) < 0)
		i_warning("authres report: %s: %s", target->address, error);
}

static int job_was_sent(struct report_run *run, struct report_job *job,
			struct report_target *target, const char **error_r)
{
	run->failed_count = run->refused_count = 0;
	run->sent++;
	run->left--;
	if (report_job_set_state(run, job, target, REPORT_PROGRESS_SENT, NULL,
				 error_r) < 0)
		return -1;
	if (report_contact_accepted(&target->contact, run->now))
		job_set_contact(run, target);
	report_job_tell(run, job, target, "sent", t_strdup_printf(
		"%s has taken it", t_submission_place(run->submission)));
	return 0;
}

static int job_was_refused(struct report_run *run, struct report_job *job,
			   struct report_target *target, const char *said,
			   const char **error_r)
{
	if (report_job_set_state(run, job, target, REPORT_PROGRESS_REFUSED,
				 said, error_r) < 0)
		return -1;
	report_contact_refused(&target->contact, run->now, said);
	job_set_contact(run, target);
	report_job_tell(run, job, target, "refused", t_strdup_printf(
		"%s refuses it, no report goes there for %u days: %s",
		t_submission_place(run->submission),
		target->contact.pause_days, said));
	if (++run->refused_count < MAX_REFUSED)
		return 0;
	*error_r = t_strdup_printf("%s refused %u reports in a row, the last "
		"one with: %s", t_submission_place(run->submission),
		MAX_REFUSED, said);
	return -1;
}

static int job_was_not_sent(struct report_run *run, struct report_job *job,
			    struct report_target *target, const char *said,
			    const char **error_r)
{
	if (report_job_set_state(run, job, target, REPORT_PROGRESS_CLAIMED,
				 said, error_r) < 0)
		return -1;
	report_job_tell(run, job, target, "waits", t_strdup_printf(
		"%s does not take it now, the next run tries again: %s",
		t_submission_place(run->submission), said));
	if (++run->failed_count < MAX_FAILED)
		return 0;
	*error_r = t_strdup_printf("%s did not take %u reports in a row, the "
		"last one with: %s", t_submission_place(run->submission),
		MAX_FAILED, said);
	return -1;
}

int report_job_submit(struct report_run *run, struct report_job *job,
		      struct report_target *target, const string_t *mail,
		      const char **error_r)
{
	const char *said = NULL, *mail_from;
	int ret;

	if (target->max_bytes > 0 && str_len(mail) > target->max_bytes) {
		report_job_tell(run, job, target, "refused", t_strdup_printf(
			"%s= takes %"PRIu64" bytes there, the mail has more",
			report_kind_tag(job->kind), target->max_bytes));
		return report_job_set_state(run, job, target,
			REPORT_PROGRESS_REFUSED, "too large", error_r);
	}
	target->state.tries++;
	if (report_job_set_state(run, job, target, REPORT_PROGRESS_CLAIMED,
				 NULL, error_r) < 0)
		return -1;
	mail_from = t_report_mail_from(&job->name, run->from, target->address);
	ret = submission_send(run->submission, mail_from, target->address,
			      mail, &said);
	if (ret > 0)
		return job_was_sent(run, job, target, error_r);
	said = str_sanitize(said, 200);
	return ret == 0 ? job_was_refused(run, job, target, said, error_r) :
		job_was_not_sent(run, job, target, said, error_r);
}

int report_job_mail(struct report_run *run, struct report_job *job,
		    struct report_target *target, const char **error_r)
{
	string_t *mail = str_new(default_pool, job->file->used * 3 / 2 + 4096);
	int ret;

	job_write(run, job, target, mail);
	ret = report_job_submit(run, job, target, mail, error_r);
	str_free(&mail);
	return ret;
}
