#ifndef CHECK_ARC_H
#define CHECK_ARC_H

#include "check-result.h"
#include "check-dkim.h"

struct dns_session;
struct msg_header;
struct ip_addr;

/* ARC, RFC 8617: the chain of those who passed a message on. Only verified,
   never made. A chain that passes says nothing about the message by itself;
   whose word counts is for verdict/ to decide. */

struct arc_set_outcome {
	/* d= of its ARC-Seal, A-labels */
	const char *sealer;
	/* of its ARC-Authentication-Results; NULL when that could not be
	   read */
	const char *authserv_id;
	/* what it says; always created */
	ARRAY_TYPE(check_result) results;
};
ARRAY_DEFINE_TYPE(arc_set_outcome, struct arc_set_outcome);

struct arc_outcome {
	/* none, pass or fail: the Chain Validation Status. There is no
	   temperror: a key that cannot be had is fail, with the reason. */
	enum check_result_word result;
	/* one phrase for people; only for fail, else NULL */
	const char *reason;
	/* highest instance, 0 = none */
	unsigned int newest_instance;
	/* the lowest instance from which on all message signatures verify: 0
	   = all do (section 5.2 step 5). Only for pass. */
	unsigned int oldest_pass;
	/* a key was seen before, since DNS does not answer now */
	bool stale;
	/* sets[0] is instance 1. Only for pass, otherwise empty: nobody vouches
	   for the sets of a chain that failed. Always created. */
	ARRAY_TYPE(arc_set_outcome) sets;
};

struct arc_check;

/* Collect the ARC Sets, register the body hashes of their message signatures,
   and note the names of their keys for prefetching: at most
   AUTHRES_MAX_ARC_INSTANCES + 1 names now, and later the others'. Call it when
   the header is complete, before body bytes are fed, and after everything that
   matters more has noted its names (AUTHRES_MAX_DNS_NAMES). set and header
   must live as long as pool. */
struct arc_check *
check_arc_init(pool_t pool, const struct dkim_settings *set,
	       const struct msg_header *header,
	       struct body_hash_set *body_hashes, struct dns_session *dns);
/* The body is cut: the chain fails with this reason, unless that was decided
   before. */
void check_arc_cut(struct arc_check *check, const char *reason);
/* After body_hash_finish(), or check_arc_cut(): verify. When dns says
   dns_session_run_incomplete() afterwards, resolve and call again. outcome_r
   lives in check_arc_init()'s pool. */
void check_arc_verify(struct arc_check *check, struct dns_session *dns,
		      struct arc_outcome *outcome_r);

/* The entry of the field: arc=... smtp.remote-ip= header.oldest-pass= (section
   10.2). client_ip may be NULL or have family 0. */
void check_arc_report(pool_t pool, const struct arc_outcome *outcome,
		      const struct ip_addr *client_ip,
		      struct check_result *result_r);

#endif
