/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "ioloop.h"
#include "test-site.h"
#include "test-common.h"
#include "test-file.h"
#include "test-text.h"
#include "authres-limits.h"
#include "resolver.h"
#include "resolver.h"
#include "evaluation.h"
#include "trusted-hosts.h"

/* Whole messages. bank.example lets only 192.0.2.1 send, and asks to reject:
   what comes from 192.0.2.66 and passes, or from 192.0.2.1 and fails, was
   judged by upstream. */

static const char zone_text[] =
"bank.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
"_dmarc.bank.example. TXT \"v=DMARC1; p=reject; sp=quarantine\"\n"
"www.bank.example. A 192.0.2.80\n"
"testing.example. A 192.0.2.80\n"
"_dmarc.testing.example. TXT \"v=DMARC1; p=reject; t=y\"\n"
"open.example. A 192.0.2.80\n"
"_dmarc.open.example. TXT \"v=DMARC1; p=none\"\n"
"plain.example. A 192.0.2.80\n"
"evil.example. TXT \"v=spf1 ip4:192.0.2.66 -all\"\n"
"_dmarc.dead.example. SERVFAIL\n";

#define RECEIVED_BY(by, ip) \
	"Received: from helo.example (rdns.example [" ip "])\n" \
	"\tby " by " (Postfix) with ESMTPS id 4XyZ1t0Qz6z9sT\n" \
	"\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:00 +0100 (CET)\n"
#define STRANGER RECEIVED_BY("mx.example.fr", "192.0.2.66")
#define FRIEND RECEIVED_BY("mx.example.fr", "192.0.2.1")
#define INTERNAL RECEIVED_BY("mx.example.fr", "127.0.0.1")
#define BANK "From: <ceo@bank.example>\n"
#define AR "Authentication-Results: "

/* what our own checks say of BANK without signature */
#define OWN_FAIL "dmarc=fail spf=fail spf=none dkim=none arc=none p=reject phishing"
#define OWN_PASS "dmarc=pass spf=pass spf=none dkim=none arc=none mailfrom-pass"

struct upstream_test {
	/* begin of the message, without From */
	const char *header;
	/* as t_summary() writes it */
	const char *expected;
};

struct test_run {
	string_t *summary;
	bool called;
};

static void
append_result(string_t *str, const struct check_result *result)
{
	str_printfa(str, "%s=%s", check_method_name(result->method),
		    check_result_word_name(result->result));
	if (result->upstream != NULL)
		str_printfa(str, "[%s]", result->upstream);
	str_append_c(str, ' ');
}

static const char *t_summary(const struct verdict *verdict)
{
	string_t *str = t_str_new(128);
	const struct check_result *result;

	array_foreach(&verdict->results, result)
		append_result(str, result);
	if (verdict->dmarc == CHECK_RESULT_FAIL)
		str_printfa(str, "p=%s ", dmarc_policy_name(verdict->policy));
	if (verdict->override_reason != OVERRIDE_REASON_NONE)
		str_printfa(str, "override=%s:%s ", override_reason_name(
			verdict->override_reason), verdict->override_comment);
	if (verdict->bad_author)
		str_append(str, "bad-author ");
	if (verdict->origin != MAIL_ORIGIN_EXTERNAL)
		str_printfa(str, "%s ", mail_origin_name(verdict->origin));
	if (verdict->mail_from_spf_pass)
		str_append(str, "mailfrom-pass ");
	if (verdict->phishing)
		str_append(str, "phishing ");
	if (verdict->dns_questions == 0)
		str_append(str, "no-dns ");
	if (verdict->upstream_reason != NULL)
		str_printfa(str, "{%s} ", verdict->upstream_reason);
	if (str_len(str) > 0)
		str_truncate(str, str_len(str) - 1);
	return str_c(str);
}

static void test_callback(const struct verdict *verdict, void *context)
{
	struct test_run *run = context;

	test_assert(!run->called);
	run->called = TRUE;
	str_append(run->summary, t_summary(verdict));
	io_loop_stop(current_ioloop);
}

static void test_settings(pool_t pool, struct evaluation_settings *set_r)
{
	static const char *const ids[] =
		{ "mx.example.fr", "filter.example.fr", NULL };

	test_site_settings(pool, set_r);
	set_r->upstream.authserv_ids = ids;
}

static const char *
t_evaluate(const struct evaluation_settings *set, const char *mail_from,
	   const char *message)
{
	struct resolver *resolver = test_site_resolver(zone_text);
	struct verify_request request;
	struct test_run run;

	test_site_request(mail_from, &request);
	i_zero(&run);
	run.summary = t_str_new(1024);
	test_site_evaluate(set, &request, resolver, message, test_callback,
			   &run);
	test_assert(run.called);
	resolver_deinit(&resolver);
	return str_c(run.summary);
}

static void
run_tests(const struct evaluation_settings *set, const char *mail_from,
	  const struct upstream_test *tests, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) T_BEGIN {
		const char *message = tests[i].header;

		if (strstr(message, "\nFrom: ") == NULL)
			message = t_strconcat(message, BANK, NULL);
		message = t_strconcat(message, "Subject: x\n\nHi\n", NULL);
		test_assert_strcmp_idx(t_evaluate(set, mail_from, message),
				       tests[i].expected, i);
	} T_END;
}

#define RUN(set, mail_from, tests) \
	run_tests(set, mail_from, tests, N_ELEMENTS(tests))

/* What filters write, above the boundary. */
static const struct upstream_test format_tests[] = {
	{ STRANGER, OWN_FAIL },
	{ FRIEND, OWN_PASS },
	/* rspamd */
	{ AR "mx.example.fr;\n\tdkim=pass header.d=bank.example header.s=s1"
	  " header.b=\"aB3/xY9+\";\n\tspf=pass (mx.example.fr: domain of"
	  " bob@bank.example designates 192.0.2.66 as permitted sender)"
	  " smtp.mailfrom=bob@bank.example;\n\tdmarc=pass (policy=reject)"
	  " header.from=bank.example\n" STRANGER,
	  "dmarc=pass[mx.example.fr] spf=pass[mx.example.fr] "
	  "dkim=pass[mx.example.fr] arc=none mailfrom-pass no-dns" },
	{ AR "mx.example.fr; dkim=none; spf=fail (mx.example.fr: domain of"
	  " bob@bank.example does not designate 192.0.2.1 as permitted sender)"
	  " smtp.mailfrom=bob@bank.example; dmarc=fail reason=\"SPF not aligned"
	  " (relaxed), No valid DKIM\" header.from=bank.example"
	  " (policy=reject)\n" FRIEND,
	  "dmarc=fail[mx.example.fr] spf=fail[mx.example.fr] "
	  "dkim=none[mx.example.fr] arc=none p=reject phishing" },
	{ AR "mx.example.fr; dkim=fail (\"body hash did not verify\")"
	  " header.d=bank.example header.s=s1 header.b=aB3xY9zz; spf=softfail"
	  " (mx.example.fr: 192.0.2.1 is neither permitted nor denied by domain"
	  " of bob@bank.example) smtp.mailfrom=bob@bank.example; arc=pass"
	  " (\"i=1\"); dmarc=fail reason=\"x\" header.from=bank.example"
	  " (policy=quarantine)\n" FRIEND,
	  "dmarc=fail[mx.example.fr] spf=softfail[mx.example.fr] "
	  "dkim=fail[mx.example.fr] arc=pass[mx.example.fr] p=reject" },
	/* OpenDKIM and OpenDMARC, each its own fields */
	{ AR "mx.example.fr; dmarc=pass (p=reject dis=none)"
	  " header.from=bank.example\n"
	  AR "mx.example.fr; spf=pass smtp.mailfrom=bob@bank.example\n"
	  AR "mx.example.fr;\n\tdkim=pass (2048-bit key; unprotected)"
	  " header.d=bank.example header.i=@bank.example header.a=rsa-sha256"
	  " header.s=s1 header.b=\"aB3/xY9+\"\n" STRANGER,
	  "dmarc=pass[mx.example.fr] spf=pass[mx.example.fr] "
	  "dkim=pass[mx.example.fr] arc=none mailfrom-pass no-dns" },
	{ AR "filter.example.fr/4XyZ1t0Qz6; dmarc=fail (p=reject dis=none)"
	  " header.from=bank.example\n"
	  AR "mx.example.fr; spf=fail smtp.mailfrom=bank.example\n"
	  AR "MX.Example.FR;\n\tdkim=fail reason=\"signature verification"
	  " failed\" (2048-bit key) header.d=bank.example"
	  " header.i=@bank.example header.b=\"aB3/xY9+\"\n" FRIEND,
	  "dmarc=fail[filter.example.fr] spf=fail[mx.example.fr] "
	  "dkim=fail[mx.example.fr] arc=none p=reject" },
	/* without SPF: ours, and a fail that did not know it is none */
	{ AR "mx.example.fr; dmarc=fail (p=reject dis=none)"
	  " header.from=bank.example\n"
	  AR "mx.example.fr; dkim=none\n" FRIEND,
	  "dmarc=pass spf=pass spf=none dkim=none[mx.example.fr] arc=none "
	  "mailfrom-pass {dmarc=fail is not used, since spf was not}" },
	{ AR "mx.example.fr; dmarc=pass (p=reject dis=none)"
	  " header.from=bank.example\n"
	  AR "mx.example.fr; dkim=pass (1024-bit key; insecure key)"
	  " header.d=mail.bank.example header.b=\"aB3/xY9+\"\n" STRANGER,
	  "dmarc=pass[mx.example.fr] spf=fail spf=none "
	  "dkim=pass[mx.example.fr] arc=none" },
	/* OpenDKIM says nothing about unsigned mail by default */
	{ AR "mx.example.fr; dmarc=none (p=none dis=none)"
	  " header.from=bank.example\n" STRANGER,
	  "dmarc=none[mx.example.fr] spf=fail spf=none dkim=none arc=none" },
	/* Authentication Milter */
	{ AR "mx.example.fr;\n    dkim=pass (2048-bit rsa key sha256)"
	  " header.d=bank.example header.i=@bank.example header.b=aB3xY9zz"
	  " header.a=rsa-sha256 header.s=s1;\n    dmarc=pass"
	  " policy.published-domain-policy=reject"
	  " policy.published-subdomain-policy=quarantine"
	  " policy.applied-disposition=none policy.evaluated-disposition=none"
	  " (p=reject,sp=quarantine,d=none,d.eval=none)"
	  " policy.policy-from=p header.from=bank.example;\n"
	  "    iprev=pass smtp.remote-ip=192.0.2.66 (rdns.example);\n"
	  "    spf=pass smtp.mailfrom=bob@bank.example"
	  " smtp.helo=helo.example;\n    x-tls=pass smtp.version=TLSv1.3\n"
	  STRANGER,
	  "dmarc=pass[mx.example.fr] spf=pass[mx.example.fr] "
	  "dkim=pass[mx.example.fr] arc=none mailfrom-pass no-dns" },
	/* Exim */
	{ AR "mx.example.fr;\n\tiprev=pass (rdns.example)"
	  " smtp.remote-ip=192.0.2.66;\n\tspf=pass"
	  " smtp.mailfrom=bank.example;\n\tdkim=pass header.d=bank.example"
	  " header.s=s1 header.a=rsa-sha256;\n\tdmarc=pass"
	  " header.from=bank.example;\n\tarc=none\n" STRANGER,
	  "dmarc=pass[mx.example.fr] spf=pass[mx.example.fr] "
	  "dkim=pass[mx.example.fr] arc=none[mx.example.fr] "
	  "mailfrom-pass no-dns" },
	{ AR "mx.example.fr;\n\tspf=fail smtp.mailfrom=bank.example;\n\tdkim=fail"
	  " (body hash mismatch; body probably modified in transit)\n\t\t"
	  " header.d=bank.example header.s=s1 header.a=rsa-sha256;\n"
	  "\tdmarc=fail header.from=bank.example\n" FRIEND,
	  "dmarc=fail[mx.example.fr] spf=fail[mx.example.fr] "
	  "dkim=fail[mx.example.fr] arc=none p=reject" },
	{ AR "mx.example.fr;\n\tspf=none smtp.mailfrom=bank.example;\n\tdkim="
	  "tmperror (pubkey unavailable)\n\t\t header.d=bank.example"
	  " header.s=s1 header.a=rsa-sha256;\n\tdmarc=pass"
	  " header.from=bank.example\n" STRANGER,
	  "dmarc=fail spf=none[mx.example.fr] dkim=none arc=none p=reject {dkim "
	  "of mx.example.fr has an unknown result; dmarc=pass is not used, since "
	  "neither spf nor dkim is a pass for it}" },
	/* policyd-spf with Header_Type = AR */
	{ AR "mx.example.fr; spf=pass (mailfrom) smtp.mailfrom=bank.example"
	  " (client-ip=192.0.2.66; helo=helo.example;"
	  " envelope-from=bob@bank.example; receiver=<UNKNOWN>)\n" STRANGER,
	  "dmarc=pass spf=pass[mx.example.fr] dkim=none arc=none "
	  "mailfrom-pass" },
	/* mox and others with the registered policy.dmarc */
	{ AR "mx.example.fr; dmarc=fail header.from=bank.example"
	  " policy.dmarc=reject; spf=none smtp.mailfrom=bank.example;"
	  " dkim=none\n" FRIEND,
	  "dmarc=fail[mx.example.fr] spf=none[mx.example.fr] "
	  "dkim=none[mx.example.fr] arc=none p=reject" },
	/* nothing was evaluated */
	{ AR "mx.example.fr; none\n" STRANGER, OWN_FAIL },
	{ AR "mx.example.fr\n" STRANGER, OWN_FAIL },
	{ AR "mx.example.fr; auth=pass smtp.auth=bob; dnswl=pass;"
	  " x-foo=bar\n" STRANGER, OWN_FAIL },
	/* below several lines of our own hosts */
	{ INTERNAL AR "mx.example.fr; dmarc=pass header.from=bank.example\n"
	  INTERNAL STRANGER,
	  "dmarc=pass[mx.example.fr] spf=fail spf=none dkim=none arc=none" },
};

static void test_upstream_formats(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;

	test_begin("upstream results: formats");
	test_settings(pool, &set);
	RUN(&set, "bob@bank.example", format_tests);
	pool_unref(&pool);
	test_end();
}

#define PASS "dmarc=pass header.from=bank.example; " \
	"spf=pass smtp.mailfrom=bob@bank.example; " \
	"dkim=pass header.d=bank.example\n"
#define FAIL_OF(domain) "dmarc=fail header.from=" domain "; " \
	"spf=fail smtp.mailfrom=bob@bank.example; dkim=none\n"
#define MX "[mx.example.fr]"
#define FAILED(policy) "dmarc=fail" MX " spf=fail" MX " dkim=none" MX \
	" arc=none p=" policy

/* Where the policy of a fail comes from. */
static const struct upstream_test policy_tests[] = {
	/* the record: sp of a subdomain, t=y, none */
	{ AR "mx.example.fr; dmarc=fail (p=none) header.from=www.bank.example;"
	  " spf=fail smtp.mailfrom=bob@bank.example; dkim=none\n" FRIEND
	  "From: a@www.bank.example\n", FAILED("quarantine") " phishing" },
	{ AR "mx.example.fr; " FAIL_OF("testing.example") FRIEND
	  "From: a@testing.example\n", FAILED("quarantine") },
	{ AR "mx.example.fr; " FAIL_OF("open.example") FRIEND
	  "From: a@open.example\n", FAILED("none") },
	/* there is none any more, and no word of the filter */
	{ AR "mx.example.fr; " FAIL_OF("plain.example") FRIEND
	  "From: a@plain.example\n", FAILED("none") },
	/* that of the filter */
	{ AR "mx.example.fr; dmarc=fail (p=quarantine dis=none)"
	  " header.from=plain.example; spf=fail smtp.mailfrom=bank.example;"
	  " dkim=none\n" FRIEND "From: a@plain.example\n",
	  FAILED("quarantine") },
	{ AR "mx.example.fr; dmarc=fail (p=REJECT sp=REJECT dis=NONE)"
	  " header.from=dead.example; spf=fail smtp.mailfrom=bank.example;"
	  " dkim=none\n" FRIEND "From: a@dead.example\n", FAILED("reject") },
	{ AR "mx.example.fr; dmarc=fail (policy=reject)"
	  " header.from=dead.example; spf=fail smtp.mailfrom=bank.example;"
	  " dkim=none\n" FRIEND "From: a@dead.example\n", FAILED("reject") },
	{ AR "mx.example.fr; dmarc=fail header.from=dead.example"
	  " policy.dmarc=quarantine (p=reject);"
	  " spf=fail smtp.mailfrom=bank.example; dkim=none\n" FRIEND
	  "From: a@dead.example\n", FAILED("quarantine") },
	{ AR "mx.example.fr; dmarc=fail header.from=dead.example"
	  " policy.published-domain-policy=none"
	  " policy.evaluated-disposition=reject;"
	  " spf=fail smtp.mailfrom=bank.example; dkim=none\n" FRIEND
	  "From: a@dead.example\n", FAILED("reject") },
	/* not known: no policy */
	{ AR "mx.example.fr; " FAIL_OF("dead.example") FRIEND
	  "From: a@dead.example\n", "dmarc=temperror" MX " spf=fail" MX
	  " dkim=none" MX " arc=none" },
	{ AR "mx.example.fr; dmarc=fail (p=reject sp=none dis=none)"
	  " header.from=dead.example; spf=fail smtp.mailfrom=bank.example;"
	  " dkim=none\n" FRIEND "From: a@dead.example\n",
	  "dmarc=temperror" MX " spf=fail" MX " dkim=none" MX " arc=none" },
	{ AR "mx.example.fr; dmarc=fail header.from=dead.example"
	  " policy.dmarc=monitor (p=reject);"
	  " spf=fail smtp.mailfrom=bank.example; dkim=none\n" FRIEND
	  "From: a@dead.example\n",
	  "dmarc=temperror" MX " spf=fail" MX " dkim=none" MX " arc=none" },
	/* dis= is what the filter did, not what was asked for */
	{ AR "mx.example.fr; dmarc=fail (dis=reject)"
	  " header.from=dead.example; spf=fail smtp.mailfrom=bank.example;"
	  " dkim=none\n" FRIEND "From: a@dead.example\n",
	  "dmarc=temperror" MX " spf=fail" MX " dkim=none" MX " arc=none" },
	/* whose signature broke is not told: no phishing */
	{ AR "mx.example.fr; dmarc=fail header.from=bank.example;"
	  " spf=fail smtp.mailfrom=bank.example; dkim=fail\n" FRIEND,
	  "dmarc=fail" MX " spf=fail" MX " dkim=fail" MX
	  " arc=none p=reject" },
	/* an aligned pass that the filter did not let count stays a fail */
	{ AR "mx.example.fr; dmarc=fail header.from=bank.example;"
	  " spf=pass smtp.mailfrom=bob@bank.example; dkim=none\n" FRIEND,
	  "dmarc=fail" MX " spf=pass" MX " dkim=none" MX
	  " arc=none p=reject mailfrom-pass" },
};

static void test_upstream_policy(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;

	test_begin("upstream results: policy");
	test_settings(pool, &set);
	RUN(&set, "bob@bank.example", policy_tests);
	pool_unref(&pool);
	test_end();
}

/* Usable in part, or not at all: what is left is checked by us. */
static const struct upstream_test unusable_tests[] = {
	/* temporary errors are asked again */
	{ AR "mx.example.fr; dmarc=temperror header.from=bank.example;"
	  " spf=temperror smtp.mailfrom=bank.example; dkim=none\n" FRIEND,
	  "dmarc=pass spf=pass spf=none dkim=none" MX " arc=none mailfrom-pass "
	  "{dmarc of mx.example.fr is temperror; spf of mx.example.fr is "
	  "temperror}" },
	{ AR "mx.example.fr; dkim=pass header.d=bank.example; dkim=temperror"
	  " header.d=bank.example\n" STRANGER,
	  OWN_FAIL " {dkim of mx.example.fr is temperror}" },
	{ AR "mx.example.fr; dmarc=permerror header.from=bank.example\n"
	  STRANGER, OWN_FAIL " {dmarc of mx.example.fr is permerror}" },
	/* words that nobody registered */
	{ AR "mx.example.fr; dmarc=bestguesspass header.from=bank.example\n"
	  STRANGER, OWN_FAIL " {dmarc of mx.example.fr has an unknown result}" },
	{ AR "mx.example.fr; dmarc=softfail header.from=bank.example\n"
	  STRANGER, OWN_FAIL " {dmarc of mx.example.fr is softfail}" },
	{ AR "mx.example.fr; spf=hardfail smtp.mailfrom=bank.example; spf=pass"
	  " smtp.mailfrom=bank.example\n" STRANGER,
	  OWN_FAIL " {spf of mx.example.fr has an unknown result}" },
	{ AR "mx.example.fr; arc=reject\n" STRANGER,
	  OWN_FAIL " {arc of mx.example.fr has an unknown result}" },
	/* another author */
	{ AR "mx.example.fr; dmarc=pass header.from=evil.example\n" STRANGER,
	  OWN_FAIL " {dmarc of mx.example.fr is about evil.example, not about "
	  "the author domain}" },
	{ AR "mx.example.fr; dmarc=pass header.from=www.bank.example\n"
	  STRANGER, OWN_FAIL " {dmarc of mx.example.fr is about "
	  "www.bank.example, not about the author domain}" },
	{ AR "mx.example.fr; dmarc=pass header.from=\"\"\n" STRANGER,
	  OWN_FAIL " {dmarc of mx.example.fr is about no domain, not about the "
	  "author domain}" },
	{ AR "mx.example.fr; dmarc=pass\n" STRANGER,
	  OWN_FAIL " {dmarc of mx.example.fr does not say for which domain}" },
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example"
	  " header.from=evil.example\n" STRANGER,
	  OWN_FAIL " {dmarc of mx.example.fr does not say for which domain}" },
	{ AR "mx.example.fr; dmarc=pass header.from=.bank..example\n" STRANGER,
	  OWN_FAIL " {dmarc of mx.example.fr does not say for which domain}" },
	/* but these are the same */
	{ AR "mx.example.fr; dmarc=pass header.from=BANK.Example.\n" STRANGER,
	  "dmarc=pass" MX " spf=fail spf=none dkim=none arc=none" },
	{ AR "mx.example.fr; dmarc=pass header.from=\"<ceo@bank.example>\"\n"
	  STRANGER, "dmarc=pass" MX " spf=fail spf=none dkim=none arc=none" },
	/* several authors are for us to judge */
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example\n" STRANGER
	  "From: a@bank.example, b@evil.example\n",
	  "dmarc=fail dmarc=none spf=fail spf=none dkim=none arc=none p=reject "
	  "phishing {dmarc is not used, since From has no single author domain}" },
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example\n" STRANGER
	  "From: a@bank.example\nFrom: b@evil.example\n",
	  "dmarc=permerror dmarc=fail dmarc=none spf=fail spf=none dkim=none "
	  "arc=none bad-author phishing {dmarc is not used, since From has no "
	  "single author domain}" },
	/* a pass for nobody that has to do with the author */
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example; spf=fail"
	  " smtp.mailfrom=bob@bank.example; dkim=none\n" STRANGER,
	  "dmarc=fail spf=fail" MX " dkim=none" MX " arc=none p=reject phishing "
	  "{dmarc=pass is not used, since neither spf nor dkim is a pass for it}" },
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example; dkim=pass"
	  " header.d=evil.example\n" STRANGER,
	  "dmarc=fail spf=fail spf=none dkim=pass" MX " arc=none p=reject "
	  "phishing {dmarc=pass is not used, since neither spf nor dkim is a pass "
	  "for it}" },
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example; spf=pass"
	  " smtp.mailfrom=a@mail.bank.example\n" STRANGER,
	  "dmarc=pass" MX " spf=pass" MX " dkim=none arc=none no-dns" },
	/* spf of something else */
	{ AR "mx.example.fr; spf=pass\n" STRANGER,
	  OWN_FAIL " {spf does not say for which domain}" },
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=\n" STRANGER,
	  OWN_FAIL " {spf does not say for which domain}" },
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=bank.example"
	  " smtp.mailfrom=evil.example\n" STRANGER,
	  OWN_FAIL " {spf does not say for which domain}" },
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=bank.example"
	  " smtp.mail=evil.example\n" STRANGER,
	  OWN_FAIL " {spf does not say for which domain}" },
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=\"a@[192.0.2.1]\"\n"
	  STRANGER, OWN_FAIL " {spf does not say for which domain}" },
	{ AR "mx.example.fr; spf=pass smtp.helo=bank.example\n" STRANGER,
	  OWN_FAIL },
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=evil.example\n" STRANGER,
	  "dmarc=fail spf=pass" MX " dkim=none arc=none p=reject" },
	/* both identities */
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=bank.example; spf=none"
	  " smtp.helo=helo.example\n" STRANGER,
	  "dmarc=pass spf=pass" MX " spf=none" MX " dkim=none arc=none "
	  "mailfrom-pass" },
	/* dkim of nobody */
	{ AR "mx.example.fr; dkim=pass\n" STRANGER,
	  OWN_FAIL " {dkim does not say for which domain}" },
	{ AR "mx.example.fr; dkim=pass header.i=@bank.example\n" STRANGER,
	  OWN_FAIL " {dkim has an entry that cannot be trusted}" },
	{ AR "mx.example.fr; dkim=pass header.d=bank.example"
	  " header.d=evil.example\n" STRANGER,
	  OWN_FAIL " {dkim has an entry that cannot be trusted}" },
	{ AR "mx.example.fr; dkim=pass header.d=a@bank.example\n" STRANGER,
	  OWN_FAIL " {dkim has an entry that cannot be trusted}" },
	/* what an i= that is not quoted could make of a field */
	{ AR "mx.example.fr; dkim=pass header.d=evil.example header.i=x;"
	  " dkim=pass header.d=bank.example header.i=@evil.example\n" STRANGER,
	  OWN_FAIL " {dkim has an entry that cannot be trusted}" },
	{ AR "mx.example.fr; dkim=pass header.d=evil.example"
	  " header.i=@evil.example; dkim=pass header.d=bank.example"
	  " header.x=@evil.example\n" STRANGER,
	  OWN_FAIL " {dkim has an entry that cannot be trusted}" },
	{ AR "mx.example.fr; dkim=pass header.d=evil.example header.i=x"
	  " dkim=pass header.d=bank.example\n" STRANGER,
	  OWN_FAIL " {dkim has an entry that cannot be trusted}" },
	/* contradictions, within a field and between two */
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example; dmarc=fail"
	  " header.from=bank.example\n" STRANGER,
	  OWN_FAIL " {dmarc is given with different results}" },
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example\n"
	  AR "mx.example.fr; dmarc=none header.from=bank.example\n" STRANGER,
	  OWN_FAIL " {dmarc is given with different results}" },
	{ AR "mx.example.fr; dmarc=fail (p=none) header.from=bank.example\n"
	  AR "mx.example.fr; dmarc=fail (p=reject) header.from=bank.example\n"
	  STRANGER, OWN_FAIL " {dmarc is given with different results}" },
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=bank.example\n"
	  AR "filter.example.fr; spf=fail smtp.mailfrom=bank.example\n"
	  STRANGER, OWN_FAIL " {spf is given with different results}" },
	{ AR "mx.example.fr; spf=pass smtp.mailfrom=bank.example\n"
	  AR "mx.example.fr; spf=pass smtp.mailfrom=evil.example\n"
	  STRANGER, OWN_FAIL " {spf is given with different results}" },
	{ AR "mx.example.fr; dkim=pass header.d=bank.example\n"
	  AR "filter.example.fr; dkim=fail header.d=bank.example\n"
	  STRANGER, OWN_FAIL " {dkim is given with different results}" },
	{ AR "mx.example.fr; dkim=none\n"
	  AR "mx.example.fr; dkim=pass header.d=bank.example\n"
	  STRANGER, OWN_FAIL " {dkim is given with different results}" },
	{ AR "mx.example.fr; dkim=pass header.d=bank.example\n"
	  AR "mx.example.fr; dkim=pass header.d=bank.example; dkim=pass"
	  " header.d=evil.example\n" STRANGER,
	  OWN_FAIL " {dkim is given with different results}" },
	{ AR "mx.example.fr; arc=pass\n" AR "mx.example.fr; arc=none\n"
	  STRANGER, OWN_FAIL " {arc is given with different results}" },
	/* the same twice is no contradiction */
	{ AR "mx.example.fr; " PASS AR "filter.example.fr; " PASS STRANGER,
	  "dmarc=pass" MX " spf=pass" MX " dkim=pass" MX
	  " arc=none mailfrom-pass no-dns" },
	{ AR "mx.example.fr; dkim=fail header.d=bank.example; dkim=pass"
	  " header.d=evil.example\n"
	  AR "mx.example.fr; dkim=pass header.d=evil.example; dkim=fail"
	  " header.d=bank.example\n" STRANGER,
	  "dmarc=fail spf=fail spf=none dkim=fail" MX " dkim=pass" MX
	  " arc=none p=reject" },
	/* one broken field spoils all */
	{ AR "mx.example.fr; " PASS AR "mx.example.fr; dmarc=\n" STRANGER,
	  OWN_FAIL " {a field has a broken syntax}" },
	{ AR "mx.example.fr; dmarc=pass header.from=\"bank.example\n" STRANGER,
	  OWN_FAIL " {a field has a broken syntax}" },
	{ AR "mx.example.fr; dmarc=pass (header.from=bank.example\n" STRANGER,
	  OWN_FAIL " {a field has a broken syntax}" },
	{ AR "mx.example.fr, dmarc=pass header.from=bank.example\n" STRANGER,
	  OWN_FAIL " {a field has a broken syntax}" },
	{ AR "mx.example.fr 2; " PASS STRANGER, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ AR "evil.example (mx.example.fr); " PASS STRANGER, OWN_FAIL },
	/* others' are nobody's */
	{ AR "mx.example.com; " PASS STRANGER, OWN_FAIL },
	{ AR "mx.example.fr.evil.example; " PASS STRANGER, OWN_FAIL },
	{ AR "evil-mx.example.fr; " PASS STRANGER, OWN_FAIL },
	{ "X-Authentication-Results: mx.example.fr; " PASS STRANGER,
	  OWN_FAIL },
	/* what we wrote ourselves when it was delivered before */
	{ AR "mx.example.fr; dmarc=pass header.from=bank.example"
	  " (authres: client=192.0.2.1)\n" STRANGER, OWN_FAIL },
};

static void test_upstream_unusable(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;

	test_begin("upstream results: unusable");
	test_settings(pool, &set);
	RUN(&set, "bob@bank.example", unusable_tests);
	pool_unref(&pool);
	test_end();
}

/* The envelope a filter saw. */
static void test_upstream_envelope(void)
{
	static const struct {
		const char *mail_from;
		struct upstream_test test;
	} tests[] = {
		/* null reverse-path */
		{ "", { AR "mx.example.fr; spf=pass smtp.helo=bank.example\n"
		  STRANGER, "dmarc=pass spf=pass" MX " dkim=none arc=none" } },
		{ "", { AR "mx.example.fr; spf=pass smtp.mailfrom=<>"
		  " smtp.helo=bank.example\n" STRANGER,
		  "dmarc=pass spf=pass" MX " dkim=none arc=none" } },
		/* rewritten behind the filter: its SPF holds, but says nothing
		   about the address that a rejection would go to */
		{ "SRS0=h=tt=bank.example=bob@example.fr",
		  { AR "mx.example.fr; spf=pass"
		  " smtp.mailfrom=bob@bank.example\n" STRANGER,
		  "dmarc=pass spf=pass" MX " dkim=none arc=none" } },
		/* not known to us */
		{ NULL, { AR "mx.example.fr; spf=pass"
		  " smtp.mailfrom=bob@bank.example\n" STRANGER,
		  "dmarc=pass spf=pass" MX " dkim=none arc=none" } },
		/* these get into comments of filters that do not quote */
		{ "\"x) ; dkim=pass header.d=bank.example (\"@evil.example",
		  { AR "mx.example.fr; spf=pass (domain of \"x) ; dkim=pass"
		  " header.d=bank.example (\"@evil.example designates)"
		  " smtp.mailfrom=evil.example; dmarc=pass"
		  " header.from=bank.example\n" STRANGER,
		  "dmarc=fail spf=pass spf=none dkim=none arc=none p=reject "
		  "mailfrom-pass {not used, since the reverse-path has "
		  "characters that could break a field}" } },
		/* and these into what is not quoted at all */
		{ "bob@evil.example", { AR "mx.example.fr; " PASS STRANGER
		  "DKIM-Signature: v=1; d=evil.example; s=s; i=x=3B=20dkim=3D"
		  "pass=20header.d=3Dbank.example=20header.i=3D@evil.example\n",
		  "dmarc=fail spf=pass spf=none dkim=permerror arc=none p=reject"
		  " mailfrom-pass {not used, since a signature has characters "
		  "that could break a field}" } },
		{ "bob@evil.example", { AR "mx.example.fr; " PASS STRANGER
		  "DKIM-SIGNATURE: v=1; d=evil.example; s=a); i=@evil.example\n",
		  "dmarc=fail spf=pass spf=none dkim=neutral arc=none p=reject"
		  " mailfrom-pass {not used, since a signature has characters "
		  "that could break a field}" } },
		{ "bob@evil.example", { AR "mx.example.fr; " PASS STRANGER
		  "ARC-Seal: i=1; d=\"evil.example; s=a; i=2\n",
		  "dmarc=fail spf=pass spf=none dkim=none arc=fail p=reject "
		  "mailfrom-pass {not used, since a signature has characters "
		  "that could break a field}" } },
		{ "bob@bank.example", { AR "mx.example.fr; " PASS STRANGER
		  "DKIM-Signature: v=1; a=rsa-sha256; d=evil.example;\n s=2026"
		  "0112; i=bob+x@www.evil.example; z=A:=28=3B=22;\n h=from; bh=;"
		  " b=\n",
		  "dmarc=pass" MX " spf=pass" MX " dkim=pass" MX
		  " arc=none mailfrom-pass no-dns" } },
		{ "a;b@evil.example", { AR "mx.example.fr; " PASS STRANGER,
		  "dmarc=fail spf=pass spf=none dkim=none arc=none p=reject "
		  "mailfrom-pass {not used, since the reverse-path has "
		  "characters that could break a field}" } },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;

	test_begin("upstream results: envelope");
	test_settings(pool, &set);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++)
		run_tests(&set, tests[i].mail_from, &tests[i].test, 1);
	pool_unref(&pool);
	test_end();
}

#define STRANGERS "Received: from a.example (a.example [203.0.113.5])\n" \
	"\tby evil.example (Postfix) with ESMTP id 1;\n" \
	"\tSun, 22 Nov 2026 09:00:00 +0100 (CET)\n"
#define NO_BOUNDARY RECEIVED_BY("mx.other.example", "192.0.2.66")
#define NOT_BELOW " {not believed below our Received field, " \
	"where a stranger can write it}"

/* A stranger writes what he likes: with the trusted name, in every place. */
static const struct upstream_test forged_tests[] = {
	{ STRANGER AR "mx.example.fr; " PASS, OWN_FAIL NOT_BELOW },
	{ STRANGER "X: y\n" AR "mx.example.fr; " PASS, OWN_FAIL NOT_BELOW },
	{ STRANGER STRANGERS AR "mx.example.fr; " PASS, OWN_FAIL },
	{ STRANGER BANK AR "mx.example.fr; " PASS, OWN_FAIL NOT_BELOW },
	{ STRANGER AR "(a)mx.example.fr(b) 1; " PASS, OWN_FAIL },
	{ STRANGER AR "\n\tMX.EXAMPLE.FR\n\t; " PASS, OWN_FAIL },
	{ STRANGER AR "\"mx.example.fr\"; " PASS, OWN_FAIL },
	{ STRANGER "AUTHENTICATION-RESULTS:mx.example.fr; " PASS,
	  OWN_FAIL NOT_BELOW },
	/* his own copy of our line does not move the boundary */
	{ STRANGER FRIEND AR "mx.example.fr; " PASS FRIEND, OWN_FAIL },
	{ STRANGER INTERNAL AR "mx.example.fr; " PASS FRIEND, OWN_FAIL },
	{ INTERNAL STRANGER AR "mx.example.fr; " PASS INTERNAL, OWN_FAIL },
	{ INTERNAL STRANGER STRANGERS AR "mx.example.fr; " PASS, OWN_FAIL },
	/* the filter wrote above, and may have believed what it let pass */
	{ AR "mx.example.fr; " PASS STRANGER
	  AR "mx.example.fr; spf=pass smtp.mailfrom=bob@bank.example\n",
	  OWN_FAIL " {a stranger wrote a field in its name}" },
	{ AR "mx.example.fr; " PASS STRANGER STRANGERS BANK
	  AR "(x) \"mx.example.fr\"; a=b c\n",
	  OWN_FAIL " {a stranger wrote a field in its name}" },
	{ AR "mx.example.fr; " PASS STRANGER AR "mx.example.org; none\n",
	  "dmarc=pass" MX " spf=pass" MX " dkim=pass" MX
	  " arc=none mailfrom-pass no-dns" },
	/* no boundary: who wrote what is not known */
	{ AR "mx.example.fr; " PASS NO_BOUNDARY,
	  "dmarc=temperror dkim=none arc=none" },
	{ AR "mx.example.fr; " PASS "X: y\n",
	  "dmarc=temperror dkim=none arc=none" },
	{ AR "mx.example.fr; " PASS "Received: whatever\n" STRANGER,
	  "dmarc=temperror dkim=none arc=none" },
};

/* The same with authres_upstream_below=yes, behind a filter that removes what
   it recognises as a copy of its own. */
static const struct upstream_test below_tests[] = {
	/* its own field */
	{ STRANGER AR "mx.example.fr; " PASS STRANGERS,
	  "dmarc=pass" MX " spf=pass" MX " dkim=pass" MX
	  " arc=none mailfrom-pass no-dns" },
	{ STRANGER AR "mx.example.fr; " PASS "DKIM-Filter: x\n",
	  "dmarc=pass" MX " spf=pass" MX " dkim=pass" MX
	  " arc=none mailfrom-pass no-dns" },
	{ FRIEND AR "mx.example.fr; dmarc=fail (p=none) header.from=bank.example\n"
	  AR "mx.example.fr; spf=fail smtp.mailfrom=bank.example\n"
	  "DKIM-Filter: x\n"
	  AR "mx.example.fr/17 1;\n\tdkim=none\n" STRANGERS,
	  FAILED("reject") " phishing" },
	/* above the boundary and below */
	{ AR "filter.example.fr; spf=pass smtp.mailfrom=bank.example\n"
	  STRANGER AR "mx.example.fr; dkim=none\n",
	  "dmarc=pass spf=pass[filter.example.fr] dkim=none" MX
	  " arc=none mailfrom-pass" },
	{ AR "mx.example.fr; spf=fail smtp.mailfrom=bank.example\n"
	  STRANGER AR "mx.example.fr; spf=pass smtp.mailfrom=bank.example\n",
	  OWN_FAIL " {spf is given with different results}" },
	/* below the next Received, even if it looks like ours */
	{ STRANGER STRANGERS AR "mx.example.fr; " PASS, OWN_FAIL },
	{ STRANGER INTERNAL AR "mx.example.fr; " PASS, OWN_FAIL },
	{ STRANGER "received: x\n" AR "mx.example.fr; " PASS, OWN_FAIL },
	{ STRANGER AR "mx.example.fr; dkim=none\n" STRANGERS
	  AR "mx.example.fr; " PASS,
	  OWN_FAIL " {a stranger wrote a field in its name}" },
	/* our own line is the topmost: not that of the host before it */
	{ INTERNAL STRANGER AR "mx.example.fr; " PASS, OWN_FAIL },
	/* a copy that was not removed contradicts */
	{ STRANGER AR "mx.example.fr; dmarc=fail header.from=bank.example\n"
	  AR "mx.example.fr; " PASS STRANGERS,
	  "dmarc=pass spf=pass" MX " dkim=pass" MX " arc=none mailfrom-pass "
	  "{dmarc is given with different results}" },
	{ STRANGER AR "mx.example.fr; " FAIL_OF("bank.example")
	  AR "mx.example.fr; " PASS STRANGERS,
	  OWN_FAIL " {dmarc is given with different results; spf is given with "
	  "different results; dkim is given with different results}" },
	/* a copy that filters may not recognise */
	{ STRANGER AR "(x) mx.example.fr; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr(x); " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER AR "\"mx.example.fr\"; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER AR "\"mx.example\\.fr\"; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER AR "\n mx.example.fr; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER "Authentication-Results:\tmx.example.fr; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER "Authentication-Results : mx.example.fr; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER AR " mx.example.fr; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr\t; " PASS, OWN_FAIL
	  " {the name in a field is written in an unusual way}" },
	{ STRANGER AR "=?us-ascii?q?mx.example.fr?=; " PASS, OWN_FAIL
	  " {a field has a broken syntax}" },
	/* or gives up reading */
	{ STRANGER AR "mx.example.fr; dkim=none x.y=z; " PASS, OWN_FAIL
	  " {a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr; dkim=none action=none; " PASS, OWN_FAIL
	  " {a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr; dkim = none; " PASS, OWN_FAIL
	  " {a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr; dkim=none header.b=a/b; " PASS, OWN_FAIL
	  " {a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr; dkim=none header.d=; " PASS, OWN_FAIL
	  " {a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr; dkim/1=none; " PASS, OWN_FAIL
	  " {a field is written in an unusual way}" },
	{ STRANGER AR "mx.example.fr; a=b; a=b; a=b; a=b; a=b; a=b; a=b; a=b; "
	  "a=b; a=b; a=b; a=b; a=b; a=b; " PASS, OWN_FAIL
	  " {a field is written in an unusual way}" },
	{ STRANGER AR "; mx.example.fr; " PASS, OWN_FAIL
	  " {a field has a broken syntax}" },
	{ STRANGER AR "mx.example.fr; " PASS AR "(x) mx.example.fr; " PASS,
	  OWN_FAIL " {the name in a field is written in an unusual way}" },
	/* no boundary, nothing below it */
	{ NO_BOUNDARY AR "mx.example.fr; " PASS,
	  "dmarc=temperror dkim=none arc=none" },
	{ AR "mx.example.fr; " PASS "X: y\n",
	  "dmarc=temperror dkim=none arc=none" },
};

static void test_upstream_positions(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;

	test_begin("upstream results: forged above and below");
	test_settings(pool, &set);
	RUN(&set, "bob@bank.example", forged_tests);
	set.upstream.below = TRUE;
	RUN(&set, "bob@bank.example", below_tests);
	pool_unref(&pool);
	test_end();
}

/* What is not configured is not believed. */
static void test_upstream_settings(void)
{
	static const char *const no_ids[] = { NULL };
	static const char *const forwarders[] = { "198.51.100.7", NULL };
	static const struct upstream_test
	all = { AR "mx.example.fr; arc=pass; " PASS STRANGER, OWN_FAIL },
	no_spf = { AR "mx.example.fr; " PASS STRANGER,
		"dmarc=pass" MX " dkim=pass" MX " arc=none no-dns" },
	only_spf = { AR "mx.example.fr; " PASS STRANGER,
		"spf=pass" MX " mailfrom-pass no-dns" },
	own_arc = { AR "mx.example.fr; arc=pass; " PASS STRANGER,
		"dmarc=pass" MX " spf=pass" MX " dkim=pass" MX
		" arc=none mailfrom-pass no-dns" },
	/* the filter saw the forwarder */
	forwarded = { AR "mx.example.fr; " PASS
		RECEIVED_BY("mx.example.fr", "198.51.100.7")
		RECEIVED_BY("alumni.example", "192.0.2.66"),
		OWN_FAIL " {not used, since it saw the forwarder, not its "
		"client}" },
	submitted = { AR "mx.example.fr; " PASS
		"Received: from laptop (x.example [198.51.100.9])\n"
		"\t(Authenticated sender: bob)\n"
		"\tby mx.example.fr (Postfix) with ESMTPSA id 1B2C3D4E5F;\n"
		"\tSun, 22 Nov 2026 10:00:02 +0100 (CET)\n",
		"auth=pass authenticated no-dns" };
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;
	const char *error;

	test_begin("upstream results: settings");
	test_settings(pool, &set);
	set.upstream.authserv_ids = no_ids;
	set.upstream.below = TRUE;
	run_tests(&set, "bob@bank.example", &all, 1);
	test_settings(pool, &set);
	set.upstream.own_arc = TRUE;
	run_tests(&set, "bob@bank.example", &own_arc, 1);
	set.checks &= ~(1U << CHECK_METHOD_SPF);
	run_tests(&set, "bob@bank.example", &no_spf, 1);
	set.checks = 1U << CHECK_METHOD_SPF;
	run_tests(&set, "bob@bank.example", &only_spf, 1);
	test_settings(pool, &set);
	run_tests(&set, "bob@bank.example", &submitted, 1);
	if (trusted_hosts_parse(pool, forwarders,
				&set.identity.trusted_forwarders, &error) < 0)
		i_unreached();
	set.overrides.trusted_lists = no_ids;
	set.overrides.arc_trusted_sealers = no_ids;
	run_tests(&set, "bob@bank.example", &forwarded, 1);
	pool_unref(&pool);
	test_end();
}

#define LIST_DKIM(domain, names) \
	"DKIM-Signature: v=1; a=rsa-sha256; s=s; d=" domain "; h=" names ";\n" \
	" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\n"
#define LIST_ID "List-Id: <dev.lists.example>\n"
#define LIST_PASS AR "mx.example.fr; dmarc=fail header.from=bank.example; " \
	"spf=none smtp.mailfrom=plain.example; dkim=pass " \
	"header.d=lists.example\n" STRANGER
#define LIST_FAILED "dmarc=fail" MX " spf=none" MX " dkim=pass" MX \
	" arc=none p=reject"

/* A filter does not say which fields a signature covers. */
static void test_upstream_list(void)
{
	static const char *const lists[] = { "lists.example", NULL };
	static const char *const nobody[] = { NULL };
	static const struct upstream_test tests[] = {
		{ LIST_PASS LIST_DKIM("lists.example", "from:list-id") LIST_ID,
		  LIST_FAILED " override=mailing_list:dev.lists.example" },
		{ LIST_PASS LIST_DKIM("lists.example", "from:list-id")
		  LIST_DKIM("evil.example", "from")
		  LIST_DKIM("lists.example", "From:List-Id") LIST_ID,
		  LIST_FAILED " override=mailing_list:dev.lists.example" },
		{ LIST_PASS LIST_DKIM("lists.example", "from") LIST_ID,
		  LIST_FAILED },
		{ LIST_PASS LIST_ID, LIST_FAILED },
		{ LIST_PASS LIST_DKIM("evil.example", "from:list-id") LIST_ID,
		  LIST_FAILED },
		/* which of them verified? */
		{ LIST_PASS LIST_DKIM("lists.example", "from:list-id")
		  LIST_DKIM("lists.example", "from") LIST_ID, LIST_FAILED },
		{ LIST_PASS LIST_DKIM("lists.example", "from")
		  LIST_DKIM("lists.example", "from:list-id") LIST_ID,
		  LIST_FAILED },
		{ LIST_PASS "DKIM-Signature: v=1; a=rsa-sha1; d=lists.example;"
		  " s=s; h=from; bh=AAAA; b=AAAA\n"
		  LIST_DKIM("lists.example", "from:list-id") LIST_ID,
		  LIST_FAILED },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;

	test_begin("upstream results: trusted list");
	test_settings(pool, &set);
	set.overrides.trusted_lists = lists;
	set.overrides.arc_trusted_sealers = nobody;
	RUN(&set, "bob@plain.example", tests);
	pool_unref(&pool);
	test_end();
}

static void test_upstream_limits(void)
{
	struct upstream_test test;
	pool_t pool = pool_alloconly_create("test", 1024);
	struct evaluation_settings set;

	test_begin("upstream results: limits");
	test_settings(pool, &set);
	test.header = t_strconcat(
		t_repeat(AR "a.example; none\n",
			   AUTHRES_MAX_UPSTREAM_FIELDS - 1),
		AR "mx.example.fr; " PASS STRANGER, NULL);
	test.expected = "dmarc=pass" MX " spf=pass" MX " dkim=pass" MX
		" arc=none mailfrom-pass no-dns";
	run_tests(&set, "bob@bank.example", &test, 1);
	test.header = t_strconcat(AR "a.example; none\n", test.header, NULL);
	test.expected = OWN_FAIL
		" {there are too many Authentication-Results fields}";
	run_tests(&set, "bob@bank.example", &test, 1);

	test.header = t_strconcat(AR "mx.example.fr; dmarc=pass"
		" header.from=bank.example", t_repeat("\n (x)",
			AUTHRES_MAX_UPSTREAM_FIELD_BYTES / 5),
		"\n" STRANGER, NULL);
	test.expected = OWN_FAIL " {a field is too long}";
	run_tests(&set, "bob@bank.example", &test, 1);

	test.header = t_strconcat(AR "mx.example.fr", t_repeat(
		";\n dkim=pass header.d=bank.example",
		AUTHRES_MAX_DKIM_SIGNATURES), "\n" STRANGER, NULL);
	test.expected = "dmarc=pass spf=fail spf=none dkim=pass" MX;
	T_BEGIN {
		const char *summary = t_evaluate(&set, "bob@bank.example",
			t_strconcat(test.header, BANK "\nHi\n", NULL));
		test_assert(strncmp(summary, test.expected,
				    strlen(test.expected)) == 0);
	} T_END;
	test.header = t_strconcat(AR "mx.example.fr", t_repeat(
		";\n dkim=pass header.d=bank.example",
		AUTHRES_MAX_DKIM_SIGNATURES + 1), "\n" STRANGER, NULL);
	test.expected = OWN_FAIL " {dkim has too many entries}";
	run_tests(&set, "bob@bank.example", &test, 1);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_upstream_formats,
		test_upstream_policy,
		test_upstream_unusable,
		test_upstream_envelope,
		test_upstream_positions,
		test_upstream_settings,
		test_upstream_list,
		test_upstream_limits,
		NULL
	};
	return test_run(test_functions);
}
