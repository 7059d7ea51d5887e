#ifndef DOMAINKEYS_H
#define DOMAINKEYS_H

struct msg_header;

/* DomainKeys, RFC 4870, which DKIM replaced in 2007: a signature is noticed and
   never checked. */

#define DOMAINKEYS_FIELD_NAME "DomainKey-Signature"

/* The domain that the value of a DomainKey-Signature field says to be of
   (section 3.2.1, tag d): at least two labels of ASCII, which is all that the
   standard knows; data stack. NULL = it names none, or is no tag list. value:
   any bytes, folded or not. */
const char *t_domainkeys_domain(const char *value);
/* TRUE if the header has such a field; domain_r is that of the first one. */
bool domainkeys_find(const struct msg_header *header, const char **domain_r);

#endif
