/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "strnum.h"
#include "dmarc-record.h"

#include <ctype.h>

/* Tags we read; each counts once. */
enum dmarc_tag {
	DMARC_TAG_P = 0x01,
	DMARC_TAG_SP = 0x02,
	DMARC_TAG_NP = 0x04,
	DMARC_TAG_ADKIM = 0x08,
	DMARC_TAG_ASPF = 0x10,
	DMARC_TAG_PSD = 0x20,
	DMARC_TAG_T = 0x40,
	DMARC_TAG_PCT = 0x80,
	DMARC_TAG_RUA = 0x100
};

static const struct {
	const char *name;
	enum dmarc_tag tag;
	/* in which modes the tag exists */
	bool rfc9989, rfc7489;
} dmarc_tags[] = {
	{ "p", DMARC_TAG_P, TRUE, TRUE },
	{ "sp", DMARC_TAG_SP, TRUE, TRUE },
	{ "np", DMARC_TAG_NP, TRUE, FALSE },
	{ "adkim", DMARC_TAG_ADKIM, TRUE, TRUE },
	{ "aspf", DMARC_TAG_ASPF, TRUE, TRUE },
	{ "psd", DMARC_TAG_PSD, TRUE, FALSE },
	{ "t", DMARC_TAG_T, TRUE, FALSE },
	{ "pct", DMARC_TAG_PCT, FALSE, TRUE },
	{ "rua", DMARC_TAG_RUA, TRUE, TRUE },
};

struct dmarc_record_parser {
	enum dmarc_mode mode;
	struct dmarc_record *record;
	unsigned int seen;
	/* of p, sp or np; NULL = all are valid */
	const char *defect;
	bool has_rua;
};

static bool is_wsp(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static void trim_wsp(const unsigned char **p, const unsigned char **end)
{
	while (*p < *end && is_wsp(**p))
		*p += 1;
	while (*p < *end && is_wsp((*end)[-1]))
		*end -= 1;
}

/* dmarc-uri of section 4.8; "," and "!" are percent-encoded in it, so that a
   "!" begins RFC 7489's size limit. */
static bool uri_is_valid(const char *uri)
{
	const char *p = uri, *at;
	size_t size = strcspn(uri, "!");

	if (!i_isalpha(*p))
		return FALSE;
	while (i_isalnum(*p) || *p == '+' || *p == '-' || *p == '.')
		p++;
	if (*p != ':' || p + 1 >= uri + size ||
	    strcspn(uri, " \t\"<>\\^`{|}") < size)
		return FALSE;
	if (strncasecmp(uri, "mailto:", 7) != 0)
		return TRUE;
	at = memchr(uri + 7, '@', size - 7);
	return at != NULL && at > uri + 7 && at + 1 < uri + size;
}

static bool uri_list_has_valid(const char *value)
{
	bool found = FALSE;

	while (!found && *value != '\0') T_BEGIN {
		const char *next = value + strcspn(value, ",");

		found = uri_is_valid(t_str_trim(t_strdup_until(value, next),
						" \t"));
		value = *next == ',' ? next + 1 : next;
	} T_END;
	return found;
}

static void
parse_policy(struct dmarc_record_parser *parser, const char *value,
	     const char *defect, enum dmarc_policy *policy_r, bool *has_r)
{
	if (dmarc_policy_parse(value, policy_r) < 0)
		parser->defect = defect;
	else
		*has_r = TRUE;
}

static void
parse_tag(struct dmarc_record_parser *parser, enum dmarc_tag tag,
	  const char *value)
{
	struct dmarc_record *record = parser->record;
	unsigned int percent;

	if ((parser->seen & tag) != 0)
		return;
	parser->seen |= tag;

	switch (tag) {
	case DMARC_TAG_P:
		parse_policy(parser, value,
			     "p= is not none, quarantine or reject",
			     &record->policy,
			     &record->has_policy);
		break;
	case DMARC_TAG_SP:
		parse_policy(parser, value,
			     "sp= is not none, quarantine or reject",
			     &record->subdomain_policy,
			     &record->has_subdomain_policy);
		break;
	case DMARC_TAG_NP:
		parse_policy(parser, value,
			     "np= is not none, quarantine or reject",
			     &record->nonexistent_policy,
			     &record->has_nonexistent_policy);
		break;
	case DMARC_TAG_ADKIM:
		record->strict_dkim = strcasecmp(value, "s") == 0;
		break;
	case DMARC_TAG_ASPF:
		record->strict_spf = strcasecmp(value, "s") == 0;
		break;
	case DMARC_TAG_PSD:
		if (strcasecmp(value, "y") == 0)
			record->psd = DMARC_PSD_YES;
		else if (strcasecmp(value, "n") == 0)
			record->psd = DMARC_PSD_NO;
		break;
	case DMARC_TAG_T:
		record->test_mode = strcasecmp(value, "y") == 0;
		break;
	case DMARC_TAG_PCT:
		if (str_to_uint(value, &percent) == 0 && percent <= 100)
			record->percent = percent;
		break;
	case DMARC_TAG_RUA:
		parser->has_rua = uri_list_has_valid(value);
		break;
	}
}

/* One "name = value" without its semicolons. Anything else is left out. */
static void
parse_tag_spec(struct dmarc_record_parser *parser,
	       const unsigned char *p, const unsigned char *end)
{
	const unsigned char *name_end, *value, *c;
	bool rfc7489 = parser->mode == DMARC_MODE_RFC7489;
	unsigned int i;

	value = memchr(p, '=', end - p);
	if (value == NULL)
		return;
	name_end = value++;
	trim_wsp(&p, &name_end);
	trim_wsp(&value, &end);
	for (c = value; c < end; c++) {
		if ((*c < ' ' && *c != '\t') || *c > 0x7e)
			return;
	}
	for (i = 0; i < N_ELEMENTS(dmarc_tags); i++) {
		size_t size = strlen(dmarc_tags[i].name);

		if (size == (size_t)(name_end - p) &&
		    memcmp(dmarc_tags[i].name, p, size) == 0 &&
		    (rfc7489 ? dmarc_tags[i].rfc7489 : dmarc_tags[i].rfc9989)) {
			parse_tag(parser, dmarc_tags[i].tag,
				  t_strdup_until(value, end));
			break;
		}
	}
}

/* "v" *WSP "=" *WSP %s"DMARC1" up to the first semicolon. */
static bool
is_version(const unsigned char *p, const unsigned char *end)
{
	if (p == end || *p != 'v')
		return FALSE;
	p++;
	trim_wsp(&p, &end);
	if (p == end || *p != '=')
		return FALSE;
	p++;
	trim_wsp(&p, &end);
	return end - p == 6 && memcmp(p, "DMARC1", 6) == 0;
}

bool dmarc_record_parse(enum dmarc_mode mode,
			const unsigned char *text, size_t size,
			struct dmarc_record *record_r)
{
	const unsigned char *p = text, *end = text + size, *next;
	struct dmarc_record_parser parser;

	i_zero(record_r);
	record_r->percent = 100;
	record_r->text = text;
	record_r->text_size = size;
	next = memchr(p, ';', end - p);
	if (!is_version(p, next == NULL ? end : next))
		return FALSE;

	i_zero(&parser);
	parser.mode = mode;
	parser.record = record_r;
	while (next != NULL) T_BEGIN {
		p = next + 1;
		next = memchr(p, ';', end - p);
		parse_tag_spec(&parser, p, next == NULL ? end : next);
	} T_END;

	if (!record_r->has_policy && parser.defect == NULL)
		parser.defect = "p= is missing";
	record_r->defect = parser.defect;
	if (parser.defect != NULL) {
		/* section 4.10.1: as p=none if somebody wants reports */
		record_r->policy = DMARC_POLICY_NONE;
		record_r->has_subdomain_policy = FALSE;
		record_r->has_nonexistent_policy = FALSE;
		record_r->has_policy = parser.has_rua;
	}
	return TRUE;
}

/* Has the record a tag of this name with a value that begins so? */
static bool
has_tag(const char *text, const char *name, const char *value_prefix)
{
	const char *const *specs, *p;
	size_t size = strlen(name);

	for (specs = t_strsplit(text, ";"); *specs != NULL; specs++) {
		p = *specs + strspn(*specs, " \t");
		if (strncasecmp(p, name, size) != 0)
			continue;
		p += size;
		p += strspn(p, " \t");
		if (*p++ != '=')
			continue;
		p += strspn(p, " \t\"");
		if (strncasecmp(p, value_prefix, strlen(value_prefix)) == 0)
			return TRUE;
	}
	return FALSE;
}

static const char *near_miss_of(const char *text)
{
	const char *first = t_strcut(text, ';');

	if (has_tag(first, "v", "DMARC"))
		return "v=DMARC1 is misspelt";
	if (has_tag(text, "v", "DMARC1"))
		return "v=DMARC1 does not come first";
	if (strncasecmp(text, "DMARC1", 6) == 0)
		return "v= is missing in front of DMARC1";
	if (has_tag(text, "p", "reject") || has_tag(text, "p", "quarantine") ||
	    has_tag(text, "p", "none"))
		return "v=DMARC1 is missing";
	return NULL;
}

const char *dmarc_record_near_miss(const unsigned char *text, size_t size)
{
	const char *defect;

	if (memchr(text, '\0', size) != NULL)
		return NULL;
	T_BEGIN {
		defect = near_miss_of(t_str_trim(t_strndup(text, size),
						 " \t\""));
	} T_END;
	return defect;
}
