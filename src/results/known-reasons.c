/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "strnum.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "known-reasons.h"

#define CHANGE_SUFFIX " did not verify"
#define KEY_RSA_UNIT "-bit "
#define KEY_RSA "rsa key"
#define KEY_ED25519 "ed25519 key"
#define KEY_ED25519_BITS 256
#define COMMENT_SEPARATOR ", "
#define OWN_DOMAIN "our own domain"
#define OVERRIDE_SEPARATOR ": "
#define SEAL_PREFIX "arc=pass "

/* reason and its beginning: other filters end it as they like */
static const struct {
	const char *reason, *prefix;
} changes[] = {
	[KNOWN_CHANGE_HEADER] = { "signature" CHANGE_SUFFIX, NULL },
	[KNOWN_CHANGE_BODY] = { "body hash" CHANGE_SUFFIX, "body hash" },
	[KNOWN_CHANGE_HEADER_AND_BODY] = {
		"signature and body hash" CHANGE_SUFFIX, "signature and body" }
};

const char *known_change_reason(enum known_change change)
{
	i_assert(change < N_ELEMENTS(changes));
	return changes[change].reason;
}

enum known_change known_change_read(const char *reason)
{
	for (unsigned int i = 0; i < N_ELEMENTS(changes); i++) {
		if (reason != NULL && changes[i].prefix != NULL &&
		    str_has_prefix(reason, changes[i].prefix))
			return (enum known_change)i;
	}
	return KNOWN_CHANGE_HEADER;
}

void known_key_append(string_t *dest, bool rsa, unsigned int bits)
{
	if (rsa)
		str_printfa(dest, "%u"KEY_RSA_UNIT KEY_RSA, bits);
	else
		str_append(dest, KEY_ED25519);
}

unsigned int known_key_bits(const struct check_result *result)
{
	const char *comment = check_result_own_comment(result);
	const char *end;
	unsigned int bits;

	if (result->method != CHECK_METHOD_DKIM || comment == NULL)
		return 0;
	if (str_has_prefix(comment, KEY_ED25519))
		return KEY_ED25519_BITS;
	if (str_parse_uint(comment, &bits, &end) < 0 ||
	    !str_has_prefix(end, KEY_RSA_UNIT))
		return 0;
	return bits;
}

const char *t_known_policy(const char *tag, enum dmarc_policy policy)
{
	return t_strdup_printf("%s=%s", tag, dmarc_policy_name(policy));
}

int known_policy_read(const struct check_result *result,
		      enum dmarc_policy *policy_r)
{
	const char *comment = check_result_own_comment(result);
	const char *value;

	if (result->method != CHECK_METHOD_DMARC || comment == NULL)
		return -1;
	value = strchr(comment, '=');
	if (value == NULL)
		return -1;
	value++;
	/* "p=reject, message cut: ..." */
	return dmarc_policy_parse(t_strdup_until(value, value +
						 strcspn(value, ", ")),
				  policy_r);
}

const char *t_known_own_domain(const char *published)
{
	return published == NULL ? OWN_DOMAIN :
		t_strconcat(published, COMMENT_SEPARATOR OWN_DOMAIN, NULL);
}

bool known_own_domain_is(const struct check_result *result)
{
	const char *comment = check_result_own_comment(result);
	enum dmarc_policy policy;

	if (result->method != CHECK_METHOD_DMARC || comment == NULL)
		return FALSE;
	if (known_policy_read(result, &policy) == 0) {
		comment = strstr(comment, COMMENT_SEPARATOR);
		if (comment == NULL)
			return FALSE;
		comment += strlen(COMMENT_SEPARATOR);
	}
	if (!str_has_prefix(comment, OWN_DOMAIN))
		return FALSE;
	comment += strlen(OWN_DOMAIN);
	return *comment == '\0' || str_has_prefix(comment, COMMENT_SEPARATOR);
}

const char *t_known_override(enum override_reason reason, const char *comment)
{
	if (comment == NULL)
		return override_reason_name(reason);
	return t_strconcat(override_reason_name(reason), OVERRIDE_SEPARATOR,
			   comment, NULL);
}

const char *
known_override_comment(const char *text, enum override_reason reason)
{
	const char *name = override_reason_name(reason), *rest;

	if (text == NULL || !str_has_prefix(text, name))
		return text;
	rest = text + strlen(name);
	if (*rest == '\0')
		return NULL;
	return str_has_prefix(rest, OVERRIDE_SEPARATOR) ?
		rest + strlen(OVERRIDE_SEPARATOR) : text;
}

const char *t_known_seal(unsigned int instance, const char *sealer)
{
	return t_strdup_printf(SEAL_PREFIX"as[%u].d=%s", instance, sealer);
}

bool known_seal_is(const char *comment)
{
	return comment != NULL && str_has_prefix(comment, SEAL_PREFIX);
}
