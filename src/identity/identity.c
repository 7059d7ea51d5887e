#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "msg-parser.h"
#include "received.h"
#include "client-header.h"
#include "identity.h"

/* A by-name in a reason. */
#define MAX_LOGGED_NAME_BYTES 64

struct identity_walk {
	pool_t pool;
	const struct identity_settings *set;
	const struct msg_header *header;
	struct identity *identity;

	/* index into header->fields of the next field to look at */
	unsigned int next_field;
	/* Received fields seen so far */
	unsigned int received_count;
	/* whoever handed the message over to the host looked at last is inside
	   local_networks */
	bool local;
	/* an MTA of ours wrote a Received field; Dovecot's own is none */
	bool mta_seen;
};

static const char *logged_name(const char *name)
{
	return str_sanitize(name, MAX_LOGGED_NAME_BYTES);
}

static struct ip_addr ip_unmapped(const struct ip_addr *ip)
{
	struct ip_addr ip4;

	if (net_ipv6_mapped_ipv4_convert(ip, &ip4) == 0)
		return ip4;
	return *ip;
}

static void
identity_set_client(pool_t pool, struct identity *identity,
		    enum client_source source, const struct ip_addr *ip,
		    const char *helo, const char *reason)
{
	identity->source = source;
	identity->client_ip = ip_unmapped(ip);
	/* longer than any name: nothing can be asked about it */
	if (helo != NULL && *helo != '\0' &&
	    strlen(helo) <= AUTHRES_MAX_HELO_BYTES)
		identity->helo = p_strdup(pool, helo);
	identity->reason = p_strdup(pool, reason);
}

static void walk_give_up(struct identity_walk *walk, const char *reason)
{
	walk->identity->reason = p_strdup(walk->pool, reason);
}

static const struct msg_field *walk_peek_received(struct identity_walk *walk)
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

static void walk_next_received(struct identity_walk *walk)
{
	walk->next_field++;
	walk->received_count++;
}

/* No Received is left, and every host so far is ours. */
static void walk_end(struct identity_walk *walk)
{
	if (walk->header->limit_reason != NULL)
		walk_give_up(walk, walk->header->limit_reason);
	else if (!walk->mta_seen) {
		/* Every MTA of ours adds its Received, to our own mail too:
		   who brought this one is not known. */
		walk_give_up(walk, "there is no Received field of an MTA");
	} else if (walk->local) {
		walk->identity->origin = MAIL_ORIGIN_LOCAL;
		walk_give_up(walk, "entered inside our local networks");
	} else {
		walk_give_up(walk, "the last Received field was written for "
			     "one of our own hosts");
	}
}

static void
walk_found(struct identity_walk *walk, const struct received *received,
	   enum mail_origin origin)
{
	walk->identity->origin = origin;
	walk->identity->received_index = walk->received_count;
	walk->identity->boundary_field = walk->next_field - 1;
	identity_set_client(walk->pool, walk->identity,
			    received->from_ip.family == 0 ?
			    CLIENT_SOURCE_NONE : CLIENT_SOURCE_RECEIVED,
			    &received->from_ip, received->helo,
			    t_strdup_printf("Received line %u, written by %s",
					    walk->received_count,
					    logged_name(received->by)));
}

static void
walk_mta_seen(struct identity_walk *walk, const struct received *received)
{
	if (received->dovecot_lmtp)
		return;
	walk->mta_seen = TRUE;
	if (walk->identity->own_field == UINT_MAX)
		walk->identity->own_field = walk->next_field - 1;
}

/* One Received field whose writer is to be believed, if he is one of ours.
   Returns TRUE if the walk goes on below it. */
static bool walk_received(struct identity_walk *walk,
			  const struct received *received)
{
	const struct identity_settings *set = walk->set;
	bool trusted;

	if (!trusted_hosts_has_name(&set->trusted_hosts, received->by)) {
		walk_give_up(walk, t_strdup_printf(
			"Received line %u was written by %s, which is not "
			"among our trusted hosts", walk->received_count,
			logged_name(received->by)));
		return FALSE;
	}
	walk_mta_seen(walk, received);
	if (received->local_pickup) {
		walk_found(walk, received, MAIL_ORIGIN_LOCAL);
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

static void walk_run(struct identity_walk *walk)
{
	const struct msg_field *field;
	struct received received;
	const char *error;

	while ((field = walk_peek_received(walk)) != NULL) {
		if (walk->received_count >= AUTHRES_MAX_RECEIVED) {
			walk_give_up(walk, "too many Received fields");
			return;
		}
		walk_next_received(walk);
		if (received_parse(walk->pool, field, &received, &error) < 0) {
			walk_give_up(walk, t_strdup_printf(
				"Received line %u %s",
				walk->received_count, error));
			return;
		}
		if (!walk_received(walk, &received))
			return;
	}
	walk_end(walk);
}

/* doveadm reads messages as delivered: what stands above the line of Dovecot's
   LMTP server was written at delivery. */
static bool
fields_above_are_deliverys(const struct identity_walk *walk)
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
				    "Authentication-Results") != 0)
			return FALSE;
	}
	return delivered;
}

/* Go below the line that Dovecot's LMTP server wrote for this delivery, if
   there is one. Returns FALSE if it shows a peer that is not ours. */
static bool walk_skip_own_received(struct identity_walk *walk,
				   const struct verify_request *request)
{
	const struct msg_field *field = walk_peek_received(walk);
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

	walk_next_received(walk);
	if (received.from_ip.family == 0) {
		walk->local = TRUE;
		return TRUE;
	}
	walk->local = trusted_hosts_has_ip(&walk->set->local_networks,
					   &received.from_ip);
	if (trusted_hosts_has_ip(&walk->set->trusted_hosts, &received.from_ip))
		return TRUE;
	walk_give_up(walk, t_strdup_printf(
		"the LMTP client %s is not among our trusted hosts",
		net_ip2addr(&received.from_ip)));
	return FALSE;
}

static void walk_lmtp(struct identity_walk *walk,
		      const struct verify_request *request)
{
	struct ip_addr peer_ip;

	/* A Dovecot proxy hands over the address of the MTA behind it. */
	peer_ip = ip_unmapped(request->xclient_ip.family != 0 ?
			      &request->xclient_ip : &request->peer_ip);
	walk->local = peer_ip.family == 0 ||
		trusted_hosts_has_ip(&walk->set->local_networks, &peer_ip);
	if (peer_ip.family != 0 &&
	    !trusted_hosts_has_ip(&walk->set->trusted_hosts, &peer_ip)) {
		walk_give_up(walk, t_strdup_printf(
			"the LMTP client %s is not among our trusted hosts",
			net_ip2addr(&peer_ip)));
		return;
	}
	if (walk_skip_own_received(walk, request))
		walk_run(walk);
}

static void
find_by_xclient(pool_t pool, const struct identity_settings *set,
		const struct verify_request *request,
		struct identity *identity)
{
	struct ip_addr peer_ip = ip_unmapped(&request->peer_ip);
	struct ip_addr client_ip = ip_unmapped(&request->xclient_ip);

	if (request->protocol != VERIFY_PROTOCOL_LMTP ||
	    client_ip.family == 0) {
		identity->reason = "there was no XCLIENT address";
	} else if (peer_ip.family != 0 &&
		   !trusted_hosts_has_ip(&set->trusted_hosts, &peer_ip)) {
		identity->reason = p_strdup_printf(pool,
			"the LMTP client %s is not among our trusted hosts",
			net_ip2addr(&peer_ip));
	} else {
		if (trusted_hosts_has_ip(&set->local_networks, &client_ip))
			identity->origin = MAIL_ORIGIN_LOCAL;
		identity_set_client(pool, identity, CLIENT_SOURCE_XCLIENT,
				    &client_ip, request->xclient_helo,
				    "XCLIENT of the LMTP client");
	}
}

/* The address given to dovecot-lda is that of the MTA's client, as the topmost
   Received says as well. Only that one knows about logins, and when the client
   is one of our own hosts the real one stands below. Returns FALSE if the
   arguments tell all; the boundary is that line then, and *helo what it says
   unless given. */
static bool
lda_walk_goes_on(struct identity_walk *walk, const struct ip_addr *argument_ip,
		 const char **helo)
{
	const struct identity_settings *set = walk->set;
	const struct msg_field *field;
	struct received received;
	const char *error;

	if (trusted_hosts_has_ip(&set->trusted_hosts, argument_ip))
		return TRUE;
	field = walk_peek_received(walk);
	if (field == NULL ||
	    received_parse(walk->pool, field, &received, &error) < 0 ||
	    !net_ip_compare(&received.from_ip, argument_ip) ||
	    !trusted_hosts_has_name(&set->trusted_hosts, received.by))
		return FALSE;
	if (received.authenticated)
		return TRUE;
	walk->identity->own_field = walk->next_field;
	walk->identity->boundary_field = walk->next_field;
	if (*helo == NULL)
		*helo = received.helo;
	return FALSE;
}

/* One MTA of ours may log in at another: that is no user. */
static bool
arguments_are_of_user(const struct identity_walk *walk,
		      const struct verify_request *request,
		      const struct ip_addr *ip)
{
	return request->argument_authenticated &&
		(walk->local ||
		 !trusted_hosts_has_ip(&walk->set->trusted_hosts, ip));
}

static void
find_by_arguments(struct identity_walk *walk,
		  const struct verify_request *request)
{
	struct ip_addr ip = ip_unmapped(&request->argument_ip);
	enum client_source source = request->argument_environment ?
		CLIENT_SOURCE_ENVIRONMENT : CLIENT_SOURCE_ARGUMENTS;
	const char *helo = request->argument_helo;

	if (request->protocol == VERIFY_PROTOCOL_LDA) {
		/* it gave the arguments */
		walk->mta_seen = TRUE;
		walk->local = trusted_hosts_has_ip(&walk->set->local_networks,
						   &ip);
		if (arguments_are_of_user(walk, request, &ip))
			walk->identity->origin = MAIL_ORIGIN_AUTHENTICATED;
		else if (lda_walk_goes_on(walk, &ip, &helo)) {
			walk_run(walk);
			return;
		} else if (walk->local) {
			walk->identity->origin = MAIL_ORIGIN_LOCAL;
		}
	}
	identity_set_client(walk->pool, walk->identity,
			    ip.family == 0 ? CLIENT_SOURCE_NONE : source,
			    &ip, helo, request->argument_environment ?
			    "environment of dovecot-lda" : "command line");
}

/* doveadm verify --ip is a question, not a source that settings choose. */
static bool
arguments_are_source(const struct identity_settings *set,
		     const struct verify_request *request)
{
	if (request->protocol != VERIFY_PROTOCOL_LDA)
		return request->argument_ip.family != 0;
	return set->client_source == CLIENT_SOURCE_NONE &&
		(request->argument_ip.family != 0 ||
		 request->argument_authenticated);
}

static void
find_by_header(pool_t pool, const struct identity_settings *set,
	       const struct verify_request *request,
	       const struct msg_header *header, struct identity *identity)
{
	struct ip_addr peer_ip = ip_unmapped(&request->peer_ip);
	struct client_header client;
	const char *error;

	if (request->protocol == VERIFY_PROTOCOL_LMTP && peer_ip.family != 0 &&
	    !trusted_hosts_has_ip(&set->trusted_hosts, &peer_ip)) {
		identity->reason = p_strdup_printf(pool,
			"the LMTP client %s is not among our trusted hosts",
			net_ip2addr(&peer_ip));
		return;
	}
	if (client_header_find(header, set->client_header,
			       &client, &error) < 0) {
		identity->reason = p_strdup(pool, error);
		return;
	}
	if (client.authenticated)
		identity->origin = MAIL_ORIGIN_AUTHENTICATED;
	else if (trusted_hosts_has_ip(&set->local_networks, &client.ip))
		identity->origin = MAIL_ORIGIN_LOCAL;
	identity_set_client(pool, identity, CLIENT_SOURCE_HEADER, &client.ip,
			    client.helo, t_strdup_printf("field %s",
							 set->client_header));
}

static void
find_by_received(struct identity_walk *walk,
		 const struct verify_request *request)
{
	switch (request->protocol) {
	case VERIFY_PROTOCOL_LMTP:
		walk_lmtp(walk, request);
		break;
	case VERIFY_PROTOCOL_LDA:
		walk->local = TRUE;
		walk_run(walk);
		break;
	case VERIFY_PROTOCOL_DOVEADM:
		if (walk_skip_own_received(walk, request))
			walk_run(walk);
		break;
	}
}

/* doveadm reads messages as delivered: the reverse-path stands in the
   Return-Path that final delivery put on top (RFC 5321 section 4.4). NULL =
   none there. */
static const char *find_return_path(const struct msg_header *header)
{
	const struct msg_field *field;
	const char *value;
	size_t size;

	array_foreach(&header->fields, field) {
		if (strcasecmp(field->name, "Return-Path") == 0) {
			value = t_msg_field_value(field);
			size = strlen(value);
			if (size < 2 || value[0] != '<' ||
			    value[size - 1] != '>')
				return NULL;
			return t_strndup(value + 1, size - 2);
		}
		if (strcasecmp(field->name, "Delivered-To") != 0 &&
		    strcasecmp(field->name, "Authentication-Results") != 0)
			return NULL;
	}
	return NULL;
}

void identity_find(pool_t pool, const struct identity_settings *set,
		   const struct verify_request *request,
		   const struct msg_header *header,
		   struct identity *identity_r)
{
	struct identity_walk walk = {
		.pool = pool,
		.set = set,
		.header = header,
		.identity = identity_r,
	};

	i_zero(identity_r);
	identity_r->boundary_field = UINT_MAX;
	identity_r->own_field = UINT_MAX;
	identity_r->mail_from = p_strdup(pool, request->mail_from);
	T_BEGIN {
		if (request->protocol == VERIFY_PROTOCOL_DOVEADM &&
		    request->mail_from == NULL) {
			identity_r->mail_from =
				p_strdup(pool, find_return_path(header));
		}
		if (arguments_are_source(set, request))
			find_by_arguments(&walk, request);
		else if (set->client_source == CLIENT_SOURCE_XCLIENT)
			find_by_xclient(pool, set, request, identity_r);
		else if (set->client_source == CLIENT_SOURCE_HEADER)
			find_by_header(pool, set, request, header, identity_r);
		else
			find_by_received(&walk, request);
	} T_END;
}
