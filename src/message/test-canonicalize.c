/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "msg-parser.h"
#include "canonicalize.h"
#include "canonicalize-body.h"
#include "test-common.h"
#include "test-file.h"

static uint32_t test_random_state = 1;

static uint32_t test_random(void)
{
	test_random_state = test_random_state * 1664525 + 1013904223;
	return test_random_state >> 8;
}

static const struct {
	const char *name, *data;
	size_t size, value_offset;
	const char *simple, *relaxed;
} field_tests[] = {
#define T(name, wsp, value, relaxed) \
	{ name, name wsp ":" value, sizeof(name wsp ":" value)-1, \
	  sizeof(name wsp ":")-1, name wsp ":" value, relaxed }
	/* RFC 6376 section 3.4.5 */
	T("A", "", " X\r\n", "a:X\r\n"),
	T("B", " ", " Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"),
	/* section 3.4.2 */
	T("SUBJect", "", "AbC\r\n", "subject:AbC\r\n"),
	T("A", "", "\r\n", "a:\r\n"),
	T("A", "", "   \r\n", "a:\r\n"),
	T("A", "", "\r\n b\r\n", "a:b\r\n"),
	T("A", "", " b\r\n \r\n c\r\n", "a:b c\r\n"),
	T("A", "", "b\t \tc \t d\r\n", "a:b c d\r\n"),
	T("A", "", "b\r\n\r\n", "a:b\r\n"),
	T("A", "", "b:c : d\r\n", "a:b:c : d\r\n"),
	/* bytes like any other */
	T("A", "", " b\rc\r\n", "a:b\rc\r\n"),
	T("A", "", " b\r \r\n", "a:b\r\r\n"),
	T("A", "", " b\vc\f \r\n", "a:b\vc\f\r\n"),
	T("A", "", " \xc3\xa9 \xff\r\n", "a:\xc3\xa9 \xff\r\n"),
#undef T
};

static void test_canonicalize_field(void)
{
	unsigned int i;

	test_begin("canonicalize field");
	for (i = 0; i < N_ELEMENTS(field_tests); i++) {
		struct msg_field field = {
			.name = field_tests[i].name,
			.data = (const unsigned char *)field_tests[i].data,
			.size = field_tests[i].size,
			.value_offset = field_tests[i].value_offset,
		};
		string_t *dest = t_str_new(64);

		str_append(dest, "before");
		canonicalize_field(dest, &field, CANONICALIZATION_SIMPLE, TRUE);
		test_assert_strcmp_idx(str_c(dest), t_strconcat("before",
			field_tests[i].simple, NULL), i);
		str_truncate(dest, 0);
		canonicalize_field(dest, &field, CANONICALIZATION_RELAXED,
				   TRUE);
		test_assert_strcmp_idx(str_c(dest), field_tests[i].relaxed, i);
		str_truncate(dest, 0);
		canonicalize_field(dest, &field, CANONICALIZATION_SIMPLE,
				   FALSE);
		str_append(dest, "\r\n");
		test_assert_strcmp_idx(str_c(dest), field_tests[i].simple, i);
		str_truncate(dest, 0);
		canonicalize_field(dest, &field, CANONICALIZATION_RELAXED,
				   FALSE);
		str_append(dest, "\r\n");
		test_assert_strcmp_idx(str_c(dest), field_tests[i].relaxed, i);
	}
	test_end();
}

static void test_canonicalize_field_nul(void)
{
	static const char data[] = "A: b \0 c \r\n";
	struct msg_field field = {
		.name = "A", .value_offset = 2, .size = sizeof(data)-1,
		.data = (const unsigned char *)data
	};
	string_t *dest = t_str_new(64);

	test_begin("canonicalize field: NUL does not hide what follows");
	canonicalize_field(dest, &field, CANONICALIZATION_RELAXED, TRUE);
	test_assert(str_len(dest) == 9 &&
		    memcmp(str_data(dest), "a:b \0 c\r\n", 9) == 0);
	test_end();
}

static void append_output(const unsigned char *data, size_t size, void *context)
{
	str_append_data(context, data, size);
}

static const string_t *
body_in_pieces(const unsigned char *data, size_t size, size_t piece_bytes,
	       enum canonicalization canonicalization)
{
	struct canonical_body *body = i_new(struct canonical_body, 1);
	string_t *dest = t_str_new(size + 16);
	size_t pos, piece;

	canonical_body_init(body, canonicalization, append_output, dest);
	for (pos = 0; pos < size; pos += piece) {
		piece = piece_bytes != 0 ? piece_bytes :
			1 + test_random() % 12;
		piece = I_MIN(piece, size - pos);
		void *copy = i_memdup(data + pos, piece);
		canonical_body_more(body, copy, piece);
		i_free(copy);
	}
	canonical_body_finish(body);
	i_free(body);
	return dest;
}

static const struct {
	const char *input;
	size_t size;
	const char *simple, *relaxed;
	size_t simple_size, relaxed_size;
} body_tests[] = {
#define T(in, simple, relaxed) { in, sizeof(in)-1, simple, relaxed, \
	sizeof(simple)-1, sizeof(relaxed)-1 }
	/* RFC 6376 section 3.4.5 */
	T(" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"),
	/* section 3.4.3 and 3.4.4: empty */
	T("", "\r\n", ""),
	T("\r\n", "\r\n", ""),
	T("\r\n\r\n\r\n", "\r\n", ""),
	/* lines of white space only */
	T(" ", " \r\n", ""),
	T(" \r\n", " \r\n", ""),
	T("\t\r\n \r\n\r\n", "\t\r\n \r\n", ""),
	T("a\r\n \t \r\n\r\n", "a\r\n \t \r\n", "a\r\n"),
	T("a\r\n \t \r\nb\r\n", "a\r\n \t \r\nb\r\n", "a\r\n\r\nb\r\n"),
	/* no final line end */
	T("a", "a\r\n", "a\r\n"),
	T("a ", "a \r\n", "a\r\n"),
	T("a\r\n b", "a\r\n b\r\n", "a\r\n b\r\n"),
	T("a\r\n\r\nb", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"),
	/* empty lines at the start count */
	T("\r\n\r\na\r\n\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n"),
	T(" \r\na", " \r\na\r\n", "\r\na\r\n"),
	/* white space within lines */
	T("a \t b\tc  d\r\n", "a \t b\tc  d\r\n", "a b c d\r\n"),
	T("  a  \r\n", "  a  \r\n", " a\r\n"),
	T("\ta\r\n", "\ta\r\n", " a\r\n"),
	/* bare CR and LF are text */
	T("a\rb\r\n", "a\rb\r\n", "a\rb\r\n"),
	T("\r", "\r\r\n", "\r\r\n"),
	T("\r\r\n", "\r\r\n", "\r\r\n"),
	T("\r\r\r\n\r\n", "\r\r\r\n", "\r\r\r\n"),
	T("a \r b\r\n", "a \r b\r\n", "a \r b\r\n"),
	T("a\r\n\rb", "a\r\n\rb\r\n", "a\r\n\rb\r\n"),
	T("a\nb\r\n", "a\nb\r\n", "a\nb\r\n"),
	T("a \n\r\n", "a \n\r\n", "a \n\r\n"),
	T("\n", "\n\r\n", "\n\r\n"),
	T("a\r\n\r", "a\r\n\r\r\n", "a\r\n\r\r\n"),
	T("a\r\n\r\n\r\n\rb", "a\r\n\r\n\r\n\rb\r\n", "a\r\n\r\n\r\n\rb\r\n"),
	/* any other byte */
	T("a\0 b \0\r\n", "a\0 b \0\r\n", "a\0 b \0\r\n"),
	T("\v\f \xa0\r\n", "\v\f \xa0\r\n", "\v\f \xa0\r\n"),
#undef T
};

static void
test_body(const unsigned char *data, size_t size,
	  enum canonicalization canonicalization,
	  const void *expected, size_t expected_size, unsigned int idx)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3, 0, 0 };
	const string_t *dest;
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(pieces); i++) T_BEGIN {
		dest = body_in_pieces(data, size, pieces[i], canonicalization);
		test_assert_idx(str_len(dest) == expected_size &&
				memcmp(str_data(dest), expected,
				       expected_size) == 0, idx);
	} T_END;
}

static void test_canonicalize_body(void)
{
	unsigned int i;

	test_begin("canonicalize body");
	for (i = 0; i < N_ELEMENTS(body_tests); i++) {
		const unsigned char *data =
			(const unsigned char *)body_tests[i].input;

		test_body(data, body_tests[i].size, CANONICALIZATION_SIMPLE,
			  body_tests[i].simple, body_tests[i].simple_size, i);
		test_body(data, body_tests[i].size, CANONICALIZATION_RELAXED,
			  body_tests[i].relaxed, body_tests[i].relaxed_size, i);
	}
	test_end();
}

/* The obvious way: the words of the RFC one after the other, on the whole
   body. */
static string_t *
reference_body(const string_t *body, enum canonicalization canonicalization)
{
	string_t *lines = t_str_new(str_len(body) + 2);
	const char *data = (const char *)str_data(body);
	size_t i, size = str_len(body);

	str_append_str(lines, body);
	if (size > 0 && (size < 2 || memcmp(data + size - 2, "\r\n", 2) != 0))
		str_append(lines, "\r\n");
	if (canonicalization == CANONICALIZATION_RELAXED) {
		string_t *relaxed = t_str_new(size + 2);

		data = str_c(lines);
		for (i = 0; i < str_len(lines); i++) {
			if (data[i] != ' ' && data[i] != '\t')
				str_append_c(relaxed, data[i]);
			else if (strncmp(data + i + strspn(data + i, " \t"),
					 "\r\n", 2) != 0 &&
				 data[i+1] != ' ' && data[i+1] != '\t')
				str_append_c(relaxed, ' ');
		}
		lines = relaxed;
	}
	for (;;) {
		size = str_len(lines);
		data = str_c(lines);
		if (size < 4 || memcmp(data + size - 4, "\r\n\r\n", 4) != 0)
			break;
		str_truncate(lines, size - 2);
	}
	if (strcmp(str_c(lines), "\r\n") == 0)
		str_truncate(lines, 0);
	if (str_len(lines) == 0 && canonicalization == CANONICALIZATION_SIMPLE)
		str_append(lines, "\r\n");
	return lines;
}

static void test_canonicalize_body_random(void)
{
	static const char *const parts[] = {
		"\r\n", "\r\n", "\r\n\r\n", "\r", "\n", " ", "\t", "  ", "a",
		"word", "two words", "\xff", "\v",
		"words that fill more than one word of the machine"
	};
	unsigned int i, j, canonicalization;

	test_begin("canonicalize body: random bodies against the reference");
	for (i = 0; i < 8000; i++) T_BEGIN {
		string_t *body = t_str_new(256);

		for (j = test_random() % 24; j > 0; j--) {
			str_append(body,
				   parts[test_random() % N_ELEMENTS(parts)]);
		}
		for (canonicalization = CANONICALIZATION_SIMPLE;
		     canonicalization <= CANONICALIZATION_RELAXED;
		     canonicalization++) {
			string_t *expected =
				reference_body(body, canonicalization);
			test_body(str_data(body), str_len(body),
				  canonicalization, str_data(expected),
				  str_len(expected), i);
		}
	} T_END;
	test_end();
}

/* Nobody can write a body that is read again and again: with a cost that is not
   linear this takes minutes. */
static void test_canonicalize_body_hostile(void)
{
	static const char *const parts[] = { "a  ", "a \r", "a \n", "\ta" };
	struct canonical_body *body = i_new(struct canonical_body, 1);
	string_t *data = str_new(default_pool, 3000000);
	string_t *dest = str_new(default_pool, 3000000);
	unsigned int i, j;

	test_begin("canonicalize body: hostile");
	for (i = 0; i < N_ELEMENTS(parts); i++) {
		str_truncate(data, 0);
		str_truncate(dest, 0);
		for (j = 0; j < 1000000; j++)
			str_append(data, parts[i]);
		canonical_body_init(body, CANONICALIZATION_RELAXED,
				    append_output, dest);
		canonical_body_more(body, str_data(data), str_len(data));
		canonical_body_finish(body);
		test_assert_idx(str_len(dest) >= 2000000, i);
	}
	str_free(&data);
	str_free(&dest);
	i_free(body);
	test_end();
}

static void test_canonicalize_body_long(void)
{
	unsigned int i, canonicalization;
	string_t *body = str_new(default_pool, 300000);

	test_begin("canonicalize body: longer than any buffer");
	for (i = 0; i < 60000; i++) {
		str_append(body, i % 7 == 0 ? "  " : "words");
		if (test_random() % 9 == 0)
			str_append(body, "\r\n");
	}
	for (i = 0; i < 20000; i++)
		str_append(body, "\r\n");
	str_append(body, "end");
	for (canonicalization = CANONICALIZATION_SIMPLE;
	     canonicalization <= CANONICALIZATION_RELAXED;
	     canonicalization++) T_BEGIN {
		string_t *expected = reference_body(body, canonicalization);

		test_body(str_data(body), str_len(body), canonicalization,
			  str_data(expected), str_len(expected), 0);
	} T_END;
	str_free(&body);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_canonicalize_field,
		test_canonicalize_field_nul,
		test_canonicalize_body,
		test_canonicalize_body_random,
		test_canonicalize_body_hostile,
		test_canonicalize_body_long,
		NULL
	};
	return test_run(test_functions);
}
