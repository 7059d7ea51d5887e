#ifndef VERIFIER_CLIENT_H
#define VERIFIER_CLIENT_H

#include "verdict.h"
#include "verify-request.h"

struct istream;

/* The protocol client of plugin and doveadm (verdict-wire.h): blocking, with
   one absolute deadline on CLOCK_MONOTONIC from connect to answer, watching
   for input while sending. The verifier is trusted no more than a stranger:
   the first bad byte ends the request. Needs no ioloop, changes no signal
   handler (a verifier that dies raises no SIGPIPE), works with any euid. */

/* Ask the verifier at socket_path about the message in input, which is read
   from its current offset to its end (it must not be non-blocking); the caller
   seeks afterwards. request->timeout_msecs is the deadline. Retries once on a
   fresh connection when the first one ends or is refused before the answer,
   time is left, and input is seekable.
   Returns 0 and the verdict (pool), or -1 and error_r (data stack: one
   sentence for the log, sanitised). A greeting that does not come within
   AUTHRES_GREETING_TIMEOUT_MSECS means down. Logs nothing. */
int verifier_client_verify(pool_t pool, const char *socket_path,
			   const struct verify_request *request,
			   struct istream *input,
			   struct verdict *verdict_r, const char **error_r);

/* Ask one verifier process about itself. args_r (pool, NULL-terminated):
   "version=0.1.0", "pid=123", "uptime_secs=", "connections=",
   "client_limit=", "active=", "waiting=", "requests=", "failures=",
   "waited=", "memory_bytes=", "max_memory_bytes=", "uid=", "chroot=yes",
   "sandbox=yes": printable ASCII, unknown keys may follow. Returns 0, or -1 and error_r as above. */
int verifier_client_status(pool_t pool, const char *socket_path,
			   unsigned int timeout_msecs,
			   const char *const **args_r, const char **error_r);

#endif
