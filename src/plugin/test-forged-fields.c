/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "istream.h"
#include "ostream.h"
#include "authres-limits.h"
#include "forged-fields.h"
#include "test-common.h"
#include "test-file.h"

#define AR "Authentication-Results"

static const char *const ids[] = { "mx.test", "mx2.test", NULL };
static const struct forged_fields_query query = { .authserv_ids = ids };

struct forged_fields_test {
	const char *input;
	/* what is left of the header; NULL = all of it */
	const char *output;
	unsigned int count;
	/* bytes from the end of the header on */
	size_t rest_bytes;
};

static const struct forged_fields_test tests[] = {
	/* nothing to remove */
	{ "", NULL, 0, 0 },
	{ "\n", NULL, 0, 1 },
	{ "\r\n", NULL, 0, 2 },
	{ "Subject: a\r\n\r\nbody", NULL, 0, 6 },
	{ "Subject: a", NULL, 0, 0 },
	{ "Subject: a\r", NULL, 0, 0 },
	{ "Subject: a\n", NULL, 0, 0 },
	{ AR": other.test; spf=pass\n\nb", NULL, 0, 2 },
	{ AR": mx.test.example.com; spf=pass\n\n", NULL, 0, 1 },
	{ AR": xmx.test; spf=pass\n\n", NULL, 0, 1 },
	{ AR"\n\n", NULL, 0, 1 },
	{ AR"s: mx.test; a=b\n\n", NULL, 0, 1 },
	{ "X-"AR": mx.test; a=b\n\n", NULL, 0, 1 },
	{ "Authentication Results: mx.test; a=b\n\n", NULL, 0, 1 },
	{ AR" mx.test; a=b\n\n", NULL, 0, 1 },
	/* the body is none of our business */
	{ "A: b\n\n"AR": mx.test; a=b\n", NULL, 0,
	  1 + sizeof(AR": mx.test; a=b\n") - 1 },
	{ "\n"AR": mx.test; a=b\n", NULL, 0,
	  1 + sizeof(AR": mx.test; a=b\n") - 1 },
	/* position */
	{ AR": mx.test; a=b\n", "", 1, 0 },
	{ AR": mx.test; a=b", "", 1, 0 },
	{ AR": mx.test; a=b\n\nb", "", 1, 2 },
	{ "A: 1\r\n"AR": mx.test; a=b\r\nB: 2\r\n\r\nb",
	  "A: 1\r\nB: 2\r\n", 1, 3 },
	{ AR": mx.test; a=b\nA: 1\n"AR": mx2.test; a=b\n\n",
	  "A: 1\n", 2, 1 },
	{ AR": mx.test; a=b\n"AR": other.test; a=b\n"AR": MX.TEST; a=b\n\n",
	  AR": other.test; a=b\n", 2, 1 },
	/* case, version, quoting, comments: RFC 8601 section 2.2 */
	{ "authentication-RESULTS: Mx.Test; a=b\n\n", "", 1, 1 },
	{ AR":mx.test 1; a=b\n\n", "", 1, 1 },
	{ AR": (c) mx.test; a=b\n\n", "", 1, 1 },
	{ AR": (c (d)) \"mx.test\"; a=b\n\n", "", 1, 1 },
	/* folding, also before the colon */
	{ AR":\r\n\tmx.test; a=b\r\n\tc=d\r\nA: 1\r\n\r\n", "A: 1\r\n", 1, 2 },
	{ AR":\n\n", NULL, 0, 1 },
	{ AR":\n (c)\n mx.test;\n a=b\nA: 1\n\n", "A: 1\n", 1, 1 },
	{ AR" \t : mx.test; a=b\n\n", "", 1, 1 },
	{ AR"\r\n : mx.test; a=b\r\nA: 1\r\n\r\n", "A: 1\r\n", 1, 2 },
	{ AR"\n x: mx.test; a=b\n\n", NULL, 0, 1 },
	{ AR": mx.test\n \n ; a=b\nA: 1\n\n", "A: 1\n", 1, 1 },
	/* mixed line ends */
	{ "A: 1\n"AR": mx.test; a=b\r\n\tc\nB: 2\r\n\n",
	  "A: 1\nB: 2\r\n", 1, 1 },
	/* not a field */
	{ "garbage\n"AR": mx.test; a=b\n\n", "garbage\n", 1, 1 },
	{ "\001\377\n"AR": mx.test; a=b\n\n", "\001\377\n", 1, 1 },
	/* would continue the field that is put in front */
	{ " dmarc=pass\nA: 1\n\n", "A: 1\n", 1, 1 },
	{ "\tdmarc=pass\n also\nA: 1\n\n", "A: 1\n", 1, 1 },
	{ " only", "", 1, 0 },
	{ " \r\n\r\nb", "", 1, 3 },
	/* bare CR: a line end for some */
	{ "A: 1\r"AR": mx.test; a=b\r\nB: 2\r\n\r\n",
	  "A: 1\r\nB: 2\r\n", 1, 2 },
	{ "A: 1\r"AR": mx.test; a=b\nB: 2\n\n", "A: 1\nB: 2\n", 1, 1 },
	{ "A: 1\r"AR": mx.test; a=b", "A: 1", 1, 0 },
	{ "A: 1\r"AR":\r mx.test; a=b\nB: 2\n\n", "A: 1\nB: 2\n", 1, 1 },
	{ "A: 1\r\r"AR": mx.test; a=b\nB: 2\n\n", "A: 1\r\nB: 2\n", 1, 1 },
	{ "A: 1\rB: 2\r"AR": other.test; a=b\n\n", NULL, 0, 1 },
	{ AR": other.test; a=b\r"AR": mx.test; a=b\nA: 1\n\n",
	  "A: 1\n", 1, 1 },
	{ AR":\rmx.test; a=b\nA: 1\n\n", "A: 1\n", 1, 1 },
	{ "\r"AR": mx.test; a=b\nA: 1\n\n", "\nA: 1\n", 1, 1 },
	{ "A: 1\r \r\n\r\nb", NULL, 0, 3 },
};

static void
test_scan(const char *input_text, size_t size, size_t step,
	  const struct forged_fields_test *test, unsigned int idx)
{
	buffer_t *kept = t_buffer_create(size);
	struct forged_fields fields, again;
	struct istream *input;
	struct ostream *output;
	const struct forged_fields_query scan_query = {
		.authserv_ids = ids,
	};
	const char *error, *expected;
	size_t expected_size;

	input = test_istream_create_data(input_text, size);
	test_istream_set_max_buffer_size(input, step);
	output = o_stream_create_buffer(kept);
	test_assert_idx(forged_fields_scan(input, &scan_query, output,
					   &fields, &error) == 0, idx);
	test_assert_idx(o_stream_finish(output) > 0, idx);
	o_stream_destroy(&output);
	test_assert_idx(forged_fields_scan(input, &scan_query, NULL,
					   &again, &error) == 0, idx);
	i_stream_unref(&input);

	test_assert_ucmp_idx(fields.count, ==, test->count, idx);
	test_assert_ucmp_idx(size - fields.header_end, ==, test->rest_bytes,
			     idx);
	test_assert_idx(again.count == fields.count &&
			again.header_end == fields.header_end &&
			again.crlf == fields.crlf, idx);
	expected = test->output != NULL ? test->output : input_text;
	expected_size = test->output != NULL ? strlen(expected) :
		size - test->rest_bytes;
	test_assert_idx(kept->used == expected_size &&
			memcmp(kept->data, expected, expected_size) == 0, idx);
}

/* However the bytes come in. */
static void
test_scan_steps(const struct forged_fields_test *test, unsigned int idx)
{
	static const size_t steps[] = { SIZE_MAX, 1, 7 };

	for (unsigned int i = 0; i < N_ELEMENTS(steps); i++) T_BEGIN {
		test_scan(test->input, strlen(test->input), steps[i],
			  test, idx);
	} T_END;
}

static void test_forged_fields_table(void)
{
	test_begin("forged fields");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++)
		test_scan_steps(&tests[i], i);
	test_end();
}

static void test_forged_fields_client_header(void)
{
	static const struct {
		const char *client_header, *input, *output;
		unsigned int count, client_count;
		bool alone;
	} client_tests[] = {
		{ "X-Client", "A: 1\nX-Client: key=k ip=192.0.2.1\nB: 2\n\nb",
		  "A: 1\nB: 2\n", 0, 1, FALSE },
		{ "X-Client", "x-CLIENT \n : 1\n 2\nA: 1\nX-Client:\n\nX-Client: b",
		  "A: 1\n", 0, 2, FALSE },
		{ "X-Client", "A: 1\rX-Client: 1\n\n", "A: 1\n", 0, 1, FALSE },
		{ "X-Client", "X-Client-Y: 1\nX-Clien: 1\nX-Client\n\n",
		  "X-Client-Y: 1\nX-Clien: 1\nX-Client\n", 0, 0, FALSE },
		{ "X-Client", AR": mx.test; a=b\nX-Client: 1\n\n", "",
		  1, 1, FALSE },
		/* nothing else is looked for */
		{ "X-Client", AR": mx.test; a=b\nX-Client: 1\n\n",
		  AR": mx.test; a=b\n", 0, 1, TRUE },
		/* names that begin alike, or with one another */
		{ "Authentication-Client", AR": mx.test; a=b\n"
		  "Authentication-Client: 1\nAuthentication: 1\n\n",
		  "Authentication: 1\n", 1, 1, FALSE },
		{ AR"-Client", AR": mx.test; a=b\n"AR"-Client: 1\n"
		  AR"-Clien: 1\n\n", AR"-Clien: 1\n", 1, 1, FALSE },
		{ "Authentication", AR": mx.test; a=b\nAuthentication: 1\n"
		  AR": other.test; a=b\n\n",
		  AR": other.test; a=b\n", 1, 1, FALSE },
		{ "A", "A: 1\nAB: 2\n"AR": mx.test; a=b\n\n", "AB: 2\n",
		  1, 1, FALSE },
	};

	test_begin("forged fields: client header");
	for (unsigned int i = 0; i < N_ELEMENTS(client_tests); i++) T_BEGIN {
		const struct forged_fields_query client_query = {
			.authserv_ids = client_tests[i].alone ? NULL : ids,
			.client_header = client_tests[i].client_header,
		};
		buffer_t *kept = t_buffer_create(256);
		struct ostream *output = o_stream_create_buffer(kept);
		struct istream *input =
			test_istream_create(client_tests[i].input);
		struct forged_fields fields;
		const char *error;

		test_assert_idx(forged_fields_scan(input, &client_query, output,
						   &fields, &error) == 0, i);
		test_assert_idx(o_stream_finish(output) > 0, i);
		o_stream_destroy(&output);
		i_stream_unref(&input);
		test_assert_ucmp_idx(fields.count, ==,
				     client_tests[i].count, i);
		test_assert_ucmp_idx(fields.client_count, ==,
				     client_tests[i].client_count, i);
		test_assert_strcmp_idx(str_c(kept), client_tests[i].output, i);
	} T_END;
	test_end();
}

static void test_forged_fields_nul(void)
{
	static const char input[] =
		"A: \0b\n"AR"\0: mx.test; a=b\nB: 1\n\n";
	static const char kept[] = "A: \0b\nB: 1\n";
	struct forged_fields fields;
	struct istream *stream;
	struct ostream *output;
	buffer_t *buf;
	const char *error;

	test_begin("forged fields: NUL");
	buf = t_buffer_create(64);
	stream = test_istream_create_data(input, sizeof(input) - 1);
	output = o_stream_create_buffer(buf);
	test_assert(forged_fields_scan(stream, &query, output, &fields,
				       &error) == 0);
	test_assert(o_stream_finish(output) > 0);
	o_stream_destroy(&output);
	i_stream_unref(&stream);
	test_assert(fields.count == 1);
	test_assert(buf->used == sizeof(kept) - 1 &&
		    memcmp(buf->data, kept, sizeof(kept) - 1) == 0);
	test_end();
}

static void test_forged_fields_newline(void)
{
	static const struct {
		const char *input;
		bool crlf;
	} newlines[] = {
		{ "", FALSE },
		{ "A: b", FALSE },
		{ "A: b\n", FALSE },
		{ "A: b\r\nC: d\n", TRUE },
		{ "A: b\nC: d\r\n", FALSE },
		{ "\r\n", TRUE },
		{ "A: \rb\nC: d\r\n", FALSE },
	};
	struct forged_fields fields;
	struct istream *input;
	const char *error;
	unsigned int i;

	test_begin("forged fields: line end of the first line");
	for (i = 0; i < N_ELEMENTS(newlines); i++) {
		input = test_istream_create(newlines[i].input);
		test_assert_idx(forged_fields_scan(input, &query, NULL,
						   &fields, &error) == 0, i);
		test_assert_idx(fields.crlf == newlines[i].crlf, i);
		i_stream_unref(&input);
	}
	test_end();
}

static void test_forged_fields_read_error(void)
{
	struct forged_fields fields;
	struct istream *input;
	const char *error;

	test_begin("forged fields: read error");
	input = i_stream_create_error_str(EIO, "disk is gone");
	test_assert(forged_fields_scan(input, &query, NULL, &fields,
				       &error) == -1);
	test_assert(strstr(error, "disk is gone") != NULL);
	i_stream_unref(&input);
	test_end();
}

/* Fields that are larger than what is kept of them for the decision. */
static void test_forged_fields_huge_field(void)
{
	static const struct {
		const char *before, *fill, *after;
		unsigned int count;
	} fields[] = {
		{ AR": mx.test; a=b ", "x", "\n", 1 },
		{ AR": other.test; a=b ", "x", "\n", 0 },
		{ AR": other.test;", "\n\t x=y;", "\n", 0 },
		{ AR": mx.test;", "\n\t x=y;", "\n", 1 },
		{ AR, " ", ": mx.test; a=b\n", 1 },
		{ AR, "\r\n ", ": mx.test; a=b\n", 1 },
		{ "A: ", "b", "\r"AR": mx.test; a=b\n", 1 },
		{ AR": other.test;", "b", "\r"AR": mx.test; a=b\n", 1 },
		{ " ", "b", "\n", 1 },
	};
	struct forged_fields_test test;
	unsigned int i, j;

	test_begin("forged fields: huge field");
	for (i = 0; i < N_ELEMENTS(fields); i++) T_BEGIN {
		string_t *str = t_str_new(256*1024), *kept = t_str_new(256);

		str_append(str, fields[i].before);
		for (j = 0; j < 2 * AUTHRES_MAX_FIELD_BYTES; j++)
			str_append(str, fields[i].fill);
		if (fields[i].count > 0 &&
		    strchr(fields[i].after, '\r') != NULL) {
			str_append_str(kept, str);
			str_append_c(kept, '\n');
		} else if (fields[i].count == 0) {
			str_append_str(kept, str);
			str_append(kept, fields[i].after);
		}
		str_append(str, fields[i].after);
		str_append(str, "A: 1\n\nbody");
		str_append(kept, "A: 1\n");
		test.count = fields[i].count;
		test.output = str_c(kept);
		test.rest_bytes = 5;
		test_scan(str_c(str), str_len(str), SIZE_MAX, &test, i);
	} T_END;
	test_end();
}

/* Number and position know no limit. */
static void test_forged_fields_many(void)
{
	struct forged_fields_test test;
	string_t *str = str_new(default_pool, 16*1024*1024);
	string_t *kept = str_new(default_pool, 16*1024*1024);
	unsigned int i;

	test_begin("forged fields: 12 MiB of header");
	while (str_len(str) < 12*1024*1024) {
		str_append(str, "X: 1\n");
		str_append(kept, "X: 1\n");
	}
	for (i = 0; i < 50000; i++) {
		str_append(str, AR": mx.test; a=b\nX: 2\n");
		str_append(kept, "X: 2\n");
	}
	str_append(str, "\nbody");
	i_zero(&test);
	test.output = str_c(kept);
	test.count = i;
	test.rest_bytes = 5;
	T_BEGIN {
		test_scan(str_c(str), str_len(str), SIZE_MAX, &test, 0);
	} T_END;
	str_free(&str);
	str_free(&kept);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_forged_fields_table,
		test_forged_fields_client_header,
		test_forged_fields_nul,
		test_forged_fields_newline,
		test_forged_fields_read_error,
		test_forged_fields_huge_field,
		test_forged_fields_many,
		NULL
	};

	return test_run(test_functions);
}
