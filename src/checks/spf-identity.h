#ifndef SPF_IDENTITY_H
#define SPF_IDENTITY_H

#include "net.h"
#include "spf-macro.h"

struct spf_query;

/* Which domain is asked, on whose behalf: RFC 7208 sections 2.3, 2.4, 4.3.
   Everything here lives on the data stack or in the query. */

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
