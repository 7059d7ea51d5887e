/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-prefix.h"
#include "received-shape.h"

#include <ctype.h>

/* MTAs with a line for the client and one that names them, and little of
   their own. */

/* "by HOST (PRODUCT...) with ESMTPS id ID" */
static bool
parse_product(struct received_cursor *cursor, struct received *received_r,
	      const char *product)
{
	const char *content;
	size_t size = strlen(product);

	return received_next_by(cursor, received_r) &&
		received_next_comment(cursor, &content) &&
		strncmp(content, product, size) == 0 &&
		(content[size] == '\0' || content[size] == '/') &&
		received_next_with(cursor, received_r) &&
		received_next_id(cursor, received_r);
}

/* "from HELO (NAME [192.0.2.5])" or "from HELO ([192.0.2.5])",
   "by HOST (Haraka/3.0.3) with ESMTPS id ID". HELO is anything but white
   space. */
bool received_parse_haraka(struct received_cursor *cursor,
			   struct received *received_r)
{
	const char *name;

	return received_next_client_line(cursor, received_r, &name) &&
		parse_product(cursor, received_r, "Haraka");
}

/* The same, "by HOST (Halon) with ESMTPS id ID" */
bool received_parse_halon(struct received_cursor *cursor,
			  struct received *received_r)
{
	const char *name;

	return received_next_client_line(cursor, received_r, &name) &&
		parse_product(cursor, received_r, "Halon");
}

/* "from HELO (NAME [192.0.2.5])" or "from HELO ([192.0.2.5])", and a comment
   with the A-labels of a HELO that has U-labels,
   "by HOST ([198.51.100.1]) via tcp with ESMTPS id ID", "ESMTPS (requiretls)"
   if the client asks for it: the second address is its own. Lines are broken
   between words. HELO is a domain or an address. */
bool received_parse_mox(struct received_cursor *cursor,
			struct received *received_r)
{
	const char *content, *address;
	struct ip_addr own_ip;

	if (!received_next_keyword(cursor, "from") ||
	    !received_next_word(cursor, &received_r->helo) ||
	    !received_next_comment(cursor, &content))
		return FALSE;
	address = strrchr(content, ' ');
	address = address == NULL ? content : address + 1;
	if (!received_address_literal(address, &received_r->from_ip))
		return FALSE;
	(void)received_next_comment(cursor, &content);
	if (!received_next_by(cursor, received_r) ||
	    !received_next_comment(cursor, &content) ||
	    !received_address_literal(content, &own_ip) ||
	    !received_next_keyword(cursor, "via") ||
	    !received_next_keyword(cursor, "tcp") ||
	    !received_next_with(cursor, received_r))
		return FALSE;
	(void)received_next_comment(cursor, &content);
	return received_next_id(cursor, received_r);
}

/* "000000000004C1B2.0000000065F0A1B2.00001A2B" */
static bool id_is_courier(const char *id)
{
	const char *const *parts = t_strsplit(id, ".");
	unsigned int i;

	for (i = 0; parts[i] != NULL; i++) {
		if (strlen(parts[i]) < 8 ||
		    parts[i][strspn(parts[i], "0123456789ABCDEF")] != '\0')
			return FALSE;
	}
	return i == 3;
}

/* "from HELO (NAME [::ffff:192.0.2.5])", a line "(AUTH: LOGIN bob, TLS: ...)",
   "by HOST with ESMTPS", "id ID" */
bool received_parse_courier(struct received_cursor *cursor,
			    struct received *received_r)
{
	const char *content, *name;

	if (!received_next_client_line(cursor, received_r, &name))
		return FALSE;
	if (!received_line_begins(cursor, "by ")) {
		if (!received_next_comment(cursor, &content) ||
		    !received_next_line_begins(cursor, "by "))
			return FALSE;
		received_r->authenticated = str_has_prefix(content, "AUTH: ");
	}
	return received_next_by(cursor, received_r) &&
		received_next_with(cursor, received_r) &&
		received_next_id(cursor, received_r) &&
		id_is_courier(received_r->id);
}

static bool comment_is_amavis(const char *content)
{
	const char *p = strrchr(content, ',');

	if (p == NULL)
		return FALSE;
	if (strcmp(p, ", unix socket") == 0)
		return TRUE;
	return str_has_prefix(p, ", port ") && p[7] != '\0' &&
		p[7 + strspn(p + 7, "0123456789")] == '\0';
}

/* "from HELO ([127.0.0.1])", "by localhost (HOST [127.0.0.1])
   (amavis, port 10024)", "with ESMTP", "id ID". Its client is an MTA of ours
   and says its name; over a UNIX socket no address is given. */
bool received_parse_amavis(struct received_cursor *cursor,
			   struct received *received_r)
{
	const char *content, *address, *host = NULL;
	struct ip_addr own_ip;

	if (!received_next_keyword(cursor, "from") ||
	    !received_next_word(cursor, &received_r->helo))
		return FALSE;
	if (received_next_comment(cursor, &content) &&
	    !received_address_literal(content, &received_r->from_ip) &&
	    !str_has_prefix(content, "using TLS "))
		return FALSE;
	while (received_next_comment(cursor, &content)) ;
	if (!received_next_line_begins(cursor, "by ") ||
	    !received_next_by(cursor, received_r) ||
	    !received_next_comment(cursor, &content))
		return FALSE;
	address = strchr(content, ' ');
	if (address != NULL && received_address_literal(address + 1, &own_ip)) {
		host = t_strdup_until(content, address);
		if (!received_next_comment(cursor, &content))
			return FALSE;
	}
	if (!comment_is_amavis(content))
		return FALSE;
	/* what it calls itself there is often "localhost" */
	if (host != NULL)
		received_r->by = host;
	(void)received_next_with(cursor, received_r);
	(void)received_next_id(cursor, received_r);
	return TRUE;
}
