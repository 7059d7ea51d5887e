/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "known-reasons.h"
#include "plain-text.h"
#include "verdict-policy.h"
#include "disposition.h"
#include "phrases.h"
#include "sentence.h"

static void append_domain(string_t *str, const char *domain)
{
	str_append(str, t_phrase_domain(domain));
}

/* "softfail for bounce.example" */
static void append_result(string_t *str, const struct check_result *result)
{
	const char *domain = t_check_result_domain(result);

	str_append(str, check_result_word_name(result->result));
	if (domain != NULL && *domain != '\0')
		str_printfa(str, " for %s", t_phrase(domain));
	/* the reason of an SPF fail is the domain's own text, and not for a
	   sentence of ours */
	if (result->reason != NULL &&
	    (result->method != CHECK_METHOD_SPF ||
	     result->result != CHECK_RESULT_FAIL))
		str_printfa(str, ": %s", t_phrase(result->reason));
}

static void append_spf(string_t *str, const struct verdict *verdict)
{
	const struct check_result *spf;

	spf = verdict_find(verdict, CHECK_METHOD_SPF);
	str_append(str, "SPF (");
	if (spf != NULL)
		append_result(str, spf);
	else if (verdict->client_source == CLIENT_SOURCE_NONE)
		str_append(str, "not checked, client address unknown");
	else
		str_append(str, "not checked");
	str_append_c(str, ')');
}

static void append_dkim(string_t *str, const struct verdict *verdict)
{
	const struct check_result *result, *dkim;
	unsigned int count = 0;

	dkim = verdict_find_best(verdict, CHECK_METHOD_DKIM);
	str_append(str, "DKIM (");
	if (dkim == NULL)
		str_append(str, "not checked");
	else if (dkim->result == CHECK_RESULT_NONE)
		str_append(str, "no signature");
	else {
		append_result(str, dkim);
		array_foreach(&verdict->results, result) {
			if (result->method == CHECK_METHOD_DKIM)
				count++;
		}
		if (count > 1)
			str_printfa(str, ", and %u more", count - 1);
	}
	str_append_c(str, ')');
}

/* TRUE if one of the names is above the other: what a passing DMARC has
   aligned is among them. */
static bool
domain_is_related(const struct check_result *result, const char *author_domain)
{
	const char *domain = t_check_result_domain(result);
	size_t len, author_len;

	if (domain == NULL || author_domain == NULL)
		return FALSE;
	len = strlen(domain);
	author_len = strlen(author_domain);
	if (len > author_len) {
		return domain[len - author_len - 1] == '.' &&
			strcasecmp(domain + len - author_len,
				   author_domain) == 0;
	}
	return strcasecmp(author_domain + author_len - len, domain) == 0 &&
		(len == author_len ||
		 author_domain[author_len - len - 1] == '.');
}

static const struct check_result *
find_evidence(const struct verdict *verdict, enum check_method method)
{
	const char *author = verdict->organizational_domain != NULL ?
		verdict->organizational_domain : verdict->author_domain;
	const struct check_result *result;

	if (!array_is_created(&verdict->results))
		return NULL;
	array_foreach(&verdict->results, result) {
		if (result->method == method &&
		    result->result == CHECK_RESULT_PASS &&
		    domain_is_related(result, author))
			return result;
	}
	return NULL;
}

static void explain_pass(string_t *str, const struct verdict *verdict)
{
	const struct check_result *spf, *dkim;

	spf = find_evidence(verdict, CHECK_METHOD_SPF);
	dkim = find_evidence(verdict, CHECK_METHOD_DKIM);
	if (spf == NULL && dkim == NULL) {
		/* aligned by names that do not look related */
		append_spf(str, verdict);
		str_append(str, " or ");
		append_dkim(str, verdict);
	}
	if (dkim != NULL) {
		str_append(str, "DKIM (");
		append_result(str, dkim);
		str_append_c(str, ')');
	}
	if (spf != NULL) {
		str_append(str, dkim == NULL ? "SPF (" : " and SPF (");
		append_result(str, spf);
		str_append_c(str, ')');
	}
	str_append(str, spf != NULL && dkim != NULL ? " prove that " :
		   " proves that ");
	append_domain(str, verdict->author_domain);
	str_append(str, " sent this");
}

static bool verdict_is_sealed(const struct verdict *verdict)
{
	return verdict->override_reason == OVERRIDE_REASON_LOCAL_POLICY &&
		known_seal_is(verdict->override_comment);
}

/* First, as a sentence that is too long loses its end. */
static void explain_override(string_t *str, const struct verdict *verdict)
{
	const char *comment = verdict->override_comment == NULL ? "" :
		t_phrase(verdict->override_comment);

	str_append(str, "The policy was not applied, because ");
	if (verdict_is_sealed(verdict)) {
		str_printfa(str, "a trusted sealer vouches for this (%s)",
			    comment);
	} else switch (verdict->override_reason) {
	case OVERRIDE_REASON_TRUSTED_FORWARDER:
		str_printfa(str, "the trusted forwarder %s changed only the "
			    "body", comment);
		break;
	case OVERRIDE_REASON_MAILING_LIST:
		str_printfa(str, "the trusted mailing list %s sent this",
			    comment);
		break;
	default:
		str_printfa(str, "a rule says %s (%s)",
			    override_reason_name(verdict->override_reason),
			    comment);
		break;
	}
	str_append(str, ": ");
}

static void explain_fail(string_t *str, const struct verdict *verdict)
{
	enum override_reason override = verdict_override_reason(verdict);

	if (verdict_policy_is_overridden(verdict))
		explain_override(str, verdict);
	phrase_append_policy(str, verdict);
	if (override == OVERRIDE_REASON_POLICY_TEST_MODE)
		str_append(str, " (lowered, because the domain is testing)");
	else if (override == OVERRIDE_REASON_SAMPLED_OUT)
		str_append(str, " (lowered by the domain's pct)");
	str_append(str, ", and neither ");
	append_spf(str, verdict);
	str_append(str, " nor ");
	append_dkim(str, verdict);
	str_append(str, " proves that ");
	append_domain(str, verdict->author_domain);
	str_append(str, " sent this");
}

static void explain_bad_author(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	str_append(str, "The From field does not name one usable author "
		   "domain");
	if (dmarc != NULL)
		phrase_append_note(str, dmarc->reason);
	if (verdict_author_is_hidden(verdict)) {
		str_append(str, ", and is damaged in a way that is seen only "
			   "in forged mail, so it may hide another author");
		return;
	}
	str_append(str, verdict->bad_author_enforced ?
		", and a domain in it fails a DMARC policy of quarantine or "
		"reject" : verdict->may_fail ?
		", and it is not known whether a domain in it fails a DMARC "
		"policy of quarantine or reject" :
		", and no domain in it fails a DMARC policy of quarantine or "
		"reject");
}

static void explain_error(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	str_append(str, "It is not known whether ");
	append_domain(str, verdict->author_domain);
	str_append(str, " sent this");
	if (dmarc != NULL)
		phrase_append_note(str, dmarc->reason);
	if (!verdict->may_fail) {
		str_append(str, ", so no DMARC policy was applied");
		return;
	}
	str_append(str, ", and ");
	phrase_append_policy(str, verdict);
}

static void explain_none(string_t *str, const struct verdict *verdict)
{
	if (verdict_find(verdict, CHECK_METHOD_DMARC) == NULL) {
		str_append(str, "DMARC was not checked");
		return;
	}
	append_domain(str, verdict->author_domain);
	str_append(str, " publishes no DMARC policy; ");
	append_spf(str, verdict);
	str_append(str, ", ");
	append_dkim(str, verdict);
}

static void explain_dmarc(string_t *str, const struct verdict *verdict)
{
	switch (verdict->dmarc) {
	case CHECK_RESULT_PASS:
		explain_pass(str, verdict);
		break;
	case CHECK_RESULT_FAIL:
		explain_fail(str, verdict);
		break;
	case CHECK_RESULT_TEMPERROR:
	case CHECK_RESULT_PERMERROR:
		explain_error(str, verdict);
		break;
	default:
		explain_none(str, verdict);
		break;
	}
}

static void explain_verdict(string_t *str, const struct verdict *verdict)
{
	switch (verdict->origin) {
	case MAIL_ORIGIN_AUTHENTICATED:
		str_append(str, "A user who was logged in at our own hosts "
			   "sent this, so DMARC was not checked");
		return;
	case MAIL_ORIGIN_LOCAL:
		str_append(str, "This came from our own hosts, so DMARC was "
			   "not checked");
		return;
	case MAIL_ORIGIN_EXTERNAL:
		break;
	}
	if (verdict->bad_author)
		explain_bad_author(str, verdict);
	else
		explain_dmarc(str, verdict);
}

static const char *t_sentence(const struct verdict *verdict, const char *note)
{
	string_t *str = t_str_new(256);

	explain_verdict(str, verdict);
	if (note != NULL)
		str_printfa(str, "; %s", note);
	str_append_c(str, '.');
	return t_plain_text(str_c(str), AUTHRES_MAX_EXPLANATION_BYTES);
}

const char *t_sentence_verdict(const struct verdict *verdict)
{
	return t_sentence(verdict, NULL);
}

const char *t_sentence_disposition(const struct verdict *verdict,
				   const struct disposition *disposition)
{
	return disposition->off ? "authres_mode is off." :
		t_sentence(verdict, disposition->note);
}

const char *t_sentence_reply(const struct verdict *verdict,
			     const struct disposition *disposition)
{
	switch (disposition->action) {
	case DISPOSITION_KEEP:
	case DISPOSITION_JUNK:
		return NULL;
	case DISPOSITION_REJECT:
		break;
	case DISPOSITION_TEMPFAIL:
		return "Sender authentication could not be completed, "
			"try again later";
	}
	return t_strconcat("Rejected: ",
			   t_sentence_disposition(verdict, disposition), NULL);
}
