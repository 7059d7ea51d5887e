#ifndef AUTHRES_SETTINGS_H
#define AUTHRES_SETTINGS_H

/* All settings (authres(7)), the same on every Dovecot.
   One table names each with its type, default and allowed values; conf.d, the
   man page and "doveadm authres config" are checked against it. */

enum authres_setting_type {
	/* any text, not empty */
	AUTHRES_SETTING_STR,
	/* 2.3: URI of a dict, empty = none. 2.4: a block with a dict { } in it,
	   of which nothing is here. See user-dict.h. */
	AUTHRES_SETTING_DICT,
	/* words separated by spaces or commas; empty = none. The word
	   "%{hostname}" stands for Dovecot's hostname. */
	AUTHRES_SETTING_WORDS,
	/* words, of which those that look like networks are (network-word.h);
	   "%{hostname}" as above */
	AUTHRES_SETTING_HOSTS,
	/* words: addresses, with "@port" if need be */
	AUTHRES_SETTING_DNS_SERVERS,
	/* words of printable ASCII (RFC 8601 section 2.5), at least one;
	   "%{hostname}" as above */
	AUTHRES_SETTING_AUTHSERV_IDS,
	/* words that only whoever configures them knows, of
	   AUTHRES_MIN_SECRET_BYTES or more letters, digits and ./+=_-; never
	   shown; empty = none */
	AUTHRES_SETTING_SECRETS,
	/* one of the allowed words */
	AUTHRES_SETTING_ENUM,
	/* one of the allowed words, or "header:" and the name of a header
	   field */
	AUTHRES_SETTING_CLIENT_SOURCE,
	/* yes or no */
	AUTHRES_SETTING_BOOL,
	AUTHRES_SETTING_UINT,
	/* "10s", "1500ms", "7d"; a bare number is seconds */
	AUTHRES_SETTING_TIME_MSECS,
	/* IMAP keywords, words; empty = off */
	AUTHRES_SETTING_KEYWORDS
};

struct authres_setting_def {
	/* "authres_timeout" */
	const char *name;
	enum authres_setting_type type;
	/* as written in a configuration file */
	const char *default_value;
	/* ENUM and CLIENT_SOURCE: allowed words separated by ":"; WORDS: the
	   same or NULL = any; UINT and TIME_MSECS: "min:max" (numbers, msecs);
	   STR, DICT: what is meant, for people */
	const char *allowed;
	/* verifier and field: the same for all users; a userdb value is
	   ignored */
	bool global;
	/* offset in struct authres_settings */
	size_t offset;
};

/* ENUM settings are kept as the allowed word itself. Word lists are
   NULL-terminated and never NULL. */
struct authres_settings {
	/* global: identity and verifier */
	const char *const *authserv_ids;
	const char *const *checks;
	const char *const *trusted_hosts;
	const char *const *local_networks;
	/* "auto", "xclient", "received" or "header:NAME" */
	const char *client_source;
	const char *const *client_header_key;
	const char *const *filter_users;
	const char *const *fetch_hosts;
	const char *const *upstream_authserv_ids;
	bool upstream_below;
	const char *const *dns_servers;
	bool dnssec;
	unsigned int timeout_msecs;
	unsigned int temperror_wait_msecs;
	/* 0 = off */
	unsigned int stale_policy_msecs;
	const char *dmarc_mode;
	unsigned int dkim_min_key_bits;
	const char *spf_engine;
	const char *dkim_engine;
	const char *const *arc_trusted_sealers;
	const char *const *trusted_forwarders;
	const char *const *trusted_lists;
	bool seccomp;

	/* delivery: may differ per user */
	const char *mode;
	const char *quarantine_action;
	const char *reject_action;
	const char *temperror_action;
	const char *junk_mailbox;
	const char *junk_sieve;
	/* "all", "failures" or "none" */
	const char *log;
	const char *const *keyword_pass;
	const char *const *keyword_fail;
	const char *const *keyword_temperror;
	const char *const *keyword_override;
	const char *const *keyword_junk;
	const char *const *keyword_phishing;
	const char *const *keyword_methods;
	const char *learn;
	unsigned int allow_days;
	const char *dict;

	/* not settings of ours: the system's, for defaults */
	const char *hostname;
	/* path of the verifier's socket */
	const char *socket_path;
	/* Dovecot's directories, for what outlives a process; state_dir is NULL
	   but after authres_settings_read() */
	const char *base_dir;
	const char *state_dir;
};

/* All settings, ended by name == NULL. */
const struct authres_setting_def *authres_setting_defs(void);
/* The setting with this name, or NULL. */
const struct authres_setting_def *authres_setting_find(const char *name);

/* The value of a setting as configured, or NULL when it is not. */
typedef const char *authres_setting_lookup_t(void *context, const char *name);

/* Fill set_r. global_lookup answers for settings with def->global, user_lookup
   for the others (NULL: global_lookup too). hostname and base_dir are
   Dovecot's. A wrong value: its default is used and errors_r gets one sentence
   that names setting, value and allowed values. Returns 0 if there were none,
   -1 otherwise; set_r is always usable. errors_r (pool) is NULL-terminated. */
int authres_settings_parse(pool_t pool,
			   authres_setting_lookup_t *global_lookup,
			   authres_setting_lookup_t *user_lookup,
			   void *context,
			   const char *hostname, const char *base_dir,
			   struct authres_settings *set_r,
			   const char *const **errors_r);
/* The sentence for a wrong value, for those who look closer at a value than
   authres_settings_parse() (evaluation-settings.h). value: any bytes; allowed:
   what is, for people; used: what is used instead. Data stack. */
const char *
authres_setting_error(const struct authres_setting_def *def, const char *value,
		      const char *allowed, const char *used);
/* NAME of authres_client_source=header:NAME, or NULL. */
const char *
authres_settings_client_header(const struct authres_settings *set);
/* TRUE if name begins with "authres_" and is no setting of ours (a typing
   error worth a warning). authres_client_ip and authres_client_helo, given by
   dovecot-lda -o, are known. */
bool authres_setting_is_unknown(const char *name);

#endif
