#ifndef FAILURE_FACTS_H
#define FAILURE_FACTS_H

#include "outcomes.h"

struct dns_session;
struct msg_header;

/* What a failure report says of a message (RFC 9991 section 4), and whether its
   Author Domain asks for one. */

/* Why there is a report, RFC 9989 section 4.7. */
enum failure_cause {
	FAILURE_CAUSE_NONE,
	/* fo=0 or fo=1 */
	FAILURE_CAUSE_DMARC,
	/* fo=d */
	FAILURE_CAUSE_DKIM,
	/* fo=s */
	FAILURE_CAUSE_SPF
};

/* What fo= is compared with. */
struct failure_results {
	/* an aligned pass of DKIM, of SPF */
	bool dkim_aligned, spf_aligned;
	/* a signature, SPF: does not pass, aligned or not */
	bool dkim_failed, spf_failed;
};

/* fo: as in struct published_policy, NULL = not given. Of several causes the
   first in the order of enum failure_cause. */
enum failure_cause
failure_cause_find(const char *fo, const struct failure_results *results);

/* The text (failure-text.h), or NULL if there is no report: no ruf=, a record
   with psd=y or above the Organizational Domain, nothing that fo= names, not
   one Author Domain, a check that was not made or had a temporary error, no
   client, mail that is a report, a bounce or an automatic answer. history: what
   history_facts_find() found. Lives in pool. Asks dns only what SPF has asked
   before. */
const char *failure_facts_find(pool_t pool,
			       const struct verdict_outcomes *outcomes,
			       const struct msg_header *header,
			       const struct verdict_history *history,
			       struct dns_session *dns);

#endif
