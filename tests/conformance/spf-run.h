#ifndef SPF_RUN_H
#define SPF_RUN_H

#include "check-spf.h"

struct resolver;

/* check_spf() or one like it */
typedef void spf_check_t(pool_t pool, const struct spf_query *query,
			 struct dns_session *dns,
			 struct spf_outcome *outcome_r);

/* Run the check again until DNS has answered everything. The resolver answers
   at once. Returns how often DNS had to be asked; outcome_r lives in pool. */
unsigned int spf_run(pool_t pool, struct resolver *resolver,
		     const struct spf_query *query, spf_check_t *check,
		     struct spf_outcome *outcome_r);

#endif
