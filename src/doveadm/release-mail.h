#ifndef RELEASE_MAIL_H
#define RELEASE_MAIL_H

struct mailbox;
struct review_user;

/* Take one message back: to INBOX, with the keywords of a message that is no
   junk. */

enum release_result {
	/* it stays where it was, as it was; an error was logged and is the
	   command's exit code */
	RELEASE_FAILED = -1,
	/* it is no longer there */
	RELEASE_GONE = 0,
	RELEASE_DONE,
	/* it is in INBOX and has those keywords already */
	RELEASE_UNCHANGED
};

/* Release the message with this UID in box (open for writing, no transaction).
   inbox: the user's INBOX, open, may be the same mailbox. The copy in INBOX is
   complete before the original is removed, and is removed again if that
   fails. inbox_uid_r: its UID there, 0 = unknown. */
enum release_result
release_mail(struct review_user *ruser, struct mailbox *box, uint32_t uid,
	     struct mailbox *inbox, uint32_t *inbox_uid_r);

#endif
