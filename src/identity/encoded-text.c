/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "hex-dec.h"
#include "str-prefix.h"
#include "unichar.h"
#include "encoded-text.h"

#include <ctype.h>

/* longer names are no charset */
#define MAX_CHARSET_BYTES 64

enum charset_kind {
	/* ASCII's bytes stand for ASCII: UTF-8 and most others */
	CHARSET_ASCII,
	CHARSET_LATIN1,
	CHARSET_UTF7,
	/* UTF-16, UTF-32 in any byte order */
	CHARSET_WIDE,
	/* ISO 2022: escape sequences announce other bytes */
	CHARSET_ESCAPES,
	/* "~{" announces them */
	CHARSET_HZ,
	CHARSET_EBCDIC
};

static const struct {
	const char *prefix;
	enum charset_kind kind;
} charset_prefixes[] = {
	{ "utf-8", CHARSET_ASCII },
	{ "utf-7", CHARSET_UTF7 },
	{ "utf7", CHARSET_UTF7 },
	{ "unicode-1-1-utf-7", CHARSET_UTF7 },
	{ "csutf7", CHARSET_UTF7 },
	{ "csunicode11utf7", CHARSET_UTF7 },
	{ "x-unicode-2-0-utf-7", CHARSET_UTF7 },
	{ "utf-16", CHARSET_WIDE },
	{ "utf16", CHARSET_WIDE },
	{ "utf-32", CHARSET_WIDE },
	{ "utf32", CHARSET_WIDE },
	{ "csutf16", CHARSET_WIDE },
	{ "csutf32", CHARSET_WIDE },
	{ "ucs", CHARSET_WIDE },
	{ "iso-10646-ucs", CHARSET_WIDE },
	{ "iso-10646", CHARSET_WIDE },
	{ "csucs", CHARSET_WIDE },
	{ "csunicode", CHARSET_WIDE },
	{ "unicode", CHARSET_WIDE },
	{ "iso-2022", CHARSET_ESCAPES },
	{ "iso2022", CHARSET_ESCAPES },
	{ "csiso2022", CHARSET_ESCAPES },
	{ "hz", CHARSET_HZ },
	{ "iso-8859-15", CHARSET_LATIN1 },
	{ "windows-1252", CHARSET_LATIN1 },
	{ "cp1252", CHARSET_LATIN1 },
	{ "ebcdic", CHARSET_EBCDIC },
	{ "csebcdic", CHARSET_EBCDIC }
};

/* IBM's code pages that are EBCDIC; the others have ASCII's bytes. */
static const unsigned int ebcdic_pages[] = {
	37, 273, 274, 275, 277, 278, 280, 281, 284, 285, 290, 297, 420, 423,
	424, 500, 803, 833, 836, 838, 870, 871, 875, 880, 905, 918, 924, 930,
	933, 935, 937, 939, 1025, 1026, 1027, 1047, 1097, 1112, 1122, 1123,
	1130, 1132, 1137, 1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147, 1148,
	1149, 1153, 1154, 1155, 1156, 1157, 1158, 1160, 1164, 1364, 1371, 1388,
	1390, 1399, 4517, 4899, 4971, 9030, 9066, 9448, 12712, 16804
};

static bool charset_is_ebcdic_page(const char *name)
{
	static const char *const prefixes[] = {
		"ibm", "csibm", "cp", "cpibm", "x-ibm", "ccsid"
	};
	const char *p;
	unsigned int i, number = 0;

	for (i = 0; i < N_ELEMENTS(prefixes); i++) {
		if (!str_has_prefix(name, prefixes[i]))
			continue;
		p = name + strlen(prefixes[i]);
		p += strspn(p, "-_0");
		for (; i_isdigit(*p) && number < 100000; p++)
			number = number * 10 + (*p - '0');
		break;
	}
	for (i = 0; i < N_ELEMENTS(ebcdic_pages); i++) {
		if (ebcdic_pages[i] == number)
			return TRUE;
	}
	return FALSE;
}

static enum charset_kind charset_find(const char *name)
{
	unsigned int i;

	if (strcmp(name, "iso-8859-1") == 0 || strcmp(name, "latin1") == 0)
		return CHARSET_LATIN1;
	for (i = 0; i < N_ELEMENTS(charset_prefixes); i++) {
		if (str_has_prefix(name, charset_prefixes[i].prefix))
			return charset_prefixes[i].kind;
	}
	return charset_is_ebcdic_page(name) ? CHARSET_EBCDIC : CHARSET_ASCII;
}

struct encoded_word {
	const unsigned char *charset, *text;
	size_t charset_size, text_size;
	/* 'b' or 'q' */
	char encoding;
	/* all of it */
	size_t size;
};

static bool
encoded_word_parse(const unsigned char *data, size_t size,
		   struct encoded_word *word_r)
{
	const unsigned char *p, *end = data + size;

	if (size < 2 || data[0] != '=' || data[1] != '?')
		return FALSE;
	word_r->charset = data + 2;
	p = memchr(word_r->charset, '?',
		   I_MIN((size_t)(end - word_r->charset),
			 MAX_CHARSET_BYTES + 1));
	if (p == NULL || end - p < 3 || p[2] != '?' ||
	    strchr("bBqQ", p[1]) == NULL || p[1] == '\0')
		return FALSE;
	word_r->charset_size = p - word_r->charset;
	word_r->encoding = i_tolower(p[1]);
	word_r->text = p + 3;
	for (p = word_r->text; p < end; p++) {
		if (*p == '?' && end - p > 1 && p[1] == '=')
			break;
	}
	word_r->text_size = p - word_r->text;
	word_r->size = (p < end ? p + 2 : end) - data;
	return TRUE;
}

size_t encoded_word_size(const unsigned char *data, size_t size)
{
	struct encoded_word word;

	return encoded_word_parse(data, size, &word) ? word.size : 0;
}

static void
decode_q(const unsigned char *text, size_t size, buffer_t *dest)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (text[i] == '_')
			buffer_append_c(dest, ' ');
		else if (text[i] == '=' && size - i > 2 &&
			 i_isxdigit(text[i + 1]) && i_isxdigit(text[i + 2])) {
			buffer_append_c(dest, hex2dec(text + i + 1, 2));
			i += 2;
		} else {
			buffer_append_c(dest, text[i]);
		}
	}
}

/* What is left over of one quantum. */
struct base64_bits {
	uint32_t bits;
	unsigned int count;
};

static int base64_digit(unsigned char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? -1 : (int)(p - digits);
}

static void
decode_base64(const unsigned char *text, size_t size, struct base64_bits *left,
	      buffer_t *dest)
{
	size_t i;
	int digit;

	for (i = 0; i < size; i++) {
		if (text[i] == '=')
			i_zero(left);
		digit = base64_digit(text[i]);
		if (digit < 0)
			continue;
		left->bits = (left->bits << 6 | (uint32_t)digit) & 0xffff;
		left->count += 6;
		if (left->count >= 8) {
			left->count -= 8;
			buffer_append_c(dest, left->bits >> left->count);
		}
	}
}

static void append_unichar(buffer_t *dest, unichar_t chr)
{
	uni_ucs4_to_utf8_c(uni_is_valid_ucs4(chr) ? chr :
			   UNICODE_REPLACEMENT_CHAR, dest);
}

/* RFC 2152 */
static void
convert_utf7(const unsigned char *text, size_t size, buffer_t *dest)
{
	buffer_t *units = t_buffer_create(64);
	struct base64_bits left;
	size_t i, start;

	for (i = 0; i < size; i++) {
		const unsigned char *unit;

		if (text[i] != '+') {
			buffer_append_c(dest, text[i]);
			continue;
		}
		start = i + 1;
		for (i = start; i < size && base64_digit(text[i]) >= 0; i++) ;
		if (i == start)
			buffer_append_c(dest, '+');
		i_zero(&left);
		buffer_set_used_size(units, 0);
		decode_base64(text + start, i - start, &left, units);
		unit = units->data;
		for (start = 0; start + 1 < units->used; start += 2) {
			append_unichar(dest, (unichar_t)unit[start] << 8 |
				       unit[start + 1]);
		}
		if (i < size && text[i] != '-')
			i--;
	}
}

/* Pairs of bytes one of which is zero are ASCII, in every byte order. */
static void
convert_wide(const unsigned char *text, size_t size, buffer_t *dest)
{
	size_t i;

	for (i = 0; i + 1 < size; i += 2) {
		unsigned char c = text[i] | text[i + 1];

		if (c == 0)
			continue;
		append_unichar(dest, text[i] == 0 || text[i + 1] == 0 ?
			       c : UNICODE_REPLACEMENT_CHAR);
	}
}

/* Returns the size of the escape sequence at text (ECMA-35 section 13);
   foreign_r: are the bytes behind it not ASCII? */
static size_t
escape_size(const unsigned char *text, size_t size, bool *foreign_r)
{
	size_t i = 1;

	while (i < size && text[i] >= 0x20 && text[i] <= 0x2f)
		i++;
	if (i == 1 || i == size)
		return 1;
	if (text[1] == '$')
		*foreign_r = i == 2 || text[2] == '(';
	else if (text[1] == '(')
		*foreign_r = text[i] == 'I';
	return i + 1;
}

static void
convert_escapes(const unsigned char *text, size_t size, buffer_t *dest)
{
	bool foreign = FALSE, was_foreign;
	size_t i;

	for (i = 0; i < size; ) {
		was_foreign = foreign;
		if (text[i] == 0x1b) {
			i += escape_size(text + i, size - i, &foreign);
		} else {
			if (text[i] == 0x0e || text[i] == 0x0f)
				foreign = text[i] == 0x0e;
			else if (text[i] == '\n')
				foreign = FALSE;
			else if (!foreign)
				buffer_append_c(dest, text[i]);
			i++;
		}
		if (foreign && !was_foreign)
			append_unichar(dest, UNICODE_REPLACEMENT_CHAR);
	}
}

static void
convert_hz(const unsigned char *text, size_t size, buffer_t *dest)
{
	bool foreign = FALSE;
	size_t i;

	for (i = 0; i < size; i++) {
		if (text[i] == '~' && size - i > 1 &&
		    (text[i + 1] == '{' || text[i + 1] == '}')) {
			foreign = text[++i] == '{';
			append_unichar(dest, UNICODE_REPLACEMENT_CHAR);
		} else if (!foreign) {
			buffer_append_c(dest, text[i]);
		}
	}
}

static void
convert_charset(enum charset_kind kind, const unsigned char *text, size_t size,
		buffer_t *dest)
{
	size_t i;

	switch (kind) {
	case CHARSET_ASCII:
	case CHARSET_EBCDIC:
		buffer_append(dest, text, size);
		break;
	case CHARSET_LATIN1:
		for (i = 0; i < size; i++)
			append_unichar(dest, text[i]);
		break;
	case CHARSET_UTF7:
		convert_utf7(text, size, dest);
		break;
	case CHARSET_WIDE:
		convert_wide(text, size, dest);
		break;
	case CHARSET_ESCAPES:
		convert_escapes(text, size, dest);
		break;
	case CHARSET_HZ:
		convert_hz(text, size, dest);
		break;
	}
}

static void
encoded_word_decode(const struct encoded_word *word,
		    enum encoded_text_flags flags, struct base64_bits *left,
		    buffer_t *dest, bool *unreadable_r)
{
	buffer_t *bytes = t_buffer_create(word->text_size + 1);
	const char *charset = t_str_lcase(t_strndup(word->charset,
						    word->charset_size));
	enum charset_kind kind = charset_find(t_strcut(charset, '*'));

	if (word->encoding == 'q')
		decode_q(word->text, word->text_size, bytes);
	else
		decode_base64(word->text, word->text_size, left, bytes);
	if (kind == CHARSET_EBCDIC)
		*unreadable_r = TRUE;
	if ((flags & ENCODED_TEXT_IGNORE_CHARSET) != 0)
		kind = CHARSET_ASCII;
	convert_charset(kind, bytes->data, bytes->used, dest);
}

bool encoded_text_decode(const unsigned char *data, size_t size,
			 enum encoded_text_flags flags, buffer_t *dest,
			 bool *unreadable_r)
{
	struct encoded_word word;
	struct base64_bits left;
	/* behind the last encoded word, 0 = none or text stands behind it */
	size_t i, word_end = 0;
	bool decoded = FALSE;

	i_zero(&left);
	*unreadable_r = FALSE;
	for (i = 0; i < size; ) {
		if (!encoded_word_parse(data + i, size - i, &word)) {
			if (strchr(" \t\r\n", data[i]) == NULL ||
			    data[i] == '\0')
				word_end = 0;
			buffer_append_c(dest, data[i++]);
			continue;
		}
		decoded = TRUE;
		/* white space between two of them is not shown */
		if (word_end > 0)
			buffer_set_used_size(dest, dest->used - (i - word_end));
		if (word_end == 0 || word.encoding == 'q' ||
		    (flags & ENCODED_TEXT_JOIN_BASE64) == 0)
			i_zero(&left);
		encoded_word_decode(&word, flags, &left, dest, unreadable_r);
		i += word.size;
		word_end = i;
	}
	return decoded;
}
