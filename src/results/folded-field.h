#ifndef FOLDED_FIELD_H
#define FOLDED_FIELD_H

/* A header field while it is written, folded at AUTHRES_FOLD_COLUMNS. */

struct folded_field {
	string_t *dest;
	/* "\n" or "\r\n" */
	const char *newline;
	/* of the line being written */
	size_t columns;
};

void folded_field_append(struct folded_field *field, const char *text,
			 size_t len);
/* Begin the next line with wsp. */
void folded_field_break(struct folded_field *field, const char *wsp);
/* Append a space and the item; what does not fit goes on in lines that begin
   with TAB SPACE, broken at single spaces of the item. There are spaces only
   inside a comment or quoted string. */
void folded_field_item(struct folded_field *field, const char *item);
/* The same in a line of its own that begins with TAB. */
void folded_field_line(struct folded_field *field, const char *item);

/* "(text)" and "\"text\"" of RFC 5322 sections 3.2.2 and 3.2.4. text:
   printable ASCII. Data stack. */
const char *t_field_comment(const char *text);
const char *t_field_quoted_string(const char *text);
/* atext of RFC 5322 section 3.2.3 besides letters and digits */
#define FIELD_ATEXT "!#$%&'*+-/=?^_`{|}~"
/* Is text up to end made of labels of letters, digits and the bytes of others,
   with single dots between them? */
bool field_text_is_dotted(const char *text, const char *end,
			  const char *others);

#endif
