/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "hex-dec.h"
#include "str.h"
#include "str-sanitize.h"
#include "strescape.h"
#include "smtp-address.h"
#include "authres-limits.h"
#include "domain-name.h"
#include "report-uri.h"

#include <ctype.h>

#define MAILTO "mailto:"
#define URI_SHOWN_BYTES 60
/* RFC 5321 section 4.5.3.1.1 */
#define MAX_LOCAL_PART_BYTES 64

static const char *t_shown(const char *text)
{
	string_t *str = t_str_new(URI_SHOWN_BYTES);

	for (; *text != '\0' && str_len(str) < URI_SHOWN_BYTES; text++)
		str_append_c(str, *text > ' ' && *text < 0x7f ? *text : '?');
	if (*text != '\0')
		str_append(str, "...");
	return str_c(str);
}

/* Cut "!10m" (RFC 7489 section 6.2) off. Without unit it is bytes; a number
   that is too large is no limit. */
static const char *t_cut_size(const char *uri, uint64_t *max_bytes_r)
{
	static const char units[] = "kmgt";
	const char *mark = strrchr(uri, '!'), *end, *unit;
	uint64_t number;
	unsigned int power = 0;

	*max_bytes_r = 0;
	if (mark == NULL || !i_isdigit(mark[1]))
		return uri;
	for (end = mark + 1; i_isdigit(*end); )
		end++;
	if (*end != '\0') {
		unit = strchr(units, i_tolower(*end));
		if (unit == NULL || end[1] != '\0')
			return uri;
		power = unit - units + 1;
	}
	if (str_to_uint64(t_strdup_until(mark + 1, end), &number) == 0 &&
	    number <= UINT64_MAX >> (10 * power))
		*max_bytes_r = number << (10 * power);
	return t_strdup_until(uri, mark);
}

/* RFC 3986 section 2.1, once. Returns -1 if it is broken, or what it hides has
   no place in an address. */
static int t_percent_decode(const char *text, const char **text_r)
{
	string_t *str = t_str_new(64);
	unsigned char c;

	for (; *text != '\0'; text++) {
		c = *text;
		if (c == '%') {
			if (!i_isxdigit(text[1]) || !i_isxdigit(text[2]))
				return -1;
			c = hex2dec((const unsigned char *)text + 1, 2);
			text += 2;
		}
		if (c <= ' ' || c >= 0x7f)
			return -1;
		str_append_c(str, c);
	}
	*text_r = str_c(str);
	return 0;
}

/* Only what a host has: no underscore, no address literal. */
static bool domain_is_host(const char *domain)
{
	for (const char *p = domain; *p != '\0'; p++) {
		if (!i_isalnum(*p) && *p != '-' && *p != '.')
			return FALSE;
	}
	return strchr(domain, '.') != NULL;
}

static int t_local_part(const char *text, const char **local_r)
{
	size_t size = strlen(text);

	if (size >= 2 && text[0] == '"' && text[size - 1] == '"') {
		text = t_strndup(text + 1, size - 2);
		size -= 2;
		text = str_unescape(t_strdup_noconst(text));
	} else if (strchr(text, '"') != NULL || strchr(text, '@') != NULL)
		return -1;
	*local_r = text;
	return size == 0 || size > MAX_LOCAL_PART_BYTES ? -1 : 0;
}

/* What stands between "mailto:" and "?". */
static int
report_uri_address(pool_t pool, const char *text, struct report_uri *uri_r)
{
	const char *at, *local, *domain, *error;
	struct smtp_address *address;

	if (t_percent_decode(text, &text) < 0 ||
	    (at = strrchr(text, '@')) == NULL ||
	    t_local_part(t_strdup_until(text, at), &local) < 0 ||
	    domain_to_ascii(at + 1, &domain, &error) < 0 ||
	    !domain_is_host(domain))
		return -1;
	address = smtp_address_create_temp(local, domain);
	uri_r->address = p_strdup(pool, smtp_address_encode(address));
	if (strlen(uri_r->address) > AUTHRES_MAX_REPORT_ADDRESS_BYTES)
		return -1;
	uri_r->domain = strrchr(uri_r->address, '@') + 1;
	return 0;
}

static bool
report_uris_have(const ARRAY_TYPE(report_uri) *uris, const char *address)
{
	const struct report_uri *uri;

	array_foreach(uris, uri) {
		if (strcmp(uri->address, address) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Returns NULL, or why the URI is ignored. */
static const char *
report_uri_add(pool_t pool, const char *text, ARRAY_TYPE(report_uri) *uris)
{
	struct report_uri uri;

	i_zero(&uri);
	text = t_cut_size(text, &uri.max_bytes);
	if (strncasecmp(text, MAILTO, strlen(MAILTO)) != 0)
		return "no mailto URI";
	text = t_strcut(text + strlen(MAILTO), '?');
	if (report_uri_address(pool, text, &uri) < 0)
		return "no usable address";
	if (report_uris_have(uris, uri.address))
		return NULL;
	if (array_count(uris) >= AUTHRES_MAX_REPORT_URIS)
		return t_strdup_printf("only %u addresses get reports",
				       AUTHRES_MAX_REPORT_URIS);
	array_push_back(uris, &uri);
	return NULL;
}

void report_uris_parse(pool_t pool, const char *value,
		       ARRAY_TYPE(report_uri) *uris_r,
		       ARRAY_TYPE(const_string) *ignored_r)
{
	const char *const *texts, *reason, *sentence;

	T_BEGIN {
		texts = t_strsplit(value, ",");
		for (; *texts != NULL; texts++) {
			const char *text = t_str_trim(*texts, " \t\r\n");

			reason = *text == '\0' ? NULL :
				report_uri_add(pool, text, uris_r);
			if (reason == NULL)
				continue;
			sentence = p_strdup_printf(pool, "%s: %s",
						   t_shown(text), reason);
			array_push_back(ignored_r, &sentence);
		}
	} T_END;
}
