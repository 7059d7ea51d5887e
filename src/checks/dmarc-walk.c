/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "dns-session.h"
#include "domain-name.h"
#include "dmarc-walk.h"

/* Section 4.10 step 5: from 8 labels on the walk goes on with 7. */
#define DMARC_WALK_MAX_LABELS (AUTHRES_MAX_DMARC_WALK - 1)

struct dmarc_lookups {
	pool_t pool;
	const struct dmarc_settings *set;
	struct dns_session *dns;
	unsigned int stale_count;
	HASH_TABLE(char *, struct dmarc_lookup *) by_domain;
};

struct dmarc_lookups *
dmarc_lookups_init(pool_t pool, const struct dmarc_settings *set,
		   struct dns_session *dns)
{
	struct dmarc_lookups *lookups = p_new(pool, struct dmarc_lookups, 1);

	lookups->pool = pool;
	lookups->set = set;
	lookups->dns = dns;
	hash_table_create(&lookups->by_domain, default_pool, 0,
			  str_hash, strcmp);
	return lookups;
}

void dmarc_lookups_deinit(struct dmarc_lookups **_lookups)
{
	struct dmarc_lookups *lookups = *_lookups;

	*_lookups = NULL;
	hash_table_destroy(&lookups->by_domain);
}

const struct dmarc_settings *
dmarc_lookups_settings(const struct dmarc_lookups *lookups)
{
	return lookups->set;
}

enum dns_purpose dmarc_lookups_set_purpose(struct dmarc_lookups *lookups,
					   enum dns_purpose purpose)
{
	return dns_session_set_purpose(lookups->dns, purpose);
}

unsigned int dmarc_lookups_stale_count(const struct dmarc_lookups *lookups)
{
	return lookups->stale_count;
}

int dmarc_domain_is_nonexistent(struct dmarc_lookups *lookups,
				const char *domain, const char **reason_r)
{
	const struct dns_answer *answer =
		dns_session_lookup(lookups->dns, domain, DNS_TYPE_TXT);

	if (answer->stale)
		lookups->stale_count++;
	if (answer->status == DNS_STATUS_TEMPORARY) {
		*reason_r = t_strdup_printf("%s: %s", domain, answer->reason);
		return -1;
	}
	/* an alias exists, wherever it leads */
	return answer->status == DNS_STATUS_NXDOMAIN && !answer->alias ? 1 : 0;
}

static void
dmarc_lookup_records(struct dmarc_lookups *lookups,
		     const struct dns_answer *answer,
		     struct dmarc_lookup *lookup)
{
	const struct dns_record *dns_record;
	struct dmarc_record record;
	const char *defect = NULL;
	unsigned int found = 0;

	array_foreach(&answer->records, dns_record) {
		if (!dmarc_record_parse(lookups->set->mode, dns_record->text,
					dns_record->text_size, &record)) {
			if (defect == NULL) {
				defect = dmarc_record_near_miss(
					dns_record->text,
					dns_record->text_size);
			}
			continue;
		}
		if (++found > 1)
			break;
		lookup->record = record;
	}
	lookup->status = found == 0 ? DMARC_LOOKUP_NONE :
		found == 1 ? DMARC_LOOKUP_FOUND : DMARC_LOOKUP_SEVERAL;
	if (found > 0) {
		defect = found == 1 ? lookup->record.defect :
			"several DMARC records";
	}
	if (defect != NULL) {
		lookup->reason = p_strdup_printf(lookups->pool,
			"_dmarc.%s: %s", lookup->domain, defect);
	}
}

const struct dmarc_lookup *
dmarc_lookup(struct dmarc_lookups *lookups, const char *domain)
{
	const struct dns_answer *answer;
	struct dmarc_lookup *lookup;
	char *key;

	lookup = hash_table_lookup(lookups->by_domain, domain);
	if (lookup != NULL) {
		if (lookup->stale)
			lookups->stale_count++;
		return lookup;
	}

	lookup = p_new(lookups->pool, struct dmarc_lookup, 1);
	key = p_strdup(lookups->pool, domain);
	lookup->domain = key;
	hash_table_insert(lookups->by_domain, key, lookup);
	T_BEGIN {
		answer = dns_session_lookup(lookups->dns,
			t_strconcat("_dmarc.", domain, NULL), DNS_TYPE_TXT);
	} T_END;
	if (answer->stale) {
		lookup->stale = TRUE;
		lookups->stale_count++;
	}
	switch (answer->status) {
	case DNS_STATUS_ANSWER:
		dmarc_lookup_records(lookups, answer, lookup);
		break;
	case DNS_STATUS_NODATA:
	case DNS_STATUS_NXDOMAIN:
		lookup->status = DMARC_LOOKUP_NONE;
		break;
	case DNS_STATUS_TEMPORARY:
		lookup->status = DMARC_LOOKUP_TEMPORARY;
		lookup->reason = p_strdup_printf(lookups->pool,
			"_dmarc.%s: %s", domain, answer->reason);
		break;
	}
	return lookup;
}

unsigned int
dmarc_walk_names(const char *domain,
		 const char *names_r[static AUTHRES_MAX_DMARC_WALK])
{
	unsigned int labels = domain_label_count(domain), count = 0;

	names_r[count++] = domain;
	labels = I_MIN(labels - 1, DMARC_WALK_MAX_LABELS);
	for (; labels > 0; labels--)
		names_r[count++] = domain_last_labels(domain, labels);
	return count;
}

static void
walk_add_possible(struct dmarc_walk *walk, unsigned int labels)
{
	unsigned int i;

	for (i = 0; i < walk->possible_count; i++) {
		if (walk->possible_labels[i] == labels)
			return;
	}
	i_assert(walk->possible_count < N_ELEMENTS(walk->possible_labels));
	walk->possible_labels[walk->possible_count++] = labels;
}

/* Section 4.10.2. A temporary answer could have been no record or any
   record, so all of them are followed. */
static void walk_find_organization(struct dmarc_walk *walk)
{
	unsigned int fewest[AUTHRES_MAX_DMARC_WALK + 1], fewest_count = 1;
	unsigned int i, j, start = domain_label_count(walk->domain);

	/* step 4: no record at all, it is the starting name */
	fewest[0] = start;
	for (i = 0; i < walk->step_count; i++) {
		const struct dmarc_lookup *step = walk->steps[i];
		unsigned int labels = domain_label_count(step->domain);
		unsigned int below = i == 0 ? labels : labels + 1;

		if (step->status == DMARC_LOOKUP_TEMPORARY) {
			walk_add_possible(walk, labels);
			walk_add_possible(walk, below);
			fewest[fewest_count++] = labels;
		} else if (step->status == DMARC_LOOKUP_FOUND) {
			if (step->record.psd != DMARC_PSD_UNKNOWN) {
				/* steps 1 and 2; the walk ends here */
				walk_add_possible(walk, step->record.psd ==
					DMARC_PSD_NO ? labels : below);
				return;
			}
			/* step 3 */
			fewest[0] = labels;
			fewest_count = 1;
		}
	}
	for (j = 0; j < fewest_count; j++)
		walk_add_possible(walk, fewest[j]);
}

void dmarc_walk_init(struct dmarc_lookups *lookups, const char *domain,
		     struct dmarc_walk *walk_r)
{
	const char *names[AUTHRES_MAX_DMARC_WALK];
	const struct dmarc_lookup *step;
	unsigned int i, count;

	i_zero(walk_r);
	walk_r->domain = domain;
	count = dmarc_walk_names(domain, names);
	for (i = 0; i < count; i++) {
		step = dmarc_lookup(lookups, names[i]);
		walk_r->steps[walk_r->step_count++] = step;
		if (step->status == DMARC_LOOKUP_TEMPORARY &&
		    walk_r->temporary == NULL)
			walk_r->temporary = step;
		if (step->status == DMARC_LOOKUP_FOUND &&
		    step->record.psd != DMARC_PSD_UNKNOWN)
			break;
	}
	walk_find_organization(walk_r);
}

const char *
dmarc_walk_organizational_domain(const struct dmarc_walk *walk)
{
	if (walk->possible_count != 1)
		return NULL;
	return domain_last_labels(walk->domain, walk->possible_labels[0]);
}

bool dmarc_walk_may_share_organization(const struct dmarc_walk *walk,
				       const char *domain)
{
	unsigned int i;

	for (i = 0; i < walk->possible_count; i++) {
		if (domain_is_within(domain, domain_last_labels(walk->domain,
						walk->possible_labels[i])))
			return TRUE;
	}
	return FALSE;
}

int dmarc_walks_same_organization(const struct dmarc_walk *walk1,
				  const struct dmarc_walk *walk2)
{
	unsigned int i, j;

	for (i = 0; i < walk1->possible_count; i++) {
		for (j = 0; j < walk2->possible_count; j++) {
			unsigned int labels = walk1->possible_labels[i];

			if (labels != walk2->possible_labels[j] ||
			    strcmp(domain_last_labels(walk1->domain, labels),
				   domain_last_labels(walk2->domain,
						      labels)) != 0)
				continue;
			return walk1->possible_count == 1 &&
				walk2->possible_count == 1 ? 1 : -1;
		}
	}
	return 0;
}
