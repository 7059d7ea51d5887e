#ifndef DNS_PACKET_H
#define DNS_PACKET_H

#include "resolver.h"

/* Read a DNS message (RFC 1035 section 4) that claims to answer a question. Its
   bytes are a stranger's: resolvers pass records on as they are. */

/* name, type: the question, name as of dns_name_normalize(). Follows CNAME
   records from name inside the answer section, at most AUTHRES_MAX_CNAME_CHAIN
   of them, and takes records of this type, class IN, whose owner is the end of
   that chain. Fills answer_r except secure; its contents live in pool (not a
   data stack pool). What is malformed, truncated, above a limit, no answer to
   this question, or has another RCODE than NOERROR and NXDOMAIN is TEMPORARY
   with a reason. */
void dns_packet_parse(pool_t pool, const unsigned char *data, size_t size,
		      const char *name, enum dns_type type,
		      struct dns_answer *answer_r);

/* For DNS_STATUS_TEMPORARY: what an RCODE means. Static or data stack. */
const char *dns_rcode_reason(unsigned int rcode);

#endif
