#ifndef AUTHOR_READING_H
#define AUTHOR_READING_H

#include "author-scan.h"

/* What people may take for a domain where no domain can be read, since it was
   damaged: characters that nobody sees, bytes that are not UTF-8, encoded
   words, percent-encoding, white space, dots too many. */

/* Add to scan the domains that the damaged text at the begin of data (behind
   an "@") may be read as: without what damages it, up to the first of it, and
   behind the last of it. Returns 1 and the first of them (pool), or domain_r is
   NULL: 0, and -1 if characters or bytes stand there that no domain has (nobody
   but a forger writes them). */
int author_reading_add(struct author_scan *scan, const unsigned char *data,
		       size_t size, const char **domain_r);
/* A domain whose A-labels stand for something else than IDNA lets them (some
   clients show what they stand for): add that. */
void author_reading_add_a_labels(struct author_scan *scan, const char *domain);
/* Append text as people may read it: without what nobody sees, in
   compatibility form (a full-width "@" is "@"), percent-encoding decoded. */
void author_reading_append_text(string_t *dest, const unsigned char *data,
				size_t size);

#endif
