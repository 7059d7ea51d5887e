/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-history.h"
#include "test-text.h"
#include "history-disposition.h"
#include "stats-file.h"
#include "stats-html.h"
#include "stats-page.h"

#include <sys/stat.h>
#include <unistd.h>

#define DAY 20281

static void test_html(void)
{
	static const struct {
		const char *text, *html;
	} texts[] = {
		{ "x.example", "x.example" },
		{ "<script>alert(1)</script>",
		  "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "\" onload='a&b'", "&quot; onload=&#39;a&amp;b&#39;" },
		{ "\xc3\xa4\x01\x7f\n", "?????" },
	};
	static const struct {
		uint64_t part, total;
		const char *text;
	} percents[] = {
		{ 0, 0, "0.0%" }, { 0, 7, "0.0%" }, { 5, 0, "0.0%" },
		{ 1, 8, "12.5%" }, { 7, 7, "100.0%" }, { 8, 7, "100.0%" },
		{ 1, 1000000, "0.3%" },
		{ UINT64_MAX, UINT64_MAX, "100.0%" },
	};
	static const struct {
		uint64_t count;
		const char *text;
	} counts[] = {
		{ 0, "0" }, { 999, "999" }, { 1000, "1,000" },
		{ 41205, "41,205" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};

	test_begin("stats html");
	for (unsigned int i = 0; i < N_ELEMENTS(texts); i++) {
		string_t *dest = t_str_new(64);

		html_append(dest, texts[i].text);
		test_assert_strcmp_idx(str_c(dest), texts[i].html, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(percents); i++) {
		test_assert_strcmp_idx(t_html_percent(percents[i].part,
						      percents[i].total),
				       percents[i].text, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(counts); i++) {
		test_assert_strcmp_idx(t_html_count(counts[i].count),
				       counts[i].text, i);
	}
	test_end();
}

static string_t *
page_text(struct stats_page *page, const char *host, const char *domain)
{
	const struct stats_page_info info = {
		.host = host, .domain = domain,
		.first_day = DAY - 2, .last_day = DAY + 3,
		.now = DAY * 86400,
	};
	string_t *text = str_new(default_pool, 1024);

	stats_page_write(page, &info, text);
	return text;
}

static unsigned int count_of(string_t *text, const char *what)
{
	const char *p = str_c(text);
	unsigned int count = 0;

	for (; (p = strstr(p, what)) != NULL; p++)
		count++;
	return count;
}

static void add_junk(struct stats_page *page, const char *from, uint64_t count)
{
	struct history_record record;

	test_history_record(&record, DAY, from, "192.0.2.1");
	record.row.disposition = HISTORY_DISPOSITION_QUARANTINE;
	record.row.reason = HISTORY_REASON_NONE;
	record.row.reason_comment = NULL;
	stats_page_add(page, &record.row, count);
}

static void test_page_whys(void)
{
	static const struct {
		enum check_result_word dmarc;
		enum history_reason reason;
		const char *comment, *label;
	} tests[] = {
		{ CHECK_RESULT_FAIL, HISTORY_REASON_NONE, NULL,
		  "failed a policy of quarantine" },
		{ CHECK_RESULT_FAIL, HISTORY_REASON_LOCAL_POLICY,
		  "reject is filed in Junk", "failed a policy of reject" },
		{ CHECK_RESULT_FAIL, HISTORY_REASON_LOCAL_POLICY,
		  HISTORY_COMMENT_OWN_DOMAIN,
		  "in a name of ours, and nothing passed" },
		{ CHECK_RESULT_FAIL, HISTORY_REASON_POLICY_TEST_MODE, NULL,
		  "failed a policy in test mode or for a part" },
		{ CHECK_RESULT_PERMERROR, HISTORY_REASON_NONE, NULL,
		  "no single author that can be judged" },
		{ CHECK_RESULT_TEMPERROR, HISTORY_REASON_OTHER, "DNS failure",
		  "may have failed, DNS did not answer" },
		{ CHECK_RESULT_NONE, HISTORY_REASON_NONE, NULL,
		  "<span class=\"label\">other</span>" },
	};
	struct history_record record;
	struct stats_page *page;
	string_t *text;

	test_begin("stats page: why it went to Junk");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		page = stats_page_init();
		test_history_record(&record, DAY, "x.example", "192.0.2.1");
		record.row.disposition = HISTORY_DISPOSITION_QUARANTINE;
		record.row.dmarc = tests[i].dmarc;
		record.row.reason = tests[i].reason;
		record.row.reason_comment = tests[i].comment;
		stats_page_add(page, &record.row, 1);
		text = page_text(page, "mx.example.org", NULL);
		test_assert_idx(count_of(text, tests[i].label) == 1, i);
		test_assert_idx(count_of(text, "\"junk\" width=\"100.0%\"") ==
				1, i);
		str_free(&text);
		stats_page_deinit(&page);
	}
	test_end();
}

static void test_page(void)
{
	struct stats_page *page = stats_page_init();
	struct history_row row;
	string_t *text;

	test_begin("stats page");
	add_junk(page, "x.example", 41);
	i_zero(&row);
	row.day = DAY + 2;
	row.event = HISTORY_EVENT_TAKEN_BACK;
	row.policy_domain = row.header_from = "x.example";
	row.disposition = HISTORY_DISPOSITION_QUARANTINE;
	row.reason = HISTORY_REASON_MAILING_LIST;
	row.reason_comment = "list.example.org";
	stats_page_add(page, &row, 3);
	text = page_text(page, "mx.example.org", NULL);
	test_assert(count_of(text, "x.example: 41 in Junk, 3 taken back, all "
			     "by list.example.org: consider "
			     "authres_trusted_lists.") == 1);
	test_assert(count_of(text, "<dt>filed in Junk</dt><dd>41</dd>") == 1);
	test_assert(count_of(text, "failed a policy of quarantine") == 1);
	test_assert(count_of(text, "failed a policy of reject") == 0);
	/* from the first day with mail to the last one, with those between */
	test_assert(count_of(text, "<title>2025-07-12, 41 filed in Junk") == 1);
	test_assert(count_of(text, "<title>2025-07-13, 0 filed in Junk") == 1);
	test_assert(count_of(text, "<title>2025-07-14, 3 taken back") == 1);
	test_assert(count_of(text, "<title>2025-07-11") == 0);
	test_assert(count_of(text, "<title>2025-07-15") == 3);
	test_assert(count_of(text, "<table") == 5);
	str_free(&text);
	stats_page_deinit(&page);

	/* nothing to show */
	page = stats_page_init();
	text = page_text(page, "mx.example.org", NULL);
	test_assert(count_of(text, "Nothing went to Junk.") == 1);
	test_assert(count_of(text, "Nothing was taken back.") == 1);
	test_assert(count_of(text, "nan") == 0);
	str_free(&text);
	stats_page_deinit(&page);
	test_end();
}

/* Whatever is in the store, and whatever we are called. */
static void test_page_hostile(void)
{
#define EVIL "\"><script>alert('x')</script><img src=x onerror=alert(2)>"
	struct stats_page *page = stats_page_init();
	struct history_row row;
	string_t *text, *plain;

	test_begin("stats page: markup of strangers");
	plain = page_text(page, "mx.example.org", NULL);
	add_junk(page, EVIL, 2);
	for (unsigned int event = 0; event < 2; event++) {
		i_zero(&row);
		row.day = DAY;
		row.event = event;
		row.policy_domain = row.header_from = EVIL;
		row.disposition = HISTORY_DISPOSITION_QUARANTINE;
		row.reason = HISTORY_REASON_MAILING_LIST;
		row.reason_comment = EVIL;
		row.spf.domain = EVIL;
		row.spf.result = CHECK_RESULT_PASS;
		stats_page_add(page, &row, 5);
	}
	text = page_text(page, EVIL, EVIL);
	test_assert(count_of(text, "&lt;script&gt;") >= 6);
	test_assert(count_of(text, "<script>") == 1);
	test_assert(count_of(text, "</script>") == count_of(plain, "</script>"));
	test_assert(count_of(text, "<img") == 0);
	test_assert(count_of(text, "onerror=alert(2)&gt;") >= 6);
	test_assert(count_of(text, "onerror=alert(2)>") == 0);
	/* nothing from elsewhere */
	test_assert(count_of(text, "http:") + count_of(text, "https:") +
		    count_of(text, "src=") ==
		    count_of(text, "src=x onerror=alert(2)&gt;"));
	test_assert(count_of(text, "default-src 'none'") == 1);
	str_free(&plain);
	str_free(&text);
	stats_page_deinit(&page);
	test_end();
}

static void test_page_large(void)
{
	struct stats_page *page = stats_page_init();
	string_t *text;

	test_begin("stats page: many authors");
	for (unsigned int i = 0; i < AUTHRES_MAX_PAGE_ROWS + 10; i++) T_BEGIN {
		add_junk(page, t_strdup_printf("d%u.example", i), 2);
	} T_END;
	text = page_text(page, "mx.example.org", NULL);
	test_assert(count_of(text, "<td>10 others</td><td>20</td>") == 1);
	test_assert(count_of(text, "<p class=\"note\">And 960 more.</p>") == 1);
	test_assert(count_of(text, "<td>total</td><td>2,020</td>") == 5);
	test_assert(str_len(text) < 1024 * 1024);
	str_free(&text);
	stats_page_deinit(&page);
	test_end();
}

static void test_stats_file(void)
{
	const char *path = t_strdup_printf("test-stats-page.%ld",
					   (long)getpid());
	const char *link = t_strconcat(path, ".link", NULL), *error;
	string_t *text = t_str_new(16);
	struct stat st;

	test_begin("stats file");
	str_append(text, "first");
	test_assert(stats_file_write(path, text, &error) == 0);
	str_append(text, " second");
	test_assert(stats_file_write(path, text, &error) == 0);
	test_assert(stat(path, &st) == 0 && st.st_size == 12);
	/* what is no file of ours stays what it is */
	test_assert(symlink(path, link) == 0);
	test_assert(stats_file_write(link, text, &error) < 0);
	test_assert_strcmp(error, t_strconcat(link, " is no regular file",
					      NULL));
	test_assert(stats_file_write("/dev/null", text, &error) < 0);
	test_assert(stats_file_write(".", text, &error) < 0);
	test_assert(stats_file_write("test-nowhere/file", text, &error) < 0);
	test_assert_strcmp(error, "cannot create test-nowhere/file: "
			   "No such file or directory");
	i_unlink(link);
	i_unlink(path);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_html,
		test_page_whys,
		test_page,
		test_page_hostile,
		test_page_large,
		test_stats_file,
		NULL
	};
	return test_run(test_functions);
}
