/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "fd-util.h"
#include "net.h"
#include "str.h"
#include "authres-limits.h"
#include "connect-as-root.h"
#include "master-end.h"
#include "verdict-wire.h"
#include "verifier-listeners.h"
#include "verifier-client-connection-private.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>

#define READ_SIZE 8192

uint64_t verifier_client_now_msecs(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		i_fatal("clock_gettime(CLOCK_MONOTONIC) failed: %m");
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Returns the events that are ready, 0 = the deadline is over, or this process
   is to end (master-end.h): nobody waits for its verdict then. */
static short
connection_poll(struct verifier_client_connection *conn, short events)
{
	/* poll() leaves out what is -1 */
	struct pollfd pfds[] = {
		{ .fd = conn->fd, .events = events },
		{ .fd = master_end_fd(), .events = POLLIN }
	};
	uint64_t now, deadline_msecs = conn->deadline_msecs;
	int ret;

	if (conn->alive_deadline_msecs != 0) {
		deadline_msecs = I_MIN(deadline_msecs,
				       conn->alive_deadline_msecs);
	}
	while ((now = verifier_client_now_msecs()) < deadline_msecs) {
		ret = poll(pfds, N_ELEMENTS(pfds),
			   I_MIN(deadline_msecs - now, INT_MAX));
		if (ret > 0)
			return pfds[0].revents;
		if (ret < 0 && errno != EINTR)
			i_fatal("poll() failed: %m");
	}
	return 0;
}

/* Nothing came in time. */
static enum verifier_client_ret
connection_late(const struct verifier_client_connection *conn,
		const char *error, const char **error_r)
{
	if (conn->alive_deadline_msecs != 0 &&
	    conn->alive_deadline_msecs < conn->deadline_msecs) {
		*error_r = "verifier is silent on a connection that was kept";
		return VERIFIER_CLIENT_ENDED;
	}
	*error_r = error;
	return VERIFIER_CLIENT_TIMEOUT;
}

/* A line that only says that somebody is there. */
static void connection_skip_alive(struct verifier_client_connection *conn)
{
	static const char line[] = VERDICT_WIRE_ALIVE;
	size_t size = conn->input->used - conn->offset;

	if (conn->alive_deadline_msecs == 0 || size == 0)
		return;
	conn->alive_deadline_msecs = 0;
	if (size >= strlen(line) &&
	    memcmp(CONST_PTR_OFFSET(conn->input->data, conn->offset), line,
		   strlen(line)) == 0)
		conn->offset += strlen(line);
}

enum verifier_client_ret
verifier_client_connection_read(struct verifier_client_connection *conn,
				const char **error_r)
{
	void *data;
	ssize_t ret;

	if (conn->eof) {
		*error_r = "verifier closed the connection";
		return VERIFIER_CLIENT_ENDED;
	}
	if (conn->input->used >= AUTHRES_MAX_REPLY_BYTES) {
		*error_r = "verifier's reply is too large";
		return VERIFIER_CLIENT_ERROR;
	}
	data = buffer_get_space_unsafe(conn->input, conn->input->used,
				       READ_SIZE);
	ret = recv(conn->fd, data, READ_SIZE, MSG_DONTWAIT);
	buffer_set_used_size(conn->input, conn->input->used - READ_SIZE +
			     I_MAX(ret, 0));
	if (ret > 0)
		connection_skip_alive(conn);
	if (ret > 0 || (ret < 0 && (errno == EAGAIN || errno == EINTR)))
		return VERIFIER_CLIENT_OK;
	conn->eof = TRUE;
	*error_r = ret == 0 ? "verifier closed the connection" :
		t_strdup_printf("read from verifier failed: %m");
	return VERIFIER_CLIENT_ENDED;
}

int verifier_client_connection_next_line(
	struct verifier_client_connection *conn, const char *const *words,
	const char **line_r, const char **error_r)
{
	const unsigned char *line, *lf;
	size_t size;

	line = CONST_PTR_OFFSET(conn->input->data, conn->offset);
	size = conn->input->used - conn->offset;
	lf = size == 0 ? NULL :
		memchr(line + conn->checked, '\n', size - conn->checked);
	if (lf != NULL)
		size = lf - line;
	if (!verdict_wire_line_is_valid(line, size, words, &conn->checked)) {
		*error_r = "verifier sent garbage";
		return -1;
	}
	if (lf == NULL)
		return 0;
	*line_r = t_strndup(line, size);
	conn->offset += size + 1;
	conn->checked = 0;
	return 1;
}

/* Wait for more bytes. */
static enum verifier_client_ret
connection_wait(struct verifier_client_connection *conn, const char **error_r)
{
	if (!conn->eof && connection_poll(conn, POLLIN) == 0) {
		return connection_late(conn, "verifier did not answer in time",
				       error_r);
	}
	return verifier_client_connection_read(conn, error_r);
}

enum verifier_client_ret
verifier_client_read_line(struct verifier_client_connection *conn,
			  const char *const *words, const char **line_r,
			  const char **error_r)
{
	enum verifier_client_ret ret;
	int found;

	while ((found = verifier_client_connection_next_line(
			conn, words, line_r, error_r)) == 0) {
		ret = connection_wait(conn, error_r);
		if (ret != VERIFIER_CLIENT_OK)
			return ret;
	}
	return found > 0 ? VERIFIER_CLIENT_OK : VERIFIER_CLIENT_ERROR;
}

enum verifier_client_ret
verifier_client_read_bytes(struct verifier_client_connection *conn,
			   const unsigned char **data_r, size_t *size_r,
			   const char **error_r)
{
	enum verifier_client_ret ret;

	while (conn->input->used == conn->offset) {
		ret = connection_wait(conn, error_r);
		if (ret != VERIFIER_CLIENT_OK)
			return ret;
	}
	*data_r = CONST_PTR_OFFSET(conn->input->data, conn->offset);
	*size_r = conn->input->used - conn->offset;
	conn->offset = conn->input->used;
	return VERIFIER_CLIENT_OK;
}

/* What was sent is left out. */
static void
parts_skip(struct iovec **parts, unsigned int *count, size_t size)
{
	while (*count > 0 && size >= (*parts)->iov_len) {
		size -= (*parts)->iov_len;
		++*parts;
		--*count;
	}
	if (*count > 0) {
		(*parts)->iov_base = PTR_OFFSET((*parts)->iov_base, size);
		(*parts)->iov_len -= size;
	}
}

/* It does not take more now. */
static enum verifier_client_ret
connection_wait_to_send(struct verifier_client_connection *conn, bool *early_r,
			const char **error_r)
{
	enum verifier_client_ret ret;
	short events = connection_poll(conn, POLLIN | POLLOUT);

	if (events == 0) {
		return connection_late(conn, "verifier did not take the "
				       "message in time", error_r);
	}
	if ((events & ~POLLOUT) == 0)
		return VERIFIER_CLIENT_OK;
	ret = verifier_client_connection_read(conn, error_r);
	*early_r = conn->input->used > conn->offset;
	return *early_r ? VERIFIER_CLIENT_OK : ret;
}

static enum verifier_client_ret
connection_send_failed(struct verifier_client_connection *conn, bool *early_r,
		       const char **error_r)
{
	enum verifier_client_ret ret;

	/* It may have said why before it left. */
	*error_r = t_strdup_printf("write to verifier failed: %m");
	ret = verifier_client_connection_read(conn, error_r);
	*early_r = conn->input->used > conn->offset;
	return *early_r ? VERIFIER_CLIENT_OK :
		(ret == VERIFIER_CLIENT_OK ? VERIFIER_CLIENT_ENDED : ret);
}

enum verifier_client_ret
verifier_client_send(struct verifier_client_connection *conn,
		     struct iovec *parts, unsigned int count, bool *early_r,
		     const char **error_r)
{
	enum verifier_client_ret ret = VERIFIER_CLIENT_OK;
	struct msghdr msg;
	ssize_t sent;

	*early_r = FALSE;
	i_zero(&msg);
	while (count > 0 && ret == VERIFIER_CLIENT_OK && !*early_r) {
		msg.msg_iov = parts;
		msg.msg_iovlen = count;
		sent = sendmsg(conn->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0) {
			parts_skip(&parts, &count, sent);
			if (conn->alive_deadline_msecs != 0) {
				conn->alive_deadline_msecs =
					verifier_client_now_msecs() +
					AUTHRES_GREETING_TIMEOUT_MSECS;
			}
		} else if (errno == EAGAIN || errno == EINTR) {
			ret = connection_wait_to_send(conn, early_r, error_r);
		} else {
			return connection_send_failed(conn, early_r, error_r);
		}
	}
	return ret;
}

bool verifier_client_reuse(struct verifier_client_connection *conn,
			   const char *socket_path, uint64_t deadline_msecs)
{
	char byte;

	if (strcmp(conn->socket_path, socket_path) != 0 ||
	    recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
	    errno != EAGAIN)
		return FALSE;
	conn->deadline_msecs = deadline_msecs;
	conn->alive_deadline_msecs = verifier_client_now_msecs() +
		AUTHRES_GREETING_TIMEOUT_MSECS;
	return TRUE;
}

bool verifier_client_is_silent(const struct verifier_client_connection *conn)
{
	return conn->input->used == 0;
}

void verifier_client_reply_done(struct verifier_client_connection *conn)
{
	buffer_set_used_size(conn->input, 0);
	conn->offset = conn->checked = 0;
}

/* First where users are not let in and so cannot be in the way. Who is not
   either, or where it is not there, uses the listener of all. */
static int connect_any(const char *path)
{
	int fd = net_connect_unix_as_root(
		t_strconcat(path, AUTHRES_DELIVERY_ENDING, NULL));

	return fd != -1 || errno == EAGAIN ? fd : net_connect_unix(path);
}

struct verifier_client_connection *
verifier_client_connection_open(const char *socket_path, const char **error_r)
{
	struct verifier_client_connection *conn;
	int fd = connect_any(socket_path);

	if (fd == -1) {
		int orig_errno = errno;

		*error_r = t_strdup_printf("connect(%s) failed: %m",
					   socket_path);
		errno = orig_errno;
		return NULL;
	}
	conn = i_new(struct verifier_client_connection, 1);
	conn->fd = fd;
	fd_close_on_exec(fd, TRUE);
	conn->socket_path = i_strdup(socket_path);
	conn->input = buffer_create_dynamic(default_pool, READ_SIZE);
	return conn;
}

void verifier_client_disconnect(struct verifier_client_connection **_conn)
{
	struct verifier_client_connection *conn = *_conn;

	if (conn == NULL)
		return;
	*_conn = NULL;
	i_close_fd(&conn->fd);
	buffer_free(&conn->input);
	i_free(conn->socket_path);
	i_free(conn);
}
