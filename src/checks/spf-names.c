/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "domain-name.h"
#include "spf-names.h"

enum dns_type spf_address_type(const struct spf_evaluation *evaluation)
{
	return IPADDR_IS_V4(evaluation->values.client_ip) ?
		DNS_TYPE_A : DNS_TYPE_AAAA;
}

/* The PTR answer for the client. */
static const struct dns_answer *
spf_client_names(struct spf_evaluation *evaluation)
{
	return dns_session_lookup(evaluation->dns,
		dns_ip_reverse_name(evaluation->values.client_ip),
		DNS_TYPE_PTR);
}

bool spf_name_is_validated(struct spf_evaluation *evaluation, const char *name,
			   bool *unknown_r)
{
	const struct dns_answer *answer;
	const struct dns_record *record;

	if (*name == '\0')
		return FALSE;
	answer = dns_session_lookup(evaluation->dns, name,
				    spf_address_type(evaluation));
	if (dns_answer_is_placeholder(answer))
		*unknown_r = TRUE;
	/* "If a DNS error occurs while doing an A RR lookup, then that domain
	   name is skipped" (section 5.5) */
	if (answer->status != DNS_STATUS_ANSWER)
		return FALSE;
	array_foreach(&answer->records, record) {
		if (net_ip_compare(&record->ip, evaluation->values.client_ip))
			return TRUE;
	}
	return FALSE;
}

/* How well a validated name serves for the p macro: the domain itself, else a
   name below it, else any (RFC 7208 section 7.3). */
static unsigned int spf_name_rank(const char *name, const char *domain)
{
	if (strcmp(name, domain) == 0)
		return 3;
	return domain_is_within(name, domain) ? 2 : 1;
}

bool spf_validated_name_find(struct spf_evaluation *evaluation,
			     const struct spf_macro *macro)
{
	const struct dns_answer *answer;
	const struct dns_record *records;
	unsigned int i, count, rank, best_rank = 0;
	bool unknown = FALSE;

	if (!macro->uses_p)
		return TRUE;
	evaluation->values.validated_name = NULL;
	answer = spf_client_names(evaluation);
	if (dns_answer_is_placeholder(answer))
		return FALSE;
	if (answer->status != DNS_STATUS_ANSWER)
		return TRUE;
	records = array_get(&answer->records, &count);
	count = I_MIN(count, AUTHRES_MAX_SPF_PTR_NAMES);
	for (i = 0; i < count; i++) {
		if (!spf_name_is_validated(evaluation, records[i].name,
					   &unknown))
			continue;
		rank = spf_name_rank(records[i].name,
				     evaluation->values.domain);
		if (rank > best_rank) {
			best_rank = rank;
			evaluation->values.validated_name = records[i].name;
		}
	}
	return !unknown;
}

enum spf_match spf_target_name(struct spf_evaluation *evaluation,
			       const struct spf_macro *macro,
			       const char **name_r)
{
	const char *name;

	if (macro->part_count == 0) {
		*name_r = evaluation->values.domain;
		return SPF_MATCH_YES;
	}
	if (!spf_validated_name_find(evaluation, macro))
		return SPF_MATCH_UNKNOWN;
	/* A name that cannot be asked is one that does not exist, but it is
	   nobody's DNS question and so no void lookup. */
	if (spf_macro_expand_name(macro, &evaluation->values, &name) < 0 ||
	    dns_name_normalize(name, name_r) < 0)
		return SPF_MATCH_NO;
	return SPF_MATCH_YES;
}
