/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "base64.h"
#include "str.h"
#include "test-text.h"
#include "test-common.h"
#include "test-file.h"
#include "report-gzip.h"
#include "report-mail.h"
#include "report-name.h"

#include <zlib.h>

static void test_report_gzip(void)
{
	buffer_t *gzip = t_buffer_create(1024), *again = t_buffer_create(1024);
	const char *text = t_repeat("0123456789abcdef", 4096);
	struct report_gzip *stream;
	unsigned char out[256 * 1024];
	z_stream zs;

	test_begin("report_gzip");
	stream = report_gzip_init(gzip, 64 * 1024);
	report_gzip_more(stream, text, 3);
	report_gzip_more(stream, text, 0);
	report_gzip_more(stream, text + 3, strlen(text) - 3);
	test_assert(report_gzip_finish(&stream));
	test_assert(stream == NULL);
	/* RFC 1952 section 2.3: deflate, no flags, no time */
	test_assert(gzip->used > 18 &&
		    memcmp(gzip->data, "\x1f\x8b\x08\0\0\0\0\0", 8) == 0);

	i_zero(&zs);
	zs.next_in = (void *)gzip->data;
	zs.avail_in = gzip->used;
	zs.next_out = out;
	zs.avail_out = sizeof(out);
	test_assert(inflateInit2(&zs, 15 + 16) == Z_OK);
	test_assert(inflate(&zs, Z_FINISH) == Z_STREAM_END);
	test_assert(zs.total_out == strlen(text) &&
		    memcmp(out, text, strlen(text)) == 0);
	(void)inflateEnd(&zs);

	/* the same bytes, the same file */
	stream = report_gzip_init(again, gzip->used);
	report_gzip_more(stream, text, strlen(text));
	test_assert(report_gzip_finish(&stream));
	test_assert(buffer_cmp(gzip, again));
	/* one byte less does not hold it */
	buffer_set_used_size(again, 0);
	stream = report_gzip_init(again, gzip->used - 1);
	report_gzip_more(stream, text, strlen(text));
	test_assert(!report_gzip_finish(&stream));
	test_assert(again->used < gzip->used);
	test_end();
}

/* text with every key replaced. */
static const char *
test_replace(const char *text, const char *key, const char *value)
{
	string_t *str = t_str_new(2048);
	const char *p;

	while ((p = strstr(text, key)) != NULL) {
		str_append_data(str, text, p - text);
		str_append(str, value);
		text = p + strlen(key);
	}
	str_append(str, text);
	return str_c(str);
}

static void test_report_mail(void)
{
	static const struct {
		const char *organization, *from;
	} tests[] = {
		{ NULL, "From: dmarc@example.net\r\n" },
		{ "Example Hosting",
		  "From: \"Example Hosting\"\r\n <dmarc@example.net>\r\n" },
		{ "A \"B\" \\C",
		  "From: \"A \\\"B\\\" \\\\C\"\r\n <dmarc@example.net>\r\n" },
		{ "B\xc3\xbc" "cher",
		  "From: =?utf-8?q?B=C3=BCcher?=\r\n <dmarc@example.net>\r\n" },
	};
	static const char expected[] =
		"To: a@x.example\r\n"
		"Subject: Report Domain: shop.example "
			"Submitter: mx.example.net\r\n Report-ID: <ID>\r\n"
		"Date: Sun, 13 Jul 2025 00:20:00 +0000\r\n"
		"Message-ID: <MID>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"Precedence: bulk\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=\"=_ID\"\r\n"
		"\r\n"
		"--=_ID\r\n"
		"Content-Type: text/plain; charset=us-ascii\r\n"
		"\r\n"
		"This is a DMARC aggregate report (RFC 9990).\r\n"
		"\r\n"
		"Domain:    shop.example\r\n"
		"Submitter: mx.example.net\r\n"
		"Day (UTC): 2025-07-12\r\n"
		"Report-ID: ID\r\n"
		"\r\n"
		"Your DMARC record asks for it with rua=.\r\n"
		"\r\n"
		"--=_ID\r\n"
		"Content-Type: application/gzip;\r\n name=\"FILE\"\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment;\r\n filename=\"FILE\"\r\n"
		"\r\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAA\r\nAAAAAA==\r\n"
		"--=_ID--\r\n";
	pool_t pool = pool_alloconly_create("test", 1024);
	struct report_name_key key = {
		.day = 20281, .submitter = "mx.example.net",
		.policy_domain = "shop.example", .config = "x"
	};
	struct report_mail mail;
	struct report_name name;
	const char *text;
	buffer_t *gzip;
	string_t *str;
	unsigned int i;

	test_begin("report_mail_write");
	report_name_init(pool, &key, &name);
	i_zero(&mail);
	mail.name = &name;
	mail.submitter = key.submitter;
	mail.policy_domain = key.policy_domain;
	mail.from = "dmarc@example.net";
	mail.to = "a@x.example";
	mail.date = 1752366000;
	gzip = buffer_create_dynamic(pool, 64);
	buffer_append_zero(gzip, 61);
	mail.gzip = gzip;
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		mail.organization = tests[i].organization;
		str = t_str_new(2048);
		report_mail_write(&mail, str);
		text = t_strconcat(tests[i].from, expected, NULL);
		text = test_replace(text, "MID", t_report_message_id(&name,
				    key.submitter, mail.to));
		text = test_replace(text, "=_ID", t_strconcat("=_", name.id,
							      NULL));
		text = test_replace(text, "<ID>", t_strdup_printf("<%s>",
								  name.id));
		text = test_replace(text, "Report-ID: ID\r", t_strdup_printf(
				    "Report-ID: %s\r", name.id));
		text = test_replace(text, "FILE", name.file_name);
		test_assert_strcmp_idx(str_c(str), text, i);
	} T_END;
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_report_gzip,
		test_report_mail,
		NULL
	};
	return test_run(test_functions);
}
