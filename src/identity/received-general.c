/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "address-kind.h"
#include "identity.h"
#include "received-shape.h"

#include <ctype.h>

/* The rule for lines of any program. What the client says may look like
   anything, a by clause and addresses too. But the client's address stands in
   the from clause, where the writer put it between characters of his own: a
   client can add addresses, not remove that one. So all are looked for, up to
   every "by" that may be the writer's, and one is believed where it is the only
   one, wherever the from clause ends. */

#define ADDRESS_CHARS "0123456789abcdefABCDEF:."

enum from_outcome {
	FROM_NO_ADDRESS,
	FROM_ADDRESS,
	/* several, none that can be read, or one where none belongs */
	FROM_HIDES,
};

/* A from clause, up to a point. */
struct from_clause {
	/* family 0: none so far */
	struct ip_addr ip;
	bool several;
	/* ip stands in a comment or in brackets */
	bool inside;
	/* the HELO word is an address */
	bool helo_is_address;
	bool damaged;
	unsigned int depth;
	bool bracket;
};

struct general_line {
	const struct trusted_hosts *writers;
	struct from_clause from;
	/* at the first "by" */
	enum from_outcome outcome;
	struct ip_addr ip;
	unsigned int by_count;
	bool foreign_by;
	/* the first listed name behind a "by"; NULL = none yet */
	const char *by, *by_end;
};

static enum from_outcome from_clause_outcome(const struct from_clause *from)
{
	if (from->damaged || from->several || from->depth > 0 || from->bracket)
		return FROM_HIDES;
	if (from->ip.family == 0) {
		return from->helo_is_address ? FROM_HIDES : FROM_NO_ADDRESS;
	}
	return from->inside ? FROM_ADDRESS : FROM_HIDES;
}

static bool is_word_char(char c)
{
	return i_isalnum(c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* An address, or one with a port, of all that can belong to it. */
static bool address_at(const char *p, struct ip_addr *ip_r)
{
	const char *start = p, *address, *colon;
	size_t size;

	if (strncasecmp(p, "IPv6:", 5) == 0)
		p += 5;
	size = strspn(p, ADDRESS_CHARS);
	if (p[size] == '%')
		size += 1 + strcspn(p + size + 1, "])> \t\n(\"");
	if (size == 0 || is_word_char(p[size]))
		return FALSE;
	address = t_strdup_until(start, p + size);
	if (received_address(address, ip_r))
		return TRUE;
	/* "192.0.2.1:25" */
	colon = strrchr(address, ':');
	return colon != NULL && strchr(address, ':') == colon &&
		colon[1 + strspn(colon + 1, "0123456789")] == '\0' &&
		received_address(t_strdup_until(address, colon), ip_r);
}

static void from_clause_add(struct from_clause *from, const struct ip_addr *ip,
			    bool inside)
{
	if (from->ip.family == 0)
		from->ip = *ip;
	else if (!net_ip_compare(&from->ip, ip))
		from->several = TRUE;
	if (inside)
		from->inside = TRUE;
}

/* "[192.0.2." and "[999.0.2.1]" were an address. */
static bool bracket_is_damaged(const char *p)
{
	size_t size = strcspn(p, "[]()\n");
	struct ip_addr ip;

	if (p[size] != ']')
		return TRUE;
	if (strncasecmp(p, "IPv6:", 5) == 0)
		return !address_at(p, &ip);
	return size > 0 && strspn(p, ADDRESS_CHARS) >= size &&
		!address_at(p, &ip);
}

static void from_clause_char(struct from_clause *from, const char *p)
{
	switch (*p) {
	case '(':
		from->depth++;
		break;
	case ')':
		if (from->depth == 0)
			from->damaged = TRUE;
		else
			from->depth--;
		break;
	case '[':
		if (from->bracket || bracket_is_damaged(p + 1))
			from->damaged = TRUE;
		from->bracket = TRUE;
		break;
	case ']':
		if (!from->bracket)
			from->damaged = TRUE;
		from->bracket = FALSE;
		break;
	case '\t':
	case '\n':
		break;
	default:
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			from->damaged = TRUE;
		break;
	}
}

static bool is_white_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* "by" and a word at p. */
static void general_line_by(struct general_line *line, const char *p)
{
	struct received_cursor cursor = { .p = p };
	enum from_outcome outcome;
	struct received received;

	if (strncasecmp(p, "by", 2) != 0 || !is_white_space(p[2]) ||
	    !received_next_by(&cursor, &received))
		return;
	if (!trusted_hosts_has_name(line->writers, received.by))
		line->foreign_by = TRUE;
	else if (line->by == NULL) {
		line->by_end = cursor.p;
		line->by = cursor.p - strlen(received.by);
	}
	outcome = from_clause_outcome(&line->from);
	if (line->by_count++ == 0) {
		line->outcome = outcome;
		line->ip = line->from.ip;
	} else if (outcome != line->outcome ||
		   (outcome == FROM_ADDRESS &&
		    !net_ip_compare(&line->ip, &line->from.ip))) {
		line->outcome = FROM_HIDES;
	}
}

static void general_line_scan(struct general_line *line, const char *text)
{
	const char *p;
	struct ip_addr ip;
	bool start = TRUE;

	for (p = text; *p != '\0'; p++) {
		if (start) T_BEGIN {
			general_line_by(line, p);
			if (address_at(p, &ip)) {
				from_clause_add(&line->from, &ip,
						line->from.depth > 0 ||
						line->from.bracket);
			}
		} T_END;
		from_clause_char(&line->from, p);
		start = !is_word_char(*p) && *p != '.' && *p != ':';
	}
}

/* Some write HELO behind such a tag, in a comment. Returns where it begins, or
   NULL. */
static const char *find_helo_tag(const char *text)
{
	static const char *const tags[] = {
		"HELO ", "EHLO ", "LHLO ", "helo="
	};
	const char *p;
	unsigned int i;

	for (p = text; *p != '\0'; p++) {
		if (p == text || is_word_char(p[-1]))
			continue;
		for (i = 0; i < N_ELEMENTS(tags); i++) {
			if (strncasecmp(p, tags[i], strlen(tags[i])) == 0)
				return p + strlen(tags[i]);
		}
	}
	return NULL;
}

static const char *t_word(const char *p, const char *ends)
{
	p += strspn(p, " \t\n");
	return t_strndup(p, strcspn(p, ends));
}

/* The first word is HELO, or the client's name or address where HELO is
   tagged. */
static void
general_line_first_word(struct general_line *line, const char *word,
			const char *tag)
{
	struct ip_addr ip;
	bool literal = *word == '[' && address_at(word + 1, &ip);

	if (!literal && !received_address(word, &ip))
		return;
	if (tag == NULL)
		line->from.helo_is_address = TRUE;
	else if (!ip_is_loopback(&ip))
		from_clause_add(&line->from, &ip, literal);
}

/* Read the word behind "from", unless it has parentheses: those may be the
   writer's. Returns what is to be looked at. */
static const char *
general_line_helo(struct general_line *line, const char *text,
		  const char **helo_r)
{
	struct received_cursor cursor = { .p = text };
	const char *p, *word, *tag = find_helo_tag(text);

	*helo_r = tag == NULL ? NULL : t_word(tag, " \t\n()\"");
	if (!received_next_keyword(&cursor, "from") ||
	    !is_white_space(*cursor.p))
		return text;
	p = cursor.p + strspn(cursor.p, " \t\n");
	word = t_word(p, " \t\n");
	/* without a HELO, that is the writer's */
	if (strpbrk(word, "()") != NULL || strcasecmp(word, "by") == 0)
		return p;
	if (tag == NULL)
		*helo_r = word;
	general_line_first_word(line, word, tag);
	return p + strlen(word);
}

static bool protocol_is_smtp(const char *protocol)
{
	if (strncasecmp(protocol, "UTF8", 4) == 0)
		protocol += 4;
	if (*protocol == 'E' || *protocol == 'e')
		protocol++;
	return strncasecmp(protocol, "SMTP", 4) == 0 ||
		strncasecmp(protocol, "LMTP", 4) == 0;
}

static bool protocol_is_any(const char *protocol, const char *const *prefixes)
{
	for (; *prefixes != NULL; prefixes++) {
		if (strncasecmp(protocol, *prefixes, strlen(*prefixes)) == 0)
			return TRUE;
	}
	return FALSE;
}

/* "with ESMTPS" or "with (CIPHER encrypted) ESMTPS" */
static bool next_with(struct received_cursor *cursor, const char **protocol_r)
{
	struct received_cursor next = *cursor;
	const char *content;

	if (!received_next_keyword(&next, "with"))
		return FALSE;
	(void)received_next_comment(&next, &content);
	if (!received_next_word(&next, protocol_r))
		return FALSE;
	*cursor = next;
	return TRUE;
}

/* The protocol decides who is judged, and an envelope address may say "with":
   it counts only if all that stands behind a "with" agrees. */
static bool
protocol_is_certain(const char *by_end, const char *protocol)
{
	bool authenticated = received_protocol_is_authenticated(protocol);
	struct received_cursor cursor;
	const char *p, *word;

	for (p = by_end; *p != '\0'; p++) {
		if ((*p != 'w' && *p != 'W') || is_word_char(p[-1]))
			continue;
		cursor.p = p;
		if (next_with(&cursor, &word) && protocol_is_smtp(word) &&
		    (!authenticated ||
		     !received_protocol_is_authenticated(word)))
			return FALSE;
	}
	return TRUE;
}

static void
general_line_protocol(const struct general_line *line,
		      struct received *received_r)
{
	static const char *const fetched[] = { "POP3", "IMAP", NULL };
	static const char *const web[] = { "HTTP", NULL };
	struct received_cursor cursor = { .p = line->by_end };
	const char *content, *protocol;
	bool own_words = TRUE;

	while (received_next_comment(&cursor, &content)) {
		/* an envelope address is the client's */
		if (strpbrk(content, "<@\"") != NULL)
			own_words = FALSE;
	}
	if (!next_with(&cursor, &received_r->protocol))
		return;
	(void)received_next_id(&cursor, received_r);
	protocol = received_r->protocol;
	if (line->by_count > 1 ||
	    !protocol_is_certain(line->by_end, protocol))
		return;
	if (received_protocol_is_authenticated(protocol)) {
		/* known to us, whatever he says */
		received_r->authenticated = TRUE;
		received_r->masked_by_client = FALSE;
	} else if (own_words && protocol_is_any(protocol, fetched)) {
		received_r->fetched = TRUE;
		received_r->masked = received_r->masked_by_client = FALSE;
	} else if (own_words && protocol_is_any(protocol, web)) {
		/* a browser is no SMTP client */
		i_zero(&received_r->from_ip);
		received_r->masked = TRUE;
		received_r->masked_by_client = FALSE;
	}
}

bool received_parse_general(const char *text,
			    const struct trusted_hosts *writers,
			    struct received *received_r)
{
	struct general_line line = { .writers = writers };
	const char *from, *helo;

	i_zero(received_r);
	from = general_line_helo(&line, text, &helo);
	general_line_scan(&line, from);
	if (line.by == NULL)
		return FALSE;
	if (line.foreign_by)
		line.outcome = FROM_HIDES;

	received_r->by = t_strdup_until(line.by, line.by_end);
	received_r->helo = helo;
	if (line.outcome == FROM_ADDRESS)
		received_r->from_ip = line.ip;
	else {
		received_r->masked = TRUE;
		received_r->masked_by_client = line.outcome == FROM_HIDES;
	}
	general_line_protocol(&line, received_r);
	return TRUE;
}
