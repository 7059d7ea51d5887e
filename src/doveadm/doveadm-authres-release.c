/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "str-sanitize.h"
#include "mail-namespace.h"
#include "mail-search.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "history-taken-back.h"
#include "release-allow.h"
#include "release-event.h"
#include "release-lesson.h"
#include "release-mail.h"
#include "review-command.h"
#include "uid-selection.h"
#include "commands.h"

static struct event_category event_category_authres = {
	.name = "authres",
};

struct release_command {
	struct review_command review;
	bool allow;
};

/* What is known about a message before it moves. */
struct release_candidate {
	uint32_t uid;
	bool has_verdict;
	/* our delivery put it into Junk */
	bool held;
	struct verdict verdict;
	/* with --allow: what releasing it teaches */
	struct release_lesson lesson;
};
ARRAY_DEFINE_TYPE(release_candidate, struct release_candidate);

/* Copy what the event tells of it. */
static void
candidate_set_verdict(pool_t pool, struct release_candidate *candidate,
		      const struct verdict *verdict)
{
	candidate->has_verdict = TRUE;
	candidate->verdict = *verdict;
	i_zero(&candidate->verdict.results);
	candidate->verdict.override_comment = NULL;
	candidate->verdict.client_helo = NULL;
	candidate->verdict.client_reason = NULL;
	candidate->verdict.author_domain =
		p_strdup(pool, verdict->author_domain);
	candidate->verdict.forwarder = p_strdup(pool, verdict->forwarder);
	candidate->verdict.list_domain = p_strdup(pool, verdict->list_domain);
}

static int
release_read_all(struct release_command *cmd, struct review_user *ruser,
		 ARRAY_TYPE(release_candidate) *candidates)
{
	struct release_candidate *candidate;
	const struct review_mail *rmail;
	struct review_params params;
	struct review_mailbox *rbox;

	review_command_params(&cmd->review, cmd->review.mailbox, &params);
	uid_selection_reset(cmd->review.uids);
	if (review_mailbox_open(ruser, &params, &rbox) < 0)
		return -1;
	while (review_mailbox_next(rbox, &rmail)) {
		candidate = array_append_space(candidates);
		candidate->uid = rmail->mail->uid;
		uid_selection_found(cmd->review.uids, candidate->uid);
		candidate->held = delivery_record_is_held(&rmail->record);
		if (rmail->has_verdict) {
			candidate_set_verdict(ruser->pool, candidate,
					      &rmail->stored.verdict);
		}
		if (cmd->allow) T_BEGIN {
			release_lesson_read(ruser->pool, &ruser->set,
					    rmail->mail, rmail->has_verdict ?
					    &rmail->stored.verdict : NULL,
					    &rmail->record, &candidate->lesson);
		} T_END;
	}
	if (review_mailbox_close(&rbox) < 0)
		return -1;
	/* what is there is released all the same */
	(void)review_check_uids(ruser, cmd->review.mailbox, cmd->review.uids);
	return 0;
}

static void
release_print(struct release_command *cmd, struct review_user *ruser,
	      const struct release_candidate *candidate, uint32_t inbox_uid,
	      const char *result, const char *allowed)
{
	review_print(ruser->user->username);
	review_print_mailbox(cmd->review.mailbox);
	doveadm_print(dec2str(candidate->uid));
	doveadm_print(dec2str(inbox_uid));
	doveadm_print(result);
	review_print(candidate->verdict.author_domain);
	doveadm_print(allowed);
}

static void
release_one(struct release_command *cmd, struct review_user *ruser,
	    struct mailbox *box, struct mailbox *inbox,
	    struct release_candidate *candidate)
{
	struct release_report report;
	struct allowance allowance;
	enum release_result result;
	const char *allowed = "";
	uint32_t inbox_uid;

	result = release_mail(ruser, box, candidate->uid, inbox, &inbox_uid);
	if (result == RELEASE_FAILED)
		return;
	if (result == RELEASE_GONE) {
		e_error(ruser->user->event, "Mailbox %s: UID %u is gone",
			str_sanitize_utf8(cmd->review.mailbox, 80),
			candidate->uid);
		doveadm_mail_failed_error(&cmd->review.ctx,
					  MAIL_ERROR_NOTFOUND);
		return;
	}
	i_zero(&report);
	report.by = "doveadm";
	report.verdict = &candidate->verdict;
	report.mailbox = "INBOX";
	report.quiet = TRUE;
	if (cmd->allow && release_allowance_add(ruser, &candidate->lesson,
						&allowance, &allowed))
		report.allowance = &allowance;
	if (result == RELEASE_DONE && candidate->has_verdict) {
		release_event_send(ruser->user->event, &event_category_authres,
				   &report);
	}
	if (result == RELEASE_DONE && candidate->held)
		history_taken_back_tell(&ruser->set, &candidate->verdict,
					ruser->user->event);
	release_print(cmd, ruser, candidate, inbox_uid,
		      result == RELEASE_DONE ? "released" : "unchanged",
		      allowed);
}

static int
release_open(struct review_user *ruser, struct mail_namespace *ns,
	     const char *vname, struct mailbox **box_r)
{
	struct mailbox *box =
		mailbox_alloc(ns->list, vname, MAILBOX_FLAG_IGNORE_ACLS);

	if (mailbox_open(box) == 0 &&
	    mailbox_sync(box, MAILBOX_SYNC_FLAG_FULL_READ) == 0) {
		*box_r = box;
		return 0;
	}
	e_error(ruser->user->event, "Mailbox %s: %s",
		str_sanitize_utf8(vname, 80),
		mailbox_get_last_internal_error(box, NULL));
	doveadm_mail_failed_mailbox(ruser->cmd, box);
	mailbox_free(&box);
	return -1;
}

static void
release_all(struct release_command *cmd, struct review_user *ruser,
	    ARRAY_TYPE(release_candidate) *candidates)
{
	struct mail_namespace *inbox_ns =
		mail_namespace_find_inbox(ruser->user->namespaces);
	struct mail_namespace *ns =
		mail_namespace_find(ruser->user->namespaces,
				    cmd->review.mailbox);
	struct release_candidate *candidate;
	struct mailbox *box, *inbox;

	if (release_open(ruser, inbox_ns, "INBOX", &inbox) < 0)
		return;
	if (release_open(ruser, ns, cmd->review.mailbox, &box) == 0) {
		array_foreach_modifiable(candidates, candidate) {
			if (doveadm_is_killed()) {
				cmd->review.ctx.exit_code = EX_TEMPFAIL;
				break;
			}
			T_BEGIN {
				release_one(cmd, ruser, box, inbox, candidate);
			} T_END;
		}
		mailbox_free(&box);
	}
	mailbox_free(&inbox);
}

static int
cmd_release_run(struct doveadm_mail_cmd_context *_ctx, struct mail_user *user)
{
	struct release_command *cmd =
		container_of(_ctx, struct release_command, review.ctx);
	ARRAY_TYPE(release_candidate) candidates;
	struct review_user ruser;

	review_user_init(_ctx, user, &ruser);
	p_array_init(&candidates, ruser.pool, 8);
	if (release_read_all(cmd, &ruser, &candidates) == 0 &&
	    array_count(&candidates) > 0)
		release_all(cmd, &ruser, &candidates);
	review_user_deinit(&ruser);
	return _ctx->exit_code == 0 ? 0 : -1;
}

static void
cmd_release_init(struct doveadm_mail_cmd_context *_ctx MAIL_COMMAND_INIT_ARGS)
{
	static const char *const columns[] = {
		"user", "mailbox", "uid", "inbox_uid", "result",
		"author_domain", "allowed"
	};
	struct release_command *cmd =
		container_of(_ctx, struct release_command, review.ctx);

	(void)doveadm_cmd_param_bool(_ctx->cctx, "allow", &cmd->allow);
	review_command_read_messages(&cmd->review);
	review_print_headers(columns, N_ELEMENTS(columns),
			     (const char *const []){ "uid", "inbox_uid",
						     NULL });
}

static struct doveadm_mail_cmd_context *cmd_release_alloc(void)
{
	static const struct doveadm_mail_cmd_vfuncs v = {
		.init = cmd_release_init,
		.run = cmd_release_run,
	};
	struct release_command *cmd =
		review_command_alloc(struct release_command, &v);

	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	return &cmd->review.ctx;
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_release = {
	.name = "authres release",
	.mail_cmd = cmd_release_alloc,
	.usage = REVIEW_USAGE_MESSAGES("[--allow] "),
DOVEADM_CMD_PARAMS_START
REVIEW_PARAMS_MESSAGES
DOVEADM_CMD_PARAM('a', "allow", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAMS_END
};
