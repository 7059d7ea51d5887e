/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "str.h"
#include "str-sanitize.h"
#include "mail-search.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "authres-limits.h"
#include "domainkeys.h"
#include "story.h"
#include "release-lesson.h"
#include "review-command.h"
#include "uid-selection.h"
#include "verdict-policy.h"
#include "commands.h"

static enum story_lesson
explain_lesson(const struct review_user *ruser, struct allowance_dict *dict,
	       const struct review_mail *rmail)
{
	struct release_lesson lesson;
	const char *error;
	int ret;

	if (ruser->set.learn != AUTHRES_LEARN_LISTS)
		return STORY_LESSON_NOTHING;
	release_lesson_read(pool_datastack_create(), &ruser->set, rmail->mail,
			    &rmail->stored.verdict, &rmail->record, &lesson);
	if (lesson.why != NULL)
		return STORY_LESSON_NOTHING;
	ret = allowance_dict_would_learn(dict, &lesson.allowance, lesson.proof,
					 ioloop_time, &error);
	if (ret < 0) {
		e_warning(ruser->user->event, "authres_dict: %s", error);
		return STORY_LESSON_UNKNOWN;
	}
	return ret > 0 ? STORY_LESSON_ALLOW : STORY_LESSON_SECOND_DAY;
}

/* DomainKeys: named for whoever expects its result. */
static void explain_domainkeys(struct mail *mail, struct story *story)
{
	const char *value;

	if (mail_get_first_header(mail, DOMAINKEYS_FIELD_NAME, &value) <= 0)
		return;
	story->domainkeys = TRUE;
	if (strlen(value) <= AUTHRES_MAX_FIELD_BYTES)
		story->domainkeys_domain = t_domainkeys_domain(value);
}

static void
explain_print(const struct review_user *ruser, struct allowance_dict *dict,
	      const char *vname, const struct review_mail *rmail)
{
	const struct verdict *verdict = &rmail->stored.verdict;
	struct story story;
	string_t *str = t_str_new(1024);

	i_zero(&story);
	if (rmail->has_verdict)
		story.stored = &rmail->stored;
	else
		story.why = rmail->why;
	story.delivered = rmail->delivered;
	story.set = &ruser->set;
	story.keywords = mail_get_keywords(rmail->mail);
	story.mailbox = vname;
	story.in_junk = review_user_is_junk(ruser, vname);
	if (rmail->has_verdict && story.in_junk &&
	    verdict_is_unproven(verdict))
		story.lesson = explain_lesson(ruser, dict, rmail);
	explain_domainkeys(rmail->mail, &story);
	story_write(str, &story);

	review_print(ruser->user->username);
	review_print_mailbox(vname);
	doveadm_print(dec2str(rmail->mail->uid));
	review_print_received(rmail->mail);
	review_print(rmail->has_verdict ? verdict->author_domain : NULL);
	doveadm_print(str_c(str));
}

static int
cmd_explain_run(struct doveadm_mail_cmd_context *_ctx, struct mail_user *user)
{
	static const char *const more_fields[] = {
		DOMAINKEYS_FIELD_NAME, NULL
	};
	struct review_command *cmd =
		container_of(_ctx, struct review_command, ctx);
	const struct review_mail *rmail;
	struct review_params params;
	struct review_user ruser;
	struct review_mailbox *rbox;
	struct allowance_dict *dict;
	int ret = -1;

	review_user_init(_ctx, user, &ruser);
	dict = allowance_dict_init(user, &ruser.set);
	review_command_params(cmd, cmd->mailbox, &params);
	params.more_fields = more_fields;
	uid_selection_reset(cmd->uids);
	if (review_mailbox_open(&ruser, &params, &rbox) == 0) {
		while (review_mailbox_next(rbox, &rmail)) T_BEGIN {
			uid_selection_found(cmd->uids, rmail->mail->uid);
			explain_print(&ruser, dict, cmd->mailbox, rmail);
		} T_END;
		ret = review_mailbox_close(&rbox);
		/* what could not be read has had its own error */
		if (ret == 0)
			ret = review_check_uids(&ruser, cmd->mailbox,
						cmd->uids);
	}
	allowance_dict_deinit(&dict);
	review_user_deinit(&ruser);
	return ret;
}

static void
cmd_explain_init(struct doveadm_mail_cmd_context *_ctx MAIL_COMMAND_INIT_ARGS)
{
	static const char *const columns[] = {
		"user", "mailbox", "uid", "date", "author_domain",
		"explanation"
	};
	struct review_command *cmd =
		container_of(_ctx, struct review_command, ctx);

	review_command_read_messages(cmd);
	review_print_headers(columns, N_ELEMENTS(columns),
			     (const char *const []){ "uid", NULL });
}

static struct doveadm_mail_cmd_context *cmd_explain_alloc(void)
{
	static const struct doveadm_mail_cmd_vfuncs v = {
		.init = cmd_explain_init,
		.run = cmd_explain_run,
	};
	struct review_command *cmd =
		review_command_alloc(struct review_command, &v);

	doveadm_print_init(DOVEADM_PRINT_TYPE_PAGER);
	return &cmd->ctx;
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_explain = {
	.name = "authres explain",
	.mail_cmd = cmd_explain_alloc,
	.usage = REVIEW_USAGE_MESSAGES(""),
DOVEADM_CMD_PARAMS_START
REVIEW_PARAMS_MESSAGES
DOVEADM_CMD_PARAMS_END
};
