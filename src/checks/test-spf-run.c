/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dns-session.h"
#include "resolver-zone.h"
#include "test-spf-run.h"

#define TEST_MAX_WAVES 20

static void test_resolved(void *context)
{
	bool *resolved = context;

	*resolved = TRUE;
}

void test_spf_run(pool_t pool, const char *zone, const char *client_ip,
		  const char *helo, const char *mail_from,
		  test_spf_check_t *check, struct test_spf_run *run_r)
{
	struct spf_query query = {
		.helo = helo,
		.mail_from = mail_from,
		.receiver = "mx.receiver.example",
		.now = 1700000000,
	};
	struct resolver *resolver;
	struct dns_session *dns;
	const char *error;
	bool resolved;

	i_zero(run_r);
	if (net_addr2ip(client_ip, &query.client_ip) < 0)
		i_fatal("bad test address %s", client_ip);
	if (resolver_zone_init(zone, "test", &resolver, &error) < 0)
		i_fatal("bad test zone: %s", error);
	dns = dns_session_init(pool, resolver);
	for (;;) {
		dns_session_begin_run(dns);
		check(pool, &query, dns, &run_r->outcome);
		if (!dns_session_run_incomplete(dns))
			break;
		if (++run_r->waves > TEST_MAX_WAVES)
			i_fatal("evaluation does not end");
		resolved = FALSE;
		dns_session_resolve(dns, test_resolved, &resolved);
		i_assert(resolved);
	}
	run_r->questions = dns_session_questions(dns);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
}
