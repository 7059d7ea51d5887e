/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "spf-record.h"
#include "test-common.h"
#include "test-file.h"
#include "test-text.h"

/* error = NULL: the record is fine */
static const struct {
	const char *section;
	const char *text;
	const char *error;
} record_tests[] = {
	/* record = version terms *SP */
	{ "4.5", "v=spf1", NULL },
	{ "4.5", "V=sPf1", NULL },
	{ "4.5", "v=spf1 ", NULL },
	{ "4.5", "v=spf1    ", NULL },
	{ "4.6.1", "v=spf1 a  -all", NULL },
	{ "4.6.1", "v=spf1\x20-all  ", NULL },
	{ "4.6.1", "v=spf1 a\tb", "not printable" },
	{ "4.6.1", "v=spf1 a\r\n", "not printable" },
	{ "3.1", "v=spf1 \x80" "a:example.net -all", "not printable" },
	{ "3.1", "v=spf1 a:\xef\xbb\xbfgarbage.example.net", "not printable" },
	{ "3.1", "v=spf1 a\x7f", "not printable" },

	/* mechanisms */
	{ "5.1", "v=spf1 all", NULL },
	{ "5.1", "v=spf1 aLL", NULL },
	{ "4.6.1", "v=spf1 +all -all ~all ?all", NULL },
	{ "5.1", "v=spf1 -all.", "unknown mechanism" },
	{ "5.1", "v=spf1 -all:foobar", "unexpected argument" },
	{ "5.1", "v=spf1 -all/8", "unexpected argument" },
	{ "4.6.1", "v=spf1 --all", "unknown mechanism" },
	{ "4.6.1", "v=spf1 -", "unknown mechanism" },
	{ "4.6.1", "v=spf1 moo", "unknown mechanism" },
	{ "4.6.1", "v=spf1 :all", "unknown mechanism" },
	{ "4.6.1", "v=spf1 /24", "unknown mechanism" },
	{ "4.6.1", "v=spf1 al", "unknown mechanism" },
	{ "4.6.1", "v=spf1 alll", "unknown mechanism" },
	{ "4.6.1", "v=spf1 redirect:example.org", "unknown mechanism" },

	{ "5.2", "v=spf1 include:example.org", NULL },
	{ "5.2", "v=spf1 include", "domain is missing" },
	{ "5.2", "v=spf1 include:", "empty domain" },
	{ "5.2", "v=spf1 include/24", "unexpected argument" },
	{ "5.2", "v=spf1 include:example.org/24", "top-level label" },

	{ "5.3", "v=spf1 a", NULL },
	{ "5.3", "v=spf1 a/24", NULL },
	{ "5.3", "v=spf1 a//64", NULL },
	{ "5.3", "v=spf1 a/24//64", NULL },
	{ "5.3", "v=spf1 a/0", NULL },
	{ "5.3", "v=spf1 a//0", NULL },
	{ "5.3", "v=spf1 a/32//128", NULL },
	{ "5.3", "v=spf1 a:example.org/24//64", NULL },
	{ "5.3", "v=spf1 a:%{d}/24//64", NULL },
	{ "5.3", "v=spf1 a:foo:bar/baz.example.com", NULL },
	{ "5.3", "v=spf1 a:foo/24.example.com/24", NULL },
	{ "5.3", "v=spf1 a:", "empty domain" },
	{ "5.3", "v=spf1 a:/24", "empty domain" },
	{ "5.3", "v=spf1 a/33", "bad prefix length" },
	{ "5.3", "v=spf1 a//129", "bad prefix length" },
	{ "5.3", "v=spf1 a/24/64", "bad prefix length" },
	{ "5.3", "v=spf1 a///64", "'a///64': bad prefix length" },
	{ "5.3", "v=spf1 a/", "'a/': bad prefix length" },
	{ "5.3", "v=spf1 a//", "'a//': bad prefix length" },
	{ "5.3", "v=spf1 a/024", "'a/024': bad prefix length" },
	{ "5.3", "v=spf1 a/00", "'a/00': bad prefix length" },
	{ "5.3", "v=spf1 a/-1", "'a/-1': bad prefix length" },
	{ "5.3", "v=spf1 a/4294967320", "'a/4294967320': bad prefix length" },
	{ "5.3", "v=spf1 a:example.org/1234", "bad prefix length" },
	{ "5.3", "v=spf1 a:example.org/08", "'a:example.org/08': bad prefix length" },
	{ "5.3", "v=spf1 a:example.org/", "bad prefix length" },
	{ "5.3", "v=spf1 a:192.0.2.1", "'a:192.0.2.1': an address instead of a domain" },
	{ "5.3", "v=spf1 a:192.0.2.0/24", "an address instead of a domain" },
	{ "5.3", "v=spf1 a:2001:db8::1", "an address instead of a domain" },
	{ "5.4", "v=spf1 mx:192.0.2.1", "an address instead of a domain" },
	{ "5.2", "v=spf1 include:192.0.2.1", "an address instead of a domain" },
	{ "5.5", "v=spf1 ptr:192.0.2.1", "an address instead of a domain" },
	{ "5.7", "v=spf1 exists:192.0.2.1", "an address instead of a domain" },
	{ "5.3", "v=spf1 a/999", "bad prefix length" },
	{ "5.4", "v=spf1 mx", NULL },
	{ "5.4", "v=spf1 mx:example.org/24//64", NULL },
	{ "5.4", "v=spf1 mx/33", "bad prefix length" },
	{ "5.4", "v=spf1 mx:", "empty domain" },
	{ "5.5", "v=spf1 ptr", NULL },
	{ "5.5", "v=spf1 ptr:example.org", NULL },
	{ "5.5", "v=spf1 ptr/0", "unexpected argument" },
	{ "5.5", "v=spf1 ptr:", "empty domain" },
	{ "5.7", "v=spf1 exists:%{ir}.example.org", NULL },
	{ "5.7", "v=spf1 exists", "domain is missing" },
	{ "5.7", "v=spf1 exists:", "empty domain" },
	{ "5.7", "v=spf1 exists:example.org/24", "top-level label" },

	/* addresses */
	{ "5.6", "v=spf1 ip4:192.0.2.1", NULL },
	{ "5.6", "v=spf1 ip4:192.0.2.0/24", NULL },
	{ "5.6", "v=spf1 ip4:0.0.0.0/0", NULL },
	{ "5.6", "v=spf1 ip4:192.0.2.1/32", NULL },
	{ "5.6", "v=spf1 ip4", "network address is missing" },
	{ "5.6", "v=spf1 ip4:", "bad network address" },
	{ "5.6", "v=spf1 ip4/24", "network address is missing" },
	{ "5.6", "v=spf1 ip4:192.0.2.1/33", "bad prefix length" },
	{ "5.6", "v=spf1 ip4:192.0.2.1/032", "bad prefix length" },
	{ "5.6", "v=spf1 ip4:192.0.2.0/08", "'ip4:192.0.2.0/08': bad prefix length" },
	{ "5.6", "v=spf1 ip4:192.0.2.0/", "bad prefix length" },
	{ "5.6", "v=spf1 ip4:192.0.2.0/x", "bad prefix length" },
	{ "5.6", "v=spf1 ip4:192.0.2.1//32", "bad prefix length" },
	{ "5.6", "v=spf1 ip4:192.0.2.1:25", "bad network address" },
	{ "5.6", "v=spf1 ip4:192.0.2", "bad network address" },
	{ "5.6", "v=spf1 ip4:192.0.2.256", "bad network address" },
	{ "5.6", "v=spf1 ip4:192.0.02.1", "bad network address" },
	{ "5.6", "v=spf1 ip4:192.0.2.1.", "bad network address" },
	{ "5.6", "v=spf1 ip4:2001:db8::1", "bad network address" },
	{ "5.6", "v=spf1 ip4:example.org", "bad network address" },
	{ "5.6", "v=spf1 ip4:0x7f.0.0.1", "bad network address" },
	{ "5.6", "v=spf1 ip6:2001:db8::1", NULL },
	{ "5.6", "v=spf1 ip6:2001:DB8::/32", NULL },
	{ "5.6", "v=spf1 ip6:::/0", NULL },
	{ "5.6", "v=spf1 ip6:::ffff:192.0.2.1/128", NULL },
	{ "5.6", "v=spf1 ip6", "network address is missing" },
	{ "5.6", "v=spf1 ip6:2001:db8::1/129", "bad prefix length" },
	{ "5.6", "v=spf1 ip6:2001:db8::1//64", "bad prefix length" },
	{ "5.6", "v=spf1 ip6::2001::1", "bad network address" },
	{ "5.6", "v=spf1 ip6:1:2:3:4:5:6:7:8:9", "bad network address" },
	{ "5.6", "v=spf1 ip6:fe80::1%eth0", "bad network address" },
	{ "5.6", "v=spf1 ip6:[2001:db8::1]", "bad network address" },
	{ "5.6", "v=spf1 ip6:192.0.2.1", "bad network address" },
	{ "5.6", "v=spf1 ip6:00000000000000000000000000000000000000000000001::",
	  "bad network address" },

	/* modifiers */
	{ "6", "v=spf1 moo.cow-far_out=man:dog/cat", NULL },
	{ "6", "v=spf1 foo= foo= foo=%{c}", NULL },
	{ "6", "v=spf1 default=pass", NULL },
	{ "6", "v=spf1 foo=%abc", "does not begin a macro" },
	{ "6", "v=spf1 1up=foo", "unknown mechanism" },
	{ "6", "v=spf1 =all", "unknown mechanism" },
	{ "6", "v=spf1 -foo=bar", "unknown mechanism" },
	{ "6", "v=spf1 moo.cow/far_out=man", "unknown mechanism" },
	{ "6", "v=spf1 moo.cow:far_out=man", "unknown mechanism" },
	{ "6.1", "v=spf1 redirect=example.org", NULL },
	{ "6.1", "v=spf1 REDIRECT=example.org", NULL },
	{ "6.1", "v=spf1 redirect=", "empty domain" },
	{ "6.1", "v=spf1 redirect=-all", "top-level label" },
	{ "6.1", "v=spf1 redirect=example.org/24", "top-level label" },
	{ "6", "v=spf1 redirect=a.example redirect=b.example", "twice" },
	{ "6.2", "v=spf1 exp=example.org", NULL },
	{ "6.2", "v=spf1 exp=", "empty domain" },
	{ "6.2", "v=spf1 exp=-all", "top-level label" },
	{ "6", "v=spf1 exp=a.example ~all Exp=a.example", "twice" },
};

static int test_parse(const char *text, size_t size, const char **error_r)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct spf_record record;
	int ret;

	ret = spf_record_parse(pool, (const unsigned char *)text, size,
			       &record, error_r);
	pool_unref(&pool);
	return ret;
}

static void test_spf_record_syntax(void)
{
	const char *error;
	unsigned int i;
	int ret;

	test_begin("spf record: syntax (RFC 7208 section 12)");
	for (i = 0; i < N_ELEMENTS(record_tests); i++) T_BEGIN {
		error = NULL;
		ret = test_parse(record_tests[i].text,
				 strlen(record_tests[i].text), &error);
		if (record_tests[i].error == NULL)
			test_assert_idx(ret == 0, i);
		else {
			test_assert_idx(ret == -1, i);
			test_assert_idx(ret == -1 &&
				strstr(error, record_tests[i].error) != NULL,
				i);
		}
	} T_END;
	test_end();
}

static void test_spf_record_version(void)
{
	static const struct {
		const char *text;
		bool spf;
	} tests[] = {
		{ "v=spf1", TRUE }, { "v=spf1 a", TRUE }, { "V=SPF1 a", TRUE },
		{ "", FALSE }, { "v", FALSE }, { "v=spf", FALSE },
		{ "v=spf10", FALSE }, { "v=spf1\ta", FALSE },
		{ " v=spf1 a", FALSE }, { "v=spf1mx", FALSE },
		{ "v=spf2 a", FALSE }, { "spf2.0/pra a", FALSE },
		{ "\x96", FALSE }, { "\"v=spf1", FALSE },
	};
	unsigned int i;

	test_begin("spf record: version (RFC 7208 section 4.5)");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(spf_record_has_version(
			(const void *)tests[i].text,
			strlen(tests[i].text)) == tests[i].spf, i);
	}
	test_assert(!spf_record_has_version((const void *)"v=spf1\0 a", 9));
	test_end();
}

static void test_spf_record_contents(void)
{
	static const char text[] = "v=spf1 +A:Foo.example/24//64 ?ip4:192.0.2.0/25 "
		"~ip6:2001:db8::/33 -all exp=e.example x=y redirect=r.example";
	pool_t pool = pool_alloconly_create("test", 1024);
	const struct spf_directive *directives;
	struct spf_record record;
	const char *error;
	unsigned int count;

	test_begin("spf record: contents");
	test_assert(spf_record_parse(pool, (const void *)text, strlen(text),
				     &record, &error) == 0);
	directives = array_get(&record.directives, &count);
	test_assert(count == 4);
	if (count == 4) {
		test_assert(directives[0].mechanism == SPF_MECHANISM_A);
		test_assert(directives[0].result == CHECK_RESULT_PASS);
		test_assert_strcmp(directives[0].text, "A:Foo.example/24//64");
		test_assert(directives[0].ip4_bits == 24);
		test_assert(directives[0].ip6_bits == 64);
		test_assert(directives[0].target.part_count == 1);
		test_assert(directives[0].target.parts[0].text_size == 11);
		test_assert(directives[1].result == CHECK_RESULT_NEUTRAL);
		test_assert(directives[1].ip4_bits == 25);
		test_assert_strcmp(net_ip2addr(&directives[1].ip), "192.0.2.0");
		test_assert(directives[2].result == CHECK_RESULT_SOFTFAIL);
		test_assert(directives[2].ip6_bits == 33);
		test_assert(directives[3].result == CHECK_RESULT_FAIL);
		test_assert(directives[3].mechanism == SPF_MECHANISM_ALL);
	}
	test_assert(record.exp.part_count == 1);
	test_assert_strcmp(record.redirect_text, "redirect=r.example");
	pool_unref(&pool);
	test_end();
}

static string_t *test_repeat(const char *begin, const char *piece,
			     unsigned int count)
{
	string_t *str = t_str_new(128 + strlen(piece) * count);

	str_append(str, begin);
	str_append(str, t_repeat(piece, count));
	return str;
}

static void test_spf_record_hostile(void)
{
	const char *error;
	string_t *str;
	unsigned int i;
	char byte;

	test_begin("spf record: hostile");
	/* every byte as a part of a term: refused or not, never a crash */
	for (i = 0; i < 256; i++) T_BEGIN {
		str = t_str_new(32);
		str_append(str, "v=spf1 a:");
		byte = i;
		str_append_data(str, &byte, 1);
		str_append(str, ".example.org");
		test_assert_idx(test_parse(str_c(str), str_len(str), &error) ==
				(i > 0x20 && i < 0x7f && i != '%' ? 0 : -1), i);
	} T_END;
	/* NUL anywhere */
	test_assert(test_parse("v=spf1 \0-all", 12, &error) == -1);
	test_assert(test_parse("v=spf1 -all\0", 12, &error) == -1);
	/* the largest TXT answer */
	str = test_repeat("v=spf1", " a", AUTHRES_MAX_SPF_RECORD_TERMS);
	test_assert(test_parse(str_c(str), str_len(str), &error) == 0);
	str_append(str, " a");
	test_assert(test_parse(str_c(str), str_len(str), &error) == -1);
	test_assert(strstr(error, "terms") != NULL);
	str = test_repeat("v=spf1 a:", "a", AUTHRES_MAX_TXT_BYTES);
	test_assert(test_parse(str_c(str), str_len(str), &error) == -1);
	test_assert(strlen(error) < 256);
	str = test_repeat("v=spf1 a/", "1", AUTHRES_MAX_TXT_BYTES);
	test_assert(test_parse(str_c(str), str_len(str), &error) == -1);
	str = test_repeat("v=spf1 ip4:", "1", AUTHRES_MAX_TXT_BYTES);
	test_assert(test_parse(str_c(str), str_len(str), &error) == -1);
	str = test_repeat("v=spf1 ", "x", AUTHRES_MAX_TXT_BYTES);
	str_append(str, "=");
	test_assert(test_parse(str_c(str), str_len(str), &error) == 0);
	str = test_repeat("v=spf1 ", " ", AUTHRES_MAX_TXT_BYTES);
	test_assert(test_parse(str_c(str), str_len(str), &error) == 0);
	str = test_repeat("v=spf1 a:", "%{d}", AUTHRES_MAX_SPF_MACROS);
	test_assert(test_parse(str_c(str), str_len(str), &error) == 0);
	str_append(str, "%{d}");
	test_assert(test_parse(str_c(str), str_len(str), &error) == -1);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_spf_record_syntax,
		test_spf_record_version,
		test_spf_record_contents,
		test_spf_record_hostile,
		NULL
	};
	return test_run(test_functions);
}
