/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "version-line.h"
#include "verifier-client-connection-private.h"

#include <poll.h>

/* Connections that wait for a greeting side by side. */
#define MAX_CANDIDATES 4
/* After one that was refused or ended, doubled each time. */
#define MIN_RETRY_MSECS 20
#define MAX_RETRY_MSECS 640
/* Dovecot removes the socket and makes it anew when it is reloaded. */
#define NO_SOCKET_MSECS 1000

struct verifier_greeting {
	const char *socket_path;
	uint64_t start_msecs, deadline_msecs;
	/* when the next connection is opened, and how long to wait after it */
	uint64_t next_msecs;
	unsigned int retry_msecs, patience_msecs;

	struct verifier_client_connection *candidates[MAX_CANDIDATES];
	unsigned int count;
	/* why there is no greeting yet */
	const char *error;
};

static void
greeting_retry(struct verifier_greeting *greeting, uint64_t now_msecs)
{
	uint64_t retry_msecs = now_msecs + greeting->retry_msecs;

	greeting->next_msecs = I_MIN(greeting->next_msecs, retry_msecs);
	greeting->retry_msecs = I_MIN(greeting->retry_msecs * 2,
				      MAX_RETRY_MSECS);
}

/* Open one more. */
static enum verifier_client_ret
greeting_open(struct verifier_greeting *greeting, uint64_t now_msecs)
{
	struct verifier_client_connection *conn;

	conn = verifier_client_connection_open(greeting->socket_path,
					       &greeting->error);
	greeting->next_msecs = now_msecs + greeting->patience_msecs;
	if (conn != NULL) {
		greeting->patience_msecs *= 2;
		greeting->candidates[greeting->count++] = conn;
		greeting->error = "verifier does not answer connections";
		return VERIFIER_CLIENT_OK;
	}
	/* EAGAIN: the queue of connections is full */
	if (errno != EAGAIN && errno != ECONNREFUSED && errno != ECONNRESET &&
	    (errno != ENOENT || now_msecs >=
	     greeting->start_msecs + NO_SOCKET_MSECS))
		return VERIFIER_CLIENT_ERROR;
	greeting_retry(greeting, now_msecs);
	return VERIFIER_CLIENT_OK;
}

/* Returns OK and the one that greeted, or NULL if there is none yet. */
static enum verifier_client_ret
greeting_read(struct verifier_greeting *greeting, unsigned int idx,
	      struct verifier_client_connection **conn_r)
{
	static const char *const words[] = { "VERSION", NULL };
	struct verifier_client_connection *conn = greeting->candidates[idx];
	enum verifier_client_ret ret;
	const char *line;
	int found;

	*conn_r = NULL;
	ret = verifier_client_connection_read(conn, &greeting->error);
	if (ret == VERIFIER_CLIENT_ENDED) {
		verifier_client_disconnect(&greeting->candidates[idx]);
		greeting->count--;
		greeting->candidates[idx] =
			greeting->candidates[greeting->count];
		/* it did not hang */
		if (greeting->patience_msecs > AUTHRES_GREETING_TIMEOUT_MSECS)
			greeting->patience_msecs /= 2;
		greeting_retry(greeting, verifier_client_now_msecs());
		return VERIFIER_CLIENT_OK;
	}
	if (ret != VERIFIER_CLIENT_OK)
		return ret;
	found = verifier_client_connection_next_line(conn, words, &line,
						     &greeting->error);
	if (found == 0)
		return VERIFIER_CLIENT_OK;
	if (found < 0)
		return VERIFIER_CLIENT_ERROR;
	if (!version_string_verify(line, VERDICT_WIRE_SERVICE,
				   VERDICT_WIRE_MAJOR_VERSION)) {
		greeting->error = "verifier speaks another protocol version";
		return VERIFIER_CLIENT_ERROR;
	}
	greeting->count--;
	greeting->candidates[idx] = greeting->candidates[greeting->count];
	*conn_r = conn;
	return VERIFIER_CLIENT_OK;
}

/* Wait until one of them has something to read, or the next is to be opened,
   and read it. */
static enum verifier_client_ret
greeting_wait(struct verifier_greeting *greeting, uint64_t now_msecs,
	      struct verifier_client_connection **conn_r)
{
	struct pollfd pfds[MAX_CANDIDATES];
	enum verifier_client_ret ret = VERIFIER_CLIENT_OK;
	uint64_t until_msecs = greeting->deadline_msecs;
	unsigned int i, count = greeting->count;

	*conn_r = NULL;
	if (count < MAX_CANDIDATES)
		until_msecs = I_MIN(until_msecs, greeting->next_msecs);
	for (i = 0; i < count; i++) {
		pfds[i].fd = greeting->candidates[i]->fd;
		pfds[i].events = POLLIN;
	}
	if (poll(pfds, count, until_msecs <= now_msecs ? 0 :
		 I_MIN(until_msecs - now_msecs, INT_MAX)) <= 0)
		return VERIFIER_CLIENT_OK;
	/* from the last: the last one takes the place of what is removed */
	for (i = count; i > 0 && ret == VERIFIER_CLIENT_OK && *conn_r == NULL;
	     i--) {
		if (pfds[i - 1].revents != 0)
			ret = greeting_read(greeting, i - 1, conn_r);
	}
	return ret;
}

static enum verifier_client_ret
greeting_run(struct verifier_greeting *greeting,
	     struct verifier_client_connection **conn_r)
{
	enum verifier_client_ret ret = VERIFIER_CLIENT_OK;
	uint64_t now_msecs = greeting->start_msecs;

	*conn_r = NULL;
	do {
		if (greeting->count < MAX_CANDIDATES &&
		    now_msecs >= greeting->next_msecs)
			ret = greeting_open(greeting, now_msecs);
		if (ret == VERIFIER_CLIENT_OK)
			ret = greeting_wait(greeting, now_msecs, conn_r);
		now_msecs = verifier_client_now_msecs();
	} while (ret == VERIFIER_CLIENT_OK && *conn_r == NULL &&
		 now_msecs < greeting->deadline_msecs);
	if (ret == VERIFIER_CLIENT_OK && *conn_r == NULL)
		ret = VERIFIER_CLIENT_TIMEOUT;
	return ret;
}

enum verifier_client_ret
verifier_client_connect(const char *socket_path, uint64_t deadline_msecs,
			struct verifier_client_connection **conn_r,
			const char **error_r)
{
	struct verifier_greeting greeting;
	enum verifier_client_ret ret;

	i_zero(&greeting);
	greeting.socket_path = socket_path;
	greeting.start_msecs = verifier_client_now_msecs();
	greeting.deadline_msecs = deadline_msecs;
	greeting.next_msecs = greeting.start_msecs;
	greeting.retry_msecs = MIN_RETRY_MSECS;
	greeting.patience_msecs = AUTHRES_GREETING_TIMEOUT_MSECS;
	ret = greeting_run(&greeting, conn_r);
	while (greeting.count > 0) {
		verifier_client_disconnect(
			&greeting.candidates[--greeting.count]);
	}
	if (ret == VERIFIER_CLIENT_OK)
		(*conn_r)->deadline_msecs = deadline_msecs;
	else
		*error_r = greeting.error;
	return ret;
}
