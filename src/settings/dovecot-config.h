#ifndef DOVECOT_CONFIG_H
#define DOVECOT_CONFIG_H

struct master_service;

/* What Dovecot's configuration says around authres, for "doveadm authres
   config". All lists are NULL-terminated and never NULL. */

struct dovecot_config {
	/* mail_plugins as each of these protocols has it */
	const char *const *lmtp_plugins;
	const char *const *lda_plugins;
	const char *const *imap_plugins;
	/* who may say XCLIENT to the LMTP server */
	const char *const *login_trusted_networks;
	/* the LMTP server may hand recipients on to other hosts */
	bool lmtp_proxy;
};

/* For a program run from the command line. Strings live in pool. Returns 0, or
   -1 and error_r (data stack). */
int dovecot_config_read(pool_t pool, struct master_service *service,
			struct dovecot_config *config_r, const char **error_r);

#endif
