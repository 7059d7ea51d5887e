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

/* A verifier that was just refused is perhaps being replaced. */
#define RETRY_DELAY_MSECS 20
#define ERROR_MAX_BYTES 256

static void append_version(string_t *dest)
{
	str_printfa(dest, "VERSION\t%s\t%u\t%u\n", VERDICT_WIRE_SERVICE,
		    VERDICT_WIRE_MAJOR_VERSION, VERDICT_WIRE_MINOR_VERSION);
}

static enum verifier_client_ret
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
			return ret;
		ret = verifier_client_send(conn, data, size, early_r, error_r);
		if (ret != VERIFIER_CLIENT_OK || *early_r)
			return ret;
		i_stream_skip(input, size);
	}
	if (input->stream_errno != 0) {
		*error_r = t_strdup_printf("reading the message failed: %s",
					   i_stream_get_error(input));
		return VERIFIER_CLIENT_ERROR;
	}
	if (!input->eof) {
		*error_r = "the message cannot be read without waiting";
		return VERIFIER_CLIENT_ERROR;
	}
	return verifier_client_send(conn, "0\n", 2, early_r, error_r);
}

static enum verifier_client_ret
read_verdict(pool_t pool, struct verifier_client_connection *conn,
	     struct verdict *verdict_r, const char **error_r)
{
	static const char *const prefixes[] = {
		"RESULT", "VERDICT", "FAIL", NULL
	};
	struct verdict_decoder *decoder = verdict_decoder_init(pool);
	enum verifier_client_ret ret;
	const char *line;
	int done = 0;

	do {
		ret = verifier_client_read_line(conn, prefixes, &line, error_r);
		if (ret == VERIFIER_CLIENT_OK) {
			done = verdict_decoder_line(decoder, line, verdict_r,
						    error_r);
		}
	} while (ret == VERIFIER_CLIENT_OK && done == 0);
	verdict_decoder_deinit(&decoder);
	if (done < 0)
		ret = VERIFIER_CLIENT_ERROR;
	return ret;
}

static enum verifier_client_ret
verify_once(pool_t pool, const char *socket_path,
	    const struct verify_request *request, uint64_t deadline_msecs,
	    struct istream *input, struct verdict *verdict_r,
	    const char **error_r)
{
	struct verifier_client_connection *conn;
	struct verify_request left = *request;
	enum verifier_client_ret ret;
	string_t *line = t_str_new(512);
	uint64_t now_msecs;
	bool early;

	ret = verifier_client_connect(socket_path, deadline_msecs, &conn,
				      error_r);
	if (ret != VERIFIER_CLIENT_OK)
		return ret;

	now_msecs = verifier_client_now_msecs();
	left.timeout_msecs = deadline_msecs > now_msecs ?
		deadline_msecs - now_msecs : 0;
	append_version(line);
	verify_request_encode(&left, line);
	ret = verifier_client_send(conn, str_data(line), str_len(line),
				   &early, error_r);
	if (ret == VERIFIER_CLIENT_OK && !early)
		ret = send_message(conn, input, &early, error_r);
	if (ret == VERIFIER_CLIENT_OK)
		ret = read_verdict(pool, conn, verdict_r, error_r);
	verifier_client_disconnect(&conn);
	return ret;
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

static enum verifier_client_ret
verify_with_retry(pool_t pool, const char *socket_path,
		  const struct verify_request *request, struct istream *input,
		  struct verdict *verdict_r, const char **error_r)
{
	uint64_t deadline_msecs =
		verifier_client_now_msecs() + request->timeout_msecs;
	uoff_t start = input->v_offset;
	enum verifier_client_ret ret;

	ret = verify_once(pool, socket_path, request, deadline_msecs, input,
			  verdict_r, error_r);
	if (ret == VERIFIER_CLIENT_ENDED &&
	    retry_is_possible(input, start, deadline_msecs)) {
		(void)poll(NULL, 0, RETRY_DELAY_MSECS);
		ret = verify_once(pool, socket_path, request, deadline_msecs,
				  input, verdict_r, error_r);
	}
	if (ret == VERIFIER_CLIENT_TIMEOUT) {
		*error_r = t_strdup_printf("%s (timeout %u msecs)", *error_r,
					   request->timeout_msecs);
	}
	if (ret != VERIFIER_CLIENT_OK)
		*error_r = str_sanitize(*error_r, ERROR_MAX_BYTES);
	return ret;
}

int verifier_client_verify(pool_t pool, const char *socket_path,
			   const struct verify_request *request,
			   struct istream *input,
			   struct verdict *verdict_r, const char **error_r)
{
	return verify_with_retry(pool, socket_path, request, input, verdict_r,
				 error_r) == VERIFIER_CLIENT_OK ? 0 : -1;
}

static enum verifier_client_ret
status_ask(const char *socket_path, uint64_t deadline_msecs,
	   const char **line_r, const char **error_r)
{
	static const char *const prefixes[] = { "STATUS", "FAIL", NULL };
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
		ret = verifier_client_read_line(conn, prefixes, line_r, error_r);
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
