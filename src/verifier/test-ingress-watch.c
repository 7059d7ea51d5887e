/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "identity.h"
#include "ingress-watch.h"
#include "test-common.h"
#include "test-file.h"

static void test_verdict(struct verdict *verdict_r, const char *what)
{
	i_zero(verdict_r);
	verdict_r->client_reason = "because";
	if (strcmp(what, "-") == 0)
		;
	else if (strcmp(what, "local") == 0) {
		verdict_r->origin = MAIL_ORIGIN_LOCAL;
		verdict_r->received_index = 1;
	} else if (strcmp(what, "inside") == 0) {
		verdict_r->origin = MAIL_ORIGIN_LOCAL;
	} else if (strcmp(what, "auth") == 0) {
		verdict_r->origin = MAIL_ORIGIN_AUTHENTICATED;
		if (net_addr2ip("192.0.2.1", &verdict_r->client_ip) < 0)
			i_unreached();
	} else if (net_addr2ip(what, &verdict_r->client_ip) < 0) {
		i_unreached();
	}
}

/* count times, spread over secs. Returns the first warning. */
static const char *
test_add(struct ingress_watch *watch, const char *what, unsigned int count,
	 uint64_t *now_secs, unsigned int secs)
{
	const char *warning, *first = NULL;
	struct identity identity;
	struct verdict verdict;
	uint64_t start = *now_secs;

	for (unsigned int i = 0; i < count; i++) {
		test_verdict(&verdict, what);
		if (strcmp(what, "0.0.0.0") == 0)
			verdict.client_ip.u.ip4.s_addr = htonl(0x0a000000 + i);
		*now_secs = start + (uint64_t)secs * i / count;
		i_zero(&identity);
		identity.helo = "mx\x1b[2J.example";
		identity.client_relayed = strcmp(what, "203.0.113.66") != 0;
		warning = ingress_watch_add(watch, &verdict, &identity,
					    *now_secs);
		if (first == NULL)
			first = warning;
	}
	return first;
}

static void test_ingress_watch_shares(void)
{
	static const struct {
		const char *what1;
		unsigned int count1;
		const char *what2;
		unsigned int count2;
		/* part of it */
		const char *warning;
	} tests[] = {
		{ "-", 29, "auth", 0, NULL },
		{ "-", 30, "auth", 0, "30 of 30 messages of the last hour had no "
		  "trustworthy client" },
		{ "192.0.2.7", 29, "-", 31, "30 of 59 messages" },
		{ "192.0.2.7", 15, "-", 15, NULL },
		{ "auth", 200, "-", 100, NULL },
		/* one address; others are as many as there are messages */
		{ "auth", 0, "192.0.2.7", 30, "30 of 30 messages of the last hour came from 192.0.2.7" },
		{ "auth", 0, "2001:db8::7", 30, "came from 2001:db8::7" },
		{ "auth", 0, "192.0.2.7", 30, "(HELO mx?[2J.example, name in DNS: unknown), which passes on mail for others" },
		/* a stranger who sends much, and passes on nobody's mail */
		{ "auth", 0, "203.0.113.66", 1000, NULL },
		{ "192.0.2.7", 10, "203.0.113.66", 100, NULL },
		/* a gateway */
		{ "auth", 0, "172.18.0.1", 30, "came from 172.18.0.1: that is a private address" },
		{ "auth", 0, "fd00::1", 30, "came from fd00::1: that is a private address" },
		{ "0.0.0.0", 20, "192.0.2.7", 80, "came from 192.0.2.7" },
		{ "0.0.0.0", 600, "192.0.2.7", 400, NULL },
		{ "auth", 100, "192.0.2.7", 90, NULL },
		{ "0.0.0.0", 1000, "auth", 0, NULL },
		/* a webmail, a filter */
		{ "127.0.0.1", 100, "::1", 100, NULL },
		{ "127.0.0.1", 100, "127.5.0.1", 100, NULL },
		/* our own users and hosts */
		{ "auth", 1000, "inside", 1000, NULL },
		/* a container's port proxy */
		{ "inside", 40, "auth", 0, "30 of 30 messages of the last hour "
		  "came to our MTA from our own host" },
		{ "inside", 10, "-", 29, "no trustworthy client" },
		{ "-", 10, "inside", 29, "20 of 30 messages" },
		{ "auth", 5, "inside", 30, NULL },
		{ "local", 10, "192.0.2.7", 20, "came from 192.0.2.7" },
		{ "auth", 2, "local", 98, "handed over by local users" },
		{ "auth", 12, "local", 88, NULL },
	};

	test_begin("ingress watch: shares");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		struct ingress_watch *watch = ingress_watch_init();
		const char *warning, *first;
		uint64_t now = 5;

		first = test_add(watch, tests[i].what1, tests[i].count1,
				 &now, 600);
		warning = test_add(watch, tests[i].what2, tests[i].count2,
				   &now, 600);
		if (first != NULL)
			warning = first;
		if (tests[i].warning == NULL || warning == NULL)
			test_assert_strcmp_idx(warning, tests[i].warning, i);
		else
			test_assert_idx(strstr(warning, tests[i].warning) !=
					NULL, i);
		ingress_watch_deinit(&watch);
		test_assert(watch == NULL);
	} T_END;
	test_end();
}

static void test_ingress_watch_time(void)
{
	struct ingress_watch *watch = ingress_watch_init();
	uint64_t now = 0;

	test_begin("ingress watch: time");
	/* too few in any hour */
	test_assert(test_add(watch, "-", 100, &now, 5 * 3600) == NULL);
	/* from the begin of the clock on, once */
	now += 7200;
	test_assert(test_add(watch, "-", 40, &now, 600) != NULL);
	test_assert(test_add(watch, "-", 1000, &now, 5 * 3600) == NULL);
	/* another warning in the meantime */
	now += 3600;
	test_assert(test_add(watch, "192.0.2.7", 29, &now, 60) == NULL);
	test_assert(test_add(watch, "192.0.2.7", 1, &now, 60) != NULL);
	/* the first again */
	now += INGRESS_WATCH_REPEAT_SECS;
	test_assert(test_add(watch, "-", 29, &now, 60) == NULL);
	test_assert(test_add(watch, "-", 1, &now, 60) != NULL);
	/* what is older than an hour does not count */
	now += INGRESS_WATCH_REPEAT_SECS;
	test_assert(test_add(watch, "-", 29, &now, 60) == NULL);
	now += INGRESS_WATCH_SECS;
	test_assert(test_add(watch, "-", 29, &now, 60) == NULL);
	ingress_watch_deinit(&watch);
	test_end();
}

static void test_ingress_watch_reason(void)
{
	struct ingress_watch *watch = ingress_watch_init();
	const char *warning = NULL;
	struct verdict verdict;

	test_begin("ingress watch: reason");
	for (unsigned int i = 0; i < INGRESS_WATCH_MIN_MESSAGES; i++) {
		test_verdict(&verdict, "-");
		verdict.client_reason = i % 2 == 0 ? NULL : "a\x1b[2Jb\n";
		warning = ingress_watch_add(watch, &verdict, NULL, 1);
	}
	test_assert(warning != NULL && strstr(warning, "a?[2Jb?.") != NULL);
	ingress_watch_deinit(&watch);
	test_end();
}

static void test_ingress_watch_counts(void)
{
	struct ingress_watch *watch = ingress_watch_init();
	struct ingress_counts counts;
	struct identity identity;
	struct verdict verdict;
	uint64_t now = 5;

	test_begin("ingress watch: counts");
	ingress_watch_get(watch, now, &counts);
	test_assert(counts.messages == 0 && counts.relay_ip.family == 0);
	(void)test_add(watch, "-", 3, &now, 0);
	(void)test_add(watch, "local", 4, &now, 0);
	(void)test_add(watch, "inside", 5, &now, 0);
	(void)test_add(watch, "192.0.2.7", 6, &now, 0);
	(void)test_add(watch, "203.0.113.66", 2, &now, 0);
	for (unsigned int i = 0; i < 4; i++) T_BEGIN {
		test_verdict(&verdict, "203.0.113.66");
		i_zero(&identity);
		/* the last is one of ours, taken back */
		identity.mail_from =
			"SRS0=Hx2k=7V=example.org=a@srs.\xc3\xa4\x1b.example";
		identity.mail_from_before = i == 3;
		(void)ingress_watch_add(watch, &verdict, &identity, now);
	} T_END;
	ingress_watch_get(watch, now, &counts);
	test_assert(counts.messages == 24);
	test_assert(counts.unknown == 3);
	test_assert(counts.local == 4);
	test_assert(counts.inside == 5);
	test_assert(counts.srs == 3);
	test_assert(counts.relay == 6);
	test_assert_strcmp(net_ip2addr(&counts.relay_ip), "192.0.2.7");
	test_assert_strcmp(counts.unknown_reason, "because");
	test_assert_strcmp(counts.srs_domain, "srs.???.example");
	ingress_watch_get(watch, now + INGRESS_WATCH_SECS + 600, &counts);
	test_assert(counts.messages == 0 && counts.relay == 0);
	ingress_watch_deinit(&watch);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_ingress_watch_counts,
		test_ingress_watch_shares,
		test_ingress_watch_time,
		test_ingress_watch_reason,
		NULL
	};

	return test_run(test_functions);
}
