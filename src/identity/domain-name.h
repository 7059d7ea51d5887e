#ifndef DOMAIN_NAME_H
#define DOMAIN_NAME_H

#include "domain-within.h"

/* Domain names as mail writes them. */

/* A-label form for DNS and comparison: lower case, U-labels by IDNA2008
   lookup (libidn2, non-transitional; RFC 5891 section 5, RFC 8616), one
   trailing dot removed. domain: any NUL-terminated bytes. Returns 0, or -1 and
   error_r (data stack) when it is empty, too long, a domain literal, has an
   empty label, or cannot be converted. domain_r is on the data stack. An
   underscore is accepted. */
int domain_to_ascii(const char *domain, const char **domain_r,
		    const char **error_r);
/* domain (A-labels) with all A-labels decoded, whether IDNA lets them stand for
   that or not; what cannot be decoded stays. "xn--a-" becomes "a". Data
   stack. */
const char *t_domain_to_unicode(const char *domain);
/* Number of labels; "example.org" has 2. domain: A-labels, no trailing dot. */
unsigned int domain_label_count(const char *domain);
/* The last n labels of domain, or domain when it has no more. Points into
   domain. */
const char *domain_last_labels(const char *domain, unsigned int n);
/* TRUE if domain and one of these have the last two labels in common. Without
   that they have no Organizational Domain in common, unless a top-level domain
   publishes that it is one. All normalized; domains is NULL-terminated. */
bool domain_may_align(const char *domain, const char *const *domains);

#endif
