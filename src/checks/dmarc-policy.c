/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "domain-name.h"
#include "public-suffix.h"
#include "dmarc-policy.h"

static bool is_rfc7489(const struct dmarc_lookups *lookups)
{
	return dmarc_lookups_settings(lookups)->mode == DMARC_MODE_RFC7489;
}

static void
author_use_record(struct dmarc_author *author,
		  const struct dmarc_lookup *lookup)
{
	author->reason = lookup->reason;
	if (!lookup->record.has_policy) {
		author->status = DMARC_POLICY_STATUS_NONE;
		return;
	}
	author->status = DMARC_POLICY_STATUS_FOUND;
	author->policy_domain = lookup->domain;
	author->record = &lookup->record;
	author->inherited = strcmp(lookup->domain, author->domain) != 0;
}

static void
author_set_temporary(struct dmarc_author *author, const char *reason)
{
	author->status = DMARC_POLICY_STATUS_TEMPORARY;
	author->reason = reason;
}

/* Section 4.10.1: the Author Domain's own, that of the Organizational Domain,
   that of the public suffix domain. */
static void author_find_rfc9989(struct dmarc_author *author)
{
	const struct dmarc_walk *walk = &author->walk;
	const struct dmarc_lookup *psd_step = NULL;
	unsigned int i;

	if (walk->steps[0]->status == DMARC_LOOKUP_FOUND) {
		author_use_record(author, walk->steps[0]);
		return;
	}
	if (walk->temporary != NULL) {
		author_set_temporary(author, walk->temporary->reason);
		return;
	}
	for (i = 1; i < walk->step_count; i++) {
		const struct dmarc_lookup *step = walk->steps[i];

		if (step->status != DMARC_LOOKUP_FOUND)
			continue;
		if (strcmp(step->domain, author->organizational_domain) == 0) {
			author_use_record(author, step);
			return;
		}
		if (step->record.psd == DMARC_PSD_YES)
			psd_step = step;
	}
	if (psd_step != NULL) {
		author_use_record(author, psd_step);
		return;
	}
	/* its owner should hear why a record that is there does not count */
	for (i = 0; i < walk->step_count && author->reason == NULL; i++)
		author->reason = walk->steps[i]->reason;
}

/* RFC 7489 section 6.6.3: several records end the discovery. Returns TRUE if
   this lookup decides. */
static bool author_use_rfc7489(struct dmarc_author *author,
			       const struct dmarc_lookup *lookup)
{
	switch (lookup->status) {
	case DMARC_LOOKUP_FOUND:
		author_use_record(author, lookup);
		break;
	case DMARC_LOOKUP_NONE:
		if (author->reason == NULL)
			author->reason = lookup->reason;
		return FALSE;
	case DMARC_LOOKUP_SEVERAL:
		author->reason = lookup->reason;
		break;
	case DMARC_LOOKUP_TEMPORARY:
		author_set_temporary(author, lookup->reason);
		break;
	}
	return TRUE;
}

static void
author_init_rfc7489(struct dmarc_lookups *lookups, struct dmarc_author *author)
{
	const struct dmarc_lookup *own, *organizational;

	author->organizational_domain = public_suffix_organizational_domain(
		dmarc_lookups_settings(lookups)->psl, author->domain);
	/* both at once, even if the first will do */
	own = dmarc_lookup(lookups, author->domain);
	organizational = dmarc_lookup(lookups, author->organizational_domain);
	if (!author_use_rfc7489(author, own))
		(void)author_use_rfc7489(author, organizational);
}

void dmarc_author_init(struct dmarc_lookups *lookups, const char *domain,
		       struct dmarc_author *author_r)
{
	i_zero(author_r);
	author_r->domain = domain;
	author_r->status = DMARC_POLICY_STATUS_NONE;
	if (is_rfc7489(lookups)) {
		author_init_rfc7489(lookups, author_r);
		return;
	}
	dmarc_walk_init(lookups, domain, &author_r->walk);
	author_r->organizational_domain =
		dmarc_walk_organizational_domain(&author_r->walk);
	author_find_rfc9989(author_r);
}

static enum dmarc_policy
record_weakest_inherited(const struct dmarc_record *record)
{
	enum dmarc_policy policy = record->has_subdomain_policy ?
		record->subdomain_policy : record->policy;

	return record->has_nonexistent_policy ?
		I_MIN(policy, record->nonexistent_policy) : policy;
}

static void
author_presume(struct dmarc_author *author, const struct dmarc_lookup *lookup)
{
	if (lookup->status != DMARC_LOOKUP_FOUND ||
	    !lookup->record.has_policy ||
	    (author->record != NULL &&
	     record_weakest_inherited(author->record) <=
	     record_weakest_inherited(&lookup->record)))
		return;
	author->record = &lookup->record;
	author->policy_domain = lookup->domain;
	author->inherited = TRUE;
}

bool dmarc_author_presume_record(struct dmarc_lookups *lookups,
				 struct dmarc_author *author)
{
	unsigned int i;

	i_assert(author->status == DMARC_POLICY_STATUS_TEMPORARY);
	if (is_rfc7489(lookups)) {
		author_presume(author, dmarc_lookup(lookups,
					author->organizational_domain));
	} else for (i = 1; i < author->walk.step_count; i++) {
		author_presume(author, author->walk.steps[i]);
	}
	return author->record != NULL;
}

int dmarc_author_policy(struct dmarc_lookups *lookups,
			const struct dmarc_author *author,
			enum dmarc_policy *policy_r, const char **tag_r,
			const char **reason_r)
{
	const struct dmarc_record *record = author->record;
	int ret;

	*policy_r = record->policy;
	*tag_r = "p";
	if (!author->inherited)
		return 0;
	if (record->has_subdomain_policy) {
		*policy_r = record->subdomain_policy;
		*tag_r = "sp";
	}
	if (!record->has_nonexistent_policy)
		return 0;
	ret = dmarc_domain_is_nonexistent(lookups, author->domain, reason_r);
	if (ret < 0 && record->nonexistent_policy != *policy_r) {
		if (record->nonexistent_policy < *policy_r) {
			*policy_r = record->nonexistent_policy;
			*tag_r = "np";
		}
		return -1;
	}
	if (ret > 0) {
		*policy_r = record->nonexistent_policy;
		*tag_r = "np";
	}
	return 0;
}

/* The Organizational Domain is a domain's own end: two names without a common
   last label have none in common. */
static bool have_common_end(const char *domain1, const char *domain2)
{
	return strcmp(domain_last_labels(domain1, 1),
		      domain_last_labels(domain2, 1)) == 0;
}

enum dmarc_policy dmarc_policy_lowered(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_REJECT ? DMARC_POLICY_QUARANTINE :
		DMARC_POLICY_NONE;
}

int dmarc_author_aligned(struct dmarc_lookups *lookups,
			 const struct dmarc_author *author,
			 const char *domain, bool strict)
{
	enum dns_purpose purpose;
	struct dmarc_walk walk;

	if (strcmp(author->domain, domain) == 0)
		return 1;
	if (strict || !have_common_end(author->domain, domain))
		return 0;
	if (is_rfc7489(lookups)) {
		return strcmp(author->organizational_domain,
			public_suffix_organizational_domain(
				dmarc_lookups_settings(lookups)->psl,
				domain)) == 0 ? 1 : 0;
	}
	if (!dmarc_walk_may_share_organization(&author->walk, domain))
		return 0;
	/* as many domains as the sender likes */
	purpose = dmarc_lookups_set_purpose(lookups, DNS_PURPOSE_MINOR);
	dmarc_walk_init(lookups, domain, &walk);
	(void)dmarc_lookups_set_purpose(lookups, purpose);
	return dmarc_walks_same_organization(&author->walk, &walk);
}
