#ifndef TEST_RECEIVED_PARSE_H
#define TEST_RECEIVED_PARSE_H

#include "received.h"

struct trusted_hosts;

struct received_test {
	/* behind "Received: "; line breaks are CRLF */
	const char *value;
	/* NULL: not one of the shapes, or qmail-queue with flag c */
	const char *by;
	const char *helo, *ip, *protocol, *id;
	/* a authenticated, c continues, d Dovecot, f fetched, m masked,
	   h by the client, p local pickup; always in this order */
	const char *flags;
	/* verified name, or local user */
	const char *name;
};

/* With received_parse_trusted(), if writers is not NULL. */
void test_received_cases_by(const struct received_test *tests,
			    unsigned int count,
			    const struct trusted_hosts *writers);
void test_received_cases(const struct received_test *tests,
			 unsigned int count);
/* Parse any bytes. */
int test_received_parse(pool_t pool, const void *value, size_t size,
			struct received *received_r);
int test_received_parse_by(pool_t pool, const void *value, size_t size,
			   const struct trusted_hosts *writers,
			   struct received *received_r);

#endif
