#ifndef VERIFIER_CLIENT_CONNECTION_PRIVATE_H
#define VERIFIER_CLIENT_CONNECTION_PRIVATE_H

#include "verifier-client-connection.h"

struct verifier_client_connection {
	int fd;
	char *socket_path;
	uint64_t deadline_msecs;
	/* kept from another request: the verifier has to show until then that
	   it is still there; 0 = it did */
	uint64_t alive_deadline_msecs;
	/* VERSION was sent */
	bool greeted;

	/* what was read; bytes before offset are done */
	buffer_t *input;
	size_t offset;
	/* checked so far, from offset */
	size_t checked;
	bool eof;
};

/* Connect without waiting. Returns NULL with errno and error_r (data stack). */
struct verifier_client_connection *
verifier_client_connection_open(const char *socket_path, const char **error_r);
/* Read what is there, without waiting. */
enum verifier_client_ret
verifier_client_connection_read(struct verifier_client_connection *conn,
				const char **error_r);
/* As verifier_client_read_line(), of what was read already. Returns 1, 0 if
   there is no whole line yet, -1 and error_r if there will be no good one. */
int verifier_client_connection_next_line(
	struct verifier_client_connection *conn, const char *const *words,
	const char **line_r, const char **error_r);

#endif
