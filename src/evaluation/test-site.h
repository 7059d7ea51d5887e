#ifndef TEST_SITE_H
#define TEST_SITE_H

#include "evaluation.h"

struct resolver;

/* The site that evaluates the messages of tests: mx.example.fr, whose MTA is on
   the same host. All checks, native engines, nobody trusted. */
void test_site_settings(pool_t pool, struct evaluation_settings *set_r);
/* DNS from text; the caller deinitializes it. */
struct resolver *test_site_resolver(const char *zone);
/* What a delivery by dovecot-lda asks. */
void test_site_request(const char *mail_from,
		       struct verify_request *request_r);
/* Evaluate message, in an ioloop that callback stops (current_ioloop). */
void test_site_evaluate(const struct evaluation_settings *set,
			const struct verify_request *request,
			struct resolver *resolver, const char *message,
			evaluation_callback_t *callback, void *context);

#endif
