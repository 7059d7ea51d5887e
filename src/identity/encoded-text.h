#ifndef ENCODED_TEXT_H
#define ENCODED_TEXT_H

/* Encoded words (RFC 2047), as the most lenient mail client decodes them: also
   inside quoted strings and addresses, without white space between them,
   without an end, with white space or language (RFC 2231) in them. Only what
   of a charset is ASCII must come out right. */

enum encoded_text_flags {
	/* a base64 text goes on in the next word (some clients join them
	   before they decode) */
	ENCODED_TEXT_JOIN_BASE64 = 0x01,
	/* every charset has ASCII's bytes (some clients do not know ISO 2022
	   and show its bytes) */
	ENCODED_TEXT_IGNORE_CHARSET = 0x02
};

/* Size of the encoded word that data begins with, 0 = it begins with none. */
size_t encoded_word_size(const unsigned char *data, size_t size);
/* Append data with its encoded words decoded once (what comes out may hold
   others). Any bytes; nearly UTF-8 comes out. Returns FALSE if there was no
   encoded word. unreadable_r: a word has a charset in which nobody who knows
   ASCII alone can read an address (EBCDIC); it comes out as it is. */
bool encoded_text_decode(const unsigned char *data, size_t size,
			 enum encoded_text_flags flags, buffer_t *dest,
			 bool *unreadable_r);

#endif
