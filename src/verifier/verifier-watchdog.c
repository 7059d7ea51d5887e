#include "lib.h"
#include "ioloop.h"
#include "authres-limits.h"
#include "verifier-watchdog.h"

#include <sys/time.h>

/* How often a turning ioloop winds the timers up again. */
#define WATCHDOG_INTERVAL_MSECS 500

struct verifier_watchdog {
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

static void
watchdog_wind_up(struct verifier_watchdog *watchdog ATTR_UNUSED)
{
	watchdog_timer_set(ITIMER_PROF, AUTHRES_WATCHDOG_CPU_MSECS);
	watchdog_timer_set(ITIMER_REAL, AUTHRES_WATCHDOG_WALL_MSECS);
}

struct verifier_watchdog *verifier_watchdog_init(void)
{
	struct verifier_watchdog *watchdog = i_new(struct verifier_watchdog, 1);

	watchdog_wind_up(watchdog);
	watchdog->to = timeout_add_short(WATCHDOG_INTERVAL_MSECS,
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
