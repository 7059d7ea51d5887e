#ifndef MOVES_COPIES_H
#define MOVES_COPIES_H

#include "seq-range-array.h"

/* Copies that an IMAP session has made of messages in Junk, as long as the
   originals are there: when they are expunged, the messages have been moved. At
   most AUTHRES_MAX_RELEASES; older ones are forgotten. */

struct authres_user;
struct mail;
struct mailbox;
struct mailbox_transaction_context;
struct moves_copies;
struct moves_lesson;

struct moves_copies *moves_copies_init(void);
void moves_copies_deinit(struct moves_copies **copies);
bool moves_copies_is_empty(const struct moves_copies *copies);

/* trans copies src. lesson: what it says when src is expunged; it belongs to
   copies from now on. */
void moves_copies_add(struct moves_copies *copies, struct mail *src,
		      struct mailbox_transaction_context *trans,
		      struct moves_lesson *lesson);
/* trans is over, and what it copied is there or not. trans itself may be gone:
   it is only compared. */
void moves_copies_saved(struct moves_copies *copies,
			const struct mailbox_transaction_context *trans,
			bool committed);
/* Messages with these uids have been expunged from box: finish the lessons of
   those that were copied. */
void moves_copies_expunged(struct moves_copies *copies,
			   struct authres_user *auser, struct mailbox *box,
			   const ARRAY_TYPE(seq_range) *uids);

#endif
