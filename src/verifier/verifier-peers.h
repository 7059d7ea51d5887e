#ifndef VERIFIER_PEERS_H
#define VERIFIER_PEERS_H

struct verifier;

/* Who is a stranger, and how much a stranger may have.
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

#endif
