/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "str-prefix.h"
#include "test-msg-header.h"
#include "author-domain.h"
#include "test-common.h"
#include "test-file.h"

enum {
	SINGLE,
	MULTIPLE,
	/* unusable */
	BAD,
	/* and damaged so that an author may be hidden */
	HIDES
};

/* A header without its last line end. */
static const struct {
	const char *header;
	int kind;
	/* separated by spaces, in order */
	const char *domains;
	/* beginning of the reason */
	const char *reason;
} author_tests[] = {
	/* RFC 5322 section 3.4: legitimate */
	{ "From: a@bank.com", SINGLE, "bank.com", NULL },
	{ "From: <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: A B <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"A, B\" <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"A \\\"x@evil.com\\\" B\" <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"ceo@evil.com\" <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"\\\\\" <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: a@bank.com (A B)", SINGLE, "bank.com", NULL },
	{ "From: a@bank.com (x@evil.com)", SINGLE, "bank.com", NULL },
	{ "From: (x@evil.com (y@evil.com \\) <z@evil.com>)) a@bank.com", SINGLE, "bank.com", NULL },
	{ "From: A <a(x)@(y)bank.com(z)>", SINGLE, "bank.com", NULL },
	{ "From: \"a b@evil.com\"@bank.com", SINGLE, "bank.com", NULL },
	{ "From: \"a@evil.com\" . b @ bank.com", SINGLE, "bank.com", NULL },
	{ "From: a+b=c@bank.com", SINGLE, "bank.com", NULL },
	{ "From: a@BANK.Com", SINGLE, "bank.com", NULL },
	{ "From: a@bank.com.", SINGLE, "bank.com", NULL },
	{ "From: A <a@bank.com.>", SINGLE, "bank.com", NULL },
	{ "From: A [tag] <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: A :) <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: Dr. A. B <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: B, A <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: 'a@bank.com' <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: a@bank.com <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: A O'B <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: a@bank.com, b@bank.com", SINGLE, "bank.com", NULL },
	{ "From: a@bank.com, , B <b@Bank.com>,", SINGLE, "bank.com", NULL },
	{ "From: Team: a@bank.com, B <b@bank.com>;", SINGLE, "bank.com", NULL },
	{ "From:a@bank.com", SINGLE, "bank.com", NULL },
	{ "From : a@bank.com", SINGLE, "bank.com", NULL },
	{ "FROM\t: a@bank.com", SINGLE, "bank.com", NULL },
	{ "fRoM: a@bank.com", SINGLE, "bank.com", NULL },
	{ "From:\r\n A\r\n\t<a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: A\n B\n <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "Subject: x\nFromm: x@evil.com\nFrom: a@bank.com\nFro: y@evil.com", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?x=40evil.com_=3Cy=40bank.com=3E?= <a@bank.com>", SINGLE, "bank.com", NULL },
	/* RFC 6531, RFC 6532 */
	{ "From: J\xc3\xb6rg <j\xc3\xb6rg@b\xc3\xbc""cher.example>", SINGLE, "xn--bcher-kva.example", NULL },
	{ "From: a@xn--bcher-kva.example, b@b\xc3\xbc""cher.example", SINGLE, "xn--bcher-kva.example", NULL },
	/* 8-bit display name in another character set */
	{ "From: J\xf6rg <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: <mailto:a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: a@localhost", SINGLE, "localhost", NULL },

	/* several legal addresses, RFC 9989 section 11.5 */
	{ "From: a@bank.com, b@shop.org", MULTIPLE, "bank.com shop.org", "several domains" },
	{ "From: A <a@bank.com>, B <b@shop.org>", MULTIPLE, "bank.com shop.org", "several domains" },
	{ "From: Team: a@bank.com, b@shop.org;, c@x.net", MULTIPLE, "bank.com shop.org x.net", "several domains" },
	{ "From: a@1.com, a@2.com, a@3.com, a@4.com, a@5.com", MULTIPLE, "1.com 2.com 3.com 4.com 5.com", "several domains" },
	{ "From: a@1.com, a@2.com, a@3.com, a@4.com, a@5.com, a@6.com", HIDES, "1.com 2.com 3.com 4.com 6.com", "too many domains" },
	/* one angle-addr: it comes first, the others are evaluated as well */
	{ "From: a@evil.com <ceo@bank.com>", MULTIPLE, "bank.com evil.com", "several domains" },
	{ "From: A @ Work <a@bank.com>", MULTIPLE, "bank.com work", "several domains" },
	{ "From: @twitter <a@bank.com>", MULTIPLE, "bank.com twitter", "several domains" },
	{ "From: <ceo@bank.com> a@evil.com", MULTIPLE, "bank.com evil.com", "several domains" },
	{ "From: \"ceo\"@bank.com <a@evil.com>", MULTIPLE, "evil.com bank.com", "several domains" },
	{ "From: ceo@bank.com: <a@evil.com>;", MULTIPLE, "evil.com bank.com", "several domains" },
	{ "From: a@1.com, a@2.com, a@3.com, a@4.com, a@5.com, <a@6.com>", HIDES, "6.com 1.com 2.com 3.com 4.com", "too many domains" },
	/* obs-route, RFC 5322 section 4.4 */
	{ "From: <@relay.com,@relay2.com:a@bank.com>", MULTIPLE, "bank.com relay.com relay2.com", "several domains" },
	{ "From: A <@bank.com:a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: <@bank.com>", BAD, "bank.com", "address without local part" },

	/* no usable address, section 5.3.1 */
	{ "Subject: x", BAD, "", "no From" },
	{ "From:", BAD, "", "no domain" },
	{ "From: ", BAD, "", "no domain" },
	{ "From: list:;", BAD, "", "no domain" },
	{ "From: undisclosed-recipients: ;", BAD, "", "no domain" },
	{ "From: A B", BAD, "", "no domain" },
	{ "From: <>", BAD, "", "no domain" },
	{ "From: A <a>", BAD, "", "no domain" },
	{ "From: A <a>, b@bank.com", BAD, "bank.com", "no domain" },
	{ "From: @bank.com", BAD, "bank.com", "address without local part" },
	{ "From: a@[192.0.2.1]", BAD, "", "address literal" },
	{ "From: <a@[IPv6:2001:db8::1]>", BAD, "", "address literal" },
	{ "From: a@[x@evil.com]", BAD, "evil.com", "address literal" },
	{ "From: a@", BAD, "", "unreadable domain" },
	{ "From: a@.bank.com", BAD, "bank.com", "unreadable domain" },
	{ "From: a@bank.com..", BAD, "bank.com", "unreadable domain" },
	{ "From: a@x..bank.com", BAD, "bank.com x.bank.com", "unreadable domain" },
	{ "From: a@x..com", BAD, "x.com", "unreadable domain" },
	{ "From: a@...", BAD, "", "unreadable domain" },
	{ "From: a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.bank.com", BAD, "bank.com", "unreadable domain" },
	{ "From: a@bank..com", BAD, "bank.com", "unreadable domain" },
	{ "From: a@bank.com/x", BAD, "bank.com", "unreadable domain" },
	{ "From: ceo@bank.com%x@evil.com", BAD, "bank.com evil.com", "unreadable domain" },
	{ "From: a@bank.com\"x\"", BAD, "bank.com", "unreadable domain" },
	{ "From: a@=?utf-8?Q?bank.com?=", BAD, "bank.com", "unreadable domain" },
	/* what readers show where there is no address */
	{ "From: =?utf-8?b?Y2VvQGJhbmsuY29t?=", BAD, "bank.com", "encoded address" },
	{ "From: =?koi8-r?Q?CEO_=3Cceo=40bank.com=3E?=", BAD, "bank.com", "encoded address" },
	{ "From: =?utf-8?Q?CEO_=3Cceo=40bank.com=3E?= <>", BAD, "bank.com", "no domain inside <>" },
	{ "From: =?utf-8?b?Y2VvQGJhbms=?=\r\n =?utf-8?b?LmNvbQ==?=", BAD, "bank.com", "encoded address" },
	{ "From: =?utf-8?Q?CEO?=", BAD, "", "no domain" },
	{ "From: =?utf-8?Q?CEO_=40_bank.com?= <x@evil.com>", SINGLE, "evil.com", NULL },
	{ "From: a@b\xff.com", BAD, "b.com", "unreadable domain" },

	/* read differently by different readers */
	{ "From: v@bank.com; x@evil.com", BAD, "bank.com evil.com", "addresses in From are not" },
	{ "From: v@bank.com x@evil.com", BAD, "bank.com evil.com", "addresses in From are not" },
	{ "From: <v@bank.com> <w@evil.com>", BAD, "bank.com evil.com", "addresses in From are not" },
	{ "From: <v@bank.com>, <w@evil.com> <x@evil.com>", BAD, "bank.com evil.com", "addresses in From are not" },
	{ "From: a: b@bank.com, c: d@evil.com;", BAD, "bank.com evil.com", "addresses in From are not" },
	{ "From: a: b@bank.com, d@evil.com", BAD, "bank.com evil.com", "addresses in From are not" },
	{ "From: v@bank.com; x@bank.com", SINGLE, "bank.com", NULL },
	{ "From: <v@bank.com@evil.com>", BAD, "bank.com evil.com", "several @" },
	{ "From: v@bank.com@evil.com", BAD, "bank.com evil.com", "several @" },
	{ "From: <v@bank.com x@evil.com>", BAD, "bank.com evil.com", "several addresses in one <>" },
	{ "From: <v@bank.com, x@evil.com>", BAD, "bank.com evil.com", "several addresses in one <>" },
	{ "From: v@bank .com", BAD, "bank bank.com", "white space" },
	{ "From: v@bank.com .evil.org", BAD, "bank.com bank.com.evil.org", "white space" },
	{ "From: v@bank.com.(x) evil.org", BAD, "bank.com bank.com.evil.org", "white space" },
	{ "From: v@bank(x).com", BAD, "bank bank.com", "white space" },
	{ "From: =?utf-8?Q?ceo=40bank.com?=@evil.com", BAD, "evil.com bank.com", "encoded word" },
	{ "From: A <=?utf-8?B?Y2VvQGJhbmsuY29t?=@evil.com>", BAD, "evil.com bank.com", "encoded word" },

	/* damaged as no program does: without what nobody sees, up to the
	   first of it, and behind the last of it */
	{ "From: v@ba\x01nk.com", BAD, "ba bank.com nk.com", "unreadable domain" },
	{ "From: v@\x01""bank.com", BAD, "bank.com", "unreadable domain" },
	{ "From: <v@bank\x7f.com>", BAD, "bank bank.com", "unreadable domain" },
	{ "From: v@bank.com\x01.evil.org", BAD, "bank.com bank.com.evil.org evil.org", "unreadable domain" },
	{ "From: v@evil.org\x01""bank.com", BAD, "evil.org evil.orgbank.com bank.com", "unreadable domain" },
	{ "From: v@ba\xffnk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@bank.com\xa0", BAD, "bank.com", "unreadable domain" },
	{ "From: v@ba\xc2\x80nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@bank.com\xe2\x80\xae", BAD, "bank.com", "unreadable domain" },
	{ "From: v@\xe2\x80\xae""bank.com\xe2\x80\xac", BAD, "bank.com", "unreadable domain" },
	{ "From: v@ba\xe2\x81\xa6nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xe2\x80\x8dnk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xe3\x85\xa4nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xf3\xa0\x81\xa1nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xef\xbf\xb9nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xee\x80\x80nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xcd\xb8nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xc2\xa0nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@ba\xe2\xa0\x80nk.com", BAD, "bank.com nk.com", "unreadable domain" },
	{ "From: v@bank.com\xe2\x98\x83", BAD, "bank.com", "unreadable domain" },
	{ "From: v@bank\xe2\x80\xa4""com", BAD, "bank.com", "unreadable domain" },
	{ "From: v@bank\xef\xb9\x92""com", BAD, "bank.com", "unreadable domain" },
	{ "From: v@evil.com\xef\xbc\xa0""bank.com", BAD, "evil.com bank.com", "unreadable domain" },
	{ "From: <v@bank.com\xef\xbc\x9e <x@evil.com>", BAD, "bank.com evil.com", "unreadable domain" },
	{ "From: v@ba\x01 nk.com", BAD, "ba bank.com nk.com", "unreadable domain" },
	{ "From: <v@ba nk.com>", BAD, "ba bank.com", "white space" },
	{ "From: <v@bank.c om>", BAD, "bank.c bank.com", "white space" },
	{ "From: v@ba nk.com", MULTIPLE, "ba bank.com", "several domains" },
	{ "From: v@bank.com Joe Doe", SINGLE, "bank.com", NULL },
	{ "From: A @ Work Team <a@bank.com>", MULTIPLE, "bank.com work", "several domains" },
	{ "From: v@bank%2Ecom", BAD, "bank bank.com", "unreadable domain" },
	{ "From: v@ba\\nk.com", BAD, "ba bank.com nk.com", "unreadable domain" },
	{ "From: v@\"bank.com\"", BAD, "bank.com", "unreadable domain" },
	{ "From: v@[bank.com]", BAD, "bank.com", "address literal" },
	{ "From: v@[192.0.2.1].com", BAD, "", "address literal" },
	/* IDNA leaves these out, or takes them for a dot */
	{ "From: v@ba\xc2\xadnk.com", SINGLE, "bank.com", NULL },
	{ "From: v@ba\xe2\x80\x8bnk.com", SINGLE, "bank.com", NULL },
	{ "From: v@ba\xef\xb8\x8fnk.com", SINGLE, "bank.com", NULL },
	{ "From: v@\xef\xbd\x82""ank.com", SINGLE, "bank.com", NULL },
	{ "From: v@bank\xe3\x80\x82""com", SINGLE, "bank.com", NULL },
	{ "From: v@bank\xef\xbc\x8e""com", SINGLE, "bank.com", NULL },
	{ "From: v@bank\xef\xbd\xa1""com", SINGLE, "bank.com", NULL },
	/* A-labels that stand for what IDNA forbids */
	{ "From: v@xn--bank-.com", MULTIPLE, "xn--bank-.com bank.com", "several domains" },
	{ "From: v@xn--i-7iq.ws", SINGLE, "xn--i-7iq.ws", NULL },
	{ "From: v@xn--ls8h.la", SINGLE, "xn--ls8h.la", NULL },
	{ "From: v@xn--strae-oqa.example", SINGLE, "xn--strae-oqa.example", NULL },
	/* of a domain nothing can be read */
	{ "From: v@\xff", HIDES, "", "unreadable domain" },
	{ "From: v@\x01", HIDES, "", "unreadable domain" },
	{ "From: v@\xe2\x98\x83", HIDES, "", "unreadable domain" },
	{ "From: <v@\xff>, x@evil.com", HIDES, "evil.com", "unreadable domain" },
	{ "From: v@\xff, x@evil.com", HIDES, "evil.com", "unreadable domain" },
	{ "From: A @ \xe2\x98\x83 <a@bank.com>", BAD, "bank.com", "unreadable domain" },
	{ "From: root@(none)", BAD, "", "unreadable domain" },

	/* encoded words before anybody looks for addresses */
	{ "From: =?utf-8?Q?x=40evil.com_=3Cv=40evil.com=3E?= <a@bank.com>", BAD, "bank.com evil.com", "encoded address" },
	{ "From: =?utf-8?Q?v=40bank.com?=, x@evil.com", BAD, "evil.com bank.com", "encoded address" },
	{ "From: x@evil.com, =?utf-8?Q?v=40bank.com?=", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-8?Q?v=40bank.com=2C?= <x@evil.com>", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-8?Q?v=40bank.com?= x@evil.com", BAD, "evil.com bank.com", "encoded address" },
	{ "From: x@evil.com =?utf-8?Q?v=40bank.com?=", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-8?Q?v=40bank.com?=: x@evil.com;", BAD, "evil.com bank.com", "encoded address" },
	{ "From: <=?utf-8?Q?v=40bank.com?=> <x@evil.com>", BAD, "evil.com bank.com", "no domain inside <>" },
	{ "From: v@=?utf-8?B?YmFuay5jb20=?= <x@evil.com>", BAD, "evil.com bank.com", "unreadable domain" },
	{ "From: v@=?utf-8?Q?bank .com?= <x@evil.com>", BAD, "evil.com bank.com", "unreadable domain" },
	{ "From: <v@=?utf-8?B?YmFuay5jb20=?=>", BAD, "bank.com", "unreadable domain" },
	{ "From: <v@=?utf-8?Q?b=C3=BCcher?=.example>", BAD, "xn--bcher-kva.example", "unreadable domain" },
	{ "From: <v@=?iso-8859-1?Q?b=FCcher?=.example>", BAD, "xn--bcher-kva.example", "unreadable domain" },
	{ "From: \"=?utf-8?Q?CEO_=3Cv=40bank.com=3E?=\" <x@evil.com>", SINGLE, "evil.com", NULL },
	{ "From: \"=?utf-8?Q?CEO=22_=3Cv=40bank.com=3E_=22?=\" <x@evil.com>", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-8?Q?=3D=3Futf-8=3FQ=3FCEO=5F=3D3Cv=3D40bank.com=3D3E=3F=3D?= <x@evil.com>", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-8?Q?CEO_=3Cv=40ba?= =?utf-8?Q?nk.com=3E?= <x@evil.com>", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-8?B?PHZAYm?= =?utf-8?B?Fuay5jb20+?= <x@evil.com>", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-8?Q?CEO_=3Cv=40bank.com=3E?=<x@evil.com>", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-7?Q?CEO +ADw-v+AEA-bank.com+AD4-?= <x@evil.com>", BAD, "evil.com bank.com", "encoded address" },
	{ "From: =?utf-16be?B?AHYAQABiAGEAbgBrAC4AYwBvAG0=?=", BAD, "bank.com", "encoded address" },
	{ "From: =?utf-8?Q?CEO_=3Cv=40ba=E2=80=AEnk.com=3E?= <x@evil.com>", BAD, "evil.com bank.com nk.com", "encoded address" },
	{ "From: =?iso-2022-jp?B?GyRAdkBiYW5rLmNvbQ==?=", BAD, "bank.com", "encoded address" },
	{ "From: =?ibm037?Q?=A5=7C=82=81=95=92K=83=96=94?=, x@evil.com", HIDES, "evil.com", "unreadable encoded word" },
	{ "From: =?utf-8?Q?v=40=FF=FE?=", HIDES, "", "encoded address" },
	/* shown instead of an address */
	{ "From: \"v@bank.com\"", BAD, "bank.com", "address hidden" },
	{ "From: \"v@bank.com\" <>", BAD, "bank.com", "no domain inside <>" },
	{ "From: \"v@bank.com\" <x>", BAD, "bank.com", "no domain inside <>" },
	{ "From: \"v@bank.com\" <x@[192.0.2.1]>", BAD, "bank.com", "address literal" },
	{ "From: \"v@bank.com\", x@evil.com", BAD, "bank.com evil.com", "address hidden" },
	{ "From: (v@bank.com)", BAD, "bank.com", "address hidden" },
	{ "From: (v@bank.com), x@evil.com", BAD, "bank.com evil.com", "address hidden" },
	{ "From: v\xef\xbc\xa0""bank.com", BAD, "bank.com", "address hidden" },
	{ "From: v\xef\xbc\xa0""bank\xe3\x80\x82""com, x@evil.com", BAD, "bank.com evil.com", "address hidden" },
	{ "From: \xef\xbc\x9cv\xef\xb9\xab""bank.com\xef\xbc\x9e", BAD, "bank.com", "address hidden" },
	{ "From: v%40bank.com", BAD, "bank.com", "address hidden" },
	{ "From: =?utf-8?Q?v=EF=BC=A0bank.com?=", BAD, "bank.com", "encoded address" },
	{ "From: \"A @ home\"", BAD, "", "no domain" },

	/* honest display names with an address, an "@" or brackets in them */
	{ "From: \"ann@list.example via Lists\" <list@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"a@bank.com\" <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"Ann <ann@list.example>\" <list@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?ann=40list.example_via_Listen=C3=BC?= <list@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?ann=40list.example?= <list@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"=?utf-8?Q?ann=40list.example?=\" <list@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?M=C3=BCller=2C_J=C3=B6rg_=28j=40gmx.example=29?= <j@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_=3Cj=40bank.com=3E?= <j@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?M=C3=BCller?=, =?utf-8?Q?J=C3=B6rg?= <j@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?I_=3C3_you_=40_home?= <j@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: j@bank.com (=?utf-8?Q?J=C3=B6rg_j=40gmx.example?=)", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?B?55Sw5Lit77yg5Za25qWt6YOo?= <tanaka@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \xe7\x94\xb0\xe4\xb8\xad\xef\xbc\xa0\xe5\x96\xb6\xe6\xa5\xad <tanaka@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?iso-2022-jp?B?GyRAOzM8QD4bKEI=?= <yamada@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?shift_jis?B?g0CDQINA?= <yamada@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?gb2312?B?gUCBQIFA?= <wang@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?koi8-r?B?6dfBziDJ18HOQGJhbmsuY29t?= <ivan@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?B?8J+SqfCfkqk=?= <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: =?utf-8?Q?A=E2=80=8BB?= <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: A\xc2\xad""B <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: <\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84>", SINGLE, "xn--80a1acny.xn--p1ai", NULL },
	{ "From: \xe5\xb1\xb1\xe7\x94\xb0 <a@\xe4\xbe\x8b\xe3\x81\x88.example>", SINGLE, "xn--r8jz45g.example", NULL },

	/* unbalanced */
	{ "From: \"A <v@bank.com>", BAD, "bank.com", "unbalanced quote" },
	{ "From: \"A <v@bank.com> \"B\" <x@evil.com>", BAD, "bank.com evil.com", "unbalanced quote" },
	{ "From: A\\\" <v@bank.com>", BAD, "bank.com", "backslash" },
	{ "From: (A <v@bank.com>", BAD, "bank.com", "unbalanced quote or comment" },
	{ "From: (A (B) <v@bank.com>", BAD, "bank.com", "unbalanced quote or comment" },
	{ "From: (A \\) <v@bank.com>", BAD, "bank.com", "unbalanced quote or comment" },
	{ "From: \"A\\\" <v@bank.com>", BAD, "bank.com", "unbalanced quote" },
	{ "From: A <v@bank.com", BAD, "bank.com", "unbalanced <" },
	{ "From: A v@bank.com>", BAD, "bank.com", "unbalanced >" },
	{ "From: A <<v@bank.com>>", BAD, "bank.com", "unbalanced <" },
	{ "From: I <3 U <v@bank.com>", BAD, "bank.com", "unbalanced <" },
	{ "From: A < B, v@bank.com", BAD, "bank.com", "unbalanced <" },
	{ "From: v\\@bank.com", BAD, "bank.com", "backslash" },

	/* control characters */
	{ "From: A\x01 <v@bank.com>", BAD, "bank.com", "control character" },
	{ "From: v@bank.com\x7f", BAD, "bank.com", "unreadable domain" },
	{ "From: x@evil.com\rFrom: v@bank.com", BAD, "evil.com evil.comfrom bank.com", "unreadable domain" },
	{ "From: x@evil.com \r <v@bank.com>", BAD, "bank.com evil.com", "control character" },

	/* several From fields */
	{ "From: a@bank.com\nFrom: x@evil.com", BAD, "bank.com evil.com", "several From" },
	{ "From: a@bank.com\nSubject: x\nFROM : a@bank.com", BAD, "bank.com", "several From" },
	{ "From: x@evil.com\nfrom:v@bank.com\nFrom:", BAD, "evil.com bank.com", "several From" },
	/* bare CR, a line end for some readers */
	{ "Subject: x\rFrom: v@bank.com\nFrom: x@evil.com", BAD, "bank.com evil.com", "several From" },
	{ "Subject: x\rFrom: v@bank.com\r\n", BAD, "bank.com", "From follows" },
	{ "Subject: x\rfrom\t: A\n <v@bank.com>\nTo: y", BAD, "bank.com", "From follows" },
	{ "X: a\rFrom: u@a.com\rFrom: v@b.com\rTo: w@c.com\nFrom: x@evil.com", BAD, "a.com b.com evil.com", "several From" },
	{ "Subject: x\rFrom y: v@bank.com\nFrom: x@evil.com", SINGLE, "evil.com", NULL },
	{ "Subject: From: v@bank.com\r\n From: w@bank.com\nFrom: x@evil.com", SINGLE, "evil.com", NULL },
	{ "Fr\x01om: v@bank.com", BAD, "bank.com", "control character next to" },
	{ "\xef\xbb\xbf""From: v@bank.com\nFrom: x@evil.com", BAD, "bank.com evil.com", "several From" },
	{ "From\x01: v@bank.com", BAD, "bank.com", "control character next to" },
	{ "From: x@evil.com\n\x01""From : v@bank.com", BAD, "evil.com bank.com", "several From" },
	{ "From x@evil.com Sun Nov 22 10:00:00 2026\nFrom: v@bank.com", SINGLE, "bank.com", NULL },
};

static void
test_author_check(pool_t pool, const void *data, size_t size, int kind,
		  const char *domains, const char *reason, unsigned int i)
{
	const struct msg_header *header =
		test_msg_header_parse(pool, data, size);
	struct author author;

	author_find(pool, header, &author);
	test_assert_idx(author.single == (kind == SINGLE), i);
	test_assert_idx(author.multiple == (kind == MULTIPLE), i);
	test_assert_idx(author.hides == (kind == HIDES), i);
	test_assert_strcmp_idx(t_strarray_join(author.domains, " "),
			       domains, i);
	test_assert_idx((author.reason == NULL) == (reason == NULL), i);
	if (author.reason != NULL && reason != NULL &&
	    !str_has_prefix(author.reason, reason))
		test_assert_strcmp_idx(author.reason, reason, i);
}

static void test_author_find(void)
{
	unsigned int i;

	test_begin("author_find");
	for (i = 0; i < N_ELEMENTS(author_tests); i++) {
		pool_t pool = pool_alloconly_create("test", 1024);

		test_author_check(pool, author_tests[i].header,
				  strlen(author_tests[i].header),
				  author_tests[i].kind,
				  author_tests[i].domains,
				  author_tests[i].reason, i);
		pool_unref(&pool);
	}
	test_end();
}

static const struct msg_header *
t_test_header(pool_t pool, const char *header)
{
	header = t_strconcat(header, "\r\n", NULL);
	return test_msg_header_parse(pool, header, strlen(header));
}

static void test_author_find_address(void)
{
	static const struct {
		const char *header, *address;
	} tests[] = {
		{ "From: a@bank.com", "a@bank.com" },
		{ "From: Ann.B@BANK.Com", "Ann.B@bank.com" },
		{ "From: \"B, A\" <a+x=y@bank.com> (c@evil.com)",
		  "a+x=y@bank.com" },
		{ "From: B, A <a@bank.com>", "a@bank.com" },
		{ "From: Team: a@bank.com;", "a@bank.com" },
		{ "From:\r\n A\r\n\t<a@bank.com>", "a@bank.com" },
		{ "From: \"a\"@bank.com", "a@bank.com" },
		{ "From: \"a b@evil.com\"@bank.com", "a b@evil.com@bank.com" },
		{ "From: J <j\xc3\xb6rg@b\xc3\xbc""cher.example>",
		  "j\xc3\xb6rg@xn--bcher-kva.example" },
		/* several, of one domain or not */
		{ "From: a@bank.com, b@bank.com", NULL },
		{ "From: Team: a@bank.com, b@bank.com;", NULL },
		{ "From: a@bank.com <b@bank.com>", NULL },
		{ "From: a@bank.com <a@bank.com>", NULL },
		{ "From: a@bank.com, b@shop.org", NULL },
		{ "From: a@evil.com <ceo@bank.com>", NULL },
		{ "From: <@relay.com:a@bank.com>", NULL },
		/* not usable */
		{ "Subject: x", NULL },
		{ "From: @bank.com", NULL },
		/* as IMAP clients do not see it */
		{ "From: a@bank.com.", NULL },
		{ "From: <v@bank.com> <w@evil.com>", NULL },
		{ "From: a@bank.com\nFrom: a@bank.com", NULL },
		{ "From: a@bank.com\nFrom\x01: b@bank.com", NULL },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct author author;
	string_t *str = t_str_new(128);

	test_begin("author address");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		author_find(pool, t_test_header(pool, tests[i].header),
			    &author);
		test_assert_strcmp_idx(author.address, tests[i].address, i);
	}
	/* the longest local part, and one more */
	str_append(str, "From: ");
	for (unsigned int i = 0; i < AUTHRES_MAX_LOCAL_PART_BYTES; i++)
		str_append_c(str, 'a');
	str_append(str, "@bank.com");
	author_find(pool, t_test_header(pool, str_c(str)), &author);
	test_assert_strcmp(author.address, str_c(str) + strlen("From: "));
	str_insert(str, strlen("From: "), "a");
	author_find(pool, t_test_header(pool, str_c(str)), &author);
	test_assert(author.single && author.address == NULL);
	pool_unref(&pool);
	test_end();
}

static void test_author_find_nul(void)
{
	static const char value[] = "From: v@bank.com\0 <x@evil.com>\r\n";
	static const char name[] = "From: x@evil.com\r\nFrom\0: v@bank.com\r\n";
	pool_t pool = pool_alloconly_create("test", 1024);

	test_begin("author_find NUL");
	test_author_check(pool, value, sizeof(value) - 1, BAD,
			  "evil.com bank.com", "unreadable domain", 0);
	test_author_check(pool, name, sizeof(name) - 1, BAD,
			  "evil.com bank.com", "several From", 1);
	pool_unref(&pool);
	test_end();
}

/* What is repeated up to the largest field. */
static const struct {
	const char *begin, *repeat, *end;
	int kind;
	const char *domains, *reason;
} long_tests[] = {
	{ "From: ", "(", " a@bank.com", BAD, "bank.com", "unbalanced" },
	{ "From: ", "\"\"", " <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"", "\"\"", " a@bank.com", BAD, "bank.com", "unbalanced" },
	{ "From: ", "<", " a@bank.com", BAD, "bank.com", "unbalanced" },
	{ "From: ", "<(", " a@bank.com", BAD, "bank.com", "unbalanced" },
	{ "From: ", "@", " a@bank.com", HIDES, "", "unreadable domain" },
	{ "From: ", "a@b ", "a@bank.com", HIDES, "b", "too many addresses" },
	{ "From: ", "a@b .c ", "a@bank.com", HIDES, "b b.c", "white space" },
	{ "From: ", "<@b:", "a@bank.com", HIDES, "b", "unbalanced <" },
	{ "From: a@", "b", "", BAD, "", "unreadable domain" },
	{ "From: a@", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.", "bank.com", BAD, "bank.com", "unreadable domain" },
	{ "From: a@", "b . ", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.bank.com", BAD, "b bank.com", "white space" },
	{ "From: a@", "\xc3\xbc", "", HIDES, "", "unreadable domain" },
	{ "From: ", ",", "a@bank.com", SINGLE, "bank.com", NULL },
	{ "From: ", "\r\n ", "a@bank.com", SINGLE, "bank.com", NULL },
	{ "From: ", "A ", "<a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: \"", "\\\"", "\" <a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: ", "() ", "<a@bank.com>", SINGLE, "bank.com", NULL },
	{ "From: ", "=?", "?=@bank.com", BAD, "bank.com", "encoded word" },
};

static void test_author_find_long(void)
{
	unsigned int i;

	test_begin("author_find long fields");
	for (i = 0; i < N_ELEMENTS(long_tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 256 * 1024);
		string_t *str = t_str_new(AUTHRES_MAX_FIELD_BYTES);
		size_t rest = strlen(long_tests[i].repeat) +
			strlen(long_tests[i].end) + 2;

		str_append(str, long_tests[i].begin);
		while (str_len(str) < AUTHRES_MAX_FIELD_BYTES - rest)
			str_append(str, long_tests[i].repeat);
		str_append(str, long_tests[i].end);
		test_author_check(pool, str_data(str), str_len(str),
				  long_tests[i].kind, long_tests[i].domains,
				  long_tests[i].reason, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_author_find_cut(void)
{
	pool_t pool = pool_alloconly_create("test", 256 * 1024);
	string_t *str = t_str_new(AUTHRES_MAX_FIELD_BYTES * 2);

	test_begin("author_find cut header");
	str_append(str, "From: a@bank.com\r\nX: ");
	while (str_len(str) <= AUTHRES_MAX_FIELD_BYTES + 32)
		str_append(str, "xxxxxxxx");
	str_append(str, "\r\nFrom: x@evil.com\r\n");
	test_author_check(pool, str_data(str), str_len(str), BAD,
			  "bank.com evil.com", "several From", 0);
	str_truncate(str, str_len(str) - strlen("From: x@evil.com\r\n"));
	test_author_check(pool, str_data(str), str_len(str), BAD,
			  "bank.com", "header is too large", 1);

	/* both ends of a From that is too large itself */
	str_truncate(str, 0);
	str_append(str, "From: a@bank.com ");
	while (str_len(str) <= AUTHRES_MAX_FIELD_BYTES + 32)
		str_append(str, "xxxxxxxx");
	str_append(str, "<x@evil.com>\r\n");
	test_author_check(pool, str_data(str), str_len(str), HIDES,
			  "evil.com bank.com", "From is too large", 2);
	pool_unref(&pool);
	test_end();
}

static void test_author_find_many(void)
{
	pool_t pool = pool_alloconly_create("test", 256 * 1024);
	string_t *str = t_str_new(1024);
	unsigned int i;

	test_begin("author_find many fields and domains");
	for (i = 0; i < 10; i++)
		str_printfa(str, "From: x@evil%u.com\r\n", i);
	str_append(str, "From: a@bank.com\r\n");
	test_author_check(pool, str_data(str), str_len(str), HIDES,
			  "evil0.com evil1.com evil2.com evil3.com bank.com",
			  "several From", 0);

	str_truncate(str, 0);
	str_append(str, "From: ");
	for (i = 0; i < 10; i++)
		str_printfa(str, "x@evil%u.com, ", i);
	str_append(str, "a@bank.com\r\n");
	test_author_check(pool, str_data(str), str_len(str), HIDES,
			  "evil0.com evil1.com evil2.com evil3.com bank.com",
			  "too many domains", 1);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_author_find,
		test_author_find_address,
		test_author_find_nul,
		test_author_find_long,
		test_author_find_cut,
		test_author_find_many,
		NULL
	};
	return test_run(test_functions);
}
