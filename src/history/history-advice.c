/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "str.h"
#include "domain-within.h"
#include "history-advice.h"

/* A list that something was taken back through, or a domain whose SPF or DKIM
   passed for something in Junk. */
struct advice_name {
	struct advice_name *next;
	const char *name;
	uint64_t count;
};

struct advice_author {
	const char *domain;
	uint64_t junk, taken_back;
	struct advice_name *lists, *proofs;
};

struct history_advice {
	pool_t pool;
	HASH_TABLE(const char *, struct advice_author *) authors;
};

struct history_advice *history_advice_init(void)
{
	struct history_advice *advice;
	pool_t pool = pool_alloconly_create("history advice", 16 * 1024);

	advice = p_new(pool, struct history_advice, 1);
	advice->pool = pool;
	hash_table_create(&advice->authors, default_pool, 0, str_hash, strcmp);
	return advice;
}

void history_advice_deinit(struct history_advice **_advice)
{
	struct history_advice *advice = *_advice;

	*_advice = NULL;
	hash_table_destroy(&advice->authors);
	pool_unref(&advice->pool);
}

static struct advice_author *
get_author(struct history_advice *advice, const char *domain)
{
	struct advice_author *author =
		hash_table_lookup(advice->authors, domain);

	if (author != NULL || hash_table_count(advice->authors) >=
	    AUTHRES_MAX_HISTORY_GROUPS)
		return author;
	author = p_new(advice->pool, struct advice_author, 1);
	author->domain = p_strdup(advice->pool, domain);
	hash_table_insert(advice->authors, author->domain, author);
	return author;
}

static void
count_name(struct history_advice *advice, struct advice_name **names,
	   const char *name, uint64_t count)
{
	unsigned int name_count = 0;

	for (; *names != NULL; names = &(*names)->next) {
		if (strcmp((*names)->name, name) == 0) {
			(*names)->count += count;
			return;
		}
		if (++name_count == AUTHRES_MAX_ADVICE_NAMES)
			return;
	}
	*names = p_new(advice->pool, struct advice_name, 1);
	(*names)->name = p_strdup(advice->pool, name);
	(*names)->count = count;
}

static void
count_proofs(struct history_advice *advice, struct advice_author *author,
	     const struct history_row *row, uint64_t count)
{
	if (row->spf.domain != NULL && row->spf.result == CHECK_RESULT_PASS)
		count_name(advice, &author->proofs, row->spf.domain, count);
	for (unsigned int i = 0; i < row->dkim_count; i++) {
		if (row->dkim[i].result == CHECK_RESULT_PASS) {
			count_name(advice, &author->proofs,
				   row->dkim[i].domain, count);
		}
	}
}

void history_advice_add(struct history_advice *advice,
			const struct history_row *row, uint64_t count)
{
	bool taken_back = row->event == HISTORY_EVENT_TAKEN_BACK;
	struct advice_author *author;

	if (row->header_from == NULL ||
	    row->disposition != HISTORY_DISPOSITION_QUARANTINE)
		return;
	author = get_author(advice, row->header_from);
	if (author == NULL)
		return;
	if (!taken_back) {
		author->junk += count;
		count_proofs(advice, author, row, count);
		return;
	}
	author->taken_back += count;
	if (row->reason == HISTORY_REASON_MAILING_LIST &&
	    row->reason_comment != NULL) {
		count_name(advice, &author->lists, row->reason_comment,
			   count);
	}
}

/* As the owner of a List-Id has to be: one of both is above the other. */
static bool
list_is_proven(const struct advice_author *author, const char *list)
{
	const struct advice_name *proof;

	for (proof = author->proofs; proof != NULL; proof = proof->next) {
		if (domain_is_within(list, proof->name) ||
		    (strchr(list, '.') != NULL &&
		     domain_is_within(proof->name, list)))
			return TRUE;
	}
	return FALSE;
}

static void
author_get(const struct advice_author *author,
	   struct history_advice_domain *domain_r)
{
	const struct advice_name *list;

	i_zero(domain_r);
	domain_r->domain = author->domain;
	domain_r->junk = author->junk;
	domain_r->taken_back = author->taken_back;
	for (list = author->lists; list != NULL; list = list->next) {
		if (list->count > domain_r->list_taken_back) {
			domain_r->list = list->name;
			domain_r->list_taken_back = list->count;
		}
	}
	domain_r->list_is_proven = domain_r->list != NULL &&
		list_is_proven(author, domain_r->list);
}

static int
domain_cmp(const struct history_advice_domain *domain1,
	   const struct history_advice_domain *domain2)
{
	if (domain1->taken_back != domain2->taken_back)
		return domain1->taken_back > domain2->taken_back ? -1 : 1;
	if (domain1->junk != domain2->junk)
		return domain1->junk > domain2->junk ? -1 : 1;
	return strcmp(domain1->domain, domain2->domain);
}

void history_advice_get(struct history_advice *advice,
			ARRAY_TYPE(history_advice_domain) *domains)
{
	struct hash_iterate_context *iter;
	struct advice_author *author;
	const char *name;

	iter = hash_table_iterate_init(advice->authors);
	while (hash_table_iterate(iter, advice->authors, &name, &author))
		author_get(author, array_append_space(domains));
	hash_table_iterate_deinit(&iter);
	array_sort(domains, domain_cmp);
}

const char *t_history_advice(const struct history_advice_domain *domain)
{
	string_t *str = t_str_new(128);

	str_printfa(str, "%s: %"PRIu64" in Junk, ", domain->domain,
		    domain->junk);
	if (domain->taken_back == 0)
		str_append(str, "none taken back");
	else
		str_printfa(str, "%"PRIu64" taken back", domain->taken_back);
	if (domain->list == NULL)
		return str_c(str);
	if (domain->list_taken_back == domain->taken_back)
		str_append(str, ", all");
	else
		str_printfa(str, ", %"PRIu64, domain->list_taken_back);
	str_printfa(str, " by %s", domain->list);
	if (domain->list_is_proven)
		str_append(str, ": consider authres_trusted_lists");
	return str_c(str);
}
