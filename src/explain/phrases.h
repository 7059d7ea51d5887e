#ifndef PHRASES_H
#define PHRASES_H

/* Pieces of sentences and log lines that say what a verdict holds. Everything
   is one line of printable ASCII, whatever a stranger wrote, and at most
   AUTHRES_MAX_PHRASE_BYTES of it (plain-text.h). */

struct verdict;

/* A name, a reason or a comment. */
void phrase_append(string_t *dest, const char *text);
/* The same on the data stack. */
const char *t_phrase(const char *text);
/* " (text)"; nothing without text. */
void phrase_append_note(string_t *dest, const char *text);

/* The name of an author's domain; "its author" where it is NULL. Data stack. */
const char *t_phrase_domain(const char *domain);
/* The Author Domain of the verdict so. */
const char *t_phrase_author(const struct verdict *verdict);
/* "example.org asks receivers to reject mail that fails DMARC": the policy that
   applies to the message, with the domain that publishes it where that is
   known (RFC 9989 section 4.7). */
void phrase_append_policy(string_t *dest, const struct verdict *verdict);
/* A sentence: that there is a DomainKeys signature, obsolete and not checked.
   domain NULL = it does not say of whom. Data stack. */
const char *t_phrase_domainkeys(const char *domain);

#endif
