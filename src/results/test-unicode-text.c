/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "unicode-text.h"
#include "test-common.h"
#include "test-file.h"

static void test_unicode_text_visible(void)
{
	static const struct {
		const char *text;
		bool visible;
		/* what is left of it */
		const char *rest;
	} tests[] = {
		{ "", TRUE, "" },
		{ "a b@c.example", TRUE, "a b@c.example" },
		{ "j\xc3\xb6rg \xe5\xb1\xb1\xe7\x94\xb0 \xf0\x9f\x92\xa9", TRUE,
		  "j\xc3\xb6rg \xe5\xb1\xb1\xe7\x94\xb0 \xf0\x9f\x92\xa9" },
		/* control characters, C0 and C1 */
		{ "a\tb", FALSE, "ab" },
		{ "a\nb", FALSE, "ab" },
		{ "a\x1b[0mb", FALSE, "a[0mb" },
		{ "a\x7f""b", FALSE, "ab" },
		{ "a\xc2\x80""b", FALSE, "ab" },
		{ "a\xc2\x9b""b", FALSE, "ab" },
		/* default-ignorable: soft hyphen, combining grapheme joiner,
		   Hangul fillers, zero width, bidi, word joiner, variation
		   selectors, byte order mark, tags */
		{ "a\xc2\xad""b", FALSE, "ab" },
		{ "a\xcd\x8f""b", FALSE, "ab" },
		{ "a\xe1\x85\x9f""b", FALSE, "ab" },
		{ "a\xe3\x85\xa4""b", FALSE, "ab" },
		{ "a\xe2\x80\x8b""b", FALSE, "ab" },
		{ "a\xe2\x80\x8d""b", FALSE, "ab" },
		{ "a\xe2\x80\xae""b", FALSE, "ab" },
		{ "a\xe2\x81\xa0""b", FALSE, "ab" },
		{ "a\xe2\x81\xa6""b", FALSE, "ab" },
		{ "a\xef\xb8\x8f""b", FALSE, "ab" },
		{ "a\xef\xbb\xbf""b", FALSE, "ab" },
		{ "a\xf3\xa0\x81\xa1""b", FALSE, "ab" },
		/* interlinear annotation, private use, not assigned,
		   noncharacter */
		{ "a\xef\xbf\xb9""b", FALSE, "ab" },
		{ "a\xee\x80\x80""b", FALSE, "ab" },
		{ "a\xf4\x80\x80\x80""b", FALSE, "ab" },
		{ "a\xcd\xb8""b", FALSE, "ab" },
		{ "a\xef\xbf\xbf""b", FALSE, "ab" },
		/* other spaces are seen, as such */
		{ "a\xc2\xa0""b", FALSE, "a\xc2\xa0""b" },
		{ "a\xe3\x80\x80""b", FALSE, "a\xe3\x80\x80""b" },
		{ "a\xe2\xa0\x80""b", FALSE, "a\xe2\xa0\x80""b" },
		/* not UTF-8: alone, cut, overlong, surrogate */
		{ "a\xff""b", FALSE, "ab" },
		{ "a\xc3", FALSE, "a" },
		{ "\xe5\xb1""b", FALSE, "b" },
		{ "a\xc0\xae""b", FALSE, "ab" },
		{ "a\xed\xa0\x80""b", FALSE, "ab" },
	};

	test_begin("unicode text visible");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		const unsigned char *text = (const void *)tests[i].text;
		string_t *str = t_str_new(32);
		size_t dropped;

		test_assert_idx(unicode_text_is_visible(tests[i].text) ==
				tests[i].visible, i);
		dropped = unicode_text_append_visible(str, text,
						      strlen(tests[i].text));
		test_assert_strcmp_idx(str_c(str), tests[i].rest, i);
		test_assert_idx((dropped > 0) == (strlen(tests[i].text) >
						  str_len(str)), i);
	}
	test_end();
}

static void test_unicode_text_compatible(void)
{
	static const struct {
		const char *text, *compatible;
	} tests[] = {
		{ "", "" },
		{ "a@b.example", "a@b.example" },
		{ "\xef\xbd\x81\xef\xbc\xa0\xef\xb9\xabx", "a@@x" },
		{ "\xef\xbc\x8e\xe2\x80\xa4\xef\xb9\x92", "..." },
		{ "\xef\xbc\x9c\xef\xbc\x9e", "<>" },
		{ "\xe2\x93\x91", "b" },
		{ "\xef\xbd\xa1", "\xe3\x80\x82" },
		{ "o\xcc\x88", "\xc3\xb6" },
	};

	test_begin("unicode text compatible");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		string_t *str = t_str_new(32);

		unicode_text_append_compatible(str, tests[i].text,
					       strlen(tests[i].text));
		test_assert_strcmp_idx(str_c(str), tests[i].compatible, i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_unicode_text_visible,
		test_unicode_text_compatible,
		NULL
	};
	return test_run(test_functions);
}
