/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "domain-name.h"
#include "author-reading.h"
#include "author-scan.h"

#include <ctype.h>

enum last_token {
	LAST_TOKEN_NONE,
	LAST_TOKEN_WORD,
	LAST_TOKEN_QUOTED
};

struct scanner {
	struct author_scan *scan;
	enum author_view view;
	const unsigned char *p, *end;
	/* quotes and parentheses hide nothing: they are not balanced */
	bool literal;

	enum last_token last;
	const unsigned char *word;
	size_t word_size;

	bool in_angle;
	unsigned int angle_addresses;
	bool in_group;

	/* since the last comma */
	const unsigned char *element;
	unsigned int element_addresses;
	/* how many of them have a domain, and how many of these are in <> */
	unsigned int element_domains, element_angle_domains;
	/* one outside of <> is damaged so that nothing of it can be read */
	bool element_unread;
	/* what stands outside of <>, for AUTHOR_VIEW_DECODED */
	struct author_scan bare;
};

static bool scan_run(struct author_scan *scan, enum author_view view,
		     const unsigned char *data, size_t size, bool literal);

void author_scan_init(pool_t pool, struct author_scan *scan_r)
{
	i_zero(scan_r);
	scan_r->names.pool = pool;
}

static void scan_damage(struct author_scan *scan, const char *damage)
{
	if (scan->damage == NULL)
		scan->damage = damage;
}

static bool is_wsp(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static bool is_domain_char(unsigned char c)
{
	return i_isalnum(c) || c == '-' || c == '_' || c == '.' || c >= 0x80;
}

static bool is_domain_delimiter(unsigned char c)
{
	return is_wsp(c) || (c != '\0' && strchr("(),:;<>@]'", c) != NULL);
}

static size_t
domain_token_size(const unsigned char *data, size_t size)
{
	size_t i = 0;

	while (i < size && is_domain_char(data[i]))
		i++;
	return i;
}

bool author_scan_is_cut(const struct author_scan *scan)
{
	return scan->cut || scan->names.cut;
}

/* Add what other found: domains of two labels, cut, unread. Returns TRUE if
   there was something new, which is damage then (NULL = it is none). */
static bool
author_scan_merge(struct author_scan *scan, const struct author_scan *other,
		  const char *damage)
{
	unsigned int i;
	bool more = FALSE;

	for (i = 0; i < other->names.count; i++) {
		if (domain_label_count(other->names.domains[i]) < 2 ||
		    author_names_have(&scan->names, other->names.domains[i]))
			continue;
		(void)author_names_add(&scan->names, other->names.domains[i]);
		more = TRUE;
	}
	if (author_scan_is_cut(other) || other->unread)
		more = TRUE;
	scan->cut = scan->cut || author_scan_is_cut(other);
	scan->unread = scan->unread || other->unread;
	if (more && damage != NULL)
		scan_damage(scan, damage);
	return more;
}

/* Whoever sees a name that is none believes in its end: "bank.com.." is as
   good as "bank.com". Returns it (pool), NULL = it has none. */
static const char *
scan_add_domain_end(struct author_scan *scan, const char *domain)
{
	const char *a_labels, *error;
	size_t size = strlen(domain);

	while (size > 0 && domain[size - 1] == '.')
		size--;
	domain = t_strndup(domain, size);
	if (size > AUTHRES_MAX_DOMAIN_BYTES)
		domain += size - AUTHRES_MAX_DOMAIN_BYTES;
	else if (domain_to_ascii(domain, &a_labels, &error) == 0)
		return author_names_add(&scan->names, a_labels);
	while ((domain = strchr(domain, '.')) != NULL) {
		domain++;
		if (domain_to_ascii(domain, &a_labels, &error) == 0) {
			return domain_label_count(a_labels) < 2 ? NULL :
				author_names_add(&scan->names, a_labels);
		}
	}
	return NULL;
}

int author_scan_add_domain(struct author_scan *scan,
			   const unsigned char *data, size_t size,
			   const char **domain_r)
{
	const char *domain, *reading, *error;
	size_t token_size = domain_token_size(data, size);
	int ret;

	domain = t_strndup(data, token_size);
	if (domain_to_ascii(domain, &domain, &error) < 0)
		*domain_r = scan_add_domain_end(scan, domain);
	else {
		*domain_r = author_names_add(&scan->names, domain);
		if (token_size == size ||
		    is_domain_delimiter(data[token_size]))
			return 1;
	}
	ret = author_reading_add(&scan->names, data, size, &reading);
	if (*domain_r == NULL)
		*domain_r = reading;
	return ret < 0 && *domain_r == NULL ? -1 : 0;
}

/* Returns the byte behind the closing quote, NULL = there is none. */
static const unsigned char *
skip_quoted(const unsigned char *p, const unsigned char *end)
{
	for (p++; p < end; p++) {
		if (*p == '\\' && end - p > 1)
			p++;
		else if (*p == '"')
			return p + 1;
	}
	return NULL;
}

static const unsigned char *
skip_comment(const unsigned char *p, const unsigned char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '\\' && end - p > 1)
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return NULL;
}

/* Stops at an unbalanced comment as well. */
static const unsigned char *
skip_cfws(const struct scanner *scanner, const unsigned char *p)
{
	while (p < scanner->end) {
		if (is_wsp(*p))
			p++;
		else if (*p == '(' && !scanner->literal) {
			const unsigned char *next =
				skip_comment(p, scanner->end);
			if (next == NULL)
				break;
			p = next;
		} else {
			break;
		}
	}
	return p;
}

/* Where an address of the view goes. */
static struct author_scan *scan_destination(struct scanner *scanner)
{
	return scanner->in_angle || scanner->view == AUTHOR_VIEW_RAW ?
		scanner->scan : &scanner->bare;
}

static const char space_damage[] = "white space inside a domain in From";

static bool ends_in_dot(const string_t *str)
{
	return str_len(str) > 0 && str_data(str)[str_len(str) - 1] == '.';
}

/* obs-domain (RFC 5322 section 4.4) has white space and comments around its
   dots. Not every reader knows it, and others leave out white space anywhere:
   with and without are both evaluated. */
static void scan_obs_domain(struct scanner *scanner,
			    const unsigned char *start,
			    const unsigned char *end)
{
	const unsigned char *next = skip_cfws(scanner, end);
	bool obsolete, has_dot = memchr(start, '.', end - start) != NULL;
	string_t *joined;
	const char *domain;
	size_t size, joined_size = end - start;

	if (next == end || next == scanner->end || !is_domain_char(*next))
		return;
	obsolete = *next == '.' || (end > start && end[-1] == '.');
	if (!obsolete && !scanner->in_angle && has_dot)
		return;

	if (obsolete)
		scan_damage(scanner->scan, space_damage);
	joined = t_str_new(128);
	str_append_data(joined, start, joined_size);
	while (next < scanner->end && is_domain_char(*next) &&
	       (!obsolete || *next == '.' || ends_in_dot(joined))) {
		size = domain_token_size(next, scanner->end - next);
		end = next + size;
		/* it is the local part of another one */
		if (!obsolete && end < scanner->end && *end == '@')
			break;
		has_dot = has_dot || memchr(next, '.', size) != NULL;
		str_append_data(joined, next, size);
		if (str_len(joined) > 4 * AUTHRES_MAX_DOMAIN_BYTES)
			return;
		next = skip_cfws(scanner, end);
	}
	if (str_len(joined) == joined_size || !has_dot)
		return;
	if (scanner->in_angle)
		scan_damage(scanner->scan, space_damage);
	(void)author_scan_add_domain(scan_destination(scanner),
				     str_data(joined), str_len(joined),
				     &domain);
}

/* p points behind the "@". */
static void scan_domain(struct scanner *scanner, const char **domain_r)
{
	const unsigned char *start = skip_cfws(scanner, scanner->p);
	size_t size = scanner->end - start;
	int ret;

	ret = author_scan_add_domain(scan_destination(scanner), start, size,
				     domain_r);
	if (ret <= 0) {
		scan_damage(scanner->scan, start < scanner->end &&
			    *start == '[' ? "address literal in From" :
			    "unreadable domain in From");
	}
	if (ret < 0 && scanner->in_angle)
		scanner->scan->unread = TRUE;
	else if (ret < 0)
		scanner->element_unread = TRUE;
	scanner->p = start + domain_token_size(start, size);
	if (scanner->p > start)
		scan_obs_domain(scanner, start, scanner->p);

	start = skip_cfws(scanner, scanner->p);
	if (start < scanner->end && *start == '@')
		scan_damage(scanner->scan, "several @ in one address in From");
}

/* RFC 2047 section 5 forbids it; readers that decode first show another
   address. */
static bool word_is_encoded(const unsigned char *word, size_t size)
{
	const char *str = t_strndup(word, size);
	const char *start = strstr(str, "=?");

	return start != NULL && strstr(start + 2, "?=") != NULL;
}

static void scan_address(struct scanner *scanner)
{
	struct author_scan *scan = scanner->scan;
	const char *domain;

	if (++scan->address_count > AUTHRES_MAX_AUTHOR_ADDRESSES) {
		scan_damage(scan, "too many addresses in From");
		scan->cut = TRUE;
		scanner->p = scanner->end;
		return;
	}
	if (scanner->last == LAST_TOKEN_WORD &&
	    word_is_encoded(scanner->word, scanner->word_size))
		scan_damage(scan, "encoded word inside an address in From");
	else if (scanner->last == LAST_TOKEN_NONE && scanner->in_angle)
		scan_damage(scan, "address without local part in From");
	else if (scanner->last == LAST_TOKEN_NONE)
		scan->local_part_missing = TRUE;

	scanner->p++;
	scan_domain(scanner, &domain);
	scanner->last = LAST_TOKEN_NONE;
	if (domain != NULL)
		scanner->element_domains++;
	if (!scanner->in_angle) {
		scanner->element_addresses++;
		return;
	}
	if (domain != NULL)
		scanner->element_angle_domains++;
	if (scanner->angle_addresses++ > 0)
		scan_damage(scan, "several addresses in one <> in From");
	else
		scan->angle_domain = domain;
}

/* obs-route (RFC 5322 section 4.4): "@a,@b:". Its domains are evaluated, as
   some readers show them. */
static void scan_route(struct scanner *scanner)
{
	const unsigned char *p;
	const char *domain;

	for (;;) {
		p = skip_cfws(scanner, scanner->p);
		while (p < scanner->end && *p == ',')
			p = skip_cfws(scanner, p + 1);
		if (p == scanner->end || *p != '@')
			break;
		scanner->p = p + 1;
		if (++scanner->scan->address_count >
		    AUTHRES_MAX_AUTHOR_ADDRESSES) {
			scanner->scan->cut = TRUE;
			break;
		}
		T_BEGIN {
			scan_domain(scanner, &domain);
		} T_END;
	}
	if (p < scanner->end && *p == ':')
		scanner->p = p + 1;
	else
		scan_damage(scanner->scan,
			    "address without local part in From");
}

static void scan_angle_open(struct scanner *scanner)
{
	const unsigned char *p;

	if (scanner->in_angle)
		scan_damage(scanner->scan, "unbalanced < in From");
	scanner->in_angle = TRUE;
	scanner->angle_addresses = 0;
	scanner->scan->angle_count++;
	scanner->scan->angle_domain = NULL;
	scanner->element_addresses++;
	scanner->last = LAST_TOKEN_NONE;
	scanner->p++;

	p = skip_cfws(scanner, scanner->p);
	if (p < scanner->end && *p == '@')
		scan_route(scanner);
}

static void scan_angle_close(struct scanner *scanner)
{
	if (!scanner->in_angle)
		scan_damage(scanner->scan, "unbalanced > in From");
	else if (scanner->angle_addresses == 0)
		scan_damage(scanner->scan, "no domain inside <> in From");
	scanner->in_angle = FALSE;
	scanner->last = LAST_TOKEN_NONE;
	scanner->p++;
}

/* An element of the list without any domain: what it shows instead of an
   address, in quotes, comments or other characters, is taken for one. */
static void scan_hidden(struct scanner *scanner, const unsigned char *end)
{
	struct author_scan hidden;
	string_t *text;

	author_scan_init(scanner->scan->names.pool, &hidden);
	hidden.address_count = scanner->scan->address_count;
	text = t_str_new(end - scanner->element + 1);
	author_reading_append_text(text, scanner->element,
				   end - scanner->element);
	if (memchr(str_data(text), '@', str_len(text)) == NULL)
		return;
	(void)scan_run(&hidden, AUTHOR_VIEW_HIDDEN, str_data(text),
		       str_len(text), TRUE);
	if (author_scan_merge(scanner->scan, &hidden,
			      "address hidden in quotes or comments in From"))
		scanner->scan->address_count = hidden.address_count;
}

static void
scan_element_end(struct scanner *scanner, const unsigned char *end)
{
	if (scanner->element_addresses > 1)
		scanner->scan->list_broken = TRUE;
	if (scanner->element_angle_domains == 0) {
		(void)author_scan_merge(scanner->scan, &scanner->bare, NULL);
		if (scanner->element_unread)
			scanner->scan->unread = TRUE;
	}
	if (scanner->element_domains == 0 && end > scanner->element &&
	    scanner->view != AUTHOR_VIEW_HIDDEN) T_BEGIN {
		scan_hidden(scanner, end);
	} T_END;
	scanner->element = scanner->p;
	scanner->element_addresses = 0;
	scanner->element_domains = 0;
	scanner->element_angle_domains = 0;
	scanner->element_unread = FALSE;
	author_scan_init(scanner->scan->names.pool, &scanner->bare);
}

static void scan_separator(struct scanner *scanner)
{
	const unsigned char *end = scanner->p;
	unsigned char c = *scanner->p++;

	scanner->last = LAST_TOKEN_NONE;
	if (scanner->in_angle)
		return;
	if (c == ':') {
		/* a group's name holds no address */
		if (scanner->in_group || scanner->element_addresses > 0)
			scanner->scan->list_broken = TRUE;
		scanner->in_group = TRUE;
	} else if (c == ';') {
		if (!scanner->in_group)
			scanner->scan->list_broken = TRUE;
		scanner->in_group = FALSE;
	}
	scan_element_end(scanner, end);
}

static bool is_word_char(unsigned char c)
{
	return c > ' ' && c != 0x7f && strchr("\"(),:;<>@\\[]", c) == NULL;
}

/* Returns FALSE if a quoted string or comment does not end. */
static bool scan_token(struct scanner *scanner)
{
	const unsigned char *next;

	switch (*scanner->p) {
	case '"':
	case '(':
		if (scanner->literal) {
			scanner->p++;
			break;
		}
		next = *scanner->p == '"' ?
			skip_quoted(scanner->p, scanner->end) :
			skip_comment(scanner->p, scanner->end);
		if (next == NULL)
			return FALSE;
		if (*scanner->p == '"')
			scanner->last = LAST_TOKEN_QUOTED;
		scanner->p = next;
		break;
	case '<':
		scan_angle_open(scanner);
		break;
	case '>':
		scan_angle_close(scanner);
		break;
	case '@':
		T_BEGIN {
			scan_address(scanner);
		} T_END;
		break;
	case ',':
	case ':':
	case ';':
		scan_separator(scanner);
		break;
	case '\\':
		scan_damage(scanner->scan, "backslash outside quotes in From");
		scanner->p++;
		break;
	case ' ':
	case '\t':
	case '[':
	case ']':
	case ')':
		scanner->p++;
		break;
	default:
		if (!is_word_char(*scanner->p)) {
			scan_damage(scanner->scan, "control character in From");
			scanner->p++;
			break;
		}
		scanner->last = LAST_TOKEN_WORD;
		scanner->word = scanner->p;
		while (scanner->p < scanner->end && is_word_char(*scanner->p))
			scanner->p++;
		scanner->word_size = scanner->p - scanner->word;
	}
	return TRUE;
}

static bool scan_run(struct author_scan *scan, enum author_view view,
		     const unsigned char *data, size_t size, bool literal)
{
	struct scanner scanner;

	i_zero(&scanner);
	scanner.scan = scan;
	scanner.view = view;
	scanner.p = scanner.element = data;
	scanner.end = data + size;
	scanner.literal = literal;
	author_scan_init(scan->names.pool, &scanner.bare);
	while (scanner.p < scanner.end) {
		if (!scan_token(&scanner))
			return FALSE;
	}
	scan_element_end(&scanner, scanner.end);
	if (scanner.in_group)
		scan->list_broken = TRUE;
	if (scanner.in_angle)
		scan_damage(scan, "unbalanced < in From");
	return TRUE;
}

static void author_scan_view(struct author_scan *scan, enum author_view view,
			     const unsigned char *data, size_t size)
{
	if (scan_run(scan, view, data, size, FALSE))
		return;
	/* Where the author of the field wanted it to end is anyone's guess. */
	scan_damage(scan, "unbalanced quote or comment in From");
	scan->address_count = 0;
	scan->angle_count = 0;
	(void)scan_run(scan, view, data, size, TRUE);
}

void author_scan_value(struct author_scan *scan,
		       const unsigned char *data, size_t size)
{
	author_scan_view(scan, AUTHOR_VIEW_RAW, data, size);
}

bool author_scan_decoded(struct author_scan *scan,
			 const unsigned char *data, size_t size)
{
	struct author_scan decoded;

	author_scan_init(scan->names.pool, &decoded);
	author_scan_view(&decoded, AUTHOR_VIEW_DECODED, data, size);
	return author_scan_merge(scan, &decoded, "encoded address in From");
}
