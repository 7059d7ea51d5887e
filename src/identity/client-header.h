#ifndef CLIENT_HEADER_H
#define CLIENT_HEADER_H

#include "net.h"

struct msg_header;

/* The field an MTA of ours adds for us, authres_client_source=header:NAME:
   "ip=192.0.2.1 auth=bob helo=mail.example.org", in any order as long as helo
   comes last or is quoted; or the address alone. Its position proves nothing,
   so the MTA must remove incoming fields of this name; a second one is an
   error. */

struct client_header {
	struct ip_addr ip;
	/* NULL = not given; data stack */
	const char *helo;
	/* auth= with a value */
	bool authenticated;
};

/* Returns 0, or -1 and error_r (data stack). */
int client_header_find(const struct msg_header *header, const char *name,
		       struct client_header *client_r, const char **error_r);

#endif
