#ifndef DMARC_WALK_H
#define DMARC_WALK_H

#include "authres-limits.h"
#include "resolver.h"
#include "dmarc-record.h"

struct dns_session;

/* The DNS Tree Walk, RFC 9989 section 4.10. */

enum dmarc_lookup_status {
	/* a single DMARC record */
	DMARC_LOOKUP_FOUND,
	/* none, or several: all are discarded (section 4.10 step 2) */
	DMARC_LOOKUP_NONE,
	DMARC_LOOKUP_SEVERAL,
	/* DNS gave no usable answer */
	DMARC_LOOKUP_TEMPORARY
};

struct dmarc_lookup {
	const char *domain;
	enum dmarc_lookup_status status;
	/* seen before, since DNS does not answer now */
	bool stale;
	struct dmarc_record record;
	/* for TEMPORARY and SEVERAL; for FOUND what is wrong with p, sp or np,
	   for NONE what keeps a record from being one, NULL if nothing */
	const char *reason;
};

/* The DMARC records looked up in one run of one message; parsed once. */
struct dmarc_lookups;

struct dmarc_lookups *
dmarc_lookups_init(pool_t pool, const struct dmarc_settings *set,
		   struct dns_session *dns);
const struct dmarc_settings *
dmarc_lookups_settings(const struct dmarc_lookups *lookups);
/* dns_session_set_purpose() for the records looked up from now on. */
enum dns_purpose dmarc_lookups_set_purpose(struct dmarc_lookups *lookups,
					   enum dns_purpose purpose);
/* How often something stale was looked up: it rests on that if this grew. */
unsigned int dmarc_lookups_stale_count(const struct dmarc_lookups *lookups);
/* Does the name itself not exist (RFC 9989 section 3.2.13, RFC 8020)? Returns
   1, 0, or -1 and reason_r if DNS gave no usable answer. The TXT record is
   asked for, as SPF does: mostly it is the same question. */
int dmarc_domain_is_nonexistent(struct dmarc_lookups *lookups,
				const char *domain, const char **reason_r);
void dmarc_lookups_deinit(struct dmarc_lookups **lookups);
/* The record at _dmarc.domain. Never NULL, lives in pool. An answer that is
   not known yet makes the run of dns incomplete, and gives NONE. */
const struct dmarc_lookup *
dmarc_lookup(struct dmarc_lookups *lookups, const char *domain);

/* The names of the walk, domain first (section 4.10 step 3 to 7). They point
   into domain. Returns how many. */
unsigned int
dmarc_walk_names(const char *domain,
		 const char *names_r[static AUTHRES_MAX_DMARC_WALK]);

struct dmarc_walk {
	const char *domain;
	/* as far as the walk went, domain first; its end is a record with
	   psd=y or psd=n, or the single label */
	const struct dmarc_lookup *steps[AUTHRES_MAX_DMARC_WALK];
	unsigned int step_count;
	/* the first step without an answer; NULL = none */
	const struct dmarc_lookup *temporary;

	/* section 4.10.2: label counts that the Organizational Domain may
	   have. More than one only after a temporary answer. */
	unsigned char possible_labels[2 * AUTHRES_MAX_DMARC_WALK + 1];
	unsigned int possible_count;
};

void dmarc_walk_init(struct dmarc_lookups *lookups, const char *domain,
		     struct dmarc_walk *walk_r);
/* The Organizational Domain, or NULL if DNS did not let us know. Points into
   walk->domain. */
const char *
dmarc_walk_organizational_domain(const struct dmarc_walk *walk);
/* An Organizational Domain is the end of each of its names. FALSE if domain
   (A-labels) does not end in one that walk may have: then they have none in
   common, whatever the walk of domain would find, and it need not be asked
   for. */
bool dmarc_walk_may_share_organization(const struct dmarc_walk *walk,
				       const char *domain);
/* Do both have the same Organizational Domain? Returns 1 = yes, 0 = no,
   whatever the missing answers might be, -1 = not known. */
int dmarc_walks_same_organization(const struct dmarc_walk *walk1,
				  const struct dmarc_walk *walk2);

#endif
