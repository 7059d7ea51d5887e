#ifndef STATS_PAGE_PRIVATE_H
#define STATS_PAGE_PRIVATE_H

#include "history-advice.h"
#include "history-totals.h"
#include "stats-page.h"

#define STATS_GROUP_COUNT (HISTORY_GROUP_DAY + 1)

/* Why mail went to Junk. */
enum junk_why {
	JUNK_WHY_QUARANTINE,
	JUNK_WHY_REJECT,
	/* mail from outside in our own name, without a pass */
	JUNK_WHY_OWN_DOMAIN,
	/* the domain itself had lowered its policy */
	JUNK_WHY_LOWERED,
	JUNK_WHY_AUTHOR,
	JUNK_WHY_DNS,
	JUNK_WHY_OTHER,

	JUNK_WHY_COUNT
};

struct stats_page {
	struct history_totals *totals[STATS_GROUP_COUNT];
	struct history_advice *advice;
	/* by result of DMARC */
	uint64_t results[CHECK_RESULT_COUNT];
	uint64_t junk_whys[JUNK_WHY_COUNT];
	/* out of totals when the page is written */
	const struct history_total *total;
};

/* The rows of a group, without the total. Data stack. */
const struct history_total *
t_stats_page_rows(struct stats_page *page, enum history_group group,
		  unsigned int *count_r);

/* stats-page-charts.c */
void stats_page_charts(struct stats_page *page,
		       const struct stats_page_info *info, string_t *dest);
/* stats-page-style.c: the parts of head that allow and have style and
   script */
void stats_page_policy(string_t *dest);
void stats_page_style(string_t *dest);
void stats_page_script(string_t *dest);

#endif
