#ifndef LMTP_TRANSACTION_H
#define LMTP_TRANSACTION_H

/* The LMTP server's side: what it knows of the envelope, one verdict for all
   recipients of a transaction, and replies that a deliver hook cannot give. */

void lmtp_transaction_hooks_init(void);
void lmtp_transaction_hooks_deinit(void);

#endif
