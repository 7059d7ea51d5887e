#include "lib.h"
#include "str-prefix.h"
#include "received.h"

/* "(mail.example.org [192.0.2.5])": the name is from the PTR record, or
   "unknown". Postfix replaces spaces, parentheses and others in what the
   client says by "?", so positions hold. */
static bool
parse_client(struct received_cursor *cursor, struct ip_addr *ip_r)
{
	const char *content, *address;

	if (!received_next_comment(cursor, &content))
		return FALSE;
	address = strchr(content, ' ');
	if (address == NULL || address == content ||
	    strpbrk(content, "()[") != address + 1)
		return FALSE;
	return received_address_literal(address + 1, ip_r);
}

static bool
parse_from(struct received_cursor *cursor, struct received *received_r)
{
	const char *content;

	if (!received_next_word(cursor, &received_r->helo) ||
	    !parse_client(cursor, &received_r->from_ip))
		return FALSE;
	/* TLS, client certificate, SASL login. A certificate's text is the
	   client's, but can only stand deeper. */
	while (received_next_comment(cursor, &content)) {
		if (strncasecmp(content, "Authenticated sender:", 21) == 0)
			received_r->authenticated = TRUE;
	}
	return TRUE;
}

bool received_parse_postfix(struct received_cursor *cursor,
			    struct received *received_r)
{
	const char *content;
	bool has_from;

	has_from = received_next_keyword(cursor, "from");
	if (has_from && !parse_from(cursor, received_r))
		return FALSE;
	if (!received_next_keyword(cursor, "by") ||
	    !received_next_word(cursor, &received_r->by) ||
	    !received_next_comment(cursor, &content))
		return FALSE;
	if (!has_from) {
		/* pickup(8), or a notification of Postfix itself */
		if (strcmp(content, "Postfix") != 0 &&
		    !str_has_prefix(content, "Postfix, from userid "))
			return FALSE;
		received_r->local_pickup = TRUE;
	} else {
		if (strcmp(content, "Postfix") != 0 ||
		    !received_next_keyword(cursor, "with") ||
		    !received_next_word(cursor, &received_r->protocol))
			return FALSE;
		if (received_protocol_is_authenticated(received_r->protocol))
			received_r->authenticated = TRUE;
	}
	return received_next_keyword(cursor, "id") &&
		received_next_word(cursor, &received_r->id);
}
