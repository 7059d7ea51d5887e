/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dns-session.h"
#include "spf-run.h"

#define SPF_RUN_MAX_WAVES 30

static void spf_run_resolved(void *context ATTR_UNUSED)
{
}

unsigned int spf_run(pool_t pool, struct resolver *resolver,
		     const struct spf_query *query, spf_check_t *check,
		     struct spf_outcome *outcome_r)
{
	struct dns_session *dns = dns_session_init(pool, resolver);
	unsigned int waves = 0;

	for (;;) {
		dns_session_begin_run(dns);
		check(pool, query, dns, outcome_r);
		if (!dns_session_run_incomplete(dns))
			break;
		if (++waves > SPF_RUN_MAX_WAVES)
			i_fatal("evaluation does not end");
		dns_session_resolve(dns, spf_run_resolved, NULL);
	}
	dns_session_deinit(&dns);
	return waves;
}
