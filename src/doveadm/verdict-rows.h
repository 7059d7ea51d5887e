#ifndef VERDICT_ROWS_H
#define VERDICT_ROWS_H

struct authres_settings;
struct verdict;

/* What doveadm authres verify shows, one row per result. */

enum verdict_column {
	VERDICT_COLUMN_METHOD,
	VERDICT_COLUMN_RESULT,
	VERDICT_COLUMN_REASON,
	VERDICT_COLUMN_DOMAIN,
	VERDICT_COLUMN_SELECTOR,
	VERDICT_COLUMN_ALGORITHM,
	VERDICT_COLUMN_KEY_BITS,
	/* these speak of the message, and stand in rows of dmarc only: what
	   the domain asks for; what a delivery does by the settings of all
	   users */
	VERDICT_COLUMN_POLICY,
	VERDICT_COLUMN_DISPOSITION,
	VERDICT_COLUMN_OVERRIDE,
	VERDICT_COLUMN_ORG_DOMAIN,
	/* the filter in front of us whose result this is */
	VERDICT_COLUMN_UPSTREAM,

	VERDICT_COLUMN_COUNT
};

extern const char *const verdict_column_names[VERDICT_COLUMN_COUNT];

struct verdict_row {
	/* sanitised; "" = nothing to say */
	const char *columns[VERDICT_COLUMN_COUNT];
};
ARRAY_DEFINE_TYPE(verdict_row, struct verdict_row);

/* rows: initialized. Strings live in pool. */
void verdict_rows_get(pool_t pool, const struct verdict *verdict,
		      const struct authres_settings *set,
		      ARRAY_TYPE(verdict_row) *rows);

#endif
