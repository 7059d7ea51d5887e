#ifndef HISTORY_DAY_H
#define HISTORY_DAY_H

/* Days of the history, and of reports about it: of UTC, as numbers from
   1970-01-01 on. */

#define HISTORY_DAY_SECS (24 * 3600)

unsigned int history_day(time_t time);
/* "2025-07-12". Data stack. */
const char *t_history_day_text(unsigned int day);

#endif
