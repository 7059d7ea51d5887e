/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "canonicalize-body.h"

void canonical_body_init(struct canonical_body *body,
			 enum canonicalization canonicalization,
			 canonical_body_callback_t *callback, void *context)
{
	body->canonicalization = canonicalization;
	body->callback = callback;
	body->context = context;
	body->pending_crlfs = 0;
	body->pending_cr = FALSE;
	body->pending_wsp = FALSE;
	body->has_text = FALSE;
	body->output_size = 0;
}

void canonical_body_flush(struct canonical_body *body)
{
	if (body->output_size > 0) {
		body->callback(body->output, body->output_size, body->context);
		body->output_size = 0;
	}
}

static void canonical_body_output(struct canonical_body *body,
				  const void *data, size_t size)
{
	if (size > sizeof(body->output) - body->output_size)
		canonical_body_flush(body);
	if (size > sizeof(body->output)) {
		body->callback(data, size, body->context);
	} else {
		memcpy(body->output + body->output_size, data, size);
		body->output_size += size;
	}
}

/* Text follows: what was held back before it counts. */
static void canonical_body_output_pending(struct canonical_body *body)
{
	for (; body->pending_crlfs > 0; body->pending_crlfs--)
		canonical_body_output(body, "\r\n", 2);
	if (body->pending_wsp)
		canonical_body_output(body, " ", 1);
	if (body->pending_cr)
		canonical_body_output(body, "\r", 1);
	body->pending_wsp = FALSE;
	body->pending_cr = FALSE;
	body->has_text = TRUE;
}

static void canonical_body_line_end(struct canonical_body *body)
{
	body->pending_cr = FALSE;
	body->pending_wsp = FALSE;
	body->pending_crlfs++;
}

/* A CR or LF, of which we do not know yet whether it is part of a CRLF. */
static void canonical_body_cr_or_lf(struct canonical_body *body,
				    unsigned char c)
{
	if (c == '\n' && body->pending_cr) {
		canonical_body_line_end(body);
	} else {
		if (c == '\n' || body->pending_cr)
			canonical_body_output_pending(body);
		if (c == '\n')
			canonical_body_output(body, "\n", 1);
		else
			body->pending_cr = TRUE;
	}
}

static void simple_body_more(struct canonical_body *body,
			     const unsigned char *data, size_t size)
{
	size_t text_size = size;

	while (text_size > 0 && (data[text_size - 1] == '\r' ||
				 data[text_size - 1] == '\n'))
		text_size--;
	if (text_size > 0) {
		canonical_body_output_pending(body);
		canonical_body_output(body, data, text_size);
	}
	for (; text_size < size; text_size++)
		canonical_body_cr_or_lf(body, data[text_size]);
}

/* Bytes that relaxed canonicalization does not simply copy. */
static const bool relaxed_special[256] = {
	['\t'] = TRUE, ['\n'] = TRUE, ['\r'] = TRUE, [' '] = TRUE
};

/* Copy text and single spaces inside a line, the bulk of every body. Returns
   where it stopped: at a byte that needs a look at the state. */
static const unsigned char *
relaxed_body_text(struct canonical_body *body,
		  const unsigned char *p, const unsigned char *end)
{
	unsigned char *dest;
	size_t room;

	if (sizeof(body->output) - body->output_size < 256)
		canonical_body_flush(body);
	room = sizeof(body->output) - body->output_size;
	if ((size_t)(end - p) > room)
		end = p + room;

	/* @UNSAFE: dest advances with p, and p stops within room */
	dest = body->output + body->output_size;
	while (p < end) {
		if (!relaxed_special[*p] ||
		    (*p == ' ' && end - p > 1 && !relaxed_special[p[1]]))
			*dest++ = *p++;
		else
			break;
	}
	body->output_size = dest - body->output;
	return p;
}

/* Every byte of a word set to byte. */
#define WORD_OF(byte) (UINT64_C(0x0101010101010101) * (byte))

/* TRUE if relaxed canonicalization changes nothing in a line of these bytes,
   its line end left out: no control character, no two spaces side by side, none
   at the end. May be FALSE without need. */
static bool relaxed_line_is_canonical(const unsigned char *line, size_t size)
{
	uint64_t word, space, control = 0, pairs = 0;
	size_t i;

	if (size > 0 && line[size - 1] == ' ')
		return FALSE;
	/* words overlap by a byte, so that no pair is missed */
	for (i = 0; i + sizeof(word) <= size; i += sizeof(word) - 1) {
		memcpy(&word, line + i, sizeof(word));
		control |= (word - WORD_OF(' ')) & ~word;
		space = word ^ WORD_OF(' ');
		space = (space - WORD_OF(1)) & ~space & WORD_OF(0x80);
		pairs |= space & (space >> 8);
	}
	if (((control & WORD_OF(0x80)) | pairs) != 0)
		return FALSE;
	for (; i < size; i++) {
		if (line[i] < ' ' ||
		    (line[i] == ' ' && i > 0 && line[i - 1] == ' '))
			return FALSE;
	}
	return TRUE;
}

/* Most lines of most bodies are canonical already: those are passed on as they
   are, with the line ends between them. Returns where the first line begins
   that is not, or whose end is not here. */
static const unsigned char *
relaxed_body_lines(struct canonical_body *body,
		   const unsigned char *p, const unsigned char *end)
{
	const unsigned char *start = p, *text_end = p, *cr;
	uoff_t crlfs = 0;

	while ((cr = memchr(p, '\r', end - p)) != NULL &&
	       end - cr > 1 && cr[1] == '\n' &&
	       relaxed_line_is_canonical(p, cr - p)) {
		if (cr > p) {
			text_end = cr;
			crlfs = 0;
		}
		crlfs++;
		p = cr + 2;
	}
	if (text_end > start) {
		canonical_body_output_pending(body);
		canonical_body_output(body, start, text_end - start);
	}
	body->pending_crlfs += crlfs;
	return p;
}

static void relaxed_body_more(struct canonical_body *body,
			      const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size;
	/* Once for a line that is not canonical, or a body could be written
	   that is read again and again. */
	bool try_lines = !body->pending_wsp && !body->pending_cr;
	uoff_t crlfs;

	while (p < end) {
		if (try_lines) {
			try_lines = FALSE;
			p = relaxed_body_lines(body, p, end);
			if (p == end)
				break;
		}
		if (!relaxed_special[*p]) {
			canonical_body_output_pending(body);
			p = relaxed_body_text(body, p, end);
		} else if (*p == ' ' || *p == '\t') {
			if (body->pending_cr)
				canonical_body_output_pending(body);
			body->pending_wsp = TRUE;
			p++;
		} else {
			crlfs = body->pending_crlfs;
			canonical_body_cr_or_lf(body, *p++);
			try_lines = body->pending_crlfs > crlfs;
		}
	}
}

void canonical_body_more(struct canonical_body *body,
			 const unsigned char *data, size_t size)
{
	switch (body->canonicalization) {
	case CANONICALIZATION_SIMPLE:
		simple_body_more(body, data, size);
		break;
	case CANONICALIZATION_RELAXED:
		relaxed_body_more(body, data, size);
		break;
	}
}

void canonical_body_finish(struct canonical_body *body)
{
	if (body->pending_cr)
		canonical_body_output_pending(body);
	/* section 3.4.4: a relaxed body of nothing but empty lines is empty;
	   section 3.4.3: a simple one is a single CRLF */
	if (body->has_text ||
	    body->canonicalization == CANONICALIZATION_SIMPLE)
		canonical_body_output(body, "\r\n", 2);
	body->pending_crlfs = 0;
	body->pending_wsp = FALSE;
	canonical_body_flush(body);
}
