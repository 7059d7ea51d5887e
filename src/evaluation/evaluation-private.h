#ifndef EVALUATION_PRIVATE_H
#define EVALUATION_PRIVATE_H

#include "author-domain.h"
#include "purported-address.h"
#include "upstream-outcomes.h"
#include "evaluation.h"

struct arc_check;
struct body_hash_set;
struct dns_session;
struct engine_libopendkim;
struct msg_header;
struct msg_parser;

/* For evaluation.c, which takes the message and knows the time, and
   evaluation-run.c, which runs the checks. */

struct evaluation {
	pool_t pool;
	const struct evaluation_settings *set;
	const struct verify_request *request;
	evaluation_callback_t *callback;
	void *context;

	struct msg_parser *parser;
	struct body_hash_set *body_hashes;
	struct dns_session *dns;
	struct timeout *to_deadline, *to_answer;
	unsigned int deadline_msecs;
	struct timeval started;

	/* set once the header is complete */
	const struct msg_header *header;
	struct identity identity;
	struct author author;
	/* found only if Sender ID is checked */
	struct purported_address pra;
	/* NULL = none, or nobody's */
	const char *list_id;
	/* these methods are not checked again */
	struct upstream_results upstream;
	struct spf_query spf_query;
	struct dkim_check *dkim;
	/* verifies what dkim has found; NULL = the native engine */
	struct engine_libopendkim *libopendkim;
	struct arc_check *arc;

	/* outcomes of the last run live here; cleared with every run */
	pool_t run_pool;
	struct verdict verdict;
	unsigned int cpu_usecs;
	uint64_t message_bytes;
	/* NULL, or why the rest of the message is missing */
	const char *cut_reason;

	/* there are no more bytes, or they do not matter */
	bool body_done:1;
	bool resolving:1;
	bool advancing:1;
	bool answered:1;
};

/* All names that are known once the header is complete are noted for DNS. */
void evaluation_prefetch(struct evaluation *evaluation);
/* One run of everything that can be known now. Before the body is there, only
   what does not depend on it: the run then serves to find the DNS names that
   depend on other names. Fills evaluation->verdict when the body is done; the
   session says whether it counts (dns_session_run_incomplete()). */
void evaluation_run(struct evaluation *evaluation);

#endif
