/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "published-policy.h"
#include "dmarc-record.h"

/* The value of the first tag with this name, NULL = none. */
static const char *t_tag_value(const char *const *specs, const char *name)
{
	for (; *specs != NULL; specs++) {
		const char *value = strchr(*specs, '=');

		if (value != NULL &&
		    strcmp(t_str_trim(t_strdup_until(*specs, value), " \t"),
			   name) == 0)
			return t_str_trim(value + 1, " \t");
	}
	return NULL;
}

static char psd_letter(enum dmarc_psd psd)
{
	switch (psd) {
	case DMARC_PSD_YES:
		return 'y';
	case DMARC_PSD_NO:
		return 'n';
	case DMARC_PSD_UNKNOWN:
		break;
	}
	return 'u';
}

void dmarc_record_published(const struct dmarc_record *record, bool psl,
			    struct published_policy *policy_r)
{
	const char *const *specs = t_strsplit(
		t_strndup(record->text, record->text_size), ";");
	const char *fo = t_tag_value(specs, "fo");
	const char *rua = t_tag_value(specs, "rua");
	const char *ruf = t_tag_value(specs, "ruf");

	published_policy_init(policy_r);
	policy_r->tree_walk = !psl;
	policy_r->policy = record->policy;
	policy_r->has_subdomain_policy = record->has_subdomain_policy;
	policy_r->subdomain_policy = record->subdomain_policy;
	policy_r->has_nonexistent_policy = record->has_nonexistent_policy;
	policy_r->nonexistent_policy = record->nonexistent_policy;
	policy_r->strict_dkim = record->strict_dkim;
	policy_r->strict_spf = record->strict_spf;
	policy_r->test_mode = record->test_mode;
	policy_r->percent = record->percent;
	policy_r->psd = psd_letter(record->psd);
	policy_r->defect = record->defect;
	policy_r->fo = fo == NULL ? NULL : t_published_fo(fo);
	policy_r->rua = rua == NULL ? NULL : t_published_uris(rua);
	policy_r->ruf = ruf == NULL ? NULL : t_published_uris(ruf);
}
