/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "published-policy.h"
#include "test-text.h"

static void test_text(void)
{
	static const char *const texts[] = {
		"method=psl;p=none;adkim=r;aspf=r;t=n;pct=100;psd=u",
		"method=treewalk;p=quarantine;sp=reject;np=none;adkim=s;aspf=r;"
		"t=y;pct=100;fo=1:d:s;psd=n;rua=mailto:a@example.org!10m,"
		"https://example.org/r;ruf=mailto:f@example.org",
		"method=psl;p=reject;adkim=r;aspf=s;t=n;pct=7;fo=0;psd=y;"
		"defect=sp= is not none, quarantine or reject;"
		"rua=mailto:b%2Cc@example.org",
	};
	struct published_policy policy;

	test_begin("published policy: text (RFC 9990 3.1.1.5)");
	for (unsigned int i = 0; i < N_ELEMENTS(texts); i++) {
		test_assert_idx(published_policy_parse(
			pool_datastack_create(), texts[i], &policy) == 0, i);
		test_assert_idx(strcmp(t_published_policy_text(&policy),
				       texts[i]) == 0, i);
	}
	test_assert(!policy.tree_walk);
	test_assert(policy.policy == DMARC_POLICY_REJECT);
	test_assert(!policy.has_subdomain_policy && policy.strict_spf);
	test_assert(policy.percent == 7 && policy.psd == 'y');
	test_assert_strcmp(policy.rua, "mailto:b%2Cc@example.org");
	test_assert(policy.ruf == NULL);
	test_end();
}

static void test_refused(void)
{
#define REST ";adkim=r;aspf=r;t=n;pct=100;psd=u"
	const char *const texts[] = {
		"",
		"p",
		"method=psl",
		"method=PSL;p=none" REST,
		"method=walk;p=none" REST,
		"method=psl;p=no" REST,
		"p=none;method=psl" REST,
		"method=psl;p=none;p=none" REST,
		"method=psl;p=none" REST ";",
		"method=psl;p=none" REST ";x=y",
		"method=psl;p=none" REST ";rua=",
		"method=psl;p=none" REST ";rua=mailto:a@x ,b",
		"method=psl;p=none" REST ";rua=mailto:\xc3\xa4@x",
		"method=psl;p=none" REST ";ruf=a\nb",
		"method=psl;p=none" REST ";defect=",
		"method=psl;p=none" REST ";defect=\x01",
		"method=psl;p=none;adkim=x;aspf=r;t=n;pct=100;psd=u",
		"method=psl;p=none;adkim=r;aspf=r;t=n;pct=101;psd=u",
		"method=psl;p=none;adkim=r;aspf=r;t=n;pct=007;psd=u",
		"method=psl;p=none;adkim=r;aspf=r;t=n;pct=100;psd=x",
		"method=psl;p=none;adkim=r;aspf=r;t=n;pct=100;fo=x;psd=u",
		t_strconcat("method=psl;p=none" REST ";rua=",
			    t_repeat("a", AUTHRES_MAX_REPORT_URIS_BYTES + 1),
			    NULL),
		t_repeat("a", AUTHRES_MAX_PUBLISHED_POLICY_BYTES + 1),
	};
	struct published_policy policy;

	test_begin("published policy: refused text");
	for (unsigned int i = 0; i < N_ELEMENTS(texts); i++) {
		test_assert_idx(published_policy_parse(
			pool_datastack_create(), texts[i], &policy) < 0, i);
	}
	test_end();
}

static void test_values(void)
{
	static const struct {
		const char *value, *uris;
	} uris[] = {
		{ "mailto:a@x.example", "mailto:a@x.example" },
		{ " mailto:a@x.example!10m , mailto:b@x.example",
		  "mailto:a@x.example!10m,mailto:b@x.example" },
		{ "mailto:a b@x.example,mailto:c@x.example",
		  "mailto:c@x.example" },
		{ "mailto:\xc3\xa4@x.example", NULL },
		{ "mailto:a\r\nb@x.example", NULL },
		{ "", NULL },
		{ ",,", NULL },
	};
	static const struct {
		const char *value, *fo;
	} fos[] = {
		{ "0", "0" }, { "1:d : S", "1:d:s" }, { "0:1", "0:1" },
		{ "x", NULL }, { "", NULL }, { "1:", NULL },
		{ "0:0:0:0:0", NULL }, { "1;d", NULL },
	};
	const char *uri, *long_uri;

	test_begin("published policy: values of tags (RFC 9989 4.7)");
	for (unsigned int i = 0; i < N_ELEMENTS(uris); i++) {
		test_assert_idx(null_strcmp(t_published_uris(uris[i].value),
					    uris[i].uris) == 0, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(fos); i++) {
		test_assert_idx(null_strcmp(t_published_fo(fos[i].value),
					    fos[i].fo) == 0, i);
	}
	/* whole ones or none: a shorter one names somebody else */
	long_uri = t_strconcat("mailto:", t_repeat(
		"a", AUTHRES_MAX_REPORT_URIS_BYTES - 20), "@x", NULL);
	uri = t_published_uris(t_strconcat(long_uri, ",mailto:b@example.org",
					   NULL));
	test_assert_strcmp(uri, long_uri);
	test_end();
}

static void test_config(void)
{
	static const struct {
		const char *text;
		bool same;
	} others[] = {
		{ "method=psl;p=none;adkim=r;aspf=r;t=n;pct=100;psd=u;"
		  "rua=mailto:a@b.example", TRUE },
		{ "method=psl;p=none;adkim=r;aspf=r;t=n;pct=100;psd=n", TRUE },
		{ "method=treewalk;p=none;adkim=r;aspf=r;t=n;pct=100;psd=u",
		  FALSE },
		{ "method=psl;p=reject;adkim=r;aspf=r;t=n;pct=100;psd=u",
		  FALSE },
		{ "method=psl;p=none;sp=none;adkim=r;aspf=r;t=n;pct=100;psd=u",
		  FALSE },
		{ "method=psl;p=none;np=none;adkim=r;aspf=r;t=n;pct=100;psd=u",
		  FALSE },
		{ "method=psl;p=none;adkim=s;aspf=r;t=n;pct=100;psd=u", FALSE },
		{ "method=psl;p=none;adkim=r;aspf=s;t=n;pct=100;psd=u", FALSE },
		{ "method=psl;p=none;adkim=r;aspf=r;t=y;pct=100;psd=u", FALSE },
		{ "method=psl;p=none;adkim=r;aspf=r;t=n;pct=50;psd=u", FALSE },
		{ "method=psl;p=none;adkim=r;aspf=r;t=n;pct=100;fo=1;psd=u",
		  FALSE },
	};
	struct published_policy policy, other;
	const char *config;

	test_begin("published policy: configuration (RFC 9990 3.1)");
	published_policy_init(&policy);
	config = t_published_policy_config(&policy);
	test_assert(strlen(config) == 16);
	for (unsigned int i = 0; i < N_ELEMENTS(others); i++) {
		test_assert_idx(published_policy_parse(pool_datastack_create(),
			others[i].text, &other) == 0, i);
		test_assert_idx((strcmp(t_published_policy_config(&other),
					config) == 0) == others[i].same, i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_text,
		test_refused,
		test_values,
		test_config,
		NULL
	};
	return test_run(test_functions);
}
