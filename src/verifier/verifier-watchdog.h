#ifndef VERIFIER_WATCHDOG_H
#define VERIFIER_WATCHDOG_H

/* A process that does not come back to its ioloop dies, so that the master
   replaces it. Two clocks run from turn to turn: CPU time is the short one,
   as neither a busy machine nor a stopped process uses it up; wall-clock time
   ends what blocks. */

struct verifier_watchdog;

/* Watches until deinit: a turn that takes longer dies of SIGPROF (cpu_msecs)
   or SIGALRM (wall_msecs). The clocks are wound up a few times within
   cpu_msecs. Uses the current ioloop and the process's timers ITIMER_PROF and
   ITIMER_REAL. */
struct verifier_watchdog *
verifier_watchdog_init(unsigned int cpu_msecs, unsigned int wall_msecs);
void verifier_watchdog_deinit(struct verifier_watchdog **watchdog);

#endif
