#ifndef OUTCOMES_H
#define OUTCOMES_H

#include "verdict.h"
#include "identity.h"
#include "check-spf.h"
#include "check-sender-id.h"
#include "check-dkim.h"
#include "check-arc.h"
#include "check-dmarc.h"

struct author;
struct upstream_results;

/* What all checks found out about one message, whether ours or those of a
   filter in front of us: what a verdict is made of. */

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

	/* NULL: not evaluated */
	const struct sender_id_outcome *sender_id;

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

#endif
