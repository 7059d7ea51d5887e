#ifndef LIST_ID_H
#define LIST_ID_H

struct msg_header;

/* The List-Id field, RFC 2919: which mailing list says to have sent a message.
   Anybody can write it; who has the right to is for verdict/ to find out. */

/* The identifier of the list as a domain name: A-labels, lower case, at least
   two labels; lives in pool. NULL when the message has no List-Id field or
   several, when it is not "phrase <identifier>" (section 3), when the
   identifier is no domain name, or when the header was cut. */
const char *list_id_find(pool_t pool, const struct msg_header *header);

#endif
