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

static bool
is_wanted(MAILBOX_SETTINGS *set, const char *special_use,
	  enum special_use_configured which)
{
	return str_array_icase_find(SPECIAL_USES(set), special_use) &&
		strpbrk(set->name, "*%?") == NULL &&
		(which == SPECIAL_USE_ANY ||
		 strcmp(set->autocreate, MAILBOX_SET_AUTO_NO) != 0);
}

const char *const *
t_special_use_configured(struct mail_namespace *ns, const char *special_use,
			 enum special_use_configured which)
{
	ARRAY_TYPE(const_string) names;
	MAILBOX_SETTINGS *set;
	const char *vname;

	t_array_init(&names, 4);
	if (array_is_created(&NAMESPACE_MAILBOXES(ns))) {
		array_foreach_elem(&NAMESPACE_MAILBOXES(ns), set) {
			if (!is_wanted(set, special_use, which))
				continue;
			vname = t_strconcat(ns->prefix, set->name, NULL);
			array_push_back(&names, &vname);
		}
	}
	array_append_zero(&names);
	return array_front(&names);
}
