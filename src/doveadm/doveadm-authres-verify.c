/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "istream-seekable.h"
#include "str.h"
#include "str-sanitize.h"
#include "master-service.h"
#include "doveadm.h"
#include "doveadm-print.h"
#include "authres-limits.h"
#include "authres-settings-read.h"
#include "verify-request.h"
#include "offline-checks.h"
#include "checks-child.h"
#include "verdict-rows.h"
#include "verdict-field.h"
#include "commands.h"

#include <fcntl.h>
#include <unistd.h>
#include <time.h>
#include <arpa/inet.h>
#include <sys/stat.h>

#define VERIFY_MAX_STDIN_MEMORY_BYTES (128 * 1024)

struct verify_command {
	struct doveadm_cmd_context *cctx;
	pool_t pool;
	struct verify_request request;
	struct authres_settings set;
	bool header_only;
	/* --engine; empty = as configured */
	const char *const *engines;

	const char *path, *zone_path;
	struct istream *message;
	struct offline_place place;
};

static int ATTR_FORMAT(2, 3)
verify_fail(int exit_code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	i_error("authres verify: %s", t_strdup_vprintf(format, args));
	va_end(args);
	doveadm_exit_code = exit_code;
	return -1;
}

/* net_addr2ip() would take "192.0.2" as well. */
static int parse_ip(const char *value, struct ip_addr *ip_r)
{
	i_zero(ip_r);
	if (inet_pton(AF_INET, value, &ip_r->u.ip4) == 1)
		ip_r->family = AF_INET;
	else if (inet_pton(AF_INET6, value, &ip_r->u.ip6) == 1)
		ip_r->family = AF_INET6;
	else
		return -1;
	return 0;
}

static const char *without_brackets(const char *path)
{
	size_t size = strlen(path);

	if (size >= 2 && path[0] == '<' && path[size - 1] == '>')
		return t_strndup(path + 1, size - 2);
	return path;
}

/* native, libspf2, libopendkim, or one for each check: "libspf2 native" makes
   no sense and is refused. */
static int verify_choose_engines(struct verify_command *cmd)
{
	const char *const *engine;

	for (engine = cmd->engines; *engine != NULL; engine++) {
		if (strcmp(*engine, "native") == 0 && engine[1] == NULL &&
		    engine == cmd->engines) {
			cmd->set.spf_engine = AUTHRES_SPF_ENGINE_NATIVE;
			cmd->set.dkim_engine = AUTHRES_DKIM_ENGINE_NATIVE;
		} else if (strcmp(*engine, "libspf2") == 0) {
			cmd->set.spf_engine = AUTHRES_SPF_ENGINE_LIBSPF2;
		} else if (strcmp(*engine, "libopendkim") == 0) {
			cmd->set.dkim_engine = AUTHRES_DKIM_ENGINE_LIBOPENDKIM;
		} else {
			return verify_fail(EX_USAGE, "--engine %s: Not native, "
				"libspf2, libopendkim or libspf2,libopendkim",
				str_sanitize(*engine, 80));
		}
	}
	return 0;
}

static int verify_parse_arguments(struct verify_command *cmd)
{
	struct doveadm_cmd_context *cctx = cmd->cctx;
	struct verify_request *request = &cmd->request;
	const char *value;
	int64_t now;

	request->protocol = VERIFY_PROTOCOL_DOVEADM;
	request->received_time = time(NULL);
	if (doveadm_cmd_param_str(cctx, "ip", &value) &&
	    parse_ip(value, &request->argument_ip) < 0)
		return verify_fail(EX_USAGE, "--ip %s: Not an IP address",
				   str_sanitize(value, 80));
	(void)doveadm_cmd_param_str(cctx, "helo", &request->argument_helo);
	if (doveadm_cmd_param_str(cctx, "mail-from", &value))
		request->mail_from = without_brackets(value);
	if (doveadm_cmd_param_str(cctx, "rcpt", &value))
		request->rcpt_to = without_brackets(value);
	if (doveadm_cmd_param_str(cctx, "time", &value)) {
		if (str_to_int64(value, &now) < 0 || now < 0)
			return verify_fail(EX_USAGE, "--time %s: Not a number "
				"of seconds since 1970",
				str_sanitize(value, 80));
		request->received_time = now;
	}
	cmd->engines = doveadm_cmd_param_str(cctx, "engine", &value) ?
		t_strsplit_spaces(value, ", ") : t_new(const char *, 1);
	(void)doveadm_cmd_param_bool(cctx, "header", &cmd->header_only);
	(void)doveadm_cmd_param_str(cctx, "zone", &cmd->zone_path);
	(void)doveadm_cmd_param_str(cctx, "file", &cmd->path);
	if (cmd->path != NULL && strcmp(cmd->path, "-") == 0)
		cmd->path = NULL;
	if (cmd->path == NULL &&
	    cctx->conn_type != DOVEADM_CONNECTION_TYPE_CLI)
		return verify_fail(EX_USAGE, "FILE is missing");
	return 0;
}

static int verify_read_settings(struct verify_command *cmd)
{
	const char *const *errors, *error;

	if (authres_settings_read(cmd->pool, master_service, &cmd->set,
				  &errors, &error) < 0)
		return verify_fail(EX_TEMPFAIL, "%s", error);
	for (; *errors != NULL; errors++)
		i_warning("%s", *errors);
	cmd->request.timeout_msecs = cmd->set.timeout_msecs;
	return verify_choose_engines(cmd);
}

/* path NULL is standard input. */
static int verify_open(const char *path, bool *regular_r)
{
	struct stat st;
	int fd;

	fd = path == NULL ? dup(STDIN_FILENO) : open(path, O_RDONLY);
	if (fd == -1) {
		return verify_fail(EX_DATAERR, "%s: open() failed: %m",
				   path == NULL ? "stdin" : path);
	}
	if (fstat(fd, &st) < 0) {
		(void)verify_fail(EX_DATAERR, "%s: fstat() failed: %m",
				  path == NULL ? "stdin" : path);
	} else if (S_ISDIR(st.st_mode)) {
		(void)verify_fail(EX_DATAERR, "%s: Is a directory", path);
	} else {
		*regular_r = S_ISREG(st.st_mode);
		return fd;
	}
	i_close_fd(&fd);
	return -1;
}

/* Read to its end before anything is forked where it is no file: the time for a
   verdict does not run while somebody types. Of a message above the limit one
   byte more is enough, since it is cut there as in delivery. */
static int verify_open_message(struct verify_command *cmd)
{
	const char *name = cmd->path == NULL ? "stdin" : cmd->path;
	struct istream *inputs[2] = { NULL, NULL };
	uoff_t size;
	bool regular = FALSE;
	int fd;

	if ((fd = verify_open(cmd->path, &regular)) == -1)
		return -1;
	cmd->message = i_stream_create_fd_autoclose(&fd, IO_BLOCK_SIZE);
	if (!regular) {
		inputs[0] = i_stream_create_limit(cmd->message,
			AUTHRES_MAX_REQUEST_BYTES + 1);
		i_stream_unref(&cmd->message);
		cmd->message = i_stream_create_seekable_path(inputs,
			VERIFY_MAX_STDIN_MEMORY_BYTES,
			t_strconcat(doveadm_settings->mail_temp_dir,
				    "/dovecot.doveadm.", NULL));
		i_stream_unref(&inputs[0]);
	}
	i_stream_set_name(cmd->message, name);
	if (i_stream_get_size(cmd->message, TRUE, &size) < 0)
		return verify_fail(EX_DATAERR, "%s: %s", name,
				   i_stream_get_error(cmd->message));
	i_stream_seek(cmd->message, 0);
	return 0;
}

static int verify_find_place(struct verify_command *cmd)
{
	const char *error;
	int ret = offline_place_init(cmd->pool, &cmd->set, cmd->zone_path,
				     &cmd->place, &error);

	return ret == 0 ? 0 : verify_fail(ret, "%s", error);
}

static int verify_run(struct verify_command *cmd, struct verdict *verdict_r)
{
	struct offline_checks checks;
	const char *error;
	int ret;

	i_zero(&checks);
	checks.place = cmd->place;
	checks.request = &cmd->request;
	ret = checks_child_run(cmd->pool, &checks, cmd->message, verdict_r,
			       &error);
	return ret == 0 ? 0 : verify_fail(ret, "%s", error);
}

static void verify_print_field(struct verify_command *cmd,
			       const struct verdict *verdict)
{
	string_t *field = t_str_new(512);

	verdict_field_write(field, verdict, cmd->set.authserv_ids[0],
				"\n");
	/* the formatter ends the line */
	str_truncate(field, str_len(field) - 1);
	doveadm_print_init(DOVEADM_PRINT_TYPE_PAGER);
	doveadm_print_header("field", "field",
			     DOVEADM_PRINT_HEADER_FLAG_HIDE_TITLE);
	doveadm_print(str_c(field));
}

static void verify_print_rows(struct verify_command *cmd,
			      const struct verdict *verdict)
{
	ARRAY_TYPE(verdict_row) rows;
	const struct verdict_row *row;

	t_array_init(&rows, 8);
	verdict_rows_get(cmd->pool, verdict, &cmd->set, &rows);
	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	for (unsigned int i = 0; i < VERDICT_COLUMN_COUNT; i++)
		doveadm_print_header_simple(verdict_column_names[i]);
	array_foreach(&rows, row) {
		for (unsigned int i = 0; i < VERDICT_COLUMN_COUNT; i++)
			doveadm_print(row->columns[i]);
	}
	if (verdict->upstream_reason != NULL) {
		i_info("authres verify: Results of a filter in front: %s",
		       str_sanitize(verdict->upstream_reason,
				    AUTHRES_MAX_REASON_BYTES));
	}
	if (array_count(&rows) == 0) {
		i_info("authres verify: Nothing was checked: %s",
		       verdict->origin == MAIL_ORIGIN_EXTERNAL ?
		       "authres_checks is empty" :
		       "the message is our own, not a stranger's");
	}
}

static int verify_message(struct verify_command *cmd)
{
	struct verdict verdict;

	if (verify_parse_arguments(cmd) < 0 ||
	    verify_read_settings(cmd) < 0 ||
	    verify_find_place(cmd) < 0 ||
	    verify_open_message(cmd) < 0 ||
	    verify_run(cmd, &verdict) < 0)
		return -1;
	if (cmd->header_only)
		verify_print_field(cmd, &verdict);
	else
		verify_print_rows(cmd, &verdict);
	return 0;
}

static void doveadm_authres_verify(struct doveadm_cmd_context *cctx)
{
	struct verify_command cmd;

	i_zero(&cmd);
	cmd.cctx = cctx;
	cmd.pool = pool_alloconly_create("authres verify", 4096);
	(void)verify_message(&cmd);
	offline_place_deinit(&cmd.place);
	i_stream_unref(&cmd.message);
	pool_unref(&cmd.pool);
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_verify = {
	.cmd = doveadm_authres_verify,
	.name = "authres verify",
	.usage = "[--ip <address>] [--helo <name>] [--mail-from <address>] "
		 "[--rcpt <address>] [--zone <file>] [--time <unix time>] "
		 "[--engine <engines>] [--header] [<file>]",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_PARAM('\0', "ip", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "helo", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "mail-from", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "rcpt", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "zone", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "time", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "engine", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "header", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAM('\0', "file", CMD_PARAM_STR, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};
