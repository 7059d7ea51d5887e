/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "known-reasons.h"
#include "disposition.h"
#include "verdict-rows.h"

#define VERDICT_MAX_COLUMN_BYTES 512

const char *const verdict_column_names[VERDICT_COLUMN_COUNT] = {
	"method", "result", "reason", "domain", "selector", "algorithm",
	"key_bits", "policy", "disposition", "override", "org_domain",
	"upstream"
};

static const char *row_key_bits(const struct check_result *result)
{
	unsigned int bits = known_key_bits(result);

	return bits == 0 ? NULL : dec2str(bits);
}

/* What is asked for, else what is published. */
static const char *row_policy(const struct check_result *result)
{
	const char *policy = check_result_property(result, "policy", "dmarc");
	enum dmarc_policy published;

	if (policy != NULL)
		return policy;
	return known_policy_read(result, &published) < 0 ? NULL :
		dmarc_policy_name(published);
}

static void
row_set(pool_t pool, struct verdict_row *row, enum verdict_column column,
	const char *value)
{
	row->columns[column] = value == NULL ? "" :
		p_strdup(pool, str_sanitize(value, VERDICT_MAX_COLUMN_BYTES));
}

static void
row_fill(pool_t pool, const struct verdict *verdict,
	 const struct disposition *disposition,
	 const struct check_result *result, struct verdict_row *row)
{
	for (unsigned int i = 0; i < VERDICT_COLUMN_COUNT; i++)
		row->columns[i] = "";
	row_set(pool, row, VERDICT_COLUMN_METHOD,
		check_method_name(result->method));
	row_set(pool, row, VERDICT_COLUMN_RESULT,
		check_result_word_name(result->result));
	row_set(pool, row, VERDICT_COLUMN_REASON, result->reason);
	row_set(pool, row, VERDICT_COLUMN_DOMAIN,
		t_check_result_domain(result));
	row_set(pool, row, VERDICT_COLUMN_SELECTOR,
		check_result_property(result, "header", "s"));
	row_set(pool, row, VERDICT_COLUMN_ALGORITHM,
		check_result_property(result, "header", "a"));
	row_set(pool, row, VERDICT_COLUMN_KEY_BITS, row_key_bits(result));
	row_set(pool, row, VERDICT_COLUMN_UPSTREAM, result->upstream);
	if (result->method != CHECK_METHOD_DMARC)
		return;
	row_set(pool, row, VERDICT_COLUMN_POLICY, row_policy(result));
	row_set(pool, row, VERDICT_COLUMN_DISPOSITION,
		disposition_action_name(disposition->action));
	row_set(pool, row, VERDICT_COLUMN_OVERRIDE,
		check_result_property(result, "policy", "override-reason"));
	row_set(pool, row, VERDICT_COLUMN_ORG_DOMAIN,
		verdict->organizational_domain);
}

void verdict_rows_get(pool_t pool, const struct verdict *verdict,
		      const struct authres_settings *set,
		      ARRAY_TYPE(verdict_row) *rows)
{
	struct disposition_query query;
	struct disposition disposition;
	const struct check_result *result;

	i_zero(&query);
	query.verdict = verdict;
	query.set = set;
	query.can_reject = TRUE;
	disposition_decide(pool, &query, &disposition);
	array_foreach(&verdict->results, result) {
		/* rows may live in the caller's data stack frame */
		struct verdict_row *row = array_append_space(rows);

		T_BEGIN {
			row_fill(pool, verdict, &disposition, result, row);
		} T_END;
	}
}
