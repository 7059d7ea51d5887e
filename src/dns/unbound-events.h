#ifndef UNBOUND_EVENTS_H
#define UNBOUND_EVENTS_H

struct ub_event_base;

/* libunbound's event interface on Dovecot's current ioloop. Only for
   resolver-unbound.c. The base must outlive the context that uses it. */
struct ub_event_base *unbound_events_init(void);
void unbound_events_deinit(struct ub_event_base **base);

#endif
