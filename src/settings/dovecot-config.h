#ifndef DOVECOT_CONFIG_H
#define DOVECOT_CONFIG_H

struct master_service;

/* What Dovecot's configuration says around authres, for "doveadm authres
   config". All lists are NULL-terminated and never NULL. */

struct dovecot_config_mailbox {
	/* with the prefix of its namespace; may have wildcards */
	const char *name;
	/* RFC 6154, NULL-terminated */
	const char *const *special_uses;
	/* auto=create or auto=subscribe */
	bool automatic;
	/* of a namespace with type=private */
	bool private;
};
ARRAY_DEFINE_TYPE(dovecot_config_mailbox, struct dovecot_config_mailbox);

struct dovecot_config_namespace {
	const char *prefix;
	/* "" = what the storage has */
	const char *separator;
	bool inbox, private;
};
ARRAY_DEFINE_TYPE(dovecot_config_namespace, struct dovecot_config_namespace);

struct dovecot_config {
	/* mail_plugins as each of these protocols has it */
	const char *const *lmtp_plugins;
	const char *const *lda_plugins;
	const char *const *imap_plugins;
	/* who may say XCLIENT to the LMTP server */
	const char *const *login_trusted_networks;
	/* the LMTP server may hand recipients on to other hosts */
	bool lmtp_proxy;
	/* sieve_before, sieve_after or a sieve_script of such a type names a
	   script, for any protocol */
	bool global_sieve_scripts;
	/* the LMTP server writes a Received line */
	bool lmtp_received;
	/* the name in it, and where Sieve hands mail to: "" = to sendmail(1) */
	const char *hostname;
	const char *submission_host;
	const char *sendmail_path, *submission_ssl;
	unsigned int submission_timeout_secs;
	/* A protocol ("lmtp") whose mail_plugins have a line break, which came
	   with a file, or NULL. Its process does not start. */
	const char *broken_plugins_protocol;
	/* of lmtp, in any order; the default namespace of a Dovecot without any
	   is not among them */
	ARRAY_TYPE(dovecot_config_namespace) namespaces;
	ARRAY_TYPE(dovecot_config_mailbox) mailboxes;
	/* names of the dicts that the dict server knows; the one that
	   authres_dict asks it for, NULL = none */
	const char *const *dicts;
	const char *authres_dict_proxy;
	/* authres_dict is configured, as none */
	bool authres_dict_empty;
};

/* For a program run from the command line. Strings live in pool. Returns 0, or
   -1 and error_r (data stack). */
int dovecot_config_read(pool_t pool, struct master_service *service,
			struct dovecot_config *config_r, const char **error_r);

#endif
