/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "strnum.h"
#include "authres-limits.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "dkim-signature.h"
#include "upstream-methods.h"

/* Addresses stand in header.i alone, and only below its d=: i= is what a
   signer may write most freely, and not every filter quotes it. */
static bool
addresses_are_clean(const struct check_result *entry, const char *sdid)
{
	const struct check_property *property;
	const char *domain;

	if (!array_is_created(&entry->properties))
		return TRUE;
	array_foreach(&entry->properties, property) {
		if (strcasecmp(property->ptype, "header") == 0 &&
		    strcasecmp(property->name, "i") == 0) {
			domain = t_upstream_domain(property->value);
			if (strchr(property->value, '@') == NULL ||
			    domain == NULL || sdid == NULL ||
			    !domain_is_within(domain, sdid))
				return FALSE;
		} else if (strchr(property->value, '@') != NULL) {
			return FALSE;
		}
	}
	return TRUE;
}

/* "2048-bit rsa key" or "2048-bit key; unprotected" */
static unsigned int comment_key_bits(const char *comment)
{
	unsigned int bits;
	const char *end;

	if (comment == NULL ||
	    str_parse_uint(comment, &bits, &end) < 0 ||
	    strncmp(end, "-bit ", 5) != 0 || bits > AUTHRES_MAX_KEY_BITS)
		return 0;
	return bits;
}

static int
signature_read(pool_t pool, const struct upstream_field *field,
	       const struct check_result *entry,
	       struct dkim_signature_outcome *signature_r,
	       const char **reason_r)
{
	const char *sdid = NULL, *value, *auid, *selector, *algorithm, *b;

	i_zero(signature_r);
	if (!upstream_word_is_usable(field, entry, reason_r))
		return -1;
	if (upstream_property(entry, "header", "d", &value) < 0 ||
	    upstream_property(entry, "header", "i", &auid) < 0 ||
	    upstream_property(entry, "header", "s", &selector) < 0 ||
	    upstream_property(entry, "header", "a", &algorithm) < 0 ||
	    upstream_property(entry, "header", "b", &b) < 0 ||
	    (value != NULL &&
	     (strchr(value, '@') != NULL ||
	      (sdid = t_upstream_domain(value)) == NULL)) ||
	    !addresses_are_clean(entry, sdid)) {
		*reason_r = "dkim has an entry that cannot be trusted";
		return -1;
	}
	if (sdid == NULL && entry->result == CHECK_RESULT_PASS) {
		*reason_r = "dkim does not say for which domain";
		return -1;
	}
	signature_r->result = entry->result;
	signature_r->reason = p_strdup(pool, t_upstream_reason(entry));
	signature_r->sdid = p_strdup(pool, sdid);
	signature_r->auid = p_strdup(pool, auid);
	signature_r->selector = p_strdup(pool, selector);
	signature_r->algorithm = p_strdup(pool, algorithm);
	signature_r->signature = p_strdup(pool, b);
	signature_r->key_bits = comment_key_bits(entry->comment);
	return 0;
}

/* Returns 1 if the field has entries, and adds all but "none". */
static int
signatures_read(pool_t pool, const struct upstream_field *field,
		ARRAY_TYPE(dkim_signature_outcome) *signatures,
		const char **reason_r)
{
	struct dkim_signature_outcome signature;
	const struct check_result *entry;
	int ret = 0;

	if (!upstream_words_are_known(field, CHECK_METHOD_DKIM, reason_r))
		return -1;
	array_foreach(&field->field.results, entry) {
		if (entry->method != CHECK_METHOD_DKIM)
			continue;
		ret = 1;
		if (signature_read(pool, field, entry, &signature,
				   reason_r) < 0)
			return -1;
		if (entry->result == CHECK_RESULT_NONE)
			continue;
		if (array_count(signatures) == AUTHRES_MAX_DKIM_SIGNATURES) {
			*reason_r = "dkim has too many entries";
			return -1;
		}
		array_push_back(signatures, &signature);
	}
	return ret;
}

static int
signature_cmp(const struct dkim_signature_outcome *s1,
	      const struct dkim_signature_outcome *s2)
{
	if (s1->result != s2->result)
		return s1->result < s2->result ? -1 : 1;
	return null_strcmp(s1->sdid, s2->sdid);
}

/* Do two fields say the same of the same domains, in whatever order? */
static bool
signatures_agree(const ARRAY_TYPE(dkim_signature_outcome) *signatures1,
		 const ARRAY_TYPE(dkim_signature_outcome) *signatures2)
{
	ARRAY_TYPE(dkim_signature_outcome) sorted1, sorted2;
	unsigned int i, count = array_count(signatures1);

	if (array_count(signatures2) != count)
		return FALSE;
	t_array_init(&sorted1, count + 1);
	t_array_init(&sorted2, count + 1);
	array_append_array(&sorted1, signatures1);
	array_append_array(&sorted2, signatures2);
	array_sort(&sorted1, signature_cmp);
	array_sort(&sorted2, signature_cmp);
	for (i = 0; i < count; i++) {
		if (signature_cmp(array_idx(&sorted1, i),
				  array_idx(&sorted2, i)) != 0)
			return FALSE;
	}
	return TRUE;
}

int upstream_dkim_read(pool_t pool, const ARRAY_TYPE(upstream_field) *fields,
		       struct upstream_results *results, const char **reason_r)
{
	const struct upstream_field *field;
	ARRAY_TYPE(dkim_signature_outcome) signatures;
	const char **id = &results->authserv_ids[CHECK_METHOD_DKIM];
	int ret;

	array_foreach(fields, field) {
		p_array_init(&signatures, pool, 4);
		ret = signatures_read(pool, field, &signatures, reason_r);
		if (ret < 0)
			return -1;
		if (ret == 0)
			continue;
		if (*id == NULL) {
			*id = field->authserv_id;
			results->dkim = signatures;
		} else if (!signatures_agree(&results->dkim, &signatures)) {
			*reason_r = "dkim is given with different results";
			return -1;
		}
	}
	return *id == NULL ? 0 : 1;
}

static bool
names_equal(const char *const *names1, const char *const *names2)
{
	for (; *names1 != NULL && *names2 != NULL; names1++, names2++) {
		if (strcasecmp(*names1, *names2) != 0)
			return FALSE;
	}
	return *names1 == *names2;
}

/* Give names to the signatures of sdid; other names than those they have mean
   that nobody knows which verified. */
static void
signatures_add_names(ARRAY_TYPE(dkim_signature_outcome) *signatures,
		     const char *sdid, const char *const *names)
{
	static const char *const not_known[] = { NULL };
	struct dkim_signature_outcome *signature;

	array_foreach_modifiable(signatures, signature) {
		if (null_strcmp(signature->sdid, sdid) != 0)
			continue;
		if (signature->signed_names == NULL)
			signature->signed_names = names;
		else if (!names_equal(signature->signed_names, names))
			signature->signed_names = not_known;
	}
}

static void
signatures_forget_names(ARRAY_TYPE(dkim_signature_outcome) *signatures)
{
	struct dkim_signature_outcome *signature;

	array_foreach_modifiable(signatures, signature)
		signature->signed_names = NULL;
}

void upstream_dkim_find_names(pool_t pool, const struct msg_header *header,
			      struct upstream_results *results)
{
	const struct msg_field *field;
	struct dkim_signature sig;
	enum check_result_word result;
	const char *reason;
	unsigned int count = 0;
	int ret;

	array_foreach(&header->fields, field) {
		if (strcasecmp(field->name, "DKIM-Signature") != 0)
			continue;
		ret = -1;
		if (count++ < AUTHRES_MAX_DKIM_SIGNATURES) T_BEGIN {
			ret = dkim_signature_parse(pool, field,
						   DKIM_SIGNATURE_DKIM, &sig,
						   &result, &reason);
		} T_END;
		if (ret < 0) {
			/* it might be the one the filter verified */
			signatures_forget_names(&results->dkim);
			break;
		}
		signatures_add_names(&results->dkim, sig.sdid,
				     sig.signed_names);
	}
}
