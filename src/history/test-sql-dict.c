/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-dict.h"
#include "test-sql-dict.h"

#define PREFIX "shared/authres/"

struct sql_row {
	/* key of the data */
	const char *key;
	const char *values[3];
	long long count;
};

struct sql_change {
	char type;
	const char *key, *value;
	long long diff;
};

ARRAY_DEFINE_TYPE(sql_row, struct sql_row);

struct sql_dict {
	struct dict dict;
	pool_t pool;
	ARRAY_TYPE(sql_row) rows;
	string_t *written;
	enum test_sql_dict_failure failure;
};

struct sql_transaction {
	struct dict_transaction_context ctx;
	ARRAY(struct sql_change) changes;
};

struct sql_iterate {
	struct dict_iterate_context ctx;
	char *path;
	unsigned int idx;
};

/* Which row a key of some column means. */
static const char *t_row_key(const char *key)
{
	i_assert(strncmp(key, PREFIX, strlen(PREFIX)) == 0);
	key += strlen(PREFIX);
	if (strncmp(key, "count/", 6) == 0)
		return t_strconcat(PREFIX"row/", key + 6, NULL);
	if (strncmp(key, "data/", 5) == 0)
		return t_strconcat(PREFIX"row/", key + 5, NULL);
	return t_strconcat(PREFIX, key, NULL);
}

static struct sql_row *find_row(struct sql_dict *dict, const char *key)
{
	struct sql_row *row;

	array_foreach_modifiable(&dict->rows, row) {
		if (strcmp(row->key, key) == 0)
			return row;
	}
	return NULL;
}

static int row_cmp(const struct sql_row *row1, const struct sql_row *row2)
{
	return strcmp(row1->key, row2->key);
}

static void drop_day(struct sql_dict *dict, const char *kind, const char *day)
{
	const char *prefix = t_strconcat(PREFIX, kind, "/", day, "/", NULL);
	const struct sql_row *row;
	unsigned int i = 0;

	while (i < array_count(&dict->rows)) {
		row = array_idx(&dict->rows, i);
		if (strncmp(row->key, prefix, strlen(prefix)) == 0)
			array_delete(&dict->rows, i, 1);
		else
			i++;
	}
}

static void apply_unset(struct sql_dict *dict, const char *key)
{
	static const struct {
		const char *prefix, *kind;
	} days[] = {
		{ PREFIX"day-rows/", "row" },
		{ PREFIX"day-policies/", "policy" },
		{ PREFIX"day-reports/", "report" },
	};
	const struct sql_row *row;
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(days); i++) {
		size_t size = strlen(days[i].prefix);

		if (strncmp(key, days[i].prefix, size) == 0) {
			drop_day(dict, days[i].kind, key + size);
			return;
		}
	}
	for (i = 0; i < array_count(&dict->rows); i++) {
		row = array_idx(&dict->rows, i);
		if (strcmp(row->key, key) == 0) {
			array_delete(&dict->rows, i, 1);
			return;
		}
	}
}

static enum dict_commit_ret
apply(struct sql_dict *dict, const struct sql_change *change)
{
	const char *key = t_row_key(change->key);
	struct sql_row *row = find_row(dict, key);

	str_printfa(dict->written, "%s%s", str_len(dict->written) == 0 ? "" :
		    " ", change->key + strlen(PREFIX));
	if (change->type == 'u') {
		apply_unset(dict, key);
		return DICT_COMMIT_RET_OK;
	}
	if (change->type == 'i') {
		if (row == NULL)
			return DICT_COMMIT_RET_NOTFOUND;
		row->count += change->diff;
		row->values[1] = p_strdup_printf(dict->pool, "%lld",
						 row->count);
		return DICT_COMMIT_RET_OK;
	}
	if (row == NULL) {
		row = array_append_space(&dict->rows);
		row->key = p_strdup(dict->pool, key);
	}
	row->values[0] = p_strdup(dict->pool, change->value);
	return DICT_COMMIT_RET_OK;
}

static struct dict_transaction_context *sql_begin(struct dict *_dict)
{
	struct sql_transaction *trans = i_new(struct sql_transaction, 1);

	trans->ctx.dict = _dict;
	i_array_init(&trans->changes, 16);
	return &trans->ctx;
}

static void sql_free(struct sql_transaction *trans)
{
	array_free(&trans->changes);
	i_free(trans);
}

static void
sql_commit(struct dict_transaction_context *ctx, bool async ATTR_UNUSED,
	   dict_transaction_commit_callback_t *callback, void *context)
{
	struct sql_transaction *trans =
		container_of(ctx, struct sql_transaction, ctx);
	struct sql_dict *dict = container_of(ctx->dict, struct sql_dict, dict);
	struct dict_commit_result result = { .ret = DICT_COMMIT_RET_OK };
	const struct sql_change *change;
	enum dict_commit_ret ret;

	if (dict->failure == TEST_SQL_DICT_DOWN) {
		result.ret = DICT_COMMIT_RET_FAILED;
		result.error = "down";
	} else {
		str_truncate(dict->written, 0);
		array_foreach(&trans->changes, change) {
			ret = apply(dict, change);
			if (ret != DICT_COMMIT_RET_OK)
				result.ret = ret;
		}
		array_sort(&dict->rows, row_cmp);
		if (dict->failure == TEST_SQL_DICT_UNCERTAIN) {
			result.ret = DICT_COMMIT_RET_WRITE_UNCERTAIN;
			result.error = "connection lost";
		}
	}
	callback(&result, context);
	sql_free(trans);
}

static void sql_rollback(struct dict_transaction_context *ctx)
{
	sql_free(container_of(ctx, struct sql_transaction, ctx));
}

static void
add_change(struct dict_transaction_context *ctx, char type, const char *key,
	   const char *value, long long diff)
{
	struct sql_transaction *trans =
		container_of(ctx, struct sql_transaction, ctx);
	struct sql_dict *dict = container_of(ctx->dict, struct sql_dict, dict);
	struct sql_change *change = array_append_space(&trans->changes);

	change->type = type;
	change->key = p_strdup(dict->pool, key);
	change->value = p_strdup(dict->pool, value);
	change->diff = diff;
}

static void sql_set(struct dict_transaction_context *ctx, const char *key,
		    const char *value)
{
	add_change(ctx, 's', key, value, 0);
}

static void sql_unset(struct dict_transaction_context *ctx, const char *key)
{
	add_change(ctx, 'u', key, NULL, 0);
}

static void sql_inc(struct dict_transaction_context *ctx, const char *key,
		    long long diff)
{
	add_change(ctx, 'i', key, NULL, diff);
}

static int
sql_find(struct dict *_dict, const char *key, const char *const **values_r,
	 const char **error_r)
{
	struct sql_dict *dict = container_of(_dict, struct sql_dict, dict);
	struct sql_row *row = find_row(dict, t_row_key(key));

	if (dict->failure == TEST_SQL_DICT_DOWN) {
		*error_r = "down";
		return -1;
	}
	if (row == NULL)
		return 0;
	*values_r = row->values;
	return 1;
}

TEST_DICT_LOOKUP(sql_lookup, sql_find)

static struct dict_iterate_context *
sql_iterate_init(struct dict *_dict,
		 const struct dict_op_settings *set ATTR_UNUSED,
		 const char *path, enum dict_iterate_flags flags)
{
	struct sql_iterate *iter = i_new(struct sql_iterate, 1);

	iter->ctx.dict = _dict;
	iter->ctx.flags = flags;
	iter->path = i_strdup(path);
	return &iter->ctx;
}

static bool sql_iterate(struct dict_iterate_context *ctx, const char **key_r,
			const char *const **values_r)
{
	struct sql_iterate *iter = container_of(ctx, struct sql_iterate, ctx);
	struct sql_dict *dict = container_of(ctx->dict, struct sql_dict, dict);
	const struct sql_row *row;

	while (iter->idx < array_count(&dict->rows)) {
		row = array_idx(&dict->rows, iter->idx++);
		if (strncmp(row->key, iter->path, strlen(iter->path)) == 0) {
			*key_r = row->key;
			*values_r = row->values;
			return TRUE;
		}
	}
	return FALSE;
}

static int
sql_iterate_deinit(struct dict_iterate_context *ctx, const char **error_r)
{
	struct sql_iterate *iter = container_of(ctx, struct sql_iterate, ctx);
	struct sql_dict *dict = container_of(ctx->dict, struct sql_dict, dict);

	i_free(iter->path);
	i_free(iter);
	*error_r = "down";
	return dict->failure == TEST_SQL_DICT_DOWN ? -1 : 0;
}

struct dict *test_sql_dict_init(void)
{
	static const struct dict_vfuncs vfuncs = {
		.lookup = sql_lookup,
		.iterate_init = sql_iterate_init,
		.iterate = sql_iterate,
		.iterate_deinit = sql_iterate_deinit,
		.transaction_init = sql_begin,
		.transaction_commit = sql_commit,
		.transaction_rollback = sql_rollback,
		.set = sql_set,
		.unset = sql_unset,
		.atomic_inc = sql_inc
	};
	pool_t pool = pool_alloconly_create("test dict", 4096);
	struct sql_dict *dict = p_new(pool, struct sql_dict, 1);

	dict->pool = pool;
	dict->dict.name = "test";
	dict->dict.v = vfuncs;
	dict->dict.refcount = 1;
	dict->dict.event = event_create(NULL);
	p_array_init(&dict->rows, pool, 16);
	dict->written = str_new(pool, 256);
	return &dict->dict;
}

void test_sql_dict_deinit(struct dict **_dict)
{
	struct sql_dict *dict = container_of(*_dict, struct sql_dict, dict);

	*_dict = NULL;
	event_unref(&dict->dict.event);
	pool_unref(&dict->pool);
}

void test_sql_dict_fail(struct dict *_dict, enum test_sql_dict_failure failure)
{
	struct sql_dict *dict = container_of(_dict, struct sql_dict, dict);

	dict->failure = failure;
}

const char *test_sql_dict_written(struct dict *_dict)
{
	struct sql_dict *dict = container_of(_dict, struct sql_dict, dict);

	return str_c(dict->written);
}
