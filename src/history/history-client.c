/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "str.h"
#include "strescape.h"
#include "write-full.h"
#include "failure-record.h"
#include "connect-as-root.h"
#include "history-row.h"
#include "verifier-listeners.h"
#include "history-client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int error_of(const char *function, const char *path,
		    const char **error_r)
{
	*error_r = t_strdup_printf("%s(%s) failed: %m", function, path);
	return -1;
}

static int connect_to(const char *path, bool as_root, const char **error_r)
{
	int fd = as_root ? net_connect_unix_as_root(path) :
		net_connect_unix(path);

	return fd != -1 ? fd : error_of("connect", path, error_r);
}

static const char *t_path(const char *base_dir, const char *listener)
{
	return t_strconcat(base_dir, "/", listener, NULL);
}

static void send_failure(int fd, const struct failure_record *failure)
{
	string_t *line = t_str_new(1024);

	failure_record_encode(failure, line);
	str_append_c(line, '\n');
	(void)send(fd, str_data(line), str_len(line), MSG_NOSIGNAL);
}

int history_client_send(const char *base_dir,
			const struct history_record *record,
			const struct failure_record *failure,
			const char **error_r)
{
	bool taken_back = record->row.event == HISTORY_EVENT_TAKEN_BACK;
	const char *path = t_path(base_dir, taken_back ?
				  AUTHRES_TAKEN_BACK_LISTENER :
				  AUTHRES_HISTORY_LISTENER);
	string_t *line = t_str_new(512);
	ssize_t sent, size;
	int fd;

	history_record_encode(record, line);
	str_append_c(line, '\n');
	size = str_len(line);
	fd = connect_to(path, !taken_back, error_r);
	if (fd == -1)
		return -1;
	sent = send(fd, str_data(line), size, MSG_NOSIGNAL);
	if (sent < 0)
		(void)error_of("write", path, error_r);
	else if (sent < size)
		*error_r = t_strdup_printf("write(%s): no room", path);
	else if (failure != NULL)
		send_failure(fd, failure);
	i_close_fd(&fd);
	return sent == size ? 0 : -1;
}

/* The answer's line, without its LF. */
static int
read_answer(int fd, const char *path, unsigned int timeout_secs,
	    string_t *answer, const char **error_r)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char buf[1024];
	ssize_t ret;

	while (str_len(answer) < AUTHRES_MAX_PROTOCOL_LINE_BYTES) {
		ret = poll(&pfd, 1, timeout_secs * 1000);
		if (ret > 0)
			ret = recv(fd, buf, sizeof(buf), 0);
		if (ret <= 0) {
			*error_r = t_strdup_printf("%s: no answer", path);
			return -1;
		}
		str_append_data(answer, buf, ret);
		if (strchr(str_c(answer), '\n') != NULL)
			return 0;
	}
	*error_r = t_strdup_printf("%s: the answer is too long", path);
	return -1;
}

int history_client_ask(const char *base_dir, bool flush,
		       unsigned int timeout_secs,
		       const char *const **status_r, const char **error_r)
{
	const char *path = t_path(base_dir, AUTHRES_HISTORY_LISTENER);
	const char *const *fields;
	const char *question = flush ? "FLUSH\n" : "STATUS\n";
	string_t *answer = t_str_new(256);
	int fd, ret;

	fd = connect_to(path, TRUE, error_r);
	if (fd == -1)
		return -1;
	ret = write_full(fd, question, strlen(question));
	if (ret < 0)
		(void)error_of("write", path, error_r);
	else
		ret = read_answer(fd, path, timeout_secs, answer, error_r);
	i_close_fd(&fd);
	if (ret < 0)
		return -1;
	fields = t_strsplit_tabescaped(t_strcut(str_c(answer), '\n'));
	if (fields[0] == NULL || strcmp(fields[0], "STATUS") != 0) {
		*error_r = t_strdup_printf("%s: no status", path);
		return -1;
	}
	*status_r = fields + 1;
	return 0;
}
