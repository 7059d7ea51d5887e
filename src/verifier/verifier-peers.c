/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "verifier-listeners.h"
#include "verifier-state.h"
#include "verifier-peers.h"

/* What strangers may have of the connections, and one user of that. */
#define PEERS_STRANGERS_PART 2
#define PEERS_USER_PART 4

static bool peer_is_idle(const struct verifier_connection *conn)
{
	return conn->request_pool == NULL;
}

static unsigned int
peers_count(const struct verifier *verifier, const uid_t *uid)
{
	const struct connection *_conn = verifier->connections->connections;
	unsigned int count = 0;

	for (; _conn != NULL; _conn = _conn->next) {
		const struct verifier_connection *conn =
			container_of(_conn, const struct verifier_connection,
				     conn);

		if (!conn->trusted && (uid == NULL || conn->peer_uid == *uid))
			count++;
	}
	return count;
}

/* The stranger with the most connections. */
static uid_t peers_greatest(const struct verifier *verifier)
{
	const struct connection *_conn = verifier->connections->connections;
	unsigned int count, max_count = 0;
	uid_t uid = (uid_t)-1;

	for (; _conn != NULL; _conn = _conn->next) {
		const struct verifier_connection *conn =
			container_of(_conn, const struct verifier_connection,
				     conn);

		if (conn->trusted)
			continue;
		count = peers_count(verifier, &conn->peer_uid);
		if (count > max_count) {
			max_count = count;
			uid = conn->peer_uid;
		}
	}
	return uid;
}

/* NULL if there is none. */
static struct verifier_connection *
peers_oldest(const struct verifier *verifier, uid_t uid, bool idle_only)
{
	struct connection *_conn = verifier->connections->connections;
	struct verifier_connection *oldest = NULL;

	/* new ones are put in front */
	for (; _conn != NULL; _conn = _conn->next) {
		struct verifier_connection *conn =
			container_of(_conn, struct verifier_connection, conn);

		if (!conn->trusted && conn->peer_uid == uid &&
		    (!idle_only || peer_is_idle(conn)))
			oldest = conn;
	}
	return oldest;
}

void verifier_peer_init(const struct verifier *verifier, int fd,
			const char *listener, uid_t *uid_r, bool *trusted_r)
{
	struct net_unix_cred cred;

	*uid_r = net_getunixcred(fd, &cred) < 0 ? (uid_t)-1 : cred.uid;
	*trusted_r = *uid_r == 0 || *uid_r == verifier->set.owner_uid ||
		strcmp(listener, AUTHRES_DELIVERY_LISTENER) == 0;
}

bool verifier_peer_get_room(struct verifier *verifier, uid_t uid)
{
	unsigned int limit = verifier->set.client_limit;
	struct verifier_connection *victim;
	uid_t greatest;

	if (peers_count(verifier, &uid) >= I_MAX(limit / PEERS_USER_PART, 1))
		victim = peers_oldest(verifier, uid, TRUE);
	else if (peers_count(verifier, NULL) >=
		 I_MAX(limit / PEERS_STRANGERS_PART, 1)) {
		greatest = peers_greatest(verifier);
		victim = peers_oldest(verifier, greatest, TRUE);
		/* Who has the most cannot keep others out by being busy. */
		if (victim == NULL && greatest != uid)
			victim = peers_oldest(verifier, greatest, FALSE);
	} else {
		return TRUE;
	}
	if (victim == NULL)
		return FALSE;
	verifier->protocol->disconnect(victim);
	return TRUE;
}
