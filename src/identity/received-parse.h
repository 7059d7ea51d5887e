#ifndef RECEIVED_PARSE_H
#define RECEIVED_PARSE_H

#include "received.h"

struct msg_field;
struct trusted_hosts;

/* One Received field (RFC 5321 section 4.4). Every MTA has its own shape, and a
   HELO may imitate any text: the shapes we know are read by position.
   received-shape.h says how they are told apart. All others are read by one
   rule, received-general.c, and only if we were told to believe their
   writer. */

/* Returns 0 and fills received_r (strings in pool), or -1 and error_r (static)
   if this is none of the shapes we know. */
int received_parse(pool_t pool, const struct msg_field *field,
		   struct received *received_r, const char **error_r);
/* The same, and any shape if one of the names in writers stands behind "by".
   They must write the client's address into the field. */
int received_parse_trusted(pool_t pool, const struct msg_field *field,
			   const struct trusted_hosts *writers,
			   struct received *received_r, const char **error_r);
/* Who wrote it and how, as far as that can be seen: "by mx.example.org (Foo)
   with ESMTP". Short, one line, without control characters; data stack. "" if
   there is nothing. */
const char *t_received_excerpt(const struct msg_field *field);

#endif
