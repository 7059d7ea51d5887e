/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "net.h"
#include "str.h"
#include "authres-limits.h"
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
	uint64_t now;
	int ret;

	while ((now = verifier_client_now_msecs()) < conn->deadline_msecs) {
		ret = poll(pfds, N_ELEMENTS(pfds),
			   I_MIN(conn->deadline_msecs - now, INT_MAX));
		if (ret > 0)
			return pfds[0].revents;
		if (ret < 0 && errno != EINTR)
			i_fatal("poll() failed: %m");
	}
	return 0;
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
		*error_r = "verifier did not answer in time";
		return VERIFIER_CLIENT_TIMEOUT;
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

enum verifier_client_ret
verifier_client_send(struct verifier_client_connection *conn,
		     const void *data, size_t size, bool *early_r,
		     const char **error_r)
{
	enum verifier_client_ret ret;
	ssize_t sent;
	short events;

	*early_r = FALSE;
	while (size > 0) {
		sent = send(conn->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0) {
			data = CONST_PTR_OFFSET(data, sent);
			size -= sent;
			continue;
		}
		if (sent < 0 && errno != EAGAIN && errno != EINTR) {
			/* It may have said why before it left. */
			*error_r =
				t_strdup_printf("write to verifier failed: %m");
			ret = verifier_client_connection_read(conn, error_r);
			*early_r = conn->input->used > conn->offset;
			return *early_r ? VERIFIER_CLIENT_OK :
				(ret == VERIFIER_CLIENT_OK ?
				 VERIFIER_CLIENT_ENDED : ret);
		}
		events = connection_poll(conn, POLLIN | POLLOUT);
		if (events == 0) {
			*error_r = "verifier did not take the message in time";
			return VERIFIER_CLIENT_TIMEOUT;
		}
		if ((events & ~POLLOUT) != 0) {
			ret = verifier_client_connection_read(conn, error_r);
			if (conn->input->used > conn->offset) {
				*early_r = TRUE;
				return VERIFIER_CLIENT_OK;
			}
			if (ret != VERIFIER_CLIENT_OK)
				return ret;
		}
	}
	return VERIFIER_CLIENT_OK;
}

/* lmtp delivers with the effective uid of the user and stays root: the
   listener of deliveries is open to root, so be that for the connect() alone.
   Returns the file or -1 and errno. */
static int connect_as_root(const char *path)
{
	uid_t euid = geteuid();
	bool raised = euid != 0 && getuid() == 0 && seteuid(0) == 0;
	int fd, saved_errno;

	fd = net_connect_unix(path);
	saved_errno = errno;
	/* the user's mail must not be written by root */
	if (raised && seteuid(euid) < 0)
		i_fatal("seteuid(%s) failed: %m", dec2str(euid));
	errno = saved_errno;
	return fd;
}

/* First where users are not let in and so cannot be in the way. Who is not
   either, or where it is not there, uses the listener of all. */
static int connect_any(const char *path)
{
	int fd = connect_as_root(t_strconcat(path, AUTHRES_DELIVERY_ENDING,
					     NULL));

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
	i_free(conn);
}
