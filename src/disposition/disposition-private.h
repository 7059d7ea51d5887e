#ifndef DISPOSITION_PRIVATE_H
#define DISPOSITION_PRIVATE_H

#include "disposition.h"

/* The parts of a decision, shared by the files of this folder. */

/* Why the policy of a failing message is not applied or not in full: the
   verdict's override, else what the dmarc entry says of the domain's own
   (POLICY_TEST_MODE, SAMPLED_OUT). NONE if the message does not fail. */
enum override_reason verdict_override_reason(const struct verdict *verdict);
/* An override by us stands against the policy. POLICY_TEST_MODE and
   SAMPLED_OUT are not among them: with those the domain itself has lowered
   the policy, and what is left of it stands. */
bool verdict_policy_is_overridden(const struct verdict *verdict);

/* The user's own allowance stands against the policy. */
bool disposition_is_allowed(const struct disposition_query *query);

/* The result that speaks for a method with several entries: the first pass,
   else the first. NULL = the method was not used. */
const struct check_result *
verdict_find_best(const struct verdict *verdict, enum check_method method);
/* The domain an entry is about, without local part; NULL = none. Data
   stack. */
const char *t_check_result_domain(const struct check_result *result);

/* NULL-terminated, in pool. */
const char *const *
disposition_keywords(pool_t pool, const struct disposition_query *query,
		     enum disposition_action action);

/* One sentence why. note: a half sentence why the settings changed the usual
   action, NULL = they did not. Data stack; one line, at most
   AUTHRES_MAX_EXPLANATION_BYTES. */
const char *t_disposition_explanation(const struct verdict *verdict,
				      const char *note);

#endif
