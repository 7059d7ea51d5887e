#ifndef AUTHRES_PLUGIN_H
#define AUTHRES_PLUGIN_H

#include "mail-user.h"
#include "module-context.h"
#include "authres-settings.h"

/* Mail delivery by dovecot-lda and lmtp, and moves made over IMAP: entry points
   of the module and what it keeps for each user. */

struct module;
struct allowance_dict;
struct delivery;
struct user_moves;

struct authres_user {
	union mail_user_module_context module_ctx;

	struct authres_settings set;
	/* wrong settings, one sentence each, NULL-terminated; NULL = none */
	const char *const *setting_errors;

	/* the message that is being delivered to this user; NULL between
	   deliveries */
	struct delivery *delivery;
	/* NULL until they are asked for */
	struct allowance_dict *allowances;
	/* NULL if moves made here teach nothing */
	struct user_moves *moves;
};

extern struct event_category event_category_authres;

extern const char *authres_plugin_version;
extern const char *authres_plugin_dependencies[];

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
struct allowance_dict *
authres_user_get_allowances(struct authres_user *auser, struct mail_user *user);

void authres_plugin_init(struct module *module);
void authres_plugin_deinit(void);

#endif
