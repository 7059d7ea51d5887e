/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-verdict.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "verdict-field.h"

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

#define RESULTS \
	"Authentication-Results: mx.example.org;\n" \
	"\tdmarc=fail (p=reject) header.from=example.net policy.dmarc=reject;\n" \
	"\tspf=pass smtp.mailfrom=bounce@shop.example;\n" \
	"\tdkim=none\n"
/* 253 octets, RFC 1035 section 2.3.4 */
#define LABEL_63 \
	"a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g23"
#define NAME_253 \
	LABEL_63 "." LABEL_63 "." LABEL_63 "." \
	"h23456789-i23456789-j23456789-k23456789-l23456789-m23456789-x"
#define NAME_254 NAME_253 "y"

static const struct {
	enum mail_origin origin;
	const char *client_ip;
	enum client_source source;
	unsigned int received_index;
	const char *by, *forwarder, *list_domain, *helo, *reason, *upstream;
	/* all of the comment, folded */
	const char *written;
	/* what reads back otherwise: "key=value|key=value" */
	const char *changed;
} tests[] = {
	/* a Received field of ours */
	{ .client_ip = "192.0.2.85", .source = CLIENT_SOURCE_RECEIVED,
	  .received_index = 2, .by = "mx.example",
	  .list_domain = "friends.chess.example", .helo = "lists.chess.example",
	  .written = "\t(authres: client=192.0.2.85 received=2 by=mx.example\n"
		     "\t list=friends.chess.example helo=lists.chess.example)\n" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_RECEIVED,
	  .received_index = 50,
	  .written = "\t(authres: client=192.0.2.1 received=50)\n" },
	/* every other source has a key */
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_RECEIVED,
	  .written = "\t(authres: client=192.0.2.1 source=received)\n" },
	{ .client_ip = "2001:db8::1", .source = CLIENT_SOURCE_XCLIENT,
	  .helo = "[IPv6:2001:db8::1]",
	  .written = "\t(authres: client=2001:db8::1 source=xclient "
		     "helo=[IPv6:2001:db8::1])\n" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_ARGUMENTS,
	  .written = "\t(authres: client=192.0.2.1 source=arguments)\n" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_ENVIRONMENT,
	  .written = "\t(authres: client=192.0.2.1 source=environment)\n" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_HEADER,
	  .written = "\t(authres: client=192.0.2.1 source=header)\n" },
	/* what the forwarder saw, though XCLIENT named the forwarder */
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_XCLIENT,
	  .received_index = 3, .by = "fwd.example", .forwarder = "fwd.example",
	  .reason = "a trusted forwarder at 198.51.100.7",
	  .written = "\t(authres: client=192.0.2.1 source=xclient received=3 "
		     "by=fwd.example\n\t forwarder=fwd.example note=a trusted "
		     "forwarder at 198.51.100.7)\n" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_RECEIVED,
	  .received_index = 3, .forwarder = "2001:db8::9",
	  .written = "\t(authres: client=192.0.2.1 received=3 "
		     "forwarder=2001:db8::9)\n" },
	/* what else is to be known */
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_RECEIVED,
	  .received_index = 2, .by = "mx", .helo = "a",
	  .reason = "MAIL FROM before our own SRS",
	  .written = "\t(authres: client=192.0.2.1 received=2 by=mx helo=a "
		     "note=MAIL FROM\n\t before our own SRS)\n" },
	/* no client, and why */
	{ .reason = "there is no Received field of an MTA",
	  .written = "\t(authres: client=unknown reason=there is no Received "
		     "field of an MTA)\n" },
	{ .origin = MAIL_ORIGIN_LOCAL, .reason = "entered inside our networks",
	  .written = "\t(authres: origin=local client=unknown reason=entered "
		     "inside our\n\t networks)\n" },
	/* a field that tells none */
	{ .received_index = 2, .by = "mx", .reason = "10.0.0.1 is private",
	  .written = "\t(authres: client=unknown received=2 by=mx "
		     "reason=10.0.0.1 is private)\n" },
	{ .origin = MAIL_ORIGIN_LOCAL, .received_index = 1,
	  .written = "\t(authres: origin=local client=unknown received=1)\n" },
	/* our own mail */
	{ .origin = MAIL_ORIGIN_LOCAL,
	  .written = "\t(authres: origin=local)\n" },
	{ .origin = MAIL_ORIGIN_AUTHENTICATED, .client_ip = "192.0.2.70",
	  .source = CLIENT_SOURCE_RECEIVED, .received_index = 1,
	  .by = "mx.example",
	  .written = "\t(authres: origin=authenticated client=192.0.2.70 "
		     "received=1\n\t by=mx.example)\n" },
	/* nobody has looked for it */
	{ .written = "" },
	/* a filter in front */
	{ .upstream = "spf is given twice",
	  .written = "\t(authres: upstream=spf is given twice)\n" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_RECEIVED,
	  .received_index = 1, .reason = "it is said", .upstream = "not used",
	  .written = "\t(authres: client=192.0.2.1 received=1 note=it is said "
		     "upstream=not\n\t used)\n" },
	{ .reason = "none is there ", .upstream = " a  b=c ",
	  .written = "\t(authres: client=unknown reason=none is there  "
		     "upstream= a  b=c )\n" },

	/* the longest names: each a word, all in one comment */
	{ .client_ip = "2001:db8:1111:2222:3333:4444:5555:6666",
	  .source = CLIENT_SOURCE_ENVIRONMENT, .received_index = UINT_MAX,
	  .origin = MAIL_ORIGIN_AUTHENTICATED,
	  .by = NAME_253, .forwarder = NAME_253, .list_domain = NAME_253,
	  .helo = NAME_253 "yz", .reason = NAME_253 "yzz",
	  .upstream = NAME_253 "zyx",
	  .written = "\t(authres: origin=authenticated\n"
		     "\t client=2001:db8:1111:2222:3333:4444:5555:6666 "
		     "source=environment\n"
		     "\t received=4294967295\n"
		     "\t by=" NAME_253 "\n"
		     "\t forwarder=" NAME_253 "\n"
		     "\t list=" NAME_253 "\n"
		     "\t helo=" NAME_253 "yz\n"
		     "\t note=" NAME_253 "yzz\n"
		     "\t upstream=" NAME_253 "zyx)\n" },
	/* a shortened name would be another's; a text is cut */
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_HEADER,
	  .received_index = 1,
	  .by = NAME_254, .forwarder = NAME_254, .list_domain = NAME_254,
	  .helo = NAME_254 "zz", .reason = NAME_254 "zzz",
	  .written = "\t(authres: client=192.0.2.1 source=header received=1\n"
		     "\t helo=" LABEL_63 "." LABEL_63 "." LABEL_63 "."
		     "h23456789-i23456789-j23456789-k23456789-l23456789-"
		     "m23456789-...\n\t note=" NAME_253 "...)\n",
	  .changed = "by=|forwarder=|list=|helo=" LABEL_63 "." LABEL_63 "."
		     LABEL_63 ".h23456789-i23456789-j23456789-k23456789-"
		     "l23456789-m23456789-...|reason=" NAME_253 "..." },

	/* hostile: nothing that readers split at, end a comment or a string
	   at; no pair that is not ours */
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_XCLIENT,
	  .helo = "x; dmarc=pass (a) \"\\\r\n list=evil.example",
	  .reason = "x; dmarc=pass (a) \"\\\r\n",
	  .written = "\t(authres: client=192.0.2.1 source=xclient\n"
		     "\t helo=x??dmarc?pass??a??" "?????list?evil.example note=x, "
		     "dmarc=pass [a]\n\t '/?" "?)\n",
	  .changed = "helo=x??dmarc?pass??a??" "?????list?evil.example|"
		     "reason=x, dmarc=pass [a] '/??" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_XCLIENT,
	  .by = "a list=evil.example", .forwarder = "a) (authres: b",
	  .list_domain = "A", .received_index = 1, .helo = "",
	  .written = "\t(authres: client=192.0.2.1 source=xclient received=1)"
		     "\n",
	  .changed = "by=|forwarder=|list=|helo=" },
	{ .reason = "a list=evil.example forwarder=evil.example upstream=b "
		    "reason=c upstream=d", .upstream = "e reason=f upstream=g",
	  .written = "\t(authres: client=unknown reason=a list=evil.example\n"
		     "\t forwarder=evil.example upstream:b reason=c upstream:d "
		     "upstream=e\n\t reason=f upstream=g)\n",
	  .changed = "reason=a list=evil.example forwarder=evil.example "
		     "upstream:b reason=c upstream:d" },
	{ .client_ip = "192.0.2.1", .source = CLIENT_SOURCE_HEADER,
	  .reason = "a reason=b",
	  .written = "\t(authres: client=192.0.2.1 source=header note=a "
		     "reason:b)\n", .changed = "reason=a reason:b" },
};

static void test_fill(pool_t pool, unsigned int i, struct verdict *verdict)
{
	test_verdict_init(pool, verdict);
	i_zero(&verdict->client_ip);
	if (tests[i].client_ip != NULL &&
	    net_addr2ip(tests[i].client_ip, &verdict->client_ip) < 0)
		i_unreached();
	verdict->origin = tests[i].origin;
	verdict->client_source = tests[i].source;
	verdict->received_index = tests[i].received_index;
	verdict->client_by = tests[i].by;
	verdict->forwarder = tests[i].forwarder;
	verdict->list_domain = tests[i].list_domain;
	verdict->client_helo = tests[i].helo;
	verdict->client_reason = tests[i].reason;
	verdict->upstream_reason = tests[i].upstream;
}

static const char *
t_changed(unsigned int i, const char *key, const char *value)
{
	const char *const *pairs;

	if (tests[i].changed == NULL)
		return value;
	for (pairs = t_strsplit(tests[i].changed, "|"); *pairs != NULL; pairs++) {
		const char *end = strchr(*pairs, '=');

		if (strcmp(t_strdup_until(*pairs, end), key) == 0)
			return end[1] == '\0' ? NULL : end + 1;
	}
	return value;
}

static void
test_comment_equal(unsigned int i, const struct verdict *written,
		   const struct verdict *read)
{
	test_assert_idx(read->origin == written->origin, i);
	test_assert_idx(net_ip_compare(&read->client_ip,
				       &written->client_ip), i);
	test_assert_idx(read->client_source == written->client_source, i);
	test_assert_strcmp_idx(dec2str(read->received_index),
		t_changed(i, "received", dec2str(written->received_index)), i);
	test_assert_strcmp_idx(read->client_by,
			       t_changed(i, "by", written->client_by), i);
	test_assert_strcmp_idx(read->forwarder,
		t_changed(i, "forwarder", written->forwarder), i);
	test_assert_strcmp_idx(read->list_domain,
		t_changed(i, "list", written->list_domain), i);
	test_assert_strcmp_idx(read->client_helo,
			       t_changed(i, "helo", written->client_helo), i);
	test_assert_strcmp_idx(read->client_reason,
		t_changed(i, "reason", written->client_reason), i);
	test_assert_strcmp_idx(read->upstream_reason,
			       written->upstream_reason, i);
}

/* The bytes in the mailbox, and what is read from them. */
static void test_verdict_field_comment(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct verdict verdict, read;
	const char *written, *again;

	test_begin("verdict field comment");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_fill(pool, i, &verdict);
		written = t_test_write(&verdict, "\n");
		test_assert_strcmp_idx(written, t_strconcat(RESULTS,
				       tests[i].written, NULL), i);
		test_read(pool, &verdict, &read);
		test_comment_equal(i, &verdict, &read);
		test_assert_idx(read.dmarc == CHECK_RESULT_FAIL &&
				read.policy == DMARC_POLICY_REJECT &&
				array_count(&read.results) == 3, i);
		/* what was read says the same */
		again = t_test_write(&read, "\n");
		test_assert_strcmp_idx(again, written, i);
	} T_END;
	pool_unref(&pool);
	test_end();
}

static void test_verdict_field_write(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct check_result *arc;
	struct verdict verdict;

	test_begin("verdict field write");
	/* who found it out */
	test_verdict_init(pool, &verdict);
	verdict.client_reason = NULL;
	test_result(&verdict, 0)->upstream = "f.example.org";
	test_result(&verdict, 2)->upstream = "a) x=y";
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org;\n"
		"\tdmarc=fail (p=reject) (upstream f.example.org)\n"
		"\t header.from=example.net policy.dmarc=reject;\n"
		"\tspf=pass smtp.mailfrom=bounce@shop.example;\n"
		"\tdkim=none (upstream a\\) x=y)\n"
		"\t(authres: client=192.0.2.1 received=2 helo=out.shop.example)\n");

	/* arc= where there is a chain, or something to say about it */
	test_verdict_init(pool, &verdict);
	i_zero(&verdict.client_ip);
	verdict.received_index = 0;
	arc = test_result_add(pool, &verdict, CHECK_METHOD_ARC,
			      CHECK_RESULT_NONE);
	test_assert_strcmp(t_test_write(&verdict, "\n"),
			   RESULTS "\t(authres: helo=out.shop.example)\n");
	verdict.client_helo = NULL;
	test_assert_strcmp(t_test_write(&verdict, "\n"), RESULTS);
	arc->comment = "header cut";
	test_assert(strstr(t_test_write(&verdict, "\n"),
			   ";\n\tarc=none (header cut)\n") != NULL);
	arc->result = CHECK_RESULT_FAIL;
	arc->comment = NULL;
	test_assert(strstr(t_test_write(&verdict, "\n"),
			   ";\n\tarc=fail\n") != NULL);

	/* nothing about the client, nothing to say */
	verdict_init_temperror(pool, &verdict, "verifier down");
	test_assert_strcmp(t_test_write(&verdict, "\n"),
		"Authentication-Results: mx.example.org;\n"
		"\tdmarc=temperror reason=\"verifier down\"\n");

	/* our own mail */
	i_zero(&verdict);
	verdict.origin = MAIL_ORIGIN_LOCAL;
	test_assert_strcmp(t_test_write(&verdict, "\r\n"),
		"Authentication-Results: mx.example.org; none\r\n"
		"\t(authres: origin=local)\r\n");
	pool_unref(&pool);
	test_end();
}

/* Only what we write, where we write it. */
static void test_verdict_field_strange_comments(void)
{
	static const char *const values[] = {
		"mx; none (authres: list=a;b)", "mx; none (authres: list=)",
		"mx; none (authres: forwarder=X)",
		"mx; none (authres: list=Evil.example)",
		/* behind free text there is no pair */
		"mx; none (authres: reason=forwarder=evil.example)",
		"mx; none (authres: note=x list=evil.example)",
		"mx; none (authres: upstream=x list=evil.example)",
		/* not in our order */
		"mx; none (authres: helo=x forwarder=evil.example)",
		"mx; none (authres: helo=x list=evil.example)",
		/* not on the whole field */
		"mx (authres: list=evil.example); spf=none",
		"mx; spf=none (authres: list=evil.example) smtp.helo=x",
		"mx; spf=none (authres: list=evil.example); dkim=none",
		"(authres: list=evil.example) mx; spf=none",
		"mx; spf=none (x authres: list=evil.example)",
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct authres_field field;
	struct verdict read;
	const char *error;

	test_begin("verdict field with strange comments");
	for (unsigned int i = 0; i < N_ELEMENTS(values); i++) {
		test_assert_idx(authres_field_parse(pool,
			(const unsigned char *)values[i], strlen(values[i]),
			&field, &error) == 0, i);
		verdict_field_read(pool, &field, &read);
		test_assert_idx(read.forwarder == NULL, i);
		test_assert_idx(read.list_domain == NULL, i);
	}
	pool_unref(&pool);
	test_end();
}

/* The address of the author is nobody's business. */
static void test_verdict_field_address(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct verdict verdict;

	test_begin("verdict field has no address of the author");
	test_verdict_init(pool, &verdict);
	verdict.author_address = "someone@example.net";
	test_assert(strstr(t_test_write(&verdict, "\n"), "someone") == NULL);
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
		  "(authres: x=y=z received) "
		  "(authres: origin=mars client=x source= received=-1)", CHECK_RESULT_NONE,
		  DMARC_POLICY_NONE, OVERRIDE_REASON_NONE, NULL, NULL, "" },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct authres_field field;
	struct verdict read;
	const char *error;

	test_begin("verdict field read");
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

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_verdict_field_comment,
		test_verdict_field_write,
		test_verdict_field_strange_comments,
		test_verdict_field_address,
		test_verdict_field_read,
		NULL
	};
	return test_run(test_functions);
}
