#ifndef UPSTREAM_FIELDS_H
#define UPSTREAM_FIELDS_H

#include "authres-field.h"

struct msg_header;
struct identity;

/* The Authentication-Results fields of a trusted filter in front of us
   (authres_upstream_authserv_ids). Only where they stand makes them credible:
   the name in them is public, and a stranger can write it (RFC 8601 section
   7.1). */

struct upstream_settings {
	/* NULL-terminated; none = upstream results are not used. NULL is
	   none. */
	const char *const *authserv_ids;
	/* also believe what stands between the Received field of our own MTA
	   and the next one (authres_upstream_below) */
	bool below;
	/* whose ARC seals count is decided by sets that only our own check
	   knows: arc= of upstream is not used */
	bool own_arc;
};

struct upstream_field {
	/* as in the setting */
	const char *authserv_id;
	struct authres_field field;
};
ARRAY_DEFINE_TYPE(upstream_field, struct upstream_field);

/* Find the fields to believe: those above identity->boundary_field, and with
   below those under identity->own_field up to the next Received. Without a
   boundary there are none. A trusted id followed by "/job" counts as well.
   fields_r is always created; it and what is in it live in pool. Returns 0, or
   -1 and reason_r (pool) if there are some of which none is to be believed:
   broken syntax, too many, or below, where strangers write as well, a copy that
   a filter could have overlooked, since it reads less than we do; or there is
   one anywhere else, which the filter could have believed. With
   0 reason_r is NULL, or says that a field stands where it is not believed. */
int upstream_fields_find(pool_t pool, const struct upstream_settings *set,
			 const struct msg_header *header,
			 const struct identity *identity,
			 ARRAY_TYPE(upstream_field) *fields_r,
			 const char **reason_r);

/* Why nothing of a filter can be used of this message, whatever it says; NULL =
   it can. Static. It saw another client than we judge, or a stranger has put
   characters into what filters copy into their fields (reverse-path, HELO, tags
   of signatures), and not every filter quotes. */
const char *upstream_reason_for_nothing(const struct msg_header *header,
					const struct identity *identity);

#endif
