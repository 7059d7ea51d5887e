/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "test-common.h"
#include "test-file.h"
#include "test-verdict.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "disposition.h"

static const char *const no_words[] = { NULL };
static const char *const keyword_pass[] = { "$AuthPass", NULL };
static const char *const keyword_fail[] = { "$AuthFail", NULL };
static const char *const keyword_temperror[] = { "$AuthTempError", NULL };
static const char *const keyword_override[] = { "$AuthOverride", NULL };
static const char *const keyword_junk[] = { "$Junk", "Junk", NULL };
static const char *const keyword_phishing[] = { "$Phishing", NULL };

static void test_settings_init(struct authres_settings *set)
{
	i_zero(set);
	set->mode = AUTHRES_MODE_ENFORCE;
	set->quarantine_action = AUTHRES_QUARANTINE_ACTION_JUNK;
	set->reject_action = AUTHRES_REJECT_ACTION_JUNK;
	set->temperror_action = AUTHRES_TEMPERROR_ACTION_AUTO;
	set->junk_mailbox = "\\Junk";
	set->junk_sieve = AUTHRES_JUNK_SIEVE_SKIP;
	set->keyword_pass = keyword_pass;
	set->keyword_fail = keyword_fail;
	set->keyword_temperror = keyword_temperror;
	set->keyword_override = keyword_override;
	set->keyword_junk = keyword_junk;
	set->keyword_phishing = keyword_phishing;
	set->keyword_methods = no_words;
}

#define F_BAD_AUTHOR 0x01
#define F_ENFORCED 0x02
#define F_SPF_PASS 0x04
#define F_PHISHING 0x08
#define F_TEMPERROR 0x10
#define F_UNJUDGED 0x1000
/* of the query */
#define F_CAN_REJECT 0x20
#define F_SHARED 0x40
/* of the verdict again */
#define F_MAY_FAIL 0x80
#define F_MAY_WAIT 0x100
#define F_COUNT 9

struct decision_test {
	/* verdict */
	enum check_result_word dmarc;
	enum dmarc_policy policy;
	enum override_reason override;
	unsigned int flags;
	enum mail_origin origin;
	/* "setting=value ..." on top of the defaults */
	const char *settings;

	enum disposition_action action;
	const char *keywords;
};

#define PASS CHECK_RESULT_PASS
#define FAIL CHECK_RESULT_FAIL
#define NONE CHECK_RESULT_NONE
#define TEMP CHECK_RESULT_TEMPERROR
#define PERM CHECK_RESULT_PERMERROR
#define P_NONE DMARC_POLICY_NONE
#define P_QUAR DMARC_POLICY_QUARANTINE
#define P_REJ DMARC_POLICY_REJECT
#define O_NONE OVERRIDE_REASON_NONE
#define O_LOCAL OVERRIDE_REASON_LOCAL_POLICY
#define O_FORW OVERRIDE_REASON_TRUSTED_FORWARDER
#define O_LIST OVERRIDE_REASON_MAILING_LIST
#define O_TEST OVERRIDE_REASON_POLICY_TEST_MODE
#define O_PCT OVERRIDE_REASON_SAMPLED_OUT
#define EXT MAIL_ORIGIN_EXTERNAL
#define KEEP DISPOSITION_KEEP
#define JUNK DISPOSITION_JUNK
#define REJECT DISPOSITION_REJECT
#define TEMPFAIL DISPOSITION_TEMPFAIL

#define K_JUNK "$AuthFail $Junk Junk"
#define K_FAIL "$AuthFail"

static const struct decision_test decision_tests[] = {
	/* RFC 9989 section 5.4: p=none and pass never change handling */
	{ PASS, P_REJ, O_NONE, 0, EXT, "", KEEP, "$AuthPass" },
	{ PASS, P_REJ, O_NONE, F_PHISHING, EXT, "", KEEP, "$AuthPass" },
	{ NONE, P_NONE, O_NONE, 0, EXT, "", KEEP, "" },
	{ NONE, P_REJ, O_NONE, F_PHISHING, EXT, "", KEEP, "" },
	{ FAIL, P_NONE, O_NONE, 0, EXT, "", KEEP, K_FAIL },
	{ FAIL, P_NONE, O_NONE, F_PHISHING | F_CAN_REJECT | F_SPF_PASS, EXT,
	  "reject_action=reject", KEEP, K_FAIL },
	{ PERM, P_REJ, O_NONE, 0, EXT, "", KEEP, "" },

	/* quarantine */
	{ FAIL, P_QUAR, O_NONE, 0, EXT, "", JUNK, K_JUNK },
	{ FAIL, P_QUAR, O_NONE, 0, EXT, "quarantine_action=keep", KEEP, K_FAIL },
	{ FAIL, P_QUAR, O_NONE, 0, EXT, "reject_action=keep", JUNK, K_JUNK },
	{ FAIL, P_QUAR, O_NONE, F_CAN_REJECT | F_SPF_PASS, EXT,
	  "reject_action=reject", JUNK, K_JUNK },
	{ FAIL, P_QUAR, O_NONE, F_SHARED, EXT, "", KEEP, K_FAIL },
	{ FAIL, P_QUAR, O_NONE, F_PHISHING, EXT, "", JUNK,
	  "$AuthFail $Phishing $Junk Junk" },
	{ FAIL, P_QUAR, O_NONE, F_PHISHING, EXT, "quarantine_action=keep", KEEP,
	  "$AuthFail $Phishing" },

	/* reject: 550 only where MAIL FROM itself has an SPF pass */
	{ FAIL, P_REJ, O_NONE, 0, EXT, "", JUNK, K_JUNK },
	{ FAIL, P_REJ, O_NONE, F_CAN_REJECT | F_SPF_PASS, EXT, "", JUNK,
	  K_JUNK },
	{ FAIL, P_REJ, O_NONE, 0, EXT, "reject_action=keep", KEEP, K_FAIL },
	{ FAIL, P_REJ, O_NONE, 0, EXT, "quarantine_action=keep", JUNK, K_JUNK },
	{ FAIL, P_REJ, O_NONE, F_CAN_REJECT | F_SPF_PASS, EXT,
	  "reject_action=reject", REJECT, K_FAIL },
	{ FAIL, P_REJ, O_NONE, F_CAN_REJECT, EXT, "reject_action=reject", JUNK,
	  K_JUNK },
	{ FAIL, P_REJ, O_NONE, F_SPF_PASS, EXT, "reject_action=reject", JUNK,
	  K_JUNK },
	{ FAIL, P_REJ, O_NONE, F_CAN_REJECT | F_SPF_PASS | F_SHARED, EXT,
	  "reject_action=reject", KEEP, K_FAIL },
	{ FAIL, P_REJ, O_NONE, F_SHARED, EXT, "", KEEP, K_FAIL },

	/* overrides: ours stand against the policy, the domain's own have
	   lowered it already */
	{ FAIL, P_REJ, O_LOCAL, 0, EXT, "", KEEP, "$AuthFail $AuthOverride" },
	{ FAIL, P_REJ, O_FORW, 0, EXT, "", KEEP, "$AuthFail $AuthOverride" },
	{ FAIL, P_QUAR, O_LIST, 0, EXT, "", KEEP, "$AuthFail $AuthOverride" },
	{ FAIL, P_QUAR, O_LOCAL, 0, EXT, "", KEEP, "$AuthFail $AuthOverride" },
	{ FAIL, P_REJ, O_LIST, F_PHISHING | F_CAN_REJECT | F_SPF_PASS, EXT,
	  "reject_action=reject", KEEP, "$AuthFail $AuthOverride" },
	{ FAIL, P_QUAR, O_TEST, 0, EXT, "", JUNK, K_JUNK },
	{ FAIL, P_NONE, O_TEST, 0, EXT, "", KEEP, K_FAIL },
	{ FAIL, P_QUAR, O_PCT, 0, EXT, "", JUNK, K_JUNK },
	{ FAIL, P_NONE, O_PCT, 0, EXT, "", KEEP, K_FAIL },
	{ PASS, P_REJ, O_LOCAL, 0, EXT, "", KEEP, "$AuthPass" },

	/* From without one usable Author Domain */
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR, EXT, "", KEEP, K_FAIL },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED, EXT, "", JUNK,
	  K_JUNK },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED, EXT,
	  "quarantine_action=keep", KEEP, K_FAIL },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED, EXT,
	  "reject_action=keep", JUNK, K_JUNK },
	{ PERM, P_REJ, O_NONE, F_BAD_AUTHOR | F_ENFORCED | F_CAN_REJECT |
	  F_SPF_PASS, EXT, "reject_action=reject", JUNK, K_JUNK },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED | F_SHARED, EXT, "",
	  KEEP, K_FAIL },
	{ PERM, P_NONE, O_LOCAL, F_BAD_AUTHOR | F_ENFORCED, EXT, "", JUNK,
	  K_JUNK },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_PHISHING, EXT, "", KEEP,
	  K_FAIL },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED | F_PHISHING, EXT, "",
	  JUNK, "$AuthFail $Phishing $Junk Junk" },
	{ PASS, P_NONE, O_NONE, F_BAD_AUTHOR, EXT, "", KEEP, K_FAIL },

	/* names that do not answer, and a policy that is known: time for the
	   answer, then Junk, never INBOX */
#define F_WAIT (F_TEMPERROR | F_MAY_FAIL | F_MAY_WAIT)
#define F_WAITED (F_TEMPERROR | F_MAY_FAIL)
#define K_WAITED "$AuthTempError $Junk Junk"
	{ TEMP, P_REJ, O_NONE, F_WAIT, EXT, "", TEMPFAIL, "$AuthTempError" },
	{ TEMP, P_QUAR, O_NONE, F_WAIT, EXT, "", TEMPFAIL, "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_WAITED, EXT, "", JUNK, K_WAITED },
	{ TEMP, P_QUAR, O_NONE, F_WAITED, EXT, "", JUNK, K_WAITED },
	{ TEMP, P_REJ, O_NONE, F_WAITED | F_PHISHING, EXT, "", JUNK, K_WAITED },
	/* never 550 */
	{ TEMP, P_REJ, O_NONE, F_WAITED | F_CAN_REJECT | F_SPF_PASS, EXT,
	  "reject_action=reject", JUNK, K_WAITED },
	{ TEMP, P_REJ, O_NONE, F_WAIT | F_CAN_REJECT | F_SPF_PASS, EXT,
	  "reject_action=reject", TEMPFAIL, "$AuthTempError" },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_MAY_FAIL | F_MAY_WAIT, EXT, "",
	  TEMPFAIL, "$AuthFail $AuthTempError" },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_MAY_FAIL, EXT, "", JUNK,
	  "$AuthFail $AuthTempError $Junk Junk" },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED | F_MAY_FAIL |
	  F_MAY_WAIT, EXT, "", JUNK, "$AuthFail $AuthTempError $Junk Junk" },
	/* the actions */
	{ TEMP, P_REJ, O_NONE, F_WAIT, EXT, "temperror_action=junk", JUNK,
	  K_WAITED },
	{ TEMP, P_REJ, O_NONE, F_WAIT, EXT, "temperror_action=keep", KEEP,
	  "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_WAITED, EXT, "temperror_action=tempfail",
	  TEMPFAIL, "$AuthTempError" },
	/* who would get it anyway does not wait for it */
	{ TEMP, P_REJ, O_NONE, F_WAIT, EXT, "reject_action=keep", KEEP,
	  "$AuthTempError" },
	{ TEMP, P_QUAR, O_NONE, F_WAIT, EXT, "quarantine_action=keep", KEEP,
	  "$AuthTempError" },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_MAY_FAIL | F_MAY_WAIT, EXT,
	  "quarantine_action=keep", KEEP, "$AuthFail $AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_WAIT, EXT, "mode=tag", KEEP, "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_WAITED, EXT, "mode=tag temperror_action=junk",
	  KEEP, "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_WAIT, EXT, "mode=off", KEEP, "" },
	{ TEMP, P_REJ, O_NONE, F_WAIT | F_SHARED, EXT, "", KEEP,
	  "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_WAIT, MAIL_ORIGIN_LOCAL, "", KEEP, "" },

	/* other temperror, the policy or the client unknown: never policy */
	{ TEMP, P_REJ, O_NONE, F_TEMPERROR, EXT, "temperror_action=junk", KEEP,
	  "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_TEMPERROR, EXT, "", KEEP, "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, 0, EXT, "", KEEP, "$AuthTempError" },
	{ NONE, P_NONE, O_NONE, F_TEMPERROR, EXT, "", KEEP, "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_TEMPERROR, EXT, "temperror_action=tempfail",
	  TEMPFAIL, "$AuthTempError" },
	{ NONE, P_NONE, O_NONE, F_TEMPERROR, EXT, "temperror_action=tempfail",
	  TEMPFAIL, "$AuthTempError" },
	/* the message itself may be why there is no verdict */
	{ TEMP, P_NONE, O_NONE, F_UNJUDGED, EXT, "", TEMPFAIL,
	  "$AuthTempError" },
	{ TEMP, P_NONE, O_NONE, F_UNJUDGED, EXT, "temperror_action=tempfail",
	  TEMPFAIL, "$AuthTempError" },
	{ TEMP, P_NONE, O_NONE, F_UNJUDGED, EXT, "mode=tag", KEEP,
	  "$AuthTempError" },
	{ TEMP, P_NONE, O_NONE, F_UNJUDGED | F_SHARED, EXT, "", KEEP,
	  "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_TEMPERROR | F_SHARED, EXT,
	  "temperror_action=tempfail", KEEP, "$AuthTempError" },
	{ TEMP, P_REJ, O_NONE, F_TEMPERROR | F_PHISHING | F_CAN_REJECT |
	  F_SPF_PASS, EXT, "reject_action=reject", KEEP, "$AuthTempError" },
	{ PASS, P_REJ, O_NONE, 0, EXT, "temperror_action=tempfail", KEEP,
	  "$AuthPass" },
	{ FAIL, P_QUAR, O_NONE, 0, EXT, "temperror_action=tempfail", JUNK,
	  K_JUNK },

	/* mode */
	{ FAIL, P_QUAR, O_NONE, 0, EXT, "mode=tag", KEEP, K_FAIL },
	{ FAIL, P_REJ, O_NONE, F_CAN_REJECT | F_SPF_PASS | F_PHISHING, EXT,
	  "mode=tag reject_action=reject", KEEP, "$AuthFail $Phishing" },
	{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED, EXT, "mode=tag",
	  KEEP, K_FAIL },
	{ TEMP, P_NONE, O_NONE, F_TEMPERROR, EXT,
	  "mode=tag temperror_action=tempfail", KEEP, "$AuthTempError" },
	{ PASS, P_NONE, O_NONE, 0, EXT, "mode=tag", KEEP, "$AuthPass" },
	{ FAIL, P_REJ, O_NONE, F_PHISHING | F_CAN_REJECT | F_SPF_PASS, EXT,
	  "mode=off reject_action=reject", KEEP, "" },
	{ PASS, P_REJ, O_NONE, 0, EXT, "mode=off", KEEP, "" },
	{ TEMP, P_REJ, O_NONE, F_TEMPERROR, EXT,
	  "mode=off temperror_action=tempfail", KEEP, "" },

	/* our own mail: no DMARC, whatever the verdict says */
	{ NONE, P_NONE, O_NONE, 0, MAIL_ORIGIN_AUTHENTICATED, "", KEEP, "" },
	{ NONE, P_NONE, O_NONE, 0, MAIL_ORIGIN_LOCAL, "", KEEP, "" },
	{ FAIL, P_REJ, O_NONE, F_PHISHING, MAIL_ORIGIN_LOCAL, "", KEEP, "" },
	{ PERM, P_REJ, O_NONE, F_BAD_AUTHOR | F_ENFORCED, MAIL_ORIGIN_LOCAL, "",
	  KEEP, "" },
	{ TEMP, P_REJ, O_NONE, F_TEMPERROR, MAIL_ORIGIN_AUTHENTICATED,
	  "temperror_action=tempfail", KEEP, "" },
};

static void test_setting_set(struct authres_settings *set, const char *arg)
{
	if (strcmp(arg, "mode=off") == 0)
		set->mode = AUTHRES_MODE_OFF;
	else if (strcmp(arg, "mode=tag") == 0)
		set->mode = AUTHRES_MODE_TAG;
	else if (strcmp(arg, "quarantine_action=keep") == 0)
		set->quarantine_action = AUTHRES_QUARANTINE_ACTION_KEEP;
	else if (strcmp(arg, "reject_action=keep") == 0)
		set->reject_action = AUTHRES_REJECT_ACTION_KEEP;
	else if (strcmp(arg, "reject_action=reject") == 0)
		set->reject_action = AUTHRES_REJECT_ACTION_REJECT;
	else if (strcmp(arg, "temperror_action=junk") == 0)
		set->temperror_action = AUTHRES_TEMPERROR_ACTION_JUNK;
	else if (strcmp(arg, "temperror_action=keep") == 0)
		set->temperror_action = AUTHRES_TEMPERROR_ACTION_KEEP;
	else if (strcmp(arg, "temperror_action=tempfail") == 0)
		set->temperror_action = AUTHRES_TEMPERROR_ACTION_TEMPFAIL;
	else
		i_panic("unknown setting %s", arg);
}

static void
test_query_init(const struct decision_test *test, struct verdict *verdict,
		struct authres_settings *set, struct disposition_query *query_r)
{
	const char *const *args = t_strsplit_spaces(test->settings, " ");

	i_zero(verdict);
	verdict->dmarc = test->dmarc;
	verdict->policy = test->policy;
	verdict->override_reason = test->override;
	verdict->origin = test->origin;
	verdict->bad_author = (test->flags & F_BAD_AUTHOR) != 0;
	verdict->bad_author_enforced = (test->flags & F_ENFORCED) != 0;
	verdict->mail_from_spf_pass = (test->flags & F_SPF_PASS) != 0;
	verdict->unjudged = (test->flags & F_UNJUDGED) != 0;
	verdict->phishing = (test->flags & F_PHISHING) != 0;
	verdict->temperror = (test->flags & F_TEMPERROR) != 0;
	verdict->may_fail = (test->flags & F_MAY_FAIL) != 0;
	verdict->may_wait = (test->flags & F_MAY_WAIT) != 0;
	verdict->author_domain = "example.net";

	test_settings_init(set);
	for (; *args != NULL; args++)
		test_setting_set(set, *args);

	i_zero(query_r);
	query_r->verdict = verdict;
	query_r->set = set;
	query_r->can_reject = (test->flags & F_CAN_REJECT) != 0;
	query_r->shared_destination = (test->flags & F_SHARED) != 0;
}

static bool is_one_line(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return FALSE;
	}
	return TRUE;
}

static void test_disposition_decide(void)
{
	static const struct {
		enum authres_junk_sieve value;
		enum disposition_sieve sieve;
	} sieve_tests[] = {
		{ AUTHRES_JUNK_SIEVE_SKIP, DISPOSITION_SIEVE_SKIP },
		{ AUTHRES_JUNK_SIEVE_GLOBAL, DISPOSITION_SIEVE_GLOBAL },
		{ AUTHRES_JUNK_SIEVE_RUN, DISPOSITION_SIEVE_RUN },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;

	test_begin("disposition decide");
	for (unsigned int i = 0; i < N_ELEMENTS(decision_tests); i++) T_BEGIN {
		const struct decision_test *test = &decision_tests[i];

		test_query_init(test, &verdict, &set, &query);
		disposition_decide(pool, &query, &disposition);
		test_assert_idx(disposition.action == test->action, i);
		test_assert_strcmp_idx(t_strarray_join(disposition.keywords,
						       " "),
				       test->keywords, i);
		test_assert_idx(disposition.override_reason ==
				(test->dmarc == FAIL &&
				 set.mode != AUTHRES_MODE_OFF ?
				 test->override : O_NONE), i);
		test_assert_idx(disposition.sieve == DISPOSITION_SIEVE_SKIP, i);
		test_assert_idx(disposition.note == NULL ||
				is_one_line(disposition.note), i);

		/* Sieve runs for junk only, everything else as before */
		for (unsigned int j = 0; j < N_ELEMENTS(sieve_tests); j++) {
			set.junk_sieve = sieve_tests[j].value;
			disposition_decide(pool, &query, &disposition);
			test_assert_idx(disposition.action == test->action, i);
			test_assert_idx(disposition.sieve ==
					(test->action == JUNK ?
					 sieve_tests[j].sieve :
					 DISPOSITION_SIEVE_SKIP), i);
		}
	} T_END;
	pool_unref(&pool);
	test_end();
}

/* The user's own allowance. */
static void test_disposition_allowed(void)
{
	static const struct {
		enum check_result_word dmarc;
		enum dmarc_policy policy;
		enum override_reason override;
		unsigned int flags;
		enum mail_origin origin;
		const char *list_domain, *forwarder;
		bool may_be_allowed;
	} tests[] = {
		{ FAIL, P_QUAR, O_NONE, 0, EXT, "l.example", NULL, TRUE },
		{ FAIL, P_REJ, O_NONE, 0, EXT, NULL, "fw.example", TRUE },
		{ FAIL, P_REJ, O_NONE, F_CAN_REJECT | F_SPF_PASS, EXT,
		  "l.example", "fw.example", TRUE },
		{ FAIL, P_QUAR, O_TEST, 0, EXT, "l.example", NULL, TRUE },
		/* neither list nor forwarder: From alone is never enough */
		{ FAIL, P_QUAR, O_NONE, 0, EXT, NULL, NULL, FALSE },
		/* phishing, no one author */
		{ FAIL, P_QUAR, O_NONE, F_PHISHING, EXT, "l.example", NULL,
		  FALSE },
		{ PERM, P_NONE, O_NONE, F_BAD_AUTHOR | F_ENFORCED, EXT,
		  "l.example", NULL, FALSE },
		/* nothing to allow */
		{ FAIL, P_NONE, O_NONE, 0, EXT, "l.example", NULL, FALSE },
		{ FAIL, P_REJ, O_LIST, 0, EXT, "l.example", NULL, FALSE },
		{ FAIL, P_REJ, O_FORW, 0, EXT, NULL, "fw.example", FALSE },
		{ PASS, P_REJ, O_NONE, 0, EXT, "l.example", NULL, FALSE },
		{ TEMP, P_REJ, O_NONE, F_TEMPERROR, EXT, "l.example", NULL,
		  FALSE },
		{ FAIL, P_REJ, O_NONE, 0, MAIL_ORIGIN_LOCAL, "l.example", NULL,
		  FALSE },
	};
	struct decision_test test;
	struct disposition_query query;
	struct disposition disposition, without;
	struct authres_settings set;
	struct verdict verdict;
	pool_t pool = pool_alloconly_create("test", 1024);

	test_begin("disposition allowed");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		i_zero(&test);
		test.dmarc = tests[i].dmarc;
		test.policy = tests[i].policy;
		test.override = tests[i].override;
		test.flags = tests[i].flags;
		test.origin = tests[i].origin;
		test.settings = "reject_action=reject";
		test_query_init(&test, &verdict, &set, &query);
		verdict.list_domain = tests[i].list_domain;
		verdict.forwarder = tests[i].forwarder;
		test_assert_idx(disposition_may_be_allowed(&verdict) ==
				tests[i].may_be_allowed, i);

		disposition_decide(pool, &query, &without);
		query.allowed_through = "list:l.example";
		disposition_decide(pool, &query, &disposition);
		if (!tests[i].may_be_allowed) {
			test_assert_idx(disposition.action == without.action &&
					disposition.override_reason ==
					without.override_reason, i);
			test_assert_idx(null_strcmp(disposition.note,
						    without.note) == 0, i);
		} else {
			test_assert_idx(disposition.action == KEEP &&
					without.action != KEEP, i);
			test_assert_idx(disposition.override_reason ==
					O_LOCAL, i);
			test_assert_strcmp_idx(disposition.override_comment,
					       "list:l.example", i);
			test_assert_strcmp_idx(
				t_strarray_join(disposition.keywords, " "),
				"$AuthFail $AuthOverride", i);
			test_assert_idx(disposition.note != NULL &&
				strstr(disposition.note,
				       "the user allows") != NULL, i);
			set.mode = AUTHRES_MODE_TAG;
			disposition_decide(pool, &query, &disposition);
			test_assert_idx(disposition.override_reason ==
					O_LOCAL, i);
			set.mode = AUTHRES_MODE_OFF;
			disposition_decide(pool, &query, &disposition);
			test_assert_idx(disposition.override_reason ==
					O_NONE &&
					disposition.keywords[0] == NULL, i);
		}
	} T_END;
	pool_unref(&pool);
	test_end();
}

/* For every verdict and setting: what must never happen. */
static void test_disposition_never(void)
{
	static const char *const settings[] = {
		"", "mode=tag", "reject_action=reject", "reject_action=keep",
		"quarantine_action=keep",
		"temperror_action=tempfail", "temperror_action=keep",
		"temperror_action=junk",
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;
	struct decision_test test;
	unsigned int i;

	test_begin("disposition never");
	for (i = 0; i < (1U << F_COUNT) * N_ELEMENTS(settings) * 3 * 8 * 3;
	     i++) T_BEGIN {
		unsigned int n = i;

		i_zero(&test);
		test.flags = n % (1U << F_COUNT); n /= 1U << F_COUNT;
		test.settings = settings[n % N_ELEMENTS(settings)];
		n /= N_ELEMENTS(settings);
		test.policy = (enum dmarc_policy)(n % 3); n /= 3;
		test.dmarc = (enum check_result_word)(n % 8); n /= 8;
		test.override = n == 0 ? O_NONE : n == 1 ? O_LIST : O_TEST;
		test_query_init(&test, &verdict, &set, &query);
		p_clear(pool);
		disposition_decide(pool, &query, &disposition);

		/* without a failing policy nothing happens to a message */
		if (test.dmarc != FAIL && !verdict.bad_author_enforced &&
		    !verdict.may_fail)
			test_assert_idx(disposition.action != JUNK &&
					disposition.action != REJECT, i);
		if (test.dmarc == FAIL && test.policy == P_NONE &&
		    !verdict.bad_author_enforced && !verdict.may_fail)
			test_assert_idx(disposition.action != JUNK &&
					disposition.action != REJECT, i);
		if (!query.can_reject || !verdict.mail_from_spf_pass ||
		    query.shared_destination || test.policy != P_REJ)
			test_assert_idx(disposition.action != REJECT, i);
		if (!verdict.temperror && !verdict.may_fail &&
		    test.dmarc != TEMP)
			test_assert_idx(disposition.action != TEMPFAIL, i);
		if (query.shared_destination)
			test_assert_idx(disposition.action == KEEP, i);
		/* no name that a stranger chooses opens INBOX */
		if (verdict.may_fail && test.settings[0] == '\0' &&
		    !query.shared_destination)
			test_assert_idx(disposition.action != KEEP, i);
		/* $Junk if and only if in Junk, $NotJunk never */
		test_assert_idx(str_array_icase_find(disposition.keywords,
						     "$Junk") ==
				(disposition.action == JUNK), i);
		test_assert_idx(!str_array_icase_find(disposition.keywords,
						      "$NotJunk"), i);
	} T_END;
	pool_unref(&pool);
	test_end();
}

static void test_disposition_keyword_methods(void)
{
	static const char *const all[] = {
		"spf", "dkim", "arc", "dmarc", "senderid", NULL
	};
	static const char *const some[] = { "DKIM", "iprev", "", NULL };
	pool_t pool = pool_alloconly_create("test", 1024);
	struct decision_test test = { .settings = "", .dmarc = FAIL };
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;

	test_begin("disposition keyword methods");
	test_query_init(&test, &verdict, &set, &query);
	set.keyword_methods = all;
	disposition_decide(pool, &query, &disposition);
	test_assert_strcmp(t_strarray_join(disposition.keywords, " "),
			   "$AuthFail");

	(void)test_result_add(pool, &verdict, CHECK_METHOD_DMARC, FAIL);
	/* the strictest comes first */
	(void)test_result_add(pool, &verdict, CHECK_METHOD_DMARC, PASS);
	/* MAIL FROM, HELO */
	(void)test_result_add(pool, &verdict, CHECK_METHOD_SPF,
			      CHECK_RESULT_SOFTFAIL);
	/* any pass */
	(void)test_result_add(pool, &verdict, CHECK_METHOD_DKIM, FAIL);
	(void)test_result_add(pool, &verdict, CHECK_METHOD_DKIM, PASS);
	(void)test_result_add(pool, &verdict, CHECK_METHOD_ARC, NONE);
	(void)test_result_add(pool, &verdict, CHECK_METHOD_SENDER_ID, PERM);
	disposition_decide(pool, &query, &disposition);
	test_assert_strcmp(t_strarray_join(disposition.keywords, " "),
		"$AuthFail $SPFSoftfail $DKIMPass $DMARCFail "
		"$SENDERIDPermerror");
	set.keyword_methods = some;
	disposition_decide(pool, &query, &disposition);
	test_assert_strcmp(t_strarray_join(disposition.keywords, " "),
			   "$AuthFail $DKIMPass");
	/* never for our own mail */
	verdict.origin = MAIL_ORIGIN_LOCAL;
	disposition_decide(pool, &query, &disposition);
	test_assert(disposition.keywords[0] == NULL);
	pool_unref(&pool);
	test_end();
}

static void test_disposition_keyword_words(void)
{
	const char *words[] = {
		"$Good", "$good", "Junk", "", "two words", "a(b", "a)b", "a{b",
		"a%b", "a*b", "a\"b", "a\\b", "a]b", "\\Seen", "a\nb", "\x7f",
		"b\xc3\xbc" "cher", "a[b", NULL, NULL, NULL
	};
	char *long_word = t_malloc0(AUTHRES_MAX_KEYWORD_BYTES + 2);
	pool_t pool = pool_alloconly_create("test", 1024);
	struct decision_test test = {
		.settings = "", .dmarc = FAIL, .policy = P_QUAR
	};
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;

	test_begin("disposition keyword words");
	memset(long_word, 'x', AUTHRES_MAX_KEYWORD_BYTES + 1);
	words[18] = long_word;
	words[19] = long_word + 1;
	test_query_init(&test, &verdict, &set, &query);
	set.keyword_fail = words;
	disposition_decide(pool, &query, &disposition);
	test_assert_strcmp(t_strarray_join(disposition.keywords, " "),
		t_strconcat("$Good Junk a[b ", long_word + 1, " $Junk", NULL));
	/* off */
	set.keyword_fail = no_words;
	set.keyword_junk = no_words;
	disposition_decide(pool, &query, &disposition);
	test_assert(disposition.keywords[0] == NULL);
	test_assert(disposition.action == JUNK);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_disposition_decide,
		test_disposition_allowed,
		test_disposition_never,
		test_disposition_keyword_methods,
		test_disposition_keyword_words,
		NULL
	};
	return test_run(test_functions);
}
