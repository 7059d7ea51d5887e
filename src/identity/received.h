#ifndef RECEIVED_H
#define RECEIVED_H

#include "net.h"

/* One Received field (RFC 5321 section 4.4). */

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
	/* with masked: because of what the client says, or because it is not
	   certain that it is not */
	bool masked_by_client;
	/* written by Dovecot's LMTP server */
	bool dovecot_lmtp;
	/* with dovecot_lmtp: RFC5321.MailFrom, NULL = not told; hostile */
	const char *envelope_from;
	/* fetched from the mailbox server from_ip by POP3 or IMAP: that is no
	   SMTP client */
	bool fetched;
};

#endif
