#ifndef USER_MOVES_H
#define USER_MOVES_H

/* The user's move is the verdict: hooks on what an IMAP session does with mail
   in the user's own mailboxes. A message that is moved out of Junk (MOVE; COPY
   and then EXPUNGE of the original in the same session; or marked as not junk
   there) is released, one that is moved into Junk (or marked as junk outside of
   it) is retracted, and a list whose mail is answered is one that is wanted:
   release.h. */

struct authres_user;
struct mail;
struct mailbox;
struct mail_user;
struct user_moves;

/* Returns NULL if user does not move mail by itself here (not in imap). */
struct user_moves *user_moves_init(struct mail_user *user);
/* Copies whose originals are still there teach nothing. *moves may be NULL. */
void user_moves_deinit(struct user_moves **moves);

/* mail_storage_hooks, for a user with moves only */
void user_moves_mailbox_allocated(struct mailbox *box);
void user_moves_mail_allocated(struct mail *mail);

#endif
