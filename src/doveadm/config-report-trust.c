/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "address-kind.h"
#include "authres-settings.h"
#include "dovecot-config.h"
#include "evaluation.h"
#include "config-report-private.h"

/* A larger network than this is no set of hosts of ours. */
#define CONFIG_WIDE_IP4_BITS 8
#define CONFIG_WIDE_IP6_BITS 16

static const char *network_name(const struct ip_net *network)
{
	return t_strdup_printf("%s/%u", net_ip2addr(&network->ip),
			       network->bits);
}

/* Networks so large that strangers are in them. */
static void
report_wide_networks(pool_t pool, const char *topic,
		     const struct trusted_hosts *hosts,
		     const char *consequence, ARRAY_TYPE(config_row) *rows)
{
	for (unsigned int i = 0; i < hosts->network_count; i++) {
		const struct ip_net *network = &hosts->networks[i];

		if (network_is_loopback(network) ||
		    network_is_private(network))
			continue;
		if (network->bits == 0)
			ADD(ERROR, topic, network_name(network),
			    "this is every address there is: %s", consequence);
		else if (network->bits < (network->ip.family == AF_INET ?
					  CONFIG_WIDE_IP4_BITS :
					  CONFIG_WIDE_IP6_BITS))
			ADD(WARNING, topic, network_name(network),
			    "a network this large has strangers in it: %s",
			    consequence);
	}
}

static void
report_trusted_hosts(pool_t pool, const struct config_report_query *query,
		     ARRAY_TYPE(config_row) *rows)
{
	const struct trusted_hosts *hosts =
		&query->evaluation->identity.trusted_hosts;
	const char *topic = "authres_trusted_hosts";

	if (hosts->names == NULL || hosts->names[0] == NULL)
		ADD(ERROR, topic, t_joined(query->set->trusted_hosts),
		    "no host name is listed: the name that our MTA writes "
		    "after \"by\" in Received must be here, or no client "
		    "address is found");
	else
		ADD(OK, topic, t_joined(query->set->trusted_hosts),
		    "Received fields written by these names are trusted, and "
		    "the search for the client goes on through these "
		    "networks. Each of these hosts must add a Received field "
		    "to every message");
	report_wide_networks(pool, topic, hosts,
			     "their mail counts as ours", rows);
	for (unsigned int i = 0; i < hosts->network_count; i++) {
		if (network_is_private(&hosts->networks[i]))
			ADD(INFO, topic, network_name(&hosts->networks[i]),
			    "a private network: if NAT or a container proxy "
			    "hides the clients, strangers have addresses in "
			    "it, too");
	}
}

/* Domains whose SRS addresses are taken for ours. */
static void
report_srs(pool_t pool, const struct trusted_hosts *hosts,
	   ARRAY_TYPE(config_row) *rows)
{
	const char *const *name;

	for (name = hosts->names; name != NULL && *name != NULL; name++) {
		const char *domain = **name == '.' ? *name + 1 : *name;

		if (strchr(domain, '.') == NULL)
			continue;
		ADD(INFO, "srs", domain,
		    "a sender that our own SRS rewrote to this domain, or to "
		    "one above it, is restored before SPF is checked. If SRS "
		    "uses another domain, list it in authres_trusted_hosts, "
		    "too");
	}
}

static void
report_local_networks(pool_t pool, const struct config_report_query *query,
		      ARRAY_TYPE(config_row) *rows)
{
	const char *topic = "authres_local_networks";

	ADD(OK, topic, t_joined(query->set->local_networks),
	    "mail that enters here is our own: no DMARC, no Junk");
	report_wide_networks(pool, topic,
			     &query->evaluation->identity.local_networks,
			     "their mail is never judged", rows);
	ADD(INFO, "containers", t_joined(query->set->local_networks),
	    "if a port proxy or NAT hands mail to the MTA from one of these "
	    "addresses, as in rootless containers, strangers' mail is never "
	    "judged: see doc/containers.md");
}

static void
report_client_source(pool_t pool, const struct config_report_query *query,
		     ARRAY_TYPE(config_row) *rows)
{
	const struct dovecot_config *dovecot = query->dovecot;
	const struct identity_settings *identity =
		&query->evaluation->identity;
	const char *source = query->set->client_source;
	const char *topic = "authres_client_source";
	bool xclient = dovecot->login_trusted_networks[0] != NULL;

	if (identity->client_source == CLIENT_SOURCE_XCLIENT && !xclient)
		ADD(ERROR, topic, source,
		    "login_trusted_networks is empty: XCLIENT is not accepted "
		    "from any host, so no client address is known");
	else if (identity->client_source == CLIENT_SOURCE_XCLIENT)
		ADD(OK, topic, source,
		    "%s send the SMTP client's address by XCLIENT",
		    t_joined(dovecot->login_trusted_networks));
	else if (identity->client_source == CLIENT_SOURCE_HEADER)
		ADD(OK, topic, source,
		    "the address is in the field %s, which our MTA adds "
		    "%s", identity->client_header,
		    query->set->client_header_key[0] != NULL ?
		    "with a key" : "above the Received field with which the "
		    "message came to our hosts");
	else {
		ADD(OK, topic, source,
		    "%sthe Received field in which a trusted host names a "
		    "client that is not trusted%s",
		    identity->client_source == CLIENT_SOURCE_NONE ?
		    "what dovecot-lda was given, else " : "",
		    xclient ? "; an XCLIENT address is that of the host that "
		    "handed the message to a proxy" : "");
	}
}

static void
report_words(pool_t pool, ARRAY_TYPE(config_row) *rows, const char *topic,
	     const char *const *words, const char *explanation)
{
	if (words[0] != NULL)
		ADD(OK, topic, t_joined(words), "%s", explanation);
}

static void
report_client_settings(pool_t pool, const struct config_report_query *query,
		       ARRAY_TYPE(config_row) *rows)
{
	const struct authres_settings *set = query->set;

	if (set->client_header_key[0] != NULL &&
	    query->evaluation->identity.client_source != CLIENT_SOURCE_HEADER)
		ADD(WARNING, "authres_client_header_key", "(hidden)",
		    "authres_client_source names no header field: the key "
		    "is not used");
	report_words(pool, rows, "authres_filter_users", set->filter_users,
		     "mail that these local users put back is judged by "
		     "where it came from before");
	report_words(pool, rows, "authres_fetch_hosts", set->fetch_hosts,
		     "mail that fetchmail or getmail fetches is judged by how "
		     "these hosts received it");
}

static void
report_upstream(pool_t pool, const struct authres_settings *set,
		ARRAY_TYPE(config_row) *rows)
{
	report_words(pool, rows, "authres_upstream_authserv_ids",
		     set->upstream_authserv_ids,
		     "results of these filters, above the Received field with "
		     "which the message came to our hosts, are used instead "
		     "of checking again");
	if (!set->upstream_below)
		return;
	if (set->upstream_authserv_ids[0] == NULL)
		ADD(WARNING, "authres_upstream_below", "yes",
		    "authres_upstream_authserv_ids is empty: nothing is "
		    "believed");
	else
		ADD(INFO, "authres_upstream_below", "yes",
		    "also between our own Received field and the next: the "
		    "filter must remove forged fields of that name");
}

static void
report_overrides(pool_t pool, const struct authres_settings *set,
		 ARRAY_TYPE(config_row) *rows)
{
	if (str_array_find(set->checks, "arc")) {
		report_words(pool, rows, "authres_arc_trusted_sealers",
			     set->arc_trusted_sealers,
			     "an intact ARC chain sealed by these, with "
			     "dmarc=pass, overrides a policy");
	}
	report_words(pool, rows, "authres_trusted_forwarders",
		     set->trusted_forwarders,
		     "mail through these is judged by the client that sent it "
		     "to them");
	report_words(pool, rows, "authres_trusted_lists", set->trusted_lists,
		     "mail from these lists overrides a policy if SPF or DKIM "
		     "passes for the list's own domain");
	if (set->arc_trusted_sealers[0] == NULL &&
	    set->trusted_forwarders[0] == NULL && set->trusted_lists[0] == NULL)
		ADD(INFO, "overrides", "none",
		    "the author's policy also applies to mail that forwarders "
		    "or lists changed: see authres_arc_trusted_sealers, "
		    "authres_trusted_forwarders, authres_trusted_lists");
}

/* A redirect to another user of ours comes back through the MTA. */
static void
report_redirect(pool_t pool, const struct config_report_query *query,
		ARRAY_TYPE(config_row) *rows)
{
	const struct dovecot_config *dovecot = query->dovecot;
	const struct trusted_hosts *hosts =
		&query->evaluation->identity.trusted_hosts;
	const char *where = *dovecot->submission_host == '\0' ?
		"sendmail" : dovecot->submission_host;

	if (!str_array_find(dovecot->lmtp_plugins, "sieve"))
		return;
	if (!dovecot->lmtp_received)
		ADD(WARNING, "lmtp_add_received_header", "no",
		    "mail that Sieve redirects to another user of ours has no "
		    "line of the first delivery: it is taken for mail of "
		    "our own, or for one of an unknown client");
	else if (!trusted_hosts_has_name(hosts,
					 t_str_lcase(dovecot->hostname)))
		ADD(WARNING, "sieve redirect", dovecot->hostname,
		    "is the name that Dovecot writes after \"by\", and "
		    "authres_trusted_hosts lacks it: mail that Sieve redirects "
		    "to another user of ours (by %s) has no client", where);
	else if (*dovecot->submission_host == '\0')
		ADD(INFO, "sieve redirect", where,
		    "Postfix and others write a line of a local user then: "
		    "mail that Sieve redirects to another user of ours is "
		    "taken for our own. With submission_host = your MTA it is "
		    "judged as the first delivery was");
	else
		ADD(OK, "sieve redirect", where,
		    "mail redirected to another user of ours is judged as the "
		    "first delivery was");
}

void config_report_trust(pool_t pool, const struct config_report_query *query,
			 ARRAY_TYPE(config_row) *rows)
{
	report_trusted_hosts(pool, query, rows);
	report_srs(pool, &query->evaluation->identity.trusted_hosts, rows);
	report_local_networks(pool, query, rows);
	report_client_source(pool, query, rows);
	report_redirect(pool, query, rows);
	report_client_settings(pool, query, rows);
	report_upstream(pool, query->set, rows);
	report_overrides(pool, query->set, rows);
}
