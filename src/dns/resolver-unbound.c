/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "llist.h"
#include "time-util.h"
#include "authres-limits.h"
#include "dns-packet.h"
#include "fresh-answers.h"
#include "silent-zones.h"
#include "unbound-channel.h"
#include "unbound-configure.h"
#include "unbound-events.h"
#include "resolver-unbound.h"

#include <arpa/nameser.h>
#include <sys/time.h>

/* A question that failed after less than this was refused, not left alone. */
#define UNBOUND_SILENT_MSECS 1000
/* A message that gave a name up after this was at its deadline: it gave the
   name some times what an answer takes now. */
#define UNBOUND_GIVEN_UP_MSECS 2500
#define UNBOUND_MIN_GIVEN_UP_MSECS 1000
#define UNBOUND_GIVEN_UP_FACTOR 4
/* A second answer so often without a first: the first server is down. */
#define UNBOUND_SERVER_DOWN_COUNT 4
/* A context is worth replacing for so many abandoned questions. */
#define UNBOUND_RENEW_COUNT 32
/* ...and for one that is asked anew so often at most */
#define UNBOUND_RENEW_MSECS 200
/* ...and before a question of it has been asked so long (in try_msecs) that
   libunbound takes the DNS server for dead */
#define UNBOUND_RENEW_TRIES (1 << (UNBOUND_MAX_TRIES - 1))

/* The second asks what the first left without an answer for a while: a packet
   may be lost, and libunbound would not hear the first answer any more after
   asking again. */
enum unbound_try_number {
	UNBOUND_TRY_FIRST,
	UNBOUND_TRY_SECOND,
	UNBOUND_TRY_COUNT
};

/* The questions of one purpose. */
struct unbound_lane {
	struct unbound_resolver *resolver;
	unsigned int max_questions;
	struct unbound_channel *channels[UNBOUND_TRY_COUNT];
	/* which server the channel asks */
	unsigned int servers[UNBOUND_TRY_COUNT];

	/* oldest first */
	struct unbound_request *waiting_head, *waiting_tail;
	struct timeout *to_turn;
	/* a question is asked anew that was left alone */
	bool renew;
	struct timeval renewed;
};

struct unbound_resolver {
	struct resolver resolver;

	struct ub_event_base *base;
	struct unbound_config *config;
	unsigned int timeout_msecs, try_msecs;
	struct unbound_lane lanes[DNS_PURPOSE_COUNT];
	unsigned int request_count;

	struct fresh_answers *fresh;
	struct silent_zones *silent;
	/* the server that is asked first */
	unsigned int server;
	unsigned int second_answers;
};

struct unbound_request {
	struct resolver_request request;
	struct unbound_resolver *resolver;
	struct unbound_lane *lane;
	/* of those that wait for their turn */
	struct unbound_request *prev, *next;
	bool waiting;

	pool_t pool;
	const char *name;
	enum dns_type type;
	unsigned int ahead_count;
	resolver_callback_t *callback;
	void *context;

	struct unbound_try *tries[UNBOUND_TRY_COUNT];
	/* 0 = not yet */
	struct timeval asked;
	struct timeout *to, *to_second;
	bool second_asked;
	/* answers come before unbound_request_start() returned */
	bool starting;
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

static const unsigned int unbound_lane_questions[] = {
	[DNS_PURPOSE_POLICY] = AUTHRES_MAX_DNS_POLICY_QUESTIONS,
	[DNS_PURPOSE_MINOR] = AUTHRES_MAX_DNS_MINOR_QUESTIONS,
};

static void unbound_lane_turn_soon(struct unbound_lane *lane);

static void unbound_request_free(struct unbound_request *request)
{
	struct unbound_lane *lane = request->lane;
	unsigned int i;

	if (request->waiting) {
		DLLIST2_REMOVE(&lane->waiting_head, &lane->waiting_tail,
			       request);
	}
	for (i = 0; i < UNBOUND_TRY_COUNT; i++)
		unbound_try_abandon(&request->tries[i]);
	if (lane->waiting_head != NULL)
		unbound_lane_turn_soon(lane);
	request->resolver->request_count--;
	timeout_remove(&request->to);
	timeout_remove(&request->to_second);
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

	if (request->asked.tv_sec != 0 &&
	    timeval_cmp(&resolver->resolver.last_answer, &request->asked) > 0)
		silent_zones_add(resolver->silent, request->name, ioloop_time);
}

static void unbound_request_timeout(struct unbound_request *request)
{
	unbound_request_note_silent(request);
	dns_answer_set_temporary(&request->answer, request->pool,
		p_strdup_printf(request->pool, "no answer within %u msecs",
				request->resolver->timeout_msecs));
	unbound_request_finish(request);
}

static bool unbound_reply_is_answer(const struct unbound_reply *reply)
{
	return !reply->bogus && (reply->rcode == ns_r_noerror ||
				 reply->rcode == ns_r_nxdomain);
}

static void unbound_note_msecs(struct unbound_resolver *resolver,
			       unsigned int msecs)
{
	struct resolver *stats = &resolver->resolver;

	i_gettimeofday(&stats->last_answer);
	stats->answer_msecs = (stats->answer_msecs * 7 +
			       I_MIN(msecs, AUTHRES_DNS_TRY_MSECS) + 7) / 8;
}

/* What an answer takes now, and which server gives it. */
static void unbound_note_answer(struct unbound_request *request,
				const struct unbound_reply *reply,
				enum unbound_try_number number)
{
	struct unbound_resolver *resolver = request->resolver;

	if (reply->at_once)
		return;
	silent_zones_remove(resolver->silent, request->name);
	unbound_note_msecs(resolver, reply->msecs);
	if (number == UNBOUND_TRY_FIRST)
		resolver->second_answers = 0;
	else if (unbound_config_server_count(resolver->config) > 1 &&
		 ++resolver->second_answers >= UNBOUND_SERVER_DOWN_COUNT) {
		resolver->second_answers = 0;
		resolver->server++;
		for (unsigned int i = 0; i < DNS_PURPOSE_COUNT; i++)
			unbound_lane_turn_soon(&resolver->lanes[i]);
	}
}

static void unbound_request_parse(struct unbound_request *request,
				  const struct unbound_reply *reply)
{
	if (reply->bogus) {
		dns_answer_set_temporary(&request->answer, request->pool,
					 "DNSSEC validation failed");
	} else if (!unbound_reply_is_answer(reply)) {
		dns_answer_set_temporary(&request->answer, request->pool,
			p_strdup(request->pool,
				 dns_rcode_reason(reply->rcode)));
		if (reply->msecs >= UNBOUND_SILENT_MSECS)
			unbound_request_note_silent(request);
	} else if (reply->packet == NULL) {
		dns_answer_set_temporary(&request->answer, request->pool,
					 "empty DNS answer");
	} else {
		dns_packet_parse(request->pool, reply->packet, reply->size,
				 request->name, request->type,
				 &request->answer);
		request->answer.secure =
			request->answer.status != DNS_STATUS_TEMPORARY &&
			reply->secure;
		if (request->resolver->fresh != NULL) {
			fresh_answers_note(request->resolver->fresh,
					   request->name, request->type,
					   &request->answer, time(NULL));
		}
	}
}

static void unbound_request_ask_second(struct unbound_request *request);

static void
unbound_request_answered(struct unbound_channel *channel,
			 const struct unbound_reply *reply, void *context)
{
	struct unbound_request *request = context;
	struct unbound_lane *lane = request->lane;
	enum unbound_try_number number =
		channel == lane->channels[UNBOUND_TRY_FIRST] ?
		UNBOUND_TRY_FIRST : UNBOUND_TRY_SECOND;

	if (lane->waiting_head != NULL)
		unbound_lane_turn_soon(lane);
	if (unbound_reply_is_answer(reply))
		unbound_note_answer(request, reply, number);
	else {
		/* another server may know better */
		if (!request->second_asked && !reply->bogus &&
		    unbound_config_server_count(request->resolver->config) > 1)
			unbound_request_ask_second(request);
		if (request->tries[UNBOUND_TRY_FIRST] != NULL ||
		    request->tries[UNBOUND_TRY_SECOND] != NULL)
			return;
	}
	if (!request->answered) T_BEGIN {
		unbound_request_parse(request, reply);
	} T_END;
	request->answered = TRUE;
	if (!request->starting)
		unbound_request_finish(request);
}

static int
unbound_request_try(struct unbound_request *request,
		    enum unbound_try_number number, const char **error_r)
{
	bool starting = request->starting;
	int ret;

	request->starting = TRUE;
	ret = unbound_channel_ask(request->lane->channels[number],
				  request->name, unbound_types[request->type],
				  unbound_request_answered, request,
				  &request->tries[number], error_r);
	request->starting = starting;
	return ret;
}

static void unbound_request_ask_second(struct unbound_request *request)
{
	const char *error;

	timeout_remove(&request->to_second);
	request->second_asked = TRUE;
	(void)unbound_request_try(request, UNBOUND_TRY_SECOND, &error);
}

static void unbound_request_second(struct unbound_request *request)
{
	struct unbound_lane *lane = request->lane;

	if (unbound_channel_count(lane->channels[UNBOUND_TRY_SECOND]) >=
	    lane->max_questions) {
		/* try again when there is room */
		unbound_lane_turn_soon(lane);
		return;
	}
	unbound_request_ask_second(request);
	if (request->answered)
		unbound_request_finish(request);
}

/* Returns 1 if it is under way, 0 if it is answered now. */
static int unbound_request_start(struct unbound_request *request)
{
	const char *error;

	i_gettimeofday(&request->asked);
	if (unbound_request_try(request, UNBOUND_TRY_FIRST, &error) < 0) {
		dns_answer_set_temporary(&request->answer, request->pool,
					 p_strdup(request->pool, error));
		return 0;
	}
	if (request->answered)
		return 0;
	request->to_second = timeout_add_short(AUTHRES_DNS_SECOND_TRY_MSECS,
					       unbound_request_second,
					       request);
	return 1;
}

/* Whose message asks for much gets less: the first names of every message find
   room, however many others there are. */
static bool unbound_lane_has_room(const struct unbound_lane *lane,
				  const struct unbound_request *request)
{
	unsigned int eighths = request->ahead_count < 4 ? 8 :
		request->ahead_count < 8 ? 6 :
		request->ahead_count < 16 ? 4 : 3;

	return unbound_channel_count(lane->channels[UNBOUND_TRY_FIRST]) <
		lane->max_questions * eighths / 8;
}

static bool unbound_channel_is_old(const struct unbound_lane *lane,
				   enum unbound_try_number number)
{
	return unbound_channel_oldest_msecs(lane->channels[number]) >=
		lane->resolver->try_msecs * UNBOUND_RENEW_TRIES;
}

static void
unbound_lane_renew(struct unbound_lane *lane, enum unbound_try_number number)
{
	struct unbound_channel *channel = lane->channels[number];
	unsigned int server = lane->resolver->server + number;
	bool full = number == UNBOUND_TRY_FIRST ? lane->waiting_head != NULL :
		unbound_channel_count(channel) >= lane->max_questions;

	if (lane->servers[number] != server || lane->renew ||
	    unbound_channel_is_old(lane, number) ||
	    (full && unbound_channel_abandoned_count(channel) >=
	     UNBOUND_RENEW_COUNT)) {
		lane->servers[number] = server;
		unbound_channel_renew(channel, server);
	}
}

/* Make room, and let in who waits for it. */
static void unbound_lane_turn(struct unbound_lane *lane)
{
	struct unbound_request *request, *next;

	timeout_remove(&lane->to_turn);
	for (unsigned int i = 0; i < UNBOUND_TRY_COUNT; i++)
		unbound_lane_renew(lane, i);
	if (lane->renew) {
		lane->renew = FALSE;
		i_gettimeofday(&lane->renewed);
	}
	/* A callback may add to the list and take from it. */
	for (request = lane->waiting_head; request != NULL; request = next) {
		next = request->next;
		if (!unbound_lane_has_room(lane, request))
			continue;
		DLLIST2_REMOVE(&lane->waiting_head, &lane->waiting_tail,
			       request);
		request->waiting = FALSE;
		if (unbound_request_start(request) == 0) {
			if (lane->waiting_head != NULL)
				unbound_lane_turn_soon(lane);
			unbound_request_finish(request);
			break;
		}
	}
}

static void unbound_lane_turn_soon(struct unbound_lane *lane)
{
	if (lane->to_turn == NULL)
		lane->to_turn = timeout_add_short(0, unbound_lane_turn, lane);
}

/* Somebody gave this question up, perhaps when no DNS server was there: do not
   wait where he did. */
static bool unbound_lane_asks_again(const struct unbound_lane *lane,
				    const struct unbound_request *request)
{
	struct timeval now;

	if (!unbound_channel_has_abandoned(lane->channels[UNBOUND_TRY_FIRST],
					   request->name,
					   unbound_types[request->type]))
		return FALSE;
	i_gettimeofday(&now);
	return timeval_diff_msecs(&now, &lane->renewed) >=
		UNBOUND_RENEW_MSECS;
}

/* Returns 1 if an answer will come, 0 if it is there. */
static int unbound_request_begin(struct unbound_request *request,
				 enum dns_purpose purpose)
{
	struct unbound_resolver *resolver = request->resolver;
	struct unbound_lane *lane = request->lane;

	if (resolver->fresh != NULL &&
	    fresh_answers_find(resolver->fresh, request->pool, request->name,
			       request->type, time(NULL), &request->answer))
		return 0;
	if (silent_zones_have(resolver->silent, request->name,
			      purpose == DNS_PURPOSE_MINOR, time(NULL))) {
		dns_answer_set_temporary(&request->answer, request->pool,
			"no answer when this name was last asked for");
		return 0;
	}
	if (unbound_lane_asks_again(lane, request))
		lane->renew = TRUE;
	else if (unbound_lane_has_room(lane, request) &&
		 !unbound_channel_is_old(lane, UNBOUND_TRY_FIRST) &&
		 !unbound_channel_is_old(lane, UNBOUND_TRY_SECOND))
		return unbound_request_start(request);
	request->waiting = TRUE;
	DLLIST2_APPEND(&lane->waiting_head, &lane->waiting_tail, request);
	unbound_lane_turn_soon(lane);
	return 1;
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
	request->lane = &resolver->lanes[question->purpose];
	request->name = p_strdup(pool, question->name);
	request->type = question->type;
	request->ahead_count = question->ahead_count;
	request->callback = callback;
	request->context = context;
	resolver->request_count++;

	if (unbound_request_begin(request, question->purpose) == 0) {
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
	unsigned int limit_msecs = I_MAX(UNBOUND_MIN_GIVEN_UP_MSECS,
		UNBOUND_GIVEN_UP_FACTOR *
		request->resolver->resolver.answer_msecs);
	struct timeval now;

	i_gettimeofday(&now);
	if (timeval_diff_msecs(&now, &request->asked) >=
	    (int)I_MIN(limit_msecs, UNBOUND_GIVEN_UP_MSECS))
		unbound_request_note_silent(request);
	unbound_request_free(request);
}

/* Slow, not silent. */
static void unbound_answered_late(const char *name, unsigned int msecs,
				  void *context)
{
	struct unbound_resolver *resolver = context;

	unbound_note_msecs(resolver, msecs);
	silent_zones_remove(resolver->silent, name);
}

static void unbound_lane_deinit(struct unbound_lane *lane)
{
	timeout_remove(&lane->to_turn);
	for (unsigned int i = 0; i < UNBOUND_TRY_COUNT; i++)
		unbound_channel_deinit(&lane->channels[i]);
}

static void unbound_resolver_deinit(struct resolver *_resolver)
{
	struct unbound_resolver *resolver =
		container_of(_resolver, struct unbound_resolver, resolver);

	i_assert(resolver->request_count == 0);
	for (unsigned int i = 0; i < DNS_PURPOSE_COUNT; i++)
		unbound_lane_deinit(&resolver->lanes[i]);
	unbound_events_deinit(&resolver->base);
	unbound_config_free(&resolver->config);
	silent_zones_deinit(&resolver->silent);
	i_free(resolver);
}

static const struct resolver_vfuncs unbound_resolver_vfuncs = {
	.deinit = unbound_resolver_deinit,
	.ask = unbound_resolver_ask,
	.cancel = unbound_resolver_cancel,
};

static int
unbound_lane_init(struct unbound_resolver *resolver, enum dns_purpose purpose,
		  size_t cache_bytes, const char **error_r)
{
	struct unbound_lane *lane = &resolver->lanes[purpose];
	struct unbound_context_settings set;

	lane->resolver = resolver;
	lane->max_questions = unbound_lane_questions[purpose];
	i_zero(&set);
	set.max_questions = lane->max_questions;
	set.try_msecs = resolver->try_msecs;
	for (unsigned int i = 0; i < UNBOUND_TRY_COUNT; i++) {
		/* half of it for the first questions for policies, the rest
		   for the others alike */
		set.cache_bytes = purpose == DNS_PURPOSE_POLICY &&
			i == UNBOUND_TRY_FIRST ?
			cache_bytes / 2 : cache_bytes / 6;
		set.server = lane->servers[i] = i;
		if (unbound_channel_init(resolver->base, resolver->config,
					 &set, unbound_answered_late, resolver,
					 &lane->channels[i], error_r) < 0)
			return -1;
	}
	return 0;
}

int resolver_unbound_init(const struct resolver_unbound_settings *set,
			  struct resolver **resolver_r, const char **error_r)
{
	struct unbound_resolver *resolver;
	int ret;

	i_assert(set->timeout_msecs > 0);
	resolver = i_new(struct unbound_resolver, 1);
	resolver->resolver.v = unbound_resolver_vfuncs;
	resolver->timeout_msecs = set->timeout_msecs;
	resolver->try_msecs = set->try_msecs != 0 ? set->try_msecs :
		AUTHRES_DNS_TRY_MSECS;
	resolver->fresh = set->fresh_answers;
	resolver->silent = silent_zones_init();
	resolver->base = unbound_events_init();
	ret = unbound_config_read(set, &resolver->config, error_r);
	for (unsigned int i = 0; i < DNS_PURPOSE_COUNT && ret == 0; i++)
		ret = unbound_lane_init(resolver, i, set->cache_bytes, error_r);
	if (ret < 0) {
		unbound_resolver_deinit(&resolver->resolver);
		return -1;
	}
	*resolver_r = &resolver->resolver;
	return 0;
}
