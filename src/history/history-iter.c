/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "str-prefix.h"
#include "history-store-private.h"

struct history_iter {
	pool_t pool;
	struct dict_iterate_context *iter;
	/* of all keys */
	char *prefix;
	unsigned int day;
	unsigned int skipped;
	/* of the entry that was returned */
	struct history_row row;
	struct published_policy policy;
};

static struct history_iter *
iter_init(struct history_store *store, const char *prefix, unsigned int day,
	  const char *domain)
{
	struct history_iter *iter = i_new(struct history_iter, 1);
	const char *path = domain == NULL ? prefix :
		t_strconcat(prefix, dict_escape_string(domain), "/", NULL);

	iter->pool = pool_alloconly_create("history entry", 2048);
	iter->prefix = i_strdup(prefix);
	iter->day = day;
	iter->iter = dict_iterate_init(store->dict, &history_op_settings, path,
				       DICT_ITERATE_FLAG_RECURSE |
				       DICT_ITERATE_FLAG_SORT_BY_KEY);
	return iter;
}

static struct history_iter *
iter_init_day(struct history_store *store, const char *kind, unsigned int day,
	      const char *domain)
{
	return iter_init(store, t_history_key(kind, day, NULL, NULL), day,
			 domain);
}

struct history_iter *
history_store_rows(struct history_store *store, unsigned int day,
		   const char *domain)
{
	return iter_init_day(store, "row", day, domain);
}

struct history_iter *
history_store_policies(struct history_store *store, unsigned int day,
		       const char *domain)
{
	return iter_init_day(store, "policy", day, domain);
}

struct history_iter *
history_store_reports(struct history_store *store, unsigned int day,
		      const char *domain)
{
	return iter_init_day(store, "report", day, domain);
}

struct history_iter *history_store_suppressed(struct history_store *store)
{
	return iter_init(store, HISTORY_KEY_PREFIX"suppress/", 0, NULL);
}

/* The part of a key up to the next "/", unescaped; *p is moved behind it. */
static const char *iter_key_part(struct history_iter *iter, const char **p)
{
	const char *begin = *p, *end = begin + strcspn(begin, "/");

	*p = *end == '/' ? end + 1 : end;
	return p_strdup(iter->pool, dict_unescape_string(
			t_strdup_until(begin, end)));
}

/* The next entry: its names (name_count of them), and its values. */
static bool
iter_next(struct history_iter *iter, const char **names_r,
	  unsigned int name_count, const char *const **values_r)
{
	const char *key;

	for (;;) {
		if (!dict_iterate_values(iter->iter, &key, values_r))
			return FALSE;
		p_clear(iter->pool);
		if (!str_has_prefix(key, iter->prefix)) {
			iter->skipped++;
			continue;
		}
		key += strlen(iter->prefix);
		for (unsigned int i = 0; i < name_count; i++)
			names_r[i] = iter_key_part(iter, &key);
		return TRUE;
	}
}

static bool
iter_parse_row(struct history_iter *iter, const char *domain,
	       const char *const *values, uint64_t *count_r)
{
	if (values[0] == NULL || values[1] == NULL ||
	    str_to_uint64(values[1], count_r) < 0 ||
	    history_row_parse(iter->pool, values[0], &iter->row) < 0)
		return FALSE;
	iter->row.day = iter->day;
	iter->row.policy_domain = domain;
	return history_row_is_valid(&iter->row);
}

bool history_iter_next_row(struct history_iter *iter,
			   const struct history_row **row_r, uint64_t *count_r)
{
	const char *names[1], *const *values;
	bool found = FALSE, more = TRUE;

	while (more && !found) T_BEGIN {
		more = iter_next(iter, names, N_ELEMENTS(names), &values);
		/* a row that was set and not counted yet is none */
		found = more &&
			iter_parse_row(iter, names[0], values, count_r);
		if (more && !found)
			iter->skipped++;
	} T_END;
	*row_r = &iter->row;
	return found;
}

bool history_iter_next_policy(struct history_iter *iter, const char **domain_r,
			      const char **config_r,
			      const struct published_policy **policy_r)
{
	const char *names[2], *const *values;
	bool found = FALSE, more = TRUE;

	while (more && !found) T_BEGIN {
		more = iter_next(iter, names, N_ELEMENTS(names), &values);
		found = more && values[0] != NULL &&
			published_policy_parse(iter->pool, values[0],
					       &iter->policy) == 0;
		if (more && !found)
			iter->skipped++;
	} T_END;
	if (found) {
		*domain_r = names[0];
		*config_r = names[1];
		*policy_r = &iter->policy;
	}
	return found;
}

bool history_iter_next_report(struct history_iter *iter, const char **domain_r,
			      const char **dest_r, const char **state_r)
{
	const char *names[2], *const *values;
	bool found;

	T_BEGIN {
		found = iter_next(iter, names, N_ELEMENTS(names), &values);
		if (found)
			*state_r = p_strdup(iter->pool, values[0]);
	} T_END;
	if (found) {
		*domain_r = names[0];
		*dest_r = names[1];
	}
	return found;
}

bool history_iter_next_suppressed(struct history_iter *iter,
				  const char **dest_r, const char **state_r)
{
	const char *const *values;
	bool found;

	T_BEGIN {
		found = iter_next(iter, dest_r, 1, &values);
		if (found)
			*state_r = p_strdup(iter->pool, values[0]);
	} T_END;
	return found;
}

unsigned int history_iter_skipped(const struct history_iter *iter)
{
	return iter->skipped;
}

int history_iter_deinit(struct history_iter **_iter, const char **error_r)
{
	struct history_iter *iter = *_iter;
	int ret;

	*_iter = NULL;
	ret = dict_iterate_deinit(&iter->iter, error_r);
	pool_unref(&iter->pool);
	i_free(iter->prefix);
	i_free(iter);
	return ret;
}
