/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "authres-lexer.h"
#include "field-claims.h"

#include <ctype.h>

/* Where an id of ours is looked for is strict: with a clean head in the
   authserv-id and before it, else in all that stands before the first ";".
   How it is looked for: field-claims.h. */

struct claim_head {
	/* from the first byte of the field */
	size_t size;
	/* it did not end within AUTHRES_MAX_FIELD_BYTES */
	bool too_long;
};

/* Skip everything up to ";" that is not inside a comment or quoted string. */
static int skip_junk(struct authres_lexer *lexer, string_t *str)
{
	while (!authres_lexer_at_end(lexer) && *lexer->data != ';') {
		if (*lexer->data == '(') {
			if (authres_lexer_comment(lexer, NULL) < 0)
				return -1;
		} else if (*lexer->data == '"') {
			if (authres_lexer_quoted_string(lexer, str) < 0)
				return -1;
		} else {
			lexer->data++;
		}
	}
	return 0;
}

static void skip_version(struct authres_lexer *lexer)
{
	while (!authres_lexer_at_end(lexer) && i_isdigit(*lexer->data))
		lexer->data++;
}

/* Find the end of what to look at by the grammar. Returns -1 if a comment or
   quoted string does not end. */
static int
grammar_head(struct authres_lexer *lexer, string_t *str,
	     const unsigned char **end_r)
{
	const unsigned char *id_end;

	/* readers skip empty parts */
	do {
		if (authres_lexer_skip_cfws(lexer) < 0)
			return -1;
	} while (authres_lexer_char(lexer, ';'));
	if (authres_lexer_id(lexer, str) < 0)
		return -1;
	id_end = lexer->data;
	if (authres_lexer_skip_cfws(lexer) < 0)
		return -1;
	skip_version(lexer);
	if (authres_lexer_skip_cfws(lexer) < 0)
		return -1;
	if ((authres_lexer_at_end(lexer) || *lexer->data == ';') &&
	    !lexer->comment_is_complex) {
		*end_r = id_end;
		return 0;
	}
	if (skip_junk(lexer, str) < 0)
		return -1;
	*end_r = lexer->data;
	return 0;
}

/* Up to the first ";" behind anything, wherever it stands. */
static size_t raw_head_size(const unsigned char *data, size_t size)
{
	size_t pos = 0;

	while (pos < size && (data[pos] <= ' ' || data[pos] == ';'))
		pos++;
	while (pos < size && data[pos] != ';')
		pos++;
	return pos;
}

static void
claim_head_find(const unsigned char *data, size_t size, string_t *str,
		struct claim_head *head_r)
{
	struct authres_lexer lexer;
	const unsigned char *end;

	authres_lexer_init(&lexer, data, size);
	if (grammar_head(&lexer, str, &end) == 0) {
		head_r->size = end - data;
		head_r->too_long = authres_lexer_at_end(&lexer) &&
			size == AUTHRES_MAX_FIELD_BYTES;
	} else {
		head_r->size = raw_head_size(data, size);
		head_r->too_long = size == AUTHRES_MAX_FIELD_BYTES;
	}
}

static bool
value_claims(const unsigned char *data, size_t size, const char *const *ids)
{
	struct claim_head head;
	string_t *str = t_str_new(256);

	size = I_MIN(size, AUTHRES_MAX_FIELD_BYTES);
	claim_head_find(data, size, str, &head);
	/* nobody needs so much before the first ";", except to hide it */
	return head.too_long ||
		field_claims_uncommented(data, head.size, ids, field_has_id);
}

bool authres_field_claims(const unsigned char *value, size_t size,
			  const char *const *authserv_ids)
{
	return field_claims_decoded(value, size, authserv_ids, value_claims);
}
