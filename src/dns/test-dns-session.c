/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "ioloop.h"
#include "str-prefix.h"
#include "time-util.h"
#include "authres-limits.h"
#include "shared-memory.h"
#include "known-answers.h"
#include "dns-session.h"
#include "test-common.h"
#include "test-file.h"

/* A resolver that answers when the test says so. Names that begin with "now"
   are answered at once. */

struct test_request {
	struct resolver_request request;
	struct test_resolver *resolver;
	const char *name;
	enum dns_type type;
	resolver_callback_t *callback;
	void *context;
};

struct test_resolver {
	struct resolver resolver;
	pool_t pool;
	ARRAY(struct test_request *) requests;
	unsigned int asked, cancelled;
};

static void test_answer(const char *name, resolver_callback_t *callback,
			void *context)
{
	struct dns_answer answer;
	struct dns_record *record;

	i_zero(&answer);
	t_array_init(&answer.records, 4);
	if (strstr(name, "temp") != NULL)
		dns_answer_set_temporary(&answer, pool_datastack_create(), "why");
	else {
		answer.status = DNS_STATUS_ANSWER;
		record = array_append_space(&answer.records);
		record->text = (const unsigned char *)t_strdup(name);
		record->text_size = strlen(name);
		if (strstr(name, "big") != NULL) {
			record->text_size = AUTHRES_MAX_TXT_BYTES;
			record->text = t_malloc0(record->text_size + 1);
		}
	}
	callback(&answer, context);
}

static struct resolver_request *
test_resolver_ask(struct resolver *_resolver,
		  const struct resolver_question *question,
		  resolver_callback_t *callback, void *context)
{
	struct test_resolver *resolver =
		container_of(_resolver, struct test_resolver, resolver);
	struct test_request *request;

	resolver->asked++;
	if (str_has_prefix(question->name, "now")) {
		test_answer(question->name, callback, context);
		return NULL;
	}
	request = p_new(resolver->pool, struct test_request, 1);
	request->resolver = resolver;
	request->name = p_strdup(resolver->pool, question->name);
	request->type = question->type;
	request->callback = callback;
	request->context = context;
	array_push_back(&resolver->requests, &request);
	return &request->request;
}

static void test_resolver_forget(struct test_request *request)
{
	struct test_request *const *requests;
	unsigned int i, count;

	requests = array_get(&request->resolver->requests, &count);
	for (i = 0; i < count; i++) {
		if (requests[i] == request) {
			array_delete(&request->resolver->requests, i, 1);
			return;
		}
	}
	test_assert(FALSE);
}

static void test_resolver_cancel(struct resolver_request *_request)
{
	struct test_request *request =
		container_of(_request, struct test_request, request);

	request->resolver->cancelled++;
	test_resolver_forget(request);
}

static void test_resolver_deinit(struct resolver *_resolver)
{
	struct test_resolver *resolver =
		container_of(_resolver, struct test_resolver, resolver);

	test_assert(array_count(&resolver->requests) == 0);
	pool_unref(&resolver->pool);
}

static struct test_resolver *test_resolver_init(void)
{
	pool_t pool = pool_alloconly_create("test resolver", 1024);
	struct test_resolver *resolver = p_new(pool, struct test_resolver, 1);

	resolver->pool = pool;
	resolver->resolver.v.ask = test_resolver_ask;
	resolver->resolver.v.cancel = test_resolver_cancel;
	resolver->resolver.v.deinit = test_resolver_deinit;
	p_array_init(&resolver->requests, pool, 8);
	return resolver;
}

/* Answer the question for this name, FALSE if nobody asked. */
static bool test_resolver_answer(struct test_resolver *resolver,
				 const char *name)
{
	struct test_request *request;

	array_foreach_elem(&resolver->requests, request) {
		if (strcmp(request->name, name) == 0) {
			test_resolver_forget(request);
			test_answer(name, request->callback, request->context);
			return TRUE;
		}
	}
	return FALSE;
}

struct test_context {
	pool_t pool;
	struct test_resolver *resolver;
	struct dns_session *session;
	unsigned int callbacks;
};

static void test_context_init(struct test_context *ctx)
{
	i_zero(ctx);
	ctx->pool = pool_alloconly_create("test session", 1024);
	ctx->resolver = test_resolver_init();
	ctx->session = dns_session_init(ctx->pool, &ctx->resolver->resolver);
}

static void test_context_deinit(struct test_context *ctx)
{
	struct resolver *resolver = &ctx->resolver->resolver;

	dns_session_deinit(&ctx->session);
	resolver_deinit(&resolver);
	pool_unref(&ctx->pool);
}

static void test_callback(void *context)
{
	struct test_context *ctx = context;

	ctx->callbacks++;
}

static const char *test_text(const struct dns_answer *answer)
{
	const struct dns_record *record;

	if (array_count(&answer->records) == 0)
		return "";
	record = array_idx(&answer->records, 0);
	return (const char *)record->text;
}

/* Looks up a chain of names, each known only from the one before. */
static bool test_evaluate(struct dns_session *session, const char *prefix,
			  unsigned int depth)
{
	const struct dns_answer *answer;

	dns_session_begin_run(session);
	for (unsigned int i = 0; i < depth; i++) {
		answer = dns_session_lookup(session,
			t_strdup_printf("%s%u.test", prefix, i), DNS_TYPE_TXT);
		if (dns_answer_is_placeholder(answer))
			break;
	}
	return !dns_session_run_incomplete(session);
}

static void test_dns_session_restart(void)
{
	struct test_context ctx;
	const struct dns_answer *answer, *again;

	test_begin("dns_session restart");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	test_assert(!dns_session_run_incomplete(ctx.session));
	test_assert(!dns_session_has_unasked(ctx.session));

	answer = dns_session_lookup(ctx.session, "a.test", DNS_TYPE_TXT);
	test_assert(dns_answer_is_placeholder(answer));
	test_assert(answer->status == DNS_STATUS_NODATA);
	test_assert(array_count(&answer->records) == 0);
	test_assert(dns_session_run_incomplete(ctx.session));
	/* one question, however it is written; another type is another */
	(void)dns_session_lookup(ctx.session, "A.TEST.", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "a.test", DNS_TYPE_MX);
	(void)dns_session_lookup(ctx.session, "b.test", DNS_TYPE_TXT);
	test_assert(dns_session_has_unasked(ctx.session));
	test_assert(ctx.resolver->asked == 0);

	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(!dns_session_has_unasked(ctx.session));
	test_assert(ctx.resolver->asked == 3 && ctx.callbacks == 0);
	test_assert(test_resolver_answer(ctx.resolver, "a.test"));
	test_assert(test_resolver_answer(ctx.resolver, "b.test"));
	test_assert(ctx.callbacks == 0);
	test_assert(test_resolver_answer(ctx.resolver, "a.test"));
	test_assert(ctx.callbacks == 1);

	dns_session_begin_run(ctx.session);
	answer = dns_session_lookup(ctx.session, "a.test", DNS_TYPE_TXT);
	test_assert(!dns_answer_is_placeholder(answer));
	test_assert(answer->status == DNS_STATUS_ANSWER);
	test_assert_strcmp(test_text(answer), "a.test");
	again = dns_session_lookup(ctx.session, "a.Test", DNS_TYPE_TXT);
	test_assert(again == answer);
	test_assert(!dns_session_run_incomplete(ctx.session));
	test_assert(ctx.resolver->asked == 3);
	test_assert(dns_session_questions(ctx.session) == 3);
	test_assert(dns_session_waves(ctx.session) == 1);
	test_assert(dns_session_cached(ctx.session) == 0);
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_prefetch(void)
{
	struct test_context ctx;

	test_begin("dns_session prefetch");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	dns_session_prefetch(ctx.session, "early.test", DNS_TYPE_TXT);
	dns_session_prefetch(ctx.session, "early.test", DNS_TYPE_TXT);
	dns_session_prefetch(ctx.session, "not..a.name", DNS_TYPE_TXT);
	test_assert(!dns_session_run_incomplete(ctx.session));
	test_assert(dns_session_has_unasked(ctx.session));
	/* nothing is missing, so nobody waits */
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 1 && ctx.resolver->asked == 1);
	test_assert(dns_session_waves(ctx.session) == 1);

	/* now it is missing, and not asked twice */
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "early.test", DNS_TYPE_TXT);
	test_assert(dns_session_run_incomplete(ctx.session));
	test_assert(!dns_session_has_unasked(ctx.session));
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 1 && ctx.resolver->asked == 1);
	test_assert(test_resolver_answer(ctx.resolver, "early.test"));
	test_assert(ctx.callbacks == 2);
	test_assert(dns_session_waves(ctx.session) == 1);

	/* waits for missing ones only */
	dns_session_prefetch(ctx.session, "late.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "wanted.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(test_resolver_answer(ctx.resolver, "wanted.test"));
	test_assert(ctx.callbacks == 3);
	/* missing in a run that was thrown away: nobody waits for it */
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "late.test", DNS_TYPE_TXT);
	dns_session_begin_run(ctx.session);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 4);
	test_assert(dns_session_questions(ctx.session) == 3);
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_at_once(void)
{
	struct test_context ctx;
	const struct dns_answer *answer;

	test_begin("dns_session answered while asking");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "now1.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "now2.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 1);
	test_assert(dns_session_waves(ctx.session) == 0);
	test_assert(dns_session_cached(ctx.session) ==
		    dns_session_questions(ctx.session));

	dns_session_begin_run(ctx.session);
	answer = dns_session_lookup(ctx.session, "now2.test", DNS_TYPE_TXT);
	test_assert_strcmp(test_text(answer), "now2.test");
	(void)dns_session_lookup(ctx.session, "now3.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "later.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "now4.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	/* the next run can use two of them */
	test_assert(ctx.callbacks == 2);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "later.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 2);
	test_assert(test_resolver_answer(ctx.resolver, "later.test"));
	test_assert(ctx.callbacks == 3);
	test_context_deinit(&ctx);
	test_end();
}

/* A chain that is remembered but for its end is asked for its end at once, no
   matter what else is waited for. */
static bool test_chains(struct test_context *ctx)
{
	const char *const chains[][3] = {
		{ "now1.test", "now2.test", "end.test" },
		{ "other1.test", "other2.test", "other3.test" },
	};
	unsigned int i, j;

	dns_session_begin_run(ctx->session);
	for (i = 0; i < N_ELEMENTS(chains); i++) {
		for (j = 0; j < N_ELEMENTS(chains[i]); j++) {
			if (dns_answer_is_placeholder(dns_session_lookup(
				ctx->session, chains[i][j], DNS_TYPE_TXT)))
				break;
		}
	}
	return !dns_session_run_incomplete(ctx->session);
}

static void test_chains_callback(void *context)
{
	struct test_context *ctx = context;

	if (!test_chains(ctx))
		dns_session_resolve(ctx->session, test_chains_callback, ctx);
	else
		ctx->callbacks++;
	io_loop_stop(current_ioloop);
}

static void test_dns_session_chains(void)
{
	struct test_context ctx;

	test_begin("dns_session waits for the longest chain");
	test_context_init(&ctx);
	test_chains_callback(&ctx);
	test_assert(ctx.resolver->asked == 4);
	test_assert(test_resolver_answer(ctx.resolver, "other1.test"));
	/* "end" is not waited for */
	io_loop_run(current_ioloop);
	test_assert(ctx.resolver->asked == 5);
	test_assert(test_resolver_answer(ctx.resolver, "other2.test"));
	io_loop_run(current_ioloop);
	test_assert(ctx.resolver->asked == 6);
	test_assert(test_resolver_answer(ctx.resolver, "end.test"));
	test_assert(ctx.callbacks == 0);
	test_assert(test_resolver_answer(ctx.resolver, "other3.test"));
	test_assert(ctx.callbacks == 1);
	test_assert(dns_session_waves(ctx.session) == 3);
	test_context_deinit(&ctx);
	test_end();
}

static void test_restart_callback(void *context)
{
	struct test_context *ctx = context;

	ctx->callbacks++;
	if (!test_evaluate(ctx->session, "now", 100)) {
		dns_session_resolve(ctx->session, test_restart_callback, ctx);
	}
}

static void test_destroy_callback(void *context)
{
	struct test_context *ctx = context;

	ctx->callbacks++;
	dns_session_deinit(&ctx->session);
}

static void test_dns_session_in_callback(void)
{
	struct test_context ctx;

	test_begin("dns_session used inside its callback");
	test_context_init(&ctx);
	test_restart_callback(&ctx);
	test_assert(ctx.callbacks == 101);
	test_assert(test_evaluate(ctx.session, "now", 100));
	test_context_deinit(&ctx);

	/* destroyed by a late answer, with another question under way */
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "a.test", DNS_TYPE_TXT);
	dns_session_prefetch(ctx.session, "b.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_destroy_callback, &ctx);
	test_assert(test_resolver_answer(ctx.resolver, "a.test"));
	test_assert(ctx.session == NULL && ctx.callbacks == 1);
	test_assert(ctx.resolver->cancelled == 1);
	test_context_deinit(&ctx);

	/* by an answer at once */
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	dns_session_prefetch(ctx.session, "b.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "now.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_destroy_callback, &ctx);
	test_assert(ctx.session == NULL && ctx.callbacks == 1);
	test_assert(ctx.resolver->cancelled == 1);
	test_context_deinit(&ctx);

	/* by the deadline */
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "a.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_destroy_callback, &ctx);
	dns_session_expire(ctx.session, "late");
	test_assert(ctx.session == NULL && ctx.callbacks == 1);
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_expire(void)
{
	struct test_context ctx;
	const struct dns_answer *answer;

	test_begin("dns_session deadline");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "known.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "slow.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(test_resolver_answer(ctx.resolver, "known.test"));
	(void)dns_session_lookup(ctx.session, "unasked.test", DNS_TYPE_TXT);
	dns_session_expire(ctx.session, "no answer within 5 msecs");
	test_assert(ctx.callbacks == 1);
	test_assert(ctx.resolver->cancelled == 1);
	test_assert(!dns_session_has_unasked(ctx.session));

	dns_session_begin_run(ctx.session);
	answer = dns_session_lookup(ctx.session, "known.test", DNS_TYPE_TXT);
	test_assert(answer->status == DNS_STATUS_ANSWER);
	static const char *const names[] = {
		"slow.test", "unasked.test", "new.test"
	};
	for (unsigned int i = 0; i < N_ELEMENTS(names); i++) {
		answer = dns_session_lookup(ctx.session, names[i],
					    DNS_TYPE_TXT);
		test_assert_idx(answer->status == DNS_STATUS_TEMPORARY, i);
		test_assert_strcmp_idx(answer->reason,
				       "no answer within 5 msecs", i);
	}
	test_assert(!dns_session_run_incomplete(ctx.session));
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 2 && ctx.resolver->asked == 2);
	/* a second one changes nothing */
	dns_session_expire(ctx.session, "other");
	answer = dns_session_lookup(ctx.session, "new.test", DNS_TYPE_TXT);
	test_assert_strcmp(answer->reason, "no answer within 5 msecs");
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_limits(void)
{
	struct test_context ctx;
	const struct dns_answer *answer;
	unsigned int i, failed = 0;

	test_begin("dns_session limits");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	answer = dns_session_lookup(ctx.session, "not..a.name", DNS_TYPE_A);
	test_assert(answer->status == DNS_STATUS_NXDOMAIN);
	test_assert(!dns_session_run_incomplete(ctx.session));
	for (i = 0; i < AUTHRES_MAX_DNS_NAMES; i++) {
		answer = dns_session_lookup(ctx.session,
			t_strdup_printf("nowbig%u.test", i), DNS_TYPE_TXT);
		test_assert_idx(dns_answer_is_placeholder(answer), i);
	}
	answer = dns_session_lookup(ctx.session, "over.test", DNS_TYPE_TXT);
	test_assert(answer->status == DNS_STATUS_TEMPORARY);
	test_assert_strcmp(answer->reason,
			   "message needs more than 250 DNS names");
	dns_session_prefetch(ctx.session, "over2.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.resolver->asked == AUTHRES_MAX_DNS_NAMES);

	/* 200 times 64 KiB were answered, 1 MiB of large ones is kept */
	for (i = 0; i < AUTHRES_MAX_DNS_NAMES; i++) {
		answer = dns_session_lookup(ctx.session,
			t_strdup_printf("nowbig%u.test", i), DNS_TYPE_TXT);
		if (answer->status == DNS_STATUS_TEMPORARY) {
			failed++;
			test_assert_strcmp(answer->reason,
				"DNS answers for message exceed 1048576 bytes");
		}
	}
	test_assert(failed == AUTHRES_MAX_DNS_NAMES - 15);
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_small_answers(void)
{
	struct test_context ctx;
	const struct dns_answer *answer;
	unsigned int i;

	test_begin("dns_session keeps small answers beside large ones");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	for (i = 0; i < AUTHRES_MAX_DNS_NAMES - 1; i++) {
		(void)dns_session_lookup(ctx.session,
			t_strdup_printf("nowbig%u.test", i), DNS_TYPE_TXT);
	}
	(void)dns_session_lookup(ctx.session, "now.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	answer = dns_session_lookup(ctx.session, "now.test", DNS_TYPE_TXT);
	test_assert(answer->status == DNS_STATUS_ANSWER);
	test_assert_strcmp(test_text(answer), "now.test");
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_reserve(void)
{
	struct test_context ctx;
	const struct dns_answer *answer;
	enum dns_purpose purpose;
	unsigned int i;

	test_begin("dns_session keeps names in reserve");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	purpose = dns_session_set_purpose(ctx.session, DNS_PURPOSE_MINOR);
	for (i = 0; i < AUTHRES_MAX_DNS_NAMES; i++) {
		answer = dns_session_lookup(ctx.session,
			t_strdup_printf("now%u.test", i), DNS_TYPE_TXT);
		test_assert_idx(dns_answer_is_placeholder(answer) ==
				(i < AUTHRES_MAX_DNS_NAMES -
				 AUTHRES_RESERVED_DNS_NAMES), i);
	}
	/* those already asked are no new ones */
	answer = dns_session_lookup(ctx.session, "now0.test", DNS_TYPE_TXT);
	test_assert(dns_answer_is_placeholder(answer));
	(void)dns_session_set_purpose(ctx.session, purpose);
	for (i = 0; i <= AUTHRES_RESERVED_DNS_NAMES; i++) {
		answer = dns_session_lookup(ctx.session,
			t_strdup_printf("nowneeded%u.test", i), DNS_TYPE_TXT);
		test_assert_idx(dns_answer_is_placeholder(answer) ==
				(i < AUTHRES_RESERVED_DNS_NAMES), i);
	}
	test_context_deinit(&ctx);

	/* the other way round nothing is left */
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	for (i = 0; i < AUTHRES_MAX_DNS_NAMES; i++) {
		(void)dns_session_lookup(ctx.session,
			t_strdup_printf("now%u.test", i), DNS_TYPE_TXT);
	}
	(void)dns_session_set_purpose(ctx.session, DNS_PURPOSE_MINOR);
	answer = dns_session_lookup(ctx.session, "over.test", DNS_TYPE_TXT);
	test_assert(answer->status == DNS_STATUS_TEMPORARY);
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_under_way(void)
{
	static const struct {
		enum dns_purpose purpose;
		unsigned int max;
	} tests[] = {
		{ DNS_PURPOSE_MINOR, AUTHRES_MAX_DNS_MINOR_UNDER_WAY },
		{ DNS_PURPOSE_POLICY, AUTHRES_MAX_DNS_UNDER_WAY },
	};
	struct test_context ctx;
	unsigned int i, j, asked = 0;

	test_begin("dns_session asks only so much at a time");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		(void)dns_session_set_purpose(ctx.session, tests[i].purpose);
		for (j = 0; j < tests[i].max + 2; j++) {
			(void)dns_session_lookup(ctx.session,
				t_strdup_printf("n%u-%u.test", i, j),
				DNS_TYPE_TXT);
		}
		asked += tests[i].max;
	}
	/* what became more important does not stay behind */
	(void)dns_session_lookup(ctx.session, t_strdup_printf("n0-%u.test",
		AUTHRES_MAX_DNS_MINOR_UNDER_WAY + 1), DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(!dns_session_has_unasked(ctx.session));
	test_assert(ctx.resolver->asked == asked);
	test_assert_ucmp(dns_session_questions(ctx.session), ==, asked);

	/* one of each purpose makes room for one of the same */
	test_assert(!test_resolver_answer(ctx.resolver,
		t_strdup_printf("n0-%u.test", AUTHRES_MAX_DNS_MINOR_UNDER_WAY)));
	test_assert(test_resolver_answer(ctx.resolver, "n0-0.test"));
	test_assert(test_resolver_answer(ctx.resolver,
		t_strdup_printf("n0-%u.test", AUTHRES_MAX_DNS_MINOR_UNDER_WAY)));
	test_assert(ctx.resolver->asked == asked + 1);
	for (j = 0; j < AUTHRES_MAX_DNS_UNDER_WAY + 2; j++) {
		if (j == AUTHRES_MAX_DNS_UNDER_WAY - 1)
			continue;
		test_assert_idx(test_resolver_answer(ctx.resolver,
			t_strdup_printf("n1-%u.test", j)), j);
	}
	test_assert(ctx.callbacks == 0);
	test_context_deinit(&ctx);
	test_end();
}

static void test_late(struct test_context *ctx)
{
	test_assert(ctx->callbacks == 0);
	io_loop_stop(current_ioloop);
}

static void test_stop_callback(void *context)
{
	struct test_context *ctx = context;

	ctx->callbacks++;
	io_loop_stop(current_ioloop);
}

static void test_dns_session_slow_name(void)
{
	struct test_context ctx;
	struct timeout *to;

	test_begin("dns_session goes on without a slow name");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "slow.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "a.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "b.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_stop_callback, &ctx);
	/* nothing is known yet that could lead further */
	to = timeout_add_short(400, test_late, &ctx);
	io_loop_run(current_ioloop);
	timeout_remove(&to);

	test_assert(test_resolver_answer(ctx.resolver, "a.test"));
	test_assert(ctx.callbacks == 0);
	io_loop_run(current_ioloop);
	test_assert(ctx.callbacks == 1);

	/* the rest is still on its way, and is waited for again */
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "slow.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "b.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "now.test", DNS_TYPE_TXT);
	/* what is remembered waits for nobody */
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 2);
	test_assert(ctx.resolver->asked == 4);
	test_assert(dns_session_waves(ctx.session) == 1);

	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "slow.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "b.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(test_resolver_answer(ctx.resolver, "b.test"));
	test_assert(test_resolver_answer(ctx.resolver, "slow.test"));
	test_assert(ctx.callbacks == 3);
	test_context_deinit(&ctx);

	/* destroyed while it waits a little longer */
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "slow.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "a.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(test_resolver_answer(ctx.resolver, "a.test"));
	test_context_deinit(&ctx);
	test_end();
}

static void test_dns_session_temporary(void)
{
	struct test_context ctx;
	const struct dns_answer *answer;

	test_begin("dns_session keeps reasons");
	test_context_init(&ctx);
	dns_session_begin_run(ctx.session);
	(void)dns_session_lookup(ctx.session, "now.temp.test", DNS_TYPE_A);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	answer = dns_session_lookup(ctx.session, "now.temp.test", DNS_TYPE_A);
	test_assert(answer->status == DNS_STATUS_TEMPORARY);
	test_assert_strcmp(answer->reason, "why");
	test_context_deinit(&ctx);
	test_end();
}

static struct known_answers *test_known_init(struct shared_memory **memory_r)
{
	const char *error;

	test_assert(shared_memory_init(NULL, "", KNOWN_ANSWERS_LAYOUT,
				       AUTHRES_KNOWN_ANSWERS_BYTES, memory_r,
				       &error) == -1);
	return known_answers_init(*memory_r, 3600);
}

/* A session that finds these names known. */
static void
test_known_session(struct test_context *ctx, struct known_answers *known,
		   const char *const *names)
{
	test_context_init(ctx);
	dns_session_use_known_answers(ctx->session, known);
	dns_session_begin_run(ctx->session);
	for (; *names != NULL; names++) {
		struct dns_answer answer;
		struct dns_record record;

		i_zero(&answer);
		i_zero(&record);
		record.text = (const void *)"old";
		record.text_size = 3;
		t_array_init(&answer.records, 1);
		array_push_back(&answer.records, &record);
		known_answers_note(known, *names, DNS_TYPE_TXT,
				   DNS_PURPOSE_POLICY, &answer, ioloop_time);
	}
}

static const char *
test_known_text(struct dns_session *session, const char *name, bool *stale_r)
{
	unsigned int count = dns_session_stale_count(session);
	const struct dns_answer *answer =
		dns_session_lookup(session, name, DNS_TYPE_TXT);

	*stale_r = answer->stale;
	test_assert(dns_session_stale_count(session) - count ==
		    (answer->stale ? 1 : 0));
	return answer->status == DNS_STATUS_TEMPORARY ? answer->reason :
		test_text(answer);
}

static void test_dns_session_known(void)
{
	static const char *const names[] = {
		"now.temp.test", "now.test", "slow.test", "late.test", NULL
	};
	struct shared_memory *memory;
	struct known_answers *known = test_known_init(&memory);
	struct test_context ctx;
	struct timeval start, end;
	bool stale;

	test_begin("dns_session uses what is known");
	test_known_session(&ctx, known, names);
	(void)dns_session_lookup(ctx.session, "now.temp.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "now.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "now.temp2.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	test_assert(ctx.callbacks == 1);
	/* in place of a failure, never of an answer */
	test_assert_strcmp(test_known_text(ctx.session, "now.temp.test",
					   &stale), "old");
	test_assert(stale);
	test_assert_strcmp(test_known_text(ctx.session, "now.test", &stale),
			   "now.test");
	test_assert(!stale);
	test_assert_strcmp(test_known_text(ctx.session, "now.temp2.test",
					   &stale), "why");
	test_assert(!stale);

	/* no answer in time */
	(void)dns_session_lookup(ctx.session, "slow.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "late.test", DNS_TYPE_TXT);
	i_gettimeofday(&start);
	dns_session_resolve(ctx.session, test_stop_callback, &ctx);
	io_loop_run(current_ioloop);
	i_gettimeofday(&end);
	test_assert(ctx.callbacks == 2);
	test_assert(timeval_diff_msecs(&end, &start) >=
		    AUTHRES_STALE_ANSWER_MSECS);
	dns_session_begin_run(ctx.session);
	test_assert_strcmp(test_known_text(ctx.session, "slow.test", &stale),
			   "old");
	test_assert(stale);
	/* one that comes all the same counts */
	test_assert(test_resolver_answer(ctx.resolver, "late.test"));
	test_assert_strcmp(test_known_text(ctx.session, "late.test", &stale),
			   "late.test");
	test_assert(!stale);
	test_assert(!dns_session_run_incomplete(ctx.session));
	test_context_deinit(&ctx);

	/* and was remembered */
	test_known_session(&ctx, known, names + N_ELEMENTS(names) - 1);
	(void)dns_session_lookup(ctx.session, "late.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "unknown.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_callback, &ctx);
	/* at the deadline, also for names never asked for */
	dns_session_expire(ctx.session, "too late");
	test_assert_strcmp(test_known_text(ctx.session, "late.test", &stale),
			   "late.test");
	test_assert(stale);
	test_assert_strcmp(test_known_text(ctx.session, "now.test", &stale),
			   "now.test");
	test_assert(stale);
	test_assert_strcmp(test_known_text(ctx.session, "unknown.test",
					   &stale), "too late");
	test_assert(!stale);
	test_context_deinit(&ctx);
	known_answers_deinit(&known);
	shared_memory_deinit(&memory);
	test_end();
}

/* A name of which nothing is known is waited for to the end, while others go
   on with what is known. */
static void test_dns_session_known_and_unknown(void)
{
	static const char *const names[] = { "slow.test", NULL };
	struct shared_memory *memory;
	struct known_answers *known = test_known_init(&memory);
	struct test_context ctx;
	struct timeout *to;
	bool stale;

	test_begin("dns_session goes on with what is known");
	test_known_session(&ctx, known, names);
	(void)dns_session_lookup(ctx.session, "slow.test", DNS_TYPE_TXT);
	(void)dns_session_lookup(ctx.session, "unknown.test", DNS_TYPE_TXT);
	dns_session_resolve(ctx.session, test_stop_callback, &ctx);
	io_loop_run(current_ioloop);
	test_assert(ctx.callbacks == 1);
	dns_session_begin_run(ctx.session);
	test_assert_strcmp(test_known_text(ctx.session, "slow.test", &stale),
			   "old");
	test_assert(stale);
	(void)dns_session_lookup(ctx.session, "unknown.test", DNS_TYPE_TXT);
	test_assert(dns_session_run_incomplete(ctx.session));
	ctx.callbacks = 0;
	dns_session_resolve(ctx.session, test_stop_callback, &ctx);
	to = timeout_add_short(400, test_late, &ctx);
	io_loop_run(current_ioloop);
	timeout_remove(&to);
	test_assert(ctx.callbacks == 0);
	test_assert(test_resolver_answer(ctx.resolver, "unknown.test"));
	test_assert(ctx.callbacks == 1);
	test_context_deinit(&ctx);
	known_answers_deinit(&known);
	shared_memory_deinit(&memory);
	test_end();
}

static void test_note_late(bool *late)
{
	*late = TRUE;
}

/* A domain that is silent is waited for once, not once for each link of the
   chain; one that may not be is waited for. */
static void test_dns_session_known_chain(void)
{
	static const char *const names[] = {
		"s1._domainkey.slow.test", "b.slow.test", "c.slow.test",
		"b.other.test", NULL
	};
	static const struct {
		const char *name;
		bool long_wait;
	} waves[] = {
		{ "s1._domainkey.slow.test", TRUE },
		{ "b.slow.test", FALSE },
		{ "b.other.test", TRUE },
		/* it does answer */
		{ "c.slow.test", TRUE },
	};
	struct shared_memory *memory;
	struct known_answers *known = test_known_init(&memory);
	struct test_context ctx;
	struct timeout *to;
	bool stale, late;

	test_begin("dns_session waits for a silent domain once");
	test_known_session(&ctx, known, names);
	for (unsigned int i = 0; i < N_ELEMENTS(waves); i++) {
		if (i == N_ELEMENTS(waves) - 1) {
			test_assert(test_resolver_answer(ctx.resolver,
							 names[0]));
			test_assert(test_resolver_answer(ctx.resolver,
							 "b.slow.test"));
		}
		dns_session_begin_run(ctx.session);
		(void)dns_session_lookup(ctx.session, waves[i].name,
					 DNS_TYPE_TXT);
		/* what is due first comes first on a busy machine as well */
		late = FALSE;
		to = timeout_add_short(AUTHRES_STALE_ANSWER_MSECS / 2,
				       test_note_late, &late);
		dns_session_resolve(ctx.session, test_stop_callback, &ctx);
		io_loop_run(current_ioloop);
		timeout_remove(&to);
		test_assert_idx(late == waves[i].long_wait, i);
		test_assert_strcmp_idx(test_known_text(ctx.session,
			waves[i].name, &stale), "old", i);
		test_assert_idx(stale, i);
	}
	test_context_deinit(&ctx);
	known_answers_deinit(&known);
	shared_memory_deinit(&memory);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_dns_session_restart,
		test_dns_session_prefetch,
		test_dns_session_at_once,
		test_dns_session_chains,
		test_dns_session_in_callback,
		test_dns_session_expire,
		test_dns_session_limits,
		test_dns_session_small_answers,
		test_dns_session_reserve,
		test_dns_session_slow_name,
		test_dns_session_temporary,
		test_dns_session_under_way,
		test_dns_session_known,
		test_dns_session_known_chain,
		test_dns_session_known_and_unknown,
		NULL
	};
	struct ioloop *ioloop = io_loop_create();
	int ret = test_run(test_functions);

	io_loop_destroy(&ioloop);
	return ret;
}
