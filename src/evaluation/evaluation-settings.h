#ifndef EVALUATION_SETTINGS_H
#define EVALUATION_SETTINGS_H

#include "evaluation.h"

struct authres_settings;
struct own_domains;
struct resolver_unbound_settings;

/* From the settings as configured to what evaluation and resolver want. */

/* Everything in set_r lives in pool or in set, which must live as long. Opens
   the Public Suffix List in RFC 7489 mode, so call it before chroot.
   set_r->dkim.key_cache and set_r->known_answers are left NULL: the process
   that has them sets them. A value that cannot be used: its default is used and
   errors_r (pool, NULL-terminated) gets one sentence that names setting and
   value. Returns 0 if there were none, -1 otherwise; set_r is always usable. */
int evaluation_settings_init(pool_t pool, const struct authres_settings *set,
			     struct evaluation_settings *set_r,
			     const char *const **errors_r);
void evaluation_settings_deinit(struct evaluation_settings *set);
/* words is what could be the value of authres_own_domains. Everything in own_r
   lives in pool. Returns 0, or -1 and errors_r as above. */
int evaluation_settings_own_domains(pool_t pool, const char *words,
				    struct own_domains *own_r,
				    const char *const **errors_r);
/* evaluation_settings_init() for the resolver. */
int evaluation_settings_resolver(pool_t pool,
				 const struct authres_settings *set,
				 struct resolver_unbound_settings *set_r,
				 const char *const **errors_r);

#endif
