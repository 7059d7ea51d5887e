#ifndef HISTORY_DISPOSITION_H
#define HISTORY_DISPOSITION_H

#include "disposition.h"
#include "history-row.h"

/* Why a message went to Junk that failed no policy of its domain's owner: it
   came from outside in a name of ours, and nothing passed. */
#define HISTORY_COMMENT_OWN_DOMAIN "the receiver's own domain"

/* What really happened to a message for one recipient. */
enum history_outcome {
	/* it was saved, or Sieve did with it what it does */
	HISTORY_OUTCOME_DELIVERED,
	HISTORY_OUTCOME_JUNK,
	HISTORY_OUTCOME_REJECTED
};

/* Fill record_r of a message for one recipient (RFC 9990 sections 3.1.1.7 to
   3.1.1.14); time: of the verdict, not before 1970. Strings live in pool or in
   verdict. Returns FALSE if the history does not want it: mail of our own
   users, and a verdict that was not reached at all. */
bool history_disposition_record(pool_t pool, const struct verdict *verdict,
				const struct disposition *disposition,
				enum history_outcome outcome, time_t time,
				struct history_record *record_r);
/* The strictest of both counts for a message with several recipients (RFC 9990
   section 3.1.1.9): make of record what it is with other too. */
void history_disposition_merge(struct history_record *record,
			       const struct history_record *other);

#endif
