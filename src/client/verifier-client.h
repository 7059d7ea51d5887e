#ifndef VERIFIER_CLIENT_H
#define VERIFIER_CLIENT_H

#include "verdict.h"
#include "verify-request.h"

struct istream;
struct verifier_client_connection;

/* The protocol client of plugin and doveadm (verdict-wire.h): blocking, with
   one absolute deadline on CLOCK_MONOTONIC from connect to answer, watching
   for input while sending. The verifier is trusted no more than a stranger:
   the first bad byte ends a request. Needs no ioloop, changes no signal
   handler (a verifier that dies raises no SIGPIPE), works with any euid. */

enum verifier_client_outcome {
	VERIFIER_CLIENT_VERDICT,
	/* No verifier greeted before the deadline, or there is none: nobody's
	   choice. It has seen nothing of the message. */
	VERIFIER_CLIENT_ABSENT,
	/* A verifier was there, and this message got no verdict from it:
	   processes died of it, the reply was refused twice, or none came in
	   time. Whoever wrote the message may have wanted that. */
	VERIFIER_CLIENT_UNJUDGED
};

/* Ask the verifier at socket_path about the message in input, which is read
   from its current offset to its end (it must not be non-blocking); the caller
   seeks afterwards. request->timeout_msecs is the deadline; request->minimal
   and tell_alive are set here.
   kept: NULL, or where the connection of the last message is, or NULL; the one
   of this message is left there, for verifier_client_disconnect() at the end.
   One that went away or that hangs meanwhile costs another connection, and the
   message nothing.
   As long as time is left and input is seekable: a connection that ends, and a
   request that is answered by FAIL, is tried again on a new connection, three
   times in all; after a reply that is refused, once more for a minimal one.
   Fills verdict_r (pool) for VERDICT; then error_r is NULL, or why the verdict
   is a minimal one. For the others error_r says why. It is on the data stack:
   one sentence for the log, sanitised. Logs nothing. */
enum verifier_client_outcome
verifier_client_verify(pool_t pool, const char *socket_path,
		       struct verifier_client_connection **kept,
		       const struct verify_request *request,
		       struct istream *input,
		       struct verdict *verdict_r, const char **error_r);

/* Ask one verifier process about itself. args_r (pool, NULL-terminated):
   "version=0.1.0", "pid=123", "uptime_secs=", "connections=",
   "client_limit=", "active=", "waiting=", "requests=", "failures=",
   "waited=", "memory_bytes=", "max_memory_bytes=", "known_answers=",
   "max_known_answers=", "uid=", "chroot=yes", "sandbox=yes": printable ASCII,
   unknown keys may follow. Returns 0, or -1 and error_r as above. */
int verifier_client_status(pool_t pool, const char *socket_path,
			   unsigned int timeout_msecs,
			   const char *const **args_r, const char **error_r);

#endif
