#ifndef FUZZ_SPF_ZONE_H
#define FUZZ_SPF_ZONE_H

#include "check-spf.h"

/* check_spf() or one like it */
typedef void fuzz_spf_check_t(pool_t pool, const struct spf_query *query,
			      struct dns_session *dns,
			      struct spf_outcome *outcome_r);

/* The lines of data are the client address, HELO, MAIL FROM, and then TXT
   records of 0.test, 1.test, ...; all else that is asked has an answer that
   depends on its name. Checks what has to be true of every outcome. */
void fuzz_spf_zone(const unsigned char *data, size_t size,
		   fuzz_spf_check_t *check);

#endif
