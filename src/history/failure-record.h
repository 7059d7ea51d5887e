#ifndef FAILURE_RECORD_H
#define FAILURE_RECORD_H

#include "authres-limits.h"
#include "net.h"

struct history_record;

/* One message that its Author Domain wants a failure report about (RFC 9991):
   a line from the plugin to the recorder, and, with hashes in the place of
   local parts, the file of one that waits for "doveadm authres report
   --failure". */

#define FAILURE_RECORD_WORD "FAILURE"

/* RFC 6591 section 3.2.2 */
enum failure_delivery {
	FAILURE_DELIVERY_DELIVERED,
	/* filed in Junk: it does not say more */
	FAILURE_DELIVERY_POLICY,
	FAILURE_DELIVERY_REJECT
};

struct failure_record {
	/* of the verdict */
	time_t time;
	/* as in struct history_record */
	uint64_t message_number;
	/* where the record was found, and the Author Domain: A-labels */
	const char *policy_domain, *author_domain;
	/* the SMTP client */
	struct ip_addr source_ip;
	enum failure_delivery delivery;
	/* messages of this kind that it stands for: 1 or more */
	unsigned int incidents;
	/* as in struct published_policy */
	const char *ruf;
	/* failure-text.h */
	const char *text;
};

/* A message as the history is told of it. text: verdict_history.failure. What
   record_r points to is that of both. Returns FALSE if there is no report. */
bool failure_record_init(const struct history_record *history,
			 const char *text, time_t time,
			 struct failure_record *record_r);
/* "delivered", "policy", "reject" */
const char *failure_delivery_name(enum failure_delivery delivery);

/* Append the line without LF, at most AUTHRES_MAX_HISTORY_ROW_BYTES. record: of
   one of the functions here. */
void failure_record_encode(const struct failure_record *record, string_t *dest);
/* line: any bytes but NUL. Strings live in pool. Returns 0, or -1 if
   failure_record_encode() did not write it. */
int failure_record_decode(pool_t pool, const char *line,
			  struct failure_record *record_r);

#endif
