#ifndef SPF_SCOPE_H
#define SPF_SCOPE_H

#include "resolver.h"

/* Which of a domain's records is the one to evaluate: RFC 7208 section 4.5 for
   SPF, RFC 4406 sections 3.1 and 4.4 for Sender ID. */

/* The Sender ID test that we run (RFC 4406 section 3.1). */
#define SPF_SCOPE_PRA "pra"

struct spf_selection {
	/* NULL = there is none */
	const struct dns_record *record;
	/* "v=spf1" or "spf2.0", static */
	const char *version;
	/* of the version section, which the terms follow */
	size_t version_size;
};

/* The bytes of the version section if one TXT record, its strings joined,
   begins as a Sender ID record that has scope, 0 if it does not:
   "spf2." 1*DIGIT "/" scope *("," scope), case-insensitive, up to the first
   space or the end. The minor version may be any number. text: any bytes. */
size_t spf_scope_version_size(const unsigned char *text, size_t size,
			      const char *scope);

/* Select among the records of a TXT answer. scope NULL is SPF, which knows
   v=spf1 only; Sender ID takes v=spf1 where there is no spf2.0 with the scope.
   Returns 1 and selection_r, 0 if there is none, -1 if there are several of
   the kind that selection_r->version names. */
int spf_select_record(const struct dns_answer *answer, const char *scope,
		      struct spf_selection *selection_r);

#endif
