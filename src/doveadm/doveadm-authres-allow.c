/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "str-sanitize.h"
#include "utc-offset.h"
#include "iso8601-date.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "interval.h"
#include "mail-command.h"
#include "authres-settings.h"
#include "user-settings.h"
#include "allowance-dict.h"
#include "commands.h"

#define SECS_PER_DAY (24 * 60 * 60)

struct allow_command {
	struct doveadm_mail_cmd_context ctx;
	/* add and remove; expires is set for each user */
	struct allowance allowance;
	/* 0 = the user's authres_allow_days */
	unsigned int expire_secs;
};

/* Opens the dict of user with its settings. */
struct allow_user {
	pool_t pool, set_pool;
	struct authres_settings set;
	struct allowance_dict *dict;
};

static void allow_user_init(struct allow_user *auser, struct mail_user *user)
{
	const char *const *errors;

	auser->pool = pool_alloconly_create("authres allow", 4096);
	if (user_settings_get(user, &auser->set_pool, &auser->set,
			      &errors) < 0) {
		for (; *errors != NULL; errors++)
			e_error(user->event, "authres allow: %s", *errors);
	}
	auser->dict = allowance_dict_init(user, &auser->set);
}

static void allow_user_deinit(struct allow_user *auser)
{
	allowance_dict_deinit(&auser->dict);
	pool_unref(&auser->set_pool);
	pool_unref(&auser->pool);
}

static int
allow_dict_failed(struct allow_command *cmd, struct mail_user *user,
		  const char *error)
{
	e_error(user->event, "authres allow: authres_dict: %s", error);
	doveadm_mail_failed_error(&cmd->ctx, MAIL_ERROR_TEMP);
	return -1;
}

static void print_allowance(const struct allowance *allowance)
{
	const char *state = allowance->expires <= ioloop_time ? "expired" :
		allowance_state_name(allowance->state);

	doveadm_print(allowance->author);
	doveadm_print(allowance_kind_name(allowance->kind));
	doveadm_print(allowance->identity);
	doveadm_print(iso8601_date_create(allowance->expires));
	doveadm_print(state);
}

static int
cmd_allow_list_run(struct doveadm_mail_cmd_context *_ctx,
		   struct mail_user *user)
{
	struct allow_command *cmd =
		container_of(_ctx, struct allow_command, ctx);
	ARRAY_TYPE(allowance) allowances;
	const struct allowance *allowance;
	struct allow_user auser;
	const char *error;
	int ret;

	allow_user_init(&auser, user);
	p_array_init(&allowances, auser.pool, 32);
	ret = allowance_dict_list(auser.dict, auser.pool, &allowances, &error);
	if (ret < 0)
		ret = allow_dict_failed(cmd, user, error);
	else {
		array_foreach(&allowances, allowance) T_BEGIN {
			print_allowance(allowance);
		} T_END;
	}
	allow_user_deinit(&auser);
	return ret;
}

static int
cmd_allow_add_run(struct doveadm_mail_cmd_context *_ctx, struct mail_user *user)
{
	struct allow_command *cmd =
		container_of(_ctx, struct allow_command, ctx);
	struct allow_user auser;
	const char *error;
	int ret;

	allow_user_init(&auser, user);
	cmd->allowance.expires = ioloop_time + (time_t)
		(cmd->expire_secs != 0 ? cmd->expire_secs :
		 auser.set.allow_days * SECS_PER_DAY);
	ret = allowance_dict_add(auser.dict, &cmd->allowance, ioloop_time,
				 &error);
	if (ret < 0)
		ret = allow_dict_failed(cmd, user, error);
	allow_user_deinit(&auser);
	return ret;
}

static int
cmd_allow_remove_run(struct doveadm_mail_cmd_context *_ctx,
		     struct mail_user *user)
{
	struct allow_command *cmd =
		container_of(_ctx, struct allow_command, ctx);
	struct allow_user auser;
	const char *error;
	int ret;

	allow_user_init(&auser, user);
	ret = allowance_dict_remove(auser.dict, &cmd->allowance, &error);
	if (ret < 0)
		ret = allow_dict_failed(cmd, user, error);
	else if (ret == 0) {
		/* several users need not all have it */
		if (_ctx->iterate_single_user) {
			e_error(user->event, "authres allow remove: "
				"Not allowed before: %s %s",
				cmd->allowance.author,
				t_allowance_through(&cmd->allowance));
			doveadm_mail_failed_error(_ctx, MAIL_ERROR_NOTFOUND);
			ret = -1;
		}
	} else
		ret = 0;
	allow_user_deinit(&auser);
	return ret;
}

static void
cmd_allow_list_init(struct doveadm_mail_cmd_context *_ctx ATTR_UNUSED
		    MAIL_COMMAND_INIT_ARGS)
{
	doveadm_print_header_simple("author");
	doveadm_print_header_simple("kind");
	doveadm_print_header_simple("through");
	doveadm_print_header_simple("expires");
	doveadm_print_header_simple("state");
}

static void ATTR_NORETURN usage_error(const char *error)
{
	i_fatal_status(EX_USAGE, "authres allow: %s", error);
}

static void
cmd_allow_change_init(struct doveadm_mail_cmd_context *_ctx
		      MAIL_COMMAND_INIT_ARGS)
{
	struct allow_command *cmd =
		container_of(_ctx, struct allow_command, ctx);
	const char *author, *through, *expire, *error;

	if (!doveadm_cmd_param_str(_ctx->cctx, "author", &author) ||
	    !doveadm_cmd_param_str(_ctx->cctx, "through", &through))
		usage_error("Author address and list:DOMAIN or "
			    "forwarder:NAME needed");
	if (allowance_parse(_ctx->pool, author, through, &cmd->allowance,
			    &error) < 0)
		usage_error(error);
	if (doveadm_cmd_param_str(_ctx->cctx, "expire", &expire) &&
	    (interval_parse_secs(expire, &cmd->expire_secs, &error) < 0 ||
	     cmd->expire_secs == 0)) {
		usage_error(t_strdup_printf("--expire %s: Not a time such as "
			"90d or 12h", str_sanitize(expire, 80)));
	}
}

static struct doveadm_mail_cmd_context *cmd_allow_list_alloc(void)
{
	struct allow_command *cmd;

	cmd = doveadm_mail_cmd_alloc(struct allow_command);
	cmd->ctx.v.init = cmd_allow_list_init;
	cmd->ctx.v.run = cmd_allow_list_run;
	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	return &cmd->ctx;
}

static struct doveadm_mail_cmd_context *cmd_allow_add_alloc(void)
{
	struct allow_command *cmd;

	cmd = doveadm_mail_cmd_alloc(struct allow_command);
	cmd->ctx.v.init = cmd_allow_change_init;
	cmd->ctx.v.run = cmd_allow_add_run;
	mail_command_accept_options(&cmd->ctx);
	return &cmd->ctx;
}

static struct doveadm_mail_cmd_context *cmd_allow_remove_alloc(void)
{
	struct allow_command *cmd;

	cmd = doveadm_mail_cmd_alloc(struct allow_command);
	cmd->ctx.v.init = cmd_allow_change_init;
	cmd->ctx.v.run = cmd_allow_remove_run;
	return &cmd->ctx;
}

struct doveadm_cmd_ver2 doveadm_cmd_authres_allow_list = {
	.name = "authres allow list",
	.mail_cmd = cmd_allow_list_alloc,
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAMS_END
};

struct doveadm_cmd_ver2 doveadm_cmd_authres_allow_add = {
	.name = "authres allow add",
	.mail_cmd = cmd_allow_add_alloc,
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX
		 "[--expire <time>] <author> list:<domain>|forwarder:<name>",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('e', "expire", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "author", CMD_PARAM_STR, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAM('\0', "through", CMD_PARAM_STR, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};

struct doveadm_cmd_ver2 doveadm_cmd_authres_allow_remove = {
	.name = "authres allow remove",
	.mail_cmd = cmd_allow_remove_alloc,
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX
		 "<author> list:<domain>|forwarder:<name>",
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('\0', "author", CMD_PARAM_STR, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAM('\0', "through", CMD_PARAM_STR, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};
