#ifndef CHECK_SENDER_ID_H
#define CHECK_SENDER_ID_H

#include "check-result.h"
#include "spf-identity.h"

struct dns_session;
struct purported_address;

/* Sender ID, RFC 4406, historic: may this client use the domain of the
   Purported Responsible Address? The PRA test only; the MAIL FROM test is
   SPF. The result is told and nothing else: no policy and no other check looks
   at it. */

struct sender_id_outcome {
	enum check_result_word result;
	/* as in struct purported_address; domain NULL = there is no PRA, the
	   result is permerror and detail says why */
	const char *field;
	const char *domain;
	/* of the record that gave the result: "v=spf1" or "spf2.0", static;
	   NULL = there was none, or more than one */
	const char *version;
	const char *detail;
	/* exp= text as in struct spf_outcome; only for fail, else NULL */
	const char *explanation;
	/* what is wrong, where; NULL = nothing */
	const char *reason;
	/* a DNS answer seen before was used; set by whoever knows the session
	   (dns_session_stale_count()) */
	bool stale;
	/* of this evaluation alone; the limits are those of SPF
	   (spf-check-host.h) */
	unsigned int term_lookups;
	unsigned int void_lookups;
};

/* check_host() with scope pra (RFC 4406 section 4). query: its client_ip, helo,
   receiver and now; its mail_from does not matter. A domain that does not exist
   is fail (section 4.3); that holds for the PRA's domain only, not for what
   include and redirect name. Always fills outcome_r (pool). When dns says
   dns_session_run_incomplete() afterwards, resolve and call again. */
void check_sender_id(pool_t pool, const struct spf_query *query,
		     const struct purported_address *pra,
		     struct dns_session *dns,
		     struct sender_id_outcome *outcome_r);

/* The entry of the field: sender-id=... header.FIELD=domain (RFC 5451 section
   2.4.2), with the kind of record as comment. */
void check_sender_id_report(pool_t pool,
			    const struct sender_id_outcome *outcome,
			    struct check_result *result_r);

#endif
