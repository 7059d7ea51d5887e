#ifndef OWN_DOMAINS_H
#define OWN_DOMAINS_H

/* The site's own domains (authres_own_domains). */

struct own_domains {
	/* Each means itself and all names below it. A-labels, lower case;
	   NULL-terminated, or NULL for none. */
	const char *const *domains;
	/* The same form: these and all names below them are not ours, though
	   one above them is. */
	const char *const *exceptions;
};

/* The one of own->domains that domain (A-labels) is or is below, of several
   the closest. NULL = it is not ours. */
const char *
own_domains_find(const struct own_domains *own, const char *domain);

#endif
