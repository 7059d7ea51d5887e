#ifndef FAILURE_TEXT_H
#define FAILURE_TEXT_H

/* What a failure report (RFC 9991, RFC 6591) says of one message, as one text:
   "Name: value" of each field, separated by TAB. The verifier makes it of the
   message, and each reader checks it again. Only the fields of the allow-list
   in failure-text.c can be in it, in printable ASCII: no subject, no display
   name, no recipient, no body.

   Until the recorder has it, a local part stands between two backquotes, in hex
   digits: `6a6f65`@example.org. The recorder puts a keyed hash there (RFC 6590
   section 3) before anything is written to a file. */

#define FAILURE_LOCAL_PART_MARK '`'

enum failure_part {
	/* message/feedback-report */
	FAILURE_PART_FEEDBACK,
	/* text/rfc822-headers */
	FAILURE_PART_HEADER
};

struct failure_field {
	const char *name;
	enum failure_part part;
	/* so many of them */
	unsigned int max_count;
};

/* NULL = this field is never in a report. */
const struct failure_field *failure_field_find(const char *name);

/* Append a field. value: any text. Returns FALSE, and appends nothing, if the
   field is not on the list, if value is empty, not printable ASCII or near
   AUTHRES_MAX_FAILURE_FIELD_BYTES, if a mark is wrong, if the text would be
   near AUTHRES_MAX_FAILURE_TEXT_BYTES,
   or if the text would be longer than AUTHRES_MAX_FAILURE_TEXT_BYTES or have
   too many of them. */
bool failure_text_add(string_t *text, const char *name, const char *value);
/* Append a marked local part, any bytes but NUL, to a value. */
void failure_value_add_local_part(string_t *value, const char *local_part);
/* TRUE if failure_text_add() made text, of one field at least. */
bool failure_text_is_valid(const char *text);
/* TRUE if it has no marks. text: valid. */
bool failure_text_is_redacted(const char *text);

/* What is to stand there instead of local_part: letters, digits, "-" and "_".
   Data stack. */
typedef const char *
failure_text_redact_t(const char *local_part, void *context);
/* text: valid. Returns it without marks, on the data stack. */
const char *t_failure_text_redact(const char *text,
				  failure_text_redact_t *redact, void *context);

#endif
