/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "authres-limits.h"
#include "ingress-watch.h"
#include "verifier-watchdog.h"
#include "verifier-connection.h"
#include "verifier-peers.h"
#include "verifier.h"

#include <unistd.h>

struct verifier *verifier_init(const struct verifier_settings *set)
{
	struct verifier *verifier = i_new(struct verifier, 1);

	verifier->set = *set;
	verifier->start_time = ioloop_time;
	verifier->ingress_watch = ingress_watch_init();
	verifier->protocol = &verifier_protocol;
	verifier->chunk = i_malloc(AUTHRES_MAX_CHUNK_BYTES);
	verifier->connections = verifier_connections_init();
	return verifier;
}

void verifier_connection_create(struct verifier *verifier, int fd,
				const char *listener)
{
	uid_t uid;
	bool trusted;

	verifier_peer_init(verifier, fd, listener, &uid, &trusted);
	if (!trusted && !verifier_peer_get_room(verifier, uid)) {
		i_close_fd(&fd);
		if (verifier->set.connection_destroyed != NULL)
			verifier->set.connection_destroyed();
		return;
	}
	if (verifier->watchdog == NULL) {
		verifier->watchdog =
			verifier_watchdog_init(AUTHRES_WATCHDOG_CPU_MSECS,
					       AUTHRES_WATCHDOG_WALL_MSECS);
	}
	verifier_connection_init(verifier, fd, listener, uid, trusted);
}

void verifier_stop(struct verifier *verifier)
{
	struct connection *_conn, *next;

	verifier->stopping = TRUE;
	for (_conn = verifier->connections->connections; _conn != NULL;
	     _conn = next) {
		struct verifier_connection *conn =
			container_of(_conn, struct verifier_connection, conn);

		next = _conn->next;
		if (conn->request_pool == NULL && conn->verdict_count > 0)
			verifier->protocol->disconnect(conn);
	}
}

void verifier_deinit(struct verifier **_verifier)
{
	struct verifier *verifier = *_verifier;
	struct connection *conn;

	if (verifier == NULL)
		return;
	*_verifier = NULL;
	/* before the list goes: destroying counts it */
	while ((conn = verifier->connections->connections) != NULL) {
		verifier->protocol->disconnect(container_of(
			conn, struct verifier_connection, conn));
	}
	connection_list_deinit(&verifier->connections);
	timeout_remove(&verifier->to_admit);
	timeout_remove(&verifier->to_silent);
	verifier_watchdog_deinit(&verifier->watchdog);
	ingress_watch_deinit(&verifier->ingress_watch);
	i_free(verifier->chunk);
	i_free(verifier);
}
