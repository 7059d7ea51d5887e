/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "stats-html.h"

/* of a percent; the smallest part that is seen */
#define MIN_TENTHS 3

void html_append(string_t *dest, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			str_append(dest, "&amp;");
			break;
		case '<':
			str_append(dest, "&lt;");
			break;
		case '>':
			str_append(dest, "&gt;");
			break;
		case '"':
			str_append(dest, "&quot;");
			break;
		case '\'':
			str_append(dest, "&#39;");
			break;
		default:
			str_append_c(dest, *text < ' ' || *text > '~' ?
				     '?' : *text);
		}
	}
}

const char *t_html_count(uint64_t count)
{
	const char *digits = t_strdup_printf("%"PRIu64, count);
	size_t len = strlen(digits);
	string_t *str = t_str_new(32);

	for (; len > 0; len--) {
		str_append_c(str, *digits++);
		if (len % 3 == 1 && len > 1)
			str_append_c(str, ',');
	}
	return str_c(str);
}

const char *t_html_percent(uint64_t part, uint64_t total)
{
	uint64_t tenths = 0;

	if (part > 0 && total > 0) {
		tenths = (uint64_t)((double)I_MIN(part, total) * 1000 /
				    (double)total);
		tenths = I_MAX(tenths, MIN_TENTHS);
	}
	return t_strdup_printf("%"PRIu64".%"PRIu64"%%", tenths / 10,
			       tenths % 10);
}
