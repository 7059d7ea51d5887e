#ifndef STORY_H
#define STORY_H

struct authres_settings;
struct stored_verdict;
struct verdict;

/* The story of a stored message in sentences that its recipient understands:
   what was checked, what was believed, why it went where it went, and what
   would have made it pass. Pure. */

/* What taking it back from Junk would say of further mail of its author that
   comes the same way. */
enum story_lesson {
	/* not in Junk, or not known */
	STORY_LESSON_UNKNOWN,
	STORY_LESSON_NOTHING,
	/* it is allowed from then on */
	STORY_LESSON_ALLOW,
	/* it is allowed once that happened on two days */
	STORY_LESSON_SECOND_DAY
};

struct story {
	/* the mailbox's index confirms that our delivery saved it and that it
	   failed a policy of quarantine or reject */
	bool delivered;
	/* NULL = there is none, and why says why: a half sentence about the
	   message */
	const struct stored_verdict *stored;
	const char *why;
	/* of the user, as they are now */
	const struct authres_settings *set;
	/* on the message now; NULL-terminated */
	const char *const *keywords;
	/* where it is now, and whether that is the mailbox for mail that fails
	   its policy */
	const char *mailbox;
	bool in_junk;
	enum story_lesson lesson;
	/* The message has a DomainKeys signature (RFC 4870) of this domain;
	   NULL = it does not say of whom. */
	bool domainkeys;
	const char *domainkeys_domain;
};

/* Append the story: a paragraph per line, each of one or more sentences, the
   lines separated by LF. Printable ASCII but for the mailbox name, which is
   sanitised UTF-8, whatever the message says; names and reasons are cut, so
   that it stays below 8 kB. */
void story_write(string_t *dest, const struct story *story);

/* Parts of it. The sentences about SPF, Sender ID, DKIM and ARC. */
void story_checks_write(string_t *dest, const struct verdict *verdict);
/* LF and what would have made it pass; nothing if it did or was not
   checked. */
void story_remedy_write(string_t *dest, const struct verdict *verdict);

#endif
