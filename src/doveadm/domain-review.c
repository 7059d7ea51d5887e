/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "domain-review-private.h"

static const char *policy_effect(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_REJECT ? "is refused" : "goes to Junk";
}

/* The one line that everybody reads. */
static void review_forger(struct domain_review *review)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	const char *domain = review->query->domain;
	const char *topic = "forger";

	if (review->temporary)
		ADD(INFO, topic, domain, "DNS did not answer for all of it: "
		    "what a forger could do is not known now");
	else if (review->anybody_passes)
		ADD(ERROR, topic, domain, "today a forger can write as anybody "
		    "at %s from any host, and passes: its SPF record lets "
		    "every host send", domain);
	else if (review->policy == DMARC_POLICY_NONE)
		ADD(ERROR, topic, domain, "today a forger can write as anybody "
		    "at %s: %s", domain, review->no_policy_reason);
	else if (review->subdomain_policy == DMARC_POLICY_NONE)
		ADD(WARNING, topic, domain, "today a forger's mail as %s %s, "
		    "but all names below it are free to him (sp=none)", domain,
		    policy_effect(review->policy));
	else if (review->nonexistent_policy == DMARC_POLICY_NONE)
		ADD(WARNING, topic, domain, "today a forger's mail as %s %s, "
		    "but names below it that he makes up are free to him "
		    "(np=none)", domain, policy_effect(review->policy));
	else
		ADD(OK, topic, domain, "today a forger's mail as %s, or a "
		    "name below it, %s where receivers check; what is left to "
		    "him are names that only look alike", domain,
		    policy_effect(review->policy));
}

void domain_review(pool_t pool, const struct domain_review_query *query,
		   struct dns_session *dns, ARRAY_TYPE(config_row) *rows,
		   bool *temporary_r)
{
	struct domain_review review;

	i_zero(&review);
	review.pool = pool;
	review.query = query;
	review.dns = dns;
	review.rows = rows;
	domain_review_spf(&review);
	domain_review_dkim(&review);
	domain_review_dmarc(&review);
	review_forger(&review);
	*temporary_r = review.temporary;
}
