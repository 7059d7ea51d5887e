#ifndef ENGINE_LIBSPF2_H
#define ENGINE_LIBSPF2_H

#include "check-spf.h"

/* libspf2 as a second SPF engine (authres_spf_engine=libspf2), behind a guard.
   Only there when HAVE_LIBSPF2.

   The library sees no message and no packet, only what is known to be safe:
   - DNS through our session, with placeholders for names that are not known
     yet: TXT gets a record that matches nothing, anything else gets no data.
     So it runs again as often as the native engine does, not once per name.
   - SPF records that spf_record_parse() accepts, written anew without
     modifiers but redirect=, which goes last. The explanation is made by
     spf_explain().
   - the same term and void-lookup limits over the whole evaluation as in
     spf-check-host.h, at most ten PTR names.
   What may be hostile input for it is evaluated by check_spf() instead:
   records that engine_libspf2_render_record() refuses, a HELO or local part
   that is not printable ASCII or too long. So is a loopback client, which it
   would always let pass.

   mechanism and mechanism_domain stay NULL: the library does not tell. Where
   it differs from the native engine: tests/conformance/differential-spf.c. */

#define ENGINE_LIBSPF2_MAX_RECORD_BYTES 2048
#define ENGINE_LIBSPF2_MAX_TERM_BYTES 253
#define ENGINE_LIBSPF2_MAX_TERM_MACROS 8

/* As check_spf() and check_spf_helo(). */
void check_spf_libspf2(pool_t pool, const struct spf_query *query,
		       struct dns_session *dns, struct spf_outcome *outcome_r);
void check_spf_helo_libspf2(pool_t pool, const struct spf_query *query,
			    struct dns_session *dns,
			    struct spf_outcome *outcome_r);

/* Write an SPF record as the library may see it. text: any bytes. Returns FALSE
   if it must not see it: broken syntax, more than
   ENGINE_LIBSPF2_MAX_RECORD_BYTES, a term with more than
   ENGINE_LIBSPF2_MAX_TERM_BYTES or _MACROS, or with a macro that is hostile
   input. */
bool engine_libspf2_render_record(const unsigned char *text, size_t size,
				  string_t *dest);

#endif
