/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "time-util.h"
#include "history-day.h"
#include "history-disposition.h"
#include "stats-html.h"
#include "stats-page-private.h"

struct page_column {
	const char *name;
	enum history_count count;
	/* left out on a narrow screen */
	bool wide;
};

static const struct page_column page_columns[] = {
	{ "all", HISTORY_COUNT_MESSAGES, FALSE },
	{ "passed", HISTORY_COUNT_PASSED, TRUE },
	{ "failed", HISTORY_COUNT_FAILED, FALSE },
	{ "other", HISTORY_COUNT_OTHER, TRUE },
	{ "Junk", HISTORY_COUNT_JUNK, FALSE },
	{ "rejected", HISTORY_COUNT_REJECTED, TRUE },
	{ "overridden", HISTORY_COUNT_OVERRIDDEN, TRUE },
	{ "taken back", HISTORY_COUNT_TAKEN_BACK, FALSE },
};

static const char *const group_titles[STATS_GROUP_COUNT][2] = {
	{ "By author domain", "author domain" },
	{ "By source", "source" },
	{ "By disposition", "disposition" },
	{ "By override", "override" },
	{ "By day", "day" },
};

struct stats_page *stats_page_init(void)
{
	struct stats_page *page = i_new(struct stats_page, 1);

	for (unsigned int i = 0; i < STATS_GROUP_COUNT; i++)
		page->totals[i] = history_totals_init(i);
	page->advice = history_advice_init();
	return page;
}

void stats_page_deinit(struct stats_page **_page)
{
	struct stats_page *page = *_page;

	*_page = NULL;
	for (unsigned int i = 0; i < STATS_GROUP_COUNT; i++)
		history_totals_deinit(&page->totals[i]);
	history_advice_deinit(&page->advice);
	i_free(page);
}

static enum junk_why junk_why(const struct history_row *row)
{
	switch (row->dmarc) {
	case CHECK_RESULT_FAIL:
		break;
	case CHECK_RESULT_PERMERROR:
		return JUNK_WHY_AUTHOR;
	case CHECK_RESULT_TEMPERROR:
		return JUNK_WHY_DNS;
	default:
		return JUNK_WHY_OTHER;
	}
	switch (row->reason) {
	case HISTORY_REASON_NONE:
		return JUNK_WHY_QUARANTINE;
	case HISTORY_REASON_LOCAL_POLICY:
		return null_strcmp(row->reason_comment,
				   HISTORY_COMMENT_OWN_DOMAIN) == 0 ?
			JUNK_WHY_OWN_DOMAIN : JUNK_WHY_REJECT;
	case HISTORY_REASON_POLICY_TEST_MODE:
	case HISTORY_REASON_SAMPLED_OUT:
		return JUNK_WHY_LOWERED;
	default:
		return JUNK_WHY_OTHER;
	}
}

void stats_page_add(struct stats_page *page, const struct history_row *row,
		    uint64_t count)
{
	for (unsigned int i = 0; i < STATS_GROUP_COUNT; i++)
		history_totals_add(page->totals[i], row, count);
	history_advice_add(page->advice, row, count);
	if (row->event == HISTORY_EVENT_TAKEN_BACK)
		return;
	page->results[row->dmarc] += count;
	if (row->disposition == HISTORY_DISPOSITION_QUARANTINE)
		page->junk_whys[junk_why(row)] += count;
}

const struct history_total *
t_stats_page_rows(struct stats_page *page, enum history_group group,
		  unsigned int *count_r)
{
	ARRAY_TYPE(history_total) rows;

	t_array_init(&rows, 64);
	history_totals_get(page->totals[group], &rows);
	*count_r = array_count(&rows) - 1;
	return array_front(&rows);
}

static void
head_append(const struct stats_page_info *info, const char *days,
	    string_t *dest)
{
	str_append(dest, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		   "<meta charset=\"utf-8\">\n");
	stats_page_policy(dest);
	str_append(dest, "<meta name=\"viewport\" "
		   "content=\"width=device-width, initial-scale=1\">\n"
		   "<meta name=\"referrer\" content=\"no-referrer\">\n"
		   "<title>Mail of ");
	html_append(dest, info->host);
	str_printfa(dest, ", %s</title>\n", days);
	stats_page_style(dest);
	str_append(dest, "</head>\n<body>\n<header>\n<h1>Mail of ");
	html_append(dest, info->host);
	str_printfa(dest, "</h1>\n<p>%s (UTC)", days);
	if (info->domain != NULL) {
		str_append(dest, ", only from ");
		html_append(dest, info->domain);
	}
	str_printfa(dest, ". Written %s UTC by authres "AUTHRES_VERSION
		    ".</p>\n</header>\n<main>\n",
		    t_strfgmtime("%Y-%m-%d %H:%M", info->now));
}

static void tiles_append(const struct stats_page *page, string_t *dest)
{
	static const struct {
		const char *name;
		enum history_count count;
	} tiles[] = {
		{ "messages", HISTORY_COUNT_MESSAGES },
		{ "passed", HISTORY_COUNT_PASSED },
		{ "failed", HISTORY_COUNT_FAILED },
		{ "filed in Junk", HISTORY_COUNT_JUNK },
		{ "rejected", HISTORY_COUNT_REJECTED },
		{ "taken back", HISTORY_COUNT_TAKEN_BACK },
	};

	str_append(dest, "<dl class=\"tiles\">\n");
	for (unsigned int i = 0; i < N_ELEMENTS(tiles); i++) {
		str_printfa(dest, "<div><dt>%s</dt><dd>%s</dd></div>\n",
			    tiles[i].name,
			    t_html_count(page->total->counts[tiles[i].count]));
	}
	str_append(dest, "</dl>\n");
}

static void advice_append(struct stats_page *page, string_t *dest)
{
	ARRAY_TYPE(history_advice_domain) domains;
	const struct history_advice_domain *domain;
	unsigned int shown = 0;

	t_array_init(&domains, 64);
	history_advice_get(page->advice, &domains);
	if (array_is_empty(&domains))
		return;
	str_append(dest, "<section>\n<h2>What it means</h2>\n"
		   "<ul class=\"advice\">\n");
	array_foreach(&domains, domain) T_BEGIN {
		if (shown++ < AUTHRES_MAX_PAGE_SENTENCES) {
			str_append(dest, domain->list_is_proven ?
				   "<li class=\"do\">" : "<li>");
			html_append(dest, t_history_advice(domain));
			str_append(dest, ".</li>\n");
		}
	} T_END;
	str_append(dest, "</ul>\n");
	if (shown > AUTHRES_MAX_PAGE_SENTENCES) {
		str_printfa(dest, "<p class=\"note\">And %s more.</p>\n",
			    t_html_count(shown - AUTHRES_MAX_PAGE_SENTENCES));
	}
	str_append(dest, "<p class=\"note\">That mail was taken back, and "
		   "through which list, is what users say; a list is "
		   "recommended only if SPF or DKIM of mail in Junk "
		   "proves it.</p>\n</section>\n");
}

static void
row_append(string_t *dest, const char *name,
	   const uint64_t counts[HISTORY_COUNT_COUNT])
{
	str_append(dest, "<tr><td>");
	html_append(dest, name);
	str_append(dest, "</td>");
	for (unsigned int i = 0; i < N_ELEMENTS(page_columns); i++) {
		str_printfa(dest, "<td%s>%s</td>",
			    page_columns[i].wide ? " class=\"wide\"" : "",
			    t_html_count(counts[page_columns[i].count]));
	}
	str_append(dest, "</tr>\n");
}

static void
table_append(struct stats_page *page, enum history_group group, string_t *dest)
{
	uint64_t others[HISTORY_COUNT_COUNT] = { 0 };
	const struct history_total *rows;
	unsigned int count, i, j;

	rows = t_stats_page_rows(page, group, &count);
	str_printfa(dest, "<details%s><summary>%s (%s)</summary>\n"
		    "<table%s>\n<thead><tr><th scope=\"col\">%s</th>",
		    group == HISTORY_GROUP_DOMAIN ? " open" : "",
		    group_titles[group][0], t_html_count(count),
		    group == HISTORY_GROUP_DAY ? " class=\"by-day\"" : "",
		    group_titles[group][1]);
	for (i = 0; i < N_ELEMENTS(page_columns); i++) {
		str_printfa(dest, "<th scope=\"col\"%s>%s</th>",
			    page_columns[i].wide ? " class=\"wide\"" : "",
			    page_columns[i].name);
	}
	str_append(dest, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < I_MIN(count, AUTHRES_MAX_PAGE_ROWS); i++) T_BEGIN {
		row_append(dest, rows[i].group, rows[i].counts);
	} T_END;
	str_append(dest, "</tbody>\n<tfoot>\n");
	for (i = AUTHRES_MAX_PAGE_ROWS; i < count; i++) {
		for (j = 0; j < HISTORY_COUNT_COUNT; j++)
			others[j] += rows[i].counts[j];
	}
	if (count > AUTHRES_MAX_PAGE_ROWS) {
		row_append(dest, t_strdup_printf("%s others",
			t_html_count(count - AUTHRES_MAX_PAGE_ROWS)), others);
	}
	row_append(dest, "total", rows[count].counts);
	str_append(dest, "</tfoot>\n</table>\n</details>\n");
}

static void tables_append(struct stats_page *page, string_t *dest)
{
	str_append(dest, "<section>\n<h2>Numbers</h2>\n"
		   "<p class=\"note\">Each message counts once. \"-\" is mail "
		   "without a DMARC policy, a known client or an override. "
		   "<span class=\"narrow\">A wider screen has more "
		   "columns.</span></p>\n");
	for (unsigned int i = 0; i < STATS_GROUP_COUNT; i++) T_BEGIN {
		table_append(page, i, dest);
	} T_END;
	str_append(dest, "</section>\n");
}

void stats_page_write(struct stats_page *page,
		      const struct stats_page_info *info, string_t *dest)
{
	const char *days = t_history_day_text(info->first_day);
	unsigned int count;

	if (info->last_day > info->first_day) {
		days = t_strconcat(days, " to ",
				   t_history_day_text(info->last_day), NULL);
	}
	page->total = &t_stats_page_rows(page, HISTORY_GROUP_DOMAIN,
					 &count)[count];
	head_append(info, days, dest);
	tiles_append(page, dest);
	T_BEGIN {
		stats_page_charts(page, info, dest);
	} T_END;
	T_BEGIN {
		advice_append(page, dest);
	} T_END;
	tables_append(page, dest);
	str_append(dest, "</main>\n");
	stats_page_script(dest);
	str_append(dest, "</body>\n</html>\n");
}
