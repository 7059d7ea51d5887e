#ifndef GLOBAL_SIEVE_H
#define GLOBAL_SIEVE_H

/* Sieve for mail that failed its author's policy: the administrator's scripts
   alone, with nothing at hand that could send mail. The sieve plugin is not
   asked: it would run the user's script, too, and answer. */

struct mail_deliver_context;
struct mail_storage;

/* Run what sieve_before, sieve_after and sieve_discard name for ctx->rcpt_user
   on ctx->src_mail, with ctx->rcpt_default_mailbox as the mailbox of keep.
   Scripts, their compiled files and their log lines are as in any delivery,
   but what would send mail fails with an error that says so, and what failed
   to be sent is kept.
   Returns as a deliver hook: 1 = done, the message may also have been
   discarded; 0 = there is no script, or no Sieve: nothing was done; -1 =
   failed, error logged, ctx->tempfail_error or *storage_r say how. */
int global_sieve_run(struct mail_deliver_context *ctx,
		     struct mail_storage **storage_r);

#endif
