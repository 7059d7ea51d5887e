/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "network-word.h"

bool word_is_network(const char *word)
{
	return strchr(word, ':') != NULL || strchr(word, '/') != NULL ||
		word[strspn(word, "0123456789.")] == '\0';
}

int word_parse_network(const char *word, struct ip_net *net_r)
{
	struct ip_addr ip4;
	unsigned int dots = 0;
	const char *p;

	for (p = word; *p != '\0' && *p != '/'; p++) {
		if (*p == '.')
			dots++;
	}
	/* inet_aton() would take 10.0.1 for 10.0.0.1 */
	if (strchr(word, ':') == NULL && dots != 3)
		return -1;
	if (net_parse_range(word, &net_r->ip, &net_r->bits) < 0)
		return -1;
	/* addresses are compared unmapped */
	if (net_r->bits >= 96 &&
	    net_ipv6_mapped_ipv4_convert(&net_r->ip, &ip4) == 0) {
		net_r->ip = ip4;
		net_r->bits -= 96;
	}
	return 0;
}

bool word_is_dns_server(const char *word)
{
	const char *at = strchr(word, '@');
	struct ip_addr ip;
	in_port_t port;

	if (at != NULL) {
		if (net_str2port(at + 1, &port) < 0)
			return FALSE;
		word = t_strdup_until(word, at);
	}
	return net_addr2ip(word, &ip) == 0;
}
