#ifndef VERIFIER_CLIENT_CONNECTION_H
#define VERIFIER_CLIENT_CONNECTION_H

/* One connection to the verifier: bytes and lines with a deadline. */

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

/* Send all of it. Input that arrives while the verifier does not read ends it
   early with OK and *early_r = TRUE: the reply is there. */
enum verifier_client_ret
verifier_client_send(struct verifier_client_connection *conn,
		     const void *data, size_t size, bool *early_r,
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
