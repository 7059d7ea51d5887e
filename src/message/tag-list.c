/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "unichar.h"
#include "authres-limits.h"
#include "tag-list.h"

#include <ctype.h>

struct tag_list_parser {
	pool_t pool;
	const unsigned char *start, *p, *end;
	ARRAY_TYPE(tag) *tags;
	const char *error;
};

/* FWS, RFC 6376 section 2.8. The CRLF that ends a field may stand at the end
   of the data. */
static void skip_fws(struct tag_list_parser *parser)
{
	while (parser->p < parser->end) {
		if (*parser->p == ' ' || *parser->p == '\t')
			parser->p++;
		else if (parser->end - parser->p >= 2 &&
			 parser->p[0] == '\r' && parser->p[1] == '\n')
			parser->p += 2;
		else
			break;
	}
}

static bool value_size_trim(const unsigned char **value, size_t *size)
{
	while (*size > 0 && strchr(" \t\r\n", (*value)[0]) != NULL) {
		(*value)++;
		(*size)--;
	}
	while (*size > 0 && strchr(" \t\r\n", (*value)[*size - 1]) != NULL)
		(*size)--;
	return *size > 0;
}

/* VALCHAR, white space, or UTF-8 (RFC 8616 section 2). */
static int value_check(const unsigned char *value, size_t size,
		       const char **error_r)
{
	bool has_8bit = FALSE;
	size_t i;

	for (i = 0; i < size; i++) {
		if (value[i] == '\r' && size - i > 1 && value[i + 1] == '\n') {
			i++;
		} else if (value[i] == '\0') {
			*error_r = "NUL byte";
			return -1;
		} else if ((value[i] < ' ' && value[i] != '\t') ||
			   value[i] == 0x7f) {
			*error_r = "control character";
			return -1;
		} else if (value[i] >= 0x80) {
			has_8bit = TRUE;
		}
	}
	if (has_8bit && !uni_utf8_data_is_valid(value, size)) {
		*error_r = "bytes that are not UTF-8";
		return -1;
	}
	return 0;
}

static const char *tag_name_expected(const struct tag_list_parser *parser)
{
	const struct tag *tags;
	unsigned int count;

	tags = array_get(parser->tags, &count);
	if (count == 0)
		return "tag name expected at the start";
	return t_strdup_printf("tag name expected after tag %s",
			       tags[count - 1].name);
}

static int parse_name(struct tag_list_parser *parser, const char **name_r)
{
	const unsigned char *start;

	skip_fws(parser);
	start = parser->p;
	if (parser->p < parser->end && i_isalpha(*parser->p)) {
		while (parser->p < parser->end &&
		       (i_isalnum(*parser->p) || *parser->p == '_'))
			parser->p++;
	}
	if (parser->p == start) {
		parser->error = tag_name_expected(parser);
		return -1;
	}
	*name_r = p_strndup(parser->pool, start, parser->p - start);
	skip_fws(parser);
	if (parser->p == parser->end || *parser->p != '=') {
		parser->error = t_strdup_printf("no \"=\" after tag %s",
						*name_r);
		return -1;
	}
	parser->p++;
	return 0;
}

static int parse_tag(struct tag_list_parser *parser)
{
	struct tag tag;
	const unsigned char *value, *semicolon;
	const char *error;
	size_t size;

	i_zero(&tag);
	if (parse_name(parser, &tag.name) < 0)
		return -1;
	if (tag_list_find(parser->tags, tag.name) != NULL) {
		parser->error = t_strdup_printf("tag %s is given twice",
						tag.name);
		return -1;
	}
	value = parser->p;
	semicolon = memchr(value, ';', parser->end - value);
	parser->p = semicolon == NULL ? parser->end : semicolon;
	size = parser->p - value;
	tag.value_offset = value - parser->start;
	tag.value_size = size;
	if (value_check(value, size, &error) < 0) {
		parser->error = t_strdup_printf("%s in tag %s",
						error, tag.name);
		return -1;
	}
	tag.value = value_size_trim(&value, &size) ?
		p_strndup(parser->pool, value, size) : "";
	array_push_back(parser->tags, &tag);
	return 0;
}

static int parse_tags(struct tag_list_parser *parser)
{
	for (;;) {
		if (array_count(parser->tags) >= AUTHRES_MAX_TAGS) {
			parser->error = t_strdup_printf("more than %u tags",
							AUTHRES_MAX_TAGS);
			return -1;
		}
		if (parse_tag(parser) < 0)
			return -1;
		if (parser->p == parser->end)
			return 0;
		/* the semicolon after the last tag is optional */
		parser->p++;
		skip_fws(parser);
		if (parser->p == parser->end)
			return 0;
	}
}

int tag_list_parse(pool_t pool, const unsigned char *data, size_t size,
		   ARRAY_TYPE(tag) *tags_r, const char **error_r)
{
	struct tag_list_parser parser = {
		.pool = pool,
		.start = data, .p = data, .end = data + size,
		.tags = tags_r,
	};

	p_array_init(tags_r, pool, 12);
	if (parse_tags(&parser) < 0) {
		*error_r = parser.error;
		return -1;
	}
	return 0;
}

const struct tag *tag_list_find(const ARRAY_TYPE(tag) *tags, const char *name)
{
	const struct tag *tag;

	array_foreach(tags, tag) {
		if (strcmp(tag->name, name) == 0)
			return tag;
	}
	return NULL;
}

const char *t_tag_list_compact(const ARRAY_TYPE(tag) *tags, const char *name)
{
	const struct tag *tag = tag_list_find(tags, name);
	const char *p;
	string_t *value;

	if (tag == NULL)
		return NULL;
	value = t_str_new(strlen(tag->value) + 1);
	for (p = tag->value; *p != '\0'; p++) {
		if (strchr(" \t\r\n", *p) == NULL)
			str_append_c(value, *p);
	}
	return str_c(value);
}
