/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "reference-message.h"

#include <ctype.h>

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* CRLF at the end of every line */
static string_t *canonical_line_ends(const unsigned char *data, size_t size)
{
	string_t *text = t_str_new(size * 2 + 2);
	size_t i;

	for (i = 0; i < size; i++) {
		if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
			str_append_c(text, '\r');
		str_append_c(text, data[i]);
	}
	if (size > 0 && data[size - 1] != '\n')
		str_append(text, "\r\n");
	return text;
}

/* RFC 5322 section 2.2, and section 4.5: white space before the colon */
static void reference_field_name(struct reference_field *field)
{
	const unsigned char *colon = memchr(field->data, ':', field->size);
	const char *name, *p;
	size_t size;

	field->name = "";
	field->value_offset = 0;
	if (colon == NULL)
		return;
	size = colon - field->data;
	while (size > 0 && is_wsp(field->data[size - 1]))
		size--;
	name = t_strndup(field->data, size);
	for (p = name; *p > ' ' && *p < 0x7f; p++) ;
	if (size == 0 || p != name + size)
		return;
	field->name = name;
	field->value_offset = colon + 1 - field->data;
}

void reference_message_read(const unsigned char *data, size_t size,
			    struct reference_message *message_r)
{
	const string_t *text = canonical_line_ends(data, size);
	const unsigned char *p = str_data(text), *end = p + str_len(text);
	const unsigned char *next;
	struct reference_field *field = NULL;

	t_array_init(&message_r->fields, 16);
	for (; p < end; p = next) {
		next = (const unsigned char *)memchr(p, '\n', end - p) + 1;
		if (next - p == 2 && *p == '\r') {
			p = next;
			break;
		}
		if (field == NULL || !is_wsp(*p)) {
			field = array_append_space(&message_r->fields);
			field->data = p;
		}
		field->size = next - field->data;
	}
	array_foreach_modifiable(&message_r->fields, field)
		reference_field_name(field);
	message_r->body = t_str_new(end - p + 1);
	str_append_data(message_r->body, p, end - p);
}

/* white space to one space each; none at the end */
static void append_reduced(string_t *dest, const unsigned char *data,
			   size_t size)
{
	size_t i;

	while (size > 0 && is_wsp(data[size - 1]))
		size--;
	for (i = 0; i < size; i++) {
		if (!is_wsp(data[i]))
			str_append_c(dest, data[i]);
		else if (!is_wsp(data[i + 1]))
			str_append_c(dest, ' ');
	}
}

void reference_field_canonical(string_t *dest,
			       const struct reference_field *field,
			       enum canonicalization canonicalization)
{
	const unsigned char *value = field->data + field->value_offset;
	size_t i, size = field->size - field->value_offset;
	string_t *unfolded = t_str_new(size + 1);

	if (canonicalization == CANONICALIZATION_SIMPLE) {
		str_append_data(dest, field->data, field->size);
		return;
	}
	str_append(dest, t_str_lcase(field->name));
	str_append_c(dest, ':');
	for (i = 0; i < size; i++) {
		if (value[i] == '\r' && i + 1 < size && value[i + 1] == '\n')
			i++;
		else
			str_append_c(unfolded, value[i]);
	}
	value = str_data(unfolded);
	size = str_len(unfolded);
	while (size > 0 && is_wsp(*value)) {
		value++;
		size--;
	}
	append_reduced(dest, value, size);
	str_append(dest, "\r\n");
}

static bool ends_in(const string_t *text, const char *end)
{
	size_t size = strlen(end);

	return str_len(text) >= size &&
		memcmp(str_data(text) + str_len(text) - size, end, size) == 0;
}

static const unsigned char *
find_crlf(const unsigned char *p, const unsigned char *end)
{
	for (; end - p >= 2; p++) {
		if (p[0] == '\r' && p[1] == '\n')
			return p;
	}
	return end;
}

string_t *reference_body_canonical(const string_t *body,
				   enum canonicalization canonicalization)
{
	string_t *text = t_str_new(str_len(body) + 2), *reduced;
	const unsigned char *p, *end, *crlf;

	str_append_str(text, body);
	if (str_len(text) > 0 && !ends_in(text, "\r\n"))
		str_append(text, "\r\n");
	if (canonicalization == CANONICALIZATION_RELAXED) {
		reduced = t_str_new(str_len(text));
		p = str_data(text);
		end = p + str_len(text);
		for (; p < end; p = crlf + 2) {
			crlf = find_crlf(p, end);
			append_reduced(reduced, p, crlf - p);
			str_append(reduced, "\r\n");
		}
		text = reduced;
	}
	while (ends_in(text, "\r\n\r\n"))
		str_truncate(text, str_len(text) - 2);
	if (str_len(text) == 2)
		str_truncate(text, 0);
	if (str_len(text) == 0 && canonicalization == CANONICALIZATION_SIMPLE)
		str_append(text, "\r\n");
	return text;
}

bool reference_tag_find(const unsigned char *tags, size_t size,
			const char *name, size_t *offset_r, size_t *size_r)
{
	size_t start = 0, end, i;
	const unsigned char *semicolon, *equals;

	for (; start < size; start = end + 1) {
		semicolon = memchr(tags + start, ';', size - start);
		end = semicolon == NULL ? size : (size_t)(semicolon - tags);
		equals = memchr(tags + start, '=', end - start);
		if (equals == NULL)
			continue;
		i = equals - tags;
		if (strcmp(t_str_trim(t_strndup(tags + start, i - start),
				      " \t\r\n"), name) == 0) {
			*offset_r = i + 1;
			*size_r = end - (i + 1);
			return TRUE;
		}
	}
	return FALSE;
}
