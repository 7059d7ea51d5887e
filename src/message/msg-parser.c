/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "str.h"
#include "msg-parser.h"

#include <ctype.h>

/* Short body pieces are collected up to this many bytes: LF line ends would
   otherwise give two calls for each line. */
#define MSG_PARSER_OUTPUT_BYTES 4096

enum msg_parser_state {
	/* the next byte is the first of a header line */
	MSG_PARSER_LINE_START,
	/* as before, and the line's first byte was a CR */
	MSG_PARSER_LINE_START_CR,
	MSG_PARSER_LINE,
	MSG_PARSER_BODY
};

struct msg_parser {
	pool_t pool;
	struct msg_parser_vfuncs v;
	void *context;

	enum msg_parser_state state;
	/* in pool: it outlives the parser */
	struct msg_header *header;
	/* the field being read, with canonical line ends */
	buffer_t *field;
	/* bytes of all fields kept so far */
	size_t header_bytes;
	/* From fields below the cut: how many were seen, and the last one,
	   with canonical line ends */
	unsigned int reserved_count;
	buffer_t *last_from;

	/* the byte before the next one */
	unsigned char last_byte;
	size_t output_size;
	unsigned char output[MSG_PARSER_OUTPUT_BYTES];
};

struct msg_parser *msg_parser_init(pool_t pool,
				   const struct msg_parser_vfuncs *v,
				   void *context)
{
	struct msg_parser *parser = i_new(struct msg_parser, 1);

	parser->pool = pool;
	parser->v = *v;
	parser->context = context;
	parser->header = p_new(pool, struct msg_header, 1);
	parser->field = buffer_create_dynamic(default_pool, 1024);
	p_array_init(&parser->header->fields, pool, 32);
	return parser;
}

void msg_parser_deinit(struct msg_parser **_parser)
{
	struct msg_parser *parser = *_parser;

	*_parser = NULL;
	if (parser == NULL)
		return;
	buffer_free(&parser->field);
	buffer_free(&parser->last_from);
	i_free(parser);
}

/* Returns how many bytes of data the name has, and where its value starts;
   0 if this is no field. RFC 5322 section 2.2 with the white space before the
   colon of section 4.5. */
static size_t
field_name_size(const unsigned char *data, size_t size, size_t *value_offset_r)
{
	size_t i, name_size;

	for (i = 0; i < size && data[i] > ' ' && data[i] < 0x7f; i++) {
		if (data[i] == ':')
			break;
	}
	name_size = i;
	while (i < size && (data[i] == ' ' || data[i] == '\t'))
		i++;
	if (name_size == 0 || i == size || data[i] != ':') {
		*value_offset_r = 0;
		return 0;
	}
	*value_offset_r = i + 1;
	return name_size;
}

static void msg_parser_cut(struct msg_parser *parser, const char *reason)
{
	parser->header->limit_reason = p_strdup(parser->pool, reason);
}

static void
msg_field_fill(pool_t pool, const buffer_t *data, struct msg_field *field_r)
{
	size_t name_size;

	field_r->data = data->data;
	field_r->size = data->used;
	name_size = field_name_size(field_r->data, field_r->size,
				    &field_r->value_offset);
	field_r->name = name_size == 0 ? "" :
		p_strndup(pool, field_r->data, name_size);
}

static void msg_parser_keep(struct msg_parser *parser, const buffer_t *data)
{
	struct msg_field *field = array_append_space(&parser->header->fields);

	msg_field_fill(parser->pool, data, field);
	field->data = p_memdup(parser->pool, field->data, field->size);
	parser->header_bytes += field->size;
}

/* A CR that ends no line, but for some readers does. */
static bool has_bare_cr(const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size;

	while ((p = memchr(p, '\r', end - p)) != NULL) {
		if (++p == end || *p != '\n')
			return TRUE;
	}
	return FALSE;
}

/* The header is cut, but what readers show as its author must not be hidden
   that way. Most of them show the first From, some the last. */
static void msg_parser_reserve_from(struct msg_parser *parser)
{
	struct msg_field field;
	buffer_t *last = parser->last_from;

	msg_field_fill(pool_datastack_create(), parser->field, &field);
	if (!msg_field_is_from(&field)) {
		if (has_bare_cr(field.data, field.size))
			parser->header->from_cut = TRUE;
		return;
	}
	if (++parser->reserved_count < AUTHRES_RESERVED_FROM_FIELDS) {
		msg_parser_keep(parser, parser->field);
		return;
	}
	if (last != NULL)
		parser->header->from_cut = TRUE;
	parser->last_from = parser->field;
	parser->field = last != NULL ? last :
		buffer_create_dynamic(default_pool, 1024);
}

static void msg_parser_field_end(struct msg_parser *parser)
{
	if (parser->field->used == 0)
		return;
	if (parser->header->limit_reason == NULL &&
	    array_count(&parser->header->fields) >= AUTHRES_MAX_HEADER_FIELDS) {
		msg_parser_cut(parser, t_strdup_printf(
			"more than %u header fields",
			AUTHRES_MAX_HEADER_FIELDS));
	}
	if (parser->header->limit_reason == NULL)
		msg_parser_keep(parser, parser->field);
	else
		msg_parser_reserve_from(parser);
	buffer_set_used_size(parser->field, 0);
}

static void msg_parser_check_limits(struct msg_parser *parser, size_t size)
{
	size_t used = parser->field->used;
	size_t field_left = AUTHRES_MAX_FIELD_BYTES - used;
	size_t header_left = AUTHRES_MAX_HEADER_BLOCK_BYTES -
		parser->header_bytes - used;

	if (size <= I_MIN(field_left, header_left))
		return;
	/* the nearer limit, so that pieces do not matter */
	if (field_left <= header_left) {
		msg_parser_cut(parser, t_strdup_printf(
			"header field over %u bytes", AUTHRES_MAX_FIELD_BYTES));
	} else {
		msg_parser_cut(parser, t_strdup_printf(
			"header over %u bytes",
			AUTHRES_MAX_HEADER_BLOCK_BYTES));
	}
}

static void
msg_parser_field_cut(struct msg_parser *parser, size_t pos, size_t size)
{
	struct msg_field field;

	T_BEGIN {
		msg_field_fill(pool_datastack_create(), parser->field, &field);
		if (msg_field_is_from(&field) ||
		    has_bare_cr(field.data + pos, size))
			parser->header->from_cut = TRUE;
	} T_END;
	buffer_delete(parser->field, pos, size);
}

static void msg_parser_field_append(struct msg_parser *parser,
				    const void *data, size_t size)
{
	size_t field_left = AUTHRES_MAX_FIELD_BYTES - parser->field->used;

	if (size == 0)
		return;
	if (memchr(data, '\0', size) != NULL)
		parser->header->has_nul = TRUE;
	if (parser->header->limit_reason == NULL)
		msg_parser_check_limits(parser, size);
	while (size > field_left) {
		buffer_append(parser->field, data, field_left);
		data = CONST_PTR_OFFSET(data, field_left);
		size -= field_left;
		/* its begin and its end: the address stands in one of them */
		field_left = AUTHRES_MAX_FIELD_BYTES / 4;
		msg_parser_field_cut(parser, AUTHRES_MAX_FIELD_BYTES / 2,
				     field_left);
	}
	buffer_append(parser->field, data, size);
}

static void msg_parser_header_end(struct msg_parser *parser)
{
	msg_parser_field_end(parser);
	if (parser->last_from != NULL)
		msg_parser_keep(parser, parser->last_from);
	parser->state = MSG_PARSER_BODY;
	parser->last_byte = '\n';
	parser->v.header_done(parser->header, parser->context);
}

/* Decide what the line is that begins with data[0]. Returns the number of
   bytes used up. */
static size_t
msg_parser_line_start(struct msg_parser *parser, const unsigned char *data)
{
	if (data[0] == '\n') {
		msg_parser_header_end(parser);
		return 1;
	}
	if (parser->state == MSG_PARSER_LINE_START_CR) {
		/* a bare CR is a byte like any other */
		msg_parser_field_end(parser);
		msg_parser_field_append(parser, "\r", 1);
		parser->last_byte = '\r';
		parser->state = MSG_PARSER_LINE;
		return 0;
	}
	if (data[0] == '\r') {
		parser->state = MSG_PARSER_LINE_START_CR;
		return 1;
	}
	if (data[0] != ' ' && data[0] != '\t')
		msg_parser_field_end(parser);
	parser->last_byte = '\0';
	parser->state = MSG_PARSER_LINE;
	return 0;
}

/* Read up to the end of a header line. Returns the number of bytes used up. */
static size_t msg_parser_line(struct msg_parser *parser,
			      const unsigned char *data, size_t size)
{
	const unsigned char *lf = memchr(data, '\n', size);
	size_t line_size = lf == NULL ? size : (size_t)(lf - data);

	if (line_size > 0) {
		msg_parser_field_append(parser, data, line_size);
		parser->last_byte = data[line_size - 1];
	}
	if (lf == NULL)
		return size;
	msg_parser_field_append(parser, parser->last_byte == '\r' ?
				"\n" : "\r\n",
				parser->last_byte == '\r' ? 1 : 2);
	parser->state = MSG_PARSER_LINE_START;
	return line_size + 1;
}

static void msg_parser_flush(struct msg_parser *parser)
{
	if (parser->output_size > 0) {
		parser->v.body(parser->output, parser->output_size,
			       parser->context);
		parser->output_size = 0;
	}
}

static void msg_parser_output(struct msg_parser *parser,
			      const unsigned char *data, size_t size)
{
	if (size > sizeof(parser->output) - parser->output_size)
		msg_parser_flush(parser);
	if (size > sizeof(parser->output)) {
		parser->v.body(data, size, parser->context);
	} else if (size > 0) {
		memcpy(parser->output + parser->output_size, data, size);
		parser->output_size += size;
	}
}

static void msg_parser_body(struct msg_parser *parser,
			    const unsigned char *data, size_t size)
{
	const unsigned char *end = data + size, *start = data, *p = data, *lf;

	while (p < end && (lf = memchr(p, '\n', end - p)) != NULL) {
		unsigned char last = lf == data ?
			parser->last_byte : lf[-1];

		p = lf + 1;
		if (last != '\r') {
			msg_parser_output(parser, start, lf - start);
			msg_parser_output(parser,
					  (const unsigned char *)"\r\n", 2);
			start = p;
		}
	}
	msg_parser_output(parser, start, end - start);
	parser->last_byte = end[-1];
	msg_parser_flush(parser);
}

void msg_parser_more(struct msg_parser *parser,
		     const unsigned char *data, size_t size)
{
	size_t used;

	while (size > 0 && parser->state != MSG_PARSER_BODY) T_BEGIN {
		if (parser->state == MSG_PARSER_LINE)
			used = msg_parser_line(parser, data, size);
		else
			used = msg_parser_line_start(parser, data);
		data += used;
		size -= used;
	} T_END;
	if (size > 0)
		msg_parser_body(parser, data, size);
}

void msg_parser_finish(struct msg_parser *parser)
{
	switch (parser->state) {
	case MSG_PARSER_LINE:
	case MSG_PARSER_LINE_START_CR:
		if (parser->state == MSG_PARSER_LINE_START_CR) {
			msg_parser_field_end(parser);
			msg_parser_field_append(parser, "\r", 1);
		}
		msg_parser_field_append(parser, "\r\n", 2);
		/* fall through */
	case MSG_PARSER_LINE_START:
		msg_parser_header_end(parser);
		break;
	case MSG_PARSER_BODY:
		if (parser->last_byte != '\n') {
			parser->v.body((const unsigned char *)"\r\n", 2,
				       parser->context);
			parser->last_byte = '\n';
		}
		break;
	}
}

const struct msg_field *
msg_header_find(const struct msg_header *header, const char *name,
		unsigned int index)
{
	const struct msg_field *field;

	array_foreach(&header->fields, field) {
		if (strcasecmp(field->name, name) == 0 && index-- == 0)
			return field;
	}
	return NULL;
}

bool msg_field_is_from(const struct msg_field *field)
{
	static const char name[] = "from";
	size_t i, matched = 0;

	if (field->name[0] != '\0')
		return strcasecmp(field->name, "From") == 0;
	for (i = 0; i < field->size; i++) {
		unsigned char c = field->data[i];

		if (c <= ' ' || c >= 0x7f)
			continue;
		if (matched == strlen(name))
			return c == ':';
		if (i_tolower(c) != name[matched++])
			return FALSE;
	}
	return FALSE;
}

const char *t_msg_field_value(const struct msg_field *field)
{
	const unsigned char *p = field->data + field->value_offset;
	const unsigned char *end = field->data + field->size;
	string_t *value = t_str_new(end - p + 1);

	/* every CRLF in a field stands before white space or ends it */
	for (; p < end; p++) {
		if (*p == '\r' && end - p > 1 && p[1] == '\n')
			p++;
		else
			str_append_c(value, *p == '\0' ? '?' : *p);
	}
	return t_str_trim(str_c(value), " \t");
}
