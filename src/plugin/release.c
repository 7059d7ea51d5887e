/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ioloop.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "stored-verdict.h"
#include "allowance-dict.h"
#include "release-event.h"
#include "release-lesson.h"
#include "authres-plugin.h"
#include "delivered-mail.h"
#include "release-log.h"
#include "release.h"

enum release_kind {
	RELEASE_KIND_RELEASE,
	RELEASE_KIND_RETRACTION,
	RELEASE_KIND_ANSWER
};

struct release {
	pool_t pool;
	enum release_kind kind;
	/* what our field says; zero if there is none */
	bool has_verdict;
	struct verdict verdict;
	/* of a release */
	struct release_lesson lesson;
	/* of a retraction: NULL = not known */
	const char *author;
	/* of an answer; no identity = it says nothing */
	struct allowance list;
};

static int
read_verdict(struct release *release, struct mail *mail,
	     const char *const *authserv_ids)
{
	struct stored_verdict stored;
	struct istream *header;
	const char *why;

	if (mail_get_hdr_stream(mail, NULL, &header) < 0)
		return -1;
	i_stream_seek(header, 0);
	if (stored_verdict_read(release->pool, header, authserv_ids, &stored,
				&why) <= 0)
		return -1;
	release->verdict = stored.verdict;
	return 0;
}

static struct release *
release_create(struct authres_user *auser, struct mail *mail,
	       enum release_kind kind)
{
	struct release *release;
	pool_t pool;

	pool = pool_alloconly_create("authres release", 1024);
	release = p_new(pool, struct release, 1);
	release->pool = pool;
	release->kind = kind;
	T_BEGIN {
		release->has_verdict = read_verdict(release, mail,
			auser->set.authserv_ids) == 0;
	} T_END;
	return release;
}

struct release *release_read(struct authres_user *auser, struct mail *mail,
			     const struct delivered_mail *delivered)
{
	struct release *release =
		release_create(auser, mail, RELEASE_KIND_RELEASE);

	T_BEGIN {
		release_lesson_read(release->pool, &auser->set, mail,
				    release->has_verdict ?
				    &release->verdict : NULL, delivered,
				    &release->lesson);
	} T_END;
	return release;
}

struct release *retraction_read(struct authres_user *auser, struct mail *mail)
{
	struct release *release =
		release_create(auser, mail, RELEASE_KIND_RETRACTION);
	const char *const *values;

	T_BEGIN {
		if (release->verdict.author_domain != NULL &&
		    mail_get_headers(mail, "From", &values) > 0) {
			release->author = p_strdup(release->pool,
				t_allowance_author_of(values,
					release->verdict.author_domain));
		}
	} T_END;
	return release;
}

struct release *answer_read(struct authres_user *auser, struct mail *mail,
			    const struct delivered_mail *delivered)
{
	struct release *release =
		release_create(auser, mail, RELEASE_KIND_ANSWER);
	struct allowance *list = &release->list;

	if (allowance_of_answered_list(release->pool,
				       release->verdict.list_domain, list) &&
	    allowance_digest(list) != delivered->allowance_digest)
		list->identity = NULL;
	return release;
}

void release_free(struct release **_release)
{
	struct release *release = *_release;

	*_release = NULL;
	pool_unref(&release->pool);
}

static void
release_allow(struct authres_user *auser, struct mail_user *user,
	      const struct release *release, const char *mailbox)
{
	struct allowance allowance = release->lesson.allowance;
	struct release_report report;
	const char *error;

	i_zero(&report);
	report.by = "imap";
	report.verdict = &release->verdict;
	report.mailbox = mailbox;
	report.quiet = strcmp(auser->set.log, "none") == 0;
	if (release->lesson.why == NULL &&
	    strcmp(auser->set.learn, "lists") == 0) {
		if (allowance_dict_learn(
				authres_user_get_allowances(auser, user),
				&allowance, release->lesson.proof, ioloop_time,
				&error) < 0)
			release_log_dict_error(user->event, error);
		else
			report.allowance = &allowance;
	}
	release_event_send(user->event, &event_category_authres, &report);
}

static void
retract(struct authres_user *auser, struct mail_user *user,
	const struct release *release, const struct allowance *allowance)
{
	struct allowance_dict *dict = authres_user_get_allowances(auser, user);
	const char *error;
	int ret;

	ret = allowance_dict_remove(dict, allowance, &error);
	if (ret < 0)
		release_log_dict_error(user->event, error);
	else if (ret > 0) {
		release_log_retracted(user->event, auser->set.log,
				      &release->verdict, allowance);
	}
}

static void
release_retract(struct authres_user *auser, struct mail_user *user,
		const struct release *release)
{
	static const enum allowance_kind kinds[] = {
		ALLOWANCE_LIST, ALLOWANCE_FORWARDER
	};
	struct allowance_dict *dict = authres_user_get_allowances(auser, user);
	struct allowance allowance;
	pool_t pool = pool_datastack_create();
	const char *error;

	for (unsigned int i = 0; i < N_ELEMENTS(kinds); i++) {
		if (allowance_from_verdict(pool, &release->verdict, kinds[i],
					   release->author, &allowance))
			retract(auser, user, release, &allowance);
	}
	/* and such a list needs two days again */
	if (allowance_of_answered_list(pool, release->verdict.list_domain,
				       &allowance) &&
	    allowance_dict_remove(dict, &allowance, &error) < 0)
		release_log_dict_error(user->event, error);
}

static void
release_answered(struct authres_user *auser, struct mail_user *user,
		 const struct release *release)
{
	struct allowance list = release->list;
	const char *error;

	if (list.identity == NULL)
		return;
	if (allowance_dict_answered(authres_user_get_allowances(auser, user),
				    &list, ioloop_time, &error) < 0)
		release_log_dict_error(user->event, error);
}

void release_finish(struct authres_user *auser, struct mail_user *user,
		    const struct release *release, const char *mailbox)
{
	bool learn = strcmp(auser->set.learn, "lists") == 0;

	T_BEGIN {
		switch (release->kind) {
		case RELEASE_KIND_RELEASE:
			release_allow(auser, user, release, mailbox);
			break;
		case RELEASE_KIND_RETRACTION:
			if (learn)
				release_retract(auser, user, release);
			break;
		case RELEASE_KIND_ANSWER:
			if (learn)
				release_answered(auser, user, release);
			break;
		}
	} T_END;
}
