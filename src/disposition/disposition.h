#ifndef DISPOSITION_H
#define DISPOSITION_H

#include "verdict.h"

struct authres_settings;

/* verdict + this user's settings -> what happens to the message. Pure: no
   clock, no files, no mail. */

enum disposition_action {
	/* where it would have gone */
	DISPOSITION_KEEP,
	DISPOSITION_JUNK,
	/* 550 5.7.1 (LMTP only) */
	DISPOSITION_REJECT,
	/* 451, exit 75 */
	DISPOSITION_TEMPFAIL
};

/* Which Sieve scripts run with Junk as the default mailbox. */
enum disposition_sieve {
	DISPOSITION_SIEVE_SKIP,
	/* those of the administrator, without a way to send mail */
	DISPOSITION_SIEVE_GLOBAL,
	/* all, as for other mail */
	DISPOSITION_SIEVE_RUN
};

/* "keep", "junk", "reject", "tempfail" */
const char *disposition_action_name(enum disposition_action action);

struct disposition {
	enum disposition_action action;
	/* authres_mode is off: nothing else was looked at */
	bool off;
	/* with DISPOSITION_JUNK */
	enum disposition_sieve sieve;
	/* to be merged into whatever saves the message; NULL-terminated,
	   valid IMAP atoms, no duplicates */
	const char *const *keywords;
	/* the override applied to this message for this user, global or the
	   user's own; also why the domain itself lowered its policy */
	enum override_reason override_reason;
	/* for people: which sealer, forwarder, list or allowance; NULL =
	   none */
	const char *override_comment;
	/* a half sentence for people: why the settings changed the usual
	   action; NULL = they did not */
	const char *note;
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

/* TRUE if a user's allowance could count for such a message: it fails a policy
   of quarantine or reject, or may fail it, nothing overrides that, it came
   through a list or forwarder that is known for sure, and it has one author and
   does not look like phishing. */
bool disposition_may_be_allowed(const struct verdict *verdict);

/* Everything in disposition_r lives in pool, or in query->verdict. */
void disposition_decide(pool_t pool, const struct disposition_query *query,
			struct disposition *disposition_r);

#endif
