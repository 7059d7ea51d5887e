/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strescape.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "authres-field.h"
#include "verdict-wire.h"
#include "disposition.h"
#include "fuzzer.h"
#include "verdict-field.h"
#include "log-line.h"
#include "sentence.h"

/* The input is a reply of the verifier, then also a request to it, then also
   text that a message put into a verdict. */

static const char *const words[] = { "$A", "b", NULL };
static const char *const methods[] = { "spf", "dkim", "arc", "dmarc", NULL };

/* The only reader of replies there is: the plugin and doveadm feed it what they
   receive, in pieces of any size. */
static int
decode(pool_t pool, const char *reply, size_t piece, struct verdict *verdict_r,
       const char **error_r)
{
	struct verdict_decoder *decoder = verdict_decoder_init(pool);
	size_t part, pos = 0, size = strlen(reply);
	int ret = 0;

	*error_r = NULL;
	for (; ret == 0 && pos < size; pos += part) {
		part = I_MIN(piece, size - pos);
		ret = verdict_decoder_more(decoder,
					   (const unsigned char *)reply + pos,
					   part, verdict_r, error_r);
		i_assert((ret < 0) == (*error_r != NULL));
	}
	verdict_decoder_deinit(&decoder);
	return ret;
}

/* A reply of ours is never refused. */
static void
decode_own(pool_t pool, const char *reply, struct verdict *verdict_r)
{
	struct verdict pieces;
	const char *error;

	if (decode(pool, reply, SIZE_MAX, verdict_r, &error) != 1 ||
	    decode(pool, reply, 7, &pieces, &error) != 1)
		i_panic("%s: %s", error, reply);
}

static const char *t_encode(const struct verdict *verdict)
{
	string_t *str = t_str_new(1024);

	verdict_encode(verdict, str);
	i_assert(str_len(str) <= AUTHRES_MAX_REPLY_BYTES);
	return str_c(str);
}

static void check_line(const char *text, size_t max_bytes)
{
	i_assert(strlen(text) <= max_bytes);
	for (; *text != '\0'; text++)
		i_assert(*text >= 0x20 && *text <= 0x7e);
}

static void
check_equal(const char *read, const char *written,
	    bool (*is_valid)(const char *value))
{
	if (written == NULL || !is_valid(written))
		i_assert(read == NULL);
	else if (read == NULL)
		i_unreached();
	else
		i_assert(strcmp(read, written) == 0);
}

/* There is no entry for a chain that is not there. */
static unsigned int count_results(const struct verdict *verdict)
{
	const struct check_result *result;
	unsigned int count = 0;

	array_foreach(&verdict->results, result) {
		if (result->method != CHECK_METHOD_ARC ||
		    result->result != CHECK_RESULT_NONE ||
		    result->comment != NULL || result->reason != NULL)
			count++;
	}
	return count;
}

static void check_field(pool_t pool, const struct verdict *verdict)
{
	struct authres_field field;
	struct verdict read;
	string_t *str = t_str_new(1024), *again = t_str_new(1024);
	const char *value, *error;

	verdict_field_write(str, verdict, "mx.example.org", "\n");
	value = str_c(str) + strlen("Authentication-Results:");
	/* a reply within its limits can make a longer field */
	if (strlen(value) > AUTHRES_MAX_FIELD_BYTES)
		return;
	if (authres_field_parse(pool, (const unsigned char *)value,
				strlen(value), &field, &error) < 0)
		i_panic("%s: %s", error, value);
	i_assert(array_count(&field.results) == count_results(verdict));
	verdict_field_read(pool, &field, &read);
	i_assert(read.origin == verdict->origin);
	check_equal(read.list_domain, verdict->list_domain,
		    verdict_domain_is_valid);
	check_equal(read.forwarder, verdict->forwarder,
		    verdict_forwarder_is_valid);
	i_assert(read.author_address == NULL);
	/* what was read says the same, byte for byte */
	verdict_field_write(again, &read, "mx.example.org", "\n");
	i_assert(strcmp(str_c(again), str_c(str)) == 0);
}

static void check_disposition(pool_t pool, const struct verdict *verdict)
{
	const struct authres_settings set = {
		.mode = AUTHRES_MODE_ENFORCE,
		.quarantine_action = AUTHRES_QUARANTINE_ACTION_JUNK,
		.reject_action = AUTHRES_REJECT_ACTION_REJECT,
		.temperror_action = AUTHRES_TEMPERROR_ACTION_TEMPFAIL,
		.junk_sieve = AUTHRES_JUNK_SIEVE_SKIP,
		.keyword_pass = words, .keyword_fail = words,
		.keyword_temperror = words, .keyword_override = words,
		.keyword_junk = words, .keyword_phishing = words,
		.keyword_methods = methods,
	};
	const struct disposition_query query = {
		.verdict = verdict, .set = &set, .can_reject = TRUE,
	};
	struct disposition disposition;
	const char *reply;

	disposition_decide(pool, &query, &disposition);
	check_line(t_sentence_disposition(verdict, &disposition),
		   AUTHRES_MAX_EXPLANATION_BYTES);
	reply = t_sentence_reply(verdict, &disposition);
	if (reply != NULL)
		check_line(reply, 480);
	check_line(t_log_line(verdict, &disposition, "Junk"), 1024);
}

static void fuzz_reply(pool_t pool, const char *reply)
{
	struct verdict verdict, again;
	const char *first, *error;

	if (decode(pool, reply, SIZE_MAX, &verdict, &error) != 1) {
		i_assert(decode(pool, reply, 1, &again, &error) != 1);
		return;
	}
	first = t_encode(&verdict);
	decode_own(pool, first, &again);
	i_assert(strcmp(t_encode(&again), first) == 0);
	check_field(pool, &verdict);
	check_disposition(pool, &verdict);
}

static void fuzz_request(pool_t pool, const char *line)
{
	struct verify_request request, again;
	const char *const *args = t_strsplit_tabescaped(t_strcut(line, '\n'));
	const char *error = NULL, *first;
	string_t *str = t_str_new(256);

	if (args[0] == NULL)
		return;
	if (verify_request_decode(pool, args + 1, &request, &error) < 0) {
		i_assert(error != NULL);
		return;
	}
	verify_request_encode(&request, str);
	i_assert(str_len(str) <= AUTHRES_MAX_PROTOCOL_LINE_BYTES);
	first = t_strdup(str_c(str));
	args = t_strsplit_tabescaped(t_strcut(first, '\n'));
	i_assert(verify_request_decode(pool, args + 1, &again, &error) == 0);
	str_truncate(str, 0);
	verify_request_encode(&again, str);
	i_assert(strcmp(str_c(str), first) == 0);
}

/* Whatever a message puts into a verdict, the other end takes it: the full
   reply, and the minimal one, in which there is nothing of it. */
static void fuzz_hostile_verdict(pool_t pool, const char *text)
{
	struct verdict verdict, decoded;
	struct check_result *result;
	string_t *minimal = t_str_new(512);

	verdict_init_temperror(pool, &verdict, text);
	check_result_add_property(pool,
				  array_front_modifiable(&verdict.results),
				  "header", "from", text);
	check_result_add_property(pool,
				  array_front_modifiable(&verdict.results),
				  "policy", "dmarc", text);
	result = array_append_space(&verdict.results);
	result->method = CHECK_METHOD_DKIM;
	result->comment = text;
	result->upstream = text;
	check_result_add_property(pool, result, "header", "d", text);
	check_result_add_property(pool, result, "header", text, text);
	check_result_add_property(pool, result, text, "d", text);
	verdict.author_domain = text;
	verdict.author_address = t_strconcat(text, "@example.org", NULL);
	verdict.organizational_domain = text;
	verdict.policy_domain = text;
	verdict.list_domain = text;
	verdict.forwarder = text;
	verdict.override_comment = text;
	verdict.client_helo = text;
	verdict.client_by = text;
	verdict.client_reason = text;
	verdict.upstream_reason = text;
	decode_own(pool, t_encode(&verdict), &decoded);
	i_assert(array_count(&decoded.results) == 2);
	if (verdict_author_address_is_valid(verdict.author_address)) {
		i_assert(strcmp(decoded.author_address,
				verdict.author_address) == 0);
	} else {
		i_assert(decoded.author_address == NULL);
	}
	verdict_encode_minimal(&verdict, minimal);
	decode_own(pool, str_c(minimal), &decoded);
	i_assert(array_count(&decoded.results) == 2);
	check_field(pool, &verdict);
	check_disposition(pool, &verdict);
}

FUZZ_BEGIN_STR(const char *text)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);

	fuzz_reply(pool, text);
	fuzz_request(pool, text);
	fuzz_hostile_verdict(pool, text);
	pool_unref(&pool);
}
FUZZ_END
