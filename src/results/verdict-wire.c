#include "lib.h"
#include "str.h"
#include "strescape.h"
#include "strnum.h"
#include "authres-limits.h"
#include "plain-text.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

#include <ctype.h>

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

void wire_append_ip(string_t *dest, const char *key, const struct ip_addr *ip)
{
	if (ip->family != 0)
		wire_append(dest, key, net_ip2addr(ip));
}
