#include "lib.h"
#include "array.h"
#include "net.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "resolver-unbound.h"
#include "evaluation-settings.h"

#define CLIENT_SOURCE_HEADER_PREFIX "header:"
#define DNS_SERVERS_ALLOWED "addresses such as 192.0.2.1, 192.0.2.1@5353"

static const char *lookup_nothing(void *context ATTR_UNUSED,
				  const char *name ATTR_UNUSED)
{
	return NULL;
}

static void
defaults_init(pool_t pool, const struct authres_settings *set,
	      struct authres_settings *defaults_r)
{
	const char *const *errors;

	(void)authres_settings_parse(pool, lookup_nothing, NULL, NULL,
				     set->hostname, "", defaults_r, &errors);
}

static void
hosts_init(pool_t pool, const char *name, const char *const *words,
	   const char *const *default_words, struct trusted_hosts *hosts_r,
	   ARRAY_TYPE(const_string) *errors)
{
	const char *error;

	if (trusted_hosts_parse(pool, words, hosts_r, &error) == 0)
		return;
	error = p_strdup_printf(pool, "%s: %s - using \"%s\"", name, error,
				t_strarray_join(default_words, " "));
	array_push_back(errors, &error);
	if (trusted_hosts_parse(pool, default_words, hosts_r, &error) < 0) {
		/* the host name is no usable name */
		i_zero(hosts_r);
		hosts_r->names = p_new(pool, const char *, 1);
	}
}

static void
client_source_init(const struct authres_settings *set,
		   struct identity_settings *set_r)
{
	const char *source = set->client_source;

	if (strcmp(source, "xclient") == 0)
		set_r->client_source = CLIENT_SOURCE_XCLIENT;
	else if (strcmp(source, "received") == 0)
		set_r->client_source = CLIENT_SOURCE_RECEIVED;
	else if (str_begins(source, CLIENT_SOURCE_HEADER_PREFIX)) {
		set_r->client_source = CLIENT_SOURCE_HEADER;
		set_r->client_header =
			source + strlen(CLIENT_SOURCE_HEADER_PREFIX);
	} else {
		/* auto */
		set_r->client_source = CLIENT_SOURCE_NONE;
	}
}

static int
errors_finish(ARRAY_TYPE(const_string) *errors, const char *const **errors_r)
{
	unsigned int count = array_count(errors);

	array_append_zero(errors);
	*errors_r = array_front(errors);
	return count == 0 ? 0 : -1;
}

int evaluation_settings_init(pool_t pool, const struct authres_settings *set,
			     struct evaluation_settings *set_r,
			     const char *const **errors_r)
{
	struct authres_settings defaults;
	ARRAY_TYPE(const_string) errors;

	i_zero(set_r);
	p_array_init(&errors, pool, 4);
	defaults_init(pool, set, &defaults);

	set_r->hostname = set->hostname;
	set_r->check_spf = str_array_find(set->checks, "spf");
	set_r->check_dkim = str_array_find(set->checks, "dkim");
	set_r->check_arc = str_array_find(set->checks, "arc");
	set_r->check_dmarc = str_array_find(set->checks, "dmarc");
	set_r->check_sender_id = str_array_find(set->checks, "senderid");

	hosts_init(pool, "authres_trusted_hosts", set->trusted_hosts,
		   defaults.trusted_hosts, &set_r->identity.trusted_hosts,
		   &errors);
	hosts_init(pool, "authres_local_networks", set->local_networks,
		   defaults.local_networks, &set_r->identity.local_networks,
		   &errors);
	client_source_init(set, &set_r->identity);

	set_r->dkim.min_key_bits = set->dkim_min_key_bits;
	set_r->dkim.partial_body_is_policy =
		strcmp(set->dkim_partial_body, "policy") == 0;
	set_r->dmarc.mode = strcmp(set->dmarc_mode, "rfc7489") == 0 ?
		DMARC_MODE_RFC7489 : DMARC_MODE_RFC9989;
	return errors_finish(&errors, errors_r);
}

/* "192.0.2.1" or "192.0.2.1@5353" */
static bool dns_server_is_valid(const char *server)
{
	const char *at = strchr(server, '@');
	struct ip_addr ip;
	in_port_t port;

	if (at != NULL) {
		if (net_str2port(at + 1, &port) < 0)
			return FALSE;
		server = t_strdup_until(server, at);
	}
	return net_addr2ip(server, &ip) == 0;
}

int evaluation_settings_resolver(pool_t pool,
				 const struct authres_settings *set,
				 struct resolver_unbound_settings *set_r,
				 const char *const **errors_r)
{
	static const char *const from_resolv_conf[] = { NULL };
	ARRAY_TYPE(const_string) errors;
	const char *const *server, *error;

	i_zero(set_r);
	p_array_init(&errors, pool, 1);
	set_r->servers = set->dns_servers;
	for (server = set->dns_servers; *server != NULL; server++) {
		if (dns_server_is_valid(*server))
			continue;
		error = authres_setting_error(
			authres_setting_find("authres_dns_servers"), *server,
			DNS_SERVERS_ALLOWED, "");
		error = p_strdup(pool, error);
		array_push_back(&errors, &error);
		set_r->servers = from_resolv_conf;
		break;
	}
	set_r->dnssec = set->dnssec;
	set_r->timeout_msecs = set->timeout_msecs;
	set_r->cache_bytes = AUTHRES_MAX_DNS_CACHE_BYTES;
	return errors_finish(&errors, errors_r);
}
