/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "base64.h"
#include "buffer.h"
#include "hex-binary.h"
#include "ioloop.h"
#include "str.h"
#include "public-key.h"
#include "test-signing.h"
#include "test-common.h"
#include "test-file.h"

/* DER of a tiny RSA key: n = 0x00c1, e = 3 */
#define N_E "0202" "00c1" "0201" "03"
#define INFO "300d06092a864886f70d0101010500"

static const struct {
	const char *hex;
	/* NULL = decoded */
	const char *error;
} der_tests[] = {
	{ "3007" N_E, NULL },
	{ "301b" INFO "030a" "00" "3007" N_E, NULL },
	{ "", "not an rsa key" },
	{ "30", "not an rsa key" },
	{ "3000", "not an rsa key" },
	{ "3006" N_E, "not an rsa key" },
	{ "3008" N_E, "not an rsa key" },
	{ "3007" N_E "00", "not an rsa key" },
	{ "3107" N_E, "not an rsa key" },
	/* X.690 section 10.1: the shortest length */
	{ "308107" N_E, "not an rsa key" },
	{ "30820007" N_E, "not an rsa key" },
	{ "3080" N_E "0000", "not an rsa key" },
	{ "30ff" N_E, "not an rsa key" },
	{ "3084ffffffff" N_E, "not an rsa key" },
	{ "3082ffff" N_E, "not an rsa key" },
	{ "3081", "not an rsa key" },
	{ "308201", "not an rsa key" },
	/* section 8.3.2: the shortest number; no negative ones */
	{ "3008" "0203" "0000c1" "0201" "03", "not an rsa key" },
	{ "3006" "0201" "c1" "0201" "03", "not an rsa key" },
	{ "3005" "0200" "0201" "03", "not an rsa key" },
	{ "3007" "0202" "00c1" "0200" "03", "not an rsa key" },
	{ "3004" "0202" "00c1", "not an rsa key" },
	{ "300a" N_E "0201" "01", "not an rsa key" },
	{ "3007" "0202" "00c1" "0202" "03", "not an rsa key" },
	/* zero, even, one */
	{ "3006" "0201" "00" "0201" "03", "not an rsa key" },
	{ "3007" "0202" "00c2" "0201" "03", "impossible numbers" },
	{ "3007" "0202" "00c1" "0201" "01", "impossible numbers" },
	{ "3007" "0202" "00c1" "0201" "02", "impossible numbers" },
	{ "3007" "0202" "00c1" "0201" "00", "not an rsa key" },
	/* an exponent of 65 bits */
	{ "300f" "0202" "00c1" "0209" "010000000000000001", "exponent is longer than 64" },
	/* SubjectPublicKeyInfo with something else in it */
	{ "301b" "300d06092a864886f70d01010a0500" "030a" "00" "3007" N_E, "not an rsa key" },
	{ "3019" "300b06092a864886f70d010101" "030a" "00" "3007" N_E, "not an rsa key" },
	{ "301b" INFO "030a" "01" "3007" N_E, "not an rsa key" },
	{ "3011" INFO "0300", "not an rsa key" },
	{ "3012" INFO "030100", "not an rsa key" },
	{ "301c" INFO "030b" "00" "3007" N_E "00", "not an rsa key" },
	{ "301d" INFO "030a" "00" "3007" N_E "0500", "not an rsa key" },
	{ "301b" INFO "040a" "00" "3007" N_E, "not an rsa key" },
};

static void test_public_key_der(void)
{
	struct public_key *key;
	const char *error;
	unsigned int i;
	int ret;

	test_begin("public key: DER");
	for (i = 0; i < N_ELEMENTS(der_tests); i++) {
		buffer_t *data = t_buffer_create(64);
		void *copy;

		test_assert_idx(hex_to_binary(der_tests[i].hex, data) == 0, i);
		copy = i_malloc(I_MAX(data->used, 1));
		if (data->used > 0)
			memcpy(copy, data->data, data->used);
		error = NULL;
		ret = public_key_decode(NULL, PUBLIC_KEY_RSA, copy, data->used,
					60, &key, &error);
		i_free(copy);
		if (der_tests[i].error == NULL) {
			test_assert_idx(ret == 0, i);
			if (ret == 0) {
				test_assert(public_key_bits(key) == 8);
				test_assert(public_key_get_type(key) ==
					    PUBLIC_KEY_RSA);
				public_key_unref(&key);
			}
		} else {
			test_assert_idx(ret == -1 && error != NULL &&
				strstr(error, der_tests[i].error) != NULL, i);
			if (ret == 0)
				public_key_unref(&key);
		}
	}
	test_end();
}

/* Every prefix and every changed byte of a good key. */
static void test_public_key_der_broken(void)
{
	struct test_key *test_key = test_key_rsa(1024);
	const char *p = t_test_key_p(test_key), *error;
	buffer_t *data = t_base64_decode_str(p);
	struct public_key *key;
	unsigned char *copy;
	unsigned int i, decoded = 0;

	test_begin("public key: broken DER");
	for (i = 0; i < data->used; i++) T_BEGIN {
		copy = i_malloc(I_MAX(i, 1));
		memcpy(copy, data->data, i);
		test_assert(public_key_decode(NULL, PUBLIC_KEY_RSA, copy, i, 60,
					      &key, &error) == -1);
		i_free(copy);
		copy = i_memdup(data->data, data->used);
		copy[i] ^= 0x81;
		if (public_key_decode(NULL, PUBLIC_KEY_RSA, copy, data->used,
				      60, &key, &error) == 0) {
			decoded++;
			public_key_unref(&key);
		}
		i_free(copy);
	} T_END;
	/* only within the numbers: not their first, last or any header byte */
	test_assert(decoded > 0 && decoded <= 128 + 3);
	test_key_free(&test_key);
	test_end();
}

static void test_public_key_big(void)
{
	unsigned char *der = i_malloc(4096);
	struct public_key *key;
	static const unsigned char exponent[] = { 0x02, 0x01, 0x03 };
	const char *error = NULL;
	size_t modulus_size;

	test_begin("public key: size limit");
	for (modulus_size = 2048; modulus_size <= 2049; modulus_size++) {
		size_t size = modulus_size + 1 + 4 + 3;

		/* SEQUENCE { INTEGER 00 ff .. ff, INTEGER 3 } */
		memset(der, 0xff, 4096);
		const unsigned char begin[] = {
			0x30, 0x82, size >> 8, size & 0xff,
			0x02, 0x82, (modulus_size + 1) >> 8,
			(modulus_size + 1) & 0xff, 0x00
		};

		memcpy(der, begin, sizeof(begin));
		memcpy(der + sizeof(begin) + modulus_size, exponent,
		       sizeof(exponent));
		if (public_key_decode(NULL, PUBLIC_KEY_RSA, der, size + 4, 60,
				      &key, &error) == 0) {
			test_assert(modulus_size == 2048);
			test_assert(public_key_bits(key) == 16384);
			public_key_unref(&key);
		} else {
			test_assert(modulus_size == 2049);
			test_assert_strcmp(error, "rsa key is longer than 16384 bits");
		}
	}
	i_free(der);
	test_end();
}

static void test_public_key_verify(void)
{
	static const unsigned char text[] = "some text";
	struct test_key *test_key;
	struct public_key *key;
	const char *error;
	unsigned int ed25519;

	test_begin("public key: verify");
	for (ed25519 = 0; ed25519 < 2; ed25519++) {
		test_key = ed25519 != 0 ? test_key_ed25519() :
			test_key_rsa(1024);
		buffer_t *p = t_base64_decode_str(t_test_key_p(test_key));
		buffer_t *signature = t_base64_decode_str(
			t_test_key_sign(test_key, text, sizeof(text)));
		unsigned char *bytes =
			i_memdup(signature->data, signature->used);

		test_assert(public_key_decode(NULL, ed25519 != 0 ?
			PUBLIC_KEY_ED25519 : PUBLIC_KEY_RSA,
			p->data, p->used, 60, &key, &error) == 0);
		test_assert(public_key_bits(key) ==
			    (ed25519 != 0 ? 256 : 1024));
		test_assert(public_key_verify(key, text, sizeof(text),
					      bytes, signature->used) == 1);
		test_assert(public_key_verify(key, text, sizeof(text) - 1,
					      bytes, signature->used) == 0);
		test_assert(public_key_verify(key, text, sizeof(text),
					      bytes, signature->used - 1) == 0);
		test_assert(public_key_verify(key, text, sizeof(text),
					      bytes, 0) == 0);
		bytes[5] ^= 1;
		test_assert(public_key_verify(key, text, sizeof(text),
					      bytes, signature->used) == 0);
		i_free(bytes);
		public_key_unref(&key);
		test_key_free(&test_key);
	}
	test_end();
}

static void test_public_key_cache(void)
{
	struct public_key_cache *cache = public_key_cache_init(20000);
	struct public_key *key, *again, *first;
	unsigned char data[32];
	const char *error;
	unsigned int i;

	test_begin("public key: cache");
	ioloop_time = 1000;
	memset(data, 1, sizeof(data));
#define DECODE(ttl, key_r) \
	public_key_decode(cache, PUBLIC_KEY_ED25519, data, sizeof(data), \
			  ttl, key_r, &error)
	test_assert(DECODE(60, &first) == 0);
	test_assert(DECODE(60, &again) == 0);
	test_assert(first == again);
	public_key_unref(&again);
	/* the same bytes as another type are another key */
	test_assert(public_key_decode(cache, PUBLIC_KEY_RSA, data, sizeof(data),
				      60, &again, &error) == -1);
	/* the record's time is over */
	ioloop_time = 1060;
	test_assert(DECODE(0, &again) == 0);
	test_assert(first != again);
	/* ttl 0 is not kept */
	test_assert(DECODE(60, &key) == 0);
	test_assert(key != again);
	public_key_unref(&key);
	public_key_unref(&again);
	/* keys in use survive the cache's limit, the least used go first */
	for (i = 0; i < 100; i++) {
		data[0] = i;
		test_assert(DECODE(60, &key) == 0);
		public_key_unref(&key);
		data[0] = 0;
		test_assert(DECODE(60, &key) == 0);
		if (i == 0)
			again = key;
		test_assert_idx(key == again, i);
		public_key_unref(&key);
	}
	public_key_unref(&first);
	public_key_cache_deinit(&cache);
	test_assert(cache == NULL);

	/* no room for one */
	cache = public_key_cache_init(100);
	test_assert(DECODE(60, &key) == 0);
	test_assert(DECODE(60, &again) == 0);
	test_assert(key != again);
	public_key_unref(&key);
	public_key_unref(&again);
	public_key_cache_deinit(&cache);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_public_key_der,
		test_public_key_der_broken,
		test_public_key_big,
		test_public_key_verify,
		test_public_key_cache,
		NULL
	};
	return test_run(test_functions);
}
