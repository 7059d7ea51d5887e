#ifndef VERDICT_ASSEMBLE_H
#define VERDICT_ASSEMBLE_H

#include "outcomes.h"

/* From the outcomes of all checks to the verdict: order of the entries, the
   strictest DMARC result, what counts as a bad author and as phishing, who
   overrides the policy. Pure but for the DNS names it may look up. */

struct override_settings;

/* Fill verdict_r; everything in it lives in pool or in outcomes. dmarc and dns
   are for ordering signatures, phishing and overrides: whether d= and the SPF
   domain align with the Author Domain; dns may note missing names, so check
   dns_session_run_incomplete() afterwards. Statistics stay 0. */
void verdict_assemble(pool_t pool, const struct verdict_outcomes *outcomes,
		      const struct dmarc_settings *dmarc,
		      const struct override_settings *overrides,
		      struct dns_session *dns, struct verdict *verdict_r);

#endif
