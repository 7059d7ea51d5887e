/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "junk-mailbox.h"
#include "user-dict.h"
#include "authres-plugin.h"
#include "move-place.h"

/* What clients call it where no special use is set. */
static const char *const trash_names[] = {
	"Trash", "Deleted", "Deleted Items", "Deleted Messages", "Bin",
	"Corbeille", "\xC3\x89l\xC3\xA9ments supprim\xC3\xA9s",
	"Messages supprim\xC3\xA9s",
	"Papierkorb", "Gel\xC3\xB6schte Elemente", "Gel\xC3\xB6schte Objekte",
	"Gel\xC3\xB6scht", "Cestino", "Posta eliminata", "Papelera",
	"Elementos eliminados", "Lixeira", "Prullenbak", "Kosz",
	NULL
};

static struct mail_namespace *real_namespace(struct mail_namespace *ns)
{
	return ns->alias_for != NULL ? ns->alias_for : ns;
}

static bool mailbox_is_own(struct mailbox *box)
{
	const struct mail_namespace *ns = mailbox_get_namespace(box);

	return box->virtual_vfuncs == NULL &&
		ns->type == MAIL_NAMESPACE_TYPE_PRIVATE &&
		ns->owner != NULL && ns->owner == ns->user &&
		ns->user == box->storage->user &&
		!user_is_acted_for(ns->user);
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

static bool mailbox_is_trash(struct mailbox *box)
{
	struct mail_namespace *ns = mailbox_get_namespace(box);
	char sep[2] = { mail_namespace_get_sep(ns), '\0' };
	const char *const *parts;
	const char *name = box->vname;

	if (mailbox_has_special_use(box, "\\Trash"))
		return TRUE;
	if (ns->prefix_len > 0 && strncmp(name, ns->prefix, ns->prefix_len) == 0)
		name += ns->prefix_len;
	/* mailboxes below INBOX are where some servers keep all of them */
	parts = t_strsplit(name, sep);
	if (strcasecmp(parts[0], "INBOX") == 0 && parts[1] != NULL)
		parts++;
	return str_array_icase_find(trash_names, parts[0]);
}

enum move_place move_place_get(struct authres_user *auser, struct mailbox *box)
{
	const char *junk;

	if (!mailbox_is_own(box))
		return MOVE_PLACE_FOREIGN;
	if (box->inbox_user)
		return MOVE_PLACE_OTHER;
	junk = junk_mailbox_find(box->storage->user, auser->set.junk_mailbox);
	if (mailbox_has_vname(box, junk))
		return MOVE_PLACE_JUNK;
	return mailbox_is_trash(box) ? MOVE_PLACE_TRASH : MOVE_PLACE_OTHER;
}
