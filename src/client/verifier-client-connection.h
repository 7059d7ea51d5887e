#ifndef VERIFIER_CLIENT_CONNECTION_H
#define VERIFIER_CLIENT_CONNECTION_H

/* One connection to the verifier: bytes and lines with a deadline. */

#include <sys/uio.h>

struct verifier_client_connection;

enum verifier_client_ret {
	VERIFIER_CLIENT_OK,
	/* the connection was refused or ended: another one may do better */
	VERIFIER_CLIENT_ENDED,
	/* the deadline is over */
	VERIFIER_CLIENT_TIMEOUT,
	/* anything else: the verifier said something wrong */
	VERIFIER_CLIENT_ERROR
};

/* CLOCK_MONOTONIC in milliseconds. */
uint64_t verifier_client_now_msecs(void);

/* Get a connection on which a verifier has greeted: by the listener of
   deliveries beside socket_path where this process may use it, as root where it
   can become that (for the time of the connect() only; a failure to become the
   user again is fatal), else by socket_path itself. What is refused or ends is
   tried again; where no greeting comes within AUTHRES_GREETING_TIMEOUT_MSECS,
   another connection is opened beside it, twice as long after that the next,
   and the first one that greets is taken. All that until deadline_msecs; a
   socket that does not exist is waited for a short time only.
   Returns OK, TIMEOUT when the deadline is over, ERROR when there is nobody to
   wait for: no socket, or one of something else. error_r (data stack) is set
   unless OK. */
enum verifier_client_ret
verifier_client_connect(const char *socket_path, uint64_t deadline_msecs,
			struct verifier_client_connection **conn_r,
			const char **error_r);
void verifier_client_disconnect(struct verifier_client_connection **conn);

/* A connection on which a request was answered can take the next one, which
   spares both ends a connection and a greeting. Returns TRUE if it is one of
   socket_path, still there, and nothing has come on it that was not asked for.
   From now on it is for another request: as long as no byte of a reply came,
   a verifier that takes nothing and says nothing for
   AUTHRES_GREETING_TIMEOUT_MSECS counts as one that ended the connection. */
bool verifier_client_reuse(struct verifier_client_connection *conn,
			   const char *socket_path, uint64_t deadline_msecs);
/* TRUE if no byte of a reply came yet. */
bool verifier_client_is_silent(const struct verifier_client_connection *conn);
/* After a whole reply: make room for the next one. */
void verifier_client_reply_done(struct verifier_client_connection *conn);

/* Send all of the parts, which are changed. Input that arrives while the
   verifier does not read ends it early with OK and *early_r = TRUE: the reply
   is there. */
enum verifier_client_ret
verifier_client_send(struct verifier_client_connection *conn,
		     struct iovec *parts, unsigned int count, bool *early_r,
		     const char **error_r);
/* Read the next line, without its LF: verdict_wire_line_is_valid() for words,
   which is checked as soon as a byte is there. line_r is valid until the next
   call. More than AUTHRES_MAX_REPLY_BYTES in all is an error. */
enum verifier_client_ret
verifier_client_read_line(struct verifier_client_connection *conn,
			  const char *const *words, const char **line_r,
			  const char **error_r);
/* Wait for bytes of a reply, whatever they are. They are taken with this, and
   data_r is valid until the next call. */
enum verifier_client_ret
verifier_client_read_bytes(struct verifier_client_connection *conn,
			   const unsigned char **data_r, size_t *size_r,
			   const char **error_r);

#endif
