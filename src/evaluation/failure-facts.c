/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "message-date.h"
#include "mail-date.h"
#include "author-domain.h"
#include "dns-session.h"
#include "domain-name.h"
#include "failure-text.h"
#include "msg-parser.h"
#include "published-policy.h"
#include "received-time.h"
#include "tag-list.h"
#include "failure-facts.h"

#define WORD_CHARS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define HOST_CHARS WORD_CHARS "-._:[]"
#define TAG_CHARS WORD_CHARS "-._:/+="

struct failure_search {
	const struct verdict_outcomes *outcomes;
	const struct msg_header *header;
	const struct dmarc_outcome *dmarc;
	struct dns_session *dns;
	struct failure_results results;
	enum failure_cause cause;
	/* that does not pass: of the author's organization, or any */
	const struct dkim_signature_outcome *aligned, *failed;
	/* SPF that does not pass is of the author's organization */
	bool spf_of_author;
	string_t *text;
};

enum failure_cause
failure_cause_find(const char *fo, const struct failure_results *results)
{
	const char *const *options = t_strsplit(fo == NULL ? "" : fo, ":");
	bool any = str_array_find(options, "1") &&
		!str_array_find(options, "0");
	bool all = str_array_find(options, "0");
	bool dkim = str_array_find(options, "d");
	bool spf = str_array_find(options, "s");

	/* section 4.7: 0 is the default */
	if (!any && !dkim && !spf)
		all = TRUE;
	if ((any && (!results->dkim_aligned || !results->spf_aligned)) ||
	    (all && !results->dkim_aligned && !results->spf_aligned))
		return FAILURE_CAUSE_DMARC;
	if (dkim && results->dkim_failed)
		return FAILURE_CAUSE_DKIM;
	if (spf && results->spf_failed)
		return FAILURE_CAUSE_SPF;
	return FAILURE_CAUSE_NONE;
}

static bool is_of_author(const struct failure_search *search,
			 const char *domain)
{
	return domain != NULL && domain_is_within(domain,
				search->dmarc->organizational_domain);
}

/* Returns FALSE if one has a temporary error: then nothing is sure. */
static bool find_dkim(struct failure_search *search)
{
	const struct dkim_signature_outcome *signature;

	array_foreach(&search->outcomes->dkim, signature) {
		switch (signature->result) {
		case CHECK_RESULT_TEMPERROR:
			return FALSE;
		case CHECK_RESULT_FAIL:
		case CHECK_RESULT_NEUTRAL:
		case CHECK_RESULT_PERMERROR:
			break;
		default:
			continue;
		}
		if (search->failed == NULL)
			search->failed = signature;
		if (search->aligned == NULL &&
		    is_of_author(search, signature->sdid))
			search->aligned = signature;
	}
	search->results.dkim_failed = search->failed != NULL;
	return TRUE;
}

static bool find_spf(struct failure_search *search)
{
	const struct spf_outcome *spf = search->outcomes->mail_from_spf;

	search->results.spf_failed = spf->result == CHECK_RESULT_FAIL ||
		spf->result == CHECK_RESULT_SOFTFAIL ||
		spf->result == CHECK_RESULT_PERMERROR;
	search->spf_of_author = spf->result != CHECK_RESULT_PASS &&
		is_of_author(search, spf->domain);
	return spf->result != CHECK_RESULT_TEMPERROR;
}

/* A record of a public suffix, or one that stands above the organization, is
   nobody's own (RFC 9991 section 2). */
static bool find_policy(const struct failure_search *search,
			struct published_policy *policy,
			const struct verdict_history *history)
{
	const struct dmarc_outcome *dmarc = search->dmarc;

	return history->published != NULL &&
		published_policy_parse(pool_datastack_create(),
				       history->published, policy) == 0 &&
		policy->ruf != NULL && policy->psd != 'y' &&
		dmarc->author_domain != NULL && dmarc->policy_domain != NULL &&
		dmarc->organizational_domain != NULL &&
		domain_is_within(dmarc->policy_domain,
				 dmarc->organizational_domain);
}

static bool failure_is_wanted(struct failure_search *search,
			      const struct verdict_history *history)
{
	const struct verdict_outcomes *outcomes = search->outcomes;
	struct published_policy policy;

	if (history->automatic || search->header == NULL ||
	    !outcomes->dmarc_evaluated || !outcomes->dkim_evaluated ||
	    outcomes->mail_from_spf == NULL || !outcomes->author->single ||
	    array_count(&outcomes->dmarc) != 1 ||
	    outcomes->identity->client_ip.family == 0)
		return FALSE;
	search->dmarc = array_front(&outcomes->dmarc);
	if ((search->dmarc->result != CHECK_RESULT_PASS &&
	     search->dmarc->result != CHECK_RESULT_FAIL) ||
	    !find_policy(search, &policy, history) ||
	    !find_dkim(search) || !find_spf(search))
		return FALSE;
	search->results.dkim_aligned = history->dkim_aligned;
	search->results.spf_aligned = history->spf_aligned;
	search->cause = failure_cause_find(policy.fo, &search->results);
	return search->cause != FAILURE_CAUSE_NONE;
}

/* "local@domain", the local part marked; NULL if it is no address. */
static const char *t_marked_address(const char *address)
{
	const char *at, *domain, *error;
	string_t *value = t_str_new(64);

	if (address == NULL || (at = strrchr(address, '@')) == NULL ||
	    domain_to_ascii(at + 1, &domain, &error) < 0)
		return NULL;
	if (at != address)
		failure_value_add_local_part(value,
					     t_strdup_until(address, at));
	str_printfa(value, "@%s", domain);
	return str_c(value);
}

static void add(struct failure_search *search, const char *name,
		const char *value)
{
	if (value != NULL)
		(void)failure_text_add(search->text, name, value);
}

static const char *
dkim_failure_type(const struct dkim_signature_outcome *signature)
{
	if (signature->body_hash_only_failed)
		return "bodyhash";
	/* its name stands before that */
	if (signature->reason != NULL &&
	    strstr(signature->reason, ": key is revoked") != NULL)
		return "revoked";
	return "signature";
}

/* RFC 6591 section 3.1: of one method. */
static void add_cause(struct failure_search *search)
{
	const struct spf_outcome *spf = search->outcomes->mail_from_spf;
	const struct dkim_signature_outcome *failed = search->failed;
	string_t *value = t_str_new(128);
	const char *type = NULL;

	switch (search->cause) {
	case FAILURE_CAUSE_NONE:
		i_unreached();
	case FAILURE_CAUSE_DMARC:
		type = "dmarc";
		str_printfa(value, "dmarc=%s header.from=%s",
			    check_result_word_name(search->dmarc->result),
			    search->dmarc->author_domain);
		break;
	case FAILURE_CAUSE_DKIM:
		type = dkim_failure_type(failed);
		str_printfa(value, "dkim=%s",
			    check_result_word_name(failed->result));
		if (failed->sdid != NULL)
			str_printfa(value, " header.d=%s", failed->sdid);
		break;
	case FAILURE_CAUSE_SPF:
		type = "spf";
		str_printfa(value, "spf=%s",
			    check_result_word_name(spf->result));
		if (spf->domain != NULL) {
			str_printfa(value, " smtp.%s=%s", spf->helo_identity ?
				    "helo" : "mailfrom", spf->domain);
		}
		break;
	}
	add(search, "Auth-Failure", type);
	add(search, "Authentication-Results", str_c(value));
}

/* RFC 9991 section 4: what did not give an aligned identifier. */
static void add_alignment(struct failure_search *search)
{
	const struct failure_results *results = &search->results;

	add(search, "Identity-Alignment",
	    results->dkim_aligned && results->spf_aligned ? "none" :
	    results->dkim_aligned ? "spf" :
	    results->spf_aligned ? "dkim" : "dkim, spf");
}

static void add_signature(struct failure_search *search)
{
	const struct dkim_signature_outcome *signature =
		search->cause == FAILURE_CAUSE_DKIM ? search->failed :
		search->aligned;

	if (signature == NULL)
		return;
	add(search, "DKIM-Domain", signature->sdid);
	add(search, "DKIM-Identity", t_marked_address(signature->auid));
	add(search, "DKIM-Selector", signature->selector);
}

/* The record is its owner's own text, and stands in quotes. */
static void add_spf_record(struct failure_search *search)
{
	const struct spf_outcome *spf = search->outcomes->mail_from_spf;
	const struct dns_answer *answer;
	const struct dns_record *record;
	const char *text;

	/* a filter in front of us asked for what we do not know */
	if (spf->domain == NULL || search->outcomes->check_spf == NULL ||
	    (search->cause != FAILURE_CAUSE_SPF && !search->spf_of_author))
		return;
	answer = dns_session_lookup(search->dns, spf->domain, DNS_TYPE_TXT);
	if (answer->status != DNS_STATUS_ANSWER)
		return;
	array_foreach(&answer->records, record) {
		text = (const char *)record->text;
		if (strncasecmp(text, "v=spf1", 6) == 0 &&
		    strlen(text) == record->text_size &&
		    strpbrk(text, "\"\\`") == NULL) {
			add(search, "SPF-DNS", t_strdup_printf(
				"txt : %s : \"%s\"", spf->domain, text));
		}
	}
}

/* Skip what stands in a comment or in quotes; returns where it ends. */
static const char *skip_text(const char *p)
{
	unsigned int level = 0;
	bool quoted = FALSE;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"' && level == 0)
			quoted = !quoted;
		else if (*p == '(' && !quoted)
			level++;
		else if (*p == ')' && level > 0)
			level--;
		if (!quoted && level == 0)
			return p + 1;
	}
	return p;
}

/* Hosts and the protocol, in the order of the field. */
static void
add_received_words(const char *p, string_t *value)
{
	static const char *const wanted[] = { "from", "by", "with", NULL };
	const char *word, *keyword = NULL;
	size_t size;

	while (*p != '\0' && *p != ';') {
		if (*p == '(' || *p == '"') {
			p = skip_text(p);
			continue;
		}
		size = strcspn(p, " \t\r\n(\";");
		if (size == 0) {
			p++;
			continue;
		}
		word = t_strndup(p, size);
		p += size;
		if (keyword != NULL &&
		    size <= AUTHRES_MAX_DOMAIN_BYTES + 2 &&
		    strspn(word, HOST_CHARS) == size) {
			str_printfa(value, "%s%s %s", str_len(value) == 0 ? "" :
				    " ", keyword, word);
			keyword = NULL;
		} else {
			keyword = str_array_icase_find(wanted, word) ?
				t_str_lcase(word) : NULL;
		}
	}
}

static void add_received(struct failure_search *search)
{
	const struct msg_field *field;
	string_t *value = t_str_new(128);
	time_t time;

	for (unsigned int i = 0; (field = msg_header_find(search->header,
				"Received", i)) != NULL &&
	     i < AUTHRES_MAX_RECEIVED; i++) {
		str_truncate(value, 0);
		add_received_words(t_msg_field_value(field), value);
		if (str_len(value) == 0)
			continue;
		if (received_time(field, &time))
			str_printfa(value, "; %s",
				    t_mail_date(time));
		add(search, "Received", str_c(value));
	}
}

/* All tags that have a meaning, in a fixed order; what is long comes last. */
static const char *t_signature_value(const ARRAY_TYPE(tag) *tags)
{
	static const char *const names[] = {
		"v", "a", "c", "d", "s", "i", "q", "t", "x", "l", "bh", "b", "h"
	};
	string_t *value = t_str_new(512);
	const char *tag;

	for (unsigned int i = 0; i < N_ELEMENTS(names); i++) {
		tag = t_tag_list_compact(tags, names[i]);
		if (tag != NULL && strcmp(names[i], "i") == 0)
			tag = t_marked_address(tag);
		else if (tag != NULL && strspn(tag, TAG_CHARS) != strlen(tag))
			tag = NULL;
		if (tag == NULL || str_len(value) + strlen(tag) + 6 >
		    AUTHRES_MAX_FAILURE_FIELD_BYTES - 32)
			continue;
		str_printfa(value, "%s%s=%s", str_len(value) == 0 ? "" : "; ",
			    names[i], tag);
	}
	return str_c(value);
}

static void add_signature_fields(struct failure_search *search)
{
	const struct msg_field *field;
	ARRAY_TYPE(tag) tags;
	const char *error;

	for (unsigned int i = 0; (field = msg_header_find(search->header,
				"DKIM-Signature", i)) != NULL &&
	     i < AUTHRES_MAX_DKIM_SIGNATURES; i++) {
		if (tag_list_parse(pool_datastack_create(),
				   field->data + field->value_offset,
				   field->size - field->value_offset,
				   &tags, &error) == 0)
			add(search, "DKIM-Signature",
			    t_signature_value(&tags));
	}
}

static void add_header(struct failure_search *search)
{
	const struct msg_field *field;
	const char *value;
	time_t time;
	int timezone;

	add_received(search);
	add_signature_fields(search);
	add(search, "From",
	    t_marked_address(search->outcomes->author->address));
	field = msg_header_find(search->header, "Date", 0);
	value = field == NULL ? "" : t_msg_field_value(field);
	if (message_date_parse((const unsigned char *)value, strlen(value),
			       &time, &timezone))
		add(search, "Date", t_mail_date(time));
	if (search->outcomes->list_id != NULL)
		add(search, "List-Id", t_strdup_printf(
			"<%s>", search->outcomes->list_id));
}

const char *failure_facts_find(pool_t pool,
			       const struct verdict_outcomes *outcomes,
			       const struct msg_header *header,
			       const struct verdict_history *history,
			       struct dns_session *dns)
{
	struct failure_search search;
	const char *text = NULL;

	i_zero(&search);
	search.outcomes = outcomes;
	search.header = header;
	search.dns = dns;
	T_BEGIN {
		if (failure_is_wanted(&search, history)) {
			search.text = t_str_new(1024);
			add_cause(&search);
			add_alignment(&search);
			add(&search, "Original-Mail-From", t_marked_address(
				outcomes->identity->mail_from));
			add_signature(&search);
			add_spf_record(&search);
			add_header(&search);
			text = p_strdup(pool, str_c(search.text));
		}
	} T_END;
	return text;
}
