/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "doveadm.h"
#include "doveadm-authres-allow.h"
#include "doveadm-authres-config.h"
#include "doveadm-authres-explain.h"
#include "doveadm-authres-impact.h"
#include "doveadm-authres-list.h"
#include "doveadm-authres-release.h"
#include "doveadm-authres-verify.h"
#include "doveadm-authres-plugin.h"

const char *doveadm_authres_plugin_version = DOVECOT_ABI_VERSION;

void doveadm_authres_plugin_init(struct module *module ATTR_UNUSED)
{
	doveadm_authres_allow_register();
	doveadm_authres_explain_register();
	doveadm_authres_impact_register();
	doveadm_authres_list_register();
	doveadm_authres_release_register();
	doveadm_authres_verify_register();
	doveadm_authres_config_register();
}

void doveadm_authres_plugin_deinit(void)
{
}
