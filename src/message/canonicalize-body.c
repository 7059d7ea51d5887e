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

static void relaxed_body_more(struct canonical_body *body,
			      const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size;

	while (p < end) {
		if (!relaxed_special[*p]) {
			canonical_body_output_pending(body);
			p = relaxed_body_text(body, p, end);
		} else if (*p == ' ' || *p == '\t') {
			if (body->pending_cr)
				canonical_body_output_pending(body);
			body->pending_wsp = TRUE;
			p++;
		} else {
			canonical_body_cr_or_lf(body, *p++);
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
