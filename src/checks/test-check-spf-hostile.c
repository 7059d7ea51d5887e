/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "check-result.h"
#include "check-spf.h"
#include "test-spf-run.h"
#include "test-common.h"
#include "test-file.h"

#define PASS CHECK_RESULT_PASS
#define FAIL CHECK_RESULT_FAIL
#define NONE CHECK_RESULT_NONE
#define NEUTRAL CHECK_RESULT_NEUTRAL
#define PERMERROR CHECK_RESULT_PERMERROR

static const char limits_zone[] =
"$ORIGIN example.\n"
"h	A	192.0.2.1\n"
"h	MX	1 h\n"
/* terms */
"ten	TXT	\"v=spf1 a:h.example mx:h.example a:h.example mx:h.example exists:n.example a:h.example a:h.example a:h.example a:h.example a:h.example ip4:198.51.100.1 -all\"\n"
"eleven	TXT	\"v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example ip4:198.51.100.1 -all\"\n"
"incten	TXT	\"v=spf1 a:h.example include:eight.example ip4:198.51.100.1 mx -all\"\n"
"inceleven	TXT	\"v=spf1 a:h.example include:eight.example a:h.example ip4:198.51.100.1 -all\"\n"
"eight	TXT	\"v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example ?all\"\n"
"redten	TXT	\"v=spf1 a:h.example redirect=eightred.example\"\n"
"eightred	TXT	\"v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example ip4:198.51.100.1 -all\"\n"
"redeleven	TXT	\"v=spf1 a:h.example a:h.example redirect=eightred2.example\"\n"
"eightred2	TXT	\"v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example ip4:198.51.100.1 -all\"\n"
"tenred	TXT	\"v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example redirect=h.example\"\n"
"free	TXT	\"v=spf1 ip4:192.0.2.9 ip4:192.0.2.9 ip4:192.0.2.9 ip4:192.0.2.9 ip6:::1 ip6:::1 ip6:::1 ip6:::1 ip4:192.0.2.8 ip4:192.0.2.7 ip4:198.51.100.1 exp=x.example -all\"\n"
/* void lookups */
"void2	TXT	\"v=spf1 a:n1.example exists:n2.example ?all\"\n"
"void3	TXT	\"v=spf1 a:n1.example exists:n2.example mx:n3.example ?all\"\n"
"voidsame	TXT	\"v=spf1 a:n1.example a:n1.example a:n1.example ?all\"\n"
"voidnodata	TXT	\"v=spf1 mx:ten.example mx:eight.example mx:void2.example ?all\"\n"
"voidinc	TXT	\"v=spf1 include:void2.example a:n3.example ?all\"\n"
"voidred	TXT	\"v=spf1 a:n3.example redirect=void2.example\"\n"
"voidptr	TXT	\"v=spf1 ptr ptr:h.example ?all\"\n"
"voidptr3	TXT	\"v=spf1 ptr ptr:h.example ptr ?all\"\n"
"voidmatch	TXT	\"v=spf1 a:n1.example a:n2.example ip4:198.51.100.1 a:n3.example -all\"\n"
"voidexp	TXT	\"v=spf1 a:n1.example a:n2.example exp=n3.example -all\"\n"
"voidmx	TXT	\"v=spf1 mx:mxdead.example mx:mxdead.example ?all\"\n"
"mxdead	MX	1 n1\n" "mxdead MX 2 n2\n" "mxdead MX 3 n3\n" "mxdead MX 4 n4\n"
"voidbad	TXT	\"v=spf1 a:x..example a:y..example a:z..example ?all\"\n"
"voidp	TXT	\"v=spf1 exists:%{p}.h.example exists:%{p}.h.example ?all\"\n"
;

static void test_check_spf_limits(void)
{
	static const struct {
		const char *domain;
		enum check_result_word result;
		unsigned int terms, voids;
	} tests[] = {
		{ "ten", PASS, 10, 1 },
		{ "eleven", PERMERROR, 10, 0 },
		{ "incten", PASS, 10, 0 },
		{ "inceleven", PERMERROR, 10, 0 },
		{ "redten", PASS, 10, 0 },
		{ "redeleven", PERMERROR, 10, 0 },
		{ "tenred", PERMERROR, 10, 0 },
		{ "free", PASS, 0, 0 },
		{ "void2", NEUTRAL, 2, 2 },
		{ "void3", PERMERROR, 3, 2 },
		{ "voidsame", PERMERROR, 3, 2 },
		{ "voidnodata", PERMERROR, 3, 2 },
		{ "voidinc", PERMERROR, 4, 2 },
		{ "voidred", PERMERROR, 4, 2 },
		{ "voidptr", NEUTRAL, 2, 2 },
		{ "voidptr3", PERMERROR, 3, 2 },
		{ "voidmatch", PASS, 2, 2 },
		{ "voidexp", FAIL, 2, 2 },
		{ "voidmx", NEUTRAL, 2, 0 },
		{ "voidbad", NEUTRAL, 3, 0 },
		{ "voidp", NEUTRAL, 2, 2 },
	};
	struct test_spf_run run;
	unsigned int i;

	test_begin("check_spf: limits (RFC 7208 section 4.6.4)");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_spf_run(pool, limits_zone, "198.51.100.1", NULL,
			     t_strdup_printf("jo@%s.example", tests[i].domain),
			     check_spf, &run);
		test_assert_idx(run.outcome.result == tests[i].result, i);
		test_assert_idx(run.outcome.term_lookups == tests[i].terms, i);
		test_assert_idx(run.outcome.void_lookups == tests[i].voids, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

/* Records in the shape of those that are widely used */
static const char waves_zone[] =
"$ORIGIN example.\n"
"simple	TXT	\"v=spf1 ip4:192.0.2.0/24 -all\"\n"
"google	TXT	\"v=spf1 include:_spf.google.example ~all\"\n"
"_spf.google	TXT	\"v=spf1 include:n1.google.example include:n2.google.example include:n3.google.example ~all\"\n"
"n1.google	TXT	\"v=spf1 ip4:198.51.100.0/25 ~all\"\n"
"n2.google	TXT	\"v=spf1 ip6:2001:db8:2::/48 ~all\"\n"
"n3.google	TXT	\"v=spf1 ip4:192.0.2.0/24 ~all\"\n"
"corp	TXT	\"v=spf1 mx a include:_spf.google.example include:esp.example exists:%{ir}.ok.corp.example exp=why.corp.example -all\"\n"
"corp	A	198.51.100.200\n"
"corp	MX	10 mx1.corp\n"
"corp	MX	20 mx2.corp\n"
"mx1.corp	A	198.51.100.201\n"
"mx2.corp	A	198.51.100.202\n"
"why.corp	TXT	\"%{i} is not ours\"\n"
"esp	TXT	\"v=spf1 include:a.esp.example ?all\"\n"
"a.esp	TXT	\"v=spf1 include:b.esp.example ip4:203.0.113.0/30 ?all\"\n"
"b.esp	TXT	\"v=spf1 ip4:203.0.113.128/30 ?all\"\n"
"ptr	TXT	\"v=spf1 ptr exists:%{p}.ok.corp.example -all\"\n"
"1.2.0.192.in-addr.arpa. PTR host\n"
"host	A	192.0.2.1\n"
"redir	TXT	\"v=spf1 redirect=google.example\"\n"
"early	TXT	\"v=spf1 ip4:192.0.2.1 a mx include:google.example -all\"\n"
;

static void test_check_spf_waves(void)
{
	static const struct {
		const char *domain, *client_ip;
		enum check_result_word result;
		unsigned int waves, max_questions;
	} tests[] = {
		{ "simple", "192.0.2.1", PASS, 1, 1 },
		{ "simple", "203.0.113.9", FAIL, 1, 1 },
		{ "nx", "192.0.2.1", NONE, 1, 1 },
		{ "google", "192.0.2.1", PASS, 3, 5 },
		{ "google", "203.0.113.9", CHECK_RESULT_SOFTFAIL, 3, 5 },
		{ "corp", "198.51.100.202", PASS, 4, 14 },
		{ "corp", "203.0.113.129", PASS, 4, 14 },
		{ "corp", "203.0.113.9", FAIL, 4, 14 },
		{ "corp", "192.0.2.1", PASS, 4, 14 },
		{ "redir", "192.0.2.1", PASS, 4, 6 },
		{ "ptr", "192.0.2.1", FAIL, 4, 4 },
		/* what a match makes needless is not asked */
		{ "early", "192.0.2.1", PASS, 1, 1 },
	};
	struct test_spf_run run;
	unsigned int i;

	test_begin("check_spf: waves of DNS questions");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_spf_run(pool, waves_zone, tests[i].client_ip, NULL,
			     t_strdup_printf("jo@%s.example", tests[i].domain),
			     check_spf, &run);
		test_assert_idx(run.outcome.result == tests[i].result, i);
		test_assert_idx(run.waves <= tests[i].waves, i);
		test_assert_idx(run.questions <= tests[i].max_questions, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

/* Records that try to make one evaluation long: all are cut by the term
   limit, and what was asked stays small. */
static void
test_hostile(const char *zone, enum check_result_word result,
	     unsigned int max_questions, unsigned int idx)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct test_spf_run run;

	test_spf_run(pool, zone, "192.0.2.1", "h.example", "jo@x0.example",
		     check_spf, &run);
	test_assert_idx(run.outcome.result == result, idx);
	test_assert_idx(run.questions <= max_questions, idx);
	test_assert_idx(run.outcome.term_lookups <= AUTHRES_MAX_SPF_TERMS, idx);
	test_assert_idx(run.outcome.void_lookups <=
			AUTHRES_MAX_SPF_VOID_LOOKUPS, idx);
	test_assert_idx(run.outcome.reason == NULL ||
			strlen(run.outcome.reason) <=
			AUTHRES_MAX_REASON_BYTES, idx);
	pool_unref(&pool);
}

static void test_check_spf_trees(void)
{
	string_t *zone = t_str_new(1024);
	unsigned int i, j;

	test_begin("check_spf: include chains and trees");
	/* a chain of 20 */
	str_append(zone, "$ORIGIN example.\n");
	for (i = 0; i < 20; i++) {
		str_printfa(zone, "x%u TXT \"v=spf1 include:x%u.example -all\"\n",
			    i, i + 1);
	}
	test_hostile(str_c(zone), PERMERROR, 11, 0);

	/* each of 20 levels includes the next one ten times */
	str_truncate(zone, strlen("$ORIGIN example.\n"));
	for (i = 0; i < 20; i++) {
		str_printfa(zone, "x%u TXT \"v=spf1", i);
		for (j = 0; j < 10; j++)
			str_printfa(zone, " include:x%u.example", i + 1);
		str_append(zone, " ?all\"\n");
	}
	test_hostile(str_c(zone), PERMERROR, 11, 1);

	/* the same with ten different names per level, by macro */
	str_truncate(zone, strlen("$ORIGIN example.\n"));
	str_append(zone, "* TXT \"v=spf1");
	for (j = 0; j < 10; j++)
		str_printfa(zone, " include:a%u.%%{d}", j);
	str_append(zone, " ?all\"\n");
	test_hostile(str_c(zone), PERMERROR, 110, 2);

	/* redirect circle, include circle */
	test_hostile("x0.example. TXT \"v=spf1 redirect=y.example\"\n"
		     "y.example. TXT \"v=spf1 redirect=x0.example\"\n",
		     PERMERROR, 2, 3);
	test_hostile("x0.example. TXT \"v=spf1 include:y.example\"\n"
		     "y.example. TXT \"v=spf1 a:n.example include:x0.example\"\n",
		     PERMERROR, 3, 4);
	/* a name that grows without end */
	test_hostile("$ORIGIN example.\n"
		     "* TXT \"v=spf1 redirect=%{d}.%{d}.%{d}.%{d}.example\"\n",
		     PERMERROR, 11, 5);
	test_end();
}

static void test_check_spf_breadth(void)
{
	string_t *zone = t_str_new(4096);
	unsigned int i, j;

	test_begin("check_spf: many names");
	/* ten mx with ten names each */
	str_append(zone, "$ORIGIN example.\nx0 TXT \"v=spf1");
	for (i = 0; i < 10; i++)
		str_printfa(zone, " mx:m%u.example", i);
	str_append(zone, " ?all\"\n");
	for (i = 0; i < 10; i++) {
		for (j = 0; j < 10; j++) {
			str_printfa(zone, "m%u MX %u n%u-%u\n", i, j, i, j);
		}
	}
	test_hostile(str_c(zone), NEUTRAL, 111, 0);

	/* terms without end */
	str_truncate(zone, strlen("$ORIGIN example.\n"));
	str_append(zone, "x0 TXT");
	str_append(zone, " \"v=spf1\"");
	for (i = 0; i < 3000; i++)
		str_printfa(zone, " \" a:n%u.example\"", i);
	str_append_c(zone, '\n');
	test_hostile(str_c(zone), PERMERROR, 11, 1);

	/* a client with 200 names */
	str_truncate(zone, strlen("$ORIGIN example.\n"));
	str_append(zone, "x0 TXT \"v=spf1 ptr:example.org "
		   "exists:%{p}.l.example ptr -all\"\n");
	for (i = 0; i < 200; i++) {
		str_printfa(zone, "1.2.0.192.in-addr.arpa. PTR p%u.x0\n"
			    "p%u.x0 A 198.51.100.1\n", i, i);
	}
	str_append(zone, "p150.x0 A 192.0.2.1\n");
	test_hostile(str_c(zone), FAIL, 13, 2);

	/* the largest records there are, included ten times */
	str_truncate(zone, strlen("$ORIGIN example.\n"));
	str_append(zone, "x0 TXT \"v=spf1");
	for (i = 0; i < 9; i++)
		str_append(zone, " include:big.example");
	str_append(zone, " -all\"\nbig TXT \"v=spf1\"");
	for (i = 0; i < 4000; i++)
		str_append(zone, " \" ip4:10.0.0.1\"");
	str_append_c(zone, '\n');
	test_hostile(str_c(zone), FAIL, 2, 3);
	test_end();
}

static void test_check_spf_senders(void)
{
	static const char zone[] =
		"x0.example. TXT \"v=spf1 exists:%{l}.n.example "
			"exists:%{s}%{s}%{S}.n.example "
			"exp=why.x0.example -all\"\n"
		"why.x0.example. TXT \"%{s} %{h} %{L}\"\n"
		"nul.example. TXT \"v=spf1 exp=msg.nul.example -all\"\n"
		"msg.nul.example. TXT \"a\\000b\"\n";
	pool_t pool = pool_alloconly_create("test", 4096);
	string_t *str = t_str_new(65536);
	const char *mail_from, *long_text;
	struct test_spf_run run;
	unsigned int i;

	test_begin("check_spf: senders");
	for (i = 0; i < 65535; i++)
		str_append_c(str, 'a' + i % 26);
	long_text = str_c(str);
	mail_from = t_strconcat(long_text, "@x0.example", NULL);
	test_spf_run(pool, zone, "192.0.2.1", long_text, mail_from, check_spf,
		     &run);
	test_assert(run.outcome.result == FAIL);
	test_assert(run.outcome.explanation == NULL);
	mail_from = t_strconcat("jo@", long_text, ".example", NULL);
	test_spf_run(pool, zone, "192.0.2.1", long_text, mail_from, check_spf,
		     &run);
	test_assert(run.outcome.result == NONE);
	test_assert(run.questions == 0);
	test_spf_run(pool, zone, "192.0.2.1", long_text, "", check_spf, &run);
	test_assert(run.outcome.result == NONE);
	/* 1024 bytes of it are expanded */
	mail_from = t_strconcat(t_strndup(long_text, 1024), "@x0.example",
				NULL);
	test_spf_run(pool, zone, "192.0.2.1", long_text, mail_from, check_spf,
		     &run);
	test_assert(run.outcome.result == FAIL);
	test_assert(run.outcome.explanation != NULL &&
		    strlen(run.outcome.explanation) ==
		    AUTHRES_MAX_SPF_EXPLANATION_BYTES);
	/* every byte in every place */
	for (i = 1; i < 256; i++) T_BEGIN {
		const char byte[2] = { (char)i, '\0' };

		mail_from = t_strconcat(byte, "@x0.example", NULL);
		test_spf_run(pool, zone, "192.0.2.1", byte, mail_from, check_spf,
			     &run);
		test_assert_idx(run.outcome.result == FAIL ||
				run.outcome.result == PERMERROR, i);
		mail_from = t_strconcat("jo@", byte, "x0.example", NULL);
		test_spf_run(pool, zone, "192.0.2.1", byte, mail_from, check_spf,
			     &run);
		test_assert_idx(run.outcome.result == NONE ||
				byte[0] == '@', i);
	} T_END;
	/* NUL in an explanation */
	test_spf_run(pool, zone, "192.0.2.1", NULL, "jo@nul.example", check_spf,
		     &run);
	test_assert(run.outcome.result == FAIL);
	test_assert(run.outcome.explanation == NULL);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_check_spf_limits,
		test_check_spf_waves,
		test_check_spf_trees,
		test_check_spf_breadth,
		test_check_spf_senders,
		NULL
	};
	return test_run(test_functions);
}
