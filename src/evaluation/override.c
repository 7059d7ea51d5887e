/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "author-domain.h"
#include "dns-session.h"
#include "dmarc-walk.h"
#include "known-reasons.h"
#include "domain-name.h"
#include "srs-address.h"
#include "override.h"

struct override {
	const struct override_settings *set;
	const struct verdict_outcomes *outcomes;
	struct dmarc_lookups *lookups;
	struct dns_session *dns;
	/* the one that fails */
	const struct dmarc_outcome *dmarc;
};

/* For names that cannot prove the author. */
static bool
is_aligned(struct dmarc_lookups *lookups, const char *domain1,
	   const char *domain2)
{
	enum dns_purpose purpose;
	bool aligned;

	purpose = dmarc_lookups_set_purpose(lookups, DNS_PURPOSE_MINOR);
	aligned = check_dmarc_relaxed_aligned(lookups, domain1, domain2);
	(void)dmarc_lookups_set_purpose(lookups, purpose);
	return aligned;
}

static bool
organization_is_published(struct dmarc_lookups *lookups, const char *domain)
{
	enum dns_purpose purpose;
	struct dmarc_walk walk;
	bool published = FALSE;

	/* with the Public Suffix List all organizations are known */
	if (dmarc_lookups_settings(lookups)->mode == DMARC_MODE_RFC7489)
		return TRUE;
	purpose = dmarc_lookups_set_purpose(lookups, DNS_PURPOSE_MINOR);
	dmarc_walk_init(lookups, domain, &walk);
	(void)dmarc_lookups_set_purpose(lookups, purpose);
	for (unsigned int i = 0; i < walk.step_count; i++) {
		if (walk.steps[i]->status == DMARC_LOOKUP_FOUND ||
		    walk.steps[i]->status == DMARC_LOOKUP_TEMPORARY)
			published = TRUE;
	}
	return published;
}

static bool
list_is_sent_by(const struct verdict_outcomes *outcomes,
		struct dmarc_lookups *lookups, const char *domain)
{
	const char *list_id = outcomes->list_id;
	unsigned int labels;

	if (domain == NULL || !domain_is_within(list_id, domain))
		return FALSE;
	if (is_aligned(lookups, list_id, domain))
		return TRUE;
	labels = domain_label_count(domain);
	return labels > 1 && domain_label_count(list_id) == labels + 1 &&
		!organization_is_published(lookups, list_id);
}

static bool signs_list_id(const struct dkim_signature_outcome *signature)
{
	/* else it may be another list's */
	return signature->result == CHECK_RESULT_PASS &&
		signature->signed_names != NULL &&
		str_array_icase_find(signature->signed_names, "List-Id");
}

const char *
verdict_list_domain(const struct verdict_outcomes *outcomes,
		    struct dmarc_lookups *lookups)
{
	const struct spf_outcome *spf = outcomes->mail_from_spf;
	const struct dkim_signature_outcome *signature;

	if (outcomes->list_id == NULL)
		return NULL;
	if (spf != NULL && spf->result == CHECK_RESULT_PASS &&
	    !spf->helo_identity &&
	    list_is_sent_by(outcomes, lookups, spf->domain))
		return outcomes->list_id;
	if (!outcomes->dkim_evaluated)
		return NULL;
	array_foreach(&outcomes->dkim, signature) {
		if (signs_list_id(signature) &&
		    list_is_sent_by(outcomes, lookups, signature->sdid))
			return outcomes->list_id;
	}
	return NULL;
}

/* From the newest set downwards the sets of trusted sealers: the lowest of
   them is the first of those we believe to have seen the message. Returns its
   instance, 0 = the newest is not of a trusted sealer. */
static unsigned int
arc_first_trusted(const struct override *override)
{
	const struct arc_outcome *arc = override->outcomes->arc;
	const struct arc_set_outcome *sets;
	unsigned int i, count;

	if (arc == NULL || arc->result != CHECK_RESULT_PASS)
		return 0;
	sets = array_get(&arc->sets, &count);
	for (i = count; i > 0; i--) {
		if (sets[i - 1].sealer == NULL ||
		    !str_array_find(override->set->arc_trusted_sealers,
				    sets[i - 1].sealer))
			break;
	}
	return i == count ? 0 : i + 1;
}

/* The results are the sealer's own, not those of somebody before him. */
static bool
arc_set_is_own(const struct override *override,
	       const struct arc_set_outcome *set)
{
	const char *authserv_id, *error;

	if (set->authserv_id == NULL ||
	    domain_to_ascii(set->authserv_id, &authserv_id, &error) < 0)
		return FALSE;
	return domain_is_within(authserv_id, set->sealer) ||
		is_aligned(override->lookups, set->sealer, authserv_id);
}

/* "dmarc=pass header.from=author" and nothing else about DMARC. */
static bool
arc_set_has_pass(const struct override *override,
		 const struct arc_set_outcome *set)
{
	const struct check_result *result, *dmarc = NULL;
	const struct check_property *property;
	const char *domain, *error, *from = NULL;

	array_foreach(&set->results, result) {
		if (result->method != CHECK_METHOD_DMARC)
			continue;
		if (dmarc != NULL)
			return FALSE;
		dmarc = result;
	}
	if (dmarc == NULL || dmarc->result != CHECK_RESULT_PASS ||
	    !array_is_created(&dmarc->properties))
		return FALSE;
	array_foreach(&dmarc->properties, property) {
		if (strcasecmp(property->ptype, "header") != 0 ||
		    strcasecmp(property->name, "from") != 0)
			continue;
		if (from != NULL)
			return FALSE;
		from = property->value;
	}
	return from != NULL && domain_to_ascii(from, &domain, &error) == 0 &&
		strcmp(domain, override->dmarc->author_domain) == 0;
}

static bool
find_sealer(pool_t pool, const struct override *override,
	    struct verdict *verdict)
{
	const struct arc_set_outcome *set;
	unsigned int instance = arc_first_trusted(override);

	if (instance == 0)
		return FALSE;
	set = array_idx(&override->outcomes->arc->sets, instance - 1);
	if (!arc_set_has_pass(override, set) ||
	    !arc_set_is_own(override, set))
		return FALSE;
	verdict->override_reason = OVERRIDE_REASON_LOCAL_POLICY;
	/* RFC 8617 section 7.2.2 */
	verdict->override_comment = p_strdup(pool,
		t_known_seal(instance, set->sealer));
	return TRUE;
}

/* The header is the author's, however the body was changed on the way. */
static bool author_signed_header(const struct override *override)
{
	const struct verdict_outcomes *outcomes = override->outcomes;
	const struct dkim_signature_outcome *signature;

	if (!outcomes->dkim_evaluated)
		return FALSE;
	array_foreach(&outcomes->dkim, signature) {
		if (signature->body_hash_only_failed &&
		    check_dmarc_relaxed_aligned(override->lookups,
						override->dmarc->author_domain,
						signature->sdid))
			return TRUE;
	}
	return FALSE;
}

static bool
spf_passes(pool_t pool, const struct override *override,
	   const struct ip_addr *client_ip, const char *helo,
	   const char *mail_from)
{
	const struct verdict_outcomes *outcomes = override->outcomes;
	struct spf_query query = *outcomes->spf_query;
	struct spf_outcome outcome;

	query.client_ip = *client_ip;
	query.helo = helo;
	query.mail_from = mail_from;
	outcomes->check_spf(pool, &query, override->dns, &outcome);
	return outcome.result == CHECK_RESULT_PASS && !outcome.helo_identity;
}

/* The forwarder put itself in the author's place: its name, or a domain that
   lets it send. */
static bool
forwarder_rewrote_mail_from(pool_t pool, const struct override *override)
{
	const struct identity *identity = override->outcomes->identity;
	const char *at, *domain, *error;

	at = identity->mail_from == NULL ? NULL :
		strrchr(identity->mail_from, '@');
	if (at == NULL || domain_to_ascii(at + 1, &domain, &error) < 0 ||
	    is_aligned(override->lookups, override->dmarc->author_domain,
		       domain))
		return FALSE;
	if (domain_label_count(domain) > 1 && identity->forwarder != NULL &&
	    domain_is_within(identity->forwarder, domain))
		return TRUE;
	return spf_passes(pool, override, &identity->forwarder_ip, NULL,
			  identity->mail_from);
}

/* Anybody can send a header that the author signed, with a body of his own, to
   the forwarder. So the client the forwarder saw must be one the author lets
   send: then DMARC passed there. */
static bool
forwarder_had_pass(pool_t pool, const struct override *override)
{
	const struct identity *identity = override->outcomes->identity;
	const char *author_domain = override->dmarc->author_domain;
	const char *domain;

	if (identity->forwarder_ip.family == 0 ||
	    identity->client_ip.family == 0 ||
	    override->outcomes->spf_query == NULL ||
	    override->outcomes->check_spf == NULL)
		return FALSE;
	domain = identity->mail_from == NULL ? NULL :
		t_srs_sender_domain(identity->mail_from);
	if (domain == NULL ||
	    !check_dmarc_relaxed_aligned(override->lookups, author_domain,
					 domain))
		domain = author_domain;
	return spf_passes(pool, override, &identity->client_ip, identity->helo,
			  t_strconcat("postmaster@", domain, NULL));
}

static bool
find_forwarder(pool_t pool, const struct override *override,
	       struct verdict *verdict)
{
	const struct identity *identity = override->outcomes->identity;

	if (verdict->forwarder == NULL || !author_signed_header(override) ||
	    !forwarder_rewrote_mail_from(pool, override))
		return FALSE;
	verdict->override_reason = OVERRIDE_REASON_TRUSTED_FORWARDER;
	verdict->override_comment = identity->forwarder;
	return TRUE;
}

static bool
find_list(const struct override *override, struct verdict *verdict)
{
	const char *const *listed = override->set->trusted_lists;

	if (verdict->list_domain == NULL)
		return FALSE;
	for (; *listed != NULL; listed++) {
		if (domain_is_within(verdict->list_domain, *listed))
			break;
	}
	if (*listed == NULL)
		return FALSE;
	verdict->override_reason = OVERRIDE_REASON_MAILING_LIST;
	verdict->override_comment = verdict->list_domain;
	return TRUE;
}

void verdict_override_find(pool_t pool, const struct override_settings *set,
			   const struct verdict_outcomes *outcomes,
			   struct dmarc_lookups *lookups,
			   struct dns_session *dns, struct verdict *verdict)
{
	struct override override;

	if (!outcomes->dmarc_evaluated || !outcomes->author->single ||
	    array_count(&outcomes->dmarc) != 1)
		return;
	i_zero(&override);
	override.set = set;
	override.outcomes = outcomes;
	override.lookups = lookups;
	override.dns = dns;
	override.dmarc = array_front(&outcomes->dmarc);
	if (!override.dmarc->may_fail &&
	    (override.dmarc->result != CHECK_RESULT_FAIL ||
	     override.dmarc->policy == DMARC_POLICY_NONE))
		return;
	T_BEGIN {
		if (verdict->forwarder != NULL &&
		    !forwarder_had_pass(pool, &override))
			verdict->forwarder = NULL;
		if (!find_sealer(pool, &override, verdict) &&
		    !find_forwarder(pool, &override, verdict))
			(void)find_list(&override, verdict);
	} T_END;
}
