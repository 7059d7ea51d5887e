#include "lib.h"
#include "ioloop.h"
#include "str-sanitize.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "allowance-dict.h"
#include "disposition.h"
#include "review-mailbox.h"
#include "release-allow.h"

#define ALLOW_MAX_TEXT_CHARS 300
#define NO_KIND \
	"it came through no mailing list or forwarder that is known for " \
	"sure, and its author alone could be anybody"
#define NO_RECORD \
	"the index of the mailbox has no record of its delivery, so that " \
	"anybody could have made it (doveadm authres allow add)"

/* Returns why such a message allows nothing, or NULL. */
static const char *
allowance_refusal(const struct review_user *ruser,
		  const struct review_mail *rmail)
{
	const struct verdict *verdict = &rmail->stored.verdict;
	const char *const *keywords;

	if (!rmail->has_verdict)
		return rmail->why;
	if (!verdict_is_unproven(verdict))
		return "it fails no policy";
	keywords = mail_get_keywords(rmail->mail);
	for (; *keywords != NULL; keywords++) {
		if (strcasecmp(*keywords, "$Phishing") == 0 ||
		    str_array_icase_find(ruser->set.keyword_phishing,
					 *keywords))
			return "it looks like phishing";
	}
	if (!disposition_may_be_allowed(verdict))
		return NO_KIND;
	return rmail->delivered ? NULL : NO_RECORD;
}

void release_allowance_read(struct review_user *ruser,
			    const struct review_mail *rmail,
			    struct release_allowance *allowance_r)
{
	const struct verdict *verdict = &rmail->stored.verdict;
	const char *const *values;
	struct allowance allowance;

	i_zero(allowance_r);
	allowance_r->why = p_strdup(ruser->pool,
				    allowance_refusal(ruser, rmail));
	if (allowance_r->why != NULL)
		return;
	if (mail_get_headers(rmail->mail, "From", &values) <= 0) {
		allowance_r->why = "its From field cannot be read";
		return;
	}
	allowance_r->author = p_strdup(ruser->pool,
		t_allowance_author_of(values, verdict->author_domain));
	if (allowance_r->author == NULL ||
	    !allowance_of_message(ruser->pool, verdict, allowance_r->author,
				  &allowance))
		allowance_r->why = "its From field names no single address";
	else if (allowance_digest(&allowance) != rmail->allowance_digest)
		allowance_r->why = NO_RECORD;
}

bool release_allowance_add(struct review_user *ruser,
			   const struct verdict *verdict,
			   const struct release_allowance *allowance,
			   const char **text_r)
{
	struct allowance_dict *dict;
	struct allowance added;
	const char *error, *why = allowance->why;
	int ret = 0;

	if (why == NULL) {
		dict = allowance_dict_init(ruser->user, &ruser->set);
		ret = allowance_learn_from_verdict(dict, ruser->pool, verdict,
			allowance->author, ioloop_time, &added, &error);
		if (ret == 0)
			why = NO_KIND;
		else if (ret < 0) {
			e_error(ruser->user->event, "authres_dict: %s", error);
			doveadm_mail_failed_error(ruser->cmd, MAIL_ERROR_TEMP);
			why = "the dict failed";
		}
		allowance_dict_deinit(&dict);
	}
	*text_r = str_sanitize(why != NULL ? t_strconcat("no: ", why, NULL) :
			       t_allowance_through(&added),
			       ALLOW_MAX_TEXT_CHARS);
	return why == NULL;
}
