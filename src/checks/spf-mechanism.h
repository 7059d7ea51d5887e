#ifndef SPF_MECHANISM_H
#define SPF_MECHANISM_H

#include "resolver.h"

struct spf_evaluation;
struct spf_directive;
struct spf_macro;

/* The mechanisms that look at the client address, RFC 7208 section 5: all but
   all and include. */

enum spf_match {
	SPF_MATCH_NO,
	SPF_MATCH_YES,
	/* DNS has not answered yet */
	SPF_MATCH_UNKNOWN,
	SPF_MATCH_TEMPERROR,
	SPF_MATCH_PERMERROR
};

/* Does the directive match the client? values.domain is the current domain.
   Counts void lookups, not terms. For TEMPERROR and PERMERROR reason_r is set
   (evaluation's pool). */
enum spf_match spf_directive_match(struct spf_evaluation *evaluation,
				   const struct spf_directive *directive,
				   const char **reason_r);

/* The target-name of a macro, or the current domain if it has no parts.
   Returns YES and name_r (data stack), which can be asked; NO if it cannot
   match anything; UNKNOWN if it depends on a name DNS has not answered yet. */
enum spf_match spf_target_name(struct spf_evaluation *evaluation,
			       const struct spf_macro *macro,
			       const char **name_r);

/* Set values.validated_name for the current domain if macro has a p
   (section 7.3). Returns FALSE if DNS has not answered yet. */
bool spf_validated_name_find(struct spf_evaluation *evaluation,
			     const struct spf_macro *macro);
/* TRUE if name has the client's address (section 5.5). unknown_r is set to
   TRUE if DNS has not answered yet, else left alone. */
bool spf_name_is_validated(struct spf_evaluation *evaluation, const char *name,
			   bool *unknown_r);
/* The PTR answer for the client. */
const struct dns_answer *spf_client_names(struct spf_evaluation *evaluation);

#endif
