/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "public-suffix.h"
#include "test-common.h"
#include "test-file.h"

#include <fcntl.h>
#include <unistd.h>

#define TEST_LIST "test-public-suffix.dat"

static const char test_list[] =
	"// a list\ncom\nuk\nco.uk\n*.ck\n!www.ck\n"
	"\xe5\x85\xac\xe5\x8f\xb8.cn\n";

static const struct {
	const char *domain, *organizational;
} suffix_tests[] = {
	/* RFC 7489 section 3.2 */
	{ "example.com", "example.com" },
	{ "a.mail.example.com", "example.com" },
	{ "a.example.co.uk", "example.co.uk" },
	{ "com", "com" },
	{ "co.uk", "co.uk" },
	{ "b.test.ck", "b.test.ck" },
	{ "a.b.test.ck", "b.test.ck" },
	{ "www.ck", "www.ck" },
	{ "a.www.ck", "www.ck" },
	/* not in the list: the last label */
	{ "a.b.unlisted", "b.unlisted" },
	{ "a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn" },
};

static void test_write_list(const char *text)
{
	int fd = open(TEST_LIST, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	test_assert(fd != -1);
	test_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
}

static void test_public_suffix(void)
{
	struct public_suffix_list *list;
	const char *error;
	unsigned int i;

	test_begin("public suffix list");
	test_write_list(test_list);
	test_assert(public_suffix_list_init(TEST_LIST, &list, &error) == 0);
	for (i = 0; i < N_ELEMENTS(suffix_tests); i++) {
		test_assert_strcmp_idx(public_suffix_organizational_domain(list,
			suffix_tests[i].domain),
			suffix_tests[i].organizational, i);
	}
	public_suffix_list_deinit(&list);
	test_assert(list == NULL);
	public_suffix_list_deinit(&list);
	test_end();
}

static void test_public_suffix_missing(void)
{
	struct public_suffix_list *list = NULL;
	const char *error = NULL;

	test_begin("public suffix list missing");
	test_assert(public_suffix_list_init("/nonexistent/list", &list,
					    &error) < 0);
	test_assert_strcmp(error,
		"Public Suffix List /nonexistent/list cannot be read");
	test_write_list("");
	test_assert(public_suffix_list_init(TEST_LIST, &list, &error) < 0);
	test_write_list("// nothing but a comment\n");
	test_assert(public_suffix_list_init(TEST_LIST, &list, &error) < 0);
	test_assert(list == NULL);
	(void)unlink(TEST_LIST);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_public_suffix,
		test_public_suffix_missing,
		NULL
	};
	return test_run(test_functions);
}
