/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "fd-util.h"
#include "ioloop.h"
#include "istream.h"
#include "ostream.h"
#include "sleep.h"
#include "str-sanitize.h"
#include "str-prefix.h"
#include "verdict-wire.h"
#include "offline-checks.h"
#include "checks-child.h"

#include <signal.h>
#include <unistd.h>
#include <sysexits.h>
#include <sys/wait.h>

/* How long after the verdict was due the child is given up, and how long it
   may take to exit once it has said all. */
#define CHILD_GRACE_MSECS 5000
#define CHILD_EXIT_MSECS 1000
/* what verdict_decoder_more() puts before the reason of a FAIL line */
#define CHILD_FAIL_PREFIX "verifier: "

struct checks_child {
	pid_t pid;
	struct ioloop *ioloop;
	struct istream *message, *input;
	struct ostream *output;
	struct timeout *to;
	struct verdict_decoder *decoder;
	struct verdict *verdict;

	bool finished;
	/* data stack of checks_child_run() or longer */
	char *error;
	int error_code;
};

static void checks_child_stop(struct checks_child *child, int error_code,
			      const char *error)
{
	if (error != NULL && child->error == NULL) {
		child->error_code = error_code;
		child->error = i_strdup(error);
	}
	io_loop_stop(child->ioloop);
}

static int checks_child_send(struct checks_child *child)
{
	switch (o_stream_send_istream(child->output, child->message)) {
	case OSTREAM_SEND_ISTREAM_RESULT_FINISHED:
		if (o_stream_flush(child->output) <= 0)
			return 0;
		(void)shutdown(o_stream_get_fd(child->output), SHUT_WR);
		o_stream_unset_flush_callback(child->output);
		return 1;
	case OSTREAM_SEND_ISTREAM_RESULT_WAIT_INPUT:
	case OSTREAM_SEND_ISTREAM_RESULT_WAIT_OUTPUT:
		return 0;
	case OSTREAM_SEND_ISTREAM_RESULT_ERROR_INPUT:
		checks_child_stop(child, EX_DATAERR, t_strdup_printf(
			"read(%s) failed: %s",
			i_stream_get_name(child->message),
			i_stream_get_error(child->message)));
		return 1;
	case OSTREAM_SEND_ISTREAM_RESULT_ERROR_OUTPUT:
		/* it wants no more; its reply says why */
		o_stream_unset_flush_callback(child->output);
		return 1;
	}
	i_unreached();
}

static void checks_child_input(struct checks_child *child)
{
	const unsigned char *data;
	const char *error;
	size_t size;
	int ret = 0;

	while (ret == 0 && i_stream_read_more(child->input, &data, &size) > 0) {
		ret = verdict_decoder_more(child->decoder, data, size,
					   child->verdict, &error);
		i_stream_skip(child->input, size);
	}
	if (ret > 0) {
		child->finished = TRUE;
		checks_child_stop(child, 0, NULL);
	} else if (ret < 0) {
		if (str_has_prefix(error, CHILD_FAIL_PREFIX))
			error += strlen(CHILD_FAIL_PREFIX);
		checks_child_stop(child, EX_TEMPFAIL, error);
	} else if (child->input->eof || child->input->stream_errno != 0) {
		checks_child_stop(child, EX_TEMPFAIL,
				  "The checks ended without a verdict");
	}
}

static void checks_child_timeout(struct checks_child *child)
{
	checks_child_stop(child, EX_TEMPFAIL,
			  "The checks did not answer in time");
}

static void checks_child_talk(struct checks_child *child, int fd,
			      unsigned int timeout_msecs)
{
	struct io *io;

	fd_set_nonblock(fd, TRUE);
	child->ioloop = io_loop_create();
	io_loop_set_current(child->ioloop);
	child->input = i_stream_create_fd(fd, IO_BLOCK_SIZE);
	child->output = o_stream_create_fd(fd, IO_BLOCK_SIZE);
	o_stream_set_no_error_handling(child->output, TRUE);
	o_stream_set_flush_callback(child->output, checks_child_send, child);
	o_stream_set_flush_pending(child->output, TRUE);
	io = io_add_istream(child->input, checks_child_input, child);
	child->to = timeout_add_short(timeout_msecs, checks_child_timeout,
				      child);
	io_loop_run(child->ioloop);

	timeout_remove(&child->to);
	io_remove(&io);
	o_stream_destroy(&child->output);
	i_stream_destroy(&child->input);
	io_loop_destroy(&child->ioloop);
}

/* Its status, or -1 if there is none. It is killed if it does not exit. */
static int checks_child_exit_status(pid_t pid)
{
	pid_t ret = 0;
	int status;

	for (unsigned int i = 0; i < CHILD_EXIT_MSECS / 10 && ret == 0; i++) {
		ret = waitpid(pid, &status, WNOHANG);
		if (ret == 0)
			i_sleep_msecs(10);
	}
	if (ret == 0) {
		(void)kill(pid, SIGKILL);
		ret = waitpid(pid, &status, 0);
		return -1;
	}
	return ret == pid ? status : -1;
}

/* What the exit status adds to what was said. */
static void checks_child_wait(struct checks_child *child)
{
	int status = checks_child_exit_status(child->pid);

	if (child->finished || status == -1)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_DATAERR)
		child->error_code = EX_DATAERR;
	else if (WIFSIGNALED(status)) {
		i_free(child->error);
		child->error = i_strdup_printf("The checks crashed (signal %d)",
					       WTERMSIG(status));
	}
}

int checks_child_run(pool_t pool, const struct offline_checks *checks,
		     struct istream *message, struct verdict *verdict_r,
		     const char **error_r)
{
	struct checks_child child;
	int fd;

	i_zero(&child);
	if (offline_place_fork(&child.pid, &fd, error_r) < 0)
		return EX_TEMPFAIL;
	if (child.pid == 0)
		offline_checks_run(checks, fd);

	child.message = message;
	child.verdict = verdict_r;
	child.decoder = verdict_decoder_init(pool);
	checks_child_talk(&child, fd, checks->request->timeout_msecs +
			  CHILD_GRACE_MSECS);
	i_close_fd(&fd);
	checks_child_wait(&child);
	verdict_decoder_deinit(&child.decoder);
	if (child.finished)
		return 0;
	*error_r = t_strdup(str_sanitize(child.error, 1024));
	i_free(child.error);
	return child.error_code;
}
