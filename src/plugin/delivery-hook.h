#ifndef DELIVERY_HOOK_H
#define DELIVERY_HOOK_H

#include "mail-deliver.h"

/* The deliver hook: do with the message what its delivery (delivery.h) says.
   Tag it, run Sieve or save it, in Junk or where it would have gone. Nothing of
   ours may lose a message. next is the hook before ours, NULL = none; returns
   what a hook returns. */
int delivery_hook_deliver(struct mail_deliver_context *ctx,
			  deliver_mail_func_t *next,
			  struct mail_storage **storage_r);

#endif
