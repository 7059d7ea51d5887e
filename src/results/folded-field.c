/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "folded-field.h"

#include <ctype.h>

#define TAB_COLUMNS 8
/* what every line but an entry's first begins with */
#define CONTINUATION "\t "

void folded_field_append(struct folded_field *field, const char *text,
			 size_t len)
{
	str_append_data(field->dest, text, len);
	field->columns += len;
}

void folded_field_break(struct folded_field *field, const char *wsp)
{
	str_append(field->dest, field->newline);
	str_append(field->dest, wsp);
	field->columns = 0;
	for (; *wsp != '\0'; wsp++)
		field->columns += *wsp == '\t' ? TAB_COLUMNS : 1;
}

static bool fits(const struct folded_field *field, size_t len)
{
	return field->columns < AUTHRES_FOLD_COLUMNS &&
		len <= AUTHRES_FOLD_COLUMNS - field->columns;
}

/* A single space between two words: a reader makes one space of a line break
   and the white space behind it (RFC 5322 section 3.2.2), so it gets back what
   was here. */
static bool is_breakable(const char *text, size_t pos)
{
	return pos > 0 && text[pos] == ' ' && text[pos - 1] != ' ' &&
		text[pos + 1] != ' ' && text[pos + 1] != '\0';
}

static size_t word_length(const char *text)
{
	size_t len = 1;

	while (text[len] != '\0' && !is_breakable(text, len))
		len++;
	return len;
}

static void append_words(struct folded_field *field, const char *item)
{
	size_t len;

	while (*item != '\0') {
		len = word_length(item);
		/* one column is kept for the ";" that may follow */
		if (*item == ' ' && !fits(field, len + 1)) {
			folded_field_break(field, CONTINUATION);
			item++;
			len--;
		}
		folded_field_append(field, item, len);
		item += len;
	}
}

void folded_field_item(struct folded_field *field, const char *item)
{
	if (fits(field, strlen(item) + 2))
		folded_field_append(field, " ", 1);
	else
		folded_field_break(field, CONTINUATION);
	append_words(field, item);
}

void folded_field_line(struct folded_field *field, const char *item)
{
	folded_field_break(field, "\t");
	append_words(field, item);
}

static const char *
t_enclose(char open, const char *text, const char *escaped, char close)
{
	string_t *str = t_str_new(64);

	str_append_c(str, open);
	for (; *text != '\0'; text++) {
		if (strchr(escaped, *text) != NULL)
			str_append_c(str, '\\');
		str_append_c(str, *text);
	}
	str_append_c(str, close);
	return str_c(str);
}

const char *t_field_comment(const char *text)
{
	return t_enclose('(', text, "()\\", ')');
}

const char *t_field_quoted_string(const char *text)
{
	return t_enclose('"', text, "\"\\", '"');
}

bool field_text_is_dotted(const char *text, const char *end,
			  const char *others)
{
	bool label = FALSE;

	for (; text < end; text++) {
		if (i_isalnum(*text) || strchr(others, *text) != NULL)
			label = TRUE;
		else if (*text == '.' && label)
			label = FALSE;
		else
			return FALSE;
	}
	return label;
}
