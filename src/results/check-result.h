#ifndef CHECK_RESULT_H
#define CHECK_RESULT_H

/* What one check says of one message: method, result, reason and properties
   of RFC 8601 sections 2.2, 2.3 and 2.7, before any syntax. A check cannot
   fail; it has a result. Every string here may hold bytes a stranger chose:
   whoever renders, logs or sends it escapes it (authres-field.h). */

enum check_method {
	CHECK_METHOD_DMARC,
	CHECK_METHOD_SPF,
	CHECK_METHOD_DKIM,
	CHECK_METHOD_ARC,
	CHECK_METHOD_AUTH,
	CHECK_METHOD_SENDER_ID,

	CHECK_METHOD_COUNT
};

/* The registry's result words. */
enum check_result_word {
	CHECK_RESULT_NONE,
	CHECK_RESULT_PASS,
	CHECK_RESULT_FAIL,
	CHECK_RESULT_SOFTFAIL,
	CHECK_RESULT_NEUTRAL,
	CHECK_RESULT_POLICY,
	CHECK_RESULT_TEMPERROR,
	CHECK_RESULT_PERMERROR,

	CHECK_RESULT_COUNT
};

/* ptype.property=value, such as header.d=example.org */
struct check_property {
	const char *ptype;
	const char *name;
	const char *value;
};
ARRAY_DEFINE_TYPE(check_property, struct check_property);

struct check_result {
	enum check_method method;
	enum check_result_word result;
	/* becomes a comment right after the result, such as
	   "2048-bit rsa key"; NULL = none */
	const char *comment;
	/* becomes reason="..."; NULL = none */
	const char *reason;
	/* the authserv-id of the filter in front of us whose result this is;
	   NULL = our own. Becomes the comment "upstream mx.example". */
	const char *upstream;
	/* in output order; may be not created when there are none */
	ARRAY_TYPE(check_property) properties;
};
ARRAY_DEFINE_TYPE(check_result, struct check_result);

/* The word of the registry, such as "dkim" or "temperror". */
const char *check_method_name(enum check_method method);
const char *check_result_word_name(enum check_result_word word);
/* The word of the settings authres_checks and authres_keyword_methods, such as
   "senderid"; NULL = there is nothing to set. */
const char *check_method_setting(enum check_method method);
/* Returns 0 and fills the output, or -1 if the name is not one of ours.
   Names compare case-insensitively (RFC 8601 section 2.2). */
int check_method_parse(const char *name, enum check_method *method_r);
int check_method_setting_parse(const char *word, enum check_method *method_r);
int check_result_word_parse(const char *name, enum check_result_word *word_r);
/* TRUE if RFC 8601 section 2.7 registers this result for this method. */
bool check_method_has_result(enum check_method method,
			     enum check_result_word word);

/* A DNS answer seen before was used, since DNS did not answer: the comment
   becomes "stale", or "stale, " and what it was. Not twice. */
void check_result_set_stale(pool_t pool, struct check_result *result);
/* TRUE if that was done to this result of our own. No comment of ours begins
   so without it. */
bool check_result_is_stale(const struct check_result *result);
/* The comment without that, NULL = none. Lives as long as result. */
const char *check_result_own_comment(const struct check_result *result);

/* Add ptype.name=value. The strings are duplicated into pool; the array is
   created in pool when this is the first. A NULL value adds nothing. */
void check_result_add_property(pool_t pool, struct check_result *result,
			       const char *ptype, const char *name,
			       const char *value);
/* The first value of ptype.name, or NULL. Lives as long as result. */
const char *check_result_property(const struct check_result *result,
				  const char *ptype, const char *name);

/* The domain an entry is about, without local part: dmarc header.from, spf
   smtp.mailfrom or smtp.helo, dkim header.d, sender-id the field
   that gave it; NULL = none. Data stack. */
const char *t_check_result_domain(const struct check_result *result);

#endif
