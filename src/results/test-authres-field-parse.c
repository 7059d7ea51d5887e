/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "authres-field.h"

static const char *t_show_result(const struct check_result *result)
{
	const struct check_property *property;
	string_t *str = t_str_new(128);

	str_printfa(str, "%s=%s", check_method_name(result->method),
		    check_result_word_name(result->result));
	if (result->comment != NULL)
		str_printfa(str, " (%s)", result->comment);
	if (result->upstream != NULL)
		str_printfa(str, " from %s", result->upstream);
	if (result->reason != NULL)
		str_printfa(str, " reason=[%s]", result->reason);
	if (array_is_created(&result->properties)) {
		array_foreach(&result->properties, property) {
			str_printfa(str, " %s.%s=[%s]", property->ptype,
				    property->name, property->value);
		}
	}
	return str_c(str);
}

/* "id/version|entry|entry", or "error: ..." */
static const char *t_show(const char *value, size_t size)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	string_t *str = t_str_new(256);
	const struct check_result *result;
	struct authres_field field;
	const char *error = NULL;

	if (authres_field_parse(pool, (const unsigned char *)value, size,
				&field, &error) < 0) {
		str_printfa(str, "error: %s", error);
	} else {
		str_printfa(str, "%s/%u", field.authserv_id, field.version);
		array_foreach(&field.results, result)
			str_printfa(str, "|%s", t_show_result(result));
		if (field.comment != NULL)
			str_printfa(str, "|authres %s", field.comment);
		if (field.unknown_results != 0)
			str_printfa(str, "|unknown %u", field.unknown_results);
	}
	pool_unref(&pool);
	return str_c(str);
}

static const struct {
	const char *value, *expected;
} good_tests[] = {
	/* RFC 8601 appendix B */
	{ " example.org 1; none", "example.org/1" },
	{ " example.com;\r\n          spf=pass smtp.mailfrom=example.net\r\n",
	  "example.com/1|spf=pass smtp.mailfrom=[example.net]" },
	{ " example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;"
	  "\r\n spf=pass smtp.mailfrom=example.net\r\n",
	  "example.com/1|auth=pass (cram-md5) smtp.auth=[sender@example.net]"
	  "|spf=pass smtp.mailfrom=[example.net]" },
	{ " example.com;\r\n dkim=fail reason=\"bad signature\"\r\n"
	  " header.i=@mail-router.example.net;\r\n dkim=pass (good signature)"
	  "\r\n header.i=@newyork.example.com",
	  "example.com/1|dkim=fail reason=[bad signature] "
	  "header.i=[@mail-router.example.net]|dkim=pass (good signature) "
	  "header.i=[@newyork.example.com]" },
	/* appendix B.7, comments everywhere */
	{ " foo.example.net (foobar) 1 (baz);\r\n"
	  " dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
	  " policy (A dot can go here) . (like that) expired\r\n"
	  " (this surprised me) = (as I wasn't expecting it) 1362471462",
	  "foo.example.net/1|dkim=fail policy.expired=[1362471462]" },
	/* section 2.2 */
	{ "\"mx example\" 2;none", "mx example/2" },
	{ "\"mx\\\"\\e\"; spf=none", "mx\"e/1|spf=none" },
	{ "(a)mx(b);(c)spf(d)=(e)pass(f)smtp(g).(h)helo(i)=(j)\"x\"(k)",
	  "mx/1|spf=pass (f) smtp.helo=[x]" },
	{ "mx; spf=pass (a (nested (deep)) \\) b) smtp.helo=x",
	  "mx/1|spf=pass (a (nested (deep)) ) b) smtp.helo=[x]" },
	{ "mx; SPF=Pass SMTP.Helo=X", "mx/1|spf=pass SMTP.Helo=[X]" },
	{ "mx; spf=pass smtp.mailfrom=\"a b\"@example.org",
	  "mx/1|spf=pass smtp.mailfrom=[\"a b\"@example.org]" },
	{ "mx; dkim=pass reason=\"a\r\n b\" header.b=\"x\r\n\ty\"",
	  "mx/1|dkim=pass reason=[a b] header.b=[x y]" },
	{ "mx; x-custom=pass a.b=c; iprev=pass policy.iprev=192.0.2.1; spf=none",
	  "mx/1|spf=none" },
	{ "mx; spf=hardfail; spf=none", "mx/1|spf=none|unknown 2" },
	{ "mx; x-foo=bar; dkim=tmperror (x); DMARC=softFAIL; dmarc=x",
	  "mx/1|dmarc=softfail|unknown 5" },
	/* the first comment of an entry, wherever it stands */
	{ "mx; dmarc=fail reason=x header.from=a.example (policy=reject) (b)",
	  "mx/1|dmarc=fail (policy=reject) reason=[x] header.from=[a.example]" },
	{ "mx; dmarc=fail (a) header.from=b (c) ; (d) spf=pass",
	  "mx/1|dmarc=fail (a) header.from=[b]|spf=pass" },
	{ "mx; spf=pass (upstream f.example) (x) smtp.mailfrom=a (y)",
	  "mx/1|spf=pass (x) from f.example smtp.mailfrom=[a]" },
	{ "mx; spf=pass (x) (upstream f.example) (upstream g.example)",
	  "mx/1|spf=pass (x) from f.example" },
	{ "mx; (upstream f.example) spf=pass (upstreamer)",
	  "mx/1|spf=pass (upstreamer)" },
	{ "mx; none (authres: client=192.0.2.1)",
	  "mx/1|authres client=192.0.2.1" },
	/* ours is one, and behind the last entry */
	{ "mx; spf=none (b) smtp.helo=x\r\n\t(authres: a=b\r\n\t c)",
	  "mx/1|spf=none (b) smtp.helo=[x]|authres a=b c" },
	{ "mx; spf=none (authres: a) (b)", "mx/1|spf=none (b)|authres a" },
	{ "mx; spf=none (authres: a) (b) (authres: c)",
	  "mx/1|spf=none (b)|authres c" },
	{ "mx (authres: a); spf=none (authres: b); dkim=none",
	  "mx/1|spf=none|dkim=none" },
	{ "(authres: a) mx; spf=none (authres: b) smtp.helo=x",
	  "mx/1|spf=none smtp.helo=[x]" },
	{ "mx; spf=none (authres: a) smtp.helo=x;",
	  "mx/1|spf=none smtp.helo=[x]" },
	/* RFC 5322 section 3.2.2: a line break with the white space behind it
	   is one space */
	{ "mx; spf=none (a\r\n\t b\r\n c\n\td\te)",
	  "mx/1|spf=none (a b c d\te)" },
	{ "mx; spf=none (a \r\n b\r\n  \r\n c)", "mx/1|spf=none (a  b c)" },
	{ "mx; spf=fail reason=\"a\r\n\t b\"",
	  "mx/1|spf=fail reason=[a b]" },
	{ "mx; spf=fail smtp.mailfrom=\"a\r\n\t b\"@c.example",
	  "mx/1|spf=fail smtp.mailfrom=[\"a b\"@c.example]" },
	{ "mx", "mx/1" },
	/* what other filters write */
	{ " mx.google.com;\r\n       dkim=pass header.i=@example.org header.s=s"
	  " header.b=\"Ab/c+D1=\";\r\n       spf=pass (google.com: domain of"
	  " a@example.org designates 192.0.2.1 as permitted sender)"
	  " smtp.mailfrom=a@example.org;\r\n"
	  "       dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=example.org",
	  "mx.google.com/1|dkim=pass header.i=[@example.org] header.s=[s] "
	  "header.b=[Ab/c+D1=]|spf=pass (google.com: domain of a@example.org "
	  "designates 192.0.2.1 as permitted sender) "
	  "smtp.mailfrom=[a@example.org]|dmarc=pass (p=REJECT sp=NONE dis=NONE) "
	  "header.from=[example.org]" },
	{ "mx; dkim=pass header.b=Ab/c+D=;spf=pass smtp.mailfrom=<a@b.example>",
	  "mx/1|dkim=pass header.b=[Ab/c+D=]|spf=pass "
	  "smtp.mailfrom=[<a@b.example>]" },
	{ "mx; spf=pass smtp.mailfrom=; dmarc=none action=none header.from=x;",
	  "mx/1|spf=pass smtp.mailfrom=[]|dmarc=none header.from=[x]" },
	{ "mx; spf=pass smtp.remote-ip=2001:db8::1",
	  "mx/1|spf=pass smtp.remote-ip=[2001:db8::1]" },
	{ "mx.example.org/job-17; spf=none", "mx.example.org/job-17/1|spf=none" },
	{ "mx; dmarc=pass header.from=b\xc3\xbc" "cher.example",
	  "mx/1|dmarc=pass header.from=[b\xc3\xbc" "cher.example]" },
};

static void test_authres_field_parse_good(void)
{
	test_begin("authres field parse");
	for (unsigned int i = 0; i < N_ELEMENTS(good_tests); i++) {
		test_assert_strcmp_idx(t_show(good_tests[i].value,
					      strlen(good_tests[i].value)),
				       good_tests[i].expected, i);
	}
	test_end();
}

/* What every reader reads alike, and what not. */
static void test_authres_field_parse_unusual(void)
{
	static const struct {
		const char *value;
		bool unusual;
	} tests[] = {
		{ " mx; none", FALSE },
		{ " mx 1; spf=pass (a \"b\" (c)) reason=\"x\" "
		  "smtp.mailfrom=a@b.example (d); dkim=pass header.b=\"a/b=\"",
		  FALSE },
		{ "mx;\r\n\tspf=pass smtp.mailfrom=\"a b\"@b.example\r\n\t;\r\n "
		  "x-y=z policy.a=b body.c=d\r\n", FALSE },
		{ "mx;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;"
		  "a=b;a=b", FALSE },
		{ "mx;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;"
		  "a=b;a=b;a=b", TRUE },
		{ "mx; spf=pass;", TRUE },
		{ "mx; spf =pass", TRUE }, { "mx; spf= pass", TRUE },
		{ "mx; spf(x)=pass", TRUE }, { "mx; spf/1=pass", TRUE },
		{ "mx; spf=pass smtp .helo=x", TRUE },
		{ "mx; spf=pass smtp. helo=x", TRUE },
		{ "mx; spf=pass smtp.helo =x", TRUE },
		{ "mx; spf=pass smtp.helo=(y)x", TRUE },
		{ "mx; spf=pass smtp.helo=", TRUE },
		{ "mx; spf=pass smtp.helo=a/b", TRUE },
		{ "mx; spf=pass smtp.helo=a=b", TRUE },
		{ "mx; spf=pass smtp.helo=2001:db8::1", TRUE },
		{ "mx; spf=pass smtp.mailfrom=<a@b>", TRUE },
		{ "mx; spf=pass action=none", TRUE },
		{ "mx; spf=pass arc.chain=x", TRUE },
		{ "mx; s_f=pass", TRUE },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct authres_field field;
	const char *error;

	test_begin("authres field parse unusual");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(authres_field_parse(pool,
			(const unsigned char *)tests[i].value,
			strlen(tests[i].value), &field, &error) == 0, i);
		test_assert_idx(field.unusual == tests[i].unusual, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_authres_field_parse_bad(void)
{
	static const char *const tests[] = {
		"", " ", "\r\n ", ";", "; spf=pass", "(mx); spf=pass", "(mx",
		"mx (", "mx (a", "mx (a\\", "mx (a\\)", "mx ((a);", "mx )",
		"\"mx", "\"mx\\", "\"mx\\\"; spf=pass", "\"\"; spf=pass",
		/* Microsoft's has no authserv-id */
		"spf=pass smtp.mailfrom=example.org; dkim=none",
		"mx x; spf=pass", "mx 1 2; spf=pass", "mx 99999999999; none",
		"mx -1; none", "mx 1x; none", "mx,other; spf=pass; \"",
		"mx; spf", "mx; spf=", "mx; spf=;", "mx; =pass", "mx; spf pass",
		"mx; spf=pass; ; dkim=pass", "mx;; spf=pass",
		"mx; spf=\"pass\"", "mx; \"spf\"=pass", "mx; spf=pa(x)ss",
		"mx; spf=pass smtp", "mx; spf=pass smtp.", "mx; spf=pass smtp.x",
		"mx; spf=pass .x=y", "mx; spf=pass smtp.=y", "mx; spf=pass =y",
		"mx; spf=pass smtp.x=\"y", "mx; spf=pass smtp.x=(y",
		"mx; spf=pass smtp.x=\"y\\", "mx; spf=pass reason=\"",
		"mx; spf=pass smtp.x=y)", "mx; spf=pass smtp.x=y\\",
		"mx; spf=pass \xc3\xbc.x=y", "mx; spf=pass, dkim=pass",
		"mx; spf/=pass", "mx; none; spf=pass", "mx; none none",
	};

	test_begin("authres field parse hostile");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(strncmp(t_show(tests[i], strlen(tests[i])),
					"error: ", 7) == 0, i);
	}
	test_assert_strcmp(t_show("mx\0; none", 9), "error: field has a NUL byte");
	test_end();
}

static void test_authres_field_parse_large(void)
{
	static const struct {
		const char *start, *middle, *end;
	} tests[] = {
		{ "", "(", "mx; none" },
		{ "", "()", "mx; none" },
		{ "mx", ";", "" },
		{ "mx;spf=pass ", "a.b=c ", "" },
		{ "mx", ";arc=none", "" },
		{ "mx;spf=pass a.b=\"", "\\\"", "\"" },
		{ "mx;spf=pass ", "(authres: )", "" },
	};
	string_t *str = str_new(default_pool, AUTHRES_MAX_FIELD_BYTES * 2);

	test_begin("authres field parse large");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		str_truncate(str, 0);
		str_append(str, tests[i].start);
		while (str_len(str) + 20 < AUTHRES_MAX_FIELD_BYTES)
			str_append(str, tests[i].middle);
		str_append(str, tests[i].end);
		test_assert_idx(*t_show(str_c(str), str_len(str)) != '\0', i);
		while (str_len(str) <= AUTHRES_MAX_FIELD_BYTES)
			str_append(str, tests[i].middle);
		test_assert_strcmp_idx(t_show(str_c(str), str_len(str)),
				       "error: field is too long", i);
	} T_END;
	str_free(&str);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_authres_field_parse_good,
		test_authres_field_parse_unusual,
		test_authres_field_parse_bad,
		test_authres_field_parse_large,
		NULL
	};
	return test_run(test_functions);
}
