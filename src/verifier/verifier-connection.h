#ifndef VERIFIER_CONNECTION_H
#define VERIFIER_CONNECTION_H

#include "sandbox.h"

struct evaluation_settings;
struct resolver;
struct waiting_messages;

/* The server side of the verifier's protocol (verdict-wire.h): all connections
   of one process, its byte budget and its counters. The client is trusted with
   nothing: at the first bad byte it gets FAIL and is disconnected. */

struct verifier;

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

/* set is copied; what it points to must live until deinit. */
struct verifier *verifier_init(const struct verifier_settings *set);
/* Disconnects everybody. */
void verifier_deinit(struct verifier **verifier);

/* A new client; fd is closed with it. Greets at once, or closes it at once
   when this user has enough. listener: name of the one that accepted it. */
void verifier_connection_create(struct verifier *verifier, int fd,
				const char *listener);

#endif
