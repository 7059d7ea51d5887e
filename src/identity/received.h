#ifndef RECEIVED_H
#define RECEIVED_H

#include "net.h"

struct msg_field;
struct trusted_hosts;

/* One Received field (RFC 5321 section 4.4). Every MTA has its own shape, and a
   HELO may imitate any text: the shapes we know are read by position.
   received-shape.h says how they are told apart. All others are read by one
   rule, received-general.c, and only if we were told to believe their
   writer. */

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

/* When a host wrote this field: what stands behind its last semicolon (RFC
   5321 section 4.4). Returns FALSE if that is no date. */
bool received_time(const struct msg_field *field, time_t *time_r);

#endif
