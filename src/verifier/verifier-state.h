#ifndef VERIFIER_STATE_H
#define VERIFIER_STATE_H

#include "connection.h"
#include "verify-request.h"
#include "sandbox.h"

struct evaluation;
struct evaluation_settings;
struct ingress_watch;
struct resolver;
struct verifier;
struct verifier_watchdog;
struct waiting_messages;

/* of messages without DNS answers */
#define VERIFIER_PRESSURE_LEVELS 2

/* What main.c's load and verifier-connection.c's protocol share. */

struct verifier_settings {
	const struct evaluation_settings *evaluation;
	struct resolver *resolver;
	/* connections at most; a part of it says what is much */
	unsigned int client_limit;
	/* as whom Dovecot was started: trusted as root is */
	uid_t owner_uid;
	/* above it new requests wait */
	size_t max_bytes;
	/* whom deliveries may tell to come again; NULL = nobody */
	struct waiting_messages *waiting;
	/* for its status: chroot() was done; what sandbox_enter() did */
	bool chrooted;
	struct sandbox_state sandbox;
	/* called whenever a connection is gone; may be NULL */
	void (*connection_destroyed)(void);
};

enum verifier_state {
	/* the client's VERSION */
	VERIFIER_STATE_VERSION,
	VERIFIER_STATE_COMMAND,
	/* a request that waits for memory; the client is not read from */
	VERIFIER_STATE_WAITING,
	VERIFIER_STATE_CHUNK_SIZE,
	VERIFIER_STATE_CHUNK_DATA,
	/* the message is complete, the verdict is not */
	VERIFIER_STATE_ANSWERING,
	/* the client did wrong after the header was read: it is not read from
	   any more, gets the verdict, and is disconnected */
	VERIFIER_STATE_FAILED
};

struct verifier_connection {
	struct connection conn;
	struct verifier *verifier;
	enum verifier_state state;
	/* whose process connected, (uid_t)-1 = unknown */
	uid_t peer_uid;
	/* not a stranger: see verifier_peer_init() */
	bool trusted;

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
	size_t chunk_left_bytes;
	/* when the client is told that we are there */
	struct timeout *to_alive;
	/* of requests on this connection */
	unsigned int verdict_count;
	/* in this turn of the ioloop; the next command waits for to_turn */
	bool command_done;
	struct timeout *to_turn;
};

/* What the queue and the rule about strangers ask of the protocol. */
struct verifier_protocol {
	/* Start the evaluation and read on. May free conn. */
	void (*admit)(struct verifier_connection *conn);
	/* Refuse and disconnect: frees conn, or does so when the verdict on a
	   message whose header was read is known and sent. conn is not read
	   from any more. reason: any bytes, sanitised there. */
	void (*fail)(struct verifier_connection *conn, const char *reason);
	/* Without a word; frees conn. */
	void (*disconnect)(struct verifier_connection *conn);
};

struct verifier {
	struct verifier_settings set;
	const struct verifier_protocol *protocol;
	struct connection_list *connections;
	struct verifier_watchdog *watchdog;
	struct ingress_watch *ingress_watch;
	time_t start_time;
	/* no more requests: verifier_stop() */
	bool stopping;
	/* for a piece of a message, AUTHRES_MAX_CHUNK_BYTES */
	unsigned char *chunk;

	/* oldest first */
	struct verifier_connection *waiting_head, *waiting_tail;
	unsigned int waiting_count;
	struct timeout *to_admit;
	/* while requests are evaluated */
	struct timeout *to_silent;
	time_t pressure_until[VERIFIER_PRESSURE_LEVELS];

	/* requests that are evaluated now */
	unsigned int active_count;
	uint64_t request_count, failure_count, wait_count;
};

#endif
