/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hostpid.h"
#include "str-sanitize.h"
#include "settings-parser.h"
#include "master-service.h"
#include "master-service-settings.h"
#include "authres-settings-read.h"

struct plugin_settings {
	const char *hostname;
	ARRAY_TYPE(const_string) plugin_envs;
};

static const struct setting_define plugin_setting_defines[] = {
	SETTING_DEFINE_STRUCT_STR("hostname", hostname, struct plugin_settings),
	{ .type = SET_STRLIST, .key = "plugin",
	  .offset = offsetof(struct plugin_settings, plugin_envs) },
	SETTING_DEFINE_LIST_END
};

static const struct plugin_settings plugin_default_settings = {
	.hostname = "",
	.plugin_envs = ARRAY_INIT
};

static const struct setting_parser_info plugin_setting_parser_info = {
	.module_name = "authres",
	.defines = plugin_setting_defines,
	.defaults = &plugin_default_settings,
	.type_offset = SIZE_MAX,
	.struct_size = sizeof(struct plugin_settings),
	.parent_offset = SIZE_MAX
};

/* context is the list of names and values in turn. */
static const char *plugin_env_lookup(void *context, const char *name)
{
	const char *const *envs = context;

	for (; envs[0] != NULL; envs += 2) {
		if (strcmp(envs[0], name) == 0)
			return envs[1];
	}
	return NULL;
}

static void
errors_add_unknown(pool_t pool, const char *const *envs,
		   ARRAY_TYPE(const_string) *errors)
{
	const char *error;

	for (; envs[0] != NULL; envs += 2) {
		if (!authres_setting_is_unknown(envs[0]))
			continue;
		error = p_strdup_printf(pool, "%s: unknown setting, ignored",
					str_sanitize(envs[0], 80));
		array_push_back(errors, &error);
	}
}

int authres_settings_read(pool_t pool, struct master_service *service,
			  struct authres_settings *set_r,
			  const char *const **errors_r, const char **error_r)
{
	static const struct setting_parser_info *set_roots[] = {
		&plugin_setting_parser_info, NULL
	};
	/* "mail" owns plugin { }, "lda" owns hostname */
	static const char *const extra_modules[] = { "lda", NULL };
	struct master_service_settings_input input;
	struct master_service_settings_output output;
	const struct master_service_settings *service_set;
	const struct plugin_settings *plugin_set;
	const char *const *envs, *const *wrong;
	ARRAY_TYPE(const_string) list, errors;
	const char *hostname;

	i_zero(&input);
	input.roots = set_roots;
	input.module = "mail";
	input.extra_modules = extra_modules;
	if (master_service_settings_read(service, &input, &output,
					 error_r) < 0)
		return -1;
	service_set = master_service_settings_get(service);
	plugin_set = master_service_settings_get_others(service)[0];

	t_array_init(&list, 64);
	if (array_is_created(&plugin_set->plugin_envs))
		array_append_array(&list, &plugin_set->plugin_envs);
	array_append_zero(&list);
	envs = array_front(&list);

	hostname = plugin_set->hostname;
	if (*hostname == '\0')
		hostname = my_hostdomain();
	(void)authres_settings_parse(pool, plugin_env_lookup, NULL,
				     (void *)envs, hostname,
				     service_set->base_dir,
				     set_r, &wrong);
	set_r->state_dir = p_strdup(pool, service_set->state_dir);
	p_array_init(&errors, pool, 4);
	array_append(&errors, wrong, str_array_length(wrong));
	errors_add_unknown(pool, envs, &errors);
	array_append_zero(&errors);
	*errors_r = array_front(&errors);
	return 0;
}
