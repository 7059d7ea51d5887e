/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hex-binary.h"
#include "sha2.h"
#include "str.h"
#include "strescape.h"
#include "history-row.h"

#define DATA_VERSION "1"
#define HASH_BYTES 16
#define CONFIG_SIZE 16
#define RECORD_WORD "MESSAGE"
/* members of a row before the signatures, and of each of them */
#define ROW_FIELDS 16
#define SIGNATURE_FIELDS 4

static const char *const event_names[] = { "delivered", "taken-back" };
static const char *const disposition_names[] = {
	"none", "pass", "quarantine", "reject"
};
static const char *const reason_names[] = {
	"", "local_policy", "mailing_list", "other", "policy_test_mode",
	"trusted_forwarder", "sampled_out"
};

const char *history_disposition_name(enum history_disposition disposition)
{
	return disposition_names[disposition];
}

const char *history_reason_name(enum history_reason reason)
{
	return reason == HISTORY_REASON_NONE ? NULL : reason_names[reason];
}

static bool text_byte_is_valid(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '<' && c != '>' && c != '&';
}

static bool text_is_valid(const char *text, size_t max_bytes)
{
	size_t len = 0;

	if (text == NULL)
		return TRUE;
	for (; text[len] != '\0'; len++) {
		if (!text_byte_is_valid(text[len]) || len == max_bytes)
			return FALSE;
	}
	return len > 0;
}

const char *t_history_text(const char *text, size_t max_bytes)
{
	string_t *str;

	if (text == NULL || *text == '\0')
		return NULL;
	str = t_str_new(64);
	for (; *text != '\0' && str_len(str) < max_bytes; text++)
		str_append_c(str, text_byte_is_valid(*text) ? *text : '?');
	return str_c(str);
}

bool history_selector_is_valid(const char *selector)
{
	return *selector != '\0' && verdict_domain_is_valid(selector);
}

static bool domain_is_valid(const char *domain)
{
	return *domain != '\0' && verdict_domain_is_valid(domain);
}

static bool config_is_valid(const char *config)
{
	size_t len = strspn(config, "0123456789abcdef");

	return config[len] == '\0' && len == CONFIG_SIZE;
}

static bool has_no_details(const struct history_row *row)
{
	return *row->config == '\0' && row->reason_comment == NULL &&
		!row->dkim_aligned && !row->spf_aligned &&
		row->source_ip.family == 0 && row->header_from == NULL &&
		row->envelope_from == NULL && row->dkim_count == 0 &&
		row->spf.domain == NULL;
}

static bool results_are_valid(const struct history_row *row)
{
	const struct history_dkim *dkim;

	if (row->dkim_count > N_ELEMENTS(row->dkim))
		return FALSE;
	for (unsigned int i = 0; i < row->dkim_count; i++) {
		dkim = &row->dkim[i];
		if (!domain_is_valid(dkim->domain) ||
		    !history_selector_is_valid(dkim->selector) ||
		    !text_is_valid(dkim->human_result,
				   AUTHRES_MAX_HUMAN_RESULT_BYTES) ||
		    !check_method_has_result(CHECK_METHOD_DKIM, dkim->result))
			return FALSE;
	}
	if (row->spf.domain == NULL)
		return row->spf.human_result == NULL;
	return domain_is_valid(row->spf.domain) &&
		text_is_valid(row->spf.human_result,
			      AUTHRES_MAX_HUMAN_RESULT_BYTES) &&
		check_method_has_result(CHECK_METHOD_SPF, row->spf.result);
}

/* No more than history_taken_back_record() says: anybody may write it. */
static bool taken_back_is_valid(const struct history_row *row)
{
	return *row->config == '\0' && row->header_from != NULL &&
		strcmp(row->header_from, row->policy_domain) == 0 &&
		domain_is_valid(row->policy_domain) &&
		row->disposition == HISTORY_DISPOSITION_QUARANTINE &&
		(row->reason == HISTORY_REASON_NONE ||
		 row->reason == HISTORY_REASON_MAILING_LIST ||
		 row->reason == HISTORY_REASON_TRUSTED_FORWARDER) &&
		(row->reason == HISTORY_REASON_NONE) ==
		(row->reason_comment == NULL) &&
		(row->reason_comment == NULL ||
		 verdict_forwarder_is_valid(row->reason_comment)) &&
		!row->dkim_aligned && !row->spf_aligned && !row->automatic &&
		!row->outside_junk && row->envelope_from == NULL &&
		row->dkim_count == 0 && row->spf.domain == NULL &&
		row->spf.human_result == NULL;
}

bool history_row_is_valid(const struct history_row *row)
{
	if (strcmp(row->policy_domain, HISTORY_NO_DOMAIN) == 0)
		return has_no_details(row);
	if (row->event == HISTORY_EVENT_TAKEN_BACK)
		return taken_back_is_valid(row);
	return domain_is_valid(row->policy_domain) &&
		config_is_valid(row->config) &&
		text_is_valid(row->reason_comment, AUTHRES_MAX_COMMENT_BYTES) &&
		(row->reason_comment == NULL ||
		 row->reason != HISTORY_REASON_NONE) &&
		row->header_from != NULL && domain_is_valid(row->header_from) &&
		(row->envelope_from == NULL ||
		 domain_is_valid(row->envelope_from)) &&
		results_are_valid(row);
}

static void append_field(string_t *dest, const char *value)
{
	str_append_c(dest, '\t');
	if (value != NULL)
		str_append(dest, value);
}

static void append_flag(string_t *dest, bool flag)
{
	append_field(dest, flag ? "y" : "n");
}

static void append_data(string_t *dest, const struct history_row *row)
{
	const struct history_dkim *dkim;

	str_append(dest, DATA_VERSION);
	append_field(dest, event_names[row->event]);
	append_field(dest, row->config);
	append_field(dest, check_result_word_name(row->dmarc));
	append_field(dest, disposition_names[row->disposition]);
	append_flag(dest, row->dkim_aligned);
	append_flag(dest, row->spf_aligned);
	append_field(dest, reason_names[row->reason]);
	append_field(dest, row->reason_comment);
	append_field(dest, row->source_ip.family == 0 ? NULL :
		     net_ip2addr(&row->source_ip));
	append_field(dest, row->header_from);
	append_field(dest, row->envelope_from);
	append_flag(dest, row->automatic);
	append_flag(dest, row->outside_junk);
	append_field(dest, row->spf.domain);
	append_field(dest, check_result_word_name(row->spf.result));
	append_field(dest, row->spf.human_result);
	for (unsigned int i = 0; i < row->dkim_count; i++) {
		dkim = &row->dkim[i];
		append_field(dest, dkim->domain);
		append_field(dest, dkim->selector);
		append_field(dest, check_result_word_name(dkim->result));
		append_field(dest, dkim->human_result);
	}
}

const char *t_history_row_data(const struct history_row *row)
{
	string_t *str = t_str_new(256);

	append_data(str, row);
	return str_c(str);
}

const char *t_history_row_hash(const char *data)
{
	unsigned char digest[SHA256_RESULTLEN];

	sha256_get_digest(data, strlen(data), digest);
	return binary_to_hex(digest, HASH_BYTES);
}

static int
parse_name(const char *value, const char *const *names, unsigned int count,
	   unsigned int *idx_r)
{
	for (*idx_r = 0; *idx_r < count; *idx_r += 1) {
		if (strcmp(names[*idx_r], value) == 0)
			return 0;
	}
	return -1;
}

static int parse_flag(const char *value, bool *flag_r)
{
	*flag_r = strcmp(value, "y") == 0;
	return *flag_r || strcmp(value, "n") == 0 ? 0 : -1;
}

static int parse_ip(const char *value, struct ip_addr *ip_r)
{
	i_zero(ip_r);
	return *value == '\0' ? 0 : net_addr2ip(value, ip_r);
}

static const char *parse_text(pool_t pool, const char *value)
{
	return *value == '\0' ? NULL : p_strdup(pool, value);
}

static int
parse_words(const char *const *fields, struct history_row *row)
{
	unsigned int event, disposition, reason;

	if (parse_name(fields[1], event_names, N_ELEMENTS(event_names),
		       &event) < 0 ||
	    parse_name(fields[4], disposition_names,
		       N_ELEMENTS(disposition_names), &disposition) < 0 ||
	    parse_name(fields[7], reason_names, N_ELEMENTS(reason_names),
		       &reason) < 0)
		return -1;
	row->event = event;
	row->disposition = disposition;
	row->reason = reason;
	return check_result_word_parse(fields[3], &row->dmarc) < 0 ||
		parse_flag(fields[5], &row->dkim_aligned) < 0 ||
		parse_flag(fields[6], &row->spf_aligned) < 0 ||
		parse_ip(fields[9], &row->source_ip) < 0 ||
		parse_flag(fields[12], &row->automatic) < 0 ||
		parse_flag(fields[13], &row->outside_junk) < 0 ||
		check_result_word_parse(fields[15], &row->spf.result) < 0 ?
		-1 : 0;
}

static int
parse_signatures(pool_t pool, const char *const *fields,
		 struct history_row *row)
{
	struct history_dkim *dkim;

	for (; *fields != NULL; fields += SIGNATURE_FIELDS) {
		if (row->dkim_count == N_ELEMENTS(row->dkim))
			return -1;
		dkim = &row->dkim[row->dkim_count++];
		dkim->domain = p_strdup(pool, fields[0]);
		dkim->selector = p_strdup(pool, fields[1]);
		if (check_result_word_parse(fields[2], &dkim->result) < 0)
			return -1;
		dkim->human_result = parse_text(pool, fields[3]);
	}
	return 0;
}

/* The row, without knowing its policy domain. */
static int
parse_fields(pool_t pool, const char *const *fields, struct history_row *row_r)
{
	unsigned int count = str_array_length(fields);

	i_zero(row_r);
	if (count <= ROW_FIELDS ||
	    (count - ROW_FIELDS - 1) % SIGNATURE_FIELDS != 0 ||
	    strcmp(fields[0], DATA_VERSION) != 0 ||
	    parse_words(fields, row_r) < 0)
		return -1;
	row_r->config = p_strdup(pool, fields[2]);
	row_r->reason_comment = parse_text(pool, fields[8]);
	row_r->header_from = parse_text(pool, fields[10]);
	row_r->envelope_from = parse_text(pool, fields[11]);
	row_r->spf.domain = parse_text(pool, fields[14]);
	row_r->spf.human_result = parse_text(pool, fields[16]);
	return parse_signatures(pool, fields + ROW_FIELDS + 1, row_r);
}

/* What is written is what was read: one spelling for a row. */
static int
parse_data(pool_t pool, const char *data, struct history_row *row_r)
{
	return strlen(data) <= AUTHRES_MAX_HISTORY_ROW_BYTES &&
		parse_fields(pool, t_strsplit(data, "\t"), row_r) == 0 &&
		strcmp(t_history_row_data(row_r), data) == 0 ? 0 : -1;
}

int history_row_parse(pool_t pool, const char *data, struct history_row *row_r)
{
	if (parse_data(pool, data, row_r) < 0)
		return -1;
	/* the caller knows the domain; any valid one will do here */
	row_r->policy_domain = row_r->header_from == NULL ?
		HISTORY_NO_DOMAIN : row_r->header_from;
	return history_row_is_valid(row_r) ? 0 : -1;
}

void history_record_encode(const struct history_record *record, string_t *dest)
{
	const struct history_row *row = &record->row;
	bool has_policy = *row->config != '\0';

	str_printfa(dest, RECORD_WORD"\t%u\t%s\t%"PRIx64"\t%s\t", row->day,
		    row->policy_domain, record->message_number,
		    has_policy ? t_published_policy_text(&record->policy) : "");
	append_data(dest, row);
}

/* Text up to the next tab; *p is moved behind it. */
static const char *t_next_field(const char **p)
{
	const char *begin = *p, *end = strchr(begin, '\t');

	if (end == NULL)
		return NULL;
	*p = end + 1;
	return t_strdup_until(begin, end);
}

static int
decode_record(pool_t pool, const char *line, struct history_record *record_r)
{
	struct history_row *row = &record_r->row;
	const char *fields[5], *config;

	for (unsigned int i = 0; i < N_ELEMENTS(fields); i++) {
		fields[i] = t_next_field(&line);
		if (fields[i] == NULL)
			return -1;
	}
	if (strcmp(fields[0], RECORD_WORD) != 0 ||
	    history_row_parse(pool, line, row) < 0 ||
	    str_to_uint(fields[1], &row->day) < 0 ||
	    str_to_uint64_hex(fields[3], &record_r->message_number) < 0)
		return -1;
	row->policy_domain = p_strdup(pool, fields[2]);
	if (!history_row_is_valid(row))
		return -1;
	if (*row->config == '\0') {
		published_policy_init(&record_r->policy);
		return *fields[4] == '\0' ? 0 : -1;
	}
	if (published_policy_parse(pool, fields[4], &record_r->policy) < 0)
		return -1;
	config = t_published_policy_config(&record_r->policy);
	return strcmp(config, row->config) == 0 ? 0 : -1;
}

int history_record_decode(pool_t pool, const char *line,
			  struct history_record *record_r,
			  const char **error_r)
{
	i_zero(record_r);
	if (strlen(line) > AUTHRES_MAX_HISTORY_ROW_BYTES) {
		*error_r = "line is too long";
		return -1;
	}
	if (decode_record(pool, line, record_r) < 0) {
		*error_r = "no record of a message";
		return -1;
	}
	return 0;
}
