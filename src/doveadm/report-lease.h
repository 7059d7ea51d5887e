#ifndef REPORT_LEASE_H
#define REPORT_LEASE_H

#include "report-destination.h"

struct history_store;
struct report_lease;

/* Only one process of all hosts that share a history sends reports of a kind:
   two would send each twice. The dict cannot compare and set, so a name is
   written, waited for, and read again. */

/* Waits for seconds. Returns 1 and lease_r, 0 if somebody else has it, -1 if
   the history failed; error_r (data stack) for both. What a process of this
   host that is gone has left is taken over at once, that of another host after
   AUTHRES_REPORT_LEASE_SECS. */
int report_lease_take(struct history_store *store, enum report_kind kind,
		      struct report_lease **lease_r, const char **error_r);
/* Now and then: keep it. Returns 0, or -1 and error_r (data stack) if that
   failed: then nothing more may be sent. */
int report_lease_keep(struct report_lease *lease, const char **error_r);
/* *lease may be NULL. */
void report_lease_release(struct report_lease **lease);

#endif
