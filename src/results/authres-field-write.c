/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "plain-text.h"
#include "authres-field.h"
#include "folded-field.h"

#include <ctype.h>

static const char *t_result_comment(const char *text)
{
	char *copy;

	text = t_plain_text(text, AUTHRES_MAX_COMMENT_BYTES);
	if (strncmp(text, AUTHRES_FIELD_COMMENT_PREFIX,
		    strlen(AUTHRES_FIELD_COMMENT_PREFIX)) == 0 ||
	    strncmp(text, AUTHRES_UPSTREAM_COMMENT_PREFIX,
		    strlen(AUTHRES_UPSTREAM_COMMENT_PREFIX)) == 0) {
		/* nobody else speaks for the whole field, or says whose
		   result this is */
		copy = t_strdup_noconst(text);
		copy[0] = '?';
		text = copy;
	}
	return t_field_comment(text);
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

/* [ [ local-part ] "@" ] domain-name, RFC 8601 section 2.2, with the local
   part a Dot-string of RFC 5321 */
static bool is_mailbox(const char *text)
{
	const char *at = strrchr(text, '@');

	if (at == NULL ||
	    !field_text_is_dotted(at + 1, at + 1 + strlen(at + 1), "-"))
		return FALSE;
	return at == text || field_text_is_dotted(text, at, FIELD_ATEXT);
}

static const char *t_pvalue(const char *value)
{
	value = t_plain_text(value, AUTHRES_MAX_PVALUE_BYTES);
	return is_token(value) || is_mailbox(value) ?
		value : t_field_quoted_string(value);
}

static bool is_keyword(const char *text)
{
	size_t len = 0;

	for (; i_isalnum(text[len]) || text[len] == '-'; len++) ;
	return len > 0 && text[len] == '\0' &&
		len <= AUTHRES_MAX_PROPERTY_NAME_BYTES;
}

static void
write_property(struct folded_field *field,
	       const struct check_property *property)
{
	if (!is_keyword(property->ptype) || !is_keyword(property->name) ||
	    strlen(property->value) > AUTHRES_MAX_PVALUE_BYTES)
		return;
	folded_field_item(field, t_strconcat(property->ptype, ".",
					     property->name, "=",
					     t_pvalue(property->value), NULL));
}

static void
write_result(struct folded_field *field, const struct check_result *result)
{
	const struct check_property *property;
	const char *text;

	folded_field_break(field, "\t");
	text = t_strconcat(check_method_name(result->method), "=",
			   check_result_word_name(result->result), NULL);
	folded_field_append(field, text, strlen(text));
	if (result->comment != NULL && result->comment[0] != '\0')
		folded_field_item(field, t_result_comment(result->comment));
	if (result->upstream != NULL) {
		text = t_plain_text(result->upstream,
				    AUTHRES_MAX_COMMENT_BYTES);
		folded_field_item(field, t_field_comment(t_strconcat(
			AUTHRES_UPSTREAM_COMMENT_PREFIX, text, NULL)));
	}
	if (result->reason != NULL && result->reason[0] != '\0') {
		text = t_plain_text(result->reason, AUTHRES_MAX_REASON_BYTES);
		folded_field_item(field, t_strconcat("reason=",
			t_field_quoted_string(text), NULL));
	}
	if (!array_is_created(&result->properties))
		return;
	array_foreach(&result->properties, property) T_BEGIN {
		write_property(field, property);
	} T_END;
}

void authres_field_write(string_t *dest, const char *authserv_id,
			 const ARRAY_TYPE(check_result) *results,
			 const char *comment, const char *newline)
{
	static const char name[] = "Authentication-Results:";
	const struct check_result *result;
	/* dest may be on the data stack, so it cannot grow inside T_BEGIN */
	struct folded_field field = {
		.dest = str_new(default_pool, 1024),
		.newline = newline
	};

	folded_field_append(&field, name, sizeof(name) - 1);
	T_BEGIN {
		const char *id =
			t_plain_text(authserv_id, AUTHRES_MAX_PVALUE_BYTES);

		folded_field_item(&field, is_token(id) ? id :
				  t_field_quoted_string(id));
	} T_END;
	if (!array_is_created(results) || array_count(results) == 0) {
		folded_field_append(&field, ";", 1);
		folded_field_item(&field, "none");
	} else {
		array_foreach(results, result) T_BEGIN {
			folded_field_append(&field, ";", 1);
			write_result(&field, result);
		} T_END;
	}
	if (comment != NULL) T_BEGIN {
		folded_field_line(&field, t_field_comment(t_strconcat(
			AUTHRES_FIELD_COMMENT_PREFIX,
			t_plain_text(comment, AUTHRES_MAX_FIELD_COMMENT_BYTES),
			NULL)));
	} T_END;
	str_append_str(dest, field.dest);
	str_append(dest, newline);
	str_free(&field.dest);
}
