/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "base64.h"
#include "str.h"
#include "llist.h"
#include "body-hash.h"
#include "canonicalize.h"
#include "canonicalize-body.h"
#include "test-signing.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

struct test_key {
	EVP_PKEY *pkey;
	bool ed25519;
};

struct test_key *test_key_rsa(unsigned int bits)
{
	struct test_key *key = i_new(struct test_key, 1);

	key->pkey = EVP_RSA_gen(bits);
	i_assert(key->pkey != NULL);
	return key;
}

struct test_key *test_key_ed25519(void)
{
	struct test_key *key = i_new(struct test_key, 1);

	key->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	key->ed25519 = TRUE;
	i_assert(key->pkey != NULL);
	return key;
}

void test_key_free(struct test_key **_key)
{
	struct test_key *key = *_key;

	*_key = NULL;
	EVP_PKEY_free(key->pkey);
	i_free(key);
}

static const char *t_base64(const void *data, size_t size)
{
	string_t *text = t_str_new(size * 2);

	base64_encode(data, size, text);
	return str_c(text);
}

const char *t_test_key_p(const struct test_key *key)
{
	unsigned char *der = NULL, raw[32];
	size_t size = sizeof(raw);
	const char *text;
	int ret;

	if (key->ed25519) {
		ret = EVP_PKEY_get_raw_public_key(key->pkey, raw, &size);
		i_assert(ret == 1);
		return t_base64(raw, size);
	}
	ret = i2d_PUBKEY(key->pkey, &der);
	i_assert(ret > 0);
	text = t_base64(der, ret);
	OPENSSL_free(der);
	return text;
}

const char *t_test_key_p_bare(const struct test_key *key)
{
	unsigned char *der = NULL;
	const char *text;
	int ret = i2d_PublicKey(key->pkey, &der);

	i_assert(ret > 0);
	text = t_base64(der, ret);
	OPENSSL_free(der);
	return text;
}

const char *t_test_key_sign(const struct test_key *key,
			    const void *data, size_t size)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[2048];
	size_t signature_size = sizeof(signature);
	int ret;

	if (key->ed25519) {
		SHA256(data, size, digest);
		data = digest;
		size = sizeof(digest);
	}
	ret = EVP_DigestSignInit(ctx, NULL, key->ed25519 ? NULL : EVP_sha256(),
				 NULL, key->pkey);
	i_assert(ret == 1);
	ret = EVP_DigestSign(ctx, signature, &signature_size, data, size);
	i_assert(ret == 1);
	EVP_MD_CTX_free(ctx);
	return t_base64(signature, signature_size);
}

static void test_header_done(const struct msg_header *header, void *context)
{
	struct test_message *message = context;

	message->header = header;
}

static void append_body(const unsigned char *data, size_t size, void *context)
{
	struct test_message *message = context;

	str_append_data(message->body, data, size);
}

void test_message_parse(pool_t pool, const void *data, size_t size,
			struct test_message *message_r)
{
	static const struct msg_parser_vfuncs vfuncs = {
		.header_done = test_header_done,
		.body = append_body
	};
	struct msg_parser *parser =
		msg_parser_init(pool, &vfuncs, message_r);

	message_r->body = str_new(pool, 1024);
	msg_parser_more(parser, data, size);
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
}

void test_message_hash_body(const struct test_message *message,
			    struct body_hash_set *hashes)
{
	size_t pos, piece, size = str_len(message->body);

	for (pos = 0; pos < size; pos += piece) {
		piece = I_MIN(7, size - pos);
		body_hash_more(hashes, str_data(message->body) + pos, piece);
	}
	body_hash_finish(hashes);
}

const char *t_test_tag(const char *tags, const char *name)
{
	const char *const *list, *equals;

	for (list = t_strsplit(tags, ";"); *list != NULL; list++) {
		equals = strchr(*list, '=');
		if (equals != NULL &&
		    strcmp(t_str_trim(t_strdup_until(*list, equals), " \t\r\n"),
			   name) == 0)
			return t_str_trim(equals + 1, " \t\r\n");
	}
	return NULL;
}

const char *t_test_replace(const char *text, const char *from, const char *to)
{
	string_t *dest = t_str_new(strlen(text) + 128);
	const char *p;

	while ((p = strstr(text, from)) != NULL) {
		str_append_data(dest, text, p - text);
		str_append(dest, to);
		text = p + strlen(from);
	}
	str_append(dest, text);
	return str_c(dest);
}

static void append_output(const unsigned char *data, size_t size, void *context)
{
	str_append_data(context, data, size);
}

static const char *
t_test_body_hash(const struct test_message *message, const char *tags)
{
	struct canonical_body *body = i_new(struct canonical_body, 1);
	const char *c = t_test_tag(tags, "c"), *l = t_test_tag(tags, "l");
	const char *slash = c == NULL ? NULL : strchr(c, '/');
	string_t *canonical = t_str_new(1024);
	unsigned char digest[SHA256_DIGEST_LENGTH];
	size_t size;

	canonical_body_init(body, slash != NULL &&
			    strcasecmp(slash + 1, "relaxed") == 0 ?
			    CANONICALIZATION_RELAXED : CANONICALIZATION_SIMPLE,
			    append_output, canonical);
	canonical_body_more(body, str_data(message->body),
			    str_len(message->body));
	canonical_body_finish(body);
	i_free(body);
	size = str_len(canonical);
	if (l != NULL && strtoull(l, NULL, 10) < size)
		size = strtoull(l, NULL, 10);
	SHA256(str_data(canonical), size, digest);
	return t_base64(digest, sizeof(digest));
}

static enum canonicalization header_canonicalization(const char *tags)
{
	const char *c = t_test_tag(tags, "c");

	return c != NULL && strncasecmp(c, "relaxed", 7) == 0 ?
		CANONICALIZATION_RELAXED : CANONICALIZATION_SIMPLE;
}

static void append_signed_fields(const struct test_message *message,
				 const char *tags, string_t *dest)
{
	const struct msg_field *fields;
	const char *h = t_test_tag(tags, "h"), *const *names;
	unsigned int i, count;
	bool *used;

	if (h == NULL)
		return;
	fields = array_get(&message->header->fields, &count);
	used = t_new(bool, count + 1);
	for (names = t_strsplit(h, ":"); *names != NULL; names++) {
		const char *name = t_str_trim(*names, " \t\r\n");

		for (i = count; i > 0; i--) {
			if (!used[i-1] && *name != '\0' &&
			    strcasecmp(fields[i-1].name, name) == 0) {
				used[i-1] = TRUE;
				canonicalize_field(dest, &fields[i-1],
					header_canonicalization(tags), TRUE);
				break;
			}
		}
	}
}

static const char *
t_test_sign_field(const struct test_key *key, string_t *data,
		  const char *field_name, const char *tags,
		  enum canonicalization canonicalization)
{
	struct msg_field field;
	const char *text = t_strconcat(field_name, ":",
				       t_test_replace(tags, "$B", ""),
				       "\r\n", NULL);

	i_zero(&field);
	field.name = field_name;
	field.data = (const unsigned char *)text;
	field.size = strlen(text);
	field.value_offset = strlen(field_name) + 1;
	canonicalize_field(data, &field, canonicalization, FALSE);
	return t_strconcat(field_name, ":",
		t_test_replace(tags, "$B", t_test_key_sign(key, str_data(data),
							   str_len(data))),
		"\r\n", NULL);
}

const char *t_test_sign(const struct test_key *key, const char *text,
			const char *field_name, const char *tags)
{
	pool_t pool = pool_alloconly_create("signed message", 4096);
	string_t *data = t_str_new(1024);
	struct test_message message;
	const char *result;

	test_message_parse(pool, text, strlen(text), &message);
	tags = t_test_replace(tags, "$H", t_test_body_hash(&message, tags));
	append_signed_fields(&message, tags, data);
	result = t_test_sign_field(key, data, field_name, tags,
				   header_canonicalization(tags));
	pool_unref(&pool);
	return result;
}

const char *t_test_sign_data(const struct test_key *key, const char *before,
			     const char *field_name, const char *tags)
{
	string_t *data = t_str_new(1024);

	str_append(data, before);
	return t_test_sign_field(key, data, field_name, tags,
				 CANONICALIZATION_RELAXED);
}

struct test_request {
	struct resolver_request request;
	struct test_request *prev, *next;
	const struct test_answer *answer;
	resolver_callback_t *callback;
	void *context;
};

struct test_resolver {
	struct resolver resolver;
	const struct test_answer *answers;
	unsigned int count, questions;
	struct test_request *waiting;
};

static void test_resolver_deinit(struct resolver *_resolver)
{
	struct test_resolver *resolver = (struct test_resolver *)_resolver;

	i_assert(resolver->waiting == NULL);
	i_free(resolver);
}

static void test_answer_send(const struct test_answer *wanted,
			     resolver_callback_t *callback, void *context)
{
	struct dns_answer answer;
	struct dns_record *record;
	unsigned int i;

	i_zero(&answer);
	answer.status = wanted == NULL ? DNS_STATUS_NXDOMAIN : wanted->status;
	answer.ttl_secs = 300;
	if (answer.status == DNS_STATUS_TEMPORARY)
		answer.reason = "server failure";
	t_array_init(&answer.records, 2);
	for (i = 0; wanted != NULL && wanted->texts[i] != NULL; i++) {
		record = array_append_space(&answer.records);
		record->text = (const unsigned char *)wanted->texts[i];
		record->text_size = i == 0 && wanted->size > 0 ?
			wanted->size : strlen(wanted->texts[i]);
	}
	callback(&answer, context);
}

static struct resolver_request *
test_resolver_ask(struct resolver *_resolver,
		  const struct resolver_question *question,
		  resolver_callback_t *callback, void *context)
{
	struct test_resolver *resolver = (struct test_resolver *)_resolver;
	const struct test_answer *answer = NULL;
	struct test_request *request;
	unsigned int i;

	i_assert(question->type == DNS_TYPE_TXT);
	resolver->questions++;
	for (i = 0; i < resolver->count && answer == NULL; i++) {
		if (strcmp(resolver->answers[i].name, question->name) == 0)
			answer = &resolver->answers[i];
	}
	if (answer == NULL || !answer->slow) {
		test_answer_send(answer, callback, context);
		return NULL;
	}
	request = i_new(struct test_request, 1);
	request->answer = answer;
	request->callback = callback;
	request->context = context;
	DLLIST_PREPEND(&resolver->waiting, request);
	return &request->request;
}

static void test_resolver_cancel(struct resolver_request *_request)
{
	struct test_request *request = (struct test_request *)_request;
	struct test_resolver *resolver =
		(struct test_resolver *)_request->resolver;

	DLLIST_REMOVE(&resolver->waiting, request);
	i_free(request);
}

struct resolver *
test_resolver_init(const struct test_answer *answers, unsigned int count)
{
	struct test_resolver *resolver = i_new(struct test_resolver, 1);

	resolver->resolver.v.deinit = test_resolver_deinit;
	resolver->resolver.v.ask = test_resolver_ask;
	resolver->resolver.v.cancel = test_resolver_cancel;
	resolver->answers = answers;
	resolver->count = count;
	return &resolver->resolver;
}

void test_resolver_release(struct resolver *_resolver)
{
	struct test_resolver *resolver = (struct test_resolver *)_resolver;
	struct test_request *request;

	while ((request = resolver->waiting) != NULL) {
		DLLIST_REMOVE(&resolver->waiting, request);
		test_answer_send(request->answer, request->callback,
				 request->context);
		i_free(request);
	}
}

unsigned int test_resolver_questions(struct resolver *_resolver)
{
	return ((struct test_resolver *)_resolver)->questions;
}
