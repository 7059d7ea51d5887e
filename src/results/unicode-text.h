#ifndef UNICODE_TEXT_H
#define UNICODE_TEXT_H

/* What of a text people see (Unicode's character properties, libunistring). */

/* TRUE if nobody sees this character: control characters (C1 too), format
   characters as bidi controls, everything default-ignorable, surrogates,
   private use and what is not assigned. */
bool unicode_char_is_hidden(uint32_t chr);
/* TRUE if it is shown as white space, in ASCII or not. */
bool unicode_char_is_space(uint32_t chr);
/* TRUE if text is valid UTF-8 of which every character is seen, and has no
   white space but " ". */
bool unicode_text_is_visible(const char *text);
/* Append text with what nobody sees dropped, and with it all bytes that are
   not UTF-8. Any bytes, NUL too. Returns how many characters and bytes were
   dropped. */
size_t unicode_text_append_visible(string_t *dest, const unsigned char *text,
				   size_t size);
/* Append text (valid UTF-8) in compatibility form (NFKC): the ASCII characters
   that its full-width, small and circled ones stand for. */
void unicode_text_append_compatible(string_t *dest, const void *text,
				    size_t size);

#endif
