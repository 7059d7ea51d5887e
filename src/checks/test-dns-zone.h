#ifndef TEST_DNS_ZONE_H
#define TEST_DNS_ZONE_H

#include "dns-session.h"

/* Call run until it misses no name, answering from a zone file's text.
   questions_r: how many were asked in all; returns how often it had to wait. */
unsigned int
test_dns_zone_run(pool_t pool, const char *zone,
		  void (*run)(struct dns_session *dns, void *context),
		  void *context, unsigned int *questions_r);

#endif
