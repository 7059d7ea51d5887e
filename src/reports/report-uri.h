#ifndef REPORT_URI_H
#define REPORT_URI_H

/* The URIs of rua= and ruf=: RFC 9989 sections 4.7 and 4.8, RFC 6068. */

struct report_uri {
	/* "local@domain": the local part as SMTP writes it, quoted if need be;
	   the domain in A-labels with a dot, lower case. At most
	   AUTHRES_MAX_REPORT_ADDRESS_BYTES, printable ASCII. */
	const char *address;
	/* points into address */
	const char *domain;
	/* "!10m": what RFC 7489 lets a mail have at most; 0 = no limit. RFC
	   9989 (section 4.8) knows none. */
	uint64_t max_bytes;
};
ARRAY_DEFINE_TYPE(report_uri, struct report_uri);

/* value: of rua= or ruf=, any bytes. uris_r gets the mailto URIs in their
   order, each address once, at most AUTHRES_MAX_REPORT_URIS. ignored_r gets a
   sentence for each other one: "mailto:0: no address". It begins with the URI,
   shortened, in printable ASCII. Header fields behind "?" are ignored, since
   the mail is ours. Both are appended to and live in pool. */
void report_uris_parse(pool_t pool, const char *value,
		       ARRAY_TYPE(report_uri) *uris_r,
		       ARRAY_TYPE(const_string) *ignored_r);

#endif
