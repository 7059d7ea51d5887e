/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "identity.h"
#include "upstream-methods.h"

/* One identity that SPF was checked for. */
struct spf_entry {
	/* NULL = none was given */
	const struct check_result *entry;
	const char *authserv_id;
	const char *domain;
	/* the property's value, without <> */
	const char *address;
};

struct spf_entries {
	struct spf_entry mail_from, helo;
};

static const char *t_unbracketed(const char *value)
{
	size_t len = strlen(value);

	return len >= 2 && value[0] == '<' && value[len - 1] == '>' ?
		t_strndup(value + 1, len - 2) : value;
}

/* Which identity is an entry about? Some write smtp.mail, and with both it is
   that of MAIL FROM unless it is null. Returns -1 if it is not clear. */
static int
entry_find_identity(const struct check_result *entry, bool *helo_r,
		    const char **value_r)
{
	const char *mail_from, *mail, *helo;
	int ret = upstream_property(entry, "smtp", "mailfrom", &mail_from);

	if (ret == 0)
		ret = upstream_property(entry, "smtp", "mail", &mail_from);
	else if (upstream_property(entry, "smtp", "mail", &mail) != 0)
		return -1;
	if (ret < 0 || upstream_property(entry, "smtp", "helo", &helo) < 0)
		return -1;
	*helo_r = mail_from == NULL || *t_unbracketed(mail_from) == '\0';
	*value_r = *helo_r ? helo : mail_from;
	return *value_r == NULL ? -1 : 0;
}

static int
spf_entry_add(const struct upstream_field *field,
	      const struct check_result *entry, struct spf_entries *entries,
	      const char **reason_r)
{
	struct spf_entry *dest;
	const char *value, *domain;
	bool helo;

	if (!upstream_word_is_usable(field, entry, reason_r))
		return -1;
	if (entry_find_identity(entry, &helo, &value) < 0 ||
	    (domain = t_upstream_domain(value)) == NULL || *domain == '\0') {
		*reason_r = "spf does not say for which domain";
		return -1;
	}
	dest = helo ? &entries->helo : &entries->mail_from;
	if (dest->entry != NULL) {
		if (dest->entry->result == entry->result &&
		    strcmp(dest->domain, domain) == 0)
			return 0;
		*reason_r = "spf is given with different results";
		return -1;
	}
	dest->entry = entry;
	dest->authserv_id = field->authserv_id;
	dest->domain = domain;
	dest->address = t_unbracketed(value);
	return 0;
}

static int
spf_entries_find(const ARRAY_TYPE(upstream_field) *fields,
		 struct spf_entries *entries, const char **reason_r)
{
	const struct upstream_field *field;
	const struct check_result *entry;

	array_foreach(fields, field) {
		if (!upstream_words_are_known(field, CHECK_METHOD_SPF,
					      reason_r))
			return -1;
		array_foreach(&field->field.results, entry) {
			if (entry->method == CHECK_METHOD_SPF &&
			    spf_entry_add(field, entry, entries, reason_r) < 0)
				return -1;
		}
	}
	return 0;
}

static void
spf_outcome_init(pool_t pool, const struct spf_entry *entry, bool helo,
		 struct spf_outcome *outcome_r)
{
	i_zero(outcome_r);
	outcome_r->result = entry->entry->result;
	outcome_r->domain = p_strdup(pool, entry->domain);
	outcome_r->helo_identity = helo;
	outcome_r->reason = p_strdup(pool, t_upstream_reason(entry->entry));
}

int upstream_spf_read(pool_t pool, const ARRAY_TYPE(upstream_field) *fields,
		      const struct identity *identity,
		      struct upstream_results *results, const char **reason_r)
{
	struct spf_entries entries;
	const struct spf_entry *used;
	bool null_path = identity->mail_from != NULL &&
		identity->mail_from[0] == '\0';

	i_zero(&entries);
	if (spf_entries_find(fields, &entries, reason_r) < 0)
		return -1;
	if (entries.mail_from.entry != NULL)
		used = &entries.mail_from;
	else if (null_path && entries.helo.entry != NULL)
		used = &entries.helo;
	else {
		/* HELO alone says nothing about the reverse-path */
		return 0;
	}
	results->authserv_ids[CHECK_METHOD_SPF] = used->authserv_id;
	results->spf_query.client_ip = identity->client_ip;
	results->spf_query.helo = identity->helo;
	results->spf_query.mail_from = p_strdup(pool,
		used == &entries.helo ? "" : used->address);
	spf_outcome_init(pool, used, used == &entries.helo,
			 &results->mail_from_spf);
	if (used != &entries.helo && entries.helo.entry != NULL) {
		results->has_helo_spf = TRUE;
		spf_outcome_init(pool, &entries.helo, TRUE,
				 &results->helo_spf);
	}
	return 1;
}
