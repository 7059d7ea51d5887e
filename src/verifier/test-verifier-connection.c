/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "net.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "resolver.h"
#include "resolver-zone.h"
#include "evaluation.h"
#include "verdict-wire.h"
#include "verifier.h"
#include "verifier-watchdog.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* The server side of the protocol over a socket pair, with the whole
   evaluation behind it and a zone file for DNS. */

#define GREETING "VERSION\tauthres-verifier\t1\t0\n"
#define VERIFY_TIMEOUT(msecs) \
	"VERIFY\tprotocol=lda\tmail_from=a@example.org" \
	"\targument_ip=192.0.2.1\targument_helo=mx.example.org" \
	"\treceived_time=1700000000\ttimeout_msecs=" msecs "\n"
#define VERIFY VERIFY_TIMEOUT("5000")
#define CHUNKS "10\nFrom: a@ex20\nample.org\r\n\r\nhello\r\n0\n"
#define PASS "VERDICT\tdmarc=pass\t"

#define TEST_ZONE \
	"example.org. 60 TXT \"v=spf1 ip4:192.0.2.1 -all\"\n" \
	"_dmarc.example.org. 60 TXT \"v=DMARC1; p=reject\"\n"

struct test_verifier {
	struct ioloop *ioloop;
	struct resolver *resolver;
	struct evaluation_settings evaluation_set;
	struct verifier *verifier;
};

static void test_verifier_init(struct test_verifier *test, size_t max_bytes)
{
	static const char *const no_names[] = { NULL };
	struct verifier_settings set;
	const char *error;

	i_zero(test);
	test->ioloop = io_loop_create();
	if (resolver_zone_init(TEST_ZONE, "zone", &test->resolver, &error) < 0)
		i_fatal("%s", error);
	test->evaluation_set.checks = 1U << CHECK_METHOD_SPF |
		1U << CHECK_METHOD_DKIM | 1U << CHECK_METHOD_DMARC;
	test->evaluation_set.identity.trusted_hosts.names = no_names;
	test->evaluation_set.identity.local_networks.names = no_names;
	test->evaluation_set.overrides.arc_trusted_sealers = no_names;
	test->evaluation_set.overrides.trusted_lists = no_names;
	test->evaluation_set.dkim.min_key_bits = 1024;
	test->evaluation_set.hostname = "mx.example";
	i_zero(&set);
	set.evaluation = &test->evaluation_set;
	set.resolver = test->resolver;
	set.client_limit = 100;
	set.max_bytes = max_bytes;
	test->verifier = verifier_init(&set);
}

static void test_verifier_deinit(struct test_verifier *test)
{
	verifier_deinit(&test->verifier);
	resolver_deinit(&test->resolver);
	io_loop_destroy(&test->ioloop);
}

static int test_connect(struct test_verifier *test)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		i_fatal("socketpair() failed: %m");
	net_set_nonblock(fds[0], TRUE);
	net_set_nonblock(fds[1], TRUE);
	verifier_connection_create(test->verifier, fds[1], "test");
	return fds[0];
}

/* Turn the ioloop for so long. */
static void test_turn(struct test_verifier *test, unsigned int msecs)
{
	struct timeout *to = timeout_add_short(msecs, io_loop_stop,
					       test->ioloop);

	io_loop_run(test->ioloop);
	timeout_remove(&to);
}

static void test_do_not_wait(void *context ATTR_UNUSED)
{
}

/* Call what is ready, wait for nothing. */
static void test_turn_once(void)
{
	struct timeout *to =
		timeout_add_short(0, test_do_not_wait, (void *)NULL);

	io_loop_set_running(current_ioloop);
	io_loop_handler_run(current_ioloop);
	timeout_remove(&to);
}

static void test_send(int fd, const void *data, size_t size)
{
	if (send(fd, data, size, MSG_NOSIGNAL) != (ssize_t)size)
		i_fatal("send() failed: %m");
}

/* All that comes until text, the end of the connection, or for long enough.
   text NULL: nothing is expected to come. eof_r: the connection has ended. */
static const char *
test_receive(struct test_verifier *test, int fd, const char *text, bool *eof_r)
{
	string_t *str = t_str_new(1024);
	unsigned int i;
	char buf[4096];
	ssize_t ret;

	*eof_r = FALSE;
	for (i = 0; i < (text == NULL ? 5 : 1000) && !*eof_r; i++) {
		test_turn(test, 2);
		while ((ret = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
			str_append_data(str, buf, ret);
		*eof_r = ret == 0 || errno != EAGAIN;
		if (text != NULL && strstr(str_c(str), text) != NULL)
			text = NULL;
	}
	return str_c(str);
}

enum test_end {
	STAYS,
	ENDS,
	/* byte by byte there is nothing wrong with it */
	ENDS_IF_WHOLE
};

static void test_verifier_connection_sessions(void)
{
	static const struct {
		const char *input;
		/* of the whole output; NULL = nothing but the greeting */
		const char *output;
		enum test_end end;
	} tests[] = {
		{ "", NULL, STAYS },
		{ GREETING, NULL, STAYS },
		{ GREETING VERIFY, NULL, STAYS },
		{ GREETING VERIFY "5\nFrom", NULL, STAYS },
		{ GREETING VERIFY CHUNKS, PASS, STAYS },
		{ GREETING VERIFY "0\n", "VERDICT\tdmarc=permerror", STAYS },
		{ GREETING "STATUS\n", "STATUS\tversion=", STAYS },
		{ GREETING "STATUS\n", "\tclient_limit=100\tactive=0\t", STAYS },
		/* a newer client of the same major version */
		{ "VERSION\tauthres-verifier\t1\t99\n" VERIFY CHUNKS,
		  PASS, STAYS },
		{ GREETING "VERIFY\tprotocol=lda\tnew=key\treceived_time=1"
		  "\ttimeout_msecs=1000\n0\n", "VERDICT\t", STAYS },

		{ "VERSION\tauthres-verifier\t2\t0\n",
		  "FAIL\twrong protocol version\n", ENDS },
		{ "VERSION\tauthres\t1\t0\n",
		  "FAIL\twrong protocol version\n", ENDS },
		{ VERIFY, "FAIL\twrong protocol version\n", ENDS },
		{ "\n", "FAIL\twrong protocol version\n", ENDS },
		{ GREETING GREETING, "FAIL\tunknown command\n", ENDS },
		{ GREETING "\n", "FAIL\tunknown command\n", ENDS },
		{ GREETING "\t\n", "FAIL\tunknown command\n", ENDS },
		{ GREETING "verify\n", "FAIL\tunknown command\n", ENDS },
		{ GREETING "STATUS\t\n", "FAIL\tunknown command\n", ENDS },
		{ GREETING "VERIFY\n", "FAIL\t", ENDS },
		{ GREETING "VERIFY\tprotocol=lda\tprotocol=lda\n", "FAIL\t", ENDS },
		{ GREETING "VERIFY\ttimeout_msecs=99999999999\n", "FAIL\t", ENDS },
		/* what we say of it is harmless */
		{ GREETING "VERIFY\t\x1b[2J\xff=1\n", "FAIL\t", ENDS },
		{ GREETING "VERIFY\tprotocol\n", "FAIL\t", ENDS },

		{ GREETING VERIFY "x\n", "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "\n", "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "01\n", "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "00\n", "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "-1\n", "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "1\r\nx", "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "65537\n", "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "18446744073709551617\n",
		  "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "00000000000000000000000000001",
		  "FAIL\tbad chunk size\n", ENDS },
		{ GREETING VERIFY "1\nxx", "FAIL\tbad chunk size\n", ENDS },
		/* the header was read: a verdict all the same */
		{ GREETING VERIFY "0\nX", "VERDICT\tdmarc=permerror\t",
		  ENDS_IF_WHOLE },
		{ GREETING VERIFY "0\n" VERIFY,
		  "VERDICT\tdmarc=permerror\t", ENDS_IF_WHOLE },
		{ GREETING VERIFY "23\nFrom: a@example.org\n\nHi" "x\n",
		  "RESULT\tdmarc\tpass\tcomment=p=reject, message cut: "
		  "bad chunk size\t", ENDS },
	};
	unsigned int i, piece;

	test_begin("verifier connection: sessions");
	/* whole, and byte by byte */
	for (piece = 0; piece < 2; piece++)
	for (i = 0; i < N_ELEMENTS(tests); i++)
	if (piece == 0 || tests[i].end != ENDS_IF_WHOLE) T_BEGIN {
		struct test_verifier test;
		const char *p, *output;
		size_t size = strlen(tests[i].input);
		bool eof;
		int fd;

		test_verifier_init(&test, AUTHRES_MAX_PROCESS_BYTES);
		fd = test_connect(&test);
		if (piece == 0 && size > 0)
			test_send(fd, tests[i].input, size);
		for (p = tests[i].input; piece == 1 && *p != '\0'; p++) {
			/* it may have ended already */
			if (send(fd, p, 1, MSG_NOSIGNAL) != 1)
				break;
			test_turn_once();
		}
		output = test_receive(&test, fd, tests[i].output, &eof);
		test_assert_idx(eof == (tests[i].end != STAYS), i);
		if (str_has_prefix(output, GREETING))
			output += strlen(GREETING);
		else
			test_assert_strcmp_idx(output, GREETING, i);
		if (tests[i].output == NULL)
			test_assert_strcmp_idx(output, "", i);
		else if (strstr(output, tests[i].output) == NULL)
			test_assert_strcmp_idx(output, tests[i].output, i);
		for (p = output; *p != '\0'; p++)
			test_assert_idx(*p == '\n' || *p == '\t' ||
					(*p >= 0x20 && *p < 0x7f), i);
		i_close_fd(&fd);
		test_turn(&test, 1);
		test_verifier_deinit(&test);
	} T_END;
	test_end();
}

static void test_verifier_connection_nul_and_long_lines(void)
{
	static const struct {
		const char *start;
		unsigned char fill;
		size_t fill_size;
		const char *output;
	} tests[] = {
		{ "", '\0', 1, "FAIL\tline with NUL\n" },
		{ GREETING "VERIFY\t", '\0', 1, "FAIL\tline with NUL\n" },
		{ "", 'a', AUTHRES_MAX_PROTOCOL_LINE_BYTES,
		  "FAIL\tline too long\n" },
		{ GREETING "VERIFY\t", 'a', AUTHRES_MAX_PROTOCOL_LINE_BYTES,
		  "FAIL\tline too long\n" },
		{ GREETING, '\t', AUTHRES_MAX_PROTOCOL_LINE_BYTES,
		  "FAIL\tline too long\n" },
	};
	unsigned char fill[AUTHRES_MAX_PROTOCOL_LINE_BYTES];
	unsigned int i;

	test_begin("verifier connection: NUL and long lines");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		struct test_verifier test;
		const char *output;
		bool eof;
		int fd;

		test_verifier_init(&test, AUTHRES_MAX_PROCESS_BYTES);
		fd = test_connect(&test);
		test_send(fd, tests[i].start, strlen(tests[i].start));
		memset(fill, tests[i].fill, tests[i].fill_size);
		test_send(fd, fill, tests[i].fill_size);
		output = test_receive(&test, fd, tests[i].output, &eof);
		test_assert_idx(eof, i);
		test_assert_idx(strstr(output, tests[i].output) != NULL, i);
		i_close_fd(&fd);
		test_verifier_deinit(&test);
	}
	test_end();
}

static void test_verifier_connection_several_requests(void)
{
	struct test_verifier test;
	const char *output;
	unsigned int i;
	bool eof;
	int fd;

	test_begin("verifier connection: requests one after the other");
	test_verifier_init(&test, AUTHRES_MAX_PROCESS_BYTES);
	fd = test_connect(&test);
	test_send(fd, GREETING, strlen(GREETING));
	for (i = 0; i < 10; i++) {
		test_send(fd, VERIFY CHUNKS, strlen(VERIFY CHUNKS));
		output = test_receive(&test, fd, PASS, &eof);
		test_assert_idx(!eof, i);
		test_assert_idx(strstr(output, PASS) != NULL, i);
	}
	test_send(fd, "STATUS\n", 7);
	output = test_receive(&test, fd, "STATUS", &eof);
	test_assert(strstr(output, "\trequests=10\tfailures=0\twaited=0"
			   "\tmemory_bytes=0\t") != NULL);
	i_close_fd(&fd);
	test_verifier_deinit(&test);
	test_end();
}

#define EARLY "23\nFrom: a@example.org\n\n"

/* A body that does not come gets its verdict before the client stops
   waiting; what comes of it afterwards is thrown away. */
#define VERIFY_ALIVE \
	"VERIFY\tprotocol=lda\tmail_from=a@example.org" \
	"\targument_ip=192.0.2.1\targument_helo=mx.example.org" \
	"\treceived_time=1700000000\ttimeout_msecs=5000\ttell_alive=yes\n"

/* Who keeps its connection is told that somebody is there, once, and only while
   the verdict is not. */
static void test_verifier_connection_alive(void)
{
	struct test_verifier test;
	const char *reply;
	bool eof;
	int fd;

	test_begin("verifier connection: alive");
	test_verifier_init(&test, AUTHRES_MAX_PROCESS_BYTES);
	fd = test_connect(&test);
	test_send(fd, GREETING VERIFY_ALIVE, strlen(GREETING VERIFY_ALIVE));
	reply = test_receive(&test, fd, VERDICT_WIRE_ALIVE, &eof);
	test_assert_strcmp(reply, GREETING VERDICT_WIRE_ALIVE);
	test_turn(&test, AUTHRES_ALIVE_MSECS + 100);
	test_send(fd, CHUNKS, strlen(CHUNKS));
	reply = test_receive(&test, fd, PASS, &eof);
	test_assert(str_has_prefix(reply, "RESULT\t") && !eof);
	test_send(fd, VERIFY_ALIVE CHUNKS, strlen(VERIFY_ALIVE CHUNKS));
	reply = test_receive(&test, fd, PASS, &eof);
	test_assert(str_has_prefix(reply, "RESULT\t") && !eof);
	i_close_fd(&fd);
	test_verifier_deinit(&test);
	test_end();
}

/* Connections are kept as long as half of the places are free, and until the
   process is to end. */
static void test_verifier_connection_kept(void)
{
	struct test_verifier test;
	const char *text = GREETING VERIFY CHUNKS, *reply;
	int kept, last, fresh, busy, fds[50];
	unsigned int i;
	bool eof;

	test_begin("verifier connection: kept");
	test_verifier_init(&test, AUTHRES_MAX_PROCESS_BYTES);
	kept = test_connect(&test);
	test_send(kept, text, strlen(text));
	reply = test_receive(&test, kept, PASS, &eof);
	test_assert(strstr(reply, PASS) != NULL && !eof);

	for (i = 0; i < N_ELEMENTS(fds); i++)
		fds[i] = test_connect(&test);
	last = test_connect(&test);
	test_send(last, text, strlen(text));
	reply = test_receive(&test, last, "nothing more", &eof);
	test_assert(strstr(reply, PASS) != NULL && eof);
	for (i = 0; i < N_ELEMENTS(fds); i++)
		i_close_fd(&fds[i]);

	fresh = test_connect(&test);
	busy = test_connect(&test);
	test_send(busy, GREETING VERIFY, strlen(GREETING VERIFY));
	test_turn(&test, 5);
	verifier_stop(test.verifier);
	(void)test_receive(&test, kept, "nothing more", &eof);
	test_assert(eof);
	test_send(busy, CHUNKS, strlen(CHUNKS));
	reply = test_receive(&test, busy, "nothing more", &eof);
	test_assert(strstr(reply, PASS) != NULL && eof);
	test_send(fresh, text, strlen(text));
	reply = test_receive(&test, fresh, "nothing more", &eof);
	test_assert(strstr(reply, PASS) != NULL && eof);
	i_close_fd(&kept);
	i_close_fd(&last);
	i_close_fd(&fresh);
	i_close_fd(&busy);
	test_verifier_deinit(&test);
	test_end();
}

static void test_verifier_connection_early_verdict(void)
{
	struct test_verifier test;
	const char *output;
	bool eof;
	int fd;

	test_begin("verifier connection: verdict before the message");
	test_verifier_init(&test, AUTHRES_MAX_PROCESS_BYTES);
	fd = test_connect(&test);
	test_send(fd, GREETING VERIFY_TIMEOUT("50") EARLY,
		  strlen(GREETING VERIFY_TIMEOUT("50") EARLY));
	output = test_receive(&test, fd, "VERDICT", &eof);
	test_assert(!eof);
	test_assert(strstr(output, "VERDICT\tdmarc=pass") != NULL);
	test_assert(strstr(output, "message cut: the rest did not arrive") != NULL);
	test_send(fd, "Hi1\nx0\n" VERIFY CHUNKS,
		  strlen("Hi1\nx0\n" VERIFY CHUNKS));
	output = test_receive(&test, fd, "VERDICT", &eof);
	test_assert(!eof);
	test_assert(str_has_prefix(output, "RESULT\t"));
	test_assert(strstr(output, PASS) != NULL);
	i_close_fd(&fd);

	/* without the header there is nothing to say */
	fd = test_connect(&test);
	test_send(fd, GREETING VERIFY_TIMEOUT("50") "5\nFr",
		  strlen(GREETING VERIFY_TIMEOUT("50") "5\nFr"));
	output = test_receive(&test, fd, "FAIL", &eof);
	test_assert(strstr(output, "FAIL\tthe header did not arrive in time\n")
		    != NULL);
	i_close_fd(&fd);
	test_verifier_deinit(&test);
	test_end();
}

static void test_verifier_connection_waiting(void)
{
#define WAITING_COUNT 8
	struct test_verifier test;
	const char *output;
	unsigned int i, passed;
	int fds[WAITING_COUNT], watch_fd;
	bool eof;

	test_begin("verifier connection: requests wait for memory");
	/* room for three */
	test_verifier_init(&test, AUTHRES_MIN_REQUEST_MEMORY_BYTES * 3);
	watch_fd = test_connect(&test);
	test_send(watch_fd, GREETING, strlen(GREETING));
	for (i = 0; i < WAITING_COUNT; i++) {
		fds[i] = test_connect(&test);
		/* the last one does not wait long */
		output = i == WAITING_COUNT - 1 ?
			GREETING VERIFY_TIMEOUT("300") : GREETING VERIFY;
		test_send(fds[i], output, strlen(output));
		test_turn(&test, 1);
	}
	test_send(watch_fd, "STATUS\n", 7);
	output = test_receive(&test, watch_fd, "STATUS", &eof);
	test_assert(strstr(output, "\tactive=3\twaiting=5\trequests=8\t")
		    != NULL);
	/* its time is over */
	output = test_receive(&test, fds[WAITING_COUNT - 1], "FAIL", &eof);
	test_assert(eof);
	test_assert(strstr(output, "FAIL\ttoo many messages at once\n")
		    != NULL);
	/* one leaves while it waits, one while it is active */
	i_close_fd(&fds[5]);
	i_close_fd(&fds[0]);
	for (i = 0; i < WAITING_COUNT - 1; i++) {
		if (fds[i] != -1)
			test_send(fds[i], CHUNKS, strlen(CHUNKS));
	}
	for (passed = i = 0; i < WAITING_COUNT - 1; i++) {
		if (fds[i] == -1)
			continue;
		output = test_receive(&test, fds[i], PASS, &eof);
		test_assert_idx(!eof, i);
		if (strstr(output, PASS) != NULL)
			passed++;
		i_close_fd(&fds[i]);
	}
	test_assert_cmp(passed, ==, WAITING_COUNT - 3);
	i_close_fd(&fds[WAITING_COUNT - 1]);
	test_turn(&test, 2);
	test_send(watch_fd, "STATUS\n", 7);
	output = test_receive(&test, watch_fd, "STATUS", &eof);
	test_assert(strstr(output, "\tconnections=1\t") != NULL);
	test_assert(strstr(output, "\tactive=0\twaiting=0\t") != NULL);
	i_close_fd(&watch_fd);
	test_verifier_deinit(&test);
	test_end();
}

/* Count text in what has come. */
static unsigned int test_count(int fd, const char *text)
{
	static char buf[65536];
	unsigned int count = 0;
	ssize_t size = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);
	const char *p = buf;

	buf[I_MAX(size, 0)] = '\0';
	while ((p = strstr(p, text)) != NULL) {
		count++;
		p++;
	}
	return count;
}

static void test_verifier_connection_one_command_a_turn(void)
{
	struct test_verifier test;
	string_t *commands = t_str_new(1024);
	int fd, other_fd;
	unsigned int i;
	bool eof;

	test_begin("verifier connection: one command of each per turn");
	test_verifier_init(&test, SIZE_MAX);
	fd = test_connect(&test);
	other_fd = test_connect(&test);
	str_append(commands, GREETING);
	for (i = 0; i < 200; i++)
		str_append(commands, "STATUS\n");
	test_send(fd, str_data(commands), str_len(commands));
	test_send(other_fd, GREETING "STATUS\n", strlen(GREETING "STATUS\n"));
	for (i = 0; i < 4; i++)
		test_turn_once();
	test_assert(test_count(other_fd, "STATUS\t") == 1);
	i = test_count(fd, "STATUS\t");
	test_assert_cmp(i, >=, 1);
	test_assert_cmp(i, <=, 4);
	/* nothing is done for who is gone */
	i_close_fd(&fd);
	for (i = 0; i < 4; i++)
		test_turn_once();
	test_send(other_fd, "STATUS\n", strlen("STATUS\n"));
	test_assert(strstr(test_receive(&test, other_fd, "STATUS\t", &eof),
			   "\tconnections=1\t") != NULL);
	i_close_fd(&other_fd);
	test_verifier_deinit(&test);
	test_end();
}

static void test_verifier_connection_deinit_with_requests(void)
{
	struct test_verifier test;
	unsigned int i;
	int fds[6];

	test_begin("verifier connection: the end with requests in all states");
	test_verifier_init(&test, AUTHRES_MIN_REQUEST_MEMORY_BYTES * 2);
	for (i = 0; i < N_ELEMENTS(fds); i++) {
		static const char *const inputs[] = {
			"", GREETING, GREETING VERIFY, GREETING VERIFY "5\nx",
			GREETING VERIFY, GREETING VERIFY "1\nx"
		};

		fds[i] = test_connect(&test);
		if (*inputs[i] != '\0')
			test_send(fds[i], inputs[i], strlen(inputs[i]));
		test_turn(&test, 1);
	}
	verifier_deinit(&test.verifier);
	for (i = 0; i < N_ELEMENTS(fds); i++) {
		bool eof;

		(void)test_receive(&test, fds[i], NULL, &eof);
		test_assert_idx(eof, i);
		i_close_fd(&fds[i]);
	}
	test_verifier_deinit(&test);
	test_end();
}

#define WATCHDOG_CPU_MSECS 240
#define WATCHDOG_WALL_MSECS 400

struct watchdog_child {
	void (*func)(struct ioloop *ioloop);
	struct ioloop *ioloop;
};

static clock_t cpu_msecs(void)
{
	return clock() / (CLOCKS_PER_SEC / 1000);
}

static void watchdog_spin(struct ioloop *ioloop ATTR_UNUSED)
{
	for (;;) ;
}

static void watchdog_block(struct ioloop *ioloop ATTR_UNUSED)
{
	for (;;)
		(void)pause();
}

/* Three times as much as one turn may take, in turns of an eighth. */
static void watchdog_work(struct ioloop *ioloop)
{
	clock_t start = cpu_msecs();

	while (cpu_msecs() - start < WATCHDOG_CPU_MSECS / 8) ;
	if (start > WATCHDOG_CPU_MSECS * 3)
		io_loop_stop(ioloop);
}

static void watchdog_turn(struct watchdog_child *child)
{
	child->func(child->ioloop);
}

/* Returns the wait status of a child that is watched. */
static int watchdog_child(void (*func)(struct ioloop *))
{
	struct watchdog_child child = { .func = func };
	struct verifier_watchdog *watchdog;
	struct timeout *to;
	int status;
	pid_t pid = fork();

	if (pid != 0) {
		if (pid == -1 || waitpid(pid, &status, 0) < 0)
			i_fatal("fork() or waitpid() failed: %m");
		return status;
	}
	child.ioloop = io_loop_create();
	/* a busy machine must not decide which clock is the first */
	watchdog = verifier_watchdog_init(WATCHDOG_CPU_MSECS,
					  func == watchdog_block ?
					  WATCHDOG_WALL_MSECS : 60000);
	to = timeout_add_short(0, watchdog_turn, &child);
	io_loop_run(child.ioloop);
	timeout_remove(&to);
	verifier_watchdog_deinit(&watchdog);
	_exit(0);
}

static void test_verifier_watchdog(void)
{
	int status;

	test_begin("verifier watchdog");
	/* an endless loop dies */
	status = watchdog_child(watchdog_spin);
	test_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF);
	/* so does who waits for ever */
	status = watchdog_child(watchdog_block);
	test_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
	/* work does not, however much it is in all */
	status = watchdog_child(watchdog_work);
	test_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_verifier_connection_sessions,
		test_verifier_connection_nul_and_long_lines,
		test_verifier_connection_several_requests,
		test_verifier_connection_alive,
		test_verifier_connection_kept,
		test_verifier_connection_early_verdict,
		test_verifier_connection_waiting,
		test_verifier_connection_one_command_a_turn,
		test_verifier_connection_deinit_with_requests,
		test_verifier_watchdog,
		NULL
	};
	/* as every service has it */
	(void)signal(SIGPIPE, SIG_IGN);
	return test_run(test_functions);
}
