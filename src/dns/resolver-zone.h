#ifndef RESOLVER_ZONE_H
#define RESOLVER_ZONE_H

struct resolver;

/* Answers from a zone file, for doveadm authres verify --zone and for tests.
   Master file format of RFC 1035 section 5: $ORIGIN, $TTL, parentheses,
   comments, quoted character-strings, "@", relative names; types A, AAAA, MX,
   PTR, TXT, CNAME; SOA, NS and others are accepted and ignored except that
   their names exist. Names that are not in the file do not exist (NXDOMAIN),
   names above existing ones do (NODATA). Wildcards work as in RFC 4592. The
   pseudo types "NAME SERVFAIL" and "NAME TIMEOUT" make every question for
   that name temporary. */

/* text: the whole file. file_name is for error messages only. Returns 0, or -1
   and error_r (data stack) with the line number. */
int resolver_zone_init(const char *text, const char *file_name,
		       struct resolver **resolver_r, const char **error_r);

#endif
