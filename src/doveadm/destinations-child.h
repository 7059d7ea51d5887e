#ifndef DESTINATIONS_CHILD_H
#define DESTINATIONS_CHILD_H

#include "report-destination.h"

struct offline_place;
struct destinations_child;

/* offline_destinations_run() in a child, of whose bytes none is trusted. */

/* Forks. place must live as long. Returns 0, or -1 and error_r (data
   stack). */
int destinations_child_init(const struct offline_place *place,
			    struct destinations_child **child_r,
			    const char **error_r);
/* policy_domain: A-labels; uris: the value of rua= or ruf=, any text. Fills
   both arrays as report_uris_parse() and report_destinations_find() do;
   everything lives in pool. Waits for authres_timeout and a little more.
   Returns 0, or -1 and error_r (data stack, sanitised): then nothing can be
   asked any more. */
int destinations_child_ask(struct destinations_child *child, pool_t pool,
			   enum report_kind kind, const char *policy_domain,
			   const char *uris,
			   ARRAY_TYPE(report_destination) *destinations_r,
			   ARRAY_TYPE(const_string) *ignored_r,
			   const char **error_r);
/* Ends it. *child may be NULL. */
void destinations_child_deinit(struct destinations_child **child);

#endif
