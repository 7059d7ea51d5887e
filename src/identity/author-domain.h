#ifndef AUTHOR_DOMAIN_H
#define AUTHOR_DOMAIN_H

struct msg_header;

/* The Author Domain, RFC 9989 section 5.3.1 and 11.5: from the From field, by
   a reader that accounts for every address a mail client might show.

   A client may leave out what nobody sees, and decode encoded words before it
   looks for addresses. So From is read as it stands, and with its encoded words
   decoded. Where no address is damaged and both ways lead to the same domains,
   From is usable. What else they show is damage, and is evaluated as well:

     - in a domain: without control, default-ignorable, private-use and
       unassigned characters, white space, and bytes that are not UTF-8; and
       what stands before the first and behind the last of them;
     - encoded words: an address in <>, also in a display name; and an address
       in an element of the list that has none in <>:
         =?utf-8?Q?Ann_=3Cann=40a.example=3E?= <x@b.example>   a and b
         =?utf-8?Q?ann=40a.example?=, x@b.example              a and b
         =?utf-8?Q?ann=40a.example?= x@b.example               a and b
     - an element without any domain: the address that it has instead, in
       quotes, comments, full-width characters or percent-encoding:
         "ann@a.example" <>                                    a

   Not damage, and not evaluated, is a display name that has an address in it,
   encoded or quoted, beside the real one; DMARC says nothing about it:
         "ann@a.example via List" <list@b.example>             b
         =?utf-8?Q?ann=40a.example?= <x@b.example>             b
         "Ann <ann@a.example>" <x@b.example>                   b */

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
	/* with !single and !multiple: From is damaged as no program damages it,
	   and names somebody who is not among domains: a domain of which
	   nothing can be read, more domains or addresses than we evaluate, more
	   bytes or fields than we look at. Whoever does that hides its author
	   from us. */
	bool hides;
};

/* Everything in author_r lives in pool. */
void author_find(pool_t pool, const struct msg_header *header,
		 struct author *author_r);

#endif
