/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "time-util.h"
#include "master-service.h"
#include "doveadm.h"
#include "doveadm-print.h"
#include "authres-settings-read.h"
#include "dovecot-config.h"
#include "history-client.h"
#include "history-dict.h"
#include "service-user.h"
#include "verify-request.h"
#include "verifier-client.h"
#include "evaluation-settings.h"
#include "config-report.h"
#include "commands.h"

#include <time.h>
#include <sysexits.h>

/* So often the verifier is asked who it is: each connection may reach another
   process. */
#define CONFIG_STATUS_QUESTIONS 8
#define CONFIG_STATUS_TIMEOUT_MSECS 1000
#define CONFIG_RECORDER_TIMEOUT_SECS 5
/* RFC 5737: a stranger's */
#define CONFIG_PROBE_CLIENT_IP "192.0.2.1"

static void
config_ask_verifiers(pool_t pool, struct config_report_query *query)
{
	ARRAY(const char *const *) processes;
	const char *const *status, *const *known, *error;

	p_array_init(&processes, pool, CONFIG_STATUS_QUESTIONS + 1);
	for (unsigned int i = 0; i < CONFIG_STATUS_QUESTIONS; i++) {
		bool seen = FALSE;

		if (verifier_client_status(pool, query->set->socket_path,
					   CONFIG_STATUS_TIMEOUT_MSECS,
					   &status, &error) < 0) {
			if (array_count(&processes) == 0)
				query->verifier_error = p_strdup(pool, error);
			break;
		}
		array_foreach_elem(&processes, known) {
			if (strcmp(config_status_value(known, "pid"),
				   config_status_value(status, "pid")) == 0)
				seen = TRUE;
		}
		if (!seen)
			array_push_back(&processes, &status);
	}
	array_append_zero(&processes);
	query->verifiers = array_front(&processes);
}

/* A message such as any stranger could send, about a name of our own. */
static void config_probe(pool_t pool, struct config_report_query *query)
{
	const char *domain = query->set->authserv_ids[0];
	struct verify_request request;
	struct verdict *verdict;
	struct istream *input;
	struct timeval started, finished;
	const char *text, *error;

	if (query->verifier_error != NULL || strchr(domain, '.') == NULL)
		return;
	query->probe_domain = domain;
	text = t_strdup_printf("From: postmaster@%s\r\n\r\n", domain);
	i_zero(&request);
	request.protocol = VERIFY_PROTOCOL_DOVEADM;
	request.mail_from = t_strdup_printf("postmaster@%s", domain);
	if (net_addr2ip(CONFIG_PROBE_CLIENT_IP, &request.argument_ip) < 0)
		i_unreached();
	request.received_time = time(NULL);
	request.timeout_msecs = query->set->timeout_msecs;

	i_gettimeofday(&started);
	verdict = p_new(pool, struct verdict, 1);
	input = i_stream_create_from_data(text, strlen(text));
	if (verifier_client_verify(pool, query->set->socket_path, NULL,
				   &request, input, verdict, &error) !=
	    VERIFIER_CLIENT_VERDICT)
		query->probe_error = p_strdup(pool, error);
	i_stream_unref(&input);
	query->probe = verdict;
	i_gettimeofday(&finished);
	query->probe_msecs = I_MAX(timeval_diff_msecs(&finished, &started), 0);
}

static void config_ask_recorder(struct config_report_query *query)
{
	query->history = history_dict_is_set(query->set);
	if (query->history &&
	    history_client_ask(query->set->base_dir, FALSE,
			       CONFIG_RECORDER_TIMEOUT_SECS,
			       &query->history_status,
			       &query->history_error) < 0)
		query->history_status = NULL;
}

static void config_print(const ARRAY_TYPE(config_row) *rows)
{
	const struct config_row *row;

	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	doveadm_print_header_simple("state");
	doveadm_print_header_simple("topic");
	doveadm_print_header_simple("value");
	doveadm_print_header_simple("explanation");
	array_foreach(rows, row) {
		doveadm_print(config_state_name(row->state));
		doveadm_print(row->topic);
		doveadm_print(row->value);
		doveadm_print(row->explanation);
		if (row->state == CONFIG_STATE_ERROR)
			doveadm_exit_code = EX_CONFIG;
	}
}

static int
config_read(pool_t pool, struct authres_settings *set,
	    struct dovecot_config *dovecot, const char *const **errors_r)
{
	const char *error;

	if (dovecot_config_read(pool, master_service, dovecot, &error) < 0 ||
	    authres_settings_read(pool, master_service, set, errors_r,
				  &error) < 0) {
		i_error("authres config: %s", error);
		doveadm_exit_code = EX_TEMPFAIL;
		return -1;
	}
	return 0;
}

static void
config_report(pool_t pool, struct authres_settings *set,
	      const struct dovecot_config *dovecot,
	      const char *const *setting_errors)
{
	struct config_report_query query;
	struct evaluation_settings evaluation;
	const char *const *errors;
	ARRAY_TYPE(const_string) all_errors;
	ARRAY_TYPE(config_row) rows;

	i_zero(&query);
	query.set = set;
	query.dovecot = dovecot;
	query.evaluation = &evaluation;
	query.service_user = authres_service_user(NULL);
	(void)evaluation_settings_init(pool, set, &evaluation, &errors);
	p_array_init(&all_errors, pool, 4);
	array_append(&all_errors, setting_errors,
		     str_array_length(setting_errors));
	array_append(&all_errors, errors, str_array_length(errors));
	array_append_zero(&all_errors);
	query.setting_errors = array_front(&all_errors);
	config_ask_verifiers(pool, &query);
	config_probe(pool, &query);
	config_ask_recorder(&query);

	p_array_init(&rows, pool, 32);
	config_report_get(pool, &query, &rows);
	config_print(&rows);
	evaluation_settings_deinit(&evaluation);
}

static void
doveadm_authres_config(struct doveadm_cmd_context *cctx ATTR_UNUSED)
{
	pool_t pool = pool_alloconly_create("authres config", 4096);
	const char *const *setting_errors;
	struct dovecot_config dovecot;
	struct authres_settings set;

	if (config_read(pool, &set, &dovecot, &setting_errors) == 0)
		config_report(pool, &set, &dovecot, setting_errors);
	pool_unref(&pool);
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_config = {
	.cmd = doveadm_authres_config,
	.name = "authres config",
	.usage = "",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_PARAMS_END
};
