#ifndef ALLOWANCE_H
#define ALLOWANCE_H

#include "verdict.h"

/* An allowance: this user wants the mail of one exact author address that
   comes through one list or forwarder, though it fails its policy. The author
   alone is never enough, since From can be forged; a list counts with its own
   DKIM or SPF pass, a forwarder by the hop our own host wrote. Pure: no clock,
   no dict. */

enum allowance_kind {
	/* a mailing list's domain, verdict.list_domain */
	ALLOWANCE_LIST,
	/* a trusted forwarder's name or address, verdict.forwarder */
	ALLOWANCE_FORWARDER
};

enum allowance_state {
	/* somebody added it */
	ALLOWANCE_ADDED,
	/* by moves: it is renewed when used */
	ALLOWANCE_LEARNED,
	/* No allowance yet: the user took such mail back on one day, and it
	   had no proof. On another day it is learned. */
	ALLOWANCE_RELEASED,
	/* No allowance, but a list that the user has answered: the author is
	   ALLOWANCE_ANY_AUTHOR, and what is taken back needs no second
	   day. */
	ALLOWANCE_ANSWERED
};

/* Not an address. */
#define ALLOWANCE_ANY_AUTHOR "*"

struct allowance {
	/* an address: "local@domain", ASCII in lower case */
	const char *author;
	enum allowance_kind kind;
	/* domain, or forwarder; lower case, no blanks */
	const char *identity;
	/* seconds since 1970; it ends then */
	time_t expires;
	enum allowance_state state;
	/* with ALLOWANCE_RELEASED: when, in seconds since 1970 */
	time_t released;
};

/* "list", "forwarder" */
const char *allowance_kind_name(enum allowance_kind kind);
/* "added", "learned", "released", "answered" */
const char *allowance_state_name(enum allowance_state state);
/* TRUE if it lets mail through at now. */
bool allowance_is_valid(const struct allowance *allowance, time_t now);

/* Make the allowance that a message with this verdict asks for: kind and
   identity as it came, author is its author's address (any bytes; as
   verdict.author_address has it). Returns FALSE if verdict names no such list
   or forwarder or the address is none. Strings live in pool; expires is 0. */
bool allowance_from_verdict(pool_t pool, const struct verdict *verdict,
			    enum allowance_kind kind, const char *author,
			    struct allowance *allowance_r);
/* The same for what such a message teaches: its list, else its forwarder. */
bool allowance_of_message(pool_t pool, const struct verdict *verdict,
			  const char *author, struct allowance *allowance_r);
/* The mark of a list (as verdict.list_domain) that the user has answered.
   Returns FALSE if list_domain is NULL or no domain. Strings live in pool;
   expires is 0. */
bool allowance_of_answered_list(pool_t pool, const char *list_domain,
				struct allowance *allowance_r);
/* Make an allowance of what somebody typed: author an address, through
   "list:DOMAIN" or "forwarder:NAME". Strings live in pool; expires is 0.
   Returns 0, or -1 and error_r (data stack). */
int allowance_parse(pool_t pool, const char *author, const char *through,
		    struct allowance *allowance_r, const char **error_r);
/* "list:lists.example.org", data stack */
const char *t_allowance_through(const struct allowance *allowance);

/* The author address of a message, from its From fields. values: the fields
   (any bytes, folded or not), NULL-terminated. author_domain: the one domain
   that the verdict names. Returns it (data stack) with local part without
   quoting, or NULL if this is not one field with exactly one address of that
   domain. */
const char *
t_allowance_author_of(const char *const *values, const char *author_domain);

/* Kept in a dict as key ALLOWANCE_KEY_PREFIX + escaped "kind identity author"
   = expires in decimal, a space, the state's name; behind "released" another
   space and when. A version without one of these states skips such a key. */
#define ALLOWANCE_KEY_PREFIX "priv/authres/allow/"

/* Data stack. */
const char *t_allowance_key(const struct allowance *allowance);
const char *t_allowance_value(const struct allowance *allowance);
/* Read a key with the prefix and its value, any bytes. Strings live in pool.
   Returns 0, or -1 if it is not one of ours. */
int allowance_parse_key(pool_t pool, const char *key, const char *value,
			struct allowance *allowance_r);
/* value alone; returns 0 or -1. */
int allowance_parse_value(const char *value, struct allowance *allowance);

/* Two different allowances have different digests in all likelihood; the same
   have the same. Never 0. Only author, kind and identity count. */
uint32_t allowance_digest(const struct allowance *allowance);

#endif
