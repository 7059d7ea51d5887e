#ifndef SPF_RECORD_H
#define SPF_RECORD_H

#include "net.h"
#include "check-result.h"
#include "spf-macro.h"

/* One SPF record, RFC 7208 sections 4.6.1, 5, 6 and 12: read completely,
   and refused as a whole when anything in it is wrong (section 4.6). */

enum spf_mechanism {
	SPF_MECHANISM_ALL,
	SPF_MECHANISM_INCLUDE,
	SPF_MECHANISM_A,
	SPF_MECHANISM_MX,
	SPF_MECHANISM_PTR,
	SPF_MECHANISM_IP4,
	SPF_MECHANISM_IP6,
	SPF_MECHANISM_EXISTS
};

struct spf_directive {
	enum spf_mechanism mechanism;
	/* what the qualifier makes of a match: pass, fail, softfail, neutral */
	enum check_result_word result;
	/* the mechanism as written, without qualifier */
	const char *text;
	/* domain-spec; no parts = not given, the current domain is meant */
	struct spf_macro target;
	/* ip4, ip6 */
	struct ip_addr ip;
	/* CIDR prefix lengths, 32 and 128 when not given */
	unsigned char ip4_bits, ip6_bits;
};
ARRAY_DEFINE_TYPE(spf_directive, struct spf_directive);

struct spf_record {
	ARRAY_TYPE(spf_directive) directives;
	/* no parts = not given */
	struct spf_macro redirect;
	struct spf_macro exp;
	/* "redirect=..." as written, NULL = not given */
	const char *redirect_text;
};

/* TRUE if one TXT record, its strings joined, is an SPF record: it begins with
   the version, followed by a space or nothing (section 4.5). text: any
   bytes. */
bool spf_record_has_version(const unsigned char *text, size_t size);

/* text: what follows the version of a TXT record; any bytes. record_r and what
   it points to live in pool. More than AUTHRES_MAX_SPF_RECORD_TERMS terms are
   refused. Returns 0, or -1 and error_r (data stack), which quotes the bad term
   sanitized and shortened. */
int spf_terms_parse(pool_t pool, const unsigned char *text, size_t size,
		    struct spf_record *record_r, const char **error_r);
/* The same for a TXT record for which spf_record_has_version() is TRUE. */
int spf_record_parse(pool_t pool, const unsigned char *text, size_t size,
		     struct spf_record *record_r, const char **error_r);

#endif
