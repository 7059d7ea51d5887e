#ifndef AUTHOR_READING_H
#define AUTHOR_READING_H

#include "authres-limits.h"

/* What people may take for a domain where no domain can be read, since it was
   damaged: characters that nobody sees, bytes that are not UTF-8, encoded
   words, percent-encoding, white space, dots too many. */

/* Author domains found so far. */
struct author_names {
	pool_t pool;
	/* A-labels, in the order found, no duplicates */
	const char *domains[AUTHRES_MAX_AUTHOR_DOMAINS];
	unsigned int count;
	/* there were more */
	bool cut;
};

/* Add a normalized name, and what some clients show for it: its A-labels may
   stand for something else than IDNA lets them. Of too many the last one is
   kept, too. Returns a copy in pool. */
const char *author_names_add(struct author_names *names, const char *domain);
bool author_names_have(const struct author_names *names, const char *domain);

/* Add to names the domains that the damaged text at the begin of data (behind
   an "@") may be read as: without what damages it, up to the first of it, and
   behind the last of it. Returns 1 and the first of them (pool), or domain_r is
   NULL: 0, and -1 if characters or bytes stand there that no domain has (nobody
   but a forger writes them). */
int author_reading_add(struct author_names *names, const unsigned char *data,
		       size_t size, const char **domain_r);
/* Append text as people may read it: without what nobody sees, in
   compatibility form (a full-width "@" is "@"), percent-encoding decoded. */
void author_reading_append_text(string_t *dest, const unsigned char *data,
				size_t size);

#endif
