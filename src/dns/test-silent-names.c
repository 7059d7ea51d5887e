/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "silent-names.h"
#include "test-common.h"
#include "test-file.h"

static void test_silent_names(void)
{
	static const struct {
		const char *name;
		bool have;
	} tests[] = {
		{ "dead.example", TRUE },
		{ "a.b.dead.example", TRUE },
		{ "undead.example", FALSE },
		{ "example", FALSE },
		{ "org", FALSE },
		{ "x.org", FALSE },
	};
	struct silent_names *names = silent_names_init();
	const time_t now = 1000000;

	test_begin("silent_names");
	test_assert(!silent_names_have(names, "dead.example", now));
	silent_names_add(names, "dead.example", now);
	/* a top-level domain is everybody's */
	silent_names_add(names, "org", now);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(silent_names_have(names, tests[i].name, now) ==
				tests[i].have, i);
	}
	test_assert(silent_names_have(names, "dead.example",
				      now + AUTHRES_DNS_SILENT_SECS - 1));
	test_assert(!silent_names_have(names, "dead.example",
				       now + AUTHRES_DNS_SILENT_SECS));
	test_assert(!silent_names_have(names, "dead.example", now - 1));
	/* seen again */
	silent_names_add(names, "dead.example", now + 10);
	test_assert(silent_names_have(names, "dead.example",
				      now + AUTHRES_DNS_SILENT_SECS));
	silent_names_deinit(&names);
	test_assert(names == NULL);
	test_end();
}

static void test_silent_names_limit(void)
{
	struct silent_names *names = silent_names_init();
	const time_t now = 1000000;
	unsigned int i;

	test_begin("silent_names limit");
	for (i = 0; i <= AUTHRES_MAX_DNS_SILENT_NAMES; i++) T_BEGIN {
		silent_names_add(names, t_strdup_printf("n%u.test", i), now);
	} T_END;
	test_assert(!silent_names_have(names, "n0.test", now));
	for (i = 1; i <= AUTHRES_MAX_DNS_SILENT_NAMES; i++) T_BEGIN {
		test_assert_idx(silent_names_have(names,
			t_strdup_printf("n%u.test", i), now), i);
	} T_END;
	silent_names_deinit(&names);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_silent_names,
		test_silent_names_limit,
		NULL
	};
	return test_run(test_functions);
}
