#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "tag-list.h"
#include "identity.h"
#include "upstream-methods.h"

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
		return "not used, since it saw the forwarder and not its client";
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
