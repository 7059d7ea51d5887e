/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "field-claims.h"
#include "folded-field.h"
#include "plain-text.h"
#include "verdict.h"
#include "received-spf.h"

#define FIELD_NAME "Received-SPF:"
#define RECEIVER_KEY "receiver"
#define RECEIVER_KEY_LEN (sizeof(RECEIVER_KEY) - 1)

struct received_spf {
	enum check_result_word result;
	/* what the identity's domain asked for, "mx"; NULL = unknown */
	const char *mechanism;
	/* the reverse-path, or NULL when the identity is HELO */
	const char *mail_from;
	const char *helo;
	const char *client_ip;
	const char *problem;
};

/* "MECHANISM in DOMAIN" of check_spf_report() */
static const char *t_comment_mechanism(const char *comment)
{
	const char *const *words;

	if (comment == NULL)
		return NULL;
	words = t_strsplit(comment, " ");
	return str_array_length(words) == 3 && strcmp(words[1], "in") == 0 ?
		words[0] : NULL;
}

static bool
received_spf_init(struct received_spf *spf_r, const struct verdict *verdict)
{
	const struct check_result *result =
		verdict_find(verdict, CHECK_METHOD_SPF);

	i_zero(spf_r);
	/* "policy" is a word of RFC 8601, not of RFC 7208 */
	if (result == NULL || verdict->client_ip.family == 0 ||
	    result->result == CHECK_RESULT_POLICY)
		return FALSE;

	spf_r->result = result->result;
	spf_r->client_ip = net_ip2addr(&verdict->client_ip);
	spf_r->mail_from = check_result_property(result, "smtp", "mailfrom");
	spf_r->helo = verdict->client_helo;
	if (spf_r->mail_from == NULL && spf_r->helo == NULL)
		spf_r->helo = check_result_property(result, "smtp", "helo");
	if (result->result == CHECK_RESULT_TEMPERROR ||
	    result->result == CHECK_RESULT_PERMERROR)
		spf_r->problem = result->reason;
	else if (result->result != CHECK_RESULT_NONE)
		spf_r->mechanism = t_comment_mechanism(
			check_result_own_comment(result));
	return TRUE;
}

/* The words of other writers of this field, which readers look for. */
static const char *
t_supporting_text(const struct received_spf *spf, const char *receiver)
{
	const char *ip = spf->client_ip;
	const char *who = spf->mail_from != NULL ? spf->mail_from :
		spf->helo != NULL ? spf->helo : "unknown";
	const char *text;

	switch (spf->result) {
	case CHECK_RESULT_PASS:
		text = t_strdup_printf("domain of %s designates %s as "
				       "permitted sender", who, ip);
		break;
	case CHECK_RESULT_FAIL:
		text = t_strdup_printf("domain of %s does not designate %s as "
				       "permitted sender", who, ip);
		break;
	case CHECK_RESULT_SOFTFAIL:
		text = t_strdup_printf("domain of %s discourages %s as "
				       "permitted sender", who, ip);
		break;
	case CHECK_RESULT_NEUTRAL:
		text = t_strdup_printf("domain of %s neither permits nor "
				       "denies %s", who, ip);
		break;
	case CHECK_RESULT_NONE:
		text = t_strdup_printf("domain of %s does not designate "
				       "permitted sender hosts", who);
		break;
	default:
		text = t_strdup_printf("error in processing the domain of %s",
				       who);
		break;
	}
	return t_plain_text(t_strconcat(receiver, ": ", text, NULL),
			    AUTHRES_MAX_COMMENT_BYTES);
}

/* dot-atom / quoted-string */
static const char *t_value(const char *value)
{
	value = t_plain_text(value, AUTHRES_MAX_PVALUE_BYTES);
	return field_text_is_dotted(value, value + strlen(value),
				    FIELD_ATEXT) ?
		value : t_field_quoted_string(value);
}

static void
write_pair(struct folded_field *field, bool *first, const char *key,
	   const char *value)
{
	if (value == NULL)
		return;
	if (!*first)
		folded_field_append(field, ";", 1);
	*first = FALSE;
	folded_field_item(field, t_strconcat(key, "=", t_value(value), NULL));
}

static void
received_spf_write_field(struct folded_field *field,
			 const struct received_spf *spf, const char *receiver)
{
	bool first = TRUE;

	folded_field_append(field, FIELD_NAME, strlen(FIELD_NAME));
	folded_field_item(field, check_result_word_name(spf->result));
	folded_field_item(field,
		t_field_comment(t_supporting_text(spf, receiver)));
	write_pair(field, &first, "identity",
		   spf->mail_from != NULL ? "mailfrom" : "helo");
	write_pair(field, &first, "client-ip", spf->client_ip);
	write_pair(field, &first, "helo", spf->helo);
	write_pair(field, &first, "envelope-from", spf->mail_from);
	write_pair(field, &first, RECEIVER_KEY, receiver);
	write_pair(field, &first, "mechanism", spf->mechanism);
	write_pair(field, &first, "problem", spf->problem);
}

bool received_spf_write(string_t *dest, const struct verdict *verdict,
			const char *receiver, const char *newline)
{
	struct received_spf spf;
	/* dest may be on the data stack, so it cannot grow inside T_BEGIN */
	struct folded_field field = {
		.dest = str_new(default_pool, 512),
		.newline = newline
	};
	bool evaluated;

	T_BEGIN {
		evaluated = received_spf_init(&spf, verdict);
		if (evaluated) {
			received_spf_write_field(&field, &spf, receiver);
			str_append(field.dest, newline);
		}
	} T_END;
	str_append_str(dest, field.dest);
	str_free(&field.dest);
	return evaluated;
}

/* "(mx.example: domain of ..." */
static bool
comment_claims(const unsigned char *data, size_t size,
	       const char *const *receivers)
{
	const unsigned char *end = data + size, *colon;

	data = memchr(data, '(', size);
	if (data == NULL)
		return FALSE;
	colon = memchr(data, ':', end - data);
	return colon != NULL && field_has_id(data, colon - data, receivers);
}

/* Returns end when the key is not there. */
static const unsigned char *
find_key(const unsigned char *data, const unsigned char *end)
{
	for (; (size_t)(end - data) >= RECEIVER_KEY_LEN; data++) {
		if (i_memcasecmp(data, RECEIVER_KEY, RECEIVER_KEY_LEN) == 0)
			return data;
	}
	return end;
}

/* What stands behind a key, up to the next key or ";" */
static bool
pairs_claim(const unsigned char *data, size_t size,
	    const char *const *receivers)
{
	const unsigned char *end = data + size, *value, *pair_end;

	for (data = find_key(data, end); data < end; data = pair_end) {
		value = data + RECEIVER_KEY_LEN;
		pair_end = find_key(value, end);
		size = pair_end - value;
		data = memchr(value, ';', size);
		if (data != NULL)
			size = data - value;
		if (field_has_id(value, size, receivers))
			return TRUE;
	}
	return FALSE;
}

static bool
value_claims(const unsigned char *data, size_t size,
	     const char *const *receivers)
{
	/* nobody needs so much, except to hide a name in it */
	return size >= AUTHRES_MAX_FIELD_BYTES ||
		comment_claims(data, size, receivers) ||
		field_claims_uncommented(data, size, receivers, pairs_claim);
}

bool received_spf_claims(const unsigned char *value, size_t size,
			 const char *const *receivers)
{
	return field_claims_decoded(value, size, receivers, value_claims);
}
