/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "istream.h"
#include "ostream.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "forged-fields.h"

#include <ctype.h>

struct field_kind {
	const char *name;
	bool (*claims)(const unsigned char *value, size_t size,
		       const char *const *authserv_ids);
};

#define MAX_FIELD_KINDS 2

enum scan_state {
	/* the field so far is a prefix of a name */
	SCAN_NAME,
	/* the whole name was there, the colon is missing yet */
	SCAN_COLON,
	/* the value of a field with that name */
	SCAN_VALUE,
	/* rest of a field that stays */
	SCAN_KEEP,
	/* rest of a field that goes */
	SCAN_CUT
};

struct scan {
	const char *const *authserv_ids;
	struct field_kind kinds[MAX_FIELD_KINDS];
	unsigned int kinds_count;
	struct ostream *output;
	struct forged_fields *fields;

	enum scan_state state;
	/* bytes of the field that are neither kept nor cut yet */
	string_t *undecided;
	/* of that field; NULL before its name is complete */
	const struct field_kind *kind;
	/* where in undecided its name starts */
	size_t name_pos;
	size_t value_pos;

	/* offset of the next byte */
	uoff_t offset;
	/* the line end before offset, if there is one */
	const char *newline;
	/* the next byte begins a line */
	bool line_start;
	/* a CR was read that may or may not be followed by LF */
	bool have_cr;
	/* the field began after a bare CR: it is a part of a line */
	bool inside_line;
	bool newline_seen;
};

static bool
any_field_claims(const unsigned char *value ATTR_UNUSED,
		 size_t size ATTR_UNUSED,
		 const char *const *authserv_ids ATTR_UNUSED)
{
	return TRUE;
}

static void
scan_keep_bytes(struct scan *scan, const unsigned char *data, size_t size)
{
	if (scan->output != NULL)
		o_stream_nsend(scan->output, data, size);
}

static void scan_keep_undecided(struct scan *scan)
{
	scan_keep_bytes(scan, str_data(scan->undecided),
			str_len(scan->undecided));
	str_truncate(scan->undecided, 0);
	scan->state = SCAN_KEEP;
}

static void scan_cut_undecided(struct scan *scan)
{
	if (scan->kind != NULL && scan->kind->claims == any_field_claims)
		scan->fields->client_count++;
	else
		scan->fields->count++;
	str_truncate(scan->undecided, 0);
	scan->state = SCAN_CUT;
}

static const unsigned char *
skip_field_name(const struct field_kind *kind, const unsigned char *data,
		const unsigned char *end)
{
	const unsigned char *p = data;
	size_t len = strlen(kind->name);

	if ((size_t)(end - p) < len ||
	    strncasecmp((const char *)p, kind->name, len) != 0)
		return data;
	p += len;
	while (p < end && *p <= ' ')
		p++;
	return p < end && *p == ':' ? p + 1 : data;
}

/* What stands behind a bare CR: the value goes on, or a field of any kind
   begins. */
static bool
scan_part_claims(const struct scan *scan, const unsigned char *part,
		 const unsigned char *end)
{
	for (unsigned int i = 0; i < scan->kinds_count; i++) {
		const struct field_kind *kind = &scan->kinds[i];
		const unsigned char *value = skip_field_name(kind, part, end);

		if ((value != part || kind == scan->kind) &&
		    kind->claims(value, end - value, scan->authserv_ids))
			return TRUE;
	}
	return FALSE;
}

/* The value as readers see it for whom a line ends at LF only, and as it is
   seen by those for whom it ends at CR, too. */
static bool
scan_value_claims(const struct scan *scan, const unsigned char *value,
		  size_t size)
{
	const unsigned char *end = value + size, *part, *part_end;

	if (scan->kind->claims(value, size, scan->authserv_ids))
		return TRUE;
	part_end = memchr(value, '\r', size);
	while (part_end != NULL) {
		part = part_end + 1;
		part_end = memchr(part, '\r', end - part);
		/* CRLF of a folded line was seen above already */
		if (part < end && *part == '\n')
			continue;
		if (scan_part_claims(scan, part,
				     part_end != NULL ? part_end : end))
			return TRUE;
	}
	return FALSE;
}

static void scan_decide(struct scan *scan)
{
	bool claims;

	T_BEGIN {
		claims = scan_value_claims(scan, str_data(scan->undecided) +
					   scan->value_pos,
					   str_len(scan->undecided) -
					   scan->value_pos);
	} T_END;
	if (claims)
		scan_cut_undecided(scan);
	else
		scan_keep_undecided(scan);
}

static void scan_field_begin(struct scan *scan, bool inside_line)
{
	i_assert(str_len(scan->undecided) == 0);
	scan->state = SCAN_NAME;
	scan->kind = NULL;
	scan->name_pos = inside_line ? 1 : 0;
	scan->inside_line = inside_line;
}

static void scan_field_end(struct scan *scan)
{
	switch (scan->state) {
	case SCAN_NAME:
	case SCAN_COLON:
		scan_keep_undecided(scan);
		break;
	case SCAN_VALUE:
		scan_decide(scan);
		break;
	case SCAN_KEEP:
	case SCAN_CUT:
		break;
	}
	/* the line it was a part of stays, and so does its end */
	if (scan->state == SCAN_CUT && scan->inside_line && scan->line_start)
		scan_keep_bytes(scan, (const void *)scan->newline,
				strlen(scan->newline));
}

/* The kind whose name begins with what was read of it; one that is complete
   first. */
static const struct field_kind *scan_find_kind(struct scan *scan)
{
	const char *name = str_c(scan->undecided) + scan->name_pos;
	size_t size = str_len(scan->undecided) - scan->name_pos;
	const struct field_kind *longer = NULL;

	for (unsigned int i = 0; i < scan->kinds_count; i++) {
		const struct field_kind *kind = &scan->kinds[i];

		/* a NUL ends the comparison, and no name has one */
		if (strncasecmp(name, kind->name, size) != 0 ||
		    strlen(kind->name) < size)
			continue;
		if (strlen(kind->name) == size)
			return kind;
		longer = kind;
	}
	return longer;
}

/* A byte of the name was added to undecided. */
static void scan_name_char(struct scan *scan)
{
	const struct field_kind *kind = scan_find_kind(scan);

	if (kind == NULL)
		scan_keep_undecided(scan);
	else if (strlen(kind->name) ==
		 str_len(scan->undecided) - scan->name_pos) {
		scan->kind = kind;
		scan->state = SCAN_COLON;
	} else {
		scan->state = SCAN_NAME;
	}
}

static void scan_char(struct scan *scan, unsigned char c)
{
	switch (scan->state) {
	case SCAN_NAME:
		str_append_c(scan->undecided, c);
		scan_name_char(scan);
		break;
	case SCAN_COLON:
		str_append_c(scan->undecided, c);
		if (c == ':') {
			scan->state = SCAN_VALUE;
			scan->value_pos = str_len(scan->undecided);
		} else if (c > ' ') {
			/* of one name that begins with another */
			scan->kind = NULL;
			scan_name_char(scan);
		} else if (str_len(scan->undecided) >=
			   AUTHRES_MAX_FIELD_BYTES) {
			/* nobody but a forger writes this */
			scan_cut_undecided(scan);
		}
		break;
	case SCAN_VALUE:
		str_append_c(scan->undecided, c);
		if (str_len(scan->undecided) - scan->value_pos >=
		    AUTHRES_MAX_FIELD_BYTES)
			scan_decide(scan);
		break;
	case SCAN_KEEP:
		scan_keep_bytes(scan, &c, 1);
		break;
	case SCAN_CUT:
		break;
	}
}

/* Called when c is the first byte of a line that is not empty. */
static void scan_line_begin(struct scan *scan, unsigned char c)
{
	if (c != ' ' && c != '\t') {
		scan_field_end(scan);
		scan_field_begin(scan, FALSE);
	} else if (scan->offset == 0) {
		scan->inside_line = FALSE;
		scan_cut_undecided(scan);
	}
	scan->line_start = FALSE;
}

static void scan_bare_cr(struct scan *scan)
{
	if (scan->line_start)
		scan_line_begin(scan, '\r');
	if (scan->state == SCAN_NAME)
		scan_keep_undecided(scan);
	if (scan->state == SCAN_KEEP) {
		scan_field_begin(scan, TRUE);
		str_append_c(scan->undecided, '\r');
	} else {
		scan_char(scan, '\r');
	}
}

/* Returns FALSE if this line end makes the empty line after the header. */
static bool scan_newline(struct scan *scan, const char *newline)
{
	if (!scan->newline_seen) {
		scan->newline_seen = TRUE;
		scan->fields->crlf = newline[0] == '\r';
	}
	if (scan->line_start)
		return FALSE;
	if (scan->state == SCAN_NAME)
		scan_keep_undecided(scan);
	for (const char *p = newline; *p != '\0'; p++)
		scan_char(scan, *p);
	scan->newline = newline;
	scan->line_start = TRUE;
	return TRUE;
}

/* Returns FALSE when the header has ended; offset is then its end. */
static bool
scan_bytes(struct scan *scan, const unsigned char *data, size_t size)
{
	size_t i, run;

	for (i = 0; i < size; ) {
		unsigned char c = data[i];

		if (scan->have_cr) {
			scan->have_cr = FALSE;
			if (c == '\n') {
				if (!scan_newline(scan, "\r\n"))
					return FALSE;
				scan->offset += 2;
				i++;
				continue;
			}
			scan_bare_cr(scan);
			scan->offset++;
		}
		if (c == '\r') {
			scan->have_cr = TRUE;
			i++;
			continue;
		}
		if (c == '\n') {
			if (!scan_newline(scan, "\n"))
				return FALSE;
			scan->offset++;
			i++;
			continue;
		}
		if (scan->line_start)
			scan_line_begin(scan, c);
		run = 1;
		if (scan->state == SCAN_KEEP || scan->state == SCAN_CUT) {
			while (i + run < size && data[i + run] != '\r' &&
			       data[i + run] != '\n')
				run++;
			if (scan->state == SCAN_KEEP)
				scan_keep_bytes(scan, data + i, run);
		} else {
			scan_char(scan, c);
		}
		scan->offset += run;
		i += run;
	}
	return TRUE;
}

static void
scan_add_kind(struct scan *scan, const char *name,
	      bool (*claims)(const unsigned char *value, size_t size,
			     const char *const *authserv_ids))
{
	i_assert(scan->kinds_count < MAX_FIELD_KINDS);
	scan->kinds[scan->kinds_count].name = name;
	scan->kinds[scan->kinds_count++].claims = claims;
}

int forged_fields_scan(struct istream *input,
		       const struct forged_fields_query *query,
		       struct ostream *output,
		       struct forged_fields *fields_r, const char **error_r)
{
	struct scan scan;
	const unsigned char *data;
	size_t size;
	bool more = TRUE;

	i_zero(fields_r);
	i_zero(&scan);
	scan.authserv_ids = query->authserv_ids;
	if (query->authserv_ids != NULL) {
		scan_add_kind(&scan, "Authentication-Results",
			      authres_field_claims);
	}
	if (query->client_header != NULL)
		scan_add_kind(&scan, query->client_header, any_field_claims);
	scan.output = output;
	scan.fields = fields_r;
	scan.state = SCAN_KEEP;
	scan.line_start = TRUE;
	scan.newline = "";
	scan.undecided = str_new(default_pool, 1024);

	i_stream_seek(input, 0);
	while (more && i_stream_read_more(input, &data, &size) > 0) {
		more = scan_bytes(&scan, data, size);
		i_stream_skip(input, size);
	}
	if (scan.have_cr && more) {
		scan_bare_cr(&scan);
		scan.offset++;
	}
	scan_field_end(&scan);
	fields_r->header_end = scan.offset;
	str_free(&scan.undecided);

	if (input->stream_errno != 0) {
		*error_r = t_strdup_printf("read(%s) failed: %s",
					   i_stream_get_name(input),
					   i_stream_get_error(input));
		return -1;
	}
	return 0;
}
