/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "mail-namespace.h"
#include "mail-search.h"
#include "mail-storage-private.h"
#include "mail-user.h"
#include "mailbox-list-iter.h"
#include "doveadm-print.h"
#include "disposition.h"
#include "evaluation-settings.h"
#include "impact-own.h"
#include "impact-totals.h"
#include "last-login.h"
#include "review-command.h"
#include "verdict-policy.h"
#include "commands.h"

#include <sysexits.h>

struct impact_command {
	/* without a mailbox: all of the user's own */
	struct review_command review;
	bool messages;
	/* --own-domains; none without it */
	struct own_domains own;
	/* not with messages */
	struct impact_totals *totals;
	/* not where other servers look at the mail and print */
	bool looked;
};

static void
impact_print_message(const struct impact_message *message, const char *vname,
		     struct mail *mail)
{
	review_print(message->user);
	review_print_mailbox(vname);
	doveadm_print(dec2str(mail->uid));
	review_print_received(mail);
	review_print(message->author_domain);
	doveadm_print(message->reason);
	doveadm_print(message->disposition);
	doveadm_print(message->seen ? "yes" : "no");
	doveadm_print(message->flagged ? "yes" : "no");
	doveadm_print(message->answered ? "yes" : "no");
}

static void impact_print_totals(struct impact_totals *totals)
{
	ARRAY_TYPE(impact_row) rows;
	const struct impact_row *row;

	t_array_init(&rows, 32);
	impact_totals_get(totals, &rows);
	array_foreach(&rows, row) T_BEGIN {
		review_print(row->author_domain);
		doveadm_print(row->reason);
		doveadm_print(row->disposition);
		for (unsigned int i = 0; i < IMPACT_COUNT_COUNT; i++)
			doveadm_print(dec2str(row->counts[i]));
	} T_END;
}

/* The keyword of an override that the field does not know: the user's own. */
static bool
mail_was_allowed(const struct review_user *ruser, struct mail *mail)
{
	const char *const *keywords = mail_get_keywords(mail);

	for (; *keywords != NULL; keywords++) {
		if (str_array_icase_find(ruser->set.keyword_override,
					 *keywords))
			return TRUE;
	}
	return FALSE;
}

/* What this user's delivery does when it is told to enforce. */
static enum disposition_action
impact_decide(const struct review_user *ruser, const struct verdict *verdict)
{
	struct authres_settings set = ruser->set;
	struct verdict then = *verdict;
	struct disposition_query query;
	struct disposition disposition;
	pool_t pool;

	set.mode = AUTHRES_MODE_ENFORCE;
	i_zero(&query);
	/* the field does not say so, but when it came there was time */
	then.may_wait = then.may_fail && set.temperror_wait_msecs > 0;
	query.verdict = &then;
	query.set = &set;
	query.can_reject = TRUE;
	pool = pool_alloconly_create("authres impact", 1024);
	disposition_decide(pool, &query, &disposition);
	pool_unref(&pool);
	return disposition.action;
}

static void
impact_add(struct impact_command *cmd, struct review_user *ruser,
	   const char *vname, const struct review_mail *rmail)
{
	struct verdict stored = rmail->stored.verdict, *verdict = &stored;
	struct impact_message message;
	enum disposition_action action;
	enum mail_flags flags;

	if (!rmail->has_verdict)
		return;
	if (cmd->own.domains != NULL) {
		(void)impact_own_apply(&cmd->own, ruser->set.trusted_lists,
				       verdict);
	}
	/* most messages */
	if (!verdict_is_unproven(verdict))
		return;
	action = impact_decide(ruser, verdict);
	if (action == DISPOSITION_KEEP ||
	    mail_was_allowed(ruser, rmail->mail))
		return;

	flags = mail_get_flags(rmail->mail);
	i_zero(&message);
	message.user = ruser->user->username;
	message.author_domain = verdict->author_domain;
	message.disposition = disposition_action_name(action);
	message.reason = t_impact_reason(verdict);
	message.in_junk = review_user_is_junk(ruser, vname);
	message.seen = (flags & MAIL_SEEN) != 0;
	message.flagged = (flags & MAIL_FLAGGED) != 0;
	message.answered = (flags & MAIL_ANSWERED) != 0;
	if (cmd->totals == NULL)
		impact_print_message(&message, vname, rmail->mail);
	else
		impact_totals_add(cmd->totals, &message);
}

static int
impact_mailbox(struct impact_command *cmd, struct review_user *ruser,
	       const char *vname)
{
	const struct review_mail *rmail;
	struct review_params params;
	struct review_mailbox *rbox;
	struct mailbox *box;

	review_command_params(&cmd->review, vname, &params);
	params.wanted_fields = MAIL_FETCH_FLAGS |
		(cmd->messages ? MAIL_FETCH_RECEIVED_DATE : 0);
	if (review_mailbox_open(ruser, &params, &rbox) < 0)
		return -1;
	box = review_mailbox_get_box(rbox);
	/* what is in a virtual mailbox is in another one, too */
	if (cmd->review.mailbox != NULL ||
	    (box != NULL && box->virtual_vfuncs == NULL)) {
		while (review_mailbox_next(rbox, &rmail)) T_BEGIN {
			impact_add(cmd, ruser, vname, rmail);
		} T_END;
	}
	return review_mailbox_close(&rbox);
}

static int
impact_all_mailboxes(struct impact_command *cmd, struct review_user *ruser)
{
	static const char *const patterns[] = { "*", NULL };
	struct mailbox_list_iterate_context *iter;
	const struct mailbox_info *info;
	int ret = 0;

	/* others' mail is theirs */
	iter = mailbox_list_iter_init_namespaces(ruser->user->namespaces,
		patterns, MAIL_NAMESPACE_TYPE_PRIVATE,
		MAILBOX_LIST_ITER_SKIP_ALIASES |
		MAILBOX_LIST_ITER_NO_AUTO_BOXES |
		MAILBOX_LIST_ITER_RETURN_NO_FLAGS);
	while ((info = mailbox_list_iter_next(iter)) != NULL) T_BEGIN {
		if ((info->flags & (MAILBOX_NOSELECT |
				    MAILBOX_NONEXISTENT)) == 0 &&
		    !doveadm_is_killed() &&
		    impact_mailbox(cmd, ruser, info->vname) < 0)
			ret = -1;
	} T_END;
	if (mailbox_list_iter_deinit(&iter) < 0) {
		e_error(ruser->user->event, "Listing mailboxes failed: %s",
			mailbox_list_get_last_internal_error(
				ruser->user->namespaces->list, NULL));
		doveadm_mail_failed_error(&cmd->review.ctx, MAIL_ERROR_TEMP);
		ret = -1;
	}
	return ret;
}

/* Who reads mail by POP3 will not see what goes to Junk. */
static void impact_tell_pop3(struct mail_user *user)
{
	const char *error;
	int ret = last_login_was_pop3(user, &error);

	if (ret < 0)
		e_warning(user->event, "last_login_dict: %s", error);
	else if (ret > 0) {
		i_info("authres impact: %s logged in last by POP3, and sees no "
		       "Junk mailbox", str_sanitize(user->username,
						    REVIEW_MAX_NAME_CHARS));
	}
}

static int
cmd_impact_run(struct doveadm_mail_cmd_context *_ctx, struct mail_user *user)
{
	struct impact_command *cmd =
		container_of(_ctx, struct impact_command, review.ctx);
	struct review_user ruser;
	int ret;

	cmd->looked = TRUE;
	review_user_init(_ctx, user, &ruser);
	ret = cmd->review.mailbox != NULL ?
		impact_mailbox(cmd, &ruser, cmd->review.mailbox) :
		impact_all_mailboxes(cmd, &ruser);
	review_user_deinit(&ruser);
	if (_ctx->cctx->conn_type == DOVEADM_CONNECTION_TYPE_CLI)
		impact_tell_pop3(user);
	return ret;
}

static void impact_read_own_domains(struct impact_command *cmd)
{
	const char *words, *const *errors;

	if (!doveadm_cmd_param_str(cmd->review.ctx.cctx, "own-domains", &words))
		return;
	if (evaluation_settings_own_domains(cmd->review.ctx.pool, words,
					    &cmd->own, &errors) < 0)
		i_fatal_status(EX_USAGE, "--own-domains: %s", errors[0]);
}

static void
cmd_impact_init(struct doveadm_mail_cmd_context *_ctx MAIL_COMMAND_INIT_ARGS)
{
	static const char *const message_columns[] = {
		"user", "mailbox", "uid", "date", "author_domain", "reason",
		"disposition", "read", "flagged", "answered"
	};
	static const char *const columns[] = {
		"author_domain", "reason", "disposition", "messages", "users",
		"in_junk", "read", "flagged", "answered"
	};
	static const char *const numbers[] = {
		"messages", "users", "in_junk", "read", "flagged", "answered",
		NULL
	};
	struct impact_command *cmd =
		container_of(_ctx, struct impact_command, review.ctx);

	(void)doveadm_cmd_param_bool(_ctx->cctx, "messages", &cmd->messages);
	impact_read_own_domains(cmd);
	review_command_read_mailboxes(&cmd->review);
	if (cmd->messages) {
		review_print_headers(message_columns,
				     N_ELEMENTS(message_columns),
				     (const char *const []){ "uid", NULL });
	} else {
		cmd->totals = impact_totals_init();
		review_print_headers(columns, N_ELEMENTS(columns), numbers);
	}
}

static void cmd_impact_deinit(struct doveadm_mail_cmd_context *_ctx)
{
	struct impact_command *cmd =
		container_of(_ctx, struct impact_command, review.ctx);

	if (cmd->totals == NULL)
		return;
	if (cmd->looked)
		impact_print_totals(cmd->totals);
	impact_totals_deinit(&cmd->totals);
}

static struct doveadm_mail_cmd_context *cmd_impact_alloc(void)
{
	static const struct doveadm_mail_cmd_vfuncs v = {
		.init = cmd_impact_init,
		.run = cmd_impact_run,
		.deinit = cmd_impact_deinit,
	};
	struct impact_command *cmd =
		review_command_alloc(struct impact_command, &v);

	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	return &cmd->review.ctx;
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_impact = {
	.name = "authres impact",
	.mail_cmd = cmd_impact_alloc,
	.usage = REVIEW_USAGE_MAILBOXES("[--messages] "
					"[--own-domains <domains>]"),
DOVEADM_CMD_PARAMS_START
REVIEW_PARAMS_MAILBOXES
DOVEADM_CMD_PARAM('M', "messages", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAM('O', "own-domains", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAMS_END
};
