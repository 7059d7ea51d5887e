/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "llist.h"
#include "ioloop.h"
#include "str.h"
#include "time-util.h"
#include "unbound-configure.h"
#include "unbound-channel.h"

#include <arpa/nameser.h>
#include <sys/time.h>
#include <unbound.h>
#include <unbound-event.h>

#define UNBOUND_SEC_BOGUS 1
#define UNBOUND_SEC_SECURE 2

struct unbound_channel {
	struct ub_event_base *base;
	const struct unbound_config *config;
	struct unbound_context_settings set;
	unbound_channel_late_t *late_callback;
	void *late_context;

	struct ub_ctx *ctx;
	/* the newest first */
	struct unbound_try *tries, *oldest_try;
	unsigned int count, abandoned_count;
	/* deleting a context answers its questions */
	bool deleting;
};

struct unbound_try {
	struct unbound_try *prev, *next;
	struct unbound_channel *channel;
	/* NULL = abandoned */
	struct unbound_try **owner;
	unbound_channel_callback_t *callback;
	void *context;

	char *name;
	int rrtype;
	struct timeval asked;
	/* set to TRUE when it is answered; NULL unless just being asked */
	bool *answered_r;
};

static struct ub_ctx *
unbound_context_create(struct unbound_channel *channel, const char **error_r)
{
	struct ub_ctx *ctx = ub_ctx_create_ub_event(channel->base);

	if (ctx == NULL) {
		*error_r = "libunbound: Out of memory";
		return NULL;
	}
	if (unbound_configure(ctx, channel->config, &channel->set,
			      error_r) < 0) {
		ub_ctx_delete(ctx);
		return NULL;
	}
	return ctx;
}

static void unbound_context_delete(struct unbound_channel *channel,
				   struct ub_ctx *ctx)
{
	channel->deleting = TRUE;
	ub_ctx_delete(ctx);
	channel->deleting = FALSE;
}

int unbound_channel_init(struct ub_event_base *base,
			 const struct unbound_config *config,
			 const struct unbound_context_settings *set,
			 unbound_channel_late_t *late_callback,
			 void *late_context,
			 struct unbound_channel **channel_r,
			 const char **error_r)
{
	struct unbound_channel *channel = i_new(struct unbound_channel, 1);

	channel->base = base;
	channel->config = config;
	channel->set = *set;
	channel->late_callback = late_callback;
	channel->late_context = late_context;
	channel->ctx = unbound_context_create(channel, error_r);
	if (channel->ctx == NULL) {
		i_free(channel);
		return -1;
	}
	*channel_r = channel;
	return 0;
}

static void unbound_try_free(struct unbound_try *try)
{
	struct unbound_channel *channel = try->channel;

	DLLIST2_REMOVE(&channel->tries, &channel->oldest_try, try);
	channel->count--;
	if (try->owner != NULL)
		*try->owner = NULL;
	else
		channel->abandoned_count--;
	i_free(try->name);
	i_free(try);
}

void unbound_channel_deinit(struct unbound_channel **_channel)
{
	struct unbound_channel *channel = *_channel;

	if (channel == NULL)
		return;
	*_channel = NULL;
	i_assert(channel->count == channel->abandoned_count);
	unbound_context_delete(channel, channel->ctx);
	while (channel->tries != NULL)
		unbound_try_free(channel->tries);
	i_free(channel);
}

static void
unbound_try_answered(void *context, int rcode, void *packet, int size,
		     int security, char *why_bogus ATTR_UNUSED,
		     int was_ratelimited ATTR_UNUSED)
{
	struct unbound_try *try = context;
	struct unbound_channel *channel = try->channel;
	unbound_channel_callback_t *callback = try->callback;
	void *callback_context = try->context;
	struct unbound_reply reply;
	struct timeval now;
	unsigned int msecs;

	if (channel->deleting)
		return;
	i_gettimeofday(&now);
	msecs = I_MAX(timeval_diff_msecs(&now, &try->asked), 0);
	if (try->answered_r != NULL)
		*try->answered_r = TRUE;
	if (try->owner == NULL) {
		if (rcode == ns_r_noerror || rcode == ns_r_nxdomain) {
			channel->late_callback(try->name, msecs,
					       channel->late_context);
		}
		unbound_try_free(try);
		return;
	}
	i_zero(&reply);
	reply.rcode = rcode;
	reply.packet = size > 0 ? packet : NULL;
	reply.size = size;
	reply.bogus = security == UNBOUND_SEC_BOGUS;
	reply.secure = security == UNBOUND_SEC_SECURE;
	reply.at_once = try->answered_r != NULL;
	reply.msecs = msecs;
	unbound_try_free(try);
	callback(channel, &reply, callback_context);
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

/* Returns an error of libunbound. Without one try may be gone already. */
static int unbound_try_send(struct unbound_try *try)
{
	bool answered = FALSE;
	int ret;

	i_gettimeofday(&try->asked);
	try->answered_r = &answered;
	T_BEGIN {
		ret = ub_resolve_event(try->channel->ctx,
				       unbound_escape_name(try->name),
				       try->rrtype, ns_c_in, try,
				       unbound_try_answered, NULL);
	} T_END;
	if (!answered)
		try->answered_r = NULL;
	return ret;
}

int unbound_channel_ask(struct unbound_channel *channel, const char *name,
			int rrtype, unbound_channel_callback_t *callback,
			void *context, struct unbound_try **try_r,
			const char **error_r)
{
	struct unbound_try *try = i_new(struct unbound_try, 1);
	int ret;

	try->channel = channel;
	try->callback = callback;
	try->context = context;
	try->name = i_strdup(name);
	try->rrtype = rrtype;
	try->owner = try_r;
	*try_r = try;
	DLLIST2_PREPEND(&channel->tries, &channel->oldest_try, try);
	channel->count++;
	ret = unbound_try_send(try);
	if (ret == 0)
		return 0;
	*error_r = t_strdup_printf("libunbound: %s", ub_strerror(ret));
	unbound_try_free(try);
	return -1;
}

void unbound_try_abandon(struct unbound_try **_try)
{
	struct unbound_try *try = *_try;

	if (try == NULL)
		return;
	*_try = NULL;
	try->owner = NULL;
	try->channel->abandoned_count++;
}

unsigned int unbound_channel_count(const struct unbound_channel *channel)
{
	return channel->count;
}

unsigned int
unbound_channel_oldest_msecs(const struct unbound_channel *channel)
{
	struct timeval now;
	int msecs;

	if (channel->oldest_try == NULL)
		return 0;
	i_gettimeofday(&now);
	msecs = timeval_diff_msecs(&now, &channel->oldest_try->asked);
	return I_MAX(msecs, 0);
}

unsigned int
unbound_channel_abandoned_count(const struct unbound_channel *channel)
{
	return channel->abandoned_count;
}

bool unbound_channel_has_abandoned(const struct unbound_channel *channel,
				   const char *name, int rrtype)
{
	const struct unbound_try *try;

	if (channel->abandoned_count == 0)
		return FALSE;
	for (try = channel->tries; try != NULL; try = try->next) {
		if (try->owner == NULL && try->rrtype == rrtype &&
		    strcmp(try->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Asking may answer at once, and the callback may abandon and ask others. */
static void unbound_channel_ask_again(struct unbound_channel *channel)
{
	struct unbound_try *try, *next, **again;
	unsigned int i, count = 0;

	again = t_new(struct unbound_try *, channel->count + 1);
	for (try = channel->tries; try != NULL; try = next) {
		next = try->next;
		if (try->owner == NULL)
			unbound_try_free(try);
		else
			again[count++] = try;
	}
	for (i = 0; i < count; i++) {
		if (again[i]->owner == NULL)
			unbound_try_free(again[i]);
		else if (unbound_try_send(again[i]) != 0) {
			unbound_try_answered(again[i], ns_r_servfail, NULL, 0,
					     0, NULL, 0);
		}
	}
}

void unbound_channel_renew(struct unbound_channel *channel,
			   unsigned int server)
{
	struct ub_ctx *ctx, *old_ctx = channel->ctx;
	const char *error;

	channel->set.server = server;
	ctx = unbound_context_create(channel, &error);
	if (ctx == NULL)
		return;
	channel->ctx = ctx;
	unbound_context_delete(channel, old_ctx);
	T_BEGIN {
		unbound_channel_ask_again(channel);
	} T_END;
}
