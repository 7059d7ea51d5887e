/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hash.h"
#include "llist.h"
#include "authres-limits.h"
#include "silent-names.h"

struct silent_name {
	struct silent_name *prev, *next;
	time_t added;
	char *name;
};

struct silent_names {
	HASH_TABLE(char *, struct silent_name *) names;
	/* oldest first */
	struct silent_name *head, *tail;
	unsigned int count;
};

struct silent_names *silent_names_init(void)
{
	struct silent_names *names = i_new(struct silent_names, 1);

	hash_table_create(&names->names, default_pool, 0, str_hash, strcmp);
	return names;
}

static void silent_names_forget(struct silent_names *names,
				struct silent_name *name)
{
	hash_table_remove(names->names, name->name);
	DLLIST2_REMOVE(&names->head, &names->tail, name);
	names->count--;
	i_free(name->name);
	i_free(name);
}

void silent_names_deinit(struct silent_names **_names)
{
	struct silent_names *names = *_names;

	*_names = NULL;
	while (names->head != NULL)
		silent_names_forget(names, names->head);
	hash_table_destroy(&names->names);
	i_free(names);
}

void silent_names_remove(struct silent_names *names, const char *name)
{
	struct silent_name *entry = hash_table_lookup(names->names, name);

	if (entry != NULL)
		silent_names_forget(names, entry);
}

static bool silent_name_is_current(const struct silent_name *name, time_t now)
{
	/* a clock that was set back counts as expired */
	return now >= name->added &&
		now - name->added < AUTHRES_DNS_SILENT_SECS;
}

void silent_names_add(struct silent_names *names, const char *name, time_t now)
{
	struct silent_name *entry;

	if (strchr(name, '.') == NULL)
		return;
	entry = hash_table_lookup(names->names, name);
	if (entry != NULL)
		silent_names_forget(names, entry);
	while (names->head != NULL &&
	       (names->count == AUTHRES_MAX_DNS_SILENT_NAMES ||
		!silent_name_is_current(names->head, now)))
		silent_names_forget(names, names->head);

	entry = i_new(struct silent_name, 1);
	entry->added = now;
	entry->name = i_strdup(name);
	hash_table_insert(names->names, entry->name, entry);
	DLLIST2_APPEND(&names->head, &names->tail, entry);
	names->count++;
}

bool silent_names_have(const struct silent_names *names, const char *name,
		       time_t now)
{
	const struct silent_name *entry;

	while (names->count > 0) {
		entry = hash_table_lookup(names->names, name);
		if (entry != NULL && silent_name_is_current(entry, now))
			return TRUE;
		name = strchr(name, '.');
		if (name == NULL)
			break;
		name++;
	}
	return FALSE;
}
