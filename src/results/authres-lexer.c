/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-lexer.h"

#include <ctype.h>

void authres_lexer_init(struct authres_lexer *lexer,
			const unsigned char *data, size_t size)
{
	i_zero(lexer);
	lexer->data = data;
	lexer->end = data + size;
}

static bool is_wsp(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_value_char(unsigned char c)
{
	return c > ' ' && c != 0x7f && strchr(";()\"\\", c) == NULL;
}

void authres_lexer_skip_fws(struct authres_lexer *lexer)
{
	while (lexer->data < lexer->end && is_wsp(*lexer->data))
		lexer->data++;
}

/* Append the byte at *data. A line break and the white space behind it are one
   space (RFC 5322 section 3.2.2): *data is the last byte of it then. dest may
   be NULL. */
static void
append_unfolded(string_t *dest, const unsigned char **data,
		const unsigned char *end)
{
	unsigned char c = **data;

	if (c == '\r' || c == '\n') {
		while (*data + 1 < end && is_wsp((*data)[1]))
			(*data)++;
		c = ' ';
	}
	if (dest != NULL)
		str_append_c(dest, c);
}

int authres_lexer_comment(struct authres_lexer *lexer, string_t *dest)
{
	unsigned int depth = 1;

	i_assert(*lexer->data == '(');
	while (++lexer->data < lexer->end) {
		switch (*lexer->data) {
		case '(':
			lexer->comment_is_complex = TRUE;
			depth++;
			break;
		case ')':
			if (--depth > 0)
				break;
			lexer->data++;
			return 0;
		case '\\':
			lexer->comment_is_complex = TRUE;
			if (++lexer->data == lexer->end)
				return -1;
			break;
		case '"':
			lexer->comment_is_complex = TRUE;
			break;
		}
		append_unfolded(dest, &lexer->data, lexer->end);
	}
	return -1;
}

int authres_lexer_skip_cfws(struct authres_lexer *lexer)
{
	for (;;) {
		authres_lexer_skip_fws(lexer);
		if (authres_lexer_at_end(lexer) || *lexer->data != '(')
			return 0;
		if (authres_lexer_comment(lexer, NULL) < 0)
			return -1;
	}
}

bool authres_lexer_char(struct authres_lexer *lexer, char chr)
{
	if (authres_lexer_at_end(lexer) ||
	    *lexer->data != (unsigned char)chr)
		return FALSE;
	lexer->data++;
	return TRUE;
}

bool authres_lexer_keyword(struct authres_lexer *lexer, string_t *dest)
{
	const unsigned char *start = lexer->data;

	while (lexer->data < lexer->end &&
	       (i_isalnum(*lexer->data) || *lexer->data == '-' ||
		*lexer->data == '_'))
		lexer->data++;
	str_append_data(dest, start, lexer->data - start);
	return lexer->data > start;
}

int authres_lexer_quoted_string(struct authres_lexer *lexer, string_t *dest)
{
	i_assert(*lexer->data == '"');
	while (++lexer->data < lexer->end) {
		if (*lexer->data == '"') {
			lexer->data++;
			return 0;
		}
		if (*lexer->data == '\\' && ++lexer->data == lexer->end)
			return -1;
		append_unfolded(dest, &lexer->data, lexer->end);
	}
	return -1;
}

static void
value_chars(struct authres_lexer *lexer, string_t *dest, bool equals)
{
	const unsigned char *start = lexer->data;

	while (lexer->data < lexer->end && is_value_char(*lexer->data) &&
	       (equals || *lexer->data != '='))
		lexer->data++;
	str_append_data(dest, start, lexer->data - start);
}

int authres_lexer_id(struct authres_lexer *lexer, string_t *dest)
{
	if (!authres_lexer_at_end(lexer) && *lexer->data == '"')
		return authres_lexer_quoted_string(lexer, dest);
	value_chars(lexer, dest, FALSE);
	return 0;
}

int authres_lexer_pvalue(struct authres_lexer *lexer, string_t *dest)
{
	const unsigned char *start = lexer->data;
	size_t used = str_len(dest);

	if (authres_lexer_at_end(lexer) || *start != '"') {
		value_chars(lexer, dest, TRUE);
		return 0;
	}
	if (authres_lexer_quoted_string(lexer, dest) < 0)
		return -1;
	if (authres_lexer_at_end(lexer) || *lexer->data != '@')
		return 0;
	/* RFC 5321 quoted local part: the quotes belong to the address */
	str_truncate(dest, used);
	for (; start < lexer->data; start++)
		append_unfolded(dest, &start, lexer->data);
	value_chars(lexer, dest, TRUE);
	return 0;
}
