#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "disposition-private.h"

#include <ctype.h>

/* RFC 9051 section 9 flag-keyword: an atom. Dovecot takes no "]" either. */
static bool is_keyword(const char *keyword)
{
	size_t len = strlen(keyword);

	if (len == 0 || len > AUTHRES_MAX_KEYWORD_BYTES)
		return FALSE;
	for (; *keyword != '\0'; keyword++) {
		if (*keyword <= ' ' || *keyword > 0x7e ||
		    strchr("(){%*\"\\]", *keyword) != NULL)
			return FALSE;
	}
	return TRUE;
}

static void
keyword_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
	    const char *keyword)
{
	const char *const *added;

	if (!is_keyword(keyword))
		return;
	array_foreach(keywords, added) {
		if (strcasecmp(*added, keyword) == 0)
			return;
	}
	keyword = p_strdup(pool, keyword);
	array_push_back(keywords, &keyword);
}

static void
keywords_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
	     const char *const *words)
{
	for (; *words != NULL; words++)
		keyword_add(pool, keywords, *words);
}

/* "$SPFSoftfail" */
static const char *t_method_keyword(const struct check_result *result)
{
	const char *method = check_method_name(result->method);
	const char *word = check_result_word_name(result->result);
	string_t *str = t_str_new(32);

	str_append_c(str, '$');
	for (; *method != '\0'; method++) {
		if (i_isalnum(*method))
			str_append_c(str, i_toupper(*method));
	}
	str_append_c(str, i_toupper(*word));
	str_append(str, word + 1);
	return str_c(str);
}

static const struct check_result *
setting_method_find(const struct verdict *verdict, const char *name)
{
	enum check_method method;

	/* the setting's name for the method of the registry */
	if (strcasecmp(name, "senderid") == 0)
		name = check_method_name(CHECK_METHOD_SENDER_ID);
	if (check_method_parse(name, &method) < 0)
		return NULL;
	return verdict_find_best(verdict, method);
}

static void
method_keywords_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
		    const struct verdict *verdict, const char *const *methods)
{
	const struct check_result *result;

	for (; *methods != NULL; methods++) T_BEGIN {
		result = setting_method_find(verdict, *methods);
		/* Maildir has names for 26 keywords: none for nothing */
		if (result != NULL && result->result != CHECK_RESULT_NONE)
			keyword_add(pool, keywords, t_method_keyword(result));
	} T_END;
}

static void
dmarc_keywords_add(pool_t pool, ARRAY_TYPE(const_string) *keywords,
		   const struct disposition_query *query)
{
	const struct verdict *verdict = query->verdict;
	const struct authres_settings *set = query->set;

	if (verdict->dmarc == CHECK_RESULT_PASS && !verdict->bad_author)
		keywords_add(pool, keywords, set->keyword_pass);
	if (verdict->dmarc == CHECK_RESULT_FAIL || verdict->bad_author)
		keywords_add(pool, keywords, set->keyword_fail);
	if (verdict->dmarc == CHECK_RESULT_TEMPERROR || verdict->temperror ||
	    verdict->may_fail)
		keywords_add(pool, keywords, set->keyword_temperror);
	if (verdict_policy_is_overridden(verdict) ||
	    disposition_is_allowed(query))
		keywords_add(pool, keywords, set->keyword_override);
	if (verdict->phishing && verdict_fails_enforced_policy(verdict))
		keywords_add(pool, keywords, set->keyword_phishing);
}

const char *const *
disposition_keywords(pool_t pool, const struct disposition_query *query,
		     enum disposition_action action)
{
	const struct authres_settings *set = query->set;
	ARRAY_TYPE(const_string) keywords;

	p_array_init(&keywords, pool, 8);
	if (query->verdict->origin == MAIL_ORIGIN_EXTERNAL) {
		dmarc_keywords_add(pool, &keywords, query);
		if (action == DISPOSITION_JUNK)
			keywords_add(pool, &keywords, set->keyword_junk);
		method_keywords_add(pool, &keywords, query->verdict,
				    set->keyword_methods);
	}
	array_append_zero(&keywords);
	return array_front(&keywords);
}
