/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hex-binary.h"
#include "str.h"
#include "ioloop.h"
#include "test-site.h"
#include "test-common.h"
#include "test-file.h"
#include "resolver.h"
#include "evaluation.h"
#include "failure-facts.h"
#include "failure-text.h"

#define D FAILURE_CAUSE_DMARC
#define NONE FAILURE_CAUSE_NONE

/* fo= x results x alignment: RFC 9989 section 4.7 */
static void test_cause(void)
{
	static const struct {
		const char *fo;
		/* dkim_aligned, spf_aligned, dkim_failed, spf_failed */
		struct failure_results results;
		enum failure_cause cause;
	} tests[] = {
		/* 0, the default: nothing gave an aligned pass */
		{ NULL, { FALSE, FALSE, FALSE, FALSE }, D },
		{ NULL, { TRUE, FALSE, FALSE, TRUE }, NONE },
		{ NULL, { FALSE, TRUE, TRUE, FALSE }, NONE },
		{ NULL, { TRUE, TRUE, FALSE, FALSE }, NONE },
		{ "0", { FALSE, FALSE, TRUE, TRUE }, D },
		{ "0", { TRUE, FALSE, TRUE, TRUE }, NONE },
		/* 1: one of them did not */
		{ "1", { FALSE, FALSE, FALSE, FALSE }, D },
		{ "1", { TRUE, FALSE, FALSE, FALSE }, D },
		{ "1", { FALSE, TRUE, FALSE, FALSE }, D },
		{ "1", { TRUE, TRUE, TRUE, TRUE }, NONE },
		/* both exclude each other */
		{ "0:1", { TRUE, FALSE, FALSE, FALSE }, NONE },
		{ "1:0", { FALSE, FALSE, FALSE, FALSE }, D },
		/* d: a signature, aligned or not */
		{ "d", { TRUE, TRUE, TRUE, FALSE }, FAILURE_CAUSE_DKIM },
		{ "d", { FALSE, FALSE, FALSE, TRUE }, NONE },
		/* s */
		{ "s", { TRUE, TRUE, FALSE, TRUE }, FAILURE_CAUSE_SPF },
		{ "s", { FALSE, FALSE, TRUE, FALSE }, NONE },
		{ "d:s", { TRUE, FALSE, TRUE, TRUE }, FAILURE_CAUSE_DKIM },
		{ "d:s", { TRUE, FALSE, FALSE, TRUE }, FAILURE_CAUSE_SPF },
		/* of several the first */
		{ "1:d:s", { TRUE, FALSE, TRUE, TRUE }, D },
		{ "0:d:s", { FALSE, FALSE, TRUE, TRUE }, D },
		{ "0:s", { TRUE, FALSE, FALSE, TRUE }, FAILURE_CAUSE_SPF },
	};

	test_begin("failure cause (RFC 9989 4.7)");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_idx(failure_cause_find(tests[i].fo,
						   &tests[i].results) ==
				tests[i].cause, i);
	} T_END;
	test_end();
}

static const char test_zone[] =
"$ORIGIN example.\n"
"$TTL 300\n"
"a	TXT	\"v=spf1 ip4:192.0.2.1 -all\"\n"
"a	TXT	\"other\"\n"
"_dmarc.a	TXT	\"v=DMARC1; p=reject; ruf=mailto:f@a.example\"\n"
"any	TXT	\"v=spf1 ip4:192.0.2.1 -all\"\n"
"_dmarc.any	TXT	\"v=DMARC1; p=none; fo=1; ruf=mailto:f@any.example\"\n"
"spf	TXT	\"v=spf1 exists:%{i}.x.example ~all\"\n"
"_dmarc.spf	TXT	\"v=DMARC1; p=none; fo=s; ruf=mailto:f@spf.example\"\n"
"sig	TXT	\"v=spf1 ip4:192.0.2.1 -all\"\n"
"_dmarc.sig	TXT	\"v=DMARC1; p=none; fo=d; ruf=mailto:f@sig.example\"\n"
"s._domainkey.sig	TXT	\"v=DKIM1; p=\"\n"
"_dmarc.none	TXT	\"v=DMARC1; p=reject\"\n"
"_dmarc.psd	TXT	\"v=DMARC1; p=reject; psd=y; ruf=mailto:f@psd.example\"\n"
"slow	TIMEOUT\n"
"_dmarc.slow	TXT	\"v=DMARC1; p=none; fo=1; ruf=mailto:f@slow.example\"\n";

#define RECEIVED(ip) \
	"Received: from helo.example (rdns.example [" ip "])\n" \
	"\tby mx.example.fr (Postfix) with ESMTPS id 4XyZ1t0Qz6z9sT\n" \
	"\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:00 +0100 (CET)\n"
#define RECEIVED_TEXT \
	"\tReceived: from helo.example by mx.example.fr with ESMTPS; " \
	"Sun, 22 Nov 2026 09:00:00 +0000"
#define FORGED RECEIVED("203.0.113.9")
#define HONEST RECEIVED("192.0.2.1")
#define FAIL_TEXT(domain) \
	"Auth-Failure: dmarc\t" \
	"Authentication-Results: dmarc=fail header.from=" domain "\t" \
	"Identity-Alignment: dkim, spf\t"
#define SIGNATURE \
	"DKIM-Signature: v=1; a=rsa-sha256; d=sig.example; s=s;\n" \
	"\ti=Joe@sig.example; h=from:to; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n" \
	"\tb=AA\n\tAA; z=Subject:x\n"

/* the redaction: what a report says of messages; NULL = there is none. Marks
   are shown as <local part>. */
static const struct {
	const char *mail_from, *message, *text;
} failure_cases[] = {
	{ "bob@a.example", FORGED "From: Secret Name <Bob@a.example>\n"
	  "To: alice@example.fr\nSubject: secret\nX-Y: secret\n"
	  "Date: Sun, 22 Nov 2026 10:00:00 +0100 (secret)\n"
	  "List-Id: Secret <list.a.example>\nMessage-ID: <secret@x>\n\nHi\n",
	  FAIL_TEXT("a.example") "Original-Mail-From: <bob>@a.example\t"
	  "SPF-DNS: txt : a.example : \"v=spf1 ip4:192.0.2.1 -all\""
	  RECEIVED_TEXT "\tFrom: <Bob>@a.example\t"
	  "Date: Sun, 22 Nov 2026 09:00:00 +0000\tList-Id: <list.a.example>" },
	/* SPF of somebody else says nothing about this domain */
	{ "x+alice=example.fr@list.example", FORGED
	  "From: bob@a.example\n\nHi\n",
	  FAIL_TEXT("a.example")
	  "Original-Mail-From: <x+alice=example.fr>@list.example"
	  RECEIVED_TEXT "\tFrom: <bob>@a.example" },
	/* what a stranger writes */
	{ "\"a\r\nb`c\"@a.example", FORGED
	  "Received: from (by secret) \"with secret\" [10.0.0.1] by\n"
	  " mx.a.example with <x> for <alice@example.fr> id secret; nonsense\n"
	  "Received: from joe@x.example via secret\n"
	  "Received: (((((\n"
	  "Received: from a! (b \\) by d) by c (by (x) y) with e;\n"
	  "From: bob@a.example\nDate: secret\n\nHi\n",
	  FAIL_TEXT("a.example")
	  "Original-Mail-From: <\"a\r\nb`c\">@a.example\t"
	  "SPF-DNS: txt : a.example : \"v=spf1 ip4:192.0.2.1 -all\""
	  RECEIVED_TEXT
	  "\tReceived: from [10.0.0.1] by mx.a.example"
	  "\tReceived: by c with e\tFrom: <bob>@a.example" },
	/* it passes, but not by all means */
	{ "bob@any.example", HONEST "From: bob@any.example\n\nHi\n",
	  "Auth-Failure: dmarc\t"
	  "Authentication-Results: dmarc=pass header.from=any.example\t"
	  "Identity-Alignment: dkim\tOriginal-Mail-From: <bob>@any.example"
	  RECEIVED_TEXT "\tFrom: <bob>@any.example" },
	{ "bob@a.example", HONEST "From: bob@a.example\n\nHi\n", NULL },
	{ "bob@spf.example", FORGED "From: bob@spf.example\n\nHi\n",
	  "Auth-Failure: spf\t"
	  "Authentication-Results: spf=softfail smtp.mailfrom=spf.example\t"
	  "Identity-Alignment: dkim, spf\tOriginal-Mail-From: "
	  "<bob>@spf.example\t"
	  "SPF-DNS: txt : spf.example : \"v=spf1 exists:%{i}.x.example ~all\""
	  RECEIVED_TEXT "\tFrom: <bob>@spf.example" },
	{ "bob@sig.example", HONEST SIGNATURE "From: bob@sig.example\n\nHi\n",
	  "Auth-Failure: revoked\t"
	  "Authentication-Results: dkim=permerror header.d=sig.example\t"
	  "Identity-Alignment: dkim\tOriginal-Mail-From: <bob>@sig.example\t"
	  "DKIM-Domain: sig.example\tDKIM-Identity: <Joe>@sig.example\t"
	  "DKIM-Selector: s" RECEIVED_TEXT "\tDKIM-Signature: v=1; "
	  "a=rsa-sha256; d=sig.example; s=s; i=<Joe>@sig.example; "
	  "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; "
	  "b=AAAA; h=from:to\tFrom: <bob>@sig.example" },
	{ "bob@sig.example", HONEST "From: bob@sig.example\n\nHi\n", NULL },
	/* nobody asks, or may ask */
	{ "bob@none.example", FORGED "From: bob@none.example\n\nHi\n", NULL },
	{ "bob@psd.example", FORGED "From: bob@psd.example\n\nHi\n", NULL },
	{ "bob@x.psd.example", FORGED "From: bob@x.psd.example\n\nHi\n", NULL },
	/* reports, bounces, automatic answers: RFC 6650 section 6 */
	{ "", FORGED "From: bob@a.example\n\nHi\n", NULL },
	{ "bob@a.example", FORGED "Auto-Submitted: auto-replied\n"
	  "From: bob@a.example\n\nHi\n", NULL },
	{ "bob@a.example", FORGED
	  "Content-Type: multipart/report; report-type=feedback-report\n"
	  "From: bob@a.example\n\nHi\n", NULL },
	/* not one author, no client, an error that passes */
	{ "bob@a.example", FORGED "From: bob@a.example, c@any.example\n\nHi\n",
	  NULL },
	{ "bob@a.example", "From: bob@a.example\n\nHi\n", NULL },
	{ "bob@slow.example", FORGED "From: bob@slow.example\n\nHi\n", NULL },
};

struct failure_facts_run {
	char *text;
};

static const char *show(const char *local_part, void *context ATTR_UNUSED)
{
	return t_strdup_printf("<%s>", local_part);
}

static void run_callback(const struct verdict *verdict, void *context)
{
	struct failure_facts_run *run = context;
	const char *text = verdict->history.failure;

	if (text != NULL) {
		test_assert(failure_text_is_valid(text));
		run->text = i_strdup(t_failure_text_redact(text, show, NULL));
	}
	io_loop_stop(current_ioloop);
}

static void
evaluate(struct resolver *resolver, const char *mail_from, const char *message,
	 bool wanted, struct failure_facts_run *run_r)
{
	struct evaluation_settings set;
	struct verify_request request;
	pool_t pool = pool_alloconly_create("test", 1024);

	test_site_settings(pool, &set);
	test_site_request(mail_from, &request);
	request.history = TRUE;
	request.failure = wanted;

	i_zero(run_r);
	test_site_evaluate(&set, &request, resolver, message, run_callback,
			   run_r);
	pool_unref(&pool);
}

static void test_failure_facts(void)
{
	struct resolver *resolver = test_site_resolver(test_zone);
	struct failure_facts_run run;

	test_begin("failure facts (RFC 9991 2, 4, 7)");
	for (unsigned int i = 0; i < N_ELEMENTS(failure_cases); i++) T_BEGIN {
		evaluate(resolver, failure_cases[i].mail_from,
			 failure_cases[i].message, TRUE, &run);
		test_assert_strcmp_idx(run.text, failure_cases[i].text, i);
		i_free(run.text);
		evaluate(resolver, failure_cases[i].mail_from,
			 failure_cases[i].message, FALSE, &run);
		test_assert_idx(run.text == NULL, i);
	} T_END;
	resolver_deinit(&resolver);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_cause,
		test_failure_facts,
		NULL
	};
	return test_run(test_functions);
}
