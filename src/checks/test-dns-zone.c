/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "resolver-zone.h"
#include "test-dns-zone.h"

#define TEST_MAX_WAVES 20

static void test_resolved(void *context)
{
	bool *resolved = context;

	*resolved = TRUE;
}

unsigned int
test_dns_zone_run(pool_t pool, const char *zone,
		  void (*run)(struct dns_session *dns, void *context),
		  void *context, unsigned int *questions_r)
{
	struct resolver *resolver;
	struct dns_session *dns;
	const char *error;
	unsigned int waves = 0;
	bool resolved;

	if (resolver_zone_init(zone, "test", &resolver, &error) < 0)
		i_fatal("bad test zone: %s", error);
	dns = dns_session_init(pool, resolver);
	for (;;) {
		dns_session_begin_run(dns);
		run(dns, context);
		if (!dns_session_run_incomplete(dns))
			break;
		if (++waves > TEST_MAX_WAVES)
			i_fatal("evaluation does not end");
		resolved = FALSE;
		dns_session_resolve(dns, test_resolved, &resolved);
		i_assert(resolved);
	}
	*questions_r = dns_session_questions(dns);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
	return waves;
}
