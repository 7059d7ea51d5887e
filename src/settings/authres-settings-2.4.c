/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings-2.4.h"

#define DEFINE_STR(name, values) \
	SETTING_DEFINE_STRUCT_STR_NOVARS("authres_"#name, name, struct values),
#define DEFINE_ENUM DEFINE_STR
#define DEFINE_CLIENT_SOURCE DEFINE_STR
#define DEFINE_BOOL DEFINE_STR
#define DEFINE_UINT DEFINE_STR
#define DEFINE_TIME_MSECS DEFINE_STR
#define DEFINE_WORDS(name, values) \
	SETTING_DEFINE_STRUCT_BOOLLIST("authres_"#name, name, struct values),
#define DEFINE_HOSTS DEFINE_WORDS
#define DEFINE_DNS_SERVERS DEFINE_WORDS
#define DEFINE_AUTHSERV_IDS DEFINE_WORDS
#define DEFINE_SECRETS DEFINE_WORDS
#define DEFINE_KEYWORDS DEFINE_WORDS
#define DEFINE_DICT(name, values) \
	{ .type = SET_FILTER_NAME, .key = "authres_"#name, \
	  .required_setting = "dict" }, \
	{ .type = SET_FILTER_NAME, .key = "authres_default_"#name, \
	  .required_setting = "dict" },
#define DEFINE_SHARED_DICT(name, values) \
	{ .type = SET_FILTER_NAME, .key = "authres_"#name, \
	  .required_setting = "dict" },

/* Defaults of lists come from the configuration process. */
#define DEFAULT_STR(name, value) .name = value,
#define DEFAULT_ENUM DEFAULT_STR
#define DEFAULT_CLIENT_SOURCE DEFAULT_STR
#define DEFAULT_BOOL DEFAULT_STR
#define DEFAULT_UINT DEFAULT_STR
#define DEFAULT_TIME_MSECS DEFAULT_STR
#define DEFAULT_WORDS(name, value) .name = ARRAY_INIT,
#define DEFAULT_HOSTS DEFAULT_WORDS
#define DEFAULT_DNS_SERVERS DEFAULT_WORDS
#define DEFAULT_AUTHSERV_IDS DEFAULT_WORDS
#define DEFAULT_SECRETS DEFAULT_WORDS
#define DEFAULT_KEYWORDS DEFAULT_WORDS
#define DEFAULT_DICT(name, value)
#define DEFAULT_SHARED_DICT(name, value)

static const struct setting_define authres_global_setting_defines[] = {
	SETTING_DEFINE_STRUCT_STR("hostname", hostname,
				  struct authres_global_values),
#define GLOBAL(name, type, value, allowed) \
	DEFINE_##type(name, authres_global_values)
#define GLOBAL_AS(name, field, type, value, allowed) \
	DEFINE_##type(name, authres_global_values)
#define ARGUMENT(name) DEFINE_STR(name, authres_global_values)
#include "authres-settings-table.h"
	SETTING_DEFINE_LIST_END
};

static const struct authres_global_values authres_global_default_values = {
	.hostname = "",
#define GLOBAL(name, type, value, allowed) DEFAULT_##type(name, value)
#define GLOBAL_AS(name, field, type, value, allowed) DEFAULT_##type(name, value)
#define ARGUMENT(name) DEFAULT_STR(name, "")
#include "authres-settings-table.h"
};

const struct setting_parser_info authres_global_setting_parser_info = {
	.name = "authres",

	.defines = authres_global_setting_defines,
	.defaults = &authres_global_default_values,

	.struct_size = sizeof(struct authres_global_values),
	.pool_offset1 = 1 + offsetof(struct authres_global_values, pool),
};

static const struct setting_define authres_user_setting_defines[] = {
#define USER(name, type, value, allowed) \
	DEFINE_##type(name, authres_user_values)
#include "authres-settings-table.h"
	SETTING_DEFINE_LIST_END
};

static const struct authres_user_values authres_user_default_values = {
#define USER(name, type, value, allowed) DEFAULT_##type(name, value)
#include "authres-settings-table.h"
};

const struct setting_parser_info authres_user_setting_parser_info = {
	.name = "authres_user",

	.defines = authres_user_setting_defines,
	.defaults = &authres_user_default_values,

	.struct_size = sizeof(struct authres_user_values),
	.pool_offset1 = 1 + offsetof(struct authres_user_values, pool),
};

static const char *
value_text(const struct setting_define *define, const void *values)
{
	const void *value = CONST_PTR_OFFSET(values, define->offset);

	switch (define->type) {
	case SET_BOOLLIST: {
		const ARRAY_TYPE(const_string) *words = value;

		return !array_is_created(words) ? "" :
			t_strarray_join(settings_boollist_get(words), " ");
	}
	case SET_FILTER_NAME:
		return NULL;
	default:
		return *(const char *const *)value;
	}
}

const char *
authres_values_lookup(const struct setting_parser_info *info,
		      const void *values, const char *name)
{
	unsigned int i;

	if (values == NULL)
		return NULL;
	for (i = 0; info->defines[i].key != NULL; i++) {
		if (strcmp(info->defines[i].key, name) == 0)
			return value_text(&info->defines[i], values);
	}
	return NULL;
}
