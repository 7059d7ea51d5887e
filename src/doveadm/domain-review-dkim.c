/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "dkim-key.h"
#include "dns-session.h"
#include "tag-list.h"
#include "domain-review-private.h"

#define TOPIC "dkim"
/* RFC 8301 section 3.2: signers should use so many. */
#define RSA_GOOD_BITS 2048

/* How old the form of the record is, or NULL if it is that of RFC 6376. */
static const char *t_old_form(const struct dns_record *record)
{
	ARRAY_TYPE(tag) tags;
	const char *error;

	if (tag_list_parse(pool_datastack_create(), record->text,
			   record->text_size, &tags, &error) < 0)
		return NULL;
	if (tag_list_find(&tags, "g") != NULL)
		return "the form of RFC 4871 of 2007 (tag g), older than RFC "
			"6376";
	if (tag_list_find(&tags, "v") == NULL)
		return "no v=DKIM1: the form of DomainKeys (RFC 4870 of 2007) "
			"fits, too";
	return NULL;
}

static void
review_key_size(struct domain_review *review, const char *name,
		const struct dkim_key_record *record,
		const struct dns_record *dns_record)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	const char *error, *form = t_old_form(dns_record);
	struct public_key *key;
	unsigned int bits;

	if (public_key_decode(NULL, record->type, record->data, record->size,
			      0, &key, &error) < 0) {
		ADD(ERROR, TOPIC, name, "the key in p= cannot be used: %s",
		    error);
		return;
	}
	bits = public_key_bits(key);
	public_key_unref(&key);
	if (record->type == PUBLIC_KEY_ED25519)
		ADD(INFO, TOPIC, name, "ed25519 key; many receivers know only "
		    "rsa, so sign with both");
	else if (bits < review->query->min_key_bits)
		ADD(ERROR, TOPIC, name, "%u-bit rsa key: receivers refuse it "
		    "as too small (RFC 8301)", bits);
	else if (bits < RSA_GOOD_BITS)
		ADD(WARNING, TOPIC, name, "%u-bit rsa key: valid, but 2048 "
		    "bits are what signers should use (RFC 8301)", bits);
	else
		ADD(OK, TOPIC, name, "%u-bit rsa key", bits);
	if (form != NULL)
		ADD(INFO, TOPIC, name, "%s", form);
}

static void
review_key_flags(struct domain_review *review, const char *name,
		 const struct dkim_key_record *record)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;

	if (!record->sha256)
		ADD(ERROR, TOPIC, name, "h= does not allow sha256, the only "
		    "hash that still counts (RFC 8301)");
	if (!record->email)
		ADD(ERROR, TOPIC, name, "s= does not allow email");
	if (record->test)
		ADD(INFO, TOPIC, name, "t=y: its owner says that he is "
		    "testing; DMARC counts it as any other");
}

static void
review_key_record(struct domain_review *review, const char *name,
		  const struct dns_answer *answer)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	const struct dns_record *dns_record = array_front(&answer->records);
	struct dkim_key_record record;
	const char *error;

	if (array_count(&answer->records) > 1)
		ADD(WARNING, TOPIC, name, "%u TXT records: a receiver may take "
		    "any of them", array_count(&answer->records));
	if (dkim_key_record_parse(pool_datastack_create(), dns_record->text,
				  dns_record->text_size, &record, &error) < 0) {
		ADD(ERROR, TOPIC, name, "this is no key record: %s", error);
		return;
	}
	if (record.size == 0) {
		ADD(INFO, TOPIC, name, "the key is revoked (p= is empty)");
		return;
	}
	review_key_size(review, name, &record, dns_record);
	review_key_flags(review, name, &record);
}

static void
review_selector(struct domain_review *review, const char *selector)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	const char *name = t_strconcat(selector, "._domainkey.",
				       review->query->domain, NULL);
	const struct dns_answer *answer;

	answer = dns_session_lookup(review->dns, name, DNS_TYPE_TXT);
	switch (answer->status) {
	case DNS_STATUS_ANSWER:
		review_key_record(review, name, answer);
		break;
	case DNS_STATUS_TEMPORARY:
		review->temporary = TRUE;
		ADD(ERROR, TOPIC, name, "DNS gives no answer: %s",
		    answer->reason);
		break;
	case DNS_STATUS_NODATA:
	case DNS_STATUS_NXDOMAIN:
		ADD(ERROR, TOPIC, name, "there is no key: signatures with "
		    "this selector do not count");
		break;
	}
}

void domain_review_dkim(struct domain_review *review)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	const char *const *selector = review->query->selectors;

	if (*selector == NULL)
		ADD(INFO, TOPIC, review->query->domain, "keys cannot be "
		    "listed: name one with --selector (s= of DKIM-Signature in "
		    "mail of the domain)");
	for (; *selector != NULL; selector++) T_BEGIN {
		review_selector(review, *selector);
	} T_END;
}
