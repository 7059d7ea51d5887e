/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "time-util.h"
#include "master-service.h"
#include "doveadm.h"
#include "authres-settings-read.h"
#include "dovecot-config.h"
#include "history-client.h"
#include "history-dict.h"
#include "service-user.h"
#include "verify-request.h"
#include "verifier-client.h"
#include "evaluation-settings.h"
#include "config-print.h"
#include "config-report.h"
#include "config-reports.h"
#include "commands.h"

#include <time.h>
#include <sysexits.h>

/* So often the verifier is asked who it is: each connection may reach another
   process. */
#define CONFIG_STATUS_QUESTIONS 8
#define CONFIG_STATUS_TIMEOUT_MSECS 1000
#define CONFIG_RECORDER_TIMEOUT_SECS 5
/* So many of the site's own names are tried. */
#define CONFIG_MAX_SITE_DOMAINS 20
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

/* A message such as any stranger could send. Returns NULL and error_r (pool) if
   there is no verdict. */
static const struct verdict *
config_probe_domain(pool_t pool, const struct authres_settings *set,
		    const char *domain, const char **error_r)
{
	const char *mail_from = t_strconcat("postmaster@", domain, NULL);
	const char *text = t_strdup_printf("From: %s\r\n\r\n", mail_from);
	struct verdict *verdict = p_new(pool, struct verdict, 1);
	enum verifier_client_outcome outcome;
	struct verify_request request;
	struct istream *input;
	const char *error;

	i_zero(&request);
	request.protocol = VERIFY_PROTOCOL_DOVEADM;
	request.mail_from = mail_from;
	if (net_addr2ip(CONFIG_PROBE_CLIENT_IP, &request.argument_ip) < 0)
		i_unreached();
	request.received_time = time(NULL);
	request.timeout_msecs = set->timeout_msecs;
	input = i_stream_create_from_data(text, strlen(text));
	outcome = verifier_client_verify(pool, set->socket_path, NULL, &request,
					 input, verdict, &error);
	i_stream_unref(&input);
	if (outcome == VERIFIER_CLIENT_VERDICT)
		return verdict;
	*error_r = p_strdup(pool, error);
	return NULL;
}

/* About a name of our own. */
static void config_probe(pool_t pool, struct config_report_query *query)
{
	const char *domain = query->set->authserv_ids[0];
	struct timeval started, finished;

	if (query->verifier_error != NULL || strchr(domain, '.') == NULL)
		return;
	query->probe_domain = domain;
	i_gettimeofday(&started);
	query->probe = config_probe_domain(pool, query->set, domain,
					   &query->probe_error);
	i_gettimeofday(&finished);
	query->probe_msecs = I_MAX(timeval_diff_msecs(&finished, &started), 0);
}

/* About the site's own names. */
static void
config_probe_site(pool_t pool, const struct own_domains *asked,
		  struct config_report_query *query)
{
	const char *const *name = asked->domains != NULL ? asked->domains :
		query->evaluation->dmarc.own.domains;
	ARRAY(struct config_site_domain) probed;
	struct config_site_domain *probe;

	if (query->verifier_error != NULL || query->probe_error != NULL ||
	    (query->probe != NULL && query->probe->temperror))
		return;
	p_array_init(&probed, pool, CONFIG_MAX_SITE_DOMAINS);
	for (; *name != NULL; name++) {
		if (array_count(&probed) == CONFIG_MAX_SITE_DOMAINS)
			break;
		probe = array_append_space(&probed);
		probe->name = *name;
		probe->verdict = config_probe_domain(pool, query->set, *name,
						     &probe->error);
		/* DNS or verifier are gone: each would take as long */
		if (probe->verdict == NULL || probe->verdict->temperror)
			break;
	}
	query->site_domains =
		array_get(&probed, &query->site_domain_count);
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

static void
config_ask_reports(struct config_report_query *query,
		   struct config_reports *reports)
{
	const char *error;

	if (!query->history || query->history_status == NULL)
		return;
	if (config_reports_ask(query->set, time(NULL), reports, &error) < 0)
		query->reports_error = error;
	else
		query->reports = reports;
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
	      const struct own_domains *asked,
	      const char *const *setting_errors)
{
	struct config_report_query query;
	struct evaluation_settings evaluation;
	const char *const *errors;
	ARRAY_TYPE(const_string) all_errors;
	ARRAY_TYPE(config_row) rows;
	struct config_reports reports;

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
	config_probe_site(pool, asked, &query);
	config_ask_recorder(&query);
	config_ask_reports(&query, &reports);

	p_array_init(&rows, pool, 32);
	config_report_get(pool, &query, &rows);
	config_print(&rows);
	evaluation_settings_deinit(&evaluation);
}

/* --own-domains */
static void
config_read_own_domains(pool_t pool, struct doveadm_cmd_context *cctx,
			struct own_domains *own_r)
{
	const char *words, *const *errors;

	i_zero(own_r);
	if (doveadm_cmd_param_str(cctx, "own-domains", &words) &&
	    evaluation_settings_own_domains(pool, words, own_r, &errors) < 0)
		i_fatal_status(EX_USAGE, "--own-domains: %s", errors[0]);
}

static void doveadm_authres_config(struct doveadm_cmd_context *cctx)
{
	pool_t pool = pool_alloconly_create("authres config", 4096);
	const char *const *setting_errors;
	struct dovecot_config dovecot;
	struct authres_settings set;
	struct own_domains asked;

	config_read_own_domains(pool, cctx, &asked);
	if (config_read(pool, &set, &dovecot, &setting_errors) == 0)
		config_report(pool, &set, &dovecot, &asked, setting_errors);
	pool_unref(&pool);
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_config = {
	.cmd = doveadm_authres_config,
	.name = "authres config",
	.usage = "[--own-domains <domains>]",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_PARAM('O', "own-domains", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAMS_END
};
