/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "seq-range-array.h"
#include "str-sanitize.h"
#include "imap-seqset.h"
#include "mail-search-build.h"
#include "uid-selection.h"

#define MAX_SHOWN_ARGUMENT_CHARS 80

struct uid_argument {
	const char *text;
	ARRAY_TYPE(seq_range) uids;
	bool found;
};

struct uid_selection {
	ARRAY(struct uid_argument) arguments;
};

struct uid_selection *
uid_selection_parse(pool_t pool, const char *const *args,
		    const char **error_r)
{
	struct uid_selection *selection = p_new(pool, struct uid_selection, 1);
	struct uid_argument *argument;

	if (*args == NULL) {
		*error_r = "UID is missing";
		return NULL;
	}
	p_array_init(&selection->arguments, pool, str_array_length(args));
	for (; *args != NULL; args++) {
		argument = array_append_space(&selection->arguments);
		argument->text = p_strdup(pool, str_sanitize(*args,
			MAX_SHOWN_ARGUMENT_CHARS));
		p_array_init(&argument->uids, pool, 4);
		if (imap_seq_set_nostar_parse(*args, &argument->uids) < 0) {
			*error_r = t_strdup_printf("%s: Not a UID",
						   argument->text);
			return NULL;
		}
	}
	return selection;
}

struct mail_search_args *
uid_selection_search_args(const struct uid_selection *selection)
{
	struct mail_search_args *args = mail_search_build_init();
	struct mail_search_arg *arg =
		mail_search_build_add(args, SEARCH_UIDSET);
	const struct uid_argument *argument;

	p_array_init(&arg->value.seqset, args->pool, 8);
	array_foreach(&selection->arguments, argument)
		seq_range_array_merge(&arg->value.seqset, &argument->uids);
	return args;
}

void uid_selection_reset(struct uid_selection *selection)
{
	struct uid_argument *argument;

	array_foreach_modifiable(&selection->arguments, argument)
		argument->found = FALSE;
}

void uid_selection_found(struct uid_selection *selection, uint32_t uid)
{
	struct uid_argument *argument;

	array_foreach_modifiable(&selection->arguments, argument) {
		if (seq_range_exists(&argument->uids, uid))
			argument->found = TRUE;
	}
}

const char *uid_selection_missing(const struct uid_selection *selection,
				  unsigned int *idx)
{
	const struct uid_argument *arguments;
	unsigned int count;

	arguments = array_get(&selection->arguments, &count);
	while (*idx < count) {
		const struct uid_argument *argument = &arguments[(*idx)++];

		if (!argument->found)
			return argument->text;
	}
	return NULL;
}
