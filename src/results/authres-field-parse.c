/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strnum.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "authres-lexer.h"

struct field_parser {
	pool_t pool;
	struct authres_lexer lexer;
	/* on the whole field, in the CFWS that was read last */
	const char *comment;
	string_t *str;
	const char *error;
	unsigned int entries;
	bool unusual;
};

static int parse_failed(struct field_parser *parser, const char *error)
{
	parser->error = error;
	return -1;
}

/* A comment of an entry. */
static void
add_comment(struct field_parser *parser, const char *text,
	    struct check_result *result)
{
	static const char prefix[] = AUTHRES_UPSTREAM_COMMENT_PREFIX;

	if (result->upstream == NULL &&
	    strncmp(text, prefix, sizeof(prefix) - 1) == 0) {
		result->upstream =
			p_strdup(parser->pool, text + sizeof(prefix) - 1);
	} else if (result->comment == NULL) {
		result->comment = p_strdup(parser->pool, text);
	}
}

/* Skip CFWS. result (may be NULL) gets the comments that are not ours. */
static int
skip_cfws(struct field_parser *parser, struct check_result *result)
{
	struct authres_lexer *lexer = &parser->lexer;
	const char *text;

	parser->comment = NULL;
	for (;;) {
		authres_lexer_skip_fws(lexer);
		if (authres_lexer_at_end(lexer) || *lexer->data != '(')
			return 0;
		str_truncate(parser->str, 0);
		if (authres_lexer_comment(lexer, parser->str) < 0)
			return parse_failed(parser, "comment does not end");
		text = str_c(parser->str);
		if (strncmp(text, AUTHRES_FIELD_COMMENT_PREFIX,
			    strlen(AUTHRES_FIELD_COMMENT_PREFIX)) == 0) {
			parser->comment = p_strdup(parser->pool,
				text + strlen(AUTHRES_FIELD_COMMENT_PREFIX));
		} else if (result != NULL) {
			add_comment(parser, text, result);
		}
	}
}

/* CFWS where hardly anybody writes it. */
static int skip_unusual_cfws(struct field_parser *parser)
{
	const unsigned char *start = parser->lexer.data;

	if (skip_cfws(parser, NULL) < 0)
		return -1;
	if (parser->lexer.data != start)
		parser->unusual = TRUE;
	return 0;
}

static int parse_pvalue(struct field_parser *parser)
{
	const unsigned char *start;

	if (skip_unusual_cfws(parser) < 0)
		return -1;
	str_truncate(parser->str, 0);
	start = parser->lexer.data;
	if (authres_lexer_pvalue(&parser->lexer, parser->str) < 0)
		return parse_failed(parser, "quoted string does not end");
	/* RFC 2045 section 5.1, but for the "@" of an address */
	if (parser->lexer.data == start ||
	    (*start != '"' && strpbrk(str_c(parser->str), ",:/<>[]?=") != NULL))
		parser->unusual = TRUE;
	return 0;
}

/* Read keyword [CFWS] and leave the keyword on the data stack. */
static int parse_keyword(struct field_parser *parser, const char **keyword_r)
{
	str_truncate(parser->str, 0);
	if (!authres_lexer_keyword(&parser->lexer, parser->str))
		return parse_failed(parser, "keyword is missing");
	*keyword_r = t_strdup(str_c(parser->str));
	if (strchr(*keyword_r, '_') != NULL)
		parser->unusual = TRUE;
	return skip_unusual_cfws(parser);
}

static bool ptype_is_usual(const char *ptype)
{
	static const char *const ptypes[] =
		{ "smtp", "header", "body", "policy", NULL };

	return str_array_icase_find(ptypes, ptype);
}

/* reason=value, ptype.property=value, or the unregistered name=value that some
   filters write. */
static int
parse_property(struct field_parser *parser, struct check_result *result)
{
	struct authres_lexer *lexer = &parser->lexer;
	const char *ptype, *name = NULL;

	if (parse_keyword(parser, &ptype) < 0)
		return -1;
	if (authres_lexer_char(lexer, '.')) {
		if (skip_unusual_cfws(parser) < 0 ||
		    parse_keyword(parser, &name) < 0)
			return -1;
	}
	if (!authres_lexer_char(lexer, '='))
		return parse_failed(parser, "\"=\" is missing");
	if (parse_pvalue(parser) < 0)
		return -1;
	if (name != NULL ? !ptype_is_usual(ptype) :
	    strcasecmp(ptype, "reason") != 0)
		parser->unusual = TRUE;
	if (name != NULL) {
		check_result_add_property(parser->pool, result, ptype, name,
					  str_c(parser->str));
	} else if (strcasecmp(ptype, "reason") == 0 && result->reason == NULL) {
		result->reason = p_strdup(parser->pool, str_c(parser->str));
	}
	return 0;
}

/* method [/ version] = result */
static int
parse_method(struct field_parser *parser, const char **method_r,
	     const char **word_r)
{
	struct authres_lexer *lexer = &parser->lexer;
	const char *version;

	if (parse_keyword(parser, method_r) < 0)
		return -1;
	if (authres_lexer_char(lexer, '/')) {
		parser->unusual = TRUE;
		if (skip_cfws(parser, NULL) < 0 ||
		    parse_keyword(parser, &version) < 0)
			return -1;
	}
	if (!authres_lexer_char(lexer, '='))
		return parse_failed(parser, "\"=\" is missing");
	if (skip_unusual_cfws(parser) < 0)
		return -1;
	str_truncate(parser->str, 0);
	if (!authres_lexer_keyword(lexer, parser->str))
		return parse_failed(parser, "result is missing");
	*word_r = t_strdup(str_c(parser->str));
	return 0;
}

static bool at_entry_end(const struct field_parser *parser)
{
	return authres_lexer_at_end(&parser->lexer) ||
		*parser->lexer.data == ';';
}

static int
parse_entry(struct field_parser *parser, struct authres_field *field)
{
	struct check_result result;
	const char *method, *word;

	i_zero(&result);
	if (++parser->entries > AUTHRES_MAX_PLAIN_RESULTS)
		parser->unusual = TRUE;
	if (parse_method(parser, &method, &word) < 0 ||
	    skip_cfws(parser, &result) < 0)
		return -1;
	while (!at_entry_end(parser)) {
		if (parse_property(parser, &result) < 0 ||
		    skip_cfws(parser, &result) < 0)
			return -1;
	}
	if (check_method_parse(method, &result.method) < 0)
		return 0;
	if (check_result_word_parse(word, &result.result) < 0)
		field->unknown_results |= 1U << result.method;
	else
		array_push_back(&field->results, &result);
	return 0;
}

/* ";" "none": no method was used. Leaves the parser where it was if this is
   something else. */
static bool parse_none(struct field_parser *parser)
{
	struct authres_lexer ahead = parser->lexer;

	str_truncate(parser->str, 0);
	if (!authres_lexer_keyword(&ahead, parser->str) ||
	    strcasecmp(str_c(parser->str), "none") != 0 ||
	    authres_lexer_skip_cfws(&ahead) < 0 ||
	    !authres_lexer_at_end(&ahead))
		return FALSE;
	parser->lexer.data += strlen("none");
	return TRUE;
}

static int
parse_head(struct field_parser *parser, struct authres_field *field)
{
	if (skip_cfws(parser, NULL) < 0)
		return -1;
	str_truncate(parser->str, 0);
	if (authres_lexer_id(&parser->lexer, parser->str) < 0)
		return parse_failed(parser, "quoted string does not end");
	if (str_len(parser->str) == 0)
		return parse_failed(parser, "authserv-id is missing");
	field->authserv_id = p_strdup(parser->pool, str_c(parser->str));
	if (skip_cfws(parser, NULL) < 0)
		return -1;
	if (at_entry_end(parser))
		return 0;
	str_truncate(parser->str, 0);
	if (!authres_lexer_keyword(&parser->lexer, parser->str) ||
	    str_to_uint(str_c(parser->str), &field->version) < 0)
		return parse_failed(parser, "junk after the authserv-id");
	return skip_cfws(parser, NULL);
}

static int
parse_field(struct field_parser *parser, struct authres_field *field)
{
	int ret = 0;

	if (parse_head(parser, field) < 0)
		return -1;
	while (ret == 0 && !authres_lexer_at_end(&parser->lexer)) {
		if (!authres_lexer_char(&parser->lexer, ';'))
			return parse_failed(parser, "\";\" is missing");
		if (skip_cfws(parser, NULL) < 0)
			return -1;
		if (authres_lexer_at_end(&parser->lexer)) {
			parser->unusual = TRUE;
			break;
		}
		if (parse_none(parser))
			ret = skip_cfws(parser, NULL);
		else T_BEGIN {
			ret = parse_entry(parser, field);
		} T_END;
	}
	return ret;
}

int authres_field_parse(pool_t pool, const unsigned char *value, size_t size,
			struct authres_field *field_r, const char **error_r)
{
	struct field_parser parser;
	int ret;

	i_zero(field_r);
	if (size > AUTHRES_MAX_FIELD_BYTES) {
		*error_r = "field is too long";
		return -1;
	}
	if (memchr(value, '\0', size) != NULL) {
		*error_r = "field has a NUL byte";
		return -1;
	}
	field_r->version = 1;
	p_array_init(&field_r->results, pool, 8);

	i_zero(&parser);
	parser.pool = pool;
	parser.str = str_new(pool, 256);
	authres_lexer_init(&parser.lexer, value, size);
	ret = parse_field(&parser, field_r);

	field_r->comment = parser.comment;
	field_r->unusual = parser.unusual;
	if (ret < 0)
		*error_r = parser.error;
	return ret;
}
