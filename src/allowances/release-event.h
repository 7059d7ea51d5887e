#ifndef RELEASE_EVENT_H
#define RELEASE_EVENT_H

struct allowance;
struct event;
struct event_category;
struct verdict;

/* A message was taken back from Junk: the event authres_released
   (doc/events.md) and its line in the log, the same whoever did it. No local
   parts. */

struct release_report {
	/* "imap" or "doveadm" */
	const char *by;
	/* what our field says */
	const struct verdict *verdict;
	/* what is allowed from now on, or was noted (ALLOWANCE_RELEASED);
	   NULL = nothing */
	const struct allowance *allowance;
	/* where it is now */
	const char *mailbox;
	/* at debug level, not at info */
	bool quiet;
};

/* category: "authres", of the door; it lives as long as the process. */
void release_event_send(struct event *parent, struct event_category *category,
			const struct release_report *report);

#endif
