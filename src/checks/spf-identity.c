/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "domain-name.h"
#include "spf-identity.h"

#define SPF_DEFAULT_LOCAL_PART "postmaster"

static void
spf_identity_set(const struct spf_query *query, const char *domain,
		 const char *local_part, struct spf_identity *identity)
{
	const char *a_labels, *error;

	/* IPv4-mapped is IPv4 (section 5) */
	if (!IPADDR_IS_V6(&query->client_ip) ||
	    net_ipv6_mapped_ipv4_convert(&query->client_ip,
					 &identity->client_ip) < 0)
		identity->client_ip = query->client_ip;
	identity->local_part = local_part;
	if (domain != NULL && domain_to_ascii(domain, &a_labels, &error) == 0 &&
	    domain_label_count(a_labels) >= 2)
		identity->domain = a_labels;
}

static const char *spf_usable_local_part(const char *local_part)
{
	const char *p;

	if (*local_part == '\0')
		return SPF_DEFAULT_LOCAL_PART;
	for (p = local_part; *p != '\0'; p++) {
		/* RFC 8616 section 4 */
		if ((unsigned char)*p >= 0x80)
			return NULL;
	}
	return p - local_part > AUTHRES_MAX_LOCAL_PART_BYTES ? NULL :
		local_part;
}

void spf_identity_helo(const struct spf_query *query,
		       struct spf_identity *identity_r)
{
	i_zero(identity_r);
	identity_r->helo = TRUE;
	spf_identity_set(query, query->helo, SPF_DEFAULT_LOCAL_PART,
			 identity_r);
}

void spf_identity_mail_from(const struct spf_query *query,
			    struct spf_identity *identity_r)
{
	const char *at;

	if (query->mail_from != NULL && *query->mail_from == '\0') {
		spf_identity_helo(query, identity_r);
		return;
	}
	i_zero(identity_r);
	at = query->mail_from == NULL ? NULL : strrchr(query->mail_from, '@');
	if (at == NULL) {
		spf_identity_set(query, NULL, NULL, identity_r);
		return;
	}
	spf_identity_set(query, at + 1,
		spf_usable_local_part(t_strdup_until(query->mail_from, at)),
		identity_r);
}

void spf_identity_macro_values(const struct spf_query *query,
			       const struct spf_identity *identity,
			       struct spf_macro_values *values_r)
{
	i_zero(values_r);
	values_r->local_part = identity->local_part;
	values_r->sender_domain = identity->domain;
	values_r->domain = identity->domain;
	values_r->client_ip = &identity->client_ip;
	/* longer ones name no host */
	if (query->helo != NULL && *query->helo != '\0' &&
	    strlen(query->helo) <= AUTHRES_MAX_DOMAIN_BYTES)
		values_r->helo = query->helo;
	values_r->receiver = query->receiver;
	values_r->now = query->now;
}
