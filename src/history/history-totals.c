/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "history-day.h"
#include "history-totals.h"

#define NO_GROUP "-"
#define OTHER_GROUPS "(others)"

struct history_totals {
	pool_t pool;
	enum history_group group;
	HASH_TABLE(const char *, struct history_total *) groups;
	struct history_total total;
};

int history_group_parse(const char *word, enum history_group *group_r)
{
	static const char *const words[] = {
		"domain", "source", "disposition", "override", "day"
	};

	for (unsigned int i = 0; i < N_ELEMENTS(words); i++) {
		if (strcmp(words[i], word) == 0) {
			*group_r = (enum history_group)i;
			return 0;
		}
	}
	return -1;
}

struct history_totals *history_totals_init(enum history_group group)
{
	struct history_totals *totals;
	pool_t pool = pool_alloconly_create("history totals", 16 * 1024);

	totals = p_new(pool, struct history_totals, 1);
	totals->pool = pool;
	totals->group = group;
	totals->total.group = "total";
	hash_table_create(&totals->groups, default_pool, 0, str_hash, strcmp);
	return totals;
}

void history_totals_deinit(struct history_totals **_totals)
{
	struct history_totals *totals = *_totals;

	*_totals = NULL;
	hash_table_destroy(&totals->groups);
	pool_unref(&totals->pool);
}

static const char *
t_group(enum history_group group, const struct history_row *row)
{
	const char *reason;

	switch (group) {
	case HISTORY_GROUP_DOMAIN:
		return row->header_from == NULL ? HISTORY_NO_DOMAIN :
			row->header_from;
	case HISTORY_GROUP_SOURCE:
		return row->source_ip.family == 0 ? NO_GROUP :
			net_ip2addr(&row->source_ip);
	case HISTORY_GROUP_DISPOSITION:
		return history_disposition_name(row->disposition);
	case HISTORY_GROUP_OVERRIDE:
		/* what was in Junk was not overridden */
		reason = row->event == HISTORY_EVENT_TAKEN_BACK ? NULL :
			history_reason_name(row->reason);
		if (reason == NULL)
			return NO_GROUP;
		return row->reason_comment == NULL ? reason :
			t_strconcat(reason, ": ", row->reason_comment, NULL);
	case HISTORY_GROUP_DAY:
		return t_history_day_text(row->day);
	}
	i_unreached();
}

static struct history_total *
get_total(struct history_totals *totals, const char *group)
{
	struct history_total *total;

	total = hash_table_lookup(totals->groups, group);
	if (total == NULL && hash_table_count(totals->groups) >=
	    AUTHRES_MAX_HISTORY_GROUPS) {
		group = OTHER_GROUPS;
		total = hash_table_lookup(totals->groups, group);
	}
	if (total == NULL) {
		total = p_new(totals->pool, struct history_total, 1);
		total->group = p_strdup(totals->pool, group);
		hash_table_insert(totals->groups, total->group, total);
	}
	return total;
}

static void
total_add(struct history_total *total, const struct history_row *row,
	  uint64_t count)
{
	if (row->event == HISTORY_EVENT_TAKEN_BACK) {
		total->counts[HISTORY_COUNT_TAKEN_BACK] += count;
		return;
	}
	total->counts[HISTORY_COUNT_MESSAGES] += count;
	total->counts[row->dmarc == CHECK_RESULT_PASS ? HISTORY_COUNT_PASSED :
		      row->dmarc == CHECK_RESULT_FAIL ? HISTORY_COUNT_FAILED :
		      HISTORY_COUNT_OTHER] += count;
	if (row->disposition == HISTORY_DISPOSITION_QUARANTINE)
		total->counts[HISTORY_COUNT_JUNK] += count;
	if (row->disposition == HISTORY_DISPOSITION_REJECT)
		total->counts[HISTORY_COUNT_REJECTED] += count;
	if (row->reason != HISTORY_REASON_NONE)
		total->counts[HISTORY_COUNT_OVERRIDDEN] += count;
}

void history_totals_add(struct history_totals *totals,
			const struct history_row *row, uint64_t count)
{
	T_BEGIN {
		total_add(get_total(totals, t_group(totals->group, row)), row,
			  count);
	} T_END;
	total_add(&totals->total, row, count);
}

static int
total_cmp(const struct history_total *total1,
	  const struct history_total *total2)
{
	uint64_t count1 = total1->counts[HISTORY_COUNT_MESSAGES];
	uint64_t count2 = total2->counts[HISTORY_COUNT_MESSAGES];

	if (count1 != count2)
		return count1 > count2 ? -1 : 1;
	return strcmp(total1->group, total2->group);
}

static int
total_day_cmp(const struct history_total *total1,
	      const struct history_total *total2)
{
	return strcmp(total1->group, total2->group);
}

void history_totals_get(struct history_totals *totals,
			ARRAY_TYPE(history_total) *rows)
{
	struct hash_iterate_context *iter;
	struct history_total *total;
	const char *group;

	iter = hash_table_iterate_init(totals->groups);
	while (hash_table_iterate(iter, totals->groups, &group, &total))
		array_push_back(rows, total);
	hash_table_iterate_deinit(&iter);
	if (totals->group == HISTORY_GROUP_DAY)
		array_sort(rows, total_day_cmp);
	else
		array_sort(rows, total_cmp);
	array_push_back(rows, &totals->total);
}
