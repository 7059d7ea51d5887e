/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage.h"
#include "authres-settings.h"
#include "delivery-record.h"
#include "disposition.h"
#include "junk-keywords.h"
#include "verdict-policy.h"
#include "release-lesson.h"

#define NO_FIELD \
	"it has no Authentication-Results field of ours that can be read"
#define NO_KIND \
	"it came through no mailing list or forwarder that is known for " \
	"sure, and its author alone could be anybody"
#define NO_RECORD \
	"the index of the mailbox has no record of its delivery, so that " \
	"anybody could have made it (doveadm authres allow add)"

static const char *
refusal(const struct authres_settings *set, struct mail *mail,
	const struct verdict *verdict, const struct delivery_record *delivered)
{
	if (verdict == NULL)
		return NO_FIELD;
	if (!verdict_is_unproven(verdict))
		return "it fails no policy";
	if (junk_keywords_say_phishing(mail_get_keywords(mail), set))
		return "it looks like phishing";
	if (!disposition_may_be_allowed(verdict))
		return NO_KIND;
	if ((delivered->flags & DELIVERY_RECORD_FAILED) == 0 ||
	    delivered->allowance_digest == 0)
		return NO_RECORD;
	return NULL;
}

void release_lesson_read(pool_t pool, const struct authres_settings *set,
			 struct mail *mail, const struct verdict *verdict,
			 const struct delivery_record *delivered,
			 struct release_lesson *lesson_r)
{
	const char *const *values, *author;

	i_zero(lesson_r);
	lesson_r->why = refusal(set, mail, verdict, delivered);
	if (lesson_r->why != NULL)
		return;
	if (mail_get_headers(mail, "From", &values) <= 0) {
		lesson_r->why = "its From field cannot be read";
		return;
	}
	author = t_allowance_author_of(values, verdict->author_domain);
	if (author == NULL ||
	    !allowance_of_message(pool, verdict, author, &lesson_r->allowance))
		lesson_r->why = "its From field names no single address";
	else if (allowance_digest(&lesson_r->allowance) !=
						delivered->allowance_digest)
		lesson_r->why = NO_RECORD;
	lesson_r->proof = (delivered->flags & DELIVERY_RECORD_PROVEN) != 0 ?
		ALLOWANCE_PROOF_AUTHOR : ALLOWANCE_PROOF_NONE;
}
