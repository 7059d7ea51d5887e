/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "mail-search-build.h"
#include "mail-search-parser.h"
#include "mail-storage.h"
#include "doveadm-print.h"
#include "uid-selection.h"
#include "review-command.h"

struct review_command *
review_command_alloc_size(size_t size, const struct doveadm_mail_cmd_vfuncs *v)
{
	struct doveadm_mail_cmd_context *ctx =
		doveadm_mail_cmd_alloc_size(size);

	ctx->v.init = v->init;
	ctx->v.run = v->run;
	ctx->v.deinit = v->deinit;
	mail_command_accept_options(ctx);
	return container_of(ctx, struct review_command, ctx);
}

/* All messages, or those received since a date in one of doveadm's formats. */
static struct mail_search_args *search_since(const char *since)
{
	const char *const args[] = { "SINCE", since, NULL };
	struct mail_search_parser *parser;
	struct mail_search_args *search_args;
	const char *error, *charset = "UTF-8";

	if (since == NULL) {
		search_args = mail_search_build_init();
		mail_search_build_add_all(search_args);
		return search_args;
	}
	parser = mail_search_parser_init_cmdline(args);
	if (mail_search_build(mail_search_register_get_human(), parser,
			      &charset, &search_args, &error) < 0)
		i_fatal_status(EX_USAGE, "--since %s: %s", since, error);
	mail_search_parser_deinit(&parser);
	return search_args;
}

void review_command_read_mailboxes(struct review_command *cmd)
{
	struct doveadm_cmd_context *cctx = cmd->ctx.cctx;
	const char *since = NULL;
	bool no_progress = FALSE;

	(void)doveadm_cmd_param_str(cctx, "mailbox", &cmd->mailbox);
	(void)doveadm_cmd_param_str(cctx, "since", &since);
	(void)doveadm_cmd_param_bool(cctx, "no-progress", &no_progress);
	cmd->progress = !no_progress &&
		cctx->conn_type == DOVEADM_CONNECTION_TYPE_CLI;
	cmd->ctx.search_args = search_since(since);
}

void review_command_read_messages(struct review_command *cmd)
{
	const char *const *uids = NULL, *error;

	if (!doveadm_cmd_param_str(cmd->ctx.cctx, "mailbox", &cmd->mailbox) ||
	    !doveadm_cmd_param_array(cmd->ctx.cctx, "uid", &uids))
		doveadm_mail_help_name(cmd->ctx.cmd->name);
	cmd->uids = uid_selection_parse(cmd->ctx.pool, uids, &error);
	if (cmd->uids == NULL)
		i_fatal_status(EX_USAGE, "%s", error);
	cmd->ctx.search_args = uid_selection_search_args(cmd->uids);
}

void review_command_params(const struct review_command *cmd, const char *vname,
			   struct review_params *params_r)
{
	i_zero(params_r);
	params_r->mailbox = vname;
	params_r->must_exist = cmd->mailbox != NULL;
	params_r->search_args = cmd->ctx.search_args;
	params_r->many = cmd->uids == NULL;
	params_r->progress = cmd->progress;
}

void review_print_headers(const char *const *names, unsigned int count,
			  const char *const *numbers)
{
	for (unsigned int i = 0; i < count; i++) {
		doveadm_print_header(names[i], names[i],
			str_array_find(numbers, names[i]) ?
			DOVEADM_PRINT_HEADER_FLAG_NUMBER : 0);
	}
}

void review_print(const char *text)
{
	doveadm_print(text == NULL ? "" :
		      str_sanitize(text, REVIEW_MAX_NAME_CHARS));
}

void review_print_mailbox(const char *vname)
{
	doveadm_print(str_sanitize_utf8(vname, REVIEW_MAX_NAME_CHARS));
}

void review_print_received(struct mail *mail)
{
	time_t received;

	doveadm_print(mail_get_received_date(mail, &received) < 0 ? "" :
		      unixdate2str(received));
}
