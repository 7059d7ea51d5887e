#ifndef IMPACT_OWN_H
#define IMPACT_OWN_H

struct own_domains;
struct verdict;

/* What authres_own_domains would have made of a message that was delivered
   without it. */

/* If its field says that the message had an author at one of own and no pass,
   change verdict into what delivery would have stored with that setting, as far
   as the field tells. trusted_lists: lists that would have overridden it,
   NULL-terminated. What is changed is on the data stack. Returns TRUE if
   verdict was changed. */
bool impact_own_apply(const struct own_domains *own,
		      const char *const *trusted_lists,
		      struct verdict *verdict);

#endif
