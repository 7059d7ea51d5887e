#ifndef ENGINE_LIBOPENDKIM_H
#define ENGINE_LIBOPENDKIM_H

#include "check-dkim.h"

/* libopendkim as a second DKIM engine (authres_dkim_engine=libopendkim), behind
   a guard. Only there when HAVE_LIBOPENDKIM, and the only file that knows it.

   The library sees only what dkim_signature_parse() and dkim_key_get()
   accept; it is asked whether header and body are what was signed. The rest,
   limits and DNS included, is check_dkim_init()'s. What it must not see gets
   the result policy and a reason:
   - a header with a NUL, a signature with UTF-8,
   - more than ENGINE_LIBOPENDKIM_MAX_COMPARISONS of names in h= with fields,
   - h= over ENGINE_LIBOPENDKIM_MAX_NAMES_BYTES,
   - t= before ENGINE_LIBOPENDKIM_MIN_TIMESTAMP, which its arithmetic takes for
     the future,
   - i= over ENGINE_LIBOPENDKIM_MAX_AUID_BYTES or quoted to its end,
   - a key record over ENGINE_LIBOPENDKIM_MAX_RECORD_BYTES.
   It sees CRLF line ends, a final CRLF, and no line that is no field. Where it
   still differs from the native engine:
   tests/conformance/differential-dkim.c. */

#define ENGINE_LIBOPENDKIM_MAX_COMPARISONS 1000000
#define ENGINE_LIBOPENDKIM_MAX_NAMES_BYTES 4095
#define ENGINE_LIBOPENDKIM_MAX_AUID_BYTES 200
/* long before there was DKIM */
#define ENGINE_LIBOPENDKIM_MIN_TIMESTAMP 1000000000
#define ENGINE_LIBOPENDKIM_MAX_RECORD_BYTES 1000

struct engine_libopendkim;

/* check: made by check_dkim_init() with body_hashes NULL, and nothing else is
   asked of it but check_dkim_sdids(). Call it when the header is complete. */
struct engine_libopendkim *engine_libopendkim_init(struct dkim_check *check);
/* Body bytes with canonical line ends (msg-parser.h). */
void engine_libopendkim_more(struct engine_libopendkim *engine,
			     const unsigned char *data, size_t size);
/* As check_dkim_cut(), of all signatures: the library takes no part of a
   body. */
void engine_libopendkim_cut(struct engine_libopendkim *engine,
			    const char *reason);
/* The body is complete, or cut: as check_dkim_verify(). */
void engine_libopendkim_verify(struct engine_libopendkim *engine,
			       struct dns_session *dns,
			       ARRAY_TYPE(dkim_signature_outcome) *outcomes_r);
void engine_libopendkim_deinit(struct engine_libopendkim **engine);

#endif
