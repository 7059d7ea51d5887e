/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "crc32.h"
#include "istream.h"
#include "message-parser.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "verdict-field.h"
#include "stored-verdict.h"

#define FIELD_NAME "Authentication-Results"

const char *const stored_verdict_fields[] = {
	FIELD_NAME, "Return-Path", "Delivered-To", "Received", NULL
};
const char *const stored_verdict_short_fields[] = {
	FIELD_NAME, "Return-Path", "Delivered-To", NULL
};

#define NAME_DIGEST_MASK 0x7fffff

uint32_t authserv_id_digest(const char *authserv_id)
{
	uint32_t digest;

	T_BEGIN {
		digest = crc32_str(t_str_lcase(authserv_id));
	} T_END;
	digest = (digest ^ (digest >> 23)) & NAME_DIGEST_MASK;
	return digest == 0 ? 1 : digest;
}

/* Returns 1 if the field is ours, 0 if it is somebody else's or cannot be
   read. why_r is set if it looks like ours. */
static int
read_field(pool_t pool, const struct message_header_line *hdr,
	   const char *const *authserv_ids, uint32_t name_digest,
	   struct stored_verdict *stored_r, const char **why_r)
{
	struct authres_field field;
	const char *error;

	if (authres_field_parse(pool, hdr->full_value, hdr->full_value_len,
				&field, &error) < 0) {
		if (hdr->full_value_len > AUTHRES_MAX_FIELD_BYTES ||
		    authres_field_claims(hdr->full_value, hdr->full_value_len,
					 authserv_ids)) {
			*why_r = t_strdup_printf(
				"its "FIELD_NAME" field cannot be read: %s",
				error);
		}
		return 0;
	}
	if (!str_array_icase_find(authserv_ids, field.authserv_id) &&
	    (name_digest == 0 ||
	     authserv_id_digest(field.authserv_id) != name_digest))
		return 0;
	i_zero(stored_r);
	stored_r->authserv_id = field.authserv_id;
	verdict_field_read(pool, &field, &stored_r->verdict);
	return 1;
}

static bool is_written_by_servers(const char *name)
{
	const char *const *names = stored_verdict_fields + 1;

	return str_array_icase_find(names, name);
}

int stored_verdict_read(pool_t pool, struct istream *header,
			const char *const *authserv_ids, uint32_t name_digest,
			struct stored_verdict *stored_r, const char **why_r)
{
	struct message_header_parser_ctx *parser;
	struct message_header_line *hdr;
	int ret, found = 0;

	*why_r = "it has no "FIELD_NAME" field of ours on top";
	parser = message_parse_header_init(header, NULL, 0);
	while (found == 0 &&
	       (ret = message_parse_header_next(parser, &hdr)) > 0) {
		if (hdr->eoh || is_written_by_servers(hdr->name))
			break;
		if (strcasecmp(hdr->name, FIELD_NAME) != 0)
			continue;
		if (hdr->continues) {
			hdr->use_full_value = TRUE;
			continue;
		}
		found = read_field(pool, hdr, authserv_ids, name_digest,
				   stored_r, why_r);
		/* delivery wrote the first one */
		name_digest = 0;
	}
	message_parse_header_deinit(&parser);
	if (found == 0 && header->stream_errno != 0) {
		*why_r = t_strdup_printf("read(%s) failed: %s",
					 i_stream_get_name(header),
					 i_stream_get_error(header));
		return -1;
	}
	return found;
}
