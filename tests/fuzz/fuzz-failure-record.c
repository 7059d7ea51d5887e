/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "failure-mail.h"
#include "failure-record.h"
#include "failure-text.h"
#include "report-name.h"
#include "fuzzer.h"

static const char *redact(const char *local_part ATTR_UNUSED,
			  void *context ATTR_UNUSED)
{
	return "abcdefghijkl";
}

/* No line is longer than RFC 5322 section 2.1.1 lets it be, and none ends
   where we did not end it. */
static void check_mail(const struct failure_record *record)
{
	struct report_name name = { .id = "0123" };
	struct failure_mail mail = {
		.name = &name, .submitter = "mx.example", .from = "a@mx.example",
		.to = "b@x.example", .user_agent = "authres/1",
		.record = record
	};
	string_t *text = t_str_new(8192);
	const char *const *line;

	failure_mail_write(&mail, text);
	line = t_strsplit(str_c(text), "\r\n");
	for (; *line != NULL; line++) {
		i_assert(strlen(*line) <= 998);
		i_assert(strpbrk(*line, "\r\n") == NULL);
	}
}

/* A line of a client of the recorder, and the file of a failure report:
   whatever is taken is written again as it was read, and makes a mail. */
FUZZ_BEGIN_STR(const char *line)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct failure_record record;
	string_t *text = t_str_new(256);

	if (failure_record_decode(pool, line, &record) == 0) {
		failure_record_encode(&record, text);
		i_assert(str_len(text) <= AUTHRES_MAX_HISTORY_ROW_BYTES);
		i_assert(strcmp(str_c(text), line) == 0);
		record.text = t_failure_text_redact(record.text, redact, NULL);
		i_assert(failure_text_is_redacted(record.text));
		if (failure_text_is_valid(record.text))
			check_mail(&record);
	}
	pool_unref(&pool);
}
FUZZ_END
