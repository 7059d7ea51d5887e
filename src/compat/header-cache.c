/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "mail-cache.h"
#include "mail-storage-private.h"
#include "header-cache.h"

#define SECS_PER_DAY (24 * 3600)

void header_cache_request(struct mailbox *box, const char *const *fields)
{
	ARRAY(struct mail_cache_field) cache_fields;
	struct mail_cache_field *field;

	if (box->cache == NULL)
		return;
	t_array_init(&cache_fields, 4);
	for (; *fields != NULL; fields++) {
		field = array_append_space(&cache_fields);
		field->name = t_strconcat("hdr.", t_str_lcase(*fields), NULL);
		field->type = MAIL_CACHE_FIELD_HEADER;
		field->decision = MAIL_CACHE_DECISION_YES;
		/* a change is written to the file: once a day is enough */
		field->last_used = ioloop_time - ioloop_time % SECS_PER_DAY;
	}
#if DOVECOT_PREREQ(2,4,0)
	mail_cache_register_fields(box->cache,
				   array_front_modifiable(&cache_fields),
				   array_count(&cache_fields),
				   pool_datastack_create());
#else
	mail_cache_register_fields(box->cache,
				   array_front_modifiable(&cache_fields),
				   array_count(&cache_fields));
#endif
}
