#ifndef TEST_SITE_H
#define TEST_SITE_H

struct evaluation_settings;
struct resolver;

/* The site that evaluates the messages of tests: mx.example.fr, whose MTA is on
   the same host. All checks, native engines, nobody trusted. */
void test_site_settings(pool_t pool, struct evaluation_settings *set_r);
/* DNS from text; the caller deinitializes it. */
struct resolver *test_site_resolver(const char *zone);

#endif
