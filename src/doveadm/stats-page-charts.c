/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "history-day.h"
#include "stats-html.h"
#include "stats-page-private.h"

/* of a chart by day, in pixels */
#define CHART_HEIGHT 120
#define MAX_BARS 8
/* days that have their name below the chart */
#define MIN_DAYS_WITH_MIDDLE 5

struct series {
	const char *name, *class;
	/* of a day */
	uint64_t (*get)(const struct history_total *day);
};

struct day_chart {
	/* what two of these charts show; the columns of a day are stacked */
	const char *title;
	struct series series[3];
	unsigned int series_count;
};

static void
bar_append(string_t *dest, const char *class, const char *label,
	   uint64_t count, uint64_t max)
{
	str_append(dest, "<li><span class=\"label\">");
	html_append(dest, label);
	str_printfa(dest, "</span> <span class=\"n\">%s</span>"
		    "<svg width=\"100%%\" height=\"10\" aria-hidden=\"true\">"
		    "<rect class=\"track\" width=\"100%%\" height=\"10\"/>"
		    "<rect class=\"%s\" width=\"%s\" height=\"10\"/></svg>"
		    "</li>\n",
		    t_html_count(count), class, t_html_percent(count, max));
}

static void
section_begin(string_t *dest, const char *title)
{
	str_printfa(dest, "<section>\n<h2>%s</h2>\n", title);
}

static void results_chart(const struct stats_page *page, string_t *dest)
{
	static const struct {
		enum check_result_word word;
		const char *class, *label;
	} bars[] = {
		{ CHECK_RESULT_PASS, "passed", "passed DMARC" },
		{ CHECK_RESULT_FAIL, "failed", "failed DMARC" },
		{ CHECK_RESULT_NONE, "other", "author's domain has no policy" },
		{ CHECK_RESULT_PERMERROR, "other",
		  "no single author, or a policy that cannot be used" },
		{ CHECK_RESULT_TEMPERROR, "other", "DNS did not answer" },
	};
	uint64_t total = page->total->counts[HISTORY_COUNT_MESSAGES];

	section_begin(dest, "What was judged");
	str_append(dest, "<ul class=\"bars\">\n");
	for (unsigned int i = 0; i < N_ELEMENTS(bars); i++) {
		bar_append(dest, bars[i].class, bars[i].label,
			   page->results[bars[i].word], total);
	}
	str_append(dest, "</ul>\n</section>\n");
}

static void junk_chart(const struct stats_page *page, string_t *dest)
{
	static const char *const labels[JUNK_WHY_COUNT] = {
		"failed a policy of quarantine",
		"failed a policy of reject",
		"in a name of ours, and nothing passed",
		"failed a policy in test mode or for a part (t=, pct=)",
		"no single author that can be judged",
		"may have failed, DNS did not answer",
		"other",
	};
	uint64_t junk = page->total->counts[HISTORY_COUNT_JUNK];

	section_begin(dest, "What went to Junk, and why");
	if (junk == 0)
		str_append(dest, "<p>Nothing went to Junk.</p>\n");
	str_append(dest, "<ul class=\"bars\">\n");
	for (unsigned int i = 0; i < JUNK_WHY_COUNT && junk > 0; i++) {
		if (page->junk_whys[i] > 0) {
			bar_append(dest, "junk", labels[i], page->junk_whys[i],
				   junk);
		}
	}
	str_append(dest, "</ul>\n</section>\n");
}

static void taken_back_chart(struct stats_page *page, string_t *dest)
{
	ARRAY_TYPE(history_advice_domain) domains;
	const struct history_advice_domain *domain;
	uint64_t taken_back = page->total->counts[HISTORY_COUNT_TAKEN_BACK];
	unsigned int count = 0;

	section_begin(dest, "What users took back from Junk");
	if (taken_back == 0)
		str_append(dest, "<p>Nothing was taken back.</p>\n");
	str_append(dest, "<ul class=\"bars\">\n");
	t_array_init(&domains, 64);
	history_advice_get(page->advice, &domains);
	array_foreach(&domains, domain) {
		if (domain->taken_back == 0 || count++ == MAX_BARS)
			break;
		bar_append(dest, "taken", domain->domain, domain->taken_back,
			   taken_back);
	}
	str_append(dest, "</ul>\n</section>\n");
}

static uint64_t get_passed(const struct history_total *day)
{
	return day->counts[HISTORY_COUNT_PASSED];
}

static uint64_t get_failed(const struct history_total *day)
{
	return day->counts[HISTORY_COUNT_FAILED];
}

static uint64_t get_other(const struct history_total *day)
{
	return day->counts[HISTORY_COUNT_OTHER];
}

static uint64_t get_junk(const struct history_total *day)
{
	return day->counts[HISTORY_COUNT_JUNK];
}

static uint64_t get_rejected(const struct history_total *day)
{
	return day->counts[HISTORY_COUNT_REJECTED];
}

static uint64_t get_taken_back(const struct history_total *day)
{
	return day->counts[HISTORY_COUNT_TAKEN_BACK];
}

static const struct day_chart day_charts[] = {
	{ "All mail by day", {
		{ "failed", "failed", get_failed },
		{ "other", "other", get_other },
		{ "passed", "passed", get_passed },
	}, 3 },
	{ "Junk by day", {
		{ "filed in Junk", "junk", get_junk },
		{ "rejected", "rejected", get_rejected },
	}, 2 },
	{ "Taken back by day", {
		{ "taken back", "taken", get_taken_back },
	}, 1 },
};

static uint64_t
day_sum(const struct day_chart *chart, const struct history_total *day)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < chart->series_count; i++)
		sum += chart->series[i].get(day);
	return sum;
}

/* Every day from the first with mail to the last that was asked for, the ones
   without mail, too. */
static void
fill_days(struct stats_page *page, const struct stats_page_info *info,
	  ARRAY_TYPE(history_total) *days)
{
	const struct history_total *rows;
	struct history_total *day;
	unsigned int count, i = 0, number;
	const char *text;

	rows = t_stats_page_rows(page, HISTORY_GROUP_DAY, &count);
	for (number = info->first_day; number <= info->last_day; number++) {
		text = t_history_day_text(number);
		if (i == 0 && (count == 0 || strcmp(rows[0].group, text) != 0))
			continue;
		day = array_append_space(days);
		if (i < count && strcmp(rows[i].group, text) == 0)
			*day = rows[i++];
		else
			day->group = text;
	}
}

static void
day_append(string_t *dest, const struct day_chart *chart,
	   const struct history_total *day, unsigned int idx,
	   unsigned int count, uint64_t max)
{
	/* columns have a fifth of their room between them */
	double width = 100.0 / count;
	unsigned int height, y = CHART_HEIGHT;
	uint64_t value;

	str_append(dest, "<g><title>");
	html_append(dest, day->group);
	for (unsigned int i = 0; i < chart->series_count; i++) {
		str_printfa(dest, ", %s %s",
			    t_html_count(chart->series[i].get(day)),
			    chart->series[i].name);
	}
	str_append(dest, "</title>");
	for (unsigned int i = 0; i < chart->series_count; i++) {
		value = chart->series[i].get(day);
		if (value == 0)
			continue;
		height = I_MIN(y, I_MAX(1, (unsigned int)
			((double)value * CHART_HEIGHT / (double)max)));
		y -= height;
		str_printfa(dest, "<rect class=\"%s\" x=\"%.3f%%\" y=\"%u\" "
			    "width=\"%.3f%%\" height=\"%u\"/>",
			    chart->series[i].class, idx * width + width / 10,
			    y, width * 0.8, height);
	}
	str_append(dest, "</g>\n");
}

static void
day_axis(string_t *dest, const struct history_total *days, unsigned int count)
{
	str_append(dest, "<p class=\"axis\"><span>");
	html_append(dest, days[0].group);
	if (count >= MIN_DAYS_WITH_MIDDLE) {
		str_append(dest, "</span> <span>");
		html_append(dest, days[count / 2].group);
	}
	if (count > 1) {
		str_append(dest, "</span> <span>");
		html_append(dest, days[count - 1].group);
	}
	str_append(dest, "</span></p>\n");
}

static void
day_chart(string_t *dest, const struct day_chart *chart,
	  const struct history_total *days, unsigned int count)
{
	uint64_t max = 0;

	for (unsigned int i = 0; i < count; i++)
		max = I_MAX(max, day_sum(chart, &days[i]));
	section_begin(dest, chart->title);
	if (max == 0) {
		str_append(dest, "<p>None.</p>\n</section>\n");
		return;
	}
	str_append(dest, "<p class=\"legend\">");
	for (unsigned int i = chart->series_count; i > 0; i--) {
		str_printfa(dest, "<span><i class=\"%s\"></i>%s</span> ",
			    chart->series[i - 1].class,
			    chart->series[i - 1].name);
	}
	str_printfa(dest, "</p>\n<p class=\"max\">%s</p>\n"
		    "<svg class=\"days\" width=\"100%%\" height=\"%u\" "
		    "role=\"img\" aria-label=\"%s: a column for each of %u "
		    "days\">\n", t_html_count(max), CHART_HEIGHT, chart->title,
		    count);
	for (unsigned int i = 0; i < count; i++) T_BEGIN {
		day_append(dest, chart, &days[i], i, count, max);
	} T_END;
	str_append(dest, "</svg>\n");
	day_axis(dest, days, count);
	str_append(dest, "</section>\n");
}

void stats_page_charts(struct stats_page *page,
		       const struct stats_page_info *info, string_t *dest)
{
	ARRAY_TYPE(history_total) days;
	const struct history_total *list;
	unsigned int count;

	str_append(dest, "<div class=\"charts\">\n");
	results_chart(page, dest);
	junk_chart(page, dest);
	taken_back_chart(page, dest);
	t_array_init(&days, 32);
	fill_days(page, info, &days);
	list = array_get(&days, &count);
	for (unsigned int i = 0; i < N_ELEMENTS(day_charts) && count > 0; i++)
		day_chart(dest, &day_charts[i], list, count);
	str_append(dest, "</div>\n");
}
