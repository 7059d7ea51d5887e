/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "dovecot-config.h"
#include "config-report-private.h"

/* The protocols where authres delivers without Sieve: "lmtp and lda", or
   NULL. */
static const char *protocols_without_sieve(const struct dovecot_config *dovecot)
{
	bool lmtp = str_array_find(dovecot->lmtp_plugins, "authres") &&
		!str_array_find(dovecot->lmtp_plugins, "sieve");
	bool lda = str_array_find(dovecot->lda_plugins, "authres") &&
		!str_array_find(dovecot->lda_plugins, "sieve");

	if (lmtp && lda)
		return "lmtp and lda";
	return lmtp ? "lmtp" : (lda ? "lda" : NULL);
}

static void
report_global(pool_t pool, const struct config_report_query *query,
	      ARRAY_TYPE(config_row) *rows)
{
	const char *name = "authres_junk_sieve", *value = "global";

#ifndef HAVE_SIEVE
	ADD(ERROR, name, value, "authres was built without Pigeonhole's header "
	    "files: no script runs for mail that goes to Junk");
	return;
#endif
	if (!query->dovecot->global_sieve_scripts)
		ADD(WARNING, name, value, "neither sieve_before nor "
		    "sieve_after names a script: none runs for mail that goes "
		    "to Junk, except where userdb names one");
	else
		ADD(OK, name, value, "sieve_before and sieve_after run for "
		    "mail that goes to Junk, the user's script does not; none "
		    "of them can send mail then");
}

void config_report_sieve(pool_t pool, const struct config_report_query *query,
			 ARRAY_TYPE(config_row) *rows)
{
	const char *name = "authres_junk_sieve";
	enum authres_junk_sieve junk_sieve = query->set->junk_sieve;
	const char *value = authres_junk_sieve_word(junk_sieve);
	const char *protocols = protocols_without_sieve(query->dovecot);

	if (query->set->mode != AUTHRES_MODE_ENFORCE)
		return;
	if (junk_sieve == AUTHRES_JUNK_SIEVE_SKIP)
		ADD(INFO, name, value,
		    "no Sieve script runs for mail that goes to Junk, "
		    "sieve_before and sieve_after included");
	else if (protocols != NULL)
		ADD(WARNING, name, value, "mail_plugins of %s lack sieve: no "
		    "script runs there, for no mail", protocols);
	else if (junk_sieve == AUTHRES_JUNK_SIEVE_GLOBAL)
		report_global(pool, query, rows);
	else
		ADD(INFO, name, value,
		    "Sieve runs with Junk as its default mailbox: a script "
		    "can file, answer and redirect forged mail");
}
