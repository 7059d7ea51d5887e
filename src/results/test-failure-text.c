/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-text.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "failure-text.h"

static const char *redact(const char *local_part, void *context)
{
	unsigned int *count = context;

	*count += 1;
	return t_strdup_printf("<%s>", local_part);
}

/* RFC 9991 section 7, RFC 6590: an allow-list, and marks */
static void test_add(void)
{
	static const struct {
		const char *name, *value;
		bool added;
	} tests[] = {
		{ "From", "`6a6f65`@x.example", TRUE },
		{ "From", "second@x.example", FALSE },
		{ "Auth-Failure", "dmarc", TRUE },
		{ "SPF-DNS", "txt : x.example : \"v=spf1 exists:%{i}.x -all\"",
		  TRUE },
		/* never in a report */
		{ "Subject", "secret", FALSE },
		{ "To", "`6a6f65`@x.example", FALSE },
		{ "Original-Rcpt-To", "x@x.example", FALSE },
		{ "Message-ID", "<x@x.example>", FALSE },
		{ "from", "x@x.example", FALSE },
		{ "X", "x", FALSE },
		{ "", "x", FALSE },
		/* what is no line of its own */
		{ "Received", "", FALSE },
		{ "Received", " ", FALSE },
		{ "Received", "x\ty", FALSE },
		{ "Received", "x\r\nBcc: y", FALSE },
		{ "Received", "x\x7f", FALSE },
		{ "Received", "\xc3\xbc", FALSE },
		/* marks */
		{ "Received", "`", FALSE },
		{ "Received", "``", FALSE },
		{ "Received", "`6a", FALSE },
		{ "Received", "`6A`", FALSE },
		{ "Received", "`6`", FALSE },
		{ "Received", "`00`", FALSE },
		{ "Received", "`joe`@x.example", FALSE },
		{ "Received", "by x.example", TRUE },
	};
	string_t *text = t_str_new(256);
	unsigned int count = 0;

	test_begin("failure text (RFC 9991 7)");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_idx(failure_text_add(text, tests[i].name,
						 tests[i].value) ==
				tests[i].added, i);
	} T_END;
	test_assert_strcmp(str_c(text), "From: `6a6f65`@x.example\t"
		"Auth-Failure: dmarc\t"
		"SPF-DNS: txt : x.example : \"v=spf1 exists:%{i}.x -all\"\t"
		"Received: by x.example");
	test_assert(failure_text_is_valid(str_c(text)));
	test_assert(!failure_text_is_redacted(str_c(text)));
	test_assert_strcmp(t_failure_text_redact(str_c(text), redact, &count),
		"From: <joe>@x.example\tAuth-Failure: dmarc\t"
		"SPF-DNS: txt : x.example : \"v=spf1 exists:%{i}.x -all\"\t"
		"Received: by x.example");
	test_assert(count == 1);
	test_end();
}

static void test_valid(void)
{
	static const struct {
		const char *text;
		bool valid;
	} tests[] = {
		{ "From: a@x.example", TRUE },
		{ "", FALSE },
		{ "\t", FALSE },
		{ "From: a@x.example\t", FALSE },
		{ "From:a@x.example", FALSE },
		{ "From: ", FALSE },
		{ "From: a\tFrom: b", FALSE },
		{ "From: a\tSubject: b", FALSE },
		{ "From: a\nBcc: b", FALSE },
		{ "Received: a\tReceived: b", TRUE },
		{ "Original-Rcpt-To: a", FALSE },
	};

	test_begin("failure text: what every reader takes");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_idx(failure_text_is_valid(tests[i].text) ==
				tests[i].valid, i);
	} T_END;
	test_end();
}

/* A text that was made can be redacted, however long hashes are. */
static void test_limits(void)
{
	string_t *text = t_str_new(8192), *value = t_str_new(64);
	unsigned int count = 0;
	const char *redacted;

	test_begin("failure text: limits");
	test_assert(!failure_text_add(text, "Date",
		t_repeat("x", AUTHRES_MAX_FAILURE_FIELD_BYTES - 10)));
	for (unsigned int i = 0; i < 10; i++) {
		(void)failure_text_add(text, "Received",
			t_repeat("x", AUTHRES_MAX_FAILURE_FIELD_BYTES - 16));
	}
	failure_value_add_local_part(value, "a");
	(void)failure_text_add(text, "From", str_c(value));
	test_assert(str_len(text) > AUTHRES_MAX_FAILURE_TEXT_BYTES / 2 &&
		    str_len(text) <= AUTHRES_MAX_FAILURE_TEXT_BYTES - 128);
	test_assert(failure_text_is_valid(str_c(text)));
	redacted = t_failure_text_redact(str_c(text), redact, &count);
	test_assert(failure_text_is_valid(redacted) &&
		    failure_text_is_redacted(redacted));
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_add,
		test_valid,
		test_limits,
		NULL
	};
	return test_run(test_functions);
}
