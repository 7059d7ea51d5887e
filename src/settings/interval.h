#ifndef INTERVAL_H
#define INTERVAL_H

#include "settings-parser.h"
#if DOVECOT_PREREQ(2, 4, 0)
#  include "str-parse.h"
#endif

/* "90d", "2 weeks"; a bare number is seconds. Returns 0, or -1 and error_r
   (data stack). */
static inline int
interval_parse_secs(const char *str, unsigned int *secs_r,
		    const char **error_r)
{
#if DOVECOT_PREREQ(2, 4, 0)
	return str_parse_get_interval(str, secs_r, error_r);
#else
	return settings_get_time(str, secs_r, error_r);
#endif
}

#endif
