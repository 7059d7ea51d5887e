/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "verdict-keys.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

static bool property_is_sendable(const struct check_property *property)
{
	/* A shortened value could name somebody else: rather none. */
	return wire_ptype_is_valid(property->ptype) &&
		wire_keyword_is_valid(property->name) &&
		strlen(property->value) <= AUTHRES_MAX_PVALUE_BYTES;
}

static void
append_properties(string_t *dest, const struct check_result *result)
{
	const struct check_property *property;
	unsigned int count = 0;

	if (!array_is_created(&result->properties))
		return;
	array_foreach(&result->properties, property) {
		if (!property_is_sendable(property))
			continue;
		if (count++ == AUTHRES_MAX_REPLY_PROPERTIES)
			break;
		wire_append_text(dest, t_strconcat(property->ptype, ".",
						   property->name, NULL),
				 property->value, AUTHRES_MAX_PVALUE_BYTES);
	}
}

static void append_name(string_t *dest, const char *key, const char *name)
{
	name = t_str_lcase(name);
	if (verdict_domain_is_valid(name))
		wire_append(dest, key, name);
}

static void
append_string(string_t *dest, const struct verdict_key *key, const char *value)
{
	if (value == NULL)
		return;
	switch (key->kind) {
	case VERDICT_KEY_FORWARDER:
		value = t_str_lcase(value);
		if (verdict_forwarder_is_valid(value))
			wire_append(dest, key->key, value);
		break;
	case VERDICT_KEY_AUTHOR_ADDRESS:
		/* What was changed would name somebody else: rather none. */
		if (verdict_author_address_is_valid(value))
			wire_append_percent(dest, key->key, value);
		break;
	case VERDICT_KEY_TEXT:
		wire_append_text(dest, key->key, value, key->max_bytes);
		break;
	default:
		append_name(dest, key->key, value);
		break;
	}
}

/* The word that a member says, or NULL where it is no word. */
static const char *
word_name(enum verdict_key_kind kind, const void *member)
{
	switch (kind) {
	case VERDICT_KEY_DMARC:
		return check_result_word_name(
			*(const enum check_result_word *)member);
	case VERDICT_KEY_POLICY:
		return dmarc_policy_name(*(const enum dmarc_policy *)member);
	case VERDICT_KEY_OVERRIDE:
		return override_reason_name(
			*(const enum override_reason *)member);
	case VERDICT_KEY_ORIGIN:
		return mail_origin_name(*(const enum mail_origin *)member);
	case VERDICT_KEY_CLIENT_SOURCE:
		return client_source_name(*(const enum client_source *)member);
	case VERDICT_KEY_FLAG:
		return *(const bool *)member ? "yes" : NULL;
	default:
		return NULL;
	}
}

static void
append_key(string_t *dest, const struct verdict_key *key, const void *member)
{
	const char *word;

	switch (key->kind) {
	case VERDICT_KEY_NAME:
	case VERDICT_KEY_FORWARDER:
	case VERDICT_KEY_AUTHOR_ADDRESS:
	case VERDICT_KEY_TEXT:
		append_string(dest, key, *(const char *const *)member);
		break;
	case VERDICT_KEY_IP:
		wire_append_ip(dest, key->key, member);
		break;
	case VERDICT_KEY_UINT:
		wire_append_uint(dest, key->key, *(const unsigned int *)member);
		break;
	default:
		word = word_name(key->kind, member);
		if (word != NULL)
			wire_append(dest, key->key, word);
		break;
	}
}

static void
append_verdict(string_t *dest, const struct verdict *verdict, bool minimal)
{
	const struct verdict_key *key;

	str_append(dest, "VERDICT");
	for (key = verdict_keys; key->key != NULL; key++) {
		if (!minimal || key->minimal) {
			append_key(dest, key,
				   CONST_PTR_OFFSET(verdict, key->offset));
		}
	}
	str_append_c(dest, '\n');
}

/* For DMARC whose policy it is and what it asks for. */
static void
append_minimal_properties(string_t *dest, const struct check_result *result)
{
	enum dmarc_policy policy;
	const char *value;

	if (result->method != CHECK_METHOD_DMARC)
		return;
	value = check_result_property(result, "header", "from");
	if (value != NULL)
		append_name(dest, "header.from", value);
	value = check_result_property(result, "policy", "dmarc");
	if (value != NULL && dmarc_policy_parse(value, &policy) == 0)
		wire_append(dest, "policy.dmarc", dmarc_policy_name(policy));
}

static void
append_result(string_t *dest, const struct check_result *result, bool minimal)
{
	str_printfa(dest, "RESULT\t%s\t%s", check_method_name(result->method),
		    check_result_word_name(result->result));
	if (minimal) {
		append_minimal_properties(dest, result);
	} else {
		wire_append_text(dest, "comment", result->comment,
				 AUTHRES_MAX_COMMENT_BYTES);
		wire_append_text(dest, "reason", result->reason,
				 AUTHRES_MAX_REASON_BYTES);
		wire_append_text(dest, "upstream", result->upstream,
				 AUTHRES_MAX_COMMENT_BYTES);
		append_properties(dest, result);
	}
	str_append_c(dest, '\n');
}

static void
append_results(string_t *dest, const struct verdict *verdict, bool minimal)
{
	const struct check_result *result;
	unsigned int count = 0;

	if (!array_is_created(&verdict->results))
		return;
	array_foreach(&verdict->results, result) {
		if (count++ == AUTHRES_MAX_REPLY_RESULTS)
			break;
		append_result(dest, result, minimal);
	}
}

void verdict_encode(const struct verdict *verdict, string_t *dest)
{
	append_results(dest, verdict, FALSE);
	append_verdict(dest, verdict, FALSE);
}

void verdict_encode_minimal(const struct verdict *verdict, string_t *dest)
{
	append_results(dest, verdict, TRUE);
	append_verdict(dest, verdict, TRUE);
}
