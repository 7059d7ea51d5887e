#ifndef HISTORY_TOTALS_H
#define HISTORY_TOTALS_H

#include "history-row.h"

/* Sums over rows of the history. */

/* What rows are put together by. */
enum history_group {
	/* Author Domain; HISTORY_NO_DOMAIN for messages without a policy */
	HISTORY_GROUP_DOMAIN,
	/* address of the SMTP client; "-" = not known, or without a policy */
	HISTORY_GROUP_SOURCE,
	/* what was done: "none", "pass", "quarantine", "reject" */
	HISTORY_GROUP_DISPOSITION,
	/* the override's code, with its comment behind ": "; "-" = none */
	HISTORY_GROUP_OVERRIDE,
	/* "2026-11-29", UTC */
	HISTORY_GROUP_DAY
};

enum history_count {
	HISTORY_COUNT_MESSAGES,
	/* results of DMARC: pass, fail, and all else */
	HISTORY_COUNT_PASSED,
	HISTORY_COUNT_FAILED,
	HISTORY_COUNT_OTHER,
	HISTORY_COUNT_JUNK,
	HISTORY_COUNT_REJECTED,
	/* a reason says why a policy was not applied as published */
	HISTORY_COUNT_OVERRIDDEN,
	/* messages that were taken back from Junk in these days, whenever they
	   came; in no other count */
	HISTORY_COUNT_TAKEN_BACK,

	HISTORY_COUNT_COUNT
};

struct history_total {
	/* printable ASCII */
	const char *group;
	uint64_t counts[HISTORY_COUNT_COUNT];
};
ARRAY_DEFINE_TYPE(history_total, struct history_total);

struct history_totals;

/* Returns 0 and group_r for "domain", "source", "disposition", "override" or
   "day", else -1. */
int history_group_parse(const char *word, enum history_group *group_r);

struct history_totals *history_totals_init(enum history_group group);
void history_totals_deinit(struct history_totals **totals);
/* count messages have this row; with HISTORY_EVENT_TAKEN_BACK, so many were
   taken back. Of more than AUTHRES_MAX_HISTORY_GROUPS groups further ones are
   put together as "(others)". */
void history_totals_add(struct history_totals *totals,
			const struct history_row *row, uint64_t count);
/* Days in their order, all else with the most messages first; then one named
   "total". Lives as long as totals. */
void history_totals_get(struct history_totals *totals,
			ARRAY_TYPE(history_total) *rows);

#endif
