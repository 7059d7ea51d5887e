#include "lib.h"
#include "received-shape.h"

/* "from HELO ([192.0.2.5])", or without address over a UNIX socket; a line with
   TLS; "by HOST with LMTP", "id ID". HELO is a domain or an address. */
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
	return received_next_line_begins(cursor, "by ") &&
		received_next_by(cursor, received_r) &&
		received_next_with(cursor, received_r) &&
		received_next_id(cursor, received_r) &&
		strncasecmp(received_r->protocol, "LMTP", 4) == 0;
}
