/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "str-prefix.h"
#include "test-common.h"
#include "test-file.h"
#include "history-day.h"
#include "report-name.h"

static struct report_name
test_name(pool_t pool, unsigned int day, const char *submitter,
	  const char *domain, const char *config)
{
	struct report_name_key key = {
		.day = day, .submitter = submitter, .policy_domain = domain,
		.config = config
	};
	struct report_name name;

	report_name_init(pool, &key, &name);
	return name;
}

static void test_report_name(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct report_name name = test_name(pool, 20281, "mx.example.net",
					    "shop.example", "c1");

	test_begin("report_name_init");
	/* RFC 9990 section 3.1.1.4 */
	test_assert(name.begin == 1752278400 && name.end == 1752364799);
	test_assert(strlen(name.id) == 32 &&
		    strspn(name.id, "0123456789abcdef") == 32);
	/* section 3.5.2 */
	test_assert_strcmp(name.file_name, t_strdup_printf(
		"mx.example.net!shop.example!1752278400!1752364799!%s.xml.gz",
		name.id));
	test_assert_strcmp(name.subject, t_strdup_printf(
		"Report Domain: shop.example Submitter: mx.example.net"
		"\r\n Report-ID: <%s>", name.id));
	pool_unref(&pool);
	test_end();
}

/* Section 3.5.1: the same again is the same, all else is not. */
static void test_report_name_unique(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	const char *id = test_name(pool, 1, "a", "bc", "d").id;

	test_begin("report_name_init: Report-ID");
	test_assert_strcmp(test_name(pool, 1, "a", "bc", "d").id, id);
	test_assert(strcmp(test_name(pool, 2, "a", "bc", "d").id, id) != 0);
	test_assert(strcmp(test_name(pool, 1, "b", "bc", "d").id, id) != 0);
	test_assert(strcmp(test_name(pool, 1, "a", "bc", "e").id, id) != 0);
	test_assert(strcmp(test_name(pool, 1, "ab", "c", "d").id, id) != 0);
	pool_unref(&pool);
	test_end();
}

static void test_report_name_subject(void)
{
	static const struct {
		const char *submitter, *domain, *subject;
	} tests[] = {
		{ "a.b", "c.d", "Report Domain: c.d Submitter: a.b\r\n "
		  "Report-ID: " },
		{ "mail-gateway.long-name.example.net",
		  "newsletter.shop.example",
		  "Report Domain: newsletter.shop.example\r\n "
		  "Submitter: mail-gateway.long-name.example.net\r\n "
		  "Report-ID: " },
		{ "a.b", "newsletter.and.more.and.more.of.shop.example",
		  "Report Domain: newsletter.and.more.and.more.of.shop.example"
		  "\r\n Submitter: a.b Report-ID: " },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct report_name name;
	unsigned int i;

	test_begin("report_name_init: Subject");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		name = test_name(pool, 1, tests[i].submitter, tests[i].domain,
				 "");
		test_assert_strcmp_idx(name.subject, t_strdup_printf(
			"%s<%s>", tests[i].subject, name.id), i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_report_name_addresses(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct report_name name = test_name(pool, 1, "mx.example", "a.b", "");
	const char *id, *id2, *tag;

	test_begin("t_report_message_id, t_report_mail_from");
	id = t_report_message_id(&name, "mx.example", "a@x.example");
	id2 = t_report_message_id(&name, "mx.example", "b@x.example");
	test_assert(str_has_prefix(id, name.id) && id[32] == '.');
	test_assert(strcmp(id + 32 + 1 + 8, "@mx.example") == 0);
	test_assert(strcmp(id, id2) != 0);
	test_assert_strcmp(id, t_report_message_id(&name, "mx.example",
						   "a@x.example"));
	tag = t_strdup_until(id, strchr(id, '@'));
	test_assert_strcmp(
		t_report_mail_from(&name, "reports@x.example", "a@x.example"),
		t_strdup_printf("reports+%s@x.example", tag));
	/* RFC 5321 section 4.5.3.1.1 */
	test_assert_strcmp(
		t_report_mail_from(&name, "dmarc-reports-of-example@x.example",
				   "a@x.example"),
		"dmarc-reports-of-example@x.example");
	test_assert_strcmp(
		t_report_mail_from(&name, "\"a b\"@x.example", "a@x.example"),
		"\"a b\"@x.example");
	pool_unref(&pool);
	test_end();
}

static void test_report_day(void)
{
	static const struct {
		const char *text;
		int ret;
		unsigned int day;
	} tests[] = {
		{ "1970-01-01", 0, 0 },
		{ "2025-07-12", 0, 20281 },
		{ "2024-02-29", 0, 19782 },
		{ "2025-02-29", -1, 0 },
		{ "2025-7-12", -1, 0 },
		{ "2025-07-12 ", -1, 0 },
		{ " 2025-07-12", -1, 0 },
		{ "2025-07-32", -1, 0 },
		{ "2025-00-12", -1, 0 },
		{ "1969-12-31", -1, 0 },
		{ "+025-07-12", -1, 0 },
		{ "yesterday", -1, 0 },
		{ "", -1, 0 },
	};
	unsigned int i, day;

	test_begin("report_day");
	test_assert(history_day(1752278399) == 20280);
	test_assert(history_day(1752278400) == 20281);
	test_assert(history_day(1752364799) == 20281);
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		day = 0;
		test_assert_idx(report_day_parse(tests[i].text, &day) ==
				tests[i].ret, i);
		test_assert_idx(day == tests[i].day, i);
		if (tests[i].ret == 0) {
			test_assert_strcmp_idx(t_history_day_text(day),
					       tests[i].text, i);
		}
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_report_name,
		test_report_name_unique,
		test_report_name_subject,
		test_report_name_addresses,
		test_report_day,
		NULL
	};
	return test_run(test_functions);
}
