/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-settings.h"
#include "service-user.h"
#include "verdict.h"
#include "config-report-private.h"

static void
report_confinement(pool_t pool, const struct config_report_query *query,
		   const char *const *status, ARRAY_TYPE(config_row) *rows)
{
	const char *uid = config_status_value(status, "uid");
	const char *seccomp = config_status_value(status, "seccomp");
	const char *value = t_strdup_printf(
		"uid %s, chroot %s, sandbox %s, seccomp %s, Landlock %s",
		uid, config_status_value(status, "chroot"),
		config_status_value(status, "sandbox"), seccomp,
		config_status_value(status, "landlock"));

	if (strcmp(uid, "0") == 0)
		ADD(ERROR, "verifier confinement", value,
		    "the verifier runs as root: \"service authres\" in the "
		    "configuration must name an unprivileged user");
	else if (strcmp(config_status_value(status, "chroot"), "yes") != 0)
		ADD(INFO, "verifier confinement", value,
		    "Dovecot was not started by root, or chroot is not "
		    "permitted or switched off: the verifier sees the file "
		    "system as this user does");
	else if (strcmp(config_status_value(status, "sandbox"), "yes") != 0)
		ADD(WARNING, "verifier confinement", value,
		    "the kernel refused a part of the sandbox; the log says "
		    "which");
	else if (query->service_user == NULL)
		ADD(WARNING, "verifier confinement", value,
		    "the system has no user "AUTHRES_SERVICE_USER", so the "
		    "verifier shares one with Dovecot's login processes: make "
		    "it (adduser --system --group --no-create-home "
		    "--home /nonexistent "AUTHRES_SERVICE_USER") and reload "
		    "Dovecot");
	else if (strcmp(seccomp, "yes") != 0 && query->set->seccomp)
		ADD(WARNING, "verifier confinement", value,
		    "seccomp is not built in or not in this kernel: the rest "
		    "of the sandbox is in force");
	else if (strcmp(seccomp, "yes") != 0)
		ADD(INFO, "verifier confinement", value,
		    "authres_seccomp is no: the rest of the sandbox is in "
		    "force");
	else
		ADD(OK, "verifier confinement", value,
		    "it can open no file and start no program");
}

static void
report_processes(pool_t pool, const struct config_report_query *query,
		 ARRAY_TYPE(config_row) *rows)
{
	string_t *pids = t_str_new(64);
	const char *const *const *status;

	for (status = query->verifiers; *status != NULL; status++) {
		const char *version = config_status_value(*status, "version");

		str_printfa(pids, "%s%s", str_len(pids) == 0 ? "" : ", ",
			    config_status_value(*status, "pid"));
		if (strcmp(version, AUTHRES_VERSION) != 0)
			ADD(WARNING, "verifier version", version,
			    "doveadm has "AUTHRES_VERSION
			    ": reload Dovecot after an upgrade");
	}
	ADD(OK, "verifier", query->set->socket_path,
	    "answers; process %s", str_c(pids));
	report_confinement(pool, query, query->verifiers[0], rows);
}

static void
report_dns(pool_t pool, const struct config_report_query *query,
	   ARRAY_TYPE(config_row) *rows)
{
	const struct authres_settings *set = query->set;
	const char *servers = set->dns_servers[0] == NULL ?
		"/etc/resolv.conf" : t_joined(set->dns_servers);

	if (query->probe_domain == NULL)
		ADD(INFO, "authres_dns_servers", servers, "not tried");
	else if (query->probe_error != NULL)
		ADD(ERROR, "authres_dns_servers", servers,
		    "a message from %s got no verdict: %s",
		    query->probe_domain, query->probe_error);
	else if (query->probe->temperror)
		ADD(ERROR, "authres_dns_servers", servers,
		    "DNS did not answer for %s in %u ms: until it does, mail "
		    "is delivered unjudged",
		    query->probe_domain, query->probe_msecs);
	else
		ADD(OK, "authres_dns_servers", servers,
		    "answered %u questions about %s; the verdict took %u ms",
		    query->probe->dns_questions, query->probe_domain,
		    query->probe_msecs);
	if (set->dnssec)
		ADD(INFO, "authres_dnssec", "yes",
		    "the servers must support DNSSEC; bogus answers give "
		    "temperror");
}

void config_report_verifier(pool_t pool,
			    const struct config_report_query *query,
			    ARRAY_TYPE(config_row) *rows)
{
	if (query->verifier_error != NULL) {
		ADD(ERROR, "verifier", query->set->socket_path,
		    "%s: mail is delivered unjudged. Is Dovecot running, and "
		    "was it restarted after authres was installed?",
		    query->verifier_error);
		return;
	}
	report_processes(pool, query, rows);
	report_dns(pool, query, rows);
}
