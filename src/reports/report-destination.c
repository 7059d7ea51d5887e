/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "dmarc-policy.h"
#include "published-policy.h"
#include "report-destination.h"

struct destination_search {
	pool_t pool;
	const struct dmarc_settings *set;
	enum report_kind kind;
	const char *policy_domain;
	struct dns_session *dns;
	struct dmarc_lookups *lookups;
	struct dmarc_author author;
	ARRAY_TYPE(report_destination) *destinations;
};

static void
add(struct destination_search *search, const struct report_uri *published,
    enum report_permission permission, const struct report_uri *uri,
    const char *reason)
{
	struct report_destination *destination =
		array_append_space(search->destinations);

	destination->published = published;
	destination->permission = permission;
	destination->uri = permission == REPORT_PERMISSION_GIVEN ? uri : NULL;
	destination->reason = p_strdup(search->pool, reason);
}

/* Does anything take mail at this host (RFC 5321 section 5.1, RFC 7505)?
   What is not known is left to the MTA. */
static bool
host_takes_mail(struct dns_session *dns, const char *host)
{
	const struct dns_answer *mx, *a, *aaaa;
	const struct dns_record *record;

	mx = dns_session_lookup(dns, host, DNS_TYPE_MX);
	if (mx->status == DNS_STATUS_TEMPORARY)
		return TRUE;
	if (mx->status == DNS_STATUS_ANSWER) {
		array_foreach(&mx->records, record) {
			if (*record->name != '\0')
				return TRUE;
		}
		return array_count(&mx->records) == 0;
	}
	a = dns_session_lookup(dns, host, DNS_TYPE_A);
	aaaa = dns_session_lookup(dns, host, DNS_TYPE_AAAA);
	return a->status == DNS_STATUS_ANSWER ||
		a->status == DNS_STATUS_TEMPORARY ||
		aaaa->status == DNS_STATUS_ANSWER ||
		aaaa->status == DNS_STATUS_TEMPORARY;
}

static void
add_given(struct destination_search *search,
	  const struct report_uri *published, const struct report_uri *uri,
	  const char *reason)
{
	if (host_takes_mail(search->dns, uri->domain))
		add(search, published, REPORT_PERMISSION_GIVEN, uri, reason);
	else {
		add(search, published, REPORT_PERMISSION_REFUSED, NULL,
		    t_strdup_printf("%s takes no mail", uri->domain));
	}
}

const char *report_kind_tag(enum report_kind kind)
{
	return kind == REPORT_KIND_FAILURE ? "ruf" : "rua";
}

/* The value of rua= or ruf= in a record, NULL = none. */
static const char *
t_record_uris(const struct dns_record *record, enum report_kind kind)
{
	const char *const *tags =
		t_strsplit((const char *)record->text, ";");
	const char *value;

	for (; *tags != NULL; tags++) {
		value = strchr(*tags, '=');
		if (value != NULL && strcasecmp(
			t_str_trim(t_strdup_until(*tags, value), " \t"),
			report_kind_tag(kind)) == 0)
			return t_published_uris(value + 1);
	}
	return NULL;
}

/* The host says where else its reports go (section 4). Returns FALSE if
   nothing it says can be used: then it is as if it had said nothing. */
static bool
add_replaced(struct destination_search *search,
	     const struct report_uri *published, const char *value)
{
	ARRAY_TYPE(report_uri) uris;
	ARRAY_TYPE(const_string) ignored;
	const struct report_uri *uri;

	p_array_init(&uris, search->pool, 2);
	p_array_init(&ignored, search->pool, 2);
	report_uris_parse(search->pool, value, &uris, &ignored);
	array_foreach(&uris, uri) {
		if (strcmp(uri->domain, published->domain) == 0)
			continue;
		add(search, published, REPORT_PERMISSION_REFUSED, NULL,
		    t_strdup_printf("%s wants them at another host, %s",
				    published->domain, uri->domain));
		return TRUE;
	}
	array_foreach(&uris, uri) {
		add_given(search, published, uri, t_strdup_printf(
			"%s takes reports about %s there", published->domain,
			search->policy_domain));
	}
	return array_count(&uris) > 0;
}

static void
add_external_records(struct destination_search *search,
		     const struct report_uri *published, const char *name,
		     const struct dns_answer *answer)
{
	const struct dns_record *record;
	struct dmarc_record parsed;
	const char *uris = NULL;
	bool found = FALSE;

	array_foreach(&answer->records, record) {
		if (!dmarc_record_parse(search->set->mode, record->text,
					record->text_size, &parsed))
			continue;
		found = TRUE;
		if (uris == NULL)
			uris = t_record_uris(record, search->kind);
	}
	if (!found) {
		add(search, published, REPORT_PERMISSION_REFUSED, NULL,
		    t_strdup_printf("%s has no TXT record with v=DMARC1",
				    name));
	} else if (uris == NULL ||
		   !add_replaced(search, published, uris)) {
		add_given(search, published, published, t_strdup_printf(
			"%s takes reports about %s", published->domain,
			search->policy_domain));
	}
}

static void
add_external(struct destination_search *search,
	     const struct report_uri *published)
{
	const char *name = t_strconcat(search->policy_domain,
				       "._report._dmarc.", published->domain,
				       NULL);
	const struct dns_answer *answer;

	if (strlen(name) > AUTHRES_MAX_DOMAIN_BYTES) {
		add(search, published, REPORT_PERMISSION_REFUSED, NULL,
		    "both names are too long to be asked for");
		return;
	}
	answer = dns_session_lookup(search->dns, name, DNS_TYPE_TXT);
	switch (answer->status) {
	case DNS_STATUS_TEMPORARY:
		add(search, published, REPORT_PERMISSION_UNKNOWN, NULL,
		    t_strdup_printf("%s: %s", name, answer->reason));
		break;
	case DNS_STATUS_NODATA:
	case DNS_STATUS_NXDOMAIN:
		add(search, published, REPORT_PERMISSION_REFUSED, NULL,
		    t_strdup_printf("%s has no TXT record", name));
		break;
	case DNS_STATUS_ANSWER:
		add_external_records(search, published, name, answer);
		break;
	}
}

static void
add_uri(struct destination_search *search, const struct report_uri *uri)
{
	switch (dmarc_author_aligned(search->lookups, &search->author,
				     uri->domain, FALSE)) {
	case 1:
		add_given(search, uri, uri, t_strdup_printf(
			"%s is of the same organization", uri->domain));
		break;
	case 0:
		add_external(search, uri);
		break;
	default:
		add(search, uri, REPORT_PERMISSION_UNKNOWN, NULL,
		    t_strdup_printf("whose organization %s is of is not known "
				    "now", uri->domain));
		break;
	}
}

void report_destinations_find(pool_t pool, const struct dmarc_settings *set,
			      enum report_kind kind, const char *policy_domain,
			      const ARRAY_TYPE(report_uri) *uris,
			      struct dns_session *dns,
			      ARRAY_TYPE(report_destination) *destinations_r)
{
	struct destination_search search;
	const struct report_uri *uri;

	i_zero(&search);
	search.pool = pool;
	search.set = set;
	search.kind = kind;
	search.policy_domain = policy_domain;
	search.dns = dns;
	search.destinations = destinations_r;
	search.lookups = dmarc_lookups_init(pool, set, dns);
	p_array_init(destinations_r, pool, array_count(uris) + 1);
	dmarc_author_init(search.lookups, policy_domain, &search.author);
	array_foreach(uris, uri) T_BEGIN {
		add_uri(&search, uri);
	} T_END;
	dmarc_lookups_deinit(&search.lookups);
}
