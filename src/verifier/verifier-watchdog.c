/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "verifier-watchdog.h"

#include <sys/time.h>

/* How often a turning ioloop winds the timers up again: times in cpu_msecs. */
#define WATCHDOG_INTERVALS 6

struct verifier_watchdog {
	unsigned int cpu_msecs, wall_msecs;
	struct timeout *to;
};

static void watchdog_timer_set(int which, unsigned int msecs)
{
	struct itimerval timer;

	i_zero(&timer);
	timer.it_value.tv_sec = msecs / 1000;
	timer.it_value.tv_usec = (msecs % 1000) * 1000;
	if (setitimer(which, &timer, NULL) < 0)
		i_fatal("setitimer() failed: %m");
}

static void watchdog_wind_up(struct verifier_watchdog *watchdog)
{
	watchdog_timer_set(ITIMER_PROF, watchdog->cpu_msecs);
	watchdog_timer_set(ITIMER_REAL, watchdog->wall_msecs);
}

struct verifier_watchdog *
verifier_watchdog_init(unsigned int cpu_msecs, unsigned int wall_msecs)
{
	struct verifier_watchdog *watchdog = i_new(struct verifier_watchdog, 1);

	watchdog->cpu_msecs = cpu_msecs;
	watchdog->wall_msecs = wall_msecs;
	watchdog_wind_up(watchdog);
	watchdog->to = timeout_add_short(cpu_msecs / WATCHDOG_INTERVALS,
					 watchdog_wind_up, watchdog);
	return watchdog;
}

void verifier_watchdog_deinit(struct verifier_watchdog **_watchdog)
{
	struct verifier_watchdog *watchdog = *_watchdog;

	if (watchdog == NULL)
		return;
	*_watchdog = NULL;
	watchdog_timer_set(ITIMER_PROF, 0);
	watchdog_timer_set(ITIMER_REAL, 0);
	timeout_remove(&watchdog->to);
	i_free(watchdog);
}
