/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "junk-mailbox.h"
#include "user-dict.h"
#include "authres-user.h"
#include "moves-trash.h"
#include "moves-mailbox.h"

static bool mailbox_is_own(struct mailbox *box)
{
	const struct mail_namespace *ns = mailbox_get_namespace(box);

	return box->virtual_vfuncs == NULL &&
		ns->type == MAIL_NAMESPACE_TYPE_PRIVATE &&
		ns->owner != NULL && ns->owner == ns->user &&
		ns->user == box->storage->user &&
		!user_is_acted_for(ns->user);
}

static bool mailbox_is_trash(struct mailbox *box)
{
	struct mail_namespace *ns = mailbox_get_namespace(box);
	char sep[2] = { mail_namespace_get_sep(ns), '\0' };
	const char *const *parts;
	const char *name = box->vname;

	if (mailbox_has_special_use(box, "\\Trash"))
		return TRUE;
	if (ns->prefix_len > 0 &&
	    strncmp(name, ns->prefix, ns->prefix_len) == 0)
		name += ns->prefix_len;
	/* mailboxes below INBOX are where some servers keep all of them */
	parts = t_strsplit(name, sep);
	if (strcasecmp(parts[0], "INBOX") == 0 && parts[1] != NULL)
		parts++;
	return trash_name_is_known(parts[0]);
}

enum mailbox_role
mailbox_role_get(struct authres_user *auser, struct mailbox *box)
{
	if (!mailbox_is_own(box))
		return MAILBOX_ROLE_FOREIGN;
	if (box->inbox_user)
		return MAILBOX_ROLE_OTHER;
	if (junk_mailbox_is(box, auser->set.junk_mailbox))
		return MAILBOX_ROLE_JUNK;
	return mailbox_is_trash(box) ? MAILBOX_ROLE_TRASH : MAILBOX_ROLE_OTHER;
}
