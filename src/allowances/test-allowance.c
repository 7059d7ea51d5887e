/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-text.h"
#include "authres-limits.h"
#include "allowance.h"

static void test_allowance_parse(void)
{
	static const struct {
		const char *author, *through;
		/* key behind the prefix, or the error */
		const char *key, *error;
	} tests[] = {
		{ "a@b.example", "list:lists.example.org",
		  "list lists.example.org a@b.example", NULL },
		{ "A.Person@B.example", "list:Lists.Example.ORG",
		  "list lists.example.org a.person@b.example", NULL },
		{ "a@b.example", "forwarder:192.0.2.1",
		  "forwarder 192.0.2.1 a@b.example", NULL },
		{ "a@b.example", "forwarder:2001:db8::1",
		  "forwarder 2001:db8::1 a@b.example", NULL },
		{ "a@b.example", "forwarder:fw.example",
		  "forwarder fw.example a@b.example", NULL },
		/* a quoted local part, without its quotes */
		{ "a b/c\\@d@b.example", "list:l.example",
		  "list l.example a b\\|c\\\\@d@b.example", NULL },

		{ "b.example", "list:l.example", NULL,
		  "b.example: Not an address" },
		{ "@b.example", "list:l.example", NULL, "Not an address" },
		{ "a@", "list:l.example", NULL, "Not an address" },
		{ "", "list:l.example", NULL, "Not an address" },
		{ "a\n@b.example", "list:l.example", NULL, "Not an address" },
		{ "a@b\xc3\xbc.example", "list:l.example", NULL,
		  "Not an address" },
		{ "*", "list:l.example", NULL, "Not an address" },
		{ "a@b.example", "l.example", NULL,
		  "Neither list:DOMAIN nor forwarder:NAME" },
		{ "a@b.example", "", NULL, "Neither list:DOMAIN" },
		{ "a@b.example", "lists:l.example", NULL,
		  "Neither list:DOMAIN" },
		{ "a@b.example", "none:l.example", NULL,
		  "Neither list:DOMAIN" },
		{ "a@b.example", "list:", NULL, "Not a domain" },
		{ "a@b.example", "list:l.example/x", NULL, "Not a domain" },
		{ "a@b.example", "list:l example", NULL, "Not a domain" },
		{ "a@b.example", "list:2001:db8::1", NULL, "Not a domain" },
		{ "a@b.example", "forwarder:", NULL, "Neither a domain" },
		{ "a@b.example", "forwarder:a b", NULL, "Neither a domain" },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct allowance allowance, read;
	const char *error;

	test_begin("allowance_parse()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		int ret = allowance_parse(pool, tests[i].author,
					  tests[i].through, &allowance,
					  &error);

		test_assert_idx((ret == 0) == (tests[i].key != NULL), i);
		if (ret < 0) {
			test_assert_idx(strstr(error, tests[i].error) != NULL,
					i);
		} else {
			const char *key = t_allowance_key(&allowance);

			test_assert_strcmp_idx(key,
				t_strconcat(ALLOWANCE_KEY_PREFIX, tests[i].key,
					    NULL), i);
			/* one component, whatever is in it */
			test_assert_idx(strchr(key +
				strlen(ALLOWANCE_KEY_PREFIX), '/') == NULL, i);
			allowance.expires = 1790000000 + i;
			allowance.state = i % 3 == 0 ? ALLOWANCE_ADDED :
				i % 3 == 1 ? ALLOWANCE_LEARNED :
				ALLOWANCE_RELEASED;
			allowance.released = i % 3 == 2 ? 1780000000 + i : 0;
			test_assert_idx(allowance_parse_key(pool, key,
				t_allowance_value(&allowance), &read) == 0, i);
			test_assert_strcmp_idx(read.author, allowance.author,
					       i);
			test_assert_strcmp_idx(t_allowance_through(&read),
				t_allowance_through(&allowance), i);
			test_assert_idx(read.expires == allowance.expires &&
					read.state == allowance.state &&
					read.released == allowance.released, i);
			test_assert_idx(allowance_digest(&read) ==
					allowance_digest(&allowance), i);
		}
	} T_END;
	test_assert(allowance_parse(pool,
		t_strconcat(t_repeat("a", AUTHRES_MAX_ALLOWANCE_AUTHOR_BYTES -
				     10), "@b.example", NULL),
		"list:l.example", &allowance, &error) == 0);
	test_assert(allowance_parse(pool,
		t_strconcat(t_repeat("a", AUTHRES_MAX_ALLOWANCE_AUTHOR_BYTES -
				     9), "@b.example", NULL),
		"list:l.example", &allowance, &error) < 0);
	pool_unref(&pool);
	test_end();
}

static void test_allowance_parse_key(void)
{
	static const struct {
		const char *key, *value;
	} bad[] = {
		{ "", "1 added" },
		{ "priv/authres/allow", "1 added" },
		{ ALLOWANCE_KEY_PREFIX, "1" },
		{ "priv/other/list l.example a@b.example", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list  a@b.example", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example ", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example b.example", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"List l.example a@b.example", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list L.example a@b.example", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example", "" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example", "x" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example", "1" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example", "1x added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example", " added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example", "1 other" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example", "1 added " },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example",
		  "99999999999999999999999 added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example",
		  "1 released" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example",
		  "1 released x" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example",
		  "1 released 2 3" },
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example",
		  "1 added 2" },
		/* any author is answered, and nothing else */
		{ ALLOWANCE_KEY_PREFIX"list l.example a@b.example",
		  "1 answered" },
		{ ALLOWANCE_KEY_PREFIX"list l.example *", "1 learned" },
		{ ALLOWANCE_KEY_PREFIX"list l.example *", "1 added" },
		{ ALLOWANCE_KEY_PREFIX"list l.example *", "1 released 1" },
		{ ALLOWANCE_KEY_PREFIX"forwarder l.example *", "1 answered" },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct allowance allowance;

	test_begin("allowance_parse_key()");
	for (unsigned int i = 0; i < N_ELEMENTS(bad); i++) {
		test_assert_idx(allowance_parse_key(pool, bad[i].key,
			bad[i].value, &allowance) < 0, i);
	}
	test_assert(allowance_parse_key(pool,
		ALLOWANCE_KEY_PREFIX"list l.example a@b.example", "1 added",
		&allowance) == 0);
	test_assert(allowance_parse_key(pool,
		ALLOWANCE_KEY_PREFIX"list l.example *", "1 answered",
		&allowance) == 0);
	test_assert(allowance.state == ALLOWANCE_ANSWERED);
	pool_unref(&pool);
	test_end();
}

static void test_allowance_from_verdict(void)
{
	static const struct {
		const char *list_domain, *forwarder, *author;
		enum allowance_kind kind;
		/* "through author" or NULL */
		const char *result;
	} tests[] = {
		{ "l.example", "fw.example", "A@b.example", ALLOWANCE_LIST,
		  "list:l.example a@b.example" },
		{ "l.example", "fw.example", "a@b.example",
		  ALLOWANCE_FORWARDER, "forwarder:fw.example a@b.example" },
		{ NULL, "fw.example", "a@b.example", ALLOWANCE_LIST, NULL },
		{ "l.example", NULL, "a@b.example", ALLOWANCE_FORWARDER,
		  NULL },
		{ "l.example", NULL, NULL, ALLOWANCE_LIST, NULL },
		{ "l.example", NULL, "b.example", ALLOWANCE_LIST, NULL },
		{ "l.example x", NULL, "a@b.example", ALLOWANCE_LIST, NULL },
		{ "L.example", NULL, "a@b.example", ALLOWANCE_LIST, NULL },
		{ NULL, "fw/x", "a@b.example", ALLOWANCE_FORWARDER, NULL },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	struct allowance allowance;
	struct verdict verdict;

	test_begin("allowance_from_verdict()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		bool ret;

		i_zero(&verdict);
		verdict.list_domain = tests[i].list_domain;
		verdict.forwarder = tests[i].forwarder;
		ret = allowance_from_verdict(pool, &verdict, tests[i].kind,
					     tests[i].author, &allowance);
		test_assert_idx(ret == (tests[i].result != NULL), i);
		if (ret) {
			test_assert_strcmp_idx(
				t_strdup_printf("%s %s",
					t_allowance_through(&allowance),
					allowance.author),
				tests[i].result, i);
		}
	}
	pool_unref(&pool);
	test_end();
}

static void test_allowance_author_of(void)
{
	static const struct {
		const char *from, *author_domain, *author;
	} tests[] = {
		{ " Alice <alice@a.example>", "a.example", "alice@a.example" },
		{ " Alice\r\n <Alice@A.Example>\r\n", "a.example",
		  "Alice@a.example" },
		{ " alice@a.example (Alice)", "a.example", "alice@a.example" },
		{ "\"a b\"@a.example", "a.example", "a b@a.example" },
		/* a U-label; the field has its A-label */
		{ "a@b\xc3\xbc" "cher.example", "xn--bcher-kva.example",
		  "a@xn--bcher-kva.example" },
		{ "alice@b.example", "a.example", NULL },
		{ "alice@sub.a.example", "a.example", NULL },
		{ "a@a.example, b@a.example", "a.example", NULL },
		{ "a@a.example, b@b.example", "a.example", NULL },
		{ "Group: a@a.example;", "a.example", NULL },
		{ "alice", "a.example", NULL },
		{ "<@a.example>", "a.example", NULL },
		{ "", "a.example", NULL },
		{ "\"alice@a.example\" <x@b.example>", "a.example", NULL },
	};
	const char *values[3] = { NULL, NULL, NULL };

	test_begin("t_allowance_author_of()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		values[0] = tests[i].from;
		test_assert_idx(null_strcmp(t_allowance_author_of(values,
			tests[i].author_domain), tests[i].author) == 0, i);
	}
	values[0] = values[1] = "a@a.example";
	test_assert(t_allowance_author_of(values, "a.example") == NULL);
	values[0] = NULL;
	test_assert(t_allowance_author_of(values, "a.example") == NULL);
	test_end();
}

static void test_allowance_is_valid(void)
{
	struct allowance allowance;

	test_begin("allowance_is_valid()");
	i_zero(&allowance);
	allowance.expires = 1000;
	for (unsigned int i = 0; i <= ALLOWANCE_ANSWERED; i++) {
		bool allows = i == ALLOWANCE_ADDED || i == ALLOWANCE_LEARNED;

		allowance.state = (enum allowance_state)i;
		test_assert_idx(allowance_is_valid(&allowance, 999) == allows,
				i);
		test_assert_idx(!allowance_is_valid(&allowance, 1000), i);
	}
	test_end();
}

static void test_allowance_of_answered_list(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct allowance list;

	test_begin("allowance_of_answered_list()");
	test_assert(allowance_of_answered_list(pool, "l.example", &list));
	test_assert_strcmp(t_allowance_key(&list),
			   ALLOWANCE_KEY_PREFIX"list l.example *");
	test_assert(!allowance_of_answered_list(pool, NULL, &list));
	test_assert(!allowance_of_answered_list(pool, "l example", &list));
	test_assert(!allowance_of_answered_list(pool, "L.example", &list));
	pool_unref(&pool);
	test_end();
}

static void test_allowance_digest(void)
{
	static const struct allowance allowances[] = {
		{ "a@b.example", ALLOWANCE_LIST, "l.example", 0, 0, 0 },
		{ "b@b.example", ALLOWANCE_LIST, "l.example", 0, 0, 0 },
		{ "a@b.example", ALLOWANCE_FORWARDER, "l.example", 0, 0, 0 },
		{ "a@b.example", ALLOWANCE_LIST, "m.example", 0, 0, 0 },
		{ "e@b.example", ALLOWANCE_LIST, "l.exampl", 0,
		  ALLOWANCE_LEARNED, 0 },
		{ "*", ALLOWANCE_LIST, "l.example", 0, ALLOWANCE_ANSWERED, 0 },
	};

	test_begin("allowance_digest()");
	for (unsigned int i = 0; i < N_ELEMENTS(allowances); i++) {
		for (unsigned int j = 0; j < N_ELEMENTS(allowances); j++) {
			test_assert_idx((allowance_digest(&allowances[i]) ==
				allowance_digest(&allowances[j])) == (i == j),
				i * 10 + j);
		}
		test_assert_idx(allowance_digest(&allowances[i]) != 0, i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_allowance_parse,
		test_allowance_parse_key,
		test_allowance_from_verdict,
		test_allowance_author_of,
		test_allowance_is_valid,
		test_allowance_of_answered_list,
		test_allowance_digest,
		NULL
	};
	return test_run(test_functions);
}
