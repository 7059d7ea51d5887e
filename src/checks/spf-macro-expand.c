/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "net.h"
#include "authres-limits.h"
#include "spf-macro.h"

#include <ctype.h>

/* IPv4 dotted, IPv6 as 32 nibbles with dots (RFC 7208 section 7.3) */
static const char *spf_macro_ip_labels(const struct ip_addr *ip)
{
	static const char hex[] = "0123456789ABCDEF";
	string_t *str;
	unsigned int i;

	if (IPADDR_IS_V4(ip))
		return net_ip2addr(ip);
	str = t_str_new(64);
	for (i = 0; i < sizeof(ip->u.ip6.s6_addr); i++) {
		if (i > 0)
			str_append_c(str, '.');
		str_append_c(str, hex[ip->u.ip6.s6_addr[i] >> 4]);
		str_append_c(str, '.');
		str_append_c(str, hex[ip->u.ip6.s6_addr[i] & 0x0f]);
	}
	return str_c(str);
}

/* Returns NULL if the letter has no usable value. */
static const char *
spf_macro_value(char letter, const struct spf_macro_values *values)
{
	const char *value = NULL;

	switch (letter) {
	case 's':
		return values->local_part == NULL ? NULL :
			t_strconcat(values->local_part, "@",
				    values->sender_domain, NULL);
	case 'l':
		return values->local_part;
	case 'o':
		return values->sender_domain;
	case 'd':
		return values->domain;
	case 'i':
		return spf_macro_ip_labels(values->client_ip);
	case 'c':
		return net_ip2addr(values->client_ip);
	case 'v':
		return IPADDR_IS_V4(values->client_ip) ? "in-addr" : "ip6";
	case 't':
		return t_strdup_printf("%lld", (long long)values->now);
	case 'p':
		value = values->validated_name;
		break;
	case 'h':
		value = values->helo;
		break;
	case 'r':
		value = values->receiver;
		break;
	}
	return value != NULL ? value : "unknown";
}

static bool spf_macro_is_delimiter(const struct spf_macro_part *part, char chr)
{
	return part->text_size == 0 ? chr == '.' :
		memchr(part->text, chr, part->text_size) != NULL;
}

/* begin behind the first count delimiters, or end */
static const char *
spf_macro_skip_parts(const struct spf_macro_part *part, const char *begin,
		     const char *end, unsigned int count)
{
	for (; begin < end && count > 0; begin++) {
		if (spf_macro_is_delimiter(part, *begin))
			count--;
	}
	return begin;
}

static unsigned int
spf_macro_count_parts(const struct spf_macro_part *part, const char *value)
{
	unsigned int count = 1;

	for (; *value != '\0'; value++) {
		if (spf_macro_is_delimiter(part, *value))
			count++;
	}
	return count;
}

/* Split, reverse, keep the right-hand parts, join with dots (section 7.3) */
static void
spf_macro_append_transformed(string_t *dest, const char *value,
			     const struct spf_macro_part *part)
{
	const char *p, *part_end, *end = value + strlen(value);
	unsigned int count = spf_macro_count_parts(part, value);
	bool cut = part->keep > 0 && part->keep < count;

	if (!part->reverse) {
		if (cut) {
			value = spf_macro_skip_parts(part, value, end,
						     count - part->keep);
		}
		for (; value < end; value++) {
			str_append_c(dest,
				     spf_macro_is_delimiter(part, *value) ?
				     '.' : *value);
		}
		return;
	}
	/* The right-hand parts of the reversed value are its first ones. */
	if (cut)
		end = spf_macro_skip_parts(part, value, end, part->keep) - 1;
	part_end = end;
	for (p = end; p > value; p--) {
		if (spf_macro_is_delimiter(part, p[-1])) {
			str_append_data(dest, p, part_end - p);
			str_append_c(dest, '.');
			part_end = p - 1;
		}
	}
	str_append_data(dest, value, part_end - value);
}

/* Everything but unreserved characters (RFC 3986 section 2.3) */
static void spf_macro_url_escape(string_t *str)
{
	size_t i, size = str_len(str);
	const char *src = t_strndup(str_data(str), size);

	str_truncate(str, 0);
	for (i = 0; i < size; i++) {
		unsigned char chr = src[i];

		if ((chr < 0x80 && i_isalnum(chr)) ||
		    (chr != '\0' && strchr("-._~", chr) != NULL))
			str_append_c(str, chr);
		else
			str_printfa(str, "%%%02X", chr);
	}
}

/* Returns FALSE if the part has no usable value. */
static bool
spf_macro_expand_part(string_t *dest, const struct spf_macro_part *part,
		      const struct spf_macro_values *values)
{
	const char *value;

	str_truncate(dest, 0);
	if (part->letter == '\0') {
		str_append_data(dest, part->text, part->text_size);
		return TRUE;
	}
	value = spf_macro_value(part->letter, values);
	if (value == NULL)
		return FALSE;
	if (part->keep == 0 && !part->reverse && part->text_size == 0) {
		/* splitting at dots and joining with dots changes nothing */
		str_append(dest, value);
	} else {
		spf_macro_append_transformed(dest, value, part);
	}
	if (part->url_escape)
		spf_macro_url_escape(dest);
	return TRUE;
}

/* Cut labels on the left until at most 253 bytes are left. */
static const char *spf_macro_cut_name(string_t *name)
{
	const char *p, *str = str_c(name);
	size_t size = str_len(name);

	if (size > 0 && str[size - 1] == '.') {
		str_truncate(name, --size);
		str = str_c(name);
	}
	while (size > AUTHRES_MAX_DOMAIN_BYTES &&
	       (p = strchr(str, '.')) != NULL) {
		size -= (p + 1) - str;
		str = p + 1;
	}
	return str;
}

int spf_macro_expand_name(const struct spf_macro *macro,
			  const struct spf_macro_values *values,
			  const char **name_r)
{
	string_t *name, *piece;
	unsigned int i;

	if (macro->part_count == 1 && macro->parts[0].letter == '\0') {
		name = t_str_new(macro->parts[0].text_size + 1);
		str_append_data(name, macro->parts[0].text,
				macro->parts[0].text_size);
		*name_r = t_str_lcase(spf_macro_cut_name(name));
		return 0;
	}

	/* From the right: when more than 253 bytes and a dot behind them are
	   there, what stands further left would be cut off anyway. */
	name = t_str_new(256);
	piece = t_str_new(256);
	for (i = macro->part_count; i > 0; i--) {
		if (!spf_macro_expand_part(piece, &macro->parts[i - 1], values))
			return -1;
		if (str_len(name) <= AUTHRES_MAX_DOMAIN_BYTES + 1)
			str_insert(name, 0, str_c(piece));
	}
	*name_r = t_str_lcase(spf_macro_cut_name(name));
	return 0;
}

int spf_macro_expand_text(const struct spf_macro *macro,
			  const struct spf_macro_values *values,
			  size_t max_size, const char **text_r)
{
	string_t *text = t_str_new(128), *piece = t_str_new(128);
	unsigned int i;
	char *p;

	for (i = 0; i < macro->part_count; i++) {
		if (!spf_macro_expand_part(piece, &macro->parts[i], values))
			return -1;
		if (str_len(text) < max_size)
			str_append_str(text, piece);
	}
	str_truncate(text, I_MIN(str_len(text), max_size));
	for (p = str_c_modifiable(text); *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	}
	*text_r = str_c(text);
	return 0;
}
