/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "authres-limits.h"
#include "known-answer.h"

#define KNOWN_FLAG_ALIAS 0x01
#define KNOWN_FLAG_SECURE 0x02
#define KNOWN_FLAGS (KNOWN_FLAG_ALIAS | KNOWN_FLAG_SECURE)

/* What is still to be read; never more than there is. */
struct known_reader {
	const unsigned char *data;
	size_t left;
};

static void append_uint16(buffer_t *dest, unsigned int number)
{
	buffer_append_c(dest, number >> 8);
	buffer_append_c(dest, number & 0xff);
}

static bool append_name(buffer_t *dest, const char *name)
{
	size_t size = strlen(name);

	if (size > AUTHRES_MAX_DOMAIN_BYTES)
		return FALSE;
	buffer_append_c(dest, size);
	buffer_append(dest, name, size);
	return TRUE;
}

static bool append_record(buffer_t *dest, enum dns_type type,
			  const struct dns_record *record)
{
	switch (type) {
	case DNS_TYPE_A:
		buffer_append(dest, &record->ip.u.ip4, 4);
		return TRUE;
	case DNS_TYPE_AAAA:
		buffer_append(dest, &record->ip.u.ip6, 16);
		return TRUE;
	case DNS_TYPE_MX:
		append_uint16(dest, record->preference);
		return append_name(dest, record->name);
	case DNS_TYPE_TXT:
		if (record->text_size > UINT16_MAX)
			return FALSE;
		append_uint16(dest, record->text_size);
		buffer_append(dest, record->text, record->text_size);
		return TRUE;
	case DNS_TYPE_PTR:
		return append_name(dest, record->name);
	}
	return FALSE;
}

bool known_answer_encode(buffer_t *dest, const char *name, enum dns_type type,
			 const struct dns_answer *answer)
{
	const struct dns_record *record;
	unsigned int count = array_count(&answer->records);

	if (answer->status == DNS_STATUS_TEMPORARY || count > UINT16_MAX)
		return FALSE;
	buffer_append_c(dest, type);
	buffer_append_c(dest, answer->status);
	buffer_append_c(dest, (answer->alias ? KNOWN_FLAG_ALIAS : 0) |
			(answer->secure ? KNOWN_FLAG_SECURE : 0));
	if (!append_name(dest, name))
		return FALSE;
	append_uint16(dest, count);
	array_foreach(&answer->records, record) {
		if (!append_record(dest, type, record))
			return FALSE;
	}
	return TRUE;
}

static bool read_bytes(struct known_reader *reader, size_t size,
		       const unsigned char **data_r)
{
	if (size > reader->left)
		return FALSE;
	*data_r = reader->data;
	reader->data += size;
	reader->left -= size;
	return TRUE;
}

static bool read_uint8(struct known_reader *reader, unsigned int *number_r)
{
	const unsigned char *data;

	if (!read_bytes(reader, 1, &data))
		return FALSE;
	*number_r = data[0];
	return TRUE;
}

static bool read_uint16(struct known_reader *reader, unsigned int *number_r)
{
	const unsigned char *data;

	if (!read_bytes(reader, 2, &data))
		return FALSE;
	*number_r = (data[0] << 8) | data[1];
	return TRUE;
}

static bool read_is(struct known_reader *reader, unsigned int number)
{
	unsigned int found;

	return read_uint8(reader, &found) && found == number;
}

/* The name of an MX or PTR: "" is the root. */
static bool read_name(pool_t pool, struct known_reader *reader,
		      const char **name_r)
{
	const unsigned char *data;
	const char *name, *normal;
	unsigned int size;
	bool good;

	if (!read_uint8(reader, &size) || !read_bytes(reader, size, &data) ||
	    (size > 0 && memchr(data, '\0', size) != NULL))
		return FALSE;
	*name_r = name = p_strndup(pool, data, size);
	T_BEGIN {
		good = size == 0 || (dns_name_normalize(name, &normal) == 0 &&
				     strcmp(name, normal) == 0);
	} T_END;
	return good;
}

static bool read_record(pool_t pool, struct known_reader *reader,
			enum dns_type type, struct dns_record *record)
{
	const unsigned char *data;
	unsigned char *text;
	unsigned int size;

	switch (type) {
	case DNS_TYPE_A:
		if (!read_bytes(reader, 4, &data))
			return FALSE;
		record->ip.family = AF_INET;
		memcpy(&record->ip.u.ip4, data, 4);
		return TRUE;
	case DNS_TYPE_AAAA:
		if (!read_bytes(reader, 16, &data))
			return FALSE;
		record->ip.family = AF_INET6;
		memcpy(&record->ip.u.ip6, data, 16);
		return TRUE;
	case DNS_TYPE_MX:
		return read_uint16(reader, &record->preference) &&
			read_name(pool, reader, &record->name);
	case DNS_TYPE_TXT:
		if (!read_uint16(reader, &size) ||
		    !read_bytes(reader, size, &data))
			return FALSE;
		/* NUL-terminated: pools give zeroes */
		text = p_malloc(pool, size + 1);
		memcpy(text, data, size);
		record->text = text;
		record->text_size = size;
		return TRUE;
	case DNS_TYPE_PTR:
		return read_name(pool, reader, &record->name);
	}
	return FALSE;
}

static bool status_fits(unsigned int status, unsigned int record_count)
{
	switch ((enum dns_status)status) {
	case DNS_STATUS_ANSWER:
		return record_count > 0;
	case DNS_STATUS_NODATA:
	case DNS_STATUS_NXDOMAIN:
		return record_count == 0;
	case DNS_STATUS_TEMPORARY:
		break;
	}
	return FALSE;
}

bool known_answer_decode(pool_t pool, const unsigned char *data, size_t size,
			 const char *name, enum dns_type type,
			 struct dns_answer *answer_r)
{
	struct known_reader reader = { data, size };
	unsigned int status, flags, count, i;
	size_t name_size = strlen(name);
	const unsigned char *name_data;

	i_zero(answer_r);
	if (!read_is(&reader, type) || !read_uint8(&reader, &status) ||
	    !read_uint8(&reader, &flags) ||
	    (flags & ~(unsigned int)KNOWN_FLAGS) != 0 ||
	    !read_is(&reader, name_size) ||
	    !read_bytes(&reader, name_size, &name_data) ||
	    memcmp(name_data, name, name_size) != 0 ||
	    !read_uint16(&reader, &count) ||
	    count > AUTHRES_MAX_DNS_RECORDS || !status_fits(status, count))
		return FALSE;
	answer_r->status = (enum dns_status)status;
	answer_r->alias = (flags & KNOWN_FLAG_ALIAS) != 0;
	answer_r->secure = (flags & KNOWN_FLAG_SECURE) != 0;
	p_array_init(&answer_r->records, pool, I_MAX(count, 1));
	for (i = 0; i < count; i++) {
		if (!read_record(pool, &reader, type,
				 array_append_space(&answer_r->records)))
			return FALSE;
	}
	return reader.left == 0;
}
