/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "str-sanitize.h"
#include "mail-user.h"
#include "release-lesson.h"
#include "review-mailbox.h"
#include "release-allow.h"

#define ALLOW_MAX_TEXT_CHARS 300

bool release_allowance_add(struct review_user *ruser,
			   const struct release_lesson *lesson,
			   struct allowance *allowance_r, const char **text_r)
{
	struct allowance_dict *dict;
	const char *error, *why = lesson->why;

	*allowance_r = lesson->allowance;
	if (why == NULL) {
		dict = allowance_dict_init(ruser->user, &ruser->set);
		if (allowance_dict_learn(dict, allowance_r,
					 ALLOWANCE_PROOF_ADMINISTRATOR,
					 ioloop_time, &error) < 0) {
			e_error(ruser->user->event, "authres_dict: %s", error);
			doveadm_mail_failed_error(ruser->cmd, MAIL_ERROR_TEMP);
			why = "the dict failed";
		}
		allowance_dict_deinit(&dict);
	}
	*text_r = str_sanitize(why != NULL ? t_strconcat("no: ", why, NULL) :
			       t_allowance_through(allowance_r),
			       ALLOW_MAX_TEXT_CHARS);
	return why == NULL;
}
