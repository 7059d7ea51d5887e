/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "istream.h"
#include "llist.h"
#include "net.h"
#include "ostream.h"
#include "str.h"
#include "strescape.h"
#include "authres-limits.h"
#include "str-prefix.h"
#include "verifier-listeners.h"
#include "failure-record.h"
#include "failure-spool.h"
#include "recorder.h"
#include "recorder-connection.h"

#define FAILURE_ERROR_SECS 60

struct recorder_connection {
	struct recorder_connection *prev, *next;
	struct recorder *recorder;
	struct failure_spool *failures;
	struct istream *input;
	struct ostream *output;
	struct io *io;
	void (*closed)(void);
	/* of a local user who is not believed, with the time to say a line */
	bool stranger;
	uid_t uid;
	struct timeout *to;
};

static struct recorder_connection *connections;

static void connection_close(struct recorder_connection *conn)
{
	DLLIST_REMOVE(&connections, conn);
	recorder_abandon(conn->recorder, conn);
	timeout_remove(&conn->to);
	io_remove(&conn->io);
	i_stream_destroy(&conn->input);
	o_stream_destroy(&conn->output);
	conn->closed();
	i_free(conn);
}

static void send_status(void *context)
{
	struct recorder_connection *conn = context;
	struct recorder_status status;

	recorder_get_status(conn->recorder, &status);
	o_stream_nsend_str(conn->output, t_strdup_printf(
		"STATUS\twaiting_bytes=%"PRIu64"\ttaken=%"PRIu64
		"\tstored=%"PRIu64"\tlost=%"PRIu64"%s%s\n",
		status.waiting_bytes, status.taken, status.stored, status.lost,
		status.error == NULL ? "" : "\terror=",
		status.error == NULL ? "" : str_tabescape(status.error)));
}

/* Nobody must fill the log. */
static void tell_failure_error(const char *error)
{
	static time_t told;

	if (ioloop_time - told < FAILURE_ERROR_SECS)
		return;
	told = ioloop_time;
	i_error("authres_failure_reports: %s - the message has no failure "
		"report", error);
}

static int add_failure(struct recorder_connection *conn, const char *line)
{
	const char *error;
	int ret;

	if (conn->failures == NULL)
		return 0;
	ret = failure_spool_add(conn->failures, line, ioloop_time, &error);
	if (error != NULL)
		tell_failure_error(error);
	return ret < 0 ? -1 : 0;
}

static int handle_line(struct recorder_connection *conn, const char *line)
{
	if (conn->stranger) {
		(void)recorder_add_taken_back(conn->recorder, conn->uid, line);
		return -1;
	}
	if (strcmp(line, "STATUS") == 0)
		send_status(conn);
	else if (strcmp(line, "FLUSH") == 0)
		recorder_flush(conn->recorder, send_status, conn);
	else if (str_has_prefix(line, FAILURE_RECORD_WORD"\t"))
		return add_failure(conn, line);
	else
		return recorder_add(conn->recorder, line);
	return 0;
}

static void connection_input(struct recorder_connection *conn)
{
	const char *line;
	ssize_t size = i_stream_read(conn->input);
	int ret = 0;

	while (ret == 0 &&
	       (line = i_stream_next_line(conn->input)) != NULL) T_BEGIN {
		ret = handle_line(conn, line);
	} T_END;
	if (ret < 0 || size == -1 || size == -2)
		connection_close(conn);
}

/* The oldest connection of strangers, or of one of them, if there are max. */
static struct recorder_connection *
strangers_oldest(const uid_t *uid, unsigned int max)
{
	struct recorder_connection *conn, *oldest = NULL;
	unsigned int count = 0;

	/* new ones are put in front */
	for (conn = connections; conn != NULL; conn = conn->next) {
		if (conn->stranger && (uid == NULL || conn->uid == *uid)) {
			oldest = conn;
			count++;
		}
	}
	return count < max ? NULL : oldest;
}

static void stranger_init(struct recorder_connection *conn, int fd)
{
	struct recorder_connection *oldest;
	struct net_unix_cred cred;

	conn->uid = net_getunixcred(fd, &cred) < 0 ? (uid_t)-1 : cred.uid;
	oldest = strangers_oldest(&conn->uid,
				  AUTHRES_MAX_TAKEN_BACK_USER_CONNECTIONS);
	if (oldest == NULL) {
		oldest = strangers_oldest(NULL,
					  AUTHRES_MAX_TAKEN_BACK_CONNECTIONS);
	}
	if (oldest != NULL)
		connection_close(oldest);
	conn->stranger = TRUE;
	conn->to = timeout_add(AUTHRES_TAKEN_BACK_TIMEOUT_MSECS,
			       connection_close, conn);
}

void recorder_connection_create(struct recorder *recorder,
				struct failure_spool *failures, int fd,
				const char *listener, void (*closed)(void))
{
	struct recorder_connection *conn = i_new(struct recorder_connection, 1);

	if (strcmp(listener, AUTHRES_HISTORY_LISTENER) != 0)
		stranger_init(conn, fd);
	conn->recorder = recorder;
	conn->failures = failures;
	conn->closed = closed;
	conn->input = i_stream_create_fd_autoclose(
		&fd, AUTHRES_MAX_HISTORY_ROW_BYTES + 1);
	conn->output = o_stream_create_fd(i_stream_get_fd(conn->input), 4096);
	o_stream_set_no_error_handling(conn->output, TRUE);
	conn->io = io_add_istream(conn->input, connection_input, conn);
	DLLIST_PREPEND(&connections, conn);
	connection_input(conn);
}

void recorder_connections_close(void)
{
	while (connections != NULL)
		connection_close(connections);
}
