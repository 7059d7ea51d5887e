#ifndef NETWORK_WORD_H
#define NETWORK_WORD_H

#include "net.h"

/* Words of settings that name networks and addresses. */

struct ip_net {
	struct ip_addr ip;
	unsigned int bits;
};

/* TRUE if word is meant as an address or network, right or wrong, and not as a
   name: it has ":" or "/", or nothing but digits and dots. */
bool word_is_network(const char *word);
/* "192.0.2.1", "192.0.2.0/24", "2001:db8::/32"; IPv4 with all four numbers.
   IPv4-mapped IPv6 becomes IPv4. Returns 0, or -1 if it is no network. */
int word_parse_network(const char *word, struct ip_net *net_r);
/* TRUE if word is an address such as "192.0.2.1" or "192.0.2.1@5353". */
bool word_is_dns_server(const char *word);

#endif
