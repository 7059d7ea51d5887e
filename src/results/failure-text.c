/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "hex-binary.h"
#include "str.h"
#include "authres-limits.h"
#include "failure-text.h"

/* A hash may be longer than the mark that it takes the place of. */
#define FIELD_SLACK_BYTES 16
#define TEXT_SLACK_BYTES 128

static const struct failure_field failure_fields[] = {
	/* RFC 6591 section 3.1, RFC 9991 section 4 */
	{ "Auth-Failure", FAILURE_PART_FEEDBACK, 1 },
	{ "Authentication-Results", FAILURE_PART_FEEDBACK, 1 },
	{ "Identity-Alignment", FAILURE_PART_FEEDBACK, 1 },
	{ "Original-Mail-From", FAILURE_PART_FEEDBACK, 1 },
	{ "DKIM-Domain", FAILURE_PART_FEEDBACK, 1 },
	{ "DKIM-Identity", FAILURE_PART_FEEDBACK, 1 },
	{ "DKIM-Selector", FAILURE_PART_FEEDBACK, 1 },
	{ "SPF-DNS", FAILURE_PART_FEEDBACK, 1 },
	{ "Received", FAILURE_PART_HEADER, 10 },
	{ "DKIM-Signature", FAILURE_PART_HEADER, 5 },
	{ "From", FAILURE_PART_HEADER, 1 },
	{ "Date", FAILURE_PART_HEADER, 1 },
	{ "List-Id", FAILURE_PART_HEADER, 1 },
};

const struct failure_field *failure_field_find(const char *name)
{
	for (unsigned int i = 0; i < N_ELEMENTS(failure_fields); i++) {
		if (strcmp(failure_fields[i].name, name) == 0)
			return &failure_fields[i];
	}
	return NULL;
}

/* What is between two marks. */
static bool local_part_parse(const char *hex, size_t size, buffer_t *dest)
{
	const char *text = t_strndup(hex, size);

	return size > 0 && size <= 2 * AUTHRES_MAX_LOCAL_PART_BYTES &&
		strspn(text, "0123456789abcdef") == size &&
		hex_to_binary(text, dest) == 0 &&
		memchr(dest->data, '\0', dest->used) == NULL;
}

/* Copy value, if it is a good one, with what redact gives for marked local
   parts; dest and redact may be NULL. */
static bool
value_copy(const char *value, failure_text_redact_t *redact, void *context,
	   string_t *dest)
{
	const char *end;
	buffer_t *local_part;

	if (*value == '\0' || *value == ' ' ||
	    strlen(value) > AUTHRES_MAX_FAILURE_FIELD_BYTES)
		return FALSE;
	for (; *value != '\0'; value++) {
		if (*value < ' ' || *value > '~')
			return FALSE;
		if (*value != FAILURE_LOCAL_PART_MARK) {
			if (dest != NULL)
				str_append_c(dest, *value);
			continue;
		}
		end = strchr(++value, FAILURE_LOCAL_PART_MARK);
		local_part = t_buffer_create(64);
		if (end == NULL ||
		    !local_part_parse(value, end - value, local_part))
			return FALSE;
		if (dest != NULL)
			str_append(dest, redact(str_c(local_part), context));
		value = end;
	}
	return TRUE;
}

/* Split a column "Name: value". */
static const struct failure_field *
column_parse(const char *column, const char **value_r)
{
	const char *colon = strstr(column, ": ");

	if (colon == NULL)
		return NULL;
	*value_r = colon + 2;
	return failure_field_find(t_strdup_until(column, colon));
}

static unsigned int
count_fields(const char *const *columns, const struct failure_field *field)
{
	const char *value;
	unsigned int count = 0;

	for (; *columns != NULL; columns++) {
		if (column_parse(*columns, &value) == field)
			count++;
	}
	return count;
}

bool failure_text_add(string_t *text, const char *name, const char *value)
{
	const struct failure_field *field = failure_field_find(name);

	if (field == NULL || !value_copy(value, NULL, NULL, NULL) ||
	    strlen(value) > AUTHRES_MAX_FAILURE_FIELD_BYTES -
	    FIELD_SLACK_BYTES ||
	    str_len(text) + strlen(name) + strlen(value) + 3 >
	    AUTHRES_MAX_FAILURE_TEXT_BYTES - TEXT_SLACK_BYTES ||
	    count_fields(t_strsplit(str_c(text), "\t"), field) ==
	    field->max_count)
		return FALSE;
	if (str_len(text) > 0)
		str_append_c(text, '\t');
	str_printfa(text, "%s: %s", name, value);
	return TRUE;
}

void failure_value_add_local_part(string_t *value, const char *local_part)
{
	str_append_c(value, FAILURE_LOCAL_PART_MARK);
	str_append(value, binary_to_hex((const unsigned char *)local_part,
					strlen(local_part)));
	str_append_c(value, FAILURE_LOCAL_PART_MARK);
}

bool failure_text_is_valid(const char *text)
{
	const char *const *columns = t_strsplit(text, "\t"), *value;
	const struct failure_field *field;

	if (strlen(text) > AUTHRES_MAX_FAILURE_TEXT_BYTES ||
	    columns[0] == NULL)
		return FALSE;
	for (unsigned int i = 0; columns[i] != NULL; i++) {
		field = column_parse(columns[i], &value);
		if (field == NULL || !value_copy(value, NULL, NULL, NULL) ||
		    count_fields(columns, field) > field->max_count)
			return FALSE;
	}
	return TRUE;
}

bool failure_text_is_redacted(const char *text)
{
	return strchr(text, FAILURE_LOCAL_PART_MARK) == NULL;
}

const char *t_failure_text_redact(const char *text,
				  failure_text_redact_t *redact, void *context)
{
	const char *const *columns = t_strsplit(text, "\t"), *value;
	string_t *dest = t_str_new(strlen(text));

	for (; *columns != NULL; columns++) {
		if (str_len(dest) > 0)
			str_append_c(dest, '\t');
		if (column_parse(*columns, &value) == NULL)
			i_unreached();
		str_append_data(dest, *columns, value - *columns);
		(void)value_copy(value, redact, context, dest);
	}
	return str_c(dest);
}
