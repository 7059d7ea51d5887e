#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "llist.h"
#include "str.h"
#include "time-util.h"
#include "dns-packet.h"
#include "silent-names.h"
#include "unbound-configure.h"
#include "unbound-events.h"
#include "resolver-unbound.h"

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
unbound_resolver_ask(struct resolver *_resolver,
		     const struct resolver_question *question,
		     resolver_callback_t *callback, void *context)
{
	struct unbound_resolver *resolver =
		container_of(_resolver, struct unbound_resolver, resolver);
	struct unbound_request *request;
	pool_t pool;

	pool = pool_alloconly_create("dns request", 1024);
	request = p_new(pool, struct unbound_request, 1);
	request->pool = pool;
	request->resolver = resolver;
	request->name = p_strdup(pool, question->name);
	request->type = question->type;
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
