/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "test-received-parse.h"
#include "test-stranger.h"
#include "test-common.h"
#include "test-file.h"

static const struct received_test hostile_tests[] = {
	/* nothing, or parts of it */
	{ "",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ ";",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx (Postfix)",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx (Postfix) with",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx (Postfix) id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b)\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx; with SMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by mx (Postfix",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by mx",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "by mx with SMTP",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "(qmail 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "(qmail 1 invoked)",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "(qmail invoked from network)x(",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from [192.0.2.5]",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from [192.0.2.5] (helo=x)\r\n\tby mx",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from [192.0.2.5] (helo=x)\r\n\tby mx with esmtp\r\n\tid 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from bob by mx",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from bob by mx with local",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a ([192.0.2.5])\r\n\tby mx with LMTP",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from unknown (HELO x) (192.0.2.5)",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from unknown (HELO x)\r\n  by mx with SMTP; 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (192.0.2.1) by b",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (192.0.2.1) by b (192.0.2.2) with",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* no address */
	{ "from a (b [unknown])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1)\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b 192.0.2.1)\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]:25)\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.256])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [IPv6:192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [[::1]])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [IPv6:[::1]])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1%eth0])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [fe80::1%])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [fe80::1%e h])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1.])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [0x7f.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [2130706433])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [::ffff:192.0.2.1/96])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [IPv6:IPv6:::1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* the line does not end as its writer ends it */
	{ "from a (b [192.0.2.1]\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])x\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1] c)\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]))\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\\\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a b[192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* the by clause has no line of its own */
	{ "from a (b [192.0.2.1]) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from [192.0.2.5] (helo=x) by mx with esmtp (Exim 4.96)\r\n\tid 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) by mx (8.17.1/8.17.1) with ESMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from unknown (HELO x) (192.0.2.5) by mx with SMTP; 22 Nov",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from mx ([10.0.0.2]) by imap with LMTP id A",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from imap.free.fr [212.27.42.5] by home.lan with IMAP (fetchmail-6.4.37)",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* a bare CR breaks no line */
	{ "from a (b [192.0.2.1])\rby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a\r (b [192.0.2.1])\r\tby mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* what no client chooses has no control characters */
	{ "from a (b [192.0.2.1])\r\n\tby m\x01x (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx (Postfix) with SM\x7fTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* no such writer */
	{ "from a (b [192.0.2.1])\r\n\tby mx (Postfixx) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx ((Postfix)) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx.google.com.evil.example with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\tby mx (x (Postfix)) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* comments that do not end */
	{ "from a (b [192.0.2.1])\r\n\t(x (y) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1])\r\n\t(x \\) by mx (Postfix) with SMTP id 1;",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* webmail, Zimbra, custom text */
	{ "from x (y [192.0.2.1])\r\n\tby mx\r\n\twith HTTP (HTTP/1.1 POST); Sun",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from zimbra (LHLO zimbra) (172.20.243.1) by zimbra with LMTP; Sun",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from a (b [192.0.2.1]) (amavis, port 10024) by mx",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from mx ([127.0.0.1])\r\n by localhost (mx [127.0.0.1]) (amavis, port x)\r\n with ESMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* HELO imitates a line: the address stays where it is */
	{ "from [10.0.0.1] (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "[10.0.0.1]", "192.0.2.1", "SMTP", "1", "", "b" },
	{ "from evil([10.0.0.1]) (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "evil([10.0.0.1])", "192.0.2.1", "SMTP", "1", "", "b" },
	{ "from evil [10.0.0.1] (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "evil", "192.0.2.1", "SMTP", "1", "", NULL },
	{ "from evil ([10.0.0.1]) by mx.example.fr (Postfix) with ESMTPSA id 1; (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "evil", "192.0.2.1", "SMTP", "1", "", NULL },
	{ "from by (by [192.0.2.1])\r\n\tby by (Postfix) with with id id;",
	  "by", "by", "192.0.2.1", "with", "id", "", "by" },
	{ "from a\x01b (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", NULL, "192.0.2.1", "SMTP", "1", "", "b" },
	{ "from \xff\xfe (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "\xff\xfe", "192.0.2.1", "SMTP", "1", "", "b" },
	{ "from j\xc3\xb6rg (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "j\xc3\xb6rg", "192.0.2.1", "SMTP", "1", "", "b" },
	{ "from  (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", NULL, "192.0.2.1", "SMTP", "1", "", "b" },
	/* a name in DNS imitates */
	{ "from a (x [10.0.0.1] [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "", NULL },
	{ "from a (x.[10.0.0.1] [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "", NULL },
	{ "from a (x (y) [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "", NULL },
	{ "from a (x) by mx (Postfix) with ESMTPSA id 1 ( [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "", NULL },
	/* behind the id */
	{ "from a (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1 for <\"\x01\\\\\r\"@mx>; \x7f",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "", "b" },
	/* Exim with helo_accept_junk_hosts */
	{ "from [192.0.2.5] (helo=x [10.0.0.1])\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "x", "192.0.2.5", "esmtp", NULL, "", NULL },
	{ "from [192.0.2.5] (helo=y [10.0.0.1]) by mx.example.fr (Postfix) with ESMTPSA id 1 ;)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "y", "192.0.2.5", "esmtp", NULL, "", NULL },
	{ "from [192.0.2.5] (helo=x) by mx.example.fr with esmtpsa (Exim 4.96) id 2)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "x)", "192.0.2.5", "esmtp", NULL, "", NULL },
	{ "from [192.0.2.5] (helo=x\x01(\x7f\xff)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", NULL, "192.0.2.5", "esmtp", NULL, "", NULL },
	{ "from [192.0.2.5] (helo=)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", NULL, "192.0.2.5", "esmtp", NULL, "", NULL },
	{ "from [192.0.2.5] (helo=x port=25 ident=y] helo=z)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "x", "192.0.2.5", "esmtp", NULL, "", NULL },
	{ "from h.example ([192.0.2.5] helo=]) ([10.0.0.1])\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "])", "192.0.2.5", "esmtp", NULL, "", "h.example" },
	{ "from h.example ([192.0.2.5] helo=x HELO y) (10.0.0.1)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "x", "192.0.2.5", "esmtp", NULL, "", "h.example" },
	{ "from h.example\r\n\t([192.0.2.5] helo=x ident=) by mx (Postfix) with ESMTPA id 1 ()\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "x", "192.0.2.5", "esmtp", NULL, "", "h.example" },
	{ "from h.example ([192.0.2.5] ident=bob@localhost)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "h.example", "192.0.2.5", "esmtp", NULL, "", "h.example" },
	/* Sendmail cuts what is too long */
	{ "from x (192.0.2.7@localhost@h.example [192.0.2.5] (may be for)\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  "mx", "x", "192.0.2.5", "ESMTP", "1", "", NULL },
	{ "from x (h.example [192.0.2.5] ()\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  "mx", "x", "192.0.2.5", "ESMTP", "1", "", NULL },
	{ "from x (h.example [192.0.2.5] (may be true))\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from x (h.example [192.0.2.5] [192.0.2.6])\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from x (h.example [192.0.2.)\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from x (IDENT:uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu@hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh [192.0.2"
	  ")\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  "mx", "x", "", "ESMTP", "1", "mh", NULL },
	{ "(from x@localhost [local])\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "(from localhost)\r\n\tby mx (8.17.1/8.17.1) with ESMTP id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* Haraka refuses white space only */
	{ "from x(y[10.0.0.1]) ([192.0.2.5])\r\n\tby mx (Haraka/3.0.3) with ESMTP id 1",
	  "mx", "x(y[10.0.0.1])", "192.0.2.5", "ESMTP", "1", "", NULL },
	{ "from x( (a) (b [192.0.2.5])\r\n\tby mx (Haraka/3.0.3) with ESMTP id 1",
	  "mx", "x(", "192.0.2.5", "ESMTP", "1", "", NULL },
	/* qmail */
	{ "from unknown (HELO x?y?) (??10.0.0.1?@192.0.2.5)\r\n  by mx with SMTP; 1",
	  "mx", "x?y?", "192.0.2.5", "SMTP", NULL, "", NULL },
	{ "from unknown (HELO x) (10.0.0.1@192.0.2.5)\r\n  by mx with SMTP; 1",
	  "mx", "x", "192.0.2.5", "SMTP", NULL, "", NULL },
	{ "from  (192.0.2.5)\r\n  by mx with SMTP; 1",
	  "mx", NULL, "192.0.2.5", "SMTP", NULL, "", NULL },
	{ "from unknown (HELO x) (192.0.2.5@10.0.0.1 )\r\n  by mx with SMTP; 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from unknown (HELO x) (192.0.2.5) (10.0.0.1)\r\n  by mx with SMTP; 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from unknown (HELO x) (192.0.2.5)\r\n  by mx with SMTP id 7; 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	/* Exchange lets no HELO like that through */
	{ "from x(10.0.0.1)by(c) (192.0.2.5) by mx (192.0.2.6) with Microsoft SMTP Server id 1",
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from [192.0.2.1 (b [192.0.2.5])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "[192.0.2.1", "192.0.2.5", "SMTP", "1", "", "b" },
	/* private and mapped addresses are addresses */
	{ "from a (b [IPv6:::ffff:10.0.0.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "10.0.0.1", "SMTP", "1", "", "b" },
	{ "from a (b [0.0.0.0])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "0.0.0.0", "SMTP", "1", "", "b" },
};

static void test_received_hostile(void)
{
	test_begin("received_parse: hostile");
	test_received_cases(hostile_tests, N_ELEMENTS(hostile_tests));
	test_end();
}

/* How each MTA writes it: what it replaces, drops or refuses. */

static const char *write_postfix(struct stranger *stranger)
{
	static const char *const names[] = { "unknown", "host.example" };

	return t_strdup_printf("from %s (%s [%s%s])\r\n"
		"\t(using TLSv1.3 with cipher X (256/256 bits))\r\n"
		"\t(Client CN \"%s\", Issuer \"x\" (not verified))\r\n"
		"\tby mx.example.fr (Postfix) with ESMTPS id 1\r\n"
		"\tfor <%s>; Sun",
		replaced(stranger_text(stranger, 2030), " <>()\\\";@", FALSE, '?'),
		names[test_random(stranger, 2)],
		strchr(stranger->ip, ':') != NULL ? "IPv6:" : "", stranger->ip,
		replaced(stranger_text(stranger, 64), "()\\", FALSE, '?'),
		stranger_text(stranger, 64));
}

/* helo_accept_junk_hosts = *, log_selector = +incoming_port */
static const char *write_exim(struct stranger *stranger)
{
	const char *helo = t_str_trim(stranger_text(stranger, 16000), " \t");
	const char *ident = replaced(stranger_text(stranger, 127), "\\",
				     FALSE, '0');
	string_t *str = t_str_new(1024);
	const char *port = test_random(stranger, 2) == 0 ? "" : ":4711";

	ident = test_random(stranger, 2) == 0 ? "" :
		t_strconcat(" ident=", ident, NULL);
	helo = test_random(stranger, 5) == 0 ? "" :
		t_strconcat(" helo=", helo, NULL);
	str_append(str, "from ");
	if (test_random(stranger, 2) == 0) {
		str_printfa(str, "host.example%s([%s]%s%s%s)",
			    *ident != '\0' && *helo != '\0' ? "\r\n\t" : " ",
			    stranger->ip, port, helo, ident);
	} else {
		const char *all = t_strconcat(
			*port == '\0' ? "" : " port=4711", helo, ident, NULL);

		str_printfa(str, "[%s]", stranger->ip);
		if (*all != '\0')
			str_printfa(str, " (%s)", all + 1);
	}
	str_printfa(str, "\r\n\tby mx.example.fr with esmtps  (TLS1.3) tls X\r\n"
		    "\t(Exim 4.96)\r\n\t(envelope-from <%s>)\r\n\tid 1",
		    stranger_text(stranger, 64));
	return str_c(str);
}

static const char *write_sendmail(struct stranger *stranger)
{
	const char *ident = kept(stranger_text(stranger, 99),
				 ALNUM "!#$%&'*+-./^_`{|}~");
	const char *client;

	client = t_strconcat(
		test_random(stranger, 2) == 0 ? "" :
			t_strconcat(ident, "@", NULL),
		test_random(stranger, 2) == 0 ? "host.example " : "", NULL);
	client = t_strdup_printf("%s[%s%s]%s", client,
		strchr(stranger->ip, ':') != NULL ? "IPv6:" : "", stranger->ip,
		t_strndup(" (may be forged)", test_random(stranger, 17)));
	if (test_random(stranger, 5) == 0)
		client = t_strdup_printf("(from %s)", client);
	else {
		client = t_strdup_printf("from %s (%s)",
			word(stranger_text(stranger, 255), ALNUM "[].-_#:"),
			client);
	}
	return t_strdup_printf("%s\r\n\tby mx.example.fr "
		"(8.17.1.9/8.17.1.9/Debian-2) with ESMTP id 1\r\n\tfor <%s>; Sun",
		client, stranger_text(stranger, 64));
}

static const char *write_opensmtpd(struct stranger *stranger)
{
	return t_strdup_printf("from %s (%s %s%s%s)\r\n"
		"\tby mx.example.fr (OpenSMTPD) with ESMTPS id 1 (X:X:256:NO)\r\n"
		"\tfor <%s>;\r\n\tSun",
		word(stranger_text(stranger, 255), ALNUM ".-_"),
		test_random(stranger, 2) == 0 ? "<unknown>" :
		stranger_text(stranger, 255), "[", stranger->ip, "]",
		stranger_text(stranger, 64));
}

static const char *write_qmail(struct stranger *stranger)
{
	static const char safe[] = ALNUM ".@%+/=:-";
	const char *texts[3];

	for (unsigned int i = 0; i < N_ELEMENTS(texts); i++) {
		char *p = t_strdup_noconst(stranger_text(stranger, 1000));

		texts[i] = p;
		for (; *p != '\0'; p++) {
			if (strchr(safe, *p) == NULL)
				*p = '?';
		}
	}
	if (test_random(stranger, 2) == 0)
		texts[1] = "";
	else
		texts[1] = t_strdup_printf("(HELO %s) ", texts[1]);
	if (test_random(stranger, 2) == 0)
		texts[2] = "";
	else
		texts[2] = t_strconcat(texts[2], "@", NULL);
	return t_strdup_printf("from %s %s(%s%s)\r\n  by mx.example.fr with "
			       "ESMTPS; 22 Nov 2026 09:00:00 -0000",
			       texts[0], texts[1], texts[2], stranger->ip);
}

static const char *write_haraka(struct stranger *stranger)
{
	return t_strdup_printf("from %s (%s [%s])\r\n"
		"\tby mx.example.fr (Haraka/3.0.3) with ESMTP id 1.1\r\n"
		"\tenvelope-from <%s>;\r\n\tSun",
		replaced(stranger_text(stranger, 500), " \t", TRUE, '-'),
		stranger_text(stranger, 255), stranger->ip,
		stranger_text(stranger, 64));
}

static const char *write_halon(struct stranger *stranger)
{
	return t_strdup_printf("from %s (%s [%s])\r\n"
		"\tby mx.example.fr (Halon) with ESMTP\r\n\tid 1;\r\n\tSun",
		stranger_text(stranger, 500), stranger_text(stranger, 255),
		stranger->ip);
}

static const char *write_courier(struct stranger *stranger)
{
	return t_strdup_printf("from %s (%s [%s])\r\n"
		"  (TLS: TLSv1.3,256bits,X)\r\n  by mx.example.fr with ESMTPS\r\n"
		"  id 000000000004C1B2.0000000065F0A1B2.00001A2B; Sun",
		replaced(stranger_text(stranger, 500), " \t", TRUE, '-'),
		word(stranger_text(stranger, 255), ALNUM ".-"), stranger->ip);
}

static const char *write_mox(struct stranger *stranger)
{
	return t_strdup_printf("from %s (%s [%s])\r\n\tby mx.example.fr "
		"([198.51.100.1]) via tcp with ESMTPS\r\n\tid 1 for <%s>; Sun",
		word(stranger_text(stranger, 255), ALNUM ".-[]:"),
		word(stranger_text(stranger, 255), ALNUM ".-"), stranger->ip,
		stranger_text(stranger, 64));
}

static const char *write_microsoft(struct stranger *stranger)
{
	return t_strdup_printf("from %s (%s) by\r\n mx.example.fr (10.0.0.9) "
		"with Microsoft SMTP\r\n Server (version=TLS1_2) id 15.1; Sun",
		word(stranger_text(stranger, 255), ALNUM ".-[]:"),
		stranger->ip);
}

static const char *write_google(struct stranger *stranger)
{
	return t_strdup_printf("from %s (%s. [%s])\r\n        by mx.google.com"
		" with ESMTPS id 1\r\n        for <a@b>",
		replaced(stranger_text(stranger, 255), " \t()[];\"\\", FALSE, '?'),
		word(stranger_text(stranger, 255), ALNUM ".-"), stranger->ip);
}

static const char *write_dovecot(struct stranger *stranger)
{
	return t_strdup_printf("from %s ([%s])\r\n\tby mx.example.fr with LMTP"
		"\r\n\tid S\r\n\t(envelope-from <%s>)",
		word(stranger_text(stranger, 255), ALNUM ".-"), stranger->ip,
		stranger_text(stranger, 64));
}

static const struct {
	const char *(*write)(struct stranger *stranger);
	const char *by;
	bool broken;
} programs[] = {
	{ write_postfix, "mx.example.fr", TRUE },
	{ write_exim, "mx.example.fr", FALSE },
	/* through a Postfix of ours */
	{ write_exim, "mx.example.fr", TRUE },
	{ write_sendmail, "mx.example.fr", TRUE },
	{ write_opensmtpd, "mx.example.fr", TRUE },
	{ write_qmail, "mx.example.fr", FALSE },
	{ write_qmail, "mx.example.fr", TRUE },
	{ write_haraka, "mx.example.fr", FALSE },
	{ write_halon, "mx.example.fr", FALSE },
	{ write_courier, "mx.example.fr", TRUE },
	{ write_mox, "mx.example.fr", TRUE },
	{ write_microsoft, "mx.example.fr", TRUE },
	{ write_google, "mx.google.com", TRUE },
	{ write_dovecot, "mx.example.fr", TRUE },
};

static const char *
program_write(struct stranger *stranger, unsigned int idx)
{
	const char *text = programs[idx].write(stranger);

	return programs[idx].broken ? stranger_lines_broken(text) : text;
}

static bool
program_is_right(const struct received *received, const char *ip,
		 unsigned int idx)
{
	return strcmp(net_ip2addr(&received->from_ip), ip) == 0 &&
		strcmp(received->by, programs[idx].by) == 0 &&
		!received->authenticated && !received->local_pickup &&
		!received->continues && !received->fetched &&
		!received->masked;
}

static void test_received_strangers(void)
{
	static const struct stranger_program program = {
		.write = program_write,
		.is_right = program_is_right,
	};
	struct stranger stranger = { .state = 1 };

	test_begin("received_parse: nothing a stranger says moves the address");
	for (unsigned int i = 0; i < N_ELEMENTS(programs); i++)
		test_stranger_fields(&stranger, &program, i);
	test_end();
}

static void test_received_sizes(void)
{
	static const char nul[] =
		"from a\0b (b [192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;";
	static const char nul_by[] =
		"from a (b [192.0.2.1])\r\n\tby m\0x (Postfix) with SMTP id 1;";
	static const char *const repeats[] = {
		"(", "()", "(()) ", "from ", "a ", "\\", "\\(", "[", ";",
		"\r\n ", "[10.0.0.1])\r\n\t", "by ", "\r\n\tby x (Postfix) ",
	};
	pool_t pool = pool_alloconly_create("test", 64 * 1024);
	struct received received;
	string_t *str = t_str_new(AUTHRES_MAX_FIELD_BYTES * 2);
	unsigned int i;

	test_begin("received_parse: sizes");
	test_assert(test_received_parse(pool, nul, sizeof(nul) - 1,
					&received) == 0);
	test_assert(received.helo == NULL && received.from_ip.family != 0);
	test_assert(test_received_parse(pool, nul_by, sizeof(nul_by) - 1,
					&received) < 0);
	for (i = 0; i < N_ELEMENTS(repeats); i++) T_BEGIN {
		str_truncate(str, 0);
		str_append(str, "from a (b [192.0.2.1])\r\n\t");
		while (str_len(str) < AUTHRES_MAX_FIELD_BYTES - 128)
			str_append(str, repeats[i]);
		str_append(str, "\r\n\tby mx (Postfix) with SMTP id 1;");
		/* balanced comments and white space may stand there */
		test_assert_idx((test_received_parse(pool, str_data(str),
					str_len(str), &received) == 0) ==
				(i == 1 || i == 2 || i == 9), i);
	} T_END;
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_received_hostile,
		test_received_strangers,
		test_received_sizes,
		NULL
	};
	return test_run(test_functions);
}
