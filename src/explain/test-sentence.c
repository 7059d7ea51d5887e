/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-text.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "authres-field.h"
#include "disposition.h"
#include "verdict-field.h"
#include "log-line.h"
#include "sentence.h"

static const char *const no_words[] = { NULL };

static void test_settings_init(struct authres_settings *set)
{
	i_zero(set);
	set->mode = AUTHRES_MODE_ENFORCE;
	set->quarantine_action = AUTHRES_QUARANTINE_ACTION_JUNK;
	set->reject_action = AUTHRES_REJECT_ACTION_REJECT;
	set->temperror_action = AUTHRES_TEMPERROR_ACTION_KEEP;
	set->junk_sieve = AUTHRES_JUNK_SIEVE_SKIP;
	set->keyword_pass = set->keyword_fail = set->keyword_temperror =
		set->keyword_override = set->keyword_junk =
		set->keyword_phishing = set->keyword_methods = no_words;
}

/* A verdict is easiest written as the field it becomes. */
static void
test_verdict_read(pool_t pool, const char *value, struct verdict *verdict_r)
{
	struct authres_field field;
	const char *error;

	if (authres_field_parse(pool, (const unsigned char *)value,
				strlen(value), &field, &error) < 0)
		i_panic("%s: %s", value, error);
	verdict_field_read(pool, &field, verdict_r);
}

#define CLIENT "(authres: client=192.0.2.1 received=1)"
#define FAIL_ENTRIES \
	"spf=softfail smtp.mailfrom=\"secret.user@bounce.example\"; dkim=none"

static const struct {
	const char *value;
	const char *setting;
	const char *explanation, *log;
} text_tests[] = {
	{ "mx; dmarc=fail header.from=example.net policy.dmarc=quarantine; "
	  FAIL_ENTRIES CLIENT, "",
	  "example.net asks receivers to quarantine mail that fails DMARC, and "
	  "neither SPF (softfail for bounce.example) nor DKIM (no signature) "
	  "proves that example.net sent this.",
	  "spf=softfail dkim=none dmarc=fail p=quarantine from=example.net "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=fail (p=none, our own domain) header.from=example.net "
	  "policy.dmarc=quarantine; " FAIL_ENTRIES CLIENT, "",
	  "example.net is our own domain, and this server quarantines mail in "
	  "its name without proof, and neither SPF (softfail for "
	  "bounce.example) nor DKIM (no signature) proves that example.net "
	  "sent this.",
	  "spf=softfail dkim=none dmarc=fail p=quarantine(our own domain) "
	  "from=example.net ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=fail header.from=example.net policy.dmarc=none; "
	  FAIL_ENTRIES CLIENT, "",
	  "example.net asks receivers to do nothing about mail that fails "
	  "DMARC, and neither SPF (softfail for bounce.example) nor DKIM (no "
	  "signature) proves that example.net sent this.",
	  "spf=softfail dkim=none dmarc=fail p=none from=example.net "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	/* an explanation is a stranger's text */
	{ "mx; dmarc=fail header.from=example.net policy.dmarc=quarantine; "
	  "spf=fail reason=\"Call 555\" smtp.mailfrom=a@b.example; dkim=none"
	  CLIENT, "",
	  "example.net asks receivers to quarantine mail that fails DMARC, and "
	  "neither SPF (fail for b.example) nor DKIM (no signature) proves "
	  "that example.net sent this.",
	  "spf=fail dkim=none dmarc=fail p=quarantine from=example.net "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	/* signatures, several; only the first names itself */
	{ "mx; dmarc=fail header.from=example.net policy.dmarc=reject; "
	  "spf=none smtp.helo=h.example; dkim=fail reason=\"body hash\" "
	  "header.d=example.net header.i=u@example.net; dkim=temperror" CLIENT,
	  "",
	  "example.net asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (none for h.example) nor DKIM (fail for example.net: "
	  "body hash, and 1 more) proves that example.net sent this; it was "
	  "not rejected, because local delivery cannot.",
	  "spf=none dkim=fail (body hash) dmarc=fail p=reject from=example.net "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=fail header.from=example.net policy.dmarc=reject; "
	  "spf=pass smtp.mailfrom=a@other.example; dkim=fail header.d=a.example;"
	  " dkim=pass header.d=other.example; arc=fail" CLIENT, "reject",
	  "example.net asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (pass for other.example) nor DKIM (pass for "
	  "other.example, and 1 more) proves that example.net sent this.",
	  "spf=pass dkim=pass arc=fail dmarc=fail p=reject from=example.net "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> rejected" },
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=reject; " CLIENT,
	  "can_reject",
	  "a.example asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (not checked) nor DKIM (not checked) proves that "
	  "a.example sent this; it was not rejected, because MAIL FROM has "
	  "no SPF pass and a bounce could hit a bystander.",
	  "dmarc=fail p=reject from=a.example ip=192.0.2.1(received) "
	  "dns=0q/0w/0ms -> Junk" },
	/* settings */
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=reject", "tag",
	  "a.example asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (not checked, client address unknown) nor DKIM (not "
	  "checked) proves that a.example sent this; it was only tagged, "
	  "because authres_mode is tag.",
	  "dmarc=fail p=reject from=a.example ip=unknown dns=0q/0w/0ms -> "
	  "Junk" },
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=reject", "off",
	  "authres_mode is off.",
	  "dmarc=fail p=reject from=a.example ip=unknown dns=0q/0w/0ms -> "
	  "Junk" },
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=reject", "keep",
	  "a.example asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (not checked, client address unknown) nor DKIM (not "
	  "checked) proves that a.example sent this; authres_reject_action "
	  "is keep.",
	  "dmarc=fail p=reject from=a.example ip=unknown dns=0q/0w/0ms -> "
	  "Junk" },
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=quarantine",
	  "keep",
	  "a.example asks receivers to quarantine mail that fails DMARC, and "
	  "neither SPF (not checked, client address unknown) nor DKIM (not "
	  "checked) proves that a.example sent this; "
	  "authres_quarantine_action is keep.",
	  "dmarc=fail p=quarantine from=a.example ip=unknown dns=0q/0w/0ms -> "
	  "Junk" },
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=quarantine",
	  "shared",
	  "a.example asks receivers to quarantine mail that fails DMARC, and "
	  "neither SPF (not checked, client address unknown) nor DKIM (not "
	  "checked) proves that a.example sent this; it was only tagged "
	  "where it went.",
	  "dmarc=fail p=quarantine from=a.example ip=unknown dns=0q/0w/0ms -> "
	  "Junk" },
	/* overrides */
	{ "mx; dmarc=fail reason=\"list.example.org\" header.from=a.example "
	  "policy.dmarc=reject policy.override-reason=mailing_list; dkim=none",
	  "",
	  "The policy was not applied, because "
	  "the trusted mailing list list.example.org sent this: "
	  "a.example asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (not checked, client address unknown) nor DKIM (no "
	  "signature) proves that a.example sent this.",
	  "dkim=none dmarc=fail p=reject from=a.example override=mailing_list "
	  "(list.example.org) ip=unknown dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=fail reason=\"trusted_forwarder: fw.example.org\" "
	  "header.from=a.example policy.dmarc=reject "
	  "policy.override-reason=trusted_forwarder; dkim=none", "",
	  "The policy was not applied, because "
	  "the trusted forwarder fw.example.org changed only the body: "
	  "a.example asks receivers to reject mail that fails DMARC, and "
	  "neither SPF (not checked, client address unknown) nor DKIM (no "
	  "signature) proves that a.example sent this.",
	  "dkim=none dmarc=fail p=reject from=a.example "
	  "override=trusted_forwarder (fw.example.org) ip=unknown "
	  "dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=fail reason=\"local_policy: arc=pass as[2].d=s.example\" "
	  "header.from=a.example policy.dmarc=quarantine "
	  "policy.override-reason=local_policy; dkim=none", "",
	  "The policy was not applied, because "
	  "a trusted sealer vouches for this (arc=pass as[2].d=s.example): "
	  "a.example asks receivers to quarantine mail that fails DMARC, and "
	  "neither SPF (not checked, client address unknown) nor DKIM (no "
	  "signature) proves that a.example sent this.",
	  "dkim=none dmarc=fail p=quarantine from=a.example "
	  "override=local_policy (arc=pass as[2].d=s.example) ip=unknown "
	  "dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=quarantine "
	  "policy.override-reason=policy_test_mode; dkim=none", "",
	  "a.example asks receivers to quarantine mail that fails DMARC "
	  "(lowered, because the domain is testing), and neither SPF (not "
	  "checked, client address unknown) nor DKIM (no signature) proves "
	  "that a.example sent this.",
	  "dkim=none dmarc=fail p=quarantine from=a.example "
	  "override=policy_test_mode ip=unknown dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=fail header.from=a.example policy.dmarc=none "
	  "policy.override-reason=sampled_out; dkim=none", "",
	  "a.example asks receivers to do nothing about mail that fails "
	  "DMARC (lowered by the domain's pct), and neither SPF (not "
	  "checked, client address unknown) nor DKIM (no signature) proves "
	  "that a.example sent this.",
	  "dkim=none dmarc=fail p=none from=a.example override=sampled_out "
	  "ip=unknown dns=0q/0w/0ms -> Junk" },
	/* other results */
	{ "mx; dmarc=pass header.from=a.example; spf=pass smtp.mailfrom="
	  "x@a.example; dkim=none" CLIENT, "",
	  "SPF (pass for a.example) proves that a.example sent this.",
	  "spf=pass dkim=none dmarc=pass from=a.example "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	/* only what is related to the author is evidence */
	{ "mx; dmarc=pass header.from=a.example; spf=pass smtp.mailfrom="
	  "x@xa.example; dkim=pass header.d=other.example; "
	  "dkim=pass header.d=s.a.example" CLIENT, "",
	  "DKIM (pass for s.a.example) proves that a.example sent this.",
	  "spf=pass dkim=pass dmarc=pass from=a.example "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=pass header.from=m.a.example; spf=pass smtp.mailfrom="
	  "x@a.example; dkim=pass header.d=m.a.example" CLIENT, "",
	  "DKIM (pass for m.a.example) and SPF (pass for a.example) prove "
	  "that m.a.example sent this.",
	  "spf=pass dkim=pass dmarc=pass from=m.a.example "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=pass header.from=a.example; spf=pass smtp.mailfrom="
	  "x@b.example; dkim=none" CLIENT, "",
	  "SPF (pass for b.example) or DKIM (no signature) proves that "
	  "a.example sent this.",
	  "spf=pass dkim=none dmarc=pass from=a.example "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=none header.from=a.example; spf=pass smtp.mailfrom="
	  "x@a.example; dkim=none" CLIENT, "",
	  "a.example publishes no DMARC policy; SPF (pass for a.example), DKIM "
	  "(no signature).",
	  "spf=pass dkim=none dmarc=none from=a.example "
	  "ip=192.0.2.1(received) dns=0q/0w/0ms -> Junk" },
	{ "mx; none", "", "DMARC was not checked.",
	  "ip=unknown dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=temperror reason=\"client address unknown\" "
	  "header.from=a.example; dkim=none", "",
	  "It is not known whether a.example sent this (client address "
	  "unknown), so no DMARC policy was applied.",
	  "dkim=none dmarc=temperror (client address unknown) from=a.example "
	  "ip=unknown dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=temperror reason=\"verifier down\"", "tempfail",
	  "It is not known whether its author sent this (verifier down), so "
	  "no DMARC policy was applied.",
	  "dmarc=temperror (verifier down) ip=unknown dns=0q/0w/0ms -> "
	  "deferred" },
	{ "mx; dmarc=permerror reason=\"no single author domain\"", "",
	  "The From field does not name one usable author domain (no single "
	  "author domain), and no domain in it fails a DMARC policy of "
	  "quarantine or reject.",
	  "dmarc=permerror (no single author domain) from=bad ip=unknown "
	  "dns=0q/0w/0ms -> Junk" },
	{ "mx; dmarc=permerror; dmarc=fail header.from=b.example "
	  "policy.dmarc=reject", "",
	  "The From field does not name one usable author domain, and a "
	  "domain in it fails a DMARC policy of quarantine or reject.",
	  "dmarc=permerror from=bad(enforced) ip=unknown dns=0q/0w/0ms -> "
	  "Junk" },
	{ "mx; auth=pass smtp.mailfrom=x@a.example (authres: "
	  "origin=authenticated)", "",
	  "A user who was logged in at our own hosts sent this, so DMARC was "
	  "not checked.",
	  "auth=pass origin=authenticated ip=unknown dns=0q/0w/0ms -> Junk" },
	{ "mx; none (authres: origin=local client=2001:db8::1 source=header)",
	  "",
	  "This came from our own hosts, so DMARC was not checked.",
	  "origin=local ip=2001:db8::1(header) dns=0q/0w/0ms -> Junk" },
};

static void
test_setting_apply(const char *setting, struct authres_settings *set,
		   struct disposition_query *query)
{
	query->can_reject = strcmp(setting, "reject") == 0 ||
		strcmp(setting, "can_reject") == 0;
	query->shared_destination = strcmp(setting, "shared") == 0;
	if (strcmp(setting, "tag") == 0)
		set->mode = AUTHRES_MODE_TAG;
	else if (strcmp(setting, "off") == 0)
		set->mode = AUTHRES_MODE_OFF;
	else if (strcmp(setting, "keep") == 0) {
		set->reject_action = AUTHRES_REJECT_ACTION_KEEP;
		set->quarantine_action = AUTHRES_QUARANTINE_ACTION_KEEP;
	} else if (strcmp(setting, "tempfail") == 0)
		set->temperror_action = AUTHRES_TEMPERROR_ACTION_TEMPFAIL;
}

static void test_disposition_texts(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;

	test_begin("disposition explanation and log line");
	for (unsigned int i = 0; i < N_ELEMENTS(text_tests); i++) T_BEGIN {
		test_verdict_read(pool, text_tests[i].value, &verdict);
		test_settings_init(&set);
		i_zero(&query);
		query.verdict = &verdict;
		query.set = &set;
		test_setting_apply(text_tests[i].setting, &set, &query);
		disposition_decide(pool, &query, &disposition);
		if (*text_tests[i].setting == 'o')
			disposition.override_reason = OVERRIDE_REASON_NONE;
		test_assert_strcmp_idx(t_sentence_disposition(&verdict,
							      &disposition),
				       text_tests[i].explanation, i);
		test_assert_strcmp_idx(t_log_line(&verdict,
						&disposition, "Junk"),
				       text_tests[i].log, i);
	} T_END;
	pool_unref(&pool);
	test_end();
}

static void test_disposition_log_numbers(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct disposition disposition;
	struct verdict verdict, other;

	test_begin("disposition log line numbers");
	test_verdict_read(pool, "mx; dmarc=pass header.from=a.example",
			  &verdict);
	i_zero(&disposition);
	verdict.dns_questions = 9;
	verdict.dns_waves = 2;
	verdict.dns_wait_msecs = 31;
	test_assert_strcmp(t_log_line(&verdict, &disposition, NULL),
		"dmarc=pass from=a.example ip=unknown dns=9q/2w/31ms");
	test_assert_strcmp(t_log_line(&verdict, &disposition,
						  "a\nb\xff"),
		"dmarc=pass from=a.example ip=unknown dns=9q/2w/31ms -> a?b?");
	/* on what it rests; a filter's comment says nothing */
	test_verdict_read(pool, "mx; dmarc=fail (stale, p=reject) "
		"header.from=a.example policy.dmarc=reject; "
		"spf=fail (stale, all in a.example) reason=no; "
		"dkim=fail (stale) reason=bad; "
		"arc=pass (stale, i=1) (upstream f.example)", &other);
	test_assert_strcmp(t_log_line(&other, &disposition, NULL),
		"spf=fail (stale) dkim=fail (stale) (bad) arc=pass "
		"dmarc=fail (stale) p=reject from=a.example "
		"upstream=arc(f.example) ip=unknown dns=0q/0w/0ms");
	/* the user's own allowance */
	disposition.override_reason = OVERRIDE_REASON_LOCAL_POLICY;
	disposition.override_comment = "list:l.example";
	test_assert_strcmp(t_log_line(&verdict, &disposition,
						  "INBOX"),
		"dmarc=pass from=a.example override=local_policy "
		"(list:l.example) ip=unknown dns=9q/2w/31ms -> INBOX");
	pool_unref(&pool);
	test_end();
}

static void test_disposition_log_upstream(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct disposition disposition;
	struct verdict verdict;

	test_begin("disposition log line of upstream results");
	i_zero(&disposition);
	test_verdict_read(pool, "mx; dmarc=pass (upstream f.example) "
		"header.from=a.example; spf=none; dkim=pass (upstream \"x\x01) "
		"header.d=a.example; dkim=fail (upstream \"x)", &verdict);
	test_assert_strcmp(t_log_line(&verdict, &disposition, NULL),
		"spf=none dkim=pass dmarc=pass from=a.example "
		"upstream=dmarc(f.example),dkim(\"x?) ip=unknown "
		"dns=0q/0w/0ms");
	verdict.upstream_reason = "arc is given with different results";
	test_assert_strcmp(t_log_line(&verdict, &disposition, NULL),
		"spf=none dkim=pass dmarc=pass from=a.example "
		"upstream=dmarc(f.example),dkim(\"x?) upstream-unused=("
		"arc is given with different results) ip=unknown "
		"dns=0q/0w/0ms");
	pool_unref(&pool);
	test_end();
}

/* The verdict has no override; the entry says that the domain has lowered its
   policy. */
static void test_disposition_lowered(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;

	test_begin("disposition lowered policy");
	test_settings_init(&set);
	i_zero(&query);
	query.verdict = &verdict;
	query.set = &set;
	test_verdict_read(pool, "mx; dmarc=fail header.from=a.example "
			  "policy.dmarc=quarantine "
			  "policy.override-reason=policy_test_mode", &verdict);
	verdict.override_reason = OVERRIDE_REASON_NONE;
	disposition_decide(pool, &query, &disposition);
	test_assert(disposition.action == DISPOSITION_JUNK);
	test_assert(disposition.override_reason ==
		    OVERRIDE_REASON_POLICY_TEST_MODE);
	test_assert(strstr(t_sentence_disposition(&verdict, &disposition),
			   "(lowered, because the domain is testing)") != NULL);
	pool_unref(&pool);
	test_end();
}

static void test_disposition_reply(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;

	test_begin("disposition reply");
	test_settings_init(&set);
	i_zero(&query);
	query.verdict = &verdict;
	query.set = &set;
	query.can_reject = TRUE;
	test_verdict_read(pool, "mx; dmarc=fail header.from=a.example "
			  "policy.dmarc=reject; spf=pass smtp.mailfrom=b@"
			  "b.example; dkim=none", &verdict);
	disposition_decide(pool, &query, &disposition);
	test_assert_strcmp(t_sentence_reply(&verdict, &disposition),
		"Rejected: a.example asks receivers to reject mail that fails "
		"DMARC, and neither SPF (pass for b.example) nor DKIM (no "
		"signature) proves that a.example sent this.");
	set.temperror_action = AUTHRES_TEMPERROR_ACTION_TEMPFAIL;
	verdict_init_temperror(pool, &verdict, "verifier down");
	disposition_decide(pool, &query, &disposition);
	test_assert_strcmp(t_sentence_reply(&verdict, &disposition),
		"Sender authentication could not be completed, try again later");
	pool_unref(&pool);
	test_end();
}

static bool is_clean(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return FALSE;
	}
	return TRUE;
}

/* Whatever the strings of a verdict hold, texts stay one line and bounded. */
static void test_disposition_texts_hostile(void)
{
	const char *bad[] = {
		"a\r\nb", "\r\n.\r\n", "\001\002\x7f\x1b[31m", "\xff\xfe\xc3",
		"%s%n%d", "", "b\xc3\xbc" "cher.example", "@", "x@", "@x",
		t_repeat("long ", 20000), t_repeat("\n", 100000),
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct disposition_query query;
	struct disposition disposition;
	struct authres_settings set;
	struct verdict verdict;
	struct check_result *result;

	test_begin("disposition texts hostile");
	test_settings_init(&set);
	i_zero(&query);
	query.verdict = &verdict;
	query.set = &set;
	query.can_reject = TRUE;
	for (unsigned int i = 0; i < N_ELEMENTS(bad) * 16; i++) T_BEGIN {
		const char *text = bad[i / 16], *line, *p;

		i_zero(&verdict);
		p_array_init(&verdict.results, pool, 4);
		for (unsigned int j = 0; j < CHECK_METHOD_COUNT; j++) {
			result = array_append_space(&verdict.results);
			result->method = (enum check_method)j;
			result->result = CHECK_RESULT_FAIL;
			result->reason = text;
			result->comment = text;
			check_result_add_property(pool, result, "smtp",
						  "mailfrom", text);
			check_result_add_property(pool, result, "header", "d",
						  text);
		}
		verdict.dmarc = (enum check_result_word)(i % 8);
		verdict.policy = DMARC_POLICY_REJECT;
		verdict.mail_from_spf_pass = TRUE;
		verdict.bad_author = i % 16 == 15;
		verdict.override_reason = i % 16 < 8 ? OVERRIDE_REASON_NONE :
			OVERRIDE_REASON_LOCAL_POLICY;
		verdict.override_comment = text;
		verdict.author_domain = text;
		verdict.policy_domain = text;
		verdict.client_helo = text;
		verdict.client_reason = text;
		disposition_decide(pool, &query, &disposition);
		p = t_sentence_disposition(&verdict, &disposition);
		test_assert_idx(is_clean(p) && *p != '\0' &&
				strlen(p) <= AUTHRES_MAX_EXPLANATION_BYTES, i);
		line = t_log_line(&verdict, &disposition, "Junk");
		test_assert_idx(is_clean(line) && strlen(line) <= 1024, i);
		/* RFC 5321 section 4.5.3.1.5 */
		p = t_sentence_reply(&verdict, &disposition);
		test_assert_idx((p != NULL) ==
				(disposition.action == DISPOSITION_REJECT ||
				 disposition.action ==
				 DISPOSITION_TEMPFAIL), i);
		test_assert_idx(p == NULL ||
				(strlen(p) <= 480 && is_clean(p)), i);
	} T_END;
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_disposition_texts,
		test_disposition_log_numbers,
		test_disposition_log_upstream,
		test_disposition_lowered,
		test_disposition_reply,
		test_disposition_texts_hostile,
		NULL
	};
	return test_run(test_functions);
}
