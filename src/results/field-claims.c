/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "message-header-decode.h"
#include "authres-limits.h"
#include "field-claims.h"

#include <ctype.h>

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

bool field_has_id(const unsigned char *data, size_t size,
		  const char *const *ids)
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

bool field_claims_uncommented(const unsigned char *data, size_t size,
			      const char *const *ids, field_claims_t *claims)
{
	string_t *str;

	if (claims(data, size, ids))
		return TRUE;
	if (memchr(data, '(', size) == NULL)
		return FALSE;
	str = t_str_new(256);
	for (unsigned int i = 0; i < N_ELEMENTS(comment_rules); i++) {
		str_truncate(str, 0);
		remove_comments(str, data, size, &comment_rules[i]);
		if (claims(str_data(str), str_len(str), ids))
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
encoded_claims(const unsigned char *data, size_t size, const char *const *ids,
	       field_claims_t *claims)
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
	return claims(str_data(str), str_len(str), ids);
}

bool field_claims_decoded(const unsigned char *data, size_t size,
			  const char *const *ids, field_claims_t *claims)
{
	bool ret;

	T_BEGIN {
		ret = claims(data, size, ids) ||
			encoded_claims(data, size, ids, claims);
	} T_END;
	return ret;
}
