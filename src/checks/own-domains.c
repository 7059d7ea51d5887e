/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "domain-name.h"
#include "own-domains.h"

static const char *
closest_above(const char *const *domains, const char *domain)
{
	const char *closest = NULL;

	for (; domains != NULL && *domains != NULL; domains++) {
		if (domain_is_within(domain, *domains) &&
		    (closest == NULL || strlen(*domains) > strlen(closest)))
			closest = *domains;
	}
	return closest;
}

const char *
own_domains_find(const struct own_domains *own, const char *domain)
{
	return closest_above(own->exceptions, domain) != NULL ? NULL :
		closest_above(own->domains, domain);
}
