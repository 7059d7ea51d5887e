#ifndef DELIVERY_SIEVE_H
#define DELIVERY_SIEVE_H

#include "mail-deliver.h"
#include "disposition.h"

/* Sieve for mail that goes to Junk: authres_junk_sieve. Message-IDs and senders
   that Sieve remembers for it (duplicate, vacation, redirect) are kept apart
   from those of other mail: anybody can write a Message-ID, so what is forged
   must not make a genuine message a duplicate.
   Returns as a deliver hook; 0 also where no script is to run. */
int delivery_sieve_run_junk(struct mail_deliver_context *ctx,
			    enum disposition_sieve sieve,
			    deliver_mail_func_t *next,
			    struct mail_storage **storage_r);

#endif
