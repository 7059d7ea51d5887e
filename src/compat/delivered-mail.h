#ifndef DELIVERED_MAIL_H
#define DELIVERED_MAIL_H

/* Proof that our delivery put a message where it is: a record in the mailbox's
   index that delivery writes together with the message. No message, APPEND or
   other client can make one. It is kept by copies a user makes between own
   mailboxes, and lost with the index, by dsync and by copies to others: what is
   left then proves nothing. */

struct mail;

#define DELIVERED_MAIL_EXT_NAME "authres"

enum delivered_mail_flags {
	/* by us, and the message failed a policy of quarantine or reject that
	   nothing global overrides */
	DELIVERED_MAIL_FAILED = 0x01,
	/* the user has taken it back from Junk without moving it */
	DELIVERED_MAIL_RELEASED = 0x02,
	/* With FAILED: no stranger can have made it. The author's organization
	   signed the header (verdict.author_header_signed), or a trusted
	   forwarder got it from a host that the author lets send. */
	DELIVERED_MAIL_PROVEN = 0x04,
	/* By us, and it passed DMARC and came through a mailing list of
	   another organization than its author's. */
	DELIVERED_MAIL_LIST_PASSED = 0x08
};

/* As it stands in the index. */
struct delivered_mail {
	/* enum delivered_mail_flags; 0 = not delivered by us */
	uint32_t flags;
	/* of the allowance that a release of it makes (allowance_digest()),
	   0 = none; with LIST_PASSED of the mark that answering it makes */
	uint32_t allowance_digest;
};

/* TRUE if taking it back is a release: it failed, and was not taken back
   before. */
static inline bool
delivered_mail_is_held(const struct delivered_mail *delivered)
{
	return (delivered->flags & (DELIVERED_MAIL_FAILED |
				    DELIVERED_MAIL_RELEASED)) ==
		DELIVERED_MAIL_FAILED;
}

/* Returns FALSE if mail has no record of a failed policy; delivered_r is filled
   with what there is. */
bool delivered_mail_get(struct mail *mail, struct delivered_mail *delivered_r);
/* Write the record within mail's transaction. mail may be one that was just
   saved there. */
void delivered_mail_set(struct mail *mail,
			const struct delivered_mail *delivered);

#endif
