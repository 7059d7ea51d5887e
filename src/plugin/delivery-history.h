#ifndef DELIVERY_HISTORY_H
#define DELIVERY_HISTORY_H

#include <time.h>

/* What the history is told of a message (authres_history): once, when all
   recipients had their turn, whatever went wrong with it. */

struct authres_settings;
struct delivery_history;
struct disposition;
struct verdict;

/* One recipient had the message, for good: it was saved, left to Sieve, or
   refused. *history is NULL before the first one; it lives in pool.
   time: of the verdict. */
void delivery_history_note(pool_t pool, const struct authres_settings *set,
			   const struct verdict *verdict,
			   const struct disposition *disposition, time_t time,
			   struct delivery_history **history);
/* Hand over what was noted, if anything was. Never waits, never fails a
   delivery: what the recorder does not take is lost, told once a minute. */
void delivery_history_send(struct delivery_history **history);

#endif
