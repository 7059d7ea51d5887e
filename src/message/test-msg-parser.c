/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "msg-parser.h"
#include "test-common.h"
#include "test-file.h"

/* What one reading of a message gave. */
struct reading {
	pool_t pool;
	unsigned int header_done_count;
	const struct msg_header *header;
	string_t *body;
	uoff_t body_bytes;
	bool body_before_header;
};

static uint32_t test_random_state;

static uint32_t test_random(void)
{
	test_random_state = test_random_state * 1664525 + 1013904223;
	return test_random_state >> 8;
}

static void reading_header_done(const struct msg_header *header, void *context)
{
	struct reading *reading = context;

	reading->header_done_count++;
	reading->header = header;
}

static void reading_body(const unsigned char *data, size_t size, void *context)
{
	struct reading *reading = context;

	if (reading->header == NULL)
		reading->body_before_header = TRUE;
	reading->body_bytes += size;
	str_append_data(reading->body, data, size);
}

static const struct msg_parser_vfuncs reading_vfuncs = {
	.header_done = reading_header_done,
	.body = reading_body
};

/* piece_bytes: 0 = pieces of any size */
static string_t *
read_message(const void *_data, size_t size, size_t piece_bytes,
	     struct reading *reading)
{
	const unsigned char *data = _data;
	struct msg_parser *parser;
	const struct msg_field *field;
	string_t *str = str_new(default_pool, 1024);
	size_t piece, pos;

	i_zero(reading);
	reading->pool = pool_alloconly_create("reading", 4096);
	reading->body = str_new(default_pool, 1024);
	parser = msg_parser_init(reading->pool, &reading_vfuncs, reading);
	for (pos = 0; pos < size; pos += piece) {
		piece = piece_bytes != 0 ? piece_bytes :
			1 + test_random() % 40;
		piece = I_MIN(piece, size - pos);
		/* a copy, so that reading behind the piece is found */
		void *copy = i_memdup(data + pos, piece);
		msg_parser_more(parser, copy, piece);
		i_free(copy);
	}
	msg_parser_finish(parser);

	/* everything that was read, as text to compare */
	test_assert(reading->header_done_count == 1);
	test_assert(!reading->body_before_header);
	array_foreach(&reading->header->fields, field) {
		str_printfa(str, "[%s]%zu<", field->name, field->value_offset);
		str_append_data(str, field->data, field->size);
		str_append_c(str, '>');
	}
	if (reading->header->has_nul)
		str_append(str, "{nul}");
	if (reading->header->limit_reason != NULL)
		str_printfa(str, "{%s}", reading->header->limit_reason);
	str_append_c(str, '|');
	str_append_str(str, reading->body);
	msg_parser_deinit(&parser);
	return str;
}

static void reading_free(struct reading *reading)
{
	str_free(&reading->body);
	pool_unref(&reading->pool);
}

static const struct {
	const char *input;
	size_t size;
	const char *expected;
	size_t expected_size;
} msg_tests[] = {
#define T(in, out) { in, sizeof(in)-1, out, sizeof(out)-1 }
	/* nothing at all */
	T("", "|"),
	T("\n", "|"),
	T("\r\n", "|"),
	T("\r", "[]0<\r\r\n>|"),
	/* RFC 5322 section 2.1: line ends */
	T("A: b\r\n\r\nbody\r\n", "[A]2<A: b\r\n>|body\r\n"),
	T("A: b\n\nbody\n", "[A]2<A: b\r\n>|body\r\n"),
	T("A: b\n\r\nbody\r\n", "[A]2<A: b\r\n>|body\r\n"),
	T("A: b\r\n\nx\ny\r\nz\n", "[A]2<A: b\r\n>|x\r\ny\r\nz\r\n"),
	/* the header ends with the message */
	T("A: b\r\n", "[A]2<A: b\r\n>|"),
	T("A: b", "[A]2<A: b\r\n>|"),
	T("A: b\r", "[A]2<A: b\r\r\n>|"),
	T("A: b\r\nC: d", "[A]2<A: b\r\n>[C]2<C: d\r\n>|"),
	T("A: b\r\n\r", "[A]2<A: b\r\n>[]0<\r\r\n>|"),
	T("A", "[]0<A\r\n>|"),
	T("A:", "[A]2<A:\r\n>|"),
	/* the body without final line end */
	T("A:b\r\n\r\nx", "[A]2<A:b\r\n>|x\r\n"),
	T("A:b\r\n\r\nx\r", "[A]2<A:b\r\n>|x\r\r\n"),
	T("A:b\r\n\r\n\r", "[A]2<A:b\r\n>|\r\r\n"),
	T("A:b\r\n\r\n\n\n", "[A]2<A:b\r\n>|\r\n\r\n"),
	T("A:b\r\n\r\n\r\r\n\n", "[A]2<A:b\r\n>|\r\r\n\r\n"),
	T("A:b\r\n\r\nx\ry\r\n", "[A]2<A:b\r\n>|x\ry\r\n"),
	T("A:b\r\n\r\nx\0y\n", "[A]2<A:b\r\n>|x\0y\r\n"),
	T("\r\nA: b\r\n", "|A: b\r\n"),
	T("\nA: b\n", "|A: b\r\n"),
	/* section 2.2.3: folding */
	T("A: b\r\n c\r\n\td\r\nE: f\n g\n\n",
	  "[A]2<A: b\r\n c\r\n\td\r\n>[E]2<E: f\r\n g\r\n>|"),
	T("A:\r\n b\r\n\r\n", "[A]2<A:\r\n b\r\n>|"),
	T("A: b\r\n \r\n\t\r\nC: d\r\n\r\n",
	  "[A]2<A: b\r\n \r\n\t\r\n>[C]2<C: d\r\n>|"),
	T("A: b\n \n\nbody\n", "[A]2<A: b\r\n \r\n>|body\r\n"),
	/* section 4.5: white space before the colon */
	T("A : b\r\n\r\n", "[A]3<A : b\r\n>|"),
	T("A \t : b\r\n\r\n", "[A]5<A \t : b\r\n>|"),
	T("A:b:c\r\n\r\n", "[A]2<A:b:c\r\n>|"),
	/* section 2.2: a field name is printable ASCII without colon */
	T("no colon here\r\nA: b\r\n\r\n",
	  "[]0<no colon here\r\n>[A]2<A: b\r\n>|"),
	T("nocolon\r\n\r\nbody", "[]0<nocolon\r\n>|body\r\n"),
	T("A: b\r\ngarbage\r\nC: d\r\n\r\n",
	  "[A]2<A: b\r\n>[]0<garbage\r\n>[C]2<C: d\r\n>|"),
	T("A: b\r\ngarbage\r\n folded: x\r\n\r\n",
	  "[A]2<A: b\r\n>[]0<garbage\r\n folded: x\r\n>|"),
	T(": b\r\n\r\n", "[]0<: b\r\n>|"),
	T("Two Words: b\r\n\r\n", "[]0<Two Words: b\r\n>|"),
	T("A\x01: b\r\n\r\n", "[]0<A\x01: b\r\n>|"),
	T("A\x7f: b\r\n\r\n", "[]0<A\x7f: b\r\n>|"),
	T("\xc3\xa9: b\r\n\r\n", "[]0<\xc3\xa9: b\r\n>|"),
	T("A: \xc3\xa9\xff\r\n\r\n", "[A]2<A: \xc3\xa9\xff\r\n>|"),
	T("A\r\n : b\r\n\r\n", "[]0<A\r\n : b\r\n>|"),
	/* a continuation line comes first */
	T(" From: a@example.org\r\nA: b\r\n\r\n",
	  "[]0< From: a@example.org\r\n>[A]2<A: b\r\n>|"),
	T("\t\r\n x\r\nA: b\r\n\r\n",
	  "[]0<\t\r\n x\r\n>[A]2<A: b\r\n>|"),
	/* mbox */
	T("From a@example.org Sun Nov 22 12:00:00 2026\nA: b\n\nx\n",
	  "[]0<From a@example.org Sun Nov 22 12:00:00 2026\r\n>"
	  "[A]2<A: b\r\n>|x\r\n"),
	T(">From a Sun Nov 22 12:00:00\nA: b\n\nx\n",
	  "[]0<>From a Sun Nov 22 12:00:00\r\n>[A]2<A: b\r\n>|x\r\n"),
	/* bare CR, NUL */
	T("A: b\rFrom: c\r\n\r\n", "[A]2<A: b\rFrom: c\r\n>|"),
	T("\rA: b\r\n\r\n", "[]0<\rA: b\r\n>|"),
	T("A: b\r\n\r\r\n\r\nx", "[A]2<A: b\r\n>[]0<\r\r\n>|x\r\n"),
	T("A: b\r\n\rC: d\r\n\r\n", "[A]2<A: b\r\n>[]0<\rC: d\r\n>|"),
	T("A: b\r\r\n\r\n", "[A]2<A: b\r\r\n>|"),
	T("A: b\0c\r\n\r\n", "[A]2<A: b\0c\r\n>{nul}|"),
	T("\0A: b\r\n\r\n", "[]0<\0A: b\r\n>{nul}|"),
	T("A\0: b\r\n\r\n", "[]0<A\0: b\r\n>{nul}|"),
	T("A: b\r\n\0\r\n\r\n", "[A]2<A: b\r\n>[]0<\0\r\n>{nul}|"),
#undef T
};

static void test_pieces(const void *data, size_t size,
			const void *expected, size_t expected_size,
			unsigned int idx)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3, 0, 0, 0, 0 };
	struct reading reading;
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(pieces); i++) {
		string_t *result =
			read_message(data, size, pieces[i], &reading);
		test_assert_idx(str_len(result) == expected_size &&
				memcmp(str_data(result), expected,
				       expected_size) == 0, idx);
		str_free(&result);
		reading_free(&reading);
	}
}

static void test_msg_parser_table(void)
{
	unsigned int i;

	test_begin("msg parser: fields, line ends, body");
	for (i = 0; i < N_ELEMENTS(msg_tests); i++) {
		test_pieces(msg_tests[i].input, msg_tests[i].size,
			    msg_tests[i].expected, msg_tests[i].expected_size,
			    i);
	}
	test_end();
}

static void test_msg_parser_random(void)
{
	static const char *const parts[] = {
		"\r", "\n", "\r\n", "\r\n", "A:", "b", " ", "\t", ":",
		"From ", "\xc3", "x-y", "\r\n\r\n"
	};
	string_t *message = t_str_new(256);
	struct reading reading;
	unsigned int i, j;

	test_begin("msg parser: random messages in random pieces");
	test_random_state = 1;
	for (i = 0; i < 5000; i++) {
		string_t *whole;

		str_truncate(message, 0);
		for (j = test_random() % 30; j > 0; j--) {
			str_append(message,
				   parts[test_random() % N_ELEMENTS(parts)]);
		}
		whole = read_message(str_data(message), str_len(message),
				     SIZE_MAX, &reading);
		reading_free(&reading);
		test_pieces(str_data(message), str_len(message),
			    str_data(whole), str_len(whole), i);
		str_free(&whole);
	}
	test_end();
}

static void append_field(string_t *message, const char *name, size_t size)
{
	size_t start = str_len(message);

	str_append(message, name);
	str_append(message, ": ");
	while (str_len(message) - start < size - 2)
		str_append_c(message, 'x');
	str_append(message, "\r\n");
}

/* count_r: fields that were kept */
static const char *
read_limited(const string_t *message, size_t piece, unsigned int *count_r)
{
	struct reading reading;
	string_t *result = read_message(str_data(message), str_len(message),
					piece, &reading);
	const char *reason = t_strdup(reading.header->limit_reason);

	*count_r = array_count(&reading.header->fields);
	/* whatever happened to the header, the body is read */
	test_assert_strcmp(str_c(reading.body), "body\r\n");
	str_free(&result);
	reading_free(&reading);
	return reason;
}

static void test_msg_parser_limits(void)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 4096, 0 };
	string_t *message = str_new(default_pool, 2*1024*1024);
	unsigned int i, j, count;

	test_begin("msg parser: limits");
	for (i = 0; i < N_ELEMENTS(pieces); i++) {
		/* 1000 fields */
		str_truncate(message, 0);
		for (j = 0; j < AUTHRES_MAX_HEADER_FIELDS; j++)
			str_append(message, "A: b\n");
		str_append(message, "\nbody\n");
		test_assert(read_limited(message, pieces[i], &count) == NULL);
		test_assert(count == AUTHRES_MAX_HEADER_FIELDS);
		str_insert(message, 0, "A: b\n");
		test_assert_strcmp(read_limited(message, pieces[i], &count),
				   "more than 1000 header fields");
		test_assert(count == AUTHRES_MAX_HEADER_FIELDS);

		/* a field of 64 KiB */
		str_truncate(message, 0);
		append_field(message, "A", 10);
		append_field(message, "B", AUTHRES_MAX_FIELD_BYTES);
		append_field(message, "C", 10);
		str_append(message, "\r\nbody");
		test_assert(read_limited(message, pieces[i], &count) == NULL);
		test_assert(count == 3);
		str_truncate(message, 0);
		append_field(message, "A", 10);
		append_field(message, "B", AUTHRES_MAX_FIELD_BYTES + 1);
		append_field(message, "C", 10);
		str_append(message, "\r\nbody");
		test_assert_strcmp(read_limited(message, pieces[i], &count),
				   "header field over 65536 bytes");
		test_assert(count == 1);

		/* a header of 1 MiB */
		str_truncate(message, 0);
		for (j = 0; j < 16; j++)
			append_field(message, "A", AUTHRES_MAX_FIELD_BYTES);
		str_append(message, "\r\nbody");
		test_assert(read_limited(message, pieces[i], &count) == NULL);
		test_assert(count == 16);
		str_insert(message, 0, "A: b\r\n");
		test_assert_strcmp(read_limited(message, pieces[i], &count),
				   "header over 1048576 bytes");
		test_assert(count == 16);
	}
	str_free(&message);
	test_end();
}

/* Names and sizes of the From fields that were kept, and how many others. */
static const char *read_from_fields(const string_t *message, size_t piece)
{
	struct reading reading;
	string_t *result = read_message(str_data(message), str_len(message),
					piece, &reading);
	string_t *str = t_str_new(128);
	const struct msg_field *field;
	unsigned int others = 0;

	array_foreach(&reading.header->fields, field) {
		if (msg_field_is_from(field)) {
			str_printfa(str, "%zu:%.8s ", field->size,
				t_strcut((const char *)field->data +
					 field->value_offset, '\r'));
			test_assert(memcmp(field->data + field->size - 2,
					   "\r\n", 2) == 0);
		} else {
			others++;
		}
	}
	str_printfa(str, "%u", others);
	test_assert(reading.header->limit_reason != NULL);
	test_assert_strcmp(str_c(reading.body), "body\r\n");
	str_free(&result);
	reading_free(&reading);
	return str_c(str);
}

static void test_msg_parser_reserve(void)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 4096, 0 };
	string_t *message = str_new(default_pool, 2*1024*1024);
	unsigned int i, j;

	test_begin("msg parser: From below the cut");
	for (i = 0; i < N_ELEMENTS(pieces); i++) T_BEGIN {
		/* behind too many fields, folded, with white space */
		str_truncate(message, 0);
		for (j = 0; j <= AUTHRES_MAX_HEADER_FIELDS; j++)
			str_append(message, "A: b\n");
		str_append(message, "from :a@b\n c\nTo: x\n\x01""From: d\n\nbody\n");
		test_assert_strcmp(read_from_fields(message, pieces[i]),
				   "15:a@b 10:\001From: d 1000");
		/* the field that is one too many */
		str_truncate(message, 0);
		for (j = 0; j < AUTHRES_MAX_HEADER_FIELDS; j++)
			str_append(message, "A: b\n");
		str_append(message, "From:1\n\nbody\n");
		test_assert_strcmp(read_from_fields(message, pieces[i]),
				   "8:1 1000");

		/* the first ones and the last one */
		str_truncate(message, 0);
		append_field(message, "A", AUTHRES_MAX_FIELD_BYTES + 1);
		for (j = 1; j <= 2000; j++)
			str_printfa(message, "From:%u\n", j);
		str_append(message, "B: x\n\nbody\n");
		test_assert_strcmp(read_from_fields(message, pieces[i]),
				   "8:1 8:2 8:3 8:4 8:5 11:2000 0");

		/* a From that is too large itself, and one behind it */
		str_truncate(message, 0);
		str_append(message, "A: b\n");
		append_field(message, "From:1\n\t", AUTHRES_MAX_FIELD_BYTES + 1);
		str_append(message, "From:2\n\nbody\n");
		test_assert_strcmp(read_from_fields(message, pieces[i]),
				   "49154:1 8:2 1");

		/* behind a header that is too large */
		str_truncate(message, 0);
		for (j = 0; j < 16; j++)
			append_field(message, "A", AUTHRES_MAX_FIELD_BYTES);
		str_append(message, "From:1\n\nbody\n");
		test_assert_strcmp(read_from_fields(message, pieces[i]),
				   "8:1 16");
	} T_END;
	str_free(&message);
	test_end();
}

static void test_msg_parser_memory(void)
{
	struct reading reading;
	struct msg_parser *parser;
	unsigned char block[65536];
	unsigned int i;
	size_t before;

	test_begin("msg parser: memory does not grow with the body");
	i_zero(&reading);
	reading.pool = pool_alloconly_create("reading", 4096);
	reading.body = str_new(default_pool, sizeof(block) * 2);
	parser = msg_parser_init(reading.pool, &reading_vfuncs, &reading);
	msg_parser_more(parser, (const unsigned char *)"A: b\n\n", 6);
	before = pool_alloconly_get_total_used_size(reading.pool);
	for (i = 0; i < sizeof(block); i++)
		block[i] = i % 60 == 59 ? '\n' : 'x';
	for (i = 0; i < 256; i++) {
		msg_parser_more(parser, block, sizeof(block));
		str_truncate(reading.body, 0);
	}
	msg_parser_finish(parser);
	test_assert(pool_alloconly_get_total_used_size(reading.pool) == before);
	test_assert(reading.body_bytes > 256 * sizeof(block));
	msg_parser_deinit(&parser);
	reading_free(&reading);
	test_end();
}

static void test_msg_header_find(void)
{
	static const char message[] =
		"Received: one\r\nSubject : two\r\n three\r\nreceived: four\r\n"
		"garbage\r\n\r\n";
	struct reading reading;
	string_t *result;

	test_begin("msg header find");
	result = read_message(message, sizeof(message)-1, SIZE_MAX, &reading);
	str_free(&result);
#define VALUE(name, index) \
	t_msg_field_value(msg_header_find(reading.header, name, index))
	test_assert_strcmp(VALUE("Received", 0), "one");
	test_assert_strcmp(VALUE("RECEIVED", 1), "four");
	test_assert(msg_header_find(reading.header, "Received", 2) == NULL);
	test_assert_strcmp(VALUE("subject", 0), "two three");
	test_assert(msg_header_find(reading.header, "Subjec", 0) == NULL);
	test_assert_strcmp(VALUE("", 0), "garbage");
#undef VALUE
	reading_free(&reading);
	test_end();
}

static const struct {
	const char *data;
	size_t size;
	const char *value;
} value_tests[] = {
#define T(in, out) { in, sizeof(in)-1, out }
	T("A: b\r\n", "b"),
	T("A:b\r\n", "b"),
	T("A:\r\n", ""),
	T("A: \t \r\n", ""),
	T("A:\r\n b\r\n", "b"),
	T("A: b \t\r\n\tc \r\n", "b \t\tc"),
	T("A: b\r\n \r\n c\r\n", "b  c"),
	T("A: b\0c\r\n", "b?c"),
	T("A: b\rc\r\n", "b\rc"),
	T("A: \xff\r\n", "\xff"),
#undef T
};

static void test_msg_field_value(void)
{
	struct msg_field field = { .name = "A", .value_offset = 2 };
	unsigned int i;

	test_begin("msg field value");
	for (i = 0; i < N_ELEMENTS(value_tests); i++) {
		field.data = (const unsigned char *)value_tests[i].data;
		field.size = value_tests[i].size;
		test_assert_strcmp_idx(t_msg_field_value(&field),
				       value_tests[i].value, i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_msg_parser_table,
		test_msg_parser_random,
		test_msg_parser_limits,
		test_msg_parser_reserve,
		test_msg_parser_memory,
		test_msg_header_find,
		test_msg_field_value,
		NULL
	};
	return test_run(test_functions);
}
