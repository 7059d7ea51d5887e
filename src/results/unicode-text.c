/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "unichar.h"
#include "unicode-text.h"

#include <uninorm.h>
#include <unictype.h>

/* a symbol by its category, and as blank as a space */
#define BRAILLE_PATTERN_BLANK 0x2800

bool unicode_char_is_hidden(uint32_t chr)
{
	return uc_is_general_category(chr, UC_OTHER) ||
		uc_is_property_default_ignorable_code_point(chr);
}

bool unicode_char_is_space(uint32_t chr)
{
	return uc_is_general_category(chr, UC_SEPARATOR) ||
		chr == BRAILLE_PATTERN_BLANK;
}

bool unicode_text_is_visible(const char *text)
{
	unichar_t chr;
	int len;

	for (; *text != '\0'; text += len) {
		len = uni_utf8_get_char(text, &chr);
		if (len <= 0 || unicode_char_is_hidden(chr) ||
		    (chr != ' ' && unicode_char_is_space(chr)))
			return FALSE;
	}
	return TRUE;
}

size_t unicode_text_append_visible(string_t *dest, const unsigned char *text,
				   size_t size)
{
	const unsigned char *end = text + size;
	size_t dropped = 0;
	unichar_t chr;
	int len;

	for (; text < end; text += len) {
		len = uni_utf8_get_char_n(text, end - text, &chr);
		if (len > 0 && !unicode_char_is_hidden(chr)) {
			str_append_data(dest, text, len);
			continue;
		}
		dropped++;
		if (len <= 0)
			len = 1;
	}
	return dropped;
}

void unicode_text_append_compatible(string_t *dest, const void *text,
				    size_t size)
{
	uint8_t *normal;
	size_t normal_size;

	normal = u8_normalize(UNINORM_NFKC, text, size, NULL, &normal_size);
	if (normal == NULL) {
		str_append_data(dest, text, size);
		return;
	}
	str_append_data(dest, normal, normal_size);
	free(normal);
}
