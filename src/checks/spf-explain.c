/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "spf-check-host.h"
#include "spf-names.h"
#include "spf-explain.h"

static const char *
spf_explain_text(struct spf_evaluation *evaluation,
		 const struct dns_record *record)
{
	struct spf_macro macro;
	const char *text, *error;

	if (spf_macro_parse(evaluation->pool, (const char *)record->text,
			    record->text_size, SPF_MACRO_PLACE_EXPLANATION,
			    &macro, &error) < 0)
		return NULL;
	if (!spf_validated_name_find(evaluation, &macro) ||
	    spf_macro_expand_text(&macro, &evaluation->values,
				  AUTHRES_MAX_SPF_EXPLANATION_BYTES,
				  &text) < 0)
		return NULL;
	return *text == '\0' ? NULL : p_strdup(evaluation->pool, text);
}

const char *spf_explain(struct spf_evaluation *evaluation,
			const struct spf_host *host)
{
	const struct dns_answer *answer;
	const char *target, *text = NULL;

	if (host->result != CHECK_RESULT_FAIL || host->exp.part_count == 0)
		return NULL;
	evaluation->values.domain = host->domain;
	if (spf_target_name(evaluation, &host->exp, &target) != SPF_MATCH_YES)
		return NULL;
	if (host->unknown) {
		/* Nobody needs it yet, but it would cost a wave later. */
		dns_session_prefetch(evaluation->dns, target, DNS_TYPE_TXT);
		return NULL;
	}
	answer = dns_session_lookup(evaluation->dns, target, DNS_TYPE_TXT);
	if (answer->status == DNS_STATUS_ANSWER &&
	    array_count(&answer->records) == 1) T_BEGIN {
		text = spf_explain_text(evaluation,
					array_front(&answer->records));
	} T_END;
	return text;
}
