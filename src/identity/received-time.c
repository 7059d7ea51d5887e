/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "message-date.h"
#include "msg-parser.h"
#include "received-time.h"

bool received_time(const struct msg_field *field, time_t *time_r)
{
	const unsigned char *date = NULL;
	size_t i;
	int timezone_offset;

	/* No client brings a semicolon behind the writer's last one. */
	for (i = field->size; i > field->value_offset && date == NULL; i--) {
		if (field->data[i - 1] == ';')
			date = field->data + i;
	}
	if (date == NULL)
		return FALSE;
	i = field->data + field->size - date;
	return message_date_parse(date, i, time_r, &timezone_offset) &&
		*time_r > 0;
}
