/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "failure-text.h"
#include "history-row.h"
#include "failure-record.h"

#define RECORD_VERSION "1"
#define RECORD_FIELDS 10

static const char *const delivery_names[] = {
	"delivered", "policy", "reject"
};
_Static_assert(N_ELEMENTS(delivery_names) == FAILURE_DELIVERY_REJECT + 1,
	       "a name for every value");

const char *failure_delivery_name(enum failure_delivery delivery)
{
	return delivery_names[delivery];
}

bool failure_record_init(const struct history_record *history,
			 const char *text, time_t time,
			 struct failure_record *record_r)
{
	const struct history_row *row = &history->row;

	i_zero(record_r);
	if (text == NULL || history->policy.ruf == NULL ||
	    row->header_from == NULL || row->source_ip.family == 0 ||
	    time < 0)
		return FALSE;
	record_r->time = time;
	record_r->message_number = history->message_number;
	record_r->policy_domain = row->policy_domain;
	record_r->author_domain = row->header_from;
	record_r->source_ip = row->source_ip;
	record_r->delivery =
		row->disposition == HISTORY_DISPOSITION_REJECT ?
		FAILURE_DELIVERY_REJECT :
		row->disposition == HISTORY_DISPOSITION_QUARANTINE ?
		FAILURE_DELIVERY_POLICY : FAILURE_DELIVERY_DELIVERED;
	record_r->incidents = 1;
	record_r->ruf = history->policy.ruf;
	record_r->text = text;
	return TRUE;
}

void failure_record_encode(const struct failure_record *record, string_t *dest)
{
	str_printfa(dest, FAILURE_RECORD_WORD"\t"RECORD_VERSION"\t%s\t%"PRIx64
		    "\t%s\t%s\t%s\t%s\t%u\t%s\t%s", dec2str(record->time),
		    record->message_number, record->policy_domain,
		    record->author_domain, net_ip2addr(&record->source_ip),
		    failure_delivery_name(record->delivery), record->incidents,
		    record->ruf, record->text);
}

static int
parse_delivery(const char *name, enum failure_delivery *delivery_r)
{
	for (unsigned int i = 0; i < N_ELEMENTS(delivery_names); i++) {
		if (strcmp(delivery_names[i], name) == 0) {
			*delivery_r = i;
			return 0;
		}
	}
	return -1;
}

static bool uris_are_valid(const char *uris)
{
	const char *usable = t_published_uris(uris);

	return usable != NULL && strcmp(usable, uris) == 0;
}

static int
parse_fields(pool_t pool, const char *const *fields,
	     struct failure_record *record_r)
{
	int64_t time;

	if (str_array_length(fields) <= RECORD_FIELDS ||
	    strcmp(fields[0], FAILURE_RECORD_WORD) != 0 ||
	    strcmp(fields[1], RECORD_VERSION) != 0 ||
	    str_to_int64(fields[2], &time) < 0 || time < 0 ||
	    str_to_uint64_hex(fields[3], &record_r->message_number) < 0 ||
	    !verdict_domain_is_valid(fields[4]) ||
	    !verdict_domain_is_valid(fields[5]) ||
	    net_addr2ip(fields[6], &record_r->source_ip) < 0 ||
	    parse_delivery(fields[7], &record_r->delivery) < 0 ||
	    str_to_uint(fields[8], &record_r->incidents) < 0 ||
	    record_r->incidents == 0 || !uris_are_valid(fields[9]))
		return -1;
	record_r->time = time;
	record_r->policy_domain = p_strdup(pool, fields[4]);
	record_r->author_domain = p_strdup(pool, fields[5]);
	record_r->ruf = p_strdup(pool, fields[9]);
	record_r->text = p_strdup(pool,
		t_strarray_join(fields + RECORD_FIELDS, "\t"));
	return failure_text_is_valid(record_r->text) ? 0 : -1;
}

int failure_record_decode(pool_t pool, const char *line,
			  struct failure_record *record_r)
{
	string_t *again = t_str_new(512);

	i_zero(record_r);
	if (strlen(line) > AUTHRES_MAX_HISTORY_ROW_BYTES)
		return -1;
	if (parse_fields(pool, t_strsplit(line, "\t"), record_r) < 0)
		return -1;
	failure_record_encode(record_r, again);
	return strcmp(str_c(again), line) == 0 ? 0 : -1;
}
