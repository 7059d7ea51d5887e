/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "zone-token.h"

#include <ctype.h>

void zone_tokenizer_init(struct zone_tokenizer *tok_r, const char *text)
{
	i_zero(tok_r);
	tok_r->p = text;
	tok_r->line = tok_r->next_line = 1;
	tok_r->at_line_start = TRUE;
}

static enum zone_token_type
zone_tokenizer_fail(struct zone_tokenizer *tok, const char *error)
{
	tok->error = error;
	return ZONE_TOKEN_ERROR;
}

static enum zone_token_type zone_tokenizer_quoted(struct zone_tokenizer *tok)
{
	const char *p = ++tok->p;

	while (*p != '"') {
		if (*p == '\\' && p[1] != '\0')
			p++;
		if (*p == '\0' || *p == '\n')
			return zone_tokenizer_fail(tok, "Missing '\"'");
		p++;
	}
	tok->word = tok->p;
	tok->word_size = p - tok->p;
	tok->quoted = TRUE;
	tok->p = p + 1;
	return ZONE_TOKEN_WORD;
}

static enum zone_token_type zone_tokenizer_word(struct zone_tokenizer *tok)
{
	const char *p = tok->p;

	while (*p != '\0' && strchr(" \t\r\n;()\"", *p) == NULL) {
		if (*p == '\\' && p[1] != '\0' && p[1] != '\n')
			p++;
		p++;
	}
	tok->word = tok->p;
	tok->word_size = p - tok->p;
	tok->quoted = FALSE;
	tok->p = p;
	return ZONE_TOKEN_WORD;
}

enum zone_token_type zone_tokenizer_next(struct zone_tokenizer *tok)
{
	bool line_start = tok->at_line_start;

	tok->indented = FALSE;
	tok->at_line_start = FALSE;
	tok->line = tok->next_line;
	for (;;) {
		switch (*tok->p) {
		case '\0':
			if (tok->in_parentheses)
				return zone_tokenizer_fail(tok, "Missing ')'");
			return ZONE_TOKEN_EOF;
		case ' ':
		case '\t':
		case '\r':
			if (line_start)
				tok->indented = TRUE;
			tok->p++;
			break;
		case ';':
			tok->p += strcspn(tok->p, "\n");
			break;
		case '\n':
			tok->p++;
			tok->next_line++;
			if (!tok->in_parentheses) {
				tok->at_line_start = TRUE;
				return ZONE_TOKEN_EOL;
			}
			tok->line = tok->next_line;
			break;
		case '(':
			if (tok->in_parentheses)
				return zone_tokenizer_fail(tok, "Nested '('");
			tok->in_parentheses = TRUE;
			tok->p++;
			break;
		case ')':
			if (!tok->in_parentheses)
				return zone_tokenizer_fail(tok,
							   "')' without '('");
			tok->in_parentheses = FALSE;
			tok->p++;
			break;
		case '"':
			return zone_tokenizer_quoted(tok);
		default:
			return zone_tokenizer_word(tok);
		}
	}
}

int zone_token_unescape(const struct zone_tokenizer *tok, buffer_t *dest)
{
	const char *p = tok->word, *end = tok->word + tok->word_size;

	while (p < end) {
		if (*p != '\\') {
			buffer_append_c(dest, *p++);
			continue;
		}
		if (++p == end)
			return -1;
		if (!i_isdigit(*p)) {
			buffer_append_c(dest, *p++);
			continue;
		}
		if (end - p < 3 || !i_isdigit(p[1]) || !i_isdigit(p[2]))
			return -1;
		unsigned int value = (p[0] - '0') * 100 +
			(p[1] - '0') * 10 + (p[2] - '0');
		if (value > 255)
			return -1;
		buffer_append_c(dest, value);
		p += 3;
	}
	return 0;
}
