/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "plain-text.h"
#include "verdict-policy.h"
#include "phrases.h"

void phrase_append(string_t *dest, const char *text)
{
	plain_text_append(dest, text, AUTHRES_MAX_PHRASE_BYTES);
}

const char *t_phrase(const char *text)
{
	return t_plain_text(text, AUTHRES_MAX_PHRASE_BYTES);
}

void phrase_append_note(string_t *dest, const char *text)
{
	if (text == NULL)
		return;
	str_append(dest, " (");
	phrase_append(dest, text);
	str_append_c(dest, ')');
}

const char *t_phrase_domain(const char *domain)
{
	return domain == NULL ? "its author" : t_phrase(domain);
}

const char *t_phrase_author(const struct verdict *verdict)
{
	return t_phrase_domain(verdict->author_domain);
}

static const char *policy_request(enum dmarc_policy policy)
{
	switch (policy) {
	case DMARC_POLICY_NONE:
		return "to do nothing about";
	case DMARC_POLICY_QUARANTINE:
		return "to quarantine";
	case DMARC_POLICY_REJECT:
		return "to reject";
	}
	i_unreached();
}

void phrase_append_policy(string_t *dest, const struct verdict *verdict)
{
	if (verdict_policy_is_our_own(verdict)) {
		str_printfa(dest, "%s is our own domain, and this server "
			    "quarantines mail in its name without proof",
			    t_phrase_author(verdict));
		return;
	}
	str_printfa(dest, "%s asks receivers %s mail that fails DMARC",
		    verdict->policy_domain != NULL ?
		    t_phrase(verdict->policy_domain) :
		    t_phrase_author(verdict), policy_request(verdict->policy));
}

const char *t_phrase_domainkeys(const char *domain)
{
	return t_strdup_printf("The message has an obsolete DomainKeys "
		"signature%s%s, which was not checked.",
		domain == NULL ? "" : " of ",
		domain == NULL ? "" : t_phrase(domain));
}
