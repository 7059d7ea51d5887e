#ifndef DKIM_SIGNATURE_H
#define DKIM_SIGNATURE_H

#include "check-result.h"
#include "canonicalize.h"
#include "public-key.h"
#include "tag-list.h"

struct msg_field;

/* The signature fields: DKIM-Signature (RFC 6376 section 3.5), and of ARC
   ARC-Message-Signature and ARC-Seal (RFC 8617 sections 4.1.2 and 4.1.3). */

/* How far clocks may differ, for t= and x=. */
#define DKIM_SIGNATURE_DRIFT_SECS 300

enum dkim_signature_kind {
	DKIM_SIGNATURE_DKIM,
	DKIM_SIGNATURE_ARC_MESSAGE,
	DKIM_SIGNATURE_ARC_SEAL
};

struct dkim_signature {
	enum dkim_signature_kind kind;
	const struct msg_field *field;
	ARRAY_TYPE(tag) tags;

	/* the text of a=, lower case */
	const char *algorithm;
	enum public_key_type key_type;
	/* A-labels; auid is "local-part@domain", for DKIM always set (the
	   default is "@" sdid); NULL for ARC */
	const char *sdid;
	const char *auid;
	const char *auid_domain;
	const char *selector;
	/* selector._domainkey.sdid */
	const char *key_name;
	/* b= without white space, and decoded */
	const char *signature_text;
	const unsigned char *signature;
	size_t signature_size;

	/* not for ARC-Seal: */
	const unsigned char *body_hash;
	size_t body_hash_size;
	enum canonicalization header_canonicalization;
	enum canonicalization body_canonicalization;
	/* l=; BODY_HASH_WHOLE without it */
	uoff_t body_length;
	/* h=, NULL-terminated */
	const char *const *signed_names;

	/* -1 = not there */
	int64_t timestamp;
	int64_t expiration;
};

/* Read one field. signature_r lives in pool; it is filled as far as the field
   could be read, also when it is refused. Returns 0, or -1 with the result
   this gives and the reason (data stack): neutral for broken syntax, permerror
   for what RFC 6376 section 6.1.1 calls PERMFAIL, policy above a limit. */
int dkim_signature_parse(pool_t pool, const struct msg_field *field,
			 enum dkim_signature_kind kind,
			 struct dkim_signature *signature_r,
			 enum check_result_word *result_r,
			 const char **reason_r);
/* t= and x= against the time the message was received, section 3.5. Returns 0,
   or -1 and reason_r. */
int dkim_signature_check_time(const struct dkim_signature *signature,
			      time_t now, const char **reason_r);

#endif
