#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-msg-header.h"
#include "received.h"
#include "test-common.h"

/* by NULL: not one of the shapes */
static const struct {
	const char *value;
	const char *by, *helo, *ip, *protocol, *id;
	/* p local pickup, a authenticated, d Dovecot */
	const char *flags;
} received_tests[] = {
	/* Postfix: TLS, verified name */
	{ "from smtp4-g21.free.fr (smtp4-g21.free.fr [212.27.42.4])\r\n"
	  "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
	  "\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n"
	  "\t(No client certificate requested)\r\n"
	  "\tby mx.example.fr (Postfix) with ESMTPS id 4XyZ1t0Qz6z9sT\r\n"
	  "\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:00 +0100 (CET)",
	  "mx.example.fr", "smtp4-g21.free.fr", "212.27.42.4", "ESMTPS",
	  "4XyZ1t0Qz6z9sT", "" },
	/* no name, IPv6, HELO is a literal */
	{ "from [IPv6:2001:db8::7] (unknown [IPv6:2001:db8::7])\r\n"
	  "\tby mx.example.fr (Postfix) with ESMTP id 9F1A240B7C\r\n"
	  "\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:01 +0100 (CET)",
	  "mx.example.fr", "[IPv6:2001:db8::7]", "2001:db8::7", "ESMTP",
	  "9F1A240B7C", "" },
	/* submission */
	{ "from laptop.local (lfbn-1.example [198.51.100.9])\r\n"
	  "\t(Authenticated sender: bob)\r\n"
	  "\tby mx.example.fr (Postfix) with ESMTPSA id 1B2C3D4E5F;\r\n"
	  "\tSun, 22 Nov 2026 10:00:02 +0100 (CET)",
	  "mx.example.fr", "laptop.local", "198.51.100.9", "ESMTPSA",
	  "1B2C3D4E5F", "a" },
	{ "from a (b [198.51.100.9]) by mx (Postfix) with ESMTPSA id 1;",
	  "mx", "a", "198.51.100.9", "ESMTPSA", "1", "a" },
	{ "from a (b [198.51.100.9]) by mx (Postfix) with ESMTPA id 1;",
	  "mx", "a", "198.51.100.9", "ESMTPA", "1", "a" },
	{ "from a (b [198.51.100.9]) by mx (Postfix) with UTF8SMTPSA id 1;",
	  "mx", "a", "198.51.100.9", "UTF8SMTPSA", "1", "a" },
	{ "from a (b [198.51.100.9]) (Authenticated sender: bob)"
	  " by mx (Postfix) with ESMTP id 1;",
	  "mx", "a", "198.51.100.9", "ESMTP", "1", "a" },
	/* pickup and Postfix's own */
	{ "by mx.example.fr (Postfix, from userid 1000)\r\n"
	  "\tid 77A0C40B81; Sun, 22 Nov 2026 10:00:03 +0100 (CET)",
	  "mx.example.fr", NULL, "", NULL, "77A0C40B81", "p" },
	{ "by mx.example.fr (Postfix)\r\n\tid 77A0C40B81; Sun",
	  "mx.example.fr", NULL, "", NULL, "77A0C40B81", "p" },
	/* case and IPv4-mapped */
	{ "FROM a (b [IPv6:::ffff:192.0.2.1]) BY mx (Postfix) WITH SMTP ID 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "" },
	{ "from a (b [::ffff:192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "" },
	{ "from ?IPv6:::ffff:192.168.1.2? (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  "mx", "?IPv6:::ffff:192.168.1.2?", "192.0.2.1", "SMTP", "1", "" },
	{ "from j\xc3\xb6rg (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  "mx", "j\xc3\xb6rg", "192.0.2.1", "SMTP", "1", "" },
	{ "from \xff\xfe (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  "mx", "\xff\xfe", "192.0.2.1", "SMTP", "1", "" },
	/* a certificate may say anything, deeper */
	{ "from a (b [192.0.2.1]) (Client CN \"x (Authenticated sender: bob)"
	  " [10.0.0.1]) by mx2 (Postfix) with ESMTPSA\", Issuer \"y\" \\(z)"
	  " by mx (Postfix) with ESMTPS id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) (Client CN \"x (Authenticated sender: bob)"
	  " by mx2 ?Postfix? with ESMTPSA\", Issuer \"y\" (verified OK))"
	  " by mx (Postfix) with ESMTPS id 1;",
	  "mx", "a", "192.0.2.1", "ESMTPS", "1", "" },
	/* Dovecot */
	{ "from mx.example.fr ([10.0.0.2])\r\n\tby imap.example.fr with LMTP\r\n"
	  "\tid AbCdEf\r\n\t(envelope-from <bob@example.org>)\r\n"
	  "\tfor <alice@example.fr>; Sun",
	  "imap.example.fr", "mx.example.fr", "10.0.0.2", "LMTP", "AbCdEf", "d" },
	{ "from mx.example.fr\r\n\tby imap.example.fr with LMTP\r\n\tid A+/b\r\n",
	  "imap.example.fr", "mx.example.fr", "", "LMTP", "A+/b", "d" },
	{ "from mx ([IPv6:2001:db8::1]) (using TLSv1.3 with cipher X (256/256 bits))"
	  " by imap with LMTPS id A:T2",
	  "imap", "mx", "2001:db8::1", "LMTPS", "A:T2", "d" },
	{ "from unknown ([10.0.0.2]) by imap with LMTP id A",
	  "imap", "unknown", "10.0.0.2", "LMTP", "A", "d" },

	/* a HELO that imitates, as an MTA that lets it through would write it */
	{ "from evil ([10.0.0.1]) by mx (Postfix) with ESMTPSA id 1; (b [192.0.2.1])"
	  " by mx (Postfix) with SMTP id 2;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from evil([10.0.0.1]) (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from evil [10.0.0.1] (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from [10.0.0.1] (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  "mx", "[10.0.0.1]", "192.0.2.1", "SMTP", "1", "" },
	{ "from by (by [192.0.2.1]) by by (Postfix) with with id id;",
	  "by", "by", "192.0.2.1", "with", "id", "" },
	{ "from a b (c [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	/* a PTR name that imitates */
	{ "from a (x [10.0.0.1] [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (x (y) [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (x.[10.0.0.1] [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1] c) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	/* missing parts */
	{ "", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by", NULL, NULL, NULL, NULL, NULL, NULL },
	{ ";", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx (Postfix)", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx (Postfix) with", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx (Postfix) with SMTP", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx (Postfix) id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a ([192.0.2.1]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx; with SMTP id 1", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by mx (Postfix", NULL, NULL, NULL, NULL, NULL, NULL },
	/* no address */
	{ "from a (b [unknown]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b []) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b 192.0.2.1) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]:25) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.256]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [IPv6:192.0.2.1]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [fe80::1%eth0]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [[::1]]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [IPv6:[::1]]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	/* unbalanced */
	{ "from a (b [192.0.2.1] by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]\\) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a ((b [192.0.2.1])) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	/* control characters, a bare CR would end the line for some */
	{ "from a\x01 (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\rby mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx (Postfix) with SMTP id 1\x7f;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) (x\x01) by mx (Postfix) with SMTP id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by mx (Postfix, from userid 1\x01) id 1;", NULL, NULL, NULL, NULL, NULL, NULL },
	/* behind the id stands what a client may choose */
	{ "from a (b [192.0.2.1]) by mx (Postfix) with SMTP id 1 for <\"\x01\\\r\"@mx>; \x7f",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "" },
	/* shapes of others */
	{ "from [192.0.2.5] (helo=mail.example.org) by mx with esmtps (TLS1.3) tls X (Exim 4.96) id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.5]) by mx (OpenSMTPD) with ESMTPS id 1", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.5]) by mx (Postfixx) with ESMTPS id 1", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from imap.free.fr [212.27.42.5] by home.lan with IMAP (fetchmail-6.4.37)", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from mx ([10.0.0.2]) by imap with ESMTP id A", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from mx (10.0.0.2) by imap with LMTP id A", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from mx (x) ([10.0.0.2]) by imap with LMTP id A", NULL, NULL, NULL, NULL, NULL, NULL },
};

static const struct msg_field *
test_received_field(pool_t pool, const void *value, size_t size)
{
	string_t *str = t_str_new(size + 32);
	const struct msg_header *header;

	str_append(str, "Received: ");
	str_append_data(str, value, size);
	str_append(str, "\r\n");
	header = test_msg_header_parse(pool, str_data(str), str_len(str));
	test_assert(array_count(&header->fields) == 1);
	return array_front(&header->fields);
}

static void test_received_parse(void)
{
	unsigned int i;

	test_begin("received_parse");
	for (i = 0; i < N_ELEMENTS(received_tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 1024);
		const char *flags, *error = NULL;
		struct received received;
		int ret;

		ret = received_parse(pool, test_received_field(pool,
			received_tests[i].value,
			strlen(received_tests[i].value)), &received, &error);
		test_assert_idx((ret == 0) ==
				(received_tests[i].by != NULL), i);
		test_assert_idx(ret == 0 || error != NULL, i);
		if (ret == 0 && received_tests[i].by != NULL) {
			flags = t_strconcat(received.local_pickup ? "p" : "",
					    received.authenticated ? "a" : "",
					    received.dovecot_lmtp ? "d" : "",
					    NULL);
			test_assert_strcmp_idx(received.by,
				received_tests[i].by, i);
			test_assert_strcmp_idx(received.helo,
				received_tests[i].helo, i);
			test_assert_strcmp_idx(net_ip2addr(&received.from_ip),
				received_tests[i].ip, i);
			test_assert_strcmp_idx(received.protocol,
				received_tests[i].protocol, i);
			test_assert_strcmp_idx(received.id,
				received_tests[i].id, i);
			test_assert_strcmp_idx(flags,
				received_tests[i].flags, i);
		}
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_received_parse_hostile(void)
{
	static const char nul[] =
		"from a\0 (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;";
	static const char *const repeats[] = {
		"(", "()", "(()) ", "from ", "a ", "\\", "\\(", "[", ";", "\r\n ",
	};
	pool_t pool = pool_alloconly_create("test", 64 * 1024);
	struct received received;
	string_t *str = t_str_new(AUTHRES_MAX_RECEIVED_BYTES * 2);
	const char *error;
	unsigned int i;

	test_begin("received_parse hostile");
	test_assert(received_parse(pool, test_received_field(pool, nul,
		sizeof(nul) - 1), &received, &error) < 0);
	for (i = 0; i < N_ELEMENTS(repeats); i++) {
		str_truncate(str, 0);
		str_append(str, "from a (b [192.0.2.1]) ");
		while (str_len(str) < AUTHRES_MAX_RECEIVED_BYTES - 128)
			str_append(str, repeats[i]);
		str_append(str, " by mx (Postfix) with SMTP id 1;");
		/* balanced comments and white space may stand there */
		test_assert_idx((received_parse(pool, test_received_field(pool,
			str_data(str), str_len(str)), &received, &error) == 0) ==
			(i == 1 || i == 2 || i == 9), i);
	}
	/* the limit itself */
	str_truncate(str, 0);
	str_append(str, "from a (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;");
	while (str_len(str) < AUTHRES_MAX_RECEIVED_BYTES - strlen("Received: \r\n"))
		str_append_c(str, 'x');
	test_assert(received_parse(pool, test_received_field(pool,
		str_data(str), str_len(str)), &received, &error) == 0);
	str_append_c(str, 'x');
	test_assert(received_parse(pool, test_received_field(pool,
		str_data(str), str_len(str)), &received, &error) < 0);
	pool_unref(&pool);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_received_parse,
		test_received_parse_hostile,
		NULL
	};
	return test_run(test_functions);
}
