#include "lib.h"
#include "str-prefix.h"
#include "received-shape.h"

/* Programs that fetch mail from a provider. The server they write is where
   they fetched it from, and nobody else chooses anything in their lines. */

/* "from imap.example.net [192.0.2.5]", "by HOST with IMAP (fetchmail-6.4.37)";
   through a tunnel without address. */
bool received_parse_fetchmail(struct received_cursor *cursor,
			      struct received *received_r)
{
	const char *server, *content;

	if (!received_next_keyword(cursor, "from") ||
	    !received_next_word(cursor, &server))
		return FALSE;
	if (!received_next_line_begins(cursor, "by ") &&
	    (!received_next_word(cursor, &content) ||
	     !received_address_literal(content, &received_r->from_ip)))
		return FALSE;
	received_r->fetched = TRUE;
	return received_next_line_begins(cursor, "by ") &&
		received_next_by(cursor, received_r) &&
		received_next_with(cursor, received_r) &&
		received_next_comment(cursor, &content) &&
		str_has_prefix(content, "fetchmail-");
}

/* "from imap.example.net (192.0.2.5) by HOST with IMAP4-SSL getmail6", lines
   broken between any words; older ones "from imap.example.net by". */
bool received_parse_getmail(struct received_cursor *cursor,
			    struct received *received_r)
{
	const char *word;

	if (!received_next_keyword(cursor, "from") ||
	    !received_next_word(cursor, &word))
		return FALSE;
	if (received_next_comment(cursor, &word) &&
	    !received_address(word, &received_r->from_ip))
		return FALSE;
	received_r->fetched = TRUE;
	return received_next_by(cursor, received_r) &&
		received_next_with(cursor, received_r) &&
		received_next_word(cursor, &word) &&
		(strcmp(word, "getmail6") == 0 || strcmp(word, "getmail") == 0);
}
