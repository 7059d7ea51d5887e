/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "strescape.h"
#include "authres-limits.h"
#include "verdict-keys.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

/* Split "key=value"; both live on the data stack. */
static int
pair_split(const char *arg, const char **key_r, const char **value_r)
{
	const char *p = strchr(arg, '=');

	if (p == NULL)
		return -1;
	*key_r = t_strdup_until(arg, p);
	*value_r = p + 1;
	return 0;
}

static int
decode_text(pool_t pool, const char *value, size_t max_bytes,
	    const char **dest)
{
	if (*dest != NULL || !wire_text_is_valid(value, max_bytes))
		return -1;
	*dest = p_strdup(pool, value);
	return 0;
}

static int
decode_property(struct verdict_decoder *decoder, const char *key,
		const char *value, struct check_result *result)
{
	const char *ptype, *name;

	name = strchr(key, '.');
	if (name == NULL)
		return -1;
	ptype = t_strdup_until(key, name++);
	if (!wire_ptype_is_valid(ptype) ||
	    !wire_keyword_is_valid(name) ||
	    !wire_text_is_valid(value, AUTHRES_MAX_PVALUE_BYTES))
		return -1;
	if (array_is_created(&result->properties) &&
	    array_count(&result->properties) == AUTHRES_MAX_REPLY_PROPERTIES)
		return -1;
	check_result_add_property(decoder->pool, result, ptype, name, value);
	return 0;
}

static int
decode_result(struct verdict_decoder *decoder, const char *const *args,
	      const char **error_r)
{
	struct check_result result;
	const char *key, *value;
	int ret;

	i_zero(&result);
	if (array_count(&decoder->results) == AUTHRES_MAX_REPLY_RESULTS) {
		*error_r = "too many results";
		return -1;
	}
	if (str_array_length(args) < 2 ||
	    check_method_parse(args[0], &result.method) < 0 ||
	    check_result_word_parse(args[1], &result.result) < 0) {
		*error_r = "RESULT with an unknown method or result";
		return -1;
	}
	for (args += 2; *args != NULL; args++) {
		if (pair_split(*args, &key, &value) < 0)
			ret = -1;
		else if (strcmp(key, "comment") == 0)
			ret = decode_text(decoder->pool, value,
					  AUTHRES_MAX_COMMENT_BYTES,
					  &result.comment);
		else if (strcmp(key, "reason") == 0)
			ret = decode_text(decoder->pool, value,
					  AUTHRES_MAX_REASON_BYTES,
					  &result.reason);
		else if (strcmp(key, "upstream") == 0)
			ret = decode_text(decoder->pool, value,
					  AUTHRES_MAX_COMMENT_BYTES,
					  &result.upstream);
		else
			ret = decode_property(decoder, key, value, &result);
		if (ret < 0) {
			*error_r = "RESULT with a bad argument";
			return -1;
		}
	}
	array_push_back(&decoder->results, &result);
	return 0;
}

static int decode_dmarc(const char *value, enum check_result_word *word_r)
{
	if (check_result_word_parse(value, word_r) < 0 ||
	    !check_method_has_result(CHECK_METHOD_DMARC, *word_r))
		return -1;
	return 0;
}

static int
decode_string(pool_t pool, const struct verdict_key *key, const char *value,
	      const char **dest)
{
	bool valid;

	switch (key->kind) {
	case VERDICT_KEY_FORWARDER:
		valid = verdict_forwarder_is_valid(value);
		break;
	case VERDICT_KEY_AUTHOR_ADDRESS:
		valid = wire_percent_parse(value, &value) == 0 &&
			verdict_author_address_is_valid(value);
		break;
	case VERDICT_KEY_TEXT:
		valid = wire_text_is_valid(value, key->max_bytes);
		break;
	default:
		valid = verdict_domain_is_valid(value);
		break;
	}
	if (!valid)
		return -1;
	*dest = p_strdup(pool, value);
	return 0;
}

static int
decode_member(pool_t pool, const struct verdict_key *key, const char *value,
	      void *member)
{
	switch (key->kind) {
	case VERDICT_KEY_DMARC:
		return decode_dmarc(value, member);
	case VERDICT_KEY_POLICY:
		return dmarc_policy_parse(value, member);
	case VERDICT_KEY_OVERRIDE:
		return override_reason_parse(value, member);
	case VERDICT_KEY_ORIGIN:
		return mail_origin_parse(value, member);
	case VERDICT_KEY_CLIENT_SOURCE:
		return client_source_parse(value, member);
	case VERDICT_KEY_NAME:
	case VERDICT_KEY_FORWARDER:
	case VERDICT_KEY_AUTHOR_ADDRESS:
	case VERDICT_KEY_TEXT:
		return decode_string(pool, key, value, member);
	case VERDICT_KEY_FLAG:
		*(bool *)member = TRUE;
		return strcmp(value, "yes") == 0 ? 0 : -1;
	case VERDICT_KEY_IP:
		return wire_ip_parse(value, member);
	case VERDICT_KEY_UINT:
		return wire_uint_parse(value, member);
	}
	i_unreached();
}

/* seen: the keys that the line had so far, by their place in the table; none
   comes twice. */
static int
decode_pair(pool_t pool, const char *arg, struct verdict *verdict,
	    uint32_t *seen)
{
	const struct verdict_key *key;
	const char *name, *value;
	uint32_t bit = 1;

	if (pair_split(arg, &name, &value) < 0)
		return -1;
	for (key = verdict_keys; key->key != NULL; key++, bit <<= 1) {
		if (strcmp(key->key, name) == 0)
			break;
	}
	if (key->key == NULL || (*seen & bit) != 0)
		return -1;
	*seen |= bit;
	return decode_member(pool, key, value,
			     PTR_OFFSET(verdict, key->offset));
}

static bool is_complete(uint32_t seen)
{
	const struct verdict_key *key;

	for (key = verdict_keys; key->key != NULL; key++, seen >>= 1) {
		if (key->required && (seen & 1) == 0)
			return FALSE;
	}
	return TRUE;
}

static int
decode_verdict(struct verdict_decoder *decoder, const char *const *args,
	       struct verdict *verdict_r, const char **error_r)
{
	uint32_t seen = 0;

	i_zero(verdict_r);
	for (; *args != NULL; args++) {
		if (decode_pair(decoder->pool, *args, verdict_r, &seen) < 0) {
			*error_r = "VERDICT with a bad argument";
			return -1;
		}
	}
	if (!is_complete(seen)) {
		*error_r = "VERDICT is incomplete";
		return -1;
	}
	verdict_r->results = decoder->results;
	verdict_r->history = decoder->history;
	return 1;
}

static int
decode_history(struct verdict_decoder *decoder, const char *const *args,
	       const char **error_r)
{
	if (!decoder->history_seen &&
	    verdict_history_decode(decoder->pool, args,
				   &decoder->history) == 0) {
		decoder->history_seen = TRUE;
		return 0;
	}
	*error_r = "HISTORY with a bad argument";
	return -1;
}

static int
decode_failure(struct verdict_decoder *decoder, const char *const *args,
	       const char **error_r)
{
	if (verdict_failure_decode(decoder->pool, args,
				   &decoder->history) == 0)
		return 0;
	*error_r = "REPORT with a bad argument";
	return -1;
}

static int
decode_fail(struct verdict_decoder *decoder, const char *const *args,
	    const char **error_r)
{
	if (args[0] == NULL || args[1] != NULL ||
	    !wire_text_is_valid(args[0], AUTHRES_MAX_REASON_BYTES)) {
		*error_r = "FAIL with a bad reason";
		return -1;
	}
	decoder->fail = TRUE;
	*error_r = t_strconcat("verifier: ", args[0], NULL);
	return -1;
}

int verdict_decode_line(struct verdict_decoder *decoder, const char *line,
			struct verdict *verdict_r, const char **error_r)
{
	const char *const *args = t_strsplit_tabescaped(line);

	if (args[0] == NULL)
		;
	else if (strcmp(args[0], "RESULT") == 0)
		return decode_result(decoder, args + 1, error_r);
	else if (strcmp(args[0], "VERDICT") == 0)
		return decode_verdict(decoder, args + 1, verdict_r, error_r);
	else if (strcmp(args[0], "FAIL") == 0)
		return decode_fail(decoder, args + 1, error_r);
	else if (strcmp(args[0], "HISTORY") == 0)
		return decode_history(decoder, args + 1, error_r);
	else if (strcmp(args[0], "REPORT") == 0)
		return decode_failure(decoder, args + 1, error_r);
	*error_r = "unknown line";
	return -1;
}
