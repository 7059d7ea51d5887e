/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "message-address.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "author-scan.h"
#include "encoded-text.h"
#include "author-domain.h"

/* The value without the CRLF of its folds and its end. Any other control
   character stays, for the scan to find. */
static const buffer_t *t_field_unfold(const struct msg_field *field)
{
	size_t i, size = field->size;
	buffer_t *value = t_buffer_create(size + 1);

	for (i = field->value_offset; i < size; i++) {
		if (field->data[i] == '\r' && size - i > 1 &&
		    field->data[i + 1] == '\n')
			i++;
		else
			buffer_append_c(value, field->data[i]);
	}
	return value;
}

/* Dovecot's parser decides for IMAP clients what ENVELOPE shows: all it finds
   must have been found. */
static bool
parser_agrees(struct author_scan *scan, const buffer_t *value)
{
	struct message_address *addr;
	unsigned int old_count = scan->names.count;
	bool agrees = TRUE;

	addr = message_address_parse(pool_datastack_create(),
				     value->data, value->used,
				     AUTHRES_MAX_AUTHOR_ADDRESSES, 0);
	for (; addr != NULL; addr = addr->next) {
		const char *domain;

		if (addr->domain == NULL || addr->domain[0] == '\0')
			continue;
		(void)author_scan_add_domain(scan,
			(const unsigned char *)addr->domain,
			strlen(addr->domain), &domain);
		if (domain == NULL)
			agrees = FALSE;
	}
	return agrees && scan->names.count == old_count;
}

/* Some readers decode encoded words (RFC 2047) before they look for addresses,
   and some do so again. */
static bool
author_scan_words(struct author_scan *scan, const buffer_t *value,
		  enum encoded_text_flags flags)
{
	const unsigned char *data = value->data;
	size_t size = value->used;
	buffer_t *texts[2];
	unsigned int i;
	bool unreadable, more = FALSE;

	for (i = 0; i < N_ELEMENTS(texts); i++)
		texts[i] = buffer_create_dynamic(default_pool, size + 1);
	for (i = 0; i < AUTHRES_MAX_ENCODED_LEVELS; i++) {
		buffer_t *text = texts[i % N_ELEMENTS(texts)];

		buffer_set_used_size(text, 0);
		if (!encoded_text_decode(data, size, flags, text, &unreadable))
			break;
		data = text->data;
		size = text->used;
		if (author_scan_decoded(scan, data, size))
			more = TRUE;
		if (unreadable)
			scan->unread = TRUE;
	}
	for (i = 0; i < N_ELEMENTS(texts); i++)
		buffer_free(&texts[i]);
	return more;
}

static void
author_scan_decode(struct author_scan *scan, const buffer_t *value)
{
	unsigned int i;
	bool unread = scan->unread;

	for (i = 0; i <= ENCODED_TEXT_JOIN_BASE64; i++) T_BEGIN {
		(void)author_scan_words(scan, value, i);
	} T_END;
	if (scan->names.count == 0) {
		(void)author_scan_words(scan, value,
					ENCODED_TEXT_IGNORE_CHARSET);
	}
	if (scan->unread && !unread && scan->damage == NULL)
		scan->damage = "unreadable encoded word in From";
}

static void
author_scan_field(struct author_scan *scan, const struct msg_field *field)
{
	struct msg_field repaired = *field;
	const unsigned char *colon;
	const buffer_t *value;

	if (field->name[0] == '\0') {
		if (scan->damage == NULL)
			scan->damage = "control character next to From";
		colon = memchr(field->data, ':', field->size);
		repaired.value_offset = colon + 1 - field->data;
	}
	value = t_field_unfold(&repaired);
	author_scan_value(scan, value->data, value->used);
	if (!parser_agrees(scan, value) && scan->damage == NULL)
		scan->damage = "From can be read in several ways";
	author_scan_decode(scan, value);
}

/* The next CR without LF, or end. */
static const unsigned char *
next_bare_cr(const unsigned char *p, const unsigned char *end)
{
	while ((p = memchr(p, '\r', end - p)) != NULL) {
		if (end - p > 1 && p[1] != '\n')
			return p;
		p++;
	}
	return end;
}

/* Some readers end a line at a bare CR. Returns TRUE and the From field they
   find from *pos of this one on, with its bare CR in front. */
static bool
field_next_hidden_from(const struct msg_field *field, size_t *pos,
		       struct msg_field *hidden_r)
{
	const unsigned char *end = field->data + field->size, *p, *next;

	for (p = next_bare_cr(field->data + *pos, end); p < end; p = next) {
		next = next_bare_cr(p + 1, end);
		i_zero(hidden_r);
		hidden_r->name = "";
		hidden_r->data = p;
		hidden_r->size = next - p;
		if (msg_field_is_from(hidden_r)) {
			*pos = next - field->data;
			return TRUE;
		}
	}
	return FALSE;
}

static void
author_scan_hidden(struct author_scan *scan, const struct msg_field *field,
		   unsigned int *from_count)
{
	struct msg_field hidden;
	size_t pos = 0;

	while (field_next_hidden_from(field, &pos, &hidden)) {
		if ((*from_count)++ >= AUTHRES_MAX_AUTHOR_DOMAINS) {
			scan->cut = TRUE;
			break;
		}
		if (scan->damage == NULL)
			scan->damage = "From follows a bare CR";
		T_BEGIN {
			author_scan_field(scan, &hidden);
		} T_END;
	}
}

/* Most readers show the first From field, some the last: with too many of them
   those between are left out. */
static unsigned int
author_scan_header(struct author_scan *scan, const struct msg_header *header)
{
	const struct msg_field *field, *last = NULL;
	unsigned int from_count = 0;

	array_foreach(&header->fields, field) {
		if (!msg_field_is_from(field)) {
			author_scan_hidden(scan, field, &from_count);
			continue;
		}
		if (from_count++ >= AUTHRES_MAX_AUTHOR_DOMAINS) {
			last = field;
			continue;
		}
		T_BEGIN {
			author_scan_field(scan, field);
		} T_END;
	}
	if (last != NULL) T_BEGIN {
		if (from_count > AUTHRES_MAX_AUTHOR_DOMAINS + 1)
			scan->cut = TRUE;
		author_scan_field(scan, last);
	} T_END;
	return from_count;
}

/* The angle-addr's domain first if there is just one: most readers show that
   one. */
static void
author_fill_domains(pool_t pool, const struct author_scan *scan,
		    struct author *author_r)
{
	const char **domains, *first = NULL;
	unsigned int i, count = 0;

	domains = p_new(pool, const char *,
			N_ELEMENTS(scan->names.domains) + 1);
	if (scan->angle_count == 1)
		first = scan->angle_domain;
	if (first != NULL)
		domains[count++] = first;
	for (i = 0; i < scan->names.count; i++) {
		if (count == N_ELEMENTS(scan->names.domains))
			break;
		if (first == NULL || strcmp(scan->names.domains[i], first) != 0)
			domains[count++] = scan->names.domains[i];
	}
	author_r->domains = domains;
}

static const struct msg_field *author_field(const struct msg_header *header)
{
	const struct msg_field *field;

	array_foreach(&header->fields, field) {
		if (msg_field_is_from(field))
			return field;
	}
	return NULL;
}

/* There is one usable From field with one "@" outside quotes and comments. */
static const char *
author_find_address(pool_t pool, const struct msg_header *header,
		    const char *author_domain)
{
	const struct message_address *addr;
	const buffer_t *value = t_field_unfold(author_field(header));
	const char *domain, *error;

	addr = message_address_parse(pool_datastack_create(),
				     value->data, value->used,
				     AUTHRES_MAX_AUTHOR_ADDRESSES, 0);
	/* words with a comma and groups are addresses without domain */
	while (addr != NULL && (addr->domain == NULL ||
				addr->domain[0] == '\0'))
		addr = addr->next;
	if (addr == NULL || addr->mailbox == NULL || addr->mailbox[0] == '\0' ||
	    strlen(addr->mailbox) > AUTHRES_MAX_LOCAL_PART_BYTES ||
	    domain_to_ascii(addr->domain, &domain, &error) < 0 ||
	    strcmp(domain, author_domain) != 0)
		return NULL;
	return p_strconcat(pool, addr->mailbox, "@", author_domain, NULL);
}

/* NULL: From is usable. */
static const char *
author_bad_reason(const struct author_scan *scan,
		  const struct msg_header *header, unsigned int from_count)
{
	if (from_count > 1)
		return "several From fields";
	if (header->from_cut)
		return "From is too large";
	if (header->limit_reason != NULL)
		return "header is too large";
	if (from_count == 0)
		return "no From field";
	if (scan->damage != NULL)
		return scan->damage;
	if (scan->names.count == 0)
		return "no domain in From";
	if (scan->local_part_missing && scan->angle_count == 0)
		return "address without local part in From";
	if (author_scan_is_cut(scan))
		return "too many domains in From";
	if (scan->names.count > 1 && scan->list_broken &&
	    scan->angle_count != 1)
		return "addresses in From are not separated by commas";
	return NULL;
}

void author_find(pool_t pool, const struct msg_header *header,
		 struct author *author_r)
{
	struct author_scan scan;
	unsigned int from_count;

	i_zero(author_r);
	author_scan_init(pool, &scan);
	from_count = author_scan_header(&scan, header);
	author_fill_domains(pool, &scan, author_r);

	author_r->reason = author_bad_reason(&scan, header, from_count);
	if (author_r->reason != NULL) {
		author_r->hides = author_scan_is_cut(&scan) || scan.unread ||
			header->from_cut;
		return;
	}
	if (scan.names.count == 1) {
		author_r->single = TRUE;
		if (scan.address_count == 1) T_BEGIN {
			author_r->address = author_find_address(pool, header,
				author_r->domains[0]);
		} T_END;
	} else {
		author_r->multiple = TRUE;
		author_r->reason = "several domains in From";
	}
}
