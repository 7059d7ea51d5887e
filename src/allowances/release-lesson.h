#ifndef RELEASE_LESSON_H
#define RELEASE_LESSON_H

#include "allowance-dict.h"

struct authres_settings;
struct delivery_record;
struct mail;
struct verdict;

/* What a message teaches when it is taken back: the one answer, for a move in
   IMAP, for doveadm and for explain. */

struct release_lesson {
	/* NULL = it teaches something; else why not, a half sentence about the
	   message (constant) */
	const char *why;
	/* with why == NULL: what it asks for, and what is known about that */
	struct allowance allowance;
	enum allowance_proof proof;
};

/* mail is in Junk, before it moves. verdict: what our own field says
   (stored_verdict_read()), NULL = there is none. delivered: the record of our
   delivery (delivery_record_get()). It teaches something only if the record,
   the field and From agree on the allowance, it failed a policy, came through a
   list or forwarder that is known for sure, and nothing says phishing. Strings
   live in pool. Never fails. */
void release_lesson_read(pool_t pool, const struct authres_settings *set,
			 struct mail *mail, const struct verdict *verdict,
			 const struct delivery_record *delivered,
			 struct release_lesson *lesson_r);

#endif
