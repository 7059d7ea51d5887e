/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "address-kind.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "client-header.h"
#include "domain-name.h"
#include "srs-address.h"
#include "received-walk.h"
#include "received-parse.h"
#include "received-time.h"
#include "trusted-hosts.h"
#include "identity-find.h"

static void
find_by_xclient(pool_t pool, const struct identity_settings *set,
		const struct verify_request *request,
		struct identity *identity)
{
	struct ip_addr peer_ip = identity_ip_unmapped(&request->peer_ip);
	struct ip_addr client_ip = identity_ip_unmapped(&request->xclient_ip);

	if (request->protocol != VERIFY_PROTOCOL_LMTP ||
	    client_ip.family == 0) {
		identity->reason = "no XCLIENT address was given";
	} else if (peer_ip.family != 0 &&
		   !trusted_hosts_has_ip(&set->trusted_hosts, &peer_ip)) {
		identity->reason = p_strdup_printf(pool,
			"the LMTP client %s is not in authres_trusted_hosts",
			net_ip2addr(&peer_ip));
	} else {
		if (trusted_hosts_has_ip(&set->local_networks, &client_ip))
			identity->origin = MAIL_ORIGIN_LOCAL;
		identity_set_client(pool, identity, CLIENT_SOURCE_XCLIENT,
				    &client_ip, request->xclient_helo,
				    "XCLIENT from the LMTP client");
	}
}

/* The address given to dovecot-lda is that of the MTA's client, as the topmost
   Received says as well. Only that one knows about logins, and when the client
   is one of our own hosts the real one stands below. Returns FALSE if the
   arguments tell all; the boundary is that line then, and *helo what it says
   unless given. */
static bool
lda_walk_goes_on(struct received_walk *walk, const struct ip_addr *argument_ip,
		 const char **helo)
{
	const struct identity_settings *set = walk->set;
	const struct msg_field *field;
	struct received received;
	const char *error;

	if (trusted_hosts_has_ip(&set->trusted_hosts, argument_ip))
		return TRUE;
	field = received_walk_peek(walk);
	if (field == NULL ||
	    received_parse_trusted(walk->pool, field, &set->trusted_hosts,
				   &received, &error) < 0 ||
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
arguments_are_of_user(const struct received_walk *walk,
		      const struct verify_request *request,
		      const struct ip_addr *ip)
{
	return request->argument_authenticated &&
		(walk->local ||
		 !trusted_hosts_has_ip(&walk->set->trusted_hosts, ip));
}

static void
find_by_arguments(struct received_walk *walk,
		  const struct verify_request *request)
{
	struct ip_addr ip = identity_ip_unmapped(&request->argument_ip);
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
			received_walk_run(walk);
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
find_by_received(struct received_walk *walk,
		 const struct verify_request *request)
{
	switch (request->protocol) {
	case VERIFY_PROTOCOL_LMTP:
		if (received_walk_lmtp(walk, request))
			received_walk_run(walk);
		break;
	case VERIFY_PROTOCOL_LDA:
		walk->local = TRUE;
		received_walk_run(walk);
		break;
	case VERIFY_PROTOCOL_DOVEADM:
		if (received_walk_own(walk, request))
			received_walk_run(walk);
		break;
	}
}

/* Fields above the line returned are not from strangers: that is the boundary,
   or where it is not known the topmost Received of an MTA, since every MTA of
   ours puts one on top. */
static unsigned int
find_header_boundary(const struct received_walk *walk,
		     const struct verify_request *request)
{
	struct received_walk own = *walk;
	struct identity identity = *walk->identity;

	own.identity = &identity;
	find_by_received(&own, request);
	walk->identity->own_field = identity.own_field;
	walk->identity->boundary_field = identity.boundary_field;
	if (identity.boundary_field != UINT_MAX)
		return identity.boundary_field;

	own = *walk;
	own.identity = &identity;
	(void)received_walk_own(&own, request);
	return received_walk_peek(&own) == NULL ? 0 : own.next_field;
}

static void
find_by_header(struct received_walk *walk, const struct verify_request *request)
{
	const struct identity_settings *set = walk->set;
	struct identity *identity = walk->identity;
	struct ip_addr peer_ip = identity_ip_unmapped(&request->peer_ip);
	struct client_header client;
	unsigned int boundary;
	const char *error;

	if (request->protocol == VERIFY_PROTOCOL_LMTP && peer_ip.family != 0 &&
	    !trusted_hosts_has_ip(&set->trusted_hosts, &peer_ip)) {
		identity->reason = p_strdup_printf(walk->pool,
			"the LMTP client %s is not in authres_trusted_hosts",
			net_ip2addr(&peer_ip));
		return;
	}
	boundary = find_header_boundary(walk, request);
	if (client_header_find(walk->header, set->client_header,
			       set->client_header_keys, boundary,
			       &client, &error) < 0) {
		/* An MTA may put the field below those of the sender, who
		   chooses how many they are. */
		identity->client_hides = set->client_header_keys != NULL &&
			set->client_header_keys[0] != NULL &&
			walk->header->limit_reason != NULL;
		identity_give_up(walk->pool, identity, error);
		return;
	}
	if (client.authenticated)
		identity->origin = MAIL_ORIGIN_AUTHENTICATED;
	else if (trusted_hosts_has_ip(&set->local_networks, &client.ip))
		identity->origin = MAIL_ORIGIN_LOCAL;
	identity_set_client(walk->pool, identity, client.ip.family == 0 ?
			    CLIENT_SOURCE_NONE : CLIENT_SOURCE_HEADER,
			    &client.ip, client.helo,
			    t_strdup_printf("field %s", set->client_header));
}

/* "<a@b>". Returns NULL if it is something else. */
static const char *return_path_parse(const struct msg_field *field)
{
	const char *value = t_msg_field_value(field);
	size_t size = strlen(value);

	if (size < 2 || value[0] != '<' || value[size - 1] != '>')
		return NULL;
	return t_strndup(value + 1, size - 2);
}

/* doveadm reads messages as delivered: the reverse-path stands in the
   Return-Path that final delivery put on top (RFC 5321 section 4.4). NULL =
   none there. */
static const char *
find_return_path(const struct msg_header *header)
{
	const struct msg_field *field;

	array_foreach(&header->fields, field) {
		if (strcasecmp(field->name, "Return-Path") == 0)
			return return_path_parse(field);
		if (strcasecmp(field->name, "Delivered-To") != 0 &&
		    strcasecmp(field->name, "X-Original-To") != 0 &&
		    strcasecmp(field->name, "Authentication-Results") != 0 &&
		    strcasecmp(field->name, "Received-SPF") != 0)
			return NULL;
	}
	return NULL;
}

/* The envelope of mail that was fetched is that of the program that fetched it.
   The provider's final delivery put the reverse-path on top of its own lines,
   so a sender's Return-Path stands below the boundary. NULL = none there. */
static const char *
find_provider_return_path(const struct received_walk *walk)
{
	const struct msg_field *field;
	unsigned int i;

	if (walk->identity->boundary_field == UINT_MAX)
		return NULL;
	for (i = walk->provider_field;
	     i < walk->identity->boundary_field; i++) {
		field = array_idx(&walk->header->fields, i);
		if (strcasecmp(field->name, "Return-Path") == 0)
			return return_path_parse(field);
	}
	return NULL;
}

static void add_remark(const struct received_walk *walk, const char *remark)
{
	struct identity *identity = walk->identity;

	identity->reason = p_strdup_printf(walk->pool, "%s, %s",
					   identity->reason, remark);
	identity_add_note(walk->pool, identity, remark);
}

/* SRS of our own rewrites every sender on the way to us as well (PostSRSd as a
   canonical map does), and SPF of our own domain says nothing. SPF is asked for
   what the client said instead, from where it came: a stranger who writes such
   an address himself has said no more than with MAIL FROM of that domain. */
static void
unfold_own_srs(const struct received_walk *walk, const char **mail_from)
{
	const struct trusted_hosts *hosts = &walk->set->trusted_hosts;
	const char *at = strrchr(*mail_from, '@'), *sender, *domain, *error;

	sender = t_srs_sender(*mail_from);
	if (at == NULL || sender == NULL || hosts->names == NULL ||
	    domain_to_ascii(at + 1, &domain, &error) < 0 ||
	    !trusted_hosts_has_name_in(hosts, domain))
		return;
	*mail_from = sender;
	walk->identity->mail_from_before = TRUE;
	add_remark(walk, "MAIL FROM before our own SRS");
}

/* Sieve of another user has sent the message on, and wrote that user's address
   into the envelope (sieve_redirect_envelope_from). The client that the walk
   found is the one that spoke to us first: its MAIL FROM stands in the line of
   the first delivery, which hosts of ours have carried since, or the walk would
   not have come to that client. */
static void
find_earlier_mail_from(const struct received_walk *walk,
		       const char **mail_from)
{
	if (walk->earlier_mail_from == NULL ||
	    walk->identity->boundary_field == UINT_MAX ||
	    strcmp(walk->earlier_mail_from, *mail_from) == 0)
		return;
	*mail_from = walk->earlier_mail_from;
	walk->identity->mail_from_before = TRUE;
	add_remark(walk, "MAIL FROM of our first delivery");
}

static void
find_mail_from(const struct received_walk *walk,
	       const struct verify_request *request)
{
	struct identity *identity = walk->identity;
	const bool doveadm = request->protocol == VERIFY_PROTOCOL_DOVEADM;
	const char *mail_from = request->mail_from;

	if (doveadm && mail_from != NULL)
		;
	else if (walk->provider_field != UINT_MAX)
		mail_from = find_provider_return_path(walk);
	else if (doveadm ||
		 (request->protocol == VERIFY_PROTOCOL_LDA &&
		  mail_from == NULL)) {
		/* dovecot-lda without -f: who started it may have written
		   it */
		mail_from = find_return_path(walk->header);
	}
	if (identity->origin == MAIL_ORIGIN_EXTERNAL && mail_from != NULL &&
	    walk->provider_field == UINT_MAX &&
	    !(doveadm && request->mail_from != NULL)) {
		find_earlier_mail_from(walk, &mail_from);
		unfold_own_srs(walk, &mail_from);
	}
	identity->mail_from = p_strdup(walk->pool, mail_from);
}

static unsigned int own_line(const struct identity *identity)
{
	return identity->boundary_field != UINT_MAX ?
		identity->boundary_field : identity->own_field;
}

/* start: the walk before anything was looked at. */
static void
find_accepted(const struct received_walk *start,
	      const struct verify_request *request, struct identity *identity)
{
	struct received_walk walk = *start;
	struct identity by_received = { .boundary_field = UINT_MAX };
	time_t accepted;

	identity->accepted_field = own_line(identity);
	if (identity->accepted_field == UINT_MAX) {
		by_received.own_field = UINT_MAX;
		walk.identity = &by_received;
		find_by_received(&walk, request);
		identity->accepted_field = own_line(&by_received);
	}
	if (identity->accepted_field == UINT_MAX)
		return;
	if (received_time(array_idx(&walk.header->fields,
				    identity->accepted_field), &accepted) &&
	    accepted <= request->received_time + AUTHRES_MAX_CLOCK_AHEAD_SECS)
		identity->accepted_time = accepted;
}

/* No host on the Internet has this address: NAT or a proxy in front of our MTA
   has hidden the client. Some strangers may choose to come that way, such as by
   IPv6: that must not switch the policy off. */
static void
drop_private_client(pool_t pool, const struct verify_request *request,
		    struct identity *identity)
{
	const char *note;

	if (identity->origin != MAIL_ORIGIN_EXTERNAL ||
	    (!ip_is_private(&identity->client_ip) &&
	     !ip_is_loopback(&identity->client_ip)))
		return;
	/* said on purpose */
	if (identity->source == CLIENT_SOURCE_XCLIENT &&
	    ip_is_loopback(&identity->client_ip))
		return;
	/* a question of the administrator's */
	if (request->protocol == VERIFY_PROTOCOL_DOVEADM &&
	    request->argument_ip.family != 0)
		return;
	note = t_strdup_printf("the client %s has a private address, so NAT or "
			       "a proxy hides the real one",
			       net_ip2addr(&identity->client_ip));
	identity->reason = p_strdup_printf(pool, "%s: %s", identity->reason,
					   note);
	identity_add_note(pool, identity, note);
	i_zero(&identity->client_ip);
	identity->source = CLIENT_SOURCE_NONE;
	identity->helo = NULL;
	identity->client_hides = TRUE;
}

static bool same_name(const char *by, const char *name)
{
	return name != NULL && strcasecmp(by, name) == 0;
}

/* For a warning only: nobody vouches for that line. */
static void
find_relayed(pool_t pool, const struct msg_header *header,
	     struct identity *identity)
{
	const struct msg_field *fields;
	struct received received;
	const char *error;
	unsigned int i, count;

	if (identity->boundary_field == UINT_MAX ||
	    identity->client_ip.family == 0)
		return;
	fields = array_get(&header->fields, &count);
	for (i = identity->boundary_field + 1; i < count; i++) {
		if (strcasecmp(fields[i].name, "Received") == 0)
			break;
	}
	if (i >= count ||
	    received_parse(pool, &fields[i], &received, &error) < 0)
		return;
	identity->client_relayed = received.by != NULL &&
		received.from_ip.family != 0 &&
		!net_ip_compare(&received.from_ip, &identity->client_ip) &&
		(same_name(received.by, identity->helo) ||
		 same_name(received.by, identity->client_name));
}

void identity_find(pool_t pool, const struct identity_settings *set,
		   const struct verify_request *request,
		   const struct msg_header *header,
		   struct identity *identity_r)
{
	struct received_walk walk = {
		.pool = pool,
		.set = set,
		.header = header,
		.identity = identity_r,
		.provider_field = UINT_MAX,
	};

	const struct received_walk start = walk;

	i_zero(identity_r);
	identity_r->boundary_field = UINT_MAX;
	identity_r->own_field = UINT_MAX;
	T_BEGIN {
		if (arguments_are_source(set, request))
			find_by_arguments(&walk, request);
		else if (set->client_source == CLIENT_SOURCE_XCLIENT)
			find_by_xclient(pool, set, request, identity_r);
		else if (set->client_source == CLIENT_SOURCE_HEADER)
			find_by_header(&walk, request);
		else
			find_by_received(&walk, request);
		find_mail_from(&walk, request);
		find_relayed(pool, header, identity_r);
		received_walk_forwarder(&walk);
		find_accepted(&start, request, identity_r);
		drop_private_client(pool, request, identity_r);
	} T_END;
}
