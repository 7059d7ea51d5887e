/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "test-msg-header.h"
#include "domainkeys.h"

static void test_domainkeys_domain(void)
{
	static const struct {
		const char *value, *domain;
	} tests[] = {
		/* RFC 4870 section 5.2 */
		{ " a=rsa-sha1; s=brisbane; d=football.example.com;\r\n"
		  "\tc=simple; q=dns;\r\n\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSb"
		  "\r\n\tav+yuU4zGeeruD00lszZVoG4ZHRNiYzR;",
		  "football.example.com" },
		{ "a=rsa-sha1; q=dns; c=nofws;\n  s=s1; d=Example.ORG; b=x",
		  "example.org" },
		{ "d = example.org ; b=x", "example.org" },
		{ "b=x;d=example.org.", "example.org" },
		{ "d=exam\r\n ple.org; b=x", "example.org" },
		{ "d=_x.example.org", "_x.example.org" },
		{ "d=xn--bcher-kva.example", "xn--bcher-kva.example" },
		/* none */
		{ "", NULL },
		{ "b=x", NULL },
		{ "D=example.org", NULL },
		{ "d=; b=x", NULL },
		{ "d=example; b=x", NULL },
		{ "d=example.org; d=example.net", NULL },
		{ "d=.example.org", NULL },
		{ "d=a..example.org", NULL },
		{ "d=[192.0.2.1]", NULL },
		{ "d=a@example.org", NULL },
		{ "d=a\"b.example.org", NULL },
		{ "d=a/../b.example.org", NULL },
		{ "d=<script>.example.org", NULL },
		{ "d=example.org\x1b[31m", NULL },
		{ "example.org", NULL },
		{ "d=b\xc3\xbc""cher.example", NULL },
		{ "d=\xff\xfe.example.org", NULL },
	};
	string_t *str = t_str_new(1024);
	unsigned int i;

	test_begin("t_domainkeys_domain");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_strcmp_idx(t_domainkeys_domain(tests[i].value),
				       tests[i].domain, i);
	} T_END;
	str_append(str, "d=");
	for (i = 0; i < AUTHRES_MAX_DOMAIN_BYTES; i++)
		str_append(str, i % 2 == 0 ? "a" : ".");
	test_assert(t_domainkeys_domain(str_c(str)) != NULL);
	str_append(str, ".a");
	test_assert(t_domainkeys_domain(str_c(str)) == NULL);
	str_truncate(str, 0);
	for (i = 0; i <= AUTHRES_MAX_TAGS; i++)
		str_printfa(str, "x%u=y;", i);
	str_append(str, "d=example.org");
	test_assert(t_domainkeys_domain(str_c(str)) == NULL);
	test_end();
}

static void test_domainkeys_find(void)
{
	static const struct {
		const char *header;
		bool found;
		const char *domain;
	} tests[] = {
		{ "DomainKey-Signature: a=rsa-sha1;\n d=example.org;\n\tb=x\n"
		  "From: a@b.example", TRUE, "example.org" },
		{ "From: a@b.example\nDOMAINKEY-SIGNATURE:d=example.org", TRUE,
		  "example.org" },
		{ "DomainKey-Signature: d=a.example\n"
		  "DomainKey-Signature: d=b.example", TRUE, "a.example" },
		{ "DomainKey-Signature:", TRUE, NULL },
		{ "DomainKey-Signature: x", TRUE, NULL },
		/* claims of whoever wrote them */
		{ "DomainKey-Status: good", FALSE, NULL },
		{ "X-DomainKey-Signature: d=example.org", FALSE, NULL },
		{ "DKIM-Signature: d=example.org", FALSE, NULL },
		{ "From: a@b.example\n\nDomainKey-Signature: d=example.org",
		  FALSE, NULL },
		{ "", FALSE, NULL },
	};
	const char *domain;
	unsigned int i;

	test_begin("domainkeys_find");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 1024);

		domain = NULL;
		test_assert_idx(domainkeys_find(
			test_msg_header_parse(pool, tests[i].header,
					      strlen(tests[i].header)),
			&domain) == tests[i].found, i);
		test_assert_strcmp_idx(domain, tests[i].domain, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_domainkeys_domain,
		test_domainkeys_find,
		NULL
	};
	return test_run(test_functions);
}
