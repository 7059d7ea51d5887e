/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "encoded-text.h"
#include "test-common.h"
#include "test-file.h"

#define JOIN ENCODED_TEXT_JOIN_BASE64
#define IGNORE ENCODED_TEXT_IGNORE_CHARSET
#define FFFD "\xef\xbf\xbd"

/* RFC 2047; what is not in it is what some client does */
static const struct {
	const char *text;
	enum encoded_text_flags flags;
	/* NULL: it has no encoded word */
	const char *decoded;
} tests[] = {
	/* section 2 */
	{ "", 0, NULL },
	{ "a", 0, NULL },
	{ "=?", 0, NULL },
	{ "=?utf-8?", 0, NULL },
	{ "=?utf-8?Q", 0, NULL },
	{ "=?utf-8?X?a?=", 0, NULL },
	{ "=?utf-8?Q?a?=", 0, "a" },
	{ "x=?utf-8?q?a?=y", 0, "xay" },
	{ "\"=?utf-8?Q?a?=\"", 0, "\"a\"" },
	{ "=?UTF-8?Q?=C3=B6?=", 0, "\xc3\xb6" },
	{ "=?utf-8?Q?" "?=", 0, "" },
	{ "=?" "?Q?a?=", 0, "a" },
	{ "=?utf-8*en?Q?a?=", 0, "a" },
	/* section 4 */
	{ "=?utf-8?Q?a_b=40=5F?=", 0, "a b@_" },
	{ "=?utf-8?Q?a=4?=", 0, "a=4" },
	{ "=?utf-8?Q?=41?=", 0, "A" },
	{ "=?utf-8?B?YUBi?=", 0, "a@b" },
	{ "=?utf-8?b?YUBiYw==?=", 0, "a@bc" },
	{ "=?utf-8?b?YUBiYw?=", 0, "a@bc" },
	{ "=?utf-8?b?YQ==QGI=?=", 0, "a@b" },
	{ "=?utf-8?b?Y U*B\ni?=", 0, "a@b" },
	/* section 6.2: white space between them is not shown */
	{ "=?utf-8?Q?a?= =?utf-8?B?Yg==?=", 0, "ab" },
	{ "=?utf-8?Q?a?=\r\n\t =?utf-8?Q?b?= c", 0, "ab c" },
	{ "=?utf-8?Q?a?==?utf-8?Q?b?=", 0, "ab" },
	{ "=?utf-8?Q?a?= c =?utf-8?Q?b?=", 0, "a c b" },
	/* white space inside, no end, an encoded word inside */
	{ "=?utf-8?Q?a b?= c", 0, "a b c" },
	{ "x =?utf-8?Q?a=40b", 0, "x a@b" },
	{ "=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=", 0, "=?utf-8?Q?a?=" },
	/* base64 that goes on in the next word */
	{ "=?utf-8?B?YUB?= =?utf-8?B?i?=", 0, "a@" },
	{ "=?utf-8?B?YUB?= =?utf-8?B?i?=", JOIN, "a@b" },
	{ "=?utf-8?B?YUB?= x =?utf-8?B?i?=", JOIN, "a@ x " },
	{ "=?utf-8?B?YQ==?= =?utf-8?B?Yg==?=", JOIN, "ab" },
	/* charsets */
	{ "=?iso-8859-1?Q?=F6=40?=", 0, "\xc3\xb6@" },
	{ "=?windows-1252?Q?=F6=40?=", 0, "\xc3\xb6@" },
	{ "=?koi8-r?Q?=C1=40b?=", 0, "\xc1@b" },
	{ "=?gb2312?Q?=B0=A1=40b?=", 0, "\xb0\xa1@b" },
	{ "=?utf-7?Q?a+AEA-b+-c+ACE?=", 0, "a@b+c!" },
	{ "=?utf-7?Q?+2D3cqQ-?=", 0, FFFD FFFD },
	{ "=?utf-16?B?AGEAQABi?=", 0, "a@b" },
	{ "=?utf-16le?B?//5hAEAAYgA=?=", 0, FFFD "a@b" },
	{ "=?utf-32?B?AAAAYQAAAEA=?=", 0, "a@" },
	{ "=?utf-16?B?QFxA?=", 0, FFFD },
	{ "=?iso-2022-jp?B?GyRAOzM8QD4bKEJAYg==?=", 0, FFFD "@b" },
	{ "=?iso-2022-jp?B?GyRAOzM8QD4bKEJAYg==?=", IGNORE,
	  "\x1b$@;3<@>\x1b(B@b" },
	{ "=?iso-2022-kr?Q?=1B=24)Ca=0E=40b=0F=40?=", 0, "a" FFFD "@" },
	{ "=?iso-2022-jp?Q?a=1B=2EA=40b?=", 0, "a@b" },
	{ "=?hz-gb-2312?Q?a~{<=40>~}b?=", 0, "a" FFFD FFFD "b" },
};

static void test_encoded_text_decode(void)
{
	unsigned int i;
	bool unreadable;

	test_begin("encoded text");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		const char *text = tests[i].text;
		buffer_t *dest = t_buffer_create(64);
		bool decoded = encoded_text_decode(
			(const unsigned char *)text, strlen(text),
			tests[i].flags, dest, &unreadable);

		test_assert_idx(decoded == (tests[i].decoded != NULL), i);
		buffer_append_c(dest, '\0');
		test_assert_strcmp_idx(dest->data, decoded ? tests[i].decoded :
				       text, i);
		test_assert_idx(!unreadable, i);
	}
	test_end();
}

static void test_encoded_text_unreadable(void)
{
	static const struct {
		const char *charset;
		bool unreadable;
	} charsets[] = {
		{ "ibm037", TRUE }, { "IBM-1047", TRUE }, { "cp500", TRUE },
		{ "cp037", TRUE }, { "ebcdic-cp-us", TRUE },
		{ "csIBM284", TRUE }, { "IBM01140", TRUE },
		{ "ibm437", FALSE }, { "ibm850", FALSE }, { "cp1251", FALSE },
		{ "cp932", FALSE }, { "utf-8", FALSE }, { "x-unknown", FALSE },
		{ "", FALSE },
	};
	unsigned int i;
	bool unreadable;

	test_begin("encoded text in EBCDIC");
	for (i = 0; i < N_ELEMENTS(charsets); i++) {
		const char *text = t_strdup_printf("a =?%s?Q?=7C?= b",
						   charsets[i].charset);
		buffer_t *dest = t_buffer_create(64);

		test_assert_idx(encoded_text_decode(
			(const unsigned char *)text, strlen(text), 0, dest,
			&unreadable), i);
		test_assert_idx(unreadable == charsets[i].unreadable, i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_encoded_text_decode,
		test_encoded_text_unreadable,
		NULL
	};
	return test_run(test_functions);
}
