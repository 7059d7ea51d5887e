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
#include "story.h"

#define MAX_MAILBOX_CHARS 120

static void append_author(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	switch (verdict->origin) {
	case MAIL_ORIGIN_AUTHENTICATED:
		str_append(str, "A user who had logged in at our own mail "
			   "servers sent this message, so it was not checked "
			   "like a stranger's.");
		return;
	case MAIL_ORIGIN_LOCAL:
		str_append(str, "This message was sent by one of our own hosts, "
			   "so it was not checked like a stranger's.");
		return;
	case MAIL_ORIGIN_EXTERNAL:
		break;
	}
	if (!verdict->bad_author && verdict->author_domain == NULL) {
		str_append(str, "The author of the message was not looked at.");
		return;
	}
	if (!verdict->bad_author) {
		str_printfa(str, "The message names %s as the domain of its "
			    "author.", t_phrase_author(verdict));
		return;
	}
	str_append(str, "The From field of the message does not name one "
		   "author whose domain could be checked");
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
	str_printfa(str, "Received field %u from the top",
		    verdict->received_index);
	if (verdict->client_by != NULL)
		str_printfa(str, ", written by %s", t_phrase(verdict->client_by));
}

/* According to what. */
static void append_source(string_t *str, const struct verdict *verdict)
{
	switch (verdict->client_source) {
	case CLIENT_SOURCE_RECEIVED:
		append_received(str, verdict);
		break;
	case CLIENT_SOURCE_XCLIENT:
		str_append(str, "the mail server that handed it over "
			   "(XCLIENT)");
		break;
	case CLIENT_SOURCE_HEADER:
		str_append(str, "the header field that is configured for it");
		break;
	case CLIENT_SOURCE_ARGUMENTS:
	case CLIENT_SOURCE_ENVIRONMENT:
	case CLIENT_SOURCE_NONE:
		str_append(str, "what the delivery program was told");
		break;
	}
	phrase_append_note(str, verdict->client_reason);
}

static void append_client(string_t *str, const struct verdict *verdict)
{
	if (verdict->client_ip.family == 0) {
		/* without a reason nobody has looked for it */
		if (verdict->client_reason != NULL) {
			str_printfa(str, " Which host sent it is not known: %s.",
				    t_phrase(verdict->client_reason));
		}
		return;
	}
	str_printfa(str, " The host %s", net_ip2addr(&verdict->client_ip));
	if (verdict->client_helo != NULL) {
		str_printfa(str, ", which calls itself %s,",
			    t_phrase(verdict->client_helo));
	}
	str_append(str, " sent it, according to ");
	append_source(str, verdict);
	str_append_c(str, '.');
	if (verdict->forwarder != NULL) {
		str_printfa(str, " It came through the forwarder %s, which is "
			    "trusted here.", t_phrase(verdict->forwarder));
	}
	if (verdict->list_domain != NULL) {
		str_printfa(str, " It came through the mailing list %s, which "
			    "has proven itself.",
			    t_phrase(verdict->list_domain));
	}
}

static const char *policy_request(enum dmarc_policy policy)
{
	switch (policy) {
	case DMARC_POLICY_NONE:
		return "to do nothing about mail of which that cannot be "
			"proven";
	case DMARC_POLICY_QUARANTINE:
		return "to treat mail of which that cannot be proven as "
			"suspicious (quarantine)";
	case DMARC_POLICY_REJECT:
		return "to refuse mail of which that cannot be proven (reject)";
	}
	i_unreached();
}

static void append_exception(string_t *str, const struct verdict *verdict)
{
	enum override_reason reason = verdict_override_reason(verdict);

	switch (reason) {
	case OVERRIDE_REASON_NONE:
		return;
	case OVERRIDE_REASON_POLICY_TEST_MODE:
		str_append(str, " (That is less than it publishes, since it "
			   "says that it is only testing.)");
		return;
	case OVERRIDE_REASON_SAMPLED_OUT:
		str_append(str, " (That is less than it publishes, since it "
			   "wants that for a part of its mail only.)");
		return;
	case OVERRIDE_REASON_TRUSTED_FORWARDER:
		str_append(str, " An exception was made, since the message came "
			   "through a forwarder that is trusted here");
		break;
	case OVERRIDE_REASON_MAILING_LIST:
		str_append(str, " An exception was made, since the message came "
			   "through a mailing list that is trusted here");
		break;
	case OVERRIDE_REASON_LOCAL_POLICY:
		str_append(str, " An exception was made by a rule of this "
			   "server");
		break;
	}
	phrase_append_note(str, verdict->override_comment);
	str_append_c(str, '.');
}

static void append_dmarc_error(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	str_printfa(str, "DMARC: whether %s sent the message could not be found "
		    "out", t_phrase_author(verdict));
	if (dmarc != NULL)
		phrase_append_note(str, dmarc->reason);
	if (!verdict->may_fail) {
		str_append(str, ", so no policy was applied.");
		return;
	}
	str_printfa(str, ". The policy for that domain asks receivers %s. "
		    "Whoever forges mail can choose names that do not answer, "
		    "so such a message is not taken for proven; it waits for "
		    "the answer as long as authres_temperror_wait allows.",
		    policy_request(verdict->policy));
}

/* The last known policy holds while DNS does not tell it. */
static void append_stale(string_t *str, const struct verdict *verdict)
{
	const struct check_result *dmarc;

	dmarc = verdict_find(verdict, CHECK_METHOD_DMARC);
	if (dmarc != NULL && check_result_is_stale(dmarc)) {
		str_append(str, " DNS did not tell the policy then: it is the "
			   "last one that was seen.");
	}
}

static void append_policy(string_t *str, const struct verdict *verdict)
{
	if (verdict->bad_author && verdict->may_fail &&
	    !verdict->bad_author_enforced) {
		str_append(str, "DMARC: whether a domain that can be read in "
			   "its From field sent it could not be found out, and "
			   "that domain asks receivers to treat mail of which "
			   "that cannot be proven as suspicious, or to refuse "
			   "it.");
		return;
	}
	if (verdict_author_is_hidden(verdict)) {
		str_append(str, "DMARC: the From field is damaged as in forged "
			   "mail only, so that another author may be hidden in "
			   "it. Such mail is treated as suspicious here.");
		return;
	}
	if (verdict->bad_author) {
		str_append(str, verdict->bad_author_enforced ?
			"DMARC: a domain that can be read in its From field "
			"asks receivers to treat such mail as suspicious, or to "
			"refuse it." :
			"DMARC: no domain that can be read in its From field "
			"asks receivers to do anything about it.");
		return;
	}
	switch (verdict->dmarc) {
	case CHECK_RESULT_PASS:
		str_printfa(str, "DMARC: that proves that %s sent the message.",
			    t_phrase_author(verdict));
		break;
	case CHECK_RESULT_FAIL:
		str_printfa(str, "DMARC: nothing of that proves that %s sent "
			    "the message, and the policy for that domain asks "
			    "receivers %s.", t_phrase_author(verdict),
			    policy_request(verdict->policy));
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
		str_printfa(str, "DMARC: %s publishes no policy, so there was "
			    "none to apply.", t_phrase_author(verdict));
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
		return "authres_mode is tag, so that mail is only tagged";
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
		str_append(str, " It was not put into the junk mailbox, since "
			   "its recipient allowed mail of this kind from this "
			   "author.");
		return;
	}
	kept = t_kept_by_settings(story);
	if (kept != NULL) {
		str_printfa(str, " It is not in the junk mailbox; by the "
			    "settings of today, that is since %s.", kept);
	} else {
		str_append(str, " It is not in the junk mailbox. By the settings "
			   "of today it would be put there: they were others, "
			   "or somebody or a filter moved it.");
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
			" Nothing of the above is a reason for the junk "
			"mailbox: somebody or another filter put it there." :
			" Nothing of the above is a reason for the junk "
			"mailbox.");
	} else if (!story->in_junk && !released) {
		append_kept(str, story);
	} else if (story->in_junk) {
		str_append(str, " The policy is why it is in the junk "
			   "mailbox.");
	}
	if (released) {
		str_append(str, " It has been marked as not junk since.");
	} else if (story->in_junk && !marked &&
		   story->set->keyword_junk[0] != NULL) {
		str_append(str, " Its junk keyword has been removed since, or "
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
		str_append(str, " Moving it out of there takes back just this "
			   "message, and says nothing about further mail.");
		return;
	case STORY_LESSON_ALLOW:
		str_printfa(str, " If its recipient moves it out of there, "
			    "further mail of the same author through %s stays "
			    "out of it, too.", through);
		return;
	case STORY_LESSON_SECOND_DAY:
		str_printfa(str, " Once its recipient has moved mail of the "
			    "same author through %s out of there on two "
			    "different days, further mail of that kind stays "
			    "out of it, too. (One day is not enough, since "
			    "nothing in it proves that the author wrote it: a "
			    "stranger can make a mailing list of his own.)",
			    through);
		return;
	}
}

static void append_evidence(string_t *str, const struct story *story)
{
	str_append(str, "\nAll of this was written on top of the message when it "
		   "was delivered, into an Authentication-Results field of ");
	str_append(str, t_phrase(story->stored->authserv_id));
	str_append(str, "; nothing was checked again.");
	/* delivery leaves a record of no other mail */
	if (!verdict_is_unproven(&story->stored->verdict))
		return;
	str_append(str, story->delivered ?
		" The index of the mailbox confirms that delivery." :
		" The index of the mailbox has no record of that delivery: it "
		"was rebuilt, or the message was copied from elsewhere, so "
		"that the message alone says all of this.");
}

void story_write(string_t *dest, const struct story *story)
{
	const struct verdict *verdict;

	if (story->stored == NULL) {
		str_printfa(dest, "Nothing is known about this message: %s. "
			    "It was not delivered by this server while authres "
			    "was there, or somebody else put it into the "
			    "mailbox.", t_phrase(story->why));
		return;
	}
	verdict = &story->stored->verdict;
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
