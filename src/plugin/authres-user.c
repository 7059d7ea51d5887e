/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "allowance-dict.h"
#include "user-settings.h"
#include "authres-user.h"

#define AUTHRES_USER_CONTEXT(obj) \
	MODULE_CONTEXT(obj, authres_user_module)
#define AUTHRES_USER_CONTEXT_REQUIRE(obj) \
	MODULE_CONTEXT_REQUIRE(obj, authres_user_module)

static MODULE_CONTEXT_DEFINE_INIT(authres_user_module,
				  &mail_user_module_register);

struct event_category event_category_authres = {
	.name = "authres",
};

struct authres_user *
authres_user_init(struct mail_user *user, void (*deinit)(struct mail_user *))
{
	struct mail_user_vfuncs *v = user->vlast;
	struct authres_user *auser;

	auser = p_new(user->pool, struct authres_user, 1);
	auser->module_ctx.super = *v;
	auser->user = user;
	user->vlast = &auser->module_ctx.super;
	v->deinit = deinit;
	if (user_settings_get(user, &auser->set_pool, &auser->set,
			      &auser->setting_errors) == 0)
		auser->setting_errors = NULL;
	MODULE_CONTEXT_SET(user, authres_user_module, auser);
	return auser;
}

void authres_user_deinit(struct authres_user *auser)
{
	allowance_dict_deinit(&auser->allowances);
	pool_unref(&auser->set_pool);
	auser->module_ctx.super.deinit(auser->user);
}

struct authres_user *authres_user_from(struct mail_user *user)
{
	return AUTHRES_USER_CONTEXT_REQUIRE(user);
}

struct authres_user *authres_user_get(struct mail_user *user)
{
	struct authres_user *auser = AUTHRES_USER_CONTEXT(user);

	if (auser == NULL || auser->set.mode == AUTHRES_MODE_OFF)
		return NULL;
	return auser;
}

bool authres_user_opted_out(struct mail_user *user)
{
	struct authres_user *auser = AUTHRES_USER_CONTEXT(user);
	const char *mode = user_settings_get_global("authres_mode");

	return auser != NULL && auser->set.mode == AUTHRES_MODE_OFF &&
		(mode == NULL ||
		 strcmp(mode, authres_mode_word(AUTHRES_MODE_OFF)) != 0);
}

const struct authres_settings *
authres_user_get_key_settings(struct mail_user *user)
{
	struct authres_user *auser = AUTHRES_USER_CONTEXT(user);

	return auser != NULL && auser->set.mode == AUTHRES_MODE_OFF &&
		auser->set.client_header_key[0] != NULL &&
		authres_settings_client_header(&auser->set) != NULL ?
		&auser->set : NULL;
}

struct delivery *authres_user_get_delivery(struct mail_user *user)
{
	struct authres_user *auser = authres_user_get(user);

	return auser == NULL ? NULL : auser->delivery;
}

struct allowance_dict *authres_user_get_allowances(struct authres_user *auser)
{
	if (auser->allowances == NULL) {
		auser->allowances =
			allowance_dict_init(auser->user, &auser->set);
	}
	return auser->allowances;
}

void authres_user_dict_failed(struct event *event, const char *error)
{
	e_error(event, "authres: authres_dict: %s - going on without it",
		error);
}
