/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "known-reasons.h"

/* Whatever is written is read as what it was, and fields that were stored stay
   readable: the texts themselves do not change either. */

static void test_known_change(void)
{
	static const struct {
		enum known_change change;
		const char *reason;
	} written[] = {
		{ KNOWN_CHANGE_HEADER, "signature did not verify" },
		{ KNOWN_CHANGE_BODY, "body hash did not verify" },
		{ KNOWN_CHANGE_HEADER_AND_BODY,
		  "signature and body hash did not verify" },
	};
	static const struct {
		const char *reason;
		enum known_change change;
	} others[] = {
		{ NULL, KNOWN_CHANGE_HEADER },
		{ "", KNOWN_CHANGE_HEADER },
		{ "body", KNOWN_CHANGE_HEADER },
		{ "body hash mismatch", KNOWN_CHANGE_BODY },
		{ "the body hash did not verify", KNOWN_CHANGE_HEADER },
	};

	test_begin("known reasons: change (RFC 6376 6.1.3)");
	for (unsigned int i = 0; i < N_ELEMENTS(written); i++) {
		test_assert_idx(strcmp(known_change_reason(written[i].change),
				       written[i].reason) == 0, i);
		test_assert_idx(known_change_read(written[i].reason) ==
				written[i].change, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(others); i++) {
		test_assert_idx(known_change_read(others[i].reason) ==
				others[i].change, i);
	}
	test_end();
}

static void test_known_key(void)
{
	static const struct {
		bool rsa;
		unsigned int bits;
		const char *comment;
	} written[] = {
		{ TRUE, 1024, "1024-bit rsa key" },
		{ TRUE, 16384, "16384-bit rsa key" },
		{ FALSE, 256, "ed25519 key" },
	};
	static const struct {
		const char *comment;
		unsigned int bits;
	} others[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "test key", 0 },
		{ "2048", 0 },
		{ "-bit rsa key", 0 },
		{ "99999999999999999999-bit rsa key", 0 },
		{ "2048-bit rsa key, test key", 2048 },
		{ "stale, 2048-bit rsa key", 2048 },
		{ "stale", 0 },
	};
	struct check_result result = { .method = CHECK_METHOD_DKIM };

	test_begin("known reasons: key");
	for (unsigned int i = 0; i < N_ELEMENTS(written); i++) {
		string_t *str = t_str_new(64);

		known_key_append(str, written[i].rsa, written[i].bits);
		test_assert_idx(strcmp(str_c(str), written[i].comment) == 0, i);
		result.comment = str_c(str);
		test_assert_idx(known_key_bits(&result) == written[i].bits, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(others); i++) {
		result.comment = others[i].comment;
		test_assert_idx(known_key_bits(&result) == others[i].bits, i);
	}
	result.comment = "2048-bit rsa key";
	result.method = CHECK_METHOD_ARC;
	test_assert(known_key_bits(&result) == 0);
	test_end();
}

static void test_known_policy(void)
{
	static const struct {
		const char *comment;
		int ret;
		enum dmarc_policy policy;
	} tests[] = {
		{ "p=none", 0, DMARC_POLICY_NONE },
		{ "sp=quarantine", 0, DMARC_POLICY_QUARANTINE },
		{ "np=reject", 0, DMARC_POLICY_REJECT },
		{ "stale, p=reject", 0, DMARC_POLICY_REJECT },
		{ "p=reject, message cut: larger than 2 bytes", 0,
		  DMARC_POLICY_REJECT },
		{ "p=REJECT sp=NONE dis=NONE", 0, DMARC_POLICY_REJECT },
		{ "p=rejects", -1, 0 },
		{ "p=", -1, 0 },
		{ "p", -1, 0 },
		{ "", -1, 0 },
		{ NULL, -1, 0 },
	};
	struct check_result result = { .method = CHECK_METHOD_DMARC };
	enum dmarc_policy policy;

	test_begin("known reasons: policy");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		result.comment = tests[i].comment;
		test_assert_idx(known_policy_read(&result, &policy) ==
				tests[i].ret, i);
		test_assert_idx(tests[i].ret < 0 || policy == tests[i].policy,
				i);
	}
	for (policy = 0; policy <= DMARC_POLICY_REJECT; policy++) {
		enum dmarc_policy read;

		result.comment = t_known_policy("sp", policy);
		test_assert_idx(known_policy_read(&result, &read) == 0 &&
				read == policy, policy);
	}
	test_assert_strcmp(result.comment, "sp=reject");
	test_end();
}

static void test_known_own_domain(void)
{
	static const struct {
		const char *comment;
		bool own;
	} tests[] = {
		{ "our own domain", TRUE },
		{ "p=none, our own domain", TRUE },
		{ "stale, p=none, our own domain", TRUE },
		{ "our own domain, message cut: larger than 2 bytes", TRUE },
		{ "p=none, our own domain, header cut: x", TRUE },
		{ "p=none", FALSE },
		{ "our own domains", FALSE },
		{ "p=none, our own domainx", FALSE },
		{ "p=none, message cut: our own domain", FALSE },
		{ "p=none our own domain", FALSE },
		{ "x, our own domain", FALSE },
		{ "", FALSE },
		{ NULL, FALSE },
	};
	struct check_result result = { .method = CHECK_METHOD_DMARC };

	test_begin("known reasons: own domain");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		result.comment = tests[i].comment;
		test_assert_idx(known_own_domain_is(&result) == tests[i].own,
				i);
	}
	test_assert_strcmp(t_known_own_domain(NULL), tests[0].comment);
	test_assert_strcmp(t_known_own_domain("p=none"), tests[1].comment);
	result.comment = tests[0].comment;
	result.method = CHECK_METHOD_SPF;
	test_assert(!known_own_domain_is(&result));
	test_end();
}

static void test_known_override(void)
{
	static const struct {
		enum override_reason reason;
		const char *comment, *text;
	} written[] = {
		{ OVERRIDE_REASON_MAILING_LIST, NULL, "mailing_list" },
		{ OVERRIDE_REASON_MAILING_LIST, "lists.example.org",
		  "mailing_list: lists.example.org" },
		{ OVERRIDE_REASON_LOCAL_POLICY, "arc=pass as[2].d=s.example",
		  "local_policy: arc=pass as[2].d=s.example" },
		{ OVERRIDE_REASON_POLICY_TEST_MODE, "",
		  "policy_test_mode: " },
	};
	const char *text;

	test_begin("known reasons: override");
	for (unsigned int i = 0; i < N_ELEMENTS(written); i++) {
		text = t_known_override(written[i].reason, written[i].comment);
		test_assert_idx(strcmp(text, written[i].text) == 0, i);
		test_assert_idx(null_strcmp(known_override_comment(text,
			written[i].reason), written[i].comment) == 0, i);
	}
	/* as others write it */
	text = "mailing_lists: a";
	test_assert(known_override_comment(text,
		OVERRIDE_REASON_MAILING_LIST) == text);
	test_assert(known_override_comment(text,
		OVERRIDE_REASON_LOCAL_POLICY) == text);
	test_assert(known_override_comment(NULL,
		OVERRIDE_REASON_LOCAL_POLICY) == NULL);
	test_end();
}

static void test_known_seal(void)
{
	const char *seal = t_known_seal(2, "lists.example.org");

	test_begin("known reasons: seal (RFC 8617 7.2.2)");
	test_assert_strcmp(seal, "arc=pass as[2].d=lists.example.org");
	test_assert(known_seal_is(seal));
	test_assert(!known_seal_is(NULL));
	test_assert(!known_seal_is(""));
	test_assert(!known_seal_is("arc=pass"));
	test_assert(!known_seal_is("lists.example.org"));
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_known_change,
		test_known_key,
		test_known_policy,
		test_known_own_domain,
		test_known_override,
		test_known_seal,
		NULL
	};

	return test_run(test_functions);
}
