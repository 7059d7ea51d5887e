#ifndef VERIFIER_LOAD_H
#define VERIFIER_LOAD_H

struct verifier;
struct verifier_connection;

/* Who is evaluated when. */

/* A request has been read: start it now, or let it wait. Under pressure its
   timeout is cut to AUTHRES_PRESSURE_TIMEOUT_MSECS. */
void verifier_load_request(struct verifier_connection *conn);
/* Its evaluation ended, or it stopped waiting. */
void verifier_load_forget(struct verifier_connection *conn);
/* Bytes held for all requests. */
size_t verifier_load_bytes(struct verifier *verifier);

#endif
