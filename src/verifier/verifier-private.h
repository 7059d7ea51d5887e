#ifndef VERIFIER_PRIVATE_H
#define VERIFIER_PRIVATE_H

#include "connection.h"
#include "verify-request.h"
#include "verifier-connection.h"

struct evaluation;
struct verifier_watchdog;
struct ingress_watch;

/* of messages without DNS answers */
#define VERIFIER_PRESSURE_LEVELS 2

/* What main.c's load and verifier-connection.c's protocol share. */

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
	/* in this turn of the ioloop; the next command waits for to_turn */
	bool command_done;
	struct timeout *to_turn;
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
	/* while requests are evaluated */
	struct timeout *to_silent;
	time_t pressure_until[VERIFIER_PRESSURE_LEVELS];

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

/* verifier-peers.c: who is a stranger, and how much a stranger may have.
   Deliveries come from root, from the user that Dovecot itself runs as, or
   through the listener AUTHRES_DELIVERY_LISTENER, whose permissions are the
   administrator's. Any other local user is a stranger: however many
   connections such users open, half of the process's client_limit is kept for
   deliveries, and none of them gets more than a quarter. */

/* fd: the connection's; listener: name of the one that accepted it. */
void verifier_peer_init(const struct verifier *verifier, int fd,
			const char *listener, uid_t *uid_r, bool *trusted_r);
/* Before one more connection of a stranger: if there are too many, disconnect
   this user's oldest idle one, or one of who has the most. Returns FALSE if
   that is not possible: then the new one must be closed. */
bool verifier_peer_get_room(struct verifier *verifier, uid_t uid);

/* verifier-connection.c, for verifier-load.c */

/* Start the evaluation and read on. May free conn. */
void verifier_connection_admit(struct verifier_connection *conn);
/* Refuse and disconnect: frees conn, or does so when the verdict on a message
   whose header was read is known and sent. conn is not read from any more.
   reason: any bytes, sanitised here. */
void verifier_connection_fail(struct verifier_connection *conn,
			      const char *reason);
/* Without a word; frees conn. */
void verifier_connection_disconnect(struct verifier_connection *conn);

#endif
