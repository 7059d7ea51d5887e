/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "master-service.h"
#include "master-service-settings.h"
#include "mail-user.h"
#include "authres-settings.h"
#include "user-settings.h"

/* The configuration and -o: userdb changes only the user's own copy. */
static const struct mail_user_settings *global_settings(void)
{
	void **sets = master_service_settings_get_others(master_service);

	return sets[0];
}

const char *user_settings_get_global(const char *name)
{
	return mail_user_set_plugin_getenv(global_settings(), name);
}

static const char *
user_settings_lookup_global(void *context ATTR_UNUSED, const char *name)
{
	return user_settings_get_global(name);
}

static const char *user_settings_lookup(void *context, const char *name)
{
	struct mail_user *user = context;

	return mail_user_plugin_getenv(user, name);
}

int user_settings_get(struct mail_user *user, pool_t pool,
		      struct authres_settings *set_r,
		      const char *const **errors_r)
{
	const struct mail_user_settings *global = global_settings();

	return authres_settings_parse(pool, user_settings_lookup_global,
				      user_settings_lookup, user,
				      global->hostname, global->base_dir,
				      set_r, errors_r);
}

const char *const *t_user_settings_unknown(struct mail_user *user)
{
	ARRAY_TYPE(const_string) names;
	const char *const *envs;
	unsigned int i, count;

	t_array_init(&names, 4);
	if (array_is_created(&user->set->plugin_envs)) {
		envs = array_get(&user->set->plugin_envs, &count);
		for (i = 0; i + 1 < count; i += 2) {
			if (authres_setting_is_unknown(envs[i]))
				array_push_back(&names, &envs[i]);
		}
	}
	array_append_zero(&names);
	return array_front(&names);
}
