/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "resolver.h"
#include "resolver-zone.h"
#include "test-dns-answer.h"
#include "test-common.h"
#include "test-file.h"

static void show_answer(const struct dns_answer *answer, void *context)
{
	test_dns_answer_append(context, answer);
}

static const char *
zone_ask(struct resolver *resolver, const char *name, enum dns_type type)
{
	string_t *str = str_new(default_pool, 256);
	struct resolver_question question;
	const char *ret;

	i_zero(&question);
	question.name = name;
	question.type = type;
	test_assert(resolver_ask(resolver, &question, show_answer,
				 str) == NULL);
	ret = t_strdup(str_c(str));
	str_free(&str);
	return ret;
}

static const char test_zone[] =
"; a comment\n"
"$TTL 1h30m\n"
"$ORIGIN example.ORG.\n"
"@	IN SOA ns hostmaster ( 1 ; serial\n"
"		3600 600\n"
"		86400 300 )\n"
"	NS ns\n"
"	MX 10 mail\n"
"	IN 300 MX 0 .\n"
"	A 192.0.2.1\n"
"	AAAA 2001:db8::1\n"
"	TXT \"v=spf1 \" \"mx -all\"\n"
"	60 IN TXT plain\\;word \"quote\\\" \\065;not a comment\"\n"
"sel._domainkey TXT ( \"k=rsa; \"\n"
"	\"p=\" )\n"
"Alias CNAME target\n"
"target A 192.0.2.2\n"
"dead CNAME nowhere\n"
"outside CNAME host.example.net.\n"
"loop1 CNAME loop2\n"
"loop2 CNAME loop1\n"
"broken SERVFAIL\n"
"slow TIMEOUT\n"
"tobroken CNAME broken\n"
"a.b.c TXT deep\n"
"* TXT wild\n"
"*.sub A 192.0.2.9\n"
"host.sub MX 5 mail\n"
"*.calias CNAME target\n"
"odd TYPE65280 \\# 2 abcd\n"
"host.example.net. A 192.0.2.3\n"
"$ORIGIN 2.0.192.in-addr.arpa.\n"
"1 PTR example.org.\n"
"$ORIGIN .\n"
"relative.example.com A 192.0.2.4\n";

static void test_resolver_zone(void)
{
	static const struct {
		const char *name;
		enum dns_type type;
		const char *output;
	} tests[] = {
		{ "example.org", DNS_TYPE_MX,
		  "answer 10:mail.example.org 0: ttl=300" },
		{ "example.org", DNS_TYPE_A, "answer 192.0.2.1 ttl=5400" },
		{ "example.org", DNS_TYPE_AAAA, "answer 2001:db8::1 ttl=5400" },
		{ "example.org", DNS_TYPE_TXT,
		  "answer [v=spf1 mx -all] [plain;word"
		  "quote\" A;not a comment] ttl=60" },
		{ "example.org", DNS_TYPE_PTR, "nodata" },
		{ "sel._domainkey.example.org", DNS_TYPE_TXT,
		  "answer [k=rsa; p=] ttl=5400" },
		{ "_domainkey.example.org", DNS_TYPE_TXT, "nodata" },
		{ "alias.example.org", DNS_TYPE_A,
		  "answer+alias 192.0.2.2 ttl=5400" },
		{ "alias.example.org", DNS_TYPE_MX, "nodata+alias" },
		/* the wildcard answers for "nowhere" */
		{ "dead.example.org", DNS_TYPE_A, "nodata+alias" },
		{ "outside.example.org", DNS_TYPE_A,
		  "answer+alias 192.0.2.3 ttl=5400" },
		{ "loop1.example.org", DNS_TYPE_A,
		  "temporary+alias (CNAME chain too long)" },
		{ "broken.example.org", DNS_TYPE_A,
		  "temporary (server failure)" },
		{ "slow.example.org", DNS_TYPE_TXT, "temporary (no answer)" },
		{ "tobroken.example.org", DNS_TYPE_TXT,
		  "temporary+alias (server failure)" },
		/* RFC 4592 section 2.2.1 */
		{ "any.example.org", DNS_TYPE_TXT, "answer [wild] ttl=5400" },
		{ "x.y.z.example.org", DNS_TYPE_TXT, "answer [wild] ttl=5400" },
		{ "any.example.org", DNS_TYPE_A, "nodata" },
		/* section 2.2.2: empty non-terminals exist and block it */
		{ "b.c.example.org", DNS_TYPE_TXT, "nodata" },
		{ "x.b.c.example.org", DNS_TYPE_TXT, "nxdomain" },
		{ "x.target.example.org", DNS_TYPE_TXT, "nxdomain" },
		{ "x.sub.example.org", DNS_TYPE_A, "answer 192.0.2.9 ttl=5400" },
		{ "host.sub.example.org", DNS_TYPE_A, "nodata" },
		{ "x.host.sub.example.org", DNS_TYPE_A, "nxdomain" },
		{ "x.calias.example.org", DNS_TYPE_A,
		  "answer+alias 192.0.2.2 ttl=5400" },
		{ "odd.example.org", DNS_TYPE_TXT, "nodata" },
		{ "org", DNS_TYPE_A, "nodata" },
		{ "com", DNS_TYPE_A, "nodata" },
		{ "other", DNS_TYPE_A, "nxdomain" },
		{ "example.net", DNS_TYPE_A, "nodata" },
		{ "x.example.net", DNS_TYPE_A, "nxdomain" },
		{ "1.2.0.192.in-addr.arpa", DNS_TYPE_PTR,
		  "answer 0:example.org ttl=5400" },
		{ "relative.example.com", DNS_TYPE_A,
		  "answer 192.0.2.4 ttl=5400" },
	};
	struct resolver *resolver;
	const char *error;

	test_begin("resolver_zone answers");
	if (resolver_zone_init(test_zone, "test", &resolver, &error) < 0)
		i_fatal("%s", error);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		const char *output =
			zone_ask(resolver, tests[i].name, tests[i].type);

		test_assert_strcmp_idx(output, tests[i].output, i);
	}
	resolver_deinit(&resolver);
	test_assert(resolver == NULL);
	test_end();
}

static void test_resolver_zone_chain(void)
{
	struct resolver *resolver;
	const char *error;
	string_t *zone = t_str_new(1024);

	test_begin("resolver_zone CNAME chain limit");
	for (unsigned int i = 0; i <= AUTHRES_MAX_CNAME_CHAIN; i++)
		str_printfa(zone, "n%u.test CNAME n%u.test\n", i, i + 1);
	str_printfa(zone, "n%u.test A 192.0.2.1\n",
		    AUTHRES_MAX_CNAME_CHAIN + 1);
	test_assert(resolver_zone_init(str_c(zone), "test",
				       &resolver, &error) == 0);
	test_assert_strcmp(zone_ask(resolver, "n1.test", DNS_TYPE_A),
			   "answer+alias 192.0.2.1");
	test_assert_strcmp(zone_ask(resolver, "n0.test", DNS_TYPE_A),
			   "temporary+alias (CNAME chain too long)");
	resolver_deinit(&resolver);

	str_truncate(zone, 0);
	for (unsigned int i = 0; i <= AUTHRES_MAX_DNS_RECORDS; i++)
		str_printfa(zone, "many.test MX %u mx\n", i);
	test_assert(resolver_zone_init(str_c(zone), "test",
				       &resolver, &error) == 0);
	test_assert_strcmp(zone_ask(resolver, "many.test", DNS_TYPE_MX),
			   "temporary (too many records)");
	resolver_deinit(&resolver);
	test_end();
}

static void test_resolver_zone_errors(void)
{
	static const struct {
		const char *text, *error;
	} tests[] = {
		{ "x A 1.2.3\n", "f:1: Invalid address: '1.2.3'" },
		{ "x A ::1\n", "f:1: Invalid address: '::1'" },
		{ "x AAAA 192.0.2.1\n", "f:1: Invalid address: '192.0.2.1'" },
		{ "\n\nx A\n", "f:3: Address missing" },
		{ "x A 192.0.2.1 more\n", "f:1: Unexpected word: 'more'" },
		{ "x", "f:1: Record type missing" },
		{ "x IN 60\n", "f:1: Record type missing" },
		{ "  A 192.0.2.1\n", "f:1: First record has no name" },
		{ "x TXT\n", "f:1: Text missing" },
		{ "x TXT \"open\ny A 192.0.2.1\n", "f:1: Missing '\"'" },
		{ "x TXT \"open\\", "f:1: Missing '\"'" },
		{ "x TXT \\25\n", "f:1: Invalid escape: '\\25'" },
		{ "x TXT \\256\n", "f:1: Invalid escape: '\\256'" },
		{ "x TXT \\", "f:1: Invalid escape: '\\'" },
		{ "x TXT ( a\nb\n", "f:3: Missing ')'" },
		{ "x TXT ( ( a ) )\n", "f:1: Nested '('" },
		{ "x TXT a )\n", "f:1: ')' without '('" },
		{ "x MX mail\n", "f:1: Invalid preference: 'mail'" },
		{ "x MX 65536 mail\n", "f:1: Invalid preference: '65536'" },
		{ "x MX 10\n", "f:1: Name missing" },
		{ "x DNAME y\n", "f:1: Unknown record type 'DNAME'" },
		{ "x CH TXT y\n", "f:1: Unknown record type 'CH'" },
		{ "x\x01 TXT y\n", "f:1: Invalid name: 'x?'" },
		{ "x..y TXT y\n", "f:1: Invalid name: 'x..y'" },
		{ "x\\.y TXT y\n", "f:1: Dot inside a label: 'x\\.y'" },
		{ "x\\000y TXT y\n", "f:1: Invalid name: 'x\\000y'" },
		{ "x CNAME y\nx A 192.0.2.1\n",
		  "f:2: CNAME and other data for one name" },
		{ "x A 192.0.2.1\nx CNAME y\n",
		  "f:2: CNAME and other data for one name" },
		{ "x CNAME y\nx CNAME z\n", "f:2: Second CNAME for this name" },
		{ "$INCLUDE /etc/passwd\n",
		  "f:1: Unsupported directive: '$INCLUDE'" },
		{ "$TTL x\n", "f:1: Invalid TTL: 'x'" },
		{ "$TTL 99999999999\n", "f:1: Invalid TTL: '99999999999'" },
		{ "$TTL 100000w\n", "f:1: Invalid TTL: '100000w'" },
		{ "$TTL\n", "f:1: Value of $TTL missing" },
		{ "$ORIGIN\n", "f:1: Name of $ORIGIN missing" },
		{ "$ORIGIN a b\n", "f:1: Unexpected word: 'b'" },
	};
	struct resolver *resolver;
	const char *error;
	string_t *text;

	test_begin("resolver_zone errors");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(resolver_zone_init(tests[i].text, "f",
						   &resolver, &error) < 0, i);
		test_assert_strcmp_idx(error, tests[i].error, i);
	}
	text = t_str_new(1024);
	str_append(text, "x TXT ");
	for (unsigned int i = 0; i < 256; i++)
		str_append_c(text, 'a');
	test_assert(resolver_zone_init(str_c(text), "f",
				       &resolver, &error) < 0);
	test_assert_strcmp(error, "f:1: Character-string longer than "
			   "255 bytes, split it");
	str_truncate(text, 6);
	for (unsigned int i = 0; i <= AUTHRES_MAX_TXT_BYTES / 128; i++) {
		for (unsigned int j = 0; j < 128; j++)
			str_append_c(text, 'a');
		str_append_c(text, ' ');
	}
	test_assert(resolver_zone_init(str_c(text), "f",
				       &resolver, &error) < 0);
	test_assert_strcmp(error, "f:1: TXT record too long");
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_resolver_zone,
		test_resolver_zone_chain,
		test_resolver_zone_errors,
		NULL
	};
	return test_run(test_functions);
}
