/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "received-shape.h"

#include <ctype.h>

#define WSP " \t"
#define WORD_END WSP"\n();"

static const char *skip_space(const char *p)
{
	return p + strspn(p, WSP"\n");
}

bool received_next_word(struct received_cursor *cursor, const char **word_r)
{
	const char *p = skip_space(cursor->p);
	size_t size = strcspn(p, WORD_END);

	if (size == 0)
		return FALSE;
	*word_r = t_strndup(p, size);
	cursor->p = p + size;
	return TRUE;
}

bool received_next_keyword(struct received_cursor *cursor, const char *keyword)
{
	const char *p = skip_space(cursor->p);
	size_t size = strcspn(p, WORD_END);

	if (size != strlen(keyword) || strncasecmp(p, keyword, size) != 0)
		return FALSE;
	cursor->p = p + size;
	return TRUE;
}

bool received_next_comment(struct received_cursor *cursor,
			   const char **content_r)
{
	const char *p, *start = skip_space(cursor->p);
	size_t depth = 0;

	if (*start != '(')
		return FALSE;
	for (p = start; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			break;
	}
	if (*p == '\0')
		return FALSE;
	*content_r = t_strdup_until(start + 1, p);
	cursor->p = p + 1;
	return TRUE;
}

bool received_next_line(struct received_cursor *cursor, const char **line_r)
{
	const char *start, *end, *lf = strchr(cursor->p, '\n');

	/* the one that ends the field is none */
	if (lf == NULL || lf[1] == '\0')
		return FALSE;
	start = cursor->p + strspn(cursor->p, WSP);
	for (end = lf;
	     end > start && (end[-1] == ' ' || end[-1] == '\t'); end--) ;
	*line_r = t_strdup_until(start, end);
	cursor->p = lf + 1;
	return TRUE;
}

bool received_line_begins(const struct received_cursor *cursor,
			  const char *prefix)
{
	const char *p = cursor->p + strspn(cursor->p, WSP);

	return strncasecmp(p, prefix, strlen(prefix)) == 0;
}

bool received_next_line_begins(const struct received_cursor *cursor,
			       const char *prefix)
{
	struct received_cursor next;

	next.p = cursor->p + strspn(cursor->p, WSP);
	if (*next.p != '\n')
		return FALSE;
	next.p++;
	return received_line_begins(&next, prefix);
}

bool received_next_by(struct received_cursor *cursor,
		      struct received *received_r)
{
	struct received_cursor next = *cursor;

	if (!received_next_keyword(&next, "by") ||
	    !received_next_word(&next, &received_r->by))
		return FALSE;
	*cursor = next;
	return TRUE;
}

bool received_next_with(struct received_cursor *cursor,
			struct received *received_r)
{
	struct received_cursor next = *cursor;

	if (!received_next_keyword(&next, "with") ||
	    !received_next_word(&next, &received_r->protocol))
		return FALSE;
	*cursor = next;
	return TRUE;
}

bool received_next_id(struct received_cursor *cursor,
		      struct received *received_r)
{
	struct received_cursor next = *cursor;

	if (!received_next_keyword(&next, "id") ||
	    !received_next_word(&next, &received_r->id))
		return FALSE;
	*cursor = next;
	return TRUE;
}

/* "HELO (NAME " or "HELO (", what stands in front of the address. */
static void
parse_helo_and_name(const char *text, struct received *received_r,
		    const char **name_r)
{
	const char *name = strchr(text, ' ');
	size_t size;

	*name_r = NULL;
	if (name == NULL)
		return;
	received_r->helo = t_strdup_until(text, name);
	if (name[1] != '(')
		return;
	name += 2;
	size = strcspn(name, " ([");
	if (size > 0 && strcmp(name + size, " ") == 0)
		*name_r = t_strndup(name, size);
}

bool received_next_client_line(struct received_cursor *cursor,
			       struct received *received_r,
			       const char **name_r)
{
	const char *line, *open;
	size_t size;

	if (!received_next_line(cursor, &line) ||
	    strncasecmp(line, "from ", 5) != 0)
		return FALSE;
	line += 5;
	size = strlen(line);
	if (size < 2 || strcmp(line + size - 2, "])") != 0)
		return FALSE;
	open = strrchr(line, '[');
	if (open == NULL || open == line ||
	    (open[-1] != ' ' && open[-1] != '(') ||
	    !received_address_literal(t_strdup_until(open, line + size - 1),
				      &received_r->from_ip))
		return FALSE;
	parse_helo_and_name(t_strdup_until(line, open), received_r, name_r);
	return TRUE;
}

static unsigned int count_dots(const char *str)
{
	unsigned int count = 0;

	for (; *str != '\0'; str++) {
		if (*str == '.')
			count++;
	}
	return count;
}

bool received_address(const char *str, struct ip_addr *ip_r)
{
	struct ip_addr ip, ip4;
	const char *scope;
	bool ip6;

	ip6 = strncasecmp(str, "IPv6:", 5) == 0;
	if (ip6)
		str += 5;
	scope = strchr(str, '%');
	if (scope != NULL) {
		const char *p;

		for (p = scope + 1; i_isalnum(*p) || *p == '-' || *p == '.' ||
		     *p == '_'; p++) ;
		if (p == scope + 1 || *p != '\0')
			return FALSE;
		str = t_strdup_until(str, scope);
	}
	/* no port, no brackets; inet_aton() would take 10.1 and 167772161 */
	if (str[strspn(str, "0123456789abcdefABCDEF:.")] != '\0' ||
	    (strchr(str, ':') == NULL && count_dots(str) != 3) ||
	    net_addr2ip(str, &ip) < 0)
		return FALSE;
	if ((ip6 || scope != NULL) && ip.family != AF_INET6)
		return FALSE;
	if (net_ipv6_mapped_ipv4_convert(&ip, &ip4) == 0)
		ip = ip4;
	*ip_r = ip;
	return TRUE;
}

bool received_address_literal(const char *str, struct ip_addr *ip_r)
{
	size_t size = strlen(str);

	return size >= 2 && str[0] == '[' && str[size - 1] == ']' &&
		received_address(t_strndup(str + 1, size - 2), ip_r);
}

const char *received_usable(const char *str)
{
	const unsigned char *p;

	if (str == NULL || *str == '\0')
		return NULL;
	for (p = (const void *)str; *p != '\0'; p++) {
		if (*p < ' ' || *p == 0x7f)
			return NULL;
	}
	return str;
}

bool received_protocol_is_authenticated(const char *protocol)
{
	static const char *const protocols[] = {
		"ESMTPA", "ESMTPSA", "LMTPA", "LMTPSA",
		"UTF8SMTPA", "UTF8SMTPSA", "UTF8LMTPA", "UTF8LMTPSA",
		NULL
	};

	return str_array_icase_find(protocols, protocol);
}
