#ifndef MOVED_COPIES_H
#define MOVED_COPIES_H

#include "seq-range-array.h"

/* Copies that an IMAP session has made of messages in Junk, as long as the
   originals are there: when they are expunged, the messages have been moved. At
   most AUTHRES_MAX_RELEASES; older ones are forgotten. */

struct authres_user;
struct mail;
struct mailbox;
struct mailbox_transaction_context;
struct moved_copies;
struct release;

struct moved_copies *moved_copies_init(void);
void moved_copies_deinit(struct moved_copies **copies);
bool moved_copies_is_empty(const struct moved_copies *copies);

/* trans copies src. release: what it says when src is expunged; it belongs to
   copies from now on. */
void moved_copies_add(struct moved_copies *copies, struct mail *src,
		      struct mailbox_transaction_context *trans,
		      struct release *release);
/* trans is over, and what it copied is there or not. trans itself may be gone:
   it is only compared. */
void moved_copies_saved(struct moved_copies *copies,
			const struct mailbox_transaction_context *trans,
			bool committed);
/* Messages with these uids have been expunged from box: finish the releases of
   those that were copied. */
void moved_copies_expunged(struct moved_copies *copies,
			   struct authres_user *auser, struct mailbox *box,
			   const ARRAY_TYPE(seq_range) *uids);

#endif
