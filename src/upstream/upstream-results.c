/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "msg-parser.h"
#include "identity.h"
#include "author-domain.h"
#include "domain-name.h"
#include "upstream-methods.h"
#include "upstream-results.h"

struct upstream_reading {
	pool_t pool;
	const ARRAY_TYPE(upstream_field) *fields;
	const struct identity *identity;
	const struct author *author;
	struct upstream_results *results;
	/* why methods are not used */
	string_t *reasons;
};

static void
add_reason(struct upstream_reading *reading, const char *reason)
{
	if (str_len(reading->reasons) > 0)
		str_append(reading->reasons, "; ");
	str_append(reading->reasons, reason);
}

static int
read_method(struct upstream_reading *reading, enum check_method method,
	    const char **reason_r)
{
	switch (method) {
	case CHECK_METHOD_SPF:
		return upstream_spf_read(reading->pool, reading->fields,
					 reading->identity, reading->results,
					 reason_r);
	case CHECK_METHOD_DKIM:
		return upstream_dkim_read(reading->pool, reading->fields,
					  reading->results, reason_r);
	case CHECK_METHOD_ARC:
		return upstream_arc_read(reading->pool, reading->fields,
					 reading->results, reason_r);
	case CHECK_METHOD_DMARC:
		return upstream_dmarc_read(reading->fields, reading->author,
					   reading->results, reason_r);
	default:
		/* no filter is asked for it */
		return 0;
	}
}

static void
read_wanted(struct upstream_reading *reading, unsigned int wanted)
{
	unsigned int method;

	for (method = 0; method < CHECK_METHOD_COUNT; method++) {
		if ((wanted & (1U << method)) == 0)
			continue;
		T_BEGIN {
			const char *reason;

			if (read_method(reading, method, &reason) < 0) {
				reading->results->authserv_ids[method] = NULL;
				add_reason(reading, reason);
			}
		} T_END;
	}
}

/* A fail that did not know everything is no fail yet. */
static void
check_fail_is_complete(struct upstream_reading *reading, unsigned int wanted)
{
	static const enum check_method methods[] =
		{ CHECK_METHOD_SPF, CHECK_METHOD_DKIM };
	struct upstream_results *results = reading->results;

	if (!upstream_results_have(results, CHECK_METHOD_DMARC) ||
	    results->dmarc != CHECK_RESULT_FAIL)
		return;
	for (unsigned int i = 0; i < N_ELEMENTS(methods); i++) {
		if ((wanted & (1U << methods[i])) == 0 ||
		    upstream_results_have(results, methods[i]))
			continue;
		results->authserv_ids[CHECK_METHOD_DMARC] = NULL;
		add_reason(reading, t_strdup_printf(
			"dmarc=fail is not used, since %s was not",
			check_method_name(methods[i])));
		break;
	}
}

/* Without DNS: the Organizational Domain has two labels at least. Where it has
   just one, what follows is decided by us. */
static bool
may_be_aligned(const struct upstream_reading *reading, const char *domain)
{
	return domain != NULL &&
		strcmp(domain_last_labels(domain, 2), domain_last_labels(
			reading->author->domains[0], 2)) == 0;
}

static bool pass_is_supported(const struct upstream_reading *reading)
{
	const struct upstream_results *results = reading->results;
	const struct dkim_signature_outcome *signature;

	if (upstream_results_have(results, CHECK_METHOD_SPF) &&
	    results->mail_from_spf.result == CHECK_RESULT_PASS &&
	    may_be_aligned(reading, results->mail_from_spf.domain))
		return TRUE;
	if (!upstream_results_have(results, CHECK_METHOD_DKIM))
		return FALSE;
	array_foreach(&results->dkim, signature) {
		if (signature->result == CHECK_RESULT_PASS &&
		    may_be_aligned(reading, signature->sdid))
			return TRUE;
	}
	return FALSE;
}

/* A filter that was told something wrong can contradict itself. */
static void check_pass_is_supported(struct upstream_reading *reading)
{
	struct upstream_results *results = reading->results;

	if (!upstream_results_have(results, CHECK_METHOD_DMARC) ||
	    results->dmarc != CHECK_RESULT_PASS)
		return;
	if (!upstream_results_have(results, CHECK_METHOD_SPF) &&
	    !upstream_results_have(results, CHECK_METHOD_DKIM))
		return;
	if (!pass_is_supported(reading)) {
		results->authserv_ids[CHECK_METHOD_DMARC] = NULL;
		add_reason(reading, "dmarc=pass is not used, since neither spf "
			   "nor dkim is a pass for it");
	}
}

void upstream_results_find(pool_t pool, const struct upstream_settings *set,
			   const struct msg_header *header,
			   const struct identity *identity,
			   const struct author *author, unsigned int wanted,
			   struct upstream_results *results_r)
{
	ARRAY_TYPE(upstream_field) fields;
	struct upstream_reading reading;
	const char *reason;
	string_t *reasons = str_new(pool, 128);

	i_zero(results_r);
	if (upstream_fields_find(pool, set, header, identity, &fields,
				 &results_r->reason) < 0 ||
	    array_count(&fields) == 0)
		return;
	reason = upstream_reason_for_nothing(header, identity);
	if (reason != NULL) {
		results_r->reason = reason;
		return;
	}
	if (set->own_arc)
		wanted &= ~(1U << CHECK_METHOD_ARC);

	i_zero(&reading);
	reading.pool = pool;
	reading.fields = &fields;
	reading.identity = identity;
	reading.author = author;
	reading.results = results_r;
	reading.reasons = reasons;
	read_wanted(&reading, wanted);
	check_fail_is_complete(&reading, wanted);
	check_pass_is_supported(&reading);
	/* only lists want to know */
	if (upstream_results_have(results_r, CHECK_METHOD_DKIM) &&
	    msg_header_find(header, "List-Id", 0) != NULL)
		upstream_dkim_find_names(pool, header, results_r);
	if (str_len(reasons) > 0)
		results_r->reason = str_c(reasons);
}

bool upstream_results_need_dmarc_record(const struct upstream_results *results)
{
	return !upstream_results_have(results, CHECK_METHOD_DMARC) ||
		results->dmarc == CHECK_RESULT_FAIL;
}
