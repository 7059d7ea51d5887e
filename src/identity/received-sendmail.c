/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "received-shape.h"

#include <ctype.h>

#define MAY_BE_FORGED " (may be forged)"
/* Sendmail keeps 366 bytes of user, name and address. */
#define CUT_CLIENT_MIN_BYTES 300

/* "8.17.1.9/8.17.1.9/Debian-2": program and configuration */
static bool comment_is_version(const char *content)
{
	return i_isdigit(content[0]) && strchr(content, '/') != NULL;
}

/* "mail.example.org [192.0.2.5] (may be forged)", "[192.0.2.5]",
   "user@mail.example.org [192.0.2.5]", "user@[192.0.2.5]". Neither name nor
   user may have brackets. Sendmail cuts it where it is too long, and a client
   chooses how long it is: behind the address nothing needs to be complete, and
   where the address itself is cut the client has hidden it. */
static bool
parse_client(const char *content, struct received *received_r)
{
	size_t size = strcspn(content, "[");
	const char *name, *end = strchr(content + size, ']');

	if (end == NULL && strlen(content) >= CUT_CLIENT_MIN_BYTES) {
		received_r->masked = received_r->masked_by_client = TRUE;
		return TRUE;
	}
	if (end == NULL ||
	    (size > 0 &&
	     content[size - 1] != ' ' && content[size - 1] != '@') ||
	    !received_address_literal(t_strdup_until(content + size, end + 1),
				      &received_r->from_ip))
		return FALSE;
	end++;
	if (strncmp(MAY_BE_FORGED, end, strlen(end)) != 0)
		return FALSE;
	if (*end == '\0' && size > 0 && content[size - 1] == ' ') {
		content = t_strndup(content, size - 1);
		name = strrchr(content, '@');
		received_r->verified_name = name == NULL ? content : name + 1;
	}
	return TRUE;
}

/* "by HOST (VERSION) with ESMTP id ID" */
static bool
parse_by(struct received_cursor *cursor, struct received *received_r)
{
	const char *content;

	if (!received_next_by(cursor, received_r) ||
	    !received_next_comment(cursor, &content) ||
	    !comment_is_version(content))
		return FALSE;
	(void)received_next_with(cursor, received_r);
	return received_next_id(cursor, received_r);
}

/* "from HELO (CLIENT)", or "(from CLIENT)" without HELO, which is a word; a
   line "(authenticated bits=0)" */
bool received_parse_sendmail(struct received_cursor *cursor,
			     struct received *received_r)
{
	const char *line, *client, *content;
	size_t size;

	if (!received_next_line(cursor, &line))
		return FALSE;
	if (strncasecmp(line, "(from ", 6) == 0) {
		client = line + 6;
	} else {
		client = strchr(line, '(');
		if (strncasecmp(line, "from ", 5) != 0 || client == NULL ||
		    client == line + 5 || client[-1] != ' ')
			return FALSE;
		received_r->helo = t_strdup_until(line + 5, client - 1);
		if (strchr(received_r->helo, ' ') != NULL)
			return FALSE;
		client++;
	}
	size = strlen(client);
	if (size == 0 || client[size - 1] != ')' ||
	    !parse_client(t_strndup(client, size - 1), received_r))
		return FALSE;
	received_r->names_checked = TRUE;
	if (received_line_begins(cursor, "(authenticated")) {
		received_r->authenticated = TRUE;
		if (!received_next_comment(cursor, &content))
			return FALSE;
	}
	return parse_by(cursor, received_r);
}

/* "(from user@localhost)" */
bool received_parse_sendmail_local(struct received_cursor *cursor,
				   struct received *received_r)
{
	const char *line, *at;
	size_t size;

	if (!received_next_line(cursor, &line))
		return FALSE;
	size = strlen(line);
	if (strncasecmp(line, "(from ", 6) != 0 || line[size - 1] != ')')
		return FALSE;
	line = t_strndup(line + 6, size - 7);
	at = strrchr(line, '@');
	if (at == NULL || strcmp(at, "@localhost") != 0)
		return FALSE;
	received_r->local_user = t_strdup_until(line, at);
	received_r->local_pickup = TRUE;
	return parse_by(cursor, received_r);
}
