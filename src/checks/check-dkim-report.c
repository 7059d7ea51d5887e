/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "known-reasons.h"
#include "check-dkim.h"

/* RFC 6008 section 4 asks for at least eight. */
#define DKIM_REPORT_MIN_B_BYTES 8

static const char *
dkim_comment(pool_t pool, const struct dkim_signature_outcome *outcome)
{
	string_t *comment = t_str_new(64);

	if (outcome->key_bits > 0 && outcome->algorithm != NULL) {
		known_key_append(comment,
				 str_has_prefix(outcome->algorithm, "rsa-"),
				 outcome->key_bits);
	}
	if (outcome->test_key) {
		if (str_len(comment) > 0)
			str_append(comment, ", ");
		str_append(comment, "test key");
	}
	return str_len(comment) == 0 ? NULL : p_strdup(pool, str_c(comment));
}

void check_dkim_report(pool_t pool,
		       const struct dkim_signature_outcome *outcome,
		       unsigned int b_bytes, struct check_result *result_r)
{
	const char *signature = outcome->signature;

	i_zero(result_r);
	result_r->method = CHECK_METHOD_DKIM;
	result_r->result = outcome->result;
	result_r->reason = p_strdup(pool, outcome->reason);
	result_r->comment = dkim_comment(pool, outcome);
	if (outcome->stale)
		check_result_set_stale(pool, result_r);
	if (signature != NULL && strlen(signature) > b_bytes)
		signature = t_strndup(signature, b_bytes);
	check_result_add_property(pool, result_r, "header", "d",
				  outcome->sdid);
	check_result_add_property(pool, result_r, "header", "i",
				  outcome->auid);
	check_result_add_property(pool, result_r, "header", "a",
				  outcome->algorithm);
	check_result_add_property(pool, result_r, "header", "s",
				  outcome->selector);
	check_result_add_property(pool, result_r, "header", "b", signature);
}

static unsigned int common_prefix_bytes(const char *text1, const char *text2)
{
	unsigned int bytes = 0;

	while (text1[bytes] == text2[bytes] && text1[bytes] != '\0' &&
	       bytes < AUTHRES_MAX_REPORTED_B_BYTES)
		bytes++;
	return bytes;
}

unsigned int
check_dkim_unique_b(const ARRAY_TYPE(dkim_signature_outcome) *outcomes)
{
	const struct dkim_signature_outcome *outcome;
	ARRAY_TYPE(const_string) signatures;
	const char *const *texts;
	unsigned int i, count, bytes = DKIM_REPORT_MIN_B_BYTES;

	t_array_init(&signatures, array_count(outcomes) + 1);
	array_foreach(outcomes, outcome) {
		if (outcome->signature != NULL)
			array_push_back(&signatures, &outcome->signature);
	}
	/* sorted, so that the likest are neighbours */
	array_sort(&signatures, i_strcmp_p);
	texts = array_get(&signatures, &count);
	for (i = 1; i < count; i++) {
		unsigned int common =
			common_prefix_bytes(texts[i-1], texts[i]);

		/* nothing tells two equal ones apart */
		if (strcmp(texts[i-1], texts[i]) != 0)
			bytes = I_MAX(bytes, common + 1);
	}
	return I_MIN(bytes, AUTHRES_MAX_REPORTED_B_BYTES);
}
