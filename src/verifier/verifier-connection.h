#ifndef VERIFIER_CONNECTION_H
#define VERIFIER_CONNECTION_H

#include "verifier-state.h"

/* The server side of the verifier's protocol (verdict-wire.h). The client is
   trusted with nothing: at the first bad byte it gets FAIL and is
   disconnected. */

extern const struct verifier_protocol verifier_protocol;

struct connection_list *verifier_connections_init(void);
/* A client that verifier_peer_init() told of; fd is closed with it. Greets at
   once. */
void verifier_connection_init(struct verifier *verifier, int fd,
			      const char *listener, uid_t uid, bool trusted);

#endif
