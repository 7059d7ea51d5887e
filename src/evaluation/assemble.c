/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "dmarc-walk.h"
#include "author-domain.h"
#include "domain-name.h"
#include "upstream-results.h"
#include "override.h"
#include "assemble.h"

static void
add_result(struct verdict *verdict, const struct check_result *result)
{
	array_push_back(&verdict->results, result);
}

static void
assemble_submission(pool_t pool, const struct identity *identity,
		    struct verdict *verdict)
{
	struct check_result result;

	if (identity->origin != MAIL_ORIGIN_AUTHENTICATED)
		return;
	/* The user's name is not repeated: RFC 8601 section 2.7.4 allows to
	   leave smtp.auth out, and the field travels when mail is
	   forwarded. */
	i_zero(&result);
	result.method = CHECK_METHOD_AUTH;
	result.result = CHECK_RESULT_PASS;
	if (identity->mail_from != NULL && identity->mail_from[0] != '\0') {
		check_result_add_property(pool, &result, "smtp", "mailfrom",
					  identity->mail_from);
	}
	add_result(verdict, &result);
}

static void
assemble_dmarc(pool_t pool, const struct verdict_outcomes *outcomes,
	       struct verdict *verdict)
{
	const struct dmarc_outcome *outcome, *first;
	struct check_result result;

	array_foreach(&outcomes->dmarc, outcome) {
		check_dmarc_report(pool, outcome, verdict->override_reason,
				   verdict->override_comment, &result);
		add_result(verdict, &result);
	}
	if (array_count(&outcomes->dmarc) == 0)
		return;

	first = array_front(&outcomes->dmarc);
	verdict->dmarc = first->result;
	verdict->policy = first->policy;
	verdict->organizational_domain = first->organizational_domain;
	verdict->policy_domain = first->policy_domain;
	verdict->temperror = first->result == CHECK_RESULT_TEMPERROR;
	/* whoever vouches for it does so whatever the answer will be */
	verdict->may_fail = first->may_fail &&
		verdict->override_reason == OVERRIDE_REASON_NONE;
	if (outcomes->author->single || outcomes->author->multiple) {
		verdict->author_domain = first->author_domain;
		verdict->author_address = outcomes->author->address;
		verdict->author_header_signed =
			outcomes->author->single && first->author_header_signed;
		return;
	}

	verdict->bad_author = TRUE;
	verdict->policy = DMARC_POLICY_NONE;
	array_foreach(&outcomes->dmarc, outcome) {
		if (outcome->may_fail)
			verdict->may_fail = TRUE;
		if ((outcome->result == CHECK_RESULT_FAIL ||
		     outcome->result == CHECK_RESULT_PERMERROR) &&
		    outcome->policy != DMARC_POLICY_NONE)
			verdict->bad_author_enforced = TRUE;
	}
}

/* A filter may have seen another one, before an alias was followed: a
   rejection would go to the one we have. */
static bool spf_is_of_mail_from(const struct verdict_outcomes *outcomes)
{
	const char *mail_from = outcomes->identity->mail_from;
	const char *at, *domain, *error;

	if (mail_from == NULL || outcomes->identity->mail_from_before ||
	    outcomes->mail_from_spf->helo_identity ||
	    outcomes->mail_from_spf->domain == NULL)
		return FALSE;
	at = strrchr(mail_from, '@');
	return domain_to_ascii(at == NULL ? mail_from : at + 1, &domain,
			       &error) == 0 &&
		strcmp(domain, outcomes->mail_from_spf->domain) == 0;
}

static void
assemble_spf(pool_t pool, const struct verdict_outcomes *outcomes,
	     struct verdict *verdict)
{
	struct check_result result;

	if (outcomes->mail_from_spf != NULL) {
		check_spf_report(pool, outcomes->spf_query,
				 outcomes->mail_from_spf, &result);
		add_result(verdict, &result);
		verdict->mail_from_spf_pass =
			outcomes->mail_from_spf->result == CHECK_RESULT_PASS &&
			spf_is_of_mail_from(outcomes);
	}
	if (outcomes->helo_spf != NULL) {
		check_spf_report(pool, outcomes->spf_query,
				 outcomes->helo_spf, &result);
		add_result(verdict, &result);
	}
}

static bool
signature_aligned(const struct verdict_outcomes *outcomes,
		  struct dmarc_lookups *lookups,
		  const struct dkim_signature_outcome *signature)
{
	const char *const *domain;

	if (signature->sdid == NULL)
		return FALSE;
	for (domain = outcomes->author->domains; *domain != NULL; domain++) {
		/* no questions for the order alone */
		if (outcomes->upstream != NULL &&
		    !upstream_results_need_dmarc_record(outcomes->upstream)) {
			if (domain_is_within(*domain, signature->sdid) ||
			    domain_is_within(signature->sdid, *domain))
				return TRUE;
			continue;
		}
		if (check_dmarc_relaxed_aligned(lookups, *domain,
						signature->sdid))
			return TRUE;
	}
	return FALSE;
}

/* Entries of the signatures with this alignment. Returns how many signatures
   were over the limit and have no entry of their own. */
static unsigned int
add_signatures(pool_t pool, const struct verdict_outcomes *outcomes,
	       struct dmarc_lookups *lookups,
	       bool aligned, struct verdict *verdict)
{
	const struct dkim_signature_outcome *signature;
	unsigned int b_bytes = check_dkim_unique_b(&outcomes->dkim);
	unsigned int over_limit = 0;
	struct check_result result;

	array_foreach(&outcomes->dkim, signature) {
		if (signature->over_limit) {
			over_limit++;
			continue;
		}
		if (signature_aligned(outcomes, lookups,
				      signature) != aligned)
			continue;
		check_dkim_report(pool, signature, b_bytes, &result);
		add_result(verdict, &result);
	}
	return over_limit;
}

static void
assemble_dkim(pool_t pool, const struct verdict_outcomes *outcomes,
	      struct dmarc_lookups *lookups,
	      struct verdict *verdict)
{
	struct check_result result;
	unsigned int over_limit;

	i_zero(&result);
	result.method = CHECK_METHOD_DKIM;
	if (array_count(&outcomes->dkim) == 0) {
		result.result = CHECK_RESULT_NONE;
		/* Some readers take any comment behind a result for its own:
		   this is often the last one, before the comment on the
		   message. */
		result.comment = "no signature";
		add_result(verdict, &result);
		return;
	}
	/* Aligned first: clients that read one entry read the one that
	   counts. */
	(void)add_signatures(pool, outcomes, lookups, TRUE, verdict);
	over_limit = add_signatures(pool, outcomes, lookups, FALSE, verdict);
	if (over_limit > 0) {
		result.result = CHECK_RESULT_POLICY;
		result.reason = p_strdup_printf(pool,
			"%u more signatures not verified", over_limit);
		add_result(verdict, &result);
	}
}

static bool
is_phishing(const struct verdict_outcomes *outcomes,
	    struct dmarc_lookups *lookups)
{
	const struct spf_outcome *spf = outcomes->mail_from_spf;
	const struct dmarc_outcome *outcome;

	if (spf == NULL || spf->result != CHECK_RESULT_FAIL ||
	    spf->domain == NULL)
		return FALSE;
	array_foreach(&outcomes->dmarc, outcome) {
		if (outcome->result == CHECK_RESULT_FAIL &&
		    outcome->author_domain != NULL &&
		    !outcome->author_organization_signed &&
		    check_dmarc_relaxed_aligned(lookups,
						outcome->author_domain,
						spf->domain))
			return TRUE;
	}
	return FALSE;
}

/* Whoever reads the field is to know that not all of it was looked at. */
static void
note_cut(pool_t pool, const char *reason, struct verdict *verdict)
{
	struct check_result *first;

	if (reason == NULL || array_count(&verdict->results) == 0)
		return;
	first = array_front_modifiable(&verdict->results);
	first->comment = first->comment == NULL ? p_strdup(pool, reason) :
		p_strdup_printf(pool, "%s, %s", first->comment, reason);
}

/* Name the filter in its entries. */
static void
mark_upstream(const struct upstream_results *results, struct verdict *verdict)
{
	struct check_result *result;

	verdict->upstream_reason = results->reason;
	array_foreach_modifiable(&verdict->results, result)
		result->upstream = results->authserv_ids[result->method];
}

void verdict_assemble(pool_t pool, const struct verdict_outcomes *outcomes,
		      const struct dmarc_settings *dmarc,
		      const struct override_settings *overrides,
		      struct dns_session *dns, struct verdict *verdict_r)
{
	const struct identity *identity = outcomes->identity;
	struct dmarc_lookups *lookups;
	struct check_result result;

	i_zero(verdict_r);
	p_array_init(&verdict_r->results, pool, 8);
	verdict_r->origin = identity->origin;
	verdict_r->client_source = identity->source;
	verdict_r->client_ip = identity->client_ip;
	verdict_r->client_helo = identity->helo;
	verdict_r->received_index = identity->received_index;
	verdict_r->client_by = identity->by;
	verdict_r->client_reason = identity->client_ip.family == 0 &&
		identity->received_index == 0 ?
		identity->reason : identity->note;
	verdict_r->forwarder = identity->forwarder;

	if (identity->origin != MAIL_ORIGIN_EXTERNAL) {
		assemble_submission(pool, identity, verdict_r);
		return;
	}
	lookups = dmarc_lookups_init(pool, dmarc, dns);
	verdict_r->list_domain = verdict_list_domain(outcomes, lookups);
	verdict_override_find(pool, overrides, outcomes, lookups, dns,
			      verdict_r);
	if (outcomes->dmarc_evaluated)
		assemble_dmarc(pool, outcomes, verdict_r);
	assemble_spf(pool, outcomes, verdict_r);
	if (outcomes->sender_id != NULL) {
		check_sender_id_report(pool, outcomes->sender_id, &result);
		add_result(verdict_r, &result);
	}
	if (outcomes->dkim_evaluated)
		assemble_dkim(pool, outcomes, lookups, verdict_r);
	if (outcomes->arc != NULL) {
		check_arc_report(pool, outcomes->arc, &identity->client_ip,
				 &result);
		add_result(verdict_r, &result);
	}
	if (outcomes->dmarc_evaluated)
		verdict_r->phishing = is_phishing(outcomes, lookups);
	note_cut(pool, outcomes->cut_reason, verdict_r);
	dmarc_lookups_deinit(&lookups);
	if (outcomes->upstream != NULL)
		mark_upstream(outcomes->upstream, verdict_r);
}
