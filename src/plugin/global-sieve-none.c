/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "mail-deliver.h"
#include "global-sieve.h"

/* Where Pigeonhole's header files are not installed. */
int global_sieve_run(struct mail_deliver_context *ctx,
		     struct mail_storage **storage_r ATTR_UNUSED)
{
	e_error(ctx->event, "authres: authres_junk_sieve=global: built without "
		"Pigeonhole's header files - no Sieve script was run");
	return 0;
}
