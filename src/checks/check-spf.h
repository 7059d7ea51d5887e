#ifndef CHECK_SPF_H
#define CHECK_SPF_H

#include "check-result.h"
#include "spf-identity.h"

struct dns_session;

/* SPF, RFC 7208: may this client use this domain? */

struct spf_outcome {
	enum check_result_word result;
	/* the domain whose policy was evaluated, A-labels; NULL = none */
	const char *domain;
	/* the identity was postmaster@helo */
	bool helo_identity;
	/* "mx", "include:_spf.example.org" or "default"; NULL = none matched */
	const char *mechanism;
	/* the domain whose record held that mechanism */
	const char *mechanism_domain;
	/* exp= text (section 6.2), printable ASCII only, at most
	   AUTHRES_MAX_SPF_EXPLANATION_BYTES; only for fail, else NULL */
	const char *explanation;
	/* for temperror and permerror: what is wrong, where; else NULL */
	const char *reason;
	/* a DNS answer seen before was used; set by whoever knows the session
	   (dns_session_stale_count()) */
	bool stale;
	unsigned int term_lookups;
	unsigned int void_lookups;
};

/* check_host() for MAIL FROM. Always fills outcome_r (pool). When dns says
   dns_session_run_incomplete() afterwards, resolve and call again. */
void check_spf(pool_t pool, const struct spf_query *query,
	       struct dns_session *dns, struct spf_outcome *outcome_r);
/* The same for the HELO identity alone (section 2.3). A HELO that is no
   multi-label domain name gives none. */
void check_spf_helo(pool_t pool, const struct spf_query *query,
		    struct dns_session *dns, struct spf_outcome *outcome_r);

/* The entry of the field: spf=... smtp.mailfrom= or smtp.helo=. Its reason is
   what is wrong, or with fail the domain's own explanation. */
void check_spf_report(pool_t pool, const struct spf_query *query,
		      const struct spf_outcome *outcome,
		      struct check_result *result_r);

#endif
