/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "known-reasons.h"
#include "verdict-policy.h"
#include "phrases.h"
#include "story.h"

#define MAX_TOLD_SIGNATURES 5

static const char *t_domain(const struct check_result *result,
			    const char *without)
{
	const char *domain = t_check_result_domain(result);

	return domain == NULL || *domain == '\0' ? without : t_phrase(domain);
}

static void append_reason(string_t *str, const struct check_result *result)
{
	phrase_append_note(str, result->reason);
}

/* Who found it, if not we. */
static void append_finder(string_t *str, const struct check_result *result)
{
	if (result->upstream != NULL) {
		str_printfa(str, " (found by the filter %s in front of us)",
			    t_phrase(result->upstream));
	}
}

/* The end of a sentence: on what it rests. */
static void append_stale(string_t *str, const struct check_result *result)
{
	if (check_result_is_stale(result)) {
		str_append(str, " (DNS did not answer, so an earlier answer "
			   "was used)");
	}
}

/* What the record of domain says of the host that sent the message. */
static void
append_host_result(string_t *str, const struct check_result *result,
		   const char *domain)
{
	switch (result->result) {
	case CHECK_RESULT_PASS:
		str_printfa(str, "%s allows this host to send its mail",
			    domain);
		break;
	case CHECK_RESULT_FAIL:
		str_printfa(str, "%s does not allow this host to send its mail",
			    domain);
		break;
	case CHECK_RESULT_SOFTFAIL:
		str_printfa(str, "%s says that this host is probably not "
			    "allowed to send its mail", domain);
		break;
	case CHECK_RESULT_NEUTRAL:
		str_printfa(str, "%s does not say whether this host may send "
			    "its mail", domain);
		break;
	case CHECK_RESULT_NONE:
		str_printfa(str, "%s does not publish which hosts may send its "
			    "mail", domain);
		break;
	case CHECK_RESULT_TEMPERROR:
		str_printfa(str, "DNS did not say which hosts may send mail "
			    "for %s", domain);
		append_reason(str, result);
		break;
	case CHECK_RESULT_PERMERROR:
	case CHECK_RESULT_POLICY:
	case CHECK_RESULT_COUNT:
		str_printfa(str, "the SPF record of %s cannot be used", domain);
		append_reason(str, result);
		break;
	}
}

static void
append_spf_result(string_t *str, const struct verdict *verdict,
		  const struct check_result *spf)
{
	const char *comment;

	append_host_result(str, spf,
			   t_domain(spf, "the envelope sender's domain"));
	if (spf->result == CHECK_RESULT_PASS &&
	    verdict->dmarc == CHECK_RESULT_FAIL) {
		str_printfa(str, ", but that proves nothing about %s",
			    t_phrase_author(verdict));
	}
	/* "all in example.org" */
	comment = check_result_own_comment(spf);
	if (comment != NULL)
		str_printfa(str, " (decided by %s)", t_phrase(comment));
	append_stale(str, spf);
	append_finder(str, spf);
}

static void append_spf(string_t *str, const struct verdict *verdict)
{
	const struct check_result *spf;

	spf = verdict_find(verdict, CHECK_METHOD_SPF);
	if (spf != NULL) {
		str_append(str, "SPF: ");
		append_spf_result(str, verdict, spf);
	} else if (verdict->client_source == CLIENT_SOURCE_NONE &&
		   verdict->client_reason != NULL) {
		str_append(str, "SPF could not be checked, because it is not "
			   "known which host sent the message");
	} else {
		str_append(str, "SPF was not checked");
	}
	str_append_c(str, '.');
}

/* Nobody looks at it but whoever switched it on. */
static void append_sender_id(string_t *str, const struct verdict *verdict)
{
	const struct check_result *sender_id;
	const char *domain;

	sender_id = verdict_find(verdict, CHECK_METHOD_SENDER_ID);
	if (sender_id == NULL)
		return;
	domain = t_domain(sender_id, NULL);
	str_append(str, " Sender ID: ");
	if (domain == NULL) {
		str_append(str, "the header does not name one address that is "
			   "responsible for the message");
		phrase_append_note(str, check_result_own_comment(sender_id));
	} else {
		append_host_result(str, sender_id, domain);
	}
	append_stale(str, sender_id);
	str_append(str, ". Sender ID is historic and decides nothing.");
}

static void
append_changed(string_t *str, const struct check_result *dkim)
{
	switch (known_change_read(dkim->reason)) {
	case KNOWN_CHANGE_BODY:
		str_append(str, ", but the body was changed after it was "
			   "signed");
		break;
	case KNOWN_CHANGE_HEADER_AND_BODY:
		str_append(str, ", but the header and the body were changed "
			   "after they were signed, or the signature is "
			   "forged");
		break;
	case KNOWN_CHANGE_HEADER:
		str_append(str, ", but the header was changed after it was "
			   "signed, or the signature is forged");
		break;
	}
	append_reason(str, dkim);
}

static void
append_signature(string_t *str, const struct verdict *verdict,
		 const struct check_result *dkim)
{
	const char *domain = t_domain(dkim, NULL);

	str_append(str, "DKIM: the message has a signature");
	if (domain != NULL)
		str_printfa(str, " of %s", domain);
	switch (dkim->result) {
	case CHECK_RESULT_PASS:
		str_append(str, " that is intact");
		/* had it spoken for the author, DMARC would not have failed */
		if (verdict->dmarc == CHECK_RESULT_FAIL) {
			str_printfa(str, ", but that proves nothing about %s",
				    t_phrase_author(verdict));
		}
		break;
	case CHECK_RESULT_FAIL:
		append_changed(str, dkim);
		break;
	case CHECK_RESULT_TEMPERROR:
		str_append(str, ", but DNS did not answer for its key");
		append_reason(str, dkim);
		break;
	case CHECK_RESULT_POLICY:
		str_append(str, " that is not accepted here");
		append_reason(str, dkim);
		break;
	default:
		str_append(str, " that cannot be used");
		append_reason(str, dkim);
		break;
	}
	append_stale(str, dkim);
	append_finder(str, dkim);
	str_append_c(str, '.');
}

static void append_dkim(string_t *str, const struct verdict *verdict)
{
	const struct check_result *result;
	unsigned int count = 0;

	array_foreach(&verdict->results, result) {
		if (result->method != CHECK_METHOD_DKIM)
			continue;
		if (result->result == CHECK_RESULT_NONE) {
			str_append(str, " DKIM: the message is not signed.");
			return;
		}
		if (count++ < MAX_TOLD_SIGNATURES) {
			str_append_c(str, ' ');
			append_signature(str, verdict, result);
		}
	}
	if (count == 0)
		str_append(str, " DKIM was not checked.");
	else if (count > MAX_TOLD_SIGNATURES)
		str_printfa(str, " There are %u more signatures.",
			    count - MAX_TOLD_SIGNATURES);
}

static void append_arc(string_t *str, const struct verdict *verdict)
{
	const struct check_result *arc;
	const char *comment;

	arc = verdict_find(verdict, CHECK_METHOD_ARC);
	if (arc == NULL || arc->result == CHECK_RESULT_NONE)
		return;
	if (arc->result == CHECK_RESULT_PASS) {
		str_append(str, " ARC: an intact chain says what servers on "
			   "the way had found");
		/* "i=2 sealed by lists.example" */
		comment = check_result_own_comment(arc);
		phrase_append_note(str, comment);
		str_append(str, "; it counts only if the last of them is "
			   "trusted here");
	} else {
		str_append(str, " ARC: the chain is broken");
		append_reason(str, arc);
	}
	append_stale(str, arc);
	append_finder(str, arc);
	str_append_c(str, '.');
}

void story_checks_write(string_t *dest, const struct verdict *verdict)
{
	if (!array_is_created(&verdict->results) ||
	    array_count(&verdict->results) == 0) {
		str_append(dest, "Nothing was checked.");
		return;
	}
	append_spf(dest, verdict);
	append_sender_id(dest, verdict);
	append_dkim(dest, verdict);
	append_arc(dest, verdict);
}
