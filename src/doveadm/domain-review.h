#ifndef DOMAIN_REVIEW_H
#define DOMAIN_REVIEW_H

#include "net.h"
#include "config-row.h"

struct dmarc_settings;
struct dns_session;

/* What others see of a domain: its SPF record with all it includes, DKIM keys,
   DMARC records and where reports go, and what a forger can do. */

struct domain_review_query {
	/* A-labels, at least two */
	const char *domain;
	/* NULL-terminated, any text; keys cannot be listed, only asked for */
	const char *const *selectors;
	/* family 0, or a client that SPF is evaluated for */
	struct ip_addr client_ip;
	const struct dmarc_settings *dmarc;
	time_t now;
	unsigned int min_key_bits;
};

/* Append a row for each finding to rows; the last one has the topic "forger".
   state is error where something cannot work or a forger is free to use the
   domain. Rows live in pool. temporary_r: DNS gave no answer for some of it.
   When dns says dns_session_run_incomplete(), the rows are of no use: resolve
   and call again. */
void domain_review(pool_t pool, const struct domain_review_query *query,
		   struct dns_session *dns, ARRAY_TYPE(config_row) *rows,
		   bool *temporary_r);

#endif
