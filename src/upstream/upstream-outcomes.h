#ifndef UPSTREAM_OUTCOMES_H
#define UPSTREAM_OUTCOMES_H

#include "verdict.h"
#include "check-arc.h"
#include "check-dkim.h"
#include "check-dmarc.h"
#include "check-spf.h"

/* What a filter's fields say, as outcomes of checks of our own: filled by
   upstream_results_find(). */
struct upstream_results {
	/* per method: whose results are used; NULL = checked by us */
	const char *authserv_ids[CHECK_METHOD_COUNT];
	/* why results that are there are not used, one sentence; NULL = none,
	   or all are used */
	const char *reason;

	/* as far as the method is used */
	struct spf_query spf_query;
	struct spf_outcome mail_from_spf;
	struct spf_outcome helo_spf;
	bool has_helo_spf;
	ARRAY_TYPE(dkim_signature_outcome) dkim;
	struct arc_outcome arc;
	/* pass, fail or none */
	enum check_result_word dmarc;
	/* the policy the filter names for a dmarc=fail */
	enum dmarc_policy policy;
	bool has_policy;
};

/* TRUE if the filter's result of method is used. */
static inline bool
upstream_results_have(const struct upstream_results *results,
		      enum check_method method)
{
	return results->authserv_ids[method] != NULL;
}

#endif
