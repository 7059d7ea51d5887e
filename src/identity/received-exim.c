/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-prefix.h"
#include "received-shape.h"

#include <ctype.h>

/* host_build_sender_fullhost() of Exim writes, and a line break behind it:
     [192.0.2.5]
     [192.0.2.5] (port=40122 helo=mail.example.org ident=mail)
     host5.example.org ([192.0.2.5]:40122 helo=mail.example.org)
     host5.example.org ([192.0.2.5])
   and a line break in front of the "(" if a host with a name has an ident.
   Port, helo and ident may be missing. With helo_accept_junk_hosts, HELO is any
   bytes, and ident any printable ones: the address stands in front of both. */

/* "port=40122 helo=NAME ident=NAME" */
static void
parse_attributes(const char *text, struct received *received_r)
{
	if (str_has_prefix(text, "port=")) {
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
	if (str_has_prefix(text, "helo="))
		received_r->helo = t_strcut(text + 5, ' ');
}

/* "[192.0.2.5]" or "[192.0.2.5]:40122". Returns what follows, or NULL. */
static const char *
parse_address(const char *text, struct received *received_r)
{
	const char *end = strchr(text, ']');

	if (end == NULL ||
	    !received_address_literal(t_strdup_until(text, end + 1),
				      &received_r->from_ip))
		return NULL;
	if (*++end == ':') {
		for (end++; i_isdigit(*end); end++) ;
	}
	return *end == '\0' || *end == ' ' ? end : NULL;
}

/* "[192.0.2.5] (helo=NAME)" */
static bool
parse_unnamed(const char *line, struct received *received_r)
{
	const char *rest = parse_address(line, received_r);
	size_t size;

	if (rest == NULL)
		return FALSE;
	size = strlen(rest);
	if (size == 0)
		return TRUE;
	if (!str_has_prefix(rest, " (") || rest[size - 1] != ')')
		return FALSE;
	parse_attributes(t_strndup(rest + 2, size - 3), received_r);
	return TRUE;
}

/* "NAME ([192.0.2.5] helo=NAME)" */
static bool
parse_named(struct received_cursor *cursor, const char *line,
	    struct received *received_r)
{
	const char *name, *rest = strchr(line, ' ');
	size_t size;

	if (rest == NULL) {
		name = line;
		if (!received_next_line(cursor, &rest))
			return FALSE;
	} else {
		name = t_strdup_until(line, rest);
		rest++;
	}
	size = strlen(rest);
	if (size < 2 || *rest != '(' || rest[size - 1] != ')')
		return FALSE;
	rest = parse_address(t_strndup(rest + 1, size - 2), received_r);
	if (rest == NULL)
		return FALSE;
	parse_attributes(rest + strspn(rest, " "), received_r);
	received_r->verified_name = name;
	/* not written if it is the same */
	if (received_r->helo == NULL)
		received_r->helo = name;
	return TRUE;
}

/* "by HOST with esmtps (TLS1.3) tls CIPHER (Exim 4.96)" */
static bool
parse_by(struct received_cursor *cursor, struct received *received_r)
{
	const char *content, *cipher;

	if (!received_next_by(cursor, received_r))
		return FALSE;
	(void)received_next_with(cursor, received_r);
	if (received_next_keyword(cursor, "tls") &&
	    !received_next_word(cursor, &cipher))
		return FALSE;
	while (received_next_comment(cursor, &content)) {
		if (str_has_prefix(content, "Exim ") ||
		    strcmp(content, "Exim") == 0)
			return TRUE;
		if (received_next_keyword(cursor, "tls") &&
		    !received_next_word(cursor, &cipher))
			return FALSE;
	}
	return FALSE;
}

bool received_parse_exim(struct received_cursor *cursor,
			 struct received *received_r)
{
	const char *line;

	if (!received_next_line(cursor, &line) ||
	    strncasecmp(line, "from ", 5) != 0)
		return FALSE;
	line += 5;
	if (*line == '[' ? !parse_unnamed(line, received_r) :
	    !parse_named(cursor, line, received_r))
		return FALSE;
	received_r->names_checked = TRUE;
	return received_line_begins(cursor, "by ") &&
		parse_by(cursor, received_r);
}

/* "from USER by HOST with local (Exim 4.96)", "from USER (helo=NAME)" and a
   line break for local SMTP. Exim quotes a user that is not an atom. A line
   for a client has no "by" on its first line, and its "(" is followed by its
   address, or follows it. */
bool received_parse_exim_local(struct received_cursor *cursor,
			       struct received *received_r)
{
	const char *content, *line;

	received_r->local_pickup = TRUE;
	if (received_next_keyword(cursor, "from")) {
		if (!received_next_word(cursor, &received_r->local_user) ||
		    received_r->local_user[0] == '[')
			return FALSE;
		if (received_line_begins(cursor, "(helo=")) {
			if (!received_next_line(cursor, &line))
				return FALSE;
		} else if (!received_line_begins(cursor, "by ")) {
			return FALSE;
		}
	} else if (received_line_begins(cursor, "(helo=") &&
		   !received_next_comment(cursor, &content)) {
		return FALSE;
	}
	return parse_by(cursor, received_r);
}
