/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-prefix.h"
#include "check-result.h"

static const char *const check_method_names[] = {
	"dmarc", "spf", "dkim", "arc", "auth", "sender-id"
};
_Static_assert(N_ELEMENTS(check_method_names) == CHECK_METHOD_COUNT,
	       "a name for every value");

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

/* RFC 8601 sections 2.7.1 to 2.7.4, RFC 9989 section 9.1, RFC 8617
   section 6 */
static const unsigned int check_method_words[] = {
	[CHECK_METHOD_DMARC] = WORDS_NONE_PASS_FAIL | WORDS_ERROR,
	[CHECK_METHOD_SPF] = WORDS_NONE_PASS_FAIL | WORDS_ERROR |
		WORD(SOFTFAIL) | WORD(NEUTRAL) | WORD(POLICY),
	[CHECK_METHOD_DKIM] = WORDS_NONE_PASS_FAIL | WORDS_ERROR |
		WORD(NEUTRAL) | WORD(POLICY),
	[CHECK_METHOD_ARC] = WORDS_NONE_PASS_FAIL,
	[CHECK_METHOD_AUTH] = WORDS_NONE_PASS_FAIL | WORDS_ERROR,
	[CHECK_METHOD_SENDER_ID] = WORDS_NONE_PASS_FAIL | WORDS_ERROR |
		WORD(SOFTFAIL) | WORD(NEUTRAL) | WORD(POLICY),
};
_Static_assert(N_ELEMENTS(check_method_words) == CHECK_METHOD_COUNT,
	       "a name for every value");

const char *check_method_name(enum check_method method)
{
	i_assert(method < CHECK_METHOD_COUNT);
	return check_method_names[method];
}

const char *check_result_word_name(enum check_result_word word)
{
	i_assert(word < CHECK_RESULT_COUNT);
	return check_result_word_names[word];
}

int check_method_parse(const char *name, enum check_method *method_r)
{
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		if (strcasecmp(check_method_names[i], name) == 0) {
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
	return (check_method_words[method] & (1U << word)) != 0;
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
	static const char *const names[][2] = {
		{ "header", "from" },
		{ "header", "d" },
		{ "smtp", "mailfrom" },
		{ "smtp", "helo" },
	};
	const char *value, *at;

	for (unsigned int i = 0; i < N_ELEMENTS(names); i++) {
		value = check_result_property(result, names[i][0], names[i][1]);
		if (value == NULL)
			continue;
		at = strrchr(value, '@');
		return t_strdup(at == NULL ? value : at + 1);
	}
	return NULL;
}
