#ifndef AUTHRES_FIELD_H
#define AUTHRES_FIELD_H

#include "check-result.h"

/* The Authentication-Results field, RFC 8601 section 2.2: written, read and
   recognised. */

/* The comment on the whole field rather than on one result begins with this, so
   that reading finds it again. It comes behind the last entry: the last [CFWS]
   of authres-payload is part of no resinfo, and between the authserv-id and the
   first ";", which is the other place that is part of none, many readers want
   to find nothing but a version number (go-msgauth gives up then, Delta Chat
   does not know whose field it is), as does whoever looks for
   "mx.example; dmarc=fail". */
#define AUTHRES_FIELD_COMMENT_PREFIX "authres: "
/* A comment of one result that names the filter it is from. */
#define AUTHRES_UPSTREAM_COMMENT_PREFIX "upstream "

struct authres_field {
	const char *authserv_id;
	/* 1 unless the field says otherwise */
	unsigned int version;
	/* always created */
	ARRAY_TYPE(check_result) results;
	/* bit 1 << method: has an entry with a result word that is none of
	   ours */
	unsigned int unknown_results;
	/* readers may disagree about it, or give up: what RFC 8601 does not
	   allow but filters write, ptypes that it does not name, white space
	   or comments around "=" and ".", a method's version, more than
	   AUTHRES_MAX_PLAIN_RESULTS entries */
	bool unusual;
	/* what follows AUTHRES_FIELD_COMMENT_PREFIX in a comment behind the
	   last entry, unfolded; NULL = there is none. Elsewhere such a comment
	   says nothing. */
	const char *comment;
};

/* Write one field, name and final line end included, folded at
   AUTHRES_FOLD_COLUMNS with newline ("\n" or "\r\n"): an entry begins with TAB,
   what goes on in the next line with TAB and space, so that there is one space
   again where the line was broken. comment: put behind the results as
   "(authres: ...)" in a line of its own, at most
   AUTHRES_MAX_FIELD_COMMENT_BYTES; NULL = none. No results gives "; none". The
   output holds no CR, LF, NUL or control byte except its own folds, no
   non-ASCII byte, no unescaped comment, no line above 998 bytes, whatever the
   values hold: other bytes become '?', comments and reasons above their limit
   are cut, and a property above AUTHRES_MAX_PVALUE_BYTES is left out, since a
   shortened domain would be another one. */
void authres_field_write(string_t *dest, const char *authserv_id,
			 const ARRAY_TYPE(check_result) *results,
			 const char *comment, const char *newline);

/* Read the value of one field (what stands behind the colon, folded or not, any
   bytes, at most AUTHRES_MAX_FIELD_BYTES). Methods and results that are not
   ours are skipped. The comment of a result is the first one of its entry, but
   a comment "upstream ..." is what it says. What other filters write in
   practice is accepted: unquoted values with "/", ":" or "=", empty values,
   "action=none" without ptype, a last ";". Strings live in pool; they may hold
   any byte but NUL, CR and LF. Returns 0, or -1 and error_r (data stack) if the
   syntax of RFC 8601 section 2.2 is broken otherwise. */
int authres_field_parse(pool_t pool, const unsigned char *value, size_t size,
			struct authres_field *field_r, const char **error_r);

/* Does this field claim one of authserv_ids? value/size: what stands behind
   the colon; any bytes, folded or not; truncated input is fine as long as the
   first AUTHRES_MAX_FIELD_BYTES are there. Comments (nested), quoting,
   folding, case and a following version or "/job" do not hide it. What cannot
   be parsed is claimed if an id of ours stands where readers could see it
   (section 5: when in doubt, remove). authserv_ids is NULL-terminated. */
bool authres_field_claims(const unsigned char *value, size_t size,
			  const char *const *authserv_ids);

#endif
