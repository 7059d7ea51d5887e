#ifndef REFERENCE_MESSAGE_H
#define REFERENCE_MESSAGE_H

#include "canonicalize.h"

/* Reading and canonicalizing a message in the slow, obvious way: on the whole
   of it, one rule of the RFC after the other. Independent of src/message/.
   Everything is on the data stack. */

struct reference_field {
	/* whole, with canonical line ends */
	const unsigned char *data;
	size_t size;
	/* "" = no field at all */
	const char *name;
	/* behind the colon */
	size_t value_offset;
};
ARRAY_DEFINE_TYPE(reference_field, struct reference_field);

struct reference_message {
	ARRAY_TYPE(reference_field) fields;
	string_t *body;
};

void reference_message_read(const unsigned char *data, size_t size,
			    struct reference_message *message_r);
/* Append, RFC 6376 sections 3.4.1 and 3.4.2, with the CRLF. */
void reference_field_canonical(string_t *dest,
			       const struct reference_field *field,
			       enum canonicalization canonicalization);
/* RFC 6376 sections 3.4.3 and 3.4.4 */
string_t *reference_body_canonical(const string_t *body,
				   enum canonicalization canonicalization);

/* Where the value of a tag stands in a tag list, RFC 6376 section 3.2, white
   space at both ends included. Returns FALSE if it is not there. */
bool reference_tag_find(const unsigned char *tags, size_t size,
			const char *name, size_t *offset_r, size_t *size_r);

#endif
