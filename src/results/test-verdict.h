#ifndef TEST_VERDICT_H
#define TEST_VERDICT_H

/* Verdicts for the tests of all folders. */

#include "array.h"
#include "verdict.h"

/* Append an entry with nothing but its word. It lives until the next one is
   appended. */
static inline struct check_result *
test_result_add(pool_t pool, struct verdict *verdict, enum check_method method,
		enum check_result_word word)
{
	struct check_result *result;

	if (!array_is_created(&verdict->results))
		p_array_init(&verdict->results, pool, 4);
	result = array_append_space(&verdict->results);
	result->method = method;
	result->result = word;
	return result;
}

#endif
