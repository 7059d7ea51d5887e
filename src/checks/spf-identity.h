#ifndef SPF_IDENTITY_H
#define SPF_IDENTITY_H

#include "net.h"
#include "spf-macro.h"

/* Which domain is asked, on whose behalf: RFC 7208 sections 2.3, 2.4, 4.3.
   Everything here lives on the data stack or in the query. */

struct spf_query {
	/* family is set; IPv4-mapped is treated as IPv4 (section 5) */
	struct ip_addr client_ip;
	/* as said by the client; NULL = unknown */
	const char *helo;
	/* without <>; "" = null reverse-path: the identity is
	   postmaster@helo (section 2.4) */
	const char *mail_from;
	/* our host name for the r macro, NULL = "unknown" */
	const char *receiver;
	/* for the t macro */
	time_t now;
};

struct spf_identity {
	/* A-labels, at least two; NULL = there is none to ask: absent,
	   malformed, an address literal or a single label */
	const char *domain;
	/* "postmaster" when absent; NULL = no macro can match it */
	const char *local_part;
	/* postmaster@helo */
	bool helo;
	/* unmapped */
	struct ip_addr client_ip;
};

void spf_identity_mail_from(const struct spf_query *query,
			    struct spf_identity *identity_r);
void spf_identity_helo(const struct spf_query *query,
		       struct spf_identity *identity_r);

/* values_r points into identity and query. */
void spf_identity_macro_values(const struct spf_query *query,
			       const struct spf_identity *identity,
			       struct spf_macro_values *values_r);

#endif
