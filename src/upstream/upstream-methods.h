#ifndef UPSTREAM_METHODS_H
#define UPSTREAM_METHODS_H

#include "upstream-fields.h"
#include "upstream-outcomes.h"

struct author;

/* Entries of one method in the fields of a trusted filter, made an outcome of
   ours. Each returns 1 and fills its part of results, authserv_ids included, 0
   if the method was not given, or -1 and reason_r (data stack) if what was
   given is not usable. Several entries must agree. What is put into results
   lives in pool. */

int upstream_spf_read(pool_t pool, const ARRAY_TYPE(upstream_field) *fields,
		      const struct identity *identity,
		      struct upstream_results *results, const char **reason_r);
int upstream_dkim_read(pool_t pool, const ARRAY_TYPE(upstream_field) *fields,
		       struct upstream_results *results,
		       const char **reason_r);
/* What h= of the signatures names, which no filter tells: from the message's
   DKIM-Signature fields of the same domain. Not known if those differ in h=, or
   if there is one that cannot be read, or more than
   AUTHRES_MAX_DKIM_SIGNATURES. */
void upstream_dkim_find_names(pool_t pool, const struct msg_header *header,
			      struct upstream_results *results);
int upstream_arc_read(pool_t pool, const ARRAY_TYPE(upstream_field) *fields,
		      struct upstream_results *results, const char **reason_r);
int upstream_dmarc_read(const ARRAY_TYPE(upstream_field) *fields,
			const struct author *author,
			struct upstream_results *results,
			const char **reason_r);

/* For these. */

/* Is the word of this entry one to use? A temperror is none: asking again may
   tell more. Returns FALSE and reason_r (data stack) otherwise. */
bool upstream_word_is_usable(const struct upstream_field *field,
			     const struct check_result *entry,
			     const char **reason_r);
/* FALSE and reason_r (data stack) if an entry of method has a word that nobody
   knows. */
bool upstream_words_are_known(const struct upstream_field *field,
			      enum check_method method, const char **reason_r);
/* The value of a property that stands there once. Returns 1, 0 and NULL if it
   does not stand there, -1 if it does several times. */
int upstream_property(const struct check_result *entry, const char *ptype,
		      const char *name, const char **value_r);
/* The domain, as A-labels, of "user@example.org", "<user@example.org>" or
   "example.org". "" for "" and "<>". Data stack; NULL = not usable. */
const char *t_upstream_domain(const char *value);
/* What the filter says about a result that is no pass. Data stack, NULL =
   nothing. */
const char *t_upstream_reason(const struct check_result *entry);

#endif
