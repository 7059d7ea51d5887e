/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "str-sanitize.h"
#include "allowance.h"
#include "authres-plugin.h"
#include "release-log.h"

#define EVENT_FIELD_MAX_CHARS 128

static const char *t_field(const char *text)
{
	return str_sanitize(text, EVENT_FIELD_MAX_CHARS);
}

static const char *t_author_domain(const struct verdict *verdict)
{
	return verdict->author_domain == NULL ? "unknown" :
		t_field(verdict->author_domain);
}

static void
log_line(struct event *event, const char *log, const char *line)
{
	if (strcmp(log, "none") != 0)
		e_info(event, "authres: %s", line);
	else
		e_debug(event, "authres: %s", line);
}

void release_log_released(struct event *parent, const char *log,
			  const struct verdict *verdict,
			  const struct allowance *allowance,
			  const char *mailbox)
{
	struct event *event = event_create(parent);
	struct event_passthrough *e = event_create_passthrough(event)->
		set_name("authres_released");
	const char *kind = verdict->list_domain != NULL ? "list" :
		verdict->forwarder != NULL ? "forwarder" : "none";

	event_add_category(event, &event_category_authres);
	e->add_str("by", "imap");
	e->add_str("author_domain", t_author_domain(verdict));
	e->add_str("kind", kind);
	e->add_str("allowed", allowance != NULL ? "yes" : "no");
	e->add_str("mailbox", t_field(mailbox));
	log_line(e->event(), log,
		 t_strdup_printf("released from=%s allowed=%s -> %s",
			t_author_domain(verdict), allowance == NULL ? "no" :
			t_field(t_allowance_through(allowance)),
			t_field(mailbox)));
	event_unref(&event);
}

void release_log_retracted(struct event *parent, const char *log,
			   const struct verdict *verdict,
			   const struct allowance *allowance)
{
	log_line(parent, log,
		 t_strdup_printf("moved to Junk from=%s no longer allowed=%s",
			t_author_domain(verdict),
			t_field(t_allowance_through(allowance))));
}

void release_log_dict_error(struct event *parent, const char *error)
{
	e_error(parent, "authres: authres_dict: %s - going on without it",
		error);
}
