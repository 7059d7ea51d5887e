#ifndef CONNECT_AS_ROOT_H
#define CONNECT_AS_ROOT_H

/* lmtp delivers with the effective uid of the user and stays root. Sockets that
   are open to root alone are its own by that. */

/* As net_connect_unix(), as root for the moment of connect() where this process
   may be that. Never waits. Returns the descriptor (not blocking), or -1 and
   errno: EAGAIN if the queue of the listener is full. A process that cannot go
   back to its user ends. */
int net_connect_unix_as_root(const char *path);

#endif
