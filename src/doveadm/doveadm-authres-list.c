/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "mail-search.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "decision-row.h"
#include "review-command.h"
#include "verdict-policy.h"
#include "commands.h"

struct list_command {
	/* without a mailbox: the user's mailboxes for mail that fails its
	   policy */
	struct review_command review;
	bool all;
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
		str_sanitize(cmd->review.ctx.cur_mail_user->username,
			     REVIEW_MAX_NAME_CHARS);
	columns[DECISION_COLUMN_MAILBOX] =
		str_sanitize_utf8(vname, REVIEW_MAX_NAME_CHARS);
	columns[DECISION_COLUMN_UID] = dec2str(rmail->mail->uid);
	if (mail_get_received_date(rmail->mail, &received) == 0)
		columns[DECISION_COLUMN_DATE] = unixdate2str(received);
	if (rmail->has_verdict) {
		decision_row_fill(&rmail->stored.verdict, columns);
	} else {
		columns[DECISION_COLUMN_REASON] = t_strdup_printf(
			"Nothing is known about this message: %s.",
			str_sanitize(rmail->why, REVIEW_MAX_NAME_CHARS));
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

	review_command_params(&cmd->review, vname, &params);
	params.wanted_fields = MAIL_FETCH_RECEIVED_DATE;
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
	struct list_command *cmd =
		container_of(_ctx, struct list_command, review.ctx);
	const char *const *vname;
	struct review_user ruser;
	int ret = 0;

	review_user_init(_ctx, user, &ruser);
	if (cmd->review.mailbox != NULL)
		ret = list_mailbox(cmd, &ruser, cmd->review.mailbox);
	for (vname = ruser.junk;
	     cmd->review.mailbox == NULL && *vname != NULL &&
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
	struct list_command *cmd =
		container_of(_ctx, struct list_command, review.ctx);

	(void)doveadm_cmd_param_bool(_ctx->cctx, "all", &cmd->all);
	review_command_read_mailboxes(&cmd->review);
	review_print_headers(decision_column_names, DECISION_COLUMN_COUNT,
			     (const char *const []){ "uid", NULL });
}

static void cmd_list_deinit(struct doveadm_mail_cmd_context *_ctx)
{
	struct list_command *cmd =
		container_of(_ctx, struct list_command, review.ctx);

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
	static const struct doveadm_mail_cmd_vfuncs v = {
		.init = cmd_list_init,
		.run = cmd_list_run,
		.deinit = cmd_list_deinit,
	};
	struct list_command *cmd =
		review_command_alloc(struct list_command, &v);

	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	return &cmd->review.ctx;
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_list = {
	.name = "authres list",
	.mail_cmd = cmd_list_alloc,
	.usage = REVIEW_USAGE_MAILBOXES("[--all]"),
DOVEADM_CMD_PARAMS_START
REVIEW_PARAMS_MAILBOXES
DOVEADM_CMD_PARAM('a', "all", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAMS_END
};
