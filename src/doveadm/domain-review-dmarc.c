/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "dns-session.h"
#include "dmarc-policy.h"
#include "published-policy.h"
#include "report-destination.h"
#include "domain-review-private.h"

#define TOPIC "dmarc"
#define MAX_RECORD_CHARS 400

static void
review_lookup(struct domain_review *review, const struct dmarc_lookup *lookup)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	const char *name = t_strconcat("_dmarc.", lookup->domain, NULL);

	switch (lookup->status) {
	case DMARC_LOOKUP_FOUND:
		ADD(OK, TOPIC, name, "%s", str_sanitize(
			t_strndup(lookup->record.text,
				  lookup->record.text_size),
			MAX_RECORD_CHARS));
		if (lookup->record.defect != NULL)
			ADD(ERROR, TOPIC, name, "%s", lookup->record.defect);
		break;
	case DMARC_LOOKUP_NONE:
		if (lookup->reason != NULL)
			ADD(ERROR, TOPIC, name, "a record that does not count: "
			    "%s", lookup->reason);
		else
			ADD(INFO, TOPIC, name, "no record");
		break;
	case DMARC_LOOKUP_SEVERAL:
		ADD(ERROR, TOPIC, name, "several records: none counts");
		break;
	case DMARC_LOOKUP_TEMPORARY:
		review->temporary = TRUE;
		ADD(ERROR, TOPIC, name, "DNS gives no answer: %s",
		    lookup->reason);
		break;
	}
}

static void
review_walk(struct domain_review *review, struct dmarc_lookups *lookups,
	    const struct dmarc_author *author)
{
	unsigned int i;

	if (review->query->dmarc->mode == DMARC_MODE_RFC9989) {
		for (i = 0; i < author->walk.step_count; i++)
			review_lookup(review, author->walk.steps[i]);
		return;
	}
	review_lookup(review, dmarc_lookup(lookups, author->domain));
	if (strcmp(author->domain, author->organizational_domain) != 0) {
		review_lookup(review, dmarc_lookup(lookups,
					author->organizational_domain));
	}
}

static enum dmarc_policy
lowered(const struct dmarc_record *record, enum dmarc_policy policy)
{
	return record->test_mode ? dmarc_policy_lowered(policy) : policy;
}

static void
review_policies(struct domain_review *review, struct dmarc_lookups *lookups,
		const struct dmarc_author *author)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	const struct dmarc_record *record = author->record;
	enum dmarc_policy policy, below, nonexistent;
	const char *tag, *reason;

	if (dmarc_author_policy(lookups, author, &policy, &tag, &reason) < 0)
		review->temporary = TRUE;
	below = record->has_subdomain_policy ? record->subdomain_policy :
		record->policy;
	nonexistent = record->has_nonexistent_policy ?
		record->nonexistent_policy : below;
	ADD(INFO, TOPIC, "policy", "%s: %s (%s= at %s); names below it: %s; "
	    "names below it that do not exist: %s; alignment %s",
	    author->domain, dmarc_policy_name(policy), tag,
	    author->policy_domain, dmarc_policy_name(below),
	    dmarc_policy_name(nonexistent),
	    record->strict_dkim && record->strict_spf ? "strict" :
	    record->strict_dkim ? "strict for DKIM" :
	    record->strict_spf ? "strict for SPF" : "relaxed");
	if (record->test_mode)
		ADD(WARNING, TOPIC, "policy", "t=y: each is one level lower "
		    "than published, while it is tested");
	if (record->percent < 100)
		ADD(WARNING, TOPIC, "policy", "pct=%u: for a part of its mail "
		    "only", record->percent);
	review->policy = lowered(record, policy);
	review->subdomain_policy = lowered(record, below);
	review->nonexistent_policy = lowered(record, nonexistent);
	review->no_policy_reason = policy != DMARC_POLICY_NONE ?
		"its policy is only tested (t=y)" :
		p_strdup_printf(pool, "%s=none asks receivers for nothing",
				tag);
}

static void
review_destinations(struct domain_review *review,
		    const struct dmarc_author *author, const char *rua)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	ARRAY_TYPE(report_uri) uris;
	ARRAY_TYPE(const_string) ignored;
	ARRAY_TYPE(report_destination) destinations;
	const struct report_destination *destination;
	const char *sentence;

	p_array_init(&uris, pool, 4);
	p_array_init(&ignored, pool, 4);
	report_uris_parse(pool, rua, &uris, &ignored);
	array_foreach_elem(&ignored, sentence)
		ADD(ERROR, "reports", "rua", "%s", sentence);
	report_destinations_find(pool, review->query->dmarc,
				 REPORT_KIND_AGGREGATE, author->policy_domain,
				 &uris, review->dns, &destinations);
	array_foreach(&destinations, destination) {
		const char *address = destination->published->address;

		if (destination->permission == REPORT_PERMISSION_GIVEN)
			ADD(OK, "reports", address, "gets reports: %s",
			    destination->reason);
		else if (destination->permission == REPORT_PERMISSION_REFUSED)
			ADD(ERROR, "reports", address, "gets no reports: %s",
			    destination->reason);
		else {
			review->temporary = TRUE;
			ADD(ERROR, "reports", address, "it is not known if it "
			    "may get reports: %s", destination->reason);
		}
	}
}

static void
review_reports(struct domain_review *review, const struct dmarc_author *author)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	struct published_policy published;

	dmarc_record_published(author->record, review->query->dmarc->mode ==
			       DMARC_MODE_RFC7489, &published);
	if (published.rua == NULL)
		ADD(WARNING, "reports", author->policy_domain,
		    "no usable rua=: nobody hears who sends in its name");
	else
		review_destinations(review, author, published.rua);
}

void domain_review_dmarc(struct domain_review *review)
{
	struct dmarc_lookups *lookups;
	struct dmarc_author author;

	review->no_policy_reason = "there is no DMARC record";
	lookups = dmarc_lookups_init(review->pool, review->query->dmarc,
				     review->dns);
	dmarc_author_init(lookups, review->query->domain, &author);
	T_BEGIN {
		review_walk(review, lookups, &author);
		if (author.status == DMARC_POLICY_STATUS_FOUND) {
			review_policies(review, lookups, &author);
			review_reports(review, &author);
		}
	} T_END;
	dmarc_lookups_deinit(&lookups);
}
