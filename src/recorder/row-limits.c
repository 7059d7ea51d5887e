/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hash.h"
#include "history-row.h"
#include "row-limits.h"

struct domain_rows {
	const char *domain;
	unsigned int count;
};

struct row_limits {
	unsigned int day;
	pool_t pool;
	HASH_TABLE(const char *, struct domain_rows *) domains;
	/* "DOMAIN/HASH" */
	HASH_TABLE(const char *, void *) rows;
	/* of rows, those of HISTORY_EVENT_TAKEN_BACK */
	unsigned int taken_back_count;
};

static void limits_begin_day(struct row_limits *limits, unsigned int day)
{
	limits->day = day;
	limits->taken_back_count = 0;
	limits->pool = pool_alloconly_create("history rows of a day", 65536);
	hash_table_create(&limits->domains, default_pool, 0, str_hash, strcmp);
	hash_table_create(&limits->rows, default_pool, 0, str_hash, strcmp);
}

static void limits_end_day(struct row_limits *limits)
{
	hash_table_destroy(&limits->domains);
	hash_table_destroy(&limits->rows);
	pool_unref(&limits->pool);
}

struct row_limits *row_limits_init(void)
{
	struct row_limits *limits = i_new(struct row_limits, 1);

	limits_begin_day(limits, 0);
	return limits;
}

void row_limits_deinit(struct row_limits **_limits)
{
	struct row_limits *limits = *_limits;

	*_limits = NULL;
	limits_end_day(limits);
	i_free(limits);
}

static struct domain_rows *
get_domain(struct row_limits *limits, const char *name)
{
	struct domain_rows *domain = hash_table_lookup(limits->domains, name);

	if (domain == NULL) {
		domain = p_new(limits->pool, struct domain_rows, 1);
		domain->domain = p_strdup(limits->pool, name);
		hash_table_insert(limits->domains, domain->domain, domain);
	}
	return domain;
}

static const char *t_row_key(const struct history_row *row)
{
	return t_strconcat(row->policy_domain, "/",
		t_history_row_hash(t_history_row_data(row)), NULL);
}

static void add_row(struct row_limits *limits, const char *key)
{
	key = p_strdup(limits->pool, key);
	hash_table_insert(limits->rows, key, POINTER_CAST(1));
}

/* TRUE if the row is known, or there is room for it. */
static bool
admit(struct row_limits *limits, const struct history_row *row,
      unsigned int max_rows)
{
	const char *key = t_row_key(row);
	struct domain_rows *domain;

	if (hash_table_lookup(limits->rows, key) != NULL)
		return TRUE;
	if (hash_table_count(limits->rows) - limits->taken_back_count >=
	    AUTHRES_MAX_HISTORY_DAY_ROWS)
		return FALSE;
	domain = get_domain(limits, row->policy_domain);
	if (domain->count >= max_rows)
		return FALSE;
	domain->count++;
	add_row(limits, key);
	return TRUE;
}

/* Local users take no room of deliveries. */
static bool
admit_taken_back(struct row_limits *limits, const struct history_row *row)
{
	const char *key = t_row_key(row);

	if (hash_table_lookup(limits->rows, key) != NULL)
		return TRUE;
	if (limits->taken_back_count >= AUTHRES_MAX_TAKEN_BACK_ROWS)
		return FALSE;
	limits->taken_back_count++;
	add_row(limits, key);
	return TRUE;
}

static void leave_out_results(struct history_row *row)
{
	row->dkim_count = 0;
	i_zero(&row->dkim);
	i_zero(&row->spf);
	row->envelope_from = NULL;
}

static void leave_out_all(struct history_row *row)
{
	leave_out_results(row);
	row->policy_domain = HISTORY_NO_DOMAIN;
	row->config = "";
	row->reason_comment = NULL;
	if (row->event == HISTORY_EVENT_TAKEN_BACK)
		row->reason = HISTORY_REASON_NONE;
	row->dkim_aligned = row->spf_aligned = FALSE;
	i_zero(&row->source_ip);
	row->header_from = NULL;
}

void row_limits_apply(struct row_limits *limits, struct history_row *row)
{
	if (row->day > limits->day) {
		limits_end_day(limits);
		limits_begin_day(limits, row->day);
	}
	if (row->header_from == NULL || row->day < limits->day)
		return;
	T_BEGIN {
		if (row->event == HISTORY_EVENT_TAKEN_BACK) {
			if (!admit_taken_back(limits, row))
				leave_out_all(row);
		} else if (!admit(limits, row,
				  AUTHRES_MAX_HISTORY_DOMAIN_ROWS)) {
			leave_out_results(row);
			if (!admit(limits, row,
				   AUTHRES_MAX_HISTORY_DOMAIN_PLAIN_ROWS))
				leave_out_all(row);
		}
	} T_END;
}
