/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ioloop.h"
#include "str-sanitize.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "stored-verdict.h"
#include "allowance-dict.h"
#include "release-event.h"
#include "release-lesson.h"
#include "history-taken-back.h"
#include "authres-user.h"
#include "delivery-record.h"
#include "moves-lesson.h"

/* of a name in the log */
#define MAX_NAME_CHARS 128

enum lesson_kind {
	LESSON_KIND_RELEASE,
	LESSON_KIND_RETRACTION,
	LESSON_KIND_ANSWER
};

struct moves_lesson {
	pool_t pool;
	enum lesson_kind kind;
	/* what our field says; zero if there is none */
	bool has_verdict;
	struct verdict verdict;
	/* of a release */
	struct release_lesson release;
	/* of a retraction: NULL = not known */
	const char *author;
	/* of an answer; no identity = it says nothing */
	struct allowance list;
};

static int
read_verdict(struct moves_lesson *lesson, struct mail *mail,
	     const char *const *authserv_ids)
{
	struct delivery_record delivered;
	struct stored_verdict stored;
	struct istream *header;
	const char *why;

	(void)delivery_record_get(mail, &delivered);
	if (mail_get_hdr_stream(mail, NULL, &header) < 0)
		return -1;
	i_stream_seek(header, 0);
	if (stored_verdict_read(lesson->pool, header, authserv_ids,
				delivery_record_name(&delivered), &stored,
				&why) <= 0)
		return -1;
	lesson->verdict = stored.verdict;
	return 0;
}

static struct moves_lesson *
lesson_create(struct authres_user *auser, struct mail *mail,
	       enum lesson_kind kind)
{
	struct moves_lesson *lesson;
	pool_t pool;

	pool = pool_alloconly_create("authres release", 1024);
	lesson = p_new(pool, struct moves_lesson, 1);
	lesson->pool = pool;
	lesson->kind = kind;
	T_BEGIN {
		lesson->has_verdict = read_verdict(lesson, mail,
			auser->set.authserv_ids) == 0;
	} T_END;
	return lesson;
}

struct moves_lesson *
moves_lesson_release(struct authres_user *auser, struct mail *mail,
		     const struct delivery_record *delivered)
{
	struct moves_lesson *lesson =
		lesson_create(auser, mail, LESSON_KIND_RELEASE);

	T_BEGIN {
		release_lesson_read(lesson->pool, &auser->set, mail,
				    lesson->has_verdict ?
				    &lesson->verdict : NULL, delivered,
				    &lesson->release);
	} T_END;
	return lesson;
}

struct moves_lesson *
moves_lesson_retraction(struct authres_user *auser, struct mail *mail)
{
	struct moves_lesson *lesson =
		lesson_create(auser, mail, LESSON_KIND_RETRACTION);
	const char *const *values;

	T_BEGIN {
		if (lesson->verdict.author_domain != NULL &&
		    mail_get_headers(mail, "From", &values) > 0) {
			lesson->author = p_strdup(lesson->pool,
				t_allowance_author_of(values,
					lesson->verdict.author_domain));
		}
	} T_END;
	return lesson;
}

struct moves_lesson *
moves_lesson_answer(struct authres_user *auser, struct mail *mail,
		    const struct delivery_record *delivered)
{
	struct moves_lesson *lesson =
		lesson_create(auser, mail, LESSON_KIND_ANSWER);
	struct allowance *list = &lesson->list;

	if (allowance_of_answered_list(lesson->pool,
				       lesson->verdict.list_domain, list) &&
	    allowance_digest(list) != delivered->allowance_digest)
		list->identity = NULL;
	return lesson;
}

void moves_lesson_free(struct moves_lesson **_release)
{
	struct moves_lesson *lesson = *_release;

	*_release = NULL;
	pool_unref(&lesson->pool);
}

static void
lesson_allow(struct authres_user *auser,
	     const struct moves_lesson *lesson, const char *mailbox)
{
	struct allowance allowance = lesson->release.allowance;
	struct release_report report;
	const char *error;

	i_zero(&report);
	report.by = "imap";
	report.verdict = &lesson->verdict;
	report.mailbox = mailbox;
	report.quiet = auser->set.log == AUTHRES_LOG_NONE;
	if (lesson->release.why == NULL &&
	    auser->set.learn == AUTHRES_LEARN_LISTS) {
		if (allowance_dict_learn(
				authres_user_get_allowances(auser),
				&allowance, lesson->release.proof, ioloop_time,
				&error) < 0)
			authres_user_dict_failed(auser->user->event, error);
		else
			report.allowance = &allowance;
	}
	release_event_send(auser->user->event, &event_category_authres,
			   &report);
	history_taken_back_tell(&auser->set, &lesson->verdict,
				auser->user->event);
}

static void
log_retracted(struct authres_user *auser, const struct verdict *verdict,
	      const struct allowance *allowance)
{
	const char *line = t_strdup_printf(
		"authres: moved to Junk from=%s no longer allowed=%s",
		verdict->author_domain == NULL ? "unknown" :
		str_sanitize(verdict->author_domain, MAX_NAME_CHARS),
		str_sanitize(t_allowance_through(allowance), MAX_NAME_CHARS));

	if (auser->set.log != AUTHRES_LOG_NONE)
		e_info(auser->user->event, "%s", line);
	else
		e_debug(auser->user->event, "%s", line);
}

static void
lesson_retract(struct authres_user *auser,
	       const struct moves_lesson *lesson,
	       const struct allowance *allowance)
{
	struct allowance_dict *dict = authres_user_get_allowances(auser);
	const char *error;
	int ret;

	ret = allowance_dict_remove(dict, allowance, &error);
	if (ret < 0)
		authres_user_dict_failed(auser->user->event, error);
	else if (ret > 0) {
		log_retracted(auser, &lesson->verdict, allowance);
	}
}

static void
lesson_retract_all(struct authres_user *auser,
		   const struct moves_lesson *lesson)
{
	static const enum allowance_kind kinds[] = {
		ALLOWANCE_LIST, ALLOWANCE_FORWARDER
	};
	struct allowance_dict *dict = authres_user_get_allowances(auser);
	struct allowance allowance;
	pool_t pool = pool_datastack_create();
	const char *error;

	for (unsigned int i = 0; i < N_ELEMENTS(kinds); i++) {
		if (allowance_from_verdict(pool, &lesson->verdict, kinds[i],
					   lesson->author, &allowance))
			lesson_retract(auser, lesson, &allowance);
	}
	/* and such a list needs two days again */
	if (allowance_of_answered_list(pool, lesson->verdict.list_domain,
				       &allowance) &&
	    allowance_dict_remove(dict, &allowance, &error) < 0)
		authres_user_dict_failed(auser->user->event, error);
}

static void
lesson_answered(struct authres_user *auser,
		const struct moves_lesson *lesson)
{
	struct allowance list = lesson->list;
	const char *error;

	if (list.identity == NULL)
		return;
	if (allowance_dict_answered(authres_user_get_allowances(auser),
				    &list, ioloop_time, &error) < 0)
		authres_user_dict_failed(auser->user->event, error);
}

void moves_lesson_finish(struct authres_user *auser,
			 const struct moves_lesson *lesson,
			 const char *mailbox)
{
	bool learn = auser->set.learn == AUTHRES_LEARN_LISTS;

	T_BEGIN {
		switch (lesson->kind) {
		case LESSON_KIND_RELEASE:
			lesson_allow(auser, lesson, mailbox);
			break;
		case LESSON_KIND_RETRACTION:
			if (learn)
				lesson_retract_all(auser, lesson);
			break;
		case LESSON_KIND_ANSWER:
			if (learn)
				lesson_answered(auser, lesson);
			break;
		}
	} T_END;
}
