/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "received-shape.h"

#define ENVELOPE_FROM "(envelope-from <"

/* A line of its own: what is in it may hold any of these characters. */
static const char *parse_envelope_from(struct received_cursor *cursor)
{
	const char *line;
	size_t size;

	if (!received_next_line_begins(cursor, ENVELOPE_FROM))
		return NULL;
	cursor->p = strchr(cursor->p, '\n') + 1;
	if (!received_next_line(cursor, &line))
		return NULL;
	line += strlen(ENVELOPE_FROM);
	size = strlen(line);
	if (size < 2 || strcmp(line + size - 2, ">)") != 0)
		return NULL;
	return t_strndup(line, size - 2);
}

/* "from HELO ([192.0.2.5])", or without address over a UNIX socket; a line with
   TLS; "by HOST with LMTP", "id ID", "(envelope-from <a@b>)". HELO is a domain
   or an address. */
bool received_parse_dovecot(struct received_cursor *cursor,
			    struct received *received_r)
{
	const char *content;

	if (!received_next_keyword(cursor, "from") ||
	    !received_next_word(cursor, &received_r->helo))
		return FALSE;
	if (received_next_comment(cursor, &content)) {
		/* a UNIX socket has no TLS: this is the address or nothing */
		if (!received_address_literal(content, &received_r->from_ip))
			return FALSE;
		(void)received_next_comment(cursor, &content);
	}
	received_r->dovecot_lmtp = TRUE;
	if (!received_next_line_begins(cursor, "by ") ||
	    !received_next_by(cursor, received_r) ||
	    !received_next_with(cursor, received_r) ||
	    !received_next_id(cursor, received_r) ||
	    strncasecmp(received_r->protocol, "LMTP", 4) != 0)
		return FALSE;
	received_r->envelope_from = parse_envelope_from(cursor);
	return TRUE;
}
