/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hash.h"
#include "ioloop.h"
#include "llist.h"
#include "authres-limits.h"
#include "der-reader.h"
#include "public-key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#define ED25519_KEY_BYTES 32
/* Every exponent in use is below: it bounds the cost of one verification. */
#define RSA_MAX_EXPONENT_BITS 64
/* What OpenSSL holds for a key besides its numbers, measured. */
#define PUBLIC_KEY_OVERHEAD_BYTES 3072

struct public_key {
	int refcount;
	enum public_key_type type;
	unsigned int bits;
	EVP_PKEY *pkey;

	/* in a cache: most recently used first */
	struct public_key *prev, *next;
	time_t expires;
	size_t data_size;
	unsigned char data[];
};

struct public_key_cache {
	HASH_TABLE(struct public_key *, struct public_key *) keys;
	struct public_key *head, *tail;
	size_t bytes, max_bytes;
};

static unsigned int public_key_hash(const struct public_key *key)
{
	return mem_hash(key->data, key->data_size) ^ key->type;
}

static int public_key_cmp(const struct public_key *key1,
			  const struct public_key *key2)
{
	if (key1->type != key2->type || key1->data_size != key2->data_size)
		return 1;
	return memcmp(key1->data, key2->data, key1->data_size);
}

struct public_key_cache *public_key_cache_init(size_t max_bytes)
{
	struct public_key_cache *cache = i_new(struct public_key_cache, 1);

	cache->max_bytes = max_bytes;
	hash_table_create(&cache->keys, default_pool, 0,
			  public_key_hash, public_key_cmp);
	return cache;
}

static size_t public_key_memory_bytes(const struct public_key *key)
{
	/* the bytes themselves, and OpenSSL's numbers made of them */
	return PUBLIC_KEY_OVERHEAD_BYTES + 4 * key->data_size;
}

static void public_key_cache_remove(struct public_key_cache *cache,
				    struct public_key *key)
{
	hash_table_remove(cache->keys, key);
	DLLIST2_REMOVE(&cache->head, &cache->tail, key);
	cache->bytes -= public_key_memory_bytes(key);
	public_key_unref(&key);
}

void public_key_cache_deinit(struct public_key_cache **_cache)
{
	struct public_key_cache *cache = *_cache;

	*_cache = NULL;
	if (cache == NULL)
		return;
	while (cache->head != NULL)
		public_key_cache_remove(cache, cache->head);
	hash_table_destroy(&cache->keys);
	i_free(cache);
}

static struct public_key *
public_key_alloc(enum public_key_type type,
		 const unsigned char *data, size_t size)
{
	struct public_key *key = i_malloc(MALLOC_ADD(sizeof(*key), size));

	key->refcount = 1;
	key->type = type;
	key->data_size = size;
	memcpy(key->data, data, size);
	return key;
}

static struct public_key *
public_key_cache_find(struct public_key_cache *cache,
		      const struct public_key *wanted)
{
	struct public_key *key = hash_table_lookup(cache->keys, wanted);

	if (key == NULL)
		return NULL;
	if (key->expires <= ioloop_time) {
		public_key_cache_remove(cache, key);
		return NULL;
	}
	DLLIST2_REMOVE(&cache->head, &cache->tail, key);
	DLLIST2_PREPEND(&cache->head, &cache->tail, key);
	key->refcount++;
	return key;
}

static void public_key_cache_add(struct public_key_cache *cache,
				 struct public_key *key, unsigned int ttl_secs)
{
	size_t bytes = public_key_memory_bytes(key);

	if (ttl_secs == 0 || bytes > cache->max_bytes)
		return;
	while (cache->bytes > cache->max_bytes - bytes)
		public_key_cache_remove(cache, cache->tail);
	key->expires = ioloop_time + ttl_secs;
	key->refcount++;
	cache->bytes += bytes;
	hash_table_insert(cache->keys, key, key);
	DLLIST2_PREPEND(&cache->head, &cache->tail, key);
}

static EVP_PKEY *rsa_pkey_new(BIGNUM *n, BIGNUM *e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (ctx != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
	    (params = OSSL_PARAM_BLD_to_param(build)) != NULL &&
	    EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static const char *rsa_numbers_check(const BIGNUM *n, const BIGNUM *e)
{
	if (BN_num_bits(n) > AUTHRES_MAX_KEY_BITS) {
		return t_strdup_printf("rsa key is longer than %u bits",
				       AUTHRES_MAX_KEY_BITS);
	}
	if (BN_num_bits(e) > RSA_MAX_EXPONENT_BITS) {
		return t_strdup_printf("rsa exponent is longer than %u bits",
				       RSA_MAX_EXPONENT_BITS);
	}
	if (BN_is_zero(n) || !BN_is_odd(n) || BN_is_one(e) || !BN_is_odd(e))
		return "rsa key has impossible numbers";
	return NULL;
}

static int public_key_decode_rsa(struct public_key *key, const char **error_r)
{
	struct der_rsa_public_key der;
	BIGNUM *n, *e;

	if (der_read_rsa_public_key(key->data, key->data_size, &der) < 0) {
		*error_r = "tag p is not an rsa key";
		return -1;
	}
	/* bounded before OpenSSL sees it */
	if (der.modulus_size > AUTHRES_MAX_KEY_BITS / 8) {
		*error_r = t_strdup_printf("rsa key is longer than %u bits",
					   AUTHRES_MAX_KEY_BITS);
		return -1;
	}
	n = BN_bin2bn(der.modulus, der.modulus_size, NULL);
	e = BN_bin2bn(der.exponent, der.exponent_size, NULL);
	if (n == NULL || e == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: no memory for a key");
	*error_r = rsa_numbers_check(n, e);
	if (*error_r == NULL) {
		key->bits = BN_num_bits(n);
		key->pkey = rsa_pkey_new(n, e);
		if (key->pkey == NULL)
			*error_r = "OpenSSL refuses the rsa key";
	}
	BN_free(n);
	BN_free(e);
	return *error_r == NULL ? 0 : -1;
}

static int
public_key_decode_ed25519(struct public_key *key, const char **error_r)
{
	if (key->data_size != ED25519_KEY_BYTES) {
		*error_r = "tag p is not an ed25519 key";
		return -1;
	}
	key->bits = ED25519_KEY_BYTES * 8;
	key->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						key->data, key->data_size);
	if (key->pkey == NULL) {
		*error_r = "OpenSSL refuses the ed25519 key";
		return -1;
	}
	return 0;
}

static int public_key_decode_data(struct public_key *key, const char **error_r)
{
	switch (key->type) {
	case PUBLIC_KEY_RSA:
		return public_key_decode_rsa(key, error_r);
	case PUBLIC_KEY_ED25519:
		return public_key_decode_ed25519(key, error_r);
	}
	i_unreached();
}

int public_key_decode(struct public_key_cache *cache,
		      enum public_key_type type,
		      const unsigned char *data, size_t size,
		      unsigned int ttl_secs, struct public_key **key_r,
		      const char **error_r)
{
	struct public_key *key = public_key_alloc(type, data, size);

	if (cache != NULL) {
		*key_r = public_key_cache_find(cache, key);
		if (*key_r != NULL) {
			public_key_unref(&key);
			return 0;
		}
	}
	if (public_key_decode_data(key, error_r) < 0) {
		ERR_clear_error();
		public_key_unref(&key);
		return -1;
	}
	if (cache != NULL)
		public_key_cache_add(cache, key, ttl_secs);
	*key_r = key;
	return 0;
}

void public_key_unref(struct public_key **_key)
{
	struct public_key *key = *_key;

	*_key = NULL;
	if (key == NULL)
		return;
	i_assert(key->refcount > 0);
	if (--key->refcount > 0)
		return;
	EVP_PKEY_free(key->pkey);
	i_free(key);
}

unsigned int public_key_bits(const struct public_key *key)
{
	return key->bits;
}

enum public_key_type public_key_get_type(const struct public_key *key)
{
	return key->type;
}

int public_key_verify(struct public_key *key,
		      const unsigned char *data, size_t size,
		      const unsigned char *signature, size_t signature_size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	const EVP_MD *md = EVP_sha256();
	unsigned int digest_size;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	if (ctx == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: no context");
	if (key->type == PUBLIC_KEY_ED25519) {
		/* PureEdDSA over the hash, RFC 8463 section 3 */
		if (EVP_Digest(data, size, digest, &digest_size,
			       md, NULL) != 1)
			i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: no SHA-256");
		data = digest;
		size = digest_size;
		md = NULL;
	}
	good = EVP_DigestVerifyInit(ctx, NULL, md, NULL, key->pkey) == 1 &&
		EVP_DigestVerify(ctx, signature, signature_size,
				 data, size) == 1;
	ERR_clear_error();
	EVP_MD_CTX_free(ctx);
	return good ? 1 : 0;
}
