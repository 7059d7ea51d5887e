#ifndef DELIVERY_LOG_H
#define DELIVERY_LOG_H

#include "authres-settings.h"

struct disposition;
struct event;
struct verdict;

/* What the log and the statistics say of a delivery (doc/events.md): one line
   at info per message and recipient (at debug where authres_log does not want
   it) with the event authres_message_finished, and at debug an event
   authres_check_finished per check. */

void delivery_log_checks(struct event *parent, const struct verdict *verdict);

/* What became of a message for one recipient. */
struct delivery_report {
	const struct verdict *verdict;
	const struct disposition *disposition;
	enum authres_log log;
	/* where it was saved; NULL = nowhere, or not known to us */
	const char *mailboxes;
	/* forged fields that were removed */
	unsigned int forged_count;
	/* how long the verifier was waited for, and why there is no verdict;
	   NULL = there is one */
	unsigned int verifier_msecs;
	const char *verifier_error;
};

void delivery_log_message(struct event *parent,
			  const struct delivery_report *report);

/* One error for all of errors; not again while they stay the same. */
void delivery_log_setting_errors(struct event *event,
				 const char *const *errors);
void delivery_log_deinit(void);

#endif
