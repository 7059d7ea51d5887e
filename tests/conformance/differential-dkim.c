/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "body-hash.h"
#include "dns-session.h"
#include "check-dkim.h"
#include "engine-libopendkim.h"
#include "dkim-mail-generator.h"

#include <stdio.h>

/* The native DKIM engine against libopendkim behind its guard, on generated
   messages. Every disagreement has to have a cause that is known: a class
   below says what it is and who is right. To fall in a class, the disagreement
   has to go away without all such causes, and either to come back with this
   one alone or to go away without it alone. */

/* at least this many signatures that the library was asked about */
#define MIN_COMPARED 5000
#define DEFAULT_MESSAGES 6000
#define MAX_PRINTED 20

struct differential_class {
	enum dkim_mail_feature feature;
	const char *name;
	/* RFC 6376 unless it says otherwise */
	const char *section;
	const char *right;
	unsigned int count;
};

static struct differential_class classes[DKIM_MAIL_FEATURE_COUNT] = {
	{ DKIM_MAIL_TAG_ENDS_IN_B,
	  "the value of another tag whose name ends in b is taken out", "3.7",
	  "native", 0 },
	{ DKIM_MAIL_SPACE_AFTER_B,
	  "b= is not taken out when white space stands before =", "3.2, 3.7",
	  "native", 0 },
	{ DKIM_MAIL_SIGNS_ITSELF,
	  "h= selects the signature itself as well", "3.5 h=, 3.7",
	  "native", 0 },
	{ DKIM_MAIL_AT_IN_LOCAL_PART,
	  "a quoted @ in the local-part begins the domain", "3.5 i=",
	  "native", 0 },
	{ DKIM_MAIL_BARE_KEY, "p= as RSAPublicKey is refused", "3.6.1 p=",
	  "native", 0 },
	{ DKIM_MAIL_UTF8_IN_KEY, "a key record with UTF-8 is refused",
	  "RFC 8616 section 4", "native", 0 },
	{ DKIM_MAIL_TAB_BEFORE_COLON,
	  "a message with a tab before a colon is refused",
	  "RFC 5322 section 4.5", "native", 0 },
	{ DKIM_MAIL_BARE_CR_IN_HEADER, "a bare CR in a field",
	  "3.4.1, 3.4.2", "native", 0 },
	{ DKIM_MAIL_BARE_CR_IN_BODY, "a bare CR in the body",
	  "3.4.3, 3.4.4", "native", 0 },
};

struct differential {
	struct dkim_mail_keys keys;
	struct dkim_settings set;
	unsigned int messages;
	/* signatures */
	unsigned int guarded, compared, agreed, disagreed, unknown;
	unsigned int words[CHECK_RESULT_COUNT];
};

/* One engine's results for one message. */
struct engine_outcomes {
	ARRAY_TYPE(dkim_signature_outcome) list;
};

static void resolved(void *context ATTR_UNUSED)
{
}

static void run_engine(struct differential *diff, pool_t pool,
		       const struct dkim_mail *mail, bool libopendkim,
		       struct engine_outcomes *outcomes_r)
{
	static const char *const no_domains[] = { NULL };
	struct resolver *resolver =
		test_resolver_init(mail->answers, mail->signature_count);
	struct dns_session *dns = dns_session_init(pool, resolver);
	struct body_hash_set *hashes = body_hash_set_init(pool);
	struct engine_libopendkim *engine = NULL;
	struct test_message message;
	struct dkim_check *check;

	test_message_parse(pool, str_data(mail->message),
			   str_len(mail->message), &message);
	check = check_dkim_init(pool, &diff->set, message.header, no_domains,
				libopendkim ? NULL : hashes, dns);
	if (libopendkim) {
		engine = engine_libopendkim_init(check);
		engine_libopendkim_more(engine, str_data(message.body),
					str_len(message.body));
	} else {
		test_message_hash_body(&message, hashes);
	}
	for (;;) {
		dns_session_begin_run(dns);
		if (libopendkim)
			engine_libopendkim_verify(engine, dns,
						  &outcomes_r->list);
		else
			check_dkim_verify(check, dns, &outcomes_r->list);
		if (!dns_session_run_incomplete(dns))
			break;
		dns_session_resolve(dns, resolved, NULL);
	}
	engine_libopendkim_deinit(&engine);
	body_hash_set_deinit(&hashes);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
}

static bool is_guarded(const struct dkim_signature_outcome *outcome)
{
	return outcome->result == CHECK_RESULT_POLICY &&
		strstr(outcome->reason, "for libopendkim") != NULL;
}

static bool outcomes_agree(const struct dkim_signature_outcome *native,
			   const struct dkim_signature_outcome *library)
{
	if (native->result != library->result)
		return FALSE;
	/* a message may be refused before any key was looked at */
	return native->result == CHECK_RESULT_PERMERROR ||
		(native->key_bits == library->key_bits &&
		 native->unsigned_body_bytes == library->unsigned_body_bytes);
}

/* Do both say the same of the idx-th signature with these features only? */
static bool agree_with(struct differential *diff, unsigned int seed,
		       unsigned int features, unsigned int idx)
{
	pool_t pool = pool_alloconly_create("differential", 16384);
	struct engine_outcomes native, library;
	struct dkim_mail mail;
	bool agree;

	dkim_mail_generate(&diff->keys, seed, features, &mail);
	run_engine(diff, pool, &mail, FALSE, &native);
	run_engine(diff, pool, &mail, TRUE, &library);
	agree = outcomes_agree(array_idx(&native.list, idx),
			       array_idx(&library.list, idx));
	pool_unref(&pool);
	return agree;
}

static bool find_classes(struct differential *diff, unsigned int seed,
			 unsigned int features, unsigned int idx)
{
	bool found = FALSE;
	unsigned int i;

	if (!agree_with(diff, seed, 0, idx))
		return FALSE;
	for (i = 0; i < N_ELEMENTS(classes); i++) {
		unsigned int feature = classes[i].feature;

		if ((features & feature) != 0 &&
		    (!agree_with(diff, seed, feature, idx) ||
		     agree_with(diff, seed, features & ~feature, idx))) {
			classes[i].count++;
			found = TRUE;
		}
	}
	return found;
}

static void print_unknown(unsigned int seed, const struct dkim_mail *mail,
			  const struct dkim_signature_outcome *native,
			  const struct dkim_signature_outcome *library)
{
	printf("seed %u: native %s (%s), libopendkim %s (%s)\n%s\n---\n", seed,
	       check_result_word_name(native->result),
	       native->reason == NULL ? "" : native->reason,
	       check_result_word_name(library->result),
	       library->reason == NULL ? "" : library->reason,
	       str_len(mail->message) < 4096 ?
			str_c(mail->message) : "(long)");
}

static void compare_message(struct differential *diff, unsigned int seed)
{
	pool_t pool = pool_alloconly_create("differential", 16384);
	unsigned int i, count, features = dkim_mail_features(seed);
	const struct dkim_signature_outcome *natives, *libraries;
	struct engine_outcomes native, library;
	struct dkim_mail mail;

	dkim_mail_generate(&diff->keys, seed, features, &mail);
	run_engine(diff, pool, &mail, FALSE, &native);
	run_engine(diff, pool, &mail, TRUE, &library);
	natives = array_get(&native.list, &count);
	libraries = array_front(&library.list);
	i_assert(count == array_count(&library.list));
	diff->messages++;
	for (i = 0; i < count; i++) {
		if (is_guarded(&libraries[i])) {
			diff->guarded++;
			continue;
		}
		diff->compared++;
		diff->words[natives[i].result]++;
		if (outcomes_agree(&natives[i], &libraries[i])) {
			diff->agreed++;
		} else {
			diff->disagreed++;
			/* all classes are about a library that is too strict */
			if (libraries[i].result == CHECK_RESULT_PASS ||
			    !find_classes(diff, seed, features, i)) {
				if (diff->unknown++ < MAX_PRINTED) {
					print_unknown(seed, &mail, &natives[i],
						      &libraries[i]);
				}
			}
		}
	}
	pool_unref(&pool);
}

static void print_summary(const struct differential *diff)
{
	unsigned int i;

	printf("differential-dkim: %u messages, %u signatures compared "
	       "(%u guarded), %u agree, %u do not\n", diff->messages,
	       diff->compared, diff->guarded, diff->agreed, diff->disagreed);
	printf("  native says:");
	for (i = 0; i < CHECK_RESULT_COUNT; i++) {
		if (diff->words[i] > 0) {
			printf(" %s %u", check_result_word_name(i),
			       diff->words[i]);
		}
	}
	printf("\n");
	for (i = 0; i < N_ELEMENTS(classes); i++) {
		printf("  %5u  %s (%s): %s is right\n", classes[i].count,
		       classes[i].name, classes[i].section, classes[i].right);
	}
	printf("  %5u  without a known cause\n", diff->unknown);
}

/* usage: differential-dkim [first seed [messages]] */
int main(int argc, char *argv[])
{
	struct differential diff;
	unsigned int seed = 1, count = DEFAULT_MESSAGES, i;
	bool failed = FALSE;

	lib_init();
	if ((argc > 1 && str_to_uint(argv[1], &seed) < 0) ||
	    (argc > 2 && str_to_uint(argv[2], &count) < 0))
		i_fatal("usage: differential-dkim [first seed [messages]]");
	i_zero(&diff);
	diff.set.min_key_bits = 1024;
	diff.set.now = 1700000000;
	diff.keys.rsa = test_key_rsa(1024);
	diff.keys.short_rsa = test_key_rsa(768);
	diff.keys.ed25519 = test_key_ed25519();
	diff.keys.other = test_key_rsa(1024);
	for (i = 0; i < count; i++) T_BEGIN {
		compare_message(&diff, seed + i);
	} T_END;
	print_summary(&diff);

	failed = diff.unknown > 0;
	/* a comparison that compares little is none */
	if (argc == 1) {
		if (diff.compared < MIN_COMPARED)
			failed = TRUE;
		for (i = 0; i < N_ELEMENTS(classes); i++) {
			if (classes[i].count == 0)
				failed = TRUE;
		}
	}
	test_key_free(&diff.keys.rsa);
	test_key_free(&diff.keys.short_rsa);
	test_key_free(&diff.keys.ed25519);
	test_key_free(&diff.keys.other);
	lib_deinit();
	return failed ? 1 : 0;
}
