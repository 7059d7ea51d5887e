#ifndef SPF_EVALUATION_H
#define SPF_EVALUATION_H

#include "spf-macro.h"

struct dns_session;

/* What one evaluation of SPF carries along: from check_host() down to the names
   that a mechanism asks for. */

struct spf_evaluation {
	/* for this run; parsed records live here */
	pool_t pool;
	struct dns_session *dns;
	/* of Sender ID (spf-scope.h), which selects records by it, those of
	   include and redirect, too; NULL = SPF */
	const char *scope;
	/* domain and validated_name are set as the evaluation goes on */
	struct spf_macro_values values;

	unsigned int term_lookups;
	unsigned int void_lookups;
};

enum spf_match {
	SPF_MATCH_NO,
	SPF_MATCH_YES,
	/* DNS has not answered yet */
	SPF_MATCH_UNKNOWN,
	SPF_MATCH_TEMPERROR,
	SPF_MATCH_PERMERROR
};

#endif
