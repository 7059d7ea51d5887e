#ifndef UPSTREAM_RESULTS_H
#define UPSTREAM_RESULTS_H

#include "upstream-fields.h"
#include "upstream-outcomes.h"

struct author;

/* What a trusted filter in front of us found out, as outcomes of checks of our
   own: methods that it gave are not checked again, the others are. */

/* Read the filter's fields in header. wanted: bit 1 << method for each method
   whose result is of interest. A method is not used, and reason says why, when
   its entries contradict each other or are not usable:

   - a result word that is none of RFC 8601, or temperror: we may know better
   - spf without a domain, or for a HELO though there is a reverse-path
   - dkim=pass without a d=, or an entry that was tampered with
   - dmarc for another domain than the one Author Domain, permerror, or a fail
     that did not know SPF or DKIM, or a pass that neither of those it gave
     supports

   Nothing is used where upstream_reason_for_nothing() says so. Everything lives
   in pool or header. */
void upstream_results_find(pool_t pool, const struct upstream_settings *set,
			   const struct msg_header *header,
			   const struct identity *identity,
			   const struct author *author, unsigned int wanted,
			   struct upstream_results *results_r);

/* FALSE if DMARC is used and is no fail: nothing has to be looked up. */
bool
upstream_results_need_dmarc_record(const struct upstream_results *results);

/* DMARC, where it is used. The result is upstream's; the policy of a fail is
   looked up as check_dmarc() does, since p=, sp=, np=, t= and pct= are only
   then what authres_dmarc_mode says. What the filter named is used when there
   is no such record or DNS fails; without that either the result is temperror.
   query: as for check_dmarc(). When dns says dns_session_run_incomplete(),
   resolve and call again. */
void upstream_results_dmarc(const struct upstream_results *results, pool_t pool,
			    const struct dmarc_settings *set,
			    const struct dmarc_query *query,
			    struct dns_session *dns,
			    ARRAY_TYPE(dmarc_outcome) *outcomes_r);

#endif
