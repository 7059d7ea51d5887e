#ifndef HISTORY_CLIENT_H
#define HISTORY_CLIENT_H

struct failure_record;
struct history_record;

/* Whoever tells the recorder (service authres-history) what happened to a
   message. Its socket is open to root and the user that Dovecot was started
   as, and to whom the administrator opens it (service authres-history
   { unix_listener authres-history { } }): these are believed. Anybody may tell
   what was taken back, by a socket of its own. */

/* Hand over record, by the socket for its event, and failure behind it, unless
   that is NULL; the socket for deliveries as root for the moment of connect()
   where this process may be that. Never waits: returns 0 when the kernel has
   all of record, or -1 and error_r (data stack); then the record is lost. A
   failure is lost without a word. base_dir: Dovecot's. */
int history_client_send(const char *base_dir,
			const struct history_record *record,
			const struct failure_record *failure,
			const char **error_r);
/* Ask for the recorder's STATUS, or FLUSH and then its status; waits at most
   timeout_secs. Returns 0 and status_r, the answer's fields as "key=value"
   (data stack), or -1 and error_r. */
int history_client_ask(const char *base_dir, bool flush,
		       unsigned int timeout_secs,
		       const char *const **status_r, const char **error_r);

#endif
