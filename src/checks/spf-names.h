#ifndef SPF_NAMES_H
#define SPF_NAMES_H

#include "resolver.h"
#include "spf-evaluation.h"

/* The names that terms ask for (RFC 7208 sections 4.8, 7) and those that the
   client is known by (sections 5.5, 7.3). */

/* A or AAAA: what the client has. */
enum dns_type spf_address_type(const struct spf_evaluation *evaluation);
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

#endif
