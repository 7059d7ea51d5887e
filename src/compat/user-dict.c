/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "mail-storage-settings.h"
#include "mail-user.h"
#include "str-prefix.h"
#include "authres-settings.h"
#if DOVECOT_PREREQ(2,4,0)
#  include "settings.h"
#endif
#include "user-dict.h"

#if DOVECOT_PREREQ(2,4,0)
static int
dict_init_of(struct mail_user *user, const char *setting,
	     struct dict **dict_r, const char **error_r)
{
	struct event *event = event_create(user->event);
	int ret;

	settings_event_add_filter_name(event, setting);
	ret = dict_init_auto(event, dict_r, error_r);
	event_unref(&event);
	return ret;
}

int user_dict_init(struct mail_user *user,
		   const struct authres_settings *set ATTR_UNUSED,
		   struct dict **dict_r, const char **error_r)
{
	int ret = dict_init_of(user, "authres_dict", dict_r, error_r);

	/* A default dict in the same block would be another one beside the
	   administrator's. */
	return ret != 0 ? ret :
		dict_init_of(user, "authres_default_dict", dict_r, error_r);
}

/* What auth says of the login comes with the fields of userdb; the member of
   struct mail_user is set by other services than imap. auth_user tells nothing:
   it is also the alias that a user logged in with. */
static const char *get_master_user(struct mail_user *user)
{
	const char *const *field = user->userdb_fields;

	for (; field != NULL && *field != NULL; field++) {
		if (str_has_prefix(*field, "master_user="))
			return *field + strlen("master_user=");
	}
	return user->master_user;
}
#else
int user_dict_init(struct mail_user *user, const struct authres_settings *set,
		   struct dict **dict_r, const char **error_r)
{
	struct dict_settings dict_set;

	if (*set->dict == '\0')
		return 0;
	/* Their transactions crash a process that waits for them (Redis:
	   seen with 2.3.19; the other one is made alike). */
	if (str_has_prefix(set->dict, "redis:") ||
	    str_has_prefix(set->dict, "memcached_ascii:")) {
		*error_r = "Redis and memcached work only through the dict "
			"service (proxy::NAME)";
		return -1;
	}
	i_zero(&dict_set);
	dict_set.base_dir = user->set->base_dir;
	dict_set.event_parent = user->event;
	return dict_init(set->dict, &dict_set, dict_r, error_r) < 0 ? -1 : 1;
}

static const char *get_master_user(struct mail_user *user)
{
	return mail_user_plugin_getenv(user, "master_user");
}
#endif

bool user_is_acted_for(struct mail_user *user)
{
	const char *master_user = get_master_user(user);

	return master_user != NULL && *master_user != '\0' &&
		strcmp(master_user, user->username) != 0;
}
