/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-msg-header.h"
#include "identity.h"
#include "test-common.h"
#include "test-file.h"
#include "identity-find.h"

#define LMTP VERIFY_PROTOCOL_LMTP
#define LDA VERIFY_PROTOCOL_LDA
#define DOVEADM VERIFY_PROTOCOL_DOVEADM
#define EXTERNAL MAIL_ORIGIN_EXTERNAL
#define AUTHENTICATED MAIL_ORIGIN_AUTHENTICATED
#define LOCAL MAIL_ORIGIN_LOCAL

/* Received lines, inside first */
#define OWN "Return-Path: <a@b>\nDelivered-To: u\n" \
	"Received: from mx.example.fr ([10.0.0.2])\n\tby imap.example.fr with LMTP\n\tid SESS\n\t(envelope-from <a@b>); Sun\n"
#define OWN_UNIX "Return-Path: <a@b>\n" \
	"Received: from mx.example.fr\n\tby imap.example.fr with LMTP\n\tid SESS; Sun\n"
#define OWN_STRANGER "Return-Path: <a@b>\n" \
	"Received: from mx.example.fr ([203.0.113.9])\n\tby imap.example.fr with LMTP\n\tid SESS; Sun\n"
#define SIEVE_FIRST(mail_from) "Received: from mx.example.fr\n\tby imap.example.fr with LMTP\n\tid OLD\n\t(envelope-from <" mail_from ">)\n\tfor <anna@example.fr>; Sun\n"
#define PROXY "Received: from mx.example.fr ([10.0.0.2])\n\tby proxy.example.fr with LMTPS\n\tid X\n"
#define POSTFIX(helo, name, ip, by, with) \
	"Received: from " helo " (" name " [" ip "])\n\tby " by " (Postfix) with " with " id 1\n\tfor <u>; Sun\n"
#define CLIENT POSTFIX("out.shop.example", "host.shop.example", "192.0.2.1", "mx.example.fr", "ESMTPS")
#define REINJECT POSTFIX("localhost", "localhost", "127.0.0.1", "mx.example.fr", "ESMTP")
#define PICKUP "Received: by mx.example.fr (Postfix, from userid 1000)\n\tid 1; Sun\n"
#define FORGED_CLIENT "X-Client: ip=10.0.0.1 auth=bob helo=forged\n"
#define AMAVIS "Received: from mx.example.fr ([127.0.0.1])\n by localhost (mx.example.fr [127.0.0.1]) (amavis, port 10024)\n with ESMTP id 1;\n Sun\n"
#define FETCHMAIL(by) "Received: from imap.free.fr [212.27.42.5]\n\tby " by " with IMAP (fetchmail-6.4.37)\n\tfor <u> (single-drop); Sun\n"
#define GETMAIL(by) "Received: from imap.free.fr (212.27.42.5) by " by " with IMAP4-SSL getmail6\n  for <u>; 22 Nov\n"
#define PROVIDER POSTFIX("out.shop.example", "n", "192.0.2.1", "mx12.free.fr", "ESMTPS")
#define FORGED_AUTH POSTFIX("x", "y", "192.0.2.66", "mx.example.fr", "ESMTPSA")

struct identity_test {
	enum verify_protocol protocol;
	enum client_source client_source;
	const char *peer_ip, *xclient_ip, *argument_ip;
	const char *header;

	enum mail_origin origin;
	enum client_source source;
	const char *client_ip, *helo;
	unsigned int received_index;
	/* part of the reason */
	const char *reason;
};

static const struct identity_test identity_tests[] = {
	/* LMTP over TCP and a UNIX socket */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN CLIENT FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2, written by mx.example.fr" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2" },
	{ LMTP, CLIENT_SOURCE_RECEIVED, "::ffff:10.0.0.2", NULL, NULL, OWN CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2" },
	/* lmtp_add_received_header=no */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, CLIENT FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 1, "Received field 1" },
	/* fields between and in another case do not matter */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN "X: y\nRECEIVED: from h (n [192.0.2.1])\n\tBY MX.Example.FR (Postfix) WITH SMTP ID 1;\n",
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "h", 2, "Received field 2" },
	/* trusted hops */
	{ LMTP, 0, "127.0.0.1", NULL, NULL, OWN REINJECT POSTFIX("mx2", "mx2", "10.1.2.3", "mx.example.fr", "ESMTP") CLIENT FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 4, "Received field 4" },
	{ LMTP, 0, "::1", NULL, NULL, OWN_UNIX POSTFIX("[IPv6:2001:db8::7]", "unknown", "IPv6:2001:db8::7", "mx.example.fr.", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "2001:db8::7", "[IPv6:2001:db8::7]", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "IPv6:::ffff:192.0.2.1", "mx.example.fr", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "h", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "IPv6:::ffff:10.0.0.1", "mx.example.fr", "SMTP") CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 3, "Received field 3" },
	/* the name from the PTR record is no HELO */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("unknown", "mail.bank.com", "192.0.2.1", "mx.example.fr", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "unknown", 2, "Received field 2" },
	/* a HELO that claims to be one of ours */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("[127.0.0.1]", "mx.example.fr", "192.0.2.1", "mx.example.fr", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "[127.0.0.1]", 2, "Received field 2" },

	/* private addresses are not ours by themselves */
	{ LMTP, 0, "192.168.7.1", NULL, NULL, OWN CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 192.168.7.1" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "172.16.0.1", "mx.example.fr", "SMTP") CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 2, "the client 172.16.0.1 has a private" },
	{ LMTP, 0, "203.0.113.9", NULL, NULL, OWN CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 203.0.113.9" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN_STRANGER CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 203.0.113.9" },

	/* nobody to believe */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "192.0.2.1", "mx.evil.example", "SMTP") CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 was written by mx.evil.example" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "10.0.0.3", "mx.example.fr", "SMTP") POSTFIX("h", "n", "192.0.2.1", "other", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 3 was written by other" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN REINJECT POSTFIX("h", "n", "192.0.2.1", "other", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 3 was written by other" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN "Received: from mx (h [192.0.2.1])\n\tby mx.other.fr (Nobody) with SMTP\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 has an unknown format and names no trusted host after 'by': by mx.other.fr (Nobody) with SMTP" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN "Received:\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 has an unknown format" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "192.0.2.1", "mx.example.fr\x01", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "has a control character: by mx.example.fr" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN PROXY,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "no MTA of ours added a Received field" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "10.0.0.3", "mx.example.fr", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "one of our own hosts" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, "Subject: x\n",
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "no MTA of ours added a Received field" },
	/* a name of ours in part only */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "192.0.2.1", "mx.example.fr.evil.example", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 was written by mx.example.fr.evil" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "192.0.2.1", "xmx.example.fr", "SMTP"),
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 was written by xmx" },

	/* our own mail */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("laptop", "n", "198.51.100.9", "mx.example.fr", "ESMTPSA") CLIENT,
	  AUTHENTICATED, CLIENT_SOURCE_RECEIVED, "198.51.100.9", "laptop", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN "Received: from a (b [198.51.100.9])\n (Authenticated sender: bob)\n\tby mx.example.fr (Postfix) with ESMTP id 1\n",
	  AUTHENTICATED, CLIENT_SOURCE_RECEIVED, "198.51.100.9", "a", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN REINJECT POSTFIX("laptop", "n", "198.51.100.9", "mx.example.fr", "ESMTPA"),
	  AUTHENTICATED, CLIENT_SOURCE_RECEIVED, "198.51.100.9", "laptop", 3, "Received field 3" },
	/* webmail logs in from here; a relay of ours logging in is no user */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("l", "localhost", "127.0.0.1", "mx.example.fr", "ESMTPSA") "Received: from x by y with HTTP\n",
	  AUTHENTICATED, CLIENT_SOURCE_RECEIVED, "127.0.0.1", "l", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("backup", "n", "10.0.0.3", "mx.example.fr", "ESMTPSA") CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 3, "Received field 3" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("h", "n", "192.0.2.1", "other", "ESMTPSA"),
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "written by other" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN PICKUP CLIENT,
	  LOCAL, CLIENT_SOURCE_NONE, "", NULL, 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN "Received: by mx.example.fr (Postfix)\n\tid 1; Sun\n",
	  LOCAL, CLIENT_SOURCE_NONE, "", NULL, 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN "Received: by other (Postfix, from userid 0)\n\tid 1; Sun\n",
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "written by other" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN CLIENT PICKUP,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN REINJECT,
	  LOCAL, CLIENT_SOURCE_NONE, "", NULL, 0, "sent from our local networks" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, OWN POSTFIX("pc", "n", "192.168.1.5", "mx.example.fr", "SMTP") CLIENT,
	  LOCAL, CLIENT_SOURCE_RECEIVED, "192.168.1.5", "pc", 2, "Received field 2" },
	/* ours add Received to our own mail, too */
	{ LMTP, 0, NULL, NULL, NULL, "Subject: x\n",
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "no MTA of ours added a Received field" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Subject: x\n",
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "no MTA of ours added a Received field" },

	/* Dovecot's own line is skipped only if it is */
	{ LMTP, 0, "10.0.0.2", NULL, NULL, "Received: from x\n\tby imap.example.fr with LMTP id OTHER\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, "Received: from x\n\tby evil.example with LMTP id OTHER\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 1 was written by evil" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, "Received: from x\n\tby any.name with LMTP id SESS\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2" },
	{ LMTP, 0, "10.0.0.2", NULL, NULL, "Received: from x\n\tby any.name with LMTP id sess\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 1 was written by any.name" },

	/* a Dovecot proxy in front hands over the MTA's address */
	{ LMTP, 0, "10.0.0.9", "10.0.0.2", NULL, OWN PROXY CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 3, "Received field 3" },
	{ LMTP, 0, "10.0.0.9", "203.0.113.9", NULL, OWN_STRANGER CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 203.0.113.9" },
	{ LMTP, CLIENT_SOURCE_RECEIVED, "10.0.0.9", "203.0.113.9", NULL, CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 203.0.113.9" },

	/* authres_client_source=xclient */
	{ LMTP, CLIENT_SOURCE_XCLIENT, "10.0.0.2", "192.0.2.1", NULL, FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_XCLIENT, "192.0.2.1", "xclient.helo", 0, "XCLIENT" },
	{ LMTP, CLIENT_SOURCE_XCLIENT, NULL, "::ffff:192.0.2.1", NULL, "Subject: x\n",
	  EXTERNAL, CLIENT_SOURCE_XCLIENT, "192.0.2.1", "xclient.helo", 0, "XCLIENT" },
	{ LMTP, CLIENT_SOURCE_XCLIENT, "203.0.113.9", "192.0.2.1", NULL, CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 203.0.113.9" },
	{ LMTP, CLIENT_SOURCE_XCLIENT, "10.0.0.2", NULL, NULL, OWN CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "no XCLIENT" },
	{ LMTP, CLIENT_SOURCE_XCLIENT, "10.0.0.2", "127.0.0.1", NULL, CLIENT,
	  LOCAL, CLIENT_SOURCE_XCLIENT, "127.0.0.1", "xclient.helo", 0, "XCLIENT" },

	/* dovecot-lda */
	{ LDA, 0, NULL, NULL, NULL, CLIENT FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 1, "Received field 1" },
	{ LDA, 0, NULL, NULL, NULL, PICKUP,
	  LOCAL, CLIENT_SOURCE_NONE, "", NULL, 1, "Received field 1" },
	{ LDA, 0, NULL, NULL, NULL, "Received: from imap.free.fr [212.27.42.5]\n\tby home.lan with IMAP (fetchmail-6.4.37)\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 1 was written by home.lan" },
	{ LDA, 0, NULL, NULL, "192.0.2.1", CLIENT FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1", "argument.helo", 0, "command line" },
	{ LDA, 0, NULL, NULL, "192.0.2.1", FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1", "argument.helo", 0, "command line" },
	{ LDA, 0, NULL, NULL, "198.51.100.9", POSTFIX("laptop", "n", "198.51.100.9", "mx.example.fr", "ESMTPSA"),
	  AUTHENTICATED, CLIENT_SOURCE_RECEIVED, "198.51.100.9", "laptop", 1, "Received field 1" },
	{ LDA, 0, NULL, NULL, "198.51.100.9", POSTFIX("laptop", "n", "198.51.100.9", "other", "ESMTPSA"),
	  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "198.51.100.9", "argument.helo", 0, "command line" },
	{ LDA, 0, NULL, NULL, "127.0.0.1", REINJECT CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2" },
	{ LDA, 0, NULL, NULL, "192.168.1.5", CLIENT,
	  LOCAL, CLIENT_SOURCE_ARGUMENTS, "192.168.1.5", "argument.helo", 0, "command line" },

	/* doveadm authres verify */
	{ DOVEADM, 0, NULL, NULL, "10.0.0.2", CLIENT,
	  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "10.0.0.2", "argument.helo", 0, "command line" },
	{ DOVEADM, CLIENT_SOURCE_XCLIENT, NULL, NULL, "192.0.2.7", CLIENT,
	  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.7", "argument.helo", 0, "command line" },
	{ DOVEADM, 0, NULL, NULL, NULL, "Authentication-Results: x; none\n" OWN CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 2, "Received field 2" },
	{ DOVEADM, 0, NULL, NULL, NULL, CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 1, "Received field 1" },
	{ DOVEADM, 0, NULL, NULL, NULL, OWN_STRANGER CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 203.0.113.9" },
	{ DOVEADM, 0, NULL, NULL, NULL, "Received: from x\n\tby any.name with LMTP id SESS\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 1 was written by any.name" },
	{ DOVEADM, 0, NULL, NULL, NULL, "Delivered-To: u\nX: y\nReceived: from x\n\tby any.name with LMTP id SESS\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 1 was written by any.name" },
	{ DOVEADM, 0, NULL, NULL, NULL, "Subject: x\n",
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "no MTA of ours added a Received field" },

	/* fetchmail's line must be ours; what it fetched is the provider's */
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX FETCHMAIL("home.lan") PROVIDER CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 was written by home.lan" },

	/* authres_client_source=header:X-Client: above the boundary */
	{ LMTP, CLIENT_SOURCE_HEADER, "10.0.0.2", NULL, NULL, OWN "X-Client: ip=192.0.2.7 helo=h\n" CLIENT FORGED_CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.7", "h", 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, "10.0.0.2", NULL, NULL, "X-Client: ip=192.0.2.7 helo=h\n" OWN CLIENT FORGED_CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.7", "h", 0, "field X-Client" },
	{ LDA, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "x-client: IP=[IPv6:::ffff:192.0.2.1] helo=\"a \\\"b auth=x\"\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.1", "a \"b auth=x", 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: 2001:db8::1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "2001:db8::1", NULL, 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1 auth=bob future=1 helo=\n" CLIENT,
	  AUTHENTICATED, CLIENT_SOURCE_HEADER, "192.0.2.1", NULL, 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1 auth= helo=h\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.1", "h", 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=127.0.0.1\n" CLIENT,
	  LOCAL, CLIENT_SOURCE_HEADER, "127.0.0.1", NULL, 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip= auth=bob helo=\n" CLIENT,
	  AUTHENTICATED, CLIENT_SOURCE_NONE, "", NULL, 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: auth=bob\n" CLIENT,
	  AUTHENTICATED, CLIENT_SOURCE_NONE, "", NULL, 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip= auth= helo=auth=bob\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "cannot be read" },
	/* a relay of ours wrote it, two lines of ours down */
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, OWN_UNIX REINJECT "X-Client: ip=192.0.2.7\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.7", NULL, 0, "field X-Client" },
	/* a line of a shape we do not know is still the MTA's */
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, OWN_UNIX "X-Client: ip=192.0.2.7\nReceived: ?\n",
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.7", NULL, 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, OWN_UNIX "Received: ?\nX-Client: ip=192.0.2.7\n",
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "our MTA added no X-Client field" },
	/* what the client says cannot end what it says */
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1 helo=x auth=bob ip=10.0.0.1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.1", "x auth=bob ip=10.0.0.1", 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1 helo=\"x\" auth=bob\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.1", "\"x\" auth=bob", 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1 helo=\"x\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.1", "\"x", 0, "field X-Client" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1 helo=\"x\\\"\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_HEADER, "192.0.2.1", "x\\", 0, "field X-Client" },
	/* nobody to believe, or nothing to read */
	{ LMTP, CLIENT_SOURCE_HEADER, "203.0.113.9", NULL, NULL, "X-Client: ip=192.0.2.1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "LMTP client 203.0.113.9" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, CLIENT FORGED_CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "our MTA added no X-Client field" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, FORGED_CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "our MTA added no X-Client field" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1\nX: y\nX-CLIENT : ip=192.0.2.1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "there are several" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1\nX-Client: ?\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "cannot be read" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1 ip=10.0.0.1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "cannot be read" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: helo=x ip=192.0.2.1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "cannot be read" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client:\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "cannot be read" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=192.0.2.1:25\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "cannot be read" },
	{ LMTP, CLIENT_SOURCE_HEADER, NULL, NULL, NULL, "X-Client: ip=10.1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "cannot be read" },

	/* other MTAs, as hops and boundaries */
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX AMAVIS "Received: from [192.0.2.5] (helo=x)\n\tby mx.example.fr with esmtp (Exim 4.96)\n\tid 1\n" FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.5", "x", 3, "Received field 3" },
	{ LDA, 0, NULL, NULL, NULL, "Received: (qmail 1 invoked from network); 22 Nov\nReceived: from unknown (HELO x) (192.0.2.5)\n  by mx.example.fr with SMTP; 22 Nov\n" FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.5", "x", 2, "Received field 2" },
	{ LDA, 0, NULL, NULL, NULL, "Received: (qmail 1 invoked by uid 1000); 22 Nov\n" CLIENT,
	  LOCAL, CLIENT_SOURCE_NONE, "", NULL, 1, "Received field 1, written by qmail" },
	{ LDA, 0, NULL, NULL, NULL, "Received: from bob by mx.example.fr with local (Exim 4.96)\n\tid 1\n" CLIENT,
	  LOCAL, CLIENT_SOURCE_NONE, "", NULL, 1, "Received field 1" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Received:\n\tby mx.example.fr (OpenSMTPD) with ESMTPSA id 1\n" CLIENT,
	  AUTHENTICATED, CLIENT_SOURCE_NONE, "", NULL, 2, "Received field 2" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Received:\n\tby mx.example.fr (OpenSMTPD) with ESMTPS id 1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 does not show the client's address" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Received: by 2002:a05:6512:0:b0:1:2:3 with SMTP id 1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "Received field 2 was written by 2002:" },
	/* a filter put it back by sendmail(1): the real client stands below */
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Received: by mx.example.fr (Postfix, from userid 110)\n\tid 1; Sun\n" CLIENT FORGED_AUTH,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 3, "Received field 3" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Received: from spamd by mx.example.fr with spam-scanned (Exim 4.96)\n\tid 1\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1", "out.shop.example", 3, "Received field 3" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Received: by other (Postfix, from userid 110)\n\tid 1; Sun\n" CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 0, "written by other" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX "Received: by mx.example.fr (Postfix, from userid 110)\n\tid 1; Sun\n",
	  LOCAL, CLIENT_SOURCE_NONE, "", NULL, 0, "sent from our local networks" },

	/* a container proxy or NAT in front of the MTA: every client has its
	   address, and it is not trusted by itself */
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX POSTFIX("out.shop.example", "unknown", "172.17.0.1", "mx.example.fr", "ESMTP") CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 2, "the client 172.17.0.1 has a private" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX POSTFIX("out.shop.example", "unknown", "100.64.0.1", "mx.example.fr", "ESMTP") CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 2, "NAT or a proxy" },
	{ LMTP, 0, NULL, NULL, NULL, OWN_UNIX POSTFIX("out.shop.example", "unknown", "IPv6:fe80::1%eth0", "mx.example.fr", "ESMTP") CLIENT,
	  EXTERNAL, CLIENT_SOURCE_NONE, "", NULL, 2, "the client fe80::1 has a private" },
};

static void
test_identity_settings(pool_t pool, struct identity_settings *set_r)
{
	static const char *const trusted[] = {
		"127.0.0.0/8", "::1", "10.0.0.0/8", "MX.example.fr",
		"imap.example.fr.", "proxy.example.fr", NULL
	};
	static const char *const local[] = {
		"127.0.0.0/8", "::1", "192.168.1.0/24", NULL
	};
	static const char *const filter_users[] = { "110", "spamd", NULL };
	const char *error;

	i_zero(set_r);
	test_assert(trusted_hosts_parse(pool, trusted, &set_r->trusted_hosts,
					&error) == 0);
	test_assert(trusted_hosts_parse(pool, local, &set_r->local_networks,
					&error) == 0);
	set_r->client_header = "X-Client";
	set_r->filter_users = filter_users;
}

static void
test_identity_request(const struct identity_test *test,
		      struct verify_request *request_r)
{
	i_zero(request_r);
	request_r->protocol = test->protocol;
	request_r->mail_from = "a@b";
	if (test->protocol == VERIFY_PROTOCOL_LMTP)
		request_r->session_id = "SESS";
	if (test->peer_ip != NULL)
		test_assert(net_addr2ip(test->peer_ip,
					&request_r->peer_ip) == 0);
	if (test->xclient_ip != NULL) {
		test_assert(net_addr2ip(test->xclient_ip,
					&request_r->xclient_ip) == 0);
		request_r->xclient_helo = "xclient.helo";
	}
	if (test->argument_ip != NULL) {
		test_assert(net_addr2ip(test->argument_ip,
					&request_r->argument_ip) == 0);
		request_r->argument_helo = "argument.helo";
	}
}

static void
test_identity_find(pool_t pool, const struct identity_test *test,
		   const char *below, struct identity *identity_r)
{
	struct identity_settings set;
	struct verify_request request;
	const char *text = t_strconcat(test->header, below, NULL);

	test_identity_settings(pool, &set);
	set.client_source = test->client_source;
	test_identity_request(test, &request);
	identity_find(pool, &set, &request,
		      test_msg_header_parse(pool, text, strlen(text)),
		      identity_r);
}

static void test_identity(void)
{
	struct identity identity;
	unsigned int i;

	test_begin("identity_find");
	for (i = 0; i < N_ELEMENTS(identity_tests); i++) T_BEGIN {
		const struct identity_test *test = &identity_tests[i];
		pool_t pool = pool_alloconly_create("test", 4096);

		test_identity_find(pool, test, "From: x@y\n", &identity);
		test_assert_idx(identity.origin == test->origin, i);
		test_assert_idx(identity.source == test->source, i);
		test_assert_strcmp_idx(net_ip2addr(&identity.client_ip),
				       test->client_ip, i);
		test_assert_strcmp_idx(identity.helo, test->helo, i);
		test_assert_strcmp_idx(identity.mail_from, "a@b", i);
		test_assert_idx(identity.received_index ==
				test->received_index, i);
		test_assert_idx(identity.reason != NULL, i);
		if (identity.reason != NULL &&
		    strstr(identity.reason, test->reason) == NULL)
			test_assert_strcmp_idx(identity.reason,
					       test->reason, i);
		/* all that the reason says of a line is said by members */
		test_assert_idx(identity.by == NULL ||
				strstr(identity.reason, t_strdup_printf(
					"Received field %u, written by %s",
					identity.received_index,
					identity.by)) != NULL, i);
		test_assert_idx(test->received_index > 0 ||
				identity.by == NULL, i);
		test_assert_idx((identity.note != NULL) ==
				(strstr(identity.reason, "private address") !=
				 NULL), i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_identity_return_path(void)
{
	static const struct {
		enum verify_protocol protocol;
		const char *mail_from, *header, *result;
	} tests[] = {
		{ DOVEADM, NULL, "Return-Path: <a@b>\n", "a@b" },
		{ DOVEADM, NULL, "Return-Path:<>\n", "" },
		{ DOVEADM, NULL, "return-path:  <a@b> \n", "a@b" },
		{ DOVEADM, NULL, "Authentication-Results: x; none\n" OWN,
		  "a@b" },
		{ DOVEADM, NULL, "Delivered-To: u\nReturn-Path: <a@b>\n"
		  "Return-Path: <c@d>\n", "a@b" },
		{ DOVEADM, "x@y", "Return-Path: <a@b>\n", "x@y" },
		{ DOVEADM, "", "Return-Path: <a@b>\n", "" },
		/* not by final delivery */
		{ DOVEADM, NULL, CLIENT "Return-Path: <a@b>\n", NULL },
		{ DOVEADM, NULL, "X: y\nReturn-Path: <a@b>\n", NULL },
		{ DOVEADM, NULL, "Return-Path: a@b\n", NULL },
		{ DOVEADM, NULL, "Return-Path: <\n", NULL },
		{ DOVEADM, NULL, "Return-Path: >\n", NULL },
		{ DOVEADM, NULL, "Return-Path:\n", NULL },
		{ DOVEADM, NULL, "", NULL },
		/* the envelope is known there */
		{ LMTP, NULL, "Return-Path: <a@b>\n", NULL },
		/* dovecot-lda without -f */
		{ LDA, NULL, "Return-Path: <a@b>\nX-Original-To: u\n"
		  "Delivered-To: u\n" CLIENT, "a@b" },
		{ LDA, NULL, "Return-Path: <>\n" CLIENT, "" },
		{ LDA, NULL, CLIENT "Return-Path: <a@b>\n", NULL },
		{ LDA, "x@y", "Return-Path: <a@b>\n" CLIENT, "x@y" },
		{ LDA, "", "Return-Path: <a@b>\n" CLIENT, "" },
		/* SRS of our own, in a domain of mx.example.fr */
		{ LMTP, "SRS0=Hx2k=7V=bank.example=Bob@example.fr",
		  OWN_UNIX CLIENT, "Bob@bank.example" },
		{ LMTP, "srs0+h=t=bank.example=a=b@MX.Example.FR",
		  OWN_UNIX CLIENT, "a=b@bank.example" },
		{ LMTP, "SRS1=h=fw.example==h0=t0=bank.example=u@example.fr",
		  OWN_UNIX CLIENT, "SRS0=h0=t0=bank.example=u@fw.example" },
		{ LDA, NULL, "Return-Path: <SRS0=h=t=bank.example=u@example.fr>\n"
		  CLIENT, "u@bank.example" },
		/* Sieve of another user sent it on, by an MTA of ours */
		{ LMTP, "anna@example.fr", OWN_UNIX REINJECT SIEVE_FIRST("bob@bank.example")
		  CLIENT, "bob@bank.example" },
		{ LMTP, "", OWN_UNIX REINJECT SIEVE_FIRST("bob@bank.example")
		  CLIENT, "bob@bank.example" },
		{ LMTP, "anna@example.fr", OWN_UNIX REINJECT SIEVE_FIRST("")
		  CLIENT, "" },
		{ LMTP, "carl@example.fr", OWN_UNIX REINJECT
		  SIEVE_FIRST("anna@example.fr") REINJECT
		  SIEVE_FIRST("bob@bank.example") CLIENT, "bob@bank.example" },
		{ LMTP, "anna@example.fr", OWN_UNIX REINJECT
		  SIEVE_FIRST("SRS0=h=t=bank.example=bob@example.fr") CLIENT,
		  "bob@bank.example" },
		{ LMTP, "anna@example.fr", OWN_UNIX REINJECT
		  SIEVE_FIRST("\">)\"@bank.example") CLIENT, "\">)\"@bank.example" },
		/* a stranger has copied that line, or it is not ours */
		{ LMTP, "eve@evil.example", OWN_UNIX CLIENT
		  SIEVE_FIRST("bob@bank.example") CLIENT, "eve@evil.example" },
		{ LMTP, "eve@evil.example", OWN_UNIX
		  "Received: from mx\n\tby imap.evil.example with LMTP\n\tid OLD\n"
		  "\t(envelope-from <bob@bank.example>)\n\tfor <u>; Sun\n" CLIENT,
		  "eve@evil.example" },
		{ LMTP, "eve@evil.example", OWN_UNIX REINJECT
		  SIEVE_FIRST("bob@bank.example"), "eve@evil.example" },
		/* not ours, no SRS, or our own mail */
		{ LMTP, "SRS0=h=t=bank.example=u@example.com", OWN_UNIX CLIENT,
		  "SRS0=h=t=bank.example=u@example.com" },
		{ LMTP, "SRS0=h=t=bank.example=u@fr", OWN_UNIX CLIENT,
		  "SRS0=h=t=bank.example=u@fr" },
		{ LMTP, "SRS0=h=t=bank.example=u@xample.fr", OWN_UNIX CLIENT,
		  "SRS0=h=t=bank.example=u@xample.fr" },
		{ LMTP, "SRS0=h=t@example.fr", OWN_UNIX CLIENT,
		  "SRS0=h=t@example.fr" },
		{ LMTP, "bank.example=u@example.fr", OWN_UNIX CLIENT,
		  "bank.example=u@example.fr" },
		{ LMTP, "SRS0=h=t=bank.example=u@example.fr", OWN_UNIX REINJECT,
		  "SRS0=h=t=bank.example=u@example.fr" },
	};
	struct identity_settings set;
	struct verify_request request;
	struct identity identity;

	test_begin("identity_find Return-Path");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_identity_settings(pool, &set);
		i_zero(&request);
		request.protocol = tests[i].protocol;
		request.mail_from = tests[i].mail_from;
		identity_find(pool, &set, &request, test_msg_header_parse(pool,
			tests[i].header, strlen(tests[i].header)), &identity);
		test_assert_strcmp_idx(identity.mail_from, tests[i].result, i);
		/* another MAIL FROM than the envelope's is noted */
		test_assert_idx((identity.note != NULL) ==
				identity.mail_from_before, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static unsigned int test_random(unsigned int *state, unsigned int max)
{
	*state = *state * 1103515245 + 12345;
	return (*state >> 8) % max;
}

/* What a stranger may write below the boundary. */
static void test_append_random_lines(string_t *str, unsigned int *state)
{
	static const char *const lines[] = {
		OWN, OWN_UNIX, OWN_STRANGER, PROXY, CLIENT, REINJECT, PICKUP,
		FORGED_AUTH, "Received: from x\n\tby any with LMTP id SESS\n",
		"Received:\n", "Received: from\n", "Return-Path: <x@y>\n",
		"Delivered-To: x\n", "garbage\n", "Received\n",
		"Received : by mx.example.fr (Postfix)\n id 1\n",
		FORGED_CLIENT, FETCHMAIL("mx.example.fr"), AMAVIS,
		"Received: (qmail 1 invoked by uid 110); 22 Nov\n",
		"Received: from bob by mx.example.fr with local (Exim 4.96)\n\tid 1\n",
	};
	unsigned int i, count = test_random(state, 60);

	for (i = 0; i < count; i++) {
		if (test_random(state, 4) == 0) {
			str_append(str, "Received: ");
			while (test_random(state, 30) > 0) {
				str_append_c(str, "abfromby ()[];.:0127\t\\\r\n "
					     [test_random(state, 26)]);
			}
			str_append(str, "\n");
		} else {
			str_append(str, lines[test_random(state,
							  N_ELEMENTS(lines))]);
		}
	}
}

/* Where a trusted host named an untrusted client, or the mail's origin, the
   stranger's lines start below it. */
static void test_identity_below_boundary(void)
{
	unsigned int i, round, checked = 0, state = 1;

	test_begin("identity_find: nothing below the boundary counts");
	for (i = 0; i < N_ELEMENTS(identity_tests); i++) {
		const struct identity_test *test = &identity_tests[i];

		if ((test->received_index == 0 &&
		     test->source == CLIENT_SOURCE_NONE) ||
		    (test->protocol == VERIFY_PROTOCOL_LDA &&
		     test->argument_ip != NULL))
			continue;
		for (round = 0; round < 200; round++) T_BEGIN {
			pool_t pool = pool_alloconly_create("test", 16 * 1024);
			string_t *below = t_str_new(4096);
			struct identity identity;

			test_append_random_lines(below, &state);
			test_identity_find(pool, test, str_c(below), &identity);
			test_assert_idx(identity.origin == test->origin &&
				identity.source == test->source &&
				identity.received_index ==
				test->received_index &&
				strcmp(net_ip2addr(&identity.client_ip),
				       test->client_ip) == 0 &&
				null_strcmp(identity.helo, test->helo) == 0, i);
			checked++;
			pool_unref(&pool);
		} T_END;
	}
	test_assert(checked > 5000);
	test_end();
}

static void test_identity_limits(void)
{
	pool_t pool = pool_alloconly_create("test", 64 * 1024);
	struct identity_test test = identity_tests[0];
	struct identity identity;
	string_t *str = t_str_new(4096);
	unsigned int i;

	test_begin("identity_find limits");
	str_append(str, OWN);
	for (i = 1; i < AUTHRES_MAX_RECEIVED - 1; i++)
		str_append(str, REINJECT);
	test.header = str_c(str);
	test_identity_find(pool, &test, CLIENT, &identity);
	test_assert(identity.received_index == AUTHRES_MAX_RECEIVED);
	str_append(str, REINJECT);
	test.header = str_c(str);
	test_identity_find(pool, &test, CLIENT, &identity);
	test_assert(identity.client_ip.family == 0);
	test_assert_strcmp(identity.reason, "there are more than 50 Received fields");

	/* a HELO of any length is not worth keeping */
	str_truncate(str, 0);
	str_append(str, "Received: from ");
	for (i = 0; i < AUTHRES_MAX_HELO_BYTES; i++)
		str_append_c(str, 'h');
	i = str_len(str);
	str_append(str, " (n [192.0.2.1])\n\tby mx.example.fr (Postfix) with SMTP id 1\n");
	test.header = str_c(str);
	test_identity_find(pool, &test, "", &identity);
	test_assert(identity.helo != NULL);
	str_insert(str, i, "h");
	test.header = str_c(str);
	test_identity_find(pool, &test, "", &identity);
	test_assert(identity.client_ip.family != 0 && identity.helo == NULL);

	/* our lines may stand in the part that was cut */
	str_truncate(str, 0);
	str_append(str, OWN REINJECT "X: ");
	while (str_len(str) <= AUTHRES_MAX_FIELD_BYTES + 512)
		str_append(str, "xxxxxxxx");
	test.header = str_c(str);
	test_identity_find(pool, &test, "\n", &identity);
	test_assert(identity.origin == MAIL_ORIGIN_EXTERNAL &&
		    identity.client_ip.family == 0);
	pool_unref(&pool);
	test_end();
}

/* Does the client look like a mail server that passes mail on? */
static void test_identity_relayed(void)
{
	static const struct {
		const char *header;
		bool relayed;
		const char *name;
	} tests[] = {
		/* by its HELO, by its name in DNS */
		{ POSTFIX("relay.test", "r.test", "192.0.2.1",
			  "mx.example.fr", "SMTP")
		  POSTFIX("x.test", "unknown", "198.51.100.9", "relay.test",
			  "SMTP"), TRUE, "r.test" },
		{ POSTFIX("relay.test", "r.test", "192.0.2.1",
			  "mx.example.fr", "SMTP") "X: y\n"
		  POSTFIX("x.test", "unknown", "198.51.100.9", "R.test",
			  "SMTP"), TRUE, "r.test" },
		/* by somebody else; for itself; nothing below */
		{ POSTFIX("relay.test", "r.test", "192.0.2.1",
			  "mx.example.fr", "SMTP")
		  POSTFIX("x.test", "unknown", "198.51.100.9", "other.test",
			  "SMTP"), FALSE, "r.test" },
		{ POSTFIX("relay.test", "r.test", "192.0.2.1",
			  "mx.example.fr", "SMTP")
		  POSTFIX("x.test", "unknown", "192.0.2.1", "relay.test",
			  "SMTP"), FALSE, "r.test" },
		{ POSTFIX("relay.test", "r.test", "192.0.2.1",
			  "mx.example.fr", "SMTP"), FALSE, "r.test" },
		{ POSTFIX("relay.test", "unknown", "192.0.2.1",
			  "mx.example.fr", "SMTP") "Received: ?\n",
		  FALSE, NULL },
	};

	test_begin("identity_find: does the client pass on mail");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);
		struct identity_test test = identity_tests[0];
		struct identity identity;

		test.header = t_strconcat(OWN, tests[i].header, NULL);
		test_identity_find(pool, &test, "", &identity);
		test_assert_strcmp_idx(net_ip2addr(&identity.client_ip),
				       "192.0.2.1", i);
		test_assert_idx(identity.client_relayed == tests[i].relayed,
				i);
		test_assert_strcmp_idx(identity.client_name, tests[i].name, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

/* Which lines upstream results may stand above and below of. */
static void test_identity_lines(void)
{
	static const struct {
		enum verify_protocol protocol;
		const char *argument_ip, *header;
		unsigned int own_field, boundary_field;
	} tests[] = {
		{ LMTP, NULL, OWN CLIENT FORGED_AUTH, 3, 3 },
		{ LMTP, NULL, OWN_UNIX "X: y\n" REINJECT "Y: z\n" CLIENT CLIENT,
		  3, 5 },
		{ LMTP, NULL, OWN PROXY CLIENT, 4, 4 },
		{ LMTP, NULL, OWN PICKUP CLIENT, 3, 3 },
		{ LMTP, NULL, OWN REINJECT, 3, UINT_MAX },
		{ LMTP, NULL, OWN REINJECT "Received: ?\n" CLIENT,
		  3, UINT_MAX },
		{ LMTP, NULL, OWN POSTFIX("h", "n", "192.0.2.1", "other", "SMTP"),
		  UINT_MAX, UINT_MAX },
		{ LMTP, NULL, OWN_STRANGER CLIENT, UINT_MAX, UINT_MAX },
		{ LMTP, NULL, OWN PROXY, UINT_MAX, UINT_MAX },
		{ LMTP, NULL, "X: y\n", UINT_MAX, UINT_MAX },
		{ LDA, NULL, CLIENT, 0, 0 },
		{ LDA, "192.0.2.1", "X: y\n" CLIENT, 1, 1 },
		{ LDA, "192.0.2.9", CLIENT, UINT_MAX, UINT_MAX },
		{ LDA, "127.0.0.1", REINJECT CLIENT, 0, 1 },
		{ DOVEADM, NULL, "A: b\n" CLIENT, 1, 1 },
	};
	struct identity identity;

	test_begin("identity_find own and boundary line");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		const struct identity_test test = {
			.protocol = tests[i].protocol,
			.argument_ip = tests[i].argument_ip,
			.header = tests[i].header,
		};
		pool_t pool = pool_alloconly_create("test", 4096);

		test_identity_find(pool, &test, "From: x@y\n", &identity);
		test_assert_cmp_idx(identity.own_field, ==,
				    tests[i].own_field, i);
		test_assert_cmp_idx(identity.boundary_field, ==,
				    tests[i].boundary_field, i);
		test_assert_idx(identity.forwarder == NULL &&
				identity.forwarder_ip.family == 0, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

/* What the MTA says where it starts dovecot-lda. */
static void test_identity_lda_arguments(void)
{
	static const struct {
		const char *ip, *helo;
		bool environment, authenticated;
		enum client_source client_source;
		const char *header;

		enum mail_origin origin;
		enum client_source source;
		const char *expected_ip, *expected_helo, *reason;
	} tests[] = {
		{ "192.0.2.1", "h", FALSE, FALSE, 0, "",
		  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1", "h",
		  "command line" },
		{ "192.0.2.1", "h", TRUE, FALSE, 0, "",
		  EXTERNAL, CLIENT_SOURCE_ENVIRONMENT, "192.0.2.1", "h",
		  "environment" },
		/* HELO of the line that shows the same client, no other's */
		{ "192.0.2.1", NULL, FALSE, FALSE, 0, CLIENT FORGED_AUTH,
		  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1",
		  "out.shop.example", "command line" },
		{ "::ffff:192.0.2.1", NULL, FALSE, FALSE, 0, CLIENT,
		  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1",
		  "out.shop.example", "command line" },
		{ "192.0.2.9", NULL, FALSE, FALSE, 0, CLIENT,
		  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.9", NULL,
		  "command line" },
		{ "192.0.2.1", NULL, FALSE, FALSE, 0,
		  POSTFIX("h", "n", "192.0.2.1", "other", "ESMTP"),
		  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1", NULL,
		  "command line" },
		/* a login */
		{ "192.0.2.1", "h", FALSE, TRUE, 0, CLIENT,
		  AUTHENTICATED, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1", "h",
		  "command line" },
		{ NULL, NULL, TRUE, TRUE, 0, "",
		  AUTHENTICATED, CLIENT_SOURCE_NONE, "", NULL, "environment" },
		{ "127.0.0.1", "h", TRUE, TRUE, 0, REINJECT CLIENT,
		  AUTHENTICATED, CLIENT_SOURCE_ENVIRONMENT, "127.0.0.1", "h",
		  "environment" },
		/* one of our MTAs logs in at the next */
		{ "10.0.0.2", "h", FALSE, TRUE, 0,
		  POSTFIX("h", "n", "10.0.0.2", "mx.example.fr", "ESMTPSA") CLIENT,
		  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1",
		  "out.shop.example", "Received field 2" },
		/* what stands below is no login */
		{ "192.0.2.1", "h", FALSE, FALSE, 0, CLIENT FORGED_AUTH,
		  EXTERNAL, CLIENT_SOURCE_ARGUMENTS, "192.0.2.1", "h",
		  "command line" },
		/* another source was chosen */
		{ "192.0.2.9", "h", FALSE, TRUE, CLIENT_SOURCE_RECEIVED, CLIENT,
		  EXTERNAL, CLIENT_SOURCE_RECEIVED, "192.0.2.1",
		  "out.shop.example", "Received field 1" },
	};
	struct identity_settings set;
	struct identity identity;

	test_begin("identity_find lda arguments");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);
		struct verify_request request = {
			.protocol = LDA,
			.argument_helo = tests[i].helo,
			.argument_environment = tests[i].environment,
			.argument_authenticated = tests[i].authenticated,
		};

		if (tests[i].ip != NULL) {
			test_assert(net_addr2ip(tests[i].ip,
						&request.argument_ip) == 0);
		}
		test_identity_settings(pool, &set);
		set.client_source = tests[i].client_source;
		identity_find(pool, &set, &request,
			      test_msg_header_parse(pool, tests[i].header,
						    strlen(tests[i].header)),
			      &identity);
		test_assert_idx(identity.origin == tests[i].origin, i);
		test_assert_idx(identity.source == tests[i].source, i);
		test_assert_strcmp_idx(identity.client_ip.family == 0 ? "" :
				       net_ip2addr(&identity.client_ip),
				       tests[i].expected_ip, i);
		test_assert_strcmp_idx(identity.helo, tests[i].expected_helo,
				       i);
		test_assert_idx(strstr(identity.reason, tests[i].reason) !=
				NULL, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_identity_keys(void)
{
	static const char *const keys[] = {
		"old-0123456789abcdef", "new-0123456789abcdef", NULL
	};
#define KEY "key=new-0123456789abcdef "
	static const struct {
		const char *header, *client_ip, *helo, *reason;
	} tests[] = {
		/* wherever it stands */
		{ CLIENT FORGED_CLIENT "X-Client: " KEY "ip=192.0.2.7 helo=h\n",
		  "192.0.2.7", "h", "field X-Client" },
		{ "X-Client: helo=x\n" CLIENT "X-Client: ip=192.0.2.7 " KEY "\n"
		  FORGED_CLIENT "X-Client: ?\n",
		  "192.0.2.7", NULL, "field X-Client" },
		{ "X-Client: key=old-0123456789abcdef ip=192.0.2.7\n",
		  "192.0.2.7", NULL, "field X-Client" },
		/* a key that is none */
		{ "X-Client: ip=192.0.2.7\n" CLIENT, "", NULL, "has our key" },
		{ "X-Client: key= ip=192.0.2.7\n" CLIENT, "", NULL, "has our key" },
		{ "X-Client: key=new-0123456789abcdeF ip=192.0.2.7\n" CLIENT,
		  "", NULL, "has our key" },
		{ "X-Client: key=new-0123456789abcde ip=192.0.2.7\n" CLIENT,
		  "", NULL, "has our key" },
		{ "X-Client: key=new-0123456789abcdefg ip=192.0.2.7\n" CLIENT,
		  "", NULL, "has our key" },
		{ "X-Client: ip=192.0.2.7 helo=" KEY "\n" CLIENT,
		  "", NULL, "has our key" },
		{ "X-Client: " KEY KEY "ip=192.0.2.7\n" CLIENT,
		  "", NULL, "has our key" },
		{ "X-Client: " KEY "\n" CLIENT, "", NULL, "has our key" },
		{ CLIENT, "", NULL, "has our key" },
		/* two of ours */
		{ "X-Client: " KEY "ip=192.0.2.7\nX-Client: " KEY "ip=192.0.2.7\n",
		  "", NULL, "there are several" },
	};
	struct identity_settings set;
	struct verify_request request;
	struct identity identity;

	test_begin("identity_find by a field with a key");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_identity_settings(pool, &set);
		set.client_source = CLIENT_SOURCE_HEADER;
		set.client_header_keys = keys;
		i_zero(&request);
		identity_find(pool, &set, &request, test_msg_header_parse(pool,
			tests[i].header, strlen(tests[i].header)), &identity);
		test_assert_strcmp_idx(net_ip2addr(&identity.client_ip),
				       tests[i].client_ip, i);
		test_assert_strcmp_idx(identity.helo, tests[i].helo, i);
		test_assert_idx(strstr(identity.reason, tests[i].reason) !=
				NULL, i);
		test_assert_idx(strstr(identity.reason, "0123456789") ==
				NULL, i);
		test_assert_idx(!identity.client_hides, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

/* The MTA may put its field below those of the sender, who can send so many
   that ours is cut off. */
static void test_identity_key_cut_off(void)
{
	static const char *const keys[] = { "new-0123456789abcdef", NULL };
	pool_t pool = pool_alloconly_create("test", 64 * 1024);
	struct identity_settings set;
	struct verify_request request;
	struct identity identity;
	string_t *str = t_str_new(8192);

	test_begin("identity_find by a field with a key that is cut off");
	test_identity_settings(pool, &set);
	set.client_source = CLIENT_SOURCE_HEADER;
	set.client_header_keys = keys;
	i_zero(&request);
	str_append(str, CLIENT);
	for (unsigned int i = 0; i < AUTHRES_MAX_HEADER_FIELDS; i++)
		str_append(str, "X: y\n");
	str_append(str, "X-Client: " KEY "ip=192.0.2.7 helo=h\n");
	identity_find(pool, &set, &request, test_msg_header_parse(pool,
		str_c(str), str_len(str)), &identity);
	test_assert(identity.client_ip.family == 0);
	test_assert(identity.client_hides);

	/* it is above what was cut off */
	str_insert(str, 0, "X-Client: " KEY "ip=192.0.2.8 helo=h\n");
	identity_find(pool, &set, &request, test_msg_header_parse(pool,
		str_c(str), str_len(str)), &identity);
	test_assert_strcmp(net_ip2addr(&identity.client_ip), "192.0.2.8");
	test_assert(!identity.client_hides);

	/* without a key it stands above the boundary */
	set.client_header_keys = NULL;
	str_truncate(str, 0);
	str_append(str, CLIENT);
	for (unsigned int i = 0; i < AUTHRES_MAX_HEADER_FIELDS; i++)
		str_append(str, "X: y\n");
	identity_find(pool, &set, &request, test_msg_header_parse(pool,
		str_c(str), str_len(str)), &identity);
	test_assert(identity.client_ip.family == 0 && !identity.client_hides);
	pool_unref(&pool);
	test_end();
}

#define RP "Return-Path: <out@shop.example>\n"
#define FORGED_RP "Return-Path: <boss@bank.example>\n"
#define INTERNAL POSTFIX("mx12.free.fr", "n", "172.20.1.1", "spool3.free.fr", "LMTP")
#define AT_HOME POSTFIX("localhost", "localhost", "127.0.0.1", "mx.example.fr", "ESMTP")

static void test_identity_fetched(void)
{
	static const struct {
		const char *header, *client_ip;
		unsigned int received_index;
		const char *mail_from, *reason;
	} tests[] = {
		{ FETCHMAIL("mx.example.fr") RP PROVIDER FORGED_RP CLIENT,
		  "192.0.2.1", 2, "out@shop.example", "written by mx12.free.fr" },
		{ FETCHMAIL("mx.example.fr") RP INTERNAL PROVIDER,
		  "192.0.2.1", 3, "out@shop.example", "written by mx12.free.fr" },
		/* a host of the provider that is not listed, handing on */
		{ FETCHMAIL("mx.example.fr") "Received: from mx12.free.fr\n\tby store.internal with LMTP\n\tid X\n"
		  POSTFIX("x", "x", "172.20.9.9", "av.internal", "SMTP") RP PROVIDER,
		  "192.0.2.1", 4, "out@shop.example", "written by mx12" },
		{ AT_HOME FETCHMAIL("mx.example.fr") PROVIDER FORGED_RP,
		  "192.0.2.1", 3, NULL, "written by mx12" },
		/* getmail puts a Return-Path of its own on top */
		{ RP GETMAIL("mx.example.fr") PROVIDER,
		  "192.0.2.1", 2, NULL, "written by mx12" },
		/* no line of its own, but given to our MTA */
		{ AT_HOME RP PROVIDER FORGED_RP,
		  "192.0.2.1", 2, "out@shop.example", "written by mx12" },
		{ FETCHMAIL("mx.example.fr") "Return-Path: <>\n" PROVIDER,
		  "192.0.2.1", 2, "", "written by mx12" },
		{ FETCHMAIL("mx.example.fr") "Return-Path: x\n" RP PROVIDER,
		  "192.0.2.1", 2, NULL, "written by mx12" },
		/* a user of the provider, and whoever writes that he is one */
		{ FETCHMAIL("mx.example.fr") POSTFIX("l", "n", "192.0.2.9", "smtp.free.fr", "ESMTPSA"),
		  "192.0.2.9", 2, NULL, "written by smtp.free.fr" },
		/* Gmail by getmail or fetchmail */
		{ FETCHMAIL("mx.example.fr") "Received: by 2002:a05:6512:0:b0:1:2:3 with SMTP id 1\n"
		  "X-Received: x\n" RP "Received: from h (n. [192.0.2.1])\n        by mx.google.com with ESMTPS id 1\n" FORGED_RP,
		  "192.0.2.1", 3, "out@shop.example", "written by mx.google.com" },

		/* the provider's MTA has a name that is not listed: below it
		   everything is a stranger's */
		{ FETCHMAIL("mx.example.fr") POSTFIX("h", "n", "192.0.2.66", "new.provider.example", "SMTP") PROVIDER,
		  "", 0, NULL, "not in authres_fetch_hosts" },
		/* private addresses are not the provider's by themselves */
		{ FETCHMAIL("mx.example.fr") POSTFIX("h", "n", "10.9.9.9", "new.provider.example", "SMTP") PROVIDER,
		  "", 0, NULL, "not in authres_fetch_hosts" },
		{ FETCHMAIL("mx.example.fr") POSTFIX("h", "n", "10.9.9.9", "mx12.free.fr", "SMTP") PROVIDER,
		  "", 2, NULL, "the client 10.9.9.9 has a private" },
		{ FETCHMAIL("mx.example.fr") "Received: ?\n" PROVIDER,
		  "", 0, NULL, "Received field 2 has an unknown format and names no trusted host after 'by': ?" },
		{ FETCHMAIL("mx.example.fr") FETCHMAIL("mx.example.fr") PROVIDER,
		  "", 0, NULL, "Received field 2 names no client" },
		{ FETCHMAIL("mx.example.fr") PICKUP PROVIDER,
		  "", 0, NULL, "Received field 2 names no client" },
		{ FETCHMAIL("mx.example.fr"), "", 0, NULL, "no Received field of the provider" },
		{ FETCHMAIL("mx.example.fr") INTERNAL, "", 0, NULL, "no Received field of the provider" },
		/* not fetched: a stranger imitates it */
		{ CLIENT FETCHMAIL("mx.example.fr") PROVIDER,
		  "192.0.2.1", 1, "me@mx.example.fr", "written by mx.example.fr" },
		{ PROVIDER, "", 0, "me@mx.example.fr", "Received field 1 was written by mx12" },
		{ FETCHMAIL("other") PROVIDER, "", 0, "me@mx.example.fr", "Received field 1 was written by other" },
		{ GETMAIL("other") PROVIDER, "", 0, "me@mx.example.fr", "Received field 1 was written by other" },
	};
	static const char *const hosts[] = {
		".free.fr", "172.20.0.0/16", "mx.google.com", NULL
	};
	struct identity_settings set;
	struct verify_request request;
	struct identity identity;
	const char *error;

	test_begin("identity_find fetched");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_identity_settings(pool, &set);
		test_assert(trusted_hosts_parse(pool, hosts, &set.fetch_hosts,
						&error) == 0);
		i_zero(&request);
		request.protocol = LDA;
		request.mail_from = "me@mx.example.fr";
		identity_find(pool, &set, &request, test_msg_header_parse(pool,
			tests[i].header, strlen(tests[i].header)), &identity);
		test_assert_strcmp_idx(net_ip2addr(&identity.client_ip),
				       tests[i].client_ip, i);
		test_assert_idx(identity.received_index ==
				tests[i].received_index, i);
		test_assert_strcmp_idx(identity.mail_from,
				       tests[i].mail_from, i);
		test_assert_idx(identity.origin == EXTERNAL, i);
		if (strstr(identity.reason, tests[i].reason) == NULL)
			test_assert_strcmp_idx(identity.reason,
					       tests[i].reason, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

#define FROM_FORWARDER(name) POSTFIX("mx.forward.example", name, "198.51.100.7", "mx.example.fr", "ESMTPS")
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A300 A50 A50 A50 A50 A50 A50
#define AT_FORWARDER(ip) POSTFIX("out.shop.example", "n", ip, "mx.forward.example", "ESMTP")

static void test_identity_forwarder(void)
{
	static const char *const named[] = {
		"198.51.100.0/28", ".forward.example", NULL
	};
	static const char *const unnamed[] = { "198.51.100.7", NULL };
	static const struct {
		const char *const *hosts;
		const char *header, *client_ip, *helo;
		unsigned int received_index;
		const char *forwarder, *reason;
	} tests[] = {
		{ named, FROM_FORWARDER("out.forward.example") AT_FORWARDER("192.0.2.1") CLIENT,
		  "192.0.2.1", "out.shop.example", 2, "out.forward.example",
		  "Received field 2, written by mx.forward.example, the trusted forwarder at 198.51.100.7" },
		{ unnamed, FROM_FORWARDER("unknown") AT_FORWARDER("192.0.2.1") CLIENT,
		  "192.0.2.1", "out.shop.example", 2, "198.51.100.7", "the trusted forwarder at 198.51.100.7" },
		/* a filter of ours above, hosts of the forwarder below */
		{ named, REINJECT FROM_FORWARDER("out.forward.example") "X: y\n"
		  POSTFIX("x", "x", "198.51.100.3", "b.forward.example", "SMTP")
		  "Received: from x\n\tby c.forward.example with LMTP\n\tid 1\n" AT_FORWARDER("2001:db8::1"),
		  "2001:db8::1", "out.shop.example", 5, "out.forward.example", "Received field 5" },
		/* hosts of Google hand on without a from clause */
		{ unnamed, FROM_FORWARDER("unknown") "Received: by mail-x.google.com with SMTP id 1\nReceived: by 2002:a05:6512:0:b0:1:2:3 with SMTP id 1\n"
		  "Received: from h (n. [192.0.2.1])\n        by mx.google.com with ESMTPS id 1\n",
		  "192.0.2.1", "h", 4, "198.51.100.7", "Received field 4" },
		/* it added no line: that is the stranger's own */
		{ named, FROM_FORWARDER("out.forward.example"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "it added no Received field" },
		{ named, FROM_FORWARDER("out.forward.example") POSTFIX("x", "n", "192.0.2.1", "mx.bank.example", "SMTP"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "written by mx.bank.example" },
		{ named, FROM_FORWARDER("out.forward.example") POSTFIX("x", "n", "192.0.2.1", "forward.example", "SMTP"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "written by forward.example" },
		{ named, FROM_FORWARDER("out.forward.example") "Received: ?\n" AT_FORWARDER("192.0.2.1"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "has an unknown format" },
		/* a stranger's host in the forwarder's network writes its
		   name */
		{ named, FROM_FORWARDER("unknown") AT_FORWARDER("192.0.2.1"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "its name is not listed" },
		{ named, FROM_FORWARDER("vm5.hoster.example") AT_FORWARDER("192.0.2.1"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "its name is not listed" },
		/* sent from there, not through it */
		{ named, FROM_FORWARDER("out.forward.example") POSTFIX("x", "n", "192.0.2.1", "mx.forward.example", "ESMTPSA"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "sent from" },
		{ named, FROM_FORWARDER("out.forward.example") "Received: by mx.forward.example (Postfix, from userid 0)\n\tid 1\n",
		  "198.51.100.7", "mx.forward.example", 1, NULL, "sent from" },
		/* it hides its client, and below it a stranger shows another */
		{ named, FROM_FORWARDER("out.forward.example") "Received: by mx.forward.example (OpenSMTPD) with ESMTPS id 1\n" AT_FORWARDER("192.0.2.1"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "does not show the client's address" },
		{ unnamed, FROM_FORWARDER("unknown") "Received: by mx.forward.example (OpenSMTPD) with ESMTPS id 1\n" AT_FORWARDER("192.0.2.1"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "does not show the client's address" },
		{ named, FROM_FORWARDER("out.forward.example") "Received: from h (" A300 ")\n\tby mx.forward.example (8.17.1/8.17.1) with ESMTP id 1\n" AT_FORWARDER("192.0.2.1"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "does not show the client's address" },
		/* no forwarder */
		{ named, CLIENT AT_FORWARDER("192.0.2.9"),
		  "192.0.2.1", "out.shop.example", 1, NULL, "Received field 1" },
		{ named, POSTFIX("mx.forward.example", "out.forward.example", "198.51.100.77", "mx.example.fr", "SMTP") AT_FORWARDER("192.0.2.9"),
		  "198.51.100.77", "mx.forward.example", 1, NULL, "Received field 1" },
		/* two of them: the second is not ours to trust */
		{ named, FROM_FORWARDER("out.forward.example") AT_FORWARDER("198.51.100.8"),
		  "198.51.100.7", "mx.forward.example", 1, NULL, "it added no Received field" },
	};
	struct identity_settings set;
	struct verify_request request;
	struct identity identity;
	const struct msg_header *header;
	const char *error;

	test_begin("identity_find trusted forwarder");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 8192);

		test_identity_settings(pool, &set);
		test_assert(trusted_hosts_parse(pool, tests[i].hosts,
			&set.trusted_forwarders, &error) == 0);
		i_zero(&request);
		request.protocol = LDA;
		header = test_msg_header_parse(pool, tests[i].header,
					       strlen(tests[i].header));
		identity_find(pool, &set, &request, header, &identity);
		test_assert_strcmp_idx(net_ip2addr(&identity.client_ip),
				       tests[i].client_ip, i);
		test_assert_strcmp_idx(identity.helo, tests[i].helo, i);
		test_assert_cmp_idx(identity.received_index, ==,
				    tests[i].received_index, i);
		test_assert_strcmp_idx(identity.forwarder,
				       tests[i].forwarder, i);
		test_assert_idx((identity.forwarder_ip.family != 0) ==
				(tests[i].forwarder != NULL), i);
		/* above it are only our own fields */
		test_assert_idx(identity.boundary_field <= 1, i);
		test_assert_idx(identity.source == CLIENT_SOURCE_RECEIVED, i);
		if (strstr(identity.reason, tests[i].reason) == NULL)
			test_assert_strcmp_idx(identity.reason,
					       tests[i].reason, i);
		if (tests[i].forwarder != NULL) {
			test_assert_strcmp_idx(identity.note,
				tests[i].hosts == unnamed ? NULL :
				"the trusted forwarder at 198.51.100.7", i);
		} else if (strstr(identity.reason, "forwarder, ") != NULL) {
			/* why it tells nothing */
			test_assert_strcmp_idx(identity.note,
				strstr(identity.reason, "from a trusted"), i);
		} else {
			test_assert_idx(identity.note == NULL, i);
		}
		/* the same with the address given to dovecot-lda */
		if (strncmp(tests[i].header, REINJECT, strlen(REINJECT)) != 0) {
			request.argument_ip =
				identity.forwarder_ip.family != 0 ?
				identity.forwarder_ip : identity.client_ip;
			identity_find(pool, &set, &request, header, &identity);
			test_assert_idx(identity.source ==
					CLIENT_SOURCE_ARGUMENTS, i);
			test_assert_strcmp_idx(net_ip2addr(&identity.client_ip),
					       tests[i].client_ip, i);
			test_assert_strcmp_idx(identity.forwarder,
					       tests[i].forwarder, i);
		}
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_identity_many_received(void)
{
	pool_t pool = pool_alloconly_create("test", 256 * 1024);
	struct identity_test test = identity_tests[0];
	struct identity identity;
	string_t *str = t_str_new(128 * 1024);

	test_begin("identity_find many Received");
	str_append(str, OWN CLIENT);
	for (unsigned int i = 0; i < 997; i++)
		str_append(str, FORGED_AUTH);
	test.header = str_c(str);
	test_identity_find(pool, &test, "", &identity);
	test_assert_strcmp(net_ip2addr(&identity.client_ip), "192.0.2.1");
	test_assert(identity.origin == EXTERNAL);
	str_truncate(str, 0);
	for (unsigned int i = 0; i < 1000; i++)
		str_append(str, REINJECT);
	test.header = str_c(str);
	test_identity_find(pool, &test, "", &identity);
	test_assert(identity.client_ip.family == 0 &&
		    identity.origin == EXTERNAL);
	pool_unref(&pool);
	test_end();
}

static void test_identity_null_mail_from(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct identity_settings set;
	struct verify_request request;
	struct identity identity;

	test_begin("identity_find mail_from");
	test_identity_settings(pool, &set);
	i_zero(&request);
	identity_find(pool, &set, &request,
		      test_msg_header_parse(pool, "", 0), &identity);
	test_assert(identity.mail_from == NULL);
	request.mail_from = "";
	identity_find(pool, &set, &request,
		      test_msg_header_parse(pool, "", 0), &identity);
	test_assert_strcmp(identity.mail_from, "");
	pool_unref(&pool);
	test_end();
}

static void test_trusted_hosts(void)
{
	static const struct {
		const char *word, *ip;
		bool inside;
	} nets[] = {
		{ "10.0.0.0/8", "10.255.0.1", TRUE },
		{ "10.0.0.0/8", "11.0.0.1", FALSE },
		{ "10.0.0.1", "10.0.0.1", TRUE },
		{ "10.0.0.1", "10.0.0.2", FALSE },
		{ "192.0.2.128/25", "192.0.2.127", FALSE },
		{ "192.0.2.128/25", "192.0.2.128", TRUE },
		{ "0.0.0.0/0", "192.0.2.1", TRUE },
		{ "0.0.0.0/0", "2001:db8::1", FALSE },
		{ "::1", "::1", TRUE },
		{ "::1", "::2", FALSE },
		{ "2001:db8::/32", "2001:db8:ffff::1", TRUE },
		{ "2001:db8::/32", "2001:db9::1", FALSE },
		{ "::ffff:10.0.0.0/104", "10.1.1.1", TRUE },
		{ "::ffff:10.0.0.0/104", "11.1.1.1", FALSE },
		{ "mx.example.fr", "10.0.0.1", FALSE },
	};
	static const char *const bad[] = {
		"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0", "10.0.0.256",
		"::1/129", "2001:db8::/x", "mx/24", "", "mx..fr", "a b", "mx,fr",
		"[::1]x", "1", "-/", "fe80::1%eth0", "..fr", ".-/",
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	const char *words[2] = { NULL, NULL }, *error;
	struct trusted_hosts hosts;
	struct ip_addr ip;
	unsigned int i;

	test_begin("trusted hosts");
	for (i = 0; i < N_ELEMENTS(nets); i++) {
		words[0] = nets[i].word;
		test_assert_idx(trusted_hosts_parse(pool, words, &hosts,
						    &error) == 0, i);
		test_assert_idx(net_addr2ip(nets[i].ip, &ip) == 0, i);
		test_assert_idx(trusted_hosts_has_ip(&hosts, &ip) ==
				nets[i].inside, i);
	}
	for (i = 0; i < N_ELEMENTS(bad); i++) {
		words[0] = bad[i];
		error = NULL;
		test_assert_idx(trusted_hosts_parse(pool, words, &hosts,
						    &error) < 0, i);
		test_assert_idx(error != NULL &&
				strstr(error, bad[i]) != NULL, i);
	}
	words[0] = "MX.Example.fr.";
	test_assert(trusted_hosts_parse(pool, words, &hosts, &error) == 0);
	test_assert(trusted_hosts_has_name(&hosts, "mx.example.FR"));
	test_assert(trusted_hosts_has_name(&hosts, "mx.example.fr."));
	test_assert(!trusted_hosts_has_name(&hosts, "example.fr"));
	test_assert(!trusted_hosts_has_name(&hosts, ""));
	words[0] = ".Example.fr";
	test_assert(trusted_hosts_parse(pool, words, &hosts, &error) == 0);
	test_assert(trusted_hosts_has_name(&hosts, "mx.example.FR"));
	test_assert(trusted_hosts_has_name(&hosts, "a.b.example.fr."));
	test_assert(!trusted_hosts_has_name(&hosts, "example.fr"));
	test_assert(!trusted_hosts_has_name(&hosts, "xexample.fr"));
	test_assert(!trusted_hosts_has_name(&hosts, "mx.example.fr.evil"));
	words[0] = ".";
	test_assert(trusted_hosts_parse(pool, words, &hosts, &error) < 0);
	i_zero(&ip);
	test_assert(!trusted_hosts_has_ip(&hosts, &ip));
	i_zero(&hosts);
	test_assert(!trusted_hosts_has_name(&hosts, "x"));
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_identity,
		test_identity_return_path,
		test_identity_below_boundary,
		test_identity_limits,
		test_identity_relayed,
		test_identity_lines,
		test_identity_lda_arguments,
		test_identity_keys,
		test_identity_key_cut_off,
		test_identity_fetched,
		test_identity_forwarder,
		test_identity_many_received,
		test_identity_null_mail_from,
		test_trusted_hosts,
		NULL
	};
	return test_run(test_functions);
}
