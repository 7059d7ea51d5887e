/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "base64.h"
#include "sha2.h"
#include "str.h"
#include "canonicalize-body.h"
#include "body-hash.h"
#include "test-common.h"
#include "test-file.h"

static uint32_t test_random_state = 1;

static uint32_t test_random(void)
{
	test_random_state = test_random_state * 1664525 + 1013904223;
	return test_random_state >> 8;
}

static void append_output(const unsigned char *data, size_t size, void *context)
{
	str_append_data(context, data, size);
}

static string_t *
t_canonical(const void *data, size_t size,
	    enum canonicalization canonicalization)
{
	struct canonical_body *body = i_new(struct canonical_body, 1);
	string_t *dest = t_str_new(size + 16);

	canonical_body_init(body, canonicalization, append_output, dest);
	canonical_body_more(body, data, size);
	canonical_body_finish(body);
	i_free(body);
	return dest;
}

static void
test_hash(struct body_hash_set *set, unsigned int handle,
	  const string_t *canonical, uoff_t length)
{
	const struct body_hash *hash = body_hash_get(set, handle);
	unsigned char digest[SHA256_RESULTLEN];
	size_t size = str_len(canonical);

	if (length < size)
		size = length;
	sha256_get_digest(str_data(canonical), size, digest);
	test_assert(memcmp(hash->digest, digest, sizeof(digest)) == 0);
	test_assert(hash->canonical_bytes == str_len(canonical));
	test_assert(hash->hashed_bytes == size);
}

static const struct {
	const char *body;
	enum canonicalization canonicalization;
	const char *digest;
} known_tests[] = {
	/* RFC 6376 section 3.4.3 and 3.4.4, the empty body */
	{ "", CANONICALIZATION_SIMPLE,
	  "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=" },
	{ "", CANONICALIZATION_RELAXED,
	  "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
	/* RFC 6376 appendix A.2, RFC 8463 appendix A.3 */
	{ "Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n",
	  CANONICALIZATION_SIMPLE,
	  "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=" },
	{ "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n\r\n",
	  CANONICALIZATION_RELAXED,
	  "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=" },
};

static void test_body_hash_known(void)
{
	unsigned int i, handle;

	test_begin("body hash: known values");
	for (i = 0; i < N_ELEMENTS(known_tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("hashes", 1024);
		struct body_hash_set *set = body_hash_set_init(pool);
		string_t *digest = t_str_new(64);

		handle = body_hash_add(set, known_tests[i].canonicalization,
				       BODY_HASH_WHOLE);
		body_hash_more(set, (const void *)known_tests[i].body,
			       strlen(known_tests[i].body));
		body_hash_finish(set);
		base64_encode(body_hash_get(set, handle)->digest,
			      BODY_HASH_BYTES, digest);
		test_assert_strcmp_idx(str_c(digest), known_tests[i].digest, i);
		body_hash_set_deinit(&set);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_body_hash_random(void)
{
	static const char *const parts[] = {
		"\r\n", "\r\n", " ", "\t", "word", "two words", "\xff", "\r"
	};
	unsigned int i, j;

	test_begin("body hash: any number of lengths, any pieces");
	for (i = 0; i < 1000; i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("hashes", 1024);
		struct body_hash_set *set = body_hash_set_init(pool);
		string_t *body = t_str_new(256), *canonical[2];
		unsigned int count = test_random() % 20, handles[20], whole[2];
		uoff_t lengths[20];
		size_t pos, piece;

		for (j = test_random() % 40; j > 0; j--) {
			str_append(body,
				   parts[test_random() % N_ELEMENTS(parts)]);
		}
		for (j = 0; j < 2; j++) {
			canonical[j] = t_canonical(str_data(body),
						   str_len(body), j);
			whole[j] = body_hash_add(set, j, BODY_HASH_WHOLE);
		}
		for (j = 0; j < count; j++) {
			lengths[j] = test_random() % (str_len(body) + 4);
			handles[j] = body_hash_add(set, j % 2, lengths[j]);
			test_assert(handles[j] ==
				    body_hash_add(set, j % 2, lengths[j]));
		}
		for (pos = 0; pos < str_len(body); pos += piece) {
			piece = 1 + test_random() % 30;
			piece = I_MIN(piece, str_len(body) - pos);
			body_hash_more(set, str_data(body) + pos, piece);
		}
		body_hash_finish(set);
		for (j = 0; j < 2; j++)
			test_hash(set, whole[j], canonical[j], BODY_HASH_WHOLE);
		for (j = 0; j < count; j++)
			test_hash(set, handles[j], canonical[j % 2],
				  lengths[j]);
		body_hash_set_deinit(&set);
		test_assert(set == NULL);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_body_hash_lengths(void)
{
	pool_t pool = pool_alloconly_create("hashes", 1024);
	struct body_hash_set *set = body_hash_set_init(pool);
	string_t *canonical = t_str_new(16);
	static const uoff_t lengths[] = {
		0, 1, 4, 5, 6, 7, 1000, (uoff_t)-2
	};
	unsigned int i, handles[N_ELEMENTS(lengths)];

	test_begin("body hash: lengths at the ends");
	str_append(canonical, "abcd\r\n");
	for (i = 0; i < N_ELEMENTS(lengths); i++) {
		handles[i] = body_hash_add(set, CANONICALIZATION_SIMPLE,
					   lengths[i]);
	}
	body_hash_more(set, (const void *)"abcd", 4);
	body_hash_finish(set);
	/* finishing twice changes nothing */
	body_hash_finish(set);
	for (i = 0; i < N_ELEMENTS(lengths); i++)
		test_hash(set, handles[i], canonical, lengths[i]);
	body_hash_set_deinit(&set);
	pool_unref(&pool);
	test_end();
}

/* What was reached has its hash, and nothing is made up for the rest. */
static void test_body_hash_cut(void)
{
	static const struct {
		uoff_t length;
		bool cut;
	} tests[] = {
		{ 0, FALSE }, { 1, FALSE }, { 100, FALSE }, { 601, TRUE },
		{ 1000, TRUE }, { BODY_HASH_WHOLE, TRUE },
	};
	pool_t pool = pool_alloconly_create("hashes", 1024);
	struct body_hash_set *cut = body_hash_set_init(pool);
	struct body_hash_set *whole = body_hash_set_init(pool);
	unsigned int i, handles[N_ELEMENTS(tests)];

	test_begin("body hash: body is cut");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		handles[i] = body_hash_add(cut, CANONICALIZATION_SIMPLE,
					   tests[i].length);
		test_assert(body_hash_add(whole, CANONICALIZATION_SIMPLE,
					  tests[i].length) == handles[i]);
	}
	for (i = 0; i < 100; i++) {
		body_hash_more(cut, (const void *)"abcd\r\n", 6);
		body_hash_more(whole, (const void *)"abcd\r\n", 6);
	}
	body_hash_cut(cut);
	/* it is finished with that */
	body_hash_finish(cut);
	body_hash_finish(whole);
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(body_hash_is_cut(cut, handles[i]) ==
				tests[i].cut, i);
		test_assert_idx(!body_hash_is_cut(whole, handles[i]), i);
		if (tests[i].cut)
			continue;
		test_assert_idx(memcmp(body_hash_get(cut, handles[i])->digest,
				       body_hash_get(whole, handles[i])->digest,
				       BODY_HASH_BYTES) == 0, i);
	}
	body_hash_set_deinit(&cut);
	body_hash_set_deinit(&whole);
	pool_unref(&pool);
	test_end();
}

static void test_body_hash_unused(void)
{
	pool_t pool = pool_alloconly_create("hashes", 1024);
	struct body_hash_set *set = body_hash_set_init(pool);

	test_begin("body hash: nothing asked for");
	body_hash_more(set, (const void *)"abcd", 4);
	body_hash_finish(set);
	body_hash_set_deinit(&set);
	body_hash_set_deinit(&set);
	test_assert(set == NULL);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_body_hash_known,
		test_body_hash_random,
		test_body_hash_lengths,
		test_body_hash_cut,
		test_body_hash_unused,
		NULL
	};
	return test_run(test_functions);
}
