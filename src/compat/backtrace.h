#ifndef BACKTRACE_H
#define BACKTRACE_H

#include "backtrace-string.h"

/* backtrace_get() of Dovecot 2.3 and 2.4: 0 and backtrace_r (data stack), -1 if
   there is none. */
static inline int backtrace_get_text(const char **backtrace_r)
{
#if DOVECOT_PREREQ(2, 4, 0)
	const char *error;

	return backtrace_get(backtrace_r, &error);
#else
	return backtrace_get(backtrace_r);
#endif
}

#endif
