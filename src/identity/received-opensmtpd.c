/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "received-shape.h"

/* "by HOST (OpenSMTPD) with ESMTPS id ID" */
static bool
parse_by(struct received_cursor *cursor, struct received *received_r)
{
	const char *content;

	return received_next_by(cursor, received_r) &&
		received_next_comment(cursor, &content) &&
		strcmp(content, "OpenSMTPD") == 0 &&
		received_next_with(cursor, received_r) &&
		received_next_id(cursor, received_r);
}

/* "from localhost (localhost [local])": over smtpd's own socket */
static bool line_is_local(const struct received_cursor *cursor)
{
	struct received_cursor next = *cursor;
	const char *line;
	size_t size;

	if (!received_next_line(&next, &line))
		return FALSE;
	size = strlen(line);
	return size > 9 && strcmp(line + size - 9, " [local])") == 0;
}

/* "from HELO (NAME [192.0.2.5])". NAME is "<unknown>" or not checked. HELO is
   a domain or an address. */
bool received_parse_opensmtpd(struct received_cursor *cursor,
			      struct received *received_r)
{
	const char *line, *name;

	if (line_is_local(cursor)) {
		received_r->local_pickup = TRUE;
		if (!received_next_line(cursor, &line) ||
		    strncasecmp(line, "from ", 5) != 0)
			return FALSE;
	} else if (!received_next_client_line(cursor, received_r, &name)) {
		return FALSE;
	}
	return parse_by(cursor, received_r);
}

/* With mask-src there is no from clause. */
bool received_parse_opensmtpd_masked(struct received_cursor *cursor,
				     struct received *received_r)
{
	received_r->masked = TRUE;
	return parse_by(cursor, received_r);
}
