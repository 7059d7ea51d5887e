#ifndef SPF_ZONE_GENERATOR_H
#define SPF_ZONE_GENERATOR_H

#include "check-spf.h"

/* A zone, a client and a sender from a seed: the same seed gives the same
   everywhere. */

struct spf_zone_line {
	const char *name;
	/* A AAAA MX PTR TXT TIMEOUT */
	const char *type;
	/* MX: without preference */
	const char *data;
};
ARRAY_DEFINE_TYPE(spf_zone_line, struct spf_zone_line);

struct spf_zone {
	ARRAY_TYPE(spf_zone_line) lines;
	struct spf_query query;
};

/* Everything in zone_r lives in pool. */
void spf_zone_generate(pool_t pool, unsigned int seed, struct spf_zone *zone_r);
/* A resolver that answers from the zone. */
struct resolver *spf_zone_resolver(const struct spf_zone *zone);

#endif
