/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-prefix.h"
#include "check-result.h"

static const char *const check_result_word_names[] = {
	"none", "pass", "fail", "softfail", "neutral", "policy", "temperror",
	"permerror"
};
_Static_assert(N_ELEMENTS(check_result_word_names) == CHECK_RESULT_COUNT,
	       "a name for every value");

/* of a comment */
#define STALE_WORD "stale"
#define STALE_SEPARATOR ", "

#define WORD(name) (1U << CHECK_RESULT_##name)
#define WORDS_NONE_PASS_FAIL (WORD(NONE) | WORD(PASS) | WORD(FAIL))
#define WORDS_ERROR (WORD(TEMPERROR) | WORD(PERMERROR))

struct method_property {
	const char *ptype, *name;
};

/* One row for each method. */
static const struct {
	const char *name;
	const char *setting;
	/* the results of RFC 8601 sections 2.7.1 to 2.7.4, RFC 9989 section
	   9.1, RFC 8617 section 6, RFC 5451 section 2.4.2 */
	unsigned int words;
	/* whose value names the domain that an entry is about: the first that
	   is there */
	struct method_property domains[4];
} methods[] = {
	[CHECK_METHOD_DMARC] = {
		"dmarc", "dmarc", WORDS_NONE_PASS_FAIL | WORDS_ERROR,
		{ { "header", "from" } }
	},
	[CHECK_METHOD_SPF] = {
		"spf", "spf", WORDS_NONE_PASS_FAIL | WORDS_ERROR |
		WORD(SOFTFAIL) | WORD(NEUTRAL) | WORD(POLICY),
		{ { "smtp", "mailfrom" }, { "smtp", "helo" } }
	},
	[CHECK_METHOD_DKIM] = {
		"dkim", "dkim", WORDS_NONE_PASS_FAIL | WORDS_ERROR |
		WORD(NEUTRAL) | WORD(POLICY),
		{ { "header", "d" } }
	},
	[CHECK_METHOD_ARC] = {
		"arc", "arc", WORDS_NONE_PASS_FAIL, { { NULL, NULL } }
	},
	[CHECK_METHOD_AUTH] = {
		"auth", NULL, WORDS_NONE_PASS_FAIL | WORDS_ERROR,
		{ { NULL, NULL } }
	},
	[CHECK_METHOD_SENDER_ID] = {
		"sender-id", "senderid", WORDS_NONE_PASS_FAIL | WORDS_ERROR |
		WORD(SOFTFAIL) | WORD(NEUTRAL) | WORD(POLICY),
		{ { "header", "from" }, { "header", "sender" },
		  { "header", "resent-from" }, { "header", "resent-sender" } }
	},
};
_Static_assert(N_ELEMENTS(methods) == CHECK_METHOD_COUNT,
	       "a row for every method");

const char *check_method_name(enum check_method method)
{
	i_assert(method < CHECK_METHOD_COUNT);
	return methods[method].name;
}

const char *check_method_setting(enum check_method method)
{
	i_assert(method < CHECK_METHOD_COUNT);
	return methods[method].setting;
}

const char *check_result_word_name(enum check_result_word word)
{
	i_assert(word < CHECK_RESULT_COUNT);
	return check_result_word_names[word];
}

int check_method_parse(const char *name, enum check_method *method_r)
{
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		if (strcasecmp(methods[i].name, name) == 0) {
			*method_r = (enum check_method)i;
			return 0;
		}
	}
	return -1;
}

int check_method_setting_parse(const char *word, enum check_method *method_r)
{
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		if (methods[i].setting != NULL &&
		    strcasecmp(methods[i].setting, word) == 0) {
			*method_r = (enum check_method)i;
			return 0;
		}
	}
	return -1;
}

int check_result_word_parse(const char *name, enum check_result_word *word_r)
{
	for (unsigned int i = 0; i < CHECK_RESULT_COUNT; i++) {
		if (strcasecmp(check_result_word_names[i], name) == 0) {
			*word_r = (enum check_result_word)i;
			return 0;
		}
	}
	return -1;
}

bool check_method_has_result(enum check_method method,
			     enum check_result_word word)
{
	i_assert(method < CHECK_METHOD_COUNT);
	i_assert(word < CHECK_RESULT_COUNT);
	return (methods[method].words & (1U << word)) != 0;
}

void check_result_set_stale(pool_t pool, struct check_result *result)
{
	if (check_result_is_stale(result))
		return;
	result->comment = result->comment == NULL ? STALE_WORD :
		p_strconcat(pool, STALE_WORD STALE_SEPARATOR, result->comment,
			    NULL);
}

bool check_result_is_stale(const struct check_result *result)
{
	const char *rest;

	/* another filter writes what it likes */
	if (result->upstream != NULL || result->comment == NULL ||
	    !str_has_prefix(result->comment, STALE_WORD))
		return FALSE;
	rest = result->comment + strlen(STALE_WORD);
	return *rest == '\0' || str_has_prefix(rest, STALE_SEPARATOR);
}

const char *check_result_own_comment(const struct check_result *result)
{
	const char *rest;

	if (!check_result_is_stale(result))
		return result->comment;
	rest = result->comment + strlen(STALE_WORD);
	return *rest == '\0' ? NULL : rest + strlen(STALE_SEPARATOR);
}

void check_result_add_property(pool_t pool, struct check_result *result,
			       const char *ptype, const char *name,
			       const char *value)
{
	struct check_property *property;

	if (value == NULL)
		return;
	if (!array_is_created(&result->properties))
		p_array_init(&result->properties, pool, 4);
	property = array_append_space(&result->properties);
	property->ptype = p_strdup(pool, ptype);
	property->name = p_strdup(pool, name);
	property->value = p_strdup(pool, value);
}

const char *check_result_property(const struct check_result *result,
				  const char *ptype, const char *name)
{
	const struct check_property *property;

	if (!array_is_created(&result->properties))
		return NULL;
	array_foreach(&result->properties, property) {
		if (strcasecmp(property->ptype, ptype) == 0 &&
		    strcasecmp(property->name, name) == 0)
			return property->value;
	}
	return NULL;
}

const char *t_check_result_domain(const struct check_result *result)
{
	const struct method_property *domain;
	const char *value, *at;

	i_assert(result->method < CHECK_METHOD_COUNT);
	for (unsigned int i = 0; i < N_ELEMENTS(methods[0].domains); i++) {
		domain = &methods[result->method].domains[i];
		if (domain->name == NULL)
			break;
		value = check_result_property(result, domain->ptype,
					      domain->name);
		if (value == NULL)
			continue;
		at = strrchr(value, '@');
		return t_strdup(at == NULL ? value : at + 1);
	}
	return NULL;
}
