#ifndef CANONICALIZE_H
#define CANONICALIZE_H

struct msg_field;

/* Canonicalization, RFC 6376 section 3.4. */

enum canonicalization {
	CANONICALIZATION_SIMPLE,
	CANONICALIZATION_RELAXED
};

/* Append one header field in canonical form, sections 3.4.1 and 3.4.2.
   The final CRLF is appended only with_crlf. */
void canonicalize_field(string_t *dest, const struct msg_field *field,
			enum canonicalization canonicalization,
			bool with_crlf);

#endif
