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

/* Is it there and valid at now (allowance_is_valid())? Returns 1 and fills
   expires and state of allowance, 0, or -1 and error_r (data stack). This and
   all that change something wait at most AUTHRES_DICT_TIMEOUT_MSECS for a
   server that does not answer. */
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

/* What is known about a message that the user took back. */
enum allowance_proof {
	/* a stranger can have made all of it */
	ALLOWANCE_PROOF_NONE,
	/* the author wrote it: DELIVERY_RECORD_PROVEN */
	ALLOWANCE_PROOF_AUTHOR,
	/* the administrator vouches for it */
	ALLOWANCE_PROOF_ADMINISTRATOR
};

/* The user took back mail that asks for allowance (release-lesson.h). From now
   on it is allowed for set->allow_days if there is a proof, if the user has
   answered that list (allowance_dict_answered()), or if such mail was taken
   back on another day, in local time, of the last AUTHRES_RELEASED_DAYS; else
   it is noted that it was taken back today. What was learned in the last 24
   hours is not written again.
   Returns 1 if it is allowed, 0 if it was noted, and fills expires and state of
   allowance; -1 and error_r. */
int allowance_dict_learn(struct allowance_dict *dict,
			 struct allowance *allowance,
			 enum allowance_proof proof, time_t now,
			 const char **error_r);
/* What allowance_dict_learn() would return; nothing is written. */
int allowance_dict_would_learn(struct allowance_dict *dict,
			       const struct allowance *allowance,
			       enum allowance_proof proof, time_t now,
			       const char **error_r);
/* The user answered mail of this list (allowance_of_answered_list()) that
   passed DMARC: remember it for set->allow_days. Returns 0, or -1 and
   error_r. */
int allowance_dict_answered(struct allowance_dict *dict,
			    struct allowance *list, time_t now,
			    const char **error_r);

#endif
