/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "public-suffix.h"

#include <libpsl.h>

struct public_suffix_list {
	psl_ctx_t *ctx;
};

int public_suffix_list_init(const char *path,
			    struct public_suffix_list **list_r,
			    const char **error_r)
{
	struct public_suffix_list *list;
	psl_ctx_t *ctx;

	if (path != NULL)
		ctx = psl_load_file(path);
	else
		ctx = psl_latest(NULL);
	if (ctx == NULL || psl_suffix_count(ctx) == 0) {
		*error_r = path == NULL ?
			"No Public Suffix List is installed "
			"(Debian package publicsuffix)" :
			t_strdup_printf("Public Suffix List %s cannot be read",
					path);
		psl_free(ctx);
		return -1;
	}
	list = i_new(struct public_suffix_list, 1);
	list->ctx = ctx;
	*list_r = list;
	return 0;
}

void public_suffix_list_deinit(struct public_suffix_list **_list)
{
	struct public_suffix_list *list = *_list;

	*_list = NULL;
	if (list == NULL)
		return;
	psl_free(list->ctx);
	i_free(list);
}

const char *
public_suffix_organizational_domain(const struct public_suffix_list *list,
				    const char *domain)
{
	const char *registrable = psl_registrable_domain(list->ctx, domain);

	return registrable == NULL ? domain : registrable;
}
