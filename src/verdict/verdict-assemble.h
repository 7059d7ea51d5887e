#ifndef VERDICT_ASSEMBLE_H
#define VERDICT_ASSEMBLE_H

#include "verdict.h"
#include "identity.h"
#include "check-spf.h"
#include "check-dkim.h"
#include "check-arc.h"
#include "check-dmarc.h"

struct author;
struct upstream_results;

/* From the outcomes of all checks to the verdict: order of the entries, the
   strictest DMARC result, what counts as a bad author and as phishing, who
   overrides the policy. Pure but for the DNS names it may look up. */

struct override_settings;

/* check_spf() of the engine in use */
typedef void check_spf_function_t(pool_t pool, const struct spf_query *query,
				  struct dns_session *dns,
				  struct spf_outcome *outcome_r);

struct verdict_outcomes {
	const struct identity *identity;
	const struct author *author;
	/* list_id_find(): whoever wrote it; NULL = none */
	const char *list_id;
	/* NULL: all is our own */
	const struct upstream_results *upstream;

	/* NULL: not evaluated */
	const struct spf_query *spf_query;
	/* NULL: a filter in front of us did */
	check_spf_function_t *check_spf;
	const struct spf_outcome *mail_from_spf;
	const struct spf_outcome *helo_spf;

	bool dkim_evaluated;
	ARRAY_TYPE(dkim_signature_outcome) dkim;

	/* NULL: not evaluated */
	const struct arc_outcome *arc;

	/* NULL, or which part of the message is not known: said with the first
	   entry */
	const char *cut_reason;

	bool dmarc_evaluated;
	ARRAY_TYPE(dmarc_outcome) dmarc;
};

/* Fill verdict_r; everything in it lives in pool or in outcomes. dmarc and dns
   are for ordering signatures, phishing and overrides: whether d= and the SPF
   domain align with the Author Domain; dns may note missing names, so check
   dns_session_run_incomplete() afterwards. Statistics stay 0. */
void verdict_assemble(pool_t pool, const struct verdict_outcomes *outcomes,
		      const struct dmarc_settings *dmarc,
		      const struct override_settings *overrides,
		      struct dns_session *dns, struct verdict *verdict_r);

#endif
