#ifndef MOVES_HOOK_H
#define MOVES_HOOK_H

/* The user's move is the verdict: hooks on what an IMAP session does with mail
   in the user's own mailboxes. A message that is moved out of Junk (MOVE; COPY
   and then EXPUNGE of the original in the same session; or marked as not junk
   there) is released, one that is moved into Junk (or marked as junk outside of
   it) is retracted, and a list whose mail is answered is one that is wanted:
   moves-lesson.h. */

struct authres_user;
struct mail;
struct mailbox;
struct mail_user;
struct moves_hook;

/* Returns NULL if user does not move mail by itself here (not in imap). */
struct moves_hook *moves_hook_init(struct mail_user *user);
/* Copies whose originals are still there teach nothing. *moves may be NULL. */
void moves_hook_deinit(struct moves_hook **moves);

/* mail_storage_hooks, for a user with moves only */
void moves_hook_mailbox_allocated(struct mailbox *box);
void moves_hook_mail_allocated(struct mail *mail);

#endif
