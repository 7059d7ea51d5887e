/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "mail-storage-settings.h"
#include "mail-user.h"
#include "authres-settings.h"
#if DOVECOT_PREREQ(2,4,0)
#  include "settings.h"
#endif
#include "user-dict.h"

#if DOVECOT_PREREQ(2,4,0)
int user_dict_init(struct mail_user *user,
		   const struct authres_settings *set ATTR_UNUSED,
		   struct dict **dict_r, const char **error_r)
{
	struct event *event = event_create(user->event);
	int ret;

	settings_event_add_filter_name(event, "authres_dict");
	ret = dict_init_auto(event, dict_r, error_r);
	event_unref(&event);
	return ret;
}

bool user_is_acted_for(struct mail_user *user)
{
	return user->master_user != NULL && *user->master_user != '\0' &&
		strcmp(user->master_user, user->username) != 0;
}
#else
int user_dict_init(struct mail_user *user, const struct authres_settings *set,
		   struct dict **dict_r, const char **error_r)
{
	struct dict_settings dict_set;

	if (*set->dict == '\0')
		return 0;
	i_zero(&dict_set);
	dict_set.base_dir = user->set->base_dir;
	dict_set.event_parent = user->event;
	return dict_init(set->dict, &dict_set, dict_r, error_r) < 0 ? -1 : 1;
}

bool user_is_acted_for(struct mail_user *user)
{
	const char *master_user = mail_user_plugin_getenv(user, "master_user");

	return master_user != NULL && *master_user != '\0' &&
		strcmp(master_user, user->username) != 0;
}
#endif
