/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "rfc822-parser.h"
#include "str.h"
#include "author-scan.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "purported-address.h"

enum pra_field {
	PRA_FIELD_RESENT_SENDER,
	PRA_FIELD_RESENT_FROM,
	PRA_FIELD_SENDER,
	PRA_FIELD_FROM,

	PRA_FIELD_COUNT
};

static const struct {
	const char *name, *lower_case;
} pra_fields[PRA_FIELD_COUNT] = {
	[PRA_FIELD_RESENT_SENDER] = { "Resent-Sender", "resent-sender" },
	[PRA_FIELD_RESENT_FROM] = { "Resent-From", "resent-from" },
	[PRA_FIELD_SENDER] = { "Sender", "sender" },
	[PRA_FIELD_FROM] = { "From", "from" },
};

struct pra_candidates {
	/* the first that is not empty, and how many there are */
	const struct msg_field *first[PRA_FIELD_COUNT];
	unsigned int count[PRA_FIELD_COUNT];
	/* Received or Return-Path stands between the first Resent-From and the
	   first Resent-Sender: they are of two resent blocks */
	bool separate_blocks;
};

static bool pra_is_trace(const struct msg_field *field)
{
	return strcasecmp(field->name, "Received") == 0 ||
		strcasecmp(field->name, "Return-Path") == 0;
}

/* "non-empty" of section 2: anything but white space */
static bool pra_field_is_empty(const struct msg_field *field)
{
	size_t i;

	for (i = field->value_offset; i < field->size; i++) {
		if (strchr(" \t\r\n", field->data[i]) == NULL ||
		    field->data[i] == '\0')
			return FALSE;
	}
	return TRUE;
}

static void
pra_collect(const struct msg_header *header, struct pra_candidates *found_r)
{
	const struct msg_field *field;
	bool trace_below_resent_from = FALSE;
	unsigned int i;

	i_zero(found_r);
	array_foreach(&header->fields, field) {
		if (pra_is_trace(field) &&
		    found_r->count[PRA_FIELD_RESENT_FROM] > 0)
			trace_below_resent_from = TRUE;
		for (i = 0; i < PRA_FIELD_COUNT; i++) {
			if (strcasecmp(field->name, pra_fields[i].name) == 0)
				break;
		}
		if (i == PRA_FIELD_COUNT || pra_field_is_empty(field))
			continue;
		if (found_r->count[i]++ > 0)
			continue;
		found_r->first[i] = field;
		if (i == PRA_FIELD_RESENT_SENDER)
			found_r->separate_blocks = trace_below_resent_from;
	}
}

/* Steps 1 to 4. Returns FALSE with a reason if there is nothing to select. */
static bool
pra_select(const struct pra_candidates *found, enum pra_field *field_r,
	   const char **reason_r)
{
	if (found->count[PRA_FIELD_RESENT_SENDER] > 0 &&
	    !found->separate_blocks)
		*field_r = PRA_FIELD_RESENT_SENDER;
	else if (found->count[PRA_FIELD_RESENT_FROM] > 0)
		*field_r = PRA_FIELD_RESENT_FROM;
	else if (found->count[PRA_FIELD_SENDER] > 0)
		*field_r = PRA_FIELD_SENDER;
	else
		*field_r = PRA_FIELD_FROM;

	if (*field_r == PRA_FIELD_SENDER && found->count[*field_r] > 1)
		*reason_r = "several Sender fields";
	else if (*field_r == PRA_FIELD_FROM && found->count[*field_r] > 1)
		*reason_r = "several From fields";
	else if (found->count[*field_r] == 0)
		*reason_r = "no From field";
	else
		return TRUE;
	return FALSE;
}

/* What the scan found when it read one mailbox that nobody reads otherwise;
   NULL = it did not. */
static const char *pra_scanned_domain(const struct author_scan *scan)
{
	if (scan->damage != NULL || scan->unread || scan->list_broken ||
	    scan->local_part_missing || author_scan_is_cut(scan) ||
	    scan->angle_count > 1)
		return NULL;
	/* the domains of a route stand in <> as well */
	if (scan->angle_count == 1)
		return scan->angle_domain;
	return scan->address_count == 1 && scan->names.count == 1 ?
		scan->names.domains[0] : NULL;
}

/* addr-spec of RFC 5322 section 3.4.1, and a dot behind its domain. Returns
   FALSE if there is none. */
static bool
pra_parse_address(struct rfc822_parser_context *parser, string_t *local_part,
		  string_t *domain)
{
	int ret;

	if (rfc822_skip_lwsp(parser) <= 0)
		return FALSE;
	str_truncate(local_part, 0);
	ret = *parser->data == '"' ?
		rfc822_parse_quoted_string(parser, local_part) :
		rfc822_parse_dot_atom(parser, local_part);
	if (ret <= 0 || *parser->data != '@' || str_len(local_part) == 0)
		return FALSE;
	parser->data++;
	if (rfc822_skip_lwsp(parser) <= 0)
		return FALSE;
	/* a literal is no domain name */
	return rfc822_parse_dot_atom(parser, domain) >= 0 ||
		(str_len(domain) > 0 &&
		 str_data(domain)[str_len(domain) - 1] == '.');
}

/* obs-route: names of hosts that nobody asks any more */
static bool pra_skip_route(struct rfc822_parser_context *parser)
{
	string_t *domain = t_str_new(64);

	while (parser->data < parser->end && *parser->data == '@') {
		parser->data++;
		if (rfc822_skip_lwsp(parser) <= 0 ||
		    rfc822_parse_dot_atom(parser, domain) <= 0)
			return FALSE;
		if (*parser->data == ':') {
			parser->data++;
			return TRUE;
		}
		if (*parser->data != ',')
			return FALSE;
		parser->data++;
		if (rfc822_skip_lwsp(parser) <= 0)
			return FALSE;
	}
	return FALSE;
}

/* mailbox of section 3.4, and nothing else. */
static bool
pra_parse_mailbox(const char *value, string_t *local_part, string_t *domain)
{
	struct rfc822_parser_context parser;
	const unsigned char *start;

	rfc822_parser_init(&parser, (const unsigned char *)value,
			   strlen(value), NULL);
	if (rfc822_skip_lwsp(&parser) <= 0)
		return FALSE;
	start = parser.data;
	if (pra_parse_address(&parser, local_part, domain))
		return rfc822_skip_lwsp(&parser) == 0;

	parser.data = start;
	str_truncate(domain, 0);
	if (*parser.data != '<' &&
	    rfc822_parse_phrase(&parser, t_str_new(64)) <= 0)
		return FALSE;
	if (*parser.data != '<')
		return FALSE;
	parser.data++;
	if (rfc822_skip_lwsp(&parser) <= 0 ||
	    (*parser.data == '@' && !pra_skip_route(&parser)) ||
	    !pra_parse_address(&parser, local_part, domain) ||
	    rfc822_skip_lwsp(&parser) <= 0 || *parser.data != '>')
		return FALSE;
	parser.data++;
	return rfc822_skip_lwsp(&parser) == 0;
}

/* Step 5. What the grammar reads as one mailbox must be all that anybody
   sees. */
static bool
pra_read_mailbox(pool_t pool, const struct msg_field *field,
		 struct purported_address *pra)
{
	const char *value = t_msg_field_value(field);
	string_t *local_part = t_str_new(64), *name = t_str_new(64);
	const char *domain, *scanned, *error;
	struct author_scan scan;

	if (!pra_parse_mailbox(value, local_part, name) ||
	    domain_to_ascii(str_c(name), &domain, &error) < 0)
		return FALSE;
	author_scan_init(pool, &scan);
	author_scan_value(&scan, (const unsigned char *)value, strlen(value));
	scanned = pra_scanned_domain(&scan);
	if (scanned == NULL || strcmp(scanned, domain) != 0)
		return FALSE;
	pra->domain = p_strdup(pool, domain);
	pra->local_part = p_strdup(pool, str_c(local_part));
	return TRUE;
}

void purported_address_find(pool_t pool, const struct msg_header *header,
			    struct purported_address *pra_r)
{
	struct pra_candidates found;
	enum pra_field field;
	bool read;

	i_zero(pra_r);
	if (header->limit_reason != NULL) {
		pra_r->reason = "header is too large";
		return;
	}
	pra_collect(header, &found);
	if (!pra_select(&found, &field, &pra_r->reason))
		return;
	pra_r->field = pra_fields[field].lower_case;
	T_BEGIN {
		read = pra_read_mailbox(pool, found.first[field], pra_r);
	} T_END;
	if (!read) {
		pra_r->reason = p_strdup_printf(pool, "no single mailbox in %s",
						pra_fields[field].name);
	}
}
