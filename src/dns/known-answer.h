#ifndef KNOWN_ANSWER_H
#define KNOWN_ANSWER_H

#include "resolver.h"

/* One answer of known-answers.h or fresh-answers.h as bytes. */

/* Returns TRUE and appends question and answer to dest, or FALSE if they
   cannot be written (TEMPORARY, more than 65535 records, text or name that is
   too long). */
bool known_answer_encode(buffer_t *dest, const char *name, enum dns_type type,
			 const struct dns_answer *answer);
/* data: any bytes. Returns TRUE and a copy in pool if they are exactly what
   known_answer_encode() writes for this question: every promise of struct
   dns_answer holds. */
bool known_answer_decode(pool_t pool, const unsigned char *data, size_t size,
			 const char *name, enum dns_type type,
			 struct dns_answer *answer_r);

#endif
