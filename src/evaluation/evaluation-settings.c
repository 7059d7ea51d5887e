/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "net.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "network-word.h"
#include "domain-name.h"
#include "resolver-unbound.h"
#include "trusted-hosts.h"
#include "evaluation-settings.h"

#define DOMAINS_ALLOWED "domain names such as example.org"
#define DNS_SERVERS_ALLOWED "addresses such as 192.0.2.1, 192.0.2.1@5353"

#ifdef HAVE_LIBSPF2
static const bool have_libspf2 = TRUE;
#else
static const bool have_libspf2 = FALSE;
#endif
#ifdef HAVE_LIBOPENDKIM
static const bool have_libopendkim = TRUE;
#else
static const bool have_libopendkim = FALSE;
#endif

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

/* Names can only narrow the networks: who knows a name can write it. */
static void
forwarders_init(pool_t pool, const struct authres_settings *set,
		const struct authres_settings *defaults,
		struct trusted_hosts *hosts_r, ARRAY_TYPE(const_string) *errors)
{
	static const char *const names_alone =
		"authres_trusted_forwarders: names without a network or "
		"address - no forwarder is trusted";

	hosts_init(pool, "authres_trusted_forwarders", set->trusted_forwarders,
		   defaults->trusted_forwarders, hosts_r, errors);
	if (hosts_r->names[0] != NULL && hosts_r->network_count == 0)
		array_push_back(errors, &names_alone);
}

/* Returns 0, or -1 if word is none. A name without a dot would stand for a
   whole top-level domain. */
static int
domain_parse(const char *word, const char **domain_r)
{
	const char *error;
	struct ip_addr ip;

	if (net_addr2ip(word, &ip) == 0 ||
	    domain_to_ascii(word, domain_r, &error) < 0 ||
	    domain_label_count(*domain_r) < 2)
		return -1;
	return 0;
}

static void
domains_init(pool_t pool, const char *name, const char *const *words,
	     const char *const **domains_r, ARRAY_TYPE(const_string) *errors)
{
	ARRAY_TYPE(const_string) domains;
	const char *domain, *error;

	p_array_init(&domains, pool, 4);
	for (; *words != NULL; words++) {
		if (domain_parse(*words, &domain) < 0) {
			error = authres_setting_error(
				authres_setting_find(name), *words,
				DOMAINS_ALLOWED, "");
			error = p_strdup(pool, error);
			array_push_back(errors, &error);
			array_clear(&domains);
			break;
		}
		domain = p_strdup(pool, domain);
		array_push_back(&domains, &domain);
	}
	array_append_zero(&domains);
	*domains_r = array_front(&domains);
}

/* "!" begins what is not ours. */
static void
own_domains_init(pool_t pool, const char *const *words,
		 struct own_domains *own_r, ARRAY_TYPE(const_string) *errors)
{
	const char *name = "authres_own_domains";
	ARRAY_TYPE(const_string) ours, others;
	const char *word;

	t_array_init(&ours, 8);
	t_array_init(&others, 8);
	for (; *words != NULL; words++) {
		if (**words == '!') {
			word = *words + 1;
			array_push_back(&others, &word);
		} else {
			array_push_back(&ours, words);
		}
	}
	array_append_zero(&ours);
	array_append_zero(&others);
	domains_init(pool, name, array_front(&ours), &own_r->domains, errors);
	domains_init(pool, name, array_front(&others), &own_r->exceptions,
		     errors);
}

static int
errors_finish(ARRAY_TYPE(const_string) *errors, const char *const **errors_r)
{
	unsigned int count = array_count(errors);

	array_append_zero(errors);
	*errors_r = array_front(errors);
	return count == 0 ? 0 : -1;
}

int evaluation_settings_own_domains(pool_t pool, const char *words,
				    struct own_domains *own_r,
				    const char *const **errors_r)
{
	ARRAY_TYPE(const_string) errors;

	p_array_init(&errors, pool, 1);
	own_domains_init(pool, t_strsplit_spaces(words, " ,\t"), own_r,
			 &errors);
	return errors_finish(&errors, errors_r);
}

static void
client_source_init(const struct authres_settings *set,
		   struct identity_settings *set_r)
{
	const char *source = set->client_source;

	set_r->client_header = authres_settings_client_header(set);
	if (strcmp(source, "xclient") == 0)
		set_r->client_source = CLIENT_SOURCE_XCLIENT;
	else if (strcmp(source, "received") == 0)
		set_r->client_source = CLIENT_SOURCE_RECEIVED;
	else if (set_r->client_header != NULL) {
		set_r->client_source = CLIENT_SOURCE_HEADER;
		set_r->client_header_keys = set->client_header_key;
	} else {
		/* auto */
		set_r->client_source = CLIENT_SOURCE_NONE;
	}
}

static void
engine_unavailable(pool_t pool, const char *setting, const char *library,
		   ARRAY_TYPE(const_string) *errors)
{
	const char *error = p_strdup_printf(pool,
		"%s: built without %s - using \"native\"", setting, library);

	array_push_back(errors, &error);
}

static void
engines_init(pool_t pool, const struct authres_settings *set,
	     struct evaluation_settings *set_r,
	     ARRAY_TYPE(const_string) *errors)
{
	if (set->spf_engine == AUTHRES_SPF_ENGINE_LIBSPF2) {
		if (have_libspf2)
			set_r->spf_engine = SPF_ENGINE_LIBSPF2;
		else
			engine_unavailable(pool, "authres_spf_engine",
					   "libspf2", errors);
	}
	if (set->dkim_engine == AUTHRES_DKIM_ENGINE_LIBOPENDKIM) {
		if (have_libopendkim)
			set_r->dkim_engine = DKIM_ENGINE_LIBOPENDKIM;
		else
			engine_unavailable(pool, "authres_dkim_engine",
					   "libopendkim", errors);
	}
}

static void
dmarc_mode_init(pool_t pool, const struct authres_settings *set,
		struct evaluation_settings *set_r,
		ARRAY_TYPE(const_string) *errors)
{
	const char *error;

	if (set->dmarc_mode != AUTHRES_DMARC_MODE_RFC7489)
		return;
	set_r->dmarc.mode = DMARC_MODE_RFC7489;
	if (dmarc_settings_init(&set_r->dmarc, &error) == 0)
		return;
	set_r->dmarc.mode = DMARC_MODE_RFC9989;
	error = p_strdup_printf(pool, "authres_dmarc_mode: %s - "
				"using \"rfc9989\"", error);
	array_push_back(errors, &error);
}

static unsigned int checks_init(const char *const *words)
{
	enum check_method method;
	unsigned int checks = 0;

	for (; *words != NULL; words++) {
		if (check_method_setting_parse(*words, &method) == 0)
			checks |= 1U << method;
	}
	return checks;
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
	set_r->checks = checks_init(set->checks);

	hosts_init(pool, "authres_trusted_hosts", set->trusted_hosts,
		   defaults.trusted_hosts, &set_r->identity.trusted_hosts,
		   &errors);
	hosts_init(pool, "authres_local_networks", set->local_networks,
		   defaults.local_networks, &set_r->identity.local_networks,
		   &errors);
	forwarders_init(pool, set, &defaults,
			&set_r->identity.trusted_forwarders, &errors);
	hosts_init(pool, "authres_fetch_hosts", set->fetch_hosts,
		   defaults.fetch_hosts, &set_r->identity.fetch_hosts,
		   &errors);
	set_r->identity.filter_users = set->filter_users;
	client_source_init(set, &set_r->identity);
	domains_init(pool, "authres_arc_trusted_sealers",
		     set->arc_trusted_sealers,
		     &set_r->overrides.arc_trusted_sealers, &errors);
	domains_init(pool, "authres_trusted_lists", set->trusted_lists,
		     &set_r->overrides.trusted_lists, &errors);
	own_domains_init(pool, set->own_domains, &set_r->dmarc.own, &errors);
	set_r->upstream.authserv_ids = set->upstream_authserv_ids;
	set_r->upstream.below = set->upstream_below;
	set_r->upstream.own_arc = set->arc_trusted_sealers[0] != NULL;

	set_r->dkim.min_key_bits = set->dkim_min_key_bits;
	engines_init(pool, set, set_r, &errors);
	dmarc_mode_init(pool, set, set_r, &errors);
	set_r->temperror_wait_secs = set->temperror_wait_msecs / 1000;
	return errors_finish(&errors, errors_r);
}

void evaluation_settings_deinit(struct evaluation_settings *set)
{
	dmarc_settings_deinit(&set->dmarc);
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
		if (word_is_dns_server(*server))
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
