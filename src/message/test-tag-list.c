/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "tag-list.h"
#include "test-common.h"
#include "test-file.h"

static const struct {
	const char *input;
	size_t size;
	/* "name=value;" for each; NULL = broken */
	const char *expected;
	/* part of the error */
	const char *error;
} tag_list_tests[] = {
#define GOOD(in, out) { in, sizeof(in)-1, out, NULL }
#define BAD(in, error) { in, sizeof(in)-1, NULL, error }
	/* RFC 6376 section 3.2 */
	GOOD("a=b", "a=b;"),
	GOOD("a=b;", "a=b;"),
	GOOD("a=b; c=d", "a=b;c=d;"),
	GOOD("a=b;c=d;", "a=b;c=d;"),
	GOOD(" a = b ; c = d ; ", "a=b;c=d;"),
	GOOD("\r\n a\r\n =\r\n\tb\r\n ;\r\n c=d\r\n", "a=b;c=d;"),
	GOOD("a=", "a=;"),
	GOOD("a=;b=", "a=;b=;"),
	GOOD("a=  \r\n  ;b=c", "a=;b=c;"),
	/* inner white space belongs to the value */
	GOOD("a=b  c", "a=b  c;"),
	GOOD("a=b\r\n c", "a=b\r\n c;"),
	/* a value may hold "=" and everything printable */
	GOOD("a=b=c==", "a=b=c==;"),
	GOOD("a=!\"#$%&'()*+,-./:<=>?@[\\]^_`{|}~", "a=!\"#$%&'()*+,-./:<=>?@[\\]^_`{|}~;"),
	/* names: ALPHA, then ALPHA, DIGIT, "_"; case matters */
	GOOD("a_1=b;A=c;a=d", "a_1=b;A=c;a=d;"),
	GOOD("b =x", "b=x;"),
	BAD("", "name expected"),
	BAD(";", "name expected"),
	BAD("  ", "name expected"),
	BAD("a=b;;c=d", "name expected"),
	BAD(";a=b", "name expected"),
	BAD("=b", "name expected"),
	BAD("1a=b", "name expected"),
	BAD("_a=b", "name expected"),
	BAD("a", "no \"=\" after tag a"),
	BAD("a;b=c", "no \"=\" after tag a"),
	BAD("a b=c", "no \"=\" after tag a"),
	BAD("a-b=c", "no \"=\" after tag a"),
	BAD("a=b; c", "no \"=\" after tag c"),
	BAD("a.=b", "no \"=\" after tag a"),
	/* duplicates make the whole list invalid */
	BAD("=b", "tag name expected at the start"),
	BAD("a=b; =c", "tag name expected after tag a"),
	BAD("a=b;;c=d", "tag name expected after tag a"),
	BAD("a=b;a=b", "is given twice"),
	BAD("a=b;c=d;a=", "is given twice"),
	/* controls, bare line ends, NUL */
	BAD("a=b\rc", "control character in tag a"),
	BAD("a=b\nc", "control character in tag a"),
	BAD("a=b\n", "control character in tag a"),
	BAD("a=\x01", "control character"),
	BAD("a=\x7f", "control character"),
	BAD("a=b\0", "NUL byte in tag a"),
	BAD("a=b\0c;d=e", "NUL byte in tag a"),
	BAD("a\0=b", "no \"=\" after tag a"),
	BAD("\0", "name expected"),
	/* RFC 8616 section 2: UTF-8 */
	GOOD("d=\xc3\xa9.example", "d=\xc3\xa9.example;"),
	BAD("d=\xc3", "not UTF-8"),
	BAD("d=\xff", "not UTF-8"),
	BAD("d=\xc0\x80", "not UTF-8"),
	BAD("d=\xed\xa0\x80", "not UTF-8"),
	BAD("\xc3\xa9=b", "name expected"),
#undef GOOD
#undef BAD
};

static void test_tag_list_table(void)
{
	ARRAY_TYPE(tag) tags;
	const struct tag *tag;
	const char *error;
	unsigned int i;
	int ret;

	test_begin("tag list");
	for (i = 0; i < N_ELEMENTS(tag_list_tests); i++) {
		pool_t pool = pool_alloconly_create("tags", 1024);
		/* a copy, so that reading behind the end is found */
		unsigned char *copy =
			i_memdup(tag_list_tests[i].input,
				 I_MAX(tag_list_tests[i].size, 1));
		string_t *str = t_str_new(64);

		error = NULL;
		ret = tag_list_parse(pool, copy, tag_list_tests[i].size,
				     &tags, &error);
		if (tag_list_tests[i].expected == NULL) {
			test_assert_idx(ret == -1, i);
			test_assert_idx(error != NULL &&
					strstr(error, tag_list_tests[i].error)
						!= NULL, i);
		} else if (ret < 0) {
			test_assert_strcmp_idx(error, NULL, i);
		} else {
			array_foreach(&tags, tag) {
				str_printfa(str, "%s=%s;",
					    tag->name, tag->value);
				/* the value stands where it is said to */
				test_assert_idx(copy[tag->value_offset - 1] ==
						'=', i);
				test_assert_idx(
					tag->value_offset + tag->value_size ==
						tag_list_tests[i].size ||
					copy[tag->value_offset +
					     tag->value_size] == ';', i);
			}
			test_assert_strcmp_idx(str_c(str),
					       tag_list_tests[i].expected, i);
		}
		i_free(copy);
		pool_unref(&pool);
	}
	test_end();
}

static void test_tag_list_limit(void)
{
	pool_t pool = pool_alloconly_create("tags", 4096);
	string_t *list = t_str_new(1024);
	ARRAY_TYPE(tag) tags;
	const char *error;
	unsigned int i;

	test_begin("tag list: limit");
	for (i = 0; i < AUTHRES_MAX_TAGS; i++)
		str_printfa(list, "t%u=x;", i);
	test_assert(tag_list_parse(pool, str_data(list), str_len(list),
				   &tags, &error) == 0);
	test_assert(array_count(&tags) == AUTHRES_MAX_TAGS);
	str_append(list, "last=x");
	test_assert(tag_list_parse(pool, str_data(list), str_len(list),
				   &tags, &error) == -1);
	test_assert_strcmp(error, "more than 64 tags");
	pool_unref(&pool);
	test_end();
}

static void test_tag_list_find(void)
{
	static const char list[] = "b= aB3/ \r\n\t xY9+ = ;h=From : To;e=";
	pool_t pool = pool_alloconly_create("tags", 1024);
	ARRAY_TYPE(tag) tags;
	const struct tag *tag;
	const char *error;

	test_begin("tag list: find");
	test_assert(tag_list_parse(pool, (const unsigned char *)list,
				   sizeof(list)-1, &tags, &error) == 0);
	tag = tag_list_find(&tags, "b");
	test_assert(tag->value_offset == 2);
	test_assert_strcmp(t_strndup(list + tag->value_offset,
				     tag->value_size), " aB3/ \r\n\t xY9+ = ");
	test_assert_strcmp(t_tag_list_compact(&tags, "b"), "aB3/xY9+=");
	test_assert_strcmp(t_tag_list_compact(&tags, "h"), "From:To");
	test_assert_strcmp(t_tag_list_compact(&tags, "e"), "");
	test_assert(t_tag_list_compact(&tags, "B") == NULL);
	test_assert(tag_list_find(&tags, "x") == NULL);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_tag_list_table,
		test_tag_list_limit,
		test_tag_list_find,
		NULL
	};
	return test_run(test_functions);
}
