#ifndef RELEASE_EVENT_H
#define RELEASE_EVENT_H

struct event;
struct verdict;

/* The event authres_released (doc/events.md): a message was taken back by an
   administrator. allowed: mail of this kind is allowed from now on. */
void release_event_send(struct event *parent, const struct verdict *verdict,
			bool allowed);

#endif
