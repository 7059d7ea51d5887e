/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "istream.h"
#include "istream-concat.h"
#include "iostream-temp.h"
#include "ostream.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "authres-settings.h"
#include "stream-mail.h"
#include "forged-fields.h"
#include "verdict-field.h"
#include "tagged-mail.h"

struct tagged_mail {
	struct stream_mail *raw;
	unsigned int forged_count;
};

/* The header without the forged fields. It is written out instead of being
   put together from ranges of the original, because a message can have any
   number of them. */
static int
header_without_forged(struct mail_user *user, struct istream *input,
		      const struct forged_fields_query *query,
		      struct istream **header_r, const char **error_r)
{
	string_t *path = t_str_new(128);
	struct forged_fields fields;
	struct ostream *output;

	mail_user_set_get_temp_prefix(path, user->set);
	output = iostream_temp_create_named(str_c(path), 0,
					    "(authres header)");
	if (forged_fields_scan(input, query, output, &fields, error_r) < 0) {
		o_stream_abort(output);
		o_stream_destroy(&output);
		return -1;
	}
	if (o_stream_finish(output) < 0) {
		*error_r = t_strdup_printf("write(%s) failed: %s",
					   o_stream_get_name(output),
					   o_stream_get_error(output));
		o_stream_destroy(&output);
		return -1;
	}
	*header_r = iostream_temp_finish(&output, IO_BLOCK_SIZE);
	return 0;
}

static int
source_stream_create(struct mail_user *user, struct istream *input,
		     const struct verdict *verdict,
		     const struct authres_settings *set,
		     unsigned int *forged_count_r,
		     struct istream **stream_r, const char **error_r)
{
	struct forged_fields_query query;
	struct forged_fields fields;
	struct istream *parts[4];
	const char *newline;
	unsigned int i, count = 0;
	uoff_t body_offset = 0;
	string_t *field;

	i_zero(&query);
	query.authserv_ids = verdict == NULL ? NULL : set->authserv_ids;
	query.client_header = authres_settings_client_header(set);
	if (forged_fields_scan(input, &query, NULL, &fields, error_r) < 0)
		return -1;
	*forged_count_r = fields.count;

	field = t_str_new(1024);
	newline = fields.crlf ? "\r\n" : "\n";
	if (verdict != NULL)
		verdict_field_write(field, verdict, set->authserv_ids[0],
					newline);
	if (fields.count > 0 || fields.client_count > 0) {
		if (header_without_forged(user, input, &query, &parts[1],
					  error_r) < 0)
			return -1;
		body_offset = fields.header_end;
		count = 1;
	}
	parts[0] = i_stream_create_copy_from_string(field);
	parts[++count] = i_stream_create_range(input, body_offset,
					       UOFF_T_MAX);
	parts[++count] = NULL;

	*stream_r = i_stream_create_concat(parts);
	/* raw storage makes a mailbox name of it */
	i_stream_set_name(*stream_r, "<authres delivery>");
	for (i = 0; i < count; i++)
		i_stream_unref(&parts[i]);
	return 0;
}

int tagged_mail_open(struct mail_user *user, struct mail *original,
		     const struct verdict *verdict,
		     const struct authres_settings *set, const char *mail_from,
		     struct tagged_mail **source_r, const char **error_r)
{
	struct tagged_mail *source;
	struct istream *input, *stream;
	unsigned int forged_count;
	int ret;

	if (mail_get_stream(original, NULL, NULL, &input) < 0) {
		*error_r = t_strdup(
			mailbox_get_last_internal_error(original->box, NULL));
		return -1;
	}
	if (source_stream_create(user, input, verdict, set, &forged_count,
				 &stream, error_r) < 0)
		return -1;

	source = i_new(struct tagged_mail, 1);
	source->forged_count = forged_count;
	ret = stream_mail_open(user, original, stream, mail_from,
			       &source->raw, error_r);
	i_stream_unref(&stream);
	if (ret < 0) {
		i_free(source);
		return -1;
	}
	*source_r = source;
	return 0;
}

void tagged_mail_close(struct tagged_mail **_source)
{
	struct tagged_mail *source = *_source;

	if (source == NULL)
		return;
	*_source = NULL;
	stream_mail_close(&source->raw);
	i_free(source);
}

struct mail *tagged_mail_get(struct tagged_mail *source)
{
	return stream_mail_get(source->raw);
}

unsigned int tagged_mail_get_forged_count(struct tagged_mail *source)
{
	return source->forged_count;
}
