/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "tag-list.h"
#include "identity.h"
#include "upstream-fields.h"

struct upstream_search {
	pool_t pool;
	const struct upstream_settings *set;
	const struct msg_field *headers;
	unsigned int header_count;
	ARRAY_TYPE(upstream_field) *fields;
	/* fields that were read, whoever wrote them */
	unsigned int looked_at;
};

/* The configured name for "mx.example" and "mx.example/job"; NULL = not one of
   ours. */
static const char *
upstream_id_find(const struct upstream_settings *set, const char *authserv_id)
{
	const char *const *ids = set->authserv_ids;
	size_t len;

	for (; *ids != NULL; ids++) {
		len = strlen(*ids);
		if (strncasecmp(authserv_id, *ids, len) == 0 &&
		    (authserv_id[len] == '\0' || authserv_id[len] == '/'))
			return *ids;
	}
	return NULL;
}

static bool field_is(const struct msg_field *field, const char *name)
{
	return strcasecmp(field->name, name) == 0;
}

/* "Authentication-Results: mx.example;": what filters write, and what all of
   them recognise when they remove copies. */
static bool
field_head_is_plain(const struct msg_field *header, const char *id)
{
	const unsigned char *value = header->data + header->value_offset;
	size_t size = header->size - header->value_offset;
	size_t len = strlen(id);

	if (header->value_offset != strlen(header->name) + 1)
		return FALSE;
	if (size > 0 && *value == ' ') {
		value++;
		size--;
	}
	return size > len && strncasecmp((const char *)value, id, len) == 0 &&
		strchr("; /\r", value[len]) != NULL && value[len] != '\0';
}

/* Returns 1 and adds the field, 0 if it is not upstream's, -1 and error_r
   (static) if nothing of upstream can be believed with it. */
static int
upstream_field_add(struct upstream_search *search,
		   const struct msg_field *header, bool below,
		   const char **error_r)
{
	const unsigned char *value = header->data + header->value_offset;
	size_t size = header->size - header->value_offset;
	struct upstream_field *upstream;
	struct authres_field field;
	const char *id, *error;

	if (++search->looked_at > AUTHRES_MAX_UPSTREAM_FIELDS) {
		*error_r = "there are too many Authentication-Results fields";
		return -1;
	}
	if (!authres_field_claims(value, size, search->set->authserv_ids))
		return 0;
	if (size > AUTHRES_MAX_UPSTREAM_FIELD_BYTES) {
		*error_r = "a field is too long";
		return -1;
	}
	if (authres_field_parse(search->pool, value, size, &field,
				&error) < 0) {
		*error_r = "a field has a broken syntax";
		return -1;
	}
	id = upstream_id_find(search->set, field.authserv_id);
	if (id == NULL || field.version != 1 ||
	    (below && !field_head_is_plain(header, id))) {
		/* its name is another one for other readers */
		*error_r = "the name in a field is written in an unusual way";
		return -1;
	}
	if (below && field.unusual) {
		*error_r = "a field is written in an unusual way";
		return -1;
	}
	/* what authres wrote when it delivered this message before */
	if (field.comment != NULL)
		return 0;
	upstream = array_append_space(search->fields);
	upstream->authserv_id = id;
	upstream->field = field;
	return 1;
}

/* Fields from *pos on, up to last or, below, up to the next Received. */
static int
upstream_search_region(struct upstream_search *search, unsigned int *pos,
		       unsigned int last, bool below, const char **error_r)
{
	int ret = 0;

	for (; *pos < last && ret >= 0; (*pos)++) {
		const struct msg_field *header = &search->headers[*pos];

		if (below && field_is(header, "Received"))
			break;
		if (!field_is(header, "Authentication-Results"))
			continue;
		T_BEGIN {
			ret = upstream_field_add(search, header, below,
						 error_r);
		} T_END;
	}
	return ret < 0 ? -1 : 0;
}

/* The filter left a field in its name that a stranger wrote, and may have
   believed it itself: OpenDMARC reads what stands there. */
static int
upstream_search_forged(struct upstream_search *search, unsigned int first,
		       const char **error_r)
{
	unsigned int i;

	for (i = first; i < search->header_count; i++) {
		const struct msg_field *header = &search->headers[i];

		if (!field_is(header, "Authentication-Results"))
			continue;
		if (++search->looked_at > AUTHRES_MAX_UPSTREAM_FIELDS) {
			*error_r = "there are too many "
				"Authentication-Results fields";
			return -1;
		}
		if (authres_field_claims(header->data + header->value_offset,
					 header->size - header->value_offset,
					 search->set->authserv_ids)) {
			*error_r = "a stranger wrote a field in its name";
			return -1;
		}
	}
	return 0;
}

/* What stands there may be the filter's or a stranger's, and one message does
   not tell which: say where it was, and advise nothing. */
static bool
upstream_stands_below(const struct upstream_search *search, unsigned int first)
{
	unsigned int i, looked_at = 0;

	for (i = first; i < search->header_count &&
	     !field_is(&search->headers[i], "Received"); i++) {
		const struct msg_field *header = &search->headers[i];

		if (!field_is(header, "Authentication-Results"))
			continue;
		if (++looked_at > AUTHRES_MAX_UPSTREAM_FIELDS)
			break;
		for (const char *const *id = search->set->authserv_ids;
		     *id != NULL; id++) {
			if (field_head_is_plain(header, *id))
				return TRUE;
		}
	}
	return FALSE;
}

int upstream_fields_find(pool_t pool, const struct upstream_settings *set,
			 const struct msg_header *header,
			 const struct identity *identity,
			 ARRAY_TYPE(upstream_field) *fields_r,
			 const char **reason_r)
{
	struct upstream_search search = {
		.pool = pool,
		.set = set,
		.fields = fields_r
	};
	unsigned int pos = 0, below = identity->own_field;
	const char *error = NULL;
	int ret;

	*reason_r = NULL;
	p_array_init(fields_r, pool, 2);
	if (set->authserv_ids == NULL || set->authserv_ids[0] == NULL ||
	    identity->boundary_field == UINT_MAX)
		return 0;
	search.headers = array_get(&header->fields, &search.header_count);
	i_assert(identity->boundary_field < search.header_count);

	ret = upstream_search_region(&search, &pos, identity->boundary_field,
				     FALSE, &error);
	/* above the boundary it was looked at already */
	pos = identity->boundary_field + 1;
	if (ret == 0 && below == identity->boundary_field) {
		if (set->below) {
			ret = upstream_search_region(&search, &pos,
				search.header_count, TRUE, &error);
		} else if (array_count(fields_r) == 0 &&
			   upstream_stands_below(&search, pos)) {
			*reason_r = "not believed below our Received field, "
				"where a stranger can write it";
		}
	}
	if (ret == 0 && array_count(fields_r) > 0)
		ret = upstream_search_forged(&search, pos, &error);
	if (ret < 0) {
		array_clear(fields_r);
		*reason_r = p_strdup(pool, error);
	}
	return ret;
}

/* Quotes mean nothing inside a comment, and not all filters know. */
static bool can_break_out(const char *text, const char *more)
{
	if (text == NULL)
		return FALSE;
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text <= ' ' || *text == 0x7f ||
		    strchr("()\"\\;", *text) != NULL ||
		    strchr(more, *text) != NULL)
			return TRUE;
	}
	return FALSE;
}

static bool field_is_signature(const struct msg_field *field)
{
	static const char *const names[] = {
		"DKIM-Signature", "ARC-Message-Signature", "ARC-Seal",
		"DomainKey-Signature", NULL
	};

	return str_array_icase_find(names, field->name);
}

/* "=" begins an encoded byte of i= (RFC 6376 section 2.11), which filters
   decode. Who signs has no use for any of them. */
static bool signature_can_break_out(const struct msg_field *field)
{
	static const char *const tags[] = { "a", "d", "i", "s" };
	ARRAY_TYPE(tag) list;
	const char *error;

	if (field->size > AUTHRES_MAX_DKIM_SIGNATURE_BYTES)
		return TRUE;
	if (tag_list_parse(pool_datastack_create(),
			   field->data + field->value_offset,
			   field->size - field->value_offset, &list,
			   &error) < 0)
		return TRUE;
	for (unsigned int i = 0; i < N_ELEMENTS(tags); i++) {
		if (can_break_out(t_tag_list_compact(&list, tags[i]), "="))
			return TRUE;
	}
	return FALSE;
}

const char *upstream_reason_for_nothing(const struct msg_header *header,
					const struct identity *identity)
{
	const struct msg_field *field;
	bool hostile = FALSE;

	if (identity->forwarder != NULL)
		return "not used, since it saw the forwarder, not its client";
	if (can_break_out(identity->mail_from, ""))
		return "not used, since the reverse-path has characters that "
			"could break a field";
	if (can_break_out(identity->helo, ""))
		return "not used, since the HELO name has characters that "
			"could break a field";
	array_foreach(&header->fields, field) {
		if (!field_is_signature(field))
			continue;
		T_BEGIN {
			hostile = signature_can_break_out(field);
		} T_END;
		if (hostile)
			return "not used, since a signature has characters "
				"that could break a field";
	}
	return NULL;
}
