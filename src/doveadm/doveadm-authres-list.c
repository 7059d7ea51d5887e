/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "mail-search.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "decision-row.h"
#include "review-mailbox.h"
#include "verdict-policy.h"
#include "doveadm-authres-list.h"

#define LIST_MAX_NAME_CHARS 256

struct list_command {
	struct doveadm_mail_cmd_context ctx;
	/* NULL = the user's mailboxes for mail that fails its policy */
	const char *mailbox;
	bool all, no_progress;
	/* messages that are left out */
	unsigned int other_count;
};

static void
list_print(struct list_command *cmd, const char *vname,
	   const struct review_mail *rmail)
{
	const char *columns[DECISION_COLUMN_COUNT];
	time_t received;
	unsigned int i;

	for (i = 0; i < DECISION_COLUMN_COUNT; i++)
		columns[i] = "";
	columns[DECISION_COLUMN_USER] =
		str_sanitize(cmd->ctx.cur_mail_user->username,
			     LIST_MAX_NAME_CHARS);
	columns[DECISION_COLUMN_MAILBOX] =
		str_sanitize_utf8(vname, LIST_MAX_NAME_CHARS);
	columns[DECISION_COLUMN_UID] = dec2str(rmail->mail->uid);
	if (mail_get_received_date(rmail->mail, &received) == 0)
		columns[DECISION_COLUMN_DATE] = unixdate2str(received);
	if (rmail->has_verdict) {
		decision_row_fill(&rmail->stored.verdict, columns);
	} else {
		columns[DECISION_COLUMN_REASON] = t_strdup_printf(
			"Nothing is known about this message: %s.",
			str_sanitize(rmail->why, LIST_MAX_NAME_CHARS));
	}
	columns[DECISION_COLUMN_DELIVERED] =
		rmail->delivered ? "yes" : "unknown";
	for (i = 0; i < DECISION_COLUMN_COUNT; i++)
		doveadm_print(columns[i]);
}

static int
list_mailbox(struct list_command *cmd, struct review_user *ruser,
	     const char *vname)
{
	const struct review_mail *rmail;
	struct review_params params;
	struct review_mailbox *rbox;

	i_zero(&params);
	params.mailbox = vname;
	params.must_exist = cmd->mailbox != NULL;
	params.search_args = cmd->ctx.search_args;
	params.wanted_fields = MAIL_FETCH_RECEIVED_DATE;
	params.many = TRUE;
	params.progress = !cmd->no_progress &&
		cmd->ctx.cctx->conn_type == DOVEADM_CONNECTION_TYPE_CLI;
	if (review_mailbox_open(ruser, &params, &rbox) < 0)
		return -1;
	while (review_mailbox_next(rbox, &rmail)) T_BEGIN {
		if (cmd->all || (rmail->has_verdict &&
		    verdict_is_unproven(&rmail->stored.verdict)))
			list_print(cmd, vname, rmail);
		else
			cmd->other_count++;
	} T_END;
	return review_mailbox_close(&rbox);
}

static int
cmd_list_run(struct doveadm_mail_cmd_context *_ctx, struct mail_user *user)
{
	struct list_command *cmd = container_of(_ctx, struct list_command, ctx);
	const char *const *vname;
	struct review_user ruser;
	int ret = 0;

	review_user_init(_ctx, user, &ruser);
	if (cmd->mailbox != NULL)
		ret = list_mailbox(cmd, &ruser, cmd->mailbox);
	for (vname = ruser.junk; cmd->mailbox == NULL && *vname != NULL &&
	     !doveadm_is_killed(); vname++) {
		if (list_mailbox(cmd, &ruser, *vname) < 0)
			ret = -1;
	}
	review_user_deinit(&ruser);
	return ret;
}

static void
cmd_list_init(struct doveadm_mail_cmd_context *_ctx MAIL_COMMAND_INIT_ARGS)
{
	struct list_command *cmd = container_of(_ctx, struct list_command, ctx);
	const char *since = NULL;
	unsigned int i;

	(void)doveadm_cmd_param_str(_ctx->cctx, "mailbox", &cmd->mailbox);
	(void)doveadm_cmd_param_str(_ctx->cctx, "since", &since);
	(void)doveadm_cmd_param_bool(_ctx->cctx, "all", &cmd->all);
	(void)doveadm_cmd_param_bool(_ctx->cctx, "no-progress",
				     &cmd->no_progress);
	_ctx->search_args = review_search_since(since);
	for (i = 0; i < DECISION_COLUMN_COUNT; i++) {
		doveadm_print_header(decision_column_names[i],
			decision_column_names[i], i == DECISION_COLUMN_UID ?
			DOVEADM_PRINT_HEADER_FLAG_NUMBER : 0);
	}
}

static void cmd_list_deinit(struct doveadm_mail_cmd_context *_ctx)
{
	struct list_command *cmd = container_of(_ctx, struct list_command, ctx);

	if (cmd->other_count == 0 ||
	    _ctx->cctx->conn_type != DOVEADM_CONNECTION_TYPE_CLI)
		return;
	doveadm_print_flush();
	i_info("authres list: %u more %s not there for failing a DMARC policy "
	       "(--all lists them)", cmd->other_count,
	       cmd->other_count == 1 ? "message is" : "messages are");
}

static struct doveadm_mail_cmd_context *cmd_list_alloc(void)
{
	struct list_command *cmd;

	cmd = doveadm_mail_cmd_alloc(struct list_command);
	cmd->ctx.v.init = cmd_list_init;
	cmd->ctx.v.run = cmd_list_run;
	cmd->ctx.v.deinit = cmd_list_deinit;
	mail_command_accept_options(&cmd->ctx);
	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	return &cmd->ctx;
}

static struct doveadm_cmd_ver2 doveadm_cmd_authres_list = {
	.name = "authres list",
	.mail_cmd = cmd_list_alloc,
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX
		 "[--mailbox <mailbox>] [--since <date>] [--all] "
		 "[--no-progress]",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('m', "mailbox", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('s', "since", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('a', "all", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAM('P', "no-progress", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAMS_END
};

void doveadm_authres_list_register(void)
{
	doveadm_cmd_register_ver2(&doveadm_cmd_authres_list);
}
