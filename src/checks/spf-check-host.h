#ifndef SPF_CHECK_HOST_H
#define SPF_CHECK_HOST_H

#include "check-result.h"
#include "spf-evaluation.h"

/* check_host() of RFC 7208 section 4.

   Restartable: a name that DNS has not answered yet gets a placeholder
   (dns-session.h). The term that needed it is taken as "does not match", the
   walk goes on to collect all other names, and everything that depends on it
   is marked as not known, so that no placeholder decides anything. Whoever
   calls runs again when the session says so.

   Limits of section 4.6.4, over the whole evaluation, includes and redirects
   too:
   - AUTHRES_MAX_SPF_TERMS terms of the kinds include, a, mx, ptr, exists and
     redirect; the next one is permerror. They are counted when evaluated, and
     the p macro is no term: its PTR question is asked once, its names share
     the limit of ptr. A run with placeholders counts the same way and so ends
     as early; its outcome is not used.
   - AUTHRES_MAX_SPF_VOID_LOOKUPS terms "for which DNS queries return" no
     records or no such name; the next one is permerror. A term counts once,
     by the question for its own name (the PTR question of ptr), also when an
     earlier term asked the same. Not counted: address questions for the names
     that mx or ptr found (the section counts terms; an IPv6 client would use
     up the limit at every MX host without AAAA), the p macro, exp=,
     placeholders, and names that cannot be asked at all.
   - AUTHRES_MAX_SPF_MX_NAMES names below one mx; more is permerror, wherever
     the match might be (DNS has no order).
   - AUTHRES_MAX_SPF_PTR_NAMES names below ptr and p; more are ignored. */

/* The result of one check_host(). Strings live in the evaluation's pool. */
struct spf_host {
	/* the current domain: redirect= changes it */
	const char *domain;
	enum check_result_word result;
	/* a placeholder was met: result may be another when DNS has answered */
	bool unknown;
	/* with none: the domain does not exist */
	bool nonexistent;
	/* of the record that gave the result: "v=spf1" or "spf2.0", static;
	   NULL = no single record was found */
	const char *version;
	/* what matched, as written; "default"; NULL = no record was read */
	const char *mechanism;
	/* of the record that gave the result, no parts = none */
	struct spf_macro exp;
	/* for temperror and permerror */
	const char *reason;
};

/* domain: A-labels. It may be invalid, that is none (section 4.3). */
void spf_check_host(struct spf_evaluation *evaluation, const char *domain,
		    struct spf_host *host_r);

#endif
