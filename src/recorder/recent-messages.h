#ifndef RECENT_MESSAGES_H
#define RECENT_MESSAGES_H

/* Which messages were counted in the last AUTHRES_HISTORY_RECENT_SECS: an MTA
   that hands over one recipient at a time makes several deliveries of one
   message. Of more than AUTHRES_MAX_HISTORY_RECENT the oldest are forgotten. */

struct recent_messages;

struct recent_messages *recent_messages_init(void);
void recent_messages_deinit(struct recent_messages **recent);

/* TRUE if the message with this number was not counted yet; then it is. 0 has
   no number and is always new. */
bool recent_messages_add(struct recent_messages *recent, uint64_t number,
			 time_t now);

#endif
