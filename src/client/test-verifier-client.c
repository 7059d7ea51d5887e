/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "net.h"
#include "test-common.h"
#include "test-file.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "verifier-client-connection.h"
#include "verifier-client.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Every test has a server of its own in a child process, which behaves as the
   table says and counts its connections. */

#define TEST_SOCKET ".test-verifier-client"
#define TEST_TIMEOUT_MSECS 600
/* a clock may be that much ahead of another */
#define TEST_EARLY_MSECS 50
/* what a busy machine may add: only a client that does not stop takes longer */
#define TEST_BUSY_MSECS 10000
/* of those that get their answer at once */
#define TEST_LONG_TIMEOUT_MSECS 10000
#define TEST_MESSAGE "From: a@example.org\r\n\r\nbody\r\n"

#define GREETING "VERSION\tauthres-verifier\t1\t0\n"
#define RESULT "RESULT\tdmarc\tpass\theader.from=example.org\n"
#define VERDICT "VERDICT\tdmarc=pass\tpolicy=none\toverride=none" \
	"\torigin=external\tclient_source=none\n"

static void server_send_size(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t ret = send(fd, p, size, MSG_NOSIGNAL);

		if (ret <= 0)
			_exit(99);
		p += ret;
		size -= ret;
	}
}

static void server_send(int fd, const char *text)
{
	server_send_size(fd, text, strlen(text));
}

/* Until text came, and perhaps more. */
static void server_read_until(int fd, const char *text)
{
	char buf[65536];
	size_t len = strlen(text), have = 0;
	ssize_t ret;

	while ((ret = read(fd, buf + have, sizeof(buf) - 1 - have)) > 0) {
		have += ret;
		buf[have] = '\0';
		if (strstr(buf, text) != NULL)
			return;
		/* its first half may be there */
		if (have >= len) {
			memmove(buf, buf + have - (len - 1), len - 1);
			have = len - 1;
		}
	}
}

static void server_read_message(int fd)
{
	server_read_until(fd, "\n0\n");
}

static void server_read_eof(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0) ;
}

static void server_msleep(unsigned int msecs)
{
	(void)poll(NULL, 0, msecs);
}

/* The behaviours. The connection is closed when they return. */

static void server_good(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, RESULT VERDICT);
}

static void server_good_in_pieces(int fd, unsigned int n ATTR_UNUSED)
{
	const char *p;

	server_send(fd, GREETING);
	server_read_message(fd);
	for (p = RESULT VERDICT; *p != '\0'; p++) {
		server_send_size(fd, p, 1);
		server_msleep(1);
	}
}

static void server_end_before_greeting(int fd ATTR_UNUSED,
				       unsigned int n ATTR_UNUSED)
{
}

static void server_end_in_greeting(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, "VERSION\tauthres");
}

static void server_end_after_greeting(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
}

static void server_end_after_request(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_until(fd, "VERIFY");
}

static void server_end_after_message(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
}

static void server_end_in_reply(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, RESULT "VERDICT\tdmarc=pass");
}

static void server_end_then_good(int fd, unsigned int n)
{
	if (n == 1)
		server_end_after_message(fd, n);
	else
		server_good(fd, n);
}

static void server_end_in_reply_then_good(int fd, unsigned int n)
{
	if (n == 1)
		server_end_in_reply(fd, n);
	else
		server_good(fd, n);
}

static void server_silent_then_good(int fd, unsigned int n)
{
	if (n == 1)
		server_read_eof(fd);
	else
		server_good(fd, n);
}

static void server_end_in_greeting_then_good(int fd, unsigned int n)
{
	if (n <= 4)
		server_end_in_greeting(fd, n);
	else
		server_good(fd, n);
}

static void server_end_then_silent_then_good(int fd, unsigned int n)
{
	if (n <= 4)
		server_end_in_greeting(fd, n);
	else if (n == 5)
		server_read_eof(fd);
	else
		server_good(fd, n);
}

/* A reply that is refused, as long as it is not asked for a minimal one. */
static void server_good_if_minimal(int fd, unsigned int n)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, n == 1 ? "RESULT\tspf\tpass\treason=\xff\n" VERDICT :
		    RESULT VERDICT);
}

static void server_fail_then_good(int fd, unsigned int n)
{
	if (n < 3)
		server_send(fd, GREETING "FAIL\ttoo many messages at once\n");
	else
		server_good(fd, n);
}

/* A process dies, the next one does not answer. */
static void server_end_then_silent(int fd, unsigned int n)
{
	if (n == 1)
		server_end_after_message(fd, n);
	else
		server_read_eof(fd);
}

static void server_author_address(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, RESULT "VERDICT\tauthor_address=c%C3%A9o@example.org"
		    "\tdmarc=pass\tpolicy=none\toverride=none"
		    "\torigin=external\tclient_source=none\n");
}

static void server_silent(int fd, unsigned int n ATTR_UNUSED)
{
	server_read_eof(fd);
}

static void server_silent_after_greeting(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_eof(fd);
}

static void server_silent_not_reading(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_msleep(10000);
}

static void server_silent_in_reply(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, RESULT);
	server_read_eof(fd);
}

static void server_drip(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "RESULT\tdkim\tfail\treason=");
	for (;;) {
		server_send(fd, "a");
		server_msleep(20);
	}
}

static void server_drip_greeting(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, "VERSION\t");
	for (;;) {
		server_send(fd, "a");
		server_msleep(20);
	}
}

static void server_oversize_line(int fd, unsigned int n ATTR_UNUSED)
{
	char buf[8192];

	memset(buf, 'a', sizeof(buf));
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "RESULT\tdkim\tfail\treason=");
	for (;;)
		server_send_size(fd, buf, sizeof(buf));
}

static void server_oversize_greeting(int fd, unsigned int n ATTR_UNUSED)
{
	char buf[8192];

	memset(buf, 'a', sizeof(buf));
	server_send(fd, "VERSION\t");
	for (;;)
		server_send_size(fd, buf, sizeof(buf));
}

static void server_endless_results(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	for (;;)
		server_send(fd, RESULT);
}

static void server_other_version(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, "VERSION\tauthres-verifier\t2\t0\n");
	server_read_eof(fd);
}

static void server_other_service(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, "VERSION\tauth-master\t1\t0\n");
	server_read_eof(fd);
}

static void server_smtp(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, "220 mx.example.org ESMTP\r\n");
	server_read_eof(fd);
}

static void server_garbage_byte(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "X");
	server_read_eof(fd);
}

static void server_nul(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send_size(fd, "RESULT\tdkim\0", 12);
	server_read_eof(fd);
}

static void server_eight_bit(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "FAIL\t\xc3\xbc");
	server_read_eof(fd);
}

static void server_cr(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "VERDICT\tdmarc=pass\r");
	server_read_eof(fd);
}

static void server_bad_value(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "RESULT\tdmarc\tmaybe\n");
	server_read_eof(fd);
}

static void server_incomplete_verdict(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "VERDICT\tdmarc=pass\n");
	server_read_eof(fd);
}

static void server_fail(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, "FAIL\ttoo many messages at once\n");
}

static void server_fail_early(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_until(fd, "VERIFY");
	server_send(fd, "FAIL\tmessage too large\n");
	/* and does not read what the client sends */
	server_msleep(10000);
}

static void server_fail_early_and_end(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_until(fd, "VERIFY");
	server_send(fd, "FAIL\tmessage too large\n");
}

static void server_verdict_early(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_until(fd, "VERIFY");
	server_send(fd, RESULT VERDICT);
	server_read_eof(fd);
}

static void server_garbage_early(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_until(fd, "VERIFY");
	server_send(fd, "\001\001\001");
	server_msleep(10000);
}

static void server_greeting_and_verdict(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING RESULT VERDICT);
	server_read_eof(fd);
}


typedef void server_func_t(int fd, unsigned int n);

struct test_server {
	pid_t pid;
	/* shared with the child: connections it has seen */
	unsigned int *connections;
};

static void server_run(struct test_server *server, int listen_fd,
		       server_func_t *func)
{
	int fd;

	(void)setpgid(0, 0);
	/* whatever happens to the parent */
	alarm(60);
	for (;;) {
		fd = accept(listen_fd, NULL, NULL);
		if (fd == -1)
			_exit(1);
		++*server->connections;
		if (fork() == 0) {
			alarm(60);
			func(fd, *server->connections);
			_exit(0);
		}
		close(fd);
	}
}

static void server_start(struct test_server *server, server_func_t *func)
{
	int listen_fd;

	server->connections = mmap(NULL, sizeof(unsigned int),
				   PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	i_unlink_if_exists(TEST_SOCKET);
	listen_fd = net_listen_unix(TEST_SOCKET, 16);
	if (listen_fd == -1 || server->connections == MAP_FAILED)
		i_fatal("starting the test's server failed: %m");
	net_set_nonblock(listen_fd, FALSE);
	if ((server->pid = fork()) == 0)
		server_run(server, listen_fd, func);
	(void)setpgid(server->pid, server->pid);
	i_close_fd(&listen_fd);
}

/* expected_connections: 0 = several */
static void test_server_stop(struct test_server *server,
			     unsigned int expected_connections)
{
	unsigned int connections;
	int status;

	if (kill(-server->pid, SIGKILL) < 0 ||
	    waitpid(server->pid, &status, 0) < 0)
		i_error("stopping the test's server failed: %m");
	connections = *server->connections;
	if (munmap(server->connections, sizeof(unsigned int)) < 0)
		i_error("munmap() failed: %m");
	i_unlink_if_exists(TEST_SOCKET);
	if (expected_connections == 0)
		test_assert_cmp(connections, >, 1);
	else
		test_assert_cmp(connections, ==, expected_connections);
}

static struct verify_request test_request(unsigned int timeout_msecs)
{
	struct verify_request request = {
		.protocol = VERIFY_PROTOCOL_LMTP,
		.mail_from = "a@example.org",
		.received_time = 1700000000,
		.timeout_msecs = timeout_msecs
	};
	return request;
}

#define LARGE_BYTES (4 * 1024 * 1024)

#define JUDGED VERIFIER_CLIENT_VERDICT
#define ABSENT VERIFIER_CLIENT_ABSENT
#define UNJUDGED VERIFIER_CLIENT_UNJUDGED

static const struct {
	const char *name;
	server_func_t *func;
	enum verifier_client_outcome outcome;
	/* with JUDGED: why it is a minimal verdict, NULL = it is not */
	const char *error;
	/* the answer comes only with the deadline */
	bool late;
	/* the message is larger than all buffers */
	bool large;
	/* 0 = several */
	unsigned int connections;
} tests[] = {
	{ "good", server_good, JUDGED, NULL, FALSE, FALSE, 1 },
	{ "good, large message", server_good, JUDGED, NULL, FALSE, TRUE, 1 },
	{ "reply in pieces", server_good_in_pieces,
	  JUDGED, NULL, FALSE, FALSE, 1 },
	{ "verdict before the message is sent", server_verdict_early,
	  JUDGED, NULL, FALSE, TRUE, 1 },
	{ "author address in UTF-8", server_author_address,
	  JUDGED, NULL, FALSE, FALSE, 1 },

	/* before the greeting: it has seen nothing of the message */
	{ "end before the greeting", server_end_before_greeting,
	  ABSENT, "verifier", TRUE, FALSE, 0 },
	{ "end in the greeting", server_end_in_greeting,
	  ABSENT, "verifier", TRUE, FALSE, 0 },
	{ "end in the greeting, some times", server_end_in_greeting_then_good,
	  JUDGED, NULL, FALSE, FALSE, 5 },
	{ "end in the greeting, some times, then silence",
	  server_end_then_silent_then_good, JUDGED, NULL, FALSE, FALSE, 6 },
	/* after it: the message may be the cause */
	{ "end after the greeting", server_end_after_greeting,
	  UNJUDGED, "3 times on this message", FALSE, FALSE, 3 },
	{ "end after the greeting, large", server_end_after_greeting,
	  UNJUDGED, "3 times on this message", FALSE, TRUE, 3 },
	{ "end after the request", server_end_after_request,
	  UNJUDGED, "3 times on this message", FALSE, TRUE, 3 },
	{ "end after the message", server_end_after_message,
	  UNJUDGED, "closed the connection, 3 times on this message",
	  FALSE, FALSE, 3 },
	{ "end in the reply", server_end_in_reply,
	  UNJUDGED, "closed the connection, 3 times on this message",
	  FALSE, FALSE, 3 },
	{ "first connection ends", server_end_then_good,
	  JUDGED, NULL, FALSE, FALSE, 2 },
	{ "first connection ends, large", server_end_then_good,
	  JUDGED, NULL, FALSE, TRUE, 2 },
	{ "first connection ends in the reply", server_end_in_reply_then_good,
	  JUDGED, NULL, FALSE, FALSE, 2 },
	{ "first connection ends, then silence", server_end_then_silent,
	  UNJUDGED, "closed the connection (timeout 600 msecs)",
	  TRUE, FALSE, 2 },

	{ "silence", server_silent, ABSENT,
	  "does not answer connections (timeout 600 msecs)", TRUE, FALSE, 1 },
	{ "silence after the greeting", server_silent_after_greeting,
	  UNJUDGED, "did not answer in time", TRUE, FALSE, 1 },
	{ "does not read", server_silent_not_reading,
	  UNJUDGED, "did not take the message in time", TRUE, TRUE, 1 },
	{ "silence in the reply", server_silent_in_reply,
	  UNJUDGED, "did not answer in time", TRUE, FALSE, 1 },
	{ "drips", server_drip,
	  UNJUDGED, "did not answer in time", TRUE, FALSE, 1 },
	{ "drips the greeting", server_drip_greeting,
	  ABSENT, "does not answer connections", TRUE, FALSE, 1 },

	/* nothing of ours: whatever the message is */
	{ "oversize greeting", server_oversize_greeting,
	  ABSENT, "too large", FALSE, FALSE, 1 },
	{ "other version", server_other_version,
	  ABSENT, "another protocol version", FALSE, FALSE, 1 },
	{ "other service", server_other_service,
	  ABSENT, "another protocol version", FALSE, FALSE, 1 },
	{ "SMTP", server_smtp, ABSENT, "garbage", FALSE, FALSE, 1 },

	/* a reply that is refused: once more, for a minimal one */
	{ "refused, then minimal", server_good_if_minimal,
	  JUDGED, "garbage in the reply", FALSE, FALSE, 2 },
	{ "oversize line", server_oversize_line,
	  UNJUDGED, "too long", FALSE, FALSE, 2 },
	{ "endless results", server_endless_results,
	  UNJUDGED, "too many results", FALSE, FALSE, 2 },
	{ "one byte of garbage", server_garbage_byte,
	  UNJUDGED, "garbage", FALSE, FALSE, 2 },
	{ "NUL", server_nul, UNJUDGED, "garbage", FALSE, FALSE, 2 },
	{ "8-bit", server_eight_bit, UNJUDGED, "garbage", FALSE, FALSE, 2 },
	{ "CR", server_cr, UNJUDGED, "garbage", FALSE, FALSE, 2 },
	{ "bad value", server_bad_value, UNJUDGED, "RESULT", FALSE, FALSE, 2 },
	{ "incomplete verdict", server_incomplete_verdict,
	  UNJUDGED, "VERDICT is incomplete", FALSE, FALSE, 2 },
	{ "garbage while sending", server_garbage_early,
	  UNJUDGED, "garbage", FALSE, TRUE, 2 },

	{ "FAIL", server_fail,
	  UNJUDGED, "verifier: too many messages at once", FALSE, FALSE, 3 },
	{ "FAIL twice", server_fail_then_good, JUDGED, NULL, FALSE, FALSE, 3 },
	{ "FAIL while sending", server_fail_early,
	  UNJUDGED, "verifier: message too large", FALSE, TRUE, 3 },
	{ "FAIL and end while sending", server_fail_early_and_end,
	  UNJUDGED, "verifier: message too large", FALSE, TRUE, 3 },
	{ "verdict before the request", server_greeting_and_verdict,
	  JUDGED, NULL, FALSE, FALSE, 1 },
};

static unsigned char large_message[LARGE_BYTES];

static struct istream *test_message(bool large)
{
	if (large) {
		return i_stream_create_from_data(large_message,
						 sizeof(large_message));
	}
	return i_stream_create_from_data(TEST_MESSAGE, strlen(TEST_MESSAGE));
}

static void test_verifier_client_one(unsigned int i)
{
	unsigned int timeout_msecs = tests[i].late ?
		TEST_TIMEOUT_MSECS : TEST_LONG_TIMEOUT_MSECS;
	struct verify_request request = test_request(timeout_msecs);
	pool_t pool = pool_alloconly_create("test", 1024);
	enum verifier_client_outcome outcome;
	struct test_server server;
	struct istream *input = test_message(tests[i].large);
	struct verdict verdict;
	const char *error = "";
	uint64_t start_msecs, elapsed_msecs;

	server_start(&server, tests[i].func);
	start_msecs = verifier_client_now_msecs();
	outcome = verifier_client_verify(pool, TEST_SOCKET, NULL, &request,
					 input, &verdict, &error);
	elapsed_msecs = verifier_client_now_msecs() - start_msecs;
	if (tests[i].late) {
		test_assert_idx(elapsed_msecs >=
				timeout_msecs - TEST_EARLY_MSECS, i);
		test_assert_idx(elapsed_msecs <=
				timeout_msecs + TEST_BUSY_MSECS, i);
	} else {
		test_assert_idx(elapsed_msecs < timeout_msecs, i);
	}
	test_assert_idx(outcome == tests[i].outcome, i);
	if (outcome == VERIFIER_CLIENT_VERDICT) {
		test_assert_idx(verdict.dmarc == CHECK_RESULT_PASS, i);
		test_assert_idx(array_count(&verdict.results) == 1, i);
	}
	if (tests[i].error == NULL || error == NULL ||
	    strstr(error, tests[i].error) == NULL)
		test_assert_strcmp_idx(error, tests[i].error, i);
	test_server_stop(&server, tests[i].connections);
	i_stream_unref(&input);
	pool_unref(&pool);
}

static void test_verifier_client_servers(void)
{
	unsigned int i;

	/* a closed connection must not kill us */
	(void)signal(SIGPIPE, SIG_DFL);
	memset(large_message, 'x', sizeof(large_message) - 1);
	large_message[sizeof(large_message) - 1] = '\n';
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		test_begin(t_strdup_printf("verifier client: %s",
					   tests[i].name));
		T_BEGIN {
			test_verifier_client_one(i);
		} T_END;
		test_end();
	}
}

/* A connection that is kept: the first message is judged, then the server does
   this with the second one. n is that of the connection. */

static void server_twice_good(int fd, unsigned int n)
{
	server_good(fd, n);
	server_read_message(fd);
	server_send(fd, RESULT VERDICT);
}

static void server_closes(int fd, unsigned int n)
{
	server_good(fd, n);
}

static void server_ends_on_second(int fd, unsigned int n)
{
	server_good(fd, n);
	if (n == 1)
		server_read_until(fd, "VERIFY");
}

static void server_hangs_on_second(int fd, unsigned int n)
{
	server_good(fd, n);
	if (n == 1)
		server_msleep(30000);
}

static void server_slow_on_second(int fd, unsigned int n)
{
	server_good(fd, n);
	server_read_until(fd, "tell_alive=yes");
	server_send(fd, "ALIVE\n");
	server_read_until(fd, "\n0\n");
	server_msleep(AUTHRES_GREETING_TIMEOUT_MSECS + 300);
	server_send(fd, RESULT VERDICT);
}

static void server_slow_behind_message(int fd, unsigned int n)
{
	server_good(fd, n);
	server_read_message(fd);
	server_send(fd, "ALIVE\n");
	server_msleep(AUTHRES_GREETING_TIMEOUT_MSECS + 300);
	server_send(fd, RESULT VERDICT);
}

static void server_garbage_between(int fd, unsigned int n)
{
	server_send(fd, GREETING);
	server_read_message(fd);
	server_send(fd, RESULT VERDICT RESULT);
	server_msleep(30000);
	(void)n;
}

static void server_garbage_after(int fd, unsigned int n)
{
	server_good(fd, n);
	server_msleep(100);
	server_send(fd, RESULT VERDICT);
	server_msleep(30000);
}

static void server_ends_in_second_reply(int fd, unsigned int n)
{
	server_good(fd, n);
	if (n == 1) {
		server_read_message(fd);
		server_send(fd, RESULT);
	}
}

static void server_alive_then_silent(int fd, unsigned int n)
{
	server_good(fd, n);
	server_read_message(fd);
	server_send(fd, "ALIVE\n");
	server_msleep(30000);
}

static const struct {
	const char *name;
	server_func_t *func;
	bool large;
	enum verifier_client_outcome outcome;
	/* how long the second one takes at least */
	unsigned int min_msecs;
	unsigned int connections;
} kept_tests[] = {
	{ "good twice", server_twice_good, FALSE, JUDGED, 0, 1 },
	{ "good twice, large", server_twice_good, TRUE, JUDGED, 0, 1 },
	{ "closed", server_closes, FALSE, JUDGED, 0, 2 },
	{ "ends on the second message", server_ends_on_second, FALSE,
	  JUDGED, 0, 2 },
	{ "ends on the second message, large", server_ends_on_second, TRUE,
	  JUDGED, 0, 2 },
	{ "hangs", server_hangs_on_second, FALSE,
	  JUDGED, AUTHRES_GREETING_TIMEOUT_MSECS, 2 },
	{ "hangs, large", server_hangs_on_second, TRUE,
	  JUDGED, AUTHRES_GREETING_TIMEOUT_MSECS, 2 },
	{ "slow, but alive", server_slow_behind_message, FALSE,
	  JUDGED, AUTHRES_GREETING_TIMEOUT_MSECS, 1 },
	{ "slow, but alive, large", server_slow_on_second, TRUE,
	  JUDGED, AUTHRES_GREETING_TIMEOUT_MSECS, 1 },
	{ "more than a reply", server_garbage_between, FALSE, JUDGED, 0, 2 },
	{ "a reply that nobody asked for", server_garbage_after, FALSE,
	  JUDGED, 0, 2 },
	{ "ends in the second reply", server_ends_in_second_reply, FALSE,
	  JUDGED, 0, 2 },
	{ "alive, then silent", server_alive_then_silent, FALSE,
	  UNJUDGED, TEST_TIMEOUT_MSECS, 1 },
};

static void
test_kept_verify(unsigned int i, struct verifier_client_connection **kept,
		 enum verifier_client_outcome outcome, unsigned int min_msecs)
{
	struct verify_request request = test_request(
		outcome == JUDGED ? TEST_LONG_TIMEOUT_MSECS :
		TEST_TIMEOUT_MSECS);
	struct istream *input = test_message(kept_tests[i].large);
	struct verdict verdict;
	uint64_t start_msecs = verifier_client_now_msecs(), elapsed_msecs;
	const char *error;

	test_assert_idx(verifier_client_verify(
		pool_datastack_create(), TEST_SOCKET, kept, &request, input,
		&verdict, &error) == outcome, i);
	elapsed_msecs = verifier_client_now_msecs() - start_msecs;
	test_assert_idx(elapsed_msecs + TEST_EARLY_MSECS >= min_msecs, i);
	test_assert_idx(elapsed_msecs < TEST_LONG_TIMEOUT_MSECS, i);
	if (outcome == JUDGED)
		test_assert_idx(verdict.dmarc == CHECK_RESULT_PASS, i);
	i_stream_unref(&input);
}

static void test_verifier_client_kept(void)
{
	struct verifier_client_connection *kept = NULL;
	struct test_server server;
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(kept_tests); i++) {
		test_begin(t_strdup_printf("verifier client kept: %s",
					   kept_tests[i].name));
		server_start(&server, kept_tests[i].func);
		T_BEGIN {
			test_kept_verify(i, &kept, JUDGED, 0);
			/* what comes unasked is there, or it is not seen */
			if (kept_tests[i].func == server_garbage_after)
				server_msleep(300);
			test_kept_verify(i, &kept, kept_tests[i].outcome,
					 kept_tests[i].min_msecs);
		} T_END;
		verifier_client_disconnect(&kept);
		test_assert(kept == NULL);
		test_server_stop(&server, kept_tests[i].connections);
		test_end();
	}
}

/* A connection that hangs is no reason to wait for it alone. */
static void test_verifier_client_second_greeting(void)
{
	struct verify_request request = test_request(10000);
	struct test_server server;
	struct istream *input = test_message(FALSE);
	struct verdict verdict;
	const char *error;
	uint64_t start_msecs, elapsed_msecs;

	test_begin("verifier client: another process greets");
	server_start(&server, server_silent_then_good);
	start_msecs = verifier_client_now_msecs();
	test_assert(verifier_client_verify(
		pool_datastack_create(), TEST_SOCKET, NULL, &request, input,
		&verdict, &error) == VERIFIER_CLIENT_VERDICT);
	elapsed_msecs = verifier_client_now_msecs() - start_msecs;
	test_assert_cmp(elapsed_msecs, >=, AUTHRES_GREETING_TIMEOUT_MSECS);
	test_assert_cmp(elapsed_msecs, <, 10000);
	test_server_stop(&server, 2);
	i_stream_unref(&input);
	test_end();
}

/* It comes back before the deadline. */
static void test_verifier_client_refused_then_good(void)
{
	struct verify_request request = test_request(10000);
	struct test_server server;
	struct istream *input = test_message(FALSE);
	struct verdict verdict;
	const char *error;
	unsigned int connections = 0;
	pid_t pid;
	int fd;

	test_begin("verifier client: refused, then there");
	i_unlink_if_exists(TEST_SOCKET);
	fd = net_listen_unix(TEST_SOCKET, 1);
	i_close_fd(&fd);
	if ((pid = fork()) == 0) {
		server_msleep(300);
		i_unlink(TEST_SOCKET);
		fd = net_listen_unix(TEST_SOCKET, 1);
		net_set_nonblock(fd, FALSE);
		server.connections = &connections;
		server_run(&server, fd, server_good);
	}
	test_assert(verifier_client_verify(
		pool_datastack_create(), TEST_SOCKET, NULL, &request, input,
		&verdict, &error) == VERIFIER_CLIENT_VERDICT);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	i_unlink(TEST_SOCKET);
	i_stream_unref(&input);
	test_end();
}

static void test_verifier_client_nobody(void)
{
	static const char *const paths[] = {
		TEST_SOCKET, "/", "", ".test-verifier-client/none",
	};
	struct verify_request request = test_request(TEST_TIMEOUT_MSECS);
	struct istream *input = test_message(FALSE);
	struct verdict verdict;
	const char *error;
	uint64_t start_msecs = verifier_client_now_msecs();
	unsigned int i;
	int fd;

	test_begin("verifier client: nobody there");
	i_unlink_if_exists(TEST_SOCKET);
	for (i = 0; i < N_ELEMENTS(paths); i++) {
		error = "";
		test_assert_idx(verifier_client_verify(
			pool_datastack_create(), paths[i], NULL, &request,
			input,
			&verdict, &error) == VERIFIER_CLIENT_ABSENT, i);
		test_assert_idx(str_has_prefix(error, "connect("), i);
	}
	/* a path that cannot be one */
	error = "";
	test_assert(verifier_client_verify(
		pool_datastack_create(), t_strdup_printf("/%0200d", 1),
		NULL, &request, input, &verdict,
		&error) == VERIFIER_CLIENT_ABSENT);
	test_assert(*error != '\0');
	/* a socket nobody listens to any more */
	fd = net_listen_unix(TEST_SOCKET, 1);
	i_close_fd(&fd);
	error = "";
	test_assert(verifier_client_verify(
		pool_datastack_create(), TEST_SOCKET, NULL, &request, input,
		&verdict, &error) == VERIFIER_CLIENT_ABSENT);
	test_assert(strstr(error, "Connection refused") != NULL);
	i_unlink(TEST_SOCKET);
	test_assert_cmp(verifier_client_now_msecs() - start_msecs, <,
			(N_ELEMENTS(paths) + 2) * TEST_TIMEOUT_MSECS +
			TEST_BUSY_MSECS);
	i_stream_unref(&input);
	test_end();
}

/* Nobody accepts, and the queue of connections is full. */
static void test_verifier_client_full_queue(void)
{
	struct verify_request request = test_request(TEST_TIMEOUT_MSECS);
	struct istream *input = test_message(FALSE);
	struct verdict verdict;
	const char *error = "";
	int listen_fd, fds[8];
	uint64_t start_msecs, elapsed_msecs;
	unsigned int i;

	test_begin("verifier client: queue of connections is full");
	i_unlink_if_exists(TEST_SOCKET);
	listen_fd = net_listen_unix(TEST_SOCKET, 1);
	for (i = 0; i < N_ELEMENTS(fds); i++)
		fds[i] = net_connect_unix(TEST_SOCKET);
	start_msecs = verifier_client_now_msecs();
	test_assert(verifier_client_verify(
		pool_datastack_create(), TEST_SOCKET, NULL, &request, input,
		&verdict, &error) == VERIFIER_CLIENT_ABSENT);
	elapsed_msecs = verifier_client_now_msecs() - start_msecs;
	test_assert_cmp(elapsed_msecs, >=, TEST_TIMEOUT_MSECS);
	test_assert_cmp(elapsed_msecs, <=,
			TEST_TIMEOUT_MSECS + TEST_BUSY_MSECS);
	test_assert(strstr(error, "timeout 600 msecs") != NULL);
	for (i = 0; i < N_ELEMENTS(fds); i++) {
		if (fds[i] != -1)
			i_close_fd(&fds[i]);
	}
	i_close_fd(&listen_fd);
	i_unlink(TEST_SOCKET);
	i_stream_unref(&input);
	test_end();
}

static void server_status(int fd, unsigned int n ATTR_UNUSED)
{
	server_send(fd, GREETING);
	server_read_until(fd, "\nSTATUS\n");
	server_send(fd, "STATUS\tversion=0.1.0\tpid=7\n");
}

static void test_verifier_client_status(void)
{
	static const struct {
		server_func_t *func;
		const char *error;
	} status_tests[] = {
		{ server_status, NULL },
		{ server_fail_early, "did not answer in time" },
		{ server_end_after_greeting, "verifier" },
		{ server_silent, "does not answer connections" },
		{ server_greeting_and_verdict, "garbage" },
	};
	const char *const *args, *error;
	unsigned int i;

	test_begin("verifier client: status");
	for (i = 0; i < N_ELEMENTS(status_tests); i++) {
		struct test_server server;
		int ret;

		server_start(&server, status_tests[i].func);
		error = "";
		ret = verifier_client_status(pool_datastack_create(),
					     TEST_SOCKET, 200, &args, &error);
		if (status_tests[i].error == NULL) {
			test_assert_strcmp_idx(error, "", i);
			test_assert_idx(ret == 0, i);
			if (ret == 0)
				test_assert_strcmp_idx(
					t_strarray_join(args, " "),
					"version=0.1.0 pid=7", i);
		} else {
			test_assert_idx(ret == -1, i);
			test_assert_idx(strstr(error, status_tests[i].error)
					!= NULL, i);
		}
		test_server_stop(&server, 1);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_verifier_client_servers,
		test_verifier_client_kept,
		test_verifier_client_second_greeting,
		test_verifier_client_refused_then_good,
		test_verifier_client_nobody,
		test_verifier_client_full_queue,
		test_verifier_client_status,
		NULL
	};
	return test_run(test_functions);
}
