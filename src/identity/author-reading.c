/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hex-dec.h"
#include "str.h"
#include "unichar.h"
#include "unicode-text.h"
#include "domain-name.h"
#include "encoded-text.h"
#include "author-reading.h"

#include <ctype.h>

/* stand for what was dropped, and for ASCII that no domain has */
#define DROPPED '\x01'
#define FOREIGN '\x02'

#define IDEOGRAPHIC_FULL_STOP 0x3002

static size_t
percent_size(const unsigned char *data, size_t size, unsigned char *c_r)
{
	if (size < 3 || data[0] != '%' || !i_isxdigit(data[1]) ||
	    !i_isxdigit(data[2]))
		return 0;
	*c_r = hex2dec(data + 1, 2);
	return 3;
}

static const buffer_t *
t_percent_decode(const unsigned char *data, size_t size)
{
	buffer_t *dest = t_buffer_create(size + 1);
	size_t i, len;
	unsigned char c;

	for (i = 0; i < size; i += len) {
		len = percent_size(data + i, size - i, &c);
		if (len == 0) {
			c = data[i];
			len = 1;
		}
		buffer_append_c(dest, c);
	}
	return dest;
}

void author_reading_append_text(string_t *dest, const unsigned char *data,
				size_t size)
{
	const buffer_t *text = t_percent_decode(data, size);
	string_t *visible = t_str_new(text->used + 1);

	(void)unicode_text_append_visible(visible, text->data, text->used);
	unicode_text_append_compatible(dest, str_data(visible),
				       str_len(visible));
}

static bool is_run_end(unsigned char c)
{
	return c != '\0' && strchr("(),:;<>@]", c) != NULL;
}

/* How far the damaged text goes: to the next delimiter, and past white space
   only with spaces. */
static size_t
run_size(const unsigned char *data, size_t size, bool spaces)
{
	size_t i = 0, word_size;

	while (i < size && i <= 16 * AUTHRES_MAX_DOMAIN_BYTES) {
		word_size = encoded_word_size(data + i, size - i);
		if (word_size > 0)
			i += word_size;
		else if (is_run_end(data[i]) ||
			 (!spaces && (data[i] == ' ' || data[i] == '\t')))
			break;
		else
			i++;
	}
	return i;
}

static void append_domain_char(string_t *dest, unichar_t chr)
{
	if (chr == IDEOGRAPHIC_FULL_STOP)
		str_append_c(dest, '.');
	else if (chr == DROPPED || chr == '\\' || unicode_char_is_space(chr))
		str_append_c(dest, DROPPED);
	else if (chr >= 0x80 || i_isalnum(chr) ||
		 chr == '-' || chr == '_' || chr == '.')
		uni_ucs4_to_utf8_c(chr, dest);
	else
		str_append_c(dest, FOREIGN);
}

/* The text with DROPPED and FOREIGN in place of what no domain has. Returns
   TRUE if a character outside ASCII or a control character was in it. */
static bool
text_mark(const unsigned char *data, size_t size, string_t *dest)
{
	string_t *marked = t_str_new(size + 1), *normal;
	bool damaged = FALSE;
	unichar_t chr;
	size_t i;
	int len;

	for (i = 0; i < size; i += len) {
		len = uni_utf8_get_char_n(data + i, size - i, &chr);
		if (len <= 0 || unicode_char_is_hidden(chr)) {
			str_append_c(marked, DROPPED);
			len = I_MAX(len, 1);
			damaged = TRUE;
		} else {
			str_append_data(marked, data + i, len);
			if (chr >= 0x80)
				damaged = TRUE;
		}
	}
	normal = t_str_new(str_len(marked) + 1);
	unicode_text_append_compatible(normal, str_data(marked),
				       str_len(marked));
	for (i = 0; i < str_len(normal); i += len) {
		len = uni_utf8_get_char_n(str_data(normal) + i,
					  str_len(normal) - i, &chr);
		if (len <= 0)
			break;
		append_domain_char(dest, chr);
	}
	return damaged;
}

/* Without marks, and with single dots inside only. */
static const char *
t_text_join(const char *text, size_t size, bool ascii_only)
{
	string_t *str = t_str_new(size + 1);
	size_t i, len;

	for (i = 0; i < size; i++) {
		len = str_len(str);
		if (text[i] == DROPPED || text[i] == FOREIGN ||
		    (ascii_only && (unsigned char)text[i] >= 0x80) ||
		    (text[i] == '.' &&
		     (len == 0 || str_data(str)[len - 1] == '.')))
			continue;
		str_append_c(str, text[i]);
	}
	len = str_len(str);
	if (len > 0 && str_data(str)[len - 1] == '.')
		str_truncate(str, len - 1);
	return str_c(str);
}

/* No top-level domain has only digits: that is an address. */
static bool is_address(const char *domain)
{
	const char *label = domain_last_labels(domain, 1);

	return strspn(label, "0123456789") == strlen(label);
}

struct readings {
	struct author_names *names;
	/* the first that was added */
	const char *first;
	/* the first name of one label, which is added only if there is no
	   other */
	const char *single;
	/* what IDNA forbids is left out at last */
	bool ascii_only;
};

static void
readings_add(struct readings *readings, const char *text, size_t size)
{
	const char *domain, *error;

	if (domain_to_ascii(t_text_join(text, size, FALSE),
			    &domain, &error) < 0 &&
	    (!readings->ascii_only ||
	     domain_to_ascii(t_text_join(text, size, TRUE),
			     &domain, &error) < 0))
		return;
	if (is_address(domain))
		return;
	if (domain_label_count(domain) > 1) {
		domain = author_names_add(readings->names, domain);
		if (readings->first == NULL)
			readings->first = domain;
	} else if (readings->single == NULL) {
		readings->single = domain;
	}
}

/* part: without FOREIGN */
static void
readings_add_part(struct readings *readings, const char *part, size_t size)
{
	const char *first = memchr(part, DROPPED, size);
	size_t last = size;

	readings_add(readings, part, size);
	if (first == NULL)
		return;
	if (first > part)
		readings_add(readings, part, first - part);
	while (part[last - 1] != DROPPED)
		last--;
	if (last < size)
		readings_add(readings, part + last, size - last);
}

static void
readings_init(struct author_names *names, struct readings *readings_r)
{
	i_zero(readings_r);
	readings_r->names = names;
	readings_r->ascii_only = TRUE;
}

/* Returns TRUE if something in it is damaged as no program does. */
static bool
readings_add_text(struct readings *readings, const unsigned char *data,
		  size_t size)
{
	static const char foreign[] = { FOREIGN, '\0' };
	string_t *text = t_str_new(size + 1);
	const char *const *parts;
	unsigned int i, count;
	bool damaged;

	damaged = text_mark(data, size, text);
	parts = t_strsplit_spaces(str_c(text), foreign);
	count = str_array_length(parts);
	for (i = 0; i < count; i++) {
		if (i == 0 || i == count - 1) {
			readings_add_part(readings, parts[i],
					  strlen(parts[i]));
		}
	}
	return damaged;
}

int author_reading_add(struct author_names *names, const unsigned char *data,
		       size_t size, const char **domain_r)
{
	size_t word_size = run_size(data, size, FALSE), all_size;
	buffer_t *decoded = t_buffer_create(word_size + 1);
	string_t *visible = t_str_new(word_size + 1);
	bool literal = size > 0 && data[0] == '[', unreadable, damaged;
	struct readings readings;
	const buffer_t *text;

	readings_init(names, &readings);
	(void)encoded_text_decode(data, word_size, 0, decoded, &unreadable);
	text = t_percent_decode(decoded->data, decoded->used);
	damaged = readings_add_text(&readings, text->data, text->used);
	/* white space beside other damage is dropped as well */
	if (unicode_text_append_visible(visible, data, word_size) > 0) {
		all_size = run_size(data, size, TRUE);
		if (all_size > word_size)
			(void)readings_add_text(&readings, data, all_size);
	}
	if (readings.first == NULL && readings.single != NULL && !literal)
		readings.first = author_names_add(names, readings.single);
	*domain_r = readings.first;
	if (readings.first != NULL)
		return 1;
	return damaged && readings.single == NULL && !literal ? -1 : 0;
}

static void
author_names_add_a_labels(struct author_names *names, const char *domain)
{
	struct readings readings;
	const char *unicode;

	if (strstr(domain, "xn--") == NULL)
		return;
	readings_init(names, &readings);
	/* names that have a symbol are in use: they stand for themselves */
	readings.ascii_only = FALSE;
	unicode = t_domain_to_unicode(domain);
	(void)readings_add_text(&readings, (const unsigned char *)unicode,
				strlen(unicode));
}

bool author_names_have(const struct author_names *names, const char *domain)
{
	unsigned int i;

	for (i = 0; i < names->count; i++) {
		if (strcmp(names->domains[i], domain) == 0)
			return TRUE;
	}
	return FALSE;
}

const char *author_names_add(struct author_names *names, const char *domain)
{
	domain = p_strdup(names->pool, domain);
	if (author_names_have(names, domain))
		return domain;
	if (names->count < N_ELEMENTS(names->domains))
		names->domains[names->count++] = domain;
	else {
		/* the last one is what some readers show */
		names->domains[N_ELEMENTS(names->domains) - 1] = domain;
		names->cut = TRUE;
	}
	author_names_add_a_labels(names, domain);
	return domain;
}
