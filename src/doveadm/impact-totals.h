#ifndef IMPACT_TOTALS_H
#define IMPACT_TOTALS_H

/* What authres_mode=enforce would have done to mail that is there already,
   counted by author domain and reason. */

struct impact_totals;
struct verdict;

/* What became of a message. */
struct impact_message {
	/* processed one after the other */
	const char *user;
	/* NULL = From has no usable one */
	const char *author_domain;
	/* "junk" or "reject" */
	const char *disposition;
	const char *reason;
	bool in_junk, seen, flagged, answered;
};

enum impact_count {
	IMPACT_COUNT_MESSAGES,
	IMPACT_COUNT_USERS,
	/* in the mailbox for mail that fails its policy */
	IMPACT_COUNT_IN_JUNK,
	IMPACT_COUNT_SEEN,
	IMPACT_COUNT_FLAGGED,
	IMPACT_COUNT_ANSWERED,

	IMPACT_COUNT_COUNT
};

struct impact_row {
	/* "" = none */
	const char *author_domain;
	const char *reason;
	const char *disposition;
	unsigned int counts[IMPACT_COUNT_COUNT];
};
ARRAY_DEFINE_TYPE(impact_row, struct impact_row);

/* The reason: "p=reject spf=fail dkim=none", or "from=bad p=reject". Data
   stack. */
const char *t_impact_reason(const struct verdict *verdict);

struct impact_totals *impact_totals_init(void);
void impact_totals_deinit(struct impact_totals **totals);
/* Strings are copied. */
void impact_totals_add(struct impact_totals *totals,
		       const struct impact_message *message);
/* Append a row for each author domain, reason and disposition, most messages
   first, and at the end one with reason "total" of all. Strings live as long
   as totals. */
void impact_totals_get(struct impact_totals *totals,
		       ARRAY_TYPE(impact_row) *rows);

#endif
