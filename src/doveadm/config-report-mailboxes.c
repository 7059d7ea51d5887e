/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "dovecot-config.h"
#include "str-prefix.h"
#include "config-report-private.h"

/* RFC 6154 section 2, RFC 8457 */
static const char *const special_uses_known[] = {
	"\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Important", "\\Junk",
	"\\Sent", "\\Trash", NULL
};

/* The names (data stack) of the mailboxes with that special use; automatic_r:
   of the one that is made by itself, NULL = there is none, or more than one.
   doveconf has lost the order of the configuration. */
static const char *const *
t_mailboxes_with(const struct dovecot_config *dovecot, const char *special_use,
		 const char **automatic_r)
{
	const struct dovecot_config_mailbox *box;
	ARRAY_TYPE(const_string) names;
	unsigned int automatic_count = 0;

	t_array_init(&names, 4);
	array_foreach(&dovecot->mailboxes, box) {
		if (!box->private ||
		    !str_array_icase_find(box->special_uses, special_use))
			continue;
		array_push_back(&names, &box->name);
		if (box->automatic) {
			automatic_count++;
			*automatic_r = box->name;
		}
	}
	if (automatic_count != 1)
		*automatic_r = NULL;
	array_append_zero(&names);
	return array_front(&names);
}

/* By special use. */
static void
report_junk_special_use(pool_t pool, const struct config_report_query *query,
			const char *topic, ARRAY_TYPE(config_row) *rows)
{
	const char *value = query->set->junk_mailbox;
	const char *const *names, *automatic;

	names = t_mailboxes_with(query->dovecot, value, &automatic);
	if (names[0] == NULL &&
	    !str_array_icase_find(special_uses_known, value))
		ADD(ERROR, topic, value,
		    "no mailbox of the configuration has this special use, "
		    "and no user can give it to one: Junk is used. Did you "
		    "mean \\Junk?");
	else if (names[0] == NULL)
		ADD(INFO, topic, value,
		    "no mailbox of the configuration has this special use: "
		    "one that the user gave it to, else Junk, made when it is "
		    "needed. Mail clients know it better as \"mailbox Junk { "
		    "special_use = %s }\" of the inbox namespace", value);
	else if (names[1] != NULL)
		ADD(INFO, topic, value,
		    "several mailboxes have this special use: %s. Mail goes to "
		    "%s; all of them are looked at", t_joined(names),
		    automatic != NULL ? t_strconcat(automatic,
			", since only that has auto=create or subscribe",
			NULL) :
		    "the first of the configuration with auto=create or "
		    "subscribe, else to the first that exists");
	else
		ADD(OK, topic, value,
		    "%s, made when it is needed and missing; INBOX only where "
		    "it cannot exist", names[0]);
}

/* Why there cannot be such a mailbox (data stack), or NULL. */
static const char *
t_name_error(const struct dovecot_config *dovecot, const char *name)
{
	const struct dovecot_config_namespace *ns;
	const char *separator = "", *p;
	char sep;

	array_foreach(&dovecot->namespaces, ns) {
		if (*ns->prefix != '\0' && str_has_prefix(name, ns->prefix)) {
			if (!ns->private)
				return "is in a namespace that is not private: "
					"users have no right to make it there, "
					"or share it";
			name += strlen(ns->prefix);
			separator = ns->separator;
			break;
		}
		if (ns->inbox)
			separator = ns->separator;
	}
	for (p = name; *p != '\0'; p++) {
		if ((unsigned char)*p < 32 || *p == 127)
			return "has a control character";
		if (*p == '*' || *p == '%')
			return "has a wildcard";
	}
	if (*name == '\0')
		return "is empty behind the prefix of its namespace";
	sep = *separator == '\0' ? '\0' : *separator;
	if (*name == '~' || *name == '/' || (sep != '\0' && *name == sep))
		return "begins with a character that no mailbox begins with";
	if (sep != '\0') {
		char two[] = { sep, sep, '\0' };

		if (name[strlen(name) - 1] == sep || strstr(name, two) != NULL)
			return "has an empty level";
	}
	if (sep == '.' && strchr(name, '/') != NULL)
		return "has \"/\", while levels are separated by \".\"";
	return NULL;
}

static void
report_junk(pool_t pool, const struct config_report_query *query,
	    ARRAY_TYPE(config_row) *rows)
{
	const char *value = query->set->junk_mailbox;
	const char *topic = "authres_junk_mailbox", *error;

	if (*value == '\\') {
		report_junk_special_use(pool, query, topic, rows);
		return;
	}
	error = t_name_error(query->dovecot, value);
	if (strcasecmp(value, "INBOX") == 0)
		ADD(ERROR, topic, value,
		    "mail that fails its policy stays in INBOX; "
		    "authres_mode = tag says so");
	else if (error != NULL)
		ADD(ERROR, topic, value,
		    "there can be no such mailbox, its name %s: Junk is used, "
		    "or INBOX", error);
	else
		ADD(OK, topic, value,
		    "made when it is needed and missing; INBOX only where it "
		    "cannot exist");
}

static void
report_trash(pool_t pool, const struct config_report_query *query,
	     ARRAY_TYPE(config_row) *rows)
{
	const char *const *names, *automatic;

	if (query->set->learn == AUTHRES_LEARN_NO)
		return;
	names = t_mailboxes_with(query->dovecot, "\\Trash", &automatic);
	if (names[0] == NULL)
		ADD(INFO, "trash", "\\Trash",
		    "no mailbox of the configuration has this special use: "
		    "deleting mail in Junk teaches nothing where the mailbox "
		    "it is moved to has a usual name (Trash, Papierkorb, "
		    "Corbeille ...). Others need special_use = \\Trash");
	else
		ADD(OK, "trash", t_joined(names),
		    "mail moved there is deleted, which teaches nothing");
}

static void
report_namespaces(pool_t pool, const struct dovecot_config *dovecot,
		  ARRAY_TYPE(config_row) *rows)
{
	const struct dovecot_config_namespace *ns;

	if (array_count(&dovecot->namespaces) == 0)
		return;
	array_foreach(&dovecot->namespaces, ns) {
		if (ns->inbox)
			return;
	}
	ADD(ERROR, "namespace", "",
	    "no namespace has inbox=yes: no mail is delivered, and there is no "
	    "place for Junk");
}

void config_report_mailboxes(pool_t pool,
			     const struct config_report_query *query,
			     ARRAY_TYPE(config_row) *rows)
{
	report_namespaces(pool, query->dovecot, rows);
	if (query->set->mode == AUTHRES_MODE_ENFORCE)
		report_junk(pool, query, rows);
	report_trash(pool, query, rows);
}
