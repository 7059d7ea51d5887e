#ifndef VERIFIER_WATCHDOG_H
#define VERIFIER_WATCHDOG_H

/* A process that does not come back to its ioloop dies, so that the master
   replaces it: after AUTHRES_WATCHDOG_CPU_MSECS of CPU time (SIGPROF) or
   AUTHRES_WATCHDOG_WALL_MSECS (SIGALRM), each since a turn of the ioloop. CPU
   time comes first so that a busy machine or a stopped process is no
   reason. */

struct verifier_watchdog;

/* Watches until deinit. Uses the current ioloop and the process's timers
   ITIMER_PROF and ITIMER_REAL. */
struct verifier_watchdog *verifier_watchdog_init(void);
void verifier_watchdog_deinit(struct verifier_watchdog **watchdog);

#endif
