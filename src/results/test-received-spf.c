/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "authres-limits.h"
#include "verdict.h"
#include "received-spf.h"

#include <time.h>

struct write_test {
	enum check_result_word result;
	const char *comment, *reason;
	/* "mailfrom" or "helo" */
	const char *property;
	const char *value;
	const char *client_ip;
	const char *client_helo;
	/* NULL = nothing is written */
	const char *output;
};

static const struct write_test write_tests[] = {
	/* RFC 7208 section 9.1 */
	{ CHECK_RESULT_PASS, "ip4:192.0.2.0/24 in example.com", NULL,
	  "mailfrom", "myname@example.com", "192.0.2.1", "foo.example.com",
	  "Received-SPF: pass\n"
	  "\t (mx.test: domain of myname@example.com designates 192.0.2.1 as\n"
	  "\t permitted sender) identity=mailfrom; client-ip=192.0.2.1;\n"
	  "\t helo=foo.example.com; envelope-from=\"myname@example.com\";\n"
	  "\t receiver=mx.test; mechanism=\"ip4:192.0.2.0/24\"\n" },
	{ CHECK_RESULT_FAIL, "-all in example.com", NULL,
	  "mailfrom", "a@example.com", "2001:db8::1", NULL,
	  "Received-SPF: fail\n"
	  "\t (mx.test: domain of a@example.com does not designate 2001:db8::1 as\n"
	  "\t permitted sender) identity=mailfrom; client-ip=\"2001:db8::1\";\n"
	  "\t envelope-from=\"a@example.com\"; receiver=mx.test; mechanism=-all\n" },
	/* section 2.4: the null reverse-path */
	{ CHECK_RESULT_SOFTFAIL, "default in mx.example.com", NULL,
	  "helo", "mx.example.com", "192.0.2.1", "MX.example.com",
	  "Received-SPF: softfail\n"
	  "\t (mx.test: domain of MX.example.com discourages 192.0.2.1 as\n"
	  "\t permitted sender) identity=helo; client-ip=192.0.2.1;\n"
	  "\t helo=MX.example.com; receiver=mx.test; mechanism=default\n" },
	{ CHECK_RESULT_NEUTRAL, NULL, NULL,
	  "mailfrom", "example.com", "192.0.2.1", NULL,
	  "Received-SPF: neutral\n"
	  "\t (mx.test: domain of example.com neither permits nor denies\n"
	  "\t 192.0.2.1) identity=mailfrom; client-ip=192.0.2.1;\n"
	  "\t envelope-from=example.com; receiver=mx.test\n" },
	{ CHECK_RESULT_NONE, "not three words at all", NULL,
	  "mailfrom", "a@example.com", "192.0.2.1", NULL,
	  "Received-SPF: none\n"
	  "\t (mx.test: domain of a@example.com does not designate permitted\n"
	  "\t sender hosts) identity=mailfrom; client-ip=192.0.2.1;\n"
	  "\t envelope-from=\"a@example.com\"; receiver=mx.test\n" },
	{ CHECK_RESULT_PERMERROR, "x in y", "two records",
	  "mailfrom", "a@example.com", "192.0.2.1", NULL,
	  "Received-SPF: permerror\n"
	  "\t (mx.test: error in processing the domain of a@example.com)\n"
	  "\t identity=mailfrom; client-ip=192.0.2.1;\n"
	  "\t envelope-from=\"a@example.com\"; receiver=mx.test;\n"
	  "\t problem=\"two records\"\n" },
	{ CHECK_RESULT_TEMPERROR, NULL, NULL,
	  "mailfrom", "a@example.com", "192.0.2.1", NULL,
	  "Received-SPF: temperror\n"
	  "\t (mx.test: error in processing the domain of a@example.com)\n"
	  "\t identity=mailfrom; client-ip=192.0.2.1;\n"
	  "\t envelope-from=\"a@example.com\"; receiver=mx.test\n" },
	/* values that a stranger chose */
	{ CHECK_RESULT_PASS, "a\";b in c", "unused",
	  "mailfrom", "a\"(\\)\r\nX: y;z@e.com", "192.0.2.1",
	  ") receiver=evil\t\"\\(",
	  "Received-SPF: pass\n"
	  "\t (mx.test: domain of a\"\\(\\\\\\)??X: y;z@e.com designates 192.0.2.1 as\n"
	  "\t permitted sender) identity=mailfrom; client-ip=192.0.2.1;\n"
	  "\t helo=\") receiver=evil?\\\"\\\\(\"; envelope-from=\"a\\\"(\\\\)??X: y;z@e.com\";\n"
	  "\t receiver=mx.test; mechanism=\"a\\\";b\"\n" },
	{ CHECK_RESULT_PASS, NULL, NULL, "mailfrom", "", "192.0.2.1", "\xff\x80",
	  "Received-SPF: pass\n"
	  "\t (mx.test: domain of  designates 192.0.2.1 as permitted sender)\n"
	  "\t identity=mailfrom; client-ip=192.0.2.1; helo=??; envelope-from=\"\";\n"
	  "\t receiver=mx.test\n" },
	/* not evaluated */
	{ CHECK_RESULT_PASS, NULL, NULL, "mailfrom", "a@b.example", NULL, NULL,
	  NULL },
	/* no word of RFC 7208 */
	{ CHECK_RESULT_POLICY, NULL, NULL, "mailfrom", "a@b.example",
	  "192.0.2.1", NULL, NULL },
};

static void
write_test_verdict(pool_t pool, const struct write_test *test,
		   struct verdict *verdict_r)
{
	struct check_result *result;

	i_zero(verdict_r);
	p_array_init(&verdict_r->results, pool, 2);
	result = array_append_space(&verdict_r->results);
	result->method = CHECK_METHOD_SPF;
	result->result = test->result;
	result->comment = test->comment;
	result->reason = test->reason;
	check_result_add_property(pool, result, "smtp", test->property,
				  test->value);
	if (test->client_ip != NULL &&
	    net_addr2ip(test->client_ip, &verdict_r->client_ip) < 0)
		i_unreached();
	verdict_r->client_helo = test->client_helo;
}

static void test_received_spf_write(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	string_t *str = t_str_new(256);
	struct verdict verdict;
	bool written;

	test_begin("received_spf_write");
	for (unsigned int i = 0; i < N_ELEMENTS(write_tests); i++) {
		const struct write_test *test = &write_tests[i];

		str_truncate(str, 0);
		write_test_verdict(pool, test, &verdict);
		written = received_spf_write(str, &verdict, "mx.test", "\n");
		test_assert_idx(written == (test->output != NULL), i);
		test_assert_strcmp_idx(str_c(str), test->output == NULL ? "" :
				       test->output, i);
		if (written) {
			test_assert_idx(received_spf_claims(
				str_data(str) + strlen("Received-SPF:"),
				str_len(str) - strlen("Received-SPF:"),
				(const char *const []) { "MX.test", NULL }), i);
		}
	}
	i_zero(&verdict);
	test_assert(!received_spf_write(str, &verdict, "mx.test", "\n"));
	pool_unref(&pool);
	test_end();
}

static void test_received_spf_write_any_bytes(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	string_t *str = str_new(default_pool, 1024);
	struct write_test test = {
		.result = CHECK_RESULT_PASS, .property = "mailfrom",
		.client_ip = "192.0.2.1"
	};
	struct verdict verdict;
	char text[4097];
	const char *const *lines;

	test_begin("received_spf_write: any bytes");
	for (unsigned int round = 0; round < 100; round++) T_BEGIN {
		size_t len = i_rand_limit(sizeof(text));

		for (size_t i = 0; i < len; i++)
			text[i] = i_rand_minmax(1, 255);
		text[len] = '\0';
		test.comment = t_strdup_printf("%s in b", text);
		test.value = test.client_helo = text;
		str_truncate(str, 0);
		write_test_verdict(pool, &test, &verdict);
		test_assert(received_spf_write(str, &verdict, text, "\r\n"));
		test_assert(str_len(str) > 2 &&
			    strcmp(str_c(str) + str_len(str) - 2, "\r\n") == 0);
		str_truncate(str, str_len(str) - 2);
		lines = t_strsplit(str_c(str), "\r\n");
		for (; *lines != NULL; lines++) {
			test_assert(strlen(*lines) <= 998);
			test_assert(lines[0] == NULL ||
				    strpbrk(*lines, "\r\n") == NULL);
		}
		for (const char *p = str_c(str); *p != '\0'; p++) {
			test_assert((*p >= 0x20 && *p <= 0x7e) || *p == '\t' ||
				    (p[0] == '\r' && p[1] == '\n') ||
				    (p[0] == '\n' && (p[1] == '\t' ||
						      p[1] == ' ')));
		}
	} T_END;
	str_free(&str);
	pool_unref(&pool);
	test_end();
}

struct claims_test {
	const char *value;
	bool claims;
};

static const struct claims_test claims_tests[] = {
	{ " pass receiver=mx.test; client-ip=192.0.2.1", TRUE },
	{ " pass (other: text) client-ip=192.0.2.1; receiver=mx2.test;", TRUE },
	{ " PASS RECEIVER=MX.TEST", TRUE },
	{ " pass receiver=mx.test.", TRUE },
	{ " pass receiver=\"mx.test\"", TRUE },
	{ " pass receiver=\"m\\x.test\"", TRUE },
	{ " pass receiver = mx.test", TRUE },
	{ " pass\r\n\treceiver\r\n =\r\n\t(c)\r\n mx.test\r\n", TRUE },
	{ " pass receiver=(;)mx.test", TRUE },
	{ " pass receiver(;)=mx.test", TRUE },
	{ " pass receiver=(\\)mx.test", TRUE },
	{ " pass receiver=((;)mx.test", TRUE },
	{ " pass x=\"(\"; receiver=mx.test; y=\")\"", TRUE },
	{ " pass receiver=other; receiver=mx.test", TRUE },
	{ " pass receiver=other receiver=mx.test", TRUE },
	{ " pass =?utf-8?q?receiver=3Dmx.test?=", TRUE },
	/* the comment of section 9.1's examples */
	{ " fail (mx.test: domain of a@b.example does not designate 192.0.2.1 "
	  "as permitted sender) identity=mailfrom; client-ip=192.0.2.1;", TRUE },
	{ "fail(mx2.test:x)", TRUE },

	{ "", FALSE },
	{ " ", FALSE },
	{ " pass", FALSE },
	{ " pass (", FALSE },
	{ " pass receiver", FALSE },
	{ " pass receiver=", FALSE },
	{ " pass receiver=other.test; helo=mx.test", FALSE },
	{ " pass receiver=xmx.test", FALSE },
	{ " pass receiver=mx.test.example", FALSE },
	{ " pass receiver=mx.testx", FALSE },
	{ " pass helo=mx.test; envelope-from=\"a@mx.test\"", FALSE },
	{ " pass (other.test: domain of a@mx.test designates 192.0.2.1 as "
	  "permitted sender) receiver=other.test; helo=mx.test", FALSE },
	{ " pass (no colon mx.test) receiver=other.test", FALSE },
};

static void test_received_spf_claims(void)
{
	static const char *const ids[] = { "mx.test", "mx2.test", NULL };
	static const char *const no_ids[] = { NULL };
	unsigned char *big;

	test_begin("received_spf_claims");
	for (unsigned int i = 0; i < N_ELEMENTS(claims_tests); i++) {
		const struct claims_test *test = &claims_tests[i];

		test_assert_idx(received_spf_claims(
			(const void *)test->value, strlen(test->value),
			ids) == test->claims, i);
		test_assert_idx(!received_spf_claims(
			(const void *)test->value, strlen(test->value),
			no_ids), i);
	}
	big = i_malloc(AUTHRES_MAX_FIELD_BYTES);
	memset(big, ' ', AUTHRES_MAX_FIELD_BYTES);
	test_assert(received_spf_claims(big, AUTHRES_MAX_FIELD_BYTES, ids));
	test_assert(!received_spf_claims(big, AUTHRES_MAX_FIELD_BYTES - 1,
					 ids));
	i_free(big);
	test_end();
}

/* Nothing may be looked at again and again. */
static void test_received_spf_claims_hostile(void)
{
	static const char *const ids[] = { "mx.test", "mmmmmm.test", NULL };
	static const char *const parts[] = {
		"receiver", "receiver=", "receiver;", "(", "receiver(", "m",
		"\\", "\"", "=?", "=?utf-8?q?", ":(", "receiver=m "
	};
	string_t *str = str_new(default_pool, AUTHRES_MAX_FIELD_BYTES);
	clock_t begin = clock();

	test_begin("received_spf_claims: hostile input");
	for (unsigned int i = 0; i < N_ELEMENTS(parts); i++) {
		str_truncate(str, 0);
		while (str_len(str) < AUTHRES_MAX_FIELD_BYTES - 16)
			str_append(str, parts[i]);
		test_assert_idx(!received_spf_claims(str_data(str),
						     str_len(str), ids), i);
		str_append(str, "mx.test");
		(void)received_spf_claims(str_data(str), str_len(str), ids);
	}
	test_assert((clock() - begin) / CLOCKS_PER_SEC < 20);
	str_free(&str);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_received_spf_write,
		test_received_spf_write_any_bytes,
		test_received_spf_claims,
		test_received_spf_claims_hostile,
		NULL
	};
	return test_run(test_functions);
}
