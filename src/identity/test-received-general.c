/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "identity.h"
#include "test-received-parse.h"
#include "test-stranger.h"
#include "test-common.h"
#include "test-file.h"

/* Lines of programs that have no shape of their own here, or got one late. All
   but those of fetching programs are written by mx.example.org for
   192.0.2.77. */
#define MX "mx.example.org"
#define HELO "mail.example.net"
#define IP "192.0.2.77"
#define DATE "Sun, 22 Nov 2026 12:00:00 +0000"
#define FOR "for <u@example.org>; " DATE

static const struct received_test general_tests[] = {
	/* Postfix with another mail_name */
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n"
	  "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
	  "\t(No client certificate requested)\r\n"
	  "\tby mx.example.org (Postcow) with ESMTPS id 4A2165E874\r\n\t" FOR,
	  MX, HELO, IP, "ESMTPS", "4A2165E874", "", NULL },
	{ "from mail.example.net (mail.example.net [IPv6:2001:db8::77])\r\n"
	  "\tby mx.example.org (Proxmox) with ESMTP id 4MsbNp6y3Tz6R520\r\n\t" FOR,
	  MX, HELO, "2001:db8::77", "ESMTP", "4MsbNp6y3Tz6R520", "", NULL },
	{ "from laptop (n [192.0.2.77])\r\n\tby mx.example.org (Postcow) with ESMTPSA id 1;\r\n\t" DATE,
	  MX, "laptop", IP, "ESMTPSA", "1", "a", NULL },
	{ "by mx.example.org (Postcow, from userid 1000)\r\n\tid 77A0C40B81; " DATE,
	  MX, NULL, "", NULL, "77A0C40B81", "p", "1000" },
	{ "by mx.example.org (Postcow)\r\n\tid 77A0C40B81; " DATE,
	  MX, NULL, "", NULL, "77A0C40B81", "p", NULL },
	/* Postfix with smtpd_proxy_filter */
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\tby mx.example.org (Postfix) with ESMTPS\r\n\t" FOR,
	  MX, HELO, IP, "ESMTPS", NULL, "", HELO },
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\tby mx.example.org (Postfix) with ESMTP;\r\n\t" DATE,
	  MX, HELO, IP, "ESMTP", NULL, "", HELO },
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\tby mx.example.org (Postcow) with ESMTPS\r\n\t" FOR,
	  MX, HELO, IP, "ESMTPS", NULL, "", NULL },
	/* Exim with a received_header_text of the site's */
	{ "from mail.example.net ([192.0.2.77]:60178)\r\n"
	  "\tby mx.example.org (envelope-from <a@example.net>) with esmtps (TLS-1.0:DHE_RSA:24) (Exim 4.50) id 1H3KFP-0005pI-08\r\n"
	  "\tfor u@example.org; " DATE,
	  MX, HELO, IP, "esmtps", NULL, "", NULL },
	{ "from [192.0.2.77] (helo=mail.example.net) by mx.example.org with esmtp (Exim 4.96)\r\n\tid 1",
	  MX, HELO, IP, "esmtp", NULL, "", NULL },
	/* qpsmtpd in front of qmail */
	{ "from mail.example.net (HELO mail.example.net) (192.0.2.77)\r\n"
	  "    by mx.example.org (qpsmtpd/0.96) with ESMTP; " DATE,
	  MX, HELO, IP, "ESMTP", NULL, "", NULL },
	/* mox: REQUIRETLS, and a HELO with U-labels */
	{ "from mail.example.net (mail.example.net [192.0.2.77]) by mx.example.org\r\n"
	  " ([198.51.100.1]) via tcp with ESMTPS (requiretls) id Oj3kZbQ9rGxTt1vX\r\n"
	  " (TLS1.3 TLS_AES_128_GCM_SHA256) " FOR,
	  MX, HELO, IP, "ESMTPS", "Oj3kZbQ9rGxTt1vX", "", NULL },
	{ "from b\xc3\xbc" "cher.example (mail.example.net [192.0.2.77]) (xn--bcher-kva.example)\r\n"
	  "\tby mx.example.org ([198.51.100.1]) via tcp with UTF8SMTPS id Oj3kZbQ9rGxTt1vX\r\n"
	  "\t(TLS1.3 TLS_AES_128_GCM_SHA256) " FOR,
	  MX, "b\xc3\xbc" "cher.example", IP, "UTF8SMTPS", "Oj3kZbQ9rGxTt1vX", "", NULL },
	/* Stalwart */
	{ "from mail.example.net (mail.example.net [192.0.2.77] (AS64496 EXAMPLE, US))\r\n"
	  "\t(using TLSv1.3 with cipher TLS13_AES_256_GCM_SHA384)\r\n"
	  "\tby mx.example.org (Stalwart SMTP) with ESMTPS id 36DAF29F3A02098;\r\n\t" DATE,
	  MX, HELO, IP, "ESMTPS", "36DAF29F3A02098", "", NULL },
	{ "from mail.example.net (unknown [2001:db8::77])\r\n\tby mx.example.org (Stalwart SMTP) with ESMTP id 1;\r\n\t" DATE,
	  MX, HELO, "2001:db8::77", "ESMTP", "1", "", NULL },
	/* KumoMTA */
	{ "from mail.example.net (192.0.2.77)\r\n  by mx.example.org (KumoMTA 198.51.100.1) \r\n"
	  "  with ESMTPS (TLSv1_3:TLS13_AES_256_GCM_SHA384) id e3a3b8582dd311f1a07502c82f9c3d17 for <u@example.org>;\r\n  " DATE,
	  MX, HELO, IP, "ESMTPS", NULL, "", NULL },
	/* Exchange without HELO, and as it is */
	{ "from (192.0.2.77) by mx.example.org (198.51.100.1) with Microsoft SMTP\r\n Server id 14.3.195.1; " DATE,
	  MX, NULL, IP, "Microsoft", "14.3.195.1", "", NULL },
	/* IIS */
	{ "from mail.example.net ([192.0.2.77]) by mx.example.org with Microsoft SMTPSVC(10.0.17763.1697);\r\n\t " DATE,
	  MX, HELO, IP, "Microsoft", NULL, "", NULL },
	{ "from mail.example.net ([192.0.2.77]) by mx.example.org over TLS secured channel with Microsoft SMTPSVC(8.5.9600.16384); \r\n\t " DATE,
	  MX, HELO, IP, NULL, NULL, "", NULL },
	/* Cloudflare */
	{ "from mail.example.net (192.0.2.77)\r\n        by mx.example.org (cloudflare) id GY1KdjWjOU9O\r\n        " FOR,
	  MX, HELO, IP, NULL, NULL, "", NULL },
	/* IONOS, GMX, web.de: Nemesis; before that qmail */
	{ "from mail.example.net ([192.0.2.77]) by mx.example.org\r\n"
	  " (mxeue012 [198.51.100.1]) with ESMTPS (Nemesis) id 0M9GoA-1Yx9783qd4-00ChEw\r\n " FOR,
	  MX, HELO, IP, "ESMTPS", NULL, "", NULL },
	{ "from [192.168.1.105] ([192.0.2.77]) by mx.example.org (mrgmx004\r\n [198.51.100.1]) with ESMTPSA (Nemesis) id 1MAfUo-1t50lM41Lk-0063ZB; " DATE,
	  MX, "[192.168.1.105]", IP, "ESMTPSA", NULL, "a", NULL },
	{ "from client.hidden.invalid by mx.example.org (mrgmx105\r\n [198.51.100.1]) with ESMTPSA (Nemesis) id 1; " DATE,
	  MX, "client.hidden.invalid", "", "ESMTPSA", NULL, "am", NULL },
	{ "from n.example.net (EHLO mail.example.net) [192.0.2.77]\r\n  by mx.example.org (mp033) with SMTP; " DATE,
	  MX, HELO, IP, "SMTP", NULL, "", NULL },
	/* Strato */
	{ "from mail.example.net ([192.0.2.77])\r\n    by mx.example.org (RZmta 49.6.6 OK)\r\n    with ESMTPS id x94474z745emBAI\r\n"
	  "    (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256 bits))\r\n"
	  "    (Client CN \"*.example.net\", Issuer \"CA\" (verified OK (+EmiG)))\r\n    (Client hostname verified OK)\r\n    " FOR,
	  MX, HELO, IP, "ESMTPS", "x94474z745emBAI", "", NULL },
	/* Yandex */
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n"
	  "\tby mx.example.org (mxfront/Yandex) with ESMTPS id EGNfVZSP6P-p1uimQ6O;\r\n\t" DATE "\r\n"
	  "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\t(Client certificate not present)",
	  MX, HELO, IP, "ESMTPS", "EGNfVZSP6P-p1uimQ6O", "", NULL },
	/* Yahoo */
	{ "from 127.0.0.1  (EHLO mail.example.net) (192.0.2.77)\r\n  by mx.example.org with SMTPS; " DATE,
	  MX, HELO, IP, "SMTPS", NULL, "", NULL },
	{ "from 192.0.2.77 (EHLO mail.example.net)\r\n by 10.253.229.207 with SMTPs\r\n (version=TLS1_2 cipher=X);\r\n " DATE,
	  "10.253.229.207", HELO, IP, "SMTPs", NULL, "", NULL },
	{ "from 10.197.40.73\r\n by atlas116.free.mail.bf1.yahoo.com pod-id NONE with HTTPS; " DATE,
	  "atlas116.free.mail.bf1.yahoo.com", NULL, "", "HTTPS", NULL, "c", NULL },
	/* Mimecast, older and newer */
	{ "from mail.example.net (mail.example.net\r\n [192.0.2.77]) (Using TLS) by mx.example.org with ESMTP id\r\n us-mta-16-2ZQZ69TyPymft-emgK-B8Q-1; " DATE,
	  MX, HELO, IP, "ESMTP", "us-mta-16-2ZQZ69TyPymft-emgK-B8Q-1", "", NULL },
	{ "from mail.example.net (mail.example.net\r\n [192.0.2.77]) by mx.example.org with ESMTP with STARTTLS\r\n (version=TLSv1.3, cipher=X) id\r\n us-mta-1; " DATE,
	  MX, HELO, IP, "ESMTP", NULL, "", NULL },
	/* Proofpoint, and its smaller brother */
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\tby mx.example.org (PPS) with ESMTPS id 4ab1c2d3e4-1\r\n"
	  "\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NOT)\r\n\t" FOR,
	  MX, HELO, IP, "ESMTPS", "4ab1c2d3e4-1", "", NULL },
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\t(using TLSv1.2 with cipher X (256/256 bits))\r\n"
	  "\t(No client certificate requested)\r\n\tby mx.example.org (PPE Hosted ESMTP Server) with ESMTPS id 4FB93940060;\r\n\t" DATE,
	  MX, HELO, IP, "ESMTPS", "4FB93940060", "", NULL },
	/* Cisco Secure Email */
	{ "from mail.example.net ([192.0.2.77])\r\n  by mx.example.org with ESMTP; 22 Nov 2026 12:00:00 +0000",
	  MX, HELO, IP, "ESMTP", NULL, "", NULL },
	{ "from n.example.net (HELO mail.example.net) ([192.0.2.77])\r\n  by mx.example.org with ESMTP/TLS/ECDHE-RSA-AES128-GCM-SHA256; 22 Nov 2026 12:00:00 +0000",
	  MX, HELO, IP, "ESMTP/TLS/ECDHE-RSA-AES128-GCM-SHA256", NULL, "", NULL },
	/* Barracuda */
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\tby mx.example.org (Spam Firewall) with ESMTP id B30CCDA5D\r\n\t" FOR,
	  MX, HELO, IP, "ESMTP", "B30CCDA5D", "", NULL },
	{ "from mail.example.net (mail.example.net [192.0.2.77]) by mx.example.org with ESMTP id CeDhXMpqfiMu6K7q; " DATE,
	  MX, HELO, IP, "ESMTP", "CeDhXMpqfiMu6K7q", "", NULL },
	/* FortiMail: Sendmail's line with another version */
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\tby mx.example.org  with ESMTPS id 4AMC00ab012345-4AMC00ad012345\r\n"
	  "\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO)\r\n\t" FOR,
	  MX, HELO, IP, "ESMTPS", "4AMC00ab012345-4AMC00ad012345", "", NULL },
	/* Symantec, MailMarshal, Mirapoint */
	{ "from mail.example.net (Unknown_Domain [192.0.2.77])\r\n\t(using TLS with cipher DHE-RSA-AES256-SHA (256/256 bits))\r\n"
	  "\t(Client did not present a certificate)\r\n\tby mx.example.org (Symantec Messaging Gateway) with SMTP id 73.B0.14113.98941C85; " DATE,
	  MX, HELO, IP, "SMTP", "73.B0.14113.98941C85", "", NULL },
	{ "from mail.example.net (Not Verified[192.0.2.77]) by mx.example.org with MailMarshal (v6,7,2,8378)\r\n        id <B4e8a46190001>; " DATE,
	  MX, HELO, IP, "MailMarshal", NULL, "", NULL },
	{ "from n.example.net (EHLO mail.example.net) ([192.0.2.77])\r\n\tby mx.example.org (MOS 4.4.8-GA FastPath queued)\r\n\twith ESMTP id DED33494;\r\n\t" DATE,
	  MX, HELO, IP, "ESMTP", "DED33494", "", NULL },
	/* ASSP, and behind its own port */
	{ "from mail.example.net ([192.0.2.77] helo=mail.example.net) by\r\n\tmx.example.org with ESMTP (ASSP 1.9.9); 22 Nov 2026 12:00:00 +0000",
	  MX, HELO, IP, "ESMTP", NULL, "", NULL },
	{ "from mail.example.net ([192.0.2.77] helo=mail.example.net) with IPv4:25 by\r\n\tmx.example.org; 22 Nov 2026 12:00:00 +0000",
	  MX, HELO, IP, NULL, NULL, "", NULL },
	/* Oracle, MDaemon, hMailServer, Kerio, MailEnable, IceWarp */
	{ "from mail.example.net ([192.0.2.77]) by mx.example.org\r\n (Oracle Communications Messaging Server 8.1.0.1.20190704 64bit (built Jul  4 2019))\r\n"
	  " with ESMTPS id <0NOT00G7OC3ASW70@mx.example.org>; " DATE,
	  MX, HELO, IP, "ESMTPS", "<0NOT00G7OC3ASW70@mx.example.org>", "", NULL },
	{ "from mail.example.net ([192.0.2.77]) by mx.example.org (198.51.100.1) (MDaemon PRO v26.0.2) \r\n\twith ESMTPS id md5001005270902.msg; " DATE,
	  MX, HELO, IP, "ESMTPS", "md5001005270902.msg", "", NULL },
	{ "from mail.example.net ([192.0.2.77])\r\n\tby mx.example.org (mx.example.org)\r\n\t(MDaemon PRO v9.6.5)\r\n\twith ESMTP id md50001359993.msg\r\n\t" FOR,
	  MX, HELO, IP, "ESMTP", "md50001359993.msg", "", NULL },
	{ "from mail.example.net (mail.example.net [192.0.2.77])\r\n\tby mx.example.org with ESMTPS\r\n\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256)\r\n\t; " DATE,
	  MX, HELO, IP, "ESMTPS", NULL, "", NULL },
	{ "from mail.example.net ([192.0.2.77])\r\n        by mx.example.org (Kerio Connect 10.0.8 patch 2) with ESMTP;\r\n        " DATE,
	  MX, HELO, IP, "ESMTP", NULL, "", NULL },
	{ "from mail.example.net ([192.0.2.77])\r\n        (authenticated user bob@example.org)\r\n        by mx.example.org (Kerio Connect 9.4.2) with ESMTPSA\r\n"
	  "        (using TLSv1.2 with cipher X (256 bits));\r\n        " DATE,
	  MX, HELO, IP, "ESMTPSA", NULL, "a", NULL },
	{ "from mail.example.net ([192.0.2.77]) by mx.example.org with MailEnable ESMTP; " DATE,
	  MX, HELO, IP, "MailEnable", NULL, "", NULL },
	{ "from mail.example.net ([192.0.2.77])\r\n        by mx.example.org (IceWarp 14.2.0.4 RHEL7 x64) with ESMTPS (TLS) id 202611221200000001\r\n        " FOR,
	  MX, HELO, IP, "ESMTPS", NULL, "", NULL },
	{ "from [IPV6:2001:db8::77] by mx.example.org (IPv6:2001:db8::1) (MDaemon PRO v23.5.1) \r\n\twith ESMTPSA id md1.msg; " DATE,
	  MX, "[IPV6:2001:db8::77]", "", "ESMTPSA", "md1.msg", "am", NULL },
	/* CommuniGate: the address may stand where others have HELO */
	{ "from mail.example.net ([192.0.2.77] verified)\r\n  by mx.example.org (CommuniGate Pro SMTP 5.1.13)\r\n  with ESMTPS id 9837783 for u@example.org; " DATE,
	  MX, HELO, IP, "ESMTPS", "9837783", "", NULL },
	{ "from [192.0.2.77] (HELO mail.example.net)\r\n  by mx.example.org (CommuniGate Pro SMTP 6.1.2)\r\n  with ESMTP id 650626433; " DATE,
	  MX, HELO, IP, "ESMTP", "650626433", "", NULL },
	{ "from [192.0.2.77] (HELO [10.0.0.1])\r\n  by mx.example.org (CommuniGate Pro SMTP 7.1.1)\r\n  with ESMTPS id 11859414; " DATE,
	  MX, "[10.0.0.1]", "", "ESMTPS", "11859414", "mh", NULL },
	{ "from [192.0.2.77] (account bob@example.org HELO laptop)\r\n  by mx.example.org (CommuniGate Pro SMTP 6.1.11)\r\n  with ESMTPSA id 1; " DATE,
	  MX, "laptop", IP, "ESMTPSA", "1", "a", NULL },
	{ "from [192.0.2.77] (account bob [192.0.2.77] verified)\r\n  by mx.example.org (CommuniGate Pro SMTP 5.0.9)\r\n  with ESMTPA id 1; " DATE,
	  MX, "[192.0.2.77]", IP, "ESMTPA", "1", "a", NULL },
	/* Axigen */
	{ "from mail.example.net (192.0.2.77) by mx.example.org (Axigen) with ESMTPS id\r\n\t0FB2FB; " DATE,
	  MX, HELO, IP, "ESMTPS", "0FB2FB", "", NULL },
	{ "from [IPV6:2001:db8::77]\r\n (2001:db8::77) by mx.example.org (Axigen)\r\n with (ECDHE-RSA-AES128-GCM-SHA256 encrypted) ESMTPSA id 1B91D7;\r\n " DATE,
	  MX, "[IPV6:2001:db8::77]", "2001:db8::77", "ESMTPSA", "1B91D7", "a", NULL },
	/* ZMailer */
	{ "from mail.example.net ([192.0.2.77]:63376 \"EHLO\r\n        mail.example.net\" rhost-flags-OK-OK-OK-OK)\r\n"
	  "        by mx.example.org with ESMTP id S1726294AbgCQTzD (ORCPT\r\n        <rfc822;u@example.org>); " DATE,
	  MX, HELO, IP, "ESMTP", "S1726294AbgCQTzD", "", NULL },
	/* Zimbra's LMTP, Postal, Momentum, sSMTP-like */
	{ "from mail.example.net (LHLO mail.example.net) (192.0.2.77) by\r\n mx.example.org with LMTP; " DATE,
	  MX, HELO, IP, "LMTP", NULL, "", NULL },
	{ "from mail.example.net (mail.example.net [192.0.2.77]) by mx.example.org with SMTP; " DATE,
	  MX, HELO, IP, "SMTP", NULL, "", NULL },
	{ "from [192.0.2.77] ([192.0.2.77:20729] helo=mail.example.net)\r\n\tby mx.example.org (envelope-from <a@example.net>)\r\n"
	  "\t(ecelerity 4.4.1.20033 r(msys-ecelerity:tags/4.4.1.0^0)) with ESMTP\r\n\tid 97/98-06351-3E9C6676; " DATE,
	  MX, HELO, IP, "ESMTP", "97/98-06351-3E9C6676", "", NULL },
	/* Postini, T-Online, and lines that name the address twice */
	{ "from source ([192.0.2.77]) (using TLSv1) by mx.example.org\r\n ([198.51.100.1]) with SMTP; " DATE,
	  MX, "source", IP, "SMTP", NULL, "", NULL },
	{ "from mail.example.net ([192.0.2.77]) by mx.example.org\r\n\twith (TLSv1.3:TLS_AES_256_GCM_SHA384 encrypted)\r\n\tesmtp id 1tEabc-0001xY-2Z; " DATE,
	  MX, HELO, IP, "esmtp", "1tEabc-0001xY-2Z", "", NULL },
	{ "from [192.0.2.77] (unknown [192.0.2.77])\r\n\tby mx.example.org (Example Relay) with SMTP id 1; " DATE,
	  MX, "[192.0.2.77]", IP, "SMTP", "1", "", NULL },
	/* fetched */
	{ "from imap.example.net (198.51.100.7:993) by mx.example.org with\r\n IMAP4-SSL getmail6 msgid:11/315750; 22 Nov 2026 12:00:00 -0000",
	  MX, NULL, "198.51.100.7", "IMAP4-SSL", NULL, "f", NULL },
	{ "from imap.example.net ([2001:db8::1]:993) by mx.example.org with\r\n IMAP4-SSL getmail6 msgid:11/315750; 22 Nov 2026 12:00:00 -0000",
	  MX, NULL, "2001:db8::1", "IMAP4-SSL", NULL, "f", NULL },
	{ "from imap.example.net (198.51.100.7:993) by mx.example.org with IMAP4-SSL;\r\n  22 Nov 2026 12:00:00 -0000",
	  MX, NULL, "198.51.100.7", "IMAP4-SSL", NULL, "f", NULL },
	{ "from pop.example.net (198.51.100.7:110:x) by mx.example.org with POP3; 22 Nov",
	  MX, "pop.example.net", "", "POP3", NULL, "f", NULL },

	/* webmail: its client is no SMTP client */
	{ "from [192.0.2.77]\r\n\tby mx.example.org\r\n\twith HTTP (HTTP/1.1 POST); " DATE,
	  MX, "[192.0.2.77]", "", "HTTP", NULL, "m", NULL },
	{ "from n.example.net (n.example.net [192.0.2.77]) by\r\n mx.example.org (Horde Framework) with HTTPS; " DATE,
	  MX, "n.example.net", "", "HTTPS", NULL, "m", NULL },
	/* no address */
	{ "from mail.example.net by mx.example.org with SMTP; " DATE,
	  MX, HELO, "", "SMTP", NULL, "m", NULL },
	{ "by mx.example.org with ESMTP id 1; " DATE,
	  MX, NULL, "", "ESMTP", "1", "m", NULL },
	{ "(from bob) by mx.example.org; " DATE,
	  MX, NULL, "", NULL, NULL, "m", NULL },
	/* HELO is none, and nothing else is there */
	{ "from [192.0.2.9] by mx.example.org with SMTP; " DATE,
	  MX, "[192.0.2.9]", "", "SMTP", NULL, "mh", NULL },
	{ "from 192.0.2.9 by mx.example.org with SMTP; " DATE,
	  MX, "192.0.2.9", "", "SMTP", NULL, "mh", NULL },
	{ "from x 192.0.2.9 by mx.example.org with SMTP; " DATE,
	  MX, "x", "", "SMTP", NULL, "mh", NULL },
	/* more than one */
	{ "from [192.0.2.9] (x [192.0.2.8]) ([192.0.2.77]) by mx.example.org with SMTP; " DATE,
	  MX, "[192.0.2.9]", "", "SMTP", NULL, "mh", NULL },
	{ "from x ([192.0.2.77]) (10.0.0.1) by mx.example.org with SMTP; " DATE,
	  MX, "x", "", "SMTP", NULL, "mh", NULL },
	{ "from x [10.0.0.1] [ ([192.0.2.77]) by mx.example.org with SMTP; " DATE,
	  MX, "x", "", "SMTP", NULL, "mh", NULL },
	{ "from x ([10.0.0.1]) by mx.example.org with ESMTPSA id 1 ([192.0.2.77]) by mx.example.org with ESMTP; " DATE,
	  MX, "x", "", "ESMTPSA", "1", "mh", NULL },
	{ "from x ([192.0.2.77]) by mx.example.org with ESMTP by other; " DATE,
	  MX, "x", "", "ESMTP", NULL, "mh", NULL },
	/* damage */
	{ "from mail.example.net (mail.example.net [192.0.2.)\r\n\tby mx.example.org (X) with ESMTP id 1; " DATE,
	  MX, HELO, "", "ESMTP", "1", "mh", NULL },
	{ "from mail.example.net (mail.example.net [192.0.2])\r\n\tby mx.example.org (X) with ESMTP id 1; " DATE,
	  MX, HELO, "", "ESMTP", "1", "mh", NULL },
	{ "from mail.example.net (mail.example.net [192.0.2.77]\r\n\tby mx.example.org (X) with ESMTP id 1; " DATE,
	  MX, HELO, "", "ESMTP", "1", "mh", NULL },
	{ "from x \x01 ([192.0.2.77])\r\n\tby mx.example.org (X) with ESMTP id 1; " DATE,
	  MX, "x", "", "ESMTP", "1", "mh", NULL },
	{ "from (10.0.0.1) [192.0.2.\r\n\tby mx.example.org (X) with ESMTP id 1; " DATE,
	  MX, NULL, "", "ESMTP", "1", "mh", NULL },
	/* an envelope address logs nobody in, and fetches nothing */
	{ "from x ([192.0.2.77])\r\n\tby mx.example.org (envelope-from <\"a) with ESMTPSA (\"@b>) with ESMTP; " DATE,
	  MX, "x", IP, "ESMTPSA", NULL, "", NULL },
	{ "from x ([192.0.2.77])\r\n\tby mx.example.org (envelope-from <\"a) with HTTP (\"@b>); " DATE,
	  MX, "x", IP, "HTTP", NULL, "", NULL },
	{ "from x ([192.0.2.77])\r\n\tby mx.example.org (envelope-from <\"a) with POP3 (\"@b>); " DATE,
	  MX, "x", IP, "POP3", NULL, "", NULL },
	/* not ours */
	{ "from mail.example.net (192.0.2.77) by mx.other.example (Axigen) with ESMTPS id 1; " DATE,
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "from mail.example.net (192.0.2.77) bymx.example.org with ESMTPS id 1; " DATE,
	  NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "", NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

static void writers_parse(pool_t pool, struct trusted_hosts *writers_r)
{
	static const char *const words[] = { MX, NULL };
	const char *error;

	if (trusted_hosts_parse(pool, words, writers_r, &error) < 0)
		i_unreached();
}

static void test_received_general(void)
{
	pool_t pool = pool_alloconly_create("writers", 256);
	struct trusted_hosts writers;

	test_begin("received_parse_trusted");
	writers_parse(pool, &writers);
	test_received_cases_by(general_tests, N_ELEMENTS(general_tests),
			       &writers);
	pool_unref(&pool);
	test_end();
}

/* How programs write a line: "%h" is HELO, "%n" the name in DNS, "%i" the
   address, "%e" an address of the envelope, "%c" what a certificate says. None
   of them is cleaned, but "%w" is one word and "%p" as Postfix cleans it. */
static const struct {
	const char *line;
	/* broken between any words */
	bool folded;
} hostile_programs[] = {
	{ "from %p (%w [%i])\n\t(using TLSv1.3 with cipher X (256/256 bits))\n\t(Client CN \"%p\", Issuer \"x\" (not verified))\n\tby mx.example.fr (Postcow) with ESMTPS id 1\n\tfor <%e>; Sun", FALSE },
	{ "from %h (%n [%i])\n\tby mx.example.fr (SkyGuard) with ESMTP id 1\n\tfor <%e>; Sun", FALSE },
	{ "from %h (%n [%i])\n\tby mx.example.fr (Postfix) with ESMTPS\n\tfor <%e>; Sun", FALSE },
	{ "from %h ([%i]:60178)\n\tby mx.example.fr (envelope-from <%e>) with esmtps (X) (Exim 4.50) id 1\n\tfor %e; Sun", FALSE },
	{ "from %n (HELO %h) (%i)\n    by mx.example.fr (qpsmtpd/0.96) with ESMTP; Sun", FALSE },
	{ "from %h (%n [%i] (AS64496 EXAMPLE, US))\n\t(using X)\n\tby mx.example.fr (Stalwart SMTP) with ESMTPS id 1;\n\tSun", FALSE },
	{ "from %h (%i)\n  by mx.example.fr (KumoMTA 198.51.100.1) \n  with ESMTPS (X) id 1 for <%e>;\n  Sun", FALSE },
	{ "from %h (%i) by mx.example.fr (198.51.100.1) with Microsoft SMTP Server id 14.3.195.1; Sun", TRUE },
	{ "from %h ([%i]) by mx.example.fr with Microsoft SMTPSVC(10.0.17763.1697);\n\t Sun", FALSE },
	{ "from %h ([%i]) by mx.example.fr over TLS secured channel with Microsoft SMTPSVC(10.0); Sun", TRUE },
	{ "from %h (%i)\n        by mx.example.fr (cloudflare) id 1\n        for <%e>; Sun", FALSE },
	{ "from %h ([%i]) by mx.example.fr (mxeue012 [198.51.100.1]) with ESMTPS (Nemesis) id 1 for <%e>; Sun", TRUE },
	{ "from %n (EHLO %h) [%i]\n  by mx.example.fr (mp033) with SMTP; Sun", FALSE },
	{ "from %h ([%i])\n    by mx.example.fr (RZmta 49.6.6 OK)\n    with ESMTPS id 1\n    (Client CN \"%c\", Issuer \"CA\" (verified OK))\n    for <%e>; Sun", FALSE },
	{ "from %h (%n [%i])\n\tby mx.example.fr (mxfront/Yandex) with ESMTPS id 1;\n\tSun\n\t(using X)\n\t(Client CN \"%c\")", FALSE },
	{ "from 127.0.0.1  (EHLO %h) (%i)\n  by mx.example.fr with SMTPS; Sun", FALSE },
	{ "from %h (%n [%i]) (Using TLS) by mx.example.fr with ESMTP id us-mta-1; Sun", TRUE },
	{ "from %h (%n [%i]) by mx.example.fr with ESMTP with STARTTLS (version=X) id us-mta-1; Sun", TRUE },
	{ "from %h (%n [%i])\n\tby mx.example.fr (PPS) with ESMTPS id 1\n\t(version=X verify=NOT)\n\tfor <%e>; Sun", FALSE },
	{ "from %h ([%i])\n  by mx.example.fr with ESMTP; 22 Nov", FALSE },
	{ "from %n (HELO %h) ([%i])\n  by mx.example.fr with ESMTP/TLS/X; 22 Nov", FALSE },
	{ "from %h (%n [%i])\n\tby mx.example.fr (Spam Firewall) with ESMTP id 1\n\tfor <%e>; Sun", FALSE },
	{ "from %h (%n [%i])\n\tby mx.example.fr  with ESMTPS id 1-1\n\t(version=X)\n\tfor <%e>; Sun", FALSE },
	{ "from %h (%n [%i])\n\t(using X)\n\tby mx.example.fr (Symantec Messaging Gateway) with SMTP id 1; Sun", FALSE },
	{ "from %h (Not Verified[%i]) by mx.example.fr with MailMarshal (v6,7,2,8378)\n        id <B4e8a46190001>; Sun", FALSE },
	{ "from %n (EHLO %h) ([%i])\n\tby mx.example.fr (MOS 4.4.8-GA FastPath queued)\n\twith ESMTP id 1;\n\tSun", FALSE },
	{ "from %h ([%i] helo=%h) by mx.example.fr with ESMTP (ASSP 1.9.9); Sun", TRUE },
	{ "from %h ([%i]) by mx.example.fr (Oracle Communications Messaging Server 8.1 (built Jul  4 2019)) with ESMTPS id <1@mx.example.fr>; Sun", TRUE },
	{ "from %h ([%i]) by mx.example.fr (198.51.100.1) (MDaemon PRO v26.0.2) \n\twith ESMTPS id md5001.msg; Sun", FALSE },
	{ "from %h (%n [%i])\n\tby mx.example.fr with ESMTPS\n\t(version=X)\n\t; Sun", FALSE },
	{ "from %h ([%i])\n        by mx.example.fr (Kerio Connect 10.0.8 patch 2) with ESMTP;\n        Sun", FALSE },
	{ "from %h ([%i]) by mx.example.fr with MailEnable ESMTP; Sun", FALSE },
	{ "from %h ([%i])\n        by mx.example.fr (IceWarp 14.2.0.4 RHEL7 x64) with ESMTPS (TLS) id 1\n        for <%e>; Sun", FALSE },
	{ "from %w ([%i])\n  by mx.example.fr (CommuniGate Pro SMTP 5.1.13)\n  with ESMTPS id 1 for %e; Sun", FALSE },
	{ "from [%i] (HELO %h)\n  by mx.example.fr (CommuniGate Pro SMTP 6.1.2)\n  with ESMTP id 1; Sun", FALSE },
	{ "from %h (%i) by mx.example.fr (Axigen) with ESMTPS id\n\t0FB2FB; Sun", FALSE },
	{ "from %n ([%i]:63376 \"EHLO %h\" rhost-flags-OK-OK-OK-OK) by mx.example.fr with ESMTP id 1 (ORCPT <rfc822;%e>); Sun", TRUE },
	{ "from %h (LHLO %h) (%i) by mx.example.fr with LMTP; Sun", TRUE },
	{ "from %h (%n [%i]) by mx.example.fr with SMTP; Sun", FALSE },
	{ "from [%i] ([%i:20729] helo=%h)\n\tby mx.example.fr (envelope-from <%e>)\n\t(ecelerity 4.4 r()) with ESMTP\n\tid 1; Sun", FALSE },
	{ "from source ([%i]) (using TLSv1) by mx.example.fr\n ([198.51.100.1]) with SMTP; Sun", FALSE },
	{ "from %h ([%i]) by mx.example.fr with (X encrypted) esmtp id 1; Sun", TRUE },
	{ "from %w (%n [%i]) (%w)\n\tby mx.example.fr ([198.51.100.1]) via tcp with UTF8SMTPS (requiretls) id 1\n\t(X) for <%e>; Sun", FALSE },
};

static const char *
write_line(struct stranger *stranger, const char *format, bool folded)
{
	string_t *str = t_str_new(1024);
	unsigned int column = 10;

	for (; *format != '\0'; format++) {
		size_t size = str_len(str);

		if (*format == '\n')
			str_append(str, "\r\n");
		else if (*format != '%')
			str_append_c(str, *format);
		else switch (*++format) {
		case 'i':
			str_append(str, stranger->ip);
			break;
		case 'w':
			str_append(str, word(stranger_text(stranger, 255),
					     ALNUM ".-[]:_"));
			break;
		case 'p':
			str_append(str, replaced(stranger_text(stranger, 500),
				" <>()\\\";@[]", FALSE, '?'));
			break;
		default:
			str_append(str, stranger_text(stranger,
				*format == 'h' ? 1500 : 255));
		}
		/* at any space, the client's too */
		for (; folded && size < str_len(str); size++) {
			if (str_c(str)[size] == '\n')
				column = 0;
			if (column++ > 60 && str_c(str)[size] == ' ') {
				str_insert(str, size, "\r\n");
				size += 2;
				column = 1;
			}
		}
	}
	return str_c(str);
}

static const char *
program_write(struct stranger *stranger, unsigned int idx)
{
	const char *text = write_line(stranger, hostile_programs[idx].line,
				      hostile_programs[idx].folded);

	return test_random(stranger, 2) == 0 ? stranger_lines_broken(text) :
		text;
}

/* fields whose address was believed */
static unsigned int found;

static bool
stranger_gains_nothing(const struct received *received, const char *ip,
		       unsigned int idx ATTR_UNUSED)
{
	if (received->authenticated || received->local_pickup ||
	    received->continues || received->fetched ||
	    strncmp(received->by, "mx.example.fr", 13) != 0)
		return FALSE;
	if (received->masked) {
		return received->masked_by_client &&
			received->from_ip.family == 0;
	}
	found++;
	return strcmp(net_ip2addr(&received->from_ip), ip) == 0;
}

static void test_received_general_strangers(void)
{
	struct stranger_program program = {
		.write = program_write,
		.is_right = stranger_gains_nothing,
	};
	static const char *const words[] = {
		"mx.example.fr", "10.0.0.0/8", NULL
	};
	pool_t pool = pool_alloconly_create("writers", 256);
	struct stranger stranger = { .state = 7 };
	struct trusted_hosts writers;
	const char *error;

	test_begin("received_parse_trusted: nothing a stranger says helps him");
	if (trusted_hosts_parse(pool, words, &writers, &error) < 0)
		i_unreached();
	program.writers = &writers;
	for (unsigned int i = 0; i < N_ELEMENTS(hostile_programs); i++) {
		found = 0;
		test_stranger_fields(&stranger, &program, i);
		/* he is found where he behaves */
		test_assert_idx(found > 50, i);
	}
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_received_general,
		test_received_general_strangers,
		NULL
	};
	return test_run(test_functions);
}
