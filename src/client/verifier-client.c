/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "str.h"
#include "str-sanitize.h"
#include "strescape.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "verifier-client-connection-private.h"
#include "verifier-client.h"

#include <poll.h>

/* Processes that may end on one message: after that it is the cause. */
#define MAX_ENDED 3
/* Answers of a verifier that has no room, or refuses the request. */
#define MAX_FAILED 3
#define RETRY_DELAY_MSECS 20
#define ERROR_MAX_BYTES 256

/* What one try came to. */
enum verify_try {
	VERIFY_TRY_VERDICT,
	/* nobody greeted */
	VERIFY_TRY_ABSENT,
	/* the connection ended after the greeting */
	VERIFY_TRY_ENDED,
	VERIFY_TRY_TIMEOUT,
	VERIFY_TRY_FAILED,
	/* the reply makes no sense */
	VERIFY_TRY_REFUSED,
	/* a connection that was kept is not there any more */
	VERIFY_TRY_STALE,
	/* the message cannot be read */
	VERIFY_TRY_NO_MESSAGE
};

static void
append_version(struct verifier_client_connection *conn, string_t *dest)
{
	if (conn->greeted)
		return;
	conn->greeted = TRUE;
	str_printfa(dest, "VERSION\t%s\t%u\t%u\n", VERDICT_WIRE_SERVICE,
		    VERDICT_WIRE_MAJOR_VERSION, VERDICT_WIRE_MINOR_VERSION);
}

static enum verify_try try_of_ret(enum verifier_client_ret ret)
{
	switch (ret) {
	case VERIFIER_CLIENT_OK:
		return VERIFY_TRY_VERDICT;
	case VERIFIER_CLIENT_ENDED:
		return VERIFY_TRY_ENDED;
	case VERIFIER_CLIENT_TIMEOUT:
		return VERIFY_TRY_TIMEOUT;
	case VERIFIER_CLIENT_ERROR:
		return VERIFY_TRY_REFUSED;
	}
	i_unreached();
}

/* As much of the message as a chunk holds. Returns FALSE behind its end. */
static bool
next_chunk(struct istream *input, const unsigned char **data_r, size_t *size_r)
{
	(void)i_stream_read_bytes(input, data_r, size_r,
				  AUTHRES_MAX_CHUNK_BYTES);
	*size_r = I_MIN(*size_r, AUTHRES_MAX_CHUNK_BYTES);
	return *size_r > 0;
}

/* TRUE if all of it has been read, and no more than size bytes of that are not
   taken yet. */
static bool is_last_chunk(struct istream *input, size_t size)
{
	return input->eof && input->stream_errno == 0 &&
		i_stream_get_data_size(input) == size;
}

/* One system call for each chunk, and for a small message one in all. head:
   what is sent before. VERDICT: so far so good. */
static enum verify_try
send_message(struct verifier_client_connection *conn, string_t *head,
	     struct istream *input, bool *early_r, const char **error_r)
{
	static const char end[] = "0\n";
	enum verifier_client_ret ret;
	const unsigned char *data;
	struct iovec parts[3];
	bool last = FALSE;
	size_t size;

	if (i_stream_get_max_buffer_size(input) < AUTHRES_MAX_CHUNK_BYTES)
		i_stream_set_max_buffer_size(input, AUTHRES_MAX_CHUNK_BYTES);
	*early_r = FALSE;
	while (!last && next_chunk(input, &data, &size)) {
		last = is_last_chunk(input, size);
		str_printfa(head, "%zu\n", size);
		parts[0].iov_base = str_c_modifiable(head);
		parts[0].iov_len = str_len(head);
		parts[1].iov_base = (void *)(uintptr_t)data;
		parts[1].iov_len = size;
		parts[2].iov_base = (void *)(uintptr_t)end;
		parts[2].iov_len = strlen(end);
		ret = verifier_client_send(conn, parts, last ? 3 : 2, early_r,
					   error_r);
		if (ret != VERIFIER_CLIENT_OK || *early_r)
			return try_of_ret(ret);
		i_stream_skip(input, size);
		str_truncate(head, 0);
	}
	if (input->stream_errno != 0) {
		*error_r = t_strdup_printf("reading the message failed: %s",
					   i_stream_get_error(input));
		return VERIFY_TRY_NO_MESSAGE;
	}
	if (!input->eof) {
		*error_r = "the message cannot be read without waiting";
		return VERIFY_TRY_NO_MESSAGE;
	}
	if (last)
		return VERIFY_TRY_VERDICT;
	str_append(head, end);
	parts[0].iov_base = str_c_modifiable(head);
	parts[0].iov_len = str_len(head);
	return try_of_ret(verifier_client_send(conn, parts, 1, early_r,
					       error_r));
}

static enum verify_try
read_verdict(pool_t pool, struct verifier_client_connection *conn,
	     struct verdict *verdict_r, bool *more_r, const char **error_r)
{
	struct verdict_decoder *decoder = verdict_decoder_init(pool);
	enum verifier_client_ret ret;
	enum verify_try result;
	const unsigned char *data;
	size_t size;
	int done = 0;

	do {
		ret = verifier_client_read_bytes(conn, &data, &size, error_r);
		if (ret == VERIFIER_CLIENT_OK) {
			done = verdict_decoder_more(decoder, data, size,
						    verdict_r, error_r);
		}
	} while (ret == VERIFIER_CLIENT_OK && done == 0);
	result = try_of_ret(ret);
	if (done < 0) {
		result = verdict_decoder_is_fail(decoder) ?
			VERIFY_TRY_FAILED : VERIFY_TRY_REFUSED;
	}
	*more_r = verdict_decoder_has_more(decoder);
	verdict_decoder_deinit(&decoder);
	return result;
}

/* A connection, taken from *kept if that is still good. */
static enum verify_try
get_connection(const char *socket_path, uint64_t deadline_msecs,
	       struct verifier_client_connection **kept,
	       struct verifier_client_connection **conn_r,
	       const char **error_r)
{
	*conn_r = *kept;
	*kept = NULL;
	if (*conn_r != NULL) {
		if (verifier_client_reuse(*conn_r, socket_path,
					  deadline_msecs))
			return VERIFY_TRY_VERDICT;
		verifier_client_disconnect(conn_r);
	}
	return verifier_client_connect(socket_path, deadline_msecs, conn_r,
				       error_r) == VERIFIER_CLIENT_OK ?
		VERIFY_TRY_VERDICT : VERIFY_TRY_ABSENT;
}

static enum verify_try
verify_once(pool_t pool, const char *socket_path,
	    struct verifier_client_connection **kept,
	    const struct verify_request *request, uint64_t deadline_msecs,
	    struct istream *input, struct verdict *verdict_r,
	    const char **error_r)
{
	struct verifier_client_connection *conn;
	struct verify_request left = *request;
	string_t *head = t_str_new(512);
	enum verify_try result;
	uint64_t now_msecs;
	bool early, more = FALSE;

	result = get_connection(socket_path, deadline_msecs, kept, &conn,
				error_r);
	if (result != VERIFY_TRY_VERDICT)
		return result;

	now_msecs = verifier_client_now_msecs();
	left.timeout_msecs = deadline_msecs > now_msecs ?
		deadline_msecs - now_msecs : 1;
	left.tell_alive = conn->greeted;
	append_version(conn, head);
	verify_request_encode(&left, head);
	result = send_message(conn, head, input, &early, error_r);
	if (result == VERIFY_TRY_VERDICT)
		result = read_verdict(pool, conn, verdict_r, &more, error_r);
	if (result == VERIFY_TRY_VERDICT && !early && !more) {
		verifier_client_reply_done(conn);
		*kept = conn;
		return result;
	}
	if (result == VERIFY_TRY_ENDED && left.tell_alive &&
	    verifier_client_is_silent(conn))
		result = VERIFY_TRY_STALE;
	verifier_client_disconnect(&conn);
	return result;
}

/* May the request be sent again? Goes back to the message's start. */
static bool
retry_is_possible(struct istream *input, uoff_t start, uint64_t deadline_msecs)
{
	if (verifier_client_now_msecs() + RETRY_DELAY_MSECS >= deadline_msecs)
		return FALSE;
	if (input->v_offset != start) {
		if (!input->seekable)
			return FALSE;
		i_stream_seek(input, start);
	}
	return TRUE;
}

/* Counts what one try came to. Returns FALSE if another makes no sense. */
static bool
another_try_makes_sense(enum verify_try result, struct verify_request *request,
			unsigned int *ended, unsigned int *failed)
{
	switch (result) {
	case VERIFY_TRY_ENDED:
		return ++*ended < MAX_ENDED;
	case VERIFY_TRY_FAILED:
		return ++*failed < MAX_FAILED;
	case VERIFY_TRY_REFUSED:
		if (request->minimal)
			return FALSE;
		request->minimal = TRUE;
		return TRUE;
	case VERIFY_TRY_STALE:
	case VERIFY_TRY_VERDICT:
	case VERIFY_TRY_ABSENT:
	case VERIFY_TRY_TIMEOUT:
	case VERIFY_TRY_NO_MESSAGE:
		break;
	}
	return FALSE;
}

/* error_r says what the last process that was there did. */
static enum verifier_client_outcome
verify_with_retries(pool_t pool, const char *socket_path,
		    struct verifier_client_connection **kept,
		    const struct verify_request *_request,
		    struct istream *input, struct verdict *verdict_r,
		    const char **error_r)
{
	struct verify_request request = *_request;
	uint64_t deadline_msecs =
		verifier_client_now_msecs() + request.timeout_msecs;
	uoff_t start = input->v_offset;
	unsigned int ended = 0, failed = 0;
	const char *error, *refused_error = NULL;
	enum verify_try result;
	bool seen = FALSE;

	*error_r = NULL;
	request.minimal = FALSE;
	for (;;) {
		result = verify_once(pool, socket_path, kept, &request,
				     deadline_msecs, input, verdict_r, &error);
		/* no other one is kept */
		if (result == VERIFY_TRY_STALE &&
		    retry_is_possible(input, start, deadline_msecs)) {
			result = verify_once(pool, socket_path, kept, &request,
					     deadline_msecs, input, verdict_r,
					     &error);
		}
		if (result == VERIFY_TRY_VERDICT) {
			*error_r = refused_error;
			return VERIFIER_CLIENT_VERDICT;
		}
		if (result != VERIFY_TRY_ABSENT || *error_r == NULL)
			*error_r = error;
		if (result == VERIFY_TRY_REFUSED)
			refused_error = error;
		seen = seen || result != VERIFY_TRY_ABSENT;
		if (!another_try_makes_sense(result, &request, &ended,
					     &failed) ||
		    !retry_is_possible(input, start, deadline_msecs))
			break;
		(void)poll(NULL, 0, RETRY_DELAY_MSECS);
	}
	if (ended == MAX_ENDED) {
		*error_r = t_strdup_printf("%s, %u times on this message",
					   *error_r, ended);
	} else if (verifier_client_now_msecs() + RETRY_DELAY_MSECS >=
		   deadline_msecs) {
		*error_r = t_strdup_printf("%s (timeout %u msecs)", *error_r,
					   request.timeout_msecs);
	}
	return seen ? VERIFIER_CLIENT_UNJUDGED : VERIFIER_CLIENT_ABSENT;
}

enum verifier_client_outcome
verifier_client_verify(pool_t pool, const char *socket_path,
		       struct verifier_client_connection **kept,
		       const struct verify_request *request,
		       struct istream *input,
		       struct verdict *verdict_r, const char **error_r)
{
	struct verifier_client_connection *not_kept = NULL;
	enum verifier_client_outcome outcome;

	outcome = verify_with_retries(pool, socket_path,
				      kept != NULL ? kept : &not_kept,
				      request, input, verdict_r, error_r);
	verifier_client_disconnect(&not_kept);
	if (*error_r != NULL)
		*error_r = str_sanitize(*error_r, ERROR_MAX_BYTES);
	return outcome;
}

static enum verifier_client_ret
status_ask(const char *socket_path, uint64_t deadline_msecs,
	   const char **line_r, const char **error_r)
{
	static const char *const words[] = { "STATUS", "FAIL", NULL };
	struct verifier_client_connection *conn;
	enum verifier_client_ret ret;
	string_t *request = t_str_new(64);
	struct iovec part;
	bool early;

	ret = verifier_client_connect(socket_path, deadline_msecs, &conn,
				      error_r);
	if (ret != VERIFIER_CLIENT_OK)
		return ret;
	append_version(conn, request);
	str_append(request, "STATUS\n");
	part.iov_base = str_c_modifiable(request);
	part.iov_len = str_len(request);
	ret = verifier_client_send(conn, &part, 1, &early, error_r);
	if (ret == VERIFIER_CLIENT_OK)
		ret = verifier_client_read_line(conn, words, line_r, error_r);
	verifier_client_disconnect(&conn);
	return ret;
}

int verifier_client_status(pool_t pool, const char *socket_path,
			   unsigned int timeout_msecs,
			   const char *const **args_r, const char **error_r)
{
	const char *line;
	char **args;

	if (status_ask(socket_path, verifier_client_now_msecs() + timeout_msecs,
		       &line, error_r) != VERIFIER_CLIENT_OK) {
		*error_r = str_sanitize(*error_r, ERROR_MAX_BYTES);
		return -1;
	}
	if (!str_has_prefix(line, "STATUS\t")) {
		*error_r = "verifier refused to tell its status";
		return -1;
	}
	args = p_strsplit_tabescaped(pool, line);
	*args_r = (const char *const *)args + 1;
	return 0;
}
