#ifndef TEST_SPF_RUN_H
#define TEST_SPF_RUN_H

#include "check-spf.h"

/* check_spf() to its end on a zone file. */

struct test_spf_run {
	struct spf_outcome outcome;
	unsigned int waves;
	unsigned int questions;
};

/* check_spf() or one like it */
typedef void test_spf_check_t(pool_t pool, const struct spf_query *query,
			      struct dns_session *dns,
			      struct spf_outcome *outcome_r);

/* Results live in pool. */
void test_spf_run(pool_t pool, const char *zone, const char *client_ip,
		  const char *helo, const char *mail_from,
		  test_spf_check_t *check, struct test_spf_run *run_r);

#endif
