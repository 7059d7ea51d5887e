/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "msg-parser.h"
#include "known-reasons.h"
#include "body-hash.h"
#include "dkim-verify.h"

/* The fields of one name. */
struct dkim_header_group {
	const char *name;
	/* in fields, from the top of the message */
	unsigned int first, count;
	/* how many the current signature has taken, from the bottom */
	unsigned int taken;
	unsigned int generation;
};

struct dkim_header_index {
	ARRAY(const struct msg_field *) fields;
	ARRAY(struct dkim_header_group) groups;
	/* the current signature */
	unsigned int generation;
};

/* The fields are elements of one array, so addresses are their order. */
static int field_cmp(const struct msg_field *const *field1,
		     const struct msg_field *const *field2)
{
	int ret = strcasecmp((*field1)->name, (*field2)->name);

	if (ret != 0)
		return ret;
	return *field1 < *field2 ? -1 : (*field1 > *field2 ? 1 : 0);
}

static int group_name_cmp(const char *const *name,
			  const struct dkim_header_group *group)
{
	return strcasecmp(*name, group->name);
}

struct dkim_header_index *
dkim_header_index_init(pool_t pool, const struct msg_header *header)
{
	struct dkim_header_index *index =
		p_new(pool, struct dkim_header_index, 1);
	const struct msg_field *field, *const *fields;
	struct dkim_header_group *group = NULL;
	unsigned int i, count = array_count(&header->fields);

	p_array_init(&index->fields, pool, count + 1);
	p_array_init(&index->groups, pool, 32);
	array_foreach(&header->fields, field) {
		if (field->name[0] != '\0')
			array_push_back(&index->fields, &field);
	}
	array_sort(&index->fields, field_cmp);
	fields = array_get(&index->fields, &count);
	for (i = 0; i < count; i++) {
		if (group == NULL ||
		    strcasecmp(group->name, fields[i]->name) != 0) {
			group = array_append_space(&index->groups);
			group->name = fields[i]->name;
			group->first = i;
		}
		group->count++;
	}
	return index;
}

static const struct msg_field *
take_field(struct dkim_header_index *index, const char *name,
	   const struct msg_field *signature_field)
{
	const struct dkim_header_group *found =
		array_bsearch(&index->groups, &name, group_name_cmp);
	const struct msg_field *const *fields = array_front(&index->fields);
	struct dkim_header_group *group;

	if (found == NULL)
		return NULL;
	group = array_idx_modifiable(&index->groups,
				     array_ptr_to_idx(&index->groups, found));
	if (group->generation != index->generation) {
		group->generation = index->generation;
		group->taken = 0;
	}
	while (group->taken < group->count) {
		unsigned int i = group->first + group->count - 1 -
			group->taken++;

		/* section 3.5, h=: a signature does not sign itself that way */
		if (fields[i] != signature_field)
			return fields[i];
	}
	return NULL;
}

void dkim_signature_field_append(string_t *dest,
				 const struct dkim_signature *sig,
				 enum canonicalization canonicalization,
				 bool with_crlf)
{
	const struct msg_field *field = sig->field;
	const struct tag *tag = tag_list_find(&sig->tags, "b");
	size_t offset = field->value_offset + tag->value_offset;
	size_t end = offset + tag->value_size;
	buffer_t *data = t_buffer_create(field->size);
	struct msg_field emptied = *field;

	buffer_append(data, field->data, offset);
	buffer_append(data, field->data + end, field->size - end);
	emptied.data = data->data;
	emptied.size = data->used;
	canonicalize_field(dest, &emptied, canonicalization, with_crlf);
}

/* The data that b= signs: the fields of h=, each name from the bottom up
   (section 5.4.2), and the signature field itself with an empty b=. */
static void
append_signed_header(struct dkim_header_index *index,
		     const struct dkim_signature *sig, string_t *dest)
{
	const char *const *name;
	const struct msg_field *field;

	index->generation++;
	for (name = sig->signed_names; *name != NULL; name++) {
		/* a name without a field left is signed as absent */
		field = take_field(index, *name, sig->field);
		if (field != NULL) {
			canonicalize_field(dest, field,
					   sig->header_canonicalization, TRUE);
		}
	}
	dkim_signature_field_append(dest, sig, sig->header_canonicalization,
				    FALSE);
}

static bool dkim_verify_header(struct dkim_header_index *index,
			       const struct dkim_signature *sig,
			       struct public_key *key)
{
	string_t *data = str_new(default_pool, 4096);
	bool good;

	T_BEGIN {
		append_signed_header(index, sig, data);
	} T_END;
	good = public_key_verify(key, str_data(data), str_len(data),
				 sig->signature, sig->signature_size) > 0;
	str_free(&data);
	return good;
}

void dkim_signature_verify(struct dkim_header_index *index,
			   const struct dkim_signature *sig,
			   struct public_key *key,
			   const struct body_hash *body_hash,
			   struct dkim_verification *verification_r)
{
	i_zero(verification_r);
	verification_r->header_good = dkim_verify_header(index, sig, key);
	verification_r->body_good = sig->body_hash_size == BODY_HASH_BYTES &&
		memcmp(sig->body_hash, body_hash->digest, BODY_HASH_BYTES) == 0;
	verification_r->body_short = sig->body_length != BODY_HASH_WHOLE &&
		body_hash->hashed_bytes < sig->body_length;
	verification_r->unsigned_body_bytes =
		body_hash_bytes_left(body_hash->canonical_bytes,
				     body_hash->hashed_bytes);
}

const char *
dkim_verification_reason(const struct dkim_verification *verification)
{
	/* section 3.5, l=: invalid, whatever the hashes say */
	if (verification->body_short)
		return "body is shorter than tag l";
	if (!verification->header_good) {
		return known_change_reason(verification->body_good ?
			KNOWN_CHANGE_HEADER : KNOWN_CHANGE_HEADER_AND_BODY);
	}
	return verification->body_good ? NULL :
		known_change_reason(KNOWN_CHANGE_BODY);
}
