/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hostpid.h"
#include "settings-parser.h"
#include "master-service.h"
#include "service-settings.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "config-place.h"
#include "service-user.h"
#include "verifier-listeners.h"

/* Read by Dovecot's configuration process (doveconf): with it every setting of
   ours is known, shown, and checked when the configuration is loaded. Keys and
   their order are those of authres-settings-2.4.c. Here they have their types.
   It is linked with libdovecot only. */

#define MEMBER_STR(field) const char *field;
#define MEMBER_ENUM MEMBER_STR
#define MEMBER_CLIENT_SOURCE MEMBER_STR
#define MEMBER_BOOL(field) bool field;
#define MEMBER_UINT(field) unsigned int field;
#define MEMBER_TIME_MSECS MEMBER_UINT
#define MEMBER_WORDS(field) ARRAY_TYPE(const_string) field;
#define MEMBER_HOSTS MEMBER_WORDS
#define MEMBER_DNS_SERVERS MEMBER_WORDS
#define MEMBER_AUTHSERV_IDS MEMBER_WORDS
#define MEMBER_SECRETS MEMBER_WORDS
#define MEMBER_KEYWORDS MEMBER_WORDS
#define MEMBER_DICT(field)
#define MEMBER_SHARED_DICT(field)

struct module;
void authres_settings_init(struct module *module);
void authres_settings_deinit(void);

struct authres_global_settings {
	pool_t pool;
	const char *hostname;
#define GLOBAL(name, type, value, allowed) MEMBER_##type(name)
#define GLOBAL_AS(name, field, type, value, allowed) MEMBER_##type(name)
#define ARGUMENT(name) MEMBER_STR(name)
#include "authres-settings-table.h"
};

struct authres_user_settings {
	pool_t pool;
#define USER(name, type, value, allowed) MEMBER_##type(name)
#include "authres-settings-table.h"
};

#define DEFINE(TYPE, name, set) \
	SETTING_DEFINE_STRUCT_##TYPE("authres_"#name, name, struct set),
#define DEFINE_STR(name, set) DEFINE(STR_NOVARS, name, set)
#define DEFINE_ENUM(name, set) DEFINE(ENUM, name, set)
#define DEFINE_CLIENT_SOURCE DEFINE_STR
#define DEFINE_BOOL(name, set) DEFINE(BOOL, name, set)
#define DEFINE_UINT(name, set) DEFINE(UINT, name, set)
#define DEFINE_TIME_MSECS(name, set) DEFINE(TIME_MSECS, name, set)
#define DEFINE_WORDS(name, set) DEFINE(BOOLLIST, name, set)
#define DEFINE_HOSTS DEFINE_WORDS
#define DEFINE_DNS_SERVERS DEFINE_WORDS
#define DEFINE_AUTHSERV_IDS DEFINE_WORDS
#define DEFINE_SECRETS DEFINE_WORDS
#define DEFINE_KEYWORDS DEFINE_WORDS
#define DEFINE_DICT(name, set) \
	{ .type = SET_FILTER_NAME, .key = "authres_"#name, \
	  .required_setting = "dict" }, \
	{ .type = SET_FILTER_NAME, .key = "authres_default_"#name, \
	  .required_setting = "dict" },
#define DEFINE_SHARED_DICT(name, set) \
	{ .type = SET_FILTER_NAME, .key = "authres_"#name, \
	  .required_setting = "dict" },

/* An ENUM names all it may be, with its default first. Numbers are filled in
   by authres_settings_init(). */
#define DEFAULT_ENUM(name, value, allowed) .name = allowed,
#define DEFAULT_STR(name, value, allowed) .name = value,
#define DEFAULT_CLIENT_SOURCE DEFAULT_STR
#define DEFAULT_BOOL(name, value, allowed) .name = FALSE,
#define DEFAULT_UINT(name, value, allowed) .name = 0,
#define DEFAULT_TIME_MSECS DEFAULT_UINT
#define DEFAULT_WORDS(name, value, allowed) .name = ARRAY_INIT,
#define DEFAULT_HOSTS DEFAULT_WORDS
#define DEFAULT_DNS_SERVERS DEFAULT_WORDS
#define DEFAULT_AUTHSERV_IDS DEFAULT_WORDS
#define DEFAULT_SECRETS DEFAULT_WORDS
#define DEFAULT_KEYWORDS DEFAULT_WORDS
#define DEFAULT_DICT(name, value, allowed)
#define DEFAULT_SHARED_DICT(name, value, allowed)

/* What a struct cannot hold. */
#define TEXT_STR(name, value)
#define TEXT_ENUM(name, value)
#define TEXT_CLIENT_SOURCE(name, value)
#define TEXT_BOOL(name, value)
#define TEXT_UINT(name, value)
#define TEXT_TIME_MSECS(name, value)
#define TEXT_WORDS(name, value) { "authres_"#name, value },
#define TEXT_HOSTS TEXT_WORDS
#define TEXT_DNS_SERVERS TEXT_WORDS
#define TEXT_AUTHSERV_IDS TEXT_WORDS
#define TEXT_SECRETS TEXT_WORDS
#define TEXT_KEYWORDS TEXT_WORDS
#define TEXT_DICT(name, value) \
	{ "authres_default_"#name"/dict", "file" }, \
	{ "authres_default_"#name"/dict/file/driver", "file" }, \
	{ "authres_default_"#name"/dict/file/path", "~/.dovecot.authres" },
#define TEXT_SHARED_DICT(name, value)

static const struct setting_define authres_global_setting_defines[] = {
	SETTING_DEFINE_STRUCT_STR("hostname", hostname,
				  struct authres_global_settings),
#define GLOBAL(name, type, value, allowed) \
	DEFINE_##type(name, authres_global_settings)
#define GLOBAL_AS(name, field, type, value, allowed) \
	DEFINE_##type(name, authres_global_settings)
#define ARGUMENT(name) \
	SETTING_DEFINE_STRUCT_STR_NOVARS_HIDDEN("authres_"#name, name, \
		struct authres_global_settings),
#include "authres-settings-table.h"
	SETTING_DEFINE_LIST_END
};

static struct authres_global_settings authres_global_default_settings = {
	.hostname = "",
#define GLOBAL(name, type, value, allowed) DEFAULT_##type(name, value, allowed)
#define GLOBAL_AS(name, field, type, value, allowed) \
	DEFAULT_##type(name, value, allowed)
#define ARGUMENT(name) .name = "",
#include "authres-settings-table.h"
};

static const struct setting_keyvalue authres_global_default_texts[] = {
#define GLOBAL(name, type, value, allowed) TEXT_##type(name, value)
#define GLOBAL_AS(name, field, type, value, allowed) TEXT_##type(name, value)
#include "authres-settings-table.h"
	{ NULL, NULL }
};

static const struct setting_define authres_user_setting_defines[] = {
#define USER(name, type, value, allowed) \
	DEFINE_##type(name, authres_user_settings)
#include "authres-settings-table.h"
	SETTING_DEFINE_LIST_END
};

static struct authres_user_settings authres_user_default_settings = {
#define USER(name, type, value, allowed) DEFAULT_##type(name, value, allowed)
#include "authres-settings-table.h"
};

static const struct setting_keyvalue authres_user_default_texts[] = {
#define USER(name, type, value, allowed) TEXT_##type(name, value)
#include "authres-settings-table.h"
	{ NULL, NULL }
};

struct check_context {
	const struct setting_define *defines;
	const void *set;
};

static const char *
setting_text(const struct setting_define *define, const void *set)
{
	const void *value = CONST_PTR_OFFSET(set, define->offset);
	const ARRAY_TYPE(const_string) *words = value;
	const char *str;

	switch (define->type) {
	case SET_BOOL:
		return *(const bool *)value ? "yes" : "no";
	case SET_UINT:
		return dec2str(*(const unsigned int *)value);
	case SET_TIME_MSECS:
		return t_strdup_printf("%ums", *(const unsigned int *)value);
	case SET_BOOLLIST:
		/* Each block of the configuration is checked by itself: without
		   the default, a list that is not in it is empty. */
		return !array_is_created(words) || array_count(words) == 0 ?
			NULL :
			t_strarray_join(settings_boollist_get(words), " ");
	case SET_FILTER_NAME:
		return NULL;
	default:
		str = *(const char *const *)value;
		/* with variables that are not known here */
		return str == set_value_unknown ? NULL : str;
	}
}

static const char *check_lookup(void *context, const char *name)
{
	const struct check_context *ctx = context;
	const struct setting_define *define;

	for (define = ctx->defines; define->key != NULL; define++) {
		if (strcmp(define->key, name) == 0)
			return setting_text(define, ctx->set);
	}
	return NULL;
}

/* error: as authres_setting_error() writes it, name: "value" ... */
static const char *error_with_place(const char *error)
{
	const char *begin = strstr(error, ": \""), *end, *place;

	i_assert(begin != NULL);
	/* what would be used does not matter: it is refused */
	error = t_strdup_until(error, strstr(error, " - using "));
	end = strstr(begin, "\" is not allowed here");
	if (end == NULL ||
	    !config_place_find(master_service_get_config_path(master_service),
			       t_strcut(error, ':'),
			       t_strdup_until(begin + 3, end), &place))
		return error;
	return t_strdup_printf("%s (%s)", error, place);
}

static bool
settings_check_values(const struct setting_define *defines, const void *set,
		      pool_t pool, const char **error_r)
{
	struct check_context ctx = { defines, set };
	struct authres_settings parsed;
	const char *const *errors;

	if (authres_settings_parse(pool, check_lookup, NULL, &ctx,
				   my_hostdomain(), "", &parsed, &errors) == 0)
		return TRUE;
	*error_r = error_with_place(errors[0]);
	return FALSE;
}

static bool
authres_global_settings_check(void *set, pool_t pool, const char **error_r)
{
	return settings_check_values(authres_global_setting_defines, set, pool,
				     error_r);
}

static bool
authres_user_settings_check(void *set, pool_t pool, const char **error_r)
{
	return settings_check_values(authres_user_setting_defines, set, pool,
				     error_r);
}

static const struct setting_parser_info authres_global_info = {
	.name = "authres",

	.defines = authres_global_setting_defines,
	.defaults = &authres_global_default_settings,
	.default_settings = authres_global_default_texts,

	.struct_size = sizeof(struct authres_global_settings),
	.pool_offset1 = 1 + offsetof(struct authres_global_settings, pool),
	.check_func = authres_global_settings_check,
};

static const struct setting_parser_info authres_user_info = {
	.name = "authres_user",

	.defines = authres_user_setting_defines,
	.defaults = &authres_user_default_settings,
	.default_settings = authres_user_default_texts,

	.struct_size = sizeof(struct authres_user_settings),
	.pool_offset1 = 1 + offsetof(struct authres_user_settings, pool),
	.check_func = authres_user_settings_check,
};

/* The same service as settings-module-2.3.c has, told why there. */
static struct service_settings authres_service = {
	.name = "authres",
	.protocol = "",
	.type = "",
	.executable = "authres",
	.user = "$SET:default_login_user",
	.group = "",
	.privileged_group = "",
	.extra_groups = ARRAY_INIT,
	.chroot = "empty",

	.drop_priv_before_exec = FALSE,

	.process_min_avail = 2,
	.process_limit = 8,
	.client_limit = AUTHRES_MAX_CONNECTIONS,
	.restart_request_count = SET_UINT_UNLIMITED,
	.idle_kill_interval = SET_TIME_INFINITE,
	.vsz_limit = 256 * 1024 * 1024,

	.unix_listeners = ARRAY_INIT,
	.fifo_listeners = ARRAY_INIT,
	.inet_listeners = ARRAY_INIT,
};

/* The recorder (doc/architecture.md): one process, since the spool is its own.
   It gives up root when the spool is open, to be who may ask the dict
   service. */
static struct service_settings authres_history_service = {
	.name = "authres-history",
	.protocol = "",
	.type = "",
	.executable = "authres-history",
	.user = "$SET:default_internal_user",
	.group = "",
	.privileged_group = "",
	.extra_groups = ARRAY_INIT,
	.chroot = "",

	.drop_priv_before_exec = FALSE,

	.process_min_avail = 0,
	.process_limit = 1,
	.client_limit = AUTHRES_MAX_HISTORY_CONNECTIONS,
	.restart_request_count = SET_UINT_UNLIMITED,
	.idle_kill_interval = SET_TIME_INFINITE,
	.vsz_limit = 256 * 1024 * 1024,

	.unix_listeners = ARRAY_INIT,
	.fifo_listeners = ARRAY_INIT,
	.inet_listeners = ARRAY_INIT,
};

static const struct setting_keyvalue authres_history_service_defaults[] = {
	{ "unix_listener",
	  AUTHRES_HISTORY_LISTENER" "AUTHRES_TAKEN_BACK_LISTENER },

	{ "unix_listener/"AUTHRES_HISTORY_LISTENER"/path",
	  AUTHRES_HISTORY_LISTENER },
	{ "unix_listener/"AUTHRES_HISTORY_LISTENER"/mode", "0600" },

	{ "unix_listener/"AUTHRES_TAKEN_BACK_LISTENER"/path",
	  AUTHRES_TAKEN_BACK_LISTENER },
	{ "unix_listener/"AUTHRES_TAKEN_BACK_LISTENER"/mode", "0666" },

	{ NULL, NULL }
};

static const struct setting_keyvalue authres_service_defaults[] = {
	{ "unix_listener", AUTHRES_LISTENER" "AUTHRES_DELIVERY_LISTENER },

	{ "unix_listener/"AUTHRES_LISTENER"/path", AUTHRES_LISTENER },
	{ "unix_listener/"AUTHRES_LISTENER"/mode", "0666" },

	{ "unix_listener/"AUTHRES_DELIVERY_LISTENER"/path",
	  AUTHRES_DELIVERY_LISTENER },
	{ "unix_listener/"AUTHRES_DELIVERY_LISTENER"/mode", "0600" },

	{ NULL, NULL }
};

/* Defaults of numbers are text in the table. */
static void
fill_number_defaults(const struct setting_define *define, void *set)
{
	const struct authres_setting_def *def;
	void *value;
	const char *error;
	int ret = 0;

	for (; define->key != NULL; define++) {
		value = PTR_OFFSET(set, define->offset);
		if ((def = authres_setting_find(define->key)) == NULL)
			continue;
		if (define->type == SET_BOOL) {
			*(bool *)value = strcmp(def->default_value, "yes") == 0;
		} else if (define->type == SET_UINT) {
			ret = str_to_uint(def->default_value,
					  (unsigned int *)value);
		} else if (define->type == SET_TIME_MSECS) {
			ret = str_parse_get_interval_msecs(def->default_value,
				(unsigned int *)value, &error);
		}
		i_assert(ret == 0);
	}
}

void authres_settings_init(struct module *module ATTR_UNUSED)
{
	fill_number_defaults(authres_global_setting_defines,
			     &authres_global_default_settings);
	fill_number_defaults(authres_user_setting_defines,
			     &authres_user_default_settings);
	authres_service.user = authres_service_user(authres_service.user);
}

void authres_settings_deinit(void)
{
}

extern const char *authres_settings_version;
extern const struct setting_parser_info *authres_settings_set_infos[];
extern const struct config_service authres_settings_services_array[];

const char *authres_settings_version = DOVECOT_ABI_VERSION;

const struct setting_parser_info *authres_settings_set_infos[] = {
	&authres_global_info, &authres_user_info, NULL
};

const struct config_service authres_settings_services_array[] = {
	{ &authres_service, authres_service_defaults },
	{ &authres_history_service, authres_history_service_defaults },
	{ NULL, NULL }
};
