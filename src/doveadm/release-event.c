#include "lib.h"
#include "str-sanitize.h"
#include "verdict.h"
#include "release-event.h"

#define EVENT_FIELD_MAX_CHARS 128

static struct event_category event_category_authres = {
	.name = "authres",
};

void release_event_send(struct event *parent, const struct verdict *verdict,
			bool allowed)
{
	struct event *event = event_create(parent);
	struct event_passthrough *e = event_create_passthrough(event)->
		set_name("authres_released");
	const char *author_domain = verdict->author_domain == NULL ?
		"unknown" : str_sanitize(verdict->author_domain,
					 EVENT_FIELD_MAX_CHARS);

	event_add_category(event, &event_category_authres);
	e->add_str("by", "doveadm");
	e->add_str("author_domain", author_domain);
	e->add_str("kind", verdict->list_domain != NULL ? "list" :
		   verdict->forwarder != NULL ? "forwarder" : "none");
	e->add_str("allowed", allowed ? "yes" : "no");
	e->add_str("mailbox", "INBOX");
	e_debug(e->event(), "authres: released from=%s allowed=%s -> INBOX",
		author_domain, allowed ? "yes" : "no");
	event_unref(&event);
}
