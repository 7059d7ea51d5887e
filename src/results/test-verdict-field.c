/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "verdict-field.h"

static struct check_result *
test_result_add(pool_t pool, struct verdict *verdict, enum check_method method,
		enum check_result_word word)
{
	struct check_result *result;

	if (!array_is_created(&verdict->results))
		p_array_init(&verdict->results, pool, 4);
	result = array_append_space(&verdict->results);
	result->method = method;
	result->result = word;
	return result;
}

static struct check_result *
test_result(struct verdict *verdict, unsigned int index)
{
	return array_idx_modifiable(&verdict->results, index);
}

static void test_verdict_init(pool_t pool, struct verdict *verdict)
{
	struct check_result *result;

	i_zero(verdict);
	result = test_result_add(pool, verdict, CHECK_METHOD_DMARC,
				 CHECK_RESULT_FAIL);
	result->comment = "p=reject";
	check_result_add_property(pool, result, "header", "from", "example.net");
	check_result_add_property(pool, result, "policy", "dmarc", "reject");
	result = test_result_add(pool, verdict, CHECK_METHOD_SPF,
				 CHECK_RESULT_PASS);
	check_result_add_property(pool, result, "smtp", "mailfrom",
				  "bounce@shop.example");
	(void)test_result_add(pool, verdict, CHECK_METHOD_DKIM,
			      CHECK_RESULT_NONE);
	verdict->dmarc = CHECK_RESULT_FAIL;
	verdict->policy = DMARC_POLICY_REJECT;
	verdict->author_domain = "example.net";
	verdict->mail_from_spf_pass = TRUE;
	verdict->client_source = CLIENT_SOURCE_RECEIVED;
	verdict->client_helo = "out.shop.example";
	verdict->received_index = 2;
	verdict->client_reason = "Received by mx.example.org";
	if (net_addr2ip("192.0.2.1", &verdict->client_ip) < 0)
		i_unreached();
}

static const char *
t_test_write(const struct verdict *verdict, const char *newline)
{
	string_t *str = t_str_new(16);

	verdict_field_write(str, verdict, "mx.example.org", newline);
	return str_c(str);
}

/* Write it and read it back. */
static void
test_read(pool_t pool, const struct verdict *verdict, struct verdict *read_r)
{
	const char *value = t_test_write(verdict, "\r\n") +
		strlen("Authentication-Results:");
	struct authres_field field;
	const char *error;

	i_zero(read_r);
	if (authres_field_parse(pool, (const unsigned char *)value,
				strlen(value), &field, &error) < 0)
		test_assert_strcmp(value, error);
	else
		verdict_field_read(pool, &field, read_r);
}

static void test_verdict_field_write(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct verdict verdict;

	test_begin("disposition field write");
	test_verdict_init(pool, &verdict);
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org;\n"
		"\tdmarc=fail (p=reject) header.from=example.net policy.dmarc=reject;\n"
		"\tspf=pass smtp.mailfrom=bounce@shop.example;\n"
		"\tdkim=none\n"
		"\t (authres: client=192.0.2.1 source=received line=2\n"
		" helo=out.shop.example) (authres: reason=Received by mx.example.org)\n");

	/* who passed it on */
	verdict.forwarder = "fw.example.net";
	verdict.list_domain = "lists.example.net";
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org;\n"
		"\tdmarc=fail (p=reject) header.from=example.net policy.dmarc=reject;\n"
		"\tspf=pass smtp.mailfrom=bounce@shop.example;\n"
		"\tdkim=none\n"
		"\t (authres: client=192.0.2.1 source=received line=2\n"
		" helo=out.shop.example) (authres: reason=Received by mx.example.org)\n"
		"\t (authres: forwarder=fw.example.net)\n"
		"\t (authres: list=lists.example.net)\n");

	/* who found it out */
	verdict.forwarder = verdict.list_domain = NULL;
	verdict.upstream_reason = "spf is given (twice)";
	test_result(&verdict, 0)->upstream = "f.example.org";
	test_result(&verdict, 2)->upstream = "a) x=y";
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org;\n"
		"\tdmarc=fail (p=reject) (upstream f.example.org)\n"
		"\t header.from=example.net policy.dmarc=reject;\n"
		"\tspf=pass smtp.mailfrom=bounce@shop.example;\n"
		"\tdkim=none (upstream a\\) x=y)\n"
		"\t (authres: client=192.0.2.1 source=received line=2\n"
		" helo=out.shop.example) (authres: reason=Received by mx.example.org)\n"
		"\t (authres: upstream=spf is given \\(twice\\))\n");

	/* nothing about the client, nothing to say */
	verdict_init_temperror(pool, &verdict, "verifier down");
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org;\n"
		"\tdmarc=temperror reason=\"verifier down\"\n");
	verdict.client_reason = "no trusted Received";
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org;\n"
		"\tdmarc=temperror reason=\"verifier down\"\n"
		"\t (authres: client=unknown source=none)\n"
		"\t (authres: reason=no trusted Received)\n");

	/* our own mail */
	i_zero(&verdict);
	verdict.origin = MAIL_ORIGIN_LOCAL;
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org; none\n"
		"\t (authres: origin=local client=unknown source=none)\n");
	pool_unref(&pool);
	test_end();
}

static void test_verdict_field_round_trip(void)
{
	static const char *const texts[] = {
		"mx.example.net", "", "a b  c", "client=192.0.2.9 source=none",
		"line=7 helo=x reason=y", "a) (authres: client=192.0.2.9",
		"\\ ( ) \" ; =", NULL
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct verdict verdict, read;

	test_begin("disposition field round trip");
	test_verdict_init(pool, &verdict);
	for (unsigned int i = 0; i < N_ELEMENTS(texts); i++) {
		verdict.client_helo = texts[i];
		verdict.client_reason = texts[i];
		verdict.upstream_reason = texts[i];
		test_result(&verdict, 0)->upstream = texts[i];
		verdict.received_index = i;
		verdict.client_source = (enum client_source)
			(i % (CLIENT_SOURCE_RECEIVED + 1));
		verdict.origin = (enum mail_origin)(i % (MAIL_ORIGIN_LOCAL + 1));
		test_assert(net_addr2ip(i % 2 == 0 ? "192.0.2.1" :
					"2001:db8::1", &verdict.client_ip) == 0);
		test_read(pool, &verdict, &read);
		test_assert_strcmp_idx(read.client_helo, texts[i], i);
		test_assert_strcmp_idx(read.client_reason, texts[i], i);
		test_assert_strcmp_idx(read.upstream_reason, texts[i], i);
		test_assert_strcmp_idx(test_result(&read, 0)->upstream,
				       texts[i], i);
		test_assert_strcmp_idx(test_result(&read, 0)->comment,
				       "p=reject", i);
		test_assert_idx(test_result(&read, 1)->upstream == NULL,
				i);
		test_assert_idx(read.received_index == i, i);
		test_assert_idx(read.client_source == verdict.client_source, i);
		test_assert_idx(read.origin == verdict.origin, i);
		test_assert_idx(net_ip_compare(&read.client_ip,
					       &verdict.client_ip), i);
		test_assert_idx(read.dmarc == CHECK_RESULT_FAIL, i);
		test_assert_idx(read.policy == DMARC_POLICY_REJECT, i);
		test_assert_strcmp_idx(read.author_domain, "example.net", i);
		test_assert_idx(read.mail_from_spf_pass, i);
		test_assert_idx(!read.bad_author && !read.temperror, i);
		test_assert_idx(array_count(&read.results) == 3, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_verdict_field_senders(void)
{
	static const struct {
		const char *forwarder, *list_domain;
		/* after the round trip */
		const char *read_forwarder, *read_list_domain;
	} tests[] = {
		{ NULL, NULL, NULL, NULL },
		{ "192.0.2.9", NULL, "192.0.2.9", NULL },
		{ "2001:db8::9", "a.example", "2001:db8::9", "a.example" },
		{ NULL, "xn--bcher-kva.example", NULL,
		  "xn--bcher-kva.example" },
		{ "fw", "a_b.example", "fw", "a_b.example" },
		/* never on the wire, never in the field */
		{ "a list=evil.example", "a) (authres: client=192.0.2.9",
		  NULL, NULL },
		{ "", "", NULL, NULL },
		{ "A", "\xff", NULL, NULL },
	};
	static const char *const comments[] = {
		"list=a;b", "list=", "forwarder=X", "list=Evil.example",
		"helo=list=evil.example", "reason=forwarder=evil.example",
		"helo=x forwarder=evil.example",
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct verdict verdict, read;
	struct authres_field field;
	const char *value, *error;

	test_begin("disposition field senders");
	test_verdict_init(pool, &verdict);
	verdict.author_address = "someone@example.net";
	verdict.client_helo = "list=evil.example";
	verdict.client_reason = "forwarder=evil.example";
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		verdict.forwarder = tests[i].forwarder;
		verdict.list_domain = tests[i].list_domain;
		test_read(pool, &verdict, &read);
		test_assert_strcmp_idx(read.forwarder,
				       tests[i].read_forwarder, i);
		test_assert_strcmp_idx(read.list_domain,
				       tests[i].read_list_domain, i);
		test_assert_idx(read.author_address == NULL, i);
		test_assert_idx(strstr(t_test_write(&verdict, "\n"),
				       "someone") == NULL, i);
	}
	/* the longest name that fits, and longer ones */
	for (unsigned int size = 240; size <= AUTHRES_MAX_DOMAIN_BYTES;
	     size++) T_BEGIN {
		char *name = t_malloc0(size + 1);

		memset(name, 'a', size);
		verdict.forwarder = verdict.list_domain = name;
		test_read(pool, &verdict, &read);
		test_assert_strcmp_idx(read.forwarder,
			size > AUTHRES_MAX_COMMENT_BYTES - 10 ? NULL : name,
			size);
		test_assert_strcmp_idx(read.list_domain,
			size > AUTHRES_MAX_COMMENT_BYTES - 5 ? NULL : name,
			size);
	} T_END;
	for (unsigned int i = 0; i < N_ELEMENTS(comments); i++) {
		value = t_strdup_printf("mx; none (authres: %s)", comments[i]);
		test_assert_idx(authres_field_parse(pool,
			(const unsigned char *)value, strlen(value), &field,
			&error) == 0, i);
		verdict_field_read(pool, &field, &read);
		test_assert_idx(read.forwarder == NULL, i);
		test_assert_idx(read.list_domain == NULL, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_verdict_field_read(void)
{
	static const struct {
		const char *value;
		enum check_result_word dmarc;
		enum dmarc_policy policy;
		enum override_reason reason;
		const char *author_domain, *override_comment;
		/* bad author, enforced, temperror, SPF pass of MAIL FROM */
		const char *flags;
	} tests[] = {
		{ "mx; none", CHECK_RESULT_NONE, DMARC_POLICY_NONE,
		  OVERRIDE_REASON_NONE, NULL, NULL, "" },
		{ "mx; spf=pass smtp.helo=x", CHECK_RESULT_NONE,
		  DMARC_POLICY_NONE, OVERRIDE_REASON_NONE, NULL, NULL, "" },
		{ "mx; spf=pass smtp.mailfrom=x", CHECK_RESULT_NONE,
		  DMARC_POLICY_NONE, OVERRIDE_REASON_NONE, NULL, NULL, "s" },
		{ "mx; spf=fail smtp.mailfrom=x", CHECK_RESULT_NONE,
		  DMARC_POLICY_NONE, OVERRIDE_REASON_NONE, NULL, NULL, "" },
		{ "mx; dmarc=fail reason=\"list x\" header.from=a.example "
		  "policy.dmarc=quarantine policy.override-reason=mailing_list",
		  CHECK_RESULT_FAIL, DMARC_POLICY_QUARANTINE,
		  OVERRIDE_REASON_MAILING_LIST, "a.example", "list x", "" },
		{ "mx; dmarc=fail reason=\"local_policy: arc.example\" "
		  "header.from=a policy.dmarc=reject "
		  "policy.override-reason=local_policy",
		  CHECK_RESULT_FAIL, DMARC_POLICY_REJECT,
		  OVERRIDE_REASON_LOCAL_POLICY, "a", "arc.example", "" },
		{ "mx; dmarc=fail reason=\"policy_test_mode\" header.from=a "
		  "policy.dmarc=none policy.override-reason=policy_test_mode",
		  CHECK_RESULT_FAIL, DMARC_POLICY_NONE,
		  OVERRIDE_REASON_POLICY_TEST_MODE, "a", NULL, "" },
		{ "mx; dmarc=permerror reason=x header.from=a.example",
		  CHECK_RESULT_PERMERROR, DMARC_POLICY_NONE,
		  OVERRIDE_REASON_NONE, "a.example", NULL, "" },
		{ "mx; dmarc=fail reason=\"x\" header.from=a.example "
		  "policy.dmarc=drop policy.override-reason=forwarded",
		  CHECK_RESULT_FAIL, DMARC_POLICY_NONE,
		  OVERRIDE_REASON_NONE, "a.example", NULL, "" },
		{ "mx; dmarc=temperror reason=x header.from=a.example",
		  CHECK_RESULT_TEMPERROR, DMARC_POLICY_NONE,
		  OVERRIDE_REASON_NONE, "a.example", NULL, "t" },
		{ "mx; dmarc=permerror reason=x; dmarc=fail header.from=a "
		  "policy.dmarc=none", CHECK_RESULT_PERMERROR,
		  DMARC_POLICY_NONE, OVERRIDE_REASON_NONE, NULL, NULL, "b" },
		{ "mx; dmarc=permerror reason=x; dmarc=pass policy.dmarc=reject;"
		  " dmarc=fail policy.dmarc=reject", CHECK_RESULT_PERMERROR,
		  DMARC_POLICY_NONE, OVERRIDE_REASON_NONE, NULL, NULL, "be" },
		/* several authors: the first is the strictest */
		{ "mx; dmarc=fail header.from=a policy.dmarc=reject; dmarc=pass"
		  " header.from=b", CHECK_RESULT_FAIL, DMARC_POLICY_REJECT,
		  OVERRIDE_REASON_NONE, "a", NULL, "" },
		/* comments that are not what we write */
		{ "mx; none (authres: ) (authres: =) (authres: client=) "
		  "(authres: client=x line=-1 source= origin=mars) "
		  "(authres: x=y=z line)", CHECK_RESULT_NONE,
		  DMARC_POLICY_NONE, OVERRIDE_REASON_NONE, NULL, NULL, "" },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct authres_field field;
	struct verdict read;
	const char *error;

	test_begin("disposition field read");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(authres_field_parse(pool,
			(const unsigned char *)tests[i].value,
			strlen(tests[i].value), &field, &error) == 0, i);
		verdict_field_read(pool, &field, &read);
		test_assert_idx(read.dmarc == tests[i].dmarc, i);
		test_assert_idx(read.policy == tests[i].policy, i);
		test_assert_idx(read.override_reason == tests[i].reason, i);
		test_assert_strcmp_idx(read.author_domain,
				       tests[i].author_domain, i);
		test_assert_strcmp_idx(read.override_comment,
				       tests[i].override_comment, i);
		test_assert_idx(read.bad_author ==
				(strchr(tests[i].flags, 'b') != NULL), i);
		test_assert_idx(read.bad_author_enforced ==
				(strchr(tests[i].flags, 'e') != NULL), i);
		test_assert_idx(read.temperror ==
				(strchr(tests[i].flags, 't') != NULL), i);
		test_assert_idx(read.mail_from_spf_pass ==
				(strchr(tests[i].flags, 's') != NULL), i);
		test_assert_idx(read.client_ip.family == 0 &&
				read.received_index == 0 &&
				read.origin == MAIL_ORIGIN_EXTERNAL &&
				read.client_source == CLIENT_SOURCE_NONE, i);
	}
	pool_unref(&pool);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_verdict_field_write,
		test_verdict_field_round_trip,
		test_verdict_field_senders,
		test_verdict_field_read,
		NULL
	};
	return test_run(test_functions);
}
