/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-dns-zone.h"
#include "dmarc-walk.h"
#include "test-common.h"
#include "test-file.h"

static const struct {
	const char *domain, *names;
} name_tests[] = {
	/* section 4.10, appendix B.4 */
	{ "a.b.c.d.e.f.g.h.i.j.mail.example.com",
	  "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com "
	  "h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com "
	  "mail.example.com example.com com" },
	{ "a.mail.example.com", "a.mail.example.com mail.example.com example.com com" },
	{ "example.com", "example.com com" },
	{ "com", "com" },
	{ "1.2.3.4.5.6.7", "1.2.3.4.5.6.7 2.3.4.5.6.7 3.4.5.6.7 4.5.6.7 5.6.7 6.7 7" },
	{ "0.1.2.3.4.5.6.7", "0.1.2.3.4.5.6.7 1.2.3.4.5.6.7 2.3.4.5.6.7 3.4.5.6.7 4.5.6.7 5.6.7 6.7 7" },
	{ "x.0.1.2.3.4.5.6.7", "x.0.1.2.3.4.5.6.7 1.2.3.4.5.6.7 2.3.4.5.6.7 3.4.5.6.7 4.5.6.7 5.6.7 6.7 7" },
};

static void test_dmarc_walk_names(void)
{
	const char *names[AUTHRES_MAX_DMARC_WALK + 1];
	unsigned int i, count;

	test_begin("dmarc_walk_names");
	for (i = 0; i < N_ELEMENTS(name_tests); i++) {
		count = dmarc_walk_names(name_tests[i].domain, names);
		test_assert_idx(count <= AUTHRES_MAX_DMARC_WALK, i);
		names[count] = NULL;
		test_assert_strcmp_idx(t_strarray_join(names, " "),
				       name_tests[i].names, i);
	}
	test_end();
}

#define R(name, text) "_dmarc." name " TXT \"v=DMARC1; p=none; " text "\"\n"

static const struct {
	const char *zone, *domain;
	/* NULL: not known */
	const char *organization;
} organization_tests[] = {
	/* appendix B.4 */
	{ R("mail.example.com.", "") R("example.com.", ""), "a.mail.example.com", "example.com" },
	{ R("mail.example.com.", "psd=n") R("example.com.", ""), "a.mail.example.com", "mail.example.com" },
	{ R("com.", "psd=y"), "a.mail.example.com", "example.com" },
	/* section 4.10.2 */
	{ "", "a.mail.example.com", "a.mail.example.com" },
	{ R("a.mail.example.com.", ""), "a.mail.example.com", "a.mail.example.com" },
	{ R("a.mail.example.com.", "psd=n") R("example.com.", ""), "a.mail.example.com", "a.mail.example.com" },
	{ R("com.", ""), "a.mail.example.com", "com" },
	{ R("com.", "psd=n"), "a.mail.example.com", "com" },
	{ R("example.com.", "") R("com.", "psd=y"), "a.mail.example.com", "example.com" },
	{ R("co.uk.", "psd=y") R("uk.", "psd=y"), "a.example.co.uk", "example.co.uk" },
	{ R("co.uk.", "psd=y"), "co.uk", "co.uk" },
	{ R("uk.", "psd=y"), "co.uk", "co.uk" },
	{ R("uk.", "psd=y"), "uk", "uk" },
	{ R("example.com.", "psd=u"), "example.com", "example.com" },
	/* a walk ends at psd=y: what is above does not count */
	{ R("gov.example.", "psd=y") R("example.", ""), "a.b.gov.example", "b.gov.example" },
	{ R("gov.example.", "psd=y") "_dmarc.example. SERVFAIL\n", "a.b.gov.example", "b.gov.example" },
	/* several records are none (section 4.10 step 2) */
	{ R("mail.example.com.", "psd=n") R("mail.example.com.", "") R("example.com.", ""), "a.mail.example.com", "example.com" },
	/* other TXT records do not count */
	{ "_dmarc.mail.example.com. TXT \"v=spf1 -all\"\n" R("mail.example.com.", "psd=n"), "a.mail.example.com", "mail.example.com" },
	/* a record behind an alias */
	{ "_dmarc.example.com. CNAME r.example.net.\nr.example.net. TXT \"v=DMARC1; p=none; psd=n\"\n", "mail.example.com", "example.com" },
	/* from 8 labels on the jump leaves names out */
	{ R("b.c.d.e.f.g.example.com.", "psd=n"), "a.b.c.d.e.f.g.example.com", "a.b.c.d.e.f.g.example.com" },
	{ R("c.d.e.f.g.example.com.", "psd=n"), "a.b.c.d.e.f.g.example.com", "c.d.e.f.g.example.com" },
	/* DNS failures */
	{ "_dmarc.mail.example.com. SERVFAIL\n" R("example.com.", ""), "mail.example.com", NULL },
	{ "_dmarc.example.com. TIMEOUT\n", "mail.example.com", NULL },
	{ R("mail.example.com.", "psd=n") "_dmarc.example.com. SERVFAIL\n", "mail.example.com", "mail.example.com" },
	{ "_dmarc.example.com. SERVFAIL\n", "example.com", "example.com" },
	{ "_dmarc.mail.example.com. SERVFAIL\n", "mail.example.com", "mail.example.com" },
	{ "_dmarc.com. SERVFAIL\n" R("example.com.", ""), "example.com", NULL },
};

struct test_organization {
	pool_t pool;
	const char *domain1, *domain2;
	const char *organization;
	int same;
};

static void test_organization_run(struct dns_session *dns, void *context)
{
	static const struct dmarc_settings set = { .mode = DMARC_MODE_RFC9989 };
	struct test_organization *test = context;
	struct dmarc_lookups *lookups;
	struct dmarc_walk walk1, walk2;

	lookups = dmarc_lookups_init(test->pool, &set, dns);
	dmarc_walk_init(lookups, test->domain1, &walk1);
	test->organization = dmarc_walk_organizational_domain(&walk1);
	if (test->domain2 != NULL) {
		dmarc_walk_init(lookups, test->domain2, &walk2);
		test->same = dmarc_walks_same_organization(&walk1, &walk2);
		test_assert(dmarc_walks_same_organization(&walk2, &walk1) ==
			    test->same);
	}
	dmarc_lookups_deinit(&lookups);
}

static void test_dmarc_organization(void)
{
	unsigned int i, questions;

	test_begin("dmarc_walk_organizational_domain");
	for (i = 0; i < N_ELEMENTS(organization_tests); i++) {
		struct test_organization test = {
			.pool = pool_alloconly_create("test", 4096),
			.domain1 = organization_tests[i].domain
		};

		/* all names at once */
		test_assert_idx(test_dns_zone_run(test.pool,
			organization_tests[i].zone, test_organization_run,
			&test, &questions) == 1, i);
		test_assert_idx(questions <= AUTHRES_MAX_DMARC_WALK, i);
		test_assert_strcmp_idx(test.organization,
			organization_tests[i].organization, i);
		pool_unref(&test.pool);
	}
	test_end();
}

static const struct {
	const char *zone, *domain1, *domain2;
	int same;
} same_tests[] = {
	{ R("example.com.", ""), "a.example.com", "b.example.com", 1 },
	{ R("example.com.", ""), "example.com", "x.y.z.example.com", 1 },
	{ "", "example.com", "mail.example.com", 0 },
	{ R("example.com.", "") R("b.example.com.", "psd=n"), "a.example.com", "b.example.com", 0 },
	{ R("com.", "psd=y"), "example.com", "example2.com", 0 },
	{ R("com.", "psd=y"), "example.com", "a.example.com", 1 },
	{ R("example.com.", "") R("example2.com.", ""), "example.com", "example2.com", 0 },
	/* a failure that may decide, and one that cannot: a stranger's own zone
	   never brings his name into another organization */
	{ R("example.com.", "") "_dmarc.b.example.com. SERVFAIL\n", "example.com", "b.example.com", -1 },
	{ R("example.com.", "") "_dmarc.a.evil.com. SERVFAIL\n_dmarc.evil.com. SERVFAIL\n", "example.com", "a.evil.com", 0 },
	{ R("example.com.", "") "_dmarc.evil.org. SERVFAIL\n_dmarc.org. SERVFAIL\n", "example.com", "evil.org", 0 },
	{ R("example.com.", "") "_dmarc.com. SERVFAIL\n", "example.com", "mail.example.com", -1 },
	{ R("example.com.", "psd=n") "_dmarc.com. SERVFAIL\n", "example.com", "mail.example.com", 1 },
	{ R("example.com.", "psd=n") "_dmarc.com. SERVFAIL\n", "example.com", "evil.com", 0 },
};

static void test_dmarc_same_organization(void)
{
	unsigned int i, questions;

	test_begin("dmarc_walks_same_organization");
	for (i = 0; i < N_ELEMENTS(same_tests); i++) {
		struct test_organization test = {
			.pool = pool_alloconly_create("test", 4096),
			.domain1 = same_tests[i].domain1,
			.domain2 = same_tests[i].domain2,
		};

		(void)test_dns_zone_run(test.pool, same_tests[i].zone,
					test_organization_run, &test,
					&questions);
		test_assert_cmp_idx(test.same, ==, same_tests[i].same, i);
		pool_unref(&test.pool);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_dmarc_walk_names,
		test_dmarc_organization,
		test_dmarc_same_organization,
		NULL
	};
	return test_run(test_functions);
}
