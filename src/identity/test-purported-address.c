/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-limits.h"
#include "test-msg-header.h"
#include "purported-address.h"

#define RECEIVED "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\n"

static void
test_find(pool_t pool, const void *header, size_t size,
	  struct purported_address *pra_r)
{
	purported_address_find(pool, test_msg_header_parse(pool, header, size),
			       pra_r);
	test_assert((pra_r->domain == NULL) == (pra_r->reason != NULL));
	test_assert((pra_r->domain == NULL) == (pra_r->local_part == NULL));
}

/* RFC 4407 section 2, steps 1 to 4: which field. */
static void test_purported_address_select(void)
{
	static const struct {
		const char *header, *field, *domain, *reason;
	} tests[] = {
		/* step 4 */
		{ "From: a@from.example", "from", "from.example", NULL },
		{ "FROM : a@from.example", "from", "from.example", NULL },
		{ "Subject: x", NULL, NULL, "no From field" },
		{ "", NULL, NULL, "no From field" },
		{ "From:  \n\t\nSubject: x", NULL, NULL, "no From field" },
		{ "From: a@x.example\nfrom: a@x.example", NULL, NULL,
		  "several From fields" },
		{ "From:\nFrom: a@from.example\nFrom: \t ", "from",
		  "from.example", NULL },
		{ "From: (x)\nFrom: a@from.example", NULL, NULL,
		  "several From fields" },
		/* step 3 */
		{ "From: a@from.example\nSender: s@sender.example", "sender",
		  "sender.example", NULL },
		{ "Sender: \nFrom: a@from.example", "from", "from.example",
		  NULL },
		{ "Sender: s@x.example\nFrom: a@x.example\n"
		  "Sender: s@x.example", NULL, NULL, "several Sender fields" },
		{ "Sender: s@x.example\nSender:\nFrom: a@from.example",
		  "sender", "x.example", NULL },
		{ "Sender: s\nFrom: a@from.example", "sender", NULL,
		  "no single mailbox in Sender" },
		{ "Sender: (c)\nFrom: a@from.example", "sender", NULL,
		  "no single mailbox in Sender" },
		{ "X-Sender: s@x.example\nFrom: a@from.example", "from",
		  "from.example", NULL },
		/* step 2 */
		{ "Resent-From: r@r.example\nSender: s@x.example\n"
		  "Sender: s@x.example\nFrom: a@x.example", "resent-from",
		  "r.example", NULL },
		{ "From: a@x.example\n" RECEIVED "RESENT-FROM: r@r.example",
		  "resent-from", "r.example", NULL },
		{ "Resent-From: r1@r1.example\nResent-From: r2@r2.example",
		  "resent-from", "r1.example", NULL },
		{ "Resent-From:\nResent-From: r2@r2.example", "resent-from",
		  "r2.example", NULL },
		{ "Resent-From: r\nResent-From: r2@r2.example\n"
		  "From: a@x.example", "resent-from", NULL,
		  "no single mailbox in Resent-From" },
		{ "Resent-From:  \nFrom: a@from.example", "from",
		  "from.example", NULL },
		/* step 1 */
		{ "Resent-Sender: s@s.example\nResent-From: r@r.example",
		  "resent-sender", "s.example", NULL },
		{ "Resent-From: r@r.example\nResent-Sender: s@s.example",
		  "resent-sender", "s.example", NULL },
		{ "Resent-From: r@r.example\nX: y\nTo: z\n"
		  "Resent-Sender: s@s.example", "resent-sender", "s.example",
		  NULL },
		{ "Resent-From: r@r.example\n" RECEIVED
		  "Resent-Sender: s@s.example", "resent-from", "r.example",
		  NULL },
		{ "Resent-From: r@r.example\nreturn-path: <>\n"
		  "Resent-Sender: s@s.example", "resent-from", "r.example",
		  NULL },
		/* it need not hold anything */
		{ "Resent-From: r@r.example\nReceived:\n"
		  "Resent-Sender: s@s.example", "resent-from", "r.example",
		  NULL },
		{ RECEIVED "Resent-From: r@r.example\n"
		  "Resent-Sender: s@s.example\n" RECEIVED, "resent-sender",
		  "s.example", NULL },
		{ RECEIVED "Resent-Sender: s@s.example\n" RECEIVED
		  "Resent-From: r@r.example", "resent-sender", "s.example",
		  NULL },
		/* any Resent-From above it, not only the nearest */
		{ "Resent-From: r1@r1.example\n" RECEIVED
		  "Resent-From: r2@r2.example\nResent-Sender: s@s.example",
		  "resent-from", "r1.example", NULL },
		/* the first Resent-Sender alone decides */
		{ "Resent-Sender: s1@s1.example\nResent-From: r@r.example\n"
		  RECEIVED "Resent-Sender: s2@s2.example", "resent-sender",
		  "s1.example", NULL },
		/* empty ones are as if absent */
		{ "Resent-From: \t\n" RECEIVED "Resent-Sender: s@s.example",
		  "resent-sender", "s.example", NULL },
		{ "Resent-Sender:\nResent-From: r@r.example\n" RECEIVED
		  "Resent-Sender: s@s.example", "resent-from", "r.example",
		  NULL },
		{ "Resent-Sender: \nResent-From: \nSender: s@s.example",
		  "sender", "s.example", NULL },
		{ "Resent-Sender: <>\nFrom: a@from.example", "resent-sender",
		  NULL, "no single mailbox in Resent-Sender" },
		/* what this server writes on top disturbs nothing */
		{ "Return-Path: <x@y.example>\nDelivered-To: z\n" RECEIVED
		  "Resent-From: r@r.example\nResent-Sender: s@s.example",
		  "resent-sender", "s.example", NULL },
		{ "Resent-Reply-To: r@r.example\nResent-To: r@r.example\n"
		  "From: a@from.example", "from", "from.example", NULL },
	};
	struct purported_address pra;
	unsigned int i;

	test_begin("purported_address_find: fields");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		pool_t pool = pool_alloconly_create("test", 4096);

		test_find(pool, tests[i].header, strlen(tests[i].header), &pra);
		test_assert_strcmp_idx(pra.field, tests[i].field, i);
		test_assert_strcmp_idx(pra.domain, tests[i].domain, i);
		test_assert_strcmp_idx(pra.reason, tests[i].reason, i);
		pool_unref(&pool);
	}
	test_end();
}

/* Step 5: what is a single mailbox with a domain name. */
static void test_purported_address_mailbox(void)
{
	static const struct {
		const char *value, *domain, *local_part;
	} tests[] = {
		{ "bob@x.example", "x.example", "bob" },
		{ "Bob <bob@x.example>", "x.example", "bob" },
		{ "Bob Q. Public <bob@x.example>", "x.example", "bob" },
		{ "<bob@x.example>", "x.example", "bob" },
		{ "BoB@X.EXAMPLE", "x.example", "BoB" },
		{ "bob@x.example.", "x.example", "bob" },
		{ "\"b b\"@x.example", "x.example", "b b" },
		{ "\"b@c\"@x.example", "x.example", "b@c" },
		{ "b.o.b+tag=1@x.example", "x.example", "b.o.b+tag=1" },
		{ "\"Bob, Esq.\" <bob@x.example>", "x.example", "bob" },
		{ "\"al@y.example\" <bob@x.example>", "x.example", "bob" },
		{ "=?utf-8?Q?B=C3=B6b?= <bob@x.example>", "x.example", "bob" },
		{ "\n Bob\n\t<bob@x.example>", "x.example", "bob" },
		/* section 4.4 of RFC 5322: the route is nobody's address */
		{ "<@r.example:bob@x.example>", "x.example", "bob" },
		{ "<@r.example,@q.example:bob@x.example>", "x.example",
		  "bob" },
		/* comments */
		{ "(c) bob@x.example", "x.example", "bob" },
		{ "bob@x.example (Bob)", "x.example", "bob" },
		{ "bob (c)@x.example", "x.example", "bob" },
		{ "bob@(c)x.example", "x.example", "bob" },
		{ "(c) Bob (c) <(c)bob(c)@(c)x.example(c)> (c)", "x.example",
		  "bob" },
		{ "bob@x.example (a (nested) y@z.example)", "x.example",
		  "bob" },
		/* U-labels and UTF-8 (RFC 6532) */
		{ "a@b\xc3\xbc""cher.example", "xn--bcher-kva.example", "a" },
		{ "a@xn--bcher-kva.example", "xn--bcher-kva.example", "a" },
		{ "b\xc3\xb6@x.example", "x.example", "b\xc3\xb6" },
		{ "a@localhost", "localhost", "a" },
		/* none */
		{ "bob", NULL, NULL },
		{ "<>", NULL, NULL },
		{ "<bob>", NULL, NULL },
		{ "bob@", NULL, NULL },
		{ "@x.example", NULL, NULL },
		{ "<@x.example>", NULL, NULL },
		{ "<@", NULL, NULL },
		{ "<@r.example,", NULL, NULL },
		{ "<@r.example:", NULL, NULL },
		{ "bob@ ", NULL, NULL },
		{ "\"bob", NULL, NULL },
		{ "<\"bob\"", NULL, NULL },
		{ "\"\"@x.example", NULL, NULL },
		{ "(bob@x.example)", NULL, NULL },
		{ "\"bob@x.example\"", NULL, NULL },
		{ "bob@[192.0.2.1]", NULL, NULL },
		{ "bob@[IPv6:2001:db8::1]", NULL, NULL },
		{ "a@x.example, b@x.example", NULL, NULL },
		{ "a@x.example, b@y.example", NULL, NULL },
		{ "a@x.example b@y.example", NULL, NULL },
		{ "a@x.example, bob", NULL, NULL },
		{ "<a@x.example> <b@y.example>", NULL, NULL },
		{ "a@y.example <b@x.example>", NULL, NULL },
		{ "a@x.example@y.example", NULL, NULL },
		{ "undisclosed:;", NULL, NULL },
		{ "Group: a@x.example;", NULL, NULL },
		{ "Group: a@x.example, b@x.example;", NULL, NULL },
		{ "Bob <bob@x.example", NULL, NULL },
		{ "Bob bob@x.example>", NULL, NULL },
		{ "\"Bob <bob@x.example>", NULL, NULL },
		{ "(Bob <bob@x.example>", NULL, NULL },
		{ "bob@x..example", NULL, NULL },
		{ "bob@.x.example", NULL, NULL },
		{ "bob@x.exam ple", NULL, NULL },
		{ "bob@x.example)", NULL, NULL },
		{ "bob@x.example;", NULL, NULL },
		{ "bob@x.example\x01", NULL, NULL },
		{ "bob@x.exam\xffple", NULL, NULL },
		{ "=?utf-8?Q?bob=40x=2Eexample?=", NULL, NULL },
		{ "=?utf-8?Q?bob?=@x.example", NULL, NULL },
	};
	struct purported_address pra;
	const char *header;
	unsigned int i;

	test_begin("purported_address_find: mailboxes");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		pool_t pool = pool_alloconly_create("test", 4096);

		header = t_strdup_printf("Sender: %s\nFrom: a@from.example",
					 tests[i].value);
		test_find(pool, header, strlen(header), &pra);
		test_assert_strcmp_idx(pra.field, "sender", i);
		test_assert_strcmp_idx(pra.domain, tests[i].domain, i);
		test_assert_strcmp_idx(pra.local_part, tests[i].local_part, i);
		pool_unref(&pool);
	}
	test_end();
}

/* A field that comes first may have been cut off. */
static void test_purported_address_limits(void)
{
	static const char nul[] = "From: a@x.exam\0ple";
	struct purported_address pra;
	string_t *str = t_str_new(128 * 1024);
	pool_t pool = pool_alloconly_create("test", 4096);
	unsigned int i;

	test_begin("purported_address_find: limits");
	str_append(str, "From: a@from.example\n");
	for (i = 1; i < AUTHRES_MAX_HEADER_FIELDS; i++)
		str_append(str, "X: y\n");
	test_find(pool, str_data(str), str_len(str), &pra);
	test_assert_strcmp(pra.domain, "from.example");
	str_append(str, "Sender: s@sender.example\n");
	test_find(pool, str_data(str), str_len(str), &pra);
	test_assert_strcmp(pra.reason, "header is too large");
	test_assert(pra.field == NULL);

	str_truncate(str, 0);
	str_append(str, "From: a@x.example\nSender: ");
	for (i = 0; i < AUTHRES_MAX_FIELD_BYTES; i++)
		str_append_c(str, ' ');
	str_append(str, "s@sender.example\n");
	test_find(pool, str_data(str), str_len(str), &pra);
	test_assert_strcmp(pra.reason, "header is too large");

	test_find(pool, nul, sizeof(nul) - 1, &pra);
	test_assert_strcmp(pra.reason, "no single mailbox in From");
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_purported_address_select,
		test_purported_address_mailbox,
		test_purported_address_limits,
		NULL
	};
	return test_run(test_functions);
}
