/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "network-word.h"
#include "address-kind.h"

static const char *const loopback_networks[] = {
	"127.0.0.0/8", "::1", NULL
};
static const char *const private_networks[] = {
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
	"169.254.0.0/16", "fc00::/7", "fe80::/10", NULL
};

static bool
network_is_within(const struct ip_net *network, const char *const *words)
{
	struct ip_addr ip;
	unsigned int bits;

	for (; *words != NULL; words++) {
		if (net_parse_range(*words, &ip, &bits) < 0)
			i_unreached();
		if (ip.family == network->ip.family && network->bits >= bits &&
		    net_is_in_network(&network->ip, &ip, bits))
			return TRUE;
	}
	return FALSE;
}

static struct ip_net network_of_one(const struct ip_addr *ip)
{
	struct ip_net network = {
		.ip = *ip,
		.bits = ip->family == AF_INET ? 32 : 128,
	};

	return network;
}

bool network_is_loopback(const struct ip_net *network)
{
	return network_is_within(network, loopback_networks);
}

bool network_is_private(const struct ip_net *network)
{
	return network_is_within(network, private_networks);
}

bool ip_is_loopback(const struct ip_addr *ip)
{
	struct ip_net network = network_of_one(ip);

	return network_is_loopback(&network);
}

bool ip_is_private(const struct ip_addr *ip)
{
	struct ip_net network = network_of_one(ip);

	return network_is_private(&network);
}
