/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "str-prefix.h"
#include "str-sanitize.h"
#include "strescape.h"
#include "strnum.h"
#include "master-service.h"
#include "doveadm.h"
#include "authres-settings-read.h"
#include "config-print.h"
#include "domain-name.h"
#include "domain-review.h"
#include "offline-domain.h"
#include "offline-place.h"
#include "commands.h"

#include <poll.h>
#include <signal.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>
#include <sys/wait.h>

#define DOMAIN_GRACE_MSECS 5000
#define DOMAIN_MAX_REPLY_BYTES (4 * 1024 * 1024)
#define DOMAIN_MAX_ROWS 2000
#define DOMAIN_MAX_SELECTORS 20

struct domain_command {
	pool_t pool;
	struct authres_settings set;
	struct domain_review_query query;
	const char *zone_path;
	struct offline_place place;
	ARRAY_TYPE(config_row) rows;
	bool temporary;
};

static int ATTR_FORMAT(2, 3)
domain_fail(int exit_code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	i_error("authres domain: %s", t_strdup_vprintf(format, args));
	va_end(args);
	doveadm_exit_code = exit_code;
	return -1;
}

static int
domain_read_arguments(struct domain_command *cmd,
		      struct doveadm_cmd_context *cctx)
{
	const char *value, *domain, *error;

	if (!doveadm_cmd_param_str(cctx, "domain", &value))
		return domain_fail(EX_USAGE, "DOMAIN is missing");
	if (domain_to_ascii(value, &domain, &error) < 0 ||
	    domain_label_count(domain) < 2)
		return domain_fail(EX_USAGE, "%s: Not a domain name such as "
				   "example.org", str_sanitize(value, 80));
	cmd->query.domain = p_strdup(cmd->pool, domain);
	value = "";
	(void)doveadm_cmd_param_str(cctx, "selector", &value);
	cmd->query.selectors = (const char *const *)
		p_strsplit_spaces(cmd->pool, value, ", ");
	if (str_array_length(cmd->query.selectors) > DOMAIN_MAX_SELECTORS)
		return domain_fail(EX_USAGE, "--selector: More than %u",
				   DOMAIN_MAX_SELECTORS);
	if (doveadm_cmd_param_str(cctx, "ip", &value) &&
	    net_addr2ip(value, &cmd->query.client_ip) < 0)
		return domain_fail(EX_USAGE, "--ip %s: Not an IP address",
				   str_sanitize(value, 80));
	(void)doveadm_cmd_param_str(cctx, "zone", &cmd->zone_path);
	cmd->query.now = time(NULL);
	return 0;
}

static int domain_find_place(struct domain_command *cmd)
{
	const char *const *errors, *error;
	int ret;

	if (authres_settings_read(cmd->pool, master_service, &cmd->set,
				  &errors, &error) < 0)
		return domain_fail(EX_TEMPFAIL, "%s", error);
	for (; *errors != NULL; errors++)
		i_warning("%s", *errors);
	ret = offline_place_init(cmd->pool, &cmd->set, cmd->zone_path,
				 &cmd->place, &error);
	return ret == 0 ? 0 : domain_fail(ret, "%s", error);
}

/* Read all that the child says. */
static int
domain_read_reply(struct domain_command *cmd, int fd, string_t *reply)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char buf[4096];
	ssize_t size;

	for (;;) {
		if (poll(&poll_fd, 1, cmd->set.timeout_msecs +
			 DOMAIN_GRACE_MSECS) <= 0)
			return domain_fail(EX_TEMPFAIL, "No answer in time");
		size = read(fd, buf, sizeof(buf));
		if (size <= 0)
			return 0;
		if ((size_t)size > DOMAIN_MAX_REPLY_BYTES - str_len(reply))
			return domain_fail(EX_TEMPFAIL, "Too many findings");
		str_append_data(reply, buf, size);
	}
}

static int
domain_read_row(struct domain_command *cmd, const char *const *columns)
{
	unsigned int state;

	if (str_array_length(columns) != 5 ||
	    str_to_uint(columns[1], &state) < 0 ||
	    state > CONFIG_STATE_ERROR ||
	    array_count(&cmd->rows) == DOMAIN_MAX_ROWS)
		return -1;
	config_row_add(cmd->pool, &cmd->rows, (enum config_state)state,
		       p_strdup(cmd->pool, str_sanitize(columns[2], 80)),
		       columns[3], "%s", columns[4]);
	return 0;
}

/* No byte of it is trusted. */
static int
domain_parse_reply(struct domain_command *cmd, const char *reply, int status)
{
	const char *const *lines = t_strsplit(reply, "\n"), *const *columns;

	for (; *lines != NULL; lines++) {
		columns = t_strsplit_tabescaped(*lines);
		if (strcmp(columns[0], "END") == 0) {
			cmd->temporary = null_strcmp(columns[1], "0") != 0;
			return 0;
		}
		if (strcmp(columns[0], "FAIL") == 0 && columns[1] != NULL)
			return domain_fail(WIFEXITED(status) &&
				WEXITSTATUS(status) == EX_DATAERR ?
				EX_DATAERR : EX_TEMPFAIL, "%s",
				str_sanitize(columns[1], 512));
		if (strcmp(columns[0], "R") != 0 ||
		    domain_read_row(cmd, columns) < 0)
			break;
	}
	return domain_fail(EX_TEMPFAIL, "The questions ended without an "
			   "answer");
}

static int domain_ask(struct domain_command *cmd)
{
	string_t *reply = t_str_new(4096);
	const char *error;
	int fd, status, ret;
	pid_t pid;

	if (offline_place_fork(&pid, &fd, &error) < 0)
		return domain_fail(EX_TEMPFAIL, "%s", error);
	if (pid == 0)
		offline_domain_run(&cmd->place, &cmd->query, fd);
	ret = domain_read_reply(cmd, fd, reply);
	i_close_fd(&fd);
	if (ret < 0)
		(void)kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		status = 0;
	return ret < 0 ? -1 : domain_parse_reply(cmd, str_c(reply), status);
}

static void domain_print(struct domain_command *cmd)
{
	config_print(&cmd->rows);
	if (cmd->temporary)
		doveadm_exit_code = EX_TEMPFAIL;
}

static void doveadm_authres_domain(struct doveadm_cmd_context *cctx)
{
	struct domain_command cmd;

	i_zero(&cmd);
	cmd.pool = pool_alloconly_create("authres domain", 8192);
	p_array_init(&cmd.rows, cmd.pool, 32);
	if (domain_read_arguments(&cmd, cctx) == 0 &&
	    domain_find_place(&cmd) == 0 && domain_ask(&cmd) == 0)
		domain_print(&cmd);
	offline_place_deinit(&cmd.place);
	pool_unref(&cmd.pool);
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_domain = {
	.cmd = doveadm_authres_domain,
	.name = "authres domain",
	.usage = "[--selector <selectors>] [--ip <address>] [--zone <file>] "
		 "<domain>",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_PARAM('\0', "selector", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "ip", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "zone", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "domain", CMD_PARAM_STR, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};
