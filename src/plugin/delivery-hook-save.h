#ifndef DELIVERY_HOOK_SAVE_H
#define DELIVERY_HOOK_SAVE_H

/* The save hook: what a delivery notes when its message is saved. Keywords
   reach the message through whatever saves it: default save, Sieve's keep and
   fileinto, any copy. They are added to those that the saver sets itself. */

struct mail;
struct mailbox;

/* mail_storage_hooks.mailbox_allocated */
void delivery_hook_save_mailbox_allocated(struct mailbox *box);

/* mail is one recipient's saved copy that LMTP uses as the source of the next
   recipients' mail: from now on it has no keywords, so that Sieve does not
   copy one user's keywords to another. */
void delivery_hook_save_hide(struct mail *mail);

#endif
