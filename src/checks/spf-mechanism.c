/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "domain-name.h"
#include "spf-record.h"
#include "spf-names.h"
#include "spf-mechanism.h"

/* Not net_is_in_network(): that takes IPv4-mapped addresses for IPv4, and
   section 5 says an ip6 mechanism never matches an IPv4 client. */
static bool spf_ip_is_within(const struct ip_addr *ip,
			     const struct ip_addr *network, unsigned int bits)
{
	const unsigned char *p1, *p2;
	unsigned char mask;

	if (ip->family != network->family)
		return FALSE;
	if (IPADDR_IS_V4(ip)) {
		p1 = (const void *)&ip->u.ip4;
		p2 = (const void *)&network->u.ip4;
	} else {
		p1 = (const void *)&ip->u.ip6;
		p2 = (const void *)&network->u.ip6;
	}
	if (memcmp(p1, p2, bits / 8) != 0)
		return FALSE;
	if (bits % 8 == 0)
		return TRUE;
	mask = 0xff << (8 - bits % 8);
	return ((p1[bits / 8] ^ p2[bits / 8]) & mask) == 0;
}

static bool
spf_directive_has_address(const struct spf_evaluation *evaluation,
			  const struct spf_directive *directive,
			  const struct ip_addr *network)
{
	const struct ip_addr *ip = evaluation->values.client_ip;

	return spf_ip_is_within(ip, network, IPADDR_IS_V4(ip) ?
				directive->ip4_bits : directive->ip6_bits);
}

static bool
spf_answer_has_address(const struct spf_evaluation *evaluation,
		       const struct spf_directive *directive,
		       const struct dns_answer *answer)
{
	const struct dns_record *record;

	if (answer->status != DNS_STATUS_ANSWER)
		return FALSE;
	array_foreach(&answer->records, record) {
		if (spf_directive_has_address(evaluation, directive,
					      &record->ip))
			return TRUE;
	}
	return FALSE;
}

/* Why evaluation ends at this answer. */
static enum spf_match
spf_answer_temperror(struct spf_evaluation *evaluation,
		     const struct dns_answer *answer, const char *name,
		     enum dns_type type, const char **reason_r)
{
	*reason_r = p_strdup_printf(evaluation->pool, "%s %s: %s",
				    dns_type_name(type), name, answer->reason);
	return SPF_MATCH_TEMPERROR;
}

/* The question of a term for its own name. Returns YES if there are records,
   else what that means for the term. */
static enum spf_match
spf_term_ask(struct spf_evaluation *evaluation, const char *name,
	     enum dns_type type, const struct dns_answer **answer_r,
	     const char **reason_r)
{
	const struct dns_answer *answer;

	*answer_r = answer = dns_session_lookup(evaluation->dns, name, type);
	if (dns_answer_is_placeholder(answer))
		return SPF_MATCH_UNKNOWN;
	switch (answer->status) {
	case DNS_STATUS_ANSWER:
		return SPF_MATCH_YES;
	case DNS_STATUS_TEMPORARY:
		return spf_answer_temperror(evaluation, answer, name, type,
					    reason_r);
	case DNS_STATUS_NODATA:
	case DNS_STATUS_NXDOMAIN:
		break;
	}
	if (evaluation->void_lookups == AUTHRES_MAX_SPF_VOID_LOOKUPS) {
		*reason_r = p_strdup_printf(evaluation->pool,
			"more than %u terms without DNS records, last %s",
			AUTHRES_MAX_SPF_VOID_LOOKUPS, name);
		return SPF_MATCH_PERMERROR;
	}
	evaluation->void_lookups++;
	return SPF_MATCH_NO;
}

static enum spf_match
spf_match_a(struct spf_evaluation *evaluation,
	    const struct spf_directive *directive, const char *target,
	    const char **reason_r)
{
	const struct dns_answer *answer;
	enum spf_match match;

	match = spf_term_ask(evaluation, target, spf_address_type(evaluation),
			     &answer, reason_r);
	if (match == SPF_MATCH_YES &&
	    !spf_answer_has_address(evaluation, directive, answer))
		match = SPF_MATCH_NO;
	return match;
}

/* Section 5.7: A records, also for an IPv6 client */
static enum spf_match
spf_match_exists(struct spf_evaluation *evaluation, const char *target,
		 const char **reason_r)
{
	const struct dns_answer *answer;

	return spf_term_ask(evaluation, target, DNS_TYPE_A, &answer, reason_r);
}

static enum spf_match
spf_match_mx(struct spf_evaluation *evaluation,
	     const struct spf_directive *directive, const char *target,
	     const char **reason_r)
{
	enum dns_type type = spf_address_type(evaluation);
	const struct dns_answer *mx, *answer;
	const struct dns_record *record;
	enum spf_match match;
	bool unknown = FALSE;

	match = spf_term_ask(evaluation, target, DNS_TYPE_MX, &mx, reason_r);
	if (match != SPF_MATCH_YES)
		return match;
	if (array_count(&mx->records) > AUTHRES_MAX_SPF_MX_NAMES) {
		*reason_r = p_strdup_printf(evaluation->pool,
			"MX %s: more than %u names", target,
			AUTHRES_MAX_SPF_MX_NAMES);
		return SPF_MATCH_PERMERROR;
	}
	array_foreach(&mx->records, record) {
		/* null MX, RFC 7505 */
		if (*record->name == '\0')
			continue;
		answer = dns_session_lookup(evaluation->dns, record->name,
					    type);
		if (dns_answer_is_placeholder(answer))
			unknown = TRUE;
		/* A name before this one may still end the evaluation. */
		if (unknown)
			continue;
		if (answer->status == DNS_STATUS_TEMPORARY) {
			return spf_answer_temperror(evaluation, answer,
						    record->name, type,
						    reason_r);
		}
		if (spf_answer_has_address(evaluation, directive, answer))
			return SPF_MATCH_YES;
	}
	return unknown ? SPF_MATCH_UNKNOWN : SPF_MATCH_NO;
}

static enum spf_match
spf_match_ptr(struct spf_evaluation *evaluation, const char *target,
	      const char **reason_r)
{
	const char *reverse =
		dns_ip_reverse_name(evaluation->values.client_ip);
	const struct dns_answer *answer;
	const struct dns_record *records;
	enum spf_match match;
	unsigned int i, count;
	bool unknown = FALSE;

	match = spf_term_ask(evaluation, reverse, DNS_TYPE_PTR, &answer,
			     reason_r);
	/* A DNS error here only means no match (section 5.5). */
	if (match == SPF_MATCH_TEMPERROR)
		return SPF_MATCH_NO;
	if (match != SPF_MATCH_YES)
		return match;
	records = array_get(&answer->records, &count);
	count = I_MIN(count, AUTHRES_MAX_SPF_PTR_NAMES);
	for (i = 0; i < count; i++) {
		/* Only names inside the target can match, so only they are
		   worth a question. */
		if (domain_is_within(records[i].name, target) &&
		    spf_name_is_validated(evaluation, records[i].name,
					  &unknown))
			return SPF_MATCH_YES;
	}
	return unknown ? SPF_MATCH_UNKNOWN : SPF_MATCH_NO;
}

enum spf_match spf_directive_match(struct spf_evaluation *evaluation,
				   const struct spf_directive *directive,
				   const char **reason_r)
{
	enum spf_match match;
	const char *target;

	if (directive->mechanism == SPF_MECHANISM_IP4 ||
	    directive->mechanism == SPF_MECHANISM_IP6) {
		return spf_directive_has_address(evaluation, directive,
						 &directive->ip) ?
			SPF_MATCH_YES : SPF_MATCH_NO;
	}

	match = spf_target_name(evaluation, &directive->target, &target);
	if (match != SPF_MATCH_YES)
		return match;
	switch (directive->mechanism) {
	case SPF_MECHANISM_A:
		return spf_match_a(evaluation, directive, target, reason_r);
	case SPF_MECHANISM_MX:
		return spf_match_mx(evaluation, directive, target, reason_r);
	case SPF_MECHANISM_PTR:
		return spf_match_ptr(evaluation, target, reason_r);
	case SPF_MECHANISM_EXISTS:
		return spf_match_exists(evaluation, target, reason_r);
	case SPF_MECHANISM_ALL:
	case SPF_MECHANISM_INCLUDE:
	case SPF_MECHANISM_IP4:
	case SPF_MECHANISM_IP6:
		break;
	}
	i_unreached();
}
