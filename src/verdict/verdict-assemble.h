#ifndef VERDICT_ASSEMBLE_H
#define VERDICT_ASSEMBLE_H

#include "verdict.h"
#include "identity.h"
#include "check-spf.h"
#include "check-dkim.h"
#include "check-arc.h"
#include "check-dmarc.h"

struct author;

/* From the outcomes of all checks to the verdict: order of the entries, the
   strictest DMARC result, what counts as a bad author and as phishing. Pure
   but for the tree walks it may look up. */

struct verdict_outcomes {
	const struct identity *identity;
	const struct author *author;

	/* NULL: not evaluated */
	const struct spf_query *spf_query;
	const struct spf_outcome *mail_from_spf;
	const struct spf_outcome *helo_spf;

	bool dkim_evaluated;
	ARRAY_TYPE(dkim_signature_outcome) dkim;

	/* NULL: not evaluated */
	const struct arc_outcome *arc;

	bool dmarc_evaluated;
	ARRAY_TYPE(dmarc_outcome) dmarc;
};

/* Fill verdict_r; everything in it lives in pool or in outcomes. dmarc and dns
   are for ordering signatures and for phishing: whether d= and the SPF domain
   align with the Author Domain; dns may note missing names, so check
   dns_session_run_incomplete() afterwards. Statistics stay 0. */
void verdict_assemble(pool_t pool, const struct verdict_outcomes *outcomes,
		      const struct dmarc_settings *dmarc,
		      struct dns_session *dns, struct verdict *verdict_r);

#endif
