/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "str-sanitize.h"
#include "verdict-policy.h"
#include "sentence.h"
#include "decision-row.h"

#define DECISION_MAX_COLUMN_CHARS 512

const char *const decision_column_names[DECISION_COLUMN_COUNT] = {
	"user", "mailbox", "uid", "date", "author_domain", "client_ip",
	"results", "policy", "reason", "delivered"
};

/* "dmarc=fail spf=softfail dkim=none" */
static const char *t_results(const struct verdict *verdict)
{
	const struct check_result *result;
	string_t *str = t_str_new(64);

	if (!array_is_created(&verdict->results))
		return "";
	array_foreach(&verdict->results, result) {
		if (str_len(str) > 0)
			str_append_c(str, ' ');
		str_printfa(str, "%s=%s", check_method_name(result->method),
			    check_result_word_name(result->result));
	}
	return str_c(str);
}

void decision_row_fill(const struct verdict *verdict,
		       const char *columns[DECISION_COLUMN_COUNT])
{
	unsigned int i;

	columns[DECISION_COLUMN_AUTHOR_DOMAIN] = verdict->author_domain;
	columns[DECISION_COLUMN_CLIENT_IP] = verdict->client_ip.family == 0 ?
		NULL : net_ip2addr(&verdict->client_ip);
	columns[DECISION_COLUMN_RESULTS] = t_results(verdict);
	columns[DECISION_COLUMN_POLICY] = verdict_failed_policy(verdict);
	columns[DECISION_COLUMN_REASON] = t_sentence_verdict(verdict);
	for (i = DECISION_COLUMN_AUTHOR_DOMAIN;
	     i <= DECISION_COLUMN_REASON; i++) {
		columns[i] = columns[i] == NULL ? "" :
			str_sanitize(columns[i], DECISION_MAX_COLUMN_CHARS);
	}
}
