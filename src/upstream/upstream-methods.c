/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "domain-name.h"
#include "author-domain.h"
#include "upstream-methods.h"

/* An id or domain inside a reason. */
#define MAX_REASON_NAME_BYTES 80

static const char *reason_name(const char *name)
{
	return str_sanitize(name, MAX_REASON_NAME_BYTES);
}

bool upstream_words_are_known(const struct upstream_field *field,
			      enum check_method method, const char **reason_r)
{
	if ((field->field.unknown_results & (1U << method)) == 0)
		return TRUE;
	*reason_r = t_strdup_printf("%s of %s has an unknown result",
				    check_method_name(method),
				    reason_name(field->authserv_id));
	return FALSE;
}

bool upstream_word_is_usable(const struct upstream_field *field,
			     const struct check_result *entry,
			     const char **reason_r)
{
	if (entry->result != CHECK_RESULT_TEMPERROR &&
	    check_method_has_result(entry->method, entry->result))
		return TRUE;
	*reason_r = t_strdup_printf("%s of %s is %s",
				    check_method_name(entry->method),
				    reason_name(field->authserv_id),
				    check_result_word_name(entry->result));
	return FALSE;
}

int upstream_property(const struct check_result *entry, const char *ptype,
		      const char *name, const char **value_r)
{
	const struct check_property *property;
	unsigned int count = 0;

	*value_r = NULL;
	if (!array_is_created(&entry->properties))
		return 0;
	array_foreach(&entry->properties, property) {
		if (strcasecmp(property->ptype, ptype) == 0 &&
		    strcasecmp(property->name, name) == 0) {
			*value_r = property->value;
			count++;
		}
	}
	return count > 1 ? -1 : (int)count;
}

const char *t_upstream_domain(const char *value)
{
	const char *at, *domain, *error;
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '<' && value[len - 1] == '>')
		value = t_strndup(value + 1, len - 2);
	if (*value == '\0')
		return "";
	at = strrchr(value, '@');
	if (domain_to_ascii(at == NULL ? value : at + 1, &domain, &error) < 0)
		return NULL;
	return domain;
}

const char *t_upstream_reason(const struct check_result *entry)
{
	if (entry->result == CHECK_RESULT_PASS ||
	    entry->result == CHECK_RESULT_NONE)
		return NULL;
	return entry->reason != NULL ? entry->reason : entry->comment;
}

int upstream_arc_read(pool_t pool, const ARRAY_TYPE(upstream_field) *fields,
		      struct upstream_results *results, const char **reason_r)
{
	const struct upstream_field *field;
	const struct check_result *entry, *found = NULL;

	array_foreach(fields, field) {
		if (!upstream_words_are_known(field, CHECK_METHOD_ARC,
					      reason_r))
			return -1;
		array_foreach(&field->field.results, entry) {
			if (entry->method != CHECK_METHOD_ARC)
				continue;
			if (!upstream_word_is_usable(field, entry, reason_r))
				return -1;
			if (found != NULL && found->result != entry->result) {
				*reason_r = "arc is given with different "
					"results";
				return -1;
			}
			if (found == NULL) {
				found = entry;
				results->authserv_ids[CHECK_METHOD_ARC] =
					field->authserv_id;
			}
		}
	}
	if (found == NULL)
		return 0;
	results->arc.result = found->result;
	results->arc.reason = p_strdup(pool, t_upstream_reason(found));
	p_array_init(&results->arc.sets, pool, 1);
	return 1;
}

/* "p=quarantine", "policy=quarantine" and the like in a comment such as
   "p=REJECT sp=NONE dis=NONE" or "p=none,d=none". */
static const char *t_comment_value(const char *comment, const char *key)
{
	const char *const *words = t_strsplit_spaces(comment, " ,;\t");
	size_t len = strlen(key);

	for (; *words != NULL; words++) {
		if (strncasecmp(*words, key, len) == 0 && (*words)[len] == '=')
			return *words + len + 1;
	}
	return NULL;
}

static bool
policy_read(const char *value, enum dmarc_policy *policy_r)
{
	return value != NULL &&
		dmarc_policy_parse(t_str_lcase(value), policy_r) == 0;
}

/* The policy that a filter says it evaluated: registered, Authentication
   Milter's, OpenDMARC's, rspamd's. */
static bool
entry_find_policy(const struct check_result *entry, enum dmarc_policy *policy_r)
{
	const char *value, *comment = entry->comment;
	enum dmarc_policy subdomains;

	if (upstream_property(entry, "policy", "dmarc", &value) != 0)
		return policy_read(value, policy_r);
	if (upstream_property(entry, "policy", "evaluated-disposition",
			      &value) != 0)
		return policy_read(value, policy_r);
	if (comment == NULL)
		return FALSE;
	if (policy_read(t_comment_value(comment, "policy"), policy_r))
		return TRUE;
	if (!policy_read(t_comment_value(comment, "p"), policy_r))
		return policy_read(t_comment_value(comment, "sp"), policy_r);
	/* both: which of them holds is not said */
	return !policy_read(t_comment_value(comment, "sp"), &subdomains) ||
		subdomains == *policy_r;
}

/* One dmarc entry, compared with what others have said. */
static int
dmarc_entry_read(const struct upstream_field *field,
		 const struct check_result *entry, const struct author *author,
		 struct upstream_results *results, const char **reason_r)
{
	const char *id = reason_name(field->authserv_id);
	const char *value, *domain;
	enum dmarc_policy policy = DMARC_POLICY_NONE;
	bool has_policy;

	if (!upstream_word_is_usable(field, entry, reason_r))
		return -1;
	if (entry->result == CHECK_RESULT_PERMERROR) {
		*reason_r = t_strdup_printf("dmarc of %s is permerror", id);
		return -1;
	}
	if (upstream_property(entry, "header", "from", &value) != 1 ||
	    (domain = t_upstream_domain(value)) == NULL) {
		*reason_r = t_strdup_printf(
			"dmarc of %s does not say for which domain", id);
		return -1;
	}
	if (strcmp(domain, author->domains[0]) != 0) {
		*reason_r = t_strdup_printf("dmarc of %s is about %s, "
			"not about the author domain", id,
			*domain == '\0' ? "no domain" : reason_name(domain));
		return -1;
	}
	has_policy = entry_find_policy(entry, &policy);
	if (results->authserv_ids[CHECK_METHOD_DMARC] != NULL) {
		if (results->dmarc == entry->result &&
		    results->has_policy == has_policy &&
		    (!has_policy || results->policy == policy))
			return 0;
		*reason_r = "dmarc is given with different results";
		return -1;
	}
	results->authserv_ids[CHECK_METHOD_DMARC] = field->authserv_id;
	results->dmarc = entry->result;
	results->has_policy = has_policy;
	results->policy = policy;
	return 0;
}

int upstream_dmarc_read(const ARRAY_TYPE(upstream_field) *fields,
			const struct author *author,
			struct upstream_results *results, const char **reason_r)
{
	const struct upstream_field *field;
	const struct check_result *entry;

	array_foreach(fields, field) {
		if (!upstream_words_are_known(field, CHECK_METHOD_DMARC,
					      reason_r))
			return -1;
		array_foreach(&field->field.results, entry) {
			if (entry->method != CHECK_METHOD_DMARC)
				continue;
			if (!author->single) {
				*reason_r = "dmarc is not used, since From "
					"has no single author domain";
				return -1;
			}
			if (dmarc_entry_read(field, entry, author, results,
					     reason_r) < 0)
				return -1;
		}
	}
	return results->authserv_ids[CHECK_METHOD_DMARC] == NULL ? 0 : 1;
}
