#ifndef VERIFIER_CLIENT_H
#define VERIFIER_CLIENT_H

#include "verdict.h"
#include "verify-request.h"

struct istream;

/* The protocol client of plugin and doveadm (verdict-wire.h): blocking, with
   one absolute deadline on CLOCK_MONOTONIC from connect to answer, watching
   for input while sending. The verifier is trusted no more than a stranger. */

/* Ask the verifier at socket_path about the message in input, which is read
   from its current offset to its end; the caller seeks afterwards.
   request->timeout_msecs is the deadline. Retries once on a fresh connection
   when the first one ends or is refused before the answer and time is left.
   Returns 0 and the verdict (pool), or -1 and error_r (data stack: one
   sentence for the log, sanitised). A greeting that does not come within
   AUTHRES_GREETING_TIMEOUT_MSECS means down. */
int verifier_client_verify(pool_t pool, const char *socket_path,
			   const struct verify_request *request,
			   struct istream *input,
			   struct verdict *verdict_r, const char **error_r);

#endif
