#ifndef DMARC_POLICY_H
#define DMARC_POLICY_H

#include "dmarc-walk.h"

/* Which DMARC record holds for an Author Domain, and what it asks for:
   RFC 9989 section 4.10.1, RFC 7489 section 6.6.3; and identifier alignment,
   RFC 9989 section 4.10.2, RFC 7489 section 3.1. */

enum dmarc_policy_status {
	DMARC_POLICY_STATUS_FOUND,
	/* DMARC is not applied */
	DMARC_POLICY_STATUS_NONE,
	DMARC_POLICY_STATUS_TEMPORARY
};

/* One Author Domain. */
struct dmarc_author {
	const char *domain;
	/* RFC 9989 only */
	struct dmarc_walk walk;
	/* NULL = not known */
	const char *organizational_domain;

	enum dmarc_policy_status status;
	/* where the record stands; set when FOUND */
	const char *policy_domain;
	const struct dmarc_record *record;
	/* the record is of a domain above */
	bool inherited;
	/* for NONE (NULL when there is just no record) and TEMPORARY; for
	   FOUND why the record counts as p=none, NULL if it is valid */
	const char *reason;
};

/* Everything in author_r lives in the pool of lookups. */
void dmarc_author_init(struct dmarc_lookups *lookups, const char *domain,
		       struct dmarc_author *author_r);
/* The status is TEMPORARY, but a domain above answered: let its record hold as
   the one that is inherited then, for want of a better one. Of several the one
   with the weakest policy. Returns FALSE if there is none. The status stays. */
bool dmarc_author_presume_record(struct dmarc_lookups *lookups,
				 struct dmarc_author *author);
/* Choose p, sp or np; tag_r is its name. Needs DNS for np. Returns 0, or -1
   and reason_r (data stack) if a temporary failure decides: then it is the
   weaker one. */
int dmarc_author_policy(struct dmarc_lookups *lookups,
			const struct dmarc_author *author,
			enum dmarc_policy *policy_r, const char **tag_r,
			const char **reason_r);
/* One level lower, as t=y and pct= make it (section 4.7, RFC 7489 section
   6.6.4). */
enum dmarc_policy dmarc_policy_lowered(enum dmarc_policy policy);
/* Does domain (A-labels) align with the Author Domain? Returns 1 = yes, 0 =
   no, -1 = a temporary DNS failure decides. */
int dmarc_author_aligned(struct dmarc_lookups *lookups,
			 const struct dmarc_author *author,
			 const char *domain, bool strict);

#endif
