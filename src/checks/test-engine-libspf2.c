/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "check-result.h"
#include "engine-libspf2.h"
#include "test-spf-run.h"
#include "test-common.h"
#include "test-file.h"

#define NONE CHECK_RESULT_NONE
#define PASS CHECK_RESULT_PASS
#define FAIL CHECK_RESULT_FAIL
#define SOFTFAIL CHECK_RESULT_SOFTFAIL
#define NEUTRAL CHECK_RESULT_NEUTRAL
#define TEMPERROR CHECK_RESULT_TEMPERROR
#define PERMERROR CHECK_RESULT_PERMERROR

static const char zone[] =
"$ORIGIN example.\n"
"simple	TXT	\"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all\"\n"
"soft	TXT	\"v=spf1 a:h.example mx:mx.example ~all\"\n"
"soft	TXT	\"another record\"\n"
"neutral	TXT	\"v=spf1 ?ip4:192.0.2.1 unknown=%{c}%{r} -all\"\n"
"default	TXT	\"v=spf1\"\n"
"other	TXT	\"not this\"\n"
"two	TXT	\"v=spf1 +all\"\n"
"two	TXT	\"v=spf1 -all\"\n"
"h	A	192.0.2.1\n"
"h	A	127.0.0.1\n"
"h	AAAA	2001:db8::1\n"
"mx	MX	10 h2\n"
"mx	MX	20 h\n"
"h2	A	192.0.2.2\n"
"inc	TXT	\"v=spf1 include:soft.example include:simple.example -all\"\n"
"incnone	TXT	\"v=spf1 include:other.example -all\"\n"
"red	TXT	\"v=spf1 redirect=simple.example ip4:198.51.100.1\"\n"
"bad	TXT	\"v=spf1 moo -all\"\n"
"long	TXT	\"v=spf1 ip4:192.0.2.1\" \" foo=%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}\" \" -all\"\n"
"temp	TXT	\"v=spf1 a:servfail.example -all\"\n"
"servfail	SERVFAIL\n"
"ptr	TXT	\"v=spf1 ptr:p.example -all\"\n"
"1.2.0.192.in-addr.arpa.	PTR	liar.p\n"
"1.2.0.192.in-addr.arpa.	PTR	host.p\n"
"host.p	A	192.0.2.1\n"
"liar.p	A	192.0.2.3\n"
"p	TXT	\"v=spf1 exists:%{p}.ok.example -all\"\n"
"host.p.example.ok	A	127.0.0.2\n"
"ex	TXT	\"v=spf1 exists:%{ir}.%{l}.%{h}.ok.example -all\"\n"
"1.2.0.192.jo.helo.example.ok	A	127.0.0.2\n"
"exp	TXT	\"v=spf1 include:simple.example exp=why.%{d} -all\"\n"
"why.exp	TXT	\"%{s} is not %{d}, says %{r}\"\n"
"expinc	TXT	\"v=spf1 include:exp.example -all\"\n"
"expred	TXT	\"v=spf1 exp=nx.example redirect=exp.example\"\n"
"local	TXT	\"v=spf1 a:h.example -all\"\n"
"macros	TXT	\"v=spf1 exists:%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}.example exists:%{hr-}.example -all\"\n"
"morema	TXT	\"v=spf1 exists:%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}%{S}.example ip4:192.0.2.1 -all\"\n"
"void2	TXT	\"v=spf1 a:n1.example exists:n2.example ?all\"\n"
"void3	TXT	\"v=spf1 a:n1.example exists:n2.example mx:n3.example ?all\"\n"
"voidinc	TXT	\"v=spf1 include:void2.example a:n3.example ?all\"\n"
"voidmx	TXT	\"v=spf1 mx:mxdead.example mx:mxdead.example ?all\"\n"
"mxdead	MX	1 n1\n" "mxdead MX 2 n2\n" "mxdead MX 3 n3\n" "mxdead MX 4 n4\n"
"ten	TXT	\"v=spf1 a:h2.example mx:mx.example a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example ip4:198.51.100.1 -all\"\n"
"eleven	TXT	\"v=spf1 include:nine.example a:h2.example a:h2.example -all\"\n"
"nine	TXT	\"v=spf1 a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example a:h2.example ?all\"\n"
"loop	TXT	\"v=spf1 include:loop2.example -all\"\n"
"loop2	TXT	\"v=spf1 include:loop.example -all\"\n"
"tree	TXT	\"v=spf1 include:a.%{d} include:b.%{d} include:c.%{d} ?all\"\n"
"*.tree	TXT	\"v=spf1 include:a.%{d} include:b.%{d} include:c.%{d} ?all\"\n"
;

static const struct {
	const char *client_ip, *domain;
	enum check_result_word result;
	/* explanation, or a part of the reason */
	const char *text;
} engine_tests[] = {
	{ "192.0.2.1", "simple", PASS, NULL },
	{ "2001:db8::7", "simple", PASS, NULL },
	{ "::ffff:192.0.2.1", "simple", PASS, NULL },
	{ "192.0.3.1", "simple", FAIL, NULL },
	{ "192.0.2.1", "soft", PASS, NULL },
	{ "2001:db8::1", "soft", PASS, NULL },
	{ "192.0.2.2", "soft", PASS, NULL },
	{ "192.0.2.3", "soft", SOFTFAIL, NULL },
	{ "192.0.2.1", "neutral", NEUTRAL, NULL },
	{ "192.0.2.1", "default", NEUTRAL, NULL },
	{ "192.0.2.1", "other", NONE, NULL },
	{ "192.0.2.1", "nx", NONE, NULL },
	{ "192.0.2.1", "two", PERMERROR, "" },
	{ "192.0.2.1", "inc", PASS, NULL },
	{ "192.0.2.99", "inc", PASS, NULL },
	{ "198.51.100.1", "inc", FAIL, NULL },
	{ "192.0.2.1", "incnone", PERMERROR, "" },
	{ "192.0.2.1", "red", PASS, NULL },
	/* redirect= only counts behind all mechanisms (section 6.1) */
	{ "198.51.100.1", "red", PASS, NULL },
	{ "192.0.2.1", "temp", TEMPERROR, "A servfail.example: server failure" },
	{ "192.0.2.1", "servfail", TEMPERROR, "TXT servfail.example" },
	{ "192.0.2.1", "ptr", PASS, NULL },
	{ "192.0.2.2", "ptr", FAIL, NULL },
	{ "192.0.2.1", "p", PASS, NULL },
	{ "192.0.2.1", "ex", PASS, NULL },
	{ "192.0.2.2", "ex", FAIL, NULL },
	/* explanations are ours */
	{ "198.51.100.1", "exp", FAIL, "jo@exp.example is not exp.example, says mx.receiver.example" },
	{ "198.51.100.1", "expred", FAIL, "jo@expred.example is not exp.example, says mx.receiver.example" },
	{ "198.51.100.1", "expinc", FAIL, NULL },
	/* the guard */
	{ "192.0.2.1", "bad", PERMERROR, "bad.example: 'moo': unknown mechanism" },
	{ "192.0.2.1", "long", PASS, NULL },
	{ "127.0.0.2", "local", FAIL, NULL },
	{ "127.0.0.1", "local", PASS, NULL },
	{ "::1", "local", FAIL, NULL },
	{ "192.0.2.1", "macros", FAIL, NULL },
	{ "192.0.2.1", "morema", PASS, NULL },
	/* limits over the whole evaluation (section 4.6.4) */
	{ "198.51.100.1", "void2", NEUTRAL, NULL },
	{ "198.51.100.1", "void3", PERMERROR, "without DNS records" },
	{ "198.51.100.1", "voidinc", PERMERROR, "without DNS records" },
	{ "198.51.100.1", "voidmx", NEUTRAL, NULL },
	{ "198.51.100.1", "ten", PASS, NULL },
	{ "198.51.100.1", "eleven", PERMERROR, "more than 10 terms" },
	{ "198.51.100.1", "loop", PERMERROR, "more than 10 terms" },
	{ "198.51.100.1", "tree", PERMERROR, "more than 10 terms" },
};

static void test_engine_libspf2(void)
{
	struct test_spf_run run;
	unsigned int i;

	test_begin("libspf2 engine");
	for (i = 0; i < N_ELEMENTS(engine_tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);
		const char *text = engine_tests[i].text;

		test_spf_run(pool, zone, engine_tests[i].client_ip,
			     "helo.example", t_strdup_printf("jo@%s.example",
			     engine_tests[i].domain), check_spf_libspf2, &run);
		test_assert_idx(run.outcome.result == engine_tests[i].result,
				i);
		test_assert_idx(run.waves <= 12 && run.questions <= 120, i);
		test_assert_idx(run.outcome.term_lookups <=
				AUTHRES_MAX_SPF_TERMS, i);
		if (run.outcome.result == FAIL) {
			test_assert_strcmp_idx(run.outcome.explanation, text,
					       i);
		} else if (text != NULL) {
			test_assert_idx(run.outcome.reason != NULL &&
				strstr(run.outcome.reason, text) != NULL, i);
		} else {
			test_assert_idx(run.outcome.reason == NULL, i);
		}
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_engine_libspf2_identity(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	string_t *str = t_str_new(2048);
	struct test_spf_run run;
	unsigned int i;

	test_begin("libspf2 engine: identities");
	test_spf_run(pool, zone, "192.0.2.1", "simple.example", "",
		     check_spf_libspf2, &run);
	test_assert(run.outcome.result == PASS && run.outcome.helo_identity);
	test_spf_run(pool, zone, "192.0.2.1", "simple.example", "jo@bad.example",
		     check_spf_helo_libspf2, &run);
	test_assert(run.outcome.result == PASS && run.outcome.helo_identity);
	test_assert_strcmp(run.outcome.domain, "simple.example");
	test_spf_run(pool, zone, "192.0.2.1", NULL, "", check_spf_libspf2,
		     &run);
	test_assert(run.outcome.result == NONE);
	test_spf_run(pool, zone, "192.0.2.1", "x", "jo@[192.0.2.1]",
		     check_spf_libspf2, &run);
	test_assert(run.outcome.result == NONE);
	test_spf_run(pool, zone, "192.0.2.1", "x", "j\xc3\xb6@simple.example",
		     check_spf_libspf2, &run);
	test_assert(run.outcome.result == PASS);

	/* the longest that are expanded, and every byte */
	for (i = 0; i < AUTHRES_MAX_LOCAL_PART_BYTES; i++)
		str_append_c(str, i % 3 == 0 ? '.' : '-');
	str_append(str, "@macros.example");
	test_spf_run(pool, zone, "198.51.100.1", "..--..", str_c(str),
		     check_spf_libspf2, &run);
	test_assert(run.outcome.result == FAIL ||
		    run.outcome.result == PERMERROR);
	for (i = 1; i < 256; i++) T_BEGIN {
		const char byte[2] = { (char)i, '\0' };

		test_spf_run(pool, zone, "198.51.100.1", byte,
			     t_strconcat(byte, "@macros.example", NULL),
			     check_spf_libspf2, &run);
		/* h.example exists */
		test_assert_idx(run.outcome.result == FAIL ||
				run.outcome.result == PERMERROR ||
				strcasecmp(byte, "h") == 0, i);
	} T_END;
	pool_unref(&pool);
	test_end();
}

static void test_engine_libspf2_render(void)
{
	static const struct {
		const char *text, *rendered;
	} tests[] = {
		{ "v=spf1", "v=spf1" },
		{ "V=SPF1   A  -ALL", "v=spf1 +A -ALL" },
		{ "v=spf1 redirect=a.example exp=b.example c=d ~mx/24",
		  "v=spf1 ~mx/24 redirect=a.example" },
		{ "v=spf1 ?include:a.example", "v=spf1 ?include:a.example" },
		{ "v=spf1 exp-text=%{d}%{d}%{d} -all", "v=spf1 -all" },
		{ "v=spf1 exists:%{i}%{i}%{i}%{i}%{i}%{i}%{i}%{i}",
		  "v=spf1 +exists:%{i}%{i}%{i}%{i}%{i}%{i}%{i}%{i}" },
		{ "v=spf1 exists:%{i}%{i}%{i}%{i}%{i}%{i}%{i}%{i}%{i}", NULL },
		{ "v=spf1 redirect=%{i}%{i}%{i}%{i}%{i}%{i}%{i}%{i}%{i}",
		  NULL },
		{ "v=spf1 exists:%{Lr-}.example", NULL },
		{ "v=spf1 exists:%{L-}.%{lr-}.example",
		  "v=spf1 +exists:%{L-}.%{lr-}.example" },
		{ "v=spf1 moo", NULL },
		{ "v=spf1 a\x01", NULL },
	};
	string_t *dest = t_str_new(128), *str = t_str_new(4096);
	unsigned int i;

	test_begin("libspf2 engine: records the library sees");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		str_truncate(dest, 0);
		test_assert_idx(engine_libspf2_render_record(
			(const void *)tests[i].text, strlen(tests[i].text),
			dest) == (tests[i].rendered != NULL), i);
		if (tests[i].rendered != NULL) {
			test_assert_strcmp_idx(str_c(dest), t_strconcat(
				tests[i].rendered,
				" exp=explanation.invalid", NULL), i);
		}
	}
	str_append(str, "v=spf1 a:");
	for (i = 0; i < ENGINE_LIBSPF2_MAX_TERM_BYTES - 2 - 4; i++)
		str_append_c(str, 'a');
	str_append(str, ".org");
	test_assert(engine_libspf2_render_record(str_data(str), str_len(str),
						 dest));
	str_insert(str, 9, "a");
	test_assert(!engine_libspf2_render_record(str_data(str), str_len(str),
						  dest));
	str_truncate(str, 6);
	while (str_len(str) + 2 <= ENGINE_LIBSPF2_MAX_RECORD_BYTES)
		str_append(str, " a");
	test_assert(engine_libspf2_render_record(str_data(str), str_len(str),
						 dest));
	str_append(str, " a");
	test_assert(!engine_libspf2_render_record(str_data(str), str_len(str),
						  dest));
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_engine_libspf2,
		test_engine_libspf2_identity,
		test_engine_libspf2_render,
		NULL
	};
	return test_run(test_functions);
}
