/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "unichar.h"
#include "mail-namespace.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "special-use.h"
#include "junk-mailbox.h"

#define JUNK_MAILBOX_DEFAULT_NAME "Junk"

static const char *
private_special_use(struct mail_namespace *ns, const char *special_use)
{
	if (ns->type != MAIL_NAMESPACE_TYPE_PRIVATE || ns->alias_for != NULL)
		return NULL;
	return special_use_configured(ns, special_use);
}

/* The mailbox that has this special use, or else the one that would have it
   by configuration if it existed. */
static const char *
special_use_mailbox(struct mail_user *user, const char *special_use)
{
	struct mail_namespace *ns;
	struct mailbox *box;
	enum mailbox_existence existence;
	const char *vname = NULL;

	box = mailbox_alloc_for_user(user, special_use,
				     MAILBOX_FLAG_SPECIAL_USE);
	if (mailbox_exists(box, TRUE, &existence) == 0 &&
	    existence == MAILBOX_EXISTENCE_SELECT)
		vname = t_strdup(mailbox_get_vname(box));
	mailbox_free(&box);
	if (vname != NULL)
		return vname;

	ns = mail_namespace_find_inbox(user->namespaces);
	vname = private_special_use(ns, special_use);
	for (ns = user->namespaces; ns != NULL && vname == NULL; ns = ns->next)
		vname = private_special_use(ns, special_use);
	return vname;
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
		       const char **error_r)
{
	struct mailbox *box;
	enum mailbox_existence existence;
	enum mail_error error;
	int ret;

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
			mailbox_get_last_internal_error(box, &error));
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

int junk_mailbox_get(struct mail_user *user, const char *setting,
		     const char **vname_r, const char **error_r)
{
	const char *vname = junk_mailbox_find(user, setting);
	const char *fallback =
		inbox_namespace_vname(user, JUNK_MAILBOX_DEFAULT_NAME);

	if (mailbox_create_missing(user, vname, error_r) < 0) {
		const char *error;

		if (strcmp(vname, fallback) == 0 ||
		    mailbox_create_missing(user, fallback, &error) < 0)
			return -1;
		vname = fallback;
	}
	*vname_r = vname;
	return 0;
}
