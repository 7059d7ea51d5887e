#ifndef TEST_DICT_H
#define TEST_DICT_H

/* For a dict driver of a test. */

#include "dict-private.h"

/* Define name, the driver's lookup(), by
     int find(struct dict *dict, const char *key,
	      const char *const **values_r, const char **error_r) */
#if DOVECOT_PREREQ(2,4,0)
#define TEST_DICT_LOOKUP(name, find) \
	static int name(struct dict *dict, \
			const struct dict_op_settings *set ATTR_UNUSED, \
			pool_t pool ATTR_UNUSED, const char *key, \
			const char *const **values_r, const char **error_r) \
	{ \
		return find(dict, key, values_r, error_r); \
	}
#else
#define TEST_DICT_LOOKUP(name, find) \
	static int name(struct dict *dict, \
			const struct dict_op_settings *set ATTR_UNUSED, \
			pool_t pool, const char *key, const char **value_r, \
			const char **error_r) \
	{ \
		const char *const *values; \
		int ret = find(dict, key, &values, error_r); \
	\
		*value_r = ret <= 0 ? NULL : p_strdup(pool, values[0]); \
		return ret; \
	}
#endif

#endif
