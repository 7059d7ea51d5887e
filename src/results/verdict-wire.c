/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "strescape.h"
#include "strnum.h"
#include "authres-limits.h"
#include "plain-text.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

#include <ctype.h>

bool verdict_wire_byte_is_valid(unsigned char byte)
{
	return (byte >= 0x20 && byte <= 0x7e) || byte == '\t' ||
		byte == '\001';
}

bool verdict_wire_line_is_valid(const unsigned char *line, size_t size,
				const char *const *words, size_t *checked)
{
	size_t i, len;

	for (i = *checked; i < size; i++) {
		if (!verdict_wire_byte_is_valid(line[i]))
			return FALSE;
	}
	*checked = size;
	for (; *words != NULL; words++) {
		len = strlen(*words);
		if (memcmp(line, *words, I_MIN(len, size)) == 0 &&
		    (size <= len || line[len] == '\t'))
			return TRUE;
	}
	return FALSE;
}

bool wire_text_is_valid(const char *text, size_t max_bytes)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e || len++ == max_bytes)
			return FALSE;
	}
	return TRUE;
}

bool wire_keyword_is_valid(const char *keyword)
{
	size_t len = 0;

	for (; *keyword != '\0'; keyword++) {
		if (!(i_isalnum(*keyword) || *keyword == '-') ||
		    len++ == AUTHRES_MAX_PROPERTY_NAME_BYTES)
			return FALSE;
	}
	return len > 0;
}

bool wire_ptype_is_valid(const char *ptype)
{
	static const char *const ptypes[] = {
		"smtp", "header", "body", "policy", "dns", NULL
	};

	return str_array_find(ptypes, ptype);
}

int wire_uint_parse(const char *value, unsigned int *num_r)
{
	/* one way to write a number: no sign, no leading zeros */
	if (value[0] == '0' && value[1] != '\0')
		return -1;
	return str_to_uint(value, num_r);
}

int wire_ip_parse(const char *value, struct ip_addr *ip_r)
{
	/* net_addr2ip() knows more spellings than we ever write */
	if (net_addr2ip(value, ip_r) < 0 ||
	    strcmp(net_ip2addr(ip_r), value) != 0)
		return -1;
	return 0;
}

static bool percent_is_needed(unsigned char byte)
{
	return byte < 0x20 || byte > 0x7e || byte == '%';
}

/* Returns the value of an upper case hex digit, or -1. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int wire_percent_parse(const char *value, const char **value_r)
{
	string_t *str = t_str_new(128);
	int high, low;

	for (; *value != '\0'; value++) {
		if (*value != '%') {
			str_append_c(str, *value);
			continue;
		}
		high = hex_digit(value[1]);
		low = high < 0 ? -1 : hex_digit(value[2]);
		/* one way to write a byte, and no NUL */
		if (low < 0 || high * 16 + low == 0 ||
		    !percent_is_needed(high * 16 + low))
			return -1;
		str_append_c(str, high * 16 + low);
		value += 2;
	}
	*value_r = str_c(str);
	return 0;
}

void wire_append(string_t *dest, const char *key, const char *value)
{
	str_append_c(dest, '\t');
	str_append(dest, key);
	str_append_c(dest, '=');
	str_append_tabescaped(dest, value);
}

void wire_append_uint(string_t *dest, const char *key, uintmax_t value)
{
	str_printfa(dest, "\t%s=%ju", key, value);
}

void wire_append_text(string_t *dest, const char *key, const char *text,
		      size_t max_bytes)
{
	if (text == NULL)
		return;
	str_printfa(dest, "\t%s=", key);
	/* the other end refuses everything else, and no stranger's byte may
	   make it refuse the verdict on his message */
	plain_text_append(dest, text, max_bytes);
}

void wire_append_percent(string_t *dest, const char *key, const char *value)
{
	str_printfa(dest, "\t%s=", key);
	for (; *value != '\0'; value++) {
		if (percent_is_needed(*value))
			str_printfa(dest, "%%%02X", (unsigned char)*value);
		else
			str_append_c(dest, *value);
	}
}

void wire_append_ip(string_t *dest, const char *key, const struct ip_addr *ip)
{
	if (ip->family != 0)
		wire_append(dest, key, net_ip2addr(ip));
}
