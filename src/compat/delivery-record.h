#ifndef DELIVERY_RECORD_H
#define DELIVERY_RECORD_H

/* Proof that our delivery put a message where it is: a record in the mailbox's
   index that delivery writes together with the message. No message, APPEND or
   other client can make one. It is kept by copies a user makes between own
   mailboxes, and lost with the index, by dsync and by copies to others: what is
   left then proves nothing. */

struct mail;
struct mailbox_transaction_context;

#define DELIVERY_RECORD_EXT_NAME "authres"

enum delivery_record_flags {
	/* by us, and the message failed a policy of quarantine or reject that
	   nothing global overrides */
	DELIVERY_RECORD_FAILED = 0x01,
	/* the user has taken it back from Junk without moving it */
	DELIVERY_RECORD_RELEASED = 0x02,
	/* With FAILED: no stranger can have made it. The author's organization
	   signed the header (verdict.author_header_signed), or a trusted
	   forwarder got it from a host that the author lets send. */
	DELIVERY_RECORD_PROVEN = 0x04,
	/* By us, and it passed DMARC and came through a mailing list of
	   another organization than its author's. */
	DELIVERY_RECORD_LIST_PASSED = 0x08,
	/* The upper bits are the digest of the authserv-id in the field that
	   our delivery wrote on top of it (authserv_id_digest(), never 0), so
	   that the field is known when our name has changed. Records of
	   deliveries before this was kept have 0. */
	DELIVERY_RECORD_NAME_MASK = 0x7fffff00
};
#define DELIVERY_RECORD_NAME_SHIFT 8

/* As it stands in the index. */
struct delivery_record {
	/* enum delivery_record_flags; 0 = not delivered by us */
	uint32_t flags;
	/* of the allowance that a release of it makes (allowance_digest()),
	   0 = none; with LIST_PASSED of the mark that answering it makes */
	uint32_t allowance_digest;
};

/* The digest of the authserv-id, 0 = not known. */
static inline uint32_t
delivery_record_name(const struct delivery_record *delivered)
{
	return (delivered->flags & DELIVERY_RECORD_NAME_MASK) >>
		DELIVERY_RECORD_NAME_SHIFT;
}

/* TRUE if taking it back is a release: it failed, and was not taken back
   before. */
static inline bool
delivery_record_is_held(const struct delivery_record *delivered)
{
	return (delivered->flags & (DELIVERY_RECORD_FAILED |
				    DELIVERY_RECORD_RELEASED)) ==
		DELIVERY_RECORD_FAILED;
}

/* Returns FALSE if mail has no record of a failed policy; delivered_r is filled
   with what there is. */
bool
delivery_record_get(struct mail *mail, struct delivery_record *delivered_r);
/* Write the record within mail's transaction. mail may be one that was just
   saved there. */
void delivery_record_set(struct mail *mail,
			const struct delivery_record *delivered);
/* How many messages trans sees, those that it saves included; and write the
   record of the last of them, which trans has saved. */
uint32_t
delivery_record_last_seq(struct mailbox_transaction_context *trans);
void delivery_record_set_last(struct mailbox_transaction_context *trans,
			      const struct delivery_record *delivered);

#endif
