/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-field.h"
#include "author-domain.h"
#include "msg-parser.h"
#include "test-dns-zone.h"
#include "dmarc-walk.h"
#include "check-dmarc.h"
#include "test-common.h"
#include "test-file.h"

static const struct {
	struct dmarc_outcome outcome;
	enum override_reason override_reason;
	const char *override_comment;
	/* behind "Authentication-Results: id;", unfolded */
	const char *expected;
} report_tests[] = {
	/* RFC 8601 section 2.7, RFC 9989 section 9.1 */
	{ { .result = CHECK_RESULT_PASS, .author_domain = "free.fr",
	    .published_policy = DMARC_POLICY_QUARANTINE, .policy_tag = "p",
	    .policy = DMARC_POLICY_QUARANTINE }, 0, NULL,
	  "dmarc=pass (p=quarantine) header.from=free.fr" },
	{ { .result = CHECK_RESULT_FAIL, .author_domain = "free.fr",
	    .published_policy = DMARC_POLICY_QUARANTINE, .policy_tag = "p",
	    .policy = DMARC_POLICY_QUARANTINE }, 0, NULL,
	  "dmarc=fail (p=quarantine) header.from=free.fr policy.dmarc=quarantine" },
	{ { .result = CHECK_RESULT_FAIL, .author_domain = "a.free.fr",
	    .published_policy = DMARC_POLICY_REJECT, .policy_tag = "np",
	    .policy = DMARC_POLICY_REJECT }, 0, NULL,
	  "dmarc=fail (np=reject) header.from=a.free.fr policy.dmarc=reject" },
	{ { .result = CHECK_RESULT_NONE, .author_domain = "free.fr" }, 0, NULL,
	  "dmarc=none header.from=free.fr" },
	{ { .result = CHECK_RESULT_TEMPERROR, .author_domain = "free.fr",
	    .reason = "client address unknown", .policy_tag = "p",
	    .published_policy = DMARC_POLICY_REJECT,
	    .policy = DMARC_POLICY_REJECT }, 0, NULL,
	  "dmarc=temperror reason=\"client address unknown\" header.from=free.fr" },
	{ { .result = CHECK_RESULT_PERMERROR,
	    .reason = "several From fields" }, 0, NULL,
	  "dmarc=permerror reason=\"several From fields\"" },
	/* overrides, RFC 9990 */
	{ { .result = CHECK_RESULT_FAIL, .author_domain = "free.fr",
	    .published_policy = DMARC_POLICY_REJECT, .policy_tag = "p",
	    .policy = DMARC_POLICY_QUARANTINE,
	    .override_reason = OVERRIDE_REASON_POLICY_TEST_MODE }, 0, NULL,
	  "dmarc=fail (p=reject) reason=\"policy_test_mode\" header.from=free.fr"
	  " policy.dmarc=quarantine policy.override-reason=policy_test_mode" },
	{ { .result = CHECK_RESULT_FAIL, .author_domain = "free.fr",
	    .published_policy = DMARC_POLICY_REJECT, .policy_tag = "p",
	    .policy = DMARC_POLICY_REJECT },
	  OVERRIDE_REASON_TRUSTED_FORWARDER, "relay.example.org",
	  "dmarc=fail (p=reject) reason=\"trusted_forwarder: relay.example.org\""
	  " header.from=free.fr policy.dmarc=reject"
	  " policy.override-reason=trusted_forwarder" },
	{ { .result = CHECK_RESULT_FAIL, .author_domain = "free.fr",
	    .published_policy = DMARC_POLICY_REJECT, .policy_tag = "p",
	    .policy = DMARC_POLICY_QUARANTINE,
	    .override_reason = OVERRIDE_REASON_SAMPLED_OUT },
	  OVERRIDE_REASON_LOCAL_POLICY, "arc=pass (lists.example.org)",
	  "dmarc=fail (p=reject)"
	  " reason=\"local_policy: arc=pass (lists.example.org)\""
	  " header.from=free.fr policy.dmarc=quarantine"
	  " policy.override-reason=local_policy" },
	/* there is nothing to override */
	{ { .result = CHECK_RESULT_PASS, .author_domain = "free.fr",
	    .published_policy = DMARC_POLICY_REJECT, .policy_tag = "p",
	    .policy = DMARC_POLICY_QUARANTINE,
	    .override_reason = OVERRIDE_REASON_POLICY_TEST_MODE },
	  OVERRIDE_REASON_TRUSTED_FORWARDER, "x",
	  "dmarc=pass (p=reject) header.from=free.fr" },
	/* what DNS said is a stranger's */
	{ { .result = CHECK_RESULT_TEMPERROR, .author_domain = "free.fr",
	    .reason = "x\r\nFrom: y\t\"z\\" }, 0, NULL,
	  "dmarc=temperror reason=\"x??From: y?\\\"z\\\\\" header.from=free.fr" },
};

static const char *test_unfold(const char *field)
{
	string_t *str = t_str_new(256);
	const char *p = strchr(field, ';') + 1;

	while (*p == '\r' || *p == '\n' || *p == ' ' || *p == '\t')
		p++;
	for (; *p != '\0'; p++) {
		if (*p == '\n') {
			p += strspn(p, "\n\t ");
			if (*p == '\0')
				break;
			str_append_c(str, ' ');
		}
		str_append_c(str, *p);
	}
	return str_c(str);
}

static void test_check_dmarc_report(void)
{
	unsigned int i;

	test_begin("check_dmarc_report");
	for (i = 0; i < N_ELEMENTS(report_tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 1024);
		ARRAY_TYPE(check_result) results;
		string_t *field = t_str_new(256);

		t_array_init(&results, 1);
		check_dmarc_report(pool, &report_tests[i].outcome,
				   report_tests[i].override_reason,
				   report_tests[i].override_comment,
				   array_append_space(&results));
		authres_field_write(field, "id", &results, NULL, "\n");
		test_assert_strcmp_idx(test_unfold(str_c(field)),
				       report_tests[i].expected, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void
test_sample_header(pool_t pool, const char *const *lines,
		   struct msg_header *header_r)
{
	struct msg_field *field;
	const char *colon;

	i_zero(header_r);
	p_array_init(&header_r->fields, pool, 4);
	for (; *lines != NULL; lines++) {
		colon = strchr(*lines, ':');
		field = array_append_space(&header_r->fields);
		field->name = p_strdup_until(pool, *lines, colon);
		field->data = (const unsigned char *)*lines;
		field->size = strlen(*lines);
		field->value_offset = colon + 1 - *lines;
	}
}

static void test_check_dmarc_sample(void)
{
	pool_t pool = pool_alloconly_create("test", 16 * 1024);
	const char *lines[3] = { NULL, "From: a@b", NULL };
	struct msg_header header;
	unsigned int i, sample, below[2] = { 0, 0 };

	test_begin("check_dmarc_sample");
	for (i = 0; i < 1000; i++) {
		lines[0] = p_strdup_printf(pool, "Message-ID: <%u@x>", i);
		test_sample_header(pool, lines, &header);
		sample = check_dmarc_sample(&header);
		test_assert(sample < 100);
		test_assert(check_dmarc_sample(&header) == sample);
		if (sample < 30)
			below[0]++;
		if (sample < 50)
			below[1]++;
	}
	/* near enough to 30 and 50 % */
	test_assert(below[0] > 250 && below[0] < 350);
	test_assert(below[1] > 450 && below[1] < 550);
	test_sample_header(pool, lines + 2, &header);
	test_assert(check_dmarc_sample(&header) < 100);
	pool_unref(&pool);
	test_end();
}

static const struct dmarc_settings rfc9989 = { .mode = DMARC_MODE_RFC9989 };

static const struct {
	const char *author_domain, *domain;
	bool aligned;
} relaxed_tests[] = {
	{ "example.com", "example.com", TRUE },
	{ "example.com", "a.example.com", TRUE },
	{ "a.example.com", "b.example.com", TRUE },
	{ "example.com", "example.org", FALSE },
	{ "example.com", "evilexample.com", FALSE },
	{ "example.com", "com", FALSE },
	{ "broken.com", "a.broken.com", FALSE },
};

static void test_relaxed_run(struct dns_session *dns, void *context)
{
	const unsigned int *i = context;
	struct dmarc_lookups *lookups;

	pool_t pool = pool_alloconly_create("test", 1024);

	lookups = dmarc_lookups_init(pool, &rfc9989, dns);
	test_assert_idx(check_dmarc_relaxed_aligned(lookups,
			relaxed_tests[*i].author_domain,
			relaxed_tests[*i].domain) ==
			relaxed_tests[*i].aligned ||
			dns_session_run_incomplete(dns), *i);
	dmarc_lookups_deinit(&lookups);
	pool_unref(&pool);
}

static void test_check_dmarc_relaxed_aligned(void)
{
	unsigned int i, questions;
	pool_t pool;

	test_begin("check_dmarc_relaxed_aligned");
	for (i = 0; i < N_ELEMENTS(relaxed_tests); i++) {
		pool = pool_alloconly_create("test", 4096);
		(void)test_dns_zone_run(pool,
			"_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n"
			"_dmarc.a.broken.com. SERVFAIL\n"
			"_dmarc.broken.com. TXT \"v=DMARC1; p=none\"\n",
			test_relaxed_run, &i, &questions);
		pool_unref(&pool);
	}
	test_end();
}

static void test_resolved(struct dns_session *dns, void *context)
{
	const struct author *author = context;
	const char *const walks[] = {
		"example.org", "a.b.example.com", "example.com", NULL
	};
	const char *const *domain;

	check_dmarc_prefetch(&rfc9989, author, walks, dns);
	for (domain = author->domains; *domain != NULL; domain++)
		(void)dns_session_lookup(dns, *domain, DNS_TYPE_TXT);
}

/* The names of the Author Domain's walk and the name itself; of the others
   only what can end alike. */
static void test_check_dmarc_prefetch(void)
{
	const char *const domains[] = { "mail.example.com", NULL };
	struct author author = { .domains = domains, .single = TRUE };
	pool_t pool = pool_alloconly_create("test", 4096);
	unsigned int questions;

	test_begin("check_dmarc_prefetch");
	test_assert(test_dns_zone_run(pool, "x. A 192.0.2.1\n", test_resolved,
				      &author, &questions) == 1);
	/* mail.example.com and its walk of 3; a.b.example.com and
	   b.example.com */
	test_assert_cmp(questions, ==, 6);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_check_dmarc_report,
		test_check_dmarc_sample,
		test_check_dmarc_relaxed_aligned,
		test_check_dmarc_prefetch,
		NULL
	};
	return test_run(test_functions);
}
