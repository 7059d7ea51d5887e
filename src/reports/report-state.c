/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "report-name.h"
#include "history-day.h"
#include "report-state.h"

#define FIRST_PAUSE_DAYS 7
#define MAX_PAUSE_DAYS (64 * FIRST_PAUSE_DAYS)
#define REASON_SHOWN_BYTES 200

static const char *const progress_names[] = {
	"", "claimed", "sent", "refused", "gave-up", "suppressed"
};

const char *report_progress_name(enum report_progress progress)
{
	i_assert(progress < N_ELEMENTS(progress_names));
	return progress_names[progress];
}

/* Without control characters, so without tab. */
static const char *t_reason(const char *reason)
{
	return reason == NULL ? "" : str_sanitize(reason, REASON_SHOWN_BYTES);
}

static int parse_time(const char *text, time_t *time_r)
{
	uint64_t value;

	if (str_to_uint64(text, &value) < 0 || value > INT64_MAX / 2)
		return -1;
	*time_r = value;
	return 0;
}

const char *t_report_state_text(const struct report_state *state)
{
	return t_strdup_printf("%s\t%s\t%u\t%s",
			       report_progress_name(state->progress),
			       dec2str(state->time), state->tries,
			       t_reason(state->reason));
}

static int
report_state_read(pool_t pool, const char *const *columns,
		  struct report_state *state_r)
{
	unsigned int i;

	if (str_array_length(columns) != 4)
		return -1;
	for (i = REPORT_PROGRESS_CLAIMED; i < N_ELEMENTS(progress_names); i++) {
		if (strcmp(columns[0], progress_names[i]) == 0)
			break;
	}
	if (i == N_ELEMENTS(progress_names) ||
	    parse_time(columns[1], &state_r->time) < 0 ||
	    str_to_uint(columns[2], &state_r->tries) < 0)
		return -1;
	state_r->progress = i;
	if (*columns[3] != '\0')
		state_r->reason = p_strdup(pool, columns[3]);
	return 0;
}

int report_state_parse(pool_t pool, const char *text,
		       struct report_state *state_r)
{
	int ret;

	i_zero(state_r);
	T_BEGIN {
		ret = report_state_read(pool, t_strsplit(text, "\t"), state_r);
	} T_END;
	if (ret < 0) {
		i_zero(state_r);
		state_r->progress = REPORT_PROGRESS_SENT;
	}
	return ret;
}

bool report_state_is_open(const struct report_state *state)
{
	return state->progress == REPORT_PROGRESS_NONE ||
		state->progress == REPORT_PROGRESS_CLAIMED;
}

bool report_day_is_open(unsigned int day, time_t now)
{
	return history_day(now) <= day + AUTHRES_REPORT_TRY_DAYS;
}

const char *t_report_contact_text(const struct report_contact *contact)
{
	return t_strdup_printf("%s\t%s\t%u\t%s", dec2str(contact->first_sent),
			       dec2str(contact->paused_until),
			       contact->pause_days, t_reason(contact->reason));
}

static int
report_contact_read(pool_t pool, const char *const *columns,
		    struct report_contact *contact_r)
{
	if (str_array_length(columns) != 4 ||
	    parse_time(columns[0], &contact_r->first_sent) < 0 ||
	    parse_time(columns[1], &contact_r->paused_until) < 0 ||
	    str_to_uint(columns[2], &contact_r->pause_days) < 0)
		return -1;
	if (*columns[3] != '\0')
		contact_r->reason = p_strdup(pool, columns[3]);
	return 0;
}

int report_contact_parse(pool_t pool, const char *text,
			 struct report_contact *contact_r)
{
	int ret;

	i_zero(contact_r);
	T_BEGIN {
		ret = report_contact_read(pool, t_strsplit(text, "\t"),
					  contact_r);
	} T_END;
	if (ret < 0)
		i_zero(contact_r);
	return ret;
}

bool report_contact_is_paused(const struct report_contact *contact, time_t now)
{
	return contact->paused_until > now;
}

bool report_contact_accepted(struct report_contact *contact, time_t now)
{
	if (contact->first_sent != 0 && contact->pause_days == 0)
		return FALSE;
	if (contact->first_sent == 0)
		contact->first_sent = now;
	contact->paused_until = 0;
	contact->pause_days = 0;
	contact->reason = NULL;
	return TRUE;
}

void report_contact_refused(struct report_contact *contact, time_t now,
			    const char *reason)
{
	contact->pause_days = contact->pause_days == 0 ? FIRST_PAUSE_DAYS :
		I_MIN(contact->pause_days, MAX_PAUSE_DAYS / 2) * 2;
	contact->paused_until = now +
		(time_t)contact->pause_days * HISTORY_DAY_SECS;
	contact->reason = reason;
}
