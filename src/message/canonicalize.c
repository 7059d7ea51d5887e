/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "msg-parser.h"
#include "canonicalize.h"

#include <ctype.h>

#define IS_WSP(c) ((c) == ' ' || (c) == '\t')

static void canonicalize_relaxed_value(string_t *dest,
				       const unsigned char *data, size_t size)
{
	bool wsp = FALSE, first = TRUE;
	size_t i;

	for (i = 0; i < size; i++) {
		/* the parser leaves CRLF only before white space */
		if (data[i] == '\r' && size - i > 1 && data[i + 1] == '\n') {
			i++;
		} else if (IS_WSP(data[i])) {
			wsp = TRUE;
		} else {
			if (wsp && !first)
				str_append_c(dest, ' ');
			str_append_c(dest, data[i]);
			wsp = first = FALSE;
		}
	}
}

static void canonicalize_relaxed(string_t *dest, const struct msg_field *field)
{
	const char *p;

	for (p = field->name; *p != '\0'; p++)
		str_append_c(dest, i_tolower(*p));
	str_append_c(dest, ':');
	canonicalize_relaxed_value(dest, field->data + field->value_offset,
				   field->size - field->value_offset);
}

void canonicalize_field(string_t *dest, const struct msg_field *field,
			enum canonicalization canonicalization,
			bool with_crlf)
{
	size_t size = field->size;

	switch (canonicalization) {
	case CANONICALIZATION_SIMPLE:
		if (size >= 2 && memcmp(field->data + size - 2, "\r\n", 2) == 0)
			size -= 2;
		str_append_data(dest, field->data, size);
		break;
	case CANONICALIZATION_RELAXED:
		canonicalize_relaxed(dest, field);
		break;
	}
	if (with_crlf)
		str_append(dest, "\r\n");
}
