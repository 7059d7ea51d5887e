/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "test-file.h"
#include "write-full.h"
#include "config-place.h"

#include <fcntl.h>
#include <unistd.h>

#define MAIN_PATH ".test-config-place.conf"
#define INCLUDED_PATH ".test-config-place.inc"

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	test_assert(fd != -1 && write_full(fd, text, strlen(text)) == 0);
	i_close_fd(&fd);
}

static void test_config_place(void)
{
	static const struct {
		const char *key, *word, *place;
	} tests[] = {
		{ "authres_mode", "on", MAIN_PATH" line 2" },
		/* in a protocol */
		{ "authres_timeout", "999s", MAIN_PATH" line 4" },
		/* lists as text and as block */
		{ "authres_checks", "dikm", MAIN_PATH" line 6" },
		{ "authres_keyword_pass", "$A(", MAIN_PATH" line 10" },
		/* in a file that is included */
		{ "authres_dns_servers", "x", INCLUDED_PATH" line 3" },
		/* not as it was written: the last that sets it */
		{ "authres_mode", "nothing", MAIN_PATH" line 14" },
		/* the word is another one's */
		{ "authres_junk_sieve", "walk", MAIN_PATH" line 15" },
		/* only a comment, only a prefix, not there */
		{ "authres_log", "some", NULL },
		{ "authres_mod", "on", NULL },
		{ "authres_learn", "", NULL },
	};
	const char *place;
	unsigned int i;

	test_begin("config place");
	write_file(MAIN_PATH,
		"# authres_mode = on\n"
		"authres_mode = on\n"
		"protocol lmtp {\n"
		"  authres_timeout=999s\n"
		"}\n"
		"authres_checks = spf dikm\n"
		"#authres_log = some\n"
		"authres_keyword_pass {\n"
		"\tok = yes\n"
		"\t$A( = yes\n"
		"}\n"
		"!include .test-config-place.i*\n"
		"!include_try nothing/*.conf\n"
		"authres_mode\t= tag\n"
		"authres_junk_sieve = walk");
	/* and it includes itself */
	write_file(INCLUDED_PATH,
		"\n!include "INCLUDED_PATH"\nauthres_dns_servers = x\n");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(config_place_find(MAIN_PATH, tests[i].key,
						  tests[i].word, &place) ==
				(tests[i].place != NULL), i);
		test_assert_strcmp_idx(place, tests[i].place, i);
	}
	test_assert(!config_place_find("/nonexistent", "authres_mode", "on",
				       &place));
	i_unlink(MAIN_PATH);
	i_unlink(INCLUDED_PATH);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_config_place,
		NULL
	};
	return test_run(test_functions);
}
