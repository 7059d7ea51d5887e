/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "destinations-child.h"
#include "history-day.h"
#include "history-store.h"
#include "report-target.h"

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
target_read_state(struct report_run *run, const struct report_job *job,
		  struct report_target *target, const char **error_r)
{
	const char *text;
	int ret;

	ret = history_store_get_report(run->store, job->pool, job->day,
		job->policy->domain, t_report_job_dest(job, target->address),
		&text, error_r);
	if (ret > 0)
		(void)report_state_parse(job->pool, text, &target->state);
	if (ret >= 0) {
		ret = history_store_get_suppressed(run->store, job->pool,
			target->address, &text, error_r);
	}
	if (ret > 0)
		(void)report_contact_parse(job->pool, text, &target->contact);
	return ret < 0 ? -1 : 0;
}

int report_target_close(struct report_run *run, struct report_job *job,
			struct report_target *target,
			enum report_progress progress, const char *reason,
			const char **error_r)
{
	target->ready = FALSE;
	report_job_tell(run, job, target,
			report_progress_name(progress), reason);
	return report_job_set_state(run, job, target, progress, reason,
				    error_r);
}

static const char *t_date(time_t time)
{
	return t_history_day_text(history_day(time));
}

/* What DNS says. */
static int
target_decide_permission(struct report_run *run, struct report_job *job,
			 struct report_target *target, const char **error_r)
{
	const struct report_destination *destination = target->destination;

	switch (destination->permission) {
	case REPORT_PERMISSION_REFUSED:
		return report_target_close(run, job, target,
			REPORT_PROGRESS_REFUSED, destination->reason, error_r);
	case REPORT_PERMISSION_UNKNOWN:
		report_job_tell(run, job, target, "waits", t_strdup_printf(
			"the next run asks again: %s", destination->reason));
		return report_job_set_state(run, job, target,
			REPORT_PROGRESS_CLAIMED, destination->reason, error_r);
	case REPORT_PERMISSION_GIVEN:
		break;
	}
	target->ready = TRUE;
	return 0;
}

int report_target_decide(struct report_run *run, struct report_job *job,
			 struct report_target *target, const char **error_r)
{
	if (target_read_state(run, job, target, error_r) < 0)
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
		return report_target_close(run, job, target,
			REPORT_PROGRESS_SUPPRESSED,
			"authres_report_never names it", error_r);
	/* nobody misses one, but twice is once too often */
	if (job->kind == REPORT_KIND_FAILURE &&
	    target->state.progress == REPORT_PROGRESS_CLAIMED &&
	    target->state.reason == NULL)
		return report_target_close(run, job, target,
			REPORT_PROGRESS_GAVE_UP,
			"interrupted: the MTA may have it", error_r);
	if (report_contact_is_paused(&target->contact, run->now))
		return report_target_close(run, job, target,
			REPORT_PROGRESS_SUPPRESSED, t_strdup_printf(
				"paused until %s: %s",
				t_date(target->contact.paused_until),
				target->contact.reason == NULL ? "" :
				target->contact.reason), error_r);
	return target_decide_permission(run, job, target, error_r);
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

int report_job_find_targets(struct report_run *run, struct report_job *job,
			    const char *uris, const char **error_r)
{
	ARRAY_TYPE(report_destination) destinations;
	const struct report_destination *destination;
	const struct report_uri *uri;
	struct report_target *target;

	if (destinations_child_ask(run->child, job->pool, job->kind,
				   job->policy->domain, uris, &destinations,
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
		if (run->set->report_form == AUTHRES_REPORT_FORM_RFC7489)
			target->max_bytes = uri->max_bytes;
	}
	return 0;
}
