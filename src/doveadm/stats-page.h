#ifndef STATS_PAGE_H
#define STATS_PAGE_H

#include "history-row.h"

/* The statistics as one page for people: charts, a sentence for each author,
   and tables. It needs nothing but itself: no network, no script but its own,
   which sorts tables. Its own policy (CSP) forbids all else, so that a mistake
   in escaping would run nothing. */

struct stats_page;

struct stats_page_info {
	/* whose mail it is: our authserv-id */
	const char *host;
	/* Author Domain that was asked for; NULL = all */
	const char *domain;
	/* days of the history */
	unsigned int first_day, last_day;
	time_t now;
};

struct stats_page *stats_page_init(void);
void stats_page_deinit(struct stats_page **page);
/* count messages have this row. */
void stats_page_add(struct stats_page *page, const struct history_row *row,
		    uint64_t count);
/* Append the page. */
void stats_page_write(struct stats_page *page,
		      const struct stats_page_info *info, string_t *dest);

#endif
