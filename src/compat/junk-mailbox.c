/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "unichar.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "mail-user.h"
#include "mailbox-list-iter.h"
#include "special-use.h"
#include "junk-mailbox.h"

#define JUNK_MAILBOX_DEFAULT_NAME "Junk"

static bool
mailbox_exists_now(struct mail_user *user, const char *vname)
{
	struct mailbox *box = mailbox_alloc_for_user(user, vname, 0);
	enum mailbox_existence existence;
	bool exists;

	exists = mailbox_exists(box, TRUE, &existence) == 0 &&
		existence == MAILBOX_EXISTENCE_SELECT;
	mailbox_free(&box);
	return exists;
}

static void
add_configured(ARRAY_TYPE(const_string) *names, struct mail_namespace *ns,
	       const char *special_use, enum special_use_configured which)
{
	const char *const *found;

	if (ns->type != MAIL_NAMESPACE_TYPE_PRIVATE || ns->alias_for != NULL)
		return;
	found = t_special_use_configured(ns, special_use, which);
	array_append(names, found, str_array_length(found));
}

static const char *const *
t_configured(struct mail_user *user, const char *special_use,
	     enum special_use_configured which)
{
	struct mail_namespace *ns, *inbox_ns;
	ARRAY_TYPE(const_string) names;

	t_array_init(&names, 4);
	inbox_ns = mail_namespace_find_inbox(user->namespaces);
	add_configured(&names, inbox_ns, special_use, which);
	for (ns = user->namespaces; ns != NULL; ns = ns->next) {
		if (ns != inbox_ns)
			add_configured(&names, ns, special_use, which);
	}
	array_append_zero(&names);
	return array_front(&names);
}

/* By a name with wildcards. */
static const char *
find_unnamed(struct mail_user *user, const char *special_use)
{
	struct mailbox *box;
	enum mailbox_existence existence;
	const char *vname = NULL;

	box = mailbox_alloc_for_user(user, special_use,
				     MAILBOX_FLAG_SPECIAL_USE);
	if (mailbox_exists(box, TRUE, &existence) == 0 &&
	    existence == MAILBOX_EXISTENCE_SELECT)
		vname = t_strdup(mailbox_get_vname(box));
	mailbox_free(&box);
	return vname;
}

static const char *
special_use_mailbox(struct mail_user *user, const char *special_use)
{
	const char *const *names, *const *name;

	names = t_configured(user, special_use, SPECIAL_USE_AUTO);
	if (names[0] != NULL)
		return names[0];
	names = t_configured(user, special_use, SPECIAL_USE_ANY);
	if (names[0] == NULL)
		return find_unnamed(user, special_use);
	for (name = names; *name != NULL; name++) {
		if (mailbox_exists_now(user, *name))
			return *name;
	}
	return names[0];
}

static const char *
inbox_namespace_vname(struct mail_user *user, const char *name)
{
	struct mail_namespace *ns = mail_namespace_find_inbox(user->namespaces);

	return t_strconcat(ns->prefix, name, NULL);
}

static const char *named_mailbox(struct mail_user *user, const char *name)
{
	struct mail_namespace *ns;

	for (ns = user->namespaces; ns != NULL; ns = ns->next) {
		if (ns->prefix_len > 0 &&
		    strncmp(name, ns->prefix, ns->prefix_len) == 0)
			return name;
	}
	return inbox_namespace_vname(user, name);
}

static int
mailbox_create_missing(struct mail_user *user, const char *vname,
		       enum mail_error *code_r, const char **error_r)
{
	struct mailbox *box;
	enum mailbox_existence existence;
	int ret;

	*code_r = MAIL_ERROR_PARAMS;
	if (*vname == '\0' || !uni_utf8_str_is_valid(vname)) {
		*error_r = "Mailbox name not valid UTF-8";
		return -1;
	}
	box = mailbox_alloc_for_user(user, vname, 0);
	ret = mailbox_exists(box, FALSE, &existence);
	if (ret == 0 && existence != MAILBOX_EXISTENCE_SELECT) {
		ret = mailbox_create(box, NULL, FALSE);
		/* another delivery may have been faster */
		if (ret < 0 && mailbox_get_last_mail_error(box) ==
							MAIL_ERROR_EXISTS)
			ret = 0;
		else if (ret == 0)
			(void)mailbox_set_subscribed(box, TRUE);
	}
	if (ret < 0) {
		*error_r = t_strdup_printf("%s: %s", vname,
			mailbox_get_last_internal_error(box, code_r));
	}
	mailbox_free(&box);
	return ret;
}

const char *junk_mailbox_find(struct mail_user *user, const char *setting)
{
	const char *vname;

	vname = setting[0] == '\\' ? special_use_mailbox(user, setting) :
		named_mailbox(user, setting);
	return vname != NULL ? vname :
		inbox_namespace_vname(user, JUNK_MAILBOX_DEFAULT_NAME);
}

static void
add_existing(pool_t pool, ARRAY_TYPE(const_string) *names,
	     struct mail_user *user, const char *special_use)
{
	static const char *const patterns[] = { "*", NULL };
	struct mailbox_list_iterate_context *iter;
	const struct mailbox_info *info;

	iter = mailbox_list_iter_init_namespaces(user->namespaces, patterns,
		MAIL_NAMESPACE_TYPE_PRIVATE,
		MAILBOX_LIST_ITER_SKIP_ALIASES |
		MAILBOX_LIST_ITER_SELECT_SPECIALUSE |
		MAILBOX_LIST_ITER_RETURN_SPECIALUSE);
	while ((info = mailbox_list_iter_next(iter)) != NULL) T_BEGIN {
		const char *vname;

		if ((info->flags & (MAILBOX_NOSELECT |
				    MAILBOX_NONEXISTENT)) == 0 &&
		    info->special_use != NULL &&
		    str_array_icase_find(t_strsplit_spaces(info->special_use,
							   " "), special_use) &&
		    strcmp(info->vname, array_idx_elem(names, 0)) != 0) {
			vname = p_strdup(pool, info->vname);
			array_push_back(names, &vname);
		}
	} T_END;
	/* what cannot be listed cannot be opened either, and says so then */
	(void)mailbox_list_iter_deinit(&iter);
}

const char *const *
junk_mailboxes_find(pool_t pool, struct mail_user *user, const char *setting)
{
	ARRAY_TYPE(const_string) names;
	const char *vname;

	p_array_init(&names, pool, 4);
	T_BEGIN {
		vname = p_strdup(pool, junk_mailbox_find(user, setting));
	} T_END;
	array_push_back(&names, &vname);
	if (setting[0] == '\\')
		add_existing(pool, &names, user, setting);
	array_append_zero(&names);
	return array_front(&names);
}

static struct mail_namespace *real_namespace(struct mail_namespace *ns)
{
	return ns->alias_for != NULL ? ns->alias_for : ns;
}

/* A namespace may have an alias: the same mailbox has two names. */
static bool mailbox_has_vname(struct mailbox *box, const char *vname)
{
	struct mail_namespace *ns =
		mail_namespace_find(box->storage->user->namespaces, vname);

	return real_namespace(ns) ==
			real_namespace(mailbox_get_namespace(box)) &&
		strcmp(box->name, mailbox_list_get_storage_name(ns->list,
								vname)) == 0;
}

bool junk_mailbox_is(struct mailbox *box, const char *setting)
{
	if (setting[0] == '\\' && mailbox_has_special_use(box, setting))
		return TRUE;
	return mailbox_has_vname(box, junk_mailbox_find(box->storage->user,
							setting));
}

int junk_mailbox_get(struct mail_user *user, const char *setting,
		     const char **vname_r, enum mail_error *code_r,
		     const char **error_r)
{
	const char *vname = junk_mailbox_find(user, setting);
	const char *fallback =
		inbox_namespace_vname(user, JUNK_MAILBOX_DEFAULT_NAME);

	if (mailbox_create_missing(user, vname, code_r, error_r) < 0) {
		enum mail_error code;
		const char *error;

		if (strcmp(vname, fallback) == 0)
			return -1;
		if (mailbox_create_missing(user, fallback, &code, &error) < 0) {
			if (code != MAIL_ERROR_NOTPOSSIBLE &&
			    code != MAIL_ERROR_PARAMS)
				*code_r = code;
			return -1;
		}
		vname = fallback;
	}
	*vname_r = vname;
	return 0;
}
