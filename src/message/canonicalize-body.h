#ifndef CANONICALIZE_BODY_H
#define CANONICALIZE_BODY_H

#include "canonicalize.h"

/* Body canonicalization as a stream, RFC 6376 sections 3.4.3 and 3.4.4. What
   is held back is a count of line ends, so memory does not grow with the
   body. */

#define CANONICAL_BODY_OUTPUT_BYTES 8192

/* Canonical bytes, in order, any piece size. */
typedef void canonical_body_callback_t(const unsigned char *data, size_t size,
				       void *context);

struct canonical_body {
	enum canonicalization canonicalization;
	canonical_body_callback_t *callback;
	void *context;

	/* line ends read and not yet written: they count only when something
	   follows */
	uoff_t pending_crlfs;
	/* the last byte was a CR */
	bool pending_cr;
	/* white space was read in this line and not yet written */
	bool pending_wsp;
	/* something was written, other than line ends, or will be */
	bool has_text;

	size_t output_size;
	unsigned char output[CANONICAL_BODY_OUTPUT_BYTES];
};

/* The callback is called only from the functions below. */
void canonical_body_init(struct canonical_body *body,
			 enum canonicalization canonicalization,
			 canonical_body_callback_t *callback, void *context);
/* Body bytes with CRLF line ends (msg-parser.h), in pieces of any size. A bare
   CR or LF is a byte like any other. */
void canonical_body_more(struct canonical_body *body,
			 const unsigned char *data, size_t size);
/* Pass on what is sure so far: all but the line ends and white space that
   would be nothing if the body ended here. */
void canonical_body_flush(struct canonical_body *body);
/* No more bytes: a last line without line end gets its CRLF. */
void canonical_body_finish(struct canonical_body *body);

#endif
