/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-field.h"
#include "impact-totals.h"
#include "test-common.h"
#include "test-file.h"
#include "verdict-field.h"

static const struct {
	const char *field, *reason;
} reason_tests[] = {
	{ "dmarc=fail header.from=a.example policy.dmarc=reject; spf=fail; "
	  "dkim=none", "p=reject spf=fail dkim=none" },
	{ "dmarc=fail header.from=a.example policy.dmarc=quarantine; "
	  "dkim=fail header.d=a.example; dkim=pass header.d=b.example",
	  "p=quarantine dkim=fail" },
	{ "dmarc=fail header.from=a.example policy.dmarc=none", "p=none" },
	{ "dmarc=permerror; dmarc=fail header.from=a.example "
	  "policy.dmarc=reject; spf=fail", "from=bad p=reject" },
	{ "dmarc=temperror header.from=a.example policy.dmarc=reject; "
	  "spf=temperror", "p=reject dmarc=temperror spf=temperror" },
	{ "dmarc=fail (our own domain) header.from=a.example "
	  "policy.dmarc=quarantine; spf=fail",
	  "own domain p=quarantine spf=fail" },
	{ "none", "p=" },
};

static void test_impact_reason(void)
{
	struct authres_field field;
	struct verdict verdict;
	const char *text, *error;
	pool_t pool = pool_alloconly_create("test impact", 4096);

	test_begin("t_impact_reason()");
	for (unsigned int i = 0; i < N_ELEMENTS(reason_tests); i++) {
		text = t_strconcat("mx.example; ", reason_tests[i].field, NULL);
		test_assert_idx(authres_field_parse(pool, (const void *)text,
			strlen(text), &field, &error) == 0, i);
		verdict_field_read(pool, &field, &verdict);
		test_assert_strcmp_idx(t_impact_reason(&verdict),
				       reason_tests[i].reason, i);
	}
	pool_unref(&pool);
	test_end();
}

static const struct impact_message messages[] = {
	{ "anna", "b.example", "junk", "p=reject", TRUE, FALSE, FALSE, FALSE },
	{ "anna", "b.example", "junk", "p=reject", FALSE, TRUE, FALSE, FALSE },
	{ "anna", "a.example", "junk", "p=reject", FALSE, TRUE, TRUE, TRUE },
	{ "anna", "a.example", "reject", "p=reject", FALSE, FALSE, FALSE,
	  FALSE },
	{ "anna", NULL, "junk", "from=bad", FALSE, FALSE, FALSE, FALSE },
	{ "bert", "b.example", "junk", "p=reject", FALSE, FALSE, TRUE, FALSE },
	{ "bert", "b.example", "junk", "p=quarantine", FALSE, FALSE, FALSE,
	  FALSE },
	/* a stranger chose the name */
	{ "bert", "total", "junk", "p=reject", FALSE, FALSE, FALSE, FALSE },
};

static const char *const rows_of_messages[] = {
	"b.example|p=reject|junk|3 2 1 1 1 0",
	"|from=bad|junk|1 1 0 0 0 0",
	"a.example|p=reject|junk|1 1 0 1 1 1",
	"a.example|p=reject|reject|1 1 0 0 0 0",
	"b.example|p=quarantine|junk|1 1 0 0 0 0",
	"total|p=reject|junk|1 1 0 0 0 0",
	"|total||8 2 1 2 2 1",
};

static void test_impact_totals(void)
{
	struct impact_totals *totals = impact_totals_init();
	ARRAY_TYPE(impact_row) rows;
	const struct impact_row *row;
	string_t *str = t_str_new(64);
	unsigned int i, j;

	test_begin("impact_totals_get()");
	t_array_init(&rows, 8);
	impact_totals_get(totals, &rows);
	test_assert(array_count(&rows) == 1);
	row = array_front(&rows);
	test_assert(row->counts[IMPACT_COUNT_MESSAGES] == 0);

	for (i = 0; i < N_ELEMENTS(messages); i++) {
		struct impact_message message = messages[i];

		/* the caller's strings go away */
		message.user = t_strdup(message.user);
		message.author_domain = t_strdup(message.author_domain);
		impact_totals_add(totals, &message);
	}
	array_clear(&rows);
	impact_totals_get(totals, &rows);
	test_assert(array_count(&rows) == N_ELEMENTS(rows_of_messages));
	for (i = 0; i < array_count(&rows); i++) {
		row = array_idx(&rows, i);
		str_truncate(str, 0);
		str_printfa(str, "%s|%s|%s|", row->author_domain, row->reason,
			    row->disposition);
		for (j = 0; j < IMPACT_COUNT_COUNT; j++) {
			str_printfa(str, "%s%u", j == 0 ? "" : " ",
				    row->counts[j]);
		}
		test_assert_strcmp_idx(str_c(str), rows_of_messages[i], i);
	}
	impact_totals_deinit(&totals);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_impact_reason,
		test_impact_totals,
		NULL
	};
	return test_run(test_functions);
}
