/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hostpid.h"
#include "master-service.h"
#include "master-service-settings.h"
#include "authres-settings.h"
#include "authres-settings-2.4.h"
#include "authres-settings-read.h"

struct values {
	const struct authres_global_values *global;
	const struct authres_user_values *user;
};

static const char *values_lookup_global(void *context, const char *name)
{
	const struct values *values = context;

	return authres_values_lookup(&authres_global_setting_parser_info,
				     values->global, name);
}

static const char *values_lookup_user(void *context, const char *name)
{
	const struct values *values = context;

	return authres_values_lookup(&authres_user_setting_parser_info,
				     values->user, name);
}

int authres_settings_read(pool_t pool, struct master_service *service,
			  struct authres_settings *set_r,
			  const char *const **errors_r, const char **error_r)
{
	struct event *event = master_service_get_event(service);
	struct values values = { NULL, NULL };
	int ret = -1;

	if (master_service_settings_read_simple(service, error_r) == 0 &&
	    settings_get(event, &authres_global_setting_parser_info, 0,
			 &values.global, error_r) == 0 &&
	    settings_get(event, &authres_user_setting_parser_info, 0,
			 &values.user, error_r) == 0) {
		const char *hostname = values.global->hostname;
		const struct master_service_settings *service_set =
			master_service_get_service_settings(service);

		if (*hostname == '\0')
			hostname = my_hostdomain();
		(void)authres_settings_parse(pool, values_lookup_global,
					     values_lookup_user, &values,
					     hostname, service_set->base_dir,
					     set_r, errors_r);
		set_r->state_dir = p_strdup(pool, service_set->state_dir);
		ret = 0;
	}
	settings_free(values.global);
	settings_free(values.user);
	return ret;
}
