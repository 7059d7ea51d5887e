#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "plain-text.h"
#include "authres-field.h"

#include <ctype.h>

#define TAB_COLUMNS 8

struct field_writer {
	string_t *dest;
	const char *newline;
	/* of the line being written */
	size_t columns;
};

static void append(struct field_writer *writer, const char *text, size_t len)
{
	str_append_data(writer->dest, text, len);
	writer->columns += len;
}

static void fold(struct field_writer *writer, const char *wsp)
{
	str_append(writer->dest, writer->newline);
	str_append(writer->dest, wsp);
	writer->columns = 0;
	for (; *wsp != '\0'; wsp++)
		writer->columns += *wsp == '\t' ? TAB_COLUMNS : 1;
}

static bool fits(const struct field_writer *writer, size_t len)
{
	return writer->columns < AUTHRES_FOLD_COLUMNS &&
		len <= AUTHRES_FOLD_COLUMNS - writer->columns;
}

/* A single space between two words. Unfolding gives it back as it was. */
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

/* Append a space and the item. Only inside a comment or quoted string are
   there spaces to break at. */
static void append_item(struct field_writer *writer, const char *item)
{
	size_t len, item_len = strlen(item);

	if (fits(writer, item_len + 2))
		append(writer, " ", 1);
	else
		fold(writer, "\t ");
	/* one column is kept for the ";" that may follow */
	if (fits(writer, item_len + 1)) {
		append(writer, item, item_len);
		return;
	}
	while (*item != '\0') {
		len = word_length(item);
		if (*item == ' ' && !fits(writer, len + 1)) {
			fold(writer, " ");
			item++;
			len--;
		}
		append(writer, item, len);
		item += len;
	}
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

static const char *t_comment(const char *text)
{
	return t_enclose('(', text, "()\\", ')');
}

static const char *t_quoted_string(const char *text)
{
	return t_enclose('"', text, "\"\\", '"');
}

static const char *t_result_comment(const char *text)
{
	char *copy;

	text = t_plain_text(text, AUTHRES_MAX_COMMENT_BYTES);
	if (strncmp(text, AUTHRES_FIELD_COMMENT_PREFIX,
		    strlen(AUTHRES_FIELD_COMMENT_PREFIX)) == 0) {
		/* nobody else speaks for the whole field */
		copy = t_strdup_noconst(text);
		copy[0] = '?';
		text = copy;
	}
	return t_comment(text);
}

/* RFC 2045 section 5.1 */
static bool is_token(const char *text)
{
	if (*text == '\0')
		return FALSE;
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text > 0x7e ||
		    strchr("()<>@,;:\\\"/[]?=", *text) != NULL)
			return FALSE;
	}
	return TRUE;
}

/* Labels of the given bytes and letters and digits, with single dots between
   them. */
static bool is_dotted(const char *text, const char *end, const char *others)
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

/* [ [ local-part ] "@" ] domain-name, RFC 8601 section 2.2, with the local
   part a Dot-string of RFC 5321 */
static bool is_mailbox(const char *text)
{
	const char *at = strrchr(text, '@');

	if (at == NULL ||
	    !is_dotted(at + 1, at + 1 + strlen(at + 1), "-"))
		return FALSE;
	return at == text || is_dotted(text, at, "!#$%&'*+-/=?^_`{|}~");
}

static const char *t_pvalue(const char *value)
{
	value = t_plain_text(value, AUTHRES_MAX_PVALUE_BYTES);
	return is_token(value) || is_mailbox(value) ?
		value : t_quoted_string(value);
}

static bool is_keyword(const char *text)
{
	size_t len = 0;

	for (; i_isalnum(text[len]) || text[len] == '-'; len++) ;
	return len > 0 && text[len] == '\0' &&
		len <= AUTHRES_MAX_PROPERTY_NAME_BYTES;
}

static void
write_property(struct field_writer *writer,
	       const struct check_property *property)
{
	if (!is_keyword(property->ptype) || !is_keyword(property->name) ||
	    strlen(property->value) > AUTHRES_MAX_PVALUE_BYTES)
		return;
	append_item(writer, t_strconcat(property->ptype, ".", property->name,
					"=", t_pvalue(property->value), NULL));
}

static void
write_result(struct field_writer *writer, const struct check_result *result)
{
	const struct check_property *property;
	const char *text;

	fold(writer, "\t");
	text = t_strconcat(check_method_name(result->method), "=",
			   check_result_word_name(result->result), NULL);
	append(writer, text, strlen(text));
	if (result->comment != NULL && result->comment[0] != '\0')
		append_item(writer, t_result_comment(result->comment));
	if (result->reason != NULL && result->reason[0] != '\0') {
		text = t_plain_text(result->reason, AUTHRES_MAX_REASON_BYTES);
		append_item(writer, t_strconcat("reason=",
						t_quoted_string(text), NULL));
	}
	if (!array_is_created(&result->properties))
		return;
	array_foreach(&result->properties, property) T_BEGIN {
		write_property(writer, property);
	} T_END;
}

static void
write_field_comments(struct field_writer *writer, const char *const *comments)
{
	for (; *comments != NULL; comments++) T_BEGIN {
		append_item(writer, t_comment(t_strconcat(
			AUTHRES_FIELD_COMMENT_PREFIX,
			t_plain_text(*comments, AUTHRES_MAX_COMMENT_BYTES),
			NULL)));
	} T_END;
}

void authres_field_write(string_t *dest, const char *authserv_id,
			 const ARRAY_TYPE(check_result) *results,
			 const char *const *comments, const char *newline)
{
	static const char name[] = "Authentication-Results:";
	const struct check_result *result;
	/* dest may be on the data stack, so it cannot grow inside T_BEGIN */
	struct field_writer writer = {
		.dest = str_new(default_pool, 1024),
		.newline = newline
	};

	append(&writer, name, sizeof(name) - 1);
	T_BEGIN {
		const char *id =
			t_plain_text(authserv_id, AUTHRES_MAX_PVALUE_BYTES);

		append_item(&writer, is_token(id) ? id : t_quoted_string(id));
	} T_END;
	if (!array_is_created(results) || array_count(results) == 0) {
		append(&writer, ";", 1);
		append_item(&writer, "none");
	} else {
		array_foreach(results, result) T_BEGIN {
			append(&writer, ";", 1);
			write_result(&writer, result);
		} T_END;
	}
	if (comments != NULL)
		write_field_comments(&writer, comments);
	str_append_str(dest, writer.dest);
	str_append(dest, newline);
	str_free(&writer.dest);
}
