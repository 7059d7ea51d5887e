#ifndef USER_DICT_H
#define USER_DICT_H

/* The dict of a mail user: on 2.3 authres_dict is a URI, on 2.4 a block with a
   dict { } in it. */

struct authres_settings;
struct dict;
struct mail_user;

/* Open the dict that set names for user. Operations on it take
   mail_user_get_dict_op_settings(). It must be closed with dict_deinit()
   before user is. file_r: where it is if it is a file, for user_dict_check();
   lives as long as user. NULL also on 2.4 for a file that is configured instead
   of the default.
   Returns 1 and dict_r, 0 if none is configured, -1 and error_r (data
   stack). */
int user_dict_init(struct mail_user *user, const struct authres_settings *set,
		   struct dict **dict_r, const char **file_r,
		   const char **error_r);
/* See that opening file does not wait or eat memory, since it is in the user's
   home, and that nobody else can read it. It must be a regular file (or a link
   to one) of at most AUTHRES_MAX_DICT_FILE_BYTES, which gets mode 0600; a FIFO,
   for example, would hold up the process until somebody writes to it. writing:
   it is about to be written; it is created then, since Dovecot would give it
   the home's mode, and its lock must be nothing else than a file either. To be
   called before each operation. file may be NULL.
   Returns 0, or -1 and error_r (data stack). */
int user_dict_check(const char *file, bool writing, const char **error_r);
/* TRUE if somebody else than user acts: an administrator who logged in as
   this user (master user). */
bool user_is_acted_for(struct mail_user *user);

#endif
