/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "dmarc-record.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "published-policy.h"
#include "history-facts.h"

static bool value_begins(const struct msg_header *header, const char *name,
			 const char *begin)
{
	const struct msg_field *field = msg_header_find(header, name, 0);

	return field != NULL && strncasecmp(t_msg_field_value(field), begin,
					    strlen(begin)) == 0;
}

/* Such mail is no reason to send a report (RFC 9990 section 7.2): RFC 3834
   section 5, RFC 6522, RFC 9990 section 3.5.2. */
static bool
message_is_automatic(const struct msg_header *header, const char *mail_from)
{
	const struct msg_field *field;

	if (mail_from != NULL && *mail_from == '\0')
		return TRUE;
	if (header == NULL)
		return FALSE;
	field = msg_header_find(header, "Auto-Submitted", 0);
	if (field != NULL &&
	    strcasecmp(t_msg_field_value(field), "no") != 0)
		return TRUE;
	return value_begins(header, "Content-Type", "multipart/report") ||
		value_begins(header, "Subject", "Report Domain:");
}

static const char *
find_envelope_from(pool_t pool, const struct identity *identity)
{
	const char *at, *domain, *error;

	if (identity->mail_from == NULL ||
	    (at = strrchr(identity->mail_from, '@')) == NULL ||
	    domain_to_ascii(at + 1, &domain, &error) < 0)
		return NULL;
	return p_strdup(pool, domain);
}

void history_facts_find(pool_t pool, const struct verdict_outcomes *outcomes,
			const struct msg_header *header, bool psl,
			struct verdict_history *history_r)
{
	struct published_policy policy;
	const struct dmarc_outcome *first;

	i_zero(history_r);
	T_BEGIN {
		history_r->automatic = message_is_automatic(
			header, outcomes->identity->mail_from);
		history_r->envelope_from =
			find_envelope_from(pool, outcomes->identity);
	} T_END;
	if (!outcomes->dmarc_evaluated || array_count(&outcomes->dmarc) == 0)
		return;
	first = array_front(&outcomes->dmarc);
	history_r->dkim_aligned = first->dkim_aligned_index >= 0;
	history_r->spf_aligned = first->spf_aligned;
	if (first->record == NULL)
		return;
	history_r->published_policy = first->published_policy;
	T_BEGIN {
		dmarc_record_published(first->record, psl, &policy);
		history_r->published = p_strdup(pool,
			t_published_policy_text(&policy));
	} T_END;
}
