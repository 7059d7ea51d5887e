#ifndef VERDICT_OVERRIDE_H
#define VERDICT_OVERRIDE_H

#include "outcomes.h"

struct dmarc_lookups;

/* Who overrides a failing policy for all users: a trusted ARC sealer, a
   trusted forwarder, a trusted mailing list, in this order. What is trusted
   by name counts only where something that nobody else can make stands behind
   the name. */

struct override_settings {
	/* A-labels, lower case; NULL-terminated, never NULL. Equal to d= of
	   ARC-Seal: below a domain anybody may seal. */
	const char *const *arc_trusted_sealers;
	/* The same; they stand for all List-Ids at or below them. */
	const char *const *trusted_lists;
};

/* The domain of a List-Id field that its owner has sent: the domain itself or
   one above it, of the same organization (check_dmarc_relaxed_aligned()), has
   a DKIM pass that signs List-Id, or an SPF pass of MAIL FROM. Without any
   DMARC record there are no organizations: then the one label above it is as
   good, the namespace of RFC 2919 section 2. Names beside or below it do not
   count: hosts of many lists give them to others. NULL = none. Lives as long
   as outcomes. */
const char *
verdict_list_domain(const struct verdict_outcomes *outcomes,
		    struct dmarc_lookups *lookups);

/* Set verdict's override if the message fails an enforcing policy of its one
   Author Domain, or may fail it (struct dmarc_outcome), and somebody trusted
   vouches for it. Uses list_domain and forwarder of verdict. Of such a message
   the forwarder is forgotten unless the author lets the client that the
   forwarder saw send (SPF): neither this nor a user may allow what strangers
   send through it. Strings live in pool or outcomes. dns may note missing
   names. */
void verdict_override_find(pool_t pool, const struct override_settings *set,
			   const struct verdict_outcomes *outcomes,
			   struct dmarc_lookups *lookups,
			   struct dns_session *dns, struct verdict *verdict);

#endif
