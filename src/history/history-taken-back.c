/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "authres-settings.h"
#include "history-dict.h"
#include "history-client.h"
#include "history-day.h"
#include "history-taken-back.h"

static void set_through(struct history_row *row, const struct verdict *verdict)
{
	if (verdict->list_domain != NULL) {
		row->reason = HISTORY_REASON_MAILING_LIST;
		row->reason_comment = verdict->list_domain;
	} else if (verdict->forwarder != NULL) {
		row->reason = HISTORY_REASON_TRUSTED_FORWARDER;
		row->reason_comment = verdict->forwarder;
	}
}

void history_taken_back_record(const struct verdict *verdict, time_t time,
			       struct history_record *record_r)
{
	struct history_row *row = &record_r->row;

	i_zero(record_r);
	published_policy_init(&record_r->policy);
	row->day = history_day(time);
	row->event = HISTORY_EVENT_TAKEN_BACK;
	row->disposition = HISTORY_DISPOSITION_QUARANTINE;
	row->dmarc = verdict->dmarc;
	row->policy_domain = HISTORY_NO_DOMAIN;
	row->config = "";
	if (verdict->author_domain == NULL)
		return;
	row->policy_domain = row->header_from = verdict->author_domain;
	row->source_ip = verdict->client_ip;
	set_through(row, verdict);
	if (!history_row_is_valid(row)) {
		/* such as a "-" of a domain */
		row->policy_domain = HISTORY_NO_DOMAIN;
		row->reason = HISTORY_REASON_NONE;
		row->header_from = row->reason_comment = NULL;
		i_zero(&row->source_ip);
	}
}

void history_taken_back_tell(const struct authres_settings *set,
			     const struct verdict *verdict,
			     struct event *event)
{
	struct history_record record;
	const char *error;

	if (!history_is_on(set))
		return;
	history_taken_back_record(verdict, ioloop_time, &record);
	if (history_client_send(set->base_dir, &record, NULL, &error) < 0) {
		e_debug(event, "authres: %s - the history does not count it "
			"as taken back", error);
	}
}
