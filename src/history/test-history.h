#ifndef TEST_HISTORY_H
#define TEST_HISTORY_H

#include "history-row.h"

/* For the tests of history and what is made of it. */

/* A message from ip that fails p=quarantine of domain and came through a
   mailing list. Strings live as long as the arguments. */
static inline void
test_history_record(struct history_record *record_r, unsigned int day,
		    const char *domain, const char *ip)
{
	struct history_row *row = &record_r->row;

	i_zero(record_r);
	published_policy_init(&record_r->policy);
	record_r->policy.tree_walk = TRUE;
	record_r->policy.policy = DMARC_POLICY_QUARANTINE;
	record_r->policy.rua = "mailto:dmarc@example.org";
	row->day = day;
	row->policy_domain = domain;
	row->config = t_published_policy_config(&record_r->policy);
	row->dmarc = CHECK_RESULT_FAIL;
	row->reason = HISTORY_REASON_MAILING_LIST;
	row->reason_comment = "list.example.org";
	i_assert(net_addr2ip(ip, &row->source_ip) == 0);
	row->header_from = domain;
	row->envelope_from = "list.example.org";
	row->outside_junk = TRUE;
	row->dkim_count = 1;
	row->dkim[0].domain = domain;
	row->dkim[0].selector = "s1";
	row->dkim[0].result = CHECK_RESULT_FAIL;
	row->dkim[0].human_result = "body hash did not verify";
	row->spf.domain = "list.example.org";
	row->spf.result = CHECK_RESULT_PASS;
}

#endif
