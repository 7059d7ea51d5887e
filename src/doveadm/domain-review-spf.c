/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "check-spf.h"
#include "dns-session.h"
#include "domain-name.h"
#include "spf-record.h"
#include "domain-review-private.h"

#include <ctype.h>

#define TOPIC "spf"
/* A larger network has strangers in it. */
#define WIDE_IP4_BITS 16
#define WIDE_IP6_BITS 32
#define MAX_SHOWN_NAMES 5
#define MAX_ROWS 1000

/* The tree below one domain, as far as the limits of RFC 7208 section 4.6.4
   let a receiver go. */
struct spf_tree {
	struct domain_review *review;
	pool_t pool;
	ARRAY_TYPE(config_row) *rows;
	unsigned int depth, terms, voids;
	/* no receiver goes on from here */
	bool ended;
	/* what is above says pass */
	bool passes;
};

static void spf_tree_domain(struct spf_tree *tree, const char *domain);

/* What is shown of a term: as deep as it is in the tree. Data stack. */
static const char *t_place(const struct spf_tree *tree, const char *text)
{
	string_t *str = t_str_new(64);

	for (unsigned int i = 0; i < tree->depth; i++)
		str_append(str, "  ");
	str_append(str, text);
	return str_c(str);
}

static const char *qualifier_meaning(enum check_result_word result)
{
	switch (result) {
	case CHECK_RESULT_PASS:
		return "may send";
	case CHECK_RESULT_FAIL:
		return "may not send";
	case CHECK_RESULT_SOFTFAIL:
		return "probably may not send";
	default:
		return "nothing is said";
	}
}

static const char *qualifier_sign(enum check_result_word result)
{
	return result == CHECK_RESULT_PASS ? "" :
		result == CHECK_RESULT_FAIL ? "-" :
		result == CHECK_RESULT_SOFTFAIL ? "~" : "?";
}

static const char *
t_directive_place(const struct spf_tree *tree,
		  const struct spf_directive *directive)
{
	return t_place(tree, t_strconcat(qualifier_sign(directive->result),
					 directive->text, NULL));
}

/* Returns FALSE if the answer is none. */
static bool
spf_tree_lookup(struct spf_tree *tree, const char *place, const char *name,
		enum dns_type type, const struct dns_answer **answer_r)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;

	*answer_r = dns_session_lookup(tree->review->dns, name, type);
	if ((*answer_r)->status != DNS_STATUS_TEMPORARY)
		return TRUE;
	tree->review->temporary = TRUE;
	ADD(ERROR, TOPIC, place, "DNS gives no answer for %s: %s", name,
	    (*answer_r)->reason);
	return FALSE;
}

static bool spf_tree_count_term(struct spf_tree *tree, const char *place)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;

	if (++tree->terms <= AUTHRES_MAX_SPF_TERMS)
		return TRUE;
	tree->ended = TRUE;
	ADD(ERROR, TOPIC, place, "this is question %u, and a receiver asks at "
	    "most %u: whoever gets so far ends with permerror, and SPF is "
	    "worth nothing", tree->terms, AUTHRES_MAX_SPF_TERMS);
	return FALSE;
}

static void
spf_tree_count_void(struct spf_tree *tree, const char *place,
		    const char *what)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;

	tree->voids++;
	if (tree->voids > AUTHRES_MAX_SPF_VOID_LOOKUPS) {
		tree->ended = TRUE;
		ADD(ERROR, TOPIC, place, "%s, and that is void lookup %u: a "
		    "receiver ends with permerror after %u", what,
		    tree->voids, AUTHRES_MAX_SPF_VOID_LOOKUPS);
	} else {
		ADD(WARNING, TOPIC, place, "%s (void lookup %u of %u)", what,
		    tree->voids, AUTHRES_MAX_SPF_VOID_LOOKUPS);
	}
}

/* Returns NULL if it depends on the message. */
static const char *
t_target(const char *domain, const struct spf_macro *target)
{
	struct spf_macro_values values;
	const char *name;

	if (target->part_count == 0)
		return domain;
	for (unsigned int i = 0; i < target->part_count; i++) {
		if (target->parts[i].letter != 0 &&
		    target->parts[i].letter != 'd')
			return NULL;
	}
	i_zero(&values);
	values.domain = domain;
	return spf_macro_expand_name(target, &values, &name) < 0 ? NULL : name;
}

static void
spf_tree_network(struct spf_tree *tree, const struct spf_directive *directive)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	bool ip4 = directive->mechanism == SPF_MECHANISM_IP4;
	unsigned int bits = ip4 ? directive->ip4_bits : directive->ip6_bits;
	bool passes = tree->passes && directive->result == CHECK_RESULT_PASS;
	const char *place = t_directive_place(tree, directive);

	if (passes && bits == 0) {
		tree->review->anybody_passes = TRUE;
		ADD(ERROR, TOPIC, place, "every host there is may send");
	} else if (passes && bits < (ip4 ? WIDE_IP4_BITS : WIDE_IP6_BITS))
		ADD(WARNING, TOPIC, place, "%s/%u may send: a network this "
		    "large has strangers in it", net_ip2addr(&directive->ip),
		    bits);
	else
		ADD(OK, TOPIC, place, "%s/%u %s", net_ip2addr(&directive->ip),
		    bits, qualifier_meaning(directive->result));
}

static void spf_tree_all(struct spf_tree *tree,
			 const struct spf_directive *directive)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	const char *place = t_directive_place(tree, directive);

	if (directive->result == CHECK_RESULT_PASS && tree->passes) {
		tree->review->anybody_passes = TRUE;
		ADD(ERROR, TOPIC, place, "every host there is may send");
	} else if (tree->depth > 0)
		ADD(INFO, TOPIC, place, "ends the included record; it decides "
		    "nothing above");
	else if (directive->result == CHECK_RESULT_NEUTRAL)
		ADD(WARNING, TOPIC, place, "of all other hosts nothing is "
		    "said: for SPF alone they are as good as any");
	else
		ADD(OK, TOPIC, place, "all other hosts %s",
		    qualifier_meaning(directive->result));
}

static void append_addresses(string_t *str, const struct dns_answer *answer,
			     unsigned int *count)
{
	const struct dns_record *record;

	if (answer->status != DNS_STATUS_ANSWER)
		return;
	array_foreach(&answer->records, record) {
		if ((*count)++ >= MAX_SHOWN_NAMES)
			continue;
		str_printfa(str, "%s%s", str_len(str) == 0 ? "" : " ",
			    record->name != NULL ? record->name :
			    net_ip2addr(&record->ip));
	}
}

static bool
lets_everybody_send(const struct spf_tree *tree,
		    const struct spf_directive *directive)
{
	return tree->passes && directive->result == CHECK_RESULT_PASS &&
		(directive->ip4_bits == 0 || directive->ip6_bits == 0);
}

/* The same name for every client. */
static void
spf_tree_exists(struct spf_tree *tree, const struct spf_directive *directive,
		const char *place, const char *target)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	const struct dns_answer *answer;

	if (!spf_tree_lookup(tree, place, target, DNS_TYPE_A, &answer))
		return;
	if (answer->status != DNS_STATUS_ANSWER) {
		spf_tree_count_void(tree, place, t_strdup_printf(
			"%s has no address", target));
	} else if (tree->passes && directive->result == CHECK_RESULT_PASS) {
		tree->review->anybody_passes = TRUE;
		ADD(ERROR, TOPIC, place, "%s exists, so every host there is "
		    "may send", target);
	} else {
		ADD(WARNING, TOPIC, place, "%s exists, so every host there is "
		    "%s", target, qualifier_meaning(directive->result));
	}
}

/* a, mx */
static void
spf_tree_hosts(struct spf_tree *tree, const struct spf_directive *directive,
	       const char *place, const char *target)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	bool mx = directive->mechanism == SPF_MECHANISM_MX;
	const struct dns_answer *answer, *answer6;
	string_t *found = t_str_new(128);
	unsigned int count = 0;

	if (!spf_tree_lookup(tree, place, target,
			     mx ? DNS_TYPE_MX : DNS_TYPE_A, &answer))
		return;
	append_addresses(found, answer, &count);
	if (!mx) {
		if (!spf_tree_lookup(tree, place, target, DNS_TYPE_AAAA,
				     &answer6))
			return;
		append_addresses(found, answer6, &count);
	}
	if (count == 0) {
		spf_tree_count_void(tree, place, t_strdup_printf(
			"%s has no %s", target, mx ? "MX" : "address"));
	} else if (mx && count > AUTHRES_MAX_SPF_MX_NAMES) {
		ADD(ERROR, TOPIC, place, "%s has %u mail servers, and a "
		    "receiver takes at most %u: permerror", target, count,
		    AUTHRES_MAX_SPF_MX_NAMES);
	} else if (lets_everybody_send(tree, directive)) {
		tree->review->anybody_passes = TRUE;
		ADD(ERROR, TOPIC, place, "every host there is may send");
	} else {
		ADD(OK, TOPIC, place, "%s%s of %s %s: %s%s",
		    mx ? "the mail servers" : "the addresses",
		    directive->ip4_bits < 32 || directive->ip6_bits < 128 ?
		    ", and hosts near them," : "", target,
		    qualifier_meaning(directive->result), str_c(found),
		    count > MAX_SHOWN_NAMES ? " ..." : "");
	}
}

static void
spf_tree_include(struct spf_tree *tree, const struct spf_directive *directive,
		 const char *place, const char *target)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	bool passes = tree->passes;

	ADD(OK, TOPIC, place, "whom %s lets send %s", target,
	    qualifier_meaning(directive->result));
	tree->passes = passes && directive->result == CHECK_RESULT_PASS;
	tree->depth++;
	spf_tree_domain(tree, target);
	tree->depth--;
	tree->passes = passes;
}

static void
spf_tree_question(struct spf_tree *tree, const char *domain,
		  const struct spf_directive *directive)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	const char *place = t_directive_place(tree, directive);
	const char *target;

	if (!spf_tree_count_term(tree, place))
		return;
	target = t_target(domain, &directive->target);
	if (directive->mechanism == SPF_MECHANISM_PTR)
		ADD(WARNING, TOPIC, place, "hosts whose reverse name is there "
		    "%s: slow, and not to be used any more (RFC 7208 5.5)",
		    qualifier_meaning(directive->result));
	else if (target == NULL)
		ADD(INFO, TOPIC, place, "DNS decides for each message; those "
		    "that match %s", qualifier_meaning(directive->result));
	else if (directive->mechanism == SPF_MECHANISM_EXISTS)
		spf_tree_exists(tree, directive, place, target);
	else if (directive->mechanism == SPF_MECHANISM_INCLUDE)
		spf_tree_include(tree, directive, place, target);
	else
		spf_tree_hosts(tree, directive, place, target);
}

static void
spf_tree_directive(struct spf_tree *tree, const char *domain,
		   const struct spf_directive *directive)
{
	switch (directive->mechanism) {
	case SPF_MECHANISM_ALL:
		spf_tree_all(tree, directive);
		break;
	case SPF_MECHANISM_IP4:
	case SPF_MECHANISM_IP6:
		spf_tree_network(tree, directive);
		break;
	default:
		spf_tree_question(tree, domain, directive);
		break;
	}
}

static void
spf_tree_record(struct spf_tree *tree, const char *domain,
		const struct spf_record *record)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	const struct spf_directive *directive;
	const char *place, *target;
	bool all = FALSE;

	array_foreach(&record->directives, directive) {
		if (tree->ended)
			return;
		if (array_count(rows) >= MAX_ROWS) {
			tree->ended = TRUE;
			ADD(ERROR, TOPIC, domain, "more terms than anybody can "
			    "read: the rest was not looked at");
			return;
		}
		if (all) {
			ADD(WARNING, TOPIC, t_directive_place(tree, directive),
			    "stands behind all: it is never reached");
			continue;
		}
		all = directive->mechanism == SPF_MECHANISM_ALL;
		T_BEGIN {
			spf_tree_directive(tree, domain, directive);
		} T_END;
	}
	if (tree->ended || all)
		return;
	if (record->redirect.part_count == 0) {
		if (tree->depth == 0)
			ADD(WARNING, TOPIC, domain, "the record ends without "
			    "all: of all other hosts nothing is said");
		return;
	}
	place = t_place(tree, record->redirect_text);
	target = t_target(domain, &record->redirect);
	if (!spf_tree_count_term(tree, place))
		return;
	if (target == NULL) {
		ADD(INFO, TOPIC, place, "DNS decides for each message");
		return;
	}
	ADD(OK, TOPIC, place, "%s decides about all other hosts", target);
	spf_tree_domain(tree, target);
}

/* Where it is broken: the first term that is wrong by itself. */
static void
spf_tree_bad_record(struct spf_tree *tree, const char *domain,
		    const struct dns_record *dns_record, const char *error)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	const unsigned char *text = dns_record->text;
	size_t size, start, end;
	struct spf_record record;
	const char *ignored;
	unsigned int number = 0;
	int ret = 0;

	/* the version was there */
	size = dns_record->text_size;
	for (start = strlen("v=spf1"); start < size && ret == 0; start = end) {
		while (start < size && text[start] == ' ')
			start++;
		for (end = start; end < size && text[end] != ' '; end++) ;
		if (end == start)
			break;
		number++;
		ret = spf_terms_parse(pool_datastack_create(), text + start,
				      end - start, &record, &ignored);
		if (ret < 0)
			ADD(ERROR, TOPIC, t_place(tree, domain), "the record "
			    "is broken in term %u, character %zu: %s. "
			    "Receivers take it for permerror, and SPF is worth "
			    "nothing", number, start + 1, error);
	}
	if (ret == 0)
		ADD(ERROR, TOPIC, t_place(tree, domain), "the record is "
		    "broken: %s. Receivers take it for permerror, and SPF is "
		    "worth nothing", error);
}

/* Returns the one record, or NULL after a row that says why there is none. */
static const struct dns_record *
spf_tree_find_record(struct spf_tree *tree, const char *domain,
		     const struct dns_answer *answer)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	const struct dns_record *record, *found = NULL;
	const char *place = t_place(tree, domain);
	unsigned int count = 0;

	if (answer->status == DNS_STATUS_ANSWER) {
		array_foreach(&answer->records, record) {
			if (!spf_record_has_version(record->text,
						    record->text_size))
				continue;
			found = record;
			count++;
		}
	} else if (tree->depth > 0) {
		spf_tree_count_void(tree, place, "it has no TXT record");
	}
	if (count == 1)
		return found;
	if (count > 1)
		ADD(ERROR, TOPIC, place, "%u SPF records: receivers take that "
		    "for permerror, and SPF is worth nothing", count);
	else if (tree->terms > 0)
		ADD(ERROR, TOPIC, place, "it has no SPF record: whoever "
		    "includes it ends with permerror");
	else
		ADD(WARNING, TOPIC, place, "no SPF record: nothing is said "
		    "about who may send");
	return NULL;
}

static void spf_tree_domain(struct spf_tree *tree, const char *domain)
{
	pool_t pool = tree->pool;
	ARRAY_TYPE(config_row) *rows = tree->rows;
	const struct dns_answer *answer;
	const struct dns_record *found;
	struct spf_record record;
	const char *error;

	if (!spf_tree_lookup(tree, t_place(tree, domain), domain, DNS_TYPE_TXT,
			     &answer))
		return;
	found = spf_tree_find_record(tree, domain, answer);
	if (found == NULL)
		return;
	if (spf_record_parse(tree->pool, found->text, found->text_size,
			     &record, &error) < 0) {
		spf_tree_bad_record(tree, domain, found, error);
		return;
	}
	ADD(INFO, TOPIC, t_place(tree, domain), "%s",
	    t_strndup(found->text, found->text_size));
	spf_tree_record(tree, domain, &record);
}

/* What it says about one client. */
static void spf_review_client(struct domain_review *review)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	struct spf_query query;
	struct spf_outcome outcome;

	i_zero(&query);
	query.client_ip = review->query->client_ip;
	query.mail_from = t_strconcat("postmaster@", review->query->domain,
				      NULL);
	query.helo = review->query->domain;
	query.now = review->query->now;
	check_spf(pool, &query, review->dns, &outcome);
	ADD(INFO, "spf client", net_ip2addr(&query.client_ip),
	    "%s%s%s%s%s%s%s; %u questions, %u void lookups",
	    check_result_word_name(outcome.result),
	    outcome.mechanism == NULL ? "" : " by ",
	    outcome.mechanism == NULL ? "" : outcome.mechanism,
	    outcome.mechanism == NULL ? "" : " in ",
	    outcome.mechanism == NULL ? "" : outcome.mechanism_domain,
	    outcome.reason == NULL ? "" : ": ",
	    outcome.reason == NULL ? "" : outcome.reason,
	    outcome.term_lookups, outcome.void_lookups);
}

void domain_review_spf(struct domain_review *review)
{
	pool_t pool = review->pool;
	ARRAY_TYPE(config_row) *rows = review->rows;
	struct spf_tree tree;

	i_zero(&tree);
	tree.review = review;
	tree.pool = review->pool;
	tree.rows = review->rows;
	tree.passes = TRUE;
	spf_tree_domain(&tree, review->query->domain);
	if (!tree.ended)
		ADD(OK, TOPIC, review->query->domain, "a receiver needs at "
		    "most %u of %u questions, with %u of %u void lookups "
		    "(of names that have no address of either kind)",
		    tree.terms, AUTHRES_MAX_SPF_TERMS, tree.voids,
		    AUTHRES_MAX_SPF_VOID_LOOKUPS);
	if (review->query->client_ip.family != 0)
		spf_review_client(review);
}
