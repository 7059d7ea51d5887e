/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "str.h"
#include "verdict-policy.h"
#include "impact-totals.h"

struct impact_entry {
	struct impact_row row;
	/* whose message was counted last */
	const char *user;
};

struct impact_totals {
	pool_t pool;
	/* author domain, reason and disposition -> entry */
	HASH_TABLE(char *, struct impact_entry *) entries;
	struct impact_entry total;
	/* one copy of the user at hand for all entries */
	const char *user;
};

static void
append_method(string_t *str, const struct verdict *verdict,
	      enum check_method method)
{
	const struct check_result *result, *found = NULL;

	if (!array_is_created(&verdict->results))
		return;
	/* of several signatures the first is the author's, if there is one */
	array_foreach(&verdict->results, result) {
		if (result->method == method && found == NULL)
			found = result;
	}
	if (found != NULL) {
		str_printfa(str, " %s=%s", check_method_name(method),
			    check_result_word_name(found->result));
	}
}

const char *t_impact_reason(const struct verdict *verdict)
{
	string_t *str = t_str_new(64);

	if (verdict->bad_author)
		str_append(str, "from=bad ");
	if (verdict_policy_is_our_own(verdict))
		str_append(str, "own domain ");
	str_printfa(str, "p=%s", verdict_failed_policy(verdict));
	if (verdict->may_fail && !verdict_fails_enforced_policy(verdict))
		str_append(str, " dmarc=temperror");
	if (!verdict->bad_author) {
		append_method(str, verdict, CHECK_METHOD_SPF);
		append_method(str, verdict, CHECK_METHOD_DKIM);
	}
	return str_c(str);
}

struct impact_totals *impact_totals_init(void)
{
	struct impact_totals *totals;
	pool_t pool = pool_alloconly_create("impact totals", 4096);

	totals = p_new(pool, struct impact_totals, 1);
	totals->pool = pool;
	hash_table_create(&totals->entries, pool, 0, str_hash, strcmp);
	totals->total.row.author_domain = "";
	totals->total.row.reason = "total";
	totals->total.row.disposition = "";
	return totals;
}

void impact_totals_deinit(struct impact_totals **_totals)
{
	struct impact_totals *totals = *_totals;

	*_totals = NULL;
	hash_table_destroy(&totals->entries);
	pool_unref(&totals->pool);
}

static struct impact_entry *
impact_totals_entry(struct impact_totals *totals,
		    const struct impact_message *message)
{
	const char *domain = message->author_domain == NULL ? "" :
		message->author_domain;
	const char *key = t_strconcat(domain, "\n", message->reason, "\n",
				      message->disposition, NULL);
	struct impact_entry *entry = hash_table_lookup(totals->entries, key);
	char *own_key;

	if (entry != NULL)
		return entry;
	entry = p_new(totals->pool, struct impact_entry, 1);
	entry->row.author_domain = p_strdup(totals->pool, domain);
	entry->row.reason = p_strdup(totals->pool, message->reason);
	entry->row.disposition = p_strdup(totals->pool, message->disposition);
	own_key = p_strdup(totals->pool, key);
	hash_table_insert(totals->entries, own_key, entry);
	return entry;
}

static void
impact_entry_add(struct impact_entry *entry, const char *user,
		 const struct impact_message *message)
{
	unsigned int *counts = entry->row.counts;

	counts[IMPACT_COUNT_MESSAGES]++;
	/* the same user has the same pointer */
	if (entry->user != user)
		counts[IMPACT_COUNT_USERS]++;
	entry->user = user;
	counts[IMPACT_COUNT_IN_JUNK] += message->in_junk ? 1 : 0;
	counts[IMPACT_COUNT_SEEN] += message->seen ? 1 : 0;
	counts[IMPACT_COUNT_FLAGGED] += message->flagged ? 1 : 0;
	counts[IMPACT_COUNT_ANSWERED] += message->answered ? 1 : 0;
}

void impact_totals_add(struct impact_totals *totals,
		       const struct impact_message *message)
{
	if (null_strcmp(totals->user, message->user) != 0)
		totals->user = p_strdup(totals->pool, message->user);
	T_BEGIN {
		impact_entry_add(impact_totals_entry(totals, message),
				 totals->user, message);
	} T_END;
	impact_entry_add(&totals->total, totals->user, message);
}

static int
impact_row_cmp(const struct impact_row *row1, const struct impact_row *row2)
{
	unsigned int count1 = row1->counts[IMPACT_COUNT_MESSAGES];
	unsigned int count2 = row2->counts[IMPACT_COUNT_MESSAGES];
	int ret;

	if (count1 != count2)
		return count1 > count2 ? -1 : 1;
	ret = strcmp(row1->author_domain, row2->author_domain);
	if (ret == 0)
		ret = strcmp(row1->reason, row2->reason);
	return ret != 0 ? ret : strcmp(row1->disposition, row2->disposition);
}

void impact_totals_get(struct impact_totals *totals,
		       ARRAY_TYPE(impact_row) *rows)
{
	struct hash_iterate_context *iter;
	struct impact_entry *entry;
	char *key;

	iter = hash_table_iterate_init(totals->entries);
	while (hash_table_iterate(iter, totals->entries, &key, &entry))
		array_push_back(rows, &entry->row);
	hash_table_iterate_deinit(&iter);
	array_sort(rows, impact_row_cmp);
	array_push_back(rows, &totals->total.row);
}
