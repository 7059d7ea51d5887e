/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strescape.h"
#include "test-common.h"
#include "test-file.h"
#include "test-text.h"
#include "authres-limits.h"
#include "verdict-wire.h"

/* Feed a reply in pieces of this size, 0 = at once. */
static int
test_decode_pieces(pool_t pool, const char *reply, size_t piece,
		   struct verdict *verdict_r, const char **error_r)
{
	struct verdict_decoder *decoder = verdict_decoder_init(pool);
	size_t pos, part, size = strlen(reply);
	int ret = 0;

	*error_r = "incomplete";
	for (pos = 0; ret == 0 && pos < size; pos += part) {
		part = piece == 0 ? size : I_MIN(piece, size - pos);
		ret = verdict_decoder_more(decoder,
					   (const unsigned char *)reply + pos,
					   part, verdict_r, error_r);
	}
	verdict_decoder_deinit(&decoder);
	test_assert(decoder == NULL);
	return ret;
}

/* However a reply is cut into pieces, it says the same. */
static int
test_decode(pool_t pool, const char *reply, struct verdict *verdict_r,
	    const char **error_r)
{
	struct verdict other;
	const char *other_error;
	int ret = test_decode_pieces(pool, reply, 1, &other, &other_error);

	test_assert(test_decode_pieces(pool, reply, 0, verdict_r,
				       error_r) == ret);
	if (ret < 0)
		test_assert_strcmp(other_error, *error_r);
	return ret;
}

static void test_verify_request_round_trip(void)
{
	static const struct {
		const char *mail_from, *helo;
	} tests[] = {
		{ NULL, NULL },
		{ "", "" },
		{ "user@example.org", "mx.example.org" },
		{ "a=b\tc\r\nd\001e@example.org", "\ttab\n=" },
		{ "\xc3\xbc@\xff", "[IPv6:2001:db8::1]" },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct verify_request request, decoded;
	const char *const *args, *error;
	string_t *str = t_str_new(256);
	const char *line;

	test_begin("verify request round trip");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&request);
		request.protocol = (enum verify_protocol)(i % 3);
		request.mail_from = tests[i].mail_from;
		request.rcpt_to = tests[i].mail_from;
		request.argument_helo = tests[i].helo;
		request.xclient_helo = tests[i].helo;
		request.session_id = tests[i].helo;
		if (i > 0) {
			test_assert(net_addr2ip("192.0.2.1",
						&request.argument_ip) == 0);
			test_assert(net_addr2ip("2001:db8::1",
						&request.peer_ip) == 0);
			test_assert(net_addr2ip("::ffff:192.0.2.1",
						&request.xclient_ip) == 0);
			request.argument_environment = i % 2 == 0;
			request.argument_authenticated = i > 2;
		}
		request.received_time = 1795370000;
		request.timeout_msecs = 10000 + i;
		request.minimal = i == 1;
		request.tell_alive = i == 2;
		request.history = i == 2;
		request.failure = i == 2;

		str_truncate(str, 0);
		verify_request_encode(&request, str);
		test_assert_idx(strchr(str_c(str), '\n') ==
				str_c(str) + str_len(str) - 1, i);
		line = t_strcut(str_c(str), '\n');
		args = t_strsplit_tabescaped(line);
		test_assert_strcmp_idx(args[0], "VERIFY", i);
		test_assert_idx(verify_request_decode(pool, args + 1, &decoded,
						      &error) == 0, i);
		test_assert_idx(decoded.protocol == request.protocol, i);
		test_assert_strcmp_idx(decoded.mail_from, request.mail_from, i);
		test_assert_strcmp_idx(decoded.rcpt_to, request.rcpt_to, i);
		test_assert_strcmp_idx(decoded.argument_helo,
				       request.argument_helo, i);
		test_assert_strcmp_idx(decoded.xclient_helo,
				       request.xclient_helo, i);
		test_assert_strcmp_idx(decoded.session_id, request.session_id,
				       i);
		test_assert_idx(net_ip_cmp(&decoded.argument_ip,
					   &request.argument_ip) == 0, i);
		test_assert_idx(decoded.argument_environment ==
				request.argument_environment, i);
		test_assert_idx(decoded.argument_authenticated ==
				request.argument_authenticated, i);
		test_assert_idx(net_ip_cmp(&decoded.peer_ip,
					   &request.peer_ip) == 0, i);
		test_assert_idx(net_ip_cmp(&decoded.xclient_ip,
					   &request.xclient_ip) == 0, i);
		test_assert_idx(decoded.received_time ==
				request.received_time, i);
		test_assert_idx(decoded.timeout_msecs ==
				request.timeout_msecs, i);
		test_assert_idx(decoded.minimal == request.minimal, i);
		test_assert_idx(decoded.tell_alive == request.tell_alive, i);
		test_assert_idx(decoded.history == request.history, i);
		test_assert_idx(decoded.failure == request.failure, i);
	}
	pool_unref(&pool);
	test_end();
}

/* What a stranger makes too long does not make the line too long. */
static void test_verify_request_limits(void)
{
	const char *path = t_repeat("\t", AUTHRES_MAX_PATH_BYTES);
	const char *helo = t_repeat("\t", AUTHRES_MAX_HELO_BYTES);
	struct verify_request request, decoded;
	pool_t pool = pool_alloconly_create("test", 1024);
	string_t *str = t_str_new(256);
	const char *const *args, *error;

	test_begin("verify request limits");
	i_zero(&request);
	request.mail_from = path;
	request.rcpt_to = t_strconcat(path, "x", NULL);
	request.argument_helo = helo;
	request.xclient_helo = t_strconcat(helo, "x", NULL);
	request.session_id = t_repeat("\t", AUTHRES_MAX_SESSION_ID_BYTES);
	request.received_time = -1;
	request.timeout_msecs = AUTHRES_MAX_TIMEOUT_MSECS;
	verify_request_encode(&request, str);
	test_assert(str_len(str) <= AUTHRES_MAX_PROTOCOL_LINE_BYTES);
	args = t_strsplit_tabescaped(t_strcut(str_c(str), '\n'));
	test_assert(verify_request_decode(pool, args + 1, &decoded,
					  &error) == 0);
	test_assert_strcmp(decoded.mail_from, path);
	test_assert_strcmp(decoded.rcpt_to, "?");
	test_assert_strcmp(decoded.argument_helo, helo);
	test_assert_strcmp(decoded.xclient_helo, "?");
	test_assert(decoded.received_time == 0);
	pool_unref(&pool);
	test_end();
}

static void test_verify_request_hostile(void)
{
	static const struct {
		const char *args;
		bool good;
	} tests[] = {
		{ "protocol=lmtp\ttimeout_msecs=1", TRUE },
		{ "protocol=lda\ttimeout_msecs=1\tfuture=x\tother=", TRUE },
		{ "protocol=lmtp\ttimeout_msecs=3600000", TRUE },
		{ "", FALSE },
		{ "timeout_msecs=1", FALSE },
		{ "protocol=lmtp", FALSE },
		{ "protocol=LMTP\ttimeout_msecs=1", FALSE },
		{ "protocol=smtp\ttimeout_msecs=1", FALSE },
		{ "protocol=\ttimeout_msecs=1", FALSE },
		{ "protocol=lmtp\tprotocol=lmtp\ttimeout_msecs=1", FALSE },
		{ "protocol\ttimeout_msecs=1", FALSE },
		{ "protocol=lmtp\t\ttimeout_msecs=1", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=0", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=3600001", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=-1", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=+1", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=01", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1x", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=99999999999999999999", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\treceived_time=-1", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\treceived_time=x", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\t"
		  "received_time=99999999999999999999", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tpeer_ip=", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tpeer_ip=192.0.2", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tpeer_ip=192.0.2.256", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tpeer_ip=[192.0.2.1]", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tpeer_ip=[2001:db8::1]", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tpeer_ip=2001:DB8::1", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tpeer_ip=192.0.2.1\t"
		  "peer_ip=192.0.2.2", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\targument_authenticated=no",
		  FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\targument_environment=yes\t"
		  "argument_environment=yes", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tmail_from=a\tmail_from=b",
		  FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\tminimal=yes", TRUE },
		{ "protocol=lmtp\ttimeout_msecs=1\tminimal=no", FALSE },
		{ "protocol=lmtp\ttimeout_msecs=1\ttell_alive=no", FALSE },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	const char *const *args, *error, *long_arg[4];
	struct verify_request request;

	test_begin("verify request hostile");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		args = t_strsplit_tabescaped(tests[i].args);
		test_assert_idx((verify_request_decode(pool, args, &request,
						       &error) == 0) ==
				tests[i].good, i);
		test_assert_idx((error == NULL) == tests[i].good, i);
	}
	long_arg[0] = "protocol=lmtp";
	long_arg[1] = "timeout_msecs=1";
	long_arg[2] = t_strconcat("mail_from=",
		t_repeat("x", AUTHRES_MAX_PATH_BYTES + 1), NULL);
	long_arg[3] = NULL;
	test_assert(verify_request_decode(pool, long_arg, &request,
					  &error) < 0);
	pool_unref(&pool);
	test_end();
}

static void test_verdict_fill(pool_t pool, struct verdict *verdict)
{
	struct check_result *result;

	i_zero(verdict);
	p_array_init(&verdict->results, pool, 4);
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		result = array_append_space(&verdict->results);
		result->method = (enum check_method)i;
		result->result = CHECK_RESULT_FAIL;
		result->reason = i == 1 ? NULL : "a reason = \"x\"";
		result->comment = i == 2 ? NULL : "";
		result->upstream = i == 3 ? NULL : "mx.example.org";
		check_result_add_property(pool, result, "header", "d",
					  "example.org");
		check_result_add_property(pool, result, "policy",
					  "override-reason", "a=b c");
	}
	verdict->dmarc = CHECK_RESULT_FAIL;
	verdict->policy = DMARC_POLICY_REJECT;
	verdict->override_reason = OVERRIDE_REASON_MAILING_LIST;
	verdict->override_comment = "list.example.org";
	verdict->author_domain = "a.example.org";
	verdict->author_address = "J. \xc3\xa9 \"x\"=@b@a.example.org";
	verdict->list_domain = "list.example.net";
	verdict->forwarder = "2001:db8::26";
	verdict->organizational_domain = "example.org";
	verdict->policy_domain = "_dmarc.example.org";
	verdict->client_source = CLIENT_SOURCE_RECEIVED;
	test_assert(net_addr2ip("2001:db8::25", &verdict->client_ip) == 0);
	verdict->client_helo = "mx.example.net";
	verdict->received_index = 2;
	verdict->client_by = "mx.example.org";
	verdict->client_reason = "MAIL FROM before our own SRS";
	verdict->upstream_reason = "a field has a broken syntax";
	verdict->dns_questions = 11;
	verdict->dns_cached = 4;
	verdict->dns_waves = 3;
	verdict->dns_wait_msecs = 42;
	verdict->cpu_usecs = UINT_MAX;
}

static void
test_verdicts_equal(const struct verdict *v1, const struct verdict *v2)
{
	test_assert(v1->dmarc == v2->dmarc && v1->policy == v2->policy &&
		    v1->override_reason == v2->override_reason);
	test_assert_strcmp(v1->override_comment, v2->override_comment);
	test_assert_strcmp(v1->author_domain, v2->author_domain);
	test_assert_strcmp(v1->author_address, v2->author_address);
	test_assert_strcmp(v1->list_domain, v2->list_domain);
	test_assert_strcmp(v1->forwarder, v2->forwarder);
	test_assert_strcmp(v1->organizational_domain,
			   v2->organizational_domain);
	test_assert_strcmp(v1->policy_domain, v2->policy_domain);
	test_assert(v1->bad_author == v2->bad_author &&
		    v1->bad_author_enforced == v2->bad_author_enforced &&
		    v1->mail_from_spf_pass == v2->mail_from_spf_pass &&
		    v1->author_header_signed == v2->author_header_signed &&
		    v1->phishing == v2->phishing &&
		    v1->temperror == v2->temperror);
	test_assert(v1->origin == v2->origin &&
		    v1->client_source == v2->client_source);
	test_assert(net_ip_cmp(&v1->client_ip, &v2->client_ip) == 0);
	test_assert_strcmp(v1->client_helo, v2->client_helo);
	test_assert_strcmp(v1->client_by, v2->client_by);
	test_assert_strcmp(v1->client_reason, v2->client_reason);
	test_assert_strcmp(v1->upstream_reason, v2->upstream_reason);
	test_assert(v1->received_index == v2->received_index &&
		    v1->dns_questions == v2->dns_questions &&
		    v1->dns_cached == v2->dns_cached &&
		    v1->dns_waves == v2->dns_waves &&
		    v1->dns_wait_msecs == v2->dns_wait_msecs &&
		    v1->cpu_usecs == v2->cpu_usecs);
}

static void
test_results_equal(const struct verdict *v1, const struct verdict *v2)
{
	const struct check_result *r1, *r2;
	unsigned int count1, count2;

	r1 = array_get(&v1->results, &count1);
	r2 = array_get(&v2->results, &count2);
	test_assert(count1 == count2);
	for (unsigned int i = 0; i < I_MIN(count1, count2); i++) {
		test_assert_idx(r1[i].method == r2[i].method &&
				r1[i].result == r2[i].result, i);
		test_assert_strcmp_idx(r1[i].comment, r2[i].comment, i);
		test_assert_strcmp_idx(r1[i].reason, r2[i].reason, i);
		test_assert_strcmp_idx(r1[i].upstream, r2[i].upstream, i);
		test_assert_idx(array_count(&r1[i].properties) ==
				array_count(&r2[i].properties), i);
		test_assert_strcmp_idx(
			check_result_property(&r1[i], "header", "d"),
			check_result_property(&r2[i], "header", "d"), i);
		test_assert_strcmp_idx(
			check_result_property(&r1[i], "policy",
					      "override-reason"),
			check_result_property(&r2[i], "policy",
					      "override-reason"), i);
	}
}

static void test_verdict_round_trip(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict, decoded;
	string_t *str = t_str_new(1024);
	const char *error;

	test_begin("verdict round trip");
	test_verdict_fill(pool, &verdict);
	for (unsigned int i = 0; i < 7; i++) {
		verdict.bad_author = i == 1;
		verdict.bad_author_enforced = i == 2;
		verdict.mail_from_spf_pass = i == 3;
		verdict.phishing = i == 4;
		verdict.temperror = i == 5;
		verdict.author_header_signed = i == 6;
		str_truncate(str, 0);
		verdict_encode(&verdict, str);
		test_assert_idx(test_decode(pool, str_c(str), &decoded,
					    &error) == 1, i);
		test_verdicts_equal(&verdict, &decoded);
		test_results_equal(&verdict, &decoded);
	}
	i_zero(&verdict);
	str_truncate(str, 0);
	verdict_encode(&verdict, str);
	test_assert(test_decode(pool, str_c(str), &decoded, &error) == 1);
	test_verdicts_equal(&verdict, &decoded);
	test_assert(array_count(&decoded.results) == 0);
	pool_unref(&pool);
	test_end();
}

/* Whatever a message puts into a verdict, the other end takes it. */
static void test_verdict_encode_hostile(void)
{
	const char *bad[] = {
		"a\tb\nc\rd\001e\x7f", "\xff\xfe", "", "=", "\tVERDICT\tdmarc=pass",
		"\nVERDICT\tdmarc=pass\n", t_repeat("\n", 100000),
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict, decoded;
	struct check_result *result;
	string_t *str = t_str_new(1024);
	const char *error = "";

	test_begin("verdict encode hostile");
	for (unsigned int i = 0; i < N_ELEMENTS(bad); i++) {
		test_verdict_fill(pool, &verdict);
		verdict.override_comment = bad[i];
		verdict.author_domain = bad[i];
		verdict.author_address = t_strconcat(bad[i], "@example.org",
						     NULL);
		verdict.list_domain = bad[i];
		verdict.forwarder = bad[i];
		verdict.organizational_domain = bad[i];
		verdict.policy_domain = "UPPER.example";
		verdict.client_helo = bad[i];
		verdict.client_reason = bad[i];
		for (unsigned int j = 0; j < AUTHRES_MAX_REPLY_RESULTS * 2;
		     j++) {
			result = array_append_space(&verdict.results);
			result->method = CHECK_METHOD_DKIM;
			result->result = CHECK_RESULT_SOFTFAIL;
			result->comment = bad[i];
			result->reason = bad[i];
			check_result_add_property(pool, result, bad[i], "d", "");
			check_result_add_property(pool, result, "header",
						  bad[i], "");
			check_result_add_property(pool, result, "x", "y", "");
			for (unsigned int k = 0; k < 20; k++)
				check_result_add_property(pool, result,
					"header", "d", i < 6 ? bad[i] :
					t_repeat("\n", 320));
		}
		str_truncate(str, 0);
		verdict_encode(&verdict, str);
		test_assert_idx(test_decode(pool, str_c(str), &decoded,
					    &error) == 1, i);
		test_assert_idx(array_count(&decoded.results) ==
				AUTHRES_MAX_REPLY_RESULTS, i);
		test_assert_idx(decoded.author_domain == NULL, i);
		if (i != 3)
			test_assert_idx(decoded.author_address == NULL, i);
		test_assert_idx(decoded.list_domain == NULL, i);
		test_assert_idx(decoded.forwarder == NULL, i);
		test_assert_strcmp_idx(decoded.policy_domain, "upper.example",
				       i);
		test_assert_idx(str_len(str) <= AUTHRES_MAX_REPLY_BYTES, i);
	}
	pool_unref(&pool);
	test_end();
}

#define VERDICT \
	"VERDICT\tdmarc=fail\tpolicy=reject\toverride=none\torigin=external\t" \
	"client_source=none"

static void test_verdict_decode_hostile(void)
{
	static const struct {
		const char *reply;
		int ret;
	} tests[] = {
		{ VERDICT "\n", 1 },
		{ "RESULT\tspf\tpass\n" VERDICT "\n", 1 },
		{ "RESULT\tspf\tpass\theader.d=x\tcomment=\n" VERDICT "\n", 1 },
		/* not the end yet */
		{ "RESULT\tspf\tpass\n", 0 },
		/* unknown lines */
		{ "VERDICTS\n", -1 },
		{ "verdict\n", -1 },
		{ "RESULT\n", -1 },
		{ "\001\n", -1 },
		{ "\t" VERDICT "\n", -1 },
		{ " " VERDICT "\n", -1 },
		{ "OK\t1\n", -1 },
		/* incomplete, repeated, unknown */
		{ "VERDICT\n", -1 },
		{ "VERDICT\tdmarc=fail\tpolicy=reject\toverride=none\t"
		  "origin=external\n", -1 },
		{ VERDICT "\tdmarc=fail\n", -1 },
		{ VERDICT "\tfuture=1\n", -1 },
		{ VERDICT "\t\n", -1 },
		{ VERDICT "\tphishing\n", -1 },
		{ VERDICT "\t=\n", -1 },
		/* bad words */
		{ "VERDICT\tdmarc=policy\tpolicy=reject\toverride=none\t"
		  "origin=external\tclient_source=none\n", -1 },
		{ "VERDICT\tdmarc=\tpolicy=reject\toverride=none\t"
		  "origin=external\tclient_source=none\n", -1 },
		{ "VERDICT\tdmarc=fail\tpolicy=drop\toverride=none\t"
		  "origin=external\tclient_source=none\n", -1 },
		{ "VERDICT\tdmarc=fail\tpolicy=reject\toverride=x\t"
		  "origin=external\tclient_source=none\n", -1 },
		{ "VERDICT\tdmarc=fail\tpolicy=reject\toverride=none\t"
		  "origin=mars\tclient_source=none\n", -1 },
		{ "VERDICT\tdmarc=fail\tpolicy=reject\toverride=none\t"
		  "origin=external\tclient_source=auto\n", -1 },
		{ VERDICT "\tphishing=no\n", -1 },
		{ VERDICT "\tphishing=yes \n", -1 },
		{ "RESULT\tspf\n" VERDICT "\n", -1 },
		{ "RESULT\tspf\thardfail\n" VERDICT "\n", -1 },
		{ "RESULT\tiprev\tpass\n" VERDICT "\n", -1 },
		/* bad values */
		{ VERDICT "\tauthor_domain=\n", -1 },
		{ VERDICT "\tauthor_domain=Example.org\n", -1 },
		{ VERDICT "\tauthor_domain=a b\n", -1 },
		{ VERDICT "\tauthor_domain=a;b\n", -1 },
		{ VERDICT "\tauthor_domain=\xc3\xbc\n", -1 },
		{ VERDICT "\tauthor_domain=a\001nb\n", -1 },
		{ VERDICT "\tauthor_address=u@example.org\n", 1 },
		{ VERDICT "\tauthor_address=u v@w@example.org\n", 1 },
		{ VERDICT "\tauthor_address=%C3%BC@example.org\n", 1 },
		{ VERDICT "\tauthor_address=a%25b@example.org\n", 1 },
		{ VERDICT "\tauthor_address=\xc3\xbc@example.org\n", -1 },
		{ VERDICT "\tauthor_address=%FC@example.org\n", -1 },
		{ VERDICT "\tauthor_address=%c3%bc@example.org\n", -1 },
		{ VERDICT "\tauthor_address=a%@example.org\n", -1 },
		{ VERDICT "\tauthor_address=a%2@example.org\n", -1 },
		{ VERDICT "\tauthor_address=a%41@example.org\n", -1 },
		{ VERDICT "\tauthor_address=a%00b@example.org\n", -1 },
		{ VERDICT "\tauthor_address=a%0Ab@example.org\n", -1 },
		{ VERDICT "\tauthor_address=u%40example.org\n", -1 },
		{ VERDICT "\tauthor_address=u@example.org\t"
		  "author_address=u@example.org\n", -1 },
		{ VERDICT "\tauthor_address=\n", -1 },
		{ VERDICT "\tauthor_address=u\n", -1 },
		{ VERDICT "\tauthor_address=u@\n", -1 },
		{ VERDICT "\tauthor_address=@example.org\n", -1 },
		{ VERDICT "\tauthor_address=u@Example.org\n", -1 },
		{ VERDICT "\tauthor_address=u@example.org>\n", -1 },
		{ VERDICT "\tauthor_address=u\001nv@example.org\n", -1 },
		{ VERDICT "\tauthor_address=u\x7f@example.org\n", -1 },
		{ VERDICT "\tauthor_address=u\xc2\x9b@example.org\n", -1 },
		{ VERDICT "\tauthor_address=u\xe2\x80\x8b@example.org\n", -1 },
		{ VERDICT "\tauthor_address=u\xe2\x80\xaev@example.org\n", -1 },
		{ VERDICT "\tlist_domain=\n", -1 },
		{ VERDICT "\tlist_domain=a b\n", -1 },
		{ VERDICT "\tlist_domain=A.example\n", -1 },
		{ VERDICT "\tforwarder=fw.example.org\n", 1 },
		{ VERDICT "\tforwarder=192.0.2.1\n", 1 },
		{ VERDICT "\tforwarder=2001:db8::1\n", 1 },
		{ VERDICT "\tforwarder=\n", -1 },
		{ VERDICT "\tforwarder=[2001:db8::1]\n", -1 },
		{ VERDICT "\tforwarder=2001:DB8::1\n", -1 },
		{ VERDICT "\tforwarder=a b\n", -1 },
		{ VERDICT "\tforwarder=a)b\n", -1 },
		{ VERDICT "\tclient_helo=a\001nb\n", -1 },
		{ VERDICT "\tclient_helo=a\001tb\n", -1 },
		{ VERDICT "\tclient_helo=a\rb\n", -1 },
		{ VERDICT "\tclient_helo=\xff\n", -1 },
		{ VERDICT "\toverride_comment=\x7f\n", -1 },
		{ VERDICT "\tclient_ip=192.0.2.1\n", 1 },
		{ VERDICT "\tclient_ip=192.0.2.01\n", -1 },
		{ VERDICT "\tclient_ip=1\n", -1 },
		{ VERDICT "\tclient_ip=2001:db8::1%eth0\n", -1 },
		{ VERDICT "\treceived_index=4294967296\n", -1 },
		{ VERDICT "\treceived_index=-1\n", -1 },
		{ VERDICT "\tcpu_usecs= 1\n", -1 },
		{ VERDICT "\tcpu_usecs=\n", -1 },
		{ VERDICT "\tcpu_usecs=0x1\n", -1 },
		{ "RESULT\tspf\tpass\tcomment=a\tcomment=b\n", -1 },
		{ "RESULT\tspf\tpass\treason=a\001nb\n", -1 },
		{ "RESULT\tspf\tpass\theader=x\n", -1 },
		{ "RESULT\tspf\tpass\theader.=x\n", -1 },
		{ "RESULT\tspf\tpass\t.d=x\n", -1 },
		{ "RESULT\tspf\tpass\tevil.d=x\n", -1 },
		{ "RESULT\tspf\tpass\theader.d;x=x\n", -1 },
		{ "RESULT\tspf\tpass\theader.d d=x\n", -1 },
		{ "RESULT\tspf\tpass\theader.d=\xc3\xbc\n", -1 },
		{ "RESULT\tspf\tpass\theader.d\n", -1 },
		{ "RESULT\tspf\tpass\t\n", -1 },
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict;
	const char *error;

	test_begin("verdict decode hostile");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(test_decode(pool, tests[i].reply, &verdict,
					    &error) == tests[i].ret, i);
		test_assert_idx(*error != '\0' &&
				strncmp(error, "verifier: ", 10) != 0, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_verdict_decode_fail(void)
{
	static const struct {
		const char *reply, *error;
	} tests[] = {
		{ "FAIL\tout of memory\n", "verifier: out of memory" },
		{ "FAIL\n", "FAIL with a bad reason" },
		{ "FAIL\ta\tb\n", "FAIL with a bad reason" },
		{ "FAIL\ta\001nb\n", "FAIL with a bad reason" },
		{ "FAIL\t\xff\n", "garbage in the reply" },
		{ "FAILURE\tx\n", "garbage in the reply" },
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict;
	const char *error;

	test_begin("verdict decode FAIL");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(test_decode(pool, tests[i].reply, &verdict,
					    &error) == -1, i);
		test_assert_strcmp_idx(error, tests[i].error, i);
	}
	pool_unref(&pool);
	test_end();
}

static int
test_decode_more(struct verdict_decoder *decoder, const char *text,
		 struct verdict *verdict_r)
{
	const char *error;

	return verdict_decoder_more(decoder, (const unsigned char *)text,
				    strlen(text), verdict_r, &error);
}

static void test_verdict_decode_end(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict_decoder *decoder;
	struct verdict verdict;
	unsigned int i;

	test_begin("verdict decode end");
	decoder = verdict_decoder_init(pool);
	for (i = 0; i < AUTHRES_MAX_REPLY_RESULTS; i++)
		test_assert(test_decode_more(decoder, "RESULT\tspf\tpass\n",
					     &verdict) == 0);
	test_assert(test_decode_more(decoder, "RESULT\tspf\tpass\n",
				     &verdict) == -1);
	test_assert(!verdict_decoder_is_fail(decoder));
	/* what was refused stays refused */
	test_assert(test_decode_more(decoder, VERDICT"\n", &verdict) == -1);
	verdict_decoder_deinit(&decoder);

	/* nothing follows the end */
	decoder = verdict_decoder_init(pool);
	test_assert(test_decode_more(decoder, VERDICT"\nX", &verdict) == 1);
	test_assert(test_decode_more(decoder, VERDICT"\n", &verdict) == -1);
	verdict_decoder_deinit(&decoder);

	decoder = verdict_decoder_init(pool);
	test_assert(test_decode_more(decoder, "FAIL\tx\n", &verdict) == -1);
	test_assert(verdict_decoder_is_fail(decoder));
	verdict_decoder_deinit(&decoder);

	/* a byte that makes no reply is refused before its line ends */
	for (i = 0; i < 256; i++) {
		unsigned char data[] = { 'F', 'A', 'I', 'L', '\t', i };
		const char *error;

		decoder = verdict_decoder_init(pool);
		test_assert_idx((verdict_decoder_more(decoder, data,
						      sizeof(data), &verdict,
						      &error) == 0) ==
				verdict_wire_byte_is_valid(i) || i == '\n', i);
		verdict_decoder_deinit(&decoder);
		test_assert_idx(verdict_wire_byte_is_valid(i) ==
				((i >= 0x20 && i <= 0x7e) || i == 1 ||
				 i == '\t'), i);
	}
	pool_unref(&pool);
	test_end();
}

/* Every local part comes through as it is, unless it has what nobody sees:
   then there is no address, but a verdict. */
static void test_verdict_author_address(void)
{
	static const char *const local_parts[] = {
		"u", "c\xc3\xa9o", "a%b", "%41", "%", "%%", "a b", "\"a\"",
		"\xf0\x9f\x98\x80", "=", "a@b",
	};
	static const char *const unseen[] = {
		"\xe2\x80\x8b\143eo", "\xef\xbb\xbf", "\xc2\xad",
		"u\xc2\x9b", "u\xe2\x80\xaev", "u\xc2\xa0v",
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict, decoded;
	string_t *str = t_str_new(1024);
	const char *error;

	test_begin("verdict author address");
	i_zero(&verdict);
	for (unsigned int i = 0; i < N_ELEMENTS(local_parts); i++) {
		verdict.author_address = t_strconcat(local_parts[i],
						     "@example.org", NULL);
		str_truncate(str, 0);
		verdict_encode(&verdict, str);
		test_assert_idx(test_decode(pool, str_c(str), &decoded,
					    &error) == 1, i);
		test_assert_strcmp_idx(decoded.author_address,
				       verdict.author_address, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(unseen); i++) {
		verdict.author_address = t_strconcat(unseen[i],
						     "@example.org", NULL);
		str_truncate(str, 0);
		verdict_encode(&verdict, str);
		test_assert_idx(test_decode(pool, str_c(str), &decoded,
					    &error) == 1, i);
		test_assert_idx(decoded.author_address == NULL, i);
	}
	pool_unref(&pool);
	test_end();
}

#define PUBLISHED "method=psl;p=none;adkim=r;aspf=r;t=n;pct=100;psd=u"

static void test_verdict_history(void)
{
	static const char *const refused[] = {
		"HISTORY\n",
		"HISTORY\t0\t\t\t\n",
		"HISTORY\tx\t\t\t\t\n",
		"HISTORY\t0\tsd\t\t\t\n",
		"HISTORY\t0\tz\t\t\t\n",
		"HISTORY\t0\t\tA\t\t\n",
		"HISTORY\t0\t\t\tnone\t\n",
		"HISTORY\t0\t\t\t\t" PUBLISHED "\n",
		"HISTORY\t0\t\t\tNone\t" PUBLISHED "\n",
		"HISTORY\t0\t\t\tnone\tp=none\n",
		"HISTORY\t0\t\t\t\t\nHISTORY\t0\t\t\t\t\n",
		"REPORT\tFrom: x\n",
		"HISTORY\t0\t\t\t\t\nREPORT\tFrom: x\n",
		"HISTORY\t0\t\t\tnone\t" PUBLISHED "\nREPORT\n",
		"HISTORY\t0\t\t\tnone\t" PUBLISHED "\nREPORT\tTo: x\n",
		"HISTORY\t0\t\t\tnone\t" PUBLISHED "\nREPORT\tFrom: x\n"
			"REPORT\tFrom: x\n",
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict, decoded;
	const struct verdict_history *history = &decoded.history;
	string_t *str = t_str_new(1024);
	const char *error;

	test_begin("verdict history");
	i_zero(&verdict);
	verdict.history.message_number = UINT64_MAX;
	verdict.history.published = PUBLISHED;
	verdict.history.published_policy = DMARC_POLICY_REJECT;
	verdict.history.spf_aligned = TRUE;
	verdict.history.automatic = TRUE;
	verdict.history.envelope_from = "b.example";
	verdict.history.failure = "Auth-Failure: dmarc\tFrom: `6a`@x.example";
	verdict_history_encode(&verdict.history, str);
	verdict_encode(&verdict, str);
	test_assert(test_decode(pool, str_c(str), &decoded, &error) == 1);
	test_assert(history->message_number == UINT64_MAX);
	test_assert_strcmp(history->published, PUBLISHED);
	test_assert(history->published_policy == DMARC_POLICY_REJECT);
	test_assert(!history->dkim_aligned && history->spf_aligned &&
		    history->automatic);
	test_assert_strcmp(history->envelope_from, "b.example");
	test_assert_strcmp(history->failure,
			   "Auth-Failure: dmarc\tFrom: `6a`@x.example");

	/* what strangers wrote never makes the reply unreadable */
	verdict.history.published = "p=none;rua=\t\n";
	verdict.history.envelope_from = "b \n";
	verdict.history.failure = "Subject: x";
	str_truncate(str, 0);
	verdict_history_encode(&verdict.history, str);
	verdict_encode(&verdict, str);
	test_assert(test_decode(pool, str_c(str), &decoded, &error) == 1);
	test_assert(history->published == NULL);
	test_assert(history->envelope_from == NULL);
	test_assert(history->failure == NULL);

	for (unsigned int i = 0; i < N_ELEMENTS(refused); i++) {
		str_truncate(str, 0);
		str_append(str, refused[i]);
		verdict_encode(&verdict, str);
		test_assert_idx(test_decode(pool, str_c(str), &decoded,
					    &error) < 0, i);
	}
	pool_unref(&pool);
	test_end();
}

/* No byte of anybody but us. */
static void test_verdict_encode_minimal(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict, decoded;
	const struct check_result *dmarc;
	struct check_result *result;
	string_t *str = t_str_new(1024);
	const char *error;

	test_begin("verdict encode minimal");
	test_verdict_fill(pool, &verdict);
	verdict.mail_from_spf_pass = TRUE;
	verdict.phishing = TRUE;
	array_foreach_modifiable(&verdict.results, result) {
		check_result_add_property(pool, result, "header", "from",
					  "B.example.org");
		check_result_add_property(pool, result, "policy", "dmarc",
			result->method == CHECK_METHOD_DMARC ? "reject" : "x");
	}
	verdict_encode_minimal(&verdict, str);
	test_assert(strstr(str_c(str), "reason") == NULL &&
		    strstr(str_c(str), "comment") == NULL &&
		    strstr(str_c(str), "author_address") == NULL &&
		    strstr(str_c(str), "mx.example") == NULL);
	test_assert(test_decode(pool, str_c(str), &decoded, &error) == 1);
	test_assert(array_count(&decoded.results) == CHECK_METHOD_COUNT);
	dmarc = verdict_find(&decoded, CHECK_METHOD_DMARC);
	test_assert_strcmp(check_result_property(dmarc, "header", "from"),
			   "b.example.org");
	test_assert_strcmp(check_result_property(dmarc, "policy", "dmarc"),
			   "reject");
	verdict.author_address = verdict.override_comment = NULL;
	verdict.client_by = verdict.client_helo = verdict.client_reason = NULL;
	verdict.upstream_reason = verdict.forwarder = NULL;
	verdict.dns_questions = verdict.dns_cached = verdict.dns_waves = 0;
	verdict.dns_wait_msecs = verdict.cpu_usecs = 0;
	test_verdicts_equal(&verdict, &decoded);
	pool_unref(&pool);
	test_end();
}

static void test_verdict_decode_limits(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct verdict verdict;
	const char *error, *line;

	test_begin("verdict decode limits");
	/* properties */
	line = t_strconcat("RESULT\tspf\tpass",
		t_repeat("\theader.d=x", AUTHRES_MAX_REPLY_PROPERTIES), "\n",
		VERDICT, "\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == 1);
	line = t_strconcat("RESULT\tspf\tpass",
		t_repeat("\theader.d=x", AUTHRES_MAX_REPLY_PROPERTIES + 1),
		"\n", VERDICT, "\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == -1);

	/* values */
	line = t_strconcat(VERDICT "\tclient_reason=",
		t_repeat("x", AUTHRES_MAX_REASON_BYTES), "\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == 1);
	line = t_strconcat(VERDICT "\tclient_reason=",
		t_repeat("x", AUTHRES_MAX_REASON_BYTES + 1), "\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == -1);
	line = t_strconcat(VERDICT "\tauthor_domain=",
		t_repeat("x", AUTHRES_MAX_DOMAIN_BYTES + 1), "\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == -1);

	line = t_strconcat(VERDICT "\tauthor_address=",
		t_repeat("x", AUTHRES_MAX_LOCAL_PART_BYTES),
		"@example.org\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == 1);
	line = t_strconcat(VERDICT "\tauthor_address=",
		t_repeat("x", AUTHRES_MAX_LOCAL_PART_BYTES + 1),
		"@example.org\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == -1);
	line = t_strconcat(VERDICT "\tforwarder=",
		t_repeat("x", AUTHRES_MAX_DOMAIN_BYTES + 1), "\n", NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == -1);

	/* lines */
	line = t_strconcat("FAIL\t",
		t_repeat("x", AUTHRES_MAX_PROTOCOL_LINE_BYTES), NULL);
	test_assert(test_decode(pool, line, &verdict, &error) == -1);
	test_assert_strcmp(error, "reply is too long");
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_verify_request_round_trip,
		test_verify_request_limits,
		test_verify_request_hostile,
		test_verdict_round_trip,
		test_verdict_author_address,
		test_verdict_history,
		test_verdict_encode_minimal,
		test_verdict_encode_hostile,
		test_verdict_decode_hostile,
		test_verdict_decode_fail,
		test_verdict_decode_end,
		test_verdict_decode_limits,
		NULL
	};
	return test_run(test_functions);
}
