/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "ioloop.h"
#include "net.h"
#include "time-util.h"
#include "test-site.h"
#include "test-common.h"
#include "test-file.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "resolver.h"
#include "evaluation.h"
#include "trusted-hosts.h"

/* A resolver that answers from a zone after delay_msecs, or never. */
struct slow_resolver {
	struct resolver resolver;
	struct resolver *zone;
	unsigned int delay_msecs;
	bool silent;
	/* only names with this in them are silent */
	const char *silent_name;
	unsigned int questions;
};

struct slow_request {
	struct slow_resolver *resolver;
	char *name;
	enum dns_type type;
	struct timeout *to;
	resolver_callback_t *callback;
	void *context;
};

static void slow_request_free(struct slow_request *request)
{
	timeout_remove(&request->to);
	i_free(request->name);
	i_free(request);
}

static void slow_request_answer(struct slow_request *request)
{
	struct resolver_question question;
	struct resolver_request *zone_request;

	i_zero(&question);
	question.name = request->name;
	question.type = request->type;
	zone_request = resolver_ask(request->resolver->zone, &question,
				    request->callback, request->context);
	i_assert(zone_request == NULL);
	slow_request_free(request);
}

static struct resolver_request *
slow_ask(struct resolver *_resolver, const struct resolver_question *question,
	 resolver_callback_t *callback, void *context)
{
	struct slow_resolver *resolver = (struct slow_resolver *)_resolver;
	struct slow_request *request;

	resolver->questions++;
	request = i_new(struct slow_request, 1);
	request->resolver = resolver;
	request->name = i_strdup(question->name);
	request->type = question->type;
	request->callback = callback;
	request->context = context;
	if (!resolver->silent &&
	    (resolver->silent_name == NULL ||
	     strstr(question->name, resolver->silent_name) == NULL)) {
		request->to = timeout_add_short(resolver->delay_msecs,
						slow_request_answer, request);
	}
	return (struct resolver_request *)request;
}

static void slow_cancel(struct resolver_request *request)
{
	slow_request_free((struct slow_request *)request);
}

static void slow_deinit(struct resolver *resolver ATTR_UNUSED)
{
}

static const struct resolver_vfuncs slow_vfuncs = {
	.deinit = slow_deinit, .ask = slow_ask, .cancel = slow_cancel
};

static const char test_zone[] =
"$TTL 300\n"
"author.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
"_dmarc.author.example. TXT \"v=DMARC1; p=quarantine\"\n"
"soft.example. TXT \"v=spf1 ~all\"\n"
"_dmarc.soft.example. TXT \"v=DMARC1; p=reject\"\n"
"open.example. TXT \"v=spf1 -all\"\n"
"_dmarc.open.example. TXT \"v=DMARC1; p=none\"\n"
"plain.example. A 192.0.2.80\n"
"testing.example. A 192.0.2.80\n"
"_dmarc.testing.example. TXT \"v=DMARC1; p=quarantine; t=y\"\n"
"broken.example. SERVFAIL\n"
"_dmarc.broken.example. TXT \"v=DMARC1; p=reject\"\n"
"_dmarc.nowhere.example. SERVFAIL\n"
"chain.example. TXT \"v=spf1 include:a.chain.example -all\"\n"
"a.chain.example. TXT \"v=spf1 include:b.chain.example -all\"\n"
"b.chain.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
"_dmarc.chain.example. TXT \"v=DMARC1; p=reject\"\n"
"ptr.example. TXT \"v=spf1 ptr include:chain.example -all\"\n"
"_dmarc.ptr.example. TXT \"v=DMARC1; p=reject\"\n";

#define LONG_NAME \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define RECEIVED_FROM(ip) \
	"Received: from helo.example (rdns.example [" ip "])\n" \
	"\tby mx.example.fr (Postfix) with ESMTPS id 4XyZ1t0Qz6z9sT\n" \
	"\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:00 +0100 (CET)\n"

static const struct evaluation_case {
	const char *name;
	/* NULL = unknown */
	const char *mail_from;
	const char *message;
	/* method=result of all entries, then policy, and flags */
	const char *expected;
} evaluation_cases[] = {
	{ "aligned SPF pass", "bob@author.example",
	  RECEIVED_FROM("192.0.2.1")
	  "From: bob@author.example\n\nHi\n",
	  "dmarc=pass spf=pass spf=none dkim=none arc=none mailfrom-pass" },
	{ "spoof under quarantine, SPF fail: phishing", "bob@author.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: bob@author.example\n\nHi\n",
	  "dmarc=fail spf=fail spf=none dkim=none arc=none p=quarantine phishing" },
	{ "unaligned SPF pass does not help", "eve@author.example",
	  RECEIVED_FROM("192.0.2.1")
	  "From: ceo@soft.example\n\nHi\n",
	  "dmarc=fail spf=pass spf=none dkim=none arc=none p=reject mailfrom-pass" },
	{ "softfail is no phishing", "ceo@soft.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: ceo@soft.example\n\nHi\n",
	  "dmarc=fail spf=softfail spf=none dkim=none arc=none p=reject" },
	{ "p=none", "x@open.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: x@open.example\n\nHi\n",
	  "dmarc=fail spf=fail spf=none dkim=none arc=none p=none phishing" },
	{ "no record at all", "x@plain.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: x@plain.example\n\nHi\n",
	  "dmarc=none spf=none spf=none dkim=none arc=none" },
	{ "t=y lowers quarantine to none", "x@testing.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: x@testing.example\n\nHi\n",
	  "dmarc=fail spf=none spf=none dkim=none arc=none p=none" },
	{ "SPF temperror could have been a pass", "x@broken.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: x@broken.example\n\nHi\n",
	  "dmarc=temperror spf=temperror spf=none dkim=none arc=none temperror" },
	{ "policy lookup fails", "x@plain.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: x@nowhere.example\n\nHi\n",
	  "dmarc=temperror spf=none spf=none dkim=none arc=none temperror" },
	{ "no trustworthy client: SPF not evaluated, no policy",
	  "bob@author.example",
	  "Received: from helo.example (rdns.example [192.0.2.1])\n"
	  "\tby mx.stranger.example (Postfix) with ESMTPS id 4XyZ1t0Qz6z9sT\n"
	  "\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:00 +0100 (CET)\n"
	  "From: bob@author.example\n\nHi\n",
	  "dmarc=temperror dkim=none arc=none temperror" },
	{ "the client's own names have hidden its address: policy applies",
	  "bob@author.example",
	  "Received: from helo.example (" LONG_NAME "@" LONG_NAME " [192.0)\n"
	  "\tby mx.example.fr (8.17.1.9/8.17.1.9) with ESMTP id 1;\n"
	  "\tSun, 22 Nov 2026 10:00:00 +0100\n"
	  "From: bob@author.example\n\nHi\n",
	  "dmarc=fail dkim=none arc=none p=quarantine" },
	{ "authenticated submission", "bob@author.example",
	  "Received: from laptop (x.example [198.51.100.9])\n"
	  "\t(Authenticated sender: bob)\n"
	  "\tby mx.example.fr (Postfix) with ESMTPSA id 1B2C3D4E5F;\n"
	  "\tSun, 22 Nov 2026 10:00:02 +0100 (CET)\n"
	  "From: bob@author.example\n\nHi\n",
	  "auth=pass authenticated" },
	{ "From names two domains in doubt", "bob@author.example",
	  RECEIVED_FROM("192.0.2.66")
	  "From: bob@plain.example <ceo@soft.example> <x@author.example>\n\nHi\n",
	  "dmarc=permerror dmarc=fail dmarc=fail dmarc=none spf=fail spf=none dkim=none arc=none bad-author enforced phishing" },
	{ "no From", "bob@author.example",
	  RECEIVED_FROM("192.0.2.1") "Subject: x\n\nHi\n",
	  "dmarc=permerror spf=pass spf=none dkim=none arc=none bad-author mailfrom-pass" },
	{ "nobody added a Received field", "bob@author.example",
	  "From: bob@author.example\n\nHi\n",
	  "dmarc=temperror dkim=none arc=none temperror" },
	{ "empty message", "bob@author.example", "",
	  "dmarc=permerror dkim=none arc=none bad-author" },
	{ "envelope sender unknown", NULL,
	  RECEIVED_FROM("192.0.2.1")
	  "From: bob@author.example\n\nHi\n",
	  "dmarc=temperror spf=none dkim=none arc=none temperror" },
	{ "includes are followed in waves", "bob@chain.example",
	  RECEIVED_FROM("192.0.2.1")
	  "From: bob@chain.example\n\nHi\n",
	  "dmarc=pass spf=pass spf=none dkim=none arc=none mailfrom-pass" },
};

static const char *t_verdict_summary(const struct verdict *verdict)
{
	string_t *str = t_str_new(128);
	const struct check_result *result;

	array_foreach(&verdict->results, result) {
		str_printfa(str, "%s=%s ", check_method_name(result->method),
			    check_result_word_name(result->result));
	}
	if (verdict->dmarc == CHECK_RESULT_FAIL)
		str_printfa(str, "p=%s ", dmarc_policy_name(verdict->policy));
	if (verdict->temperror)
		str_append(str, "temperror ");
	if (verdict->unjudged)
		str_append(str, "unjudged ");
	if (verdict->origin != MAIL_ORIGIN_EXTERNAL)
		str_printfa(str, "%s ", mail_origin_name(verdict->origin));
	if (verdict->bad_author)
		str_append(str, "bad-author ");
	if (verdict->bad_author_enforced)
		str_append(str, "enforced ");
	if (verdict->mail_from_spf_pass)
		str_append(str, "mailfrom-pass ");
	if (verdict->phishing)
		str_append(str, "phishing ");
	if (str_len(str) > 0)
		str_truncate(str, str_len(str) - 1);
	return str_c(str);
}

struct evaluation_run {
	struct ioloop *ioloop;
	string_t *summary;
	unsigned int waves, questions;
	/* of the first entry, and of the first signature; data stack */
	const char *comment, *dkim_reason;
	bool called;
};

static void run_callback(const struct verdict *verdict, void *context)
{
	struct evaluation_run *run = context;
	const struct check_result *first, *dkim;

	test_assert(!run->called);
	run->called = TRUE;
	str_append(run->summary, t_verdict_summary(verdict));
	run->waves = verdict->dns_waves;
	run->questions = verdict->dns_questions;
	first = verdict_find(verdict, CHECK_METHOD_DMARC);
	run->comment = first == NULL ? NULL : t_strdup(first->comment);
	dkim = verdict_find(verdict, CHECK_METHOD_DKIM);
	run->dkim_reason = dkim == NULL ? NULL : t_strdup(dkim->reason);
	io_loop_stop(run->ioloop);
}

/* chunk_size 0 = all at once */
static void
evaluate(struct resolver *resolver, const struct evaluation_case *test,
	 bool second_engines, size_t chunk_size, unsigned int timeout_msecs,
	 struct evaluation_run *run_r)
{
	struct evaluation_settings set;
	struct verify_request request;
	struct evaluation *evaluation;
	const unsigned char *data = (const unsigned char *)test->message;
	size_t size = strlen(test->message), n;
	pool_t pool = pool_alloconly_create("test", 1024);

	test_site_settings(pool, &set);
	if (second_engines) {
		set.spf_engine = SPF_ENGINE_LIBSPF2;
		set.dkim_engine = DKIM_ENGINE_LIBOPENDKIM;
	}
	i_zero(&request);
	request.protocol = VERIFY_PROTOCOL_LDA;
	request.mail_from = test->mail_from;
	request.received_time = 1790000000;
	request.timeout_msecs = timeout_msecs;

	i_zero(run_r);
	run_r->summary = t_str_new(4096);
	run_r->ioloop = io_loop_create();
	evaluation = evaluation_init(&set, &request, resolver, run_callback,
				     run_r);
	for (; size > 0; data += n, size -= n) {
		n = chunk_size == 0 ? size : I_MIN(size, chunk_size);
		evaluation_more(evaluation, data, n);
	}
	evaluation_finish(evaluation);
	test_assert(!run_r->called);
	io_loop_run(run_r->ioloop);
	test_assert(run_r->called);
	evaluation_deinit(&evaluation);
	test_assert(evaluation == NULL);
	io_loop_destroy(&run_r->ioloop);
	pool_unref(&pool);
}

static void test_evaluation(void)
{
	static const size_t chunk_sizes[] = { 0, 1, 7 };
	struct resolver *zone = test_site_resolver(test_zone);
	struct evaluation_run run;
	unsigned int i, j;

	test_begin("evaluation");
	for (i = 0; i < N_ELEMENTS(evaluation_cases); i++) {
		for (j = 0; j < N_ELEMENTS(chunk_sizes); j++) T_BEGIN {
			evaluate(zone, &evaluation_cases[i], FALSE,
				 chunk_sizes[j], 5000, &run);
			test_assert_strcmp_idx(str_c(run.summary),
					       evaluation_cases[i].expected, i);
		} T_END;
	}
	resolver_deinit(&zone);
	test_end();
}

static void test_evaluation_second_engines(void)
{
	struct resolver *zone = test_site_resolver(test_zone);
	struct evaluation_run run;
	unsigned int i;

	test_begin("evaluation with second engines");
	for (i = 0; i < N_ELEMENTS(evaluation_cases); i++) T_BEGIN {
		evaluate(zone, &evaluation_cases[i], TRUE, 0, 5000, &run);
		test_assert_strcmp_idx(str_c(run.summary),
				       evaluation_cases[i].expected, i);
	} T_END;
	resolver_deinit(&zone);
	test_end();
}

static void test_evaluation_waves(void)
{
	static const struct {
		const char *mail_from, *from;
		unsigned int max_waves;
		const char *fields;
	} tests[] = {
		/* everything is known once the header is in */
		{ "bob@author.example", "bob@author.example", 1, "" },
		{ "bob@author.example", "ceo@soft.example", 1,
		  "List-Id: <a.b.c.author.example>\n" },
		{ "x@plain.example", "a@b.c.d.e.f.g.h.i.plain.example", 1, "" },
		/* two includes deep */
		{ "bob@chain.example", "bob@chain.example", 3, "" },
	};
	struct slow_resolver slow = {
		.resolver = { .v = slow_vfuncs },
		.zone = test_site_resolver(test_zone), .delay_msecs = 50
	};
	struct evaluation_case test;
	struct evaluation_run run;
	unsigned int i;

	test_begin("evaluation waits for the longest chain only");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		i_zero(&test);
		test.mail_from = tests[i].mail_from;
		test.message = t_strconcat(RECEIVED_FROM("192.0.2.1"),
					   tests[i].fields, "From: ",
					   tests[i].from, "\n\nHi\n", NULL);
		evaluate(&slow.resolver, &test, FALSE, 0, 5000, &run);
		test_assert_idx(run.waves <= tests[i].max_waves, i);
		test_assert_idx(run.questions >= 3, i);
	} T_END;
	resolver_deinit(&slow.zone);
	test_end();
}

static void test_evaluation_deadline(void)
{
	struct slow_resolver silent = {
		.resolver = { .v = slow_vfuncs }, .silent = TRUE
	};
	struct evaluation_run run;
	struct timeval start, end;
	int msecs;

	test_begin("evaluation answers before the deadline");
	i_gettimeofday(&start);
	evaluate(&silent.resolver, &evaluation_cases[0], FALSE, 0, 2000,
		 &run);
	i_gettimeofday(&end);
	msecs = timeval_diff_msecs(&end, &start);
	test_assert(msecs >= 1700 && msecs < 2000);
	test_assert_strcmp(str_c(run.summary),
			   "dmarc=temperror spf=temperror spf=temperror dkim=none arc=none temperror");
	test_end();
}

#define SIGNATURE(domain) \
	"DKIM-Signature: v=1; a=rsa-sha256; s=s; h=from; d=" domain ";\n" \
	" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\n"

static void test_evaluation_slow_stranger(void)
{
	static const struct {
		const char *silent_name, *fields, *mail_from, *from, *expected;
	} tests[] = {
		{ "stranger", SIGNATURE("stranger.example"),
		  "x@chain.example", "x@chain.example",
		  "dmarc=fail spf=fail spf=none dkim=temperror arc=none p=reject phishing" },
		{ "stranger", SIGNATURE("a.b.c.d.e.f.g.stranger.example"),
		  "x@chain.example", "x@chain.example",
		  "dmarc=fail spf=fail spf=none dkim=temperror arc=none p=reject phishing" },
		{ "in-addr.arpa", "", "x@ptr.example", "x@ptr.example",
		  "dmarc=fail spf=fail spf=none dkim=none arc=none p=reject phishing" },
		{ "stranger", "", "x@stranger.example", "x@chain.example",
		  "dmarc=fail spf=temperror spf=none dkim=none arc=none p=reject" },
	};
	struct slow_resolver slow = {
		.resolver = { .v = slow_vfuncs },
		.zone = test_site_resolver(test_zone), .delay_msecs = 20
	};
	struct evaluation_case test;
	struct evaluation_run run;
	unsigned int i;

	test_begin("evaluation: silent names of a stranger do not end a policy");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		i_zero(&test);
		slow.silent_name = tests[i].silent_name;
		test.mail_from = tests[i].mail_from;
		test.message = t_strconcat(RECEIVED_FROM("192.0.2.66"),
					   tests[i].fields, "From: ",
					   tests[i].from, "\n\nHi\n", NULL);
		evaluate(&slow.resolver, &test, FALSE, 0, 2000, &run);
		test_assert_strcmp_idx(str_c(run.summary),
				       tests[i].expected, i);
	} T_END;
	resolver_deinit(&slow.zone);
	test_end();
}

static void append_arc_set(string_t *dest, unsigned int instance)
{
	str_printfa(dest,
		"ARC-Seal: i=%u; a=rsa-sha256; t=1789990000; cv=%s;\n"
		" d=seal%u.example; s=s; b=AAAA\n"
		"ARC-Message-Signature: i=%u; a=rsa-sha256; h=from;\n"
		" d=ams%u.example; s=s;\n"
		" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\n"
		"ARC-Authentication-Results: i=%u; x.example; none\n",
		instance, instance == 1 ? "none" : "pass", instance,
		instance, instance, instance);
}

/* Everything that asks DNS, as often as it may: only names that may align make
   us walk. */
static const char *t_greedy_message(const char *from)
{
	string_t *str = t_str_new(32768);
	unsigned int i;

	str_append(str, RECEIVED_FROM("192.0.2.66"));
	for (i = 50; i > 0; i--)
		append_arc_set(str, i);
	for (i = 0; i < 30; i++) {
		str_printfa(str, SIGNATURE("a%u.b%u.c%u.d%u.e%u.chain.example"),
			    i, i, i, i, i);
	}
	str_printfa(str, "From: %s\n\nHi\n", from);
	return str_c(str);
}

static void test_evaluation_greedy_stranger(void)
{
	struct resolver *zone = test_site_resolver(test_zone);
	struct evaluation_case test;
	struct evaluation_run run;

	test_begin("evaluation: many names of a stranger do not end a policy");
	i_zero(&test);
	test.mail_from = "x@chain.example";
	test.message = t_greedy_message("x@chain.example");
	evaluate(zone, &test, FALSE, 0, 5000, &run);
	test_assert(str_has_prefix(str_c(run.summary), "dmarc=fail spf=fail "));
	test_assert(strstr(str_c(run.summary), " p=reject") != NULL);
	test_assert(strstr(str_c(run.summary), " temperror") == NULL);
	test_assert(run.questions > 100);
	resolver_deinit(&zone);
	test_end();
}

/* SPF as RFC 7208 section 4.6.4 permits it: ten mx of ten hosts each. */
static const char *t_full_zone(void)
{
	string_t *str = t_str_new(16 * 1024);
	unsigned int i, j;

	str_append(str, test_zone);
	str_append(str, "_dmarc.full.example. TXT \"v=DMARC1; p=reject\"\n"
		   "full.example. TXT \"v=spf1");
	for (i = 0; i < AUTHRES_MAX_SPF_TERMS; i++)
		str_printfa(str, " mx:m%u.full.example", i);
	str_append(str, " -all\"\n");
	for (i = 0; i < AUTHRES_MAX_SPF_TERMS; i++) {
		for (j = 0; j < AUTHRES_MAX_SPF_MX_NAMES; j++) {
			bool last = i == AUTHRES_MAX_SPF_TERMS - 1 &&
				j == AUTHRES_MAX_SPF_MX_NAMES - 1;

			str_printfa(str, "m%u.full.example. MX 10 "
				    "h%u-%u.full.example.\n"
				    "h%u-%u.full.example. A %s\n", i, i, j, i,
				    j, last ? "192.0.2.66" : "198.51.100.1");
		}
	}
	return str_c(str);
}

static void test_evaluation_full_author(void)
{
	struct slow_resolver slow = {
		.resolver = { .v = slow_vfuncs }, .delay_msecs = 2
	};
	string_t *message = t_str_new(32768);
	struct evaluation_case test;
	struct evaluation_run run;
	unsigned int i;

	/* with as many names of others as the message can have */
	test_begin("evaluation: an author gets all names that the RFCs permit");
	slow.zone = test_site_resolver(t_full_zone());
	str_append(message, RECEIVED_FROM("192.0.2.66"));
	for (i = 50; i > 0; i--)
		append_arc_set(message, i);
	for (i = 0; i < AUTHRES_MAX_DKIM_SIGNATURES; i++)
		str_printfa(message, SIGNATURE("a.b.c.d%u.full.example"), i);
	str_append(message, "From: x@a.b.c.d.e.f.full.example\n\nHi\n");
	i_zero(&test);
	test.mail_from = "x@full.example";
	test.message = str_c(message);
	evaluate(&slow.resolver, &test, FALSE, 0, 20000, &run);
	test_assert(str_has_prefix(str_c(run.summary), "dmarc=pass spf=pass "));
	/* SPF's record, mx and hosts, the walk, the keys */
	test_assert(run.questions > 1 + 110 + 8 + 20);
	resolver_deinit(&slow.zone);
	test_end();
}

/* Keys that use up what is kept of all answers. */
static const char *t_large_zone(void)
{
	string_t *str = t_str_new(2 * 1024 * 1024);
	unsigned int i, j, count;

	str_append(str, test_zone);
	for (i = 0; i < 20; i++) {
		str_printfa(str, "s._domainkey.large%u.example. TXT", i);
		/* the last ones fill what the first leave */
		count = i < 16 ? 250 : i == 16 ? 150 : i == 17 ? 33 : 1;
		for (j = 0; j < count; j++) {
			str_append(str, " \"");
			for (unsigned int k = 0; k < 250; k++)
				str_append_c(str, 'x');
			str_append_c(str, '"');
		}
		str_append_c(str, '\n');
	}
	return str_c(str);
}

static void test_evaluation_large_stranger(void)
{
	struct resolver *zone;
	struct evaluation_case test;
	struct evaluation_run run;
	string_t *message = t_str_new(8192);
	unsigned int i;

	test_begin("evaluation: large answers of a stranger do not end a policy");
	zone = test_site_resolver(t_large_zone());
	str_append(message, RECEIVED_FROM("192.0.2.66"));
	for (i = 0; i < 20; i++)
		str_printfa(message, SIGNATURE("large%u.example"), i);
	str_append(message, "From: x@chain.example\n\nHi\n");
	i_zero(&test);
	test.mail_from = "x@chain.example";
	test.message = str_c(message);
	evaluate(zone, &test, FALSE, 0, 5000, &run);
	test_assert(str_has_prefix(str_c(run.summary), "dmarc=fail spf=fail "));
	test_assert(strstr(str_c(run.summary), " p=reject") != NULL);
	resolver_deinit(&zone);
	test_end();
}

static void test_evaluation_hidden_from(void)
{
	struct resolver *zone = test_site_resolver(test_zone);
	struct evaluation_case test;
	struct evaluation_run run;
	string_t *message = t_str_new(128 * 1024);
	unsigned int i;

	test_begin("evaluation: From below the limits of a header");
	i_zero(&test);
	test.mail_from = "eve@author.example";
	str_append(message, RECEIVED_FROM("192.0.2.1"));
	str_append(message, SIGNATURE("author.example"));
	for (i = 0; i <= AUTHRES_MAX_HEADER_FIELDS; i++)
		str_append(message, "X: y\n");
	str_append(message, "From: ceo@chain.example\n\nHi\n");
	test.message = str_c(message);
	evaluate(zone, &test, FALSE, 0, 5000, &run);
	test_assert_strcmp(str_c(run.summary),
		"dmarc=permerror dmarc=fail spf=pass spf=none dkim=policy arc=none bad-author enforced mailfrom-pass");

	str_truncate(message, 0);
	str_append(message, RECEIVED_FROM("192.0.2.1"));
	str_append(message, "From: ceo@chain.example\n");
	for (i = 0; i < AUTHRES_MAX_FIELD_BYTES; i += 8)
		str_append(message, "\t(xxxx)\n");
	str_append(message, "\n\nHi\n");
	test.message = str_c(message);
	evaluate(zone, &test, FALSE, 0, 5000, &run);
	test_assert_strcmp(str_c(run.summary),
		"dmarc=permerror dmarc=fail spf=pass spf=none dkim=none arc=none bad-author enforced mailfrom-pass");
	resolver_deinit(&zone);
	test_end();
}

/* What of a message comes: the header alone counts for SPF, From and policy. */
static void test_evaluation_cut(void)
{
	static const struct {
		const char *mail_from, *ip, *header;
		/* of the body, which then goes on or does not come */
		unsigned int body_bytes;
		uint64_t max_bytes;
		const char *expected;
		/* of the first entry, and of the signature */
		const char *comment, *dkim_reason;
	} tests[] = {
		{ "x@open.example", "192.0.2.66", "From: ceo@soft.example\n\n",
		  5000, 2000,
		  "dmarc=fail spf=fail spf=none dkim=none arc=none p=reject",
		  "p=reject, message cut: larger than 2000 bytes", NULL },
		{ "x@open.example", "192.0.2.66", SIGNATURE("soft.example")
		  "From: ceo@soft.example\n\n", 5000, 2000,
		  "dmarc=fail spf=fail spf=none dkim=policy arc=none p=reject",
		  "p=reject, message cut: larger than 2000 bytes",
		  "message cut: larger than 2000 bytes" },
		{ "bob@author.example", "192.0.2.1",
		  "From: bob@author.example\n\n", 5000, 2000,
		  "dmarc=pass spf=pass spf=none dkim=none arc=none mailfrom-pass",
		  "p=quarantine, message cut: larger than 2000 bytes", NULL },
		/* all of it was header */
		{ "x@open.example", "192.0.2.66", "From: ceo@soft.example\n",
		  5000, 2000,
		  "dmarc=fail spf=fail spf=none dkim=none arc=none p=reject",
		  "p=reject, message cut: larger than 2000 bytes", NULL },
		/* too late */
		{ "x@open.example", "192.0.2.66", SIGNATURE("soft.example")
		  "From: ceo@soft.example\n\n", 5000, 0,
		  "dmarc=fail spf=fail spf=none dkim=policy arc=none p=reject",
		  "p=reject, message cut: the rest did not arrive within 450 msecs",
		  "message cut: the rest did not arrive within 450 msecs" },
		/* not even the header: nobody says anything about it */
		{ "x@open.example", "192.0.2.66", "From: ceo@soft.example\n",
		  5000, 0, "dmarc=temperror temperror unjudged", NULL, NULL },
	};
	struct evaluation_settings set;
	struct verify_request request;
	struct evaluation *evaluation;
	struct evaluation_run run;
	struct resolver *resolver = test_site_resolver(test_zone);
	const char *header;
	unsigned int i, j;

	test_begin("evaluation of a message that is cut");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 1024);

		test_site_settings(pool, &set);
		set.max_message_bytes = tests[i].max_bytes;
		i_zero(&request);
		request.protocol = VERIFY_PROTOCOL_LDA;
		request.mail_from = tests[i].mail_from;
		request.received_time = 1790000000;
		request.timeout_msecs = 500;
		i_zero(&run);
		run.summary = t_str_new(512);
		run.ioloop = io_loop_create();
		evaluation = evaluation_init(&set, &request, resolver,
					     run_callback, &run);
		header = t_strconcat("Received: from helo.example (rdns.example"
			" [", tests[i].ip, "])\n\tby mx.example.fr (Postfix) "
			"with ESMTPS id 4XyZ1t0Qz6z9sT;\n"
			"\tSun, 22 Nov 2026 10:00:00 +0100 (CET)\n",
			tests[i].header, NULL);
		evaluation_more(evaluation, (const unsigned char *)header,
				strlen(header));
		for (j = 0; j < tests[i].body_bytes; j += 10) {
			evaluation_more(evaluation,
				(const unsigned char *)"X-Body: y\n", 10);
		}
		io_loop_run(run.ioloop);
		test_assert_idx(run.called, i);
		test_assert_strcmp_idx(str_c(run.summary), tests[i].expected,
				       i);
		test_assert_strcmp_idx(run.comment, tests[i].comment, i);
		test_assert_strcmp_idx(run.dkim_reason, tests[i].dkim_reason,
				       i);
		/* what comes later is nothing to it */
		evaluation_finish(evaluation);
		evaluation_deinit(&evaluation);
		io_loop_destroy(&run.ioloop);
		pool_unref(&pool);
	} T_END;
	resolver_deinit(&resolver);
	test_end();
}

static void never_called(const struct verdict *verdict ATTR_UNUSED,
			 void *context ATTR_UNUSED)
{
	i_unreached();
}

static void test_evaluation_abandoned(void)
{
	struct slow_resolver silent = {
		.resolver = { .v = slow_vfuncs }, .silent = TRUE
	};
	struct evaluation_settings set;
	struct verify_request request;
	struct evaluation *evaluation;
	struct ioloop *ioloop;
	pool_t pool = pool_alloconly_create("test", 1024);
	const char *message = evaluation_cases[0].message;

	test_begin("evaluation abandoned while it waits");
	test_site_settings(pool, &set);
	i_zero(&request);
	request.protocol = VERIFY_PROTOCOL_LDA;
	request.mail_from = "bob@author.example";
	request.timeout_msecs = 5000;
	ioloop = io_loop_create();
	evaluation = evaluation_init(&set, &request, &silent.resolver,
				     never_called, NULL);
	evaluation_more(evaluation, (const unsigned char *)message,
			strlen(message));
	evaluation_finish(evaluation);
	test_assert(silent.questions > 0);
	test_assert(evaluation_memory_bytes(evaluation) > 0);
	evaluation_deinit(&evaluation);
	io_loop_destroy(&ioloop);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_evaluation,
		test_evaluation_second_engines,
		test_evaluation_waves,
		test_evaluation_deadline,
		test_evaluation_slow_stranger,
		test_evaluation_greedy_stranger,
		test_evaluation_full_author,
		test_evaluation_large_stranger,
		test_evaluation_hidden_from,
		test_evaluation_cut,
		test_evaluation_abandoned,
		NULL
	};
	return test_run(test_functions);
}
