#ifndef IDENTITY_H
#define IDENTITY_H

#include "net.h"
#include "verdict.h"
#include "trusted-hosts.h"

/* Who is said to have sent the message: the SMTP client, its HELO and the
   reverse-path. Found from the envelope and from Received fields that a
   trusted host wrote (authres(7), THE CLIENT ADDRESS); never from anything a
   stranger wrote. */

struct identity_settings {
	struct trusted_hosts trusted_hosts;
	struct trusted_hosts local_networks;
	/* hosts of others that forward mail to us */
	struct trusted_hosts trusted_forwarders;
	/* hosts of providers whose mailboxes mail is fetched from */
	struct trusted_hosts fetch_hosts;
	/* local users, by name or user ID as Received says, who put mail back
	   after filtering it; NULL-terminated */
	const char *const *filter_users;
	/* authres_client_source: XCLIENT, RECEIVED or HEADER fixes it; NONE
	   means auto */
	enum client_source client_source;
	/* header:NAME */
	const char *client_header;
	/* what such a field has to carry, NULL-terminated; NULL or empty = it
	   has to stand above the boundary */
	const char *const *client_header_keys;
};

struct identity {
	enum mail_origin origin;
	enum client_source source;
	/* family 0: no trustworthy client. IPv4-mapped addresses are
	   unmapped. */
	struct ip_addr client_ip;
	/* There is no client_ip because of what the client says, or because it
	   came through NAT or a proxy: it shall not gain by that. */
	bool client_hides;
	/* as the client said it, NULL = unknown; hostile */
	const char *helo;
	/* RFC5321.MailFrom; "" = null reverse-path, NULL = unknown. For
	   doveadm and dovecot-lda, when not given, that of a Return-Path on
	   top; for mail fetched from a provider that of the provider's
	   Return-Path. Where SRS or Sieve of our own has replaced the sender,
	   the one before. */
	const char *mail_from;
	/* mail_from is the one before SRS or Sieve of our own: a rejection
	   would go to another address, which nobody has verified */
	bool mail_from_before;
	/* the client's name in DNS whose address is the client's, as the
	   boundary line has it, where its writer looked; NULL = unknown */
	const char *client_name;
	/* The next Received below the boundary line was, as it says, written by
	   that client (its HELO or client_name stands behind "by") for another
	   client: it looks like a mail server that passes mail on. Anybody can
	   write such a line. */
	bool client_relayed;
	/* counted from the top, 1 = topmost; 0 = no Received was used */
	unsigned int received_index;
	/* who wrote that Received, as it says; NULL = it does not say, or
	   received_index is 0 */
	const char *by;
	/* the trusted forwarder that the message came through, client_ip is
	   what it saw then; family 0 = none */
	struct ip_addr forwarder_ip;
	/* its name if it is listed by name, otherwise its address; NULL =
	   none */
	const char *forwarder;
	/* The boundary line as index into header->fields: one of our hosts
	   wrote it for a client that is none of them. Above it are only fields
	   that our hosts let in, below it a stranger's, a forwarder's among
	   them. UINT_MAX = not known. */
	unsigned int boundary_field;
	/* the topmost Received that an MTA of ours wrote (Dovecot is none), as
	   index; UINT_MAX = none */
	unsigned int own_field;
	/* The line that a host of ours wrote when it accepted the message: the
	   boundary line, or else own_field, or else what they would be if
	   Received told the client; as index. The same whenever delivery of
	   the message is tried again. UINT_MAX = none. */
	unsigned int accepted_field;
	/* the time in it; 0 = it has none, or one that has not come yet */
	time_t accepted_time;
	/* one short sentence: what was believed, or why nothing was */
	const char *reason;
	/* of reason, what source, client_ip, received_index, by and forwarder
	   do not say; NULL = nothing */
	const char *note;
};

/* Add to note, behind a comma if it has something. */
void identity_add_note(pool_t pool, struct identity *identity,
		       const char *note);
/* There is no client, for this reason. */
void identity_give_up(pool_t pool, struct identity *identity,
		      const char *reason);
/* helo NULL = unknown; anything as long as it is given. */
void identity_set_client(pool_t pool, struct identity *identity,
			 enum client_source source, const struct ip_addr *ip,
			 const char *helo, const char *reason);
struct ip_addr identity_ip_unmapped(const struct ip_addr *ip);

#endif
