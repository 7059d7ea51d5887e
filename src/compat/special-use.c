/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "settings-parser.h"
#include "mail-namespace.h"
#include "mail-storage-settings.h"
#include "special-use.h"

#if DOVECOT_PREREQ(2,4,0)
#  define MAILBOX_SETTINGS const struct mailbox_settings
#  define NAMESPACE_MAILBOXES(ns) (ns)->set->parsed_mailboxes
#  define SPECIAL_USES(set) settings_boollist_get(&(set)->special_use)
#else
#  define MAILBOX_SETTINGS struct mailbox_settings
#  define NAMESPACE_MAILBOXES(ns) (ns)->set->mailboxes
#  define SPECIAL_USES(set) t_strsplit_spaces((set)->special_use, " ")
#endif

const char *
special_use_configured(struct mail_namespace *ns, const char *special_use)
{
	MAILBOX_SETTINGS *set;

	if (!array_is_created(&NAMESPACE_MAILBOXES(ns)))
		return NULL;
	array_foreach_elem(&NAMESPACE_MAILBOXES(ns), set) {
		if (str_array_icase_find(SPECIAL_USES(set), special_use) &&
		    strpbrk(set->name, "*%?") == NULL)
			return t_strconcat(ns->prefix, set->name, NULL);
	}
	return NULL;
}
