#ifndef PUBLIC_KEY_H
#define PUBLIC_KEY_H

/* Public keys of DKIM and ARC, and the only file that knows OpenSSL's EVP. A
   decoded key is kept in a cache bounded by AUTHRES_MAX_KEY_CACHE_BYTES and by
   the TTL of the record it came from. */

struct public_key;
struct public_key_cache;

enum public_key_type {
	PUBLIC_KEY_RSA,
	PUBLIC_KEY_ED25519
};

struct public_key_cache *public_key_cache_init(size_t max_bytes);
void public_key_cache_deinit(struct public_key_cache **cache);

/* Decode p=: data is what base64 held. RSA as SubjectPublicKeyInfo or bare
   RSAPublicKey, ed25519 as 32 bytes (RFC 8463 section 4). cache may be NULL.
   Returns 0 and a reference, or -1 and error_r (data stack). */
int public_key_decode(struct public_key_cache *cache,
		      enum public_key_type type,
		      const unsigned char *data, size_t size,
		      unsigned int ttl_secs, struct public_key **key_r,
		      const char **error_r);
void public_key_unref(struct public_key **key);
unsigned int public_key_bits(const struct public_key *key);
enum public_key_type public_key_get_type(const struct public_key *key);

/* Verify a SHA-256 signature over data (RSASSA-PKCS1-v1_5), or ed25519 over
   SHA-256(data) (RFC 8463 section 3). Returns 1 = good, 0 = bad. */
int public_key_verify(struct public_key *key,
		      const unsigned char *data, size_t size,
		      const unsigned char *signature, size_t signature_size);

#endif
