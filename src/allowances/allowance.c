/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "net.h"
#include "message-address.h"
#include "sha2.h"
#include "str-sanitize.h"
#include "strnum.h"
#include "authres-limits.h"
#include "allowance.h"

#include <ctype.h>

#define ERROR_VALUE_MAX_BYTES 80

static const char *const kind_names[] = { "list", "forwarder" };
static const char *const state_names[] = {
	"added", "learned", "released", "answered"
};

const char *allowance_kind_name(enum allowance_kind kind)
{
	i_assert(kind < N_ELEMENTS(kind_names));
	return kind_names[kind];
}

const char *allowance_state_name(enum allowance_state state)
{
	i_assert(state < N_ELEMENTS(state_names));
	return state_names[state];
}

bool allowance_is_valid(const struct allowance *allowance, time_t now)
{
	return allowance->expires > now &&
		(allowance->state == ALLOWANCE_ADDED ||
		 allowance->state == ALLOWANCE_LEARNED);
}

static int kind_parse(const char *name, enum allowance_kind *kind_r)
{
	for (unsigned int i = 0; i < N_ELEMENTS(kind_names); i++) {
		if (strcmp(name, kind_names[i]) == 0) {
			*kind_r = (enum allowance_kind)i;
			return 0;
		}
	}
	return -1;
}

static bool
identity_is_valid(enum allowance_kind kind, const char *identity)
{
	switch (kind) {
	case ALLOWANCE_LIST:
		return verdict_domain_is_valid(identity);
	case ALLOWANCE_FORWARDER:
		return verdict_forwarder_is_valid(identity);
	}
	i_unreached();
}

/* Local parts are case-sensitive in theory (RFC 5321 section 2.4); in practice
   different case is the same author, and who can write as the one can write
   as the other. */
static bool
author_normalize(pool_t pool, const char *author, const char **author_r)
{
	char *lower;

	if (strlen(author) > AUTHRES_MAX_ALLOWANCE_AUTHOR_BYTES)
		return FALSE;
	lower = p_strdup(pool, author);
	str_lcase(lower);
	*author_r = lower;
	return verdict_author_address_is_valid(lower);
}

bool allowance_from_verdict(pool_t pool, const struct verdict *verdict,
			    enum allowance_kind kind, const char *author,
			    struct allowance *allowance_r)
{
	const char *identity = kind == ALLOWANCE_LIST ?
		verdict->list_domain : verdict->forwarder;

	i_zero(allowance_r);
	if (identity == NULL || !identity_is_valid(kind, identity) ||
	    author == NULL ||
	    !author_normalize(pool, author, &allowance_r->author))
		return FALSE;
	allowance_r->kind = kind;
	allowance_r->identity = p_strdup(pool, identity);
	return TRUE;
}

bool allowance_of_message(pool_t pool, const struct verdict *verdict,
			  const char *author, struct allowance *allowance_r)
{
	return allowance_from_verdict(pool, verdict, ALLOWANCE_LIST, author,
				      allowance_r) ||
		allowance_from_verdict(pool, verdict, ALLOWANCE_FORWARDER,
				       author, allowance_r);
}

bool allowance_of_answered_list(pool_t pool, const char *list_domain,
				struct allowance *allowance_r)
{
	i_zero(allowance_r);
	if (list_domain == NULL ||
	    !identity_is_valid(ALLOWANCE_LIST, list_domain))
		return FALSE;
	allowance_r->author = ALLOWANCE_ANY_AUTHOR;
	allowance_r->kind = ALLOWANCE_LIST;
	allowance_r->identity = p_strdup(pool, list_domain);
	allowance_r->state = ALLOWANCE_ANSWERED;
	return TRUE;
}

int allowance_parse(pool_t pool, const char *author, const char *through,
		    struct allowance *allowance_r, const char **error_r)
{
	const char *identity = strchr(through, ':');

	i_zero(allowance_r);
	if (!author_normalize(pool, author, &allowance_r->author)) {
		*error_r = t_strdup_printf(
			"%s: Not an address local@domain (domain in A-labels)",
			str_sanitize(author, ERROR_VALUE_MAX_BYTES));
		return -1;
	}
	if (identity == NULL ||
	    kind_parse(t_strdup_until(through, identity),
		       &allowance_r->kind) < 0) {
		*error_r = t_strdup_printf(
			"%s: Neither list:DOMAIN nor forwarder:NAME",
			str_sanitize(through, ERROR_VALUE_MAX_BYTES));
		return -1;
	}
	allowance_r->identity = p_strdup(pool, t_str_lcase(identity + 1));
	if (!identity_is_valid(allowance_r->kind, allowance_r->identity)) {
		*error_r = t_strdup_printf("%s: %s",
			str_sanitize(through, ERROR_VALUE_MAX_BYTES),
			allowance_r->kind == ALLOWANCE_LIST ?
			"Not a domain (in A-labels)" :
			"Neither a domain (in A-labels) nor an IP address");
		return -1;
	}
	return 0;
}

const char *t_allowance_through(const struct allowance *allowance)
{
	return t_strdup_printf("%s:%s", allowance_kind_name(allowance->kind),
			       allowance->identity);
}

const char *
t_allowance_author_of(const char *const *values, const char *author_domain)
{
	struct message_address *addr;
	const char *p;

	if (values[0] == NULL || values[1] != NULL)
		return NULL;
	addr = message_address_parse(pool_datastack_create(),
				     (const unsigned char *)values[0],
				     strlen(values[0]), 2, 0);
	if (addr == NULL || addr->next != NULL || addr->invalid_syntax ||
	    addr->mailbox == NULL || *addr->mailbox == '\0' ||
	    addr->domain == NULL)
		return NULL;
	/* An U-label is not looked at: the digest of what was delivered tells
	   (delivery-record.h). */
	for (p = addr->domain; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			break;
	}
	if (*p == '\0' && strcasecmp(addr->domain, author_domain) != 0)
		return NULL;
	return t_strconcat(addr->mailbox, "@", author_domain, NULL);
}

static const char *t_allowance_text(const struct allowance *allowance)
{
	return t_strdup_printf("%s %s %s", allowance_kind_name(allowance->kind),
			       allowance->identity, allowance->author);
}

const char *t_allowance_key(const struct allowance *allowance)
{
	return t_strconcat(ALLOWANCE_KEY_PREFIX,
			   dict_escape_string(t_allowance_text(allowance)),
			   NULL);
}

const char *t_allowance_value(const struct allowance *allowance)
{
	const char *state = allowance_state_name(allowance->state);

	if (allowance->state == ALLOWANCE_RELEASED) {
		return t_strdup_printf("%"PRIdTIME_T" %s %"PRIdTIME_T,
				       allowance->expires, state,
				       allowance->released);
	}
	return t_strdup_printf("%"PRIdTIME_T" %s", allowance->expires, state);
}

int allowance_parse_value(const char *value, struct allowance *allowance)
{
	const char *const *words = t_strsplit(value, " ");
	unsigned int i, count = str_array_length(words);

	if (count < 2 || str_to_time(words[0], &allowance->expires) < 0)
		return -1;
	for (i = 0; i < N_ELEMENTS(state_names); i++) {
		if (strcmp(words[1], state_names[i]) == 0)
			break;
	}
	if (i == N_ELEMENTS(state_names))
		return -1;
	allowance->state = (enum allowance_state)i;
	if (allowance->state != ALLOWANCE_RELEASED)
		return count == 2 ? 0 : -1;
	return count == 3 &&
		str_to_time(words[2], &allowance->released) == 0 ? 0 : -1;
}

int allowance_parse_key(pool_t pool, const char *key, const char *value,
			struct allowance *allowance_r)
{
	size_t prefix_len = strlen(ALLOWANCE_KEY_PREFIX);
	const char *text, *identity, *author;

	i_zero(allowance_r);
	if (strncmp(key, ALLOWANCE_KEY_PREFIX, prefix_len) != 0)
		return -1;
	text = dict_unescape_string(key + prefix_len);
	identity = strchr(text, ' ');
	author = identity == NULL ? NULL : strchr(identity + 1, ' ');
	if (author == NULL ||
	    kind_parse(t_strdup_until(text, identity), &allowance_r->kind) < 0)
		return -1;
	author++;
	allowance_r->identity = p_strdup_until(pool, identity + 1, author - 1);
	if (!identity_is_valid(allowance_r->kind, allowance_r->identity) ||
	    allowance_parse_value(value, allowance_r) < 0)
		return -1;
	if (allowance_r->state == ALLOWANCE_ANSWERED) {
		allowance_r->author = ALLOWANCE_ANY_AUTHOR;
		return allowance_r->kind == ALLOWANCE_LIST &&
			strcmp(author, ALLOWANCE_ANY_AUTHOR) == 0 ? 0 : -1;
	}
	return author_normalize(pool, author, &allowance_r->author) ? 0 : -1;
}

uint32_t allowance_digest(const struct allowance *allowance)
{
	const char *text = t_allowance_text(allowance);
	unsigned char hash[SHA256_RESULTLEN];
	uint32_t digest;

	sha256_get_digest(text, strlen(text), hash);
	memcpy(&digest, hash, sizeof(digest));
	return digest == 0 ? 1 : digest;
}
