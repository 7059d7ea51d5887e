/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-search.h"
#include "uid-selection.h"
#include "test-common.h"
#include "test-file.h"

static void test_uid_selection(void)
{
	static const struct {
		const char *args;
		/* NULL = fine */
		const char *error;
		/* UIDs that are there, then what is missing */
		uint32_t there[4];
		const char *missing;
	} tests[] = {
		{ "7", NULL, { 7 }, "" },
		{ "7", NULL, { 0 }, "7" },
		{ "7 9 7", NULL, { 9 }, "7 7" },
		{ "3:5 8", NULL, { 4, 8 }, "" },
		{ "5:3,9", NULL, { 4 }, "" },
		{ "1:4294967295", NULL, { 1, 2 }, "" },
		{ "1,2,3", NULL, { 2 }, "" },
		{ "", "UID is missing", { 0 }, NULL },
		{ "x", "x: Not a UID", { 0 }, NULL },
		{ "1 2x", "2x: Not a UID", { 0 }, NULL },
		{ "0", "0: Not a UID", { 0 }, NULL },
		{ "-1", "-1: Not a UID", { 0 }, NULL },
		{ "*", "*: Not a UID", { 0 }, NULL },
		{ "4294967296", "4294967296: Not a UID", { 0 }, NULL },
		{ "1:", "1:: Not a UID", { 0 }, NULL },
		{ "1,,2", "1,,2: Not a UID", { 0 }, NULL },
		{ "\x1b[1m", "?[1m: Not a UID", { 0 }, NULL },
	};
	struct uid_selection *selection;
	ARRAY_TYPE(const_string) missing;
	const char *error, *text;
	unsigned int i, j, idx;
	pool_t pool = pool_alloconly_create("test uids", 4096);

	test_begin("uid_selection_parse()");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		selection = uid_selection_parse(pool,
			t_strsplit_spaces(tests[i].args, " "), &error);
		test_assert_idx((selection == NULL) ==
				(tests[i].error != NULL), i);
		if (selection == NULL) {
			test_assert_strcmp_idx(error, tests[i].error, i);
			continue;
		}
		/* once more after what another mailbox had */
		uid_selection_found(selection, 1);
		uid_selection_reset(selection);
		for (j = 0; tests[i].there[j] != 0; j++)
			uid_selection_found(selection, tests[i].there[j]);
		t_array_init(&missing, 4);
		idx = 0;
		while ((text = uid_selection_missing(selection, &idx)) != NULL)
			array_push_back(&missing, &text);
		array_append_zero(&missing);
		test_assert_strcmp_idx(t_strarray_join(
			array_front(&missing), " "), tests[i].missing, i);
	}
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_uid_selection,
		NULL
	};
	return test_run(test_functions);
}
