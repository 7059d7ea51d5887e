#ifndef DISPOSITION_H
#define DISPOSITION_H

#include "verdict.h"

struct authres_settings;
struct authres_field;

/* verdict + this user's settings -> header, keywords, mailbox, reply, and one
   sentence that explains it. Pure: no clock, no files, no mail. */

enum disposition_action {
	/* where it would have gone */
	DISPOSITION_KEEP,
	DISPOSITION_JUNK,
	/* 550 5.7.1 (LMTP only) */
	DISPOSITION_REJECT,
	/* 451, exit 75 */
	DISPOSITION_TEMPFAIL
};

/* "keep", "junk", "reject", "tempfail" */
const char *disposition_action_name(enum disposition_action action);

struct disposition {
	enum disposition_action action;
	/* with DISPOSITION_JUNK: run Sieve with Junk as default mailbox */
	bool run_sieve;
	/* to be merged into whatever saves the message; NULL-terminated,
	   valid IMAP atoms, no duplicates */
	const char *const *keywords;
	/* the override applied to this message for this user, global or the
	   user's own; also why the domain itself lowered its policy */
	enum override_reason override_reason;
	/* for people: which sealer, forwarder, list or allowance; NULL = none */
	const char *override_comment;
	/* one sentence, for the log, the reply and explain; sanitised, one
	   line */
	const char *explanation;
	/* text of the 550 or 451 reply, one line, ASCII; else NULL */
	const char *reply;
};

struct disposition_query {
	const struct verdict *verdict;
	const struct authres_settings *set;
	/* dovecot-lda: a rejection becomes Junk, nothing is ever bounced */
	bool can_reject;
	/* where the message would have gone is a shared or public namespace:
	   tag only */
	bool shared_destination;
	/* the user's own allowance for this message, as
	   "list:lists.example.org"; NULL = none. Looked for only where
	   disposition_may_be_allowed(). */
	const char *allowed_through;
};

/* TRUE if a user's allowance could count for such a message: it fails a
   policy of quarantine or reject, or may fail it, nothing overrides that, it came through a
   list or forwarder that is known for sure, and it has one author and does not
   look like phishing. */
bool disposition_may_be_allowed(const struct verdict *verdict);

/* Everything in disposition_r lives in pool. */
void disposition_decide(pool_t pool, const struct disposition_query *query,
			struct disposition *disposition_r);

/* The message fails a policy that asks for quarantine or reject, and nothing
   overrides it. */
bool verdict_fails_enforced_policy(const struct verdict *verdict);
/* The same, or it may fail one: only names that do not answer are between
   (verdict.may_fail). */
bool verdict_is_unproven(const struct verdict *verdict);
/* The policy that the message fails or may fail: "none", "quarantine" or
   "reject", the strictest one of a From without one usable author domain; "" if it fails
   none. */
const char *verdict_failed_policy(const struct verdict *verdict);
/* With bad_author_enforced: no domain that can be read fails a policy, but From
   is damaged so that another author may be hidden in it. */
bool verdict_author_is_hidden(const struct verdict *verdict);
/* One sentence why, whatever a user's settings make of it. Data stack; as
   struct disposition.explanation. */
const char *t_verdict_explanation(const struct verdict *verdict);

/* The Authentication-Results field, from the verdict and the authserv-id
   alone: recipients of one message get identical bytes. Behind the results it
   carries as comments where the client address was found, and which forwarder
   and list passed it on, for
   disposition_field_read(). newline: "\n" or "\r\n". Appends to dest. */
void disposition_field_write(string_t *dest, const struct verdict *verdict,
			     const char *authserv_id, const char *newline);
/* What a field of ours says, as far as a field can say it: results, DMARC
   result, policy, override, author domain, client, forwarder, list domain. Numbers
   for statistics, phishing, the author address and the organizational and
   policy domain are not in it. Strings
   live in pool or belong to field. */
void disposition_field_read(pool_t pool, const struct authres_field *field,
			    struct verdict *verdict_r);

/* "spf=softfail dkim=none dmarc=fail p=quarantine from=example.net
   ip=192.0.2.1(received) dns=9q/2w/31ms -> Junk": the one info line of a
   message, without the prefix "authres: ". No local parts. mailbox: where it
   went, NULL = unknown. Data stack; sanitised. */
const char *t_disposition_log_line(const struct verdict *verdict,
				   const struct disposition *disposition,
				   const char *mailbox);

#endif
