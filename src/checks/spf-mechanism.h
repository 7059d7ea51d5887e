#ifndef SPF_MECHANISM_H
#define SPF_MECHANISM_H

#include "spf-evaluation.h"

struct spf_directive;

/* The mechanisms that look at the client address, RFC 7208 section 5: all but
   all and include. */

/* Does the directive match the client? values.domain is the current domain.
   Counts void lookups, not terms. For TEMPERROR and PERMERROR reason_r is set
   (evaluation's pool). */
enum spf_match spf_directive_match(struct spf_evaluation *evaluation,
				   const struct spf_directive *directive,
				   const char **reason_r);

#endif
