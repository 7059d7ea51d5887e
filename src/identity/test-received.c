/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-received-parse.h"
#include "test-common.h"
#include "test-file.h"

/* One of each shape, and its variants: from real mail, and as the MTAs' sources
   write them. */
static const struct received_test received_tests[] = {
	/* 1 Postfix: TLS, verified name */
	{ "from smtp4-g21.free.fr (smtp4-g21.free.fr [212.27.42.4])\r\n"
	  "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
	  "\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n"
	  "\t(No client certificate requested)\r\n"
	  "\tby mx.example.fr (Postfix) with ESMTPS id 4XyZ1t0Qz6z9sT\r\n"
	  "\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:00 +0100 (CET)",
	  "mx.example.fr", "smtp4-g21.free.fr", "212.27.42.4", "ESMTPS",
	  "4XyZ1t0Qz6z9sT", "", "smtp4-g21.free.fr" },
	/* 2 no name, IPv6, HELO is a literal */
	{ "from [IPv6:2001:db8::7] (unknown [IPv6:2001:db8::7])\r\n"
	  "\tby mx.example.fr (Postfix) with ESMTP id 9F1A240B7C\r\n"
	  "\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:01 +0100 (CET)",
	  "mx.example.fr", "[IPv6:2001:db8::7]", "2001:db8::7", "ESMTP",
	  "9F1A240B7C", "", NULL },
	/* 3 submission */
	{ "from laptop.local (lfbn-1.example [198.51.100.9])\r\n"
	  "\t(Authenticated sender: bob)\r\n"
	  "\tby mx.example.fr (Postfix) with ESMTPSA id 1B2C3D4E5F;\r\n"
	  "\tSun, 22 Nov 2026 10:00:02 +0100 (CET)",
	  "mx.example.fr", "laptop.local", "198.51.100.9", "ESMTPSA",
	  "1B2C3D4E5F", "a", "lfbn-1.example" },
	{ "from a (b [198.51.100.9])\r\n\tby mx (Postfix) with ESMTPA id 1;",
	  "mx", "a", "198.51.100.9", "ESMTPA", "1", "a", "b" },
	{ "from a (b [198.51.100.9])\r\n\tby mx (Postfix) with UTF8SMTPSA id 1;",
	  "mx", "a", "198.51.100.9", "UTF8SMTPSA", "1", "a", "b" },
	{ "from a (b [198.51.100.9])\r\n\t(Authenticated sender: bob)\r\n"
	  "\tby mx (Postfix) with ESMTP id 1;",
	  "mx", "a", "198.51.100.9", "ESMTP", "1", "a", "b" },
	/* 4 pickup, Postfix's own, a login it hides */
	{ "by mx.example.fr (Postfix, from userid 1000)\r\n"
	  "\tid 77A0C40B81; Sun, 22 Nov 2026 10:00:03 +0100 (CET)",
	  "mx.example.fr", NULL, "", NULL, "77A0C40B81", "p", "1000" },
	{ "by mx.example.fr (Postfix)\r\n\tid 77A0C40B81; Sun",
	  "mx.example.fr", NULL, "", NULL, "77A0C40B81", "p", NULL },
	/* case, IPv4-mapped, scope */
	{ "FROM a (b [IPv6:::ffff:192.0.2.1])\r\n\tBY mx (Postfix) WITH SMTP ID 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "", "b" },
	{ "from a (b [::ffff:192.0.2.1])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "192.0.2.1", "SMTP", "1", "", "b" },
	{ "from a (unknown [IPv6:fe80::1%eth0])\r\n\tby mx (Postfix) with SMTP id 1;",
	  "mx", "a", "fe80::1", "SMTP", "1", "", NULL },
	/* a certificate may say anything, deeper */
	{ "from a (b [192.0.2.1])\r\n\t(Client CN \"x (Authenticated sender: bob)"
	  " by mx2 ?Postfix? with ESMTPSA\", Issuer \"y\" (verified OK))\r\n"
	  "\tby mx (Postfix) with ESMTPS id 1;",
	  "mx", "a", "192.0.2.1", "ESMTPS", "1", "", "b" },

	/* 5 amavis */
	{ "from mx.example.fr ([127.0.0.1])\r\n"
	  " by localhost (mx.example.fr [127.0.0.1]) (amavisd-new, port 10024)\r\n"
	  " with ESMTP id aBcDeFgHiJkL for <alice@example.fr>;\r\n Sun",
	  "mx.example.fr", "mx.example.fr", "127.0.0.1", "ESMTP",
	  "aBcDeFgHiJkL", "", NULL },
	{ "from mx.example.fr ([IPv6:::1]) (using TLS with cipher X)\r\n"
	  " by amavis.example.fr (mx.example.fr [IPv6:::1]) (Example Filter, port 10026)\r\n"
	  " with LMTP\r\n id 1;\r\n Sun",
	  "mx.example.fr", "mx.example.fr", "::1", "LMTP", "1", "", NULL },
	{ "from mx.example.fr\r\n by amavis.example.fr (amavis, unix socket)\r\n"
	  " id 1;\r\n Sun",
	  "amavis.example.fr", "mx.example.fr", "", NULL, "1", "", NULL },

	/* 6 Exim: name verified and HELO the same */
	{ "from mail.example.org ([192.0.2.5])\r\n\tby mx.example.fr with esmtp (Exim 4.96)\r\n"
	  "\t(envelope-from <bob@example.org>)\r\n\tid 1tEabc-0001xY-2Z\r\n\tfor alice@example.fr;\r\n\tSun",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "esmtp", NULL, "",
	  "mail.example.org" },
	/* another HELO */
	{ "from host5.example.org ([192.0.2.5] helo=mail.example.org)\r\n"
	  "\tby mx.example.fr with smtp (Exim 4.96)\r\n\tid 1",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "smtp", NULL, "",
	  "host5.example.org" },
	/* name not verified */
	{ "from [192.0.2.5] (helo=mail.example.org)\r\n"
	  "\tby mx.example.fr with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n"
	  "\t(Exim 4.96)\r\n\t(envelope-from <bob@example.org>)\r\n\tid 1tEabc-0001xY-2Z\r\n"
	  "\tfor alice@example.fr;\r\n\tSun, 22 Nov 2026 10:00:05 +0100",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "esmtps", NULL, "",
	  NULL },
	/* port and ident */
	{ "from [192.0.2.5] (port=40122 helo=mail.example.org ident=mail)\r\n"
	  "\tby mx with esmtps (TLS1.2:ECDHE_RSA_AES_256:256)\r\n\t(Exim 4.92)\r\n\tid 1",
	  "mx", "mail.example.org", "192.0.2.5", "esmtps", NULL, "", NULL },
	{ "from [192.0.2.5] (port=40122)\r\n\tby mx with smtp (Exim 4.96)\r\n\tid 1",
	  "mx", NULL, "192.0.2.5", "smtp", NULL, "", NULL },
	{ "from [192.0.2.5] (ident=mail)\r\n\tby mx with smtp (Exim 4.96)\r\n\tid 1",
	  "mx", NULL, "192.0.2.5", "smtp", NULL, "", NULL },
	{ "from [192.0.2.5]\r\n\tby mx with smtp (Exim 4.96)\r\n\tid 1",
	  "mx", NULL, "192.0.2.5", "smtp", NULL, "", NULL },
	{ "from host5.example.org ([192.0.2.5]:40122 helo=[192.0.2.9])\r\n\tby mx with esmtpa (Exim 4.96)\r\n\tid 1",
	  "mx", "[192.0.2.9]", "192.0.2.5", "esmtpa", NULL, "a",
	  "host5.example.org" },
	{ "from host5.example.org\r\n\t([192.0.2.5] helo=mail.example.org ident=a b)\r\n\tby mx with esmtpsa (TLS1.3) tls X\r\n\t(Exim 4.96)\r\n\tid 1",
	  "mx", "mail.example.org", "192.0.2.5", "esmtpsa", NULL, "a",
	  "host5.example.org" },
	{ "from host5.example.org ([192.0.2.5] ident=mail)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "host5.example.org", "192.0.2.5", "esmtp", NULL, "",
	  "host5.example.org" },
	/* IPv6 */
	{ "from [2001:db8::5] (helo=mail.example.org)\r\n\tby mx with esmtp (Exim 4.96)\r\n\tid 1",
	  "mx", "mail.example.org", "2001:db8::5", "esmtp", NULL, "", NULL },
	/* local */
	{ "from bob by mx.example.fr with local (Exim 4.96)\r\n\t(envelope-from <bob@mx.example.fr>)\r\n\tid 1",
	  "mx.example.fr", NULL, "", "local", NULL, "p", "bob" },
	{ "from debian-spamd by mx.example.fr with spam-scanned (Exim 4.96)\r\n\tid 1",
	  "mx.example.fr", NULL, "", "spam-scanned", NULL, "p", "debian-spamd" },
	{ "from bob (helo=localhost)\r\n\tby mx.example.fr with local-esmtp (Exim 4.96)\r\n\tid 1",
	  "mx.example.fr", NULL, "", "local-esmtp", NULL, "p", "bob" },
	{ "by mx.example.fr with local (Exim 4.96)\r\n\tid 1",
	  "mx.example.fr", NULL, "", "local", NULL, "p", NULL },

	/* 7 Sendmail */
	{ "from mail.example.org (mail.example.org [192.0.2.5] (may be forged))\r\n"
	  "\tby mx.example.fr (8.17.1.9/8.17.1.9/Debian-2+deb12u2) with ESMTPS id 3AM90ABC012345\r\n"
	  "\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NOT)\r\n"
	  "\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:06 +0100",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTPS",
	  "3AM90ABC012345", "", NULL },
	{ "from mail.example.org (host5.example.org [192.0.2.5])\r\n"
	  "\tby mx.example.fr (8.17.1.9/8.17.1.9) with ESMTP id 1",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTP", "1", "",
	  "host5.example.org" },
	{ "from mail.example.org ([192.0.2.5])\r\n\tby mx (8.15.2/8.15.2) with ESMTP id 1",
	  "mx", "mail.example.org", "192.0.2.5", "ESMTP", "1", "", NULL },
	{ "from mail.example.org ([IPv6:2001:db8::5])\r\n\tby mx (8.15.2/8.15.2) with ESMTP id 1",
	  "mx", "mail.example.org", "2001:db8::5", "ESMTP", "1", "", NULL },
	{ "from mail.example.org (IDENT:bob@host5.example.org [192.0.2.5])\r\n\tby mx (8.15.2/8.15.2) with ESMTP id 1",
	  "mx", "mail.example.org", "192.0.2.5", "ESMTP", "1", "",
	  "host5.example.org" },
	{ "from mail.example.org (bob@[192.0.2.5])\r\n\tby mx (8.15.2/8.15.2) with ESMTP id 1",
	  "mx", "mail.example.org", "192.0.2.5", "ESMTP", "1", "", NULL },
	{ "from laptop (host5.example.org [192.0.2.5])\r\n\t(authenticated bits=0)\r\n"
	  "\tby mx (8.15.2/8.15.2) with ESMTPSA id 1",
	  "mx", "laptop", "192.0.2.5", "ESMTPSA", "1", "a",
	  "host5.example.org" },
	{ "from laptop (host5.example.org [192.0.2.5])\r\n\t(authenticated bits=256)\r\n"
	  "\tby mx (8.12.11/8.12.11) with ESMTP id 1",
	  "mx", "laptop", "192.0.2.5", "ESMTP", "1", "a", "host5.example.org" },
	/* without HELO */
	{ "(from host5.example.org [192.0.2.5])\r\n\tby mx (8.15.2/8.15.2) with SMTP id 1",
	  "mx", NULL, "192.0.2.5", "SMTP", "1", "", "host5.example.org" },
	{ "(from bob@localhost)\r\n\tby mx.example.fr (8.17.1.9/8.17.1.9/Submit) id 3AM90AB\r\n\tfor root; Sun",
	  "mx.example.fr", NULL, "", NULL, "3AM90AB", "p", "bob" },

	/* 8 OpenSMTPD */
	{ "from mail.example.org (mail.example.org [192.0.2.5])\r\n"
	  "\tby mx.example.fr (OpenSMTPD) with ESMTPS id 1f2e3d4c (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)\r\n"
	  "\tfor <alice@example.fr>;\r\n\tSun, 22 Nov 2026 10:00:07 +0100 (CET)",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTPS",
	  "1f2e3d4c", "", NULL },
	{ "from mail.example.org (<unknown> [2001:db8::5])\r\n\tby mx (OpenSMTPD) with ESMTP id 1;\r\n\tSun",
	  "mx", "mail.example.org", "2001:db8::5", "ESMTP", "1", "", NULL },
	{ "from laptop (<unknown> [192.0.2.5])\r\n\tby mx (OpenSMTPD) with ESMTPSA id 1 (X) auth=yes user=bob;\r\n\tSun",
	  "mx", "laptop", "192.0.2.5", "ESMTPSA", "1", "a", NULL },
	{ "from localhost (localhost [local])\r\n\tby mx (OpenSMTPD) with ESMTPA id 1\r\n\tfor <root@mx>;\r\n\tSun",
	  "mx", NULL, "", "ESMTPA", "1", "ap", NULL },
	{ "\r\n\tby mx (OpenSMTPD) with ESMTPSA id 1;\r\n\tSun",
	  "mx", NULL, "", "ESMTPSA", "1", "am", NULL },
	{ "\r\n\tby mx (OpenSMTPD) with ESMTPS id 1;\r\n\tSun",
	  "mx", NULL, "", "ESMTPS", "1", "m", NULL },

	/* 9, 10 Dovecot */
	{ "from mx.example.fr ([10.0.0.2])\r\n\tby imap.example.fr with LMTP\r\n"
	  "\tid AbCdEf\r\n\t(envelope-from <bob@example.org>)\r\n"
	  "\tfor <alice@example.fr>; Sun",
	  "imap.example.fr", "mx.example.fr", "10.0.0.2", "LMTP", "AbCdEf", "d",
	  NULL },
	{ "from mx.example.fr\r\n\tby imap.example.fr with LMTP\r\n\tid A+/b\r\n",
	  "imap.example.fr", "mx.example.fr", "", "LMTP", "A+/b", "d", NULL },
	{ "from mx ([2001:db8::1])\r\n\t(using TLSv1.3 with cipher X (256/256 bits))\r\n"
	  "\tby imap with LMTPS\r\n\tid A:T2",
	  "imap", "mx", "2001:db8::1", "LMTPS", "A:T2", "d", NULL },
	{ "from unknown ([10.0.0.2])\r\n\tby imap with LMTP\r\n\tid A",
	  "imap", "unknown", "10.0.0.2", "LMTP", "A", "d", NULL },

	/* 11 mox */
	{ "from mail.example.org (host5.example.org [192.0.2.5])\r\n\tby mx.example.fr ([198.51.100.1]) via tcp with ESMTPS\r\n"
	  "\tid 4vEp9lxnL9tlRfDc3gPrSw (TLSv1.3) for <alice@example.fr>; Sun",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTPS",
	  "4vEp9lxnL9tlRfDc3gPrSw", "", NULL },
	{ "from [192.0.2.9]\r\n\t([192.0.2.5]) by\r\n\tmx.example.fr ([IPv6:2001:db8::1]) via tcp with ESMTPSA id 1",
	  "mx.example.fr", "[192.0.2.9]", "192.0.2.5", "ESMTPSA", "1", "a",
	  NULL },

	/* 12 Google */
	{ "from mail-lf1-f41.google.com (mail-lf1-f41.google.com. [209.85.167.41])\r\n"
	  "        by mx.google.com with ESMTPS id 2adb3069b0e04-5a1\r\n"
	  "        for <alice@example.fr>\r\n"
	  "        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n        Sun",
	  "mx.google.com", "mail-lf1-f41.google.com", "209.85.167.41", "ESMTPS",
	  "2adb3069b0e04-5a1", "", NULL },
	{ "from ?IPv6:::ffff:192.168.1.2? (a.example. [2001:db8::5])\r\n"
	  "        by smtp.gmail.com with ESMTPSA id 1\r\n        for <a@b>",
	  "smtp.gmail.com", "?IPv6:::ffff:192.168.1.2?", "2001:db8::5",
	  "ESMTPSA", "1", "a", NULL },
	{ "from ?IPv6:::ffff:192.168.1.2? (a.example. [2001:db8::5])\r\n"
	  "        by smtp-relay.google.com with ESMTPSA id 1\r\n        for <a@b>",
	  "smtp-relay.google.com", "?IPv6:::ffff:192.168.1.2?", "2001:db8::5",
	  "ESMTPSA", "1", "a", NULL },
	{ "by 2002:a05:6512:3b0c:b0:53d:a1b2:c3d4 with SMTP id abc; Sun",
	  "2002:a05:6512:3b0c:b0:53d:a1b2:c3d4", NULL, "", "SMTP", "abc", "c",
	  NULL },
	{ "by mail-lf1-f41.google.com with SMTP id 2adb-5a1\r\n        for <a@b>; Sun",
	  "mail-lf1-f41.google.com", NULL, "", "SMTP", "2adb-5a1", "c", NULL },

	/* 13 Microsoft */
	{ "from AM9PR0.EURPRD.PROD.OUTLOOK.COM (2603:10a6:20b:3e6::24) by\r\n"
	  " VI1.EURPRD.PROD.OUTLOOK.COM (2603:10a6:800:138::9) with Microsoft SMTP\r\n"
	  " Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\r\n"
	  " 15.20.9000.1; Sun, 22 Nov 2026 10:00:00 +0000",
	  "VI1.EURPRD.PROD.OUTLOOK.COM", "AM9PR0.EURPRD.PROD.OUTLOOK.COM",
	  "2603:10a6:20b:3e6::24", "Microsoft", "15.20.9000.1", "", NULL },
	{ "from mail.example.org (192.0.2.5) by EX1.corp.example (10.0.0.5) with Microsoft SMTP Server id 15.1.1; Sun",
	  "EX1.corp.example", "mail.example.org", "192.0.2.5", "Microsoft",
	  "15.1.1", "", NULL },
	{ "from VI1.PROD.OUTLOOK.COM ([fe80::1]) by VI1.PROD.OUTLOOK.COM\r\n ([fe80::1%4]) with mapi id 15.20.1; Sun",
	  "VI1.PROD.OUTLOOK.COM", "VI1.PROD.OUTLOOK.COM", "fe80::1", "mapi",
	  "15.20.1", "", NULL },
	{ "from EX2.corp.example (fe80::5%12) by EX1.corp.example (fe80::1%7) with Microsoft SMTP Server (TLS) id 15.1.1 via Mailbox Transport; Sun",
	  "EX1.corp.example", "EX2.corp.example", "fe80::5", "Microsoft",
	  "15.1.1", "", NULL },

	/* 14 qmail */
	{ "from unknown (HELO mail.example.org) (192.0.2.5)\r\n"
	  "  by mx.example.fr with ESMTPS; 22 Nov 2026 09:00:00 -0000",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTPS", NULL, "",
	  NULL },
	{ "from host5.example.org (HELO mail.example.org) (bob@192.0.2.5)\r\n"
	  "  by mx.example.fr with SMTP; 22 Nov 2026 09:00:00 -0000",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "SMTP", NULL, "",
	  NULL },
	{ "from host5.example.org (192.0.2.5)\r\n  by mx.example.fr with SMTP; 22 Nov",
	  "mx.example.fr", "host5.example.org", "192.0.2.5", "SMTP", NULL, "",
	  NULL },
	{ "from unknown (HELO laptop) (bob@example.fr@2001:db8::5)\r\n"
	  "  by mx.example.fr with (ECDHE-RSA-AES256-GCM-SHA384 encrypted) ESMTPSA; 22 Nov",
	  "mx.example.fr", "laptop", "2001:db8::5", "ESMTPSA", NULL, "a", NULL },
	{ "from unknown (HELO ) (192.0.2.5)\r\n  by mx with SMTP; 22 Nov",
	  "mx", NULL, "192.0.2.5", "SMTP", NULL, "", NULL },
	{ "(qmail 4711 invoked from network); 22 Nov 2026 09:00:00 -0000",
	  NULL, NULL, "", NULL, NULL, "c", NULL },
	{ "(qmail 4711 invoked by alias); 22 Nov 2026 09:00:00 -0000",
	  NULL, NULL, "", NULL, NULL, "c", NULL },
	{ "(qmail 4711 invoked by uid 1000); 22 Nov 2026 09:00:00 -0000",
	  NULL, NULL, "", NULL, NULL, "cp", "1000" },
	{ "(qmail 4711 invoked for bounce); 22 Nov 2026 09:00:00 -0000",
	  NULL, NULL, "", NULL, NULL, "cp", NULL },

	/* 15 Haraka, Halon */
	{ "from mail.example.org (mail.example.org [192.0.2.5])\r\n"
	  "\tby mx.example.fr (Haraka/3.0.3) with ESMTPS id 0A1B2C3D.1\r\n"
	  "\tenvelope-from <bob@example.org>\r\n\ttls TLS_AES_256_GCM_SHA384;\r\n\tSun",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTPS",
	  "0A1B2C3D.1", "", NULL },
	{ "from mail.example.org ([2001:db8::5])\r\n\tby mx (Haraka/3.0.3) with ESMTPSA id 1\r\n\tenvelope-from <>",
	  "mx", "mail.example.org", "2001:db8::5", "ESMTPSA", "1", "a", NULL },
	{ "from mail.example.org (mail.example.org [192.0.2.5])\r\n\tby mx.example.fr (Halon) with ESMTPS\r\n"
	  "\tid 4c6b1d2e-8a6f-11ef-9f0c-0050569a4c5e;\r\n\tSun",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTPS",
	  "4c6b1d2e-8a6f-11ef-9f0c-0050569a4c5e", "", NULL },
	/* Courier */
	{ "from mail.example.org (host5.example.org [::ffff:192.0.2.5])\r\n"
	  "  (TLS: TLSv1.3,256bits,TLS_AES_256_GCM_SHA384)\r\n"
	  "  by mx.example.fr with ESMTPS\r\n"
	  "  id 000000000004C1B2.0000000065F0A1B2.00001A2B; Sun",
	  "mx.example.fr", "mail.example.org", "192.0.2.5", "ESMTPS",
	  "000000000004C1B2.0000000065F0A1B2.00001A2B", "", NULL },
	{ "from laptop (host5.example.org [::ffff:192.0.2.5])\r\n"
	  "  (AUTH: LOGIN bob, TLS: TLSv1.3,256bits,X)\r\n  by mx with ESMTPSA\r\n"
	  "  id 000000000004C1B2.0000000065F0A1B2.00001A2B; Sun",
	  "mx", "laptop", "192.0.2.5", "ESMTPSA",
	  "000000000004C1B2.0000000065F0A1B2.00001A2B", "a", NULL },

	/* 16 fetchmail, getmail */
	{ "from imap.free.fr [212.27.42.5]\r\n\tby home.lan with IMAP (fetchmail-6.4.37)\r\n"
	  "\tfor <alice@localhost> (single-drop); Sun",
	  "home.lan", NULL, "212.27.42.5", "IMAP", NULL, "f", NULL },
	{ "from imap.free.fr\r\n\tby home.lan with POP3 (fetchmail-6.4.37)\r\n\tfor <alice@localhost>",
	  "home.lan", NULL, "", "POP3", NULL, "f", NULL },
	{ "from imap.free.fr (212.27.42.5) by home.lan with IMAP4-SSL getmail6\r\n  msgid:1/2 for <alice@localhost>; 22 Nov",
	  "home.lan", NULL, "212.27.42.5", "IMAP4-SSL", NULL, "f", NULL },
	{ "from imap.free.fr by home.lan with POP3-SSL getmail6 for <alice@localhost>; 22 Nov",
	  "home.lan", NULL, "", "POP3-SSL", NULL, "f", NULL },
	{ "from imap.a-provider-with-a-long-name.example (2001:db8::5) by\r\n  home.lan with POP3-SSL getmail6; 22 Nov",
	  "home.lan", NULL, "2001:db8::5", "POP3-SSL", NULL, "f", NULL },
};

static void test_received_shapes(void)
{
	test_begin("received_parse: shapes");
	test_received_cases(received_tests, N_ELEMENTS(received_tests));
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_received_shapes,
		NULL
	};
	return test_run(test_functions);
}
