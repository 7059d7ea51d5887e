#ifndef RECEIVED_H
#define RECEIVED_H

#include "net.h"

struct msg_field;

/* One Received field (RFC 5321 section 4.4), read by position: every MTA has
   its own shape, and a HELO may imitate any text, so nothing is ever searched
   for. A shape is one function in the table of received.c. */

struct received {
	/* NULL: the field has no from clause */
	const char *helo;
	/* family 0: no address was given. IPv4-mapped is unmapped. */
	struct ip_addr from_ip;
	/* never NULL */
	const char *by;
	/* what stands after with, NULL = nothing */
	const char *protocol;
	/* what stands after id, NULL = nothing */
	const char *id;
	/* the MTA says that its client logged in */
	bool authenticated;
	/* handed over by a local user, or made by the MTA itself */
	bool local_pickup;
	/* written by Dovecot's LMTP server */
	bool dovecot_lmtp;
};

/* Returns 0 and fills received_r (strings in pool), or -1 and error_r (static)
   if this is none of the shapes we know. */
int received_parse(pool_t pool, const struct msg_field *field,
		   struct received *received_r, const char **error_r);

/* For the shapes. */

struct received_cursor {
	const char *p;
};

/* All of these skip white space first, advance only when they return TRUE,
   and give data stack memory. A word ends at white space, "(", ")" or ";". */
bool received_next_word(struct received_cursor *cursor, const char **word_r);
bool received_next_keyword(struct received_cursor *cursor, const char *keyword);
/* The inside of one balanced comment. */
bool received_next_comment(struct received_cursor *cursor,
			   const char **content_r);
/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" and nothing else. */
bool received_address_literal(const char *str, struct ip_addr *ip_r);
/* ESMTPA, ESMTPSA and the like, RFC 3848, RFC 6531 section 4.3. */
bool received_protocol_is_authenticated(const char *protocol);

/* The shapes. Each returns TRUE and leaves cursor behind what it read, or
   FALSE if the field is not of its shape. */
bool received_parse_postfix(struct received_cursor *cursor,
			    struct received *received_r);
bool received_parse_dovecot(struct received_cursor *cursor,
			    struct received *received_r);

#endif
