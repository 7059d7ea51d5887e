/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "net.h"
#include "authres-limits.h"
#include "spf-record.h"

#include <ctype.h>

#define SPF_VERSION "v=spf1"
#define SPF_TERM_QUOTE_BYTES 64

enum spf_domain_use {
	SPF_DOMAIN_NONE,
	SPF_DOMAIN_OPTIONAL,
	SPF_DOMAIN_REQUIRED
};

static const struct spf_mechanism_syntax {
	const char *name;
	enum spf_domain_use domain;
	bool dual_cidr;
} spf_mechanism_syntax[] = {
	[SPF_MECHANISM_ALL] = { "all", SPF_DOMAIN_NONE, FALSE },
	[SPF_MECHANISM_INCLUDE] = { "include", SPF_DOMAIN_REQUIRED, FALSE },
	[SPF_MECHANISM_A] = { "a", SPF_DOMAIN_OPTIONAL, TRUE },
	[SPF_MECHANISM_MX] = { "mx", SPF_DOMAIN_OPTIONAL, TRUE },
	[SPF_MECHANISM_PTR] = { "ptr", SPF_DOMAIN_OPTIONAL, FALSE },
	[SPF_MECHANISM_IP4] = { "ip4", SPF_DOMAIN_NONE, FALSE },
	[SPF_MECHANISM_IP6] = { "ip6", SPF_DOMAIN_NONE, FALSE },
	[SPF_MECHANISM_EXISTS] = { "exists", SPF_DOMAIN_REQUIRED, FALSE },
};

struct spf_record_parser {
	pool_t pool;
	struct spf_record *record;
	const char *error;
};

bool spf_record_has_version(const unsigned char *text, size_t size)
{
	size_t version_size = strlen(SPF_VERSION);

	return size >= version_size &&
		i_memcasecmp(text, SPF_VERSION, version_size) == 0 &&
		(size == version_size || text[version_size] == ' ');
}

/* Take "/" and a number of up to three digits, without leading zeros, off the
   end of begin..*end. Returns FALSE if none is there. */
static bool spf_record_take_cidr(const char *begin, const char **end,
				 unsigned int *bits_r)
{
	const char *p = *end;

	while (p > begin && i_isdigit(p[-1]))
		p--;
	if (p == *end || *end - p > 3 || p == begin || p[-1] != '/' ||
	    (p[0] == '0' && *end - p > 1))
		return FALSE;
	*bits_r = 0;
	for (const char *digit = p; digit < *end; digit++)
		*bits_r = *bits_r * 10 + (*digit - '0');
	*end = p - 1;
	return TRUE;
}

/* dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]. A domain-spec
   may hold slashes itself but never ends in one with digits. */
static int
spf_record_take_dual_cidr(struct spf_record_parser *parser, const char *begin,
			  const char **end, struct spf_directive *directive)
{
	const char *p = *end;
	unsigned int ip4_bits = 32, ip6_bits = 128;

	if (spf_record_take_cidr(begin, &p, &ip6_bits) &&
	    p > begin && p[-1] == '/')
		*end = p - 1;
	else
		ip6_bits = 128;
	(void)spf_record_take_cidr(begin, end, &ip4_bits);
	if (ip4_bits > 32 || ip6_bits > 128) {
		parser->error = "bad prefix length";
		return -1;
	}
	directive->ip4_bits = ip4_bits;
	directive->ip6_bits = ip6_bits;
	return 0;
}

/* ip4-network [ ip4-cidr-length ] or ip6-network [ ip6-cidr-length ] */
static int
spf_record_parse_network(struct spf_record_parser *parser, const char *value,
			 struct spf_directive *directive)
{
	bool v4 = directive->mechanism == SPF_MECHANISM_IP4;
	const char *end = value + strlen(value);
	unsigned int max = v4 ? 32 : 128, bits = max;
	void *dest = v4 ? (void *)&directive->ip.u.ip4 :
		(void *)&directive->ip.u.ip6;

	(void)spf_record_take_cidr(value, &end, &bits);
	if (bits > max) {
		parser->error = "bad prefix length";
		return -1;
	}
	*(v4 ? &directive->ip4_bits : &directive->ip6_bits) = bits;
	directive->ip.family = v4 ? AF_INET : AF_INET6;
	if (memchr(value, '/', end - value) != NULL) {
		parser->error = "bad prefix length";
		return -1;
	}
	if (end - value >= MAX_IP_LEN ||
	    inet_pton(directive->ip.family, t_strdup_until(value, end),
		      dest) != 1) {
		parser->error = "bad network address";
		return -1;
	}
	return 0;
}

static int
spf_record_parse_target(struct spf_record_parser *parser, const char *domain,
			const char *end, struct spf_directive *directive)
{
	bool dual_cidr = spf_mechanism_syntax[directive->mechanism].dual_cidr;
	const char *slash;
	struct ip_addr ip;

	if (spf_macro_parse(parser->pool, domain, end - domain,
			    SPF_MACRO_PLACE_DOMAIN, &directive->target,
			    &parser->error) == 0)
		return 0;
	/* what its writer meant helps him more */
	domain = t_strdup_until(domain, end);
	slash = strrchr(domain, '/');
	if (net_addr2ip(domain, &ip) == 0)
		parser->error = "an address instead of a domain";
	else if (dual_cidr && slash != NULL &&
		 slash[1 + strspn(slash + 1, "0123456789")] == '\0')
		parser->error = "bad prefix length";
	return -1;
}

/* What follows the name of the mechanism: "", ":..." or "/..." */
static int
spf_record_parse_arguments(struct spf_record_parser *parser, const char *args,
			   struct spf_directive *directive)
{
	const struct spf_mechanism_syntax *syntax =
		&spf_mechanism_syntax[directive->mechanism];
	const char *end = args + strlen(args);

	if (directive->mechanism == SPF_MECHANISM_IP4 ||
	    directive->mechanism == SPF_MECHANISM_IP6) {
		if (*args != ':') {
			parser->error = "network address is missing";
			return -1;
		}
		return spf_record_parse_network(parser, args + 1, directive);
	}
	if (syntax->dual_cidr &&
	    spf_record_take_dual_cidr(parser, args, &end, directive) < 0)
		return -1;
	if (args == end) {
		if (syntax->domain != SPF_DOMAIN_REQUIRED)
			return 0;
		parser->error = "domain is missing";
		return -1;
	}
	if (*args != ':' || syntax->domain == SPF_DOMAIN_NONE) {
		parser->error = *args == '/' && syntax->dual_cidr ?
			"bad prefix length" : "unexpected argument";
		return -1;
	}
	return spf_record_parse_target(parser, args + 1, end, directive);
}

static enum check_result_word spf_record_qualifier(const char **term)
{
	switch (**term) {
	case '+':
		*term += 1;
		return CHECK_RESULT_PASS;
	case '-':
		*term += 1;
		return CHECK_RESULT_FAIL;
	case '~':
		*term += 1;
		return CHECK_RESULT_SOFTFAIL;
	case '?':
		*term += 1;
		return CHECK_RESULT_NEUTRAL;
	default:
		return CHECK_RESULT_PASS;
	}
}

static int
spf_record_parse_directive(struct spf_record_parser *parser, const char *term)
{
	struct spf_directive *directive;
	enum check_result_word result = spf_record_qualifier(&term);
	size_t name_size = strcspn(term, ":/");
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(spf_mechanism_syntax); i++) {
		const char *name = spf_mechanism_syntax[i].name;

		if (strncasecmp(term, name, name_size) == 0 &&
		    name[name_size] == '\0')
			break;
	}
	if (name_size == 0 || i == N_ELEMENTS(spf_mechanism_syntax)) {
		parser->error = "unknown mechanism";
		return -1;
	}
	directive = array_append_space(&parser->record->directives);
	directive->mechanism = i;
	directive->result = result;
	directive->text = term;
	directive->ip4_bits = 32;
	directive->ip6_bits = 128;
	return spf_record_parse_arguments(parser, term + name_size, directive);
}

/* The length of name in name "=", 0 if the term is no modifier:
   name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static size_t spf_record_modifier_name(const char *term)
{
	size_t size = 0;

	if (!i_isalpha(term[0]))
		return 0;
	while (i_isalnum(term[size]) ||
	       (term[size] != '\0' && strchr("-_.", term[size]) != NULL))
		size++;
	return term[size] == '=' ? size : 0;
}

static int
spf_record_parse_modifier(struct spf_record_parser *parser, const char *term,
			  size_t name_size)
{
	struct spf_record *record = parser->record;
	const char *value = term + name_size + 1;
	struct spf_macro *macro, unknown;
	enum spf_macro_place place = SPF_MACRO_PLACE_DOMAIN;

	if (name_size == strlen("redirect") &&
	    strncasecmp(term, "redirect", name_size) == 0) {
		macro = &record->redirect;
		record->redirect_text = term;
	} else if (name_size == strlen("exp") &&
		   strncasecmp(term, "exp", name_size) == 0) {
		macro = &record->exp;
	} else {
		i_zero(&unknown);
		macro = &unknown;
		place = SPF_MACRO_PLACE_MODIFIER;
	}
	if (macro->part_count > 0) {
		parser->error = "modifier appears twice";
		return -1;
	}
	return spf_macro_parse(parser->pool, value, strlen(value), place, macro,
			       &parser->error);
}

static int
spf_record_parse_term(struct spf_record_parser *parser, const char *term)
{
	size_t name_size = spf_record_modifier_name(term);

	return name_size > 0 ?
		spf_record_parse_modifier(parser, term, name_size) :
		spf_record_parse_directive(parser, term);
}

static int
spf_record_parse_terms(struct spf_record_parser *parser, char *text,
		       const char **error_r)
{
	unsigned int count = 0;
	char *p = text;

	for (;;) {
		char *term;
		size_t size;

		while (*p == ' ')
			p++;
		if (*p == '\0')
			return 0;
		term = p;
		size = strcspn(term, " ");
		p += size;
		if (*p == ' ')
			*p++ = '\0';
		if (++count > AUTHRES_MAX_SPF_RECORD_TERMS) {
			*error_r = t_strdup_printf("more than %u terms",
				AUTHRES_MAX_SPF_RECORD_TERMS);
			return -1;
		}
		if (spf_record_parse_term(parser, term) < 0) {
			*error_r = t_strdup_printf("'%s': %s",
				str_sanitize(term, SPF_TERM_QUOTE_BYTES),
				parser->error);
			return -1;
		}
	}
}

int spf_terms_parse(pool_t pool, const unsigned char *text, size_t size,
		    struct spf_record *record_r, const char **error_r)
{
	struct spf_record_parser parser = { .pool = pool, .record = record_r };
	size_t i;

	i_zero(record_r);
	p_array_init(&record_r->directives, pool, 8);
	for (i = 0; i < size; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e) {
			*error_r = "record has a byte that is not "
				"printable ASCII";
			return -1;
		}
	}
	return spf_record_parse_terms(&parser, p_strndup(pool, text, size),
				      error_r);
}

int spf_record_parse(pool_t pool, const unsigned char *text, size_t size,
		     struct spf_record *record_r, const char **error_r)
{
	i_assert(spf_record_has_version(text, size));

	return spf_terms_parse(pool, text + strlen(SPF_VERSION),
			       size - strlen(SPF_VERSION), record_r, error_r);
}
