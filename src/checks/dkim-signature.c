/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "base64.h"
#include "buffer.h"
#include "hex-binary.h"
#include "str.h"
#include "time-util.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "body-hash.h"
#include "domain-name.h"
#include "dkim-signature.h"

struct signature_parser {
	pool_t pool;
	struct dkim_signature *sig;
	enum check_result_word result;
	const char *reason;
};

static const char *const required_tags[][9] = {
	[DKIM_SIGNATURE_DKIM] =
		{ "v", "a", "b", "bh", "d", "h", "s", NULL },
	[DKIM_SIGNATURE_ARC_MESSAGE] =
		{ "i", "a", "b", "bh", "d", "h", "s", NULL },
	[DKIM_SIGNATURE_ARC_SEAL] =
		{ "i", "a", "b", "cv", "d", "s", NULL },
};

static int signature_refuse(struct signature_parser *parser,
			    enum check_result_word result, const char *reason)
{
	parser->result = result;
	parser->reason = reason;
	return -1;
}

static int signature_syntax(struct signature_parser *parser,
			    const char *reason)
{
	return signature_refuse(parser, CHECK_RESULT_NEUTRAL, reason);
}

static const char *
signature_value(struct signature_parser *parser, const char *name)
{
	const struct tag *tag = tag_list_find(&parser->sig->tags, name);

	return tag == NULL ? NULL : tag->value;
}

static int
parse_domain(struct signature_parser *parser, const char *tag_name,
	     const char *value, const char **domain_r)
{
	const char *error;
	size_t size = strlen(value);

	if (size > 0 && value[size - 1] == '.') {
		error = "domain ends with a dot";
	} else if (domain_to_ascii(value, domain_r, &error) == 0) {
		*domain_r = p_strdup(parser->pool, *domain_r);
		return 0;
	}
	return signature_syntax(parser, t_strdup_printf(
		"tag %s: %s", tag_name, error));
}

/* d= and s=. A domain name of DKIM has at least two labels, section 3.5. */
static int parse_signer(struct signature_parser *parser)
{
	struct dkim_signature *sig = parser->sig;
	const char *value;

	value = signature_value(parser, "d");
	if (value != NULL) {
		if (parse_domain(parser, "d", value, &sig->sdid) < 0)
			return -1;
		if (strchr(sig->sdid, '.') == NULL) {
			return signature_syntax(parser,
				"tag d: domain has only one label");
		}
	}
	value = signature_value(parser, "s");
	if (value != NULL &&
	    parse_domain(parser, "s", value, &sig->selector) < 0)
		return -1;
	if (sig->sdid != NULL && sig->selector != NULL) {
		sig->key_name = p_strconcat(parser->pool, sig->selector,
					    "._domainkey.", sig->sdid, NULL);
	}
	return 0;
}

static int
parse_base64(struct signature_parser *parser, const char *tag_name,
	     const char **text_r, const unsigned char **data_r, size_t *size_r)
{
	const char *text = t_tag_list_compact(&parser->sig->tags, tag_name);
	buffer_t *data;

	if (text == NULL)
		return 0;
	if (*text == '\0') {
		return signature_syntax(parser, t_strdup_printf(
			"tag %s is empty", tag_name));
	}
	data = buffer_create_dynamic(parser->pool, strlen(text) + 1);
	if (text_r != NULL)
		*text_r = p_strdup(parser->pool, text);
	if (base64_scheme_decode(&base64_scheme, 0, text, strlen(text),
				 data) < 0 || data->used == 0) {
		return signature_syntax(parser, t_strdup_printf(
			"tag %s is not base64", tag_name));
	}
	*data_r = data->data;
	*size_r = data->used;
	return 0;
}

static int parse_algorithm(struct signature_parser *parser)
{
	struct dkim_signature *sig = parser->sig;
	const char *value = signature_value(parser, "a");

	if (value == NULL)
		return 0;
	sig->algorithm = p_strdup(parser->pool, t_str_lcase(value));
	if (strcmp(sig->algorithm, "rsa-sha256") == 0) {
		sig->key_type = PUBLIC_KEY_RSA;
	} else if (strcmp(sig->algorithm, "ed25519-sha256") == 0) {
		sig->key_type = PUBLIC_KEY_ED25519;
	} else if (strcmp(sig->algorithm, "rsa-sha1") == 0) {
		/* RFC 8301 section 3.1 */
		return signature_refuse(parser, CHECK_RESULT_PERMERROR,
			"rsa-sha1 is not acceptable");
	} else {
		return signature_syntax(parser,
			"tag a names an unknown algorithm");
	}
	return 0;
}

static int canonicalization_parse(const char *name, enum canonicalization *c_r)
{
	if (strcasecmp(name, "simple") == 0)
		*c_r = CANONICALIZATION_SIMPLE;
	else if (strcasecmp(name, "relaxed") == 0)
		*c_r = CANONICALIZATION_RELAXED;
	else
		return -1;
	return 0;
}

static int parse_canonicalization(struct signature_parser *parser)
{
	struct dkim_signature *sig = parser->sig;
	const char *value = signature_value(parser, "c"), *slash;

	sig->header_canonicalization = CANONICALIZATION_SIMPLE;
	sig->body_canonicalization = CANONICALIZATION_SIMPLE;
	if (value == NULL)
		return 0;
	slash = strchr(value, '/');
	if (canonicalization_parse(slash == NULL ? value :
				   t_strdup_until(value, slash),
				   &sig->header_canonicalization) < 0 ||
	    (slash != NULL &&
	     canonicalization_parse(slash + 1,
				    &sig->body_canonicalization) < 0)) {
		return signature_syntax(parser,
			"tag c names an unknown canonicalization");
	}
	return 0;
}

/* 1*max_digits DIGIT; absent leaves number_r alone. */
static int
parse_number(struct signature_parser *parser, const char *tag_name,
	     size_t max_digits, uint64_t *number_r)
{
	const char *value = signature_value(parser, tag_name);

	if (value == NULL)
		return 0;
	if (*value == '\0' || strspn(value, "0123456789") != strlen(value)) {
		return signature_syntax(parser, t_strdup_printf(
			"tag %s is not a number", tag_name));
	}
	if (strlen(value) > max_digits) {
		/* most often milliseconds where seconds are asked for */
		return signature_syntax(parser, t_strdup_printf(
			"tag %s has more than %zu digits", tag_name,
			max_digits));
	}
	/* l= may have 76 digits: no body is as long */
	if (str_to_uint64(value, number_r) < 0)
		*number_r = (uint64_t)-1;
	return 0;
}

static int parse_numbers(struct signature_parser *parser)
{
	struct dkim_signature *sig = parser->sig;
	uint64_t length = BODY_HASH_WHOLE;
	uint64_t timestamp = (uint64_t)-1, expiration = (uint64_t)-1;

	if (parse_number(parser, "l", 76, &length) < 0 ||
	    parse_number(parser, "t", 12, &timestamp) < 0 ||
	    parse_number(parser, "x", 12, &expiration) < 0)
		return -1;
	if (length == BODY_HASH_WHOLE && signature_value(parser, "l") != NULL)
		length--;
	sig->body_length = length;
	sig->timestamp = (int64_t)timestamp;
	sig->expiration = (int64_t)expiration;
	return 0;
}

/* field-name, RFC 5322 section 3.6.8 */
static bool is_field_name(const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name <= ' ' || *name >= 0x7f)
			return FALSE;
	}
	return TRUE;
}

static int parse_signed_names(struct signature_parser *parser)
{
	const char *value = signature_value(parser, "h");
	const char *const *list;
	ARRAY_TYPE(const_string) names;
	bool from = FALSE;

	if (value == NULL)
		return 0;
	list = t_strsplit(value, ":");
	p_array_init(&names, parser->pool, str_array_length(list) + 1);
	for (; *list != NULL; list++) {
		const char *name = t_str_trim(*list, " \t\r\n");

		if (!is_field_name(name)) {
			return signature_syntax(parser,
				"tag h has an invalid field name");
		}
		/* an empty name signs nothing */
		if (*name == '\0')
			continue;
		if (strcasecmp(name, "From") == 0)
			from = TRUE;
		name = p_strdup(parser->pool, name);
		array_push_back(&names, &name);
	}
	array_append_zero(&names);
	parser->sig->signed_names = array_front(&names);
	if (!from) {
		return signature_refuse(parser, CHECK_RESULT_PERMERROR,
			"From is not signed");
	}
	return 0;
}

/* dkim-quoted-printable, section 2.11: only what a local-part can hold. */
static int decode_quoted(const char *value, string_t *dest)
{
	buffer_t *byte = t_buffer_create(2);

	for (; *value != '\0'; value++) {
		if (*value != '=') {
			if (strchr(" \t\r\n", *value) == NULL)
				str_append_c(dest, *value);
			continue;
		}
		buffer_set_used_size(byte, 0);
		if (value[1] == '\0' || value[2] == '\0' ||
		    hex_to_binary(t_strndup(value + 1, 2), byte) < 0)
			return -1;
		if (*(const unsigned char *)byte->data == '\0')
			return -1;
		str_append_data(dest, byte->data, 1);
		value += 2;
	}
	return 0;
}

static int parse_auid(struct signature_parser *parser)
{
	struct dkim_signature *sig = parser->sig;
	const char *value = signature_value(parser, "i");
	const char *at, *domain;
	string_t *auid;

	if (sig->sdid == NULL)
		return 0;
	if (value == NULL) {
		sig->auid_domain = sig->sdid;
		sig->auid = p_strconcat(parser->pool, "@", sig->sdid, NULL);
		return 0;
	}
	auid = t_str_new(64);
	if (decode_quoted(value, auid) < 0 ||
	    (at = strrchr(str_c(auid), '@')) == NULL)
		return signature_syntax(parser, "tag i is not an identity");
	if (at - str_c(auid) > AUTHRES_MAX_LOCAL_PART_BYTES) {
		return signature_refuse(parser, CHECK_RESULT_POLICY,
			t_strdup_printf("tag i: local part is longer "
					"than %u bytes",
					AUTHRES_MAX_LOCAL_PART_BYTES));
	}
	if (parse_domain(parser, "i", at + 1, &domain) < 0)
		return -1;
	sig->auid_domain = domain;
	sig->auid = p_strconcat(parser->pool,
				t_strdup_until(str_c(auid), at + 1),
				domain, NULL);
	if (!domain_is_within(domain, sig->sdid)) {
		return signature_refuse(parser, CHECK_RESULT_PERMERROR,
			"tag i is not within tag d");
	}
	return 0;
}

/* q=, section 3.5: unknown methods are passed over. */
static int parse_query_methods(struct signature_parser *parser)
{
	const char *value = t_tag_list_compact(&parser->sig->tags, "q");
	const char *const *methods;

	if (value == NULL)
		return 0;
	for (methods = t_strsplit(value, ":"); *methods != NULL; methods++) {
		if (strcasecmp(*methods, "dns/txt") == 0)
			return 0;
	}
	return signature_syntax(parser, "tag q names an unknown query method");
}

static int parse_version(struct signature_parser *parser)
{
	const char *value = signature_value(parser, "v");

	/* ARC has no version: there it is a tag like any unknown one */
	if (parser->sig->kind == DKIM_SIGNATURE_DKIM &&
	    value != NULL && strcmp(value, "1") != 0)
		return signature_syntax(parser, "tag v is not 1");
	return 0;
}

static int check_required(struct signature_parser *parser)
{
	const char *const *name = required_tags[parser->sig->kind];

	for (; *name != NULL; name++) {
		if (tag_list_find(&parser->sig->tags, *name) == NULL) {
			return signature_refuse(parser, CHECK_RESULT_PERMERROR,
				t_strdup_printf("no tag %s", *name));
		}
	}
	return 0;
}

static int parse_tags(struct signature_parser *parser)
{
	const struct msg_field *field = parser->sig->field;
	const char *error;
	size_t size = field->size - field->value_offset;

	/* a broken field shows nothing that could be believed */
	p_array_init(&parser->sig->tags, parser->pool, 1);
	if (size > AUTHRES_MAX_DKIM_SIGNATURE_BYTES) {
		return signature_refuse(parser, CHECK_RESULT_POLICY,
			t_strdup_printf("signature is longer than %u bytes",
					AUTHRES_MAX_DKIM_SIGNATURE_BYTES));
	}
	if (size >= 2 &&
	    memcmp(field->data + field->size - 2, "\r\n", 2) == 0)
		size -= 2;
	if (tag_list_parse(parser->pool, field->data + field->value_offset,
			   size, &parser->sig->tags, &error) < 0)
		return signature_syntax(parser, error);
	return 0;
}

static int parse_signature(struct signature_parser *parser)
{
	struct dkim_signature *sig = parser->sig;

	/* who signed comes first: a result should name the signer */
	if (parse_tags(parser) < 0 ||
	    parse_signer(parser) < 0 ||
	    parse_version(parser) < 0 ||
	    parse_base64(parser, "b", &sig->signature_text,
			 &sig->signature, &sig->signature_size) < 0 ||
	    (sig->kind == DKIM_SIGNATURE_DKIM && parse_auid(parser) < 0) ||
	    check_required(parser) < 0 ||
	    parse_algorithm(parser) < 0 ||
	    parse_numbers(parser) < 0)
		return -1;
	if (sig->kind == DKIM_SIGNATURE_ARC_SEAL)
		return 0;
	if (parse_base64(parser, "bh", NULL,
			 &sig->body_hash, &sig->body_hash_size) < 0 ||
	    parse_canonicalization(parser) < 0 ||
	    parse_query_methods(parser) < 0)
		return -1;
	return parse_signed_names(parser);
}

int dkim_signature_parse(pool_t pool, const struct msg_field *field,
			 enum dkim_signature_kind kind,
			 struct dkim_signature *signature_r,
			 enum check_result_word *result_r,
			 const char **reason_r)
{
	struct signature_parser parser = {
		.pool = pool,
		.sig = signature_r,
	};

	i_zero(signature_r);
	signature_r->kind = kind;
	signature_r->field = field;
	if (parse_signature(&parser) < 0) {
		*result_r = parser.result;
		*reason_r = parser.reason;
		return -1;
	}
	return 0;
}

/* "3 days" */
static const char *t_duration(uint64_t secs)
{
	static const struct {
		unsigned int secs;
		const char *name;
	} units[] = {
		{ 24 * 3600, "day" },
		{ 3600, "hour" },
		{ 60, "minute" },
		{ 1, "second" }
	};
	unsigned int i = 0;

	while (secs < units[i].secs && i < N_ELEMENTS(units) - 1)
		i++;
	secs /= units[i].secs;
	return t_strdup_printf("%"PRIu64" %s%s", secs, units[i].name,
			       secs == 1 ? "" : "s");
}

int dkim_signature_check_time(const struct dkim_signature *signature,
			      time_t now, const char **reason_r)
{
	if (signature->timestamp != -1 &&
	    signature->timestamp > (int64_t)now + DKIM_SIGNATURE_DRIFT_SECS) {
		*reason_r = t_strdup_printf("signed %s in the future",
			t_duration(signature->timestamp - (int64_t)now));
		return -1;
	}
	if (signature->expiration == -1)
		return 0;
	if (signature->timestamp != -1 &&
	    signature->expiration <= signature->timestamp) {
		*reason_r = "expires before it was signed";
		return -1;
	}
	if (signature->expiration < (int64_t)now - DKIM_SIGNATURE_DRIFT_SECS) {
		*reason_r = t_strdup_printf("expired on %s, %s ago",
			t_strfgmtime("%Y-%m-%d", signature->expiration),
			t_duration((int64_t)now - signature->expiration));
		return -1;
	}
	return 0;
}
