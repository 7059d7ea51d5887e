#ifndef TEST_SPF_RUN_H
#define TEST_SPF_RUN_H

#include "check-spf.h"

/* check_spf() to its end on a zone file. */

struct test_spf_run {
	struct spf_outcome outcome;
	unsigned int waves;
	unsigned int questions;
};

/* helo_only: check_spf_helo(). Results live in pool. */
void test_spf_run(pool_t pool, const char *zone, const char *client_ip,
		  const char *helo, const char *mail_from, bool helo_only,
		  struct test_spf_run *run_r);

#endif
