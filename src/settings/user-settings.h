#ifndef USER_SETTINGS_H
#define USER_SETTINGS_H

/* Where a mail user's settings come from: on 2.3 plugin { }, where userdb may
   override the ones that are not global. */

struct authres_settings;
struct mail_user;

/* Fill set_r for user as authres_settings_parse() does, global settings
   without anything userdb says. All strings live in pool_r, which the caller
   unrefs when it is done with them; users whose values are the same may share
   one. Returns 0, or -1 and errors_r; set_r is usable in both cases. */
int user_settings_get(struct mail_user *user, pool_t *pool_r,
		      struct authres_settings *set_r,
		      const char *const **errors_r);
/* Forget what users share, when the module goes. */
void user_settings_deinit(void);
/* The value of a setting given by -o or configuration, never by userdb; NULL
   when there is none. */
const char *user_settings_get_global(const char *name);
/* Names in user's settings that begin with "authres_" and are no setting of
   ours. Data stack, NULL-terminated. */
const char *const *t_user_settings_unknown(struct mail_user *user);

#endif
