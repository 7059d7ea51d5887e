#ifndef CLIENT_HEADER_H
#define CLIENT_HEADER_H

#include "net.h"

struct msg_header;

/* The field an MTA of ours adds for us, authres_client_source=header:NAME:
   "key=KEY ip=192.0.2.1 auth=bob helo=mail.example.org", or the address alone.
   All behind "helo=" is what the client said, so it comes last. */

struct client_header {
	/* family 0: not given, but authenticated */
	struct ip_addr ip;
	/* NULL = not given; data stack */
	const char *helo;
	/* auth= with a value */
	bool authenticated;
	/* key=, NULL = not given; data stack */
	const char *key;
};

/* keys: NULL-terminated, NULL or empty = none. With keys, the field is the one
   that carries one of them, wherever it stands. Without, it is the one above
   the field with index boundary: strangers write below. Returns 0, or -1 and
   error_r (data stack), which never holds what the field says. */
int client_header_find(const struct msg_header *header, const char *name,
		       const char *const *keys, unsigned int boundary,
		       struct client_header *client_r, const char **error_r);

#endif
