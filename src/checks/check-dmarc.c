/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "sha2.h"
#include "author-domain.h"
#include "dns-session.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "public-suffix.h"
#include "dmarc-policy.h"
#include "check-dmarc.h"

unsigned int check_dmarc_sample(const struct msg_header *header)
{
	static const char *const names[] = { "From", "Date", "Message-ID" };
	unsigned char digest[SHA256_RESULTLEN];
	const struct msg_field *field;
	struct sha256_ctx ctx;
	unsigned int i;

	sha256_init(&ctx);
	for (i = 0; i < N_ELEMENTS(names); i++) {
		field = msg_header_find(header, names[i], 0);
		if (field != NULL)
			sha256_loop(&ctx, field->data, field->size);
	}
	sha256_result(&ctx, digest);
	return ((digest[0] << 8) | digest[1]) % 100;
}

static void
prefetch_record(struct dns_session *dns, const char *domain)
{
	T_BEGIN {
		dns_session_prefetch(dns, t_strconcat("_dmarc.", domain, NULL),
				     DNS_TYPE_TXT);
	} T_END;
}

static void
prefetch_walk(const struct dmarc_settings *set, const char *domain,
	      struct dns_session *dns)
{
	const char *names[AUTHRES_MAX_DMARC_WALK];
	unsigned int i, count;

	if (set->mode == DMARC_MODE_RFC7489) {
		prefetch_record(dns, domain);
		prefetch_record(dns, public_suffix_organizational_domain(
			set->psl, domain));
		return;
	}
	count = dmarc_walk_names(domain, names);
	for (i = 0; i < count; i++)
		prefetch_record(dns, names[i]);
}

/* Only names that end in an Author Domain's organization are ever compared by
   their walks. Where that is a top-level domain they are asked for later. */
static bool
walk_may_be_needed(const struct author *author, const char *domain)
{
	const char *const *author_domain;

	for (author_domain = author->domains; *author_domain != NULL;
	     author_domain++) {
		if (strcmp(*author_domain, domain) == 0)
			return FALSE;
	}
	return domain_may_align(domain, author->domains);
}

void check_dmarc_prefetch(const struct dmarc_settings *set,
			  const struct author *author,
			  const char *const *walk_domains,
			  struct dns_session *dns)
{
	const char *const *domain;
	enum dns_purpose purpose;

	/* These first: whatever else the message makes us ask, the policy is
	   below the limit of questions. */
	for (domain = author->domains; *domain != NULL; domain++) {
		prefetch_walk(set, *domain, dns);
		/* For np, which few policies have. The names kept in reserve
		   are enough for one author to ask when it is needed. */
		if (set->mode == DMARC_MODE_RFC9989 && !author->single)
			dns_session_prefetch(dns, *domain, DNS_TYPE_TXT);
	}
	if (set->mode == DMARC_MODE_RFC7489)
		return;
	purpose = dns_session_set_purpose(dns, DNS_PURPOSE_MINOR);
	for (domain = walk_domains; *domain != NULL; domain++) {
		if (walk_may_be_needed(author, *domain))
			prefetch_walk(set, *domain, dns);
	}
	(void)dns_session_set_purpose(dns, purpose);
}

void check_dmarc_prefetch_below(const struct dmarc_settings *set,
				const char *domain,
				const char *const *walk_domains,
				struct dns_session *dns)
{
	enum dns_purpose purpose;

	for (; *walk_domains != NULL; walk_domains++) {
		if (strcmp(domain, *walk_domains) != 0 &&
		    domain_is_within(domain, *walk_domains))
			break;
	}
	if (*walk_domains == NULL)
		return;
	/* the walk of the one above is part of it */
	purpose = dns_session_set_purpose(dns, DNS_PURPOSE_MINOR);
	prefetch_walk(set, domain, dns);
	(void)dns_session_set_purpose(dns, purpose);
}

bool check_dmarc_relaxed_aligned(struct dmarc_lookups *lookups,
				 const char *author_domain,
				 const char *domain)
{
	struct dmarc_author author;
	int ret;

	if (strcmp(author_domain, domain) == 0)
		return TRUE;
	if (strcmp(domain_last_labels(author_domain, 1),
		   domain_last_labels(domain, 1)) != 0)
		return FALSE;
	T_BEGIN {
		dmarc_author_init(lookups, author_domain, &author);
		ret = dmarc_author_aligned(lookups, &author, domain, FALSE);
	} T_END;
	return ret > 0;
}

/* What the identifiers say about one Author Domain. */
struct dmarc_alignment {
	bool spf_pass;
	int dkim_pass_index;
	bool organization_signed;
	bool header_signed;
	/* a temporary failure could have hidden an aligned pass; NULL = none */
	const char *temporary;
};

static void
align_spf(struct dmarc_lookups *lookups, const struct dmarc_query *query,
	  const struct dmarc_author *author, struct dmarc_alignment *alignment)
{
	const struct spf_outcome *spf = query->spf;
	int aligned;

	if (spf == NULL) {
		alignment->temporary = query->spf_missing_reason;
		return;
	}
	if (spf->domain == NULL ||
	    (spf->result != CHECK_RESULT_PASS &&
	     spf->result != CHECK_RESULT_TEMPERROR))
		return;
	aligned = dmarc_author_aligned(lookups, author, spf->domain,
				       author->record->strict_spf);
	if (aligned > 0 && spf->result == CHECK_RESULT_PASS)
		alignment->spf_pass = TRUE;
	else if (aligned != 0 && spf->result == CHECK_RESULT_TEMPERROR) {
		alignment->temporary = t_strdup_printf("SPF: %s",
			spf->reason == NULL ? "temporary error" : spf->reason);
	} else if (aligned < 0) {
		alignment->temporary = t_strdup_printf(
			"SPF passed for %s, but its organizational domain "
			"is unknown",
			spf->domain);
	}
}

static void
align_signature(struct dmarc_lookups *lookups,
		const struct dmarc_author *author,
		const struct dkim_signature_outcome *signature,
		unsigned int index, struct dmarc_alignment *alignment)
{
	int aligned, organization;

	if (signature->sdid == NULL)
		return;
	if (signature->over_limit) {
		/* as many as the sender likes: no walks for these */
		if (author->organizational_domain != NULL &&
		    domain_is_within(signature->sdid,
				     author->organizational_domain))
			alignment->organization_signed = TRUE;
		return;
	}
	organization = dmarc_author_aligned(lookups, author,
					    signature->sdid, FALSE);
	if (organization != 0)
		alignment->organization_signed = TRUE;
	aligned = !author->record->strict_dkim ? organization :
		dmarc_author_aligned(lookups, author, signature->sdid, TRUE);
	if (aligned == 0)
		return;
	if (signature->body_hash_only_failed && aligned > 0)
		alignment->header_signed = TRUE;
	if (signature->result == CHECK_RESULT_PASS && aligned > 0) {
		if (alignment->dkim_pass_index < 0)
			alignment->dkim_pass_index = index;
	} else if (alignment->temporary != NULL) {
		return;
	} else if (signature->result == CHECK_RESULT_TEMPERROR) {
		alignment->temporary = t_strdup_printf("DKIM: %s",
			signature->reason == NULL ? "temporary error" :
			signature->reason);
	} else if (signature->result == CHECK_RESULT_PASS) {
		alignment->temporary = t_strdup_printf(
			"DKIM passed for %s, but its organizational domain "
			"is unknown",
			signature->sdid);
	}
}

static void
align_identifiers(struct dmarc_lookups *lookups,
		  const struct dmarc_query *query,
		  const struct dmarc_author *author,
		  struct dmarc_alignment *alignment_r)
{
	const struct dkim_signature_outcome *signatures;
	unsigned int i, count;

	i_zero(alignment_r);
	alignment_r->dkim_pass_index = -1;
	align_spf(lookups, query, author, alignment_r);
	signatures = array_get(query->dkim, &count);
	for (i = 0; i < count; i++) {
		align_signature(lookups, author, &signatures[i], i,
				alignment_r);
	}
}

static void
outcome_lower_policy(const struct dmarc_query *query,
		     const struct dmarc_record *record,
		     struct dmarc_outcome *outcome)
{
	outcome->policy = outcome->published_policy;
	if (outcome->policy == DMARC_POLICY_NONE)
		return;
	if (record->test_mode)
		outcome->override_reason = OVERRIDE_REASON_POLICY_TEST_MODE;
	else if (query->sample >= record->percent)
		outcome->override_reason = OVERRIDE_REASON_SAMPLED_OUT;
	else
		return;
	outcome->policy = dmarc_policy_lowered(outcome->policy);
}

static void
outcome_set(pool_t pool, struct dmarc_outcome *outcome,
	    enum check_result_word result, const char *reason)
{
	outcome->result = result;
	outcome->reason = p_strdup(pool, reason);
}

static void
evaluate_author(pool_t pool, struct dmarc_lookups *lookups,
		const struct dmarc_query *query,
		const struct dmarc_author *author,
		struct dmarc_outcome *outcome)
{
	struct dmarc_alignment alignment;
	const char *policy_reason;
	int policy_ret;

	policy_ret = dmarc_author_policy(lookups, author,
					 &outcome->published_policy,
					 &outcome->policy_tag, &policy_reason);
	outcome->policy_domain = author->policy_domain;
	outcome->record = author->record;
	outcome_lower_policy(query, author->record, outcome);

	align_identifiers(lookups, query, author, &alignment);
	outcome->spf_aligned = alignment.spf_pass;
	outcome->dkim_aligned_index = alignment.dkim_pass_index;
	outcome->author_organization_signed = alignment.organization_signed;
	outcome->author_header_signed = alignment.header_signed;
	if (alignment.spf_pass || alignment.dkim_pass_index >= 0)
		outcome_set(pool, outcome, CHECK_RESULT_PASS, NULL);
	else if (alignment.temporary != NULL || policy_ret < 0) {
		outcome_set(pool, outcome, CHECK_RESULT_TEMPERROR,
			    alignment.temporary != NULL ?
			    alignment.temporary : policy_reason);
		outcome->may_fail = outcome->policy != DMARC_POLICY_NONE &&
			(query->spf != NULL ||
			 query->spf_missing_reason == NULL);
	} else {
		outcome_set(pool, outcome, CHECK_RESULT_FAIL,
			    author->reason);
	}
}

/* The author's record is not known, one above it may be. That alone is no
   pass, and no fail. */
static void
evaluate_presumed(pool_t pool, struct dmarc_lookups *lookups,
		  const struct dmarc_query *query,
		  struct dmarc_author *author, struct dmarc_outcome *outcome)
{
	if (!dmarc_author_presume_record(lookups, author)) {
		outcome_set(pool, outcome, CHECK_RESULT_TEMPERROR,
			    author->reason);
		return;
	}
	evaluate_author(pool, lookups, query, author, outcome);
	if (outcome->result == CHECK_RESULT_FAIL)
		outcome->may_fail = outcome->policy != DMARC_POLICY_NONE;
	outcome->presumed_pass = outcome->result == CHECK_RESULT_PASS;
	outcome->spf_aligned = FALSE;
	outcome->dkim_aligned_index = -1;
	outcome_set(pool, outcome, CHECK_RESULT_TEMPERROR, author->reason);
}

static void
check_dmarc_domain(pool_t pool, struct dmarc_lookups *lookups,
		   const struct dmarc_query *query, const char *domain,
		   struct dmarc_outcome *outcome_r)
{
	unsigned int stale_count = dmarc_lookups_stale_count(lookups);
	struct dmarc_author author;

	i_zero(outcome_r);
	outcome_r->dkim_aligned_index = -1;
	outcome_r->author_domain = p_strdup(pool, domain);
	dmarc_author_init(lookups, outcome_r->author_domain, &author);
	outcome_r->organizational_domain = author.organizational_domain;
	switch (author.status) {
	case DMARC_POLICY_STATUS_FOUND:
		evaluate_author(pool, lookups, query, &author, outcome_r);
		break;
	case DMARC_POLICY_STATUS_NONE:
		outcome_set(pool, outcome_r, CHECK_RESULT_NONE, author.reason);
		break;
	case DMARC_POLICY_STATUS_TEMPORARY:
		evaluate_presumed(pool, lookups, query, &author, outcome_r);
		break;
	}
	check_dmarc_own_domain(pool, dmarc_lookups_settings(lookups), query,
			       outcome_r);
	outcome_r->stale = dmarc_lookups_stale_count(lookups) != stale_count;
}

/* The strictest failing first, then the strictest that may fail, then what is
   worse to believe. */
static unsigned int outcome_rank(const struct dmarc_outcome *outcome)
{
	switch (outcome->result) {
	case CHECK_RESULT_FAIL:
		return outcome->policy == DMARC_POLICY_NONE ?
			2 * DMARC_POLICY_REJECT :
			DMARC_POLICY_REJECT - outcome->policy;
	case CHECK_RESULT_TEMPERROR:
		return outcome->may_fail ?
			2 * DMARC_POLICY_REJECT - outcome->policy :
			2 * DMARC_POLICY_REJECT + 1;
	case CHECK_RESULT_NONE:
		return 2 * DMARC_POLICY_REJECT + 2;
	default:
		return 2 * DMARC_POLICY_REJECT + 3;
	}
}

/* Keeps the order of those that rank alike. */
static void
outcomes_insert(ARRAY_TYPE(dmarc_outcome) *outcomes, unsigned int first,
		const struct dmarc_outcome *outcome)
{
	unsigned int i, rank = outcome_rank(outcome);

	for (i = first; i < array_count(outcomes); i++) {
		if (outcome_rank(array_idx(outcomes, i)) > rank)
			break;
	}
	array_insert(outcomes, i, outcome, 1);
}

void check_dmarc(pool_t pool, const struct dmarc_settings *set,
		 const struct dmarc_query *query, struct dns_session *dns,
		 ARRAY_TYPE(dmarc_outcome) *outcomes_r)
{
	const struct author *author = query->author;
	struct dmarc_lookups *lookups;
	struct dmarc_outcome outcome;
	const char *const *domain;
	unsigned int first;

	p_array_init(outcomes_r, pool, 2);
	if (!author->single && !author->multiple) {
		i_zero(&outcome);
		outcome.dkim_aligned_index = -1;
		outcome_set(pool, &outcome, CHECK_RESULT_PERMERROR,
			    author->reason);
		/* who hides has a policy to fear */
		if (author->hides)
			outcome.policy = DMARC_POLICY_QUARANTINE;
		array_push_back(outcomes_r, &outcome);
	}
	first = array_count(outcomes_r);
	lookups = dmarc_lookups_init(pool, set, dns);
	for (domain = author->domains; *domain != NULL; domain++) T_BEGIN {
		check_dmarc_domain(pool, lookups, query, *domain, &outcome);
		outcomes_insert(outcomes_r, first, &outcome);
	} T_END;
	dmarc_lookups_deinit(&lookups);
}
