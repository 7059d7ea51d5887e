/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "plain-text.h"

void plain_text_append(string_t *dest, const char *text, size_t max_bytes)
{
	size_t start = str_len(dest);

	for (; *text != '\0'; text++) {
		if (str_len(dest) - start == max_bytes) {
			str_truncate(dest, start + max_bytes - 3);
			str_append(dest, "...");
			break;
		}
		str_append_c(dest, *text < 0x20 || *text > 0x7e ? '?' : *text);
	}
}

const char *t_plain_text(const char *text, size_t max_bytes)
{
	string_t *str = t_str_new(64);

	plain_text_append(str, text, max_bytes);
	return str_c(str);
}
