#ifndef AUTHRES_PLUGIN_H
#define AUTHRES_PLUGIN_H

#include "mail-user.h"
#include "module-context.h"
#include "authres-settings.h"

/* Mail delivery by dovecot-lda and lmtp: entry points of the module and what
   it keeps for each recipient. */

struct module;
struct delivery;

struct authres_user {
	union mail_user_module_context module_ctx;

	struct authres_settings set;
	/* wrong settings, one sentence each, NULL-terminated; NULL = none */
	const char *const *setting_errors;

	/* the message that is being delivered to this user; NULL between
	   deliveries */
	struct delivery *delivery;
};

extern struct event_category event_category_authres;

extern const char *authres_plugin_version;
extern const char *authres_plugin_dependencies[];

/* NULL if the plugin is not in this user's mail_plugins or authres_mode=off:
   nothing is done for such a user. */
struct authres_user *authres_user_get(struct mail_user *user);
/* TRUE if authres_mode=off for this user, but not for all. */
bool authres_user_opted_out(struct mail_user *user);
/* NULL if nothing is being delivered to user, or authres_user_get() is
   NULL. */
struct delivery *authres_user_get_delivery(struct mail_user *user);

void authres_plugin_init(struct module *module);
void authres_plugin_deinit(void);

#endif
