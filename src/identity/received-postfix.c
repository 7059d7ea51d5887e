/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-prefix.h"
#include "received-shape.h"

#define FROM_USERID ", from userid "

/* No "id": with smtpd_proxy_filter there is no queue file yet. */
static bool parse_id(struct received_cursor *cursor,
		     struct received *received_r)
{
	return received_next_id(cursor, received_r) || *cursor->p == ';' ||
		received_next_line_begins(cursor, "for ");
}

/* "from HELO (NAME [192.0.2.1])", lines with TLS, certificate and SASL login,
   "by HOST (Postfix) with ESMTPS id ID". The name is "unknown" unless its
   address was checked. Postfix replaces spaces, parentheses and others in what
   the client says by "?". */
bool received_parse_postfix(struct received_cursor *cursor,
			    struct received *received_r)
{
	const char *content, *name;

	if (!received_next_client_line(cursor, received_r, &name))
		return FALSE;
	received_r->names_checked = TRUE;
	if (name != NULL && strcmp(name, "unknown") != 0)
		received_r->verified_name = name;
	/* A certificate's text is the client's, but can only stand deeper:
	   Postfix keeps parentheses balanced. */
	while (received_next_comment(cursor, &content)) {
		if (strncasecmp(content, "Authenticated sender:", 21) == 0)
			received_r->authenticated = TRUE;
	}
	return received_next_by(cursor, received_r) &&
		received_next_comment(cursor, &content) &&
		strcmp(content, "Postfix") == 0 &&
		received_next_with(cursor, received_r) &&
		parse_id(cursor, received_r);
}

/* "Postfix" or "Postfix, from userid 1000". mail_name NULL = any. */
static bool
comment_is_local(const char *content, const char *mail_name,
		 struct received *received_r)
{
	const char *user = strstr(content, FROM_USERID);

	if (user != NULL) {
		received_r->local_user = user + strlen(FROM_USERID);
		content = t_strdup_until(content, user);
	}
	return mail_name == NULL || strcmp(content, mail_name) == 0;
}

/* pickup(8): "by HOST (Postfix, from userid 1000) id ID"; without user ID: a
   notification of Postfix itself, or a login whose client it hides
   (smtpd_hide_client_session). */
static bool
parse_local(struct received_cursor *cursor, struct received *received_r,
	    const char *mail_name)
{
	const char *content;

	received_r->local_pickup = TRUE;
	return received_next_by(cursor, received_r) &&
		received_next_comment(cursor, &content) &&
		comment_is_local(content, mail_name, received_r) &&
		received_next_id(cursor, received_r);
}

bool received_parse_postfix_local(struct received_cursor *cursor,
				  struct received *received_r)
{
	return parse_local(cursor, received_r, "Postfix");
}

bool received_parse_renamed_local(struct received_cursor *cursor,
				  struct received *received_r)
{
	return parse_local(cursor, received_r, NULL);
}
