#include "lib.h"
#include "str.h"
#include "message-header-decode.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "authres-lexer.h"

#include <ctype.h>

/* Readers differ: some know the grammar, some split at ";" or white space,
   some drop comments, quotes or bytes they do not like. So an id of ours is
   looked for as a name with boundaries, in the field as it is and with
   comments removed in each way somebody removes them, and what a reader might
   drop may stand between any two of its letters. Only where it is looked for
   is strict: with a clean head in the authserv-id and before it, else in all
   that stands before the first ";". */

struct claim_head {
	/* from the first byte of the field */
	size_t size;
	/* it did not end within AUTHRES_MAX_FIELD_BYTES */
	bool too_long;
};

/* One way to take comments out. */
struct comment_rule {
	bool nested;
	bool escapes;
};

static const struct comment_rule comment_rules[] = {
	{ .nested = TRUE, .escapes = TRUE },
	{ .nested = TRUE, .escapes = FALSE },
	{ .nested = FALSE, .escapes = TRUE },
	{ .nested = FALSE, .escapes = FALSE },
};

static bool is_name_char(unsigned char c)
{
	return i_isalnum(c) || c == '-' || c == '_';
}

/* Bytes that some reader drops or takes for white space. */
static bool is_droppable(unsigned char c)
{
	return c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '\\';
}

/* Bytes that make one word with a name before them: "evil.example/ours" is
   not ours. */
static bool is_joiner(unsigned char c)
{
	return c >= 0x80 || (c > ' ' && c < 0x7f && !is_name_char(c) &&
			     strchr("()<>[]{}\",;'\\`", c) == NULL);
}

static bool is_name_start(const unsigned char *data, size_t pos)
{
	while (pos > 0 && is_joiner(data[pos - 1]))
		pos--;
	return pos == 0 || !is_name_char(data[pos - 1]);
}

static bool
is_id_at(const unsigned char *data, const unsigned char *end,
	 const char *id, size_t id_len)
{
	size_t i = 0;

	while (i < id_len) {
		if (data == end)
			return FALSE;
		if (i_tolower(*data) == i_tolower(id[i]))
			i++;
		else if (i == 0 || !is_droppable(*data))
			return FALSE;
		data++;
	}
	while (data < end && *data == '.')
		data++;
	return data == end || !is_name_char(*data);
}

static bool
has_id(const unsigned char *data, size_t size, const char *id)
{
	size_t id_len = strlen(id);

	while (id_len > 0 && id[id_len - 1] == '.')
		id_len--;
	if (id_len == 0)
		return FALSE;
	for (size_t pos = 0; pos < size; pos++) {
		if (i_tolower(data[pos]) == i_tolower(id[0]) &&
		    is_id_at(data + pos, data + size, id, id_len) &&
		    is_name_start(data, pos))
			return TRUE;
	}
	return FALSE;
}

static bool
has_any_id(const unsigned char *data, size_t size, const char *const *ids)
{
	for (; *ids != NULL; ids++) {
		if (has_id(data, size, *ids))
			return TRUE;
	}
	return FALSE;
}

/* Returns the size of the comment at data, or 0 if it does not end. */
static size_t
comment_size(const unsigned char *data, size_t size,
	     const struct comment_rule *rule)
{
	unsigned int depth = 0;

	for (size_t pos = 0; pos < size; pos++) {
		if (data[pos] == '\\' && rule->escapes)
			pos++;
		else if (data[pos] == '(' && (rule->nested || depth == 0))
			depth++;
		else if (data[pos] == ')' && --depth == 0)
			return pos + 1;
	}
	return 0;
}

static void
remove_comments(string_t *dest, const unsigned char *data, size_t size,
		const struct comment_rule *rule)
{
	size_t pos = 0, len;

	while (pos < size) {
		if (data[pos] != '(') {
			str_append_c(dest, data[pos++]);
			continue;
		}
		len = comment_size(data + pos, size - pos, rule);
		if (len == 0) {
			/* looking at the rest again for every "(" of it would
			   be quadratic */
			str_append_data(dest, data + pos, size - pos);
			break;
		}
		pos += len;
	}
}

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
	if (head.too_long || has_any_id(data, head.size, ids))
		return TRUE;
	if (memchr(data, '(', head.size) == NULL)
		return FALSE;
	for (unsigned int i = 0; i < N_ELEMENTS(comment_rules); i++) {
		str_truncate(str, 0);
		remove_comments(str, data, head.size, &comment_rules[i]);
		if (has_any_id(str_data(str), str_len(str), ids))
			return TRUE;
	}
	return FALSE;
}

static bool
decoded_append(const unsigned char *data, size_t size,
	       const char *charset ATTR_UNUSED, void *context)
{
	string_t *dest = context;

	str_append_data(dest, data, size);
	return TRUE;
}

static bool has_encoded_word(const unsigned char *data, size_t size)
{
	const unsigned char *p, *end = data + size;

	while ((p = memchr(data, '=', end - data)) != NULL) {
		data = p + 1;
		if (data < end && *data == '?')
			return TRUE;
	}
	return FALSE;
}

static bool
encoded_claims(const unsigned char *data, size_t size, const char *const *ids)
{
	string_t *str;

	size = I_MIN(size, AUTHRES_MAX_FIELD_BYTES);
	if (!has_encoded_word(data, size))
		return FALSE;
	/* No field may hold an encoded-word here, but many readers decode
	   every field before they look at it. The charset does not matter:
	   what is not ASCII may stand between the letters anyway. */
	str = t_str_new(1024);
	message_header_decode(data, size, decoded_append, str);
	return value_claims(str_data(str), str_len(str), ids);
}

bool authres_field_claims(const unsigned char *value, size_t size,
			  const char *const *authserv_ids)
{
	bool ret;

	T_BEGIN {
		ret = value_claims(value, size, authserv_ids) ||
			encoded_claims(value, size, authserv_ids);
	} T_END;
	return ret;
}
