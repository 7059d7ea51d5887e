/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "base64.h"
#include "buffer.h"
#include "str.h"
#include "resolver.h"
#include "tag-list.h"
#include "dkim-signature.h"
#include "dkim-key.h"

/* Is word in a list separated by colons? */
static bool colon_list_has(const char *list, const char *word)
{
	const char *const *words;

	for (words = t_strsplit(list, ":"); *words != NULL; words++) {
		if (strcasecmp(*words, word) == 0)
			return TRUE;
	}
	return FALSE;
}

static int key_type_parse(const char *name, enum public_key_type *type_r)
{
	if (name == NULL || strcasecmp(name, "rsa") == 0)
		*type_r = PUBLIC_KEY_RSA;
	else if (strcasecmp(name, "ed25519") == 0)
		*type_r = PUBLIC_KEY_ED25519;
	else
		return -1;
	return 0;
}

static int
key_record_data(pool_t pool, const char *text, struct dkim_key_record *record,
		const char **error_r)
{
	buffer_t *data = buffer_create_dynamic(pool, strlen(text) + 1);

	if (base64_scheme_decode(&base64_scheme, 0, text, strlen(text),
				 data) < 0) {
		*error_r = "tag p is not base64";
		return -1;
	}
	record->data = data->data;
	record->size = data->used;
	return 0;
}

static int
key_record_tags(pool_t pool, const ARRAY_TYPE(tag) *tags,
		struct dkim_key_record *record, const char **error_r)
{
	const struct tag *tag = tag_list_find(tags, "v");
	const char *value;

	if (tag != NULL && (tag != array_front(tags) ||
			    strcmp(tag->value, "DKIM1") != 0)) {
		*error_r = tag == array_front(tags) ?
			"tag v is not DKIM1" : "tag v is not the first tag";
		return -1;
	}
	if (key_type_parse(t_tag_list_compact(tags, "k"), &record->type) < 0) {
		*error_r = "tag k names an unknown key type";
		return -1;
	}
	value = t_tag_list_compact(tags, "h");
	record->sha256 = value == NULL || colon_list_has(value, "sha256");
	value = t_tag_list_compact(tags, "s");
	record->email = value == NULL || colon_list_has(value, "*") ||
		colon_list_has(value, "email");
	value = t_tag_list_compact(tags, "t");
	record->test = value != NULL && colon_list_has(value, "y");
	record->no_subdomains = value != NULL && colon_list_has(value, "s");
	value = t_tag_list_compact(tags, "p");
	if (value == NULL) {
		*error_r = "no tag p";
		return -1;
	}
	return key_record_data(pool, value, record, error_r);
}

int dkim_key_record_parse(pool_t pool, const unsigned char *text, size_t size,
			  struct dkim_key_record *record_r,
			  const char **error_r)
{
	ARRAY_TYPE(tag) tags;

	i_zero(record_r);
	if (tag_list_parse(pool, text, size, &tags, error_r) < 0)
		return -1;
	return key_record_tags(pool, &tags, record_r, error_r);
}

static int
key_record_check(const struct dkim_key_record *record,
		 const struct dkim_signature *sig, const char **error_r)
{
	if (record->size == 0)
		*error_r = "key is revoked";
	else if (record->type != sig->key_type)
		*error_r = "key type does not match tag a";
	else if (!record->sha256)
		*error_r = "key does not allow sha256";
	else if (!record->email)
		*error_r = "key does not allow email";
	else if (record->no_subdomains && sig->auid_domain != NULL &&
		 strcmp(sig->auid_domain, sig->sdid) != 0)
		*error_r = "key does not allow subdomains in tag i";
	else
		return 0;
	return -1;
}

static int
key_from_record(const struct dns_answer *answer,
		const struct dkim_signature *sig,
		struct public_key_cache *cache, struct dkim_key *key_r,
		const char **error_r)
{
	const struct dns_record *dns_record = array_front(&answer->records);
	struct dkim_key_record record;
	pool_t pool = pool_datastack_create();

	if (dkim_key_record_parse(pool, dns_record->text,
				  dns_record->text_size, &record, error_r) < 0)
		return -1;
	key_r->test = record.test;
	if (key_record_check(&record, sig, error_r) < 0 ||
	    public_key_decode(cache, record.type, record.data, record.size,
			      answer->ttl_secs, &key_r->key, error_r) < 0)
		return -1;
	key_r->bits = public_key_bits(key_r->key);
	return 0;
}

int dkim_key_get(const struct dns_answer *answer,
		 const struct dkim_signature *sig,
		 struct public_key_cache *cache, struct dkim_key *key_r,
		 enum check_result_word *result_r, const char **reason_r)
{
	const char *error = NULL;

	i_zero(key_r);
	*result_r = CHECK_RESULT_PERMERROR;
	switch (answer->status) {
	case DNS_STATUS_TEMPORARY:
		*result_r = CHECK_RESULT_TEMPERROR;
		error = answer->reason;
		break;
	case DNS_STATUS_NODATA:
	case DNS_STATUS_NXDOMAIN:
		error = "no key";
		break;
	case DNS_STATUS_ANSWER:
		if (array_count(&answer->records) != 1) {
			/* section 3.6.2.2: several records are undefined */
			error = "several records";
		} else if (key_from_record(answer, sig, cache, key_r,
					   &error) == 0) {
			return 0;
		}
		break;
	}
	*reason_r = t_strdup_printf("key %s: %s", sig->key_name, error);
	return -1;
}
