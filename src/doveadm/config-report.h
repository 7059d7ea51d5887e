#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "config-row.h"

struct authres_settings;
struct config_reports;
struct dovecot_config;
struct evaluation_settings;
struct verdict;

/* What "doveadm authres config" says: what is trusted, where the client
   address comes from, and what cannot work with the present configuration.
   Pure: the door asks Dovecot and the verifier. */

/* A domain of the site, and what became of a stranger's mail in its name. */
struct config_site_domain {
	const char *name;
	/* NULL = there is no verdict, for error */
	const struct verdict *verdict;
	const char *error;
};

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

	/* authres_history is set: what its recorder says, as
	   history_client_ask() gives it, or why it says nothing */
	bool history;
	const char *const *history_status;
	const char *history_error;
	/* with history: what it says of reports, or why it does not */
	const struct config_reports *reports;
	const char *reports_error;

	/* the domain it was asked about, for a message of our own making; NULL
	   = not asked */
	const char *probe_domain;
	const char *probe_error;
	/* its answer when probe_error is NULL */
	const struct verdict *probe;
	unsigned int probe_msecs;

	const struct config_site_domain *site_domains;
	unsigned int site_domain_count;
};

/* rows: initialized. Strings live in pool. */
void config_report_get(pool_t pool, const struct config_report_query *query,
		       ARRAY_TYPE(config_row) *rows);

#endif
