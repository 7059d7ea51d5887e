/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "authres-field.h"

static const char *const our_ids[] = {
	"mx.example.org", "relay.example.org.", NULL
};

struct claim_test {
	const char *value;
	bool claimed;
};

/* our id as it is */
static const struct claim_test plain_tests[] = {
	{ " mx.example.org; dmarc=pass", TRUE },
	{ "mx.example.org; dmarc=pass", TRUE },
	{ "mx.example.org;dmarc=pass", TRUE },
	{ "mx.example.org ; dmarc=pass", TRUE },
	{ " MX.Example.ORG; dmarc=pass", TRUE },
	{ " mx.example.org 1; dmarc=pass", TRUE },
	{ " mx.example.org 2; dmarc=pass", TRUE },
	{ " mx.example.org/1; dmarc=pass", TRUE },
	{ " mx.example.org/job-17; dmarc=pass", TRUE },
	{ " mx.example.org:25; dmarc=pass", TRUE },
	{ " mx.example.org; none", TRUE },
	{ " mx.example.org;", TRUE },
	{ " mx.example.org", TRUE },
	{ " mx.example.org\r\n", TRUE },
	{ " mx.example.org.; dmarc=pass", TRUE },
	{ " mx.example.org..; dmarc=pass", TRUE },
	{ " relay.example.org; dmarc=pass", TRUE },
	{ " relay.example.org.; dmarc=pass", TRUE },
	{ "\tmx.example.org\t;\tdmarc=pass", TRUE },
	/* folding */
	{ "\r\n mx.example.org; dmarc=pass", TRUE },
	{ "\n\tmx.example.org\n\t; dmarc=pass", TRUE },
	{ " \r\n \r\n mx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org\r\n 1\r\n ;\r\n dmarc=pass", TRUE },
	{ " mx.exam\r\n ple.org; dmarc=pass", TRUE },
	{ " mx.\r\n\texample.org; dmarc=pass", TRUE },
	{ "\rmx.example.org\r; dmarc=pass", TRUE },
};

/* comments, RFC 5322 section 3.2.2 */
static const struct claim_test comment_tests[] = {
	{ " (a) mx.example.org; dmarc=pass", TRUE },
	{ " (a)(b) (c)mx.example.org(d); dmarc=pass", TRUE },
	{ " (a (b (c))) mx.example.org; dmarc=pass", TRUE },
	{ " (;) mx.example.org; dmarc=pass", TRUE },
	{ " (\\)) mx.example.org; dmarc=pass", TRUE },
	{ " (\") mx.example.org; dmarc=pass", TRUE },
	{ " (\r\n a\r\n ) mx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org (a) 1 (b); dmarc=pass", TRUE },
	{ " mx.example.org(a;b); dmarc=pass", TRUE },
	{ " mx . example . org; dmarc=pass", TRUE },
	{ " mx(a).(b)example(c).(d)org; dmarc=pass", TRUE },
	{ " mx.exa(a)mple.org; dmarc=pass", TRUE },
	{ " mx.example.org.(a)evil.example; dmarc=pass", TRUE },
	/* unbalanced */
	{ " (a mx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org (a; dmarc=pass", TRUE },
	{ " mx.example.org) ; dmarc=pass", TRUE },
	{ " ) mx.example.org; dmarc=pass", TRUE },
	{ " (a)) mx.example.org; dmarc=pass", TRUE },
	{ " ((a) mx.example.org; dmarc=pass", TRUE },
	{ " (mx.example.org; dmarc=pass", TRUE },
	{ " (a\\) mx.example.org; dmarc=pass", TRUE },
	/* readers disagree about where these end */
	{ " evil.example (a(b) mx.example.org); dmarc=pass", TRUE },
	{ " (a(b) mx.example.org) evil.example; dmarc=pass", TRUE },
	{ " (a\\) mx.example.org (b) evil.example; dmarc=pass", TRUE },
	{ " (\"a)\" mx.example.org) evil.example; dmarc=pass", TRUE },
	{ " mx.(a(b)example.org; dmarc=pass", TRUE },
	/* each of these has one way only to be our id */
	{ " mx.(a(b)\\)c)example.org; dmarc=pass", TRUE },
	{ " mx.(a(b)\\)example.org; dmarc=pass", TRUE },
	{ " mx.(a((\\)b)example.org; dmarc=pass", TRUE },
	{ " mx.(a(b\\)example.org; dmarc=pass", TRUE },
	/* the first name somebody sees who knows no comments */
	{ " (mx.example.org) evil.example; dmarc=pass", TRUE },
	{ " (mx.example.org); dmarc=pass", TRUE },
	/* a remark of somebody else */
	{ " filter.example (mx.example.org); dmarc=pass", FALSE },
	{ " filter.example (for mx.example.org) 1; dmarc=pass", FALSE },
	{ " filter.example (a) (mx.example.org); dmarc=pass", FALSE },
	{ " (a) filter.example; dmarc=pass", FALSE },
	{ " filter.example; dmarc=pass (mx.example.org)", FALSE },
};

/* quoted-strings, RFC 8601 section 2.2 "value" */
static const struct claim_test quote_tests[] = {
	{ " \"mx.example.org\"; dmarc=pass", TRUE },
	{ " \"mx.example.org\" 1; dmarc=pass", TRUE },
	{ "\"mx.example.org\"", TRUE },
	{ " \"mx\\.example\\.org\"; dmarc=pass", TRUE },
	{ " \"\\m\\x.example.org\"; dmarc=pass", TRUE },
	{ " \"mx.example.org \"; dmarc=pass", TRUE },
	{ " \" mx.example.org\"; dmarc=pass", TRUE },
	{ " \"mx.example.org;\"; dmarc=pass", TRUE },
	{ " \"mx.example.org (a)\"; dmarc=pass", TRUE },
	{ " \"mx.\r\n example.org\"; dmarc=pass", TRUE },
	{ " \"mx\".\"example\".\"org\"; dmarc=pass", TRUE },
	{ " mx.\"example\".org; dmarc=pass", TRUE },
	{ " \"\"mx.example.org; dmarc=pass", TRUE },
	{ " 'mx.example.org'; dmarc=pass", TRUE },
	{ " <mx.example.org>; dmarc=pass", TRUE },
	{ " [mx.example.org]; dmarc=pass", TRUE },
	{ " \"mx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org\"; dmarc=pass", TRUE },
	{ " \"mx.example.org\\\"; dmarc=pass", TRUE },
	{ " mx\\.example.org; dmarc=pass", TRUE },
	{ " \"filter.example\"; dmarc=pass", FALSE },
	{ " \"filter;example\"; mx.example.org", FALSE },
	{ " \"\"; dmarc=pass", FALSE },
};

/* no or another authserv-id by the grammar, ours for some reader */
static const struct claim_test junk_tests[] = {
	{ "; mx.example.org; dmarc=pass", TRUE },
	{ " ;;; mx.example.org; dmarc=pass", TRUE },
	{ " (a); mx.example.org; dmarc=pass", TRUE },
	{ " ; mx.example.org (a; dmarc=pass", TRUE },
	{ " evil.example mx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org evil.example; dmarc=pass", TRUE },
	{ " evil.example, mx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org, evil.example; dmarc=pass", TRUE },
	{ " mx.example.org dmarc=pass", TRUE },
	{ " mx.example.org=pass; dmarc=pass", TRUE },
	{ " mx.example.org@evil.example; dmarc=pass", TRUE },
	{ " =mx.example.org; dmarc=pass", TRUE },
	{ " .mx.example.org; dmarc=pass", TRUE },
	{ " -- mx.example.org; dmarc=pass", TRUE },
	{ " : mx.example.org; dmarc=pass", TRUE },
	/* RFC 2047 encoded-words, which many readers decode */
	{ " =?us-ascii?q?mx.example.org?=; dmarc=pass", TRUE },
	{ " =?utf-8?b?bXguZXhhbXBsZS5vcmc=?=; dmarc=pass", TRUE },
	{ " =?utf-8?Q?mx=2Eexample=2Eorg=3B_dmarc=3Dpass?=", TRUE },
	{ " =?utf-8?q?mx.exa?=\r\n =?utf-8?q?mple.org?=; dmarc=pass", TRUE },
	{ " =?utf-16?b?AG0AeAAuAGUAeABhAG0AcABsAGUALgBvAHIAZw==?=; none",
	  TRUE },
	{ " =?utf-8?q?filter.example?=; dmarc=pass", FALSE },
	/* no id at all: not ours to remove */
	{ " spf=pass smtp.mailfrom=mx.example.org; dkim=none", FALSE },
	{ " dmarc=pass header.from=mx.example.org", FALSE },
	{ " dmarc=pass", FALSE },
	{ "", FALSE },
	{ " ", FALSE },
	{ "\r\n", FALSE },
	{ ";", FALSE },
	{ " none", FALSE },
	{ " ; none", FALSE },
	{ "(", FALSE },
	{ "\"", FALSE },
	{ "\\", FALSE },
	{ "=?", FALSE },
};

/* 8-bit, section 2.2 with RFC 6532 */
static const struct claim_test eightbit_tests[] = {
	{ " mx.example.org\xff; dmarc=pass", TRUE },
	{ " \xffmx.example.org; dmarc=pass", TRUE },
	{ " mx.ex\xff" "ample.org; dmarc=pass", TRUE },
	/* no-break space, zero width space, byte order mark */
	{ "\xc2\xa0mx.example.org\xc2\xa0; dmarc=pass", TRUE },
	{ " mx.example\xe2\x80\x8b.org; dmarc=pass", TRUE },
	{ "\xef\xbb\xbfmx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org\xe2\x80\xa8; dmarc=pass", TRUE },
	{ " mx.example.org\001; dmarc=pass", TRUE },
	{ " mx.\001example.org; dmarc=pass", TRUE },
	{ " \x7fmx.example.org; dmarc=pass", TRUE },
	{ " mx.example.org\x0b\x0c; dmarc=pass", TRUE },
	/* look-alikes are other names: Cyrillic e, full width m, dotless i */
	{ " mx.\xd0\xb5xample.org; dmarc=pass", FALSE },
	{ " \xef\xbd\x8dx.example.org; dmarc=pass", FALSE },
	{ " mx\xe3\x80\x82" "example.org; dmarc=pass", FALSE },
	{ " caf\xc3\xa9mx.example.org; dmarc=pass", FALSE },
	{ " xn--mx-example-org; dmarc=pass", FALSE },
};

/* other names */
static const struct claim_test other_tests[] = {
	{ " mx.example.com; dmarc=pass", FALSE },
	{ " mx.example.or; dmarc=pass", FALSE },
	{ " mx.example.orgs; dmarc=pass", FALSE },
	{ " mx.example.org-evil; dmarc=pass", FALSE },
	{ " mx.example.org_evil; dmarc=pass", FALSE },
	{ " mx.example.org.evil.example; dmarc=pass", FALSE },
	{ " amx.example.org; dmarc=pass", FALSE },
	{ " a-mx.example.org; dmarc=pass", FALSE },
	{ " a.mx.example.org; dmarc=pass", FALSE },
	{ " a . mx.example.org.evil; dmarc=pass", FALSE },
	{ " example.org; dmarc=pass", FALSE },
	{ " mx; dmarc=pass", FALSE },
	{ " mx1.example.org; dmarc=pass", FALSE },
	{ " mx-example-org; dmarc=pass", FALSE },
	{ " mxexample.org; dmarc=pass", FALSE },
	{ " filter.example/mx.example.org; dmarc=pass", FALSE },
	{ " filter.example; mx.example.org; dmarc=pass", FALSE },
	{ " filter.example; dmarc=pass header.from=mx.example.org", FALSE },
	{ " filter.example 1; spf=pass smtp.helo=\"mx.example.org\"", FALSE },
	{ " filter.example; dmarc=pass reason=\"mx.example.org\"", FALSE },
	{ " postmaster@mx.example.org; dmarc=pass", FALSE },
};

static void test_claims(const struct claim_test *tests, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		test_assert_idx(authres_field_claims(
			(const unsigned char *)tests[i].value,
			strlen(tests[i].value), our_ids) ==
				tests[i].claimed, i);
	}
}

#define TEST_CLAIMS(name) \
	static void test_authres_field_claims_##name(void) \
	{ \
		test_begin("authres field claims: " #name); \
		test_claims(name##_tests, N_ELEMENTS(name##_tests)); \
		test_end(); \
	}
TEST_CLAIMS(plain)
TEST_CLAIMS(comment)
TEST_CLAIMS(quote)
TEST_CLAIMS(junk)
TEST_CLAIMS(eightbit)
TEST_CLAIMS(other)

static void test_authres_field_claims_nul(void)
{
	static const struct {
		const char *value;
		size_t size;
	} tests[] = {
#define T(str) { str, sizeof(str) - 1 }
		T(" mx.example.org\0; dmarc=pass"),
		T(" mx.example.org\0evil; dmarc=pass"),
		T("\0mx.example.org; dmarc=pass"),
		T(" mx.exa\0mple.org; dmarc=pass"),
		T(" (\0) mx.example.org; dmarc=pass"),
		T(" \"mx.example.org\0\"; dmarc=pass"),
	};

	test_begin("authres field claims: NUL");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(authres_field_claims(
			(const unsigned char *)tests[i].value, tests[i].size,
			our_ids), i);
	}
	test_assert(!authres_field_claims(
		(const unsigned char *)" filter\0.example; none", 21, our_ids));
	test_assert(!authres_field_claims((const unsigned char *)"", 0,
					  our_ids));
	test_end();
}

static void test_authres_field_claims_ids(void)
{
	static const char *const none[] = { NULL };
	static const char *const empty[] = { "", ".", NULL };
	/* readers know one form or the other: both are configured */
	static const char *const idn[] = {
		"mx.b\xc3\xbc" "cher.example", "mx.xn--bcher-kva.example", NULL
	};
	static const char *const odd[] = { "Mail Server", "a=b", "mx1", NULL };
	static const struct {
		const char *value;
		const char *const *ids;
		bool claimed;
	} tests[] = {
		{ " mx.example.org; none", none, FALSE },
		{ " mx.example.org; none", empty, FALSE },
		{ " ; none", empty, FALSE },
		{ " mx.b\xc3\xbc" "cher.example; none", idn, TRUE },
		{ " \"MX.B\xc3\xbc" "CHER.example\" 1; none", idn, TRUE },
		{ " mx.XN--bcher-kva.example; none", idn, TRUE },
		{ " mx.bucher.example; none", idn, FALSE },
		{ " mx.b\xc3\xb6" "cher.example; none", idn, FALSE },
		{ " \"mail server\"; none", odd, TRUE },
		{ " \"mail\r\n server\"; none", odd, TRUE },
		{ " \"mail \\server\"; none", odd, TRUE },
		{ " \"a=b\"; none", odd, TRUE },
		{ " mx1 1; none", odd, TRUE },
		/* another id and a version, not ours with a space in it */
		{ " mx 1; none", odd, FALSE },
		{ " mx (1); none", odd, FALSE },
	};

	test_begin("authres field claims: ids");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(authres_field_claims(
			(const unsigned char *)tests[i].value,
			strlen(tests[i].value), tests[i].ids) ==
			tests[i].claimed, i);
	}
	test_end();
}

/* Nothing in front of the id is long enough to hide it, and none of it takes
   long. */
static void test_authres_field_claims_large(void)
{
	static const struct {
		const char *start, *repeat, *end;
	} tests[] = {
		{ "", " ", "mx.example.org; none" },
		{ "", "\r\n ", "mx.example.org; none" },
		{ "(", "a", ") mx.example.org; none" },
		{ "", "(", "mx.example.org; none" },
		{ "", "()", "mx.example.org; none" },
		{ "", "(\\)", "mx.example.org; none" },
		{ "", "m(", "mx.example.org; none" },
		{ "", "mx ", "mx.example.org; none" },
		{ "", "m x . ", "mx.example.org; none" },
		{ "", ";", "mx.example.org; none" },
		{ "\"", "\\a", "\" mx.example.org; none" },
		{ "", "\"", "mx.example.org; none" },
		{ "", "=?utf-8?q?a?= ", "mx.example.org; none" },
		{ "", "/", "mx.example.org; none" },
		{ "", "/m", " mx.example.org; none" },
	};
	string_t *str = str_new(default_pool, AUTHRES_MAX_FIELD_BYTES * 2);

	test_begin("authres field claims: large");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		str_truncate(str, 0);
		str_append(str, tests[i].start);
		while (str_len(str) < AUTHRES_MAX_FIELD_BYTES - 100)
			str_append(str, tests[i].repeat);
		str_append(str, tests[i].end);
		test_assert_idx(authres_field_claims(str_data(str),
						     str_len(str), our_ids), i);
		str_truncate(str, str_len(str) - strlen(tests[i].end));
		while (str_len(str) < AUTHRES_MAX_FIELD_BYTES)
			str_append(str, tests[i].repeat);
		str_append(str, tests[i].end);
		test_assert_idx(authres_field_claims(str_data(str),
						     str_len(str), our_ids), i);
	}
	/* a long foreign field stays */
	str_truncate(str, 0);
	str_append(str, " filter.example");
	while (str_len(str) < AUTHRES_MAX_FIELD_BYTES + 100)
		str_append(str, "; spf=pass smtp.mailfrom=mx.example.org");
	test_assert(!authres_field_claims(str_data(str), str_len(str),
					  our_ids));
	str_free(&str);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_authres_field_claims_plain,
		test_authres_field_claims_comment,
		test_authres_field_claims_quote,
		test_authres_field_claims_junk,
		test_authres_field_claims_eightbit,
		test_authres_field_claims_other,
		test_authres_field_claims_nul,
		test_authres_field_claims_ids,
		test_authres_field_claims_large,
		NULL
	};
	return test_run(test_functions);
}
