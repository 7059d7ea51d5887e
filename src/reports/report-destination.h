#ifndef REPORT_DESTINATION_H
#define REPORT_DESTINATION_H

#include "report-uri.h"

struct dns_session;
struct dmarc_settings;

/* Which of the addresses that a record names may have its reports: RFC 9990
   section 4. */

enum report_kind {
	/* rua= */
	REPORT_KIND_AGGREGATE,
	/* ruf=: RFC 9991 section 5 */
	REPORT_KIND_FAILURE
};

enum report_permission {
	REPORT_PERMISSION_GIVEN,
	/* by DNS, for good */
	REPORT_PERMISSION_REFUSED,
	/* DNS gives no answer now: nothing is sent until it does */
	REPORT_PERMISSION_UNKNOWN
};

struct report_destination {
	enum report_permission permission;
	/* what the record of the policy domain names */
	const struct report_uri *published;
	/* where the report goes: published, or what its host's own record names
	   instead; GIVEN only, else NULL */
	const struct report_uri *uri;
	/* half a sentence: "x.example is of the same organization",
	   "a._report._dmarc.b does not exist" */
	const char *reason;
};
ARRAY_DEFINE_TYPE(report_destination, struct report_destination);

/* "rua", "ruf" */
const char *report_kind_tag(enum report_kind kind);

/* policy_domain: where the record was found, A-labels. One entry of
   destinations_r for each of uris, or more if a host names several addresses
   instead; they live in pool. When dns says dns_session_run_incomplete(),
   resolve and call again. */
void report_destinations_find(pool_t pool, const struct dmarc_settings *set,
			      enum report_kind kind, const char *policy_domain,
			      const ARRAY_TYPE(report_uri) *uris,
			      struct dns_session *dns,
			      ARRAY_TYPE(report_destination) *destinations_r);

#endif
