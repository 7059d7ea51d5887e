/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hostpid.h"
#include "str-prefix.h"
#include "master-service.h"
#include "master-service-settings.h"
#include "mail-user.h"
#include "authres-settings.h"
#include "authres-settings-2.4.h"
#include "user-settings.h"

struct user_values {
	const struct authres_global_values *global;
	const struct authres_user_values *user;
};

/* The configuration and -o. userdb is known to events of a user only. */
static int
global_values_get(const struct authres_global_values **values_r,
		  const char **error_r)
{
	return settings_get(master_service_get_event(master_service),
			    &authres_global_setting_parser_info, 0,
			    values_r, error_r);
}

const char *user_settings_get_global(const char *name)
{
	const struct authres_global_values *global = NULL;
	const struct authres_user_values *user = NULL;
	const char *value = NULL, *error;

	if (global_values_get(&global, &error) == 0) {
		value = t_strdup(authres_values_lookup(
			&authres_global_setting_parser_info, global, name));
	}
	if (value == NULL &&
	    settings_get(master_service_get_event(master_service),
			 &authres_user_setting_parser_info, 0,
			 &user, &error) == 0) {
		value = t_strdup(authres_values_lookup(
			&authres_user_setting_parser_info, user, name));
	}
	settings_free(global);
	settings_free(user);
	return value;
}

static const char *lookup_global(void *context, const char *name)
{
	const struct user_values *values = context;

	return authres_values_lookup(&authres_global_setting_parser_info,
				     values->global, name);
}

static const char *lookup_user(void *context, const char *name)
{
	const struct user_values *values = context;

	return authres_values_lookup(&authres_user_setting_parser_info,
				     values->user, name);
}

static void
errors_add(pool_t pool, ARRAY_TYPE(const_string) *errors, const char *error)
{
	error = p_strdup_printf(pool, "%s - using defaults", error);
	array_push_back(errors, &error);
}

int user_settings_get(struct mail_user *user, pool_t *pool_r,
		      struct authres_settings *set_r,
		      const char *const **errors_r)
{
	struct user_values values = { NULL, NULL };
	pool_t pool = pool_alloconly_create("authres settings", 2048);
	ARRAY_TYPE(const_string) errors;
	const char *const *wrong, *error, *hostname = NULL;
	unsigned int count;

	p_array_init(&errors, pool, 2);
	if (global_values_get(&values.global, &error) < 0)
		errors_add(pool, &errors, error);
	else
		hostname = values.global->hostname;
	if (settings_get(user->event, &authres_user_setting_parser_info, 0,
			 &values.user, &error) < 0)
		errors_add(pool, &errors, error);
	if (hostname == NULL || *hostname == '\0')
		hostname = my_hostdomain();

	(void)authres_settings_parse(pool, lookup_global, lookup_user, &values,
				     hostname, user->set->base_dir,
				     set_r, &wrong);
	array_append(&errors, wrong, str_array_length(wrong));
	settings_free(values.global);
	settings_free(values.user);

	count = array_count(&errors);
	array_append_zero(&errors);
	*errors_r = array_front(&errors);
	*pool_r = pool;
	return count == 0 ? 0 : -1;
}

void user_settings_deinit(void)
{
	/* nothing is shared: Dovecot caches what it parsed */
}

/* Dovecot refuses unknown names in its configuration, but not in userdb. */
const char *const *t_user_settings_unknown(struct mail_user *user)
{
	ARRAY_TYPE(const_string) names;
	const char *const *field = user->userdb_fields;
	const char *name;

	t_array_init(&names, 4);
	for (; field != NULL && *field != NULL; field++) {
		if (!str_has_prefix(*field, "authres_"))
			continue;
		/* "name=value", "list/word=yes", "list+=word" */
		name = t_strcut(t_strcut(t_strcut(*field, '='), '/'), '+');
		if (authres_setting_is_unknown(name))
			array_push_back(&names, &name);
	}
	array_append_zero(&names);
	return array_front(&names);
}
