#ifndef DELIVERY_HOOK_LMTP_H
#define DELIVERY_HOOK_LMTP_H

/* The LMTP server's side: what it knows of the envelope, one verdict for all
   recipients of a transaction, and replies that a deliver hook cannot give. */

void delivery_hook_lmtp_init(void);
void delivery_hook_lmtp_deinit(void);

#endif
