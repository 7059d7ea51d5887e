/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "strescape.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

enum verdict_key {
	VERDICT_KEY_DMARC = 0,
	VERDICT_KEY_POLICY,
	VERDICT_KEY_OVERRIDE,
	VERDICT_KEY_OVERRIDE_COMMENT,
	VERDICT_KEY_AUTHOR_DOMAIN,
	VERDICT_KEY_AUTHOR_ADDRESS,
	VERDICT_KEY_ORGANIZATIONAL_DOMAIN,
	VERDICT_KEY_POLICY_DOMAIN,
	VERDICT_KEY_LIST_DOMAIN,
	VERDICT_KEY_BAD_AUTHOR,
	VERDICT_KEY_BAD_AUTHOR_ENFORCED,
	VERDICT_KEY_MAIL_FROM_SPF_PASS,
	VERDICT_KEY_AUTHOR_HEADER_SIGNED,
	VERDICT_KEY_PHISHING,
	VERDICT_KEY_TEMPERROR,
	VERDICT_KEY_MAY_FAIL,
	VERDICT_KEY_MAY_WAIT,
	VERDICT_KEY_ORIGIN,
	VERDICT_KEY_CLIENT_SOURCE,
	VERDICT_KEY_CLIENT_IP,
	VERDICT_KEY_CLIENT_HELO,
	VERDICT_KEY_RECEIVED_INDEX,
	VERDICT_KEY_CLIENT_BY,
	VERDICT_KEY_CLIENT_REASON,
	VERDICT_KEY_UPSTREAM_REASON,
	VERDICT_KEY_FORWARDER,
	VERDICT_KEY_DNS_QUESTIONS,
	VERDICT_KEY_DNS_CACHED,
	VERDICT_KEY_DNS_WAVES,
	VERDICT_KEY_DNS_WAIT_MSECS,
	VERDICT_KEY_CPU_USECS,

	VERDICT_KEY_COUNT
};

static const char *const verdict_key_names[] = {
	"dmarc", "policy", "override", "override_comment", "author_domain",
	"author_address", "organizational_domain", "policy_domain",
	"list_domain", "bad_author", "bad_author_enforced",
	"mail_from_spf_pass", "author_header_signed", "phishing", "temperror",
	"may_fail", "may_wait", "origin",
	"client_source", "client_ip", "client_helo", "received_index",
	"client_by", "client_reason", "upstream_reason", "forwarder",
	"dns_questions", "dns_cached", "dns_waves", "dns_wait_msecs", "cpu_usecs"
};
_Static_assert(N_ELEMENTS(verdict_key_names) == VERDICT_KEY_COUNT,
	       "a name for every value");

#define VERDICT_KEYS_REQUIRED \
	(1U << VERDICT_KEY_DMARC | 1U << VERDICT_KEY_POLICY | \
	 1U << VERDICT_KEY_OVERRIDE | 1U << VERDICT_KEY_ORIGIN | \
	 1U << VERDICT_KEY_CLIENT_SOURCE)

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

static int
decode_name(pool_t pool, const char *value, const char **dest)
{
	if (!verdict_domain_is_valid(value))
		return -1;
	*dest = p_strdup(pool, value);
	return 0;
}

static int
decode_author_address(pool_t pool, const char *value, const char **dest)
{
	if (wire_percent_parse(value, &value) < 0 ||
	    !verdict_author_address_is_valid(value))
		return -1;
	*dest = p_strdup(pool, value);
	return 0;
}

static int
decode_forwarder(pool_t pool, const char *value, const char **dest)
{
	if (!verdict_forwarder_is_valid(value))
		return -1;
	*dest = p_strdup(pool, value);
	return 0;
}

static int decode_flag(const char *value, bool *dest)
{
	*dest = TRUE;
	return strcmp(value, "yes") == 0 ? 0 : -1;
}

static int decode_dmarc(const char *value, struct verdict *verdict)
{
	if (check_result_word_parse(value, &verdict->dmarc) < 0 ||
	    !check_method_has_result(CHECK_METHOD_DMARC, verdict->dmarc))
		return -1;
	return 0;
}

static int
decode_policy_key(pool_t pool, enum verdict_key key, const char *value,
		  struct verdict *verdict)
{
	switch (key) {
	case VERDICT_KEY_DMARC:
		return decode_dmarc(value, verdict);
	case VERDICT_KEY_POLICY:
		return dmarc_policy_parse(value, &verdict->policy);
	case VERDICT_KEY_OVERRIDE:
		return override_reason_parse(value, &verdict->override_reason);
	case VERDICT_KEY_OVERRIDE_COMMENT:
		return decode_text(pool, value, AUTHRES_MAX_REASON_BYTES,
				   &verdict->override_comment);
	case VERDICT_KEY_AUTHOR_DOMAIN:
		return decode_name(pool, value, &verdict->author_domain);
	case VERDICT_KEY_AUTHOR_ADDRESS:
		return decode_author_address(pool, value,
					     &verdict->author_address);
	case VERDICT_KEY_ORGANIZATIONAL_DOMAIN:
		return decode_name(pool, value,
				   &verdict->organizational_domain);
	case VERDICT_KEY_POLICY_DOMAIN:
		return decode_name(pool, value, &verdict->policy_domain);
	case VERDICT_KEY_LIST_DOMAIN:
		return decode_name(pool, value, &verdict->list_domain);
	case VERDICT_KEY_BAD_AUTHOR:
		return decode_flag(value, &verdict->bad_author);
	case VERDICT_KEY_BAD_AUTHOR_ENFORCED:
		return decode_flag(value, &verdict->bad_author_enforced);
	case VERDICT_KEY_MAIL_FROM_SPF_PASS:
		return decode_flag(value, &verdict->mail_from_spf_pass);
	case VERDICT_KEY_AUTHOR_HEADER_SIGNED:
		return decode_flag(value, &verdict->author_header_signed);
	case VERDICT_KEY_PHISHING:
		return decode_flag(value, &verdict->phishing);
	case VERDICT_KEY_TEMPERROR:
		return decode_flag(value, &verdict->temperror);
	case VERDICT_KEY_MAY_FAIL:
		return decode_flag(value, &verdict->may_fail);
	case VERDICT_KEY_MAY_WAIT:
		return decode_flag(value, &verdict->may_wait);
	default:
		i_unreached();
	}
}

static int
decode_client_key(pool_t pool, enum verdict_key key, const char *value,
		  struct verdict *verdict)
{
	switch (key) {
	case VERDICT_KEY_ORIGIN:
		return mail_origin_parse(value, &verdict->origin);
	case VERDICT_KEY_CLIENT_SOURCE:
		return client_source_parse(value, &verdict->client_source);
	case VERDICT_KEY_CLIENT_IP:
		return wire_ip_parse(value, &verdict->client_ip);
	case VERDICT_KEY_CLIENT_HELO:
		return decode_text(pool, value, AUTHRES_MAX_HELO_BYTES,
				   &verdict->client_helo);
	case VERDICT_KEY_RECEIVED_INDEX:
		return wire_uint_parse(value, &verdict->received_index);
	case VERDICT_KEY_CLIENT_BY:
		return decode_name(pool, value, &verdict->client_by);
	case VERDICT_KEY_CLIENT_REASON:
		return decode_text(pool, value, AUTHRES_MAX_REASON_BYTES,
				   &verdict->client_reason);
	case VERDICT_KEY_UPSTREAM_REASON:
		return decode_text(pool, value, AUTHRES_MAX_REASON_BYTES,
				   &verdict->upstream_reason);
	case VERDICT_KEY_FORWARDER:
		return decode_forwarder(pool, value, &verdict->forwarder);
	case VERDICT_KEY_DNS_QUESTIONS:
		return wire_uint_parse(value, &verdict->dns_questions);
	case VERDICT_KEY_DNS_CACHED:
		return wire_uint_parse(value, &verdict->dns_cached);
	case VERDICT_KEY_DNS_WAVES:
		return wire_uint_parse(value, &verdict->dns_waves);
	case VERDICT_KEY_DNS_WAIT_MSECS:
		return wire_uint_parse(value, &verdict->dns_wait_msecs);
	case VERDICT_KEY_CPU_USECS:
		return wire_uint_parse(value, &verdict->cpu_usecs);
	default:
		i_unreached();
	}
}

static int
decode_pair(pool_t pool, const char *arg, struct verdict *verdict,
	    unsigned int *seen)
{
	const char *name, *value;
	unsigned int key;

	if (pair_split(arg, &name, &value) < 0)
		return -1;
	for (key = 0; key < VERDICT_KEY_COUNT; key++) {
		if (strcmp(verdict_key_names[key], name) == 0)
			break;
	}
	if (key == VERDICT_KEY_COUNT || (*seen & (1U << key)) != 0)
		return -1;
	*seen |= 1U << key;
	if (key < VERDICT_KEY_ORIGIN)
		return decode_policy_key(pool, key, value, verdict);
	return decode_client_key(pool, key, value, verdict);
}

static int
decode_verdict(struct verdict_decoder *decoder, const char *const *args,
	       struct verdict *verdict_r, const char **error_r)
{
	unsigned int seen = 0;

	i_zero(verdict_r);
	for (; *args != NULL; args++) {
		if (decode_pair(decoder->pool, *args, verdict_r, &seen) < 0) {
			*error_r = "VERDICT with a bad argument";
			return -1;
		}
	}
	if ((seen & VERDICT_KEYS_REQUIRED) != VERDICT_KEYS_REQUIRED) {
		*error_r = "VERDICT is incomplete";
		return -1;
	}
	verdict_r->results = decoder->results;
	return 1;
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
	*error_r = "unknown line";
	return -1;
}
