/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "check-sender-id.h"
#include "dns-session.h"
#include "msg-parser.h"
#include "purported-address.h"
#include "resolver-zone.h"
#include "spf-scope.h"
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

#define RECEIVED "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\n"
#define MAX_WAVES 20

static const char zone[] =
"$ORIGIN example.\n"
"$TTL 300\n"
"v1	TXT	\"v=spf1 ip4:192.0.2.1 -all\"\n"
"both	TXT	\"v=spf1 ip4:192.0.2.1 -all\"\n"
"both	TXT	\"spf2.0/pra ip4:192.0.2.2 -all\"\n"
"mfrom	TXT	\"spf2.0/mfrom ip4:192.0.2.3 -all\"\n"
"mfv1	TXT	\"spf2.0/mfrom ip4:192.0.2.3 -all\"\n"
"mfv1	TXT	\"v=spf1 ip4:192.0.2.1 ~all\"\n"
"two	TXT	\"spf2.0/pra ip4:192.0.2.2 -all\"\n"
"two	TXT	\"spf2.0/mfrom,pra ip4:192.0.2.3 -all\"\n"
"split	TXT	\"spf2.0/pra ip4:192.0.2.2 -all\"\n"
"split	TXT	\"spf2.0/mfrom ip4:192.0.2.3 -all\"\n"
"prattle	TXT	\"spf2.0/mfrom,prattle ip4:192.0.2.2 -all\"\n"
"fubar	TXT	\"spf2.0/mfrom,pra,fubar ip4:192.0.2.2 -all\"\n"
"minor	TXT	\"spf2.7/pra ip4:192.0.2.2 -all\"\n"
"badminor	TXT	\"spf2.x/pra ip4:192.0.2.2 -all\"\n"
"noscope	TXT	\"spf2.0 ip4:192.0.2.2 -all\"\n"
"comma	TXT	\"spf2.0/mfrom, pra ip4:192.0.2.2 -all\"\n"
"vspf2	TXT	\"v=spf2.0/pra ip4:192.0.2.2 -all\"\n"
"upper	TXT	\"SPF2.0/PRA ip4:192.0.2.2 -all\"\n"
"bare	TXT	\"spf2.0/pra\"\n"
"open	TXT	\"spf2.0/pra ?all\"\n"
"macro	TXT	\"spf2.0/pra exists:%{l}.%{o}.ok.example -all\"\n"
"list.macro.example.ok	A	127.0.0.2\n"
"inc	TXT	\"spf2.0/pra include:both.example -all\"\n"
"incgone	TXT	\"spf2.0/pra include:gone.example -all\"\n"
"redir	TXT	\"spf2.0/pra redirect=v1.example\"\n"
"posmod	TXT	\"spf2.0/pra ip4:192.0.2.2 x-note=1 -all\"\n"
"dup	TXT	\"spf2.0/pra exp=a.example exp=b.example -all\"\n"
"twov1	TXT	\"v=spf1 -all\"\n"
"twov1	TXT	\"v=spf1 +all\"\n"
"nodata	MX	10 mail.example.\n"
"slow	TIMEOUT\n"
"xn--bcher-kva	TXT	\"v=spf1 ip4:192.0.2.1 -all\"\n"
/* our own */
"joined	TXT	\"spf2.\" \"0/p\" \"ra ip4:192.0.2.2\" \" -all\"\n"
"mixed	TXT	\"google-site-verification=x\"\n"
"mixed	TXT	\"v=DMARC1; p=none\"\n"
"mixed	TXT	\"spf2.0/pra ip4:192.0.2.2 -all\"\n"
"twicepra	TXT	\"spf2.0/pra,pra ip4:192.0.2.2 -all\"\n"
"syntax	TXT	\"spf2.0/pra ip4:192.0.2.2 moo -all\"\n"
"syntaxv1	TXT	\"spf2.0/pra moo\"\n"
"syntaxv1	TXT	\"v=spf1 +all\"\n"
"twoboth	TXT	\"v=spf1 -all\"\n"
"twoboth	TXT	\"v=spf1 +all\"\n"
"twoboth	TXT	\"spf2.0/pra ip4:192.0.2.2 -all\"\n"
"v1mf2	TXT	\"v=spf1 -all\"\n"
"v1mf2	TXT	\"v=spf1 +all\"\n"
"v1mf2	TXT	\"spf2.0/mfrom ip4:192.0.2.2 -all\"\n"
"v1mod	TXT	\"v=spf1 redirect=both.example\"\n"
"v1inc	TXT	\"v=spf1 include:both.example -all\"\n"
"redirboth	TXT	\"spf2.0/pra redirect=both.example\"\n"
"redirgone	TXT	\"spf2.0/pra redirect=gone.example\"\n"
"redirmf	TXT	\"spf2.0/pra redirect=mfrom.example\"\n"
"redirtwo	TXT	\"spf2.0/pra redirect=two.example\"\n"
"redirslow	TXT	\"spf2.0/pra redirect=slow.example\"\n"
"redirself	TXT	\"spf2.0/pra redirect=redirself.example\"\n"
"incmf	TXT	\"spf2.0/pra include:mfrom.example -all\"\n"
"inctwo	TXT	\"spf2.0/pra include:two.example -all\"\n"
"incnodata	TXT	\"spf2.0/pra include:nodata.example -all\"\n"
"incslow	TXT	\"spf2.0/pra include:slow.example -all\"\n"
"incslowpast	TXT	\"spf2.0/pra ip4:192.0.2.2 include:slow.example -all\"\n"
"incsoft	TXT	\"spf2.0/pra include:mfv1.example ?all\"\n"
"incinc	TXT	\"spf2.0/pra include:v1inc.example -all\"\n"
"incself	TXT	\"spf2.0/pra include:incself.example -all\"\n"
"dmacro	TXT	\"spf2.0/pra include:_%{d}.%{d2} -all\"\n"
"_dmacro.example.dmacro	TXT	\"spf2.0/pra ip4:192.0.2.2 -all\"\n"
"smacro	TXT	\"spf2.0/pra exists:%{s}.ok.example -all\"\n"
"jo@smacro.example.ok	A	127.0.0.2\n"
"hmacro	TXT	\"spf2.0/pra exists:%{h}.ok.example -all\"\n"
"mx.helo.example.ok	A	127.0.0.2\n"
"imacro	TXT	\"spf2.0/pra exists:%{ir}.%{v}.ok.example -all\"\n"
"2.2.0.192.in-addr.ok	A	127.0.0.2\n"
"pmacro	TXT	\"spf2.0/pra exists:%{p}.ok.example -all\"\n"
"2.2.0.192.in-addr.arpa.	PTR	host.pmacro\n"
"host.pmacro	A	192.0.2.2\n"
"host.pmacro.example.ok	A	127.0.0.2\n"
"badmacro	TXT	\"spf2.0/pra exists:%{m}.ok.example -all\"\n"
"omacro	TXT	\"spf2.0/pra redirect=_o.example\"\n"
"_o	TXT	\"spf2.0/pra exists:%{o}.%{d}.ok.example -all\"\n"
"omacro.example._o.example.ok	A	127.0.0.2\n"
"why	TXT	\"spf2.0/pra -all exp=_why.example\"\n"
"_why	TXT	\"%{i} is not a host of %{o}, %{l}\"\n"
"whygone	TXT	\"spf2.0/pra -all exp=gone.example\"\n"
"a	TXT	\"spf2.0/pra a mx -all\"\n"
"a	A	192.0.2.2\n"
"a	MX	10 mx.a\n"
"mx.a	A	192.0.2.4\n"
"aservfail	TXT	\"spf2.0/pra a:broken.example -all\"\n"
"broken	SERVFAIL\n"
"six	TXT	\"spf2.0/pra ip6:2001:db8::/32 -all\"\n"
"ten	TXT	\"spf2.0/pra a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example ?all\"\n"
"eleven	TXT	\"spf2.0/pra a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example a:a.example ?all\"\n"
"void2	TXT	\"spf2.0/pra a:n1.example a:n2.example ?all\"\n"
"void3	TXT	\"spf2.0/pra a:n1.example a:n2.example a:n3.example ?all\"\n"
"nonascii	TXT	\"spf2.0/pra ip4:192.0.2.2 \\195\\164 -all\"\n";

struct sender_id_run {
	pool_t pool;
	struct purported_address pra;
	struct sender_id_outcome outcome;
	struct check_result result;
	unsigned int questions;
};

static void test_header_done(const struct msg_header *header, void *context)
{
	struct sender_id_run *run = context;

	purported_address_find(run->pool, header, &run->pra);
}

static void test_body(const unsigned char *data ATTR_UNUSED,
		      size_t size ATTR_UNUSED, void *context ATTR_UNUSED)
{
}

static void test_resolved(void *context ATTR_UNUSED)
{
}

/* Everything in run_r lives in pool. */
static void
test_run_header(pool_t pool, const char *header, const char *client_ip,
		struct sender_id_run *run_r)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = test_header_done,
		.body = test_body,
	};
	struct spf_query query = {
		.helo = "mx.helo.example",
		.mail_from = "other@gone.example",
		.now = 1700000000,
	};
	struct resolver *resolver;
	struct dns_session *dns;
	struct msg_parser *parser;
	unsigned int waves = 0;
	const char *error;

	i_zero(run_r);
	run_r->pool = pool;
	parser = msg_parser_init(pool, &v, run_r);
	msg_parser_more(parser, (const void *)header, strlen(header));
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
	if (net_addr2ip(client_ip, &query.client_ip) < 0)
		i_fatal("bad test address %s", client_ip);
	if (resolver_zone_init(zone, "test", &resolver, &error) < 0)
		i_fatal("bad test zone: %s", error);
	dns = dns_session_init(pool, resolver);
	for (;;) {
		dns_session_begin_run(dns);
		check_sender_id(pool, &query, &run_r->pra, dns,
				&run_r->outcome);
		if (!dns_session_run_incomplete(dns))
			break;
		if (++waves > MAX_WAVES)
			i_fatal("evaluation does not end");
		dns_session_resolve(dns, test_resolved, NULL);
	}
	run_r->questions = dns_session_questions(dns);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
	check_sender_id_report(pool, &run_r->outcome, &run_r->result);
}

struct sender_id_test {
	const char *header;
	/* of 192.0.2.N */
	unsigned int n;
	enum check_result_word result;
	/* the property and its value, NULL = there is none */
	const char *field, *domain;
};

static void
test_table(const char *name, const struct sender_id_test *tests,
	   unsigned int count)
{
	struct sender_id_run run;
	const char *value;
	unsigned int i;

	test_begin(name);
	for (i = 0; i < count; i++) T_BEGIN {
		const struct sender_id_test *test = &tests[i];
		pool_t pool = pool_alloconly_create("test", 4096);

		test_run_header(pool, test->header,
				t_strdup_printf("192.0.2.%u", test->n), &run);
		test_assert_idx(run.result.method == CHECK_METHOD_SENDER_ID, i);
		test_assert_strcmp_idx(
			check_result_word_name(run.result.result),
			check_result_word_name(test->result), i);
		test_assert_idx(run.result.result == run.outcome.result, i);
		value = test->field == NULL ? NULL :
			check_result_property(&run.result, "header",
					      test->field);
		test_assert_strcmp_idx(value, test->domain, i);
		test_assert_idx((test->domain != NULL) ==
				array_is_created(&run.result.properties), i);
		if (test->domain == NULL) {
			test_assert_strcmp_idx(run.result.reason,
				"no purported responsible address", i);
			test_assert_idx(run.questions == 0, i);
		}
		pool_unref(&pool);
	} T_END;
	test_end();
}

#define FROM(name, n, result) \
	{ "From: a@" name ".example\n", n, result, "from", name ".example" }

/* The vectors of the project's reference, in its order. Those about a client
   that is not known and about the setting are in test-evaluation.c. */
static void test_check_sender_id_vectors(void)
{
	static const struct sender_id_test tests[] = {
		FROM("v1", 1, PASS),
		FROM("v1", 9, FAIL),
		FROM("both", 2, PASS),
		FROM("both", 1, FAIL),
		FROM("mfrom", 3, NONE),
		FROM("mfv1", 9, SOFTFAIL),
		FROM("two", 2, PERMERROR),
		FROM("split", 2, PASS),
		FROM("prattle", 2, NONE),
		FROM("fubar", 2, PASS),
		FROM("minor", 2, PASS),
		FROM("badminor", 2, NONE),
		FROM("noscope", 2, NONE),
		FROM("comma", 2, NONE),
		FROM("vspf2", 2, NONE),
		FROM("upper", 2, PASS),
		FROM("bare", 9, NEUTRAL),
		FROM("open", 9, NEUTRAL),
		{ "From: list@macro.example", 9, PASS, "from",
		  "macro.example" },
		{ "From: other@macro.example", 9, FAIL, "from",
		  "macro.example" },
		FROM("inc", 2, PASS),
		FROM("inc", 1, FAIL),
		FROM("incgone", 9, PERMERROR),
		FROM("redir", 1, PASS),
		FROM("posmod", 2, PASS),
		FROM("dup", 2, PERMERROR),
		FROM("twov1", 9, PERMERROR),
		FROM("gone", 9, FAIL),
		FROM("nodata", 9, NONE),
		FROM("slow", 9, TEMPERROR),
		{ "Sender: s@v1.example\nFrom: a@gone.example", 1, PASS,
		  "sender", "v1.example" },
		{ "Sender: s@v1.example\nSender: t@v1.example\n"
		  "From: a@v1.example", 1, PERMERROR, NULL, NULL },
		{ "Sender:  \t\nFrom: a@v1.example", 1, PASS, "from",
		  "v1.example" },
		{ "Sender: (comment)\nFrom: a@v1.example", 1, PERMERROR, NULL,
		  NULL },
		{ "From: a@v1.example\nFrom: b@v1.example", 1, PERMERROR, NULL,
		  NULL },
		{ "From: a@v1.example, b@both.example", 1, PERMERROR, NULL,
		  NULL },
		{ "From: a@v1.example, b@both.example\n"
		  "Sender: s@both.example", 2, PASS, "sender",
		  "both.example" },
		{ "From: undisclosed:;", 1, PERMERROR, NULL, NULL },
		{ "From: a@[192.0.2.1]", 1, PERMERROR, NULL, NULL },
		{ "Resent-From: r@both.example\n" RECEIVED
		  "From: a@gone.example", 2, PASS, "resent-from",
		  "both.example" },
		{ "Resent-Sender: s@v1.example\nResent-From: r@both.example\n"
		  "From: a@gone.example", 1, PASS, "resent-sender",
		  "v1.example" },
		{ "Resent-From: r@both.example\nResent-Sender: s@v1.example\n"
		  "From: a@gone.example", 1, PASS, "resent-sender",
		  "v1.example" },
		{ "Resent-From: r@both.example\n" RECEIVED
		  "Resent-Sender: s@v1.example\nFrom: a@gone.example", 2, PASS,
		  "resent-from", "both.example" },
		{ "Resent-From: r@both.example\nReturn-Path: <x@y.example>\n"
		  "Resent-Sender: s@v1.example", 1, FAIL, "resent-from",
		  "both.example" },
		{ "Resent-From: \t \n" RECEIVED
		  "Resent-Sender: s@v1.example", 1, PASS, "resent-sender",
		  "v1.example" },
		{ "Resent-From: r\nFrom: a@v1.example", 1, PERMERROR, NULL,
		  NULL },
		{ RECEIVED "Resent-From: r@v1.example\n" RECEIVED
		  "Resent-From: q@both.example", 1, PASS, "resent-from",
		  "v1.example" },
		{ "From: a@b\xc3\xbc""cher.example", 1, PASS, "from",
		  "xn--bcher-kva.example" },
	};

	test_table("check_sender_id: vectors", tests, N_ELEMENTS(tests));
}

/* Numbers 3 and 4: SPF looks at MAIL FROM and does not see spf2.0. */
static void test_check_sender_id_beside_spf(void)
{
	static const struct {
		const char *mail_from, *client_ip;
		enum check_result_word result;
	} tests[] = {
		{ "a@both.example", "192.0.2.2", FAIL },
		{ "a@both.example", "192.0.2.1", PASS },
		{ "a@mfrom.example", "192.0.2.3", NONE },
		{ "a@two.example", "192.0.2.2", NONE },
		{ "a@gone.example", "192.0.2.2", NONE },
		{ "a@mfv1.example", "192.0.2.1", PASS },
	};
	struct test_spf_run run;
	unsigned int i;

	test_begin("check_sender_id: SPF of the same domains");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_spf_run(pool, zone, tests[i].client_ip, NULL,
			     tests[i].mail_from, check_spf, &run);
		test_assert_idx(run.outcome.result == tests[i].result, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_check_sender_id_own(void)
{
	static const struct sender_id_test tests[] = {
		/* record selection (RFC 4406 section 4.4) */
		FROM("joined", 2, PASS),
		FROM("mixed", 2, PASS),
		FROM("mixed", 9, FAIL),
		FROM("twicepra", 2, PASS),
		FROM("syntax", 2, PERMERROR),
		FROM("syntaxv1", 2, PERMERROR),
		FROM("twoboth", 2, PASS),
		FROM("v1mf2", 2, PERMERROR),
		FROM("nonascii", 2, PERMERROR),
		/* include and redirect select anew */
		FROM("v1mod", 2, PASS),
		FROM("v1mod", 1, FAIL),
		FROM("v1inc", 2, PASS),
		FROM("v1inc", 1, FAIL),
		FROM("redirboth", 2, PASS),
		FROM("redirboth", 1, FAIL),
		FROM("redirgone", 2, PERMERROR),
		FROM("redirmf", 3, PERMERROR),
		FROM("redirtwo", 2, PERMERROR),
		FROM("redirslow", 2, TEMPERROR),
		FROM("incmf", 3, PERMERROR),
		FROM("inctwo", 2, PERMERROR),
		FROM("incnodata", 2, PERMERROR),
		FROM("incslow", 2, TEMPERROR),
		FROM("incslowpast", 2, PASS),
		FROM("incsoft", 1, PASS),
		FROM("incsoft", 9, NEUTRAL),
		FROM("incinc", 2, PASS),
		FROM("incinc", 1, FAIL),
		/* macros (section 4.1): s, l, o are the PRA's */
		FROM("dmacro", 2, PASS),
		{ "From: jo@smacro.example", 9, PASS, "from",
		  "smacro.example" },
		{ "From: Jo <JO@smacro.example>", 9, PASS, "from",
		  "smacro.example" },
		{ "From: al@smacro.example", 9, FAIL, "from",
		  "smacro.example" },
		{ "Resent-Sender: jo@smacro.example\nFrom: a@gone.example", 9,
		  PASS, "resent-sender", "smacro.example" },
		/* RFC 8616 section 4: no macro matches it */
		{ "From: j\xc3\xb6@smacro.example", 9, FAIL, "from",
		  "smacro.example" },
		{ "From: \"list\"@macro.example", 9, PASS, "from",
		  "macro.example" },
		FROM("hmacro", 9, PASS),
		FROM("imacro", 2, PASS),
		FROM("imacro", 9, FAIL),
		FROM("pmacro", 2, PASS),
		FROM("badmacro", 2, PERMERROR),
		FROM("omacro", 2, PASS),
		/* mechanisms and errors, as SPF */
		FROM("a", 2, PASS),
		FROM("a", 4, PASS),
		FROM("a", 9, FAIL),
		FROM("aservfail", 9, TEMPERROR),
		FROM("six", 2, FAIL),
		FROM("why", 2, FAIL),
		FROM("whygone", 2, FAIL),
		{ "From: a@localhost", 2, NONE, "from", "localhost" },
		{ "From: a@com", 2, NONE, "from", "com" },
		/* limits of RFC 7208 section 4.6.4 */
		FROM("ten", 9, NEUTRAL),
		FROM("eleven", 9, PERMERROR),
		FROM("void2", 9, NEUTRAL),
		FROM("void3", 9, PERMERROR),
		FROM("redirself", 9, PERMERROR),
		FROM("incself", 9, PERMERROR),
		/* the author counts if nobody else is responsible */
		{ "From: \"x@v1.example\" <a@both.example>", 2, PASS, "from",
		  "both.example" },
		{ "Subject: x", 2, PERMERROR, NULL, NULL },
		{ "Resent-Sender: (x)\nFrom: a@v1.example", 1, PERMERROR, NULL,
		  NULL },
	};

	test_table("check_sender_id: more", tests, N_ELEMENTS(tests));
}

/* RFC 4406 section 3.1 */
static void test_spf_scope_version_size(void)
{
	static const struct {
		const char *text;
		size_t size;
	} tests[] = {
		{ "spf2.0/pra", 10 },
		{ "spf2.0/pra ", 10 },
		{ "spf2.0/pra -all", 10 },
		{ "SpF2.0/PrA -all", 10 },
		{ "spf2.0/mfrom,pra -all", 16 },
		{ "spf2.0/pra,mfrom -all", 16 },
		{ "spf2.0/x-y.z_1,pra,q -all", 20 },
		{ "spf2.00/pra", 11 },
		{ "spf2.12345678901234567890123/pra", 32 },
		{ "", 0 },
		{ "spf2.", 0 },
		{ "spf2.0", 0 },
		{ "spf2.0/", 0 },
		{ "spf2./pra", 0 },
		{ "spf2/pra", 0 },
		{ "spf20/pra", 0 },
		{ "spf3.0/pra", 0 },
		{ "spf2.0.1/pra", 0 },
		{ "spf2.-1/pra", 0 },
		{ "spf2.0 /pra", 0 },
		{ " spf2.0/pra", 0 },
		{ "v=spf2.0/pra", 0 },
		{ "v=spf1", 0 },
		{ "spf2.0/mfrom", 0 },
		{ "spf2.0/mfrom -all pra", 0 },
		{ "spf2.0/prattle", 0 },
		{ "spf2.0/spra", 0 },
		{ "spf2.0/pra.x", 0 },
		{ "spf2.0/pra,", 0 },
		{ "spf2.0/,pra", 0 },
		{ "spf2.0/mfrom,,pra", 0 },
		{ "spf2.0/mfrom, pra", 0 },
		{ "spf2.0/mfrom;pra", 0 },
		{ "spf2.0/pra/mfrom", 0 },
		{ "spf2.0/1x,pra", 0 },
		{ "spf2.0/pra\t-all", 0 },
		{ "spf2.0/pra\xc3\xa4", 0 },
	};
	unsigned int i;

	test_begin("spf_scope_version_size");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(spf_scope_version_size(
			(const unsigned char *)tests[i].text,
			strlen(tests[i].text), SPF_SCOPE_PRA) ==
			tests[i].size, i);
	}
	test_assert(spf_scope_version_size(
		(const unsigned char *)"spf2.0/pra\0 x", 13,
		SPF_SCOPE_PRA) == 0);
	test_end();
}

/* RFC 5451 section 2.4.2 */
static void test_check_sender_id_report(void)
{
	static const struct {
		const char *header, *client_ip;
		enum check_result_word result;
		const char *comment, *reason;
	} tests[] = {
		{ "From: a@both.example", "192.0.2.2", PASS, "spf2.0 record",
		  NULL },
		{ "From: a@v1.example", "::ffff:192.0.2.1", PASS,
		  "v=spf1 record", NULL },
		{ "From: a@six.example", "2001:db8::1", PASS, "spf2.0 record",
		  NULL },
		/* what decided is the record that was redirected to */
		{ "From: a@redir.example", "192.0.2.1", PASS, "v=spf1 record",
		  NULL },
		{ "From: a@minor.example", "192.0.2.2", PASS, "spf2.0 record",
		  NULL },
		{ "From: a@nodata.example", "192.0.2.1", NONE, NULL, NULL },
		{ "From: a@gone.example", "192.0.2.1", FAIL, NULL,
		  "the domain does not exist" },
		{ "From: a@slow.example", "192.0.2.1", TEMPERROR, NULL,
		  "TXT slow.example: no answer" },
		{ "From: a@two.example", "192.0.2.1", PERMERROR, NULL,
		  "two.example: more than one spf2.0 record for scope pra" },
		{ "From: a@twov1.example", "192.0.2.1", PERMERROR, NULL,
		  "twov1.example: more than one v=spf1 record for scope pra" },
		{ "From: a@syntax.example", "192.0.2.1", PERMERROR,
		  "spf2.0 record", "syntax.example: 'moo': unknown mechanism" },
		{ "From: jo@why.example", "192.0.2.1", FAIL, "spf2.0 record",
		  "192.0.2.1 is not a host of why.example, jo" },
		{ "From: a@incgone.example", "192.0.2.1", PERMERROR,
		  "spf2.0 record", "incgone.example: include:gone.example has "
		  "no SPF record" },
		{ "From: a, b@v1.example", "192.0.2.1", PERMERROR,
		  "no single mailbox in From",
		  "no purported responsible address" },
		{ "Sender: a@x\nSender: b@x", "192.0.2.1", PERMERROR,
		  "several Sender fields",
		  "no purported responsible address" },
	};
	struct sender_id_run run;
	unsigned int i;

	test_begin("check_sender_id_report");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_run_header(pool, tests[i].header, tests[i].client_ip,
				&run);
		test_assert_idx(run.result.result == tests[i].result, i);
		test_assert_strcmp_idx(run.result.comment, tests[i].comment, i);
		test_assert_strcmp_idx(run.result.reason, tests[i].reason, i);
		run.outcome.stale = TRUE;
		check_sender_id_report(pool, &run.outcome, &run.result);
		test_assert_idx(check_result_is_stale(&run.result), i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

/* Evaluations share no limit, and one does not grow with the zone. */
static void test_check_sender_id_limits(void)
{
	static const struct {
		const char *header;
		unsigned int terms, voids, max_questions;
	} tests[] = {
		{ "From: a@ten.example", AUTHRES_MAX_SPF_TERMS, 0, 2 },
		{ "From: a@eleven.example", AUTHRES_MAX_SPF_TERMS, 0, 2 },
		{ "From: a@void3.example", 3, AUTHRES_MAX_SPF_VOID_LOOKUPS, 4 },
		{ "From: a@incself.example", AUTHRES_MAX_SPF_TERMS, 0, 1 },
		{ "From: a@both.example", 0, 0, 1 },
	};
	struct sender_id_run run;
	unsigned int i;

	test_begin("check_sender_id: limits");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_run_header(pool, tests[i].header, "192.0.2.9", &run);
		test_assert_idx(run.outcome.term_lookups == tests[i].terms, i);
		test_assert_idx(run.outcome.void_lookups == tests[i].voids, i);
		test_assert_idx(run.questions <= tests[i].max_questions, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_check_sender_id_vectors,
		test_check_sender_id_beside_spf,
		test_check_sender_id_own,
		test_spf_scope_version_size,
		test_check_sender_id_report,
		test_check_sender_id_limits,
		NULL
	};
	return test_run(test_functions);
}
