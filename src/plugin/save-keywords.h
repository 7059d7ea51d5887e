#ifndef SAVE_KEYWORDS_H
#define SAVE_KEYWORDS_H

/* Keywords of a delivery reach the message through whatever saves it: default
   save, Sieve's keep and fileinto, any copy. They are added to those that the
   saver sets itself. */

struct mail;
struct mailbox;

/* mail_storage_hooks.mailbox_allocated */
void save_keywords_mailbox_allocated(struct mailbox *box);

/* mail is one recipient's saved copy that LMTP uses as the source of the next
   recipients' mail: from now on it has no keywords, so that Sieve does not
   copy one user's keywords to another. */
void save_keywords_hide(struct mail *mail);

#endif
