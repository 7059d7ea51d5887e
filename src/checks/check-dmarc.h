#ifndef CHECK_DMARC_H
#define CHECK_DMARC_H

#include "verdict.h"
#include "check-spf.h"
#include "check-dkim.h"
#include "dmarc-settings.h"

struct dns_session;
struct dmarc_lookups;
struct author;
struct msg_header;

/* DMARC, RFC 9989 (default) and RFC 7489 (compatibility). */

struct dmarc_query {
	const struct author *author;
	/* NULL: SPF could not be evaluated, no client address is trustworthy */
	const struct spf_outcome *spf;
	/* why not, for the reason */
	const char *spf_missing_reason;
	const ARRAY_TYPE(dkim_signature_outcome) *dkim;
	/* check_dmarc_sample() of the message, for pct= of RFC 7489 */
	unsigned int sample;
};

/* One Author Domain evaluated. */
struct dmarc_outcome {
	enum check_result_word result;
	const char *author_domain;
	/* NULL = not determined */
	const char *organizational_domain;
	const char *policy_domain;
	/* the record there, NULL = none */
	const struct dmarc_record *record;
	/* p=, sp= or np= chosen, before t= and pct= */
	enum dmarc_policy published_policy;
	/* "p", "sp" or "np"; NULL = no record was looked up */
	const char *policy_tag;
	/* after t= and pct=; what is asked for when result is fail. With
	   permerror: QUARANTINE if From hides its author (struct author),
	   which is nobody's policy but ours. */
	enum dmarc_policy policy;
	/* POLICY_TEST_MODE or SAMPLED_OUT lowered it, else NONE */
	enum override_reason override_reason;
	/* The author's domain is one of ours (authres_own_domains), and asks
	   for nothing by itself: policy, QUARANTINE, is that of the
	   administrator. */
	bool own_domain;
	/* the policy, or what it holds for, was seen before, since DNS does not
	   answer now */
	bool stale;
	/* NULL for a plain result; for a fail with p=none also what is wrong
	   with the record */
	const char *reason;
	/* result is TEMPERROR, but the weakest policy that may hold asks for
	   quarantine or reject: the message does not pass, and only an answer
	   that is missing, for a name that its sender may have chosen, could
	   make it pass. Never for want of a client address. */
	bool may_fail;
	/* result is TEMPERROR, and the message passes if the record that was
	   found above the author's domain is the one that holds */
	bool presumed_pass;
	bool spf_aligned;
	/* index into query->dkim of the first aligned pass, -1 = none */
	int dkim_aligned_index;
	/* a signature, valid or broken, claims a domain of the author's
	   organization */
	bool author_organization_signed;
	/* A signature that would align (adkim=s too) verified but for the body
	   hash: the header is the author's, whoever changed the body.
	   (dkim_signature_outcome.body_hash_only_failed) */
	bool author_header_signed;
};
ARRAY_DEFINE_TYPE(dmarc_outcome, struct dmarc_outcome);

/* 0..99, the same for the same message: pct=n applies the policy to those
   below n. */
unsigned int check_dmarc_sample(const struct msg_header *header);

/* Note every name of the tree walks that is known once the header is in:
   author domains, MAIL FROM domain, HELO domain when there is no MAIL FROM,
   every d=. Names in walk_domains are A-labels, NULL-terminated. */
void check_dmarc_prefetch(const struct dmarc_settings *set,
			  const struct author *author,
			  const char *const *walk_domains,
			  struct dns_session *dns);
/* The same for check_dmarc_relaxed_aligned() of domain (A-labels) and those of
   walk_domains it is below. */
void check_dmarc_prefetch_below(const struct dmarc_settings *set,
				const char *domain,
				const char *const *walk_domains,
				struct dns_session *dns);
/* One outcome per domain of author, the strictest failing first. When author
   is neither single nor multiple there is a first outcome with permerror, and
   the readable domains follow. When dns says dns_session_run_incomplete(),
   resolve and call again. */
void check_dmarc(pool_t pool, const struct dmarc_settings *set,
		 const struct dmarc_query *query, struct dns_session *dns,
		 ARRAY_TYPE(dmarc_outcome) *outcomes_r);
/* If outcome is of one of our own domains (set->own), asks for nothing and does
   not pass, it asks for quarantine. Without a record an aligned pass is one of
   SPF or DKIM whose domain is at or below the same listed domain; then the
   result stays as it is. Else it becomes fail, or temperror with may_fail set
   where an answer is missing. check_dmarc() does this; who makes an outcome of
   something else calls it, too. */
void check_dmarc_own_domain(pool_t pool, const struct dmarc_settings *set,
			    const struct dmarc_query *query,
			    struct dmarc_outcome *outcome);
/* TRUE if the domain of a d= or MAIL FROM aligns with author_domain in relaxed
   mode by its own walk; for ordering entries. lookups: dmarc-walk.h, one for
   all calls of a run, since records are as long as their owners like. */
bool check_dmarc_relaxed_aligned(struct dmarc_lookups *lookups,
				 const char *author_domain,
				 const char *domain);

/* The entry of the field. disposition_override: a global override, may be
   OVERRIDE_REASON_NONE. */
void check_dmarc_report(pool_t pool, const struct dmarc_outcome *outcome,
			enum override_reason override_reason,
			const char *override_comment,
			struct check_result *result_r);

#endif
