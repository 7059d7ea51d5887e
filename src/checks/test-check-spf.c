/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "check-result.h"
#include "check-spf.h"
#include "test-spf-run.h"
#include "test-common.h"
#include "test-file.h"

#define NONE CHECK_RESULT_NONE
#define PASS CHECK_RESULT_PASS
#define FAIL CHECK_RESULT_FAIL
#define SOFTFAIL CHECK_RESULT_SOFTFAIL
#define NEUTRAL CHECK_RESULT_NEUTRAL
#define TEMPERROR CHECK_RESULT_TEMPERROR
#define PERMERROR CHECK_RESULT_PERMERROR

static const char zone[] =
"$ORIGIN example.\n"
"$TTL 300\n"
"simple	TXT	\"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all\"\n"
"split	TXT	\"v=spf1 ip4:192.0\" \".2.1 -all\"\n"
"other	TXT	\"google-site-verification=x\"\n"
"other	TXT	\"\\150\\151\"\n"
"other	TXT	\"v=spf1 -all\"\n"
"two	TXT	\"v=spf1 -all\"\n"
"two	TXT	\"V=SPF1 ?all\"\n"
"txt10	TXT	\"v=spf10 -all\"\n"
"bad	TXT	\"v=spf1 ip4:192.0.2.1 moo -all\"\n"
"badlate	TXT	\"v=spf1 all moo\"\n"
"nul	TXT	\"v=spf1 a:x.example\\000 -all\"\n"
"high	TXT	\"v=spf1 a:\\239\\187\\191x.example -all\"\n"
"servfail	SERVFAIL\n"
"timeout	TIMEOUT\n"
"nodata	A	192.0.2.9\n"
"empty	TXT	\"v=spf1\"\n"
"default	TXT	\"v=spf1 ip4:198.51.100.1\"\n"
"_under	TXT	\"v=spf1 +all\"\n"
"xn--bcher-kva	TXT	\"v=spf1 exists:%{d}.seen.example -all\"\n"
"xn--bcher-kva.example.seen	A	127.0.0.2\n"
"cname	CNAME	simple\n"
"neutral	TXT	\"v=spf1 ?ip4:192.0.2.1 ~all\"\n"
/* a, exists */
"a	TXT	\"v=spf1 a -all\"\n"
"a	A	192.0.2.1\n"
"a	A	192.0.2.2\n"
"a	AAAA	2001:db8::1\n"
"acidr	TXT	\"v=spf1 a:a.example/31//64 -all\"\n"
"azero	TXT	\"v=spf1 a/0 -all\"\n"
"azero	A	203.0.113.1\n"
"azero6	TXT	\"v=spf1 a:none.example//0 -all\"\n"
"aserv	TXT	\"v=spf1 a:servfail.example -all\"\n"
"apast	TXT	\"v=spf1 ip4:192.0.2.1 a:servfail.example -all\"\n"
"abad	TXT	\"v=spf1 a:x..example -all\"\n"
"amapped	TXT	\"v=spf1 ip6:::ffff:192.0.2.1 -all\"\n"
"ip6zero	TXT	\"v=spf1 ip6:::ffff:192.0.2.1/0 -all\"\n"
"ex	TXT	\"v=spf1 exists:%{ir}.%{v}.list.example ~all\"\n"
"1.2.0.192.in-addr.list	A	127.0.0.2\n"
"ex6	TXT	\"v=spf1 exists:a.example ~all\"\n"
"exaaaa	TXT	\"v=spf1 exists:only6.example -all\"\n"
"only6	AAAA	2001:db8::6\n"
"exserv	TXT	\"v=spf1 exists:timeout.example -all\"\n"
"exlocal	TXT	\"v=spf1 exists:%{l}.users.example -all\"\n"
"jo.users	A	127.0.0.2\n"
"postmaster.users	A	127.0.0.2\n"
"exhelo	TXT	\"v=spf1 exists:%{h}.helo.example -all\"\n"
"mx.a.example.helo	A	127.0.0.2\n"
"unknown.helo	A	127.0.0.2\n"
/* mx */
"mx	TXT	\"v=spf1 mx -all\"\n"
"mx	MX	10 a\n"
"mx	MX	20 b\n"
"b	A	192.0.2.20\n"
"mx2	TXT	\"v=spf1 mx:mx.example/28 -all\"\n"
"mxnull	TXT	\"v=spf1 mx -all\"\n"
"mxnull	MX	0 .\n"
"mxnone	TXT	\"v=spf1 mx ?all\"\n"
"mxnone	A	192.0.2.1\n"
"mxserv	TXT	\"v=spf1 mx -all\"\n"
"mxserv	MX	5 a\n"
"mxserv	MX	10 servfail\n"
"mxserv2	TXT	\"v=spf1 mx:servfail.example -all\"\n"
"mxten	TXT	\"v=spf1 mx ?all\"\n"
"mxten	MX	1 m1\n" "mxten MX 2 m2\n" "mxten MX 3 m3\n"
"mxten	MX	4 m4\n" "mxten MX 5 m5\n" "mxten MX 6 m6\n"
"mxten	MX	7 m7\n" "mxten MX 8 m8\n" "mxten MX 9 m9\n"
"mxten	MX	10 a\n"
"mxeleven	TXT	\"v=spf1 mx ?all\"\n"
"mxeleven	MX	1 a\n" "mxeleven MX 2 m2\n" "mxeleven MX 3 m3\n"
"mxeleven	MX	4 m4\n" "mxeleven MX 5 m5\n" "mxeleven MX 6 m6\n"
"mxeleven	MX	7 m7\n" "mxeleven MX 8 m8\n" "mxeleven MX 9 m9\n"
"mxeleven	MX	10 m10\n" "mxeleven MX 11 m11\n"
/* ptr, p */
"ptr	TXT	\"v=spf1 ptr -all\"\n"
"ptrto	TXT	\"v=spf1 ptr:ptr.example -all\"\n"
"ptrend	TXT	\"v=spf1 ptr:tr.example -all\"\n"
"1.2.0.192.in-addr.arpa.	PTR	liar.ptr\n"
"1.2.0.192.in-addr.arpa.	PTR	host.ptr\n"
"2.2.0.192.in-addr.arpa.	PTR	liar.ptr\n"
"3.2.0.192.in-addr.arpa.	SERVFAIL\n"
"4.2.0.192.in-addr.arpa.	PTR	servfail\n"
"4.2.0.192.in-addr.arpa.	PTR	host.ptr\n"
"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR HOST.ptr\n"
"host.ptr	A	192.0.2.1\n"
"host.ptr	A	192.0.2.4\n"
"host.ptr	AAAA	2001:db8::1\n"
"liar.ptr	A	198.51.100.9\n"
"6.2.0.192.in-addr.arpa.	PTR	any.other\n"
"6.2.0.192.in-addr.arpa.	PTR	sub.prank\n"
"6.2.0.192.in-addr.arpa.	PTR	prank\n"
"6.2.0.192.in-addr.arpa.	PTR	servfail\n"
"7.2.0.192.in-addr.arpa.	PTR	any.other\n"
"7.2.0.192.in-addr.arpa.	PTR	sub.prank\n"
"7.2.0.192.in-addr.arpa.	PTR	prank\n"
"8.2.0.192.in-addr.arpa.	PTR	any.other\n"
"8.2.0.192.in-addr.arpa.	PTR	xprank\n"
"any.other	A	192.0.2.6\n" "any.other A 192.0.2.7\n" "any.other A 192.0.2.8\n"
"sub.prank	A	192.0.2.6\n" "sub.prank A 192.0.2.7\n"
"xprank	A	192.0.2.8\n"
"prank	A	192.0.2.6\n"
"prank	TXT	\"v=spf1 -all exp=pmsg.example\"\n"
"p	TXT	\"v=spf1 exists:%{p}.p.example -all\"\n"
"host.ptr.example.p	A	127.0.0.2\n"
"unknown.p	A	127.0.0.2\n"
"pexp	TXT	\"v=spf1 -all exp=pmsg.example\"\n"
"pmsg	TXT	\"you are %{p}\"\n"
/* include, redirect */
"inc	TXT	\"v=spf1 include:simple.example ~all\"\n"
"incneutral	TXT	\"v=spf1 include:neutral.example -all\"\n"
"incnone	TXT	\"v=spf1 include:nodata.example -all\"\n"
"incnx	TXT	\"v=spf1 include:nx.example -all\"\n"
"incserv	TXT	\"v=spf1 include:servfail.example -all\"\n"
"incbad	TXT	\"v=spf1 include:bad.example +all\"\n"
"incpast	TXT	\"v=spf1 ip4:192.0.2.1 include:bad.example -all\"\n"
"incself	TXT	\"v=spf1 include:incself.example -all\"\n"
"incself2	TXT	\"v=spf1 ip4:192.0.2.1 include:incself2.example -all\"\n"
"incone	TXT	\"v=spf1 include:single -all\"\n"
"incdeep	TXT	\"v=spf1 include:incdeep1.example ?all\"\n"
"incdeep1	TXT	\"v=spf1 include:incdeep2.example ?all\"\n"
"incdeep2	TXT	\"v=spf1 redirect=simple.example\"\n"
"inca	TXT	\"v=spf1 include:a.example a -all\"\n"
"inca	A	192.0.2.77\n"
"red	TXT	\"v=spf1 redirect=simple.example\"\n"
"redall	TXT	\"v=spf1 redirect=simple.example ?all\"\n"
"redmatch	TXT	\"v=spf1 ~ip4:192.0.2.1 redirect=simple.example\"\n"
"rednx	TXT	\"v=spf1 redirect=nx.example\"\n"
"redserv	TXT	\"v=spf1 redirect=servfail.example\"\n"
"redself	TXT	\"v=spf1 redirect=redself.example\"\n"
"redbad	TXT	\"v=spf1 redirect=%{l}..example\"\n"
"redlocal	TXT	\"v=spf1 redirect=%{l}.example\"\n"
"redimplicit	TXT	\"v=spf1 redirect=a.example\"\n"
"redimplicit	A	192.0.2.99\n"
/* exp */
"exp	TXT	\"v=spf1 exp=msg.%{d} -all\"\n"
"msg.exp	TXT	\"%{s} from %{c} %{h} not allowed by %{d}, see %{R}\"\n"
"expred	TXT	\"v=spf1 exp=nomsg.example redirect=exp.example\"\n"
"expinc	TXT	\"v=spf1 include:exp.example -all\"\n"
"expsoft	TXT	\"v=spf1 exp=msg.exp.example ~all\"\n"
"exptwo	TXT	\"v=spf1 exp=two.example -all\"\n"
"expnx	TXT	\"v=spf1 exp=nx.example -all\"\n"
"expserv	TXT	\"v=spf1 exp=servfail.example -all\"\n"
"expbad	TXT	\"v=spf1 exp=badmsg.example -all\"\n"
"badmsg	TXT	\"the %{x} files\"\n"
"exphigh	TXT	\"v=spf1 exp=highmsg.example -all\"\n"
"highmsg	TXT	\"\\239\\187\\191hi\"\n"
"expempty	TXT	\"v=spf1 exp=emptymsg.example -all\"\n"
"emptymsg	TXT	\"\"\n"
"expsplit	TXT	\"v=spf1 exp=splitmsg.example -all\"\n"
"splitmsg	TXT	\"one\" \"two\"\n"
"expdot	TXT	\"v=spf1 exp=dotmsg.example. -all\"\n"
"dotmsg	TXT	\"No. %%%_%-.\"\n"
"explocal	TXT	\"v=spf1 exp=localmsg.example -all\"\n"
"localmsg	TXT	\"not you, %{l}\"\n"
;

/* text: the explanation of fail, the mechanism of everything that matched, a
   part of the reason of temperror and permerror, NULL = none of them */
static const struct {
	const char *section, *client_ip, *helo, *mail_from;
	enum check_result_word result;
	const char *text;
} spf_tests[] = {
	/* identity */
	{ "2.4", "192.0.2.1", NULL, "jo@simple.example", PASS, "ip4:192.0.2.0/24" },
	{ "2.4", "192.0.2.1", "x", "jo@SIMPLE.Example.", PASS, "ip4:192.0.2.0/24" },
	{ "2.4", "192.0.2.1", "simple.example", "", PASS, "ip4:192.0.2.0/24" },
	{ "2.4", "192.0.2.1", NULL, "", NONE, NULL },
	{ "2.4", "192.0.2.1", "simple.example", NULL, NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "@exlocal.example", PASS, "exists:%{l}.users.example" },
	{ "4.3", "192.0.2.1", "exlocal.example", "", PASS, "exists:%{l}.users.example" },
	{ "4.3", "192.0.2.1", NULL, "jo", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "@", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@example", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@.simple.example", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@simple..example", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@[192.0.2.1]", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@simple.example>", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@sim ple.example", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@a123456789012345678901234567890123456789012345678901234567890123.example", NONE, NULL },
	{ "4.3", "192.0.2.1", "[192.0.2.1]", "", NONE, NULL },
	{ "4.3", "192.0.2.1", "localhost", "", NONE, NULL },
	{ "4.3", "192.0.2.1", "JUMPIN' JUPITER", "", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@nx.example", NONE, NULL },
	{ "4.3", "192.0.2.1", NULL, "jo@_under.example", PASS, "all" },
	{ "4.3", "192.0.2.1", NULL, "b@d@simple.example", PASS, "ip4:192.0.2.0/24" },
	{ "RFC 8616 4", "192.0.2.1", NULL, "jo@b\xc3\xbc" "cher.example", PASS, "exists:%{d}.seen.example" },
	{ "RFC 8616 4", "192.0.2.1", NULL, "jo@B\xc3\x9c" "CHER.example", PASS, "exists:%{d}.seen.example" },
	{ "RFC 8616 4", "192.0.2.1", NULL, "j\xc3\xb6@exlocal.example", FAIL, "all" },
	{ "RFC 8616 4", "192.0.2.1", NULL, "j\xc3\xb6@redlocal.example", NEUTRAL, "default" },
	{ "RFC 8616 4", "192.0.2.1", NULL, "j\xc3\xb6@simple.example", PASS, "ip4:192.0.2.0/24" },
	{ "4.3", "192.0.2.1", NULL, "jo@\xff.example", NONE, NULL },

	/* record lookup and selection */
	{ "4.4", "192.0.2.1", NULL, "jo@nodata.example", NONE, NULL },
	{ "4.4", "192.0.2.1", NULL, "jo@servfail.example", TEMPERROR, "TXT servfail.example: server failure" },
	{ "4.4", "192.0.2.1", NULL, "jo@timeout.example", TEMPERROR, "TXT timeout.example" },
	{ "4.5", "192.0.2.1", NULL, "jo@two.example", PERMERROR, "more than one SPF record" },
	{ "4.5", "192.0.2.1", NULL, "jo@txt10.example", NONE, NULL },
	{ "4.5", "192.0.2.1", NULL, "jo@other.example", FAIL, "all" },
	{ "4.5", "192.0.2.1", NULL, "jo@cname.example", PASS, "ip4:192.0.2.0/24" },
	{ "3.3", "192.0.2.1", NULL, "jo@split.example", PASS, "ip4:192.0.2.1" },
	{ "4.6", "192.0.2.1", NULL, "jo@bad.example", PERMERROR, "bad.example: 'moo': unknown mechanism" },
	{ "4.6", "192.0.2.1", NULL, "jo@badlate.example", PERMERROR, "moo" },
	{ "4.6", "192.0.2.1", NULL, "jo@nul.example", PERMERROR, "not printable" },
	{ "3.1", "192.0.2.1", NULL, "jo@high.example", PERMERROR, "not printable" },
	{ "4.7", "192.0.2.1", NULL, "jo@empty.example", NEUTRAL, "default" },
	{ "4.7", "192.0.2.1", NULL, "jo@default.example", NEUTRAL, "default" },
	{ "4.6.2", "192.0.2.1", NULL, "jo@neutral.example", NEUTRAL, "ip4:192.0.2.1" },
	{ "4.6.2", "192.0.2.2", NULL, "jo@neutral.example", SOFTFAIL, "all" },

	/* ip4, ip6 and IPv4-mapped clients */
	{ "5.6", "192.0.3.1", NULL, "jo@simple.example", FAIL, "all" },
	{ "5.6", "2001:db8:ffff::1", NULL, "jo@simple.example", PASS, "ip6:2001:db8::/32" },
	{ "5.6", "2001:db9::1", NULL, "jo@simple.example", FAIL, "all" },
	{ "5", "::ffff:192.0.2.1", NULL, "jo@simple.example", PASS, "ip4:192.0.2.0/24" },
	{ "5", "::ffff:192.0.2.1", NULL, "jo@amapped.example", FAIL, "all" },
	{ "5", "192.0.2.1", NULL, "jo@amapped.example", FAIL, "all" },
	{ "5", "192.0.2.1", NULL, "jo@ip6zero.example", FAIL, "all" },
	{ "5", "2001:db8::1", NULL, "jo@ip6zero.example", PASS, "ip6:::ffff:192.0.2.1/0" },
	{ "5", "::ffff:192.0.2.1", NULL, "jo@a.example", PASS, "a" },

	/* a */
	{ "5.3", "192.0.2.2", NULL, "jo@a.example", PASS, "a" },
	{ "5.3", "192.0.2.3", NULL, "jo@a.example", FAIL, "all" },
	{ "5.3", "2001:db8::1", NULL, "jo@a.example", PASS, "a" },
	{ "5.3", "2001:db8::2", NULL, "jo@a.example", FAIL, "all" },
	{ "5.3", "192.0.2.3", NULL, "jo@acidr.example", PASS, "a:a.example/31//64" },
	{ "5.3", "192.0.2.4", NULL, "jo@acidr.example", FAIL, "all" },
	{ "5.3", "2001:db8::ffff", NULL, "jo@acidr.example", PASS, "a:a.example/31//64" },
	{ "5.3", "2001:db8:0:1::1", NULL, "jo@acidr.example", FAIL, "all" },
	{ "5.3", "192.0.2.1", NULL, "jo@azero.example", PASS, "a/0" },
	{ "5.3", "2001:db8::1", NULL, "jo@azero.example", FAIL, "all" },
	{ "5.3", "2001:db8::1", NULL, "jo@azero6.example", FAIL, "all" },
	{ "5", "192.0.2.1", NULL, "jo@aserv.example", TEMPERROR, "A servfail.example" },
	{ "5", "2001:db8::1", NULL, "jo@aserv.example", TEMPERROR, "AAAA servfail.example" },
	{ "4.6.2", "192.0.2.1", NULL, "jo@apast.example", PASS, "ip4:192.0.2.1" },
	{ "4.8", "192.0.2.1", NULL, "jo@abad.example", FAIL, "all" },

	/* exists */
	{ "5.7", "192.0.2.1", NULL, "jo@ex.example", PASS, "exists:%{ir}.%{v}.list.example" },
	{ "5.7", "192.0.2.2", NULL, "jo@ex.example", SOFTFAIL, "all" },
	{ "5.7", "2001:db8::9", NULL, "jo@ex6.example", PASS, "exists:a.example" },
	{ "5.7", "2001:db8::6", NULL, "jo@exaaaa.example", FAIL, "all" },
	{ "5.7", "192.0.2.1", NULL, "jo@exserv.example", TEMPERROR, "A timeout.example" },
	{ "7.2", "192.0.2.1", NULL, "jo@exlocal.example", PASS, "exists:%{l}.users.example" },
	{ "7.2", "192.0.2.1", NULL, "ed@exlocal.example", FAIL, "all" },
	{ "7.2", "192.0.2.1", NULL, "JO@exlocal.example", PASS, "exists:%{l}.users.example" },
	{ "7.2", "192.0.2.1", "mx.a.example", "jo@exhelo.example", PASS, "exists:%{h}.helo.example" },
	{ "7.2", "192.0.2.1", NULL, "jo@exhelo.example", PASS, "exists:%{h}.helo.example" },
	{ "7.2", "192.0.2.1", "..", "jo@exhelo.example", FAIL, "all" },

	/* mx */
	{ "5.4", "192.0.2.1", NULL, "jo@mx.example", PASS, "mx" },
	{ "5.4", "192.0.2.20", NULL, "jo@mx.example", PASS, "mx" },
	{ "5.4", "192.0.2.21", NULL, "jo@mx.example", FAIL, "all" },
	{ "5.4", "2001:db8::1", NULL, "jo@mx.example", PASS, "mx" },
	{ "5.4", "192.0.2.21", NULL, "jo@mx2.example", PASS, "mx:mx.example/28" },
	{ "5.4", "192.0.2.1", NULL, "jo@mxnull.example", FAIL, "all" },
	{ "5.4", "192.0.2.1", NULL, "jo@mxnone.example", NEUTRAL, "all" },
	{ "5", "192.0.2.9", NULL, "jo@mxserv.example", TEMPERROR, "A servfail.example" },
	{ "5", "192.0.2.9", NULL, "jo@mxserv2.example", TEMPERROR, "MX servfail.example" },
	{ "4.6.4", "192.0.2.1", NULL, "jo@mxten.example", PASS, "mx" },
	{ "4.6.4", "192.0.2.1", NULL, "jo@mxeleven.example", PERMERROR, "more than 10 names" },

	/* ptr */
	{ "5.5", "192.0.2.1", NULL, "jo@ptr.example", PASS, "ptr" },
	{ "5.5", "192.0.2.2", NULL, "jo@ptr.example", FAIL, "all" },
	{ "5.5", "192.0.2.3", NULL, "jo@ptr.example", FAIL, "all" },
	{ "5.5", "192.0.2.4", NULL, "jo@ptr.example", PASS, "ptr" },
	{ "5.5", "192.0.2.5", NULL, "jo@ptr.example", FAIL, "all" },
	{ "5.5", "2001:db8::1", NULL, "jo@ptrto.example", PASS, "ptr:ptr.example" },
	{ "5.5", "192.0.2.1", NULL, "jo@ptrend.example", FAIL, "all" },
	{ "7.3", "192.0.2.1", NULL, "jo@p.example", PASS, "exists:%{p}.p.example" },
	{ "7.3", "192.0.2.2", NULL, "jo@p.example", PASS, "exists:%{p}.p.example" },
	{ "7.3", "192.0.2.3", NULL, "jo@p.example", PASS, "exists:%{p}.p.example" },
	{ "7.3", "192.0.2.1", NULL, "jo@pexp.example", FAIL, "you are host.ptr.example" },
	{ "7.3", "192.0.2.9", NULL, "jo@pexp.example", FAIL, "you are unknown" },

	{ "7.3", "192.0.2.6", NULL, "jo@prank.example", FAIL, "you are prank.example" },
	{ "7.3", "192.0.2.7", NULL, "jo@prank.example", FAIL, "you are sub.prank.example" },
	{ "7.3", "192.0.2.8", NULL, "jo@prank.example", FAIL, "you are any.other.example" },

	/* include */
	{ "5.2", "192.0.2.1", NULL, "jo@inc.example", PASS, "include:simple.example" },
	{ "5.2", "192.0.3.1", NULL, "jo@inc.example", SOFTFAIL, "all" },
	{ "5.2", "192.0.2.1", NULL, "jo@incneutral.example", FAIL, "all" },
	{ "5.2", "192.0.2.1", NULL, "jo@incnone.example", PERMERROR, "include:nodata.example has no SPF record" },
	{ "5.2", "192.0.2.1", NULL, "jo@incnx.example", PERMERROR, "include:nx.example has no SPF record" },
	{ "5.2", "192.0.2.1", NULL, "jo@incone.example", PERMERROR, "top-level label" },
	{ "5.2", "192.0.2.1", NULL, "jo@incserv.example", TEMPERROR, "TXT servfail.example" },
	{ "5.2", "192.0.2.1", NULL, "jo@incbad.example", PERMERROR, "bad.example: 'moo'" },
	{ "5.2", "192.0.2.1", NULL, "jo@incpast.example", PASS, "ip4:192.0.2.1" },
	{ "4.6.4", "192.0.2.1", NULL, "jo@incself.example", PERMERROR, "more than 10 terms" },
	{ "4.6.4", "192.0.2.1", NULL, "jo@incself2.example", PASS, "ip4:192.0.2.1" },
	{ "5.2", "192.0.2.1", NULL, "jo@incdeep.example", PASS, "include:incdeep1.example" },
	{ "5.2", "192.0.3.1", NULL, "jo@incdeep.example", NEUTRAL, "all" },
	{ "5.2", "192.0.2.77", NULL, "jo@inca.example", PASS, "a" },

	/* redirect */
	{ "6.1", "192.0.2.1", NULL, "jo@red.example", PASS, "ip4:192.0.2.0/24" },
	{ "6.1", "192.0.3.1", NULL, "jo@red.example", FAIL, "all" },
	{ "5.1", "192.0.2.1", NULL, "jo@redall.example", NEUTRAL, "all" },
	{ "6.1", "192.0.2.1", NULL, "jo@redmatch.example", SOFTFAIL, "ip4:192.0.2.1" },
	{ "6.1", "192.0.2.1", NULL, "jo@rednx.example", PERMERROR, "rednx.example: redirect=nx.example has no SPF record" },
	{ "6.1", "192.0.2.1", NULL, "jo@redserv.example", TEMPERROR, "TXT servfail.example" },
	{ "4.6.4", "192.0.2.1", NULL, "jo@redself.example", PERMERROR, "more than 10 terms" },
	{ "6.1", "192.0.2.1", NULL, "jo@redbad.example", PERMERROR, "malformed domain" },
	{ "6.1", "192.0.2.1", NULL, "a@redimplicit.example", PASS, "a" },
	{ "6.1", "192.0.2.99", NULL, "a@redimplicit.example", FAIL, "all" },

	/* exp */
	{ "6.2", "192.0.2.1", "h.example", "jo@exp.example", FAIL,
	  "jo@exp.example from 192.0.2.1 h.example not allowed by exp.example, see mx.receiver.example" },
	{ "6.2", "192.0.2.1", "h\r\n.example", "jo@expred.example", FAIL,
	  "jo@expred.example from 192.0.2.1 h??.example not allowed by exp.example, see mx.receiver.example" },
	{ "6.2", "192.0.2.1", NULL, "jo@expinc.example", FAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@expsoft.example", SOFTFAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@exptwo.example", FAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@expnx.example", FAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@expserv.example", FAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@expbad.example", FAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@exphigh.example", FAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@expempty.example", FAIL, "all" },
	{ "6.2", "192.0.2.1", NULL, "jo@expsplit.example", FAIL, "onetwo" },
	{ "6.2", "192.0.2.1", NULL, "jo@expdot.example", FAIL, "No. % %20." },
	{ "RFC 8616 4", "192.0.2.1", NULL, "j\xc3\xb6@explocal.example", FAIL, "all" },
};

static const char *test_text(const struct spf_outcome *outcome)
{
	if (outcome->reason != NULL)
		return outcome->reason;
	if (outcome->explanation != NULL)
		return outcome->explanation;
	return outcome->mechanism;
}

static void test_check_spf(void)
{
	struct test_spf_run run;
	unsigned int i;

	test_begin("check_spf (RFC 7208)");
	for (i = 0; i < N_ELEMENTS(spf_tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);
		const char *text;
		bool error;

		test_spf_run(pool, zone, spf_tests[i].client_ip,
			     spf_tests[i].helo, spf_tests[i].mail_from,
			     check_spf, &run);
		test_assert_idx(run.outcome.result == spf_tests[i].result, i);
		error = run.outcome.result == TEMPERROR ||
			run.outcome.result == PERMERROR;
		test_assert_idx((run.outcome.reason != NULL) == error, i);
		test_assert_idx(run.outcome.explanation == NULL ||
				run.outcome.result == FAIL, i);
		text = test_text(&run.outcome);
		if (!error || text == NULL)
			test_assert_strcmp_idx(text, spf_tests[i].text, i);
		else {
			test_assert_idx(strstr(text, spf_tests[i].text) !=
					NULL, i);
		}
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_check_spf_helo(void)
{
	static const struct {
		const char *helo;
		enum check_result_word result;
	} tests[] = {
		{ "simple.example", PASS }, { "SIMPLE.example.", PASS },
		{ "nx.example", NONE }, { "example", NONE }, { NULL, NONE },
		{ "", NONE }, { "[192.0.2.1]", NONE }, { "192.0.2.1", NONE },
		{ "a.example", PASS }, { "mxnull.example", FAIL },
		{ "servfail.example", TEMPERROR }, { "two.example", PERMERROR },
	};
	struct test_spf_run run;
	unsigned int i;

	test_begin("check_spf_helo (RFC 7208 section 2.3)");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_spf_run(pool, zone, "192.0.2.1", tests[i].helo,
			     "jo@two.example", check_spf_helo, &run);
		test_assert_idx(run.outcome.result == tests[i].result, i);
		test_assert_idx(run.outcome.helo_identity, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_check_spf_outcome(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct test_spf_run run;

	test_begin("check_spf: outcome");
	test_spf_run(pool, zone, "192.0.2.1", NULL, "jo@Red.example", check_spf,
		     &run);
	test_assert_strcmp(run.outcome.domain, "red.example");
	test_assert_strcmp(run.outcome.mechanism_domain, "simple.example");
	test_assert(!run.outcome.helo_identity);
	test_assert(run.outcome.term_lookups == 1);
	test_assert(run.outcome.void_lookups == 0);
	test_spf_run(pool, zone, "192.0.2.9", "mxnone.example", "", check_spf,
		     &run);
	test_assert_strcmp(run.outcome.domain, "mxnone.example");
	test_assert(run.outcome.helo_identity);
	test_assert(run.outcome.term_lookups == 1);
	test_assert(run.outcome.void_lookups == 1);
	test_spf_run(pool, zone, "192.0.2.9", NULL, "jo@nx", check_spf, &run);
	test_assert(run.outcome.domain == NULL);
	test_assert(run.outcome.mechanism_domain == NULL);
	pool_unref(&pool);
	test_end();
}

static void test_check_spf_report(void)
{
	static const struct {
		const char *helo, *mail_from;
		bool helo_only;
		enum check_result_word result;
		const char *comment, *reason, *mailfrom_value, *helo_value;
	} tests[] = {
		{ "h.example", "jo@Simple.example", FALSE, PASS,
		  "ip4:192.0.2.0/24 in simple.example", NULL,
		  "jo@simple.example", NULL },
		{ "simple.example", "", FALSE, PASS,
		  "ip4:192.0.2.0/24 in simple.example", NULL,
		  NULL, "simple.example" },
		{ "a.example", "jo@simple.example", TRUE, PASS,
		  "a in a.example", NULL, NULL, "a.example" },
		{ NULL, "@simple.example", FALSE, PASS,
		  "ip4:192.0.2.0/24 in simple.example", NULL,
		  "simple.example", NULL },
		{ NULL, "j\xc3\xb6@b\xc3\xbc" "cher.example", FALSE, PASS,
		  "exists:%{d}.seen.example in xn--bcher-kva.example", NULL,
		  "xn--bcher-kva.example", NULL },
		{ NULL, "a\r\nb@simple.example", FALSE, PASS,
		  "ip4:192.0.2.0/24 in simple.example", NULL,
		  "simple.example", NULL },
		{ NULL, "jo@servfail.example", FALSE, TEMPERROR, NULL,
		  "TXT servfail.example: server failure",
		  "jo@servfail.example", NULL },
		{ NULL, "jo@x\r\ny", FALSE, NONE, NULL, NULL, "jo@x??y", NULL },
		{ "x\ty", "", FALSE, NONE, NULL, NULL, NULL, "x?y" },
		{ NULL, "", FALSE, NONE, NULL, NULL, NULL, NULL },
		{ "simple.example", NULL, FALSE, NONE, NULL, NULL, NULL, NULL },
		{ NULL, "jo@explocal.example", FALSE, FAIL,
		  "all in explocal.example", "not you, jo",
		  "jo@explocal.example", NULL },
		{ NULL, "jo@default.example", FALSE, NEUTRAL,
		  "default in default.example", NULL, "jo@default.example",
		  NULL },
	};
	struct check_result result;
	struct test_spf_run run;
	struct spf_query query;
	unsigned int i;

	test_begin("check_spf_report");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		i_zero(&query);
		query.helo = tests[i].helo;
		query.mail_from = tests[i].mail_from;
		test_spf_run(pool, zone, "192.0.2.1", query.helo,
			     query.mail_from, tests[i].helo_only ?
			     check_spf_helo : check_spf, &run);
		check_spf_report(pool, &query, &run.outcome, &result);
		test_assert_idx(result.method == CHECK_METHOD_SPF, i);
		test_assert_idx(result.result == tests[i].result, i);
		test_assert_strcmp_idx(result.comment, tests[i].comment, i);
		test_assert_strcmp_idx(result.reason, tests[i].reason, i);
		test_assert_strcmp_idx(check_result_property(&result, "smtp",
			"mailfrom"), tests[i].mailfrom_value, i);
		test_assert_strcmp_idx(check_result_property(&result, "smtp",
			"helo"), tests[i].helo_value, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_check_spf,
		test_check_spf_helo,
		test_check_spf_outcome,
		test_check_spf_report,
		NULL
	};
	return test_run(test_functions);
}
