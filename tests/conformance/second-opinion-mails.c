/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hex-binary.h"
#include "str.h"
#include "body-hash.h"
#include "dns-session.h"
#include "check-dkim.h"
#include "dkim-mail-generator.h"

#include <stdio.h>

/* Generated messages and what the native engine says of their signatures, for
   second-opinion-dkim. Lines with tabs, bytes in hex:

   S seed features
   K name status text...	for each key record
   R result reason		for each signature from the top
   M message			ends the case */

static const char *const status_names[] = {
	[DNS_STATUS_ANSWER] = "answer",
	[DNS_STATUS_NODATA] = "nodata",
	[DNS_STATUS_NXDOMAIN] = "nxdomain",
	[DNS_STATUS_TEMPORARY] = "temporary",
};

static void resolved(void *context ATTR_UNUSED)
{
}

static void print_keys(const struct dkim_mail *mail)
{
	unsigned int i, j;

	for (i = 0; i < mail->signature_count; i++) {
		const struct test_answer *answer = &mail->answers[i];

		printf("K\t%s\t%s", answer->name, status_names[answer->status]);
		for (j = 0; answer->texts[j] != NULL; j++) {
			printf("\t%s", binary_to_hex((const void *)
				answer->texts[j], strlen(answer->texts[j])));
		}
		printf("\n");
	}
}

static void print_results(pool_t pool, const struct dkim_settings *set,
			  const struct dkim_mail *mail)
{
	static const char *const no_domains[] = { NULL };
	struct resolver *resolver =
		test_resolver_init(mail->answers, mail->signature_count);
	struct dns_session *dns = dns_session_init(pool, resolver);
	struct body_hash_set *hashes = body_hash_set_init(pool);
	ARRAY_TYPE(dkim_signature_outcome) outcomes;
	const struct dkim_signature_outcome *outcome;
	struct test_message message;
	struct dkim_check *check;

	test_message_parse(pool, str_data(mail->message),
			   str_len(mail->message), &message);
	check = check_dkim_init(pool, set, message.header, no_domains,
				hashes, dns);
	test_message_hash_body(&message, hashes);
	for (;;) {
		dns_session_begin_run(dns);
		check_dkim_verify(check, dns, &outcomes);
		if (!dns_session_run_incomplete(dns))
			break;
		dns_session_resolve(dns, resolved, NULL);
	}
	array_foreach(&outcomes, outcome) {
		printf("R\t%s\t%s\n", check_result_word_name(outcome->result),
		       outcome->reason == NULL ? "" : outcome->reason);
	}
	body_hash_set_deinit(&hashes);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
}

static void print_mail(const struct dkim_mail_keys *keys,
		       const struct dkim_settings *set, unsigned int seed)
{
	pool_t pool = pool_alloconly_create("second opinion", 16384);
	unsigned int features = dkim_mail_features(seed);
	struct dkim_mail mail;

	dkim_mail_generate(keys, seed, features, &mail);
	printf("S\t%u\t%u\n", seed, features);
	print_keys(&mail);
	print_results(pool, set, &mail);
	printf("M\t%s\n", binary_to_hex(str_data(mail.message),
					str_len(mail.message)));
	pool_unref(&pool);
}

/* usage: second-opinion-mails [messages [first seed]] */
int main(int argc, char *argv[])
{
	struct dkim_settings set = {
		.min_key_bits = 1024,
		.now = 1700000000,
	};
	unsigned int i, count = 3000, seed = 1;
	struct dkim_mail_keys keys;

	lib_init();
	if ((argc > 1 && str_to_uint(argv[1], &count) < 0) ||
	    (argc > 2 && str_to_uint(argv[2], &seed) < 0))
		i_fatal("usage: second-opinion-mails [messages [first seed]]");
	keys.rsa = test_key_rsa(1024);
	keys.short_rsa = test_key_rsa(768);
	keys.ed25519 = test_key_ed25519();
	keys.other = test_key_rsa(1024);
	for (i = 0; i < count; i++) T_BEGIN {
		print_mail(&keys, &set, seed + i);
	} T_END;
	test_key_free(&keys.rsa);
	test_key_free(&keys.short_rsa);
	test_key_free(&keys.ed25519);
	test_key_free(&keys.other);
	lib_deinit();
	return 0;
}
