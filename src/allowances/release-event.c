/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "allowance.h"
#include "release-event.h"

#define EVENT_FIELD_MAX_CHARS 128

static const char *t_field(const char *text)
{
	return str_sanitize(text, EVENT_FIELD_MAX_CHARS);
}

static const char *t_allowed(const struct allowance *allowance)
{
	if (allowance == NULL)
		return "no";
	if (allowance->state == ALLOWANCE_RELEASED) {
		return t_strdup_printf("no (on a second day %s)",
				       t_field(t_allowance_through(allowance)));
	}
	return t_field(t_allowance_through(allowance));
}

void release_event_send(struct event *parent, struct event_category *category,
			const struct release_report *report)
{
	const struct verdict *verdict = report->verdict;
	struct event *event = event_create(parent);
	struct event_passthrough *e = event_create_passthrough(event)->
		set_name("authres_released");
	const char *author_domain = verdict->author_domain == NULL ?
		"unknown" : t_field(verdict->author_domain);
	const char *text;

	event_add_category(event, category);
	e->add_str("by", report->by);
	e->add_str("author_domain", author_domain);
	e->add_str("kind", verdict->list_domain != NULL ? "list" :
		   verdict->forwarder != NULL ? "forwarder" : "none");
	e->add_str("allowed", report->allowance == NULL ? "no" :
		   report->allowance->state == ALLOWANCE_RELEASED ?
		   "noted" : "yes");
	e->add_str("mailbox", t_field(report->mailbox));
	text = t_strdup_printf("authres: released from=%s allowed=%s -> %s",
			       author_domain, t_allowed(report->allowance),
			       t_field(report->mailbox));
	if (report->quiet)
		e_debug(e->event(), "%s", text);
	else
		e_info(e->event(), "%s", text);
	event_unref(&event);
}
