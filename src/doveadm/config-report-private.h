#ifndef CONFIG_REPORT_PRIVATE_H
#define CONFIG_REPORT_PRIVATE_H

#include "config-report.h"

/* For the files config-report*.c. */

/* value and format: any bytes, sanitised here. */
void config_report_add(pool_t pool, ARRAY_TYPE(config_row) *rows,
		       enum config_state state, const char *topic,
		       const char *value, const char *format, ...)
	ATTR_FORMAT(6, 7);
/* config-report-trust.c: whom we believe */
void config_report_trust(pool_t pool, const struct config_report_query *query,
			 ARRAY_TYPE(config_row) *rows);
/* config-report-sieve.c: which scripts run for mail that goes to Junk */
void config_report_sieve(pool_t pool, const struct config_report_query *query,
			 ARRAY_TYPE(config_row) *rows);
/* config-report-verifier.c: the service, its confinement, and DNS */
void config_report_verifier(pool_t pool,
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

/* words with a space between them */
const char *t_joined(const char *const *words);

/* with pool and rows of the function it stands in */
#define ADD(state, topic, value, ...) \
	config_report_add(pool, rows, CONFIG_STATE_##state, topic, value, \
			  __VA_ARGS__)

#endif
