#ifndef CONFIG_REPORT_PRIVATE_H
#define CONFIG_REPORT_PRIVATE_H

#include "config-report.h"

/* For the files config-report*.c. */

/* config-report-trust.c: whom we believe */
void config_report_trust(pool_t pool, const struct config_report_query *query,
			 ARRAY_TYPE(config_row) *rows);
/* config-report-own.c: who can write in the site's own names */
void config_report_own(pool_t pool, const struct config_report_query *query,
		       ARRAY_TYPE(config_row) *rows);
/* config-report-sieve.c: which scripts run for mail that goes to Junk */
void config_report_sieve(pool_t pool, const struct config_report_query *query,
			 ARRAY_TYPE(config_row) *rows);
/* config-report-verifier.c: the service, its confinement, and DNS */
void config_report_verifier(pool_t pool,
			    const struct config_report_query *query,
			    ARRAY_TYPE(config_row) *rows);

/* config-report-history.c: what is kept of messages, and reports about them */
void config_report_history(pool_t pool,
			   const struct config_report_query *query,
			   ARRAY_TYPE(config_row) *rows);
/* config-report-mailboxes.c: Junk, whatever it is called, and Trash */
void config_report_mailboxes(pool_t pool,
			     const struct config_report_query *query,
			     ARRAY_TYPE(config_row) *rows);
/* config-report-traffic.c: what the mail that came in says of the settings */
void config_report_traffic(pool_t pool,
			   const struct config_report_query *query,
			   ARRAY_TYPE(config_row) *rows);

#endif
