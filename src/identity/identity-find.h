#ifndef IDENTITY_FIND_H
#define IDENTITY_FIND_H

#include "identity.h"
#include "verify-request.h"

struct msg_header;

/* Never fails: no trustworthy client is an identity without client_ip.
   Strings live in pool. */
void identity_find(pool_t pool, const struct identity_settings *set,
		   const struct verify_request *request,
		   const struct msg_header *header,
		   struct identity *identity_r);

#endif
