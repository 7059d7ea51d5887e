#include "lib.h"
#include "istream.h"
#include "str.h"
#include "str-sanitize.h"
#include "net.h"
#include "resolver-unbound.h"
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
			       const struct resolver_unbound_settings *set,
			       const char **error_r)
{
	static const struct {
		const char *name, *value;
	} options[] = {
		/* The default of 16 makes parallel questions wait in line.
		   This is also how many sockets there can be. */
		{ "outgoing-range:", "512" },
		{ "num-queries-per-thread:", "2048" },
		{ "outgoing-num-tcp:", "16" },
		/* Names that nobody answers say nothing about the DNS server
		   that was asked for them: soon forget its timeouts. (Giving
		   up early by infra-cache-max-rtt would refuse good names for
		   a second, and lose those that take long to find out. Our
		   own timeout ends a question.) */
		{ "infra-host-ttl:", "0" },
		{ "use-caps-for-id:", "no" },
		/* we only forward */
		{ "qname-minimisation:", "no" },
		{ "rrset-roundrobin:", "no" },
		{ "minimal-responses:", "yes" },
		{ "unblock-lan-zones:", "yes" },
		{ "insecure-lan-zones:", "yes" },
	};

	for (unsigned int i = 0; i < N_ELEMENTS(options); i++) {
		if (unbound_set(ctx, options[i].name, options[i].value,
				error_r) < 0)
			return -1;
	}
	if (!set->dnssec &&
	    unbound_set(ctx, "module-config:", "iterator", error_r) < 0)
		return -1;
	/* unbound's own advice: twice as much for records as for messages */
	if (unbound_set(ctx, "msg-cache-size:",
			t_strdup_printf("%zu", set->cache_bytes / 3),
			error_r) < 0 ||
	    unbound_set(ctx, "rrset-cache-size:",
			t_strdup_printf("%zu", set->cache_bytes / 3 * 2),
			error_r) < 0)
		return -1;
	return 0;
}

static int unbound_set_server(struct ub_ctx *ctx, const char *server,
			      const char **error_r)
{
	const char *port = strchr(server, '@'), *address;
	unsigned char buf[sizeof(struct in6_addr)];
	in_port_t number;
	int ret;

	address = port == NULL ? server : t_strdup_until(server, port);
	if ((inet_pton(AF_INET, address, buf) != 1 &&
	     inet_pton(AF_INET6, address, buf) != 1) ||
	    (port != NULL && net_str2port(port + 1, &number) < 0)) {
		*error_r = t_strdup_printf("Invalid DNS server '%s', expected "
			"ADDRESS or ADDRESS@PORT", str_sanitize(server, 80));
		return -1;
	}
	ret = ub_ctx_set_fwd(ctx, server);
	if (ret != 0) {
		*error_r = t_strdup_printf("libunbound: DNS server %s: %s",
					   server, ub_strerror(ret));
		return -1;
	}
	return 0;
}

static int unbound_set_servers(struct ub_ctx *ctx, const char *const *servers,
			       const char **error_r)
{
	int ret;

	if (servers != NULL && *servers != NULL) {
		for (; *servers != NULL; servers++) {
			if (unbound_set_server(ctx, *servers, error_r) < 0)
				return -1;
		}
		return 0;
	}
	ret = ub_ctx_resolvconf(ctx, "/etc/resolv.conf");
	if (ret != 0) {
		*error_r = t_strdup_printf(
			"libunbound: Can't read /etc/resolv.conf: %s",
			ub_strerror(ret));
		return -1;
	}
	return 0;
}

/* libunbound itself would read the file too late, inside a chroot. */
static int unbound_add_anchors(struct ub_ctx *ctx, const char *path,
			       const char **error_r)
{
	struct istream *input;
	const char *line;
	unsigned int count = 0;
	int ret = 0;

	input = i_stream_create_file(path, 4096);
	while (ret == 0 && (line = i_stream_read_next_line(input)) != NULL) {
		line = t_strcut(line, ';');
		if (line[strspn(line, " \t")] == '\0')
			continue;
		ret = ub_ctx_add_ta(ctx, line);
		count++;
	}
	if (ret != 0) {
		*error_r = t_strdup_printf("libunbound: Trust anchor in %s: %s",
					   path, ub_strerror(ret));
	} else if (input->stream_errno != 0) {
		*error_r = i_stream_get_error(input);
		*error_r = t_strdup(*error_r);
	} else if (count == 0) {
		*error_r = t_strdup_printf("%s: No trust anchor found", path);
		ret = -1;
	}
	if (input->stream_errno != 0)
		ret = -1;
	i_stream_unref(&input);
	return ret == 0 ? 0 : -1;
}

static int unbound_set_anchors(struct ub_ctx *ctx, const char **error_r)
{
	for (unsigned int i = 0; unbound_anchor_paths[i] != NULL; i++) {
		if (access(unbound_anchor_paths[i], R_OK) == 0) {
			return unbound_add_anchors(ctx, unbound_anchor_paths[i],
						   error_r);
		}
	}
	*error_r = t_strdup_printf("The DNSSEC root trust anchor was not found "
		"(%s): Install the Debian package dns-root-data",
		t_strarray_join(unbound_anchor_paths, ", "));
	return -1;
}

int unbound_configure(struct ub_ctx *ctx,
		      const struct resolver_unbound_settings *set,
		      const char **error_r)
{
	int ret;

	/* It would write to stderr. Whatever fails is an answer of ours. */
	(void)ub_ctx_debugout(ctx, NULL);
	if (unbound_set_options(ctx, set, error_r) < 0 ||
	    unbound_set_servers(ctx, set->servers, error_r) < 0 ||
	    (set->dnssec && unbound_set_anchors(ctx, error_r) < 0))
		return -1;
	/* This also ends the time of configuration: errors show up now. */
	ret = ub_ctx_zone_remove(ctx, "test.");
	if (ret != 0) {
		*error_r = t_strdup_printf("libunbound: %s", ub_strerror(ret));
		return -1;
	}
	return 0;
}
