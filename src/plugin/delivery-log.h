#ifndef DELIVERY_LOG_H
#define DELIVERY_LOG_H

struct disposition;
struct verdict;

/* What the log and the statistics say of a delivery (doc/events.md): one line
   at info per message and recipient with the event authres_message_finished,
   and at debug an event authres_check_finished per check. */

void delivery_log_checks(struct event *parent, const struct verdict *verdict);

/* mailboxes: where it was saved, NULL = nowhere or not known to us.
   forged_count: forged fields that were removed. */
void delivery_log_message(struct event *parent, const struct verdict *verdict,
			  const struct disposition *disposition,
			  const char *mailboxes, unsigned int forged_count);

/* One error for all of errors; not again while they stay the same. */
void delivery_log_setting_errors(struct event *event,
				 const char *const *errors);
void delivery_log_deinit(void);

#endif
