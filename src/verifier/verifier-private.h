#ifndef VERIFIER_PRIVATE_H
#define VERIFIER_PRIVATE_H

#include "connection.h"
#include "verify-request.h"
#include "verifier-connection.h"

struct evaluation;
struct verifier_watchdog;
struct ingress_watch;

/* What verifier.c's load and verifier-connection.c's protocol share. */

enum verifier_state {
	/* the client's VERSION */
	VERIFIER_STATE_VERSION,
	VERIFIER_STATE_COMMAND,
	/* a request that waits for memory; the client is not read from */
	VERIFIER_STATE_WAITING,
	VERIFIER_STATE_CHUNK_SIZE,
	VERIFIER_STATE_CHUNK_DATA,
	/* the message is complete, the verdict is not */
	VERIFIER_STATE_ANSWERING
};

struct verifier_connection {
	struct connection conn;
	struct verifier *verifier;
	enum verifier_state state;

	/* without a request; or while the request waits */
	struct timeout *to;
	/* of verifier->waiting_head */
	struct verifier_connection *prev, *next;
	struct timeval wait_started;

	/* the request; NULL when there is none */
	pool_t request_pool;
	struct verify_request request;
	/* NULL when there is none, and after the verdict. What comes of the
	   message then is thrown away. */
	struct evaluation *evaluation;
	uint64_t message_bytes;
	size_t chunk_left_bytes;
};

struct verifier {
	struct verifier_settings set;
	struct connection_list *connections;
	struct verifier_watchdog *watchdog;
	struct ingress_watch *ingress_watch;
	time_t start_time;

	/* oldest first */
	struct verifier_connection *waiting_head, *waiting_tail;
	unsigned int waiting_count;
	struct timeout *to_admit;

	/* requests that are evaluated now */
	unsigned int active_count;
	uint64_t request_count, failure_count, wait_count;
};

/* verifier-load.c: who is evaluated when. */

/* A request has been read: start it now, or let it wait. Under pressure its
   timeout is cut to AUTHRES_PRESSURE_TIMEOUT_MSECS. */
void verifier_load_request(struct verifier_connection *conn);
/* Its evaluation ended, or it stopped waiting. */
void verifier_load_forget(struct verifier_connection *conn);
/* Bytes held for all requests. */
size_t verifier_load_bytes(struct verifier *verifier);

/* verifier-connection.c, for verifier-load.c */

/* Start the evaluation and read on. May free conn. */
void verifier_connection_admit(struct verifier_connection *conn);
/* Refuse and disconnect; frees conn. reason: any bytes, sanitised here. */
void verifier_connection_fail(struct verifier_connection *conn,
			      const char *reason);

#endif
