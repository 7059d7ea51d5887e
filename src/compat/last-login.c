/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "str.h"
#include "strnum.h"
#include "mail-storage-settings.h"
#include "mail-user.h"
#include "last-login.h"

#if DOVECOT_PREREQ(2,4,0)
int last_login_was_pop3(struct mail_user *user ATTR_UNUSED,
			const char **error_r ATTR_UNUSED)
{
	return 0;
}
#else
/* The key as it is for another service than ours, or NULL if it does not tell
   services apart. */
static const char *
last_login_key(struct mail_user *user, const char *service)
{
	const char *format, *key, *ours;

	format = mail_user_set_plugin_getenv(user->unexpanded_set,
					     "last_login_key");
	key = mail_user_plugin_getenv(user, "last_login_key");
	if (format == NULL || key == NULL ||
	    (strstr(format, "%s") == NULL &&
	     strstr(format, "%{service}") == NULL))
		return NULL;
	ours = strstr(key, user->service);
	/* a user with such a name */
	if (ours == NULL || strstr(ours + 1, user->service) != NULL)
		return NULL;
	return t_strconcat(DICT_PATH_SHARED, t_strdup_until(key, ours), service,
			   ours + strlen(user->service), NULL);
}

/* Returns 1 and the time in whatever unit the plugin uses, 0 if there was
   none, -1 on error. */
static int
last_login_lookup(struct mail_user *user, struct dict *dict,
		  const char *service, uintmax_t *time_r, const char **error_r)
{
	const char *key = last_login_key(user, service), *value = NULL;
	int ret;

	*time_r = 0;
	*error_r = NULL;
	if (key == NULL)
		return 0;
	ret = dict_lookup(dict, mail_user_get_dict_op_settings(user),
			  pool_datastack_create(), key, &value, error_r);
	if (ret <= 0)
		return ret;
	return str_to_uintmax(value, time_r) < 0 ? 0 : 1;
}

int last_login_was_pop3(struct mail_user *user, const char **error_r)
{
	const char *uri = mail_user_plugin_getenv(user, "last_login_dict");
	struct dict_settings dict_set;
	struct dict *dict;
	uintmax_t pop3, imap;
	int ret;

	if (uri == NULL || *uri == '\0' || last_login_key(user, "pop3") == NULL)
		return 0;
	i_zero(&dict_set);
	dict_set.base_dir = user->set->base_dir;
	dict_set.event_parent = user->event;
	if (dict_init(uri, &dict_set, &dict, error_r) < 0)
		return -1;
	ret = last_login_lookup(user, dict, "pop3", &pop3, error_r);
	if (ret > 0 && last_login_lookup(user, dict, "imap", &imap,
					 error_r) < 0)
		ret = -1;
	if (ret > 0)
		ret = pop3 > imap ? 1 : 0;
	dict_deinit(&dict);
	return ret;
}
#endif
