#ifndef AUTHOR_SCAN_H
#define AUTHOR_SCAN_H

#include "author-reading.h"

/* A reader of address lists that looks for every domain any mail client might
   show, rather than for what RFC 5322 section 3.4 allows: quoted strings and
   comments are left out, every "@" that remains is an address. */

/* How text is read. */
enum author_view {
	/* as it stands in the field */
	AUTHOR_VIEW_RAW,
	/* its encoded words are decoded: what stands outside of <> in an
	   element of the list that has an address in <> is a display name */
	AUTHOR_VIEW_DECODED,
	/* an element that has no address: what it shows instead of one */
	AUTHOR_VIEW_HIDDEN
};

struct author_scan {
	struct author_names names;
	/* domain of the last angle-addr, NULL = none could be read */
	const char *angle_domain;
	unsigned int angle_count;
	unsigned int address_count;
	/* what readers may understand differently; the first one found, a
	   phrase, NULL = nothing */
	const char *damage;
	/* an "@" outside <> has nothing in front of it */
	bool local_part_missing;
	/* some addresses are not separated by commas as section 3.4 wants */
	bool list_broken;
	/* addresses are missing: more than AUTHRES_MAX_AUTHOR_ADDRESSES, or
	   From fields themselves */
	bool cut;
	/* an address is damaged, as no program does, so that no domain can be
	   read in it */
	bool unread;
};

void author_scan_init(pool_t pool, struct author_scan *scan_r);
/* Scan one unfolded value, any bytes. May be called for several fields; what
   was found is added. */
void author_scan_value(struct author_scan *scan,
		       const unsigned char *data, size_t size);
/* The same for a value whose encoded words are decoded. Only domains of two
   labels are added. Returns TRUE if there is something new; that is damage. */
bool author_scan_decoded(struct author_scan *scan,
			 const unsigned char *data, size_t size);
/* Add the domain that data begins with, and what else may be read there.
   Returns 1 if it can be read and nothing but white space or a delimiter
   follows it, 0 if it is damaged, -1 if it is damaged as no program does and
   nothing can be read. domain_r (pool) is NULL if nothing could be read. */
int author_scan_add_domain(struct author_scan *scan,
			   const unsigned char *data, size_t size,
			   const char **domain_r);
/* TRUE if domains are missing, whatever the reason. */
bool author_scan_is_cut(const struct author_scan *scan);

#endif
