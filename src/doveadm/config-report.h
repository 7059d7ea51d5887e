#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

struct authres_settings;
struct dovecot_config;
struct evaluation_settings;
struct verdict;

/* What "doveadm authres config" says: what is trusted, where the client
   address comes from, and what cannot work with the present configuration.
   Pure: the door asks Dovecot and the verifier. */

enum config_state {
	CONFIG_STATE_OK,
	/* works, and has a consequence worth knowing */
	CONFIG_STATE_INFO,
	/* works, and is seldom what one wants */
	CONFIG_STATE_WARNING,
	/* cannot work */
	CONFIG_STATE_ERROR
};

struct config_row {
	enum config_state state;
	/* "authres_trusted_hosts", "mail_plugins", "verifier"... */
	const char *topic;
	/* sanitised; "" = none */
	const char *value;
	const char *explanation;
};
ARRAY_DEFINE_TYPE(config_row, struct config_row);

struct config_report_query {
	const struct authres_settings *set;
	/* sentences about wrong values; NULL-terminated */
	const char *const *setting_errors;
	/* made of set */
	const struct evaluation_settings *evaluation;
	const struct dovecot_config *dovecot;
	/* AUTHRES_SERVICE_USER if the system has it, else NULL */
	const char *service_user;

	/* the status of each verifier process that answered, as
	   verifier_client_status() gives it; NULL-terminated */
	const char *const *const *verifiers;
	/* why none answered, else NULL */
	const char *verifier_error;

	/* the domain it was asked about, for a message of our own making; NULL
	   = not asked */
	const char *probe_domain;
	const char *probe_error;
	/* its answer when probe_error is NULL */
	const struct verdict *probe;
	unsigned int probe_msecs;
};

/* "ok", "info", "warning", "error" */
const char *config_state_name(enum config_state state);
/* rows: initialized. Strings live in pool. */
void config_report_get(pool_t pool, const struct config_report_query *query,
		       ARRAY_TYPE(config_row) *rows);

/* Of what a verifier process says of itself ("key=value"): the value of key, or
   "". */
const char *config_status_value(const char *const *status, const char *key);

#endif
