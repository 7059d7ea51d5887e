/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "mail-user.h"
#include "mail-duplicate.h"
#include "global-sieve.h"
#include "delivery-sieve.h"

/* ~/.dovecot.NAME; that of other mail is lda-dupes */
#define JUNK_DUPLICATE_DB_NAME "authres-junk-dupes"

int delivery_sieve_run_junk(struct mail_deliver_context *ctx,
			    enum disposition_sieve sieve,
			    deliver_mail_func_t *next,
			    struct mail_storage **storage_r)
{
	struct mail_duplicate_db *orig_dup_db = ctx->dup_db;
	int ret = 0;

	if (sieve == DISPOSITION_SIEVE_SKIP || next == NULL)
		return 0;

	ctx->dup_db = mail_duplicate_db_init(ctx->rcpt_user,
					     JUNK_DUPLICATE_DB_NAME);
	switch (sieve) {
	case DISPOSITION_SIEVE_SKIP:
		i_unreached();
	case DISPOSITION_SIEVE_GLOBAL:
		ret = global_sieve_run(ctx, storage_r);
		break;
	case DISPOSITION_SIEVE_RUN:
		ret = next(ctx, storage_r);
		break;
	}
	mail_duplicate_db_deinit(&ctx->dup_db);
	ctx->dup_db = orig_dup_db;
	return ret;
}
