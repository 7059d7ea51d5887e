#ifndef VERDICT_FIELD_H
#define VERDICT_FIELD_H

#include "verdict.h"

struct authres_field;

/* The Authentication-Results field, from the verdict and the authserv-id
   alone: recipients of one message get identical bytes. arc=none is not
   among its results, since there is no chain. Behind them comes what
   verdict-comment.h knows. newline: "\n" or "\r\n". Appends to dest. */
void verdict_field_write(string_t *dest, const struct verdict *verdict,
			 const char *authserv_id, const char *newline);
/* What a field of ours says, as far as a field can say it: results, DMARC
   result, policy, override, author domain, client, forwarder, list domain.
   Numbers for statistics, phishing, the author address and the organizational
   and policy domain are not in it. Strings live in pool or belong to field. */
void verdict_field_read(pool_t pool, const struct authres_field *field,
			struct verdict *verdict_r);

#endif
