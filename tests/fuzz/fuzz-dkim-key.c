/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "resolver.h"
#include "dkim-signature.h"
#include "dkim-key.h"
#include "fuzzer.h"

/* The input is the TXT record of a key. */

struct fuzz_key {
	int ret;
	enum check_result_word result;
	const char *reason;
	struct dkim_key key;
};

static void fuzz_key_get(const struct dns_answer *answer,
			 const struct dkim_signature *sig,
			 struct public_key_cache *cache, struct fuzz_key *key_r)
{
	i_zero(key_r);
	key_r->ret = dkim_key_get(answer, sig, cache, &key_r->key,
				  &key_r->result, &key_r->reason);
	i_assert((key_r->ret == 0) == (key_r->reason == NULL));
	i_assert((key_r->ret == 0) == (key_r->key.key != NULL));
	i_assert((key_r->ret == 0) == (key_r->key.bits > 0));
	i_assert(key_r->key.bits <= AUTHRES_MAX_KEY_BITS);
	i_assert(key_r->ret == 0 || key_r->result == CHECK_RESULT_PERMERROR);
}

/* A signature that nobody made is never good. */
static void check_verify(struct public_key *key)
{
	unsigned char signature[AUTHRES_MAX_KEY_BITS / 8];
	size_t size = (public_key_bits(key) + 7) / 8;

	memset(signature, 1, sizeof(signature));
	i_assert(public_key_verify(key, signature, 10, signature, size) == 0);
	i_assert(public_key_verify(key, signature, 10, signature, 64) == 0);
	i_assert(public_key_verify(key, signature, 10, signature, 0) == 0);
}

static void check_key(const struct dns_answer *answer,
		      const struct dkim_signature *sig,
		      const struct dkim_key_record *record)
{
	struct public_key_cache *cache = public_key_cache_init(65536);
	struct fuzz_key plain, first, cached;

	fuzz_key_get(answer, sig, NULL, &plain);
	fuzz_key_get(answer, sig, cache, &first);
	fuzz_key_get(answer, sig, cache, &cached);
	/* a cache changes nothing */
	i_assert(plain.ret == first.ret && plain.ret == cached.ret);
	i_assert(first.key.key == cached.key.key);
	i_assert(null_strcmp(plain.reason, cached.reason) == 0);
	i_assert(plain.key.bits == cached.key.bits);
	i_assert(plain.key.test == cached.key.test);
	i_assert(plain.ret < 0 || record != NULL);
	if (plain.ret == 0) {
		i_assert(record->size > 0 && record->sha256 && record->email);
		i_assert(record->type == sig->key_type);
		i_assert(record->test == plain.key.test);
		i_assert(!record->no_subdomains ||
			 strcmp(sig->sdid, sig->auid_domain) == 0);
		i_assert(public_key_get_type(plain.key.key) == record->type);
		i_assert(record->type == PUBLIC_KEY_RSA ||
			 plain.key.bits == 256);
		check_verify(plain.key.key);
	}
	public_key_unref(&plain.key.key);
	public_key_unref(&first.key.key);
	public_key_unref(&cached.key.key);
	public_key_cache_deinit(&cache);
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	static const struct dkim_signature signatures[] = {
		{ .key_type = PUBLIC_KEY_RSA, .sdid = "example.org",
		  .auid_domain = "example.org", .key_name = "k" },
		{ .key_type = PUBLIC_KEY_ED25519, .sdid = "example.org",
		  .auid_domain = "example.org", .key_name = "k" },
		{ .key_type = PUBLIC_KEY_RSA, .sdid = "example.org",
		  .auid_domain = "sub.example.org", .key_name = "k" },
		{ .key_type = PUBLIC_KEY_ED25519, .sdid = "example.org",
		  .auid_domain = "sub.example.org", .key_name = "k" },
	};
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct dkim_key_record record;
	struct dns_record *dns_record;
	struct dns_answer answer;
	const char *error = NULL;
	unsigned char *text = p_malloc(pool, size + 1);
	unsigned int i;
	int ret;

	memcpy(text, data, size);
	i_zero(&answer);
	answer.status = DNS_STATUS_ANSWER;
	answer.ttl_secs = 300;
	p_array_init(&answer.records, pool, 1);
	dns_record = array_append_space(&answer.records);
	dns_record->text = text;
	dns_record->text_size = size;

	ret = dkim_key_record_parse(pool, data, size, &record, &error);
	i_assert((ret == 0) == (error == NULL));
	i_assert(ret < 0 || record.size == 0 || record.data != NULL);
	for (i = 0; i < N_ELEMENTS(signatures); i++)
		check_key(&answer, &signatures[i], ret == 0 ? &record : NULL);
	pool_unref(&pool);
}
FUZZ_END
