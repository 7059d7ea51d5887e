/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "domain-name.h"
#include "test-common.h"
#include "test-file.h"

/* expected NULL: refused */
static const struct {
	const char *input;
	const char *expected;
} to_ascii_tests[] = {
	{ "example.org", "example.org" },
	{ "EXAMPLE.Org", "example.org" },
	{ "example.org.", "example.org" },
	{ "com", "com" },
	{ "_dmarc.example.org", "_dmarc.example.org" },
	{ "under_score.example", "under_score.example" },
	{ "-a-.example", "-a-.example" },
	{ "r3---sn-4g5e.example", "r3---sn-4g5e.example" },
	/* A-labels stay as they are, RFC 5891 section 5.3 */
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
	/* U-labels, RFC 5891 section 5, RFC 8616 */
	{ "bücher.example", "xn--bcher-kva.example" },
	{ "BÜCHER.Example", "xn--bcher-kva.example" },
	{ "bücher.example.", "xn--bcher-kva.example" },
	{ "例え.テスト", "xn--r8jz45g.xn--zckzah" },
	/* decomposed, UTS 46 maps to NFC */
	{ "bu\xcc\x88""cher.example", "xn--bcher-kva.example" },
	/* non-transitional: not "fussball" */
	{ "fußball.example", "xn--fuball-cta.example" },
	{ "_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example" },
	/* the ideographic full stop is a dot, UTS 46 section 4 */
	{ "bücher。example", "xn--bcher-kva.example" },
	{ "bücher.example。", "xn--bcher-kva.example" },

	{ "", NULL },
	{ ".", NULL },
	{ "..", NULL },
	{ ".example.org", NULL },
	{ "example..org", NULL },
	{ "example.org..", NULL },
	{ "bücher..example", NULL },
	{ "[192.0.2.1]", NULL },
	{ "[IPv6:2001:db8::1]", NULL },
	{ "exam ple.org", NULL },
	{ "example.org\n", NULL },
	{ "example.org>", NULL },
	{ "a@example.org", NULL },
	{ "example\x01.org", NULL },
	{ "exa*ple.org", NULL },
	/* not UTF-8, cut UTF-8, overlong dot */
	{ "ex\xff.org", NULL },
	{ "ex\xc3", NULL },
	{ "ex\xc0\xae.org", NULL },
	/* characters of no name: no-break space, right-to-left override,
	   soft hyphen alone in its label */
	{ "ex\xc2\xa0""a.org", NULL },
	{ "ex\xe2\x80\xae""a.org", NULL },
	{ "\xc2\xad.org", NULL },
	/* fullwidth at sign becomes "@" only by mapping */
	{ "a\xef\xbc\xa0""b.org", NULL },
};

static void test_domain_to_ascii(void)
{
	unsigned int i;

	test_begin("domain_to_ascii");
	for (i = 0; i < N_ELEMENTS(to_ascii_tests); i++) T_BEGIN {
		const char *domain = NULL, *error = NULL;
		int ret = domain_to_ascii(to_ascii_tests[i].input,
					  &domain, &error);

		test_assert_idx((ret == 0) ==
				(to_ascii_tests[i].expected != NULL), i);
		if (ret == 0)
			test_assert_strcmp_idx(domain,
				to_ascii_tests[i].expected, i);
		else
			test_assert_idx(error != NULL && *error != '\0', i);
	} T_END;
	test_end();
}

static void test_domain_to_ascii_limits(void)
{
	const char *domain, *error;
	string_t *str = t_str_new(1024);
	unsigned int i;

	test_begin("domain_to_ascii limits");
	for (i = 0; i < AUTHRES_MAX_LABEL_BYTES; i++)
		str_append_c(str, 'a');
	str_append(str, ".org");
	test_assert(domain_to_ascii(str_c(str), &domain, &error) == 0);
	str_insert(str, 0, "a");
	test_assert(domain_to_ascii(str_c(str), &domain, &error) < 0);

	/* 126 labels of one byte and one of two: 253 bytes */
	str_truncate(str, 0);
	for (i = 0; i < 126; i++)
		str_append(str, "a.");
	str_append(str, "b");
	test_assert(str_len(str) == AUTHRES_MAX_DOMAIN_BYTES);
	test_assert(domain_to_ascii(str_c(str), &domain, &error) == 0);
	str_append_c(str, '.');
	test_assert(domain_to_ascii(str_c(str), &domain, &error) == 0);
	str_truncate(str, AUTHRES_MAX_DOMAIN_BYTES);
	str_append_c(str, 'b');
	test_assert(domain_to_ascii(str_c(str), &domain, &error) < 0);

	str_truncate(str, 0);
	for (i = 0; i < 64 * 1024; i++)
		str_append(str, "\xc3\xbc");
	test_assert(domain_to_ascii(str_c(str), &domain, &error) < 0);
	test_end();
}

static void test_domain_labels(void)
{
	test_begin("domain labels");
	test_assert(domain_label_count("") == 0);
	test_assert(domain_label_count("org") == 1);
	test_assert(domain_label_count("mail.example.org") == 3);
	test_assert_strcmp(domain_last_labels("mail.example.org", 0), "");
	test_assert_strcmp(domain_last_labels("mail.example.org", 1), "org");
	test_assert_strcmp(domain_last_labels("mail.example.org", 2),
			   "example.org");
	test_assert_strcmp(domain_last_labels("mail.example.org", 3),
			   "mail.example.org");
	test_assert_strcmp(domain_last_labels("mail.example.org", 9),
			   "mail.example.org");
	test_assert_strcmp(domain_last_labels("", 1), "");

	test_assert(domain_is_within("example.org", "example.org"));
	test_assert(domain_is_within("mail.example.org", "example.org"));
	test_assert(!domain_is_within("badexample.org", "example.org"));
	test_assert(!domain_is_within("example.org", "mail.example.org"));
	test_assert(!domain_is_within("org", "example.org"));
	test_assert(!domain_is_within("example.org", ""));
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_domain_to_ascii,
		test_domain_to_ascii_limits,
		test_domain_labels,
		NULL
	};
	return test_run(test_functions);
}
