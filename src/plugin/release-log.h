#ifndef RELEASE_LOG_H
#define RELEASE_LOG_H

struct allowance;
struct event;
struct verdict;

/* What the log says of a user's moves beside release-event.h: one line at info
   for each, at debug when log (authres_log) is none. No local parts. */

/* allowance is no more. */
void release_log_retracted(struct event *parent, const char *log,
			   const struct verdict *verdict,
			   const struct allowance *allowance);
/* The dict failed. */
void release_log_dict_error(struct event *parent, const char *error);

#endif
