/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "crc32.h"
#include "str.h"
#include "authres-limits.h"
#include "body-hash.h"
#include "check-dkim.h"
#include "dns-session.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "reference-dkim.h"
#include "fuzzer.h"

/* The input is a message. Every signature's result has to be the reference's,
   also when the reference has signed it anew, and when something was changed
   after that. */

static const struct dkim_settings fuzz_set = {
	.min_key_bits = 1024,
	.now = FUZZ_NOW,
};

static void run_check(const struct fuzz_mail *mail,
		      ARRAY_TYPE(dkim_signature_outcome) *outcomes_r)
{
	static const char *const no_domains[] = { NULL };
	struct resolver *resolver = reference_resolver_init();
	struct dns_session *dns = dns_session_init(mail->pool, resolver);
	struct body_hash_set *hashes = body_hash_set_init(mail->pool);
	struct dkim_check *check;
	unsigned int waves = 0;

	check = check_dkim_init(mail->pool, &fuzz_set, mail->header,
				no_domains, hashes, dns);
	body_hash_more(hashes, str_data(mail->body), str_len(mail->body));
	body_hash_finish(hashes);
	for (;;) {
		dns_session_begin_run(dns);
		check_dkim_verify(check, dns, outcomes_r);
		if (!dns_session_run_incomplete(dns))
			break;
		i_assert(++waves == 1);
		fuzz_resolve(dns);
	}
	i_assert(dns_session_questions(dns) <= AUTHRES_MAX_DKIM_SIGNATURES);
	body_hash_set_deinit(&hashes);
	dns_session_deinit(&dns);
	resolver_deinit(&resolver);
}

/* What the result has to be. */
static enum check_result_word
expected_result(const struct fuzz_mail *mail,
		const struct reference_message *message, unsigned int idx,
		unsigned int number)
{
	const struct msg_field *field = array_idx(&mail->header->fields, idx);
	enum check_result_word result;
	struct dkim_signature sig;
	struct reference_body body;
	const char *reason;

	if (number >= AUTHRES_MAX_DKIM_SIGNATURES)
		return CHECK_RESULT_POLICY;
	if (dkim_signature_parse(mail->pool, field, DKIM_SIGNATURE_DKIM, &sig,
				 &result, &reason) < 0)
		return result;
	if (dkim_signature_check_time(&sig, FUZZ_NOW, &reason) < 0)
		return CHECK_RESULT_PERMERROR;
	if (mail->header->limit_reason != NULL)
		return CHECK_RESULT_POLICY;
	result = reference_key_result(&sig);
	if (result != CHECK_RESULT_PASS)
		return result;
	reference_body_hash(message, &sig, &body);
	if (body.shorter_than_length)
		return CHECK_RESULT_PERMERROR;
	if (!reference_body_good(message, &sig) ||
	    !reference_verify(&sig, reference_signed_header(message, idx,
							    &sig)))
		return CHECK_RESULT_FAIL;
	return body.unsigned_bytes > 0 ? CHECK_RESULT_POLICY :
		CHECK_RESULT_PASS;
}

static void check_outcome(const struct fuzz_mail *mail,
			  const struct dkim_signature_outcome *outcome)
{
	struct check_result report;

	i_assert((outcome->result == CHECK_RESULT_PASS) ==
		 (outcome->reason == NULL));
	i_assert(!outcome->body_hash_only_failed ||
		 outcome->result == CHECK_RESULT_FAIL ||
		 outcome->result == CHECK_RESULT_PERMERROR);
	if (outcome->result == CHECK_RESULT_PASS) {
		i_assert(outcome->key_bits == 256 || outcome->key_bits == 2048);
		i_assert(outcome->unsigned_body_bytes == 0);
		i_assert(domain_is_within(strrchr(outcome->auid, '@') + 1,
					  outcome->sdid));
	}
	check_dkim_report(mail->pool, outcome, 8, &report);
	i_assert(report.result == outcome->result);
}

static bool is_signature(const char *name)
{
	return strcasecmp(name, "DKIM-Signature") == 0;
}

static void fuzz_message(const string_t *text)
{
	struct fuzz_mail mail;
	struct reference_message message;
	ARRAY_TYPE(dkim_signature_outcome) outcomes;
	const struct msg_field *fields;
	unsigned int i, count, number = 0;

	fuzz_mail_init(&mail, text);
	reference_message_read(str_data(text), str_len(text), &message);
	run_check(&mail, &outcomes);
	i_assert(check_dkim_unique_b(&outcomes) >= 8);
	fields = array_get(&mail.header->fields, &count);
	for (i = 0; i < count; i++) {
		const struct dkim_signature_outcome *outcome;

		if (!is_signature(fields[i].name))
			continue;
		outcome = array_idx(&outcomes, number);
		i_assert(outcome->result ==
			 expected_result(&mail, &message, i, number));
		check_outcome(&mail, outcome);
		number++;
	}
	i_assert(number == array_count(&outcomes));
	pool_unref(&mail.pool);
}

/* Read a field of the reference. */
static int parse_field(pool_t pool, const struct reference_field *field,
		       struct dkim_signature *sig_r)
{
	struct msg_field *msg_field = p_new(pool, struct msg_field, 1);
	enum check_result_word result;
	const char *reason;

	msg_field->name = field->name;
	msg_field->data = field->data;
	msg_field->size = field->size;
	msg_field->value_offset = field->value_offset;
	return dkim_signature_parse(pool, msg_field, DKIM_SIGNATURE_DKIM,
				    sig_r, &result, &reason);
}

/* Make the first good signature field that the ed25519 key can sign a good
   signature. Returns FALSE if there is none. */
static bool sign(struct reference_message *message)
{
	pool_t pool = pool_alloconly_create("fuzz signature", 1024);
	struct reference_field *field;
	struct reference_body body;
	struct dkim_signature sig;
	bool found = FALSE;

	array_foreach_modifiable(&message->fields, field) {
		if (!is_signature(field->name) ||
		    parse_field(pool, field, &sig) < 0 ||
		    sig.key_type != PUBLIC_KEY_ED25519 ||
		    reference_key_result(&sig) != CHECK_RESULT_PASS)
			continue;
		reference_body_hash(message, &sig, &body);
		reference_field_set_tag(field, "bh", body.hash);
		reference_field_set_tag(field, "b", t_reference_sign(
			reference_signed_header(message,
				array_foreach_idx(&message->fields, field),
				&sig)));
		found = TRUE;
		break;
	}
	pool_unref(&pool);
	return found;
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	struct reference_message message;
	string_t *text = t_str_new(size + 1);
	uint32_t hash = crc32_data(data, size);
	unsigned char *byte;

	str_append_data(text, data, size);
	fuzz_message(text);
	reference_message_read(data, size, &message);
	if (sign(&message)) {
		text = reference_message_write(&message);
		fuzz_message(text);
		byte = buffer_get_modifiable_data(text, NULL);
		byte[hash % str_len(text)] ^= (hash >> 24) | 1;
		fuzz_message(text);
	}
}
FUZZ_END
