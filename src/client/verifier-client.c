/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "str.h"
#include "str-sanitize.h"
#include "strescape.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "verifier-client-connection.h"
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
	/* the message cannot be read */
	VERIFY_TRY_NO_MESSAGE
};

static void append_version(string_t *dest)
{
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

/* VERDICT: so far so good. */
static enum verify_try
send_message(struct verifier_client_connection *conn, struct istream *input,
	     bool *early_r, const char **error_r)
{
	enum verifier_client_ret ret;
	const unsigned char *data;
	char header[MAX_INT_STRLEN + 1];
	size_t size;

	while (i_stream_read_more(input, &data, &size) > 0) {
		size = I_MIN(size, AUTHRES_MAX_CHUNK_BYTES);
		if (i_snprintf(header, sizeof(header), "%zu\n", size) < 0)
			i_unreached();
		ret = verifier_client_send(conn, header, strlen(header),
					   early_r, error_r);
		if (ret != VERIFIER_CLIENT_OK || *early_r)
			return try_of_ret(ret);
		ret = verifier_client_send(conn, data, size, early_r, error_r);
		if (ret != VERIFIER_CLIENT_OK || *early_r)
			return try_of_ret(ret);
		i_stream_skip(input, size);
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
	return try_of_ret(verifier_client_send(conn, "0\n", 2, early_r,
					       error_r));
}

static enum verify_try
read_verdict(pool_t pool, struct verifier_client_connection *conn,
	     struct verdict *verdict_r, const char **error_r)
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
	verdict_decoder_deinit(&decoder);
	return result;
}

static enum verify_try
verify_once(pool_t pool, const char *socket_path,
	    const struct verify_request *request, uint64_t deadline_msecs,
	    struct istream *input, struct verdict *verdict_r,
	    const char **error_r)
{
	struct verifier_client_connection *conn;
	struct verify_request left = *request;
	string_t *line = t_str_new(512);
	enum verify_try result;
	uint64_t now_msecs;
	bool early;

	if (verifier_client_connect(socket_path, deadline_msecs, &conn,
				    error_r) != VERIFIER_CLIENT_OK)
		return VERIFY_TRY_ABSENT;

	now_msecs = verifier_client_now_msecs();
	left.timeout_msecs = deadline_msecs > now_msecs ?
		deadline_msecs - now_msecs : 1;
	append_version(line);
	verify_request_encode(&left, line);
	result = try_of_ret(verifier_client_send(conn, str_data(line),
						 str_len(line), &early,
						 error_r));
	if (result == VERIFY_TRY_VERDICT && !early)
		result = send_message(conn, input, &early, error_r);
	if (result == VERIFY_TRY_VERDICT)
		result = read_verdict(pool, conn, verdict_r, error_r);
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
		result = verify_once(pool, socket_path, &request,
				     deadline_msecs, input, verdict_r, &error);
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
		       const struct verify_request *request,
		       struct istream *input,
		       struct verdict *verdict_r, const char **error_r)
{
	enum verifier_client_outcome outcome;

	outcome = verify_with_retries(pool, socket_path, request, input,
				      verdict_r, error_r);
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
	bool early;

	ret = verifier_client_connect(socket_path, deadline_msecs, &conn,
				      error_r);
	if (ret != VERIFIER_CLIENT_OK)
		return ret;
	append_version(request);
	str_append(request, "STATUS\n");
	ret = verifier_client_send(conn, str_data(request), str_len(request),
				   &early, error_r);
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
