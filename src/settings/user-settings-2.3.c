/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "master-service.h"
#include "master-service-settings.h"
#include "mail-user.h"
#include "authres-settings.h"
#include "user-settings.h"

/* What the last user's values mean. Most users of a process have the same, and
   reading all of them anew is a tenth of what a delivery costs. */
struct last_parsed {
	pool_t pool;
	const char *const *values;
	struct authres_settings set;
	const char *const *errors;
	int ret;
};

static struct last_parsed *last_parsed;

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

/* All values that user has, in the order of the table, and what else the
   result depends on. */
static const char *const *
t_user_values(struct mail_user *user, unsigned int *count_r)
{
	const struct mail_user_settings *global = global_settings();
	const struct authres_setting_def *def = authres_setting_defs();
	ARRAY_TYPE(const_string) values;

	t_array_init(&values, 64);
	array_push_back(&values, &global->hostname);
	array_push_back(&values, &global->base_dir);
	for (; def->name != NULL; def++) {
		const char *value = def->global ?
			user_settings_get_global(def->name) :
			mail_user_plugin_getenv(user, def->name);

		array_push_back(&values, &value);
	}
	return array_get(&values, count_r);
}

static bool values_are_equal(const char *const *a, const char *const *b,
			     unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (null_strcmp(a[i], b[i]) != 0)
			return FALSE;
	}
	return TRUE;
}

static struct last_parsed *
user_settings_parse(struct mail_user *user, const char *const *values,
		    unsigned int count)
{
	const struct mail_user_settings *global = global_settings();
	pool_t pool = pool_alloconly_create("authres settings", 4096);
	struct last_parsed *parsed = p_new(pool, struct last_parsed, 1);
	const char **copies = p_new(pool, const char *, count);

	for (unsigned int i = 0; i < count; i++)
		copies[i] = p_strdup(pool, values[i]);
	parsed->pool = pool;
	parsed->values = copies;
	parsed->ret = authres_settings_parse(pool, user_settings_lookup_global,
					     user_settings_lookup, user,
					     global->hostname, global->base_dir,
					     &parsed->set, &parsed->errors);
	return parsed;
}

int user_settings_get(struct mail_user *user, pool_t *pool_r,
		      struct authres_settings *set_r,
		      const char *const **errors_r)
{
	T_BEGIN {
		unsigned int count;
		const char *const *values = t_user_values(user, &count);

		if (last_parsed == NULL ||
		    !values_are_equal(last_parsed->values, values, count)) {
			user_settings_deinit();
			last_parsed = user_settings_parse(user, values, count);
		}
	} T_END;
	*pool_r = last_parsed->pool;
	pool_ref(*pool_r);
	*set_r = last_parsed->set;
	*errors_r = last_parsed->errors;
	return last_parsed->ret;
}

void user_settings_deinit(void)
{
	pool_t pool;

	if (last_parsed == NULL)
		return;
	pool = last_parsed->pool;
	last_parsed = NULL;
	pool_unref(&pool);
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
