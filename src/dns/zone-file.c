/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "str.h"
#include "str-sanitize.h"
#include "strnum.h"
#include "authres-limits.h"
#include "zone-token.h"
#include "zone-file.h"

#include <ctype.h>
#include <arpa/inet.h>

#define ZONE_MAX_TTL_SECS 0x7fffffffU

struct zone_parser {
	pool_t pool;
	struct zone *zone;
	struct zone_tokenizer tok;

	/* "" = the root */
	const char *origin;
	struct zone_name *owner;
	unsigned int default_ttl_secs;
	unsigned int ttl_secs;

	const char *error;
};

/* Types that are accepted, but that nobody can ask for. */
static const char *const zone_ignored_types[] = {
	"SOA", "NS", "SPF", "SRV", "CAA", "TLSA", "SSHFP", "HINFO", "NAPTR",
	"RP", "LOC", "DS", "DNSKEY", "CDS", "CDNSKEY", "RRSIG", "NSEC",
	"NSEC3", "NSEC3PARAM", "HTTPS", "SVCB", "OPENPGPKEY", "SMIMEA", "URI",
	NULL
};

static int zone_fail(struct zone_parser *parser, const char *error)
{
	parser->error = error;
	return -1;
}

static const char *zone_word(struct zone_parser *parser)
{
	return t_strndup(parser->tok.word, parser->tok.word_size);
}

static int zone_fail_word(struct zone_parser *parser, const char *what)
{
	return zone_fail(parser, t_strdup_printf("%s: '%s'", what,
		str_sanitize(zone_word(parser), 80)));
}

/* The next word of this entry: 1, 0 = the entry ends, -1. */
static int zone_next_word(struct zone_parser *parser)
{
	switch (zone_tokenizer_next(&parser->tok)) {
	case ZONE_TOKEN_WORD:
		return 1;
	case ZONE_TOKEN_EOL:
	case ZONE_TOKEN_EOF:
		return 0;
	case ZONE_TOKEN_ERROR:
		break;
	}
	return zone_fail(parser, parser->tok.error);
}

static int zone_require_word(struct zone_parser *parser, const char *what)
{
	int ret = zone_next_word(parser);

	if (ret == 0)
		return zone_fail(parser, t_strconcat(what, " missing", NULL));
	return ret < 0 ? -1 : 0;
}

static int zone_require_end(struct zone_parser *parser)
{
	int ret = zone_next_word(parser);

	return ret > 0 ? zone_fail_word(parser, "Unexpected word") : ret;
}

/* name_r is relative to nothing, "" = the root (data stack). */
static int zone_parse_name(struct zone_parser *parser, const char **name_r)
{
	buffer_t *buf;
	const char *name, *p;
	size_t size;

	name = zone_word(parser);
	if (strcmp(name, "@") == 0 && !parser->tok.quoted) {
		*name_r = parser->origin;
		return 0;
	}
	if (strcmp(name, ".") == 0) {
		*name_r = "";
		return 0;
	}
	/* A dot inside a label cannot be expressed by our names, other
	   escaped bytes are either printable or refused below. */
	if (strstr(name, "\\.") != NULL || strstr(name, "\\046") != NULL)
		return zone_fail_word(parser, "Dot inside a label");
	buf = t_buffer_create(64);
	if (zone_token_unescape(&parser->tok, buf) < 0 ||
	    memchr(buf->data, '\0', buf->used) != NULL)
		return zone_fail_word(parser, "Invalid name");
	name = str_c(buf);
	size = strlen(name);
	if (size > 0 && name[size - 1] != '.' && parser->origin[0] != '\0')
		name = t_strconcat(name, ".", parser->origin, NULL);
	if (dns_name_normalize(name, &p) < 0)
		return zone_fail_word(parser, "Invalid name");
	*name_r = p;
	return 0;
}

/* Get or create a name and, without records, all names above it
   (RFC 4592 section 2.2.2). */
static struct zone_name *zone_add_name(struct zone_parser *parser,
				       const char *name)
{
	struct zone_name *first = NULL, *entry;
	char *key;

	for (;;) {
		entry = hash_table_lookup(parser->zone->names, name);
		if (entry == NULL) {
			entry = p_new(parser->pool, struct zone_name, 1);
			entry->name = key = p_strdup(parser->pool, name);
			p_array_init(&entry->records, parser->pool, 1);
			hash_table_insert(parser->zone->names, key, entry);
		} else if (first != NULL) {
			return first;
		}
		if (first == NULL)
			first = entry;
		if (*name == '\0')
			return first;
		name = strchr(name, '.');
		name = name == NULL ? "" : name + 1;
	}
}

/* A number of seconds, or BIND's "1h30m". */
static int zone_parse_ttl(const char *word, unsigned int *secs_r)
{
	uint64_t total = 0, value;

	if (!i_isdigit(*word))
		return -1;
	while (*word != '\0') {
		if (str_parse_uint64(word, &value, &word) < 0 ||
		    value > ZONE_MAX_TTL_SECS)
			return -1;
		switch (i_toupper(*word)) {
		case 'W': value *= 7;
			/* fall through */
		case 'D': value *= 24;
			/* fall through */
		case 'H': value *= 60;
			/* fall through */
		case 'M': value *= 60;
			/* fall through */
		case 'S': word++;
			break;
		case '\0':
			break;
		default:
			return -1;
		}
		total += value;
		if (total > ZONE_MAX_TTL_SECS)
			return -1;
	}
	*secs_r = total;
	return 0;
}

static int zone_parse_directive(struct zone_parser *parser)
{
	const char *name, *directive = zone_word(parser);

	if (strcasecmp(directive, "$ORIGIN") == 0) {
		if (zone_require_word(parser, "Name of $ORIGIN") < 0 ||
		    zone_parse_name(parser, &name) < 0)
			return -1;
		parser->origin = p_strdup(parser->pool, name);
	} else if (strcasecmp(directive, "$TTL") == 0) {
		if (zone_require_word(parser, "Value of $TTL") < 0)
			return -1;
		if (zone_parse_ttl(zone_word(parser),
				   &parser->default_ttl_secs) < 0)
			return zone_fail_word(parser, "Invalid TTL");
	} else {
		return zone_fail_word(parser, "Unsupported directive");
	}
	return zone_require_end(parser);
}

static struct dns_record *
zone_add_record(struct zone_parser *parser, enum dns_type type)
{
	struct zone_record *record;

	record = array_append_space(&parser->owner->records);
	record->type = type;
	record->ttl_secs = parser->ttl_secs;
	return &record->record;
}

static int zone_parse_address(struct zone_parser *parser, enum dns_type type)
{
	struct ip_addr ip;
	void *dest;

	if (zone_require_word(parser, "Address") < 0)
		return -1;
	/* net_addr2ip() would take "192.0.2" as well */
	i_zero(&ip);
	ip.family = type == DNS_TYPE_A ? AF_INET : AF_INET6;
	dest = type == DNS_TYPE_A ? (void *)&ip.u.ip4 : (void *)&ip.u.ip6;
	if (inet_pton(ip.family, zone_word(parser), dest) != 1)
		return zone_fail_word(parser, "Invalid address");
	zone_add_record(parser, type)->ip = ip;
	return 0;
}

static int zone_parse_host(struct zone_parser *parser, enum dns_type type)
{
	struct dns_record *record;
	unsigned int preference = 0;
	const char *name;

	if (type == DNS_TYPE_MX) {
		if (zone_require_word(parser, "Preference of MX") < 0)
			return -1;
		if (str_to_uint(zone_word(parser), &preference) < 0 ||
		    preference > 65535)
			return zone_fail_word(parser, "Invalid preference");
	}
	if (zone_require_word(parser, "Name") < 0 ||
	    zone_parse_name(parser, &name) < 0)
		return -1;
	record = zone_add_record(parser, type);
	record->preference = preference;
	record->name = p_strdup(parser->pool, name);
	return 0;
}

static int zone_parse_text(struct zone_parser *parser)
{
	buffer_t *text = t_buffer_create(256);
	struct dns_record *record;
	size_t start;
	bool any = FALSE;
	int ret;

	while ((ret = zone_next_word(parser)) > 0) {
		any = TRUE;
		start = text->used;
		if (zone_token_unescape(&parser->tok, text) < 0)
			return zone_fail_word(parser, "Invalid escape");
		if (text->used - start > 255)
			return zone_fail(parser, "Character-string longer "
					 "than 255 bytes, split it");
		if (text->used > AUTHRES_MAX_TXT_BYTES)
			return zone_fail(parser, "TXT record too long");
	}
	if (ret < 0)
		return -1;
	if (!any)
		return zone_fail(parser, "Text missing");
	record = zone_add_record(parser, DNS_TYPE_TXT);
	record->text_size = text->used;
	buffer_append_c(text, '\0');
	record->text = p_memdup(parser->pool, text->data, text->used);
	return 0;
}

static int zone_parse_cname(struct zone_parser *parser)
{
	const char *name;

	if (parser->owner->cname != NULL)
		return zone_fail(parser, "Second CNAME for this name");
	if (zone_require_word(parser, "Name") < 0 ||
	    zone_parse_name(parser, &name) < 0)
		return -1;
	parser->owner->cname = p_strdup(parser->pool, name);
	parser->owner->cname_ttl_secs = parser->ttl_secs;
	return 0;
}

static bool zone_type_is_ignored(const char *type)
{
	unsigned int number;

	for (unsigned int i = 0; zone_ignored_types[i] != NULL; i++) {
		if (strcasecmp(zone_ignored_types[i], type) == 0)
			return TRUE;
	}
	/* RFC 3597 */
	return strncasecmp(type, "TYPE", 4) == 0 &&
		str_to_uint(type + 4, &number) == 0;
}

static int zone_skip_data(struct zone_parser *parser)
{
	int ret;

	while ((ret = zone_next_word(parser)) > 0) ;
	return ret;
}

static int zone_parse_data(struct zone_parser *parser, const char *type)
{
	int ret;

	if (strcasecmp(type, "TXT") == 0)
		return zone_parse_text(parser);
	if (zone_type_is_ignored(type))
		return zone_skip_data(parser);

	if (strcasecmp(type, "A") == 0)
		ret = zone_parse_address(parser, DNS_TYPE_A);
	else if (strcasecmp(type, "AAAA") == 0)
		ret = zone_parse_address(parser, DNS_TYPE_AAAA);
	else if (strcasecmp(type, "MX") == 0)
		ret = zone_parse_host(parser, DNS_TYPE_MX);
	else if (strcasecmp(type, "PTR") == 0)
		ret = zone_parse_host(parser, DNS_TYPE_PTR);
	else if (strcasecmp(type, "CNAME") == 0)
		ret = zone_parse_cname(parser);
	else if (strcasecmp(type, "SERVFAIL") == 0) {
		parser->owner->trouble = ZONE_TROUBLE_SERVFAIL;
		ret = 0;
	} else if (strcasecmp(type, "TIMEOUT") == 0) {
		parser->owner->trouble = ZONE_TROUBLE_TIMEOUT;
		ret = 0;
	} else {
		return zone_fail(parser, t_strdup_printf(
			"Unknown record type '%s'", str_sanitize(type, 80)));
	}
	return ret < 0 ? -1 : zone_require_end(parser);
}

/* Behind the owner: [TTL] [class] type data, or [class] [TTL] type data. */
static int zone_parse_record(struct zone_parser *parser)
{
	bool have_ttl = FALSE, have_class = FALSE;
	const char *word;

	parser->ttl_secs = parser->default_ttl_secs;
	for (;;) {
		if (zone_require_word(parser, "Record type") < 0)
			return -1;
		word = zone_word(parser);
		if (!have_class && strcasecmp(word, "IN") == 0)
			have_class = TRUE;
		else if (!have_ttl &&
			 zone_parse_ttl(word, &parser->ttl_secs) == 0)
			have_ttl = TRUE;
		else
			break;
	}
	if (zone_parse_data(parser, word) < 0)
		return -1;
	/* RFC 1034 section 3.6.2 */
	if (parser->owner->cname != NULL &&
	    array_count(&parser->owner->records) > 0)
		return zone_fail(parser, "CNAME and other data for one name");
	return 0;
}

static int zone_parse_entry(struct zone_parser *parser)
{
	const char *name;

	if (!parser->tok.indented) {
		if (parser->tok.word_size > 0 && parser->tok.word[0] == '$' &&
		    !parser->tok.quoted)
			return zone_parse_directive(parser);
		if (zone_parse_name(parser, &name) < 0)
			return -1;
		parser->owner = zone_add_name(parser, name);
		return zone_parse_record(parser);
	}
	if (parser->owner == NULL)
		return zone_fail(parser, "First record has no name");

	/* The word just read is already behind the owner: read it again. */
	parser->tok.p = parser->tok.word - (parser->tok.quoted ? 1 : 0);
	return zone_parse_record(parser);
}

static int zone_parse_all(struct zone_parser *parser)
{
	int ret;

	for (;;) {
		switch (zone_tokenizer_next(&parser->tok)) {
		case ZONE_TOKEN_EOL:
			continue;
		case ZONE_TOKEN_EOF:
			return 0;
		case ZONE_TOKEN_ERROR:
			return zone_fail(parser, parser->tok.error);
		case ZONE_TOKEN_WORD:
			break;
		}
		T_BEGIN {
			ret = zone_parse_entry(parser);
			if (ret < 0) {
				parser->error = p_strdup(parser->pool,
							 parser->error);
			}
		} T_END;
		if (ret < 0)
			return -1;
	}
}

int zone_file_parse(pool_t pool, const char *text, const char *file_name,
		    struct zone *zone_r, const char **error_r)
{
	struct zone_parser parser;

	hash_table_create(&zone_r->names, pool, 0, str_hash, strcmp);
	i_zero(&parser);
	parser.pool = pool;
	parser.zone = zone_r;
	parser.origin = "";
	zone_tokenizer_init(&parser.tok, text);
	if (zone_parse_all(&parser) < 0) {
		*error_r = t_strdup_printf("%s:%u: %s", file_name,
					   parser.tok.line, parser.error);
		return -1;
	}
	return 0;
}
