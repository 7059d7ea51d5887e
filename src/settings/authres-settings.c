/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "str-sanitize.h"
#include "unichar.h"
#include "settings-parser.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "verifier-listeners.h"
#include "network-word.h"

#include <ctype.h>

#define HOSTNAME_WORD "%{hostname}"
#define CLIENT_SOURCE_HEADER_PREFIX "header:"
#define WORD_SEPARATORS " ,\t\r\n"
/* how much of a wrong value an error shows */
#define ERROR_VALUE_MAX_BYTES 80
#define DAY_MSECS (24 * 3600 * 1000)

#if DOVECOT_PREREQ(2,4,0)
#  define parse_interval_msecs str_parse_get_interval_msecs
#else
#  define parse_interval_msecs settings_get_time_msecs
#endif

#define NAMED(_name, _field, _type, _default, _allowed, _global) \
	{ .name = "authres_"#_name, .type = AUTHRES_SETTING_##_type, \
	  .default_value = _default, .allowed = _allowed, \
	  .global = _global, \
	  .offset = offsetof(struct authres_settings, _field) },
#define GLOBAL_AS(name, field, type, value, allowed) \
	NAMED(name, field, type, value, allowed, TRUE)
#define GLOBAL(field, type, value, allowed) \
	NAMED(field, field, type, value, allowed, TRUE)
#define USER(field, type, value, allowed) \
	NAMED(field, field, type, value, allowed, FALSE)

static const struct authres_setting_def setting_defs[] = {
#include "authres-settings-table.h"
	{ .name = NULL }
};

#define ARGUMENT(name) "authres_"#name,

static const char *const delivery_arguments[] = {
#include "authres-settings-table.h"
	NULL
};

#define ENUM_WORD(member, word) word,
#define GLOBAL_ENUM(name, first, words) \
	const char *authres_##name##_word(enum authres_##name member) \
	{ \
		static const char *const texts[] = { words(ENUM_WORD) }; \
		i_assert((unsigned int)member < N_ELEMENTS(texts)); \
		return texts[member]; \
	}
#define USER_ENUM GLOBAL_ENUM
#include "authres-settings-table.h"

struct setting_parse_context {
	pool_t pool;
	const char *hostname;
	struct authres_settings *set;
};

const struct authres_setting_def *authres_setting_defs(void)
{
	return setting_defs;
}

static void *
setting_target(struct setting_parse_context *ctx,
	       const struct authres_setting_def *def)
{
	return PTR_OFFSET(ctx->set, def->offset);
}

static bool value_is_text(const char *value)
{
	const unsigned char *p;

	if (!uni_utf8_str_is_valid(value))
		return FALSE;
	for (p = (const void *)value; *p != '\0'; p++) {
		if ((*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r') ||
		    *p == 0x7f)
			return FALSE;
	}
	return TRUE;
}

/* The one of the words, separated by ":", that equals word, or NULL. */
static const char *allowed_word(pool_t pool, const char *allowed,
				const char *word)
{
	const char *const *words = t_strsplit(allowed, ":");

	return str_array_find(words, word) ? p_strdup(pool, word) : NULL;
}

bool authres_keyword_is_valid(const char *word)
{
	const char *p;

	if (*word == '\0' || strlen(word) > AUTHRES_MAX_KEYWORD_BYTES)
		return FALSE;
	/* atom of RFC 9051 section 9, and no "]" as Dovecot wants it */
	for (p = word; *p != '\0'; p++) {
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f ||
		    strchr("(){%*\"\\]", *p) != NULL)
			return FALSE;
	}
	return TRUE;
}

static bool word_is_printable_ascii(const char *word)
{
	const char *p;

	for (p = word; *p != '\0'; p++) {
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f)
			return FALSE;
	}
	return TRUE;
}

/* Nothing that an MTA, or our reader of its field, takes for something else. */
static bool word_is_secret(const char *word)
{
	return strlen(word) >= AUTHRES_MIN_SECRET_BYTES &&
		word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "./+=_-")] == '\0';
}

static bool
word_is_allowed(const struct authres_setting_def *def, const char *word)
{
	struct ip_net net;

	switch (def->type) {
	case AUTHRES_SETTING_KEYWORDS:
		return authres_keyword_is_valid(word);
	case AUTHRES_SETTING_SECRETS:
		return word_is_secret(word);
	case AUTHRES_SETTING_HOSTS:
		return !word_is_network(word) ||
			word_parse_network(word, &net) == 0;
	case AUTHRES_SETTING_DNS_SERVERS:
		return word_is_dns_server(word);
	case AUTHRES_SETTING_AUTHSERV_IDS:
		return word_is_printable_ascii(word) &&
			strlen(word) <= AUTHRES_MAX_DOMAIN_BYTES;
	default:
		return def->allowed == NULL ||
			str_array_find(t_strsplit(def->allowed, ":"), word);
	}
}

static int
setting_parse_words(struct setting_parse_context *ctx,
		    const struct authres_setting_def *def,
		    const char *value, const char **bad_r)
{
	const char *const *words = t_strsplit_spaces(value, WORD_SEPARATORS);
	const char *const **target = setting_target(ctx, def);
	ARRAY_TYPE(const_string) list;

	p_array_init(&list, ctx->pool, 8);
	for (; *words != NULL; words++) {
		const char *word = *words;

		if (def->type != AUTHRES_SETTING_KEYWORDS &&
		    def->allowed == NULL && strcmp(word, HOSTNAME_WORD) == 0)
			word = ctx->hostname;
		else if (!word_is_allowed(def, word) ||
			   array_count(&list) == AUTHRES_MAX_SETTING_WORDS) {
			*bad_r = word;
			return -1;
		}
		word = p_strdup(ctx->pool, word);
		array_push_back(&list, &word);
	}
	if (def->type == AUTHRES_SETTING_AUTHSERV_IDS &&
	    array_count(&list) == 0) {
		*bad_r = value;
		return -1;
	}
	array_append_zero(&list);
	*target = array_front(&list);
	return 0;
}

/* Members of the enum are numbered as the words are listed. */
static int
setting_parse_enum(struct setting_parse_context *ctx,
		   const struct authres_setting_def *def, const char *value)
{
	const char *const *words = t_strsplit(def->allowed, ":");
	unsigned int *target = setting_target(ctx, def);

	for (unsigned int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], value) == 0) {
			*target = i;
			return 0;
		}
	}
	return -1;
}

static int
setting_parse_client_source(struct setting_parse_context *ctx,
			    const struct authres_setting_def *def,
			    const char *value)
{
	const char **target = setting_target(ctx, def);
	const char *p, *name;

	*target = allowed_word(ctx->pool, def->allowed, value);
	if (*target != NULL)
		return 0;
	if (!str_has_prefix(value, CLIENT_SOURCE_HEADER_PREFIX))
		return -1;
	/* ftext of RFC 5322 section 3.6.8 */
	name = value + strlen(CLIENT_SOURCE_HEADER_PREFIX);
	if (*name == '\0' || strlen(name) > AUTHRES_MAX_FIELD_NAME_BYTES)
		return -1;
	for (p = name; *p != '\0'; p++) {
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f ||
		    *p == ':')
			return -1;
	}
	*target = p_strdup(ctx->pool, value);
	return 0;
}

static int
setting_parse_number(struct setting_parse_context *ctx,
		     const struct authres_setting_def *def, const char *value)
{
	unsigned int *target = setting_target(ctx, def);
	const char *const *range = t_strsplit(def->allowed, ":");
	unsigned int number, min, max;
	const char *error;

	if (str_to_uint(range[0], &min) < 0 || str_to_uint(range[1], &max) < 0)
		i_unreached();
	if (str_to_uint(value, &number) == 0) {
		if (def->type == AUTHRES_SETTING_TIME_MSECS) {
			if (number > max / 1000)
				return -1;
			number *= 1000;
		}
	} else if (def->type != AUTHRES_SETTING_TIME_MSECS ||
		   !i_isdigit(value[0]) ||
		   parse_interval_msecs(value, &number, &error) < 0) {
		return -1;
	}
	if (number < min || number > max)
		return -1;
	*target = number;
	return 0;
}

static int
setting_parse_bool(struct setting_parse_context *ctx,
		   const struct authres_setting_def *def, const char *value)
{
	bool *target = setting_target(ctx, def);

	if (strcasecmp(value, "yes") == 0)
		*target = TRUE;
	else if (strcasecmp(value, "no") == 0)
		*target = FALSE;
	else
		return -1;
	return 0;
}

/* bad_r: the part of value that is wrong. */
static int
setting_parse(struct setting_parse_context *ctx,
	      const struct authres_setting_def *def, const char *value,
	      const char **bad_r)
{
	const char **str_target;

	*bad_r = value;
	if (strlen(value) > AUTHRES_MAX_SETTING_BYTES || !value_is_text(value))
		return -1;

	switch (def->type) {
	case AUTHRES_SETTING_STR:
		if (*value == '\0')
			return -1;
		/* fall through */
	case AUTHRES_SETTING_DICT:
	case AUTHRES_SETTING_SHARED_DICT:
		str_target = setting_target(ctx, def);
		*str_target = p_strdup(ctx->pool, value);
		return 0;
	case AUTHRES_SETTING_WORDS:
	case AUTHRES_SETTING_SECRETS:
	case AUTHRES_SETTING_HOSTS:
	case AUTHRES_SETTING_DNS_SERVERS:
	case AUTHRES_SETTING_AUTHSERV_IDS:
	case AUTHRES_SETTING_KEYWORDS:
		return setting_parse_words(ctx, def, value, bad_r);
	case AUTHRES_SETTING_ENUM:
		return setting_parse_enum(ctx, def, value);
	case AUTHRES_SETTING_CLIENT_SOURCE:
		return setting_parse_client_source(ctx, def, value);
	case AUTHRES_SETTING_BOOL:
		return setting_parse_bool(ctx, def, value);
	case AUTHRES_SETTING_UINT:
	case AUTHRES_SETTING_TIME_MSECS:
		return setting_parse_number(ctx, def, value);
	}
	i_unreached();
}

/* A limit in milliseconds, as people would write it. */
static const char *t_time(const char *limit)
{
	unsigned int msecs;

	if (str_to_uint(limit, &msecs) < 0)
		i_unreached();
	return msecs > 0 && msecs % DAY_MSECS == 0 ?
		t_strdup_printf("%ud", msecs / DAY_MSECS) :
		t_strdup_printf("%ums", msecs);
}

static const char *setting_allowed_phrase(const struct authres_setting_def *def)
{
	const char *const *words;

	switch (def->type) {
	case AUTHRES_SETTING_BOOL:
		return "yes, no";
	case AUTHRES_SETTING_SECRETS:
		return t_strdup_printf("words of %u or more letters, digits "
				       "and ./+=_-", AUTHRES_MIN_SECRET_BYTES);
	case AUTHRES_SETTING_HOSTS:
		return "networks such as 192.0.2.0/24, 2001:db8::/32, and host "
			"names";
	case AUTHRES_SETTING_DNS_SERVERS:
		return "addresses such as 192.0.2.1, 192.0.2.1@5353";
	case AUTHRES_SETTING_AUTHSERV_IDS:
		return "one or more host names in printable ASCII";
	case AUTHRES_SETTING_KEYWORDS:
		return t_strdup_printf("IMAP keywords of at most %u bytes",
				       AUTHRES_MAX_KEYWORD_BYTES);
	case AUTHRES_SETTING_UINT:
		words = t_strsplit(def->allowed, ":");
		return t_strdup_printf("%s to %s", words[0], words[1]);
	case AUTHRES_SETTING_TIME_MSECS:
		words = t_strsplit(def->allowed, ":");
		return t_strdup_printf("%s to %s", t_time(words[0]),
				       t_time(words[1]));
	case AUTHRES_SETTING_CLIENT_SOURCE:
		words = t_strsplit(def->allowed, ":");
		return t_strconcat(t_strarray_join(words, ", "),
				   ", header:NAME", NULL);
	case AUTHRES_SETTING_STR:
	case AUTHRES_SETTING_DICT:
	case AUTHRES_SETTING_SHARED_DICT:
		return def->allowed;
	case AUTHRES_SETTING_WORDS:
	case AUTHRES_SETTING_ENUM:
		break;
	}
	return def->allowed == NULL ?
		t_strdup_printf("up to %u words of UTF-8 text",
				AUTHRES_MAX_SETTING_WORDS) :
		t_strarray_join(t_strsplit(def->allowed, ":"), ", ");
}

static const char *
setting_default_text(struct setting_parse_context *ctx,
		     const struct authres_setting_def *def)
{
	string_t *str = t_str_new(64);
	const char *p, *rest = def->default_value;

	while ((p = strstr(rest, HOSTNAME_WORD)) != NULL) {
		str_append_data(str, rest, p - rest);
		str_append(str, ctx->hostname);
		rest = p + strlen(HOSTNAME_WORD);
	}
	str_append(str, rest);
	return str_c(str);
}

const char *
authres_setting_error(const struct authres_setting_def *def, const char *value,
		      const char *allowed, const char *used)
{
	if (def->type == AUTHRES_SETTING_SECRETS)
		value = "(not shown)";
	return t_strdup_printf(
		"%s: \"%s\" is not allowed here; allowed: %s - using \"%s\"",
		def->name, str_sanitize_utf8(value, ERROR_VALUE_MAX_BYTES),
		allowed, used);
}

static void
setting_set(struct setting_parse_context *ctx,
	    const struct authres_setting_def *def, const char *value,
	    ARRAY_TYPE(const_string) *errors)
{
	const char *bad, *error;

	if (value != NULL && setting_parse(ctx, def, value, &bad) == 0)
		return;
	if (value != NULL) {
		error = authres_setting_error(def, bad,
					      setting_allowed_phrase(def),
					      setting_default_text(ctx, def));
		error = p_strdup(ctx->pool, error);
		array_push_back(errors, &error);
	}
	if (setting_parse(ctx, def, def->default_value, &bad) < 0)
		i_unreached();
}

int authres_settings_parse(pool_t pool,
			   authres_setting_lookup_t *global_lookup,
			   authres_setting_lookup_t *user_lookup,
			   void *context,
			   const char *hostname, const char *base_dir,
			   struct authres_settings *set_r,
			   const char *const **errors_r)
{
	struct setting_parse_context ctx = { .pool = pool, .set = set_r };
	const struct authres_setting_def *def;
	ARRAY_TYPE(const_string) errors;
	unsigned int error_count;

	i_zero(set_r);
	p_array_init(&errors, pool, 4);
	if (hostname == NULL || *hostname == '\0' ||
	    !word_is_printable_ascii(hostname))
		hostname = "localhost";
	ctx.hostname = set_r->hostname = p_strdup(pool, hostname);
	set_r->base_dir = p_strdup(pool, base_dir);
	set_r->socket_path = p_strconcat(pool, base_dir,
					 "/"AUTHRES_LISTENER, NULL);

	for (def = setting_defs; def->name != NULL; def++) T_BEGIN {
		authres_setting_lookup_t *lookup =
			def->global || user_lookup == NULL ?
			global_lookup : user_lookup;

		setting_set(&ctx, def, lookup(context, def->name), &errors);
	} T_END;

	error_count = array_count(&errors);
	array_append_zero(&errors);
	*errors_r = array_front(&errors);
	return error_count == 0 ? 0 : -1;
}

const struct authres_setting_def *authres_setting_find(const char *name)
{
	const struct authres_setting_def *def;

	for (def = setting_defs; def->name != NULL; def++) {
		if (strcmp(def->name, name) == 0)
			return def;
	}
	return NULL;
}

const char *
authres_settings_client_header(const struct authres_settings *set)
{
	return str_has_prefix(set->client_source, CLIENT_SOURCE_HEADER_PREFIX) ?
		set->client_source + strlen(CLIENT_SOURCE_HEADER_PREFIX) : NULL;
}

bool authres_setting_is_unknown(const char *name)
{
	return str_has_prefix(name, "authres_") &&
		authres_setting_find(name) == NULL &&
		!str_array_find(delivery_arguments, name);
}
