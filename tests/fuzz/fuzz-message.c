/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "sha2.h"
#include "str.h"
#include "body-hash.h"
#include "msg-parser.h"
#include "reference-message.h"
#include "fuzzer.h"

/* The first byte chooses in how large pieces the rest is read: a message,
   against the reference. */

struct fuzz_reading {
	pool_t pool;
	const struct msg_header *header;
	string_t *body;
	struct body_hash_set *hashes;
};

static void reading_header_done(const struct msg_header *header, void *context)
{
	struct fuzz_reading *reading = context;

	i_assert(reading->header == NULL);
	reading->header = header;
}

static void reading_body(const unsigned char *data, size_t size, void *context)
{
	struct fuzz_reading *reading = context;

	i_assert(reading->header != NULL);
	i_assert(size > 0);
	str_append_data(reading->body, data, size);
	body_hash_more(reading->hashes, data, size);
}

static void fuzz_read(struct fuzz_reading *reading, const unsigned char *data,
		      size_t size, size_t piece)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = reading_header_done,
		.body = reading_body,
	};
	struct msg_parser *parser = msg_parser_init(reading->pool, &v, reading);
	unsigned char *copy = i_malloc(piece);
	size_t pos;

	for (pos = 0; pos < size; pos += piece) {
		piece = I_MIN(piece, size - pos);
		/* what is remembered must not point into a piece */
		memcpy(copy, data + pos, piece);
		msg_parser_more(parser, copy, piece);
		memset(copy, '\n', piece);
	}
	i_free(copy);
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
	body_hash_finish(reading->hashes);
	i_assert(reading->header != NULL);
}

static bool same(const string_t *a, const string_t *b)
{
	return str_len(a) == str_len(b) &&
		memcmp(str_data(a), str_data(b), str_len(a)) == 0;
}

static void check_canonical_field(const struct msg_field *field,
				  const struct reference_field *wanted)
{
	string_t *ours = t_str_new(field->size + 2);
	string_t *theirs = t_str_new(field->size + 2);
	enum canonicalization c;

	for (c = CANONICALIZATION_SIMPLE; c <= CANONICALIZATION_RELAXED; c++) {
		str_truncate(ours, 0);
		canonicalize_field(ours, field, c, TRUE);
		str_truncate(theirs, 0);
		reference_field_canonical(theirs, wanted, c);
		i_assert(same(ours, theirs));
		str_truncate(ours, 0);
		canonicalize_field(ours, field, c, FALSE);
		str_append(ours, "\r\n");
		i_assert(same(ours, theirs));
	}
}

static void check_header(const struct msg_header *header,
			 const struct reference_message *message)
{
	const struct msg_field *fields;
	const struct reference_field *wanted;
	unsigned int i, count, wanted_count;

	fields = array_get(&header->fields, &count);
	wanted = array_get(&message->fields, &wanted_count);
	if (header->limit_reason == NULL) {
		i_assert(count == wanted_count);
	} else {
		/* only the number of fields can be too large here */
		i_assert(wanted_count > AUTHRES_MAX_HEADER_FIELDS);
		i_assert(count >= AUTHRES_MAX_HEADER_FIELDS);
		i_assert(count <= AUTHRES_MAX_HEADER_FIELDS +
			 AUTHRES_RESERVED_FROM_FIELDS);
		count = AUTHRES_MAX_HEADER_FIELDS;
	}
	for (i = 0; i < count; i++) T_BEGIN {
		i_assert(fields[i].size == wanted[i].size);
		i_assert(memcmp(fields[i].data, wanted[i].data,
				fields[i].size) == 0);
		i_assert(strcmp(fields[i].name, wanted[i].name) == 0);
		i_assert(fields[i].value_offset == wanted[i].value_offset);
		i_assert(strpbrk(t_msg_field_value(&fields[i]), "\n") == NULL);
		check_canonical_field(&fields[i], &wanted[i]);
	} T_END;
}

static void check_hash(const struct body_hash *hash, const string_t *canonical,
		       uoff_t length)
{
	unsigned char digest[SHA256_RESULTLEN];
	size_t size = I_MIN(str_len(canonical), length);

	sha256_get_digest(str_data(canonical), size, digest);
	i_assert(memcmp(hash->digest, digest, sizeof(digest)) == 0);
	i_assert(hash->hashed_bytes == size);
	i_assert(hash->canonical_bytes == str_len(canonical));
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	struct fuzz_reading reading;
	struct reference_message message;
	string_t *canonical;
	unsigned int piece = size == 0 ? 0 : *data++;
	uoff_t lengths[] = { 0, piece, size / 2, 0, 0, 0, BODY_HASH_WHOLE };
	unsigned int handles[2][N_ELEMENTS(lengths)], i;
	enum canonicalization c;

	size -= size == 0 ? 0 : 1;
	reference_message_read(data, size, &message);
	i_zero(&reading);
	reading.pool = pool_alloconly_create("fuzz message", 4096);
	reading.body = t_str_new(size + 16);
	reading.hashes = body_hash_set_init(reading.pool);
	for (c = CANONICALIZATION_SIMPLE; c <= CANONICALIZATION_RELAXED; c++) {
		canonical = reference_body_canonical(message.body, c);
		/* before, at and behind the end */
		lengths[3] = str_len(canonical);
		lengths[4] = lengths[3] + 1;
		lengths[5] = lengths[3] - I_MIN(lengths[3], 1);
		for (i = 0; i < N_ELEMENTS(lengths); i++) {
			handles[c][i] = body_hash_add(reading.hashes, c,
						      lengths[i]);
		}
	}
	fuzz_read(&reading, data, size, piece == 255 ? 65536 : piece + 1);
	check_header(reading.header, &message);
	i_assert(same(reading.body, message.body));
	for (c = CANONICALIZATION_SIMPLE; c <= CANONICALIZATION_RELAXED; c++) {
		canonical = reference_body_canonical(message.body, c);
		lengths[3] = str_len(canonical);
		lengths[4] = lengths[3] + 1;
		lengths[5] = lengths[3] - I_MIN(lengths[3], 1);
		for (i = 0; i < N_ELEMENTS(lengths); i++) {
			check_hash(body_hash_get(reading.hashes,
						 handles[c][i]),
				   canonical, lengths[i]);
		}
	}
	body_hash_set_deinit(&reading.hashes);
	pool_unref(&reading.pool);
}
FUZZ_END
