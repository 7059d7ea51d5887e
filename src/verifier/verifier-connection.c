/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "istream.h"
#include "ostream.h"
#include "str.h"
#include "strescape.h"
#include "hostpid.h"
#include "connection.h"
#include "master-service.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "version-line.h"
#include "evaluation.h"
#include "ingress-watch.h"
#include "verifier-watchdog.h"
#include "waiting-messages.h"
#include "known-answers.h"
#include "verifier-load.h"
#include "verifier-connection.h"

#include <ctype.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>

/* A line must fit, and a message goes through in pieces of this size. */
#define VERIFIER_INPUT_MAX_BYTES (32 * 1024)
#define VERIFIER_FAIL_MAX_BYTES 200
/* When a command that came with another is done. A timeout of 0 would be called
   again in the same turn of the ioloop. */
#define VERIFIER_TURN_MSECS 1
/* so many connections are kept for the next message */
#define KEPT_PART 2

static void verifier_connection_request_end(struct verifier_connection *conn)
{
	if (conn->request_pool == NULL)
		return;
	if (conn->evaluation != NULL ||
	    conn->state == VERIFIER_STATE_WAITING)
		verifier_load_forget(conn);
	timeout_remove(&conn->to_alive);
	evaluation_deinit(&conn->evaluation);
	pool_unref(&conn->request_pool);
}

static void verifier_connection_destroy(struct connection *_conn)
{
	struct verifier_connection *conn =
		container_of(_conn, struct verifier_connection, conn);
	struct verifier *verifier = conn->verifier;

	verifier_connection_request_end(conn);
	timeout_remove(&conn->to);
	timeout_remove(&conn->to_turn);
	connection_deinit(&conn->conn);
	i_free(conn);
	if (verifier->connections->connections_count == 0)
		verifier_watchdog_deinit(&verifier->watchdog);
	if (verifier->set.connection_destroyed != NULL)
		verifier->set.connection_destroyed();
}

static void
verifier_connection_fail(struct verifier_connection *conn, const char *reason)
{
	string_t *line = t_str_new(128);

	if (conn->state == VERIFIER_STATE_FAILED)
		return;
	conn->verifier->failure_count++;
	if (conn->evaluation != NULL &&
	    evaluation_cut(conn->evaluation, reason)) {
		conn->state = VERIFIER_STATE_FAILED;
		connection_input_halt(&conn->conn);
		return;
	}
	str_append(line, "FAIL\t");
	for (; *reason != '\0' && str_len(line) < VERIFIER_FAIL_MAX_BYTES;
	     reason++) {
		str_append_c(line, (unsigned char)*reason < 0x20 ||
			     (unsigned char)*reason > 0x7e ? '?' : *reason);
	}
	str_append_c(line, '\n');
	o_stream_nsend(conn->conn.output, str_data(line), str_len(line));
	verifier_connection_destroy(&conn->conn);
}

static void verifier_connection_disconnect(struct verifier_connection *conn)
{
	verifier_connection_destroy(&conn->conn);
}

/* From now on the client has so long to come to its next request. A stranger's
   first line is there at once, or it only holds the connection. */
static void verifier_connection_expect(struct verifier_connection *conn)
{
	timeout_remove(&conn->to);
	conn->to = timeout_add(conn->state == VERIFIER_STATE_VERSION &&
			       !conn->trusted ?
			       AUTHRES_STRANGER_LINE_TIMEOUT_MSECS :
			       AUTHRES_IDLE_TIMEOUT_MSECS,
			       verifier_connection_disconnect, conn);
}

static void
verifier_connection_watch(struct verifier_connection *conn,
			  const struct verdict *verdict)
{
	struct timespec ts;
	const char *warning;

	/* a stranger must not choose what the administrator is told */
	if (conn->request.protocol == VERIFY_PROTOCOL_DOVEADM ||
	    !conn->trusted || clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		return;
	warning = ingress_watch_add(conn->verifier->ingress_watch, verdict,
				    evaluation_get_identity(conn->evaluation),
				    ts.tv_sec);
	if (warning != NULL)
		i_warning("%s", warning);
}

/* A question of doveadm's makes nobody wait. */
static bool
verifier_connection_may_wait(struct verifier_connection *conn,
			     const struct verdict *verdict)
{
	struct waiting_messages *waiting = conn->verifier->set.waiting;

	if (!verdict->may_wait ||
	    conn->request.protocol == VERIFY_PROTOCOL_DOVEADM)
		return verdict->may_wait;
	return waiting != NULL &&
		waiting_messages_admit(waiting,
			evaluation_message_number(conn->evaluation),
			conn->trusted, time(NULL));
}

/* A client may keep its connection for the next message, as long as there is
   room for others. */
static bool verifier_connection_is_kept(const struct verifier_connection *conn)
{
	const struct verifier *verifier = conn->verifier;

	return conn->state != VERIFIER_STATE_FAILED && !verifier->stopping &&
		verifier->connections->connections_count <=
			I_MAX(verifier->set.client_limit / KEPT_PART, 1);
}

static void verifier_connection_tell_alive(struct verifier_connection *conn)
{
	timeout_remove(&conn->to_alive);
	o_stream_nsend_str(conn->conn.output, VERDICT_WIRE_ALIVE);
}

static void
verifier_connection_verdict(const struct verdict *verdict, void *context)
{
	struct verifier_connection *conn = context;

	if (verdict->unjudged) {
		verifier_connection_fail(conn,
					 "the header did not arrive in time");
		return;
	}
	T_BEGIN {
		string_t *reply = t_str_new(1024);
		struct verdict told = *verdict;

		told.may_wait = verifier_connection_may_wait(conn, verdict);
		/* They would tell a stranger what others get mail from. */
		if (!conn->trusted) {
			told.dns_cached = 0;
			told.dns_waves = 0;
			told.dns_wait_msecs = 0;
			told.cpu_usecs = 0;
		}
		if (conn->request.history && !conn->request.minimal) {
			told.history.message_number =
				evaluation_message_number(conn->evaluation);
			verdict_history_encode(&told.history, reply);
		}
		if (conn->request.minimal)
			verdict_encode_minimal(&told, reply);
		else
			verdict_encode(&told, reply);
		o_stream_nsend(conn->conn.output,
			       str_data(reply), str_len(reply));
		verifier_connection_watch(conn, verdict);
	} T_END;
	verifier_connection_request_end(conn);
	conn->verdict_count++;
	if (!verifier_connection_is_kept(conn)) {
		verifier_connection_destroy(&conn->conn);
		return;
	}
	verifier_connection_expect(conn);
	/* The verdict may come before the end of the message, when that takes
	   too long. The rest is read and thrown away. */
	if (conn->state == VERIFIER_STATE_ANSWERING)
		conn->state = VERIFIER_STATE_COMMAND;
}

/* For who may know: it tells how much mail there is. */
static void verifier_connection_append_load(struct verifier_connection *conn,
					    string_t *line)
{
	struct verifier *verifier = conn->verifier;
	struct known_answers *known = verifier->set.evaluation->known_answers;
	unsigned int taken, places;

	str_printfa(line, "\tuptime_secs=%"PRIu64,
		    (uint64_t)I_MAX(ioloop_time - verifier->start_time, 0));
	str_printfa(line, "\tconnections=%u",
		    verifier->connections->connections_count);
	str_printfa(line, "\tclient_limit=%u", verifier->set.client_limit);
	str_printfa(line, "\tactive=%u", verifier->active_count);
	str_printfa(line, "\twaiting=%u", verifier->waiting_count);
	str_printfa(line, "\trequests=%"PRIu64, verifier->request_count);
	str_printfa(line, "\tfailures=%"PRIu64, verifier->failure_count);
	str_printfa(line, "\twaited=%"PRIu64, verifier->wait_count);
	str_printfa(line, "\tmemory_bytes=%zu", verifier_load_bytes(verifier));
	str_printfa(line, "\tmax_memory_bytes=%zu", verifier->set.max_bytes);
	if (known != NULL) {
		known_answers_usage(known, &taken, &places);
		str_printfa(line, "\tknown_answers=%u", taken);
		str_printfa(line, "\tmax_known_answers=%u", places);
	}
}

/* What comes in, for "doveadm authres config". */
static void
verifier_connection_append_mail(struct verifier_connection *conn,
				string_t *line)
{
	struct ingress_counts counts;
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		return;
	ingress_watch_get(conn->verifier->ingress_watch, ts.tv_sec, &counts);
	str_printfa(line, "\tmail=%u", counts.messages);
	str_printfa(line, "\tmail_unknown=%u", counts.unknown);
	str_printfa(line, "\tmail_local=%u", counts.local);
	str_printfa(line, "\tmail_inside=%u", counts.inside);
	str_printfa(line, "\tmail_srs=%u", counts.srs);
	str_append(line, "\tmail_srs_domain=");
	str_append_tabescaped(line, counts.srs_domain);
	str_append(line, "\tmail_unknown_reason=");
	str_append_tabescaped(line, counts.unknown_reason);
	if (counts.relay_ip.family != 0) {
		str_printfa(line, "\tmail_relay=%u", counts.relay);
		str_printfa(line, "\tmail_relay_ip=%s",
			    net_ip2addr(&counts.relay_ip));
	}
}

static void verifier_connection_status(struct verifier_connection *conn)
{
	struct verifier *verifier = conn->verifier;
	string_t *line = t_str_new(256);

	str_append(line, "STATUS\tversion="AUTHRES_VERSION);
	str_printfa(line, "\tpid=%s", my_pid);
	str_printfa(line, "\tuid=%s", dec2str(geteuid()));
	str_printfa(line, "\tchroot=%s",
		    verifier->set.chrooted ? "yes" : "no");
	str_printfa(line, "\tsandbox=%s",
		    verifier->set.sandbox.limits ? "yes" : "no");
	str_printfa(line, "\tseccomp=%s",
		    verifier->set.sandbox.seccomp ? "yes" : "no");
	str_printfa(line, "\tlandlock=%s",
		    verifier->set.sandbox.landlock ? "yes" : "no");
	if (conn->trusted) {
		verifier_connection_append_load(conn, line);
		verifier_connection_append_mail(conn, line);
	}
	str_append_c(line, '\n');
	o_stream_nsend(conn->conn.output, str_data(line), str_len(line));
}

static void verifier_connection_admit(struct verifier_connection *conn)
{
	struct verifier *verifier = conn->verifier;

	timeout_remove(&conn->to);
	conn->state = VERIFIER_STATE_CHUNK_SIZE;
	conn->evaluation = evaluation_init(verifier->set.evaluation,
					   &conn->request,
					   verifier->set.resolver,
					   verifier_connection_verdict, conn);
}

/* The functions that read return 1 if they consumed something, 0 if they need
   more input, -1 if conn was freed or is not read from any more. */

static int
verifier_connection_verify(struct verifier_connection *conn,
			   const char *const *args)
{
	const char *error;

	conn->request_pool = pool_alloconly_create("verify request", 1024);
	if (verify_request_decode(conn->request_pool, args, &conn->request,
				  &error) < 0) {
		verifier_connection_fail(conn, error);
		return -1;
	}
	conn->request.timeout_msecs = I_MIN(conn->request.timeout_msecs,
					    AUTHRES_MAX_VERIFY_MSECS);
	timeout_remove(&conn->to);
	if (conn->request.tell_alive) {
		conn->to_alive = timeout_add_short(
			AUTHRES_ALIVE_MSECS, verifier_connection_tell_alive,
			conn);
	}
	verifier_load_request(conn);
	return 1;
}

static int
verifier_connection_line(struct verifier_connection *conn, const char *line)
{
	const char *const *args;

	if (conn->state == VERIFIER_STATE_VERSION) {
		if (!version_string_verify(line, VERDICT_WIRE_SERVICE,
					   VERDICT_WIRE_MAJOR_VERSION)) {
			verifier_connection_fail(conn,
						 "wrong protocol version");
			return -1;
		}
		conn->state = VERIFIER_STATE_COMMAND;
		verifier_connection_expect(conn);
		return 1;
	}
	if (o_stream_get_buffer_used_size(conn->conn.output) > 0) {
		/* who does not read cannot make us collect replies */
		verifier_connection_fail(conn, "one request at a time");
		return -1;
	}
	args = t_strsplit_tabescaped(line);
	if (args[0] == NULL)
		;
	else if (strcmp(args[0], "VERIFY") == 0)
		return verifier_connection_verify(conn, args + 1);
	else if (strcmp(args[0], "STATUS") == 0 && args[1] == NULL) {
		verifier_connection_status(conn);
		if (conn->conn.output->stream_errno != 0) {
			/* nobody is there to read what it asked for */
			verifier_connection_disconnect(conn);
			return -1;
		}
		verifier_connection_expect(conn);
		conn->command_done = TRUE;
		return 1;
	}
	verifier_connection_fail(conn, "unknown command");
	return -1;
}

static int verifier_connection_read_line(struct verifier_connection *conn)
{
	const unsigned char *data, *lf;
	size_t size;
	int ret;

	data = i_stream_get_data(conn->conn.input, &size);
	size = I_MIN(size, AUTHRES_MAX_PROTOCOL_LINE_BYTES);
	lf = size == 0 ? NULL : memchr(data, '\n', size);
	if (lf != NULL)
		size = lf - data;
	if (size > 0 && memchr(data, '\0', size) != NULL) {
		verifier_connection_fail(conn, "line with NUL");
		return -1;
	}
	if (lf == NULL) {
		if (size < AUTHRES_MAX_PROTOCOL_LINE_BYTES)
			return 0;
		verifier_connection_fail(conn, "line too long");
		return -1;
	}
	T_BEGIN {
		const char *line = t_strndup(data, size);

		i_stream_skip(conn->conn.input, size + 1);
		ret = verifier_connection_line(conn, line);
	} T_END;
	return ret;
}

static int verifier_connection_message_end(struct verifier_connection *conn)
{
	if (conn->evaluation == NULL) {
		/* it has its answer already */
		conn->state = VERIFIER_STATE_COMMAND;
	} else {
		conn->state = VERIFIER_STATE_ANSWERING;
		evaluation_finish(conn->evaluation);
	}
	conn->command_done = conn->state == VERIFIER_STATE_COMMAND;
	return 1;
}

/* "<bytes>\n" */
static int verifier_connection_read_chunk_size(struct verifier_connection *conn)
{
	const unsigned char *data;
	size_t i, size, chunk_bytes = 0;

	data = i_stream_get_data(conn->conn.input, &size);
	for (i = 0; i < size && i_isdigit(data[i]); i++) {
		chunk_bytes = chunk_bytes * 10 + (data[i] - '0');
		/* also keeps it from overflowing */
		if (chunk_bytes > AUTHRES_MAX_CHUNK_BYTES)
			break;
	}
	if (i == size && chunk_bytes <= AUTHRES_MAX_CHUNK_BYTES &&
	    size < MAX_INT_STRLEN)
		return 0;
	if (i == 0 || i == size || data[i] != '\n' ||
	    (data[0] == '0' && i > 1)) {
		verifier_connection_fail(conn, "bad chunk size");
		return -1;
	}
	i_stream_skip(conn->conn.input, i + 1);
	if (chunk_bytes == 0)
		return verifier_connection_message_end(conn);
	conn->chunk_left_bytes = chunk_bytes;
	conn->state = VERIFIER_STATE_CHUNK_DATA;
	return 1;
}

static int verifier_connection_read_chunk_data(struct verifier_connection *conn)
{
	const unsigned char *data;
	size_t size;

	data = i_stream_get_data(conn->conn.input, &size);
	size = I_MIN(size, conn->chunk_left_bytes);
	if (size == 0)
		return 0;
	if (conn->evaluation != NULL)
		evaluation_more(conn->evaluation, data, size);
	i_stream_skip(conn->conn.input, size);
	conn->chunk_left_bytes -= size;
	if (conn->chunk_left_bytes == 0)
		conn->state = VERIFIER_STATE_CHUNK_SIZE;
	return 1;
}

/* Straight from the socket, in larger pieces than the stream has. */
static void verifier_connection_receive(struct verifier_connection *conn)
{
	unsigned char *chunk = conn->verifier->chunk;
	ssize_t size;

	size = recv(conn->conn.fd_in, chunk, conn->chunk_left_bytes, 0);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0) {
		verifier_connection_destroy(&conn->conn);
		return;
	}
	if (conn->evaluation != NULL)
		evaluation_more(conn->evaluation, chunk, size);
	conn->chunk_left_bytes -= size;
	if (conn->chunk_left_bytes == 0)
		conn->state = VERIFIER_STATE_CHUNK_SIZE;
}

static int verifier_connection_read(struct verifier_connection *conn)
{
	switch (conn->state) {
	case VERIFIER_STATE_VERSION:
	case VERIFIER_STATE_COMMAND:
		return verifier_connection_read_line(conn);
	case VERIFIER_STATE_WAITING:
	case VERIFIER_STATE_FAILED:
		return 0;
	case VERIFIER_STATE_CHUNK_SIZE:
		return verifier_connection_read_chunk_size(conn);
	case VERIFIER_STATE_CHUNK_DATA:
		return verifier_connection_read_chunk_data(conn);
	case VERIFIER_STATE_ANSWERING:
		if (i_stream_get_data_size(conn->conn.input) == 0)
			return 0;
		verifier_connection_fail(conn, "one request at a time");
		return -1;
	}
	i_unreached();
}

static void verifier_connection_input(struct connection *_conn);

static void verifier_connection_turn(struct verifier_connection *conn)
{
	verifier_connection_input(&conn->conn);
}

static void verifier_connection_input(struct connection *_conn)
{
	struct verifier_connection *conn =
		container_of(_conn, struct verifier_connection, conn);
	int ret;

	/* One read and one command per turn of the ioloop: all clients get
	   their share, and the watchdog its turns. What the last turn left is
	   there, too, and so it is after a request had to wait. */
	if (conn->state == VERIFIER_STATE_CHUNK_DATA &&
	    i_stream_get_data_size(conn->conn.input) == 0) {
		verifier_connection_receive(conn);
		return;
	}
	if (i_stream_read(conn->conn.input) == -1 &&
	    i_stream_get_data_size(conn->conn.input) == 0) {
		verifier_connection_destroy(&conn->conn);
		return;
	}
	timeout_remove(&conn->to_turn);
	conn->command_done = FALSE;
	while ((ret = verifier_connection_read(conn)) > 0 &&
	       !conn->command_done) ;
	if (ret > 0) {
		conn->to_turn = timeout_add_short(
			VERIFIER_TURN_MSECS, verifier_connection_turn, conn);
	} else if (ret == 0 && conn->conn.input->eof &&
		   conn->state != VERIFIER_STATE_WAITING)
		verifier_connection_destroy(&conn->conn);
}

static const struct connection_settings verifier_connection_set = {
	.service_name_in = VERDICT_WIRE_SERVICE,
	.service_name_out = VERDICT_WIRE_SERVICE,
	.major_version = VERDICT_WIRE_MAJOR_VERSION,
	.minor_version = VERDICT_WIRE_MINOR_VERSION,
	.input_max_size = VERIFIER_INPUT_MAX_BYTES,
	.output_max_size = SIZE_MAX,
	.client = FALSE
};

static const struct connection_vfuncs verifier_connection_vfuncs = {
	.destroy = verifier_connection_destroy,
	.input = verifier_connection_input
};

const struct verifier_protocol verifier_protocol = {
	.admit = verifier_connection_admit,
	.fail = verifier_connection_fail,
	.disconnect = verifier_connection_disconnect
};

struct connection_list *verifier_connections_init(void)
{
	return connection_list_init(&verifier_connection_set,
				    &verifier_connection_vfuncs);
}

void verifier_connection_init(struct verifier *verifier, int fd,
			      const char *listener, uid_t uid, bool trusted)
{
	struct verifier_connection *conn = i_new(struct verifier_connection, 1);

	conn->verifier = verifier;
	conn->peer_uid = uid;
	conn->trusted = trusted;
	connection_init_server(verifier->connections, &conn->conn, listener,
			       fd, fd);
	verifier_connection_expect(conn);
}
