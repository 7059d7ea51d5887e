/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "str.h"
#include "str-sanitize.h"
#include "net.h"
#include "unbound-configure.h"

#include <unistd.h>
#include <arpa/inet.h>
#include <unbound.h>

/* Where distributions keep the root's key. */
static const char *const unbound_anchor_paths[] = {
	"/usr/share/dns/root.key",
	"/var/lib/unbound/root.key",
	"/etc/unbound/root.key",
	"/usr/share/dnssec-root/trusted-key.key",
	NULL
};

static const char resolv_conf_path[] = "/etc/resolv.conf";

struct unbound_config {
	pool_t pool;
	bool dnssec;
	/* at least one */
	ARRAY_TYPE(const_string) servers;
	/* lines of the file of trust anchors */
	ARRAY_TYPE(const_string) anchors;
};

static int unbound_set(struct ub_ctx *ctx, const char *name, const char *value,
		       const char **error_r)
{
	int ret = ub_ctx_set_option(ctx, name, value);

	if (ret == 0)
		return 0;
	*error_r = t_strdup_printf("libunbound: Option %s %s: %s",
				   name, value, ub_strerror(ret));
	return -1;
}

static int unbound_set_options(struct ub_ctx *ctx,
			       const struct unbound_config *config,
			       const struct unbound_context_settings *set,
			       const char **error_r)
{
	const struct {
		const char *name, *value;
	} options[] = {
		/* How many sockets there can be, one for each question. Some
		   more for the keys that DNSSEC asks for. */
		{ "outgoing-range:",
		  t_strdup_printf("%u", set->max_questions + 32) },
		{ "num-queries-per-thread:", "2048" },
		{ "outgoing-num-tcp:", "16" },
		/* Names that nobody answers say nothing about the DNS server
		   that was asked for them: soon forget its timeouts. Giving
		   up (infra-cache-max-rtt) refuses all names for the rest of
		   that second, so it must not come to that: see
		   unbound_lane_renew(). */
		{ "infra-host-ttl:", "0" },
		/* When this is over libunbound asks again and is deaf to the
		   first answer. Asking again early is our own part. */
		{ "infra-cache-min-rtt:",
		  t_strdup_printf("%u", set->try_msecs) },
		{ "infra-cache-max-rtt:",
		  t_strdup_printf("%u", set->try_msecs <<
				  UNBOUND_MAX_TRIES) },
		/* we only forward */
		{ "qname-minimisation:", "no" },
		{ "rrset-roundrobin:", "no" },
		{ "minimal-responses:", "yes" },
		{ "unblock-lan-zones:", "yes" },
		{ "insecure-lan-zones:", "yes" },
		/* unbound's own advice: twice as much for records as for
		   messages */
		{ "msg-cache-size:",
		  t_strdup_printf("%zu", set->cache_bytes / 3) },
		{ "rrset-cache-size:",
		  t_strdup_printf("%zu", set->cache_bytes / 3 * 2) },
	};

	for (unsigned int i = 0; i < N_ELEMENTS(options); i++) {
		if (unbound_set(ctx, options[i].name, options[i].value,
				error_r) < 0)
			return -1;
	}
	return config->dnssec ? 0 :
		unbound_set(ctx, "module-config:", "iterator", error_r);
}

static int unbound_check_server(const char *server, const char **error_r)
{
	const char *port = strchr(server, '@'), *address;
	unsigned char buf[sizeof(struct in6_addr)];
	in_port_t number;

	address = port == NULL ? server : t_strdup_until(server, port);
	if ((inet_pton(AF_INET, address, buf) != 1 &&
	     inet_pton(AF_INET6, address, buf) != 1) ||
	    (port != NULL && net_str2port(port + 1, &number) < 0)) {
		*error_r = t_strdup_printf("Invalid DNS server '%s', expected "
			"ADDRESS or ADDRESS@PORT", str_sanitize(server, 80));
		return -1;
	}
	return 0;
}

static void
unbound_add_server(struct unbound_config *config, const char *server)
{
	server = p_strdup(config->pool, server);
	array_push_back(&config->servers, &server);
}

/* Lines of a file, without comments. */
static int unbound_read_lines(pool_t pool, const char *path,
			      const char *comment_chars,
			      ARRAY_TYPE(const_string) *lines,
			      const char **error_r)
{
	struct istream *input = i_stream_create_file(path, 4096);
	const char *line;
	int ret = 0;

	while ((line = i_stream_read_next_line(input)) != NULL) {
		line = p_strdup_until(pool, line,
				      line + strcspn(line, comment_chars));
		if (line[strspn(line, " \t\r")] != '\0')
			array_push_back(lines, &line);
	}
	if (input->stream_errno != 0) {
		*error_r = t_strdup(i_stream_get_error(input));
		ret = -1;
	}
	i_stream_unref(&input);
	return ret;
}

/* resolv.conf(5): without nameserver it is the local host. */
static int
unbound_read_resolv_conf(struct unbound_config *config, const char **error_r)
{
	ARRAY_TYPE(const_string) lines;
	const char *line, *const *words, *error;

	t_array_init(&lines, 8);
	if (unbound_read_lines(pool_datastack_create(), resolv_conf_path, "#;",
			       &lines, error_r) < 0)
		return -1;
	array_foreach_elem(&lines, line) {
		words = t_strsplit_spaces(line, " \t\r");
		/* An address with a zone ("fe80::1%eth0") is one that
		   libunbound cannot use. */
		if (words[0] != NULL && strcmp(words[0], "nameserver") == 0 &&
		    words[1] != NULL && unbound_check_server(words[1],
							     &error) == 0)
			unbound_add_server(config, words[1]);
	}
	if (array_count(&config->servers) == 0)
		unbound_add_server(config, "127.0.0.1");
	return 0;
}

static int
unbound_read_servers(struct unbound_config *config, const char *const *servers,
		     const char **error_r)
{
	if (servers == NULL || *servers == NULL)
		return unbound_read_resolv_conf(config, error_r);
	for (; *servers != NULL; servers++) {
		if (unbound_check_server(*servers, error_r) < 0)
			return -1;
		unbound_add_server(config, *servers);
	}
	return 0;
}

static int
unbound_read_anchors(struct unbound_config *config, const char **error_r)
{
	const char *const *path = unbound_anchor_paths;

	while (*path != NULL && access(*path, R_OK) < 0)
		path++;
	if (*path == NULL) {
		*error_r = t_strdup_printf("The DNSSEC root trust anchor was "
			"not found (%s): Install the Debian package "
			"dns-root-data",
			t_strarray_join(unbound_anchor_paths, ", "));
		return -1;
	}
	if (unbound_read_lines(config->pool, *path, ";", &config->anchors,
			       error_r) < 0)
		return -1;
	if (array_count(&config->anchors) == 0) {
		*error_r = t_strdup_printf("%s: No trust anchor found", *path);
		return -1;
	}
	return 0;
}

int unbound_config_read(const struct resolver_unbound_settings *set,
			struct unbound_config **config_r, const char **error_r)
{
	struct unbound_config *config;
	pool_t pool = pool_alloconly_create("unbound config", 1024);
	int ret;

	config = p_new(pool, struct unbound_config, 1);
	config->pool = pool;
	config->dnssec = set->dnssec;
	p_array_init(&config->servers, pool, 4);
	p_array_init(&config->anchors, pool, 4);
	ret = unbound_read_servers(config, set->servers, error_r);
	if (ret == 0 && set->dnssec)
		ret = unbound_read_anchors(config, error_r);
	if (ret < 0)
		pool_unref(&pool);
	else
		*config_r = config;
	return ret;
}

void unbound_config_free(struct unbound_config **_config)
{
	struct unbound_config *config = *_config;

	*_config = NULL;
	if (config != NULL)
		pool_unref(&config->pool);
}

unsigned int unbound_config_server_count(const struct unbound_config *config)
{
	return array_count(&config->servers);
}

static int unbound_set_server(struct ub_ctx *ctx, const char *server,
			      const char **error_r)
{
	int ret = ub_ctx_set_fwd(ctx, server);

	if (ret == 0)
		return 0;
	*error_r = t_strdup_printf("libunbound: DNS server %s: %s",
				   server, ub_strerror(ret));
	return -1;
}

static int unbound_set_anchors(struct ub_ctx *ctx,
			       const struct unbound_config *config,
			       const char **error_r)
{
	const char *line;
	int ret;

	array_foreach_elem(&config->anchors, line) {
		ret = ub_ctx_add_ta(ctx, line);
		if (ret != 0) {
			*error_r = t_strdup_printf(
				"libunbound: Trust anchor: %s",
				ub_strerror(ret));
			return -1;
		}
	}
	return 0;
}

int unbound_configure(struct ub_ctx *ctx, const struct unbound_config *config,
		      const struct unbound_context_settings *set,
		      const char **error_r)
{
	const char *server = array_idx_elem(&config->servers, set->server %
					    array_count(&config->servers));
	int ret;

	/* It would write to stderr. Whatever fails is an answer of ours. */
	(void)ub_ctx_debugout(ctx, NULL);
	if (unbound_set_options(ctx, config, set, error_r) < 0 ||
	    unbound_set_server(ctx, server, error_r) < 0 ||
	    unbound_set_anchors(ctx, config, error_r) < 0)
		return -1;
	/* This also ends the time of configuration: errors show up now. */
	ret = ub_ctx_zone_remove(ctx, "test.");
	if (ret != 0) {
		*error_r = t_strdup_printf("libunbound: %s", ub_strerror(ret));
		return -1;
	}
	return 0;
}
