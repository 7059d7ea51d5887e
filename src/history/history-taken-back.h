#ifndef HISTORY_TAKEN_BACK_H
#define HISTORY_TAKEN_BACK_H

#include "history-row.h"

struct authres_settings;

/* A message that its recipient took back from Junk, for statistics. Who moves
   it tells the recorder, by a socket that is open to every local user: so the
   recorder takes no more of it than a count of the author's domain, the list or
   forwarder, and the client, and bounds how many. */

/* verdict: what our field in the message says (stored_verdict_read()), zero if
   there is none. time: now; it is counted on the day it is taken back. Strings
   live in verdict. */
void history_taken_back_record(const struct verdict *verdict, time_t time,
			       struct history_record *record_r);
/* Tell the recorder, where set asks for a history. Never waits. That it could
   not be told is a debug line: a recorder that is down is told of by
   deliveries. */
void history_taken_back_tell(const struct authres_settings *set,
			     const struct verdict *verdict,
			     struct event *event);

#endif
