#ifndef DOMAIN_REVIEW_PRIVATE_H
#define DOMAIN_REVIEW_PRIVATE_H

#include "verdict.h"
#include "domain-review.h"

/* For the files domain-review*.c. */

struct domain_review {
	pool_t pool;
	const struct domain_review_query *query;
	struct dns_session *dns;
	ARRAY_TYPE(config_row) *rows;

	/* what was found: DNS did not answer, ... */
	bool temporary;
	/* SPF lets every host send, ... */
	bool anybody_passes;
	/* and what DMARC asks of receivers for the domain, names below it that
	   exist, and names that do not; NONE without a record */
	enum dmarc_policy policy, subdomain_policy, nonexistent_policy;
	/* why policy is NONE: "there is no DMARC record" */
	const char *no_policy_reason;
};

void domain_review_spf(struct domain_review *review);
void domain_review_dkim(struct domain_review *review);
void domain_review_dmarc(struct domain_review *review);

#endif
