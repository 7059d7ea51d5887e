#ifndef MSG_PARSER_H
#define MSG_PARSER_H

#include "authres-limits.h"

/* The message, read once (RFC 5322 section 2, RFC 6376 section 3.4). Bytes
   are pushed in pieces of any size; the header fields are kept, the body is
   only passed on. Line ends are made canonical: a bare LF becomes CRLF, CRLF
   stays, a bare CR stays a byte like any other. Memory does not grow with the
   body. */

struct msg_field {
	/* the name as written, without trailing white space, NUL-terminated;
	   a line that is no field at all ("garbage without colon") has the
	   name "" */
	const char *name;
	/* the whole field: name, colon, value, folds and the final CRLF */
	const unsigned char *data;
	size_t size;
	/* where the value starts in data: right after the colon */
	size_t value_offset;
};
ARRAY_DEFINE_TYPE(msg_field, struct msg_field);

struct msg_header {
	/* in the order of the message, the first is the topmost */
	ARRAY_TYPE(msg_field) fields;
	/* a NUL byte stands in the header block */
	bool has_nul;
	/* NULL, or which limit cut the header: fields behind it are missing
	   here (and checks that need the whole header say so), except for
	   AUTHRES_RESERVED_FROM_FIELDS From fields, the last one among them.
	   Of one over AUTHRES_MAX_FIELD_BYTES begin and end are here. */
	const char *limit_reason;
	/* so many bytes or From fields were left out that more of what readers
	   show as the author may be missing: the middle of a From field over
	   AUTHRES_MAX_FIELD_BYTES, From fields between the reserved ones, text
	   behind a bare CR */
	bool from_cut;
};

struct msg_parser_vfuncs {
	/* The header is complete; called once, before any body byte, also for
	   an empty message (from msg_parser_finish() then). header lives in
	   the parser's pool and does not change any more. */
	void (*header_done)(const struct msg_header *header, void *context);
	/* Body bytes with canonical line ends, in order, any piece size. */
	void (*body)(const unsigned char *data, size_t size, void *context);
};

/* Header fields are kept in pool. */
struct msg_parser *msg_parser_init(pool_t pool,
				   const struct msg_parser_vfuncs *v,
				   void *context);
void msg_parser_deinit(struct msg_parser **parser);
void msg_parser_more(struct msg_parser *parser,
		     const unsigned char *data, size_t size);
/* No more bytes. A last line without line end gets a CRLF. */
void msg_parser_finish(struct msg_parser *parser);

/* The index-th field with this name (case-insensitive), counted from the top
   from 0; NULL = there are not so many. */
const struct msg_field *
msg_header_find(const struct msg_header *header, const char *name,
		unsigned int index);
/* TRUE if some reader may take it for a From field: there are some that leave
   out control characters, white space and bytes outside ASCII around and in a
   name that is none for us. */
bool msg_field_is_from(const struct msg_field *field);
/* The value unfolded (RFC 5322 section 2.2.3: CRLF before WSP removed),
   leading and trailing white space removed. NUL bytes become U+FFFD's
   replacement '?'. Data stack. */
const char *t_msg_field_value(const struct msg_field *field);

#endif
