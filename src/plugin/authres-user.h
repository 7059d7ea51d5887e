#ifndef AUTHRES_USER_H
#define AUTHRES_USER_H

#include "mail-user.h"
#include "module-context.h"
#include "authres-settings.h"

/* What the plugin keeps for each user. */

struct allowance_dict;
struct delivery;
struct moves_hook;

struct authres_user {
	union mail_user_module_context module_ctx;
	struct mail_user *user;

	struct authres_settings set;
	pool_t set_pool;
	/* wrong settings, one sentence each, NULL-terminated; NULL = none */
	const char *const *setting_errors;

	/* the message that is being delivered to this user; NULL between
	   deliveries */
	struct delivery *delivery;
	/* NULL until they are asked for */
	struct allowance_dict *allowances;
	/* NULL if moves made here teach nothing */
	struct moves_hook *moves;
};

extern struct event_category event_category_authres;

/* Read the user's settings and hang the result on user, in whose pool it lives.
   deinit is called when the user goes, and calls authres_user_deinit(). */
struct authres_user *
authres_user_init(struct mail_user *user, void (*deinit)(struct mail_user *));
/* Ends user's turn in the chain of deinit functions. */
void authres_user_deinit(struct authres_user *auser);
/* What authres_user_init() made, also with authres_mode=off. */
struct authres_user *authres_user_from(struct mail_user *user);

/* NULL if the plugin is not in this user's mail_plugins or authres_mode=off:
   nothing is done for such a user. */
struct authres_user *authres_user_get(struct mail_user *user);
/* TRUE if authres_mode=off for this user, but not for all. */
bool authres_user_opted_out(struct mail_user *user);
/* Settings of a user with authres_mode=off whose mail may carry
   authres_client_header_key, which nobody may read there; NULL otherwise. */
const struct authres_settings *
authres_user_get_key_settings(struct mail_user *user);
/* NULL if nothing is being delivered to user, or authres_user_get() is
   NULL. */
struct delivery *authres_user_get_delivery(struct mail_user *user);

/* auser's allowances; never NULL. */
struct allowance_dict *authres_user_get_allowances(struct authres_user *auser);
/* Log to event that the dict of allowances failed: we go on without it. */
void authres_user_dict_failed(struct event *event, const char *error);

#endif
