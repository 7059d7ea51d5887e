/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "purported-address.h"
#include "resolver.h"
#include "spf-record.h"
#include "spf-scope.h"
#include "fuzzer.h"

struct fuzz_input {
	pool_t pool;
	ARRAY_TYPE(dns_record) records;
	buffer_t *body;
};

static bool is_empty(const struct msg_field *field)
{
	return strspn(t_msg_field_value(field), " \t\r\n") ==
		strlen(t_msg_field_value(field));
}

/* The index of the first such field that is not empty, UINT_MAX = none. */
static unsigned int
find_field(const struct msg_header *header, const char *name,
	   unsigned int *count_r)
{
	const struct msg_field *field;
	unsigned int first = UINT_MAX;

	*count_r = 0;
	array_foreach(&header->fields, field) {
		if (strcasecmp(field->name, name) != 0 || is_empty(field))
			continue;
		if ((*count_r)++ == 0)
			first = array_foreach_idx(&header->fields, field);
	}
	return first;
}

static bool
has_trace_between(const struct msg_header *header, unsigned int first,
		  unsigned int last)
{
	const struct msg_field *field;

	for (; first < last; first++) {
		field = array_idx(&header->fields, first);
		if (strcasecmp(field->name, "Received") == 0 ||
		    strcasecmp(field->name, "Return-Path") == 0)
			return TRUE;
	}
	return FALSE;
}

/* RFC 4407 section 2 as it is written, step after step: the field that it
   selects, NULL = none. */
static const char *select_as_written(const struct msg_header *header)
{
	unsigned int resent_sender, resent_from, count;

	resent_sender = find_field(header, "Resent-Sender", &count);
	resent_from = find_field(header, "Resent-From", &count);
	if (resent_sender != UINT_MAX &&
	    (resent_from > resent_sender ||
	     !has_trace_between(header, resent_from, resent_sender)))
		return "resent-sender";
	if (resent_from != UINT_MAX)
		return "resent-from";
	(void)find_field(header, "Sender", &count);
	if (count > 0)
		return count == 1 ? "sender" : NULL;
	(void)find_field(header, "From", &count);
	return count == 1 ? "from" : NULL;
}

static void check_header(const struct msg_header *header, void *context)
{
	struct fuzz_input *input = context;
	struct purported_address pra;
	const char *field = select_as_written(header), *again, *error;

	purported_address_find(input->pool, header, &pra);
	i_assert((pra.domain == NULL) == (pra.reason != NULL));
	i_assert((pra.domain == NULL) == (pra.local_part == NULL));
	if (header->limit_reason != NULL) {
		i_assert(pra.field == NULL && pra.domain == NULL);
		return;
	}
	i_assert(null_strcmp(pra.field, field) == 0);
	if (pra.domain == NULL)
		return;
	i_assert(field != NULL && *pra.local_part != '\0');
	i_assert(strlen(pra.domain) <= AUTHRES_MAX_DOMAIN_BYTES);
	i_assert(domain_to_ascii(pra.domain, &again, &error) == 0 &&
		 strcmp(pra.domain, again) == 0);
}

static void
append_body(const unsigned char *data, size_t size, void *context)
{
	struct fuzz_input *input = context;

	buffer_append(input->body, data, size);
}

/* Every line of the body is a TXT record. */
static void read_records(struct fuzz_input *input)
{
	const unsigned char *p = input->body->data;
	const unsigned char *end = p + input->body->used, *lf;
	struct dns_record *record;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', end - p);
		if (lf == NULL)
			lf = end - 1;
		record = array_append_space(&input->records);
		/* without the CR */
		record->text_size = lf > p ? lf - p - 1 : 0;
		record->text = p_memdup(input->pool, p, record->text_size + 1);
	}
}

static void check_selection(const struct dns_answer *answer, const char *scope)
{
	const struct dns_record *record;
	struct spf_selection selection;
	unsigned int spf1_count = 0, scope_count = 0, count;
	int ret;

	array_foreach(&answer->records, record) {
		if (spf_record_has_version(record->text, record->text_size))
			spf1_count++;
		else if (scope != NULL &&
			 spf_scope_version_size(record->text, record->text_size,
						scope) > 0)
			scope_count++;
	}
	ret = spf_select_record(answer, scope, &selection);
	count = scope_count > 0 ? scope_count : spf1_count;
	i_assert(ret == (count > 1 ? -1 : (int)count));
	i_assert((selection.record != NULL) == (ret != 0));
	if (ret == 0)
		return;
	i_assert((strcmp(selection.version, "spf2.0") == 0) ==
		 (scope_count > 0));
	i_assert(selection.version_size <= selection.record->text_size);
	i_assert(selection.version_size == selection.record->text_size ||
		 selection.record->text[selection.version_size] == ' ');
}

static void check_terms(struct fuzz_input *input,
			const struct dns_answer *answer)
{
	struct spf_selection selection;
	struct spf_record record;
	const char *error = NULL;

	if (spf_select_record(answer, SPF_SCOPE_PRA, &selection) > 0 &&
	    spf_terms_parse(input->pool,
			    selection.record->text + selection.version_size,
			    selection.record->text_size -
			    selection.version_size, &record, &error) < 0)
		i_assert(error != NULL && strlen(error) < 256);
}

/* A message: its header, and TXT records in its body. */
FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = check_header,
		.body = append_body,
	};
	pool_t pool = pool_alloconly_create("fuzz", 4096);
	struct fuzz_input input = { .pool = pool };
	struct msg_parser *parser = msg_parser_init(pool, &v, &input);
	struct dns_answer answer;

	input.body = t_buffer_create(1024);
	p_array_init(&input.records, pool, 8);
	msg_parser_more(parser, data, size);
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);

	read_records(&input);
	i_zero(&answer);
	answer.records = input.records;
	check_selection(&answer, NULL);
	check_selection(&answer, SPF_SCOPE_PRA);
	check_selection(&answer, "mfrom");
	check_terms(&input, &answer);
	pool_unref(&pool);
}
FUZZ_END
