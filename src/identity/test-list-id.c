/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "test-msg-header.h"
#include "list-id.h"

static void test_list_id_find(void)
{
	static const struct {
		const char *header, *domain;
	} tests[] = {
		/* RFC 2919 section 4 */
		{ "List-Id: List Header Mailing List <list-header.nisto.com>",
		  "list-header.nisto.com" },
		{ "List-Id: <commonspace-users.list-id.within.com>",
		  "commonspace-users.list-id.within.com" },
		{ "List-Id: \"Lena's Personal Joke List\"\r\n"
		  "\t<lenas-jokes.da39efc25c530ad145d41b86f7420c3b.021999.localhost>",
		  "lenas-jokes.da39efc25c530ad145d41b86f7420c3b.021999.localhost" },
		{ "List-Id: \"An internal CMU List\" <0Jks9449.list-id.cmu.edu>",
		  "0jks9449.list-id.cmu.edu" },
		{ "List-Id: <da39efc25c530ad145d41b86f7420c3b.052000.localhost>",
		  "da39efc25c530ad145d41b86f7420c3b.052000.localhost" },
		/* as mail is */
		{ "LIST-ID:<Dev.Lists.Example.ORG>", "dev.lists.example.org" },
		{ "List-Id : < dev.lists.example.org\t> ",
		  "dev.lists.example.org" },
		{ "List-Id: a, b; c:d@e <dev.example.org>", "dev.example.org" },
		{ "List-Id: \"<evil.example>\" (<evil.example>) "
		  "<dev.example.org> (x (y))", "dev.example.org" },
		{ "List-Id: J\xc3\xb6rg <dev.example.org>", "dev.example.org" },
		{ "List-Id: <dev.b\xc3\xbc""cher.example>",
		  "dev.xn--bcher-kva.example" },
		{ "List-Id: <dev_x.example.org.>", "dev_x.example.org" },
		/* several, none, damaged */
		{ "Subject: x", NULL },
		{ "List-Id:", NULL },
		{ "List-Id: dev.example.org", NULL },
		{ "List-Id: <dev.example.org>\nList-Id: <dev.example.org>",
		  NULL },
		{ "List-Id: <dev.example.org>\nX: y\nlist-id: x", NULL },
		{ "List-Ids: <dev.example.org>", NULL },
		{ "List-Id: <dev.example.org", NULL },
		{ "List-Id: dev.example.org>", NULL },
		{ "List-Id: > <dev.example.org>", NULL },
		{ "List-Id: <<dev.example.org>>", NULL },
		{ "List-Id: <evil.example> <dev.example.org>", NULL },
		{ "List-Id: <dev.example.org> x", NULL },
		{ "List-Id: <dev.example.org> \"x\"", NULL },
		{ "List-Id: <dev.example.org>,", NULL },
		{ "List-Id: <dev.example.org> (", NULL },
		{ "List-Id: ( <dev.example.org>", NULL },
		{ "List-Id: \" <dev.example.org>", NULL },
		{ "List-Id: \"\\\" <dev.example.org>", NULL },
		/* no domain name */
		{ "List-Id: <>", NULL },
		{ "List-Id: < >", NULL },
		{ "List-Id: <localhost>", NULL },
		{ "List-Id: <dev@example.org>", NULL },
		{ "List-Id: <dev..example.org>", NULL },
		{ "List-Id: <.example.org>", NULL },
		{ "List-Id: <dev .example.org>", NULL },
		{ "List-Id: <dev.example.org(x)>", NULL },
		{ "List-Id: <\"dev\".example.org>", NULL },
		{ "List-Id: <[192.0.2.1]>", NULL },
		{ "List-Id: <dev.example.org\xff>", NULL },
		{ "List-Id: <dev.\r\n example.org>", NULL },
		{ "List-Id: <dev.example.org\r>", NULL },
	};
	pool_t pool = pool_alloconly_create("test", 1024);
	const char *header;

	test_begin("list id");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		header = t_strconcat(tests[i].header, "\r\n", NULL);
		test_assert_strcmp_idx(
			list_id_find(pool, test_msg_header_parse(pool, header,
						strlen(header))),
			tests[i].domain, i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_list_id_hostile(void)
{
	static const char nul[] = "List-Id: <dev\0.example.org>\r\n";
	pool_t pool = pool_alloconly_create("test", 1024);
	string_t *str = t_str_new(AUTHRES_MAX_FIELD_BYTES);
	const struct msg_header *header;

	test_begin("list id hostile");
	header = test_msg_header_parse(pool, nul, sizeof(nul) - 1);
	test_assert(list_id_find(pool, header) == NULL);

	/* deep comments, and a header that is cut */
	str_append(str, "List-Id: ");
	for (unsigned int i = 0; i < 30000; i++)
		str_append_c(str, '(');
	for (unsigned int i = 0; i < 30000; i++)
		str_append_c(str, ')');
	str_append(str, "<dev.example.org>\r\n");
	header = test_msg_header_parse(pool, str_data(str), str_len(str));
	test_assert_strcmp(list_id_find(pool, header), "dev.example.org");
	str_truncate(str, 0);
	str_append(str, "List-Id: <dev.example.org>\r\n");
	for (unsigned int i = 0; i < AUTHRES_MAX_HEADER_FIELDS; i++)
		str_append(str, "X: y\r\n");
	header = test_msg_header_parse(pool, str_data(str), str_len(str));
	test_assert(header->limit_reason != NULL);
	test_assert(list_id_find(pool, header) == NULL);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_list_id_find,
		test_list_id_hostile,
		NULL
	};
	return test_run(test_functions);
}
