/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "time-util.h"
#include "history-day.h"

unsigned int history_day(time_t time)
{
	return time / HISTORY_DAY_SECS;
}

const char *t_history_day_text(unsigned int day)
{
	return t_strfgmtime("%Y-%m-%d", (time_t)day * HISTORY_DAY_SECS);
}
