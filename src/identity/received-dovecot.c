#include "lib.h"
#include "received.h"

/* "from mx.example.org ([192.0.2.5]) by imap.example.org with LMTP id ...".
   Over a UNIX socket no address is given. */
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
		while (received_next_comment(cursor, &content)) ;
	}
	if (!received_next_keyword(cursor, "by") ||
	    !received_next_word(cursor, &received_r->by) ||
	    !received_next_keyword(cursor, "with") ||
	    !received_next_word(cursor, &received_r->protocol) ||
	    !received_next_keyword(cursor, "id") ||
	    !received_next_word(cursor, &received_r->id))
		return FALSE;
	received_r->dovecot_lmtp = TRUE;
	return strncasecmp(received_r->protocol, "LMTP", 4) == 0;
}
