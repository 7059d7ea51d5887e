/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-prefix.h"
#include "address-kind.h"
#include "domain-name.h"
#include "received-shape.h"

/* The shapes of large providers. */

static bool host_is_googles(const char *by)
{
	const char *domain, *error;

	return domain_to_ascii(by, &domain, &error) == 0 &&
		(domain_is_within(domain, "google.com") ||
		 domain_is_within(domain, "gmail.com"));
}

/* "from HELO (NAME. [192.0.2.5])", "by mx.google.com with ESMTPS id ID". Its
   name is all that tells the writer. */
bool received_parse_google(struct received_cursor *cursor,
			   struct received *received_r)
{
	const char *name;

	return received_next_client_line(cursor, received_r, &name) &&
		received_line_begins(cursor, "by ") &&
		received_next_by(cursor, received_r) &&
		host_is_googles(received_r->by) &&
		received_next_with(cursor, received_r) &&
		received_next_id(cursor, received_r);
}

/* "by 2002:a05:6512:3b0c:b0:53d:a1b2:c3d4 with SMTP id ID", or by a name:
   handed on between hosts of Google. */
bool received_parse_google_internal(struct received_cursor *cursor,
				    struct received *received_r)
{
	struct ip_addr own_ip;

	received_r->continues = TRUE;
	return received_next_by(cursor, received_r) &&
		(received_address(received_r->by, &own_ip) ||
		 host_is_googles(received_r->by)) &&
		received_next_with(cursor, received_r) &&
		received_next_id(cursor, received_r);
}

static bool host_is_yahoos(const char *by)
{
	const char *domain, *error;

	return domain_to_ascii(by, &domain, &error) == 0 &&
		(domain_is_within(domain, "yahoo.com") ||
		 domain_is_within(domain, "yahoo.co.jp"));
}

/* Hosts of Yahoo's are named by a name or by their address, which nobody else
   has. */
static bool host_is_inside_yahoo(const char *by)
{
	struct ip_addr ip;

	return host_is_yahoos(by) ||
		(received_address(by, &ip) && ip_is_private(&ip));
}

/* "from 192.0.2.5 (EHLO HELO)", "by HOST with SMTPs". Behind it, if there is
   anything else, the line is not of this shape. */
bool received_parse_yahoo(struct received_cursor *cursor,
			  struct received *received_r)
{
	const char *line, *address, *content;
	struct received_cursor from;

	if (!received_next_line(cursor, &line) ||
	    strncasecmp(line, "from ", 5) != 0)
		return FALSE;
	from.p = line + 5;
	if (!received_next_word(&from, &address) ||
	    !received_address(address, &received_r->from_ip) ||
	    !received_next_comment(&from, &content) || *from.p != '\0' ||
	    !str_has_prefix(content, "EHLO "))
		return FALSE;
	received_r->helo = content + 5;
	return received_line_begins(cursor, "by ") &&
		received_next_by(cursor, received_r) &&
		host_is_inside_yahoo(received_r->by) &&
		received_next_with(cursor, received_r) &&
		strncasecmp(received_r->protocol, "SMTP", 4) == 0;
}

/* "from 10.0.0.5", "by HOST.yahoo.com pod-id NONE with HTTPS": handed on
   between hosts of Yahoo. */
bool received_parse_yahoo_internal(struct received_cursor *cursor,
				   struct received *received_r)
{
	const char *address, *pod;
	struct ip_addr ip;

	received_r->continues = TRUE;
	return received_next_keyword(cursor, "from") &&
		received_next_word(cursor, &address) &&
		received_address(address, &ip) && ip_is_private(&ip) &&
		received_next_by(cursor, received_r) &&
		host_is_yahoos(received_r->by) &&
		received_next_keyword(cursor, "pod-id") &&
		received_next_word(cursor, &pod) &&
		received_next_with(cursor, received_r);
}

/* "192.0.2.5" or, between mailbox servers, "[fe80::1%4]" */
static bool
parse_microsoft_address(struct received_cursor *cursor, struct ip_addr *ip_r)
{
	const char *content;

	return received_next_comment(cursor, &content) &&
		(received_address(content, ip_r) ||
		 received_address_literal(content, ip_r));
}

/* "Microsoft SMTP Server (version=TLS1_2, cipher=...)", "mapi" */
static bool
parse_microsoft_with(struct received_cursor *cursor,
		     struct received *received_r)
{
	if (!received_next_with(cursor, received_r))
		return FALSE;
	if (strcasecmp(received_r->protocol, "mapi") == 0)
		return TRUE;
	return strcasecmp(received_r->protocol, "Microsoft") == 0 &&
		received_next_keyword(cursor, "SMTP") &&
		received_next_keyword(cursor, "Server");
}

/* "from HELO (192.0.2.5) by HOST (2001:db8::9) with Microsoft SMTP Server
   (...) id ID". Lines are broken between any words, but HELO is a domain or an
   address: Exchange refuses others, and leaves it out if there is none. The
   second address is its own. */
bool received_parse_microsoft(struct received_cursor *cursor,
			      struct received *received_r)
{
	const char *content;
	struct ip_addr own_ip;

	if (!received_next_keyword(cursor, "from"))
		return FALSE;
	(void)received_next_word(cursor, &received_r->helo);
	if (!parse_microsoft_address(cursor, &received_r->from_ip) ||
	    !received_next_by(cursor, received_r) ||
	    !parse_microsoft_address(cursor, &own_ip) ||
	    !parse_microsoft_with(cursor, received_r))
		return FALSE;
	(void)received_next_comment(cursor, &content);
	(void)received_next_id(cursor, received_r);
	return TRUE;
}
