#ifndef PLAIN_TEXT_H
#define PLAIN_TEXT_H

/* Text of anybody made fit for a header field, a log line, an SMTP reply and
   the verifier's socket: one line of printable ASCII. */

/* Append text; every other byte becomes '?'. What is longer than max_bytes is
   cut and ends with "...". max_bytes is at least 3. */
void plain_text_append(string_t *dest, const char *text, size_t max_bytes);
/* The same on the data stack. */
const char *t_plain_text(const char *text, size_t max_bytes);

#endif
