/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "verdict-comment.h"
#include "verdict-field.h"
#include "fuzzer.h"

/* The input is the value of a field. */

static const char *const our_ids[] = {
	"mx.example.org", "relay.example.org", NULL
};
static const size_t name_len = sizeof("Authentication-Results:") - 1;

static void check_lines(const char *field)
{
	size_t line_len = 0;

	for (; *field != '\0'; field++) {
		if (*field == '\r') {
			field++;
			i_assert(*field == '\n');
			i_assert(field[1] == '\0' || field[1] == ' ' ||
				 field[1] == '\t');
			line_len = 0;
			continue;
		}
		i_assert((*field >= 0x20 && *field <= 0x7e) || *field == '\t');
		i_assert(++line_len <= 998);
	}
}

static const char *
t_write(const struct authres_field *field, const char *authserv_id)
{
	string_t *str = t_str_new(256);

	authres_field_write(str, authserv_id, &field->results,
			    field->comment, "\r\n");
	check_lines(str_c(str));
	return str_c(str);
}

static bool claims(const char *field)
{
	return authres_field_claims((const unsigned char *)field + name_len,
				    strlen(field) - name_len, our_ids);
}

/* What is written can be read, and is the same when it is written again. */
static void check_round_trip(const struct authres_field *field)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct authres_field again;
	const char *first, *error;

	first = t_write(field, field->authserv_id);
	if (authres_field_parse(pool, (const unsigned char *)first + name_len,
				strlen(first) - name_len, &again, &error) < 0)
		i_panic("%s: %s", error, first);
	i_assert(array_count(&again.results) == array_count(&field->results));
	i_assert(strcmp(t_write(&again, again.authserv_id), first) == 0);
	pool_unref(&pool);
}

static void
read_verdict(pool_t pool, const char *field, struct verdict *verdict_r)
{
	struct authres_field parsed;
	const char *error;

	if (authres_field_parse(pool, (const unsigned char *)field + name_len,
				strlen(field) - name_len, &parsed, &error) < 0)
		i_panic("%s: %s", error, field);
	verdict_field_read(pool, &parsed, verdict_r);
}

static const char *t_write_verdict(const struct verdict *verdict)
{
	string_t *str = t_str_new(256);

	verdict_field_write(str, verdict, "mx", "\r\n");
	check_lines(str_c(str));
	return str_c(str);
}

/* What a verdict says in the field reads back the same, whatever made it; and
   its comment has no byte on which readers differ. */
static void check_verdict_round_trip(const struct authres_field *field)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct verdict verdict, again;
	const char *first, *comment;

	verdict_field_read(pool, field, &verdict);
	first = t_write_verdict(&verdict);
	read_verdict(pool, first, &again);
	i_assert(strcmp(t_write_verdict(&again), first) == 0);
	i_assert(again.origin == verdict.origin);
	i_assert(net_ip_compare(&again.client_ip, &verdict.client_ip));
	i_assert(again.client_source == verdict.client_source);
	i_assert(again.received_index == verdict.received_index);
	i_assert(null_strcmp(again.list_domain, verdict.list_domain) == 0);
	i_assert(null_strcmp(again.forwarder, verdict.forwarder) == 0);

	comment = t_verdict_comment(&verdict);
	i_assert(comment == NULL ||
		 (strpbrk(comment, "();\"\\") == NULL &&
		  strlen(comment) <= AUTHRES_MAX_FIELD_COMMENT_BYTES));
	pool_unref(&pool);
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct authres_field field;
	const char *error = NULL;
	bool claimed;

	claimed = authres_field_claims(data, size, our_ids);
	if (authres_field_parse(pool, data, size, &field, &error) < 0)
		i_assert(error != NULL);
	else {
		/* no reader by the grammar sees an id of ours that was left */
		i_assert(claimed || !str_array_icase_find(our_ids,
							  field.authserv_id));
		if (size < AUTHRES_MAX_FIELD_BYTES / 4) {
			check_round_trip(&field);
			check_verdict_round_trip(&field);
			i_assert(claims(t_write(&field, our_ids[0])));
			i_assert(!claims(t_write(&field, "filter.example")));
		}
	}
	pool_unref(&pool);
}
FUZZ_END
