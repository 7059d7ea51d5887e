/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-settings.h"
#include "dovecot-config.h"
#include "evaluation-settings.h"
#include "verdict.h"
#include "config-report-private.h"
#include "config-reports.h"
#include "test-common.h"
#include "test-file.h"

static const char *const status_usual[] = {
	"version="AUTHRES_VERSION, "pid=7", "uid=103", "chroot=yes",
	"sandbox=yes", "seccomp=yes", "landlock=yes", NULL
};
static const char *const status_second[] = {
	"version="AUTHRES_VERSION, "pid=8", "uid=103", "chroot=yes",
	"sandbox=yes", "seccomp=yes", "landlock=yes", NULL
};
static const char *const status_old[] = {
	"version=0.0.1", "pid=7", "uid=103", "chroot=yes",
	"sandbox=yes", "seccomp=yes", "landlock=yes", NULL
};
static const char *const status_root[] = {
	"version="AUTHRES_VERSION, "pid=7", "uid=0", "chroot=yes",
	"sandbox=yes", "seccomp=yes", "landlock=yes", NULL
};
static const char *const status_rootless[] = {
	"version="AUTHRES_VERSION, "pid=7", "uid=1000", "chroot=no",
	"sandbox=yes", "seccomp=yes", "landlock=yes", NULL
};
/* of a system without our user */
static const char *const status_login_user[] = {
	"version="AUTHRES_VERSION, "pid=7", "uid=106", "chroot=yes",
	"sandbox=yes", "seccomp=yes", "landlock=yes", NULL
};
static const char *const status_no_seccomp[] = {
	"version="AUTHRES_VERSION, "pid=7", "uid=103", "chroot=yes",
	"sandbox=yes", "seccomp=no", "landlock=no", NULL
};
static const char *const status_no_sandbox[] = {
	"version="AUTHRES_VERSION, "pid=7", "uid=103", "chroot=yes",
	"sandbox=no", "seccomp=yes", "landlock=yes", NULL
};
/* what a socket that is not ours might say */
static const char *const status_strange[] = { "x", "pid", NULL };

/* What came in; the second process saw nothing. */
static const char *const status_unknown[] = {
	"pid=7", "mail=6", "mail_unknown=4", "mail_local=0", "mail_inside=0",
	"mail_srs=3", "mail_srs_domain=srs.example",
	"mail_unknown_reason=line \x1b[2J", "mail_relay=3",
	"mail_relay_ip=192.0.2.9", NULL
};
static const char *const status_inside[] = {
	"pid=7", "mail=5", "mail_unknown=1", "mail_inside=4", NULL
};
static const char *const status_few[] = {
	"pid=7", "mail=4", "mail_unknown=4", NULL
};
static const char *const status_local[] = {
	"pid=7", "mail=10", "mail_local=9", NULL
};
static const char *const status_relay[] = {
	"pid=7", "mail=10", "mail_relay=6", "mail_relay_ip=192.0.2.9", NULL
};
static const char *const status_srs[] = {
	"pid=7", "mail=10", "mail_srs=6", "mail_srs_domain=srs.example", NULL
};
static const char *const status_good[] = {
	"pid=7", "mail=10", "mail_unknown=5", "mail_local=8", "mail_inside=3",
	"mail_relay=5", "mail_srs=5", NULL
};
static const char *const status_lies[] = {
	"pid=7", "mail=4294967295", "mail_unknown=-1", "mail_local=", NULL
};

struct report_test {
	/* "authres_mode=tag" */
	const char *settings[4];
	const char *lmtp_plugins, *login_trusted_networks;
	const char *const *status;
	/* NULL = not asked; "" = a verdict; "temperror"; else an error */
	const char *probe;
	/* the rows of this topic: "state state..." */
	const char *topic, *states;
	/* in one of their explanations */
	const char *says;
};

static const struct report_test report_tests[] = {
	{ { NULL }, "authres", "", NULL, NULL,
	  "mail_plugins of lmtp", "ok", "is judged" },
	{ { NULL }, "sieve", "", NULL, NULL,
	  "mail_plugins of lmtp", "error", "no mail is judged" },
	{ { NULL }, "authres", "", NULL, NULL,
	  "mail_plugins of lda", "info", "not judged" },
	{ { NULL }, "authres", "", NULL, NULL,
	  "mail_plugins of imap", "info", "" },

	{ { NULL }, "authres", "", NULL, NULL,
	  "authres_authserv_id", "ok", "mx.example.org" },
	{ { "authres_authserv_id=localhost mx.example.org" }, "authres", "",
	  NULL, NULL, "authres_authserv_id", "warning", "not a full host name" },

	{ { "authres_checks=spf dkim" }, "authres", "", NULL, NULL,
	  "authres_checks", "warning", "nothing goes to Junk" },
	{ { "authres_checks=dmarc arc" }, "authres", "", NULL, NULL,
	  "authres_checks", "error", "nothing can pass" },
	{ { "authres_checks=dmarc spf" }, "authres", "", NULL, NULL,
	  "authres_checks", "warning", "without dkim" },
	{ { "authres_checks=spf dkim dmarc",
	    "authres_arc_trusted_sealers=example.org" }, "authres", "",
	  NULL, NULL, "authres_arc_trusted_sealers", "error", "lacks arc" },
	{ { "authres_arc_trusted_sealers=example.org" }, "authres", "",
	  NULL, NULL, "authres_arc_trusted_sealers", "ok", "dmarc=pass" },

	{ { "authres_failure_reports=10" }, "authres", "", NULL, NULL,
	  "authres_failure_reports", "warning", "authres_history is not set" },

	{ { NULL }, "authres", "", NULL, NULL,
	  "authres_trusted_hosts", "ok", "add a Received field" },
	{ { "authres_trusted_hosts=127.0.0.0/8" }, "authres", "", NULL, NULL,
	  "authres_trusted_hosts", "error", "no host name" },
	{ { "authres_trusted_hosts=mx.example.org 0.0.0.0/0" }, "authres", "",
	  NULL, NULL, "authres_trusted_hosts", "ok error", "every address" },
	{ { "authres_trusted_hosts=mx.example.org ::/0" }, "authres", "",
	  NULL, NULL, "authres_trusted_hosts", "ok error", "every address" },
	{ { "authres_trusted_hosts=mx.example.org 64.0.0.0/7 2000::/3" },
	  "authres", "", NULL, NULL, "authres_trusted_hosts",
	  "ok warning warning", "strangers" },
	{ { "authres_trusted_hosts=mx.example.org 64.0.0.0/8 2001:db8::/32" },
	  "authres", "", NULL, NULL, "authres_trusted_hosts", "ok", "" },
	{ { "authres_trusted_hosts=mx.example.org 10.1.0.0/16 fd00::/8" },
	  "authres", "", NULL, NULL, "authres_trusted_hosts", "ok info info",
	  "container proxy" },
	{ { "authres_local_networks=0.0.0.0/0" }, "authres", "", NULL, NULL,
	  "authres_local_networks", "ok error", "never judged" },
	{ { NULL }, "authres", "", NULL, NULL,
	  "containers", "info", "port proxy" },
	{ { "authres_trusted_hosts=mx .example.org mx.example.com 10.0.0.1" },
	  "authres", "", NULL, NULL, "srs", "info info", "our own SRS" },

	{ { NULL }, "authres", "10.0.0.0/8", NULL, NULL,
	  "authres_client_source", "ok", "handed the message to a proxy" },
	{ { "authres_client_source=xclient" }, "authres", "", NULL, NULL,
	  "authres_client_source", "error", "XCLIENT is not accepted" },
	{ { "authres_client_source=xclient" }, "authres", "10.0.0.0/8", NULL,
	  NULL, "authres_client_source", "ok", "10.0.0.0/8" },
	{ { "authres_client_source=header:X-Client" }, "authres", "", NULL,
	  NULL, "authres_client_source", "ok", "X-Client" },

	{ { "authres_client_source=header:X-Client",
	    "authres_client_header_key=0123456789abcdef" }, "authres", "",
	  NULL, NULL, "authres_client_source", "ok", "with a key" },
	{ { "authres_client_header_key=0123456789abcdef" }, "authres", "",
	  NULL, NULL, "authres_client_header_key", "warning", "not used" },
	{ { "authres_own_domains=example.org !a.example.org" }, "authres", "",
	  NULL, NULL, "authres_own_domains", "ok", "needs a pass" },
	{ { "authres_own_domains=!a.example.org" }, "authres", "",
	  NULL, NULL, "authres_own_domains", "warning", "no domain" },
	{ { "authres_own_domains=example.org", "authres_checks=spf dkim" },
	  "authres", "", NULL, NULL, "authres_own_domains", "error",
	  "lacks dmarc" },
	{ { "authres_fetch_hosts=.free.fr" }, "authres", "", NULL, NULL,
	  "authres_fetch_hosts", "ok", "getmail" },
	{ { "authres_filter_users=filter" }, "authres", "", NULL, NULL,
	  "authres_filter_users", "ok", "put back" },
	{ { NULL }, "authres", "", NULL, NULL, "authres_learn", "warning",
	  "no move" },
	{ { "authres_learn=no" }, "authres", "", NULL, NULL, "authres_learn",
	  "info", "allow" },

	{ { "authres_upstream_below=yes" }, "authres", "", NULL, NULL,
	  "authres_upstream_below", "warning", "nothing is believed" },
	{ { NULL }, "authres", "", NULL, NULL, "overrides", "info", "author" },

	{ { "authres_mode=tag" }, "authres", "", NULL, NULL,
	  "authres_mode", "info", "stays" },
	{ { "authres_mode=off" }, "authres", "", NULL, NULL,
	  "authres_mode", "warning", "not judged" },
	{ { NULL }, "authres sieve", "", NULL, NULL,
	  "authres_junk_sieve", "info", "no Sieve script" },
	{ { NULL }, "authres", "", NULL, NULL,
	  "authres_junk_sieve", "info", "no Sieve script" },
	{ { "authres_junk_sieve=run" }, "authres sieve", "", NULL, NULL,
	  "authres_junk_sieve", "info", "forged mail" },
	{ { "authres_junk_sieve=run" }, "authres", "", NULL, NULL,
	  "authres_junk_sieve", "warning", "lmtp lack sieve" },
	{ { "authres_junk_sieve=global" }, "authres", "", NULL, NULL,
	  "authres_junk_sieve", "warning", "lmtp lack sieve" },
#ifdef HAVE_SIEVE
	{ { "authres_junk_sieve=global" }, "authres sieve", "", NULL, NULL,
	  "authres_junk_sieve", "warning", "neither" },
	{ { "authres_junk_sieve=global" }, "authres sieve archive", "", NULL,
	  NULL, "authres_junk_sieve", "ok", "none of them can send" },
#else
	{ { "authres_junk_sieve=global" }, "authres sieve archive", "", NULL,
	  NULL, "authres_junk_sieve", "error", "built without" },
#endif
	{ { "authres_keyword_methods=spf dkim" }, "authres", "", NULL, NULL,
	  "authres_keyword_*", "warning", "26" },
	{ { "authres_timeout=61s" }, "authres", "", NULL, NULL,
	  "authres_timeout", "warning", "" },
	{ { "authres_timeout=60s" }, "authres", "", NULL, NULL,
	  "authres_timeout", "ok", "" },
	{ { "authres_mode=on\x1b[31m" }, "authres", "", NULL, NULL,
	  "settings", "error", "authres_mode" },

	{ { NULL }, "authres", "", NULL, NULL, "verifier", "error",
	  "Is Dovecot running" },
	{ { NULL }, "authres", "", status_usual, NULL, "verifier", "ok",
	  "process 7, 8" },
	{ { NULL }, "authres", "", status_usual, NULL,
	  "verifier confinement", "ok", "" },
	{ { NULL }, "authres", "", status_old, NULL, "verifier version",
	  "warning", "reload" },
	{ { NULL }, "authres", "", status_root, NULL,
	  "verifier confinement", "error", "root" },
	{ { NULL }, "authres", "", status_rootless, NULL,
	  "verifier confinement", "info", "not started by root" },
	{ { NULL }, "authres", "", status_no_sandbox, NULL,
	  "verifier confinement", "warning", "kernel" },
	{ { NULL }, "authres", "", status_login_user, NULL,
	  "verifier confinement", "warning", "adduser" },
	{ { NULL }, "authres", "", status_no_seccomp, NULL,
	  "verifier confinement", "warning", "seccomp" },
	{ { "authres_seccomp=no" }, "authres", "", status_no_seccomp, NULL,
	  "verifier confinement", "info", "authres_seccomp" },
	{ { NULL }, "authres", "", status_strange, NULL,
	  "verifier confinement", "info", "" },

	{ { NULL }, "authres", "", status_unknown, NULL,
	  "mail of the last hour", "warning", "[2J. See authres_trusted_hosts" },
	{ { NULL }, "authres", "", status_inside, NULL,
	  "mail of the last hour", "warning", "port proxy" },
	{ { NULL }, "authres", "", status_few, NULL,
	  "mail of the last hour", "info", "too few" },
	{ { NULL }, "authres", "", status_local, NULL,
	  "mail of the last hour", "warning", "sendmail(1)" },
	{ { NULL }, "authres", "", status_relay, NULL,
	  "mail of the last hour", "warning", "from 192.0.2.9, which" },
	{ { NULL }, "authres", "", status_srs, NULL,
	  "mail of the last hour", "warning", "to srs.example. If" },
	{ { NULL }, "authres", "", status_good, NULL,
	  "mail of the last hour", "ok", "" },
	{ { NULL }, "authres", "", status_lies, NULL,
	  "mail of the last hour", "ok", "" },

	{ { "authres_authserv_id=0123456789ab.lan" }, "authres", "", NULL,
	  NULL, "authres_authserv_id", "warning", "each time" },
	{ { "authres_authserv_id=abcdefabcdef.lan" }, "authres", "", NULL,
	  NULL, "authres_authserv_id", "ok", "" },
	{ { "authres_authserv_id=mailserverfr.lan" }, "authres", "", NULL,
	  NULL, "authres_authserv_id", "ok", "" },
	{ { "authres_stale_policy=0" }, "authres", "", NULL, NULL,
	  "authres_stale_policy", "warning", "forgotten" },
	{ { NULL }, "authres", "", NULL, NULL,
	  "authres_stale_policy", "ok", "last known" },
	{ { NULL }, "sieve authres", "", NULL, NULL,
	  "sieve redirect", "info", "submission_host" },
	{ { "authres_trusted_hosts=192.0.2.1 mx.example.com" },
	  "sieve authres", "", NULL, NULL,
	  "sieve redirect", "warning", "lacks" },

	{ { NULL }, "authres", "", status_usual, NULL,
	  "authres_dns_servers", "info", "not tried" },
	{ { NULL }, "authres", "", status_usual, "",
	  "authres_dns_servers", "ok", "mx.example.org" },
	{ { NULL }, "authres", "", status_usual, "temperror",
	  "authres_dns_servers", "error", "did not answer" },
	{ { NULL }, "authres", "", status_usual, "it is gone",
	  "authres_dns_servers", "error", "it is gone" },
};

static const char *report_lookup(void *context, const char *name)
{
	const char *const *settings = context;

	for (; *settings != NULL; settings++) {
		if (strncmp(*settings, name, strlen(name)) == 0 &&
		    (*settings)[strlen(name)] == '=')
			return *settings + strlen(name) + 1;
	}
	return NULL;
}

static void
report_run(pool_t pool, const struct report_test *test,
	   const struct config_site_domain *domain,
	   ARRAY_TYPE(config_row) *rows)
{
	static const char *const none[] = { NULL };
	const char *const *const verifiers[] = {
		test->status, status_second, NULL
	};
	struct config_report_query query;
	struct authres_settings set;
	struct evaluation_settings evaluation;
	struct dovecot_config dovecot;
	const char *const *errors;
	struct verdict probe;

	i_zero(&query);
	i_zero(&probe);
	i_zero(&dovecot);
	(void)authres_settings_parse(pool, report_lookup, NULL,
				     (void *)test->settings, "mx.example.org",
				     "/run/dovecot", &set,
				     &query.setting_errors);
	(void)evaluation_settings_init(pool, &set, &evaluation, &errors);
	dovecot.hostname = "mx.example.org";
	dovecot.submission_host = "";
	dovecot.lmtp_received = TRUE;
	dovecot.dicts = none;
	p_array_init(&dovecot.namespaces, pool, 1);
	p_array_init(&dovecot.mailboxes, pool, 1);
	dovecot.lmtp_plugins = t_strsplit_spaces(test->lmtp_plugins, " ");
	dovecot.lda_plugins = dovecot.imap_plugins = none;
	/* the word is there for a script of the administrator */
	dovecot.global_sieve_scripts =
		str_array_find(dovecot.lmtp_plugins, "archive");
	dovecot.login_trusted_networks =
		t_strsplit_spaces(test->login_trusted_networks, " ");
	query.set = &set;
	query.evaluation = &evaluation;
	query.dovecot = &dovecot;
	query.verifiers = verifiers;
	query.site_domains = domain;
	query.site_domain_count = domain == NULL ? 0 : 1;
	if (test->status != status_login_user)
		query.service_user = "authres";
	if (test->status == NULL)
		query.verifier_error = "connect() failed";
	if (test->probe != NULL) {
		query.probe_domain = "mx.example.org";
		query.probe = &probe;
		if (strcmp(test->probe, "temperror") == 0)
			probe.temperror = TRUE;
		else if (*test->probe != '\0')
			query.probe_error = test->probe;
	}
	config_report_get(pool, &query, rows);
	evaluation_settings_deinit(&evaluation);
}

static void test_config_report_reports(void)
{
	static const struct config_reports none = { 0, 0, 0, FALSE };
	static const struct config_reports timer = { 0, 0, 0, TRUE };
	static const struct config_reports sent = { 7, 1752278400, 0, TRUE };
	static const struct config_reports paused = { 7, 1752278400, 3, TRUE };
	static const struct {
		const char *from;
		/* NULL: the recorder does not answer */
		const char *recorder;
		const struct config_reports *reports;
		const char *error, *topic, *states, *says;
	} tests[] = {
		{ "", NULL, NULL, NULL, "authres_history", "error",
		  "messages are missing" },
		{ "", NULL, NULL, NULL, "reports", "", "" },
		{ "", "lost=0", &none, NULL, "reports", "info",
		  "authres-report.timer" },
		{ "", "lost=0", &timer, NULL, "reports", "info", "--dry-run" },
		{ "", "lost=0", &sent, NULL, "reports", "ok",
		  "last sent 2025-07-12 00:00 UTC: 7 were sent" },
		{ "", "lost=0", &paused, NULL, "reports", "ok info",
		  "3 addresses are paused" },
		{ "", "lost=0", NULL, "timeout", "reports", "error",
		  "cannot be read: timeout" },
		{ "", "lost=0", &sent, NULL, "authres_report_from", "info",
		  "dmarc-reports@mx.example.org" },
		{ "Mail Team <dmarc@example.org>", "lost=0", &sent, NULL,
		  "authres_report_from", "ok", "<dmarc@example.org>" },
		{ "dmarc@localhost", "lost=0", &sent, NULL,
		  "authres_report_from", "error", "no reports are sent" },
		{ "postmaster", "lost=0", &sent, NULL,
		  "authres_report_from", "error", "no reports are sent" },
	};

	test_begin("config report: reports");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test report", 4096);
		const char *setting = t_strconcat("authres_report_from=",
						  tests[i].from, NULL);
		const char *const status[] = { tests[i].recorder, NULL };
		struct authres_settings set;
		struct dovecot_config dovecot = { .hostname = "mx.example.org" };
		struct config_report_query query = {
			.set = &set, .dovecot = &dovecot, .history = TRUE,
			.history_status = tests[i].recorder == NULL ? NULL :
				status,
			.history_error = "connect() failed",
			.reports = tests[i].reports,
			.reports_error = tests[i].error,
		};
		const char *const settings[] = { setting, NULL };
		const struct config_row *row;
		ARRAY_TYPE(config_row) rows;
		string_t *states = t_str_new(16), *says = t_str_new(64);
		const char *const *errors;

		(void)authres_settings_parse(pool, report_lookup, NULL,
					     (void *)settings, "mx.example.org",
					     "/run/dovecot", &set, &errors);
		p_array_init(&rows, pool, 8);
		config_report_history(pool, &query, &rows);
		array_foreach(&rows, row) {
			if (strcmp(row->topic, tests[i].topic) != 0)
				continue;
			str_printfa(states, "%s%s",
				    str_len(states) > 0 ? " " : "",
				    config_state_name(row->state));
			str_printfa(says, "%s: %s\n", row->value,
				    row->explanation);
		}
		test_assert_strcmp_idx(str_c(states), tests[i].states, i);
		test_assert_idx(strstr(str_c(says), tests[i].says) != NULL, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_config_report_own(void)
{
	static const struct {
		/* the verifier's entry of dmarc */
		enum check_result_word dmarc;
		enum dmarc_policy policy;
		const char *comment, *error, *own_domains, *state, *says;
	} tests[] = {
		{ CHECK_RESULT_NONE, 0, NULL, NULL, "", "info",
		  "--own-domains a.example" },
		{ CHECK_RESULT_FAIL, 0, "p=none", NULL, "", "info", "p=none" },
		{ CHECK_RESULT_FAIL, DMARC_POLICY_REJECT, "p=reject", NULL, "",
		  "ok", "p=reject" },
		{ CHECK_RESULT_FAIL, DMARC_POLICY_QUARANTINE,
		  "p=none, our own domain", NULL, "a.example", "ok",
		  "publishes no policy, but" },
		{ CHECK_RESULT_PASS, 0, "p=reject", NULL, "", "warning",
		  "every host" },
		{ CHECK_RESULT_NONE, 0, NULL, NULL, "example.org a.example",
		  "warning", "dmarc=none" },
		{ CHECK_RESULT_NONE, 0, NULL, "it is gone", "", "info",
		  "it is gone" },
	};

	test_begin("config report: our own names");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test report", 4096);
		const char *setting = t_strconcat("authres_own_domains=",
						  tests[i].own_domains, NULL);
		const struct report_test test = {
			.settings = { setting }, .lmtp_plugins = "authres",
			.login_trusted_networks = "", .status = status_usual
		};
		struct check_result result = {
			.method = CHECK_METHOD_DMARC, .result = tests[i].dmarc,
			.comment = tests[i].comment
		};
		struct config_site_domain domain = { .name = "a.example" };
		ARRAY_TYPE(config_row) rows;
		const struct config_row *row;
		struct verdict verdict;
		bool said = FALSE;

		i_zero(&verdict);
		verdict.dmarc = tests[i].dmarc;
		verdict.policy = tests[i].policy;
		t_array_init(&verdict.results, 1);
		array_push_back(&verdict.results, &result);
		domain.error = tests[i].error;
		domain.verdict = tests[i].error == NULL ? &verdict : NULL;
		p_array_init(&rows, pool, 32);
		report_run(pool, &test, &domain, &rows);
		array_foreach(&rows, row) {
			if (strcmp(row->topic, "our own names") != 0)
				continue;
			said = TRUE;
			test_assert_strcmp_idx(config_state_name(row->state),
					       tests[i].state, i);
			test_assert_strcmp_idx(row->value, "a.example", i);
			test_assert_idx(strstr(row->explanation,
					       tests[i].says) != NULL, i);
		}
		test_assert_idx(said, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_config_report(void)
{
	unsigned int i;

	test_begin("config report");
	for (i = 0; i < N_ELEMENTS(report_tests); i++) T_BEGIN {
		const struct report_test *test = &report_tests[i];
		pool_t pool = pool_alloconly_create("test report", 4096);
		ARRAY_TYPE(config_row) rows;
		const struct config_row *row;
		string_t *states = t_str_new(64);
		bool said = FALSE;

		p_array_init(&rows, pool, 32);
		report_run(pool, test, NULL, &rows);
		array_foreach(&rows, row) {
			test_assert_idx(*row->explanation != '\0', i);
			test_assert_idx(strchr(row->explanation,
					       '\x1b') == NULL, i);
			if (strcmp(row->topic, test->topic) != 0)
				continue;
			if (str_len(states) > 0)
				str_append_c(states, ' ');
			str_append(states, config_state_name(row->state));
			if (strstr(row->explanation, test->says) != NULL)
				said = TRUE;
		}
		test_assert_strcmp_idx(str_c(states), test->states, i);
		test_assert_idx(said, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_config_report,
		test_config_report_reports,
		test_config_report_own,
		NULL
	};

	return test_run(test_functions);
}
