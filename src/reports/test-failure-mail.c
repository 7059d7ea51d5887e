/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-text.h"
#include "failure-record.h"
#include "failure-mail.h"
#include "report-name.h"

#define TEXT \
	"Auth-Failure: dmarc\t" \
	"Authentication-Results: dmarc=fail header.from=shop.example\t" \
	"Identity-Alignment: dkim, spf\t" \
	"Original-Mail-From: abcdefghijkl@shop.example\t" \
	"SPF-DNS: txt : shop.example : \"v=spf1 ip4:192.0.2.1 " \
		"include:_spf.one.example include:_spf.two.example -all\"\t" \
	"Received: from x.example by mx.example.net with ESMTP\t" \
	"From: mnopqrstuvwx@shop.example"
/* The whole mail. Python's email package reads what an MTA got in
   tests/e2e/test_failure_reports.py. */
static const char expected[] =
	"From: \"Example Hosting\"\r\n <dmarc@example.net>\r\n"
	"To: a@x.example\r\n"
	"Subject: DMARC failure report for\r\n shop.example\r\n"
	"Date: Sun, 13 Jul 2025 00:20:00 +0000\r\n"
	"Message-ID: <MID>\r\n"
	"Auto-Submitted: auto-generated\r\n"
	"Precedence: bulk\r\n"
	"MIME-Version: 1.0\r\n"
	"Content-Type: multipart/report;\r\n"
	" report-type=feedback-report; boundary=\"=_0123\"\r\n"
	"\r\n"
	"--=_0123\r\n"
	"Content-Type: text/plain; charset=us-ascii\r\n"
	"\r\n"
	"This is a DMARC failure report (RFC 9991).\r\n"
	"\r\n"
	"Domain:    shop.example\r\n"
	"Submitter: mx.example.net\r\n"
	"Source IP: 2001:db8::1\r\n"
	"Arrival:   Sun, 13 Jul 2025 00:19:59 +0000\r\n"
	"Messages:  3\r\n"
	"\r\n"
	"Your DMARC record asks for it with ruf=. Keyed hashes\r\n"
	"stand for the local parts of addresses; recipients,\r\n"
	"subject and body are left out.\r\n"
	"\r\n"
	"--=_0123\r\n"
	"Content-Type: message/feedback-report\r\n"
	"\r\n"
	"Feedback-Type: auth-failure\r\n"
	"User-Agent: authres/1\r\n"
	"Version: 1\r\n"
	"Auth-Failure: dmarc\r\n"
	"Authentication-Results: mx.example.net; dmarc=fail "
		"header.from=shop.example\r\n"
	"Identity-Alignment: dkim, spf\r\n"
	"Original-Mail-From: abcdefghijkl@shop.example\r\n"
	"SPF-DNS: txt : shop.example : \"v=spf1 ip4:192.0.2.1 "
		"include:_spf.one.example\r\n"
	" include:_spf.two.example -all\"\r\n"
	"Reported-Domain: shop.example\r\n"
	"Delivery-Result: policy\r\n"
	"Arrival-Date: Sun, 13 Jul 2025 00:19:59 +0000\r\n"
	"Source-IP: IPv6:2001:db8::1\r\n"
	"Incidents: 3\r\n"
	"Reporting-MTA: dns; mx.example.net\r\n"
	"\r\n"
	"--=_0123\r\n"
	"Content-Type: text/rfc822-headers\r\n"
	"\r\n"
	"Received: from x.example by mx.example.net with ESMTP\r\n"
	"From: mnopqrstuvwx@shop.example\r\n"
	"\r\n"
	"--=_0123--\r\n";

static void test_init(struct failure_mail *mail_r,
		      struct failure_record *record_r,
		      struct report_name *name_r)
{
	i_zero(name_r);
	name_r->id = "0123";
	i_zero(record_r);
	record_r->time = 1752365999;
	record_r->policy_domain = record_r->author_domain = "shop.example";
	test_assert(net_addr2ip("2001:db8::1", &record_r->source_ip) == 0);
	record_r->delivery = FAILURE_DELIVERY_POLICY;
	record_r->incidents = 3;
	record_r->text = TEXT;
	i_zero(mail_r);
	mail_r->name = name_r;
	mail_r->submitter = "mx.example.net";
	mail_r->organization = "Example Hosting";
	mail_r->from = "dmarc@example.net";
	mail_r->to = "a@x.example";
	mail_r->date = 1752366000;
	mail_r->user_agent = "authres/1";
	mail_r->record = record_r;
}

static void test_failure_mail(void)
{
	struct failure_mail mail;
	struct failure_record record;
	struct report_name name;
	string_t *str = t_str_new(2048), *text = t_str_new(2048);
	const char *mid = strstr(expected, "MID");

	test_begin("failure_mail_write (RFC 9991 4, RFC 6591 3)");
	test_init(&mail, &record, &name);
	failure_mail_write(&mail, str);
	str_append_data(text, expected, mid - expected);
	str_append(text, t_report_message_id(&name, mail.submitter, mail.to));
	str_append(text, mid + 3);
	test_assert_strcmp(str_c(str), str_c(text));
	test_end();
}

/* RFC 5322 sections 2.1.1 and 2.2.3: whatever is in a field */
static void test_folds(void)
{
	const char *values[] = {
		t_repeat("x", 880), t_repeat("xyz ", 220), t_repeat("x   ", 220),
		t_strconcat("x", t_repeat(" ", 800), "y", NULL), ".", "--=_0123--",
	};
	struct failure_mail mail;
	struct failure_record record;
	struct report_name name;
	string_t *str = t_str_new(8192);
	const char *const *lines;

	test_begin("failure_mail_write: lines");
	test_init(&mail, &record, &name);
	for (unsigned int i = 0; i < N_ELEMENTS(values); i++) T_BEGIN {
		str_truncate(str, 0);
		record.text = t_strconcat("Auth-Failure: dmarc\tReceived: ",
					  values[i], NULL);
		failure_mail_write(&mail, str);
		lines = t_strsplit(str_c(str), "\r\n");
		for (; *lines != NULL; lines++) {
			test_assert_idx(strlen(*lines) <= 998, i);
			/* a line of white space is no fold, and no field
			   begins like a boundary */
			test_assert_idx(**lines == '\0' ||
					strspn(*lines, " ") <
					strlen(*lines), i);
		}
		test_assert_idx(strstr(str_c(str), "\r\n--=_0123--\r\n") ==
				str_c(str) + str_len(str) - 14, i);
	} T_END;
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_failure_mail,
		test_folds,
		NULL
	};
	return test_run(test_functions);
}
