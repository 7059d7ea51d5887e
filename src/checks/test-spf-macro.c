/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "spf-macro.h"
#include "test-common.h"
#include "test-file.h"

#define SENDER_DOMAIN "email.example.com"
#define LONG_LABEL "a23456789012345678901234567890123456789012345678901234567890123"

/* The sender and the addresses of section 7.4 */
static struct ip_addr test_ip4, test_ip6;
static struct spf_macro_values test_values = {
	.local_part = "strong-bad",
	.sender_domain = SENDER_DOMAIN,
	.domain = SENDER_DOMAIN,
	.client_ip = &test_ip4,
	.helo = "mx.example.com",
	.receiver = "mail.example.net",
	.now = 1700000000,
};

static int
test_expand(const char *text, enum spf_macro_place place,
	    const struct spf_macro_values *values, const char **result_r)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct spf_macro macro;
	const char *error;
	int ret;

	*result_r = NULL;
	ret = spf_macro_parse(pool, text, strlen(text), place, &macro, &error);
	if (ret == 0 && place == SPF_MACRO_PLACE_DOMAIN)
		ret = spf_macro_expand_name(&macro, values, result_r);
	else if (ret == 0) {
		ret = spf_macro_expand_text(&macro, values,
			AUTHRES_MAX_SPF_EXPLANATION_BYTES, result_r);
	}
	pool_unref(&pool);
	return ret;
}

static void test_spf_macro_examples(void)
{
	static const struct {
		const char *text, *result;
	} tests[] = {
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}",
		  "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
		  "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
		  "3.2.0.192.in-addr.strong.lp._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net",
		  "example.com.trusted-domains.example.net" },
	};
	struct spf_macro_values values = test_values;
	const char *result;
	unsigned int i;

	test_begin("spf macro: examples of RFC 7208 section 7.4");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_idx(test_expand(tests[i].text,
			SPF_MACRO_PLACE_DOMAIN, &values, &result) == 0, i);
		test_assert_strcmp_idx(result, tests[i].result, i);
	} T_END;
	values.client_ip = &test_ip6;
	test_assert(test_expand("%{ir}.%{v}._spf.%{d2}",
		SPF_MACRO_PLACE_DOMAIN, &values, &result) == 0);
	test_assert_strcmp(result, "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
		"0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
	test_end();
}

static void test_spf_macro_values(void)
{
	static const struct {
		const char *section, *text, *result;
	} tests[] = {
		{ "7.1", "%%|%_|%-", "%| |%20" },
		{ "7.2", "%{h}", "mx.example.com" },
		{ "7.2", "%{r} %{t} %{c} %{v}",
		  "mail.example.net 1700000000 192.0.2.3 in-addr" },
		{ "7.3", "%{p}", "unknown" },
		{ "7.3", "%{i}", "192.0.2.3" },
		{ "7.3", "%{S}", "strong-bad%40email.example.com" },
		{ "7.3", "%{Lr-}", "bad.strong" },
		{ "7.3", "%{d128}", "email.example.com" },
		{ "7.3", "%{d99999999999999999999r}", "com.example.email" },
		{ "7.3", "%{l2-}", "strong.bad" },
		{ "7.3", "%{s2r@}", NULL },
		{ "7.3", "%{s.-+,/_=}", "strong.bad@email.example.com" },
		{ "7.3", "%{d2R}", "example.email" },
		{ "6.2", "See http://%{d}/why?s=%{S}&ip=%{C}",
		  "See http://email.example.com/why?s=strong-bad%40"
		  "email.example.com&ip=192.0.2.3" },
		{ "6.2", "", "" },
		{ "6.2", "two  spaces ", "two  spaces " },
		/* syntax */
		{ "7.1", "%", NULL }, { "7.1", "%{", NULL },
		{ "7.1", "%{d", NULL }, { "7.1", "%{}", NULL },
		{ "7.1", "%{x}", NULL }, { "7.1", "%{d-", NULL },
		{ "7.1", "%{d0}", NULL }, { "7.1", "%{d00r}", NULL },
		{ "7.1", "%{dr2}", NULL }, { "7.1", "%{d;}", NULL },
		{ "7.1", "%{ d}", NULL }, { "7.1", "%(d)", NULL },
		{ "7.1", "%a", NULL }, { "7.1", "100%", NULL },
		{ "7.1", "%{drr}", NULL }, { "7.1", "%{-d}", NULL },
		{ "6.2", "tab\t", NULL }, { "6.2", "\x80", NULL },
		{ "6.2", "\x7f", NULL },
	};
	const char *result;
	unsigned int i;

	test_begin("spf macro: values and syntax");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_idx(test_expand(tests[i].text,
			SPF_MACRO_PLACE_EXPLANATION, &test_values, &result) ==
			(tests[i].result != NULL ? 0 : -1), i);
		test_assert_strcmp_idx(result, tests[i].result, i);
	} T_END;
	test_end();
}

static void test_spf_macro_domain_spec(void)
{
	static const struct {
		const char *text, *result;
	} tests[] = {
		{ "example.org", "example.org" },
		{ "Example.ORG.", "example.org" },
		{ "%{d}", "email.example.com" },
		{ "foo.%{d}.", NULL },
		{ "foo.%{d}bar", NULL },
		{ "foo.%{d}bar.org", "foo.email.example.combar.org" },
		{ "foo.%%", "foo.%" },
		{ "a.b%_", "a.b " },
		{ "foo.xn--zckzah", "foo.xn--zckzah" },
		{ "foo.1-2", "foo.1-2" },
		{ "foo.a1", "foo.a1" },
		{ "a...example", "a...example" },
		{ ".example", ".example" },
		{ "", NULL }, { ".", NULL }, { "..", NULL },
		{ "museum", NULL }, { "museum.", NULL },
		{ "foo.123", NULL }, { "192.0.2.1", NULL },
		{ "foo.-com", NULL }, { "foo.com-", NULL },
		{ "foo.c_m", NULL }, { "foo.com:25", NULL },
		{ "foo.com..", NULL }, { "foo bar.com", NULL },
		{ "%{c}.example", NULL }, { "%{R}.example", NULL },
		{ "%{t}", NULL },
	};
	const char *result;
	unsigned int i;

	test_begin("spf macro: domain-spec (RFC 7208 section 7.1)");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_idx(test_expand(tests[i].text,
			SPF_MACRO_PLACE_DOMAIN, &test_values, &result) ==
			(tests[i].result != NULL ? 0 : -1), i);
		test_assert_strcmp_idx(result, tests[i].result, i);
	} T_END;
	test_end();
}

static void test_spf_macro_long_names(void)
{
	struct spf_macro_values values = test_values;
	const char *result;
	string_t *str = t_str_new(1024);
	unsigned int i;

	test_begin("spf macro: names over 253 bytes (RFC 7208 section 7.3)");
	/* 16 * 17 + 16 dots + ".example.org" */
	for (i = 0; i < 16; i++)
		str_append(str, "%{d}.");
	str_append(str, "example.org");
	test_assert(test_expand(str_c(str), SPF_MACRO_PLACE_DOMAIN,
				&values, &result) == 0);
	test_assert(strlen(result) <= 253 && strlen(result) > 253 - 8);
	test_assert(str_has_prefix(result, "email.") ||
		    str_has_prefix(result, "example.") ||
		    str_has_prefix(result, "com."));
	test_assert(strcmp(result + strlen(result) - 11, "example.org") == 0);
	/* exactly 253 stays, with and without the last dot; one more is cut */
	values.domain = LONG_LABEL"."LONG_LABEL"."LONG_LABEL"."
		"a234567890123456789012345678901234567890123456789.example.com";
	i_assert(strlen(values.domain) == 253);
	test_assert(test_expand("%{d}", SPF_MACRO_PLACE_DOMAIN,
				&values, &result) == 0);
	test_assert_strcmp(result, values.domain);
	test_assert(test_expand("x.%{d}", SPF_MACRO_PLACE_DOMAIN,
				&values, &result) == 0);
	test_assert_strcmp(result, values.domain);
	test_assert(test_expand("x%{d}", SPF_MACRO_PLACE_DOMAIN,
				&values, &result) == 0);
	test_assert_strcmp(result, strchr(values.domain, '.') + 1);
	test_assert(test_expand(t_strconcat("x.", values.domain, ".", NULL),
		SPF_MACRO_PLACE_DOMAIN, &values, &result) == 0);
	test_assert_strcmp(result, values.domain);
	/* nothing to cut at: no name any more */
	str_truncate(str, 0);
	for (i = 0; i < 50; i++)
		str_append(str, "%{l}");
	test_assert(test_expand(str_c(str), SPF_MACRO_PLACE_DOMAIN,
				&values, &result) == 0);
	test_assert(strlen(result) > 253);
	test_end();
}

static void test_spf_macro_hostile(void)
{
	struct spf_macro_values values = test_values;
	const char *result;
	string_t *str = t_str_new(1024);
	unsigned int i;

	test_begin("spf macro: hostile values");
	values.local_part = NULL;
	test_assert(test_expand("%{l}.example", SPF_MACRO_PLACE_DOMAIN,
				&values, &result) < 0);
	test_assert(test_expand("%{S}", SPF_MACRO_PLACE_EXPLANATION,
				&values, &result) < 0);
	test_assert(test_expand("%{o}.example", SPF_MACRO_PLACE_DOMAIN,
				&values, &result) == 0);
	values.local_part = "a\r\nb\x80\x01";
	test_assert(test_expand("%{l}", SPF_MACRO_PLACE_EXPLANATION,
				&values, &result) == 0);
	test_assert_strcmp(result, "a??b??");
	test_assert(test_expand("%{L}", SPF_MACRO_PLACE_EXPLANATION,
				&values, &result) == 0);
	test_assert_strcmp(result, "a%0D%0Ab%80%01");
	values.local_part = "...";
	test_assert(test_expand("%{l2}x%{lr}", SPF_MACRO_PLACE_EXPLANATION,
				&values, &result) == 0);
	test_assert_strcmp(result, ".x...");
	values.helo = "";
	test_assert(test_expand("%{h}%{h1r}|", SPF_MACRO_PLACE_EXPLANATION,
				&values, &result) == 0);
	test_assert_strcmp(result, "|");
	/* as many and as long as they come */
	for (i = 0; i < AUTHRES_MAX_LOCAL_PART_BYTES; i++)
		str_append_c(str, i % 2 == 0 ? '-' : 'x');
	values.local_part = t_strdup(str_c(str));
	str_truncate(str, 0);
	for (i = 0; i < AUTHRES_MAX_SPF_MACROS; i++)
		str_append(str, "%{Sr-}");
	test_assert(test_expand(str_c(str), SPF_MACRO_PLACE_EXPLANATION,
				&values, &result) == 0);
	test_assert(strlen(result) == AUTHRES_MAX_SPF_EXPLANATION_BYTES);
	test_assert(test_expand(str_c(str), SPF_MACRO_PLACE_DOMAIN,
				&values, &result) == 0);
	test_assert(strlen(result) <= 253);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_spf_macro_examples,
		test_spf_macro_values,
		test_spf_macro_domain_spec,
		test_spf_macro_long_names,
		test_spf_macro_hostile,
		NULL
	};
	if (net_addr2ip("192.0.2.3", &test_ip4) < 0 ||
	    net_addr2ip("2001:db8::cb01", &test_ip6) < 0)
		i_unreached();
	return test_run(test_functions);
}
