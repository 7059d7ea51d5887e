/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hex-binary.h"
#include "sha2.h"
#include "str.h"
#include "authres-limits.h"
#include "published-policy.h"

#define CONFIG_BYTES 8

void published_policy_init(struct published_policy *policy_r)
{
	i_zero(policy_r);
	policy_r->percent = 100;
	policy_r->psd = 'u';
}

/* Of which rua= and ruf= are made; "," stands between URIs. */
static bool uri_byte_is_valid(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != ';';
}

static bool uri_is_usable(const char *uri)
{
	for (; *uri != '\0'; uri++) {
		if (!uri_byte_is_valid(*uri))
			return FALSE;
	}
	return TRUE;
}

const char *t_published_uris(const char *value)
{
	const char *const *uris = t_strsplit(value, ",");
	string_t *str = t_str_new(128);

	for (; *uris != NULL; uris++) {
		const char *uri = t_str_trim(*uris, " \t");

		if (*uri == '\0' || !uri_is_usable(uri))
			continue;
		if (str_len(str) + 1 + strlen(uri) >
		    AUTHRES_MAX_REPORT_URIS_BYTES)
			break;
		if (str_len(str) > 0)
			str_append_c(str, ',');
		str_append(str, uri);
	}
	return str_len(str) == 0 ? NULL : str_c(str);
}

static bool fo_is_valid(const char *fo)
{
	static const char *const options[] = { "0", "1", "d", "s", NULL };
	const char *const *words = t_strsplit(fo, ":");

	if (str_array_length(words) > N_ELEMENTS(options) - 1)
		return FALSE;
	for (; *words != NULL; words++) {
		if (!str_array_find(options, *words))
			return FALSE;
	}
	return *fo != '\0';
}

const char *t_published_fo(const char *value)
{
	const char *const *words = t_strsplit(t_str_lcase(value), ":");
	string_t *str = t_str_new(16);

	for (; *words != NULL; words++) {
		if (str_len(str) > 0)
			str_append_c(str, ':');
		str_append(str, t_str_trim(*words, " \t"));
	}
	return fo_is_valid(str_c(str)) ? str_c(str) : NULL;
}

static void append_tag(string_t *dest, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (str_len(dest) > 0)
		str_append_c(dest, ';');
	str_append(dest, name);
	str_append_c(dest, '=');
	str_append(dest, value);
}

static void
append_config(string_t *dest, const struct published_policy *policy)
{
	append_tag(dest, "method", policy->tree_walk ? "treewalk" : "psl");
	append_tag(dest, "p", dmarc_policy_name(policy->policy));
	if (policy->has_subdomain_policy) {
		append_tag(dest, "sp",
			   dmarc_policy_name(policy->subdomain_policy));
	}
	if (policy->has_nonexistent_policy) {
		append_tag(dest, "np",
			   dmarc_policy_name(policy->nonexistent_policy));
	}
	append_tag(dest, "adkim", policy->strict_dkim ? "s" : "r");
	append_tag(dest, "aspf", policy->strict_spf ? "s" : "r");
	append_tag(dest, "t", policy->test_mode ? "y" : "n");
	append_tag(dest, "pct", dec2str(policy->percent));
	append_tag(dest, "fo", policy->fo);
}

const char *t_published_policy_text(const struct published_policy *policy)
{
	string_t *str = t_str_new(256);

	append_config(str, policy);
	append_tag(str, "psd", t_strdup_printf("%c", policy->psd));
	append_tag(str, "defect", policy->defect);
	append_tag(str, "rua", policy->rua);
	append_tag(str, "ruf", policy->ruf);
	return str_c(str);
}

const char *t_published_policy_config(const struct published_policy *policy)
{
	unsigned char digest[SHA256_RESULTLEN];
	string_t *str = t_str_new(128);

	append_config(str, policy);
	sha256_get_digest(str_data(str), str_len(str), digest);
	return binary_to_hex(digest, CONFIG_BYTES);
}

static int parse_choice(const char *value, char yes, char no, bool *yes_r)
{
	*yes_r = value[0] == yes;
	return (value[0] == yes || value[0] == no) && value[1] == '\0' ? 0 : -1;
}

static int parse_percent(const char *value, unsigned int *percent_r)
{
	return str_to_uint(value, percent_r) == 0 && *percent_r <= 100 &&
		strcmp(dec2str(*percent_r), value) == 0 ? 0 : -1;
}

static int parse_method(const char *value, bool *tree_walk_r)
{
	*tree_walk_r = strcmp(value, "treewalk") == 0;
	return *tree_walk_r || strcmp(value, "psl") == 0 ? 0 : -1;
}

static int parse_text(pool_t pool, const char *value, const char **dest_r)
{
	const char *p;

	for (p = value; *p != '\0'; p++) {
		if (*p < ' ' || *p > 0x7e)
			return -1;
	}
	*dest_r = p_strdup(pool, value);
	return p == value || p - value > AUTHRES_MAX_REASON_BYTES ? -1 : 0;
}

static int parse_uris(pool_t pool, const char *value, const char **dest_r)
{
	*dest_r = p_strdup(pool, t_published_uris(value));
	return null_strcmp(*dest_r, value) == 0 ? 0 : -1;
}

static int
parse_tag(pool_t pool, const char *name, const char *value,
	  struct published_policy *policy)
{
	bool psd;

	if (strcmp(name, "method") == 0)
		return parse_method(value, &policy->tree_walk);
	if (strcmp(name, "p") == 0)
		return dmarc_policy_parse(value, &policy->policy);
	if (strcmp(name, "sp") == 0) {
		policy->has_subdomain_policy = TRUE;
		return dmarc_policy_parse(value, &policy->subdomain_policy);
	}
	if (strcmp(name, "np") == 0) {
		policy->has_nonexistent_policy = TRUE;
		return dmarc_policy_parse(value, &policy->nonexistent_policy);
	}
	if (strcmp(name, "adkim") == 0)
		return parse_choice(value, 's', 'r', &policy->strict_dkim);
	if (strcmp(name, "aspf") == 0)
		return parse_choice(value, 's', 'r', &policy->strict_spf);
	if (strcmp(name, "t") == 0)
		return parse_choice(value, 'y', 'n', &policy->test_mode);
	if (strcmp(name, "pct") == 0)
		return parse_percent(value, &policy->percent);
	if (strcmp(name, "fo") == 0) {
		policy->fo = p_strdup(pool, value);
		return fo_is_valid(value) ? 0 : -1;
	}
	if (strcmp(name, "psd") == 0) {
		policy->psd = value[0];
		return parse_choice(value, 'y',
				    value[0] == 'u' ? 'u' : 'n', &psd);
	}
	if (strcmp(name, "defect") == 0)
		return parse_text(pool, value, &policy->defect);
	if (strcmp(name, "rua") == 0)
		return parse_uris(pool, value, &policy->rua);
	if (strcmp(name, "ruf") == 0)
		return parse_uris(pool, value, &policy->ruf);
	return -1;
}

int published_policy_parse(pool_t pool, const char *text,
			   struct published_policy *policy_r)
{
	const char *const *tags, *value;

	published_policy_init(policy_r);
	if (strlen(text) > AUTHRES_MAX_PUBLISHED_POLICY_BYTES)
		return -1;
	for (tags = t_strsplit(text, ";"); *tags != NULL; tags++) {
		value = strchr(*tags, '=');
		if (value == NULL ||
		    parse_tag(pool, t_strdup_until(*tags, value), value + 1,
			      policy_r) < 0)
			return -1;
	}
	/* one spelling for a policy: what is written is what is read */
	return strcmp(t_published_policy_text(policy_r), text) == 0 ? 0 : -1;
}
