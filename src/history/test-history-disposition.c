/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "test-common.h"
#include "test-file.h"
#include "history-disposition.h"

#define TIME (20281 * 86400 + 5)

struct disposition_test {
	enum check_result_word dmarc;
	/* published for this message, and after t= and pct= */
	enum dmarc_policy published, policy;
	enum override_reason global;
	const char *global_comment;
	/* what applies to this user */
	enum override_reason user;
	enum history_outcome outcome;

	const char *disposition, *reason, *comment;
};

#define POLICIES(a, b) DMARC_POLICY_##a, DMARC_POLICY_##b
#define NO_OVERRIDE OVERRIDE_REASON_NONE, NULL, OVERRIDE_REASON_NONE
#define GLOBAL(reason, comment) \
	OVERRIDE_REASON_##reason, comment, OVERRIDE_REASON_##reason
#define USER OVERRIDE_REASON_NONE, NULL, OVERRIDE_REASON_LOCAL_POLICY
#define KEPT HISTORY_OUTCOME_DELIVERED
#define JUNK HISTORY_OUTCOME_JUNK
#define REFUSED HISTORY_OUTCOME_REJECTED

/* RFC 9990 sections 3.1.1.9 and 3.1.6 */
static const struct disposition_test tests[] = {
	{ CHECK_RESULT_PASS, POLICIES(REJECT, REJECT), NO_OVERRIDE, KEPT,
	  "pass", NULL, NULL },
	{ CHECK_RESULT_PASS, POLICIES(NONE, NONE), NO_OVERRIDE, KEPT,
	  "none", NULL, NULL },
	/* before t= */
	{ CHECK_RESULT_PASS, POLICIES(QUARANTINE, NONE), NO_OVERRIDE, KEPT,
	  "pass", NULL, NULL },
	{ CHECK_RESULT_FAIL, POLICIES(NONE, NONE), NO_OVERRIDE, KEPT,
	  "none", NULL, NULL },
	{ CHECK_RESULT_FAIL, POLICIES(QUARANTINE, QUARANTINE), NO_OVERRIDE,
	  JUNK, "quarantine", NULL, NULL },
	{ CHECK_RESULT_FAIL, POLICIES(REJECT, REJECT), NO_OVERRIDE, JUNK,
	  "quarantine", "local_policy", "reject is filed in Junk" },
	{ CHECK_RESULT_FAIL, POLICIES(REJECT, REJECT), NO_OVERRIDE, REFUSED,
	  "reject", NULL, NULL },
	{ CHECK_RESULT_FAIL, POLICIES(QUARANTINE, NONE),
	  NO_OVERRIDE, KEPT, "none", "policy_test_mode", NULL },
	{ CHECK_RESULT_FAIL, POLICIES(REJECT, QUARANTINE),
	  NO_OVERRIDE, JUNK, "quarantine", "policy_test_mode", NULL },
	{ CHECK_RESULT_FAIL, POLICIES(REJECT, REJECT),
	  GLOBAL(LOCAL_POLICY, "arc=pass as[1].d=l.example"), KEPT,
	  "none", "local_policy", "arc=pass as[1].d=l.example" },
	{ CHECK_RESULT_FAIL, POLICIES(REJECT, REJECT),
	  GLOBAL(TRUSTED_FORWARDER, "fwd.example"), KEPT,
	  "none", "trusted_forwarder", "fwd.example" },
	{ CHECK_RESULT_FAIL, POLICIES(REJECT, REJECT),
	  GLOBAL(MAILING_LIST, "list.example"), KEPT,
	  "none", "mailing_list", "list.example" },
	/* nobody learns what a user allows */
	{ CHECK_RESULT_FAIL, POLICIES(REJECT, REJECT), USER, KEPT,
	  "none", "local_policy", NULL },
	{ CHECK_RESULT_FAIL, POLICIES(QUARANTINE, QUARANTINE), NO_OVERRIDE,
	  KEPT, "none", "local_policy", "not enforced here" },
	{ CHECK_RESULT_TEMPERROR, POLICIES(REJECT, REJECT), NO_OVERRIDE, KEPT,
	  "none", "other", "DNS failure" },
	/* after it has waited */
	{ CHECK_RESULT_TEMPERROR, POLICIES(REJECT, REJECT), NO_OVERRIDE, JUNK,
	  "quarantine", "other", "DNS failure" },
};

static void
add_result(struct verdict *verdict, enum check_method method,
	   enum check_result_word word, const char *const *properties)
{
	struct check_result result;

	i_zero(&result);
	result.method = method;
	result.result = word;
	result.reason = "a <reason>";
	for (; *properties != NULL; properties += 3) {
		check_result_add_property(pool_datastack_create(), &result,
					  properties[0], properties[1],
					  properties[2]);
	}
	array_push_back(&verdict->results, &result);
}

static void test_verdict_init(struct verdict *verdict)
{
	static const char *const signature[] = {
		"header", "d", "shop.example", "header", "s", "S1", NULL
	};
	static const char *const no_selector[] = {
		"header", "d", "shop.example", NULL
	};
	static const char *const bad_selector[] = {
		"header", "d", "shop.example", "header", "s", "a\"<b", NULL
	};
	static const char *const mail_from[] = {
		"smtp", "mailfrom", "bounce@shop.example", NULL
	};
	static const char *const helo[] = {
		"smtp", "helo", "out.shop.example", NULL
	};

	i_zero(verdict);
	t_array_init(&verdict->results, 8);
	add_result(verdict, CHECK_METHOD_SPF, CHECK_RESULT_FAIL, mail_from);
	add_result(verdict, CHECK_METHOD_SPF, CHECK_RESULT_NONE, helo);
	add_result(verdict, CHECK_METHOD_DKIM, CHECK_RESULT_FAIL, signature);
	add_result(verdict, CHECK_METHOD_DKIM, CHECK_RESULT_PASS,
		   no_selector);
	add_result(verdict, CHECK_METHOD_DKIM, CHECK_RESULT_PASS,
		   bad_selector);
	verdict->author_domain = "news.shop.example";
	verdict->policy_domain = "shop.example";
	i_assert(net_addr2ip("192.0.2.7", &verdict->client_ip) == 0);
	verdict->history.published =
		"method=treewalk;p=reject;adkim=r;aspf=r;t=n;pct=100;psd=u";
	verdict->history.envelope_from = "shop.example";
	verdict->history.message_number = 77;
	verdict->history.dkim_aligned = TRUE;
}

static bool
record_of(const struct verdict *verdict, enum override_reason override_reason,
	  enum history_outcome outcome, struct history_record *record_r)
{
	struct disposition disposition;

	i_zero(&disposition);
	disposition.override_reason = override_reason;
	return history_disposition_record(pool_datastack_create(), verdict,
					  &disposition, outcome, TIME,
					  record_r);
}

static void test_dispositions(void)
{
	struct history_record record;
	const struct history_row *row = &record.row;
	struct verdict verdict;

	test_begin("history disposition (RFC 9990 3.1.1.9, 3.1.6)");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		const struct disposition_test *test = &tests[i];

		test_verdict_init(&verdict);
		verdict.dmarc = test->dmarc;
		verdict.policy = test->policy;
		verdict.history.published_policy = test->published;
		verdict.override_reason = test->global;
		verdict.override_comment = test->global_comment;
		if (test->policy != test->published &&
		    test->dmarc == CHECK_RESULT_FAIL) {
			static const char *const lowered[] = {
				"policy", "override-reason",
				"policy_test_mode", NULL
			};
			struct check_result *first;

			add_result(&verdict, CHECK_METHOD_DMARC, test->dmarc,
				   lowered);
			first = array_back_modifiable(&verdict.results);
			first->reason = "policy_test_mode";
		}
		test_assert_idx(record_of(&verdict, test->user, test->outcome,
					  &record), i);
		test_assert_idx(strcmp(history_disposition_name(
			row->disposition), test->disposition) == 0, i);
		test_assert_idx(null_strcmp(history_reason_name(row->reason),
					    test->reason) == 0, i);
		test_assert_idx(null_strcmp(row->reason_comment,
					    test->comment) == 0, i);
		test_assert_idx(row->outside_junk ==
				(test->outcome == KEPT), i);
	}
	test_end();
}

/* Its owner has asked for nothing. */
static void test_own_domain(void)
{
	static const char *const quarantine[] = {
		"policy", "dmarc", "quarantine", NULL
	};
	static const struct {
		enum history_outcome outcome;
		const char *disposition, *reason, *comment;
	} own_tests[] = {
		{ HISTORY_OUTCOME_JUNK, "quarantine", "local_policy",
		  "the receiver's own domain" },
		{ HISTORY_OUTCOME_DELIVERED, "none", NULL, NULL },
	};
	struct history_record record;
	struct check_result *result;
	struct verdict verdict;

	test_begin("history disposition: own domain");
	for (unsigned int i = 0; i < N_ELEMENTS(own_tests); i++) {
		test_verdict_init(&verdict);
		verdict.dmarc = CHECK_RESULT_FAIL;
		verdict.policy = DMARC_POLICY_QUARANTINE;
		verdict.history.published_policy = DMARC_POLICY_NONE;
		add_result(&verdict, CHECK_METHOD_DMARC, CHECK_RESULT_FAIL,
			   quarantine);
		result = array_back_modifiable(&verdict.results);
		result->comment = "p=none, our own domain";
		test_assert_idx(record_of(&verdict, OVERRIDE_REASON_NONE,
					  own_tests[i].outcome, &record), i);
		test_assert_strcmp_idx(
			history_disposition_name(record.row.disposition),
			own_tests[i].disposition, i);
		test_assert_idx(null_strcmp(
			history_reason_name(record.row.reason),
			own_tests[i].reason) == 0, i);
		test_assert_idx(null_strcmp(record.row.reason_comment,
					    own_tests[i].comment) == 0, i);
	}
	test_end();
}

static void test_details(void)
{
	struct history_record record;
	const struct history_row *row = &record.row;
	struct verdict verdict;

	test_begin("history disposition: details (RFC 9990 3.1.1.10, 11)");
	test_verdict_init(&verdict);
	verdict.dmarc = CHECK_RESULT_PASS;
	test_assert(record_of(&verdict, OVERRIDE_REASON_NONE, KEPT, &record));
	test_assert(row->day == 20281);
	test_assert(record.message_number == 77);
	test_assert_strcmp(row->policy_domain, "shop.example");
	test_assert_strcmp(row->header_from, "news.shop.example");
	test_assert_strcmp(row->envelope_from, "shop.example");
	test_assert_strcmp(net_ip2addr(&row->source_ip), "192.0.2.7");
	test_assert(row->dkim_aligned && !row->spf_aligned);
	/* a signature without a usable selector is left out */
	test_assert(row->dkim_count == 1);
	test_assert_strcmp(row->dkim[0].selector, "s1");
	test_assert_strcmp(row->dkim[0].human_result, "a ?reason?");
	/* MAIL FROM, not HELO; its owner's text is not repeated */
	test_assert_strcmp(row->spf.domain, "shop.example");
	test_assert(row->spf.result == CHECK_RESULT_FAIL);
	test_assert(row->spf.human_result == NULL);
	test_end();
}

static void test_without_policy(void)
{
	struct history_record record;
	struct verdict verdict;

	test_begin("history disposition: no policy, no details");
	test_verdict_init(&verdict);
	verdict.history.published = NULL;
	test_assert(record_of(&verdict, OVERRIDE_REASON_NONE, KEPT, &record));
	test_assert_strcmp(record.row.policy_domain, HISTORY_NO_DOMAIN);
	/* From with several domains (RFC 9989 5.3.1) */
	test_verdict_init(&verdict);
	verdict.bad_author = TRUE;
	verdict.dmarc = CHECK_RESULT_PERMERROR;
	test_assert(record_of(&verdict, OVERRIDE_REASON_NONE, JUNK, &record));
	test_assert_strcmp(record.row.policy_domain, HISTORY_NO_DOMAIN);
	test_assert(record.row.disposition == HISTORY_DISPOSITION_QUARANTINE);
	/* a policy that only looks so */
	test_verdict_init(&verdict);
	verdict.history.published = "p=reject";
	test_assert(record_of(&verdict, OVERRIDE_REASON_NONE, KEPT, &record));
	test_assert_strcmp(record.row.policy_domain, HISTORY_NO_DOMAIN);
	/* our own users */
	test_verdict_init(&verdict);
	verdict.origin = MAIL_ORIGIN_AUTHENTICATED;
	test_assert(!record_of(&verdict, OVERRIDE_REASON_NONE, KEPT, &record));
	test_end();
}

static void test_merge(void)
{
	struct history_record record, other;
	struct verdict verdict;

	test_begin("history disposition: the strictest of all recipients");
	test_verdict_init(&verdict);
	verdict.dmarc = CHECK_RESULT_FAIL;
	verdict.policy = verdict.history.published_policy =
		DMARC_POLICY_QUARANTINE;
	test_assert(record_of(&verdict, OVERRIDE_REASON_LOCAL_POLICY, KEPT,
			      &record));
	test_assert(record_of(&verdict, OVERRIDE_REASON_NONE, JUNK, &other));
	history_disposition_merge(&record, &other);
	test_assert(record.row.disposition == HISTORY_DISPOSITION_QUARANTINE);
	test_assert(record.row.reason == HISTORY_REASON_NONE);
	test_assert(record.row.outside_junk);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_dispositions,
		test_own_domain,
		test_details,
		test_without_policy,
		test_merge,
		NULL
	};
	return test_run(test_functions);
}
