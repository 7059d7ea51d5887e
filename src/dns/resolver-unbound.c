#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "istream.h"
#include "llist.h"
#include "str.h"
#include "str-sanitize.h"
#include "strnum.h"
#include "time-util.h"
#include "dns-packet.h"
#include "silent-names.h"
#include "unbound-events.h"
#include "resolver-unbound.h"

#include <unistd.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <sys/time.h>
#include <unbound.h>
#include <unbound-event.h>

/* A question that failed after less than this was refused, not left alone. */
#define UNBOUND_SILENT_MSECS 1000
/* A message that gave a name up after this was at its deadline. */
#define UNBOUND_GIVEN_UP_MSECS 2500
#define UNBOUND_SEC_BOGUS 1
#define UNBOUND_SEC_SECURE 2

struct unbound_resolver {
	struct resolver resolver;

	struct ub_event_base *base;
	struct ub_ctx *ctx;
	unsigned int timeout_msecs;

	struct unbound_request *requests;
	struct silent_names *silent;
	/* when a DNS server last answered anything */
	struct timeval last_answer;
};

struct unbound_request {
	struct resolver_request request;
	struct unbound_resolver *resolver;
	struct unbound_request *prev, *next;

	pool_t pool;
	const char *name;
	enum dns_type type;
	resolver_callback_t *callback;
	void *context;

	int async_id;
	struct timeval asked;
	struct timeout *to;
	/* ub_resolve_event() has not returned */
	bool asking;
	struct dns_answer answer;
	bool answered;
};

static const int unbound_types[] = {
	[DNS_TYPE_A] = ns_t_a,
	[DNS_TYPE_AAAA] = ns_t_aaaa,
	[DNS_TYPE_MX] = ns_t_mx,
	[DNS_TYPE_PTR] = ns_t_ptr,
	[DNS_TYPE_TXT] = ns_t_txt,
};

/* Where distributions keep the root's key. */
static const char *const unbound_anchor_paths[] = {
	"/usr/share/dns/root.key",
	"/var/lib/unbound/root.key",
	"/etc/unbound/root.key",
	"/usr/share/dnssec-root/trusted-key.key",
	NULL
};

static void unbound_request_free(struct unbound_request *request)
{
	DLLIST_REMOVE(&request->resolver->requests, request);
	timeout_remove(&request->to);
	pool_unref(&request->pool);
}

/* Frees the request first: the callback may do anything but destroy the
   resolver. */
static void unbound_request_finish(struct unbound_request *request)
{
	resolver_callback_t *callback = request->callback;
	void *context = request->context;
	pool_t pool = request->pool;

	pool_ref(pool);
	unbound_request_free(request);
	callback(&request->answer, context);
	pool_unref(&pool);
}

/* No answer came: if others get theirs it is this name that is silent. */
static void unbound_request_note_silent(struct unbound_request *request)
{
	struct unbound_resolver *resolver = request->resolver;

	if (timeval_cmp(&resolver->last_answer, &request->asked) > 0)
		silent_names_add(resolver->silent, request->name, ioloop_time);
}

static void unbound_request_timeout(struct unbound_request *request)
{
	struct unbound_resolver *resolver = request->resolver;

	(void)ub_cancel(resolver->ctx, request->async_id);
	unbound_request_note_silent(request);
	dns_answer_set_temporary(&request->answer, request->pool,
		p_strdup_printf(request->pool, "no answer within %u msecs",
				resolver->timeout_msecs));
	unbound_request_finish(request);
}

static void
unbound_request_parse(struct unbound_request *request, int rcode,
		      const void *packet, int size, int security)
{
	struct unbound_resolver *resolver = request->resolver;
	struct timeval now;

	i_gettimeofday(&now);
	if (security == UNBOUND_SEC_BOGUS) {
		dns_answer_set_temporary(&request->answer, request->pool,
					 "DNSSEC validation failed");
	} else if (rcode != ns_r_noerror && rcode != ns_r_nxdomain) {
		dns_answer_set_temporary(&request->answer, request->pool,
			p_strdup(request->pool, dns_rcode_reason(rcode)));
		if (timeval_diff_msecs(&now, &request->asked) >=
		    UNBOUND_SILENT_MSECS)
			unbound_request_note_silent(request);
		return;
	} else if (packet == NULL || size <= 0) {
		dns_answer_set_temporary(&request->answer, request->pool,
					 "empty DNS answer");
	} else {
		dns_packet_parse(request->pool, packet, size, request->name,
				 request->type, &request->answer);
		request->answer.secure =
			request->answer.status != DNS_STATUS_TEMPORARY &&
			security == UNBOUND_SEC_SECURE;
	}
	/* what comes at once is from the cache */
	if (!request->asking)
		resolver->last_answer = now;
}

static void
unbound_request_answered(void *context, int rcode, void *packet, int size,
			 int security, char *why_bogus ATTR_UNUSED,
			 int was_ratelimited ATTR_UNUSED)
{
	struct unbound_request *request = context;

	T_BEGIN {
		unbound_request_parse(request, rcode, packet, size, security);
	} T_END;
	request->answered = TRUE;
	if (!request->asking)
		unbound_request_finish(request);
}

/* libunbound reads names as they stand in a zone file. */
static const char *unbound_escape_name(const char *name)
{
	string_t *str;

	if (strchr(name, '\\') == NULL)
		return name;
	str = t_str_new(256);
	for (; *name != '\0'; name++) {
		if (*name == '\\')
			str_append_c(str, '\\');
		str_append_c(str, *name);
	}
	return str_c(str);
}

static int unbound_request_send(struct unbound_request *request)
{
	struct unbound_resolver *resolver = request->resolver;
	int ret;

	i_gettimeofday(&request->asked);
	if (silent_names_have(resolver->silent, request->name,
			      request->asked.tv_sec)) {
		dns_answer_set_temporary(&request->answer, request->pool,
			"no answer to the last question for this name");
		return 0;
	}
	request->asking = TRUE;
	T_BEGIN {
		ret = ub_resolve_event(resolver->ctx,
				       unbound_escape_name(request->name),
				       unbound_types[request->type], ns_c_in,
				       request, unbound_request_answered,
				       &request->async_id);
	} T_END;
	request->asking = FALSE;
	if (ret != 0) {
		dns_answer_set_temporary(&request->answer, request->pool,
			p_strdup_printf(request->pool, "libunbound: %s",
					ub_strerror(ret)));
		return 0;
	}
	return request->answered ? 0 : 1;
}

static struct resolver_request *
unbound_resolver_ask(struct resolver *_resolver, const char *name,
		     enum dns_type type, resolver_callback_t *callback,
		     void *context)
{
	struct unbound_resolver *resolver =
		container_of(_resolver, struct unbound_resolver, resolver);
	struct unbound_request *request;
	pool_t pool;

	pool = pool_alloconly_create("dns request", 1024);
	request = p_new(pool, struct unbound_request, 1);
	request->pool = pool;
	request->resolver = resolver;
	request->name = p_strdup(pool, name);
	request->type = type;
	request->callback = callback;
	request->context = context;
	DLLIST_PREPEND(&resolver->requests, request);

	if (unbound_request_send(request) == 0) {
		unbound_request_finish(request);
		return NULL;
	}
	request->to = timeout_add_short(resolver->timeout_msecs,
					unbound_request_timeout, request);
	return &request->request;
}

static void unbound_resolver_cancel(struct resolver_request *_request)
{
	struct unbound_request *request =
		container_of(_request, struct unbound_request, request);
	struct timeval now;

	i_gettimeofday(&now);
	if (timeval_diff_msecs(&now, &request->asked) >= UNBOUND_GIVEN_UP_MSECS)
		unbound_request_note_silent(request);
	(void)ub_cancel(request->resolver->ctx, request->async_id);
	unbound_request_free(request);
}

static void unbound_resolver_deinit(struct resolver *_resolver)
{
	struct unbound_resolver *resolver =
		container_of(_resolver, struct unbound_resolver, resolver);

	i_assert(resolver->requests == NULL);
	if (resolver->ctx != NULL)
		ub_ctx_delete(resolver->ctx);
	unbound_events_deinit(&resolver->base);
	silent_names_deinit(&resolver->silent);
	i_free(resolver);
}

static const struct resolver_vfuncs unbound_resolver_vfuncs = {
	.deinit = unbound_resolver_deinit,
	.ask = unbound_resolver_ask,
	.cancel = unbound_resolver_cancel,
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

static int unbound_configure(struct ub_ctx *ctx,
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

int resolver_unbound_init(const struct resolver_unbound_settings *set,
			  struct resolver **resolver_r, const char **error_r)
{
	struct unbound_resolver *resolver;

	i_assert(set->timeout_msecs > 0);
	resolver = i_new(struct unbound_resolver, 1);
	resolver->resolver.v = unbound_resolver_vfuncs;
	resolver->timeout_msecs = set->timeout_msecs;
	resolver->silent = silent_names_init();
	resolver->base = unbound_events_init();
	resolver->ctx = ub_ctx_create_ub_event(resolver->base);
	if (resolver->ctx == NULL)
		*error_r = "libunbound: Out of memory";
	if (resolver->ctx == NULL ||
	    unbound_configure(resolver->ctx, set, error_r) < 0) {
		unbound_resolver_deinit(&resolver->resolver);
		return -1;
	}
	*resolver_r = &resolver->resolver;
	return 0;
}
