/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "identity.h"

struct ip_addr identity_ip_unmapped(const struct ip_addr *ip)
{
	struct ip_addr ip4;

	if (net_ipv6_mapped_ipv4_convert(ip, &ip4) == 0)
		return ip4;
	return *ip;
}

void identity_set_client(pool_t pool, struct identity *identity,
			 enum client_source source, const struct ip_addr *ip,
			 const char *helo, const char *reason)
{
	identity->source = source;
	identity->client_ip = identity_ip_unmapped(ip);
	/* longer than any name: nothing can be asked about it */
	if (helo != NULL && *helo != '\0' &&
	    strlen(helo) <= AUTHRES_MAX_HELO_BYTES)
		identity->helo = p_strdup(pool, helo);
	identity->reason = p_strdup(pool, reason);
}

void identity_add_note(pool_t pool, struct identity *identity,
		       const char *note)
{
	identity->note = identity->note == NULL ? p_strdup(pool, note) :
		p_strconcat(pool, identity->note, ", ", note, NULL);
}

void identity_give_up(pool_t pool, struct identity *identity,
		      const char *reason)
{
	identity->reason = p_strdup(pool, reason);
}
