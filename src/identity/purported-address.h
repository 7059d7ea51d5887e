#ifndef PURPORTED_ADDRESS_H
#define PURPORTED_ADDRESS_H

struct msg_header;

/* The Purported Responsible Address (PRA), RFC 4407 section 2: who the header
   says put the message into the mail system last. Anybody can write it. */

struct purported_address {
	/* The field that was selected, in lower case: resent-sender,
	   resent-from, sender or from; static. NULL = none was. */
	const char *field;
	/* Its one mailbox: A-labels; NULL = there is no PRA. */
	const char *domain;
	/* Without quoting, not empty, its case kept, any bytes but NUL; NULL =
	   there is no PRA. */
	const char *local_part;
	/* why there is none, a phrase; NULL = there is one */
	const char *reason;
};

/* Find the PRA. A field that is selected and is not exactly one mailbox with a
   domain name gives none (section 2, step 6): no other field is tried. What is
   no mailbox is decided more strictly than by section 3.4 of RFC 5322 with its
   obsolete syntax: whatever mail programs may read differently is none. There
   is none either if the header was cut, since a field that comes first may be
   missing. pra_r lives in pool. */
void purported_address_find(pool_t pool, const struct msg_header *header,
			    struct purported_address *pra_r);

#endif
