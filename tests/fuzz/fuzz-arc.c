/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "crc32.h"
#include "net.h"
#include "str.h"
#include "authres-limits.h"
#include "arc-set.h"
#include "body-hash.h"
#include "check-arc.h"
#include "dns-session.h"
#include "msg-parser.h"
#include "reference-dkim.h"
#include "fuzzer.h"

/* The input is a message. The chain's result has to be the reference's, also
   when the reference has signed and sealed it anew, and when something was
   changed after that. */

static const struct dkim_settings fuzz_set = {
	.min_key_bits = 1024,
	.now = FUZZ_NOW,
};

struct fuzz_chain {
	struct fuzz_mail mail;
	struct reference_message message;
	struct arc_chain chain;
	int ret;
};

static void fuzz_chain_init(struct fuzz_chain *fuzz_r, const string_t *text)
{
	const char *reason;

	fuzz_mail_init(&fuzz_r->mail, text);
	reference_message_read(str_data(text), str_len(text),
			       &fuzz_r->message);
	fuzz_r->ret = arc_chain_collect(fuzz_r->mail.pool, fuzz_r->mail.header,
					&fuzz_r->chain, &reason);
}

static void run_check(const struct fuzz_mail *mail,
		      struct arc_outcome *outcome_r)
{
	struct resolver *resolver = reference_resolver_init();
	struct dns_session *dns = dns_session_init(mail->pool, resolver);
	struct body_hash_set *hashes = body_hash_set_init(mail->pool);
	struct arc_check *check;
	unsigned int waves = 0;

	check = check_arc_init(mail->pool, &fuzz_set, mail->header,
			       hashes, dns);
	body_hash_more(hashes, str_data(mail->body), str_len(mail->body));
	body_hash_finish(hashes);
	for (;;) {
		dns_session_begin_run(dns);
		check_arc_verify(check, dns, outcome_r);
		if (!dns_session_run_incomplete(dns))
			break;
		i_assert(++waves <= 2);
		fuzz_resolve(dns);
	}
	i_assert(dns_session_questions(dns) <= 2 * AUTHRES_MAX_ARC_INSTANCES);
	body_hash_set_deinit(&hashes);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
}

static unsigned int
field_idx(const struct fuzz_chain *fuzz, const struct msg_field *field)
{
	return field - array_front(&fuzz->mail.header->fields);
}

static bool message_signature_usable(const struct arc_set *set)
{
	const char *reason;

	return set->message_signature_error == NULL &&
		!str_array_icase_find(set->message_signature.signed_names,
				      "ARC-Seal") &&
		dkim_signature_check_time(&set->message_signature, FUZZ_NOW,
					  &reason) == 0;
}

static bool message_signature_good(const struct fuzz_chain *fuzz,
				   const struct arc_set *set)
{
	const struct dkim_signature *sig = &set->message_signature;
	struct reference_body body;

	if (!message_signature_usable(set) ||
	    reference_key_result(sig) != CHECK_RESULT_PASS)
		return FALSE;
	reference_body_hash(&fuzz->message, sig, &body);
	return body.unsigned_bytes == 0 && !body.shorter_than_length &&
		reference_body_good(&fuzz->message, sig) &&
		reference_verify(sig, reference_signed_header(&fuzz->message,
			field_idx(fuzz, sig->field), sig));
}

/* RFC 8617 section 5.1.1: all sets up to this one, its own seal last. */
static string_t *
sealed_data(const struct fuzz_chain *fuzz, unsigned int instance)
{
	const struct reference_field *fields =
		array_front(&fuzz->message.fields), *seal;
	string_t *data = t_str_new(4096);
	unsigned int i;

	for (i = 0; i < instance; i++) {
		const struct arc_set *set = &fuzz->chain.sets[i];

		reference_field_canonical(data,
			&fields[field_idx(fuzz, set->authentication_results)],
			CANONICALIZATION_RELAXED);
		reference_field_canonical(data,
			&fields[field_idx(fuzz, set->message_signature.field)],
			CANONICALIZATION_RELAXED);
		seal = &fields[field_idx(fuzz, set->seal.field)];
		if (i + 1 < instance) {
			reference_field_canonical(data, seal,
						  CANONICALIZATION_RELAXED);
		} else {
			reference_emptied_field(data, seal,
						CANONICALIZATION_RELAXED);
		}
	}
	return data;
}

static bool seals_good(const struct fuzz_chain *fuzz)
{
	unsigned int i;

	for (i = 0; i < fuzz->chain.count; i++) {
		const struct dkim_signature *seal = &fuzz->chain.sets[i].seal;

		if (reference_key_result(seal) != CHECK_RESULT_PASS ||
		    !reference_verify(seal, sealed_data(fuzz, i + 1)))
			return FALSE;
	}
	return TRUE;
}

static void expected_outcome(const struct fuzz_chain *fuzz,
			     enum check_result_word *result_r,
			     unsigned int *oldest_pass_r)
{
	const struct arc_set *sets = fuzz->chain.sets;
	unsigned int i = fuzz->chain.count;

	*oldest_pass_r = 0;
	*result_r = CHECK_RESULT_FAIL;
	if (fuzz->ret == 0)
		*result_r = CHECK_RESULT_NONE;
	if (fuzz->ret <= 0 || fuzz->mail.header->limit_reason != NULL ||
	    !message_signature_good(fuzz, &sets[i - 1]) || !seals_good(fuzz))
		return;
	*result_r = CHECK_RESULT_PASS;
	while (i > 1 && message_signature_good(fuzz, &sets[i - 2]))
		i--;
	*oldest_pass_r = i == 1 ? 0 : i;
}

static bool has_arc_field(const struct msg_header *header)
{
	return msg_header_find(header, "ARC-Seal", 0) != NULL ||
		msg_header_find(header, "ARC-Message-Signature", 0) != NULL ||
		msg_header_find(header, "ARC-Authentication-Results",
				0) != NULL;
}

static void check_outcome(const struct fuzz_mail *mail,
			  const struct arc_outcome *outcome)
{
	const struct arc_set_outcome *set;
	struct check_result report;
	struct ip_addr no_ip;

	i_assert((outcome->result == CHECK_RESULT_NONE) ==
		 !has_arc_field(mail->header));
	i_assert((outcome->result == CHECK_RESULT_FAIL) ==
		 (outcome->reason != NULL));
	i_assert(outcome->newest_instance <= AUTHRES_MAX_ARC_INSTANCES);
	i_assert(array_count(&outcome->sets) ==
		 (outcome->result == CHECK_RESULT_PASS ?
		  outcome->newest_instance : 0));
	array_foreach(&outcome->sets, set) {
		i_assert(set->sealer != NULL);
		i_assert(array_is_created(&set->results));
	}
	i_zero(&no_ip);
	check_arc_report(mail->pool, outcome, &no_ip, &report);
	i_assert(report.result == outcome->result);
}

static void fuzz_message(const string_t *text)
{
	struct fuzz_chain fuzz;
	struct arc_outcome outcome;
	enum check_result_word result;
	unsigned int oldest_pass;

	fuzz_chain_init(&fuzz, text);
	run_check(&fuzz.mail, &outcome);
	check_outcome(&fuzz.mail, &outcome);
	expected_outcome(&fuzz, &result, &oldest_pass);
	i_assert(outcome.result == result);
	i_assert(outcome.oldest_pass == oldest_pass);
	pool_unref(&fuzz.mail.pool);
}

static bool can_sign(const struct dkim_signature *sig)
{
	return sig->key_type == PUBLIC_KEY_ED25519 &&
		reference_key_result(sig) == CHECK_RESULT_PASS;
}

/* Sign and seal every set that the ed25519 key can. Returns the message, or
   NULL if it has no chain. */
static string_t *t_sealed(const string_t *text)
{
	struct fuzz_chain fuzz;
	struct reference_field *fields;
	struct reference_body body;
	unsigned int i, idx;

	fuzz_chain_init(&fuzz, text);
	if (fuzz.ret <= 0 || fuzz.mail.header->limit_reason != NULL) {
		pool_unref(&fuzz.mail.pool);
		return NULL;
	}
	fields = array_front_modifiable(&fuzz.message.fields);
	for (i = 0; i < fuzz.chain.count; i++) {
		const struct arc_set *set = &fuzz.chain.sets[i];
		const struct dkim_signature *sig = &set->message_signature;

		if (set->message_signature_error == NULL && can_sign(sig)) {
			idx = field_idx(&fuzz, sig->field);
			reference_body_hash(&fuzz.message, sig, &body);
			reference_field_set_tag(&fields[idx], "bh", body.hash);
			reference_field_set_tag(&fields[idx], "b",
				t_reference_sign(reference_signed_header(
					&fuzz.message, idx, sig)));
		}
		if (can_sign(&set->seal)) {
			idx = field_idx(&fuzz, set->seal.field);
			reference_field_set_tag(&fields[idx], "b",
				t_reference_sign(sealed_data(&fuzz, i + 1)));
		}
	}
	pool_unref(&fuzz.mail.pool);
	return reference_message_write(&fuzz.message);
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	string_t *text = t_str_new(size + 1);
	uint32_t hash = crc32_data(data, size);
	unsigned char *byte;

	str_append_data(text, data, size);
	fuzz_message(text);
	text = t_sealed(text);
	if (text != NULL) {
		fuzz_message(text);
		byte = buffer_get_modifiable_data(text, NULL);
		byte[hash % str_len(text)] ^= (hash >> 24) | 1;
		fuzz_message(text);
	}
}
FUZZ_END
