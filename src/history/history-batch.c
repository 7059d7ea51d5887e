/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "dict.h"
#include "hash.h"
#include "history-store-private.h"

/* What one key gets: text, or a number that is added. */
struct batch_entry {
	/* without the kind: "DAY/DOMAIN/NAME" */
	const char *name;
	const char *data;
	unsigned int count;
};
ARRAY_DEFINE_TYPE(batch_entry, struct batch_entry *);

struct history_batch {
	struct history_store *store;
	pool_t pool;
	HASH_TABLE(const char *, struct batch_entry *) rows;
	HASH_TABLE(const char *, struct batch_entry *) policies;
	ARRAY_TYPE(batch_entry) row_list, policy_list;
	unsigned int count;
	const char *spool_id;
	uint64_t spool_position;
	/* forget what is older; 0 = nothing */
	unsigned int drop_before;
};

struct batch_commit {
	history_commit_callback_t *callback;
	void *context;
};

struct history_batch *history_batch_init(struct history_store *store)
{
	struct history_batch *batch;
	pool_t pool = pool_alloconly_create("history batch", 16 * 1024);

	batch = p_new(pool, struct history_batch, 1);
	batch->pool = pool;
	batch->store = store;
	hash_table_create(&batch->rows, pool, 0, str_hash, strcmp);
	hash_table_create(&batch->policies, pool, 0, str_hash, strcmp);
	p_array_init(&batch->row_list, pool, 64);
	p_array_init(&batch->policy_list, pool, 64);
	return batch;
}

static struct batch_entry *
batch_entry_add(struct history_batch *batch, ARRAY_TYPE(batch_entry) *list,
		const char *name)
{
	struct batch_entry *entry = p_new(batch->pool, struct batch_entry, 1);

	entry->name = p_strdup(batch->pool, name);
	array_push_back(list, &entry);
	return entry;
}

/* "DAY/DOMAIN/NAME" */
static const char *
t_entry_name(const struct history_row *row, const char *name)
{
	return t_strdup_printf("%u/%s/%s", row->day,
			       dict_escape_string(row->policy_domain), name);
}

static void
batch_add_row(struct history_batch *batch, const struct history_row *row)
{
	const char *data = t_history_row_data(row);
	const char *name = t_entry_name(row, t_history_row_hash(data));
	struct batch_entry *entry = hash_table_lookup(batch->rows, name);

	if (entry == NULL) {
		entry = batch_entry_add(batch, &batch->row_list, name);
		entry->data = p_strdup(batch->pool, data);
		hash_table_insert(batch->rows, entry->name, entry);
	}
	entry->count++;
}

static void
batch_add_policy(struct history_batch *batch,
		 const struct history_record *record)
{
	const char *name = t_entry_name(&record->row, record->row.config);
	struct batch_entry *entry = hash_table_lookup(batch->policies, name);
	const char *data = t_published_policy_text(&record->policy);

	if (entry == NULL) {
		entry = batch_entry_add(batch, &batch->policy_list, name);
		hash_table_insert(batch->policies, entry->name, entry);
	}
	/* the newest: where reports go may have changed */
	if (null_strcmp(entry->data, data) != 0)
		entry->data = p_strdup(batch->pool, data);
}

void history_batch_add(struct history_batch *batch,
		       const struct history_record *record)
{
	T_BEGIN {
		batch_add_row(batch, &record->row);
		if (*record->row.config != '\0')
			batch_add_policy(batch, record);
	} T_END;
	batch->count++;
}

void history_batch_set_spool(struct history_batch *batch, const char *id,
			     uint64_t position)
{
	batch->spool_id = p_strdup(batch->pool, id);
	batch->spool_position = position;
}

void history_batch_drop_before(struct history_batch *batch, unsigned int day)
{
	batch->drop_before = day;
}

unsigned int history_batch_count(const struct history_batch *batch)
{
	return batch->count;
}

unsigned int history_batch_rows(const struct history_batch *batch)
{
	return array_count(&batch->row_list);
}

static int
batch_entry_cmp(struct batch_entry *const *entry1,
		struct batch_entry *const *entry2)
{
	return strcmp((*entry1)->name, (*entry2)->name);
}

static const char *t_entry_key(const char *kind, const char *name)
{
	return t_strconcat(HISTORY_KEY_PREFIX, kind, "/", name, NULL);
}

static void
batch_write(struct history_batch *batch, struct dict_transaction_context *trans)
{
	struct batch_entry *entry;

	if (batch->spool_id != NULL) {
		dict_set(trans, t_strconcat(HISTORY_KEY_PREFIX"spool/",
					    batch->spool_id, NULL),
			 t_strdup_printf("%"PRIu64, batch->spool_position));
	}
	array_sort(&batch->policy_list, batch_entry_cmp);
	array_foreach_elem(&batch->policy_list, entry) T_BEGIN {
		dict_set(trans, t_entry_key("policy", entry->name),
			 entry->data);
	} T_END;
	array_sort(&batch->row_list, batch_entry_cmp);
	/* The set creates the row that the increment needs. */
	array_foreach_elem(&batch->row_list, entry) T_BEGIN {
		dict_set(trans, t_entry_key("data", entry->name), entry->data);
		dict_atomic_inc(trans, t_entry_key("count", entry->name),
				entry->count);
	} T_END;
	for (unsigned int i = 1; i <= I_MIN(HISTORY_DROP_DAYS,
					    batch->drop_before); i++)
		history_unset_day(trans, batch->drop_before - i);
}

void history_batch_abort(struct history_batch **_batch)
{
	struct history_batch *batch = *_batch;

	*_batch = NULL;
	hash_table_destroy(&batch->rows);
	hash_table_destroy(&batch->policies);
	pool_unref(&batch->pool);
}

static struct dict_transaction_context *
batch_begin(struct history_batch **batch)
{
	struct dict_transaction_context *trans;

	trans = dict_transaction_begin((*batch)->store->dict,
				       &history_op_settings);
	T_BEGIN {
		batch_write(*batch, trans);
	} T_END;
	history_batch_abort(batch);
	return trans;
}

/* NOTFOUND: an increment found no row; the transaction was undone or not, and
   its other parts are there or not. */
static enum history_commit commit_result(enum dict_commit_ret ret)
{
	switch (ret) {
	case DICT_COMMIT_RET_OK:
		return HISTORY_COMMIT_OK;
	case DICT_COMMIT_RET_FAILED:
		return HISTORY_COMMIT_FAILED;
	default:
		return HISTORY_COMMIT_UNCERTAIN;
	}
}

static void
batch_committed(const struct dict_commit_result *result,
		struct batch_commit *commit)
{
	const char *error = result->error;

	if (result->ret == DICT_COMMIT_RET_NOTFOUND)
		error = "a counter has no row";
	commit->callback(commit_result(result->ret), error, commit->context);
	i_free(commit);
}

void history_batch_commit_async(struct history_batch **batch,
				history_commit_callback_t *callback,
				void *context)
{
	struct dict_transaction_context *trans = batch_begin(batch);
	struct batch_commit *commit = i_new(struct batch_commit, 1);

	commit->callback = callback;
	commit->context = context;
	dict_transaction_commit_async(&trans, batch_committed, commit);
}

enum history_commit history_batch_commit(struct history_batch **batch,
					 const char **error_r)
{
	struct dict_transaction_context *trans = batch_begin(batch);
	int ret = dict_transaction_commit(&trans, error_r);

	if (ret == 0)
		*error_r = "a counter has no row";
	return commit_result(ret);
}
