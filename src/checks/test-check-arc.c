/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "net.h"
#include "str.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "body-hash.h"
#include "canonicalize.h"
#include "dns-session.h"
#include "arc-set.h"
#include "check-arc.h"
#include "test-signing.h"
#include "test-common.h"
#include "test-file.h"

#define NOW 1700000000

static struct test_key *test_key, *test_key_short, *test_key_ed;

static struct dkim_settings test_set = {
	.min_key_bits = 1024,
	.now = NOW
};

#define FIELDS "From: Joe <joe@example.org>\r\nTo: Suzie <s@example.net>\r\n" \
	"Subject: Is  dinner\r\n ready?\r\n"
#define MESSAGE FIELDS "\r\nHi.\r\n\r\nWe lost  the game. \r\n"

#define AAR " i=$I; mx$I.example; spf=pass smtp.mailfrom=a.example"
#define AMS " i=$I; a=rsa-sha256; c=relaxed/relaxed; d=seal$I.example; " \
	"s=sel; t=1699999000; h=From:To:Subject; bh=$H; b=$B"
#define SEAL " i=$I; a=rsa-sha256; cv=$V; d=seal$I.example; s=sel; " \
	"t=1699999000; b=$B"

struct arc_test {
	/* sections are of RFC 8617 */
	const char *section;
	/* how many sets are made */
	unsigned int count;
	/* at this instance the following differ; NULL = as above, "" = no
	   such field */
	unsigned int at;
	const char *aar, *ams, *seal;
	/* text to replace in the message before that instance is made */
	const char *before_from, *before_to;
	/* text to replace in the end */
	const char *from, *to;

	enum check_result_word result;
	/* part of it; NULL = none */
	const char *reason;
	unsigned int oldest_pass;
};

#define PASS .result = CHECK_RESULT_PASS
#define FAIL(text) .result = CHECK_RESULT_FAIL, .reason = text
#define CHANGE(a, b) .from = a, .to = b
#define BEFORE(a, b) .before_from = a, .before_to = b

static const struct arc_test arc_tests[] = {
	{ "5.2 no set", 0, .result = CHECK_RESULT_NONE },
	{ "5.2 one set", 1, PASS },
	{ "5.2 two sets", 2, PASS },
	{ "5.2 five sets", 5, PASS },
	{ "4.2.1 fifty sets", 50, PASS },
	{ "4.1.2 ed25519", 2, 2, .ams = " i=2; a=ed25519-sha256; c=relaxed/relaxed; d=ed.example; s=ed; h=From; bh=$H; b=$B", PASS },
	{ "4.1.3 ed25519", 2, 2, .seal = " i=2; a=ed25519-sha256; cv=pass; d=ed.example; s=ed; b=$B", PASS },

	/* section 5.2 step 4: the newest message signature */
	{ "5.2 body changed", 1, CHANGE("lost", "won"), FAIL("ARC-Message-Signature i=1: body hash did not verify") },
	{ "5.2 From changed", 2, CHANGE("Joe <", "Jim <"), FAIL("ARC-Message-Signature i=2: signature did not verify") },
	{ "5.2 a field not signed changed", 2, CHANGE("From: Joe", "X: y\r\nFrom: Joe"), PASS },
	{ "5.2 refolded", 2, CHANGE("Is  dinner\r\n ready", "Is dinner ready"), PASS },
	{ "5.2 LF line ends", 3, CHANGE("\r\n", "\n"), PASS },
	/* section 5.2 step 5: older ones only move oldest-pass */
	{ "5.2 body changed between", 3, 3, BEFORE("lost", "won"), PASS, .oldest_pass = 3 },
	{ "5.2 body changed earlier", 3, 2, BEFORE("lost", "won"), PASS, .oldest_pass = 2 },
	{ "5.2 subject changed", 4, 3, BEFORE("Subject: ", "Subject: [x] "), PASS, .oldest_pass = 3 },
	{ "5.2 older signature expired", 2, 1, .ams = AMS "; x=1699990000", .seal = SEAL, PASS, .oldest_pass = 2 },
	{ "5.2 older signature unreadable", 2, 1, .ams = " i=1; a=rsa-sha1; b=$B", PASS, .oldest_pass = 2 },
	{ "5.2 older signature without key", 3, 2, .ams = " i=2; a=rsa-sha256; d=seal2.example; s=none; h=From; bh=$H; b=$B", PASS, .oldest_pass = 3 },
	{ "5.2 older signature with another key name", 3, 2, .ams = " i=2; a=rsa-sha256; d=seal9.example; s=sel; h=From; bh=$H; b=$B", PASS },

	/* section 4.1.2: the fields of a message signature */
	{ "4.1.2 expired", 1, 1, .ams = AMS "; x=1699999500", FAIL("i=1: expired") },
	{ "4.1.2 h= with ARC-Seal", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=sel; h=From:arc-seal; bh=$H; b=$B", FAIL("tag h names ARC-Seal") },
	{ "4.1.2 h= without From", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=sel; h=To; bh=$H; b=$B", FAIL("From is not signed") },
	{ "4.1.2 h= absent", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=sel; bh=$H; b=$B", FAIL("no tag h") },
	{ "4.1.2 h= names itself and older sets", 2, 2, .ams = " i=2; a=rsa-sha256; d=seal2.example; s=sel; h=From:ARC-Message-Signature:ARC-Message-Signature:ARC-Authentication-Results; bh=$H; b=$B", PASS },
	{ "4.1.2 rsa-sha1", 1, 1, .ams = " i=1; a=rsa-sha1; d=seal1.example; s=sel; h=From; bh=$H; b=$B", FAIL("rsa-sha1") },
	{ "4.1.2 a= absent", 1, 1, .ams = " i=1; d=seal1.example; s=sel; h=From; bh=$H; b=$B", FAIL("i=1: no tag a") },
	{ "4.1.2 bh= absent", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=sel; h=From; b=$B", FAIL("no tag bh") },
	{ "4.1.2 d= absent", 1, 1, .ams = " i=1; a=rsa-sha256; s=sel; h=From; bh=$H; b=$B", FAIL("no tag d") },
	{ "4.1.2 s= absent", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; h=From; bh=$H; b=$B", FAIL("no tag s") },
	{ "4.1.2 b= absent", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=sel; h=From; bh=$H", FAIL("no tag b") },
	{ "4.1.2 c= absent", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=sel; h=From; bh=$H; b=$B", PASS },
	{ "4.1.2 c= unknown", 1, 1, .ams = " i=1; a=rsa-sha256; c=x; d=seal1.example; s=sel; h=From; bh=$H; b=$B", FAIL("tag c") },
	{ "4.1.2 duplicate tag", 1, 1, .ams = AMS "; d=seal1.example", FAIL("tag d is given twice") },
	{ "4.1.2 unknown tag", 1, 1, .ams = AMS "; zz=1", PASS },
	{ "4.1.2 v= is an unknown tag", 1, 1, .ams = AMS "; v=1", PASS },
	{ "4.1.2 l= part", 1, 1, .ams = AMS "; l=2", FAIL("only part of the body is signed") },
	{ "4.1.2 l= too long", 1, 1, .ams = AMS "; l=999", FAIL("body is shorter than tag l") },
	{ "4.1.2 i= is no identity", 1, 1, .ams = " i=@seal1.example; a=rsa-sha256; d=seal1.example; s=sel; h=From; bh=$H; b=$B", FAIL("ARC-Message-Signature: tag i is not a number from 1 to 50") },
	{ "4.1.2 no such key", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=none; h=From; bh=$H; b=$B", FAIL("key none._domainkey.seal1.example: no key") },
	{ "4.1.2 key temporary", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=temp; h=From; bh=$H; b=$B", FAIL("key temp._domainkey.seal1.example: server failure") },
	{ "8301 key short", 1, 1, .ams = " i=1; a=rsa-sha256; d=seal1.example; s=short; h=From; bh=$H; b=$B", FAIL("key is shorter than 1024 bits") },

	/* section 4.2: structure */
	{ "4.2 no seal", 2, 2, .seal = "", FAIL("no ARC-Seal for i=2") },
	{ "4.2 no message signature", 2, 2, .ams = "", FAIL("no ARC-Message-Signature for i=2") },
	{ "4.2 no results", 2, 2, .aar = "", FAIL("no ARC-Authentication-Results for i=2") },
	{ "4.2 no first set", 2, 1, .aar = "", .ams = "", .seal = "", FAIL("no ARC-Authentication-Results for i=1") },
	{ "4.2 a gap", 3, 2, .aar = "", .ams = "", .seal = "", FAIL("no ARC-Authentication-Results for i=2") },
	{ "4.2 two seals", 1, CHANGE("From: Joe", "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=x.example; s=x; b=AAAA\r\nFrom: Joe"), FAIL("two ARC-Seal for i=1") },
	{ "4.2 two message signatures", 1, CHANGE("From: Joe", "ARC-Message-Signature: i=1; a=x\r\nFrom: Joe"), FAIL("two ARC-Message-Signature for i=1") },
	{ "4.2 two results", 1, CHANGE("From: Joe", "ARC-Authentication-Results: i=1; x\r\nFrom: Joe"), FAIL("two ARC-Authentication-Results for i=1") },
	{ "4.2.1 results without instance", 1, 1, .aar = " mx.example; spf=pass", FAIL("ARC-Authentication-Results does not begin with an instance from 1 to 50") },
	{ "4.2.1 results, empty instance", 1, 1, .aar = " i=; mx.example; none", FAIL("ARC-Authentication-Results does not begin with an instance from 1 to 50") },
	{ "4.2.1 results, instance not first", 1, 1, .aar = " mx.example; i=1; none", FAIL("ARC-Authentication-Results does not begin with an instance from 1 to 50") },
	{ "4.2.1 results, comments", 1, 1, .aar = " (a (b \\) c)) i (x) = \r\n (y) 1 (z) ; mx.example; none", PASS },
	{ "4.2.1 results, comment without end", 1, 1, .aar = " (i=1; mx.example; none", FAIL("ARC-Authentication-Results does not begin with an instance from 1 to 50") },
	{ "4.2.1 results, instance 51", 1, 1, .aar = " i=51; mx.example; none", FAIL("ARC-Authentication-Results does not begin with an instance from 1 to 50") },
	{ "4.2.1 results, instance 1x", 1, 1, .aar = " i=1x; mx.example; none", FAIL("ARC-Authentication-Results does not begin with an instance from 1 to 50") },
	{ "4.2.1 results, instance with zero", 1, 1, .aar = " i=01; mx.example; none", PASS },
	{ "4.2.1 instance 0", 1, 1, .seal = " i=0; a=rsa-sha256; cv=none; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal: tag i is not a number from 1 to 50") },
	{ "4.2.1 instance 51", 1, 1, .seal = " i=51; a=rsa-sha256; cv=none; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal: tag i is not a number from 1 to 50") },
	{ "4.2.1 instance 256+1", 1, 1, .seal = " i=257; a=rsa-sha256; cv=none; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal: tag i is not a number from 1 to 50") },
	{ "4.2.1 negative instance", 1, 1, .seal = " i=-1; a=rsa-sha256; cv=none; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal: tag i is not a number from 1 to 50") },
	{ "4.2.1 no instance", 1, 1, .seal = " a=rsa-sha256; cv=none; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal without instance") },
	{ "4.2.1 no instance in the message signature", 1, 1, .ams = " a=rsa-sha256; d=seal1.example; s=sel; h=From; bh=$H; b=$B", FAIL("ARC-Message-Signature without instance") },
	{ "4.2 fields in any order", 2, CHANGE("From: Joe", "Received: x\r\nFrom: Joe"), PASS },
	{ "4.2 another field that begins with ARC-", 1, CHANGE("From: Joe", "ARC-Other: x\r\nFrom: Joe"), PASS },

	/* section 4.1.3: seals */
	{ "4.1.3 cv= absent", 1, 1, .seal = " i=1; a=rsa-sha256; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal i=1: no tag cv") },
	{ "4.1.3 cv= pass at 1", 1, 1, .seal = " i=1; a=rsa-sha256; cv=pass; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal i=1: tag cv is not none") },
	{ "4.1.3 cv= none at 2", 2, 2, .seal = " i=2; a=rsa-sha256; cv=none; d=seal2.example; s=sel; b=$B", FAIL("ARC-Seal i=2: tag cv is not pass") },
	{ "4.1.3 cv= unknown", 1, 1, .seal = " i=1; a=rsa-sha256; cv=fine; d=seal1.example; s=sel; b=$B", FAIL("tag cv is not none") },
	{ "4.1.3 cv= empty", 1, 1, .seal = " i=1; a=rsa-sha256; cv=; d=seal1.example; s=sel; b=$B", FAIL("tag cv is not none") },
	{ "5.2 step 2: cv= fail at the newest", 2, 2, .seal = " i=2; a=rsa-sha256; cv=fail; d=seal2.example; s=sel; b=$B", FAIL("chain was already broken at i=2") },
	{ "5.2 step 3: cv= fail before", 3, 2, .seal = " i=2; a=rsa-sha256; cv=fail; d=seal2.example; s=sel; b=$B", FAIL("chain was already broken at i=2") },
	{ "4.1.3 cv= fail at 1", 1, 1, .seal = " i=1; a=rsa-sha256; cv=fail; d=seal1.example; s=sel; b=$B", FAIL("chain was already broken at i=1") },
	{ "4.1.3 h=", 1, 1, .seal = SEAL "; h=From", FAIL("ARC-Seal i=1: tag h is not allowed") },
	{ "4.1.3 a= absent", 1, 1, .seal = " i=1; cv=none; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal i=1: no tag a") },
	{ "4.1.3 a= rsa-sha1", 1, 1, .seal = " i=1; a=rsa-sha1; cv=none; d=seal1.example; s=sel; b=$B", FAIL("rsa-sha1") },
	{ "4.1.3 a= unknown", 2, 1, .seal = " i=1; a=rsa-md5; cv=none; d=seal1.example; s=sel; b=$B", FAIL("ARC-Seal i=1: tag a") },
	{ "4.1.3 d= absent", 1, 1, .seal = " i=1; a=rsa-sha256; cv=none; s=sel; b=$B", FAIL("no tag d") },
	{ "4.1.3 s= absent", 1, 1, .seal = " i=1; a=rsa-sha256; cv=none; d=seal1.example; b=$B", FAIL("no tag s") },
	{ "4.1.3 b= absent", 1, 1, .seal = " i=1; a=rsa-sha256; cv=none; d=seal1.example; s=sel", FAIL("no tag b") },
	{ "4.1.3 b= no base64", 1, 1, .seal = " i=1; a=rsa-sha256; cv=none; d=seal1.example; s=sel; b=*", FAIL("tag b is not base64") },
	{ "4.1.3 b= of something else", 2, 1, .seal = " i=1; a=rsa-sha256; cv=none; d=seal1.example; s=sel; b=AAAA", FAIL("ARC-Seal i=1: signature did not verify") },
	{ "4.1.3 duplicate tag", 1, 1, .seal = SEAL "; cv=none", FAIL("tag cv is given twice") },
	{ "4.1.3 unknown tag", 1, 1, .seal = SEAL "; zz=1", PASS },
	{ "4.1.3 c= is an unknown tag", 1, 1, .seal = SEAL "; c=simple", PASS },
	{ "4.1.3 no such key", 2, 1, .seal = " i=1; a=rsa-sha256; cv=none; d=seal1.example; s=none; b=$B", FAIL("ARC-Seal i=1: key none._domainkey.seal1.example: no key") },
	{ "4.1.3 key temporary", 2, 1, .seal = " i=1; a=rsa-sha256; cv=none; d=seal1.example; s=temp; b=$B", FAIL("server failure") },
	{ "8301 seal's key short", 1, 1, .seal = " i=1; a=rsa-sha256; cv=none; d=seal1.example; s=short; b=$B", FAIL("ARC-Seal i=1: key is shorter") },
	/* section 5.1.1: what a seal covers */
	{ "5.1.1 results changed", 1, CHANGE("spf=pass", "spf=fail"), FAIL("ARC-Seal i=1: signature did not verify") },
	{ "5.1.1 results of the first changed", 2, CHANGE("mx1.example", "mx7.example"), FAIL("ARC-Seal i=1: signature did not verify") },
	{ "5.1.1 results of the second changed", 3, CHANGE("mx2.example", "mx7.example"), FAIL("ARC-Seal i=2: signature did not verify") },
	{ "5.1.1 results refolded", 2, CHANGE("; spf=pass", ";\r\n\tspf=pass "), PASS },
	{ "5.1.1 older message signature changed", 2, CHANGE("i=1; a=rsa-sha256; c=", "i=1;  a=rsa-sha256;zz=1; c="), FAIL("ARC-Seal i=1: signature did not verify") },
	{ "5.1.1 older seal changed", 2, CHANGE("cv=none; ", "cv=none; zz=1; "), FAIL("ARC-Seal i=1: signature did not verify") },
};

static const char *t_expand(const char *text, unsigned int instance)
{
	text = t_test_replace(text, "$I", dec2str(instance));
	return t_test_replace(text, "$V", instance == 1 ? "none" : "pass");
}

/* The fields of sets before this one, and the new ones, as a seal covers
   them: instance by instance. */
static const char *
t_sealed(const char *message, unsigned int instance)
{
	static const char *const names[] = {
		"ARC-Authentication-Results", "ARC-Message-Signature",
		"ARC-Seal"
	};
	pool_t pool = pool_alloconly_create("sealed", 4096);
	string_t *data = t_str_new(4096);
	struct test_message parsed;
	unsigned int i, j, k;

	test_message_parse(pool, message, strlen(message), &parsed);
	for (i = 1; i <= instance; i++) {
		for (j = 0; j < N_ELEMENTS(names); j++) {
			const struct msg_field *field;

			for (k = 0; (field = msg_header_find(parsed.header,
						names[j], k)) != NULL; k++) {
				const char *start = t_strdup_printf("i=%u;", i);

				if (str_has_prefix(t_msg_field_value(field),
						   start))
					canonicalize_field(data, field,
						CANONICALIZATION_RELAXED, TRUE);
			}
		}
	}
	pool_unref(&pool);
	return str_c(data);
}

static const struct test_key *key_for(const char *tags)
{
	const char *s = t_test_tag(tags, "s");

	if (null_strcmp(s, "ed") == 0)
		return test_key_ed;
	return null_strcmp(s, "short") == 0 ? test_key_short : test_key;
}

static const char *
t_add_set(const char *message, unsigned int instance, const char *aar,
	  const char *ams, const char *seal)
{
	aar = t_expand(aar == NULL ? AAR : aar, instance);
	ams = t_expand(ams == NULL ? AMS : ams, instance);
	seal = t_expand(seal == NULL ? SEAL : seal, instance);

	if (*ams != '\0') {
		/* above the results, so that h= could select them */
		if (*aar != '\0') {
			message = t_strconcat("ARC-Authentication-Results:",
					      aar, "\r\n", message, NULL);
		}
		message = t_strconcat(t_test_sign(key_for(ams), message,
			"ARC-Message-Signature", ams), message, NULL);
	} else if (*aar != '\0') {
		message = t_strconcat("ARC-Authentication-Results:",
				      aar, "\r\n", message, NULL);
	}
	if (*seal != '\0') {
		const char *sealed = t_sealed(message, instance);

		/* results whose instance is written in other ways */
		if (*aar != '\0' && !str_has_prefix(aar, " i=1;") &&
		    strstr(sealed, "arc-authentication-results:") == NULL) {
			struct msg_field field = {
				.name = "ARC-Authentication-Results",
				.data = (const void *)t_strconcat(
					"ARC-Authentication-Results:", aar,
					"\r\n", NULL),
				.value_offset = 27
			};
			string_t *data = t_str_new(256);

			field.size = strlen((const char *)field.data);
			canonicalize_field(data, &field,
					   CANONICALIZATION_RELAXED, TRUE);
			sealed = t_strconcat(str_c(data), sealed, NULL);
		}
		message = t_strconcat(t_test_sign_data(key_for(seal), sealed,
			"ARC-Seal", seal), message, NULL);
	}
	return message;
}

static void resolved(void *context)
{
	unsigned int *count = context;

	(*count)++;
}

static const char *t_record(const struct test_key *key, const char *k)
{
	return t_strconcat("v=DKIM1; k=", k, "; p=", t_test_key_p(key), NULL);
}

static unsigned int
run_arc(pool_t pool, const char *data, size_t size,
	struct arc_outcome *outcome_r)
{
	struct test_answer answers[AUTHRES_MAX_ARC_INSTANCES + 3];
	unsigned int i, waves = 0;

	i_zero(&answers);
	for (i = 0; i < AUTHRES_MAX_ARC_INSTANCES; i++) {
		answers[i].name = t_strdup_printf(
			"sel._domainkey.seal%u.example", i + 1);
		answers[i].texts[0] = t_record(test_key, "rsa");
		answers[i].slow = TRUE;
	}
	answers[i].name = "temp._domainkey.seal1.example";
	answers[i++].status = DNS_STATUS_TEMPORARY;
	answers[i].name = "short._domainkey.seal1.example";
	answers[i++].texts[0] = t_record(test_key_short, "rsa");
	answers[i].name = "ed._domainkey.ed.example";
	answers[i++].texts[0] = t_record(test_key_ed, "ed25519");

	struct resolver *resolver = test_resolver_init(answers, i);
	struct dns_session *dns = dns_session_init(pool, resolver);
	struct body_hash_set *hashes = body_hash_set_init(pool);
	struct test_message message;
	struct arc_check *check;

	test_message_parse(pool, data, size, &message);
	check = check_arc_init(pool, &test_set, message.header, hashes, dns);
	test_message_hash_body(&message, hashes);
	for (;;) {
		dns_session_begin_run(dns);
		check_arc_verify(check, dns, outcome_r);
		if (!dns_session_run_incomplete(dns))
			break;
		dns_session_resolve(dns, resolved, &waves);
		test_resolver_release(resolver);
	}
	body_hash_set_deinit(&hashes);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
	return waves;
}

static void test_one_arc(const struct arc_test *test)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	const char *changed, *message = MESSAGE;
	struct arc_outcome outcome;
	unsigned int i;

	for (i = 1; i <= test->count; i++) {
		if (i != test->at) {
			message = t_add_set(message, i, NULL, NULL, NULL);
			continue;
		}
		if (test->before_from != NULL) {
			changed = t_test_replace(message, test->before_from,
						 test->before_to);
			test_assert(strcmp(message, changed) != 0);
			message = changed;
		}
		message = t_add_set(message, i, test->aar, test->ams,
				    test->seal);
	}
	if (test->from != NULL) {
		changed = t_test_replace(message, test->from, test->to);
		test_assert(strcmp(message, changed) != 0);
		message = changed;
	}
	/* the keys of a chain, and those of older message signatures */
	test_assert(run_arc(pool, message, strlen(message), &outcome) <= 2);
	if (outcome.result != test->result ||
	    outcome.oldest_pass != test->oldest_pass ||
	    (test->reason == NULL) != (outcome.reason == NULL) ||
	    (test->reason != NULL &&
	     strstr(outcome.reason, test->reason) == NULL)) {
		test_out_reason(test->section, FALSE, t_strdup_printf(
			"%s (%s) oldest-pass=%u",
			check_result_word_name(outcome.result),
			outcome.reason, outcome.oldest_pass));
		test_assert(FALSE);
	}
	test_assert(array_count(&outcome.sets) ==
		    (outcome.result == CHECK_RESULT_PASS ? test->count : 0));
	pool_unref(&pool);
}

static void test_check_arc_table(void)
{
	unsigned int i;

	test_begin(t_strdup_printf("check arc: %u chains",
				   (unsigned int)N_ELEMENTS(arc_tests)));
	for (i = 0; i < N_ELEMENTS(arc_tests); i++) T_BEGIN {
		test_one_arc(&arc_tests[i]);
	} T_END;
	test_end();
}

static void test_check_arc_sets(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	const char *message = MESSAGE;
	const struct arc_set_outcome *sets;
	const struct check_result *result;
	struct check_result report;
	struct arc_outcome outcome;
	struct ip_addr ip;

	test_begin("check arc: what the sets say");
	message = t_add_set(message, 1, NULL, NULL, NULL);
	message = t_add_set(message, 2, " i=2; lists.example 1; dmarc=pass "
		"header.from=example.org; dkim=fail header.d=example.org; "
		"arc=pass", NULL, NULL);
	message = t_add_set(message, 3, " i=3; ;;broken", NULL, NULL);
	(void)run_arc(pool, message, strlen(message), &outcome);
	test_assert(outcome.result == CHECK_RESULT_PASS);
	test_assert(outcome.newest_instance == 3);
	sets = array_front(&outcome.sets);
	test_assert_strcmp(sets[0].sealer, "seal1.example");
	test_assert_strcmp(sets[0].authserv_id, "mx1.example");
	test_assert(array_count(&sets[0].results) == 1);
	test_assert_strcmp(sets[1].sealer, "seal2.example");
	test_assert_strcmp(sets[1].authserv_id, "lists.example");
	test_assert(array_count(&sets[1].results) == 3);
	result = array_front(&sets[1].results);
	test_assert(result->method == CHECK_METHOD_DMARC);
	test_assert(result->result == CHECK_RESULT_PASS);
	test_assert_strcmp(check_result_property(result, "header", "from"),
			   "example.org");
	/* unreadable results do not break a chain */
	test_assert(sets[2].authserv_id == NULL);
	test_assert(array_count(&sets[2].results) == 0);

	test_assert(net_addr2ip("192.0.2.7", &ip) == 0);
	check_arc_report(pool, &outcome, &ip, &report);
	test_assert(report.method == CHECK_METHOD_ARC);
	test_assert(report.result == CHECK_RESULT_PASS);
	test_assert_strcmp(report.comment, "i=3 sealed by seal3.example");
	test_assert_strcmp(check_result_property(&report, "smtp", "remote-ip"),
			   "192.0.2.7");
	test_assert_strcmp(check_result_property(&report, "header",
						 "oldest-pass"), "0");
	pool_unref(&pool);
	test_end();
}

static void test_check_arc_report(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	const char *message = t_add_set(MESSAGE, 1, NULL, NULL, NULL);
	struct check_result report;
	struct arc_outcome outcome;

	test_begin("check arc: report of no chain and a broken one");
	(void)run_arc(pool, MESSAGE, strlen(MESSAGE), &outcome);
	check_arc_report(pool, &outcome, NULL, &report);
	test_assert(report.result == CHECK_RESULT_NONE);
	test_assert(report.reason == NULL && report.comment == NULL);
	test_assert(!array_is_created(&report.properties));

	message = t_test_replace(message, "lost", "won");
	(void)run_arc(pool, message, strlen(message), &outcome);
	check_arc_report(pool, &outcome, NULL, &report);
	test_assert(report.result == CHECK_RESULT_FAIL);
	test_assert_strcmp(report.comment, "i=1");
	test_assert_strcmp(report.reason,
		"ARC-Message-Signature i=1: body hash did not verify");
	test_assert(check_result_property(&report, "header",
					  "oldest-pass") == NULL);
	pool_unref(&pool);
	test_end();
}

static void test_check_arc_limits(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	const char *message;
	string_t *text = t_str_new(65536);
	struct arc_outcome outcome;
	unsigned int i;

	test_begin("check arc: limits");
	/* the header is cut */
	str_append(text, t_add_set(FIELDS, 1, NULL, NULL, NULL));
	for (i = 0; i < AUTHRES_MAX_HEADER_FIELDS; i++)
		str_append(text, "X: y\r\n");
	(void)run_arc(pool, str_c(text), str_len(text), &outcome);
	test_assert(outcome.result == CHECK_RESULT_FAIL);
	test_assert_strcmp(outcome.reason, "more than 1000 header fields");

	/* a fifty-first set */
	message = MESSAGE;
	for (i = 1; i <= AUTHRES_MAX_ARC_INSTANCES + 1; i++)
		message = t_add_set(message, i, NULL, NULL, NULL);
	(void)run_arc(pool, message, strlen(message), &outcome);
	test_assert(outcome.result == CHECK_RESULT_FAIL);
	test_assert_strcmp(outcome.reason,
		"ARC-Seal: tag i is not a number from 1 to 50");

	/* NUL in what a seal covers */
	message = t_add_set(MESSAGE, 1, NULL, NULL, NULL);
	str_truncate(text, 0);
	str_append(text, message);
	((char *)buffer_get_modifiable_data(text, NULL))
		[strstr(message, "mailfrom") - message] = '\0';
	(void)run_arc(pool, str_c(text), str_len(text), &outcome);
	test_assert(outcome.result == CHECK_RESULT_FAIL);
	test_assert_strcmp(outcome.reason,
			   "ARC-Seal i=1: signature did not verify");
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_check_arc_table,
		test_check_arc_sets,
		test_check_arc_report,
		test_check_arc_limits,
		NULL
	};
	struct ioloop *ioloop;
	int ret;

	test_key = test_key_rsa(1024);
	test_key_short = test_key_rsa(768);
	test_key_ed = test_key_ed25519();
	/* waiting for DNS needs one */
	ioloop = io_loop_create();
	ret = test_run(test_functions);
	io_loop_destroy(&ioloop);
	test_key_free(&test_key);
	test_key_free(&test_key_short);
	test_key_free(&test_key_ed);
	return ret;
}
