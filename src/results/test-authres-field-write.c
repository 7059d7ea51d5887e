/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-text.h"
#include "authres-limits.h"
#include "authres-field.h"

struct test_result {
	enum check_method method;
	enum check_result_word result;
	const char *comment;
	const char *reason;
	/* ptype, name, value, ..., NULL */
	const char *properties[16];
};

static void
test_result_add(pool_t pool, const struct test_result *test,
		ARRAY_TYPE(check_result) *results)
{
	struct check_result *result = array_append_space(results);

	result->method = test->method;
	result->result = test->result;
	result->comment = test->comment;
	result->reason = test->reason;
	for (unsigned int i = 0; test->properties[i] != NULL; i += 3) {
		check_result_add_property(pool, result, test->properties[i],
					  test->properties[i + 1],
					  test->properties[i + 2]);
	}
}

static const char *
t_test_write(pool_t pool, const char *id, const struct test_result *tests,
	     unsigned int count, const char *comment, const char *newline)
{
	ARRAY_TYPE(check_result) results;
	string_t *str = t_str_new(16);

	p_array_init(&results, pool, 8);
	for (unsigned int i = 0; i < count; i++)
		test_result_add(pool, &tests[i], &results);
	authres_field_write(str, id, &results, comment, newline);
	return str_c(str);
}

/* A comment of a stranger does not name the filter. */
static void test_authres_field_write_upstream(void)
{
	static const struct {
		const char *comment, *upstream, *expected;
	} tests[] = {
		{ NULL, "f.example",
		  "Authentication-Results: mx;\n\tspf=pass (upstream f.example)\n" },
		{ "x", "f.example", "Authentication-Results: mx;\n"
		  "\tspf=pass (x) (upstream f.example)\n" },
		{ "upstream g.example", NULL, "Authentication-Results: mx;\n"
		  "\tspf=pass (?pstream g.example)\n" },
		{ "upstream g.example", "f.example",
		  "Authentication-Results: mx;\n"
		  "\tspf=pass (?pstream g.example) (upstream f.example)\n" },
		{ NULL, "a) (authres: b\r\n\xff", "Authentication-Results: mx;\n"
		  "\tspf=pass (upstream a\\) \\(authres: b?" "?" "?)\n" },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct check_result *result;
	ARRAY_TYPE(check_result) results;
	string_t *str = t_str_new(128);

	test_begin("authres field write upstream");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		p_array_init(&results, pool, 1);
		result = array_append_space(&results);
		result->method = CHECK_METHOD_SPF;
		result->result = CHECK_RESULT_PASS;
		result->comment = tests[i].comment;
		result->upstream = tests[i].upstream;
		str_truncate(str, 0);
		authres_field_write(str, "mx", &results, NULL, "\n");
		test_assert_strcmp_idx(str_c(str), tests[i].expected, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_authres_field_write_layout(void)
{
	static const struct test_result tests[] = {
		{ CHECK_METHOD_DMARC, CHECK_RESULT_FAIL,
		  "p=quarantine sp=none", "trusted ARC sealer lists.example.org",
		  { "header", "from", "free.example",
		    "policy", "dmarc", "quarantine",
		    "policy", "override-reason", "local_policy", NULL } },
		{ CHECK_METHOD_SPF, CHECK_RESULT_SOFTFAIL, NULL, NULL,
		  { "smtp", "mailfrom", "bounce@shop.example",
		    "smtp", "helo", "out.shop.example", NULL } },
		{ CHECK_METHOD_DKIM, CHECK_RESULT_PASS, "2048-bit rsa key", NULL,
		  { "header", "d", "shop.example",
		    "header", "i", "@shop.example",
		    "header", "a", "rsa-sha256",
		    "header", "s", "s1",
		    "header", "b", "aB3/xY9+", NULL } },
		{ CHECK_METHOD_ARC, CHECK_RESULT_NONE, NULL, NULL, { NULL } },
	};
	static const char *const comment =
		"client=192.0.2.1 received=2 by=mx.example.fr list=a.example "
		"helo=out.shop.example";
	static const char *const expected =
		"Authentication-Results: mx.example.fr;\n"
		"\tdmarc=fail (p=quarantine sp=none)\n"
		"\t reason=\"trusted ARC sealer lists.example.org\"\n"
		"\t header.from=free.example policy.dmarc=quarantine\n"
		"\t policy.override-reason=local_policy;\n"
		"\tspf=softfail smtp.mailfrom=bounce@shop.example\n"
		"\t smtp.helo=out.shop.example;\n"
		"\tdkim=pass (2048-bit rsa key) header.d=shop.example\n"
		"\t header.i=@shop.example header.a=rsa-sha256 header.s=s1\n"
		"\t header.b=\"aB3/xY9+\";\n"
		"\tarc=none\n"
		"\t(authres: client=192.0.2.1 received=2 by=mx.example.fr list=a.example\n"
		"\t helo=out.shop.example)\n";
	pool_t pool = pool_alloconly_create("test", 4096);

	test_begin("authres field write layout");
	test_assert_strcmp(t_test_write(pool, "mx.example.fr", tests,
					N_ELEMENTS(tests), comment, "\n"),
			   expected);
	test_assert_strcmp(t_test_write(pool, "mx.example.fr", NULL, 0, NULL,
					"\r\n"),
		"Authentication-Results: mx.example.fr; none\r\n");
	test_assert_strcmp(t_test_write(pool, "mail server", NULL, 0,
					"origin=local", "\r\n"),
		"Authentication-Results: \"mail server\"; none\r\n"
		"\t(authres: origin=local)\r\n");
	pool_unref(&pool);
	test_end();
}

static void test_authres_field_write_values(void)
{
	static const struct {
		const char *value, *expected;
	} tests[] = {
		/* RFC 2045 section 5.1 token */
		{ "example.org", "example.org" },
		{ "a_b!#$%&'*+-^`{|}~", "a_b!#$%&'*+-^`{|}~" },
		/* RFC 8601 section 2.2: [ [ local-part ] "@" ] domain-name */
		{ "user@example.org", "user@example.org" },
		{ "@example.org", "@example.org" },
		{ "a.b+c=d/e@example.org", "a.b+c=d/e@example.org" },
		/* everything else is quoted */
		{ "", "\"\"" },
		{ "user@", "\"user@\"" },
		{ "us er@example.org", "\"us er@example.org\"" },
		{ ".user@example.org", "\".user@example.org\"" },
		{ "us..er@example.org", "\"us..er@example.org\"" },
		{ "user@example..org", "\"user@example..org\"" },
		{ "user@[192.0.2.1]", "\"user@[192.0.2.1]\"" },
		{ "a@b@example.org", "\"a@b@example.org\"" },
		{ "\"a b\"@example.org", "\"\\\"a b\\\"@example.org\"" },
		{ "2001:db8::1", "\"2001:db8::1\"" },
		{ "aB/=", "\"aB/=\"" },
		{ "a;dkim=pass", "\"a;dkim=pass\"" },
		{ "a(b", "\"a(b\"" },
		{ "a\\b", "\"a\\\\b\"" },
		{ "a\"b", "\"a\\\"b\"" },
		/* bytes that may not stand in a field */
		{ "a\r\nX-Evil: yes", "\"a??X-Evil: yes\"" },
		{ "a\tb\001\x7f", "\"a?b??\"" },
		{ "b\xc3\xbc" "cher.example", "\"b??cher.example\"" },
		{ "\xff\xfe", "\"??\"" },
	};
	pool_t pool = pool_alloconly_create("test", 4096);

	test_begin("authres field write values");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		struct test_result test = {
			CHECK_METHOD_SPF, CHECK_RESULT_FAIL, NULL, NULL,
			{ "smtp", "mailfrom", tests[i].value, NULL }
		};

		test_assert_strcmp_idx(t_test_write(pool, "mx", &test, 1, NULL,
						    "\n"),
			t_strdup_printf("Authentication-Results: mx;\n"
				"\tspf=fail smtp.mailfrom=%s\n",
				tests[i].expected), i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_authres_field_write_text(void)
{
	static const struct {
		const char *comment, *reason, *expected;
	} tests[] = {
		{ "a", NULL, "(a)" },
		{ "", "", NULL },
		{ "a) dkim=pass (b", NULL, "(a\\) dkim=pass \\(b)" },
		{ "a\\", NULL, "(a\\\\)" },
		{ "a\r\nb\001", NULL, "(a?" "?b?)" },
		{ "\xe2\x80\xa8", NULL, "(??" "?)" },
		{ "authres: client=192.0.2.1", NULL,
		  "(?uthres: client=192.0.2.1)" },
		{ NULL, "bad \"record\"", "reason=\"bad \\\"record\\\"\"" },
		{ NULL, "a\\", "reason=\"a\\\\\"" },
		{ NULL, "a\r\nb", "reason=\"a??b\"" },
		{ "a", "b", "(a) reason=\"b\"" },
	};
	pool_t pool = pool_alloconly_create("test", 4096);

	test_begin("authres field write comments and reasons");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		struct test_result test = {
			CHECK_METHOD_SPF, CHECK_RESULT_FAIL,
			tests[i].comment, tests[i].reason, { NULL }
		};

		test_assert_strcmp_idx(t_test_write(pool, "mx", &test, 1, NULL,
						    "\n"),
			t_strconcat("Authentication-Results: mx;\n\tspf=fail",
				    tests[i].expected == NULL ? "" : " ",
				    tests[i].expected == NULL ? "" :
				    tests[i].expected, "\n", NULL), i);
	}
	pool_unref(&pool);
	test_end();
}

/* Every line has its limits, and holds nothing but printable ASCII. */
static void test_field_lines(const char *field, bool folded, unsigned int idx)
{
	const char *const *lines = t_strsplit(field, "\n");
	unsigned int count = str_array_length(lines);

	test_assert_idx(count > 1 && *lines[count - 1] == '\0', idx);
	for (unsigned int i = 0; i + 1 < count; i++) {
		const char *p = lines[i];
		size_t columns = 0;

		test_assert_idx(strlen(p) <= 998, idx);
		/* no fold without white space, no line of white space only */
		test_assert_idx(i == 0 || *p == ' ' || *p == '\t', idx);
		test_assert_idx(p[strspn(p, " \t")] != '\0', idx);
		for (; *p != '\0'; p++) {
			test_assert_idx(*p == '\t' ||
					(*p >= 0x20 && *p <= 0x7e), idx);
			columns += *p == '\t' ? 8 : 1;
		}
		test_assert_idx(!folded || columns <= AUTHRES_FOLD_COLUMNS,
				idx);
	}
}

static void test_authres_field_write_limits(void)
{
	struct {
		const char *comment, *reason, *value;
		bool folded;
	} tests[] = {
		{ t_repeat("word ", 1000), NULL, NULL, TRUE },
		{ NULL, t_repeat("word ", 1000), NULL, TRUE },
		{ t_repeat("(", 1000), t_repeat("\"", 1000), NULL, FALSE },
		{ t_repeat(" ", 1000), t_repeat(" ", 1000), NULL, FALSE },
		{ t_repeat("a  b ", 1000), t_repeat("\\ ", 1000), NULL, FALSE },
		{ NULL, NULL, t_repeat("\"", AUTHRES_MAX_PVALUE_BYTES), FALSE },
		{ t_repeat("\\", 256), t_repeat("\\", 256),
		  t_repeat("\\", AUTHRES_MAX_PVALUE_BYTES), FALSE },
		{ t_repeat("w ", 300), t_repeat("\" ", 300),
		  t_repeat("a", 50), TRUE },
	};
	const char *long_reason = t_repeat("x", AUTHRES_MAX_REASON_BYTES + 1);
	const char *long_value = t_repeat("x", AUTHRES_MAX_PVALUE_BYTES + 1);
	struct test_result cut = {
		CHECK_METHOD_SPF, CHECK_RESULT_FAIL, NULL, long_reason,
		{ "smtp", "mailfrom", long_value,
		  "smtp", "he lo", "a", "", "helo", "b", "sm;tp", "helo", "c",
		  NULL }
	};
	pool_t pool = pool_alloconly_create("test", 4096);

	test_begin("authres field write limits");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		struct test_result test = {
			CHECK_METHOD_SPF, CHECK_RESULT_FAIL,
			tests[i].comment, tests[i].reason,
			{ "smtp", "mailfrom", tests[i].value, NULL }
		};

		test_field_lines(t_test_write(pool, "mx.example.org", &test, 1,
					      NULL, "\n"), tests[i].folded, i);
	}
	/* a long value and what is no keyword are left out, a long reason is
	   cut */
	test_assert_strcmp(t_test_write(pool, "mx", &cut, 1, NULL, "\n"),
		t_strdup_printf("Authentication-Results: mx;\n\tspf=fail\n"
			"\t reason=\"%s...\"\n",
			t_repeat("x", AUTHRES_MAX_REASON_BYTES - 3)));
	pool_unref(&pool);
	test_end();
}

static void
test_results_equal(const struct test_result *test,
		   const struct check_result *result, unsigned int idx)
{
	const struct check_property *properties = NULL;
	unsigned int count = 0;

	test_assert_idx(result->method == test->method, idx);
	test_assert_idx(result->result == test->result, idx);
	test_assert_strcmp_idx(result->comment, test->comment, idx);
	test_assert_strcmp_idx(result->reason, test->reason, idx);
	if (array_is_created(&result->properties))
		properties = array_get(&result->properties, &count);
	for (unsigned int i = 0; i < count; i++) {
		test_assert_strcmp_idx(properties[i].ptype,
				       test->properties[i * 3], idx);
		test_assert_strcmp_idx(properties[i].name,
				       test->properties[i * 3 + 1], idx);
		test_assert_strcmp_idx(properties[i].value,
				       test->properties[i * 3 + 2], idx);
	}
	test_assert_idx(test->properties[count * 3] == NULL, idx);
}

/* parse(write(x)) == x */
static void
test_round_trip(const struct test_result *tests, unsigned int count,
		const char *comment, const char *newline, unsigned int idx)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct authres_field field;
	const char *value, *error;

	value = t_test_write(pool, "mx.example.org", tests, count, comment,
			     newline) + strlen("Authentication-Results:");
	if (authres_field_parse(pool, (const unsigned char *)value,
				strlen(value), &field, &error) < 0) {
		test_assert_strcmp_idx(value, error, idx);
	} else {
		const struct check_result *results;
		unsigned int result_count;

		test_assert_strcmp_idx(field.authserv_id, "mx.example.org",
				       idx);
		test_assert_idx(field.version == 1, idx);
		results = array_get(&field.results, &result_count);
		test_assert_idx(result_count == count, idx);
		for (unsigned int i = 0; i < I_MIN(count, result_count); i++)
			test_results_equal(&tests[i], &results[i], idx);
		test_assert_strcmp_idx(field.comment, comment, idx);
	}
	pool_unref(&pool);
}

static void test_authres_field_round_trip(void)
{
	static const struct test_result odd[] = {
		{ CHECK_METHOD_DKIM, CHECK_RESULT_PASS, "a (b) \\ \"c\" ;", NULL,
		  { NULL } },
		{ CHECK_METHOD_DKIM, CHECK_RESULT_PASS, NULL, "a (b) \\ \"c\" ;",
		  { NULL } },
		{ CHECK_METHOD_DKIM, CHECK_RESULT_PASS, " a  b ", " c  d ",
		  { "header", "i", " e  f ", NULL } },
		{ CHECK_METHOD_SPF, CHECK_RESULT_PASS, NULL, NULL,
		  { "smtp", "mailfrom", "\"a b\"@example.org",
		    "smtp", "helo", "",
		    "smtp", "helo", "\"", NULL } },
		{ CHECK_METHOD_SPF, CHECK_RESULT_PASS, "none", "none",
		  { "policy", "none", "none", NULL } },
		{ CHECK_METHOD_DKIM, CHECK_RESULT_FAIL,
		  "a comment that is rather long and has to be folded at its "
		  "spaces, maybe even  twice before it ends", "and a reason "
		  "that is rather long and has to be folded at its spaces, too",
		  { "header", "d", "a-name-that-is-long.example.org",
		    "header", "b", "abc/def+ghi=", NULL } },
	};
	static const char *const comments[] = {
		"a (b)", "", "c=d \\e", " f  g ", NULL,
		"words that are broken  at each of  their single spaces, and "
		"at none of  these   others, into many lines that begin with "
		"a TAB and a space"
	};
	struct test_result plain;

	test_begin("authres field round trip");
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		for (unsigned int j = 0; j < CHECK_RESULT_COUNT; j++) T_BEGIN {
			i_zero(&plain);
			plain.method = (enum check_method)i;
			plain.result = (enum check_result_word)j;
			test_round_trip(&plain, 1, NULL, "\n", i);
			test_round_trip(&plain, 1, comments[0], "\r\n", i);
		} T_END;
	}
	for (unsigned int i = 0; i < N_ELEMENTS(odd); i++) {
		for (unsigned int j = 0;
		     j < N_ELEMENTS(comments); j++) T_BEGIN {
			test_round_trip(&odd[i], 1, comments[j], "\n", i);
			test_round_trip(&odd[i], 1, comments[j], "\r\n", i);
			test_round_trip(odd, i, comments[j], "\n", i);
		} T_END;
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_authres_field_write_layout,
		test_authres_field_write_upstream,
		test_authres_field_write_values,
		test_authres_field_write_text,
		test_authres_field_write_limits,
		test_authres_field_round_trip,
		NULL
	};
	return test_run(test_functions);
}
