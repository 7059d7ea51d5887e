/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-text.h"
#include "test-common.h"
#include "test-file.h"
#include "report-uri.h"

/* "address" or "address!bytes" of each, separated by spaces. */
static const char *t_render(const ARRAY_TYPE(report_uri) *uris)
{
	const struct report_uri *uri;
	string_t *str = t_str_new(128);

	array_foreach(uris, uri) {
		if (str_len(str) > 0)
			str_append_c(str, ' ');
		str_append(str, uri->address);
		if (uri->max_bytes > 0)
			str_printfa(str, "!%"PRIu64, uri->max_bytes);
		test_assert_strcmp(strrchr(uri->address, '@') + 1,
				   uri->domain);
	}
	return str_c(str);
}

static const struct {
	const char *value, *uris;
	/* joined by "|" */
	const char *ignored;
} tests[] = {
	/* RFC 9989 sections 4.7, 4.8 */
	{ "mailto:a@x.example", "a@x.example", "" },
	{ "mailto:a@x.example!10m, mailto:b%2Cc@x.example",
	  "a@x.example!10485760 \"b,c\"@x.example", "" },
	{ "MAILTO:A@X.Example,https://x.example/r,mailto:@x,mailto:0",
	  "A@x.example", "https://x.example/r: no mailto URI|"
	  "mailto:@x: no usable address|mailto:0: no usable address" },
	{ "", "", "" },
	{ " , ,, ", "", "" },
	{ "mailto:a@x.example,mailto:b@y.example",
	  "a@x.example b@y.example", "" },
	/* RFC 6068 */
	{ "mailto:d@x.example?subject=hi&cc=v@victim.example",
	  "d@x.example", "" },
	{ "mailto:a@x.example,b@y.example", "a@x.example",
	  "b@y.example: no mailto URI" },
	{ "mailto:a+b%3Dc@x.example", "a+b=c@x.example", "" },
	{ "mailto:a%40b@x.example", "",
	  "mailto:a%40b@x.example: no usable address" },
	{ "mailto:%22a%40b%22@x.example", "\"a@b\"@x.example", "" },
	{ "mailto:%22%22@x.example", "",
	  "mailto:%22%22@x.example: no usable address" },
	{ "mailto:a@b@x.example", "",
	  "mailto:a@b@x.example: no usable address" },
	/* nothing that ends a line of SMTP or a field */
	{ "mailto:a%0d%0aRCPT%20TO:b@x.example", "",
	  "mailto:a%0d%0aRCPT%20TO:b@x.example: no usable address" },
	{ "mailto:a%00@x.example", "",
	  "mailto:a%00@x.example: no usable address" },
	{ "mailto:a%7f@x.example", "",
	  "mailto:a%7f@x.example: no usable address" },
	{ "mailto:a%20b@x.example", "",
	  "mailto:a%20b@x.example: no usable address" },
	{ "mailto:a%2@x.example", "",
	  "mailto:a%2@x.example: no usable address" },
	{ "mailto:a%zz@x.example", "",
	  "mailto:a%zz@x.example: no usable address" },
	{ "mailto:a b@x.example", "",
	  "mailto:a?b@x.example: no usable address" },
	{ "mailto:\xc3\xa4@x.example", "",
	  "mailto:??@x.example: no usable address" },
	/* decoded once */
	{ "mailto:a%2541@x.example", "a%41@x.example", "" },
	/* domains */
	{ "mailto:a@[192.0.2.1]", "",
	  "mailto:a@[192.0.2.1]: no usable address" },
	{ "mailto:a@localhost", "", "mailto:a@localhost: no usable address" },
	{ "mailto:a@x.example.", "a@x.example", "" },
	{ "mailto:a@x..example", "",
	  "mailto:a@x..example: no usable address" },
	{ "mailto:a@x_y.example", "",
	  "mailto:a@x_y.example: no usable address" },
	{ "mailto:a@x%2F.example", "",
	  "mailto:a@x%2F.example: no usable address" },
	{ "mailto:a", "", "mailto:a: no usable address" },
	{ "mailto:", "", "mailto:: no usable address" },
	{ "a@x.example", "", "a@x.example: no mailto URI" },
	/* RFC 7489 section 6.2 */
	{ "mailto:a@x.example!1,mailto:b@x.example!2K,mailto:c@x.example!3g,"
	  "mailto:d@x.example!4t",
	  "a@x.example!1 b@x.example!2048 c@x.example!3221225472 "
	  "d@x.example!4398046511104", "" },
	{ "mailto:a@x.example!99999999999999999999t", "a@x.example", "" },
	{ "mailto:a@x.example!10x", "",
	  "mailto:a@x.example!10x: no usable address" },
	{ "mailto:a@x.example!", "",
	  "mailto:a@x.example!: no usable address" },
	{ "mailto:a!1@x.example", "a!1@x.example", "" },
	{ "!10m", "", "!10m: no mailto URI" },
	/* each once, whatever it looks like */
	{ "mailto:a@x.example,mailto:%61@X.example.!1m", "a@x.example", "" },
	{ "mailto:a@x.example,mailto:A@x.example", "a@x.example A@x.example",
	  "" },
	/* AUTHRES_MAX_REPORT_URIS */
	{ "mailto:a@x.example,mailto:b@x.example,mailto:c@x.example,"
	  "mailto:d@x.example,mailto:e@x.example,mailto:f@x.example",
	  "a@x.example b@x.example c@x.example d@x.example e@x.example",
	  "mailto:f@x.example: only 5 addresses get reports" },
};

static void test_parse(const char *value, const char *uris_text,
		       const char *ignored_text, unsigned int i)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	ARRAY_TYPE(report_uri) uris;
	ARRAY_TYPE(const_string) ignored;

	p_array_init(&uris, pool, 2);
	p_array_init(&ignored, pool, 2);
	report_uris_parse(pool, value, &uris, &ignored);
	test_assert_strcmp_idx(t_render(&uris), uris_text, i);
	array_append_zero(&ignored);
	test_assert_strcmp_idx(t_strarray_join(array_front(&ignored), "|"),
			       ignored_text, i);
	pool_unref(&pool);
}

static void test_report_uris_parse(void)
{
	test_begin("report_uris_parse");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_parse(tests[i].value, tests[i].uris, tests[i].ignored, i);
	} T_END;
	test_end();
}

static void test_report_uris_long(void)
{
	const char *long_local = t_repeat("a", 64);
	const char *labels = t_repeat("abcdefghi.", 18);

	test_begin("report_uris_parse: long");
	test_parse(t_strdup_printf("mailto:%s@x.example", long_local),
		   t_strconcat(long_local, "@x.example", NULL), "", 0);
	test_parse(t_strdup_printf("mailto:%sa@x.example", long_local), "",
		   "mailto:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		   "...: no usable address", 1);
	/* 64 + 1 + 189 and one more */
	test_parse(t_strdup_printf("mailto:%s@%sabcdefghi", long_local,
				   labels),
		   t_strdup_printf("%s@%sabcdefghi", long_local, labels), "",
		   2);
	test_parse(t_strdup_printf("mailto:%s@%sabcdefghij", long_local,
				   labels), "",
		   "mailto:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		   "...: no usable address", 3);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_report_uris_parse,
		test_report_uris_long,
		NULL
	};
	return test_run(test_functions);
}
