#ifndef AUTHOR_DOMAIN_H
#define AUTHOR_DOMAIN_H

struct msg_header;

/* The Author Domain, RFC 9989 section 5.3.1 and 11.5: from the From field, by
   a reader that accounts for every address a mail client might show
   (reference/dmarc.md, Author Domain). */

struct author {
	/* A-labels, lower case, no duplicates, at most
	   AUTHRES_MAX_AUTHOR_DOMAINS; NULL-terminated, never NULL. The Author
	   Domain comes first when single. */
	const char *const *domains;
	/* From names exactly one domain in a form every reader understands
	   alike: domains[0] is the Author Domain. Otherwise all domains that
	   can be read in it are evaluated, the strictest failing counts. */
	bool single;
	/* From is usable with several domains (several legal addresses): each
	   is evaluated, dmarc= is given for each. FALSE with !single: dmarc is
	   permerror with reason. */
	bool multiple;
	/* The author's address when single and From holds just this one:
	   local part without quoting, its case kept, "@", domains[0]. NULL
	   otherwise, also when the local part is longer than
	   AUTHRES_MAX_LOCAL_PART_BYTES. May hold any byte but NUL. */
	const char *address;
	/* why there is no single domain, one phrase; NULL when single */
	const char *reason;
	/* there were more domains than we evaluate */
	bool cut;
};

/* Everything in author_r lives in pool. */
void author_find(pool_t pool, const struct msg_header *header,
		 struct author *author_r);

#endif
