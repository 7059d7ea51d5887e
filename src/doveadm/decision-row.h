#ifndef DECISION_ROW_H
#define DECISION_ROW_H

struct verdict;

/* What doveadm authres list shows of a stored decision. */

enum decision_column {
	DECISION_COLUMN_USER,
	DECISION_COLUMN_MAILBOX,
	DECISION_COLUMN_UID,
	DECISION_COLUMN_DATE,
	/* the rest is what the message's own field says */
	DECISION_COLUMN_AUTHOR_DOMAIN,
	DECISION_COLUMN_CLIENT_IP,
	DECISION_COLUMN_RESULTS,
	DECISION_COLUMN_POLICY,
	DECISION_COLUMN_REASON,
	/* but for this: whether the mailbox's index confirms it */
	DECISION_COLUMN_DELIVERED,

	DECISION_COLUMN_COUNT
};

extern const char *const decision_column_names[DECISION_COLUMN_COUNT];

/* Fill the columns from AUTHOR_DOMAIN to REASON; the others are left alone.
   Values are sanitised, on the data stack, "" = nothing to say. */
void decision_row_fill(const struct verdict *verdict,
		       const char *columns[DECISION_COLUMN_COUNT]);

#endif
