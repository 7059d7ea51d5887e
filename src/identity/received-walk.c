/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "address-kind.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "received-parse.h"
#include "trusted-hosts.h"
#include "received-walk.h"

/* A by-name in a reason. */
#define MAX_LOGGED_NAME_BYTES 64

static const char *logged_name(const char *name)
{
	return str_sanitize(name, MAX_LOGGED_NAME_BYTES);
}

static void walk_give_up(struct received_walk *walk, const char *reason)
{
	identity_give_up(walk->pool, walk->identity, reason);
}

const struct msg_field *received_walk_peek(struct received_walk *walk)
{
	const struct msg_field *fields;
	unsigned int count;

	fields = array_get(&walk->header->fields, &count);
	for (; walk->next_field < count; walk->next_field++) {
		const struct msg_field *field = &fields[walk->next_field];

		if (strcasecmp(field->name, "Received") == 0)
			return field;
	}
	return NULL;
}

static void walk_next(struct received_walk *walk)
{
	walk->next_field++;
	walk->received_count++;
}

/* Take the next field, which is to be read as read does. Returns 1, 0 if none
   is left, or -1 and error_r (data stack) if it cannot be read. */
static int
walk_read_as(struct received_walk *walk,
	     int (*read)(struct received_walk *walk,
			 const struct msg_field *field,
			 struct received *received_r, const char **error_r),
	     struct received *received_r, const char **error_r)
{
	const struct msg_field *field;
	const char *error, *excerpt;

	walk->below_field = walk->next_field;
	field = received_walk_peek(walk);
	if (field == NULL)
		return 0;
	walk_next(walk);
	if (walk->received_count > AUTHRES_MAX_RECEIVED) {
		*error_r = t_strdup_printf("there are more than %u "
			"Received fields", AUTHRES_MAX_RECEIVED);
		return -1;
	}
	if (read(walk, field, received_r, &error) == 0)
		return 1;
	excerpt = t_received_excerpt(field);
	*error_r = t_strdup_printf("Received field %u %s%s%s",
		walk->received_count, error, *excerpt == '\0' ? "" : ": ",
		excerpt);
	return -1;
}

/* A line of one of our hosts, or of a provider that mail is fetched from: the
   names that the administrator listed are believed in any shape. */
static int
walk_read_listed(struct received_walk *walk, const struct msg_field *field,
		 struct received *received_r, const char **error_r)
{
	const struct identity_settings *set = walk->set;

	int ret = -1;

	if (walk->provider_field == UINT_MAX) {
		ret = received_parse_trusted(walk->pool, field,
					     &set->trusted_hosts,
					     received_r, error_r);
	}
	if (walk->provider_field != UINT_MAX || (ret < 0 && walk->mta_seen)) {
		ret = received_parse_trusted(walk->pool, field,
					     &set->fetch_hosts,
					     received_r, error_r);
	}
	return ret;
}

static int
walk_read(struct received_walk *walk, struct received *received_r,
	  const char **error_r)
{
	return walk_read_as(walk, walk_read_listed, received_r, error_r);
}

static int
walk_read_known(struct received_walk *walk, const struct msg_field *field,
		struct received *received_r, const char **error_r)
{
	return received_parse(walk->pool, field, received_r, error_r);
}

/* No Received is left, and every host so far is ours. */
static void walk_end(struct received_walk *walk)
{
	if (walk->header->limit_reason != NULL)
		walk_give_up(walk, walk->header->limit_reason);
	else if (!walk->mta_seen) {
		/* Every MTA of ours adds its Received, to our own mail too:
		   who brought this one is not known. */
		walk_give_up(walk, "no MTA of ours added a Received field");
	} else if (walk->provider_field != UINT_MAX) {
		walk_give_up(walk, "no Received field of the provider names "
			     "a client");
	} else if (walk->local) {
		walk->identity->origin = MAIL_ORIGIN_LOCAL;
		walk_give_up(walk, "it was sent from our local networks");
	} else {
		walk_give_up(walk, "the last Received field names one of our "
			     "own hosts as the client");
	}
}

static void
walk_found(struct received_walk *walk, const struct received *received,
	   enum mail_origin origin)
{
	walk->identity->origin = origin;
	walk->identity->received_index = walk->received_count;
	walk->identity->by = received->by;
	walk->identity->boundary_field = walk->next_field - 1;
	if (received->names_checked)
		walk->identity->client_name = received->verified_name;
	identity_set_client(walk->pool, walk->identity,
			    received->from_ip.family == 0 ?
			    CLIENT_SOURCE_NONE : CLIENT_SOURCE_RECEIVED,
			    &received->from_ip, received->helo,
			    t_strdup_printf("Received field %u, written by %s",
					    walk->received_count,
					    received->by == NULL ? "qmail" :
					    logged_name(received->by)));
}

static void
walk_mta_seen(struct received_walk *walk, const struct received *received)
{
	if (received->dovecot_lmtp) {
		if (received->envelope_from != NULL)
			walk->earlier_mail_from = received->envelope_from;
		return;
	}
	walk->mta_seen = TRUE;
	if (walk->identity->own_field == UINT_MAX)
		walk->identity->own_field = walk->next_field - 1;
}

/* Returns TRUE if the walk goes on: a filter of ours put the message back. */
static bool
walk_local_pickup(struct received_walk *walk, const struct received *received)
{
	if (received->local_user != NULL && walk->set->filter_users != NULL &&
	    str_array_find(walk->set->filter_users, received->local_user)) {
		walk->local = TRUE;
		return TRUE;
	}
	walk_found(walk, received, MAIL_ORIGIN_LOCAL);
	return FALSE;
}

/* A line that one of our own hosts wrote. Returns TRUE if the walk goes on
   below it. */
static bool
walk_own(struct received_walk *walk, const struct received *received)
{
	const struct identity_settings *set = walk->set;
	bool trusted;

	walk_mta_seen(walk, received);
	if (received->local_pickup)
		return walk_local_pickup(walk, received);
	if (received->continues)
		return TRUE;
	if (received->fetched) {
		walk->provider_field = walk->next_field;
		return TRUE;
	}
	if (received->masked) {
		walk->identity->client_hides = received->masked_by_client;
		if (received->authenticated)
			walk_found(walk, received, MAIL_ORIGIN_AUTHENTICATED);
		else {
			walk_give_up(walk, t_strdup_printf("Received field %u "
				"does not show the client's address",
				walk->received_count));
		}
		return FALSE;
	}
	if (received->from_ip.family == 0) {
		/* a UNIX socket of the same host */
		walk->local = TRUE;
		return TRUE;
	}
	walk->local = trusted_hosts_has_ip(&set->local_networks,
					   &received->from_ip);
	trusted = trusted_hosts_has_ip(&set->trusted_hosts,
				       &received->from_ip);
	/* One MTA of ours may log in at another: that is no user. */
	if (received->authenticated && (!trusted || walk->local)) {
		walk_found(walk, received, MAIL_ORIGIN_AUTHENTICATED);
		return FALSE;
	}
	if (trusted)
		return TRUE;
	walk_found(walk, received, walk->local ?
		   MAIL_ORIGIN_LOCAL : MAIL_ORIGIN_EXTERNAL);
	return FALSE;
}

/* Some providers' hosts write their address after "by". */
static bool
provider_has_writer(const struct trusted_hosts *provider, const char *by)
{
	struct ip_addr ip;

	return trusted_hosts_has_name(provider, by) ||
		(by != NULL && net_addr2ip(by, &ip) == 0 &&
		 trusted_hosts_has_ip(provider, &ip));
}

/* A line below the one of a fetching program, or of the host that it handed
   the message to. The provider's MTA is the one that names a client outside of
   the provider. A line by a name that is not listed is passed only if it shows
   no such client: it might be the provider's MTA under a new name, and what
   stands below it a stranger's. */
static bool
walk_provider(struct received_walk *walk, const struct received *received)
{
	const struct trusted_hosts *provider = &walk->set->fetch_hosts;

	if (received->fetched || received->local_pickup || received->masked) {
		walk_give_up(walk, t_strdup_printf("Received field %u names "
			"no client outside the provider",
			walk->received_count));
		return FALSE;
	}
	if (received->continues || received->from_ip.family == 0 ||
	    ip_is_loopback(&received->from_ip) ||
	    trusted_hosts_has_ip(provider, &received->from_ip))
		return TRUE;
	if (!provider_has_writer(provider, received->by)) {
		walk_give_up(walk, t_strdup_printf("Received field %u was "
			"written by %s, which is not in authres_fetch_hosts",
			walk->received_count,
			logged_name(received->by)));
		return FALSE;
	}
	/* A user of the provider is no user of ours. */
	walk_found(walk, received, MAIL_ORIGIN_EXTERNAL);
	return FALSE;
}

static bool
walk_is_provider(struct received_walk *walk, const struct received *received)
{
	if (walk->provider_field != UINT_MAX)
		return TRUE;
	if (!walk->mta_seen || received->by == NULL ||
	    trusted_hosts_has_name(&walk->set->trusted_hosts, received->by) ||
	    !trusted_hosts_has_name(&walk->set->fetch_hosts, received->by))
		return FALSE;
	/* fetched by a program that writes no Received */
	walk->provider_field = walk->below_field;
	return TRUE;
}

/* One Received field whose writer is to be believed, if he is one of ours.
   Returns TRUE if the walk goes on below it. */
static bool
walk_received(struct received_walk *walk, const struct received *received)
{
	if (walk_is_provider(walk, received))
		return walk_provider(walk, received);
	/* qmail-queue says no name */
	if (received->by != NULL &&
	    !trusted_hosts_has_name(&walk->set->trusted_hosts, received->by)) {
		walk_give_up(walk, t_strdup_printf(
			"Received field %u was written by %s, which is not in "
			"authres_trusted_hosts", walk->received_count,
			logged_name(received->by)));
		return FALSE;
	}
	return walk_own(walk, received);
}

void received_walk_run(struct received_walk *walk)
{
	struct received received;
	const char *error;
	int ret;

	while ((ret = walk_read(walk, &received, &error)) > 0) {
		if (!walk_received(walk, &received))
			return;
	}
	if (ret < 0) {
		walk_give_up(walk, error);
		return;
	}
	walk_end(walk);
}

static bool
walk_peer_is_ours(struct received_walk *walk, const struct ip_addr *ip)
{
	walk->local = ip->family == 0 ||
		trusted_hosts_has_ip(&walk->set->local_networks, ip);
	if (ip->family == 0 ||
	    trusted_hosts_has_ip(&walk->set->trusted_hosts, ip))
		return TRUE;
	walk_give_up(walk, t_strdup_printf(
		"the LMTP client %s is not in authres_trusted_hosts",
		net_ip2addr(ip)));
	return FALSE;
}

/* doveadm reads messages as delivered: what stands above the line of Dovecot's
   LMTP server was written at delivery. */
static bool
fields_above_are_deliverys(const struct received_walk *walk)
{
	const struct msg_field *field;
	bool delivered = FALSE;
	unsigned int i;

	for (i = 0; i < walk->next_field; i++) {
		field = array_idx(&walk->header->fields, i);
		if (strcasecmp(field->name, "Return-Path") == 0 ||
		    strcasecmp(field->name, "Delivered-To") == 0)
			delivered = TRUE;
		else if (strcasecmp(field->name,
				    "Authentication-Results") != 0 &&
			 strcasecmp(field->name, "Received-SPF") != 0)
			return FALSE;
	}
	return delivered;
}

bool received_walk_own(struct received_walk *walk,
		       const struct verify_request *request)
{
	const struct msg_field *field = received_walk_peek(walk);
	struct received received;
	const char *error;
	bool own;

	if (field == NULL ||
	    received_parse(walk->pool, field, &received, &error) < 0 ||
	    !received.dovecot_lmtp)
		return TRUE;
	if (request->protocol == VERIFY_PROTOCOL_DOVEADM)
		own = fields_above_are_deliverys(walk);
	else
		own = request->session_id != NULL &&
			strcmp(received.id, request->session_id) == 0;
	if (!own)
		return TRUE;
	walk_next(walk);
	return walk_peer_is_ours(walk, &received.from_ip);
}

bool received_walk_lmtp(struct received_walk *walk,
			const struct verify_request *request)
{
	struct ip_addr peer_ip;

	/* A Dovecot proxy hands over the address of the MTA behind it. */
	peer_ip = identity_ip_unmapped(request->xclient_ip.family != 0 ?
				       &request->xclient_ip :
				       &request->peer_ip);
	return walk_peer_is_ours(walk, &peer_ip) &&
		received_walk_own(walk, request);
}

/* A name is listed, and everyone in the forwarder's network could write it
   after "by": only a name that was checked in DNS shows who the client is. */
static bool
forwarder_name_is_listed(const struct received_walk *walk,
			 const struct received *boundary)
{
	const struct trusted_hosts *forwarders = &walk->set->trusted_forwarders;

	return forwarders->names[0] == NULL || !boundary->names_checked ||
		(boundary->verified_name != NULL &&
		 trusted_hosts_has_name(forwarders, boundary->verified_name));
}

/* Returns 1 if the client that the forwarder saw is in received_r, 0 if the
   walk goes on within the forwarder's hosts, -1 and reason_r (data stack) if
   nothing there can be believed. */
static int
forwarder_next(struct received_walk *walk, struct received *received_r,
	       const char **reason_r)
{
	const struct trusted_hosts *forwarders = &walk->set->trusted_forwarders;
	const char *error;
	int ret = walk_read_as(walk, walk_read_known, received_r, &error);

	if (ret <= 0) {
		*reason_r = ret == 0 ? "it added no Received field" : error;
		return -1;
	}
	if (received_r->continues)
		return 0;
	if (forwarders->names[0] != NULL &&
	    !trusted_hosts_has_name(forwarders, received_r->by)) {
		*reason_r = t_strdup_printf("Received field %u was written "
			"by %s, which is not listed", walk->received_count,
			logged_name(received_r->by));
		return -1;
	}
	if (received_r->authenticated || received_r->local_pickup ||
	    received_r->fetched) {
		*reason_r = "the message was sent from there";
		return -1;
	}
	if (received_r->masked) {
		/* the line below may be the hidden client's */
		*reason_r = "it does not show the client's address";
		return -1;
	}
	return received_r->from_ip.family != 0 &&
		!trusted_hosts_has_ip(forwarders, &received_r->from_ip);
}

static void
forwarder_set(struct received_walk *walk, const struct received *boundary,
	      const struct received *received)
{
	struct identity *identity = walk->identity;
	const char *address = net_ip2addr(&identity->client_ip);

	identity->forwarder_ip = identity->client_ip;
	identity->forwarder = p_strdup(walk->pool,
		trusted_hosts_has_name(&walk->set->trusted_forwarders,
				       boundary->verified_name != NULL ?
				       boundary->verified_name : "") ?
		boundary->verified_name : address);
	identity->received_index = walk->received_count;
	identity->by = received->by;
	identity->helo = NULL;
	identity_set_client(walk->pool, identity, identity->source,
			    &received->from_ip, received->helo,
			    t_strdup_printf("Received field %u, written by %s, "
					    "the trusted forwarder at %s",
					    walk->received_count,
					    logged_name(received->by),
					    address));
	if (strcmp(identity->forwarder, address) != 0) {
		/* its name does not tell which of its hosts that was */
		identity_add_note(walk->pool, identity, t_strdup_printf(
			"the trusted forwarder at %s", address));
	}
}

static unsigned int
received_count_above(const struct msg_header *header, unsigned int index)
{
	const struct msg_field *field;
	unsigned int i, count = 0;

	for (i = 0; i < index; i++) {
		field = array_idx(&header->fields, i);
		if (strcasecmp(field->name, "Received") == 0)
			count++;
	}
	return count;
}

void received_walk_forwarder(struct received_walk *walk)
{
	struct identity *identity = walk->identity;
	struct received boundary, received;
	const char *error, *reason = NULL;
	int ret;

	if (identity->boundary_field == UINT_MAX ||
	    identity->origin != MAIL_ORIGIN_EXTERNAL ||
	    !trusted_hosts_has_ip(&walk->set->trusted_forwarders,
				  &identity->client_ip))
		return;
	walk->next_field = identity->boundary_field;
	walk->received_count = received_count_above(walk->header,
						    walk->next_field);
	if (walk_read(walk, &boundary, &error) <= 0)
		i_unreached();
	if (!forwarder_name_is_listed(walk, &boundary))
		reason = "its name is not listed";
	else {
		while ((ret = forwarder_next(walk, &received, &reason)) == 0) ;
		if (ret > 0) {
			forwarder_set(walk, &boundary, &received);
			return;
		}
	}
	reason = t_strdup_printf("from a trusted forwarder, but %s", reason);
	identity->reason = p_strdup_printf(walk->pool, "%s, %s",
					   identity->reason, reason);
	identity_add_note(walk->pool, identity, reason);
}
