/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "base64.h"
#include "hex-binary.h"
#include "sha2.h"
#include "str.h"
#include "body-hash.h"
#include "dns-session.h"
#include "msg-parser.h"
#include "reference-dkim.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/* tests/data/ed25519.pem */
#define ED25519_PRIVATE_HEX \
	"90eaa3b110ee8966e3b430d44137265efd33b9bb7ba55c4459c7d16bf996822f"
#define ED25519_PUBLIC "HwSrFsV5YedTobie5z3AnNL8jG0VUb+nbuOhfeI8bSY="
/* tests/data/rsa2048.pem */
#define RSA_PUBLIC \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0DZENLGMBuww9/uTNd58" \
	"lUbRr3uPbhF62HSXJl0DWWYpSjkg6jZMsaGKIHgQZHxpRjJvlnuIcj4lBvPYWTVY" \
	"ByMl3DItLQnTim8TEJhUHgSU8tyuDiRM28Zud7MqQr7DT9tNefMoEGyj3huNVvkc" \
	"s7NqiGectMgDh7GlJV2XHlgj7Nkc2iYbNnJmKvtuosmdcBr7NMt9gdegUnrTNRpp" \
	"azcXtfHh5LpYIrXsLOCGBfUF4SQlN9l47ffhFjyyjOqfL3A0mWkluScEVmP/hcX7" \
	"p91tfLu04Cc/SbDVloppZz0p7kzwMzzw2k8nKMuD8BHuiP7SVKt/Lb/JW/814qwq" \
	"LwIDAQAB"

enum reference_key {
	REFERENCE_KEY_ED25519,
	REFERENCE_KEY_RSA,
	REFERENCE_KEY_NONE,
	REFERENCE_KEY_TROUBLE
};

static enum reference_key reference_key(const char *key_name)
{
	const char *label = t_strcut(key_name, '.');

	if (strcmp(label, "rsa") == 0)
		return REFERENCE_KEY_RSA;
	if (strcmp(label, "none") == 0)
		return REFERENCE_KEY_NONE;
	if (strcmp(label, "trouble") == 0)
		return REFERENCE_KEY_TROUBLE;
	return REFERENCE_KEY_ED25519;
}

static void add_txt(struct dns_answer *answer, const char *text)
{
	struct dns_record *record = array_append_space(&answer->records);

	answer->status = DNS_STATUS_ANSWER;
	record->text = (const unsigned char *)text;
	record->text_size = strlen(text);
}

static struct resolver_request *
reference_resolver_ask(struct resolver *resolver ATTR_UNUSED,
		       const struct resolver_question *question,
		       resolver_callback_t *callback, void *context)
{
	struct dns_answer answer;

	i_assert(question->type == DNS_TYPE_TXT);
	i_zero(&answer);
	answer.ttl_secs = 300;
	t_array_init(&answer.records, 1);
	switch (reference_key(question->name)) {
	case REFERENCE_KEY_ED25519:
		add_txt(&answer, "v=DKIM1; k=ed25519; p="ED25519_PUBLIC);
		break;
	case REFERENCE_KEY_RSA:
		add_txt(&answer, "v=DKIM1; p="RSA_PUBLIC);
		break;
	case REFERENCE_KEY_NONE:
		answer.status = DNS_STATUS_NXDOMAIN;
		break;
	case REFERENCE_KEY_TROUBLE:
		answer.status = DNS_STATUS_TEMPORARY;
		answer.reason = "trouble";
		break;
	}
	callback(&answer, context);
	return NULL;
}

static void
reference_resolver_cancel(struct resolver_request *request ATTR_UNUSED)
{
	i_unreached();
}

static void reference_resolver_deinit(struct resolver *resolver)
{
	i_free(resolver);
}

struct resolver *reference_resolver_init(void)
{
	struct resolver *resolver = i_new(struct resolver, 1);

	resolver->v.ask = reference_resolver_ask;
	resolver->v.cancel = reference_resolver_cancel;
	resolver->v.deinit = reference_resolver_deinit;
	return resolver;
}

enum check_result_word reference_key_result(const struct dkim_signature *sig)
{
	const char *name;

	if (dns_name_normalize(sig->key_name, &name) < 0)
		return CHECK_RESULT_PERMERROR;
	switch (reference_key(sig->key_name)) {
	case REFERENCE_KEY_ED25519:
		return sig->key_type == PUBLIC_KEY_ED25519 ?
			CHECK_RESULT_PASS : CHECK_RESULT_PERMERROR;
	case REFERENCE_KEY_RSA:
		return sig->key_type == PUBLIC_KEY_RSA ?
			CHECK_RESULT_PASS : CHECK_RESULT_PERMERROR;
	case REFERENCE_KEY_NONE:
		return CHECK_RESULT_PERMERROR;
	case REFERENCE_KEY_TROUBLE:
		return CHECK_RESULT_TEMPERROR;
	}
	i_unreached();
}

void reference_body_hash(const struct reference_message *message,
			 const struct dkim_signature *sig,
			 struct reference_body *body_r)
{
	const string_t *canonical = reference_body_canonical(message->body,
		sig->body_canonicalization);
	size_t size = I_MIN(str_len(canonical), sig->body_length);
	unsigned char digest[SHA256_RESULTLEN];
	string_t *hash = t_str_new(64);

	sha256_get_digest(str_data(canonical), size, digest);
	base64_encode(digest, sizeof(digest), hash);
	body_r->hash = str_c(hash);
	body_r->shorter_than_length = sig->body_length != BODY_HASH_WHOLE &&
		str_len(canonical) < sig->body_length;
	body_r->unsigned_bytes = str_len(canonical) - size;
}

bool reference_body_good(const struct reference_message *message,
			 const struct dkim_signature *sig)
{
	string_t *claimed = t_str_new(64);
	struct reference_body body;

	base64_encode(sig->body_hash, sig->body_hash_size, claimed);
	reference_body_hash(message, sig, &body);
	return strcmp(str_c(claimed), body.hash) == 0;
}

void reference_emptied_field(string_t *dest,
			     const struct reference_field *field,
			     enum canonicalization canonicalization)
{
	struct reference_field emptied = *field;

	reference_field_set_tag(&emptied, "b", "");
	reference_field_canonical(dest, &emptied, canonicalization);
	str_truncate(dest, str_len(dest) - 2);
}

string_t *reference_signed_header(const struct reference_message *message,
				  unsigned int idx,
				  const struct dkim_signature *sig)
{
	string_t *data = t_str_new(1024);
	const struct reference_field *fields;
	unsigned int i, count;
	const char *const *name;
	bool *taken;

	fields = array_get(&message->fields, &count);
	taken = t_new(bool, count);
	taken[idx] = TRUE;
	for (name = sig->signed_names; *name != NULL; name++) {
		for (i = count; i > 0; i--) {
			if (!taken[i - 1] &&
			    strcasecmp(fields[i - 1].name, *name) == 0)
				break;
		}
		if (i == 0)
			continue;
		taken[i - 1] = TRUE;
		reference_field_canonical(data, &fields[i - 1],
					  sig->header_canonicalization);
	}
	reference_emptied_field(data, &fields[idx],
				sig->header_canonicalization);
	return data;
}

static buffer_t *t_base64_decoded(const char *text)
{
	buffer_t *data = t_buffer_create(512);

	if (base64_scheme_decode(&base64_scheme, 0, text, strlen(text),
				 data) < 0)
		i_unreached();
	return data;
}

static EVP_PKEY *public_key(enum public_key_type type)
{
	const buffer_t *data = t_base64_decoded(type == PUBLIC_KEY_RSA ?
		RSA_PUBLIC : ED25519_PUBLIC);
	const unsigned char *p = data->data;

	return type == PUBLIC_KEY_RSA ? d2i_PUBKEY(NULL, &p, data->used) :
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p,
					    data->used);
}

bool reference_verify(const struct dkim_signature *sig, const string_t *data)
{
	bool rsa = sig->key_type == PUBLIC_KEY_RSA;
	EVP_PKEY *key = public_key(sig->key_type);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char digest[SHA256_RESULTLEN];
	int ret;

	sha256_get_digest(str_data(data), str_len(data), digest);
	if (EVP_DigestVerifyInit(ctx, NULL, rsa ? EVP_sha256() : NULL,
				 NULL, key) != 1)
		i_unreached();
	ret = EVP_DigestVerify(ctx, sig->signature, sig->signature_size,
			       rsa ? str_data(data) : digest,
			       rsa ? str_len(data) : sizeof(digest));
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ret == 1;
}

const char *t_reference_sign(const string_t *data)
{
	unsigned char digest[SHA256_RESULTLEN], signature[64];
	buffer_t *private_key = t_buffer_create(32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = sizeof(signature);
	string_t *text = t_str_new(128);
	EVP_PKEY *key;

	if (hex_to_binary(ED25519_PRIVATE_HEX, private_key) < 0)
		i_unreached();
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
					   private_key->data,
					   private_key->used);
	sha256_get_digest(str_data(data), str_len(data), digest);
	if (EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, signature, &size, digest,
			   sizeof(digest)) != 1)
		i_unreached();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	base64_encode(signature, size, text);
	return str_c(text);
}

void reference_field_set_tag(struct reference_field *field, const char *name,
			     const char *value)
{
	string_t *data = t_str_new(field->size + strlen(value));
	size_t offset, size;

	/* the field's own CRLF is not the tag's */
	if (!reference_tag_find(field->data + field->value_offset,
				field->size - field->value_offset - 2,
				name, &offset, &size))
		i_unreached();
	offset += field->value_offset;
	str_append_data(data, field->data, offset);
	str_append(data, value);
	str_append_data(data, field->data + offset + size,
			field->size - offset - size);
	field->data = str_data(data);
	field->size = str_len(data);
}

string_t *reference_message_write(const struct reference_message *message)
{
	string_t *text = t_str_new(1024);
	const struct reference_field *field;

	array_foreach(&message->fields, field)
		str_append_data(text, field->data, field->size);
	str_append(text, "\r\n");
	str_append_str(text, message->body);
	return text;
}

static void fuzz_mail_header(const struct msg_header *header, void *context)
{
	struct fuzz_mail *mail = context;

	mail->header = header;
}

static void
fuzz_mail_body(const unsigned char *data, size_t size, void *context)
{
	struct fuzz_mail *mail = context;

	str_append_data(mail->body, data, size);
}

void fuzz_mail_init(struct fuzz_mail *mail_r, const string_t *text)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = fuzz_mail_header,
		.body = fuzz_mail_body,
	};
	struct msg_parser *parser;

	i_zero(mail_r);
	mail_r->pool = pool_alloconly_create("fuzz mail", 4096);
	mail_r->body = str_new(mail_r->pool, 1024);
	parser = msg_parser_init(mail_r->pool, &v, mail_r);
	msg_parser_more(parser, str_data(text), str_len(text));
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
}

static void fuzz_resolved(void *context)
{
	bool *done = context;

	*done = TRUE;
}

void fuzz_resolve(struct dns_session *dns)
{
	bool done = FALSE;

	dns_session_resolve(dns, fuzz_resolved, &done);
	i_assert(done);
}
