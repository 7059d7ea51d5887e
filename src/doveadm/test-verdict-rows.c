/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-settings.h"
#include "verdict.h"
#include "verdict-rows.h"
#include "test-common.h"
#include "test-file.h"

struct rows_test {
	enum check_method method;
	enum check_result_word result;
	const char *comment, *reason;
	/* "ptype.name=value" */
	const char *properties[6];
	/* columns joined with "|" */
	const char *row;
};

static const struct rows_test rows_tests[] = {
	{ CHECK_METHOD_DMARC, CHECK_RESULT_PASS, "p=reject", NULL,
	  { "header.from=example.org" },
	  "dmarc|pass||example.org||||reject|keep||org.example|" },
	{ CHECK_METHOD_DMARC, CHECK_RESULT_FAIL, "sp=reject",
	  "mailing_list: example.net",
	  { "header.from=a.example.org", "policy.dmarc=quarantine",
	    "policy.override-reason=mailing_list" },
	  "dmarc|fail|mailing_list: example.net|a.example.org||||quarantine|"
	  "keep|mailing_list|org.example|" },
	{ CHECK_METHOD_DMARC, CHECK_RESULT_NONE, NULL, NULL,
	  { "header.from=example.org" },
	  "dmarc|none||example.org|||||keep||org.example|" },
	{ CHECK_METHOD_DMARC, CHECK_RESULT_PASS,
	  "stale, p=reject, message cut: larger than 2000 bytes", NULL,
	  { "header.from=example.org" },
	  "dmarc|pass||example.org||||reject|keep||org.example|" },
	{ CHECK_METHOD_SPF, CHECK_RESULT_SOFTFAIL, "all in example.org", NULL,
	  { "smtp.mailfrom=a@b@example.org" },
	  "spf|softfail||example.org||||||||" },
	{ CHECK_METHOD_SPF, CHECK_RESULT_PASS, NULL, NULL,
	  { "smtp.helo=mx.example.org" },
	  "spf|pass||mx.example.org||||||||" },
	{ CHECK_METHOD_DKIM, CHECK_RESULT_PASS, "2048-bit rsa key", NULL,
	  { "header.d=example.org", "header.i=@example.org",
	    "header.a=rsa-sha256", "header.s=s1", "header.b=12345678" },
	  "dkim|pass||example.org|s1|rsa-sha256|2048|||||" },
	{ CHECK_METHOD_DKIM, CHECK_RESULT_FAIL, "ed25519 key, test key",
	  "body hash did not verify",
	  { "header.d=example.org", "header.a=ed25519-sha256", "header.s=s2" },
	  "dkim|fail|body hash did not verify|example.org|s2|ed25519-sha256|"
	  "256|||||" },
	{ CHECK_METHOD_DKIM, CHECK_RESULT_PASS, "stale, 1024-bit rsa key",
	  NULL, { "header.d=example.org" },
	  "dkim|pass||example.org|||1024|||||" },
	{ CHECK_METHOD_DKIM, CHECK_RESULT_FAIL, "test key", NULL, { NULL },
	  "dkim|fail||||||||||" },
	{ CHECK_METHOD_DKIM, CHECK_RESULT_FAIL, "-bit rsa key", NULL, { NULL },
	  "dkim|fail||||||||||" },
	{ CHECK_METHOD_DKIM, CHECK_RESULT_FAIL, "2048", NULL, { NULL },
	  "dkim|fail||||||||||" },
	{ CHECK_METHOD_ARC, CHECK_RESULT_PASS, "1024-bit rsa key", NULL,
	  { "header.oldest-pass=1" }, "arc|pass||||||||||" },
	/* what a stranger chose stays in its cell */
	{ CHECK_METHOD_DKIM, CHECK_RESULT_PERMERROR, NULL, "a\nb\x1b[31m\tc",
	  { "header.d=x\ty", "header.s=\r\n" },
	  "dkim|permerror|a?b?[31m?c|x?y|??|||||||" },
};

static void build_result(pool_t pool, const struct rows_test *test,
			 struct check_result *result_r)
{
	const char *const *property, *dot, *equals;

	i_zero(result_r);
	result_r->method = test->method;
	result_r->result = test->result;
	result_r->comment = test->comment;
	result_r->reason = test->reason;
	for (property = test->properties; *property != NULL; property++) {
		dot = strchr(*property, '.');
		equals = strchr(*property, '=');
		check_result_add_property(pool, result_r,
			t_strdup_until(*property, dot),
			t_strdup_until(dot + 1, equals), equals + 1);
	}
}

static const char *lookup_nothing(void *context ATTR_UNUSED,
				  const char *name ATTR_UNUSED)
{
	return NULL;
}

static void test_verdict_rows(void)
{
	struct authres_settings set;
	struct verdict verdict;
	ARRAY_TYPE(verdict_row) rows;
	const struct verdict_row *row;
	const char *const *errors;
	string_t *str = t_str_new(256);
	pool_t pool = pool_alloconly_create("test rows", 4096);
	unsigned int i, j;

	test_begin("verdict_rows_get()");
	test_assert(authres_settings_parse(pool, lookup_nothing, NULL, NULL,
					   "mx.example", "/run", &set,
					   &errors) == 0);
	i_zero(&verdict);
	p_array_init(&verdict.results, pool, 16);
	verdict.dmarc = CHECK_RESULT_PASS;
	verdict.author_domain = "example.org";
	verdict.organizational_domain = "org.example";
	t_array_init(&rows, 1);
	verdict_rows_get(pool, &verdict, &set, &rows);
	test_assert(array_count(&rows) == 0);

	for (i = 0; i < N_ELEMENTS(rows_tests); i++) {
		build_result(pool, &rows_tests[i],
			     array_append_space(&verdict.results));
	}
	verdict_rows_get(pool, &verdict, &set, &rows);
	test_assert(array_count(&rows) == N_ELEMENTS(rows_tests));
	for (i = 0; i < array_count(&rows); i++) {
		row = array_idx(&rows, i);
		str_truncate(str, 0);
		for (j = 0; j < VERDICT_COLUMN_COUNT; j++) {
			if (j > 0)
				str_append_c(str, '|');
			str_append(str, row->columns[j]);
		}
		test_assert_strcmp_idx(str_c(str), rows_tests[i].row, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_verdict_rows_disposition(void)
{
	static const struct {
		enum check_result_word dmarc;
		enum dmarc_policy policy;
		const char *disposition;
	} tests[] = {
		{ CHECK_RESULT_PASS, DMARC_POLICY_NONE, "keep" },
		{ CHECK_RESULT_FAIL, DMARC_POLICY_NONE, "keep" },
		{ CHECK_RESULT_FAIL, DMARC_POLICY_QUARANTINE, "junk" },
		{ CHECK_RESULT_FAIL, DMARC_POLICY_REJECT, "junk" },
		{ CHECK_RESULT_TEMPERROR, DMARC_POLICY_NONE, "keep" },
	};
	struct authres_settings set;
	struct verdict verdict;
	struct check_result *result;
	ARRAY_TYPE(verdict_row) rows;
	const struct verdict_row *row;
	const char *const *errors;
	pool_t pool = pool_alloconly_create("test rows", 4096);

	test_begin("verdict_rows_get() disposition");
	(void)authres_settings_parse(pool, lookup_nothing, NULL, NULL,
				     "mx.example", "/run", &set, &errors);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&verdict);
		verdict.dmarc = tests[i].dmarc;
		verdict.policy = tests[i].policy;
		verdict.temperror = tests[i].dmarc == CHECK_RESULT_TEMPERROR;
		verdict.author_domain = "example.org";
		p_array_init(&verdict.results, pool, 1);
		result = array_append_space(&verdict.results);
		result->method = CHECK_METHOD_DMARC;
		result->result = tests[i].dmarc;
		p_array_init(&rows, pool, 1);
		verdict_rows_get(pool, &verdict, &set, &rows);
		row = array_idx(&rows, 0);
		test_assert_strcmp_idx(
			row->columns[VERDICT_COLUMN_DISPOSITION],
			tests[i].disposition, i);
	}
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_verdict_rows,
		test_verdict_rows_disposition,
		NULL
	};
	return test_run(test_functions);
}
