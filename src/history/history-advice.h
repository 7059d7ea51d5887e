#ifndef HISTORY_ADVICE_H
#define HISTORY_ADVICE_H

#include "history-row.h"

/* What users made of each author's mail in Junk, and what an administrator
   might do about it. That something was taken back, and through which list, is
   what users say (history-taken-back.h). So a list is recommended only if mail
   in Junk proves that it was there: an SPF or DKIM pass of its domain. */

struct history_advice;

struct history_advice_domain {
	/* Author Domain, A-labels */
	const char *domain;
	uint64_t junk, taken_back;
	/* the list that most of what was taken back came through, with how
	   much; NULL = none, or not known */
	const char *list;
	uint64_t list_taken_back;
	/* mail in Junk proves it */
	bool list_is_proven;
};
ARRAY_DEFINE_TYPE(history_advice_domain, struct history_advice_domain);

struct history_advice *history_advice_init(void);
void history_advice_deinit(struct history_advice **advice);
/* count messages have this row. Rows without an author count for nothing, nor
   do those of more than AUTHRES_MAX_HISTORY_GROUPS authors, nor more than
   AUTHRES_MAX_ADVICE_NAMES lists and proofs of an author. */
void history_advice_add(struct history_advice *advice,
			const struct history_row *row, uint64_t count);
/* Authors with mail in Junk or taken back, those with the most taken back
   first, then those with the most in Junk. Strings live as long as advice. */
void history_advice_get(struct history_advice *advice,
			ARRAY_TYPE(history_advice_domain) *domains);
/* "x.example: 41 in Junk, 3 taken back, all by list.example.org: consider
   authres_trusted_lists". Data stack; as harmless as the names in it. */
const char *t_history_advice(const struct history_advice_domain *domain);

#endif
