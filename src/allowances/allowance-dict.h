#ifndef ALLOWANCE_DICT_H
#define ALLOWANCE_DICT_H

#include "allowance.h"

/* The allowances of one user, in the user's dict. When the dict fails, its
   error is returned and nothing else happens: who delivers mail goes on as
   without allowances. */

struct authres_settings;
struct mail_user;
struct allowance_dict;

ARRAY_DEFINE_TYPE(allowance, struct allowance);

/* Nothing is opened yet. It must be closed before user is, and set must live
   as long. */
struct allowance_dict *
allowance_dict_init(struct mail_user *user,
		    const struct authres_settings *set);
/* *dict may be NULL */
void allowance_dict_deinit(struct allowance_dict **dict);

/* Is it there and not expired at now? Returns 1 and fills expires and learned
   of allowance, 0, or -1 and error_r (data stack). This and all that change
   something wait at most AUTHRES_DICT_TIMEOUT_MSECS for a server that does not
   answer. */
int allowance_dict_find(struct allowance_dict *dict,
			struct allowance *allowance, time_t now,
			const char **error_r);
/* allowance was found and used: give it set->allow_days anew if it was learned
   and less than half of that is left.
   Returns 1 if it was written, 0 if not, -1 and error_r. */
int allowance_dict_renew(struct allowance_dict *dict,
			 struct allowance *allowance, time_t now,
			 const char **error_r);
/* Write it, new or with a new expires. Expired ones are removed, and the one
   that would expire first when there are AUTHRES_MAX_ALLOWANCES others (not in
   a dict that cannot iterate, such as Redis).
   Returns 0, or -1 and error_r. */
int allowance_dict_add(struct allowance_dict *dict,
		       const struct allowance *allowance, time_t now,
		       const char **error_r);
/* Returns 1 if it was removed, 0 if it was not there, -1 and error_r. */
int allowance_dict_remove(struct allowance_dict *dict,
			  const struct allowance *allowance,
			  const char **error_r);
/* All of them, expired ones too, ordered by author and then key; what is not
   one of ours is skipped. At most AUTHRES_MAX_ALLOWANCES_LISTED.
   Returns 0, or -1 and error_r. */
int allowance_dict_list(struct allowance_dict *dict, pool_t pool,
			ARRAY_TYPE(allowance) *allowances,
			const char **error_r);

/* Learn what a message with this verdict allows, from now on for
   set->allow_days: its list, else its forwarder, with author. What was learned
   in the last 24 hours is not written again. verdict may be
   one that was read back from the field (disposition_field_read()), author
   then comes from t_allowance_author_of(). Who calls this has made sure that
   delivery wrote that field and that the message is not phishing.
   Returns 1 and allowance_r (pool), 0 if such a message allows nothing
   (disposition_may_be_allowed()), -1 and error_r. */
int allowance_learn_from_verdict(struct allowance_dict *dict, pool_t pool,
				 const struct verdict *verdict,
				 const char *author, time_t now,
				 struct allowance *allowance_r,
				 const char **error_r);

#endif
