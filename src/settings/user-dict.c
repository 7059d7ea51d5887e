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
#include "authres-limits.h"
#include "home-expand.h"
#include "user-dict.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#if DOVECOT_PREREQ(2,4,0)
/* of settings-module-2.4.c */
#  define DICT_FILE_DEFAULT "~/.dovecot.authres"
#endif

/* As Dovecot finds it. Without a home it has its own error. */
static const char *dict_file(struct mail_user *user, const char *path)
{
	const char *home;

	if (path[0] != '~')
		return p_strdup(user->pool, path);
	return mail_user_get_home(user, &home) <= 0 ? NULL :
		p_strdup(user->pool, home_expand_tilde(path, home));
}

/* Not opened: opening a device can have an effect. */
static int
check_file(const char *path, bool *exists_r, struct stat *st_r,
	   const char **error_r)
{
	*exists_r = stat(path, st_r) == 0;
	if (!*exists_r) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		*error_r = t_strdup_printf("stat(%s) failed: %m", path);
		return -1;
	}
	if (!S_ISREG(st_r->st_mode)) {
		*error_r = t_strdup_printf("%s is no regular file", path);
		return -1;
	}
	return 0;
}

/* Nobody else's business; a link stays what it is. */
static void make_private(const char *path, const struct stat *st)
{
	struct stat opened;
	int fd;

	if ((st->st_mode & 0077) == 0 || st->st_uid != geteuid())
		return;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY |
		  O_CLOEXEC);
	if (fd == -1)
		return;
	if (fstat(fd, &opened) == 0 && S_ISREG(opened.st_mode) &&
	    opened.st_uid == geteuid())
		(void)fchmod(fd, opened.st_mode & 0700);
	i_close_fd(&fd);
}

static int check_writable(const char *path, bool exists, const char **error_r)
{
	struct stat st;
	bool locked;
	int fd;

	if (check_file(t_strconcat(path, ".lock", NULL), &locked, &st,
		       error_r) < 0)
		return -1;
	if (exists)
		return 0;
	/* where that fails, Dovecot says why */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (fd != -1)
		i_close_fd(&fd);
	return 0;
}

int user_dict_check(const char *file, bool writing, const char **error_r)
{
	struct stat st;
	bool exists;

	if (file == NULL)
		return 0;
	if (check_file(file, &exists, &st, error_r) < 0)
		return -1;
	if (exists && st.st_size > AUTHRES_MAX_DICT_FILE_BYTES) {
		*error_r = t_strdup_printf("%s has more than %u bytes", file,
					   AUTHRES_MAX_DICT_FILE_BYTES);
		return -1;
	}
	if (exists)
		make_private(file, &st);
	return !writing ? 0 : check_writable(file, exists, error_r);
}

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
		   struct dict **dict_r, const char **file_r,
		   const char **error_r)
{
	int ret = dict_init_of(user, "authres_dict", dict_r, error_r);

	*file_r = NULL;
	if (ret != 0)
		return ret;
	/* A default dict in the same block would be another one beside the
	   administrator's. */
	*file_r = dict_file(user, DICT_FILE_DEFAULT);
	return dict_init_of(user, "authres_default_dict", dict_r, error_r);
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
		   struct dict **dict_r, const char **file_r,
		   const char **error_r)
{
	struct dict_settings dict_set;

	*file_r = NULL;
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
	if (str_has_prefix(set->dict, "file:")) {
		/* behind it there may be ":lock=fcntl" */
		*file_r = dict_file(user, t_strcut(set->dict + strlen("file:"),
						   ':'));
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
