/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "body-hash.h"
#include "domain-name.h"
#include "dkim-signature.h"
#include "dkim-verify.h"
#include "reference-message.h"
#include "fuzzer.h"

/* The first byte chooses the kind, the rest is the value of the field. */

static const char *const *const required_tags[] = {
	(const char *const []){ "v", "a", "b", "bh", "d", "h", "s", NULL },
	(const char *const []){ "i", "a", "b", "bh", "d", "h", "s", NULL },
	(const char *const []){ "i", "a", "b", "cv", "d", "s", NULL },
};

static void check_domain(const char *domain)
{
	const char *again, *error;

	i_assert(domain_to_ascii(domain, &again, &error) == 0);
	i_assert(strcmp(again, domain) == 0);
	i_assert(strlen(domain) <= AUTHRES_MAX_DOMAIN_BYTES);
}

/* What is shown in any case. */
static void check_names(const struct dkim_signature *sig)
{
	if (sig->sdid != NULL) {
		check_domain(sig->sdid);
		/* also when it is refused for that */
		i_assert(tag_list_find(&sig->tags, "d") != NULL);
	}
	if (sig->selector != NULL)
		check_domain(sig->selector);
	if (sig->auid != NULL) {
		i_assert(sig->kind == DKIM_SIGNATURE_DKIM);
		check_domain(sig->auid_domain);
		i_assert(strlen(sig->auid) <= AUTHRES_MAX_LOCAL_PART_BYTES +
			 1 + strlen(sig->auid_domain));
		i_assert(strcmp(strrchr(sig->auid, '@') + 1,
				sig->auid_domain) == 0);
	}
	if (sig->key_name != NULL) {
		i_assert(strcmp(sig->key_name, t_strdup_printf(
			"%s._domainkey.%s", sig->selector, sig->sdid)) == 0);
	}
}

static void check_signed_names(const struct dkim_signature *sig)
{
	const char *const *name;

	i_assert(str_array_icase_find(sig->signed_names, "From"));
	for (name = sig->signed_names; *name != NULL; name++)
		i_assert(**name != '\0' && strpbrk(*name, ": \t\r\n") == NULL);
}

static void check_accepted(const struct dkim_signature *sig)
{
	const char *const *name;

	for (name = required_tags[sig->kind]; *name != NULL; name++)
		i_assert(tag_list_find(&sig->tags, *name) != NULL);
	i_assert(strchr(sig->sdid, '.') != NULL);
	i_assert(sig->key_name != NULL);
	i_assert(sig->signature_size > 0 && sig->signature != NULL);
	i_assert(strpbrk(sig->signature_text, " \t\r\n") == NULL);
	i_assert(strcmp(sig->algorithm, sig->key_type == PUBLIC_KEY_RSA ?
			"rsa-sha256" : "ed25519-sha256") == 0);
	i_assert(sig->timestamp >= -1 && sig->timestamp <= 999999999999);
	i_assert(sig->expiration >= -1 && sig->expiration <= 999999999999);
	if (sig->kind == DKIM_SIGNATURE_DKIM)
		i_assert(domain_is_within(sig->auid_domain, sig->sdid));
	if (sig->kind != DKIM_SIGNATURE_ARC_SEAL) {
		i_assert(sig->body_hash_size > 0 && sig->body_hash != NULL);
		i_assert((sig->body_length == BODY_HASH_WHOLE) ==
			 (tag_list_find(&sig->tags, "l") == NULL));
		check_signed_names(sig);
	}
}

/* Section 3.7: all of the field but the value of b=, whatever other tags are
   called. */
static void check_emptied(const struct dkim_signature *sig)
{
	const struct msg_field *field = sig->field;
	size_t size = field->size - field->value_offset, offset, value_size;
	struct reference_field emptied = {
		.name = field->name, .value_offset = field->value_offset
	};
	enum canonicalization c;
	string_t *data = t_str_new(size), *ours, *theirs;

	if (!reference_tag_find(field->data + field->value_offset, size, "b",
				&offset, &value_size))
		i_unreached();
	offset += field->value_offset;
	/* the field's own end is no part of the value */
	if (offset + value_size == field->size)
		value_size -= 2;
	str_append_data(data, field->data, offset);
	str_append_data(data, field->data + offset + value_size,
			field->size - offset - value_size);
	emptied.data = str_data(data);
	emptied.size = str_len(data);
	for (c = CANONICALIZATION_SIMPLE; c <= CANONICALIZATION_RELAXED; c++) {
		ours = t_str_new(size);
		theirs = t_str_new(size);
		dkim_signature_field_append(ours, sig, c, TRUE);
		reference_field_canonical(theirs, &emptied, c);
		i_assert(str_equals(ours, theirs));
	}
}

/* A signature cannot be too new and too old at once, and is never both before
   and after a time at which it is good. */
static void check_time(const struct dkim_signature *sig)
{
	static const time_t times[] = {
		0, 1, 1699999000, 1700000000, 1700000301, 2000000000,
		100000000000, 999999999999
	};
	const char *reason;
	unsigned int i, changes = 0;
	bool good, was_good = FALSE;

	for (i = 0; i < N_ELEMENTS(times); i++) {
		reason = NULL;
		good = dkim_signature_check_time(sig, times[i], &reason) == 0;
		i_assert(good == (reason == NULL));
		if (good != was_good)
			changes++;
		was_good = good;
	}
	i_assert(changes <= 2);
}

static void fuzz_field(pool_t pool, const struct msg_field *field,
		       enum dkim_signature_kind kind)
{
	struct dkim_signature sig;
	enum check_result_word result;
	const char *reason = NULL;
	int ret;

	ret = dkim_signature_parse(pool, field, kind, &sig, &result, &reason);
	i_assert((ret == 0) == (reason == NULL));
	i_assert(sig.field == field && sig.kind == kind);
	check_names(&sig);
	if (ret == 0) {
		check_accepted(&sig);
		check_emptied(&sig);
		check_time(&sig);
	} else {
		i_assert(result == CHECK_RESULT_NEUTRAL ||
			 result == CHECK_RESULT_PERMERROR ||
			 result == CHECK_RESULT_POLICY);
	}
}

struct fuzz_header {
	pool_t pool;
	enum dkim_signature_kind kind;
};

static void header_done(const struct msg_header *header, void *context)
{
	struct fuzz_header *fuzz = context;
	const struct msg_field *field;

	array_foreach(&header->fields, field) T_BEGIN {
		if (field->name[0] != '\0')
			fuzz_field(fuzz->pool, field, fuzz->kind);
	} T_END;
}

static void ignore_body(const unsigned char *data ATTR_UNUSED,
			size_t size ATTR_UNUSED, void *context ATTR_UNUSED)
{
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = header_done,
		.body = ignore_body,
	};
	struct fuzz_header fuzz = {
		.pool = pool_alloconly_create("fuzz header", 4096),
		.kind = size == 0 ? DKIM_SIGNATURE_DKIM : data[0] % 3,
	};
	struct msg_parser *parser = msg_parser_init(fuzz.pool, &v, &fuzz);

	msg_parser_more(parser, (const unsigned char *)"DKIM-Signature:", 15);
	if (size > 1)
		msg_parser_more(parser, data + 1, size - 1);
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
	pool_unref(&fuzz.pool);
}
FUZZ_END
