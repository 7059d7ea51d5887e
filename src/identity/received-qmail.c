/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-prefix.h"
#include "received-shape.h"

/* "192.0.2.5" or "ident@192.0.2.5" */
static bool
parse_address(const char *text, struct received *received_r)
{
	const char *at = strrchr(text, '@');

	return received_address(at == NULL ? text : at + 1,
				&received_r->from_ip);
}

static bool protocol_is_qmails(const char *protocol)
{
	static const char *const protocols[] = {
		"SMTP", "SMTPS", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA",
		"QMTP", "QMQP", "UTF8SMTP", "UTF8SMTPS", "UTF8SMTPA",
		"UTF8SMTPSA", NULL
	};

	return str_array_icase_find(protocols, protocol);
}

/* "from NAME (HELO NAME) (ident@192.0.2.5)", "by HOST with ESMTPS; DATE". HELO
   is left out if it equals the name of the address, which nobody checked.
   qmail replaces all but letters, digits and .@%+/=:- by "?". */
bool received_parse_qmail(struct received_cursor *cursor,
			  struct received *received_r)
{
	const char *line, *content, *name = NULL;
	struct received_cursor from;

	if (!received_next_line(cursor, &line) ||
	    strncasecmp(line, "from ", 5) != 0)
		return FALSE;
	from.p = line + 5;
	/* there may be none */
	if (*from.p != ' ' && !received_next_word(&from, &name))
		return FALSE;
	if (!received_next_comment(&from, &content))
		return FALSE;
	if (str_has_prefix(content, "HELO ")) {
		received_r->helo = content + 5;
		if (!received_next_comment(&from, &content))
			return FALSE;
	} else {
		received_r->helo = name;
	}
	if (*from.p != '\0' || !parse_address(content, received_r) ||
	    !received_line_begins(cursor, "by ") ||
	    !received_next_by(cursor, received_r))
		return FALSE;
	/* "with (CIPHER encrypted) ESMTPS" */
	if (!received_next_keyword(cursor, "with"))
		return FALSE;
	(void)received_next_comment(cursor, &content);
	if (!received_next_word(cursor, &received_r->protocol) ||
	    !protocol_is_qmails(received_r->protocol))
		return FALSE;
	(void)received_next_comment(cursor, &content);
	cursor->p += strspn(cursor->p, " \t\n");
	return *cursor->p == ';';
}

/* qmail-queue: "(qmail 4711 invoked from network); DATE". What handed it over
   wrote the field below, unless that was a local user. */
bool received_parse_qmail_queue(struct received_cursor *cursor,
				struct received *received_r)
{
	const char *content, *how;

	if (!received_next_comment(cursor, &content) ||
	    !str_has_prefix(content, "qmail "))
		return FALSE;
	how = content + 6;
	how += strspn(how, "0123456789");
	if (str_has_prefix(how, " invoked by uid ")) {
		received_r->local_user = how + 16;
		received_r->local_pickup = TRUE;
	} else if (strcmp(how, " invoked for bounce") == 0) {
		received_r->local_pickup = TRUE;
	} else if (strcmp(how, " invoked from network") != 0 &&
		   strcmp(how, " invoked by alias") != 0) {
		return FALSE;
	}
	received_r->continues = TRUE;
	return TRUE;
}
