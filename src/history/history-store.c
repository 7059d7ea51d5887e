/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "history-store-private.h"

const struct dict_op_settings history_op_settings;

struct history_store *history_store_init(struct dict *dict)
{
	struct history_store *store = i_new(struct history_store, 1);

	store->dict = dict;
	return store;
}

void history_store_deinit(struct history_store **_store)
{
	i_free(*_store);
}

const char *t_history_key(const char *kind, unsigned int day,
			  const char *domain, const char *name)
{
	return t_strconcat(HISTORY_KEY_PREFIX, kind, "/", dec2str(day), "/",
			   domain == NULL ? NULL : dict_escape_string(domain),
			   domain == NULL ? NULL : "/",
			   name == NULL ? NULL : dict_escape_string(name),
			   NULL);
}

static const char *t_suppress_key(const char *dest)
{
	return t_strconcat(HISTORY_KEY_PREFIX"suppress/",
			   dict_escape_string(dest), NULL);
}

static int
get(struct history_store *store, pool_t pool, const char *key,
    const char **value_r, const char **error_r)
{
	/* dict_lookup() looks at both, also where the driver left them alone */
	*value_r = *error_r = NULL;
	return dict_lookup(store->dict, &history_op_settings, pool, key,
			   value_r, error_r);
}

/* value NULL: unset */
static int
set(struct history_store *store, const char *key, const char *value,
    const char **error_r)
{
	struct dict_transaction_context *trans;

	trans = dict_transaction_begin(store->dict, &history_op_settings);
	if (value != NULL)
		dict_set(trans, key, value);
	else
		dict_unset(trans, key);
	/* 0 is about atomic_inc */
	return dict_transaction_commit(&trans, error_r) < 0 ? -1 : 0;
}

int history_store_get_report(struct history_store *store, pool_t pool,
			     unsigned int day, const char *domain,
			     const char *dest, const char **state_r,
			     const char **error_r)
{
	return get(store, pool, t_history_key("report", day, domain, dest),
		   state_r, error_r);
}

int history_store_set_report(struct history_store *store, unsigned int day,
			     const char *domain, const char *dest,
			     const char *state, const char **error_r)
{
	return set(store, t_history_key("report", day, domain, dest), state,
		   error_r);
}

int history_store_get_suppressed(struct history_store *store, pool_t pool,
				 const char *dest, const char **state_r,
				 const char **error_r)
{
	return get(store, pool, t_suppress_key(dest), state_r, error_r);
}

int history_store_set_suppressed(struct history_store *store, const char *dest,
				 const char *state, const char **error_r)
{
	return set(store, t_suppress_key(dest), state, error_r);
}

int history_store_unset_suppressed(struct history_store *store,
				   const char *dest, const char **error_r)
{
	return set(store, t_suppress_key(dest), NULL, error_r);
}

void history_unset_day(struct dict_transaction_context *trans,
		       unsigned int day)
{
	static const char *const kinds[] = {
		"day-rows", "day-policies", "day-reports"
	};

	for (unsigned int i = 0; i < N_ELEMENTS(kinds); i++) T_BEGIN {
		dict_unset(trans, t_strdup_printf(HISTORY_KEY_PREFIX"%s/%u",
						  kinds[i], day));
	} T_END;
}

int history_store_drop_day(struct history_store *store, unsigned int day,
			   const char **error_r)
{
	struct dict_transaction_context *trans;

	trans = dict_transaction_begin(store->dict, &history_op_settings);
	history_unset_day(trans, day);
	return dict_transaction_commit(&trans, error_r) < 0 ? -1 : 0;
}

/* The spool's position in the store */

static const char *t_spool_key(const char *id)
{
	return t_strconcat(HISTORY_KEY_PREFIX"spool/", id, NULL);
}

static int
parse_position(const char *value, uint64_t *position_r, const char **error_r)
{
	if (str_to_uint64(value, position_r) == 0)
		return 1;
	*error_r = "the position of the spool in the store is no number";
	return -1;
}

int history_store_spool_get(struct history_store *store, const char *id,
			    uint64_t *position_r, const char **error_r)
{
	const char *value;
	int ret;

	ret = get(store, pool_datastack_create(), t_spool_key(id), &value,
		  error_r);
	return ret <= 0 ? ret : parse_position(value, position_r, error_r);
}

struct spool_lookup {
	history_spool_callback_t *callback;
	void *context;
};

static void
spool_lookup_finished(const struct dict_lookup_result *result,
		      struct spool_lookup *lookup)
{
	const char *error = result->error;
	uint64_t position = 0;
	int ret = result->ret;

	if (ret > 0)
		ret = parse_position(result->value, &position, &error);
	lookup->callback(ret, position, error, lookup->context);
	i_free(lookup);
}

void history_store_spool_get_async(struct history_store *store,
				   const char *id,
				   history_spool_callback_t *callback,
				   void *context)
{
	struct spool_lookup *lookup = i_new(struct spool_lookup, 1);

	lookup->callback = callback;
	lookup->context = context;
	dict_lookup_async(store->dict, &history_op_settings, t_spool_key(id),
			  spool_lookup_finished, lookup);
}
