/* Copyright (c) authres authors, see the included COPYING file */

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

/* "192.0.2.5", "192.0.2.5:993" or "[2001:db8::5]:993" */
static bool
parse_address_and_port(const char *text, struct ip_addr *ip_r)
{
	const char *port = strrchr(text, ':');

	if (received_address(text, ip_r))
		return TRUE;
	if (port == NULL || port[1] == '\0' ||
	    port[1 + strspn(port + 1, "0123456789")] != '\0')
		return FALSE;
	text = t_strdup_until(text, port);
	return received_address(text, ip_r) ||
		received_address_literal(text, ip_r);
}

/* Old ones do not say their name, and the protocol is all that follows. */
static bool
parse_getmail_name(struct received_cursor *cursor, const char *protocol)
{
	static const char *const protocols[] = {
		"POP3", "POP3-SSL", "IMAP4", "IMAP4-SSL", NULL
	};
	const char *word;

	if (received_next_word(cursor, &word))
		return strcmp(word, "getmail6") == 0 ||
			strcmp(word, "getmail") == 0;
	return *cursor->p == ';' && str_array_find(protocols, protocol);
}

/* "from imap.example.net (192.0.2.5:993) by HOST with IMAP4-SSL getmail6",
   lines broken between any words; older ones without port, and "from
   imap.example.net by". */
bool received_parse_getmail(struct received_cursor *cursor,
			    struct received *received_r)
{
	const char *word;

	if (!received_next_keyword(cursor, "from") ||
	    !received_next_word(cursor, &word))
		return FALSE;
	if (received_next_comment(cursor, &word) &&
	    !parse_address_and_port(word, &received_r->from_ip))
		return FALSE;
	received_r->fetched = TRUE;
	return received_next_by(cursor, received_r) &&
		received_next_with(cursor, received_r) &&
		parse_getmail_name(cursor, received_r->protocol);
}
