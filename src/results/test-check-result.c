/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "test-common.h"
#include "test-file.h"
#include "verdict.h"

static void test_check_method_names(void)
{
	enum check_method method;
	enum check_result_word word;

	test_begin("check method and result names");
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		const char *name = check_method_name((enum check_method)i);

		test_assert_idx(check_method_parse(name, &method) == 0 &&
				method == i, i);
		test_assert_idx(check_method_parse(t_str_ucase(name),
						   &method) == 0 &&
				method == i, i);
	}
	for (unsigned int i = 0; i < CHECK_RESULT_COUNT; i++) {
		const char *name =
			check_result_word_name((enum check_result_word)i);

		test_assert_idx(check_result_word_parse(name, &word) == 0 &&
				word == i, i);
	}
	test_assert(check_method_parse("", &method) < 0);
	test_assert(check_method_parse("dkim ", &method) < 0);
	test_assert(check_method_parse("dkim-adsp", &method) < 0);
	test_assert(check_method_parse("iprev", &method) < 0);
	test_assert(check_result_word_parse("hardfail", &word) < 0);
	test_assert(check_result_word_parse("", &word) < 0);
	test_end();
}

static void test_check_method_has_result(void)
{
	static const struct {
		enum check_method method;
		const char *words;
	} tests[] = {
		/* RFC 9989 section 9.1 */
		{ CHECK_METHOD_DMARC, "none pass fail temperror permerror" },
		/* RFC 8601 section 2.7.2 */
		{ CHECK_METHOD_SPF, "none pass fail softfail neutral policy "
		  "temperror permerror" },
		/* section 2.7.1 */
		{ CHECK_METHOD_DKIM, "none pass fail neutral policy temperror "
		  "permerror" },
		/* RFC 8617 section 6 */
		{ CHECK_METHOD_ARC, "none pass fail" },
		/* section 2.7.4 */
		{ CHECK_METHOD_AUTH, "none pass fail temperror permerror" },
		{ CHECK_METHOD_SENDER_ID, "none pass fail softfail neutral "
		  "policy temperror permerror" },
	};

	test_begin("check method has result");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		const char *const *words = t_strsplit(tests[i].words, " ");

		for (unsigned int j = 0; j < CHECK_RESULT_COUNT; j++) {
			const char *name = check_result_word_name(
				(enum check_result_word)j);

			test_assert_idx(check_method_has_result(
				tests[i].method, (enum check_result_word)j) ==
				str_array_find(words, name),
				i * CHECK_RESULT_COUNT + j);
		}
	}
	test_end();
}

static void test_check_result_properties(void)
{
	pool_t pool = pool_alloconly_create("test", 256);
	struct check_result result;
	char value[] = "example.org";

	test_begin("check result properties");
	i_zero(&result);
	test_assert(check_result_property(&result, "header", "d") == NULL);
	check_result_add_property(pool, &result, "header", "d", NULL);
	test_assert(!array_is_created(&result.properties));
	check_result_add_property(pool, &result, "header", "d", value);
	check_result_add_property(pool, &result, "header", "s", "");
	check_result_add_property(pool, &result, "header", "d", "second");
	value[0] = 'X';
	test_assert_strcmp(check_result_property(&result, "header", "d"),
			   "example.org");
	test_assert_strcmp(check_result_property(&result, "HEADER", "D"),
			   "example.org");
	test_assert_strcmp(check_result_property(&result, "header", "s"), "");
	test_assert(check_result_property(&result, "smtp", "d") == NULL);
	test_assert(array_count(&result.properties) == 3);
	pool_unref(&pool);
	test_end();
}

static void test_verdict_names(void)
{
	enum dmarc_policy policy;
	enum override_reason reason;
	enum client_source source;
	enum mail_origin origin;

	test_begin("verdict names");
	for (unsigned int i = 0; i <= DMARC_POLICY_REJECT; i++)
		test_assert_idx(dmarc_policy_parse(dmarc_policy_name(
			(enum dmarc_policy)i), &policy) == 0 && policy == i, i);
	for (unsigned int i = 0; i <= OVERRIDE_REASON_SAMPLED_OUT; i++)
		test_assert_idx(override_reason_parse(override_reason_name(
			(enum override_reason)i), &reason) == 0 &&
			reason == i, i);
	for (unsigned int i = 0; i <= CLIENT_SOURCE_RECEIVED; i++)
		test_assert_idx(client_source_parse(client_source_name(
			(enum client_source)i), &source) == 0 &&
			source == i, i);
	for (unsigned int i = 0; i <= MAIL_ORIGIN_LOCAL; i++)
		test_assert_idx(mail_origin_parse(mail_origin_name(
			(enum mail_origin)i), &origin) == 0 && origin == i, i);
	test_assert_strcmp(override_reason_name(
		OVERRIDE_REASON_TRUSTED_FORWARDER), "trusted_forwarder");
	test_assert(dmarc_policy_parse("", &policy) < 0);
	test_assert(dmarc_policy_parse("block", &policy) < 0);
	test_assert(override_reason_parse("forwarded", &reason) < 0);
	test_assert(client_source_parse("auto", &source) < 0);
	test_assert(mail_origin_parse("remote", &origin) < 0);
	test_end();
}

static void test_verdict_init_temperror(void)
{
	pool_t pool = pool_alloconly_create("test", 256);
	struct verdict verdict;
	const struct check_result *result;
	char reason[] = "no answer in 10 s";

	test_begin("verdict init temperror");
	memset(&verdict, 0xff, sizeof(verdict));
	verdict_init_temperror(pool, &verdict, reason);
	reason[0] = '\0';
	test_assert(verdict.temperror && !verdict.bad_author &&
		    !verdict.phishing && !verdict.mail_from_spf_pass);
	test_assert(verdict.dmarc == CHECK_RESULT_TEMPERROR);
	test_assert(verdict.origin == MAIL_ORIGIN_EXTERNAL);
	test_assert(verdict.client_ip.family == 0);
	result = verdict_find(&verdict, CHECK_METHOD_DMARC);
	test_assert(result != NULL && result->result == CHECK_RESULT_TEMPERROR);
	test_assert_strcmp(result->reason, "no answer in 10 s");
	test_assert(verdict_find(&verdict, CHECK_METHOD_SPF) == NULL);
	i_zero(&verdict);
	test_assert(verdict_find(&verdict, CHECK_METHOD_DMARC) == NULL);
	pool_unref(&pool);
	test_end();
}

static void test_check_result_stale(void)
{
	static const struct {
		const char *comment, *stale_comment;
	} tests[] = {
		{ NULL, "stale" },
		{ "p=reject", "stale, p=reject" },
		{ "staleness in example.org",
		  "stale, staleness in example.org" },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct check_result result;

	test_begin("check result stale");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&result);
		result.comment = tests[i].comment;
		test_assert_idx(!check_result_is_stale(&result), i);
		test_assert_idx(check_result_own_comment(&result) ==
				tests[i].comment, i);
		/* twice is once */
		check_result_set_stale(pool, &result);
		check_result_set_stale(pool, &result);
		test_assert_strcmp_idx(result.comment, tests[i].stale_comment,
				       i);
		test_assert_idx(check_result_is_stale(&result), i);
		test_assert_idx(null_strcmp(check_result_own_comment(&result),
					    tests[i].comment) == 0, i);
		/* what another filter writes means nothing */
		result.upstream = "filter.example";
		test_assert_idx(!check_result_is_stale(&result), i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_check_method_setting(void)
{
	static const char *const words[] = {
		[CHECK_METHOD_DMARC] = "dmarc",
		[CHECK_METHOD_SPF] = "spf",
		[CHECK_METHOD_DKIM] = "dkim",
		[CHECK_METHOD_ARC] = "arc",
		[CHECK_METHOD_AUTH] = NULL,
		[CHECK_METHOD_SENDER_ID] = "senderid",
	};
	enum check_method method;

	test_begin("check method setting");
	for (unsigned int i = 0; i < N_ELEMENTS(words); i++) {
		test_assert_idx(null_strcmp(check_method_setting(i),
					    words[i]) == 0, i);
		test_assert_idx(words[i] == NULL ||
				(check_method_setting_parse(words[i],
							    &method) == 0 &&
				 method == i), i);
	}
	test_assert(check_method_setting_parse("SPF", &method) == 0 &&
		    method == CHECK_METHOD_SPF);
	test_assert(check_method_setting_parse("auth", &method) < 0);
	test_assert(check_method_setting_parse("sender-id", &method) < 0);
	test_assert(check_method_setting_parse("", &method) < 0);
	test_end();
}

static void test_check_result_domain(void)
{
	static const struct {
		enum check_method method;
		const char *properties[3], *domain;
	} tests[] = {
		{ CHECK_METHOD_DMARC, { "header.from=a.example" }, "a.example" },
		{ CHECK_METHOD_SPF, { "smtp.mailfrom=x@y@a.example",
				      "smtp.helo=b.example" }, "a.example" },
		{ CHECK_METHOD_SPF, { "smtp.helo=b.example",
				      "smtp.mailfrom=a.example" },
		  "a.example" },
		{ CHECK_METHOD_SPF, { "smtp.helo=b.example" }, "b.example" },
		{ CHECK_METHOD_SPF, { "smtp.mailfrom=" }, "" },
		{ CHECK_METHOD_DKIM, { "header.i=@m.a.example",
				       "header.d=a.example" }, "a.example" },
		{ CHECK_METHOD_SENDER_ID, { "header.sender=u@a.example" },
		  "a.example" },
		{ CHECK_METHOD_SENDER_ID, { "header.from=u@a.example" },
		  "a.example" },
		{ CHECK_METHOD_SENDER_ID, { "header.resent-from=a.example" },
		  "a.example" },
		{ CHECK_METHOD_SENDER_ID, { "header.resent-sender=a.example" },
		  "a.example" },
		{ CHECK_METHOD_SENDER_ID, { "smtp.mailfrom=a.example" }, NULL },
		{ CHECK_METHOD_ARC, { "header.oldest-pass=1" }, NULL },
		{ CHECK_METHOD_AUTH, { "smtp.auth=u@a.example" }, NULL },
		/* of another method */
		{ CHECK_METHOD_DKIM, { "header.from=a.example" }, NULL },
		{ CHECK_METHOD_DKIM, { NULL }, NULL },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct check_result result;

	test_begin("check result domain");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&result);
		result.method = tests[i].method;
		for (unsigned int j = 0; tests[i].properties[j] != NULL; j++) {
			const char *property = tests[i].properties[j];
			const char *name = strchr(property, '.') + 1;
			const char *value = strchr(property, '=') + 1;

			check_result_add_property(pool, &result,
				t_strdup_until(property, name - 1),
				t_strdup_until(name, value - 1), value);
		}
		test_assert_idx(null_strcmp(t_check_result_domain(&result),
					    tests[i].domain) == 0, i);
	}
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_check_method_names,
		test_check_method_setting,
		test_check_result_domain,
		test_check_result_stale,
		test_check_method_has_result,
		test_check_result_properties,
		test_verdict_names,
		test_verdict_init_temperror,
		NULL
	};
	return test_run(test_functions);
}
