/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "str.h"
#include "authres-limits.h"
#include "stored-verdict.h"
#include "test-common.h"
#include "test-file.h"

static const char *const ids[] = { "mx.example", "old.example", NULL };

#define NO_FIELD "it has no Authentication-Results field of ours on top"
#define OURS "Authentication-Results: mx.example; dmarc=fail header.from=a.example\n"

static const struct {
	const char *header;
	int ret;
	/* author domain, or why there is none */
	const char *result;
	const char *authserv_id;
} tests[] = {
	{ OURS "From: x@y\n\nbody", 1, "a.example", "mx.example" },
	{ OURS, 1, "a.example", "mx.example" },
	/* LMTP writes its own below ours */
	{ OURS "Return-Path: <x@y>\nReceived: x\n\n", 1, "a.example",
	  "mx.example" },
	{ "AUTHENTICATION-results:\r\n (c) MX.Example\r\n\t; dmarc=pass\r\n"
	  "\theader.from=a.example\r\n\r\n", 1, "a.example", "MX.Example" },
	{ "Authentication-Results: old.example 1; dmarc=pass "
	  "header.from=a.example\n\n", 1, "a.example", "old.example" },
	/* Sieve's addheader and another's Received-SPF come above */
	{ "X-Sieve: seen\nReceived-SPF: pass\n" OURS "\n", 1, "a.example",
	  "mx.example" },
	/* somebody else's above ours */
	{ "Authentication-Results: other.example; dmarc=pass "
	  "header.from=b.example\n" OURS "\n", 1, "a.example", "mx.example" },
	/* the topmost one of ours is it */
	{ OURS "Authentication-Results: mx.example; dmarc=pass "
	  "header.from=b.example\n\n", 1, "a.example", "mx.example" },
	{ "Authentication-Results: mx.example; none\n\n", 1, NULL,
	  "mx.example" },

	/* a client copied it here: another server had it last */
	{ "Return-Path: <x@y>\n" OURS "\n", 0, NO_FIELD, NULL },
	{ "received: from x by y\n" OURS "\n", 0, NO_FIELD, NULL },
	{ "Delivered-To: x\n" OURS "\n", 0, NO_FIELD, NULL },
	{ "X: y\nReceived: from x\n\tby y\nX: y\n" OURS "\n", 0, NO_FIELD,
	  NULL },
	/* not in the header */
	{ "From: x@y\n\n" OURS "\n", 0, NO_FIELD, NULL },
	{ "\n" OURS, 0, NO_FIELD, NULL },
	{ "", 0, NO_FIELD, NULL },
	{ "Authentication-Results: mx.example.org; dmarc=pass\n\n", 0,
	  NO_FIELD, NULL },
	{ "X-Authentication-Results: mx.example; dmarc=pass\n\n", 0,
	  NO_FIELD, NULL },
	{ "Authentication-Results:\n\n", 0, NO_FIELD, NULL },
	{ "Authentication-Results: x.example (mx.example; dmarc=pass\n\n", 0,
	  "its Authentication-Results field cannot be read: "
	  "comment does not end", NULL },
	{ "Authentication-Results: mx.example dmarc=pass\n\n", 0,
	  "its Authentication-Results field cannot be read: "
	  "junk after the authserv-id", NULL },
	/* what cannot be read hides nothing */
	{ "Authentication-Results: mx.example dmarc=pass\n" OURS "\n", 1,
	  "a.example", "mx.example" },
};

static int
read_header_named(pool_t pool, const void *data, size_t size,
		  unsigned int chunk, uint32_t name_digest,
		  struct stored_verdict *stored_r, const char **why_r)
{
	struct istream *input = test_istream_create_data(data, size);
	int ret;

	test_istream_set_max_buffer_size(input, chunk);
	ret = stored_verdict_read(pool, input, ids, name_digest, stored_r,
				  why_r);
	i_stream_unref(&input);
	return ret;
}

static int
read_header(pool_t pool, const void *data, size_t size, unsigned int chunk,
	    struct stored_verdict *stored_r, const char **why_r)
{
	return read_header_named(pool, data, size, chunk, 0, stored_r, why_r);
}

/* Delivered when our name was another one. */
static void test_stored_verdict_read_former_name(void)
{
#define FORMER "Authentication-Results: 3f2a9c1b7d55; dmarc=fail " \
	"header.from=a.example\n"
#define OTHER "Authentication-Results: other.example; dmarc=pass " \
	"header.from=b.example\n"
	static const struct {
		const char *header;
		/* of the index; NULL = no record */
		const char *name;
		/* author domain, NULL = none is ours */
		const char *result;
	} former_tests[] = {
		{ FORMER "Return-Path: <x@y>\n\n", "3F2a9c1b7d55",
		  "a.example" },
		/* anybody can write that */
		{ FORMER "Return-Path: <x@y>\n\n", NULL, NULL },
		{ FORMER "Return-Path: <x@y>\n\n", "9d0eaa115c00", NULL },
		{ OTHER FORMER "\n", "3f2a9c1b7d55", NULL },
		{ "X-Sieve: seen\n" FORMER OTHER "\n", "3f2a9c1b7d55",
		  "a.example" },
		{ "Return-Path: <x@y>\n" FORMER "\n", "3f2a9c1b7d55", NULL },
		/* today's name is ours whatever the record says */
		{ OTHER OURS "\n", "3f2a9c1b7d55", "a.example" },
		{ OURS FORMER "\n", "3f2a9c1b7d55", "a.example" },
		{ FORMER OURS "\n", "9d0eaa115c00", "a.example" },
	};
	struct stored_verdict stored;
	const char *why;
	pool_t pool = pool_alloconly_create("test stored verdict", 4096);

	test_begin("stored_verdict_read() former name");
	test_assert(authserv_id_digest("MX.example") ==
		    authserv_id_digest("mx.Example"));
	/* kept in indexes */
	test_assert(authserv_id_digest("mx.example") == 0x14b3d9);
	for (unsigned int i = 0; i < N_ELEMENTS(former_tests); i++) {
		const char *name = former_tests[i].name;
		int ret = read_header_named(pool, former_tests[i].header,
			strlen(former_tests[i].header), 8192,
			name == NULL ? 0 : authserv_id_digest(name),
			&stored, &why);

		test_assert_idx(ret == (former_tests[i].result != NULL), i);
		if (ret == 1) {
			test_assert_strcmp_idx(stored.verdict.author_domain,
					       former_tests[i].result, i);
		}
	}
	pool_unref(&pool);
	test_end();
}

static void test_stored_verdict_read(void)
{
	struct stored_verdict stored;
	const char *why;
	pool_t pool = pool_alloconly_create("test stored verdict", 4096);

	test_begin("stored_verdict_read()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		int ret = read_header(pool, tests[i].header,
				      strlen(tests[i].header), 8192, &stored,
				      &why);

		test_assert_idx(ret == tests[i].ret, i);
		if (ret != 1) {
			test_assert_strcmp_idx(why, tests[i].result, i);
			continue;
		}
		test_assert_strcmp_idx(stored.authserv_id,
				       tests[i].authserv_id, i);
		test_assert_idx(null_strcmp(stored.verdict.author_domain,
					    tests[i].result) == 0, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_stored_verdict_read_hostile(void)
{
	struct stored_verdict stored;
	const char *why;
	string_t *str = t_str_new(4096);
	pool_t pool = pool_alloconly_create("test stored verdict", 4096);

	test_begin("stored_verdict_read() hostile");
	test_assert(read_header(pool, "Authentication-Results: mx.example\0; "
				"dmarc=pass\n\n", 50, 8192, &stored,
				&why) == 0);
	test_assert(strstr(why, "cannot be read") != NULL);

	str_append(str, "Authentication-Results: mx.example; dmarc=pass");
	while (str_len(str) <= 2 * AUTHRES_MAX_FIELD_BYTES)
		str_append(str, "\n spf=pass;");
	str_append(str, "\n\n");
	test_assert(read_header(pool, str_data(str), str_len(str), 8192,
				&stored, &why) == 0);
	test_assert(strstr(why, "too long") != NULL);

	str_truncate(str, 0);
	while (str_len(str) < 2 * AUTHRES_MAX_FIELD_BYTES)
		str_append(str, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	str_append(str, ": y\n" OURS "\n");
	test_assert(read_header(pool, str_data(str), str_len(str), 1024,
				&stored, &why) >= 0);

	str_truncate(str, 0);
	for (unsigned int i = 0; i < 10000; i++)
		str_append(str, "Authentication-Results: x.example; none\n");
	str_append(str, OURS);
	test_assert(read_header(pool, str_data(str), str_len(str), 8192,
				&stored, &why) == 1);
	pool_unref(&pool);
	test_end();
}

static void test_stored_verdict_read_error(void)
{
	struct stored_verdict stored;
	struct istream *input;
	const char *why;
	pool_t pool = pool_alloconly_create("test stored verdict", 4096);

	test_begin("stored_verdict_read() read error");
	input = i_stream_create_error_str(EIO, "no disk");
	test_assert(stored_verdict_read(pool, input, ids, 0, &stored,
					&why) == -1);
	test_assert(strstr(why, "no disk") != NULL);
	i_stream_unref(&input);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_stored_verdict_read,
		test_stored_verdict_read_former_name,
		test_stored_verdict_read_hostile,
		test_stored_verdict_read_error,
		NULL
	};
	return test_run(test_functions);
}
