#ifndef ZONE_FILE_H
#define ZONE_FILE_H

#include "hash.h"
#include "resolver.h"

/* A zone file as read: resolver-zone.c answers from it. */

enum zone_trouble {
	ZONE_TROUBLE_NONE,
	ZONE_TROUBLE_SERVFAIL,
	ZONE_TROUBLE_TIMEOUT
};

struct zone_record {
	enum dns_type type;
	unsigned int ttl_secs;
	struct dns_record record;
};

/* A name that exists, with or without records. */
struct zone_name {
	/* as of dns_name_normalize(), "" = the root */
	const char *name;
	/* NULL = no CNAME */
	const char *cname;
	unsigned int cname_ttl_secs;
	enum zone_trouble trouble;
	ARRAY(struct zone_record) records;
};

struct zone {
	HASH_TABLE(char *, struct zone_name *) names;
};

/* Parse text, see resolver-zone.h. Everything is allocated from pool, except
   that zone_r->names must be destroyed by the caller, also after an error.
   Returns 0, or -1 and error_r (data stack) that begins with
   "file_name:line: ". */
int zone_file_parse(pool_t pool, const char *text, const char *file_name,
		    struct zone *zone_r, const char **error_r);

#endif
