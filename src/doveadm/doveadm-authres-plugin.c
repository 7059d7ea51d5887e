/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "doveadm.h"
#include "user-settings.h"
#include "commands.h"
#include "doveadm-authres-plugin.h"

const char *doveadm_authres_plugin_version = DOVECOT_ABI_VERSION;

static struct doveadm_cmd_ver2 *const commands[] = {
	&doveadm_cmd_authres_allow_list,
	&doveadm_cmd_authres_allow_add,
	&doveadm_cmd_authres_allow_remove,
	&doveadm_cmd_authres_config,
	&doveadm_cmd_authres_domain,
	&doveadm_cmd_authres_explain,
	&doveadm_cmd_authres_impact,
	&doveadm_cmd_authres_list,
	&doveadm_cmd_authres_release,
	&doveadm_cmd_authres_report,
	&doveadm_cmd_authres_stats,
	&doveadm_cmd_authres_verify,
};

void doveadm_authres_plugin_init(struct module *module ATTR_UNUSED)
{
	for (unsigned int i = 0; i < N_ELEMENTS(commands); i++)
		doveadm_cmd_register_ver2(commands[i]);
}

void doveadm_authres_plugin_deinit(void)
{
	user_settings_deinit();
}
