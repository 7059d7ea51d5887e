/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "public-suffix.h"
#include "dmarc-settings.h"

int dmarc_settings_init(struct dmarc_settings *set, const char **error_r)
{
	set->psl = NULL;
	if (set->mode != DMARC_MODE_RFC7489)
		return 0;
	return public_suffix_list_init(set->psl_file, &set->psl, error_r);
}

void dmarc_settings_deinit(struct dmarc_settings *set)
{
	public_suffix_list_deinit(&set->psl);
}
