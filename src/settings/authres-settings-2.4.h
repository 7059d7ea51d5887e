#ifndef AUTHRES_SETTINGS_2_4_H
#define AUTHRES_SETTINGS_2_4_H

#include "settings.h"

/* The settings as Dovecot 2.4 hands them to a process: as they were written,
   words of a list already apart. What they mean is left to
   authres_settings_parse(), as on 2.3, so that a wrong value of one user
   (userdb) is no more than that. The configuration itself is checked by Dovecot
   with the settings module. Both must name the same keys in the same order. */

#define VALUE_STR(field) const char *field;
#define VALUE_ENUM VALUE_STR
#define VALUE_CLIENT_SOURCE VALUE_STR
#define VALUE_BOOL VALUE_STR
#define VALUE_UINT VALUE_STR
#define VALUE_TIME_MSECS VALUE_STR
#define VALUE_WORDS(field) ARRAY_TYPE(const_string) field;
#define VALUE_HOSTS VALUE_WORDS
#define VALUE_DNS_SERVERS VALUE_WORDS
#define VALUE_AUTHSERV_IDS VALUE_WORDS
#define VALUE_SECRETS VALUE_WORDS
#define VALUE_KEYWORDS VALUE_WORDS
/* a named filter has no value of its own */
#define VALUE_DICT(field)
#define VALUE_SHARED_DICT(field)

struct authres_global_values {
	pool_t pool;
	const char *hostname;
#define GLOBAL(name, type, value, allowed) VALUE_##type(name)
#define GLOBAL_AS(name, field, type, value, allowed) VALUE_##type(name)
#define ARGUMENT(name) VALUE_STR(name)
#include "authres-settings-table.h"
};

struct authres_user_values {
	pool_t pool;
#define USER(name, type, value, allowed) VALUE_##type(name)
#include "authres-settings-table.h"
};

extern const struct setting_parser_info authres_global_setting_parser_info;
extern const struct setting_parser_info authres_user_setting_parser_info;

/* The setting or argument "authres_..." of values, which have this info; NULL
   when there is none of that name, or values is NULL. Data stack. */
const char *
authres_values_lookup(const struct setting_parser_info *info,
		      const void *values, const char *name);

#endif
