/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "author-domain.h"
#include "test-dns-zone.h"
#include "check-dmarc.h"
#include "test-common.h"
#include "test-file.h"

#include <fcntl.h>
#include <unistd.h>

#define TEST_LIST "test-check-dmarc.dat"

enum author_kind { SINGLE, MULTIPLE, BAD };

struct dmarc_test {
	/* author domains, separated by spaces */
	const char *author;
	enum author_kind kind;
	/* "result domain", "helo result domain"; NULL = client unknown */
	const char *spf;
	/* "result domain, result domain" */
	const char *dkim;
	/* outcomes: "result tag=policy @record org=domain ...; ..." */
	const char *expected;
	unsigned int sample;
};

struct dmarc_run {
	pool_t pool;
	const struct dmarc_settings *set;
	struct dmarc_query query;
	bool prefetch;
	ARRAY_TYPE(dmarc_outcome) outcomes;
};

static enum check_result_word test_result_word(const char *name)
{
	enum check_result_word word;

	if (check_result_word_parse(name, &word) < 0)
		i_fatal("bad test result %s", name);
	return word;
}

static const struct author *
test_author(pool_t pool, const struct dmarc_test *test)
{
	struct author *author = p_new(pool, struct author, 1);

	author->domains = (const char *const *)
		p_strsplit_spaces(pool, test->author, " ");
	author->single = test->kind == SINGLE;
	author->multiple = test->kind == MULTIPLE;
	author->reason = test->kind == BAD ? "bad From" : NULL;
	return author;
}

static const struct spf_outcome *test_spf(pool_t pool, const char *spec)
{
	struct spf_outcome *spf = p_new(pool, struct spf_outcome, 1);
	const char *const *words = t_strsplit_spaces(spec, " ");

	if (strcmp(words[0], "helo") == 0) {
		spf->helo_identity = TRUE;
		words++;
	}
	spf->result = test_result_word(words[0]);
	spf->domain = p_strdup(pool, words[1]);
	return spf;
}

static const ARRAY_TYPE(dkim_signature_outcome) *
test_dkim(pool_t pool, const char *spec)
{
	ARRAY_TYPE(dkim_signature_outcome) *dkim =
		p_new(pool, ARRAY_TYPE(dkim_signature_outcome), 1);
	const char *const *specs = t_strsplit_spaces(spec, ",");

	p_array_init(dkim, pool, 4);
	for (; *specs != NULL; specs++) {
		struct dkim_signature_outcome *signature =
			array_append_space(dkim);
		const char *const *words = t_strsplit_spaces(*specs, " ");

		if (strcmp(words[0], "over") == 0) {
			signature->over_limit = TRUE;
			signature->result = CHECK_RESULT_POLICY;
		} else if (strcmp(words[0], "changed") == 0) {
			signature->result = CHECK_RESULT_FAIL;
			signature->body_hash_only_failed = TRUE;
		} else {
			signature->result = test_result_word(words[0]);
		}
		signature->sdid = p_strdup(pool, words[1]);
	}
	return dkim;
}

static void test_dmarc_run(struct dns_session *dns, void *context)
{
	struct dmarc_run *run = context;
	const char *const walk_domains[] = {
		run->query.spf == NULL || run->query.spf->domain == NULL ?
			"unrelated.test" : run->query.spf->domain, NULL
	};

	if (run->prefetch) {
		check_dmarc_prefetch(run->set, run->query.author,
				     walk_domains, dns);
	}
	check_dmarc(run->pool, run->set, &run->query, dns, &run->outcomes);
}

static const char *test_outcome_str(const struct dmarc_outcome *outcome)
{
	string_t *str = t_str_new(128);

	str_append(str, check_result_word_name(outcome->result));
	if (outcome->author_domain != NULL)
		str_printfa(str, " %s", outcome->author_domain);
	if (outcome->policy_domain != NULL) {
		str_printfa(str, " %s=%s @%s", outcome->policy_tag,
			    dmarc_policy_name(outcome->published_policy),
			    outcome->policy_domain);
	}
	if (outcome->own_domain) {
		str_printfa(str, " our-own: %s",
			    dmarc_policy_name(outcome->policy));
	} else if (outcome->policy != outcome->published_policy) {
		str_printfa(str, " %s: %s",
			    override_reason_name(outcome->override_reason),
			    dmarc_policy_name(outcome->policy));
	}
	if (outcome->organizational_domain != NULL)
		str_printfa(str, " org=%s", outcome->organizational_domain);
	if (outcome->spf_aligned)
		str_append(str, " spf");
	if (outcome->dkim_aligned_index >= 0)
		str_printfa(str, " dkim%d", outcome->dkim_aligned_index);
	if (outcome->author_organization_signed)
		str_append(str, " signed");
	if (outcome->may_fail)
		str_append(str, " may-fail");
	if (outcome->author_header_signed)
		str_append(str, " header");
	return str_c(str);
}

static const char *test_outcomes_str(const ARRAY_TYPE(dmarc_outcome) *outcomes)
{
	const struct dmarc_outcome *outcome;
	string_t *str = t_str_new(256);

	array_foreach(outcomes, outcome) {
		if (str_len(str) > 0)
			str_append(str, "; ");
		str_append(str, test_outcome_str(outcome));
		/* what is no plain result says why */
		test_assert(outcome->reason != NULL ||
			    (outcome->result != CHECK_RESULT_TEMPERROR &&
			     outcome->result != CHECK_RESULT_PERMERROR));
	}
	return str_c(str);
}

static void
test_dmarc_tests(const char *name, const struct dmarc_settings *set,
		 const char *zone, const struct dmarc_test *tests,
		 unsigned int count)
{
	unsigned int i, questions, waves;

	test_begin(name);
	for (i = 0; i < 2 * count; i++) T_BEGIN {
		const struct dmarc_test *test = &tests[i / 2];
		struct dmarc_run run;

		i_zero(&run);
		run.pool = pool_alloconly_create("test", 4096);
		run.set = set;
		run.prefetch = i % 2 == 0;
		run.query.author = test_author(run.pool, test);
		if (test->spf != NULL)
			run.query.spf = test_spf(run.pool, test->spf);
		else
			run.query.spf_missing_reason = "client address unknown";
		run.query.dkim = test_dkim(run.pool, test->dkim);
		run.query.sample = test->sample;
		waves = test_dns_zone_run(run.pool, zone, test_dmarc_run,
					  &run, &questions);
		/* everything is known in advance, but d= without prefetch */
		test_assert_idx(waves <= (run.prefetch ? 2U : 3U), i / 2);
		test_assert_strcmp_idx(test_outcomes_str(&run.outcomes),
				       test->expected, i / 2);
		pool_unref(&run.pool);
	} T_END;
	test_end();
}

static const struct dmarc_settings rfc9989 = { .mode = DMARC_MODE_RFC9989 };

#define TESTS(name, zone, tests) \
	test_dmarc_tests(name, &rfc9989, zone, tests, N_ELEMENTS(tests))
#define R(name, text) "_dmarc." name " TXT \"v=DMARC1; " text "\"\n"

/* Section 4.10, appendix B.4 */
static void test_discovery(void)
{
	static const struct dmarc_test tests[] = {
		{ "own.example", SINGLE, "fail x.test", "", "fail own.example p=reject @own.example org=own.example", 0 },
		{ "mail.own.example", SINGLE, "fail x.test", "", "fail mail.own.example sp=quarantine @own.example org=own.example", 0 },
		{ "sub.own.example", SINGLE, "fail x.test", "", "fail sub.own.example p=none @sub.own.example org=own.example", 0 },
		{ "a.sub.own.example", SINGLE, "fail x.test", "", "fail a.sub.own.example sp=quarantine @own.example org=own.example", 0 },
		{ "here.own.example", SINGLE, "fail x.test", "", "fail here.own.example p=quarantine @here.own.example org=here.own.example", 0 },
		{ "a.here.own.example", SINGLE, "fail x.test", "", "fail a.here.own.example p=quarantine @here.own.example org=here.own.example", 0 },
		/* the public suffix's record holds where nobody below has
		   one */
		{ "a.b.suffix", SINGLE, "fail x.test", "", "fail a.b.suffix p=reject @suffix org=b.suffix", 0 },
		{ "c.suffix", SINGLE, "fail x.test", "", "fail c.suffix p=none @c.suffix org=c.suffix", 0 },
		{ "a.c.suffix", SINGLE, "fail x.test", "", "fail a.c.suffix p=none @c.suffix org=c.suffix", 0 },
		{ "suffix", SINGLE, "fail x.test", "", "fail suffix p=reject @suffix org=suffix", 0 },
		/* no record, several records: next name (step 2 and 6) */
		{ "nothing.test", SINGLE, "pass nothing.test", "pass nothing.test", "none nothing.test org=nothing.test", 0 },
		{ "several.test", SINGLE, "fail x.test", "", "none several.test org=several.test", 0 },
		{ "several.own.example", SINGLE, "fail x.test", "", "fail several.own.example sp=quarantine @own.example org=own.example", 0 },
		{ "spf.test", SINGLE, "fail x.test", "", "none spf.test org=spf.test", 0 },
		{ "case.test", SINGLE, "fail x.test", "", "none case.test org=case.test", 0 },
		/* broken p (section 4.10.1) */
		{ "bad.test", SINGLE, "fail x.test", "", "none bad.test org=bad.test", 0 },
		{ "badrua.test", SINGLE, "fail x.test", "", "fail badrua.test p=none @badrua.test org=badrua.test", 0 },
		{ "badsp.test", SINGLE, "fail x.test", "", "none badsp.test org=badsp.test", 0 },
		{ "a.badsp.test", SINGLE, "fail x.test", "", "none a.badsp.test org=badsp.test", 0 },
		/* a TXT record of two strings, one without quotes */
		{ "joined.test", SINGLE, "fail x.test", "", "fail joined.test p=reject @joined.test org=joined.test", 0 },
		{ "alias.test", SINGLE, "fail x.test", "", "fail alias.test p=reject @alias.test org=alias.test", 0 },
	};

	TESTS("discovery",
	      R("own.example.", "p=reject; sp=quarantine")
	      R("sub.own.example.", "p=none")
	      R("here.own.example.", "p=quarantine; psd=n")
	      R("suffix.", "p=reject; psd=y") R("c.suffix.", "p=none")
	      R("several.test.", "p=reject") R("several.test.", "p=none")
	      R("several.own.example.", "p=reject")
	      R("several.own.example.", "p=none")
	      "_dmarc.spf.test. TXT \"v=spf1 -all\"\n"
	      "_dmarc.case.test. TXT \"v=dmarc1; p=reject\"\n"
	      R("bad.test.", "p=rejct")
	      R("badrua.test.", "p=rejct; rua=mailto:a@b.test")
	      R("badsp.test.", "p=reject; sp=x")
	      "_dmarc.joined.test. TXT \"v=DMARC1; p=re\" \"ject\"\n"
	      "_dmarc.alias.test. CNAME _dmarc.own.example.\n", tests);
}

/* Section 4.4: alignment */
static void test_alignment(void)
{
	static const struct dmarc_test tests[] = {
		{ "relaxed.test", SINGLE, "pass relaxed.test", "", "pass relaxed.test p=reject @relaxed.test org=relaxed.test spf", 0 },
		{ "relaxed.test", SINGLE, "pass a.b.relaxed.test", "", "pass relaxed.test p=reject @relaxed.test org=relaxed.test spf", 0 },
		{ "a.relaxed.test", SINGLE, "pass relaxed.test", "", "pass a.relaxed.test p=reject @relaxed.test org=relaxed.test spf", 0 },
		{ "a.relaxed.test", SINGLE, "pass b.relaxed.test", "", "pass a.relaxed.test p=reject @relaxed.test org=relaxed.test spf", 0 },
		{ "relaxed.test", SINGLE, "pass other.test", "", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "relaxed.test", SINGLE, "pass evilrelaxed.test", "", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "relaxed.test", SINGLE, "pass relaxed.test.evil.test", "", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "relaxed.test", SINGLE, "pass test", "", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		/* its own organization below, psd=n */
		{ "relaxed.test", SINGLE, "pass mine.relaxed.test", "", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "relaxed.test", SINGLE, "fail x.test", "pass mail.relaxed.test", "pass relaxed.test p=reject @relaxed.test org=relaxed.test dkim0 signed", 0 },
		{ "relaxed.test", SINGLE, "softfail relaxed.test", "fail relaxed.test, pass x.test, pass relaxed.test, pass relaxed.test", "pass relaxed.test p=reject @relaxed.test org=relaxed.test dkim2 signed", 0 },
		{ "relaxed.test", SINGLE, "pass relaxed.test", "pass relaxed.test", "pass relaxed.test p=reject @relaxed.test org=relaxed.test spf dkim0 signed", 0 },
		/* strict */
		{ "strict.test", SINGLE, "pass strict.test", "", "pass strict.test p=reject @strict.test org=strict.test spf", 0 },
		{ "strict.test", SINGLE, "pass a.strict.test", "pass a.strict.test", "fail strict.test p=reject @strict.test org=strict.test signed", 0 },
		{ "a.strict.test", SINGLE, "pass strict.test", "", "fail a.strict.test p=reject @strict.test org=strict.test", 0 },
		{ "strict.test", SINGLE, "fail x.test", "pass strict.test", "pass strict.test p=reject @strict.test org=strict.test dkim0 signed", 0 },
		{ "sspf.test", SINGLE, "pass a.sspf.test", "pass a.sspf.test", "pass sspf.test p=reject @sspf.test org=sspf.test dkim0 signed", 0 },
		{ "sdkim.test", SINGLE, "pass a.sdkim.test", "pass a.sdkim.test", "pass sdkim.test p=reject @sdkim.test org=sdkim.test spf signed", 0 },
		/* only pass counts */
		{ "relaxed.test", SINGLE, "neutral relaxed.test", "policy relaxed.test, neutral relaxed.test, permerror relaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test signed", 0 },
		{ "relaxed.test", SINGLE, "permerror relaxed.test", "none", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "relaxed.test", SINGLE, "none", "permerror", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "relaxed.test", SINGLE, "fail relaxed.test", "fail a.relaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test signed", 0 },
		{ "relaxed.test", SINGLE, "fail relaxed.test", "over a.relaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test signed", 0 },
		{ "relaxed.test", SINGLE, "fail relaxed.test", "over evil.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		/* the header is the author's, whoever changed the body */
		{ "relaxed.test", SINGLE, "pass x.test", "changed relaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test signed header", 0 },
		{ "relaxed.test", SINGLE, "none", "changed x.test, changed a.relaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test signed header", 0 },
		{ "relaxed.test", SINGLE, "none", "changed x.test, fail relaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test signed", 0 },
		{ "relaxed.test", SINGLE, "none", "changed evilrelaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "relaxed.test", SINGLE, "none", "changed mine.relaxed.test", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "strict.test", SINGLE, "none", "changed strict.test", "fail strict.test p=reject @strict.test org=strict.test signed header", 0 },
		{ "strict.test", SINGLE, "none", "changed a.strict.test", "fail strict.test p=reject @strict.test org=strict.test signed", 0 },
		/* the null reverse-path: postmaster@HELO (section 4.4.2) */
		{ "relaxed.test", SINGLE, "helo pass mx.relaxed.test", "", "pass relaxed.test p=reject @relaxed.test org=relaxed.test spf", 0 },
		{ "relaxed.test", SINGLE, "helo pass mx.other.test", "", "fail relaxed.test p=reject @relaxed.test org=relaxed.test", 0 },
		{ "strict.test", SINGLE, "helo pass mx.strict.test", "", "fail strict.test p=reject @strict.test org=strict.test", 0 },
	};

	TESTS("alignment",
	      R("relaxed.test.", "p=reject") R("mine.relaxed.test.", "p=none; psd=n")
	      R("strict.test.", "p=reject; aspf=s; adkim=s")
	      R("sspf.test.", "p=reject; aspf=s")
	      R("sdkim.test.", "p=reject; adkim=s"), tests);
}

/* Sections 3.2.13 and 4.7: np, sp, t */
static void test_policy(void)
{
	static const struct dmarc_test tests[] = {
		{ "np.test", SINGLE, "fail x.test", "", "fail np.test p=none @np.test org=np.test", 0 },
		{ "exists.np.test", SINGLE, "fail x.test", "", "fail exists.np.test sp=quarantine @np.test org=np.test", 0 },
		{ "missing.np.test", SINGLE, "fail x.test", "", "fail missing.np.test np=reject @np.test org=np.test", 0 },
		{ "a.missing.np.test", SINGLE, "fail x.test", "", "fail a.missing.np.test np=reject @np.test org=np.test", 0 },
		/* RFC 8020: an empty answer means that it exists */
		{ "empty.np.test", SINGLE, "fail x.test", "", "fail empty.np.test sp=quarantine @np.test org=np.test", 0 },
		/* an alias exists, even one into nothing */
		{ "alias.np.test", SINGLE, "fail x.test", "", "fail alias.np.test sp=quarantine @np.test org=np.test", 0 },
		{ "dangling.np.test", SINGLE, "fail x.test", "", "fail dangling.np.test sp=quarantine @np.test org=np.test", 0 },
		{ "broken.np.test", SINGLE, "fail x.test", "", "temperror broken.np.test sp=quarantine @np.test org=np.test may-fail", 0 },
		{ "broken.np.test", SINGLE, "pass np.test", "", "pass broken.np.test sp=quarantine @np.test org=np.test spf", 0 },
		{ "broken.same.test", SINGLE, "fail x.test", "", "fail broken.same.test sp=reject @same.test org=same.test", 0 },
		{ "missing.nosp.test", SINGLE, "fail x.test", "", "fail missing.nosp.test np=reject @nosp.test org=nosp.test", 0 },
		{ "exists.nosp.test", SINGLE, "fail x.test", "", "fail exists.nosp.test p=none @nosp.test org=nosp.test", 0 },
		{ "missing.nonp.test", SINGLE, "fail x.test", "", "fail missing.nonp.test sp=none @nonp.test org=nonp.test", 0 },
		/* its own record: p, whether the name itself exists or not */
		{ "own.np.test", SINGLE, "fail x.test", "", "fail own.np.test p=none @own.np.test org=np.test", 0 },
		/* np of a public suffix */
		{ "missing.suffix", SINGLE, "fail x.test", "", "fail missing.suffix np=reject @suffix org=missing.suffix", 0 },
		{ "there.suffix", SINGLE, "fail x.test", "", "fail there.suffix sp=none @suffix org=there.suffix", 0 },
		/* t=y: one level lower */
		{ "treject.test", SINGLE, "fail x.test", "", "fail treject.test p=reject @treject.test policy_test_mode: quarantine org=treject.test", 0 },
		{ "a.treject.test", SINGLE, "fail x.test", "", "fail a.treject.test sp=quarantine @treject.test policy_test_mode: none org=treject.test", 0 },
		{ "tnone.test", SINGLE, "fail x.test", "", "fail tnone.test p=none @tnone.test org=tnone.test", 0 },
		/* pct is gone */
		{ "pct.test", SINGLE, "fail x.test", "", "fail pct.test p=reject @pct.test org=pct.test", 99 },
	};

	TESTS("policy",
	      R("np.test.", "p=none; sp=quarantine; np=reject")
	      "exists.np.test. A 192.0.2.1\n"
	      "below.empty.np.test. A 192.0.2.1\n"
	      "alias.np.test. CNAME exists.np.test.\n"
	      "dangling.np.test. CNAME nowhere.invalid.\n"
	      "broken.np.test. SERVFAIL\n"
	      R("own.np.test.", "p=none")
	      R("same.test.", "p=none; sp=reject; np=reject")
	      "broken.same.test. SERVFAIL\n"
	      R("nosp.test.", "p=none; np=reject")
	      "exists.nosp.test. MX 10 mx.nosp.test.\n"
	      R("nonp.test.", "p=reject; sp=none")
	      R("suffix.", "p=none; sp=none; np=reject; psd=y")
	      "there.suffix. A 192.0.2.1\n"
	      R("treject.test.", "p=reject; sp=quarantine; t=y")
	      R("tnone.test.", "p=none; t=y")
	      R("pct.test.", "p=reject; pct=0"), tests);
}

/* Section 5.3.6 */
static void test_temperror(void)
{
	static const struct dmarc_test tests[] = {
		/* the policy */
		{ "broken.test", SINGLE, "pass broken.test", "pass broken.test", "temperror broken.test org=broken.test", 0 },
		{ "a.broken.test", SINGLE, "pass a.broken.test", "", "temperror a.broken.test", 0 },
		{ "slow.test", SINGLE, "fail x.test", "", "temperror slow.test org=slow.test", 0 },
		/* the record above holds until the own one is known, but for a
		   pass that may be aligned, and for an unknown client */
		{ "a.good.test", SINGLE, "fail x.test", "", "temperror a.good.test p=reject @good.test may-fail", 0 },
		{ "a.good.test", SINGLE, "temperror a.good.test", "temperror x.good.test", "temperror a.good.test p=reject @good.test signed may-fail", 0 },
		{ "a.good.test", SINGLE, "pass a.good.test", "", "temperror a.good.test p=reject @good.test", 0 },
		{ "a.good.test", SINGLE, "fail x.test", "pass a.good.test", "temperror a.good.test p=reject @good.test signed", 0 },
		{ "a.good.test", SINGLE, NULL, "", "temperror a.good.test p=reject @good.test", 0 },
		/* what is above a record of its own does not decide p... */
		{ "good.badtld", SINGLE, "pass good.badtld", "", "pass good.badtld p=reject @good.badtld spf", 0 },
		{ "good.badtld", SINGLE, "fail x.test", "", "fail good.badtld p=reject @good.badtld", 0 },
		{ "good.badtld", SINGLE, "pass evil.test", "pass evil.test", "fail good.badtld p=reject @good.badtld", 0 },
		/* ...but alignment */
		{ "good.badtld", SINGLE, "pass a.good.badtld", "", "temperror good.badtld p=reject @good.badtld may-fail", 0 },
		{ "good.badtld", SINGLE, "fail x.test", "pass a.good.badtld", "temperror good.badtld p=reject @good.badtld signed may-fail", 0 },
		{ "good.badtld", SINGLE, "pass a.good.badtld", "pass good.badtld", "pass good.badtld p=reject @good.badtld dkim0 signed", 0 },
		{ "strict.badtld", SINGLE, "pass a.strict.badtld", "", "fail strict.badtld p=reject @strict.badtld", 0 },
		/* an aligned pass wins */
		{ "good.test", SINGLE, "temperror good.test", "pass good.test", "pass good.test p=reject @good.test org=good.test dkim0 signed", 0 },
		{ "good.test", SINGLE, "pass good.test", "temperror good.test", "pass good.test p=reject @good.test org=good.test spf signed", 0 },
		{ "good.test", SINGLE, NULL, "pass b.good.test", "pass good.test p=reject @good.test org=good.test dkim0 signed", 0 },
		/* no aligned pass, and one might have been */
		{ "good.test", SINGLE, "temperror good.test", "", "temperror good.test p=reject @good.test org=good.test may-fail", 0 },
		{ "good.test", SINGLE, "temperror b.good.test", "fail good.test", "temperror good.test p=reject @good.test org=good.test signed may-fail", 0 },
		{ "good.test", SINGLE, "helo temperror mx.good.test", "", "temperror good.test p=reject @good.test org=good.test may-fail", 0 },
		{ "good.test", SINGLE, "fail good.test", "temperror b.good.test", "temperror good.test p=reject @good.test org=good.test signed may-fail", 0 },
		{ "good.test", SINGLE, NULL, "", "temperror good.test p=reject @good.test org=good.test", 0 },
		{ "good.test", SINGLE, NULL, "pass evil.test, fail good.test", "temperror good.test p=reject @good.test org=good.test signed", 0 },
		/* what a stranger's DNS fails to say changes nothing */
		{ "good.test", SINGLE, "temperror evil.test", "temperror evil.test", "fail good.test p=reject @good.test org=good.test", 0 },
		{ "good.test", SINGLE, "pass a.b.stranger.test", "pass a.b.stranger.test", "fail good.test p=reject @good.test org=good.test", 0 },
		{ "good.test", SINGLE, "temperror a.stranger.test", "", "fail good.test p=reject @good.test org=good.test", 0 },
		{ "good.test", SINGLE, "temperror", "temperror", "fail good.test p=reject @good.test org=good.test", 0 },
		{ "strict.test", SINGLE, "temperror a.strict.test", "temperror a.strict.test", "fail strict.test p=quarantine @strict.test org=strict.test signed", 0 },
		/* no record: nothing to fail */
		{ "nothing.test", SINGLE, "temperror nothing.test", "", "none nothing.test org=nothing.test", 0 },
		{ "nothing.test", SINGLE, NULL, "", "none nothing.test org=nothing.test", 0 },
		/* a walk ended by psd=y or psd=n is complete */
		{ "a.ended.badtld", SINGLE, "fail x.test", "", "fail a.ended.badtld p=reject @ended.badtld org=ended.badtld", 0 },
	};

	TESTS("temperror",
	      "_dmarc.broken.test. SERVFAIL\n_dmarc.slow.test. TIMEOUT\n"
	      R("good.test.", "p=reject") "_dmarc.a.good.test. SERVFAIL\n"
	      R("good.badtld.", "p=reject") "_dmarc.badtld. SERVFAIL\n"
	      R("strict.badtld.", "p=reject; aspf=s; adkim=s")
	      R("strict.test.", "p=quarantine; aspf=s; adkim=s")
	      "_dmarc.b.stranger.test. SERVFAIL\n_dmarc.stranger.test. SERVFAIL\n"
	      "_dmarc.a.b.stranger.test. SERVFAIL\n_dmarc.a.stranger.test. TIMEOUT\n"
	      R("ended.badtld.", "p=reject; psd=n"), tests);
}

/* Sections 5.3.1 and 11.5 */
static void test_several_authors(void)
{
	static const struct dmarc_test tests[] = {
		{ "none.test reject.test quarantine.test", MULTIPLE, "fail x.test", "",
		  "fail reject.test p=reject @reject.test org=reject.test; "
		  "fail quarantine.test p=quarantine @quarantine.test org=quarantine.test; "
		  "fail none.test p=none @none.test org=none.test", 0 },
		{ "reject.test norecord.test quarantine.test", MULTIPLE, "pass reject.test", "",
		  "fail quarantine.test p=quarantine @quarantine.test org=quarantine.test; "
		  "none norecord.test org=norecord.test; "
		  "pass reject.test p=reject @reject.test org=reject.test spf", 0 },
		{ "reject.test quarantine.test", MULTIPLE, "pass reject.test", "pass quarantine.test",
		  "pass reject.test p=reject @reject.test org=reject.test spf; "
		  "pass quarantine.test p=quarantine @quarantine.test org=quarantine.test dkim0 signed", 0 },
		{ "norecord.test broken.test none.test", MULTIPLE, "fail x.test", "",
		  "fail none.test p=none @none.test org=none.test; "
		  "temperror broken.test org=broken.test; "
		  "none norecord.test org=norecord.test", 0 },
		/* t=y counts in the order */
		{ "test.test quarantine.test reject.test", MULTIPLE, "fail x.test", "",
		  "fail reject.test p=reject @reject.test org=reject.test; "
		  "fail test.test p=reject @test.test policy_test_mode: quarantine org=test.test; "
		  "fail quarantine.test p=quarantine @quarantine.test org=quarantine.test", 0 },
		/* From is not usable: permerror first, then what can be read */
		{ "", BAD, "pass reject.test", "", "permerror", 0 },
		{ "reject.test", BAD, "fail x.test", "",
		  "permerror; fail reject.test p=reject @reject.test org=reject.test", 0 },
		{ "norecord.test none.test reject.test", BAD, "pass none.test", "",
		  "permerror; fail reject.test p=reject @reject.test org=reject.test; "
		  "none norecord.test org=norecord.test; "
		  "pass none.test p=none @none.test org=none.test spf", 0 },
	};

	TESTS("several Author Domains",
	      R("none.test.", "p=none") R("reject.test.", "p=reject")
	      R("quarantine.test.", "p=quarantine")
	      R("test.test.", "p=reject; t=y")
	      "_dmarc.broken.test. SERVFAIL\n", tests);
}

/* authres_own_domains = own.test b.own.test none.test ... !ex.own.test */
static void test_own_domains(void)
{
	static const char *const domains[] = {
		"own.test", "b.own.test", "none.test", "strict.test",
		"reject.test", "testing.test", "broken.test", NULL
	};
	static const char *const exceptions[] = { "ex.own.test", NULL };
	static const struct dmarc_settings set = {
		.own = { domains, exceptions }
	};
	static const struct dmarc_test tests[] = {
		/* no record */
		{ "own.test", SINGLE, "fail x.test", "", "fail own.test our-own: quarantine org=own.test", 0 },
		{ "a.own.test", SINGLE, "pass evil.test", "pass evil.test", "fail a.own.test our-own: quarantine org=a.own.test", 0 },
		{ "own.test", SINGLE, "softfail own.test", "fail own.test", "fail own.test our-own: quarantine org=own.test signed", 0 },
		{ "own.test", SINGLE, "none own.test", "changed a.own.test", "fail own.test our-own: quarantine org=own.test signed header", 0 },
		{ "own.test", SINGLE, "fail x.test", "over own.test", "fail own.test our-own: quarantine org=own.test signed", 0 },
		/* a pass at or below the listed domain: nothing changes */
		{ "own.test", SINGLE, "pass own.test", "", "none own.test org=own.test", 0 },
		{ "own.test", SINGLE, "pass bounce.own.test", "", "none own.test org=own.test", 0 },
		{ "own.test", SINGLE, "helo pass mx.own.test", "", "none own.test org=own.test", 0 },
		{ "a.own.test", SINGLE, "fail x.test", "fail own.test, pass own.test", "none a.own.test org=a.own.test", 0 },
		{ "own.test", SINGLE, "temperror own.test", "pass own.test", "none own.test org=own.test", 0 },
		/* one that is listed by itself is on its own */
		{ "b.own.test", SINGLE, "pass own.test", "pass own.test", "fail b.own.test our-own: quarantine org=b.own.test", 0 },
		{ "own.test", SINGLE, "pass b.own.test", "pass x.b.own.test", "fail own.test our-own: quarantine org=own.test", 0 },
		{ "a.b.own.test", SINGLE, "pass b.own.test", "", "none a.b.own.test org=a.b.own.test", 0 },
		/* names that only look so */
		{ "xown.test", SINGLE, "fail x.test", "", "none xown.test org=xown.test", 0 },
		{ "own.test.evil.test", SINGLE, "fail x.test", "", "none own.test.evil.test org=own.test.evil.test", 0 },
		{ "own.test", SINGLE, "pass xown.test", "pass own.test.evil.test", "fail own.test our-own: quarantine org=own.test", 0 },
		{ "test", SINGLE, "fail x.test", "", "none test org=test", 0 },
		/* not ours, and no proof for what is */
		{ "ex.own.test", SINGLE, "fail x.test", "", "none ex.own.test org=ex.own.test", 0 },
		{ "a.ex.own.test", SINGLE, "fail x.test", "", "none a.ex.own.test org=a.ex.own.test", 0 },
		{ "xex.own.test", SINGLE, "fail x.test", "", "fail xex.own.test our-own: quarantine org=xex.own.test", 0 },
		{ "own.test", SINGLE, "pass ex.own.test", "pass a.ex.own.test", "fail own.test our-own: quarantine org=own.test", 0 },
		/* a record that asks for nothing */
		{ "none.test", SINGLE, "fail x.test", "", "fail none.test p=none @none.test our-own: quarantine org=none.test", 0 },
		{ "a.none.test", SINGLE, "fail x.test", "", "fail a.none.test p=none @none.test our-own: quarantine org=none.test", 0 },
		{ "none.test", SINGLE, "pass a.none.test", "", "pass none.test p=none @none.test org=none.test spf", 0 },
		/* its alignment holds */
		{ "strict.test", SINGLE, "pass a.strict.test", "pass a.strict.test", "fail strict.test p=none @strict.test our-own: quarantine org=strict.test signed", 0 },
		{ "strict.test", SINGLE, "fail x.test", "pass strict.test", "pass strict.test p=none @strict.test org=strict.test dkim0 signed", 0 },
		{ "testing.test", SINGLE, "fail x.test", "", "fail testing.test p=quarantine @testing.test our-own: quarantine org=testing.test", 0 },
		/* what it asks for itself stands */
		{ "reject.test", SINGLE, "fail x.test", "", "fail reject.test p=reject @reject.test org=reject.test", 0 },
		/* DNS does not answer */
		{ "broken.test", SINGLE, "fail x.test", "", "temperror broken.test our-own: quarantine org=broken.test may-fail", 0 },
		{ "broken.test", SINGLE, "pass broken.test", "", "temperror broken.test org=broken.test", 0 },
		{ "own.test", SINGLE, "temperror dead.own.test", "", "temperror own.test our-own: quarantine org=own.test may-fail", 0 },
		{ "own.test", SINGLE, "fail x.test", "temperror own.test", "temperror own.test our-own: quarantine org=own.test signed may-fail", 0 },
		{ "own.test", SINGLE, "temperror dead.evil.test", "temperror dead.evil.test", "fail own.test our-own: quarantine org=own.test", 0 },
		{ "none.test", SINGLE, "temperror a.none.test", "", "temperror none.test p=none @none.test our-own: quarantine org=none.test may-fail", 0 },
		{ "broken.none.test", SINGLE, "fail x.test", "", "temperror broken.none.test p=none @none.test our-own: quarantine may-fail", 0 },
		{ "broken.none.test", SINGLE, "pass broken.none.test", "", "temperror broken.none.test p=none @none.test", 0 },
		/* the client is not known: no policy for that reason alone */
		{ "own.test", SINGLE, NULL, "", "temperror own.test org=own.test", 0 },
		{ "own.test", SINGLE, NULL, "pass own.test", "none own.test org=own.test", 0 },
		{ "none.test", SINGLE, NULL, "", "temperror none.test p=none @none.test org=none.test", 0 },
		{ "broken.test", SINGLE, NULL, "", "temperror broken.test org=broken.test", 0 },
		/* several authors */
		{ "evil.test own.test", MULTIPLE, "pass evil.test", "pass evil.test",
		  "fail own.test our-own: quarantine org=own.test; "
		  "none evil.test org=evil.test", 0 },
		{ "own.test", BAD, "pass evil.test", "",
		  "permerror; fail own.test our-own: quarantine org=own.test", 0 },
	};

	test_dmarc_tests("own domains", &set,
		R("none.test.", "p=none") R("reject.test.", "p=reject")
		R("strict.test.", "p=none; adkim=s; aspf=s")
		R("testing.test.", "p=quarantine; t=y")
		"_dmarc.broken.none.test. SERVFAIL\n"
		"_dmarc.broken.test. SERVFAIL\n", tests, N_ELEMENTS(tests));
}

static void test_write_list(void)
{
	static const char list[] = "com\nco.uk\nuk\ntest\n";
	int fd = open(TEST_LIST, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	test_assert(fd != -1 &&
		    write(fd, list, strlen(list)) == (ssize_t)strlen(list));
	if (fd != -1)
		(void)close(fd);
}

/* RFC 7489 sections 3.2, 6.6.3 and 6.6.4 */
static void test_rfc7489(void)
{
	static const struct dmarc_test tests[] = {
		{ "own.test", SINGLE, "fail x.test", "", "fail own.test p=reject @own.test org=own.test", 0 },
		{ "a.b.own.test", SINGLE, "fail x.test", "", "fail a.b.own.test sp=quarantine @own.test org=own.test", 0 },
		/* only two names are asked */
		{ "a.sub.own.test", SINGLE, "fail x.test", "", "fail a.sub.own.test sp=quarantine @own.test org=own.test", 0 },
		{ "sub.own.test", SINGLE, "fail x.test", "", "fail sub.own.test p=none @sub.own.test org=own.test", 0 },
		{ "a.example.co.uk", SINGLE, "fail x.test", "", "none a.example.co.uk org=example.co.uk", 0 },
		{ "co.uk", SINGLE, "fail x.test", "", "fail co.uk p=reject @co.uk org=co.uk", 0 },
		/* np, psd and t do not exist */
		{ "missing.np.test", SINGLE, "fail x.test", "", "fail missing.np.test p=none @np.test org=np.test", 0 },
		{ "a.psd.test", SINGLE, "fail x.test", "", "fail a.psd.test p=reject @psd.test org=psd.test", 0 },
		/* several records end the discovery */
		{ "several.own.test", SINGLE, "fail x.test", "", "none several.own.test org=own.test", 0 },
		/* alignment by the list */
		{ "a.own.test", SINGLE, "pass b.own.test", "", "pass a.own.test sp=quarantine @own.test org=own.test spf", 0 },
		{ "own.test", SINGLE, "pass other.test", "pass b.own.test", "pass own.test p=reject @own.test org=own.test dkim0 signed", 0 },
		{ "own.test", SINGLE, "pass test", "", "fail own.test p=reject @own.test org=own.test", 0 },
		{ "one.co.uk", SINGLE, "pass two.co.uk", "", "fail one.co.uk p=reject @one.co.uk org=one.co.uk", 0 },
		/* DNS failures */
		{ "broken.test", SINGLE, "pass broken.test", "", "temperror broken.test org=broken.test", 0 },
		{ "broken.own.test", SINGLE, "fail x.test", "", "temperror broken.own.test sp=quarantine @own.test org=own.test may-fail", 0 },
		{ "a.broken.test", SINGLE, "fail x.test", "", "temperror a.broken.test org=broken.test", 0 },
		{ "own.test", SINGLE, "temperror evil.test", "", "fail own.test p=reject @own.test org=own.test", 0 },
		/* pct samples */
		{ "pct.test", SINGLE, "fail x.test", "", "fail pct.test p=reject @pct.test org=pct.test", 29 },
		{ "pct.test", SINGLE, "fail x.test", "", "fail pct.test p=reject @pct.test sampled_out: quarantine org=pct.test", 30 },
		{ "a.pct.test", SINGLE, "fail x.test", "", "fail a.pct.test sp=quarantine @pct.test sampled_out: none org=pct.test", 99 },
		{ "pct0.test", SINGLE, "fail x.test", "", "fail pct0.test p=reject @pct0.test sampled_out: quarantine org=pct0.test", 0 },
		{ "pctnone.test", SINGLE, "fail x.test", "", "fail pctnone.test p=none @pctnone.test org=pctnone.test", 99 },
		{ "own.test", SINGLE, "fail x.test", "", "fail own.test p=reject @own.test org=own.test", 99 },
	};
	struct dmarc_settings set = {
		.mode = DMARC_MODE_RFC7489,
		.psl_file = TEST_LIST,
	};
	const char *error;

	test_write_list();
	test_assert(dmarc_settings_init(&set, &error) == 0);
	test_dmarc_tests("RFC 7489", &set,
		R("own.test.", "p=reject; sp=quarantine")
		R("sub.own.test.", "p=none")
		R("co.uk.", "p=reject") R("one.co.uk.", "p=reject")
		R("np.test.", "p=none; np=reject")
		R("psd.test.", "p=reject; psd=y; t=y")
		R("several.own.test.", "p=none") R("several.own.test.", "p=reject")
		"_dmarc.broken.test. SERVFAIL\n_dmarc.broken.own.test. TIMEOUT\n"
		R("pct.test.", "p=reject; sp=quarantine; pct=30")
		R("pct0.test.", "p=reject; pct=0")
		R("pctnone.test.", "p=none; pct=0"), tests, N_ELEMENTS(tests));
	dmarc_settings_deinit(&set);
	test_assert(set.psl == NULL);
	(void)unlink(TEST_LIST);

	test_begin("RFC 7489 without a list");
	test_assert(dmarc_settings_init(&set, &error) < 0);
	test_assert(strstr(error, TEST_LIST) != NULL);
	set.mode = DMARC_MODE_RFC9989;
	test_assert(dmarc_settings_init(&set, &error) == 0);
	dmarc_settings_deinit(&set);
	test_end();
}

/* An owner whose record does not count should hear why: sections 4.7, 4.8,
   4.10 and 4.10.1. */
static void test_reasons(void)
{
	static const struct {
		const char *domain, *zone, *expected;
	} tests[] = {
		{ "a.test", "", "none" },
		{ "a.test", "_dmarc.a.test. TXT \"v=spf1 -all\"\n", "none" },
		{ "a.test", "_dmarc.a.test. TXT \"anything\"\n", "none" },
		{ "a.test", "_dmarc.a.test. TXT \"\"\n", "none" },
		{ "a.test", R("a.test.", "p=none") R("a.test.", "p=reject"),
		  "none: _dmarc.a.test: several DMARC records" },
		{ "a.test", "_dmarc.a.test. TXT \"v=dmarc1; p=reject\"\n",
		  "none: _dmarc.a.test: v=DMARC1 is misspelt" },
		{ "a.test", "_dmarc.a.test. TXT \"v=DMARC 1; p=reject\"\n",
		  "none: _dmarc.a.test: v=DMARC1 is misspelt" },
		{ "a.test", "_dmarc.a.test. TXT \"v=DMARC1 p=reject\"\n",
		  "none: _dmarc.a.test: v=DMARC1 is misspelt" },
		{ "a.test", "_dmarc.a.test. TXT \" v=DMARC1; p=none\"\n",
		  "none: _dmarc.a.test: v=DMARC1 is misspelt" },
		{ "a.test", "_dmarc.a.test. TXT \"p=reject; v=DMARC1\"\n",
		  "none: _dmarc.a.test: v=DMARC1 does not come first" },
		{ "a.test", "_dmarc.a.test. TXT \"DMARC1; p=reject\"\n",
		  "none: _dmarc.a.test: v= is missing in front of DMARC1" },
		{ "a.test", "_dmarc.a.test. TXT \"p=reject\"\n",
		  "none: _dmarc.a.test: v=DMARC1 is missing" },
		/* the one that counts is used, whatever stands beside it */
		{ "a.test", R("a.test.", "p=reject")
		  "_dmarc.a.test. TXT \"v=dmarc1; p=none\"\n", "fail" },
		{ "a.test", R("a.test.", "p=bad"), "none: _dmarc.a.test: "
		  "p= is not none, quarantine or reject" },
		{ "a.test", R("a.test.", "p=reject; sp=bad"), "none: "
		  "_dmarc.a.test: sp= is not none, quarantine or reject" },
		{ "a.test", R("a.test.", "sp=reject"), "none: _dmarc.a.test: "
		  "p= is missing" },
		{ "b.a.test", "_dmarc.a.test. TXT \"v=dmarc1; p=reject\"\n",
		  "none: _dmarc.a.test: v=DMARC1 is misspelt" },
		{ "b.a.test", R("a.test.", "p=bad"), "none: _dmarc.a.test: "
		  "p= is not none, quarantine or reject" },
		{ "b.a.test", R("b.a.test.", "p=none") R("b.a.test.", "p=none")
		  R("a.test.", "p=reject"), "fail" },
		/* as p=none, since somebody wants reports */
		{ "a.test", R("a.test.", "p=rejct; rua=mailto:x@a.test"),
		  "fail: _dmarc.a.test: p= is not none, quarantine or reject" },
		{ "a.test", R("a.test.", "p=reject; np=x; rua=mailto:x@a.test"),
		  "fail: _dmarc.a.test: np= is not none, quarantine or reject" },
		{ "b.a.test", R("a.test.", "rua=mailto:x@a.test"),
		  "fail: _dmarc.a.test: p= is missing" },
		{ "a.test", R("a.test.", "p=none"), "fail" },
	};
	unsigned int i, questions;

	test_begin("what is wrong with a record");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		const struct dmarc_test test = {
			tests[i].domain, SINGLE, "fail x.test", "", NULL, 0
		};
		const struct dmarc_outcome *outcome;
		struct dmarc_run run;

		i_zero(&run);
		run.pool = pool_alloconly_create("test", 4096);
		run.set = &rfc9989;
		run.query.author = test_author(run.pool, &test);
		run.query.spf = test_spf(run.pool, test.spf);
		run.query.dkim = test_dkim(run.pool, test.dkim);
		(void)test_dns_zone_run(run.pool, tests[i].zone, test_dmarc_run,
					&run, &questions);
		outcome = array_front(&run.outcomes);
		test_assert_strcmp_idx(t_strconcat(
			check_result_word_name(outcome->result),
			outcome->reason == NULL ? NULL : ": ",
			outcome->reason, NULL), tests[i].expected, i);
		pool_unref(&run.pool);
	} T_END;
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_discovery,
		test_alignment,
		test_policy,
		test_reasons,
		test_temperror,
		test_several_authors,
		test_own_domains,
		test_rfc7489,
		NULL
	};
	return test_run(test_functions);
}
