/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "junk-keywords.h"
#include "stored-verdict.h"
#include "disposition.h"
#include "verdict-policy.h"
#include "phrases.h"
#include "sentence.h"
#include "story.h"

#define MAX_MAILBOX_CHARS 120

static void append_author(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	if (verdict->origin != MAIL_ORIGIN_EXTERNAL) {
		str_append(str, t_sentence_verdict(verdict));
		return;
	}
	if (!verdict->bad_author && verdict->author_domain == NULL) {
		str_append(str, "The author of the message was not checked.");
		return;
	}
	if (!verdict->bad_author) {
		str_printfa(str, "The From field names an author at %s.",
			    t_phrase_author(verdict));
		return;
	}
	str_append(str, "The From field does not name one usable author "
		   "domain");
	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	if (dmarc != NULL)
		phrase_append_note(str, dmarc->reason);
	str_append_c(str, '.');
}

static void append_received(string_t *str, const struct verdict *verdict)
{
	if (verdict->received_index == 0) {
		str_append(str, "a Received field");
		return;
	}
	str_printfa(str, "Received field %u",
		    verdict->received_index);
	if (verdict->client_by != NULL)
		str_printfa(str, ", written by %s",
			    t_phrase(verdict->client_by));
}

/* According to what. */
static void append_source(string_t *str, const struct verdict *verdict)
{
	switch (verdict->client_source) {
	case CLIENT_SOURCE_RECEIVED:
		append_received(str, verdict);
		break;
	case CLIENT_SOURCE_XCLIENT:
		str_append(str, "XCLIENT");
		break;
	case CLIENT_SOURCE_HEADER:
		str_append(str, "the field that authres_client_source names");
		break;
	case CLIENT_SOURCE_ARGUMENTS:
	case CLIENT_SOURCE_ENVIRONMENT:
	case CLIENT_SOURCE_NONE:
		str_append(str, "what dovecot-lda was given");
		break;
	}
	phrase_append_note(str, verdict->client_reason);
}

static void append_client(string_t *str, const struct verdict *verdict)
{
	if (verdict->client_ip.family == 0) {
		/* without a reason nobody has looked for it */
		if (verdict->client_reason != NULL) {
			str_printfa(str, " It is not known which host sent it: "
				    "%s.",
				    t_phrase(verdict->client_reason));
		}
		return;
	}
	str_printfa(str, " Host %s", net_ip2addr(&verdict->client_ip));
	if (verdict->client_helo != NULL) {
		str_printfa(str, ", which calls itself %s,",
			    t_phrase(verdict->client_helo));
	}
	str_append(str, " sent it, according to ");
	append_source(str, verdict);
	str_append_c(str, '.');
	if (verdict->forwarder != NULL) {
		str_printfa(str, " It came through the trusted forwarder %s.",
			    t_phrase(verdict->forwarder));
	}
	if (verdict->list_domain != NULL) {
		str_printfa(str, " It came through the mailing list %s, as a "
			    "check proves.",
			    t_phrase(verdict->list_domain));
	}
}

static void append_exception(string_t *str, const struct verdict *verdict)
{
	enum override_reason reason = verdict_override_reason(verdict);

	switch (reason) {
	case OVERRIDE_REASON_NONE:
		return;
	case OVERRIDE_REASON_POLICY_TEST_MODE:
		str_append(str, " (Its record asks for more, but says that it "
			   "is only testing.)");
		return;
	case OVERRIDE_REASON_SAMPLED_OUT:
		str_append(str, " (Its record asks for more, but only for a "
			   "part of its mail.)");
		return;
	case OVERRIDE_REASON_TRUSTED_FORWARDER:
		str_append(str, " The policy was not applied, because the "
			   "message came through a trusted forwarder");
		break;
	case OVERRIDE_REASON_MAILING_LIST:
		str_append(str, " The policy was not applied, because the "
			   "message came through a trusted mailing list");
		break;
	case OVERRIDE_REASON_LOCAL_POLICY:
		str_append(str, " A rule of this server overrode the policy");
		break;
	}
	phrase_append_note(str, verdict->override_comment);
	str_append_c(str, '.');
}

static void append_dmarc_error(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	str_printfa(str, "DMARC: it is not known whether %s sent the message",
		    t_phrase_author(verdict));
	if (dmarc != NULL)
		phrase_append_note(str, dmarc->reason);
	if (!verdict->may_fail) {
		str_append(str, ", so no policy was applied.");
		return;
	}
	str_append(str, ". ");
	phrase_append_policy(str, verdict);
	str_append(str, ". A forger can choose names that do not answer, so "
		   "the message waits for the answer, as long as "
		   "authres_temperror_wait allows.");
}

/* The last known policy holds while DNS does not tell it. */
static void append_stale(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	if (dmarc != NULL && check_result_is_stale(dmarc)) {
		str_append(str, " DNS did not answer then, so this is the last "
			   "policy that was seen.");
	}
}

static void append_policy(string_t *str, const struct verdict *verdict)
{
	if (verdict->bad_author && verdict->may_fail &&
	    !verdict->bad_author_enforced) {
		str_append(str, "DMARC: it is not known whether a domain in "
			   "its From field sent it. That domain asks receivers "
			   "to quarantine or reject mail that fails DMARC.");
		return;
	}
	if (verdict_author_is_hidden(verdict)) {
		str_append(str, "DMARC: the From field is damaged in a way "
			   "that is seen only in forged mail. It may hide "
			   "another author, so it counts as a failure.");
		return;
	}
	if (verdict->bad_author) {
		str_append(str, verdict->bad_author_enforced ?
			"DMARC: a domain in its From field asks receivers to "
			"quarantine or reject mail that fails DMARC." :
			"DMARC: no domain in its From field asks receivers to "
			"quarantine or reject mail that fails DMARC.");
		return;
	}
	switch (verdict->dmarc) {
	case CHECK_RESULT_PASS:
		str_printfa(str, "DMARC: this proves that %s sent the message.",
			    t_phrase_author(verdict));
		break;
	case CHECK_RESULT_FAIL:
		str_printfa(str, "DMARC: none of this proves that %s sent the "
			    "message. ", t_phrase_author(verdict));
		phrase_append_policy(str, verdict);
		str_append_c(str, '.');
		append_exception(str, verdict);
		break;
	case CHECK_RESULT_TEMPERROR:
	case CHECK_RESULT_PERMERROR:
		append_dmarc_error(str, verdict);
		break;
	default:
		if (verdict_find(verdict, CHECK_METHOD_DMARC) == NULL) {
			str_append(str, "DMARC was not checked.");
			break;
		}
		str_printfa(str, "DMARC: %s publishes no policy.",
			    t_phrase_author(verdict));
		break;
	}
}

/* Why the settings as they are now would not put it into Junk; NULL = they
   would. */
static const char *t_kept_by_settings(const struct story *story)
{
	struct disposition_query query;
	struct disposition disposition;
	const char *note;
	pool_t pool;

	i_zero(&query);
	query.verdict = &story->stored->verdict;
	query.set = story->set;
	pool = pool_alloconly_create("authres story", 1024);
	disposition_decide(pool, &query, &disposition);
	pool_unref(&pool);
	if (disposition.action == DISPOSITION_JUNK)
		return NULL;
	if (story->set->mode == AUTHRES_MODE_OFF)
		return "authres_mode is off";
	if (story->set->mode == AUTHRES_MODE_TAG)
		return "authres_mode is tag";
	if (!verdict_fails_enforced_policy(&story->stored->verdict) &&
	    story->set->temperror_action == AUTHRES_TEMPERROR_ACTION_KEEP)
		return "authres_temperror_action is keep";
	if (!verdict_fails_enforced_policy(&story->stored->verdict) &&
	    story->set->temperror_action == AUTHRES_TEMPERROR_ACTION_TEMPFAIL)
		return "authres_temperror_action is tempfail";
	note = story->stored->verdict.policy == DMARC_POLICY_REJECT &&
		!story->stored->verdict.bad_author ?
		"authres_reject_action" : "authres_quarantine_action";
	return t_strconcat(note, " is keep", NULL);
}

static bool
has_any(const char *const *keywords, const char *const *wanted)
{
	for (; *wanted != NULL; wanted++) {
		if (str_array_icase_find(keywords, *wanted))
			return TRUE;
	}
	return FALSE;
}

static void
append_kept(string_t *str, const struct story *story)
{
	const char *kept;

	if (has_any(story->keywords, story->set->keyword_override)) {
		str_append(str, " It did not go to Junk, because its recipient "
			   "allowed mail of this kind from this author.");
		return;
	}
	kept = t_kept_by_settings(story);
	if (kept != NULL) {
		str_printfa(str, " It is not in Junk, because %s (with today's "
			    "settings).", kept);
	} else {
		str_append(str, " It is not in Junk. With today's settings it "
			   "would go there: the settings have changed since, "
			   "or it was moved.");
	}
}

static void
append_destination(string_t *str, const struct story *story)
{
	const struct verdict *verdict = &story->stored->verdict;
	bool released = junk_keywords_say_released(story->keywords);
	bool marked = has_any(story->keywords, story->set->keyword_junk);

	str_append(str, "It is now in the mailbox ");
	str_sanitize_append_utf8(str, story->mailbox, MAX_MAILBOX_CHARS);
	str_append_c(str, '.');
	if (!verdict_is_unproven(verdict)) {
		str_append(str, story->in_junk ?
			" Nothing above explains why it is in Junk: a person "
			"or another filter put it there." :
			" Nothing above is a reason for Junk.");
	} else if (!story->in_junk && !released) {
		append_kept(str, story);
	} else if (story->in_junk) {
		str_append(str, " It is in Junk because of the policy.");
	}
	if (released) {
		str_append(str, " It has since been marked as not junk.");
	} else if (story->in_junk && !marked &&
		   story->set->keyword_junk[0] != NULL) {
		str_append(str, " Its junk keyword has since been removed, or "
			   "delivery did not set it.");
	}
}

static void
append_lesson(string_t *str, const struct story *story)
{
	const struct verdict *verdict = &story->stored->verdict;
	const char *through = verdict->list_domain != NULL ?
		t_strconcat("the mailing list ",
			    t_phrase(verdict->list_domain), NULL) :
		verdict->forwarder == NULL ? "the same way" :
		t_strconcat("the forwarder ", t_phrase(verdict->forwarder),
			    NULL);

	switch (story->lesson) {
	case STORY_LESSON_UNKNOWN:
		return;
	case STORY_LESSON_NOTHING:
		str_append(str, " Moving it out of Junk affects only this "
			   "message, not future mail.");
		return;
	case STORY_LESSON_ALLOW:
		str_printfa(str, " If its recipient moves it out of Junk, "
			    "future mail from this author through %s stays out "
			    "of Junk.", through);
		return;
	case STORY_LESSON_SECOND_DAY:
		str_printfa(str, " If its recipient moves mail from this "
			    "author through %s out of Junk on two different "
			    "days, future mail of this kind stays out of Junk. "
			    "(One day is not enough: nothing proves that the "
			    "author wrote it, and anyone can make a mailing "
			    "list.)",
			    through);
		return;
	}
}

static void append_evidence(string_t *str, const struct story *story)
{
	str_printfa(str, "\nThis is what delivery recorded in the message's "
		    "Authentication-Results field (%s). Nothing was checked "
		    "again.", t_phrase(story->stored->authserv_id));
	/* delivery leaves a record of no other mail */
	if (!verdict_is_unproven(&story->stored->verdict))
		return;
	str_append(str, story->delivered ?
		" The index of the mailbox confirms that delivery." :
		" The index of the mailbox has no record of that delivery: it "
		"was rebuilt, or the message was copied from elsewhere. So "
		"there is only the message's own word for it.");
}

static void
append_verdict(string_t *dest, const struct story *story)
{
	const struct verdict *verdict = &story->stored->verdict;

	append_author(dest, verdict);
	append_client(dest, verdict);
	str_append_c(dest, '\n');
	if (verdict->origin == MAIL_ORIGIN_EXTERNAL) {
		story_checks_write(dest, verdict);
		str_append_c(dest, '\n');
		if (array_count(&verdict->results) > 0) {
			append_policy(dest, verdict);
			append_stale(dest, verdict);
			str_append_c(dest, '\n');
		}
	}
	append_destination(dest, story);
	append_lesson(dest, story);
	story_remedy_write(dest, verdict);
	append_evidence(dest, story);
}

void story_write(string_t *dest, const struct story *story)
{
	if (story->stored != NULL) {
		append_verdict(dest, story);
	} else {
		str_printfa(dest, "Nothing is known about this message: %s. "
			    "Either authres was not in use when this server "
			    "delivered it, or it did not come by delivery.",
			    t_phrase(story->why));
	}
	if (story->domainkeys) {
		str_printfa(dest, "\n%s",
			    t_phrase_domainkeys(story->domainkeys_domain));
	}
}
