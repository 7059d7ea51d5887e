/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "resolver.h"
#include "test-common.h"
#include "test-file.h"

static void test_dns_name_normalize(void)
{
	static const struct {
		const char *input;
		/* NULL = cannot be asked */
		const char *output;
	} tests[] = {
		{ "example.org", "example.org" },
		{ "Example.ORG.", "example.org" },
		{ "org", "org" },
		{ "_dmarc.example.org", "_dmarc.example.org" },
		{ "a b\\@!.example.org", "a b\\@!.example.org" },
		{ "123456789012345678901234567890123456789012345678901234567890123.x",
		  "123456789012345678901234567890123456789012345678901234567890123.x" },
		{ "1234567890123456789012345678901234567890123456789012345678901234.x",
		  NULL },
		{ "", NULL },
		{ ".", NULL },
		{ "..", NULL },
		{ "example.org..", NULL },
		{ ".example.org", NULL },
		{ "example..org", NULL },
		{ "ex\tample.org", NULL },
		{ "ex\nample.org", NULL },
		{ "ex\x7f" "ample.org", NULL },
		{ "ex\xc3\xa4mple.org", NULL },
	};
	const char *name;
	string_t *str;
	unsigned int i;
	int ret;

	test_begin("dns_name_normalize()");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		ret = dns_name_normalize(tests[i].input, &name);
		test_assert_idx((ret == 0) == (tests[i].output != NULL), i);
		if (ret == 0 && tests[i].output != NULL)
			test_assert_idx(strcmp(name, tests[i].output) == 0, i);
	}
	/* RFC 1035 section 2.3.4: 255 octets on the wire are 253 here */
	str = t_str_new(256);
	for (i = 0; i < 126; i++)
		str_append(str, "a.");
	str_append(str, "b");
	test_assert(str_len(str) == 253);
	test_assert(dns_name_normalize(str_c(str), &name) == 0);
	str_append(str, ".");
	test_assert(dns_name_normalize(str_c(str), &name) == 0);
	str_truncate(str, 253);
	str_append_c(str, 'c');
	test_assert(dns_name_normalize(str_c(str), &name) < 0);
	test_end();
}

static void test_dns_ip_reverse_name(void)
{
	static const struct {
		const char *ip, *name;
	} tests[] = {
		{ "192.0.2.10", "10.2.0.192.in-addr.arpa" },
		{ "255.254.253.0", "0.253.254.255.in-addr.arpa" },
		/* RFC 3596 section 2.5 */
		{ "4321:0:1:2:3:4:567:89ab",
		  "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0."
		  "1.2.3.4.ip6.arpa" },
	};
	struct ip_addr ip;

	test_begin("dns_ip_reverse_name()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(net_addr2ip(tests[i].ip, &ip) == 0, i);
		test_assert_idx(strcmp(dns_ip_reverse_name(&ip),
				       tests[i].name) == 0, i);
	}
	test_end();
}

static void test_dns_type_name(void)
{
	test_begin("dns_type_name()");
	test_assert_strcmp(dns_type_name(DNS_TYPE_A), "A");
	test_assert_strcmp(dns_type_name(DNS_TYPE_AAAA), "AAAA");
	test_assert_strcmp(dns_type_name(DNS_TYPE_MX), "MX");
	test_assert_strcmp(dns_type_name(DNS_TYPE_PTR), "PTR");
	test_assert_strcmp(dns_type_name(DNS_TYPE_TXT), "TXT");
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_dns_name_normalize,
		test_dns_ip_reverse_name,
		test_dns_type_name,
		NULL
	};
	return test_run(test_functions);
}
