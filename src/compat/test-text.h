#ifndef TEST_TEXT_H
#define TEST_TEXT_H

/* Texts for the tests of all folders. */

#include "str.h"

/* text, count times, on the data stack. */
static inline const char *t_repeat(const char *text, unsigned int count)
{
	string_t *str = t_str_new(1024);

	while (count-- > 0)
		str_append(str, text);
	return str_c(str);
}

#endif
