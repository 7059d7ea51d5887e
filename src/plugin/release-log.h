#ifndef RELEASE_LOG_H
#define RELEASE_LOG_H

struct allowance;
struct event;
struct verdict;

/* What the log and the statistics say of a user's moves (doc/events.md): one
   line at info for each, at debug when log (authres_log) is none. No local
   parts. */

/* With the event authres_released. verdict: what our field says. allowance: what
   is allowed from now on, NULL = nothing. */
void release_log_released(struct event *parent, const char *log,
			  const struct verdict *verdict,
			  const struct allowance *allowance,
			  const char *mailbox);
void release_log_retracted(struct event *parent, const char *log,
			   const struct verdict *verdict,
			   const struct allowance *allowance);
/* The dict failed. */
void release_log_dict_error(struct event *parent, const char *error);

#endif
