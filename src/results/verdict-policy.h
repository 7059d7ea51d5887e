#ifndef VERDICT_POLICY_H
#define VERDICT_POLICY_H

#include "verdict.h"

/* What a verdict asks for: questions about it that every reader answers alike,
   whatever a user's settings make of the answer. */

/* The message fails a policy that asks for quarantine or reject, and nothing
   overrides it. */
bool verdict_fails_enforced_policy(const struct verdict *verdict);
/* The same, or it may fail one: only names that do not answer are between
   (verdict.may_fail). */
bool verdict_is_unproven(const struct verdict *verdict);
/* The policy that the message fails or may fail: "none", "quarantine" or
   "reject", the strictest one of a From without one usable author domain; ""
   if it fails none. */
const char *verdict_failed_policy(const struct verdict *verdict);
/* Not its owner's record asks for the policy that the message fails or may
   fail, but authres_own_domains. With several author domains: of the first. */
bool verdict_policy_is_our_own(const struct verdict *verdict);
/* With bad_author_enforced: no domain that can be read fails a policy, but From
   is damaged so that another author may be hidden in it. */
bool verdict_author_is_hidden(const struct verdict *verdict);
/* Why the policy of a failing message is not applied or not in full: the
   verdict's override, else what the dmarc entry says of the domain's own
   (POLICY_TEST_MODE, SAMPLED_OUT). NONE if the message does not fail. */
enum override_reason verdict_override_reason(const struct verdict *verdict);
/* An override by us stands against the policy. POLICY_TEST_MODE and
   SAMPLED_OUT are not among them: with those the domain itself has lowered
   the policy, and what is left of it stands. */
bool verdict_policy_is_overridden(const struct verdict *verdict);

#endif
