#ifndef USER_DICT_H
#define USER_DICT_H

/* The dict of a mail user: on 2.3 authres_dict is a URI, on 2.4 a block with a
   dict { } in it. */

struct authres_settings;
struct dict;
struct mail_user;

/* Open the dict that set names for user. Operations on it take
   mail_user_get_dict_op_settings(). It must be closed with dict_deinit()
   before user is.
   Returns 1 and dict_r, 0 if none is configured, -1 and error_r (data
   stack). */
int user_dict_init(struct mail_user *user, const struct authres_settings *set,
		   struct dict **dict_r, const char **error_r);
/* TRUE if somebody else than user acts: an administrator who logged in as
   this user (master user). */
bool user_is_acted_for(struct mail_user *user);

#endif
