/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-field.h"
#include "decision-row.h"
#include "test-common.h"
#include "test-file.h"
#include "verdict-policy.h"
#include "verdict-field.h"

#define CLIENT "(authres: client=192.0.2.1 received=1)"

static const struct {
	/* behind "mx.example; " */
	const char *field;
	/* author domain, client, results, policy, joined with "|" */
	const char *row;
	/* how the reason begins */
	const char *reason;
	bool listed;
} tests[] = {
	{ "dmarc=fail (p=reject) header.from=a.example policy.dmarc=reject; "
	  "spf=softfail smtp.mailfrom=x@b.example; dkim=none " CLIENT,
	  "a.example|192.0.2.1|dmarc=fail spf=softfail dkim=none|reject",
	  "a.example asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (softfail for b.example) nor DKIM (no signature) proves",
	  TRUE },
	{ "dmarc=fail header.from=a.example policy.dmarc=quarantine; "
	  "dkim=fail header.d=a.example; dkim=pass header.d=b.example",
	  "a.example||dmarc=fail dkim=fail dkim=pass|quarantine",
	  "a.example asks receivers to quarantine", TRUE },
	{ "dmarc=fail header.from=a.example policy.dmarc=none",
	  "a.example||dmarc=fail|none", "a.example asks receivers to do nothing",
	  FALSE },
	{ "dmarc=fail reason=\"mailing_list: l.example\" header.from=a.example "
	  "policy.dmarc=reject policy.override-reason=mailing_list",
	  "a.example||dmarc=fail|reject", "The policy was not applied", FALSE },
	{ "dmarc=fail header.from=a.example policy.dmarc=quarantine "
	  "policy.override-reason=policy_test_mode",
	  "a.example||dmarc=fail|quarantine", "a.example asks", TRUE },
	{ "dmarc=permerror reason=\"two From fields\"; "
	  "dmarc=fail header.from=b.example policy.dmarc=quarantine; "
	  "dmarc=fail header.from=c.example policy.dmarc=reject",
	  "||dmarc=permerror dmarc=fail dmarc=fail|reject",
	  "The From field does not name one usable author domain "
	  "(two From fields)", TRUE },
	{ "dmarc=permerror reason=\"no From field\"; "
	  "dmarc=fail header.from=b.example policy.dmarc=none",
	  "||dmarc=permerror dmarc=fail|", "The From field", FALSE },
	{ "dmarc=pass header.from=a.example; spf=pass smtp.mailfrom=a.example "
	  CLIENT,
	  "a.example|192.0.2.1|dmarc=pass spf=pass|", "SPF (pass for a.example) "
	  "proves", FALSE },
	{ "dmarc=temperror header.from=a.example", "a.example||dmarc=temperror|",
	  "It is not known whether a.example sent this", FALSE },
	{ "auth=pass (authres: origin=authenticated client=2001:db8::1 "
	  "source=received)",
	  "|2001:db8::1|auth=pass|", "A user who was logged in", FALSE },
	{ "none", "|||", "DMARC was not checked", FALSE },
	/* a stranger's text stays in its cell */
	{ "dmarc=fail header.from=\"a\x1b[1m\t|\" policy.dmarc=reject",
	  "a?[1m?|||dmarc=fail|reject", "a?[1m?|", TRUE },
};

static void test_decision_row(void)
{
	const char *columns[DECISION_COLUMN_COUNT], *text, *error;
	struct authres_field field;
	struct verdict verdict;
	string_t *str = t_str_new(128);
	unsigned int i, j;
	pool_t pool = pool_alloconly_create("test rows", 4096);

	test_begin("decision_row_fill()");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		text = t_strconcat("mx.example; ", tests[i].field, NULL);
		test_assert_idx(authres_field_parse(pool, (const void *)text,
			strlen(text), &field, &error) == 0, i);
		verdict_field_read(pool, &field, &verdict);
		for (j = 0; j < DECISION_COLUMN_COUNT; j++)
			columns[j] = "other";
		decision_row_fill(&verdict, columns);
		for (j = 0; j < DECISION_COLUMN_AUTHOR_DOMAIN; j++)
			test_assert_strcmp_idx(columns[j], "other", i);
		str_truncate(str, 0);
		test_assert_strcmp_idx(columns[DECISION_COLUMN_DELIVERED],
				       "other", i);
		for (; j < DECISION_COLUMN_REASON; j++) {
			str_append(str, columns[j]);
			if (j < DECISION_COLUMN_POLICY)
				str_append_c(str, '|');
		}
		test_assert_strcmp_idx(str_c(str), tests[i].row, i);
		test_assert_strcmp_idx(t_strndup(
			columns[DECISION_COLUMN_REASON],
			strlen(tests[i].reason)), tests[i].reason, i);
		test_assert_idx(verdict_fails_enforced_policy(&verdict) ==
				tests[i].listed, i);
	}
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_decision_row,
		NULL
	};
	return test_run(test_functions);
}
