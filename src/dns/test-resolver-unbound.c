/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "str.h"
#include "time-util.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "resolver.h"
#include "resolver-unbound.h"
#include "test-dns-server.h"
#include "test-common.h"
#include "test-file.h"

#include <unistd.h>
#include <sys/time.h>

struct test_context {
	struct ioloop *ioloop;
	struct test_dns_server *server;
	struct resolver *resolver;
	unsigned int waiting, answered;
	string_t *shown;
	struct timeval started;
	unsigned int good_msecs;
	/* asks again inside the callback */
	const char *again;
	/* of the next questions */
	enum dns_purpose purpose;
	unsigned int ahead_count;
};

static void test_deinit(struct test_context *ctx)
{
	resolver_deinit(&ctx->resolver);
	test_dns_server_deinit(&ctx->server);
	str_free(&ctx->shown);
	io_loop_destroy(&ctx->ioloop);
}

static void test_init_tries(struct test_context *ctx, unsigned int delay_msecs,
			    unsigned int timeout_msecs, unsigned int try_msecs)
{
	struct resolver_unbound_settings set;
	const char *servers[2] = { NULL, NULL }, *error;

	i_zero(ctx);
	ctx->shown = str_new(default_pool, 128);
	ctx->ioloop = io_loop_create();
	ctx->server = test_dns_server_init(delay_msecs);
	i_zero(&set);
	servers[0] = test_dns_server_address(ctx->server);
	set.servers = servers;
	set.timeout_msecs = timeout_msecs;
	set.cache_bytes = 1024 * 1024;
	set.try_msecs = try_msecs;
	if (resolver_unbound_init(&set, &ctx->resolver, &error) < 0)
		i_fatal("%s", error);
}

static void test_init(struct test_context *ctx, unsigned int delay_msecs,
		      unsigned int timeout_msecs)
{
	test_init_tries(ctx, delay_msecs, timeout_msecs, 0);
}

static void show_answer(string_t *str, const struct dns_answer *answer)
{
	static const char *const statuses[] = {
		[DNS_STATUS_ANSWER] = "answer",
		[DNS_STATUS_NODATA] = "nodata",
		[DNS_STATUS_NXDOMAIN] = "nxdomain",
		[DNS_STATUS_TEMPORARY] = "temporary",
	};
	const struct dns_record *record;

	str_truncate(str, 0);
	str_append(str, statuses[answer->status]);
	if (answer->alias)
		str_append(str, "+alias");
	if (answer->reason != NULL)
		str_printfa(str, " (%s)", answer->reason);
	array_foreach(&answer->records, record) {
		if (record->ip.family != 0)
			str_printfa(str, " %s", net_ip2addr(&record->ip));
		else if (record->text != NULL && record->text_size < 100)
			str_printfa(str, " [%s]", record->text);
		else if (record->text != NULL)
			str_printfa(str, " %zu bytes", record->text_size);
		else {
			str_printfa(str, " %u:%s", record->preference,
				    record->name);
		}
	}
	/* it shrinks with every second: show whole minutes */
	if (answer->ttl_secs != 0) {
		str_printfa(str, " ttl=%u", (answer->ttl_secs + 59) / 60 * 60);
	}
}

static struct resolver_request *
test_resolver_ask(struct test_context *ctx, const char *name,
		  enum dns_type type, resolver_callback_t *callback,
		  void *context)
{
	struct resolver_question question;

	i_zero(&question);
	question.name = name;
	question.type = type;
	question.purpose = ctx->purpose;
	question.ahead_count = ctx->ahead_count;
	return resolver_ask(ctx->resolver, &question, callback, context);
}

static void test_callback(const struct dns_answer *answer, void *context);

static void test_ask(struct test_context *ctx, const char *name,
		     enum dns_type type)
{
	ctx->waiting++;
	(void)test_resolver_ask(ctx, name, type, test_callback, ctx);
}

static void test_callback(const struct dns_answer *answer, void *context)
{
	struct test_context *ctx = context;
	const char *again = ctx->again;

	show_answer(ctx->shown, answer);
	ctx->answered++;
	ctx->again = NULL;
	if (again != NULL)
		test_ask(ctx, again, DNS_TYPE_TXT);
	if (--ctx->waiting == 0)
		io_loop_stop(current_ioloop);
}

static void test_wait_timeout(struct test_context *ctx)
{
	test_assert(ctx->waiting == 0);
	io_loop_stop(current_ioloop);
}

/* Until everything is answered. */
static void test_wait(struct test_context *ctx)
{
	struct timeout *to;

	if (ctx->waiting == 0)
		return;
	to = timeout_add(15000, test_wait_timeout, ctx);
	io_loop_run(ctx->ioloop);
	timeout_remove(&to);
}

static unsigned int test_elapsed_msecs(struct test_context *ctx)
{
	struct timeval now;

	i_gettimeofday(&now);
	return timeval_diff_msecs(&now, &ctx->started);
}

static const char *
test_answer(struct test_context *ctx, const char *name, enum dns_type type)
{
	i_gettimeofday(&ctx->started);
	test_ask(ctx, name, type);
	test_wait(ctx);
	return str_c(ctx->shown);
}

static void test_resolver_unbound_answers(void)
{
	static const struct {
		const char *name;
		enum dns_type type;
		const char *output;
	} tests[] = {
		{ "a.example.test", DNS_TYPE_A, "answer 192.0.2.1 ttl=300" },
		{ "a.example.test", DNS_TYPE_AAAA,
		  "answer 2001:db8::1 ttl=300" },
		{ "a.example.test", DNS_TYPE_MX,
		  "answer 10:mail.example.test ttl=300" },
		{ "a.example.test", DNS_TYPE_TXT, "answer [text] ttl=300" },
		{ "1.2.0.192.in-addr.arpa", DNS_TYPE_PTR,
		  "answer 0:host.example.test ttl=300" },
		/* libunbound's own zones */
		{ "1.0.0.10.in-addr.arpa", DNS_TYPE_PTR,
		  "answer 0:host.example.test ttl=300" },
		{ "x.localhost", DNS_TYPE_TXT, "nodata ttl=10800" },
		{ "x.onion", DNS_TYPE_TXT, "nxdomain ttl=10800" },
		{ "nx.example.test", DNS_TYPE_A, "nxdomain ttl=60" },
		{ "nodata.example.test", DNS_TYPE_A, "nodata ttl=60" },
		{ "servfail.example.test", DNS_TYPE_A,
		  "temporary (DNS server failure)" },
		{ "refused.example.test", DNS_TYPE_A,
		  "temporary (DNS server failure)" },
		{ "garbage.example.test", DNS_TYPE_A,
		  "temporary (DNS server failure)" },
		{ "shape-2.example.test", DNS_TYPE_TXT,
		  "temporary (DNS server failure)" },
		{ "alias.example.test", DNS_TYPE_A,
		  "answer+alias 192.0.2.1 ttl=300" },
		{ "deadalias.example.test", DNS_TYPE_A,
		  "nxdomain+alias ttl=60" },
		{ "loop.example.test", DNS_TYPE_A,
		  "temporary (DNS server failure)" },
		{ "big.example.test", DNS_TYPE_TXT,
		  "answer 3000 bytes ttl=300" },
		{ "a b\\c@d.example.test", DNS_TYPE_A,
		  "answer 192.0.2.1 ttl=300" },
	};
	struct test_context ctx;
	unsigned int questions;

	test_begin("resolver_unbound answers");
	test_init(&ctx, 0, 8000);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_strcmp_idx(test_answer(&ctx, tests[i].name,
						   tests[i].type),
				       tests[i].output, i);
	}
	/* whatever libunbound makes of a record that does not hold what it
	   says, no text comes of it */
	test_assert(str_has_prefix(test_answer(&ctx, "shape-1.example.test",
					   DNS_TYPE_TXT), "temporary ("));
	test_assert(test_dns_server_tcp_questions(ctx.server) > 0);

	/* the second time from the cache, before resolver_ask() returns */
	questions = test_dns_server_questions(ctx.server);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		if (str_has_prefix(tests[i].output, "temporary"))
			continue;
		test_ask(&ctx, tests[i].name, tests[i].type);
		test_assert_idx(ctx.waiting == 0, i);
		test_assert_strcmp_idx(str_c(ctx.shown), tests[i].output, i);
	}
	test_assert(test_dns_server_questions(ctx.server) == questions);
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_parallel(void)
{
	struct test_context ctx;
	unsigned int msecs, fastest = UINT_MAX, questions, answered = 0;

	test_begin("resolver_unbound parallel questions");
	test_init(&ctx, 50, 8000);
	/* about 70; sixteen at a time, the default, would take 625 each time,
	   a busy machine only now and then */
	for (unsigned int round = 0; round < 20 && fastest >= 600; round++) {
		i_gettimeofday(&ctx.started);
		for (unsigned int i = 0; i < 200; i++) {
			test_ask(&ctx, t_strdup_printf("n%u-%u.example.test",
						       round, i), DNS_TYPE_A);
		}
		test_wait(&ctx);
		msecs = test_elapsed_msecs(&ctx);
		test_assert_ucmp(msecs, >=, 50);
		fastest = I_MIN(fastest, msecs);
		answered += 200;
		test_assert(ctx.answered == answered);
	}
	test_assert_ucmp(fastest, <, 600);

	/* the same question is asked once */
	questions = test_dns_server_questions(ctx.server);
	for (unsigned int i = 0; i < 20; i++)
		test_ask(&ctx, "same.example.test", DNS_TYPE_A);
	test_wait(&ctx);
	test_assert(ctx.answered == answered + 20);
	test_assert_ucmp(test_dns_server_questions(ctx.server), ==,
			 questions + 1);

	/* long answers over TCP */
	for (unsigned int i = 0; i < 20; i++) {
		test_ask(&ctx, t_strdup_printf("big%u.example.test", i),
			 DNS_TYPE_TXT);
	}
	test_wait(&ctx);
	test_assert(ctx.answered == answered + 40);
	test_assert_strcmp(str_c(ctx.shown), "answer 3000 bytes ttl=300");

	/* a callback that asks */
	ctx.again = "again.example.test";
	test_ask(&ctx, "first.example.test", DNS_TYPE_TXT);
	test_wait(&ctx);
	test_assert(ctx.answered == answered + 42);
	ctx.again = "again2.example.test";
	test_ask(&ctx, "first.example.test", DNS_TYPE_TXT);
	test_wait(&ctx);
	test_assert(ctx.answered == answered + 44);
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_slow(void)
{
	static const unsigned int waits[] = { 300, 700, 1500, 2500 };
	struct test_context ctx;
	const char *name;

	test_begin("resolver_unbound slow answers");
	test_init(&ctx, 0, 8000);
	for (unsigned int i = 0; i < N_ELEMENTS(waits); i++) {
		name = t_strdup_printf("wait-%u.example.test", waits[i]);
		test_assert_strcmp_idx(test_answer(&ctx, name, DNS_TYPE_A),
				       "answer 192.0.2.1 ttl=300", i);
		test_assert_ucmp(test_elapsed_msecs(&ctx), <, waits[i] + 500);
	}
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_timeout(void)
{
	struct test_context ctx;
	unsigned int questions;

	test_begin("resolver_unbound timeout");
	test_init(&ctx, 0, 300);
	/* nobody was answered yet: the server itself may be silent */
	test_assert_strcmp(test_answer(&ctx, "drop.example.test", DNS_TYPE_A),
			   "temporary (no answer within 300 msecs)");
	test_assert_ucmp(test_elapsed_msecs(&ctx), >=, 290);
	test_assert_ucmp(test_elapsed_msecs(&ctx), <, 600);
	test_answer(&ctx, "drop.example.test", DNS_TYPE_MX);
	test_assert_ucmp(test_elapsed_msecs(&ctx), >=, 290);

	/* now it is this name */
	test_ask(&ctx, "drop.example.test", DNS_TYPE_TXT);
	test_ask(&ctx, "other.example.test", DNS_TYPE_A);
	test_wait(&ctx);
	questions = test_dns_server_questions(ctx.server);
	test_ask(&ctx, "drop.example.test", DNS_TYPE_A);
	test_assert(ctx.waiting == 0);
	test_assert_strcmp(str_c(ctx.shown), "temporary (no answer when "
			   "this name was last asked for)");
	test_ask(&ctx, "below.drop.example.test", DNS_TYPE_MX);
	test_assert(ctx.waiting == 0);
	test_assert_strcmp(str_c(ctx.shown), "temporary (no answer when "
			   "this name was last asked for)");
	test_assert(test_dns_server_questions(ctx.server) == questions);
	/* its parent and its neighbours are not silent */
	test_assert_strcmp(test_answer(&ctx, "example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_assert_strcmp(test_answer(&ctx, "x.example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_deinit(&ctx);
	test_end();
}

static void test_good(const struct dns_answer *answer, void *context)
{
	struct test_context *ctx = context;

	test_assert(answer->status == DNS_STATUS_ANSWER);
	if (ctx->good_msecs == 0)
		ctx->good_msecs = test_elapsed_msecs(ctx);
}

static void test_ask_good(struct test_context *ctx)
{
	(void)test_resolver_ask(ctx, t_strdup_printf("ok%u.test", ctx->answered),
				DNS_TYPE_A, test_good, ctx);
}

static void test_resolver_unbound_dead_names(void)
{
	struct test_context ctx;
	struct timeout *to;
	const char *output;

	/* Messages with many dead names must not make libunbound think that
	   the server is dead, neither afterwards nor meanwhile. However many
	   there are, the first names of others find room. */
	test_begin("resolver_unbound many dead names");
	test_init(&ctx, 20, 1500);
	for (unsigned int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < 500; i++) {
			ctx.ahead_count = 8 + i % 24;
			test_ask(&ctx, t_strdup_printf("drop.n%u-%u.test",
						       round, i), DNS_TYPE_A);
		}
		ctx.ahead_count = 0;
		ctx.good_msecs = 0;
		i_gettimeofday(&ctx.started);
		to = timeout_add_short(700, test_ask_good, &ctx);
		test_wait(&ctx);
		timeout_remove(&to);
		test_assert_ucmp_idx(ctx.good_msecs, >=, 700, round);
		test_assert_ucmp_idx(ctx.good_msecs, <, 1200, round);
		test_assert_strcmp_idx(str_c(ctx.shown), "temporary (no answer "
				       "within 1500 msecs)", round);
		output = test_answer(&ctx, t_strdup_printf("good%u.test",
							   round), DNS_TYPE_A);
		test_assert_strcmp_idx(output, "answer 192.0.2.1 ttl=300",
				       round);
		test_assert_ucmp_idx(test_elapsed_msecs(&ctx), <, 500, round);
	}
	test_deinit(&ctx);
	test_end();
}

static void test_never(const struct dns_answer *answer ATTR_UNUSED,
		       void *context ATTR_UNUSED)
{
	test_assert(FALSE);
}

static void test_stop(struct test_context *ctx)
{
	io_loop_stop(ctx->ioloop);
}

/* libunbound asks on for a name that is never answered, and in the end it takes
   the server for dead. It must be made anew before, and ask again. With tries
   of 2.5 s that takes 17.5 s; here they have 0.4 s (less is not possible). */
static void test_resolver_unbound_dead_for_long(void)
{
	struct resolver_request *request;
	struct test_context ctx;
	struct timeout *to;
	unsigned int before;

	test_begin("resolver_unbound names that are dead for long");
	test_init_tries(&ctx, 0, 20000, 400);
	request = test_resolver_ask(&ctx, "drop.test", DNS_TYPE_A, test_never,
				    NULL);
	to = timeout_add_short(1750, test_stop, &ctx);
	io_loop_run(ctx.ioloop);
	timeout_remove(&to);
	before = test_dns_server_questions(ctx.server);
	test_assert_strcmp(test_answer(&ctx, "good.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_assert_ucmp(test_dns_server_questions(ctx.server), >=,
			 before + 2);
	resolver_cancel(&request);
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_server_down(void)
{
	struct test_context ctx;

	test_begin("resolver_unbound server down and up");
	test_init(&ctx, 0, 500);
	test_assert_strcmp(test_answer(&ctx, "a.example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_dns_server_set_silent(ctx.server, TRUE);
	test_assert_strcmp(test_answer(&ctx, "b.example.test", DNS_TYPE_A),
			   "temporary (no answer within 500 msecs)");
	test_dns_server_set_silent(ctx.server, FALSE);
	test_assert_strcmp(test_answer(&ctx, "b.example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_assert_strcmp(test_answer(&ctx, "c.example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_cancel(void)
{
	struct resolver_request *requests[50];
	struct test_context ctx;
	unsigned int i;

	test_begin("resolver_unbound cancel");
	test_init(&ctx, 30, 8000);
	for (i = 0; i < N_ELEMENTS(requests); i++) {
		requests[i] = test_resolver_ask(&ctx,
			t_strdup_printf("%s%u.example.test",
					i % 2 == 0 ? "drop." : "c", i),
			DNS_TYPE_A, test_never, NULL);
		test_assert_idx(requests[i] != NULL, i);
	}
	/* the same question of somebody else goes on */
	test_ask(&ctx, "c1.example.test", DNS_TYPE_A);
	for (i = 0; i < N_ELEMENTS(requests); i++) {
		resolver_cancel(&requests[i]);
		test_assert_idx(requests[i] == NULL, i);
		resolver_cancel(&requests[i]);
	}
	test_wait(&ctx);
	test_assert_strcmp(str_c(ctx.shown), "answer 192.0.2.1 ttl=300");
	/* end with questions under way inside libunbound */
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_lost_packet(void)
{
	struct test_context ctx;

	test_begin("resolver_unbound lost packet");
	test_init(&ctx, 0, 8000);
	test_assert_strcmp(test_answer(&ctx, "lost.example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_assert(test_elapsed_msecs(&ctx) >= AUTHRES_DNS_SECOND_TRY_MSECS);
	test_assert_ucmp(test_elapsed_msecs(&ctx), <, 1500);
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_latency(void)
{
	static const unsigned int delays_msecs[] = { 500, 1000, 1500, 2000 };
	struct test_context ctx;

	/* Every answer comes late, and counts. */
	test_begin("resolver_unbound latency of the link");
	for (unsigned int i = 0; i < N_ELEMENTS(delays_msecs); i++) {
		test_init(&ctx, delays_msecs[i], 8000);
		for (unsigned int j = 0; j < 10; j++) {
			ctx.purpose = j % 2 == 0 ? DNS_PURPOSE_POLICY :
				DNS_PURPOSE_MINOR;
			test_ask(&ctx, t_strdup_printf("n%u.example.test", j),
				 DNS_TYPE_A);
		}
		test_assert_strcmp_idx(test_answer(&ctx, "a.example.test",
						   DNS_TYPE_A),
				       "answer 192.0.2.1 ttl=300", i);
		test_assert_idx(ctx.answered == 11, i);
		test_assert_ucmp_idx(test_elapsed_msecs(&ctx), <,
				     delays_msecs[i] + 500, i);
		test_deinit(&ctx);
	}
	test_end();
}

static void test_resolver_unbound_purposes(void)
{
	struct test_context ctx;

	/* All of the minor questions that there can be are silent. */
	test_begin("resolver_unbound purposes");
	test_init(&ctx, 0, 2000);
	ctx.purpose = DNS_PURPOSE_MINOR;
	for (unsigned int i = 0; i < 2 * AUTHRES_MAX_DNS_MINOR_QUESTIONS; i++)
		test_ask(&ctx, t_strdup_printf("drop.n%u.test", i), DNS_TYPE_A);
	ctx.purpose = DNS_PURPOSE_POLICY;
	i_gettimeofday(&ctx.started);
	ctx.good_msecs = 0;
	test_ask_good(&ctx);
	test_wait(&ctx);
	test_assert_ucmp(ctx.good_msecs, <, 500);

	/* The same with what is abandoned: it makes place. */
	ctx.purpose = DNS_PURPOSE_MINOR;
	i_gettimeofday(&ctx.started);
	for (unsigned int i = 0; i < 1000; i++) {
		struct resolver_request *request = test_resolver_ask(&ctx,
			t_strdup_printf("drop.m%u.test", i), DNS_TYPE_A,
			test_never, NULL);

		resolver_cancel(&request);
	}
	test_assert_strcmp(test_answer(&ctx, "good.example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_assert_ucmp(test_elapsed_msecs(&ctx), <, 500);
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_silent_zone(void)
{
	static const struct {
		const char *name;
		bool minor_silent, policy_silent;
	} tests[] = {
		{ "drop.a.z.example.test", TRUE, TRUE },
		{ "x.drop.a.z.example.test", TRUE, TRUE },
		{ "ok.z.example.test", TRUE, FALSE },
		{ "z.example.test", TRUE, FALSE },
		/* one of its names alone was silent */
		{ "ok.y.example.test", FALSE, FALSE },
		{ "example.test", FALSE, FALSE },
	};
	static const char *silent =
		"temporary (no answer when this name was last asked for)";
	struct test_context ctx;

	test_begin("resolver_unbound silent zone");
	test_init(&ctx, 0, 400);
	test_ask(&ctx, "drop.a.z.example.test", DNS_TYPE_A);
	test_ask(&ctx, "drop.b.z.example.test", DNS_TYPE_A);
	test_ask(&ctx, "drop.y.example.test", DNS_TYPE_A);
	(void)test_answer(&ctx, "alive.test", DNS_TYPE_A);
	for (unsigned int i = 0; i < 2 * N_ELEMENTS(tests); i++) {
		/* the minor ones first: an answer would end the silence */
		const unsigned int n = i % N_ELEMENTS(tests);
		bool minor = i < N_ELEMENTS(tests);

		ctx.purpose = minor ? DNS_PURPOSE_MINOR : DNS_PURPOSE_POLICY;
		test_assert_idx((strcmp(test_answer(&ctx, tests[n].name,
						    DNS_TYPE_A),
					silent) == 0) ==
				(minor ? tests[n].minor_silent :
				 tests[n].policy_silent), i);
	}
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_given_up(void)
{
	struct resolver_request *early, *late;
	struct test_context ctx;
	struct timeout *to;

	/* A message's deadline comes before that of a question. */
	test_begin("resolver_unbound given up");
	test_init(&ctx, 0, 8000);
	late = test_resolver_ask(&ctx, "drop.example.test", DNS_TYPE_A,
				 test_never, NULL);
	to = timeout_add_short(2550, test_stop, &ctx);
	io_loop_run(ctx.ioloop);
	timeout_remove(&to);
	early = test_resolver_ask(&ctx, "drop.example2.test", DNS_TYPE_A,
				  test_never, NULL);
	test_assert_strcmp(test_answer(&ctx, "a.example.test", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	resolver_cancel(&early);
	resolver_cancel(&late);
	test_ask(&ctx, "drop.example.test", DNS_TYPE_TXT);
	test_assert(ctx.waiting == 0);
	test_assert_strcmp(str_c(ctx.shown), "temporary (no answer when "
			   "this name was last asked for)");
	early = test_resolver_ask(&ctx, "drop.example2.test", DNS_TYPE_A,
				  test_never, NULL);
	test_assert(early != NULL);
	resolver_cancel(&early);
	test_deinit(&ctx);
	test_end();
}

static void test_resolver_unbound_settings(void)
{
	static const struct {
		const char *server, *error;
	} tests[] = {
		{ "192.0.2", "Invalid DNS server '192.0.2'" },
		{ "ns.example.org", "Invalid DNS server 'ns.example.org'" },
		{ "192.0.2.1@", "Invalid DNS server '192.0.2.1@'" },
		{ "192.0.2.1@0", "Invalid DNS server '192.0.2.1@0'" },
		{ "192.0.2.1@65536", "Invalid DNS server '192.0.2.1@65536'" },
		{ "192.0.2.1@53x", "Invalid DNS server '192.0.2.1@53x'" },
		{ "192.0.2.1#53", "Invalid DNS server '192.0.2.1#53'" },
		{ "", "Invalid DNS server ''" },
		{ "192.0.2.1", NULL },
		{ "2001:db8::1@5353", NULL },
	};
	struct resolver_unbound_settings set;
	struct ioloop *ioloop = io_loop_create();
	struct resolver *resolver;
	const char *servers[2], *error;

	test_begin("resolver_unbound settings");
	i_zero(&set);
	set.timeout_msecs = 1000;
	set.cache_bytes = 1024 * 1024;
	set.servers = servers;
	servers[1] = NULL;
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		servers[0] = tests[i].server;
		if (tests[i].error == NULL) {
			test_assert_idx(resolver_unbound_init(&set, &resolver,
							      &error) == 0, i);
			resolver_deinit(&resolver);
		} else {
			test_assert_idx(resolver_unbound_init(&set, &resolver,
							      &error) < 0, i);
			test_assert_strcmp_idx(error, t_strconcat(
				tests[i].error, ", expected ADDRESS or "
				"ADDRESS@PORT", NULL), i);
		}
	}
	/* those of /etc/resolv.conf */
	servers[0] = NULL;
	if (access("/etc/resolv.conf", R_OK) == 0) {
		test_assert(resolver_unbound_init(&set, &resolver,
						  &error) == 0);
		resolver_deinit(&resolver);
	}
	/* the trust anchor is installed here, or the error says what to do */
	set.dnssec = TRUE;
	servers[0] = "192.0.2.1";
	if (resolver_unbound_init(&set, &resolver, &error) == 0)
		resolver_deinit(&resolver);
	else
		test_assert(strstr(error, "dns-root-data") != NULL);
	io_loop_destroy(&ioloop);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_resolver_unbound_settings,
		test_resolver_unbound_answers,
		test_resolver_unbound_parallel,
		test_resolver_unbound_slow,
		test_resolver_unbound_timeout,
		test_resolver_unbound_dead_names,
		test_resolver_unbound_dead_for_long,
		test_resolver_unbound_server_down,
		test_resolver_unbound_cancel,
		test_resolver_unbound_given_up,
		test_resolver_unbound_lost_packet,
		test_resolver_unbound_latency,
		test_resolver_unbound_purposes,
		test_resolver_unbound_silent_zone,
		NULL
	};
	return test_run(test_functions);
}
