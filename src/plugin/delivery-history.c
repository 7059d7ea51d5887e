/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "failure-record.h"
#include "history-client.h"
#include "history-disposition.h"
#include "verdict.h"
#include "authres-user.h"
#include "delivery-history.h"

#define TELL_AGAIN_SECS 60

struct delivery_history {
	struct history_record record;
	/* of a failure report, and when; NULL = there is none */
	const char *failure;
	time_t time;
	const char *base_dir;
};

static unsigned int lost_count;
static time_t lost_told;

static enum history_outcome
outcome_of(const struct disposition *disposition)
{
	switch (disposition->action) {
	case DISPOSITION_JUNK:
		return HISTORY_OUTCOME_JUNK;
	case DISPOSITION_REJECT:
		return HISTORY_OUTCOME_REJECTED;
	default:
		return HISTORY_OUTCOME_DELIVERED;
	}
}

void delivery_history_note(pool_t pool, const struct authres_settings *set,
			   const struct verdict *verdict,
			   const struct disposition *disposition, time_t time,
			   struct delivery_history **history)
{
	struct history_record record;
	bool wanted;

	T_BEGIN {
		wanted = history_disposition_record(pool, verdict, disposition,
						    outcome_of(disposition),
						    time, &record);
	} T_END;
	if (!wanted)
		return;
	if (*history == NULL) {
		*history = p_new(pool, struct delivery_history, 1);
		(*history)->record = record;
		(*history)->failure = verdict->history.failure;
		(*history)->time = time;
		(*history)->base_dir = p_strdup(pool, set->base_dir);
	} else {
		history_disposition_merge(&(*history)->record, &record);
	}
}

static void tell_lost(const char *error)
{
	struct event *event;
	struct event_passthrough *e;

	lost_count++;
	if (ioloop_time - lost_told < TELL_AGAIN_SECS)
		return;
	event = event_create(NULL);
	event_add_category(event, &event_category_authres);
	e = event_create_passthrough(event)->
		set_name("authres_history_lost")->
		add_int("messages", lost_count);
	e_error(e->event(), "authres: %s - %u messages are missing in the "
		"history", error, lost_count);
	event_unref(&event);
	lost_count = 0;
	lost_told = ioloop_time;
}

void delivery_history_send(struct delivery_history **_history)
{
	struct delivery_history *history = *_history;
	struct failure_record failure;
	const char *error;
	bool failed;

	if (history == NULL)
		return;
	*_history = NULL;
	T_BEGIN {
		failed = failure_record_init(&history->record,
					     history->failure, history->time,
					     &failure);
		if (history_client_send(history->base_dir, &history->record,
					failed ? &failure : NULL, &error) < 0)
			tell_lost(error);
	} T_END;
}
