#ifndef RECEIVED_H
#define RECEIVED_H

#include "net.h"

struct msg_field;

/* One Received field (RFC 5321 section 4.4), read by position: every MTA has
   its own shape, and a HELO may imitate any text, so nothing is ever searched
   for. received-shape.h says how the shapes are told apart. */

struct received {
	/* NULL: none given, or not usable; hostile */
	const char *helo;
	/* with names_checked: the client's name in DNS, whose address is the
	   client's; NULL = it has none */
	const char *verified_name;
	/* family 0: no address was given. IPv4-mapped is unmapped, a scope is
	   left out. */
	struct ip_addr from_ip;
	/* NULL: qmail-queue, with continues */
	const char *by;
	/* what stands after with, NULL = nothing */
	const char *protocol;
	/* what stands after id, NULL = nothing */
	const char *id;
	/* with local_pickup: user or user ID, NULL = not told; hostile */
	const char *local_user;
	/* the writer looks up the client's name in DNS, and its address */
	bool names_checked;
	/* the writer says that its client logged in */
	bool authenticated;
	/* handed over by a local user, or made by the MTA itself */
	bool local_pickup;
	/* a program of the host that wrote the field above or below: the
	   message did not change hosts here */
	bool continues;
	/* there was a client, and the writer hides its address */
	bool masked;
	/* with masked: because of what the client says */
	bool masked_by_client;
	/* written by Dovecot's LMTP server */
	bool dovecot_lmtp;
	/* fetched from the mailbox server from_ip by POP3 or IMAP: that is no
	   SMTP client */
	bool fetched;
};

/* Returns 0 and fills received_r (strings in pool), or -1 and error_r (static)
   if this is none of the shapes we know. */
int received_parse(pool_t pool, const struct msg_field *field,
		   struct received *received_r, const char **error_r);

#endif
