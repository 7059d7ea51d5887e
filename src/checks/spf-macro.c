/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "net.h"
#include "authres-limits.h"
#include "spf-macro.h"

#include <ctype.h>

#define SPF_MACRO_LETTERS "slodiphcrtv"
#define SPF_MACRO_EXPLANATION_LETTERS "crt"
#define SPF_MACRO_DELIMITERS ".-+,/_="

ARRAY_DEFINE_TYPE(spf_macro_part, struct spf_macro_part);

struct spf_macro_parser {
	const char *pos, *end;
	enum spf_macro_place place;
	ARRAY_TYPE(spf_macro_part) parts;
	unsigned int macro_count;
	bool uses_p;
	const char *error;
};

static const struct spf_macro_part spf_macro_percent =
	{ .text = "%", .text_size = 1 };
static const struct spf_macro_part spf_macro_space =
	{ .text = " ", .text_size = 1 };
static const struct spf_macro_part spf_macro_url_space =
	{ .text = "%20", .text_size = 3 };

static bool spf_macro_chr_is_in(char chr, const char *set)
{
	return chr != '\0' && strchr(set, chr) != NULL;
}

/* transformers: *DIGIT [ "r" ] */
static int spf_macro_parse_transformers(struct spf_macro_parser *parser,
					struct spf_macro_part *part)
{
	const char *start = parser->pos;
	unsigned int keep = 0;

	for (; parser->pos < parser->end && i_isdigit(*parser->pos);
	     parser->pos++) {
		/* No value has more parts than bytes, so more digits than
		   this mean "all" (section 7.3). */
		if (keep < AUTHRES_MAX_TXT_BYTES)
			keep = keep * 10 + (*parser->pos - '0');
	}
	if (parser->pos > start && keep == 0) {
		parser->error = "macro asks for zero parts";
		return -1;
	}
	part->keep = keep;
	if (parser->pos < parser->end &&
	    (*parser->pos == 'r' || *parser->pos == 'R')) {
		part->reverse = TRUE;
		parser->pos++;
	}
	return 0;
}

/* What follows "%{" */
static int spf_macro_parse_expand(struct spf_macro_parser *parser)
{
	struct spf_macro_part part;

	i_zero(&part);
	if (parser->pos == parser->end ||
	    !spf_macro_chr_is_in(i_tolower(*parser->pos), SPF_MACRO_LETTERS)) {
		parser->error = "unknown macro letter";
		return -1;
	}
	part.letter = i_tolower(*parser->pos);
	part.url_escape = part.letter != *parser->pos;
	if (parser->place == SPF_MACRO_PLACE_DOMAIN &&
	    spf_macro_chr_is_in(part.letter, SPF_MACRO_EXPLANATION_LETTERS)) {
		parser->error = "macro is allowed only in explanations";
		return -1;
	}
	parser->pos++;

	if (spf_macro_parse_transformers(parser, &part) < 0)
		return -1;
	part.text = parser->pos;
	while (parser->pos < parser->end &&
	       spf_macro_chr_is_in(*parser->pos, SPF_MACRO_DELIMITERS))
		parser->pos++;
	part.text_size = parser->pos - part.text;
	if (parser->pos == parser->end || *parser->pos != '}') {
		parser->error = "macro is not closed";
		return -1;
	}
	parser->pos++;
	if (part.letter == 'p')
		parser->uses_p = TRUE;
	array_push_back(&parser->parts, &part);
	return 0;
}

/* What follows "%" */
static int spf_macro_parse_percent(struct spf_macro_parser *parser)
{
	char chr = parser->pos < parser->end ? *parser->pos : '\0';

	if (++parser->macro_count > AUTHRES_MAX_SPF_MACROS) {
		parser->error = t_strdup_printf("more than %u macros",
						AUTHRES_MAX_SPF_MACROS);
		return -1;
	}
	switch (chr) {
	case '{':
		parser->pos++;
		return spf_macro_parse_expand(parser);
	case '%':
		array_push_back(&parser->parts, &spf_macro_percent);
		break;
	case '_':
		array_push_back(&parser->parts, &spf_macro_space);
		break;
	case '-':
		array_push_back(&parser->parts, &spf_macro_url_space);
		break;
	default:
		parser->error = "% does not begin a macro";
		return -1;
	}
	parser->pos++;
	return 0;
}

/* A run of macro-literal, and SP in explanations */
static int spf_macro_parse_literal(struct spf_macro_parser *parser)
{
	struct spf_macro_part part;
	char min = parser->place == SPF_MACRO_PLACE_EXPLANATION ? 0x20 : 0x21;

	i_zero(&part);
	part.text = parser->pos;
	while (parser->pos < parser->end && *parser->pos != '%') {
		if (*parser->pos < min || *parser->pos > 0x7e) {
			parser->error = "byte is not visible ASCII";
			return -1;
		}
		parser->pos++;
	}
	part.text_size = parser->pos - part.text;
	array_push_back(&parser->parts, &part);
	return 0;
}

/* toplabel: letters, digits and hyphens, neither all digits nor with a
   hyphen at an end */
static bool spf_macro_is_toplabel(const char *label, size_t size)
{
	bool all_digits = TRUE;
	size_t i;

	if (size == 0 || label[0] == '-' || label[size - 1] == '-')
		return FALSE;
	for (i = 0; i < size; i++) {
		if (!i_isalnum(label[i]) && label[i] != '-')
			return FALSE;
		if (!i_isdigit(label[i]))
			all_digits = FALSE;
	}
	return !all_digits;
}

/* domain-end: ( "." toplabel [ "." ] ) / macro-expand. literal_end is the
   literal text that ends the domain-spec, empty behind a macro. */
static int spf_macro_check_domain_end(struct spf_macro_parser *parser,
				      const char *literal, size_t size)
{
	size_t dot;

	if (array_is_empty(&parser->parts)) {
		parser->error = "empty domain";
		return -1;
	}
	if (size == 0)
		return 0;
	if (literal[size - 1] == '.')
		size--;
	for (dot = size; dot > 0 && literal[dot - 1] != '.'; dot--) ;
	if (dot == 0 ||
	    !spf_macro_is_toplabel(literal + dot, size - dot)) {
		parser->error = "domain does not end in a top-level label";
		return -1;
	}
	return 0;
}

int spf_macro_parse(pool_t pool, const char *text, size_t size,
		    enum spf_macro_place place, struct spf_macro *macro_r,
		    const char **error_r)
{
	struct spf_macro_parser parser = {
		.pos = text, .end = text + size, .place = place,
	};
	const char *literal = text;
	int ret = 0;

	i_zero(macro_r);
	p_array_init(&parser.parts, pool, 1);
	while (ret == 0 && parser.pos < parser.end) {
		if (*parser.pos == '%') {
			parser.pos++;
			ret = spf_macro_parse_percent(&parser);
			literal = parser.pos;
		} else {
			literal = parser.pos;
			ret = spf_macro_parse_literal(&parser);
		}
	}
	if (ret == 0 && place == SPF_MACRO_PLACE_DOMAIN) {
		ret = spf_macro_check_domain_end(&parser, literal,
						 parser.end - literal);
	}
	if (ret < 0) {
		*error_r = parser.error;
		return -1;
	}
	macro_r->parts = array_get(&parser.parts, &macro_r->part_count);
	macro_r->uses_p = parser.uses_p;
	return 0;
}
