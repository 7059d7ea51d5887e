#ifndef KNOWN_REASONS_H
#define KNOWN_REASONS_H

#include "verdict.h"

/* Text that a check writes into a reason or comment, and that other parts read
   back from the verdict or from the stored field: each has its writer and its
   reader here, so a field that was stored years ago stays readable only as long
   as the readers know its text. What was seen when DNS did not answer is
   told apart in check-result.h ("stale"). Every text that is read may be a
   stranger's or another filter's. */

/* What was changed since a DKIM signature was made (RFC 6376 section 6.1.3). */
enum known_change {
	KNOWN_CHANGE_HEADER,
	KNOWN_CHANGE_BODY,
	KNOWN_CHANGE_HEADER_AND_BODY
};

/* The reason of such a fail: "body hash did not verify". */
const char *known_change_reason(enum known_change change);
/* What a reason that begins so says; KNOWN_CHANGE_HEADER for any other, and for
   NULL. */
enum known_change known_change_read(const char *reason);

/* The first part of a DKIM comment: "2048-bit rsa key", or "ed25519 key", of
   which bits is not written. */
void known_key_append(string_t *dest, bool rsa, unsigned int bits);
/* The bits of the key that a result of ours was checked with; 0 = its comment
   does not say. */
unsigned int known_key_bits(const struct check_result *result);

/* A DMARC comment begins with what is published: "p=reject". tag is "p", "sp"
   or "np". Data stack. */
const char *t_known_policy(const char *tag, enum dmarc_policy policy);
/* Returns 0 and the policy that a comment says so, -1 if none. */
int known_policy_read(const struct check_result *result,
		      enum dmarc_policy *policy_r);

/* Behind it, or alone if nothing is published (published is NULL), the comment
   says that not the owner's record asks for what policy.dmarc says, but
   authres_own_domains: "p=none, our own domain". Data stack. */
const char *t_known_own_domain(const char *published);
/* TRUE if a DMARC comment says so. */
bool known_own_domain_is(const struct check_result *result);

/* The reason of a DMARC result whose policy is overridden: "mailing_list", or
   "mailing_list: lists.example.org" with a comment. Data stack. */
const char *
t_known_override(enum override_reason reason, const char *comment);
/* The comment in it, NULL = none; what is not written so is returned as it is.
   Lives as long as text. */
const char *
known_override_comment(const char *text, enum override_reason reason);

/* The comment of an override for the sake of a trusted sealer (RFC 8617 section
   7.2.2): "arc=pass as[2].d=lists.example.org". Data stack. */
const char *t_known_seal(unsigned int instance, const char *sealer);
/* TRUE for such a comment; NULL is none. */
bool known_seal_is(const char *comment);

#endif
