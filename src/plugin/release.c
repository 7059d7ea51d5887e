/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ioloop.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "disposition.h"
#include "stored-verdict.h"
#include "allowance-dict.h"
#include "authres-plugin.h"
#include "delivered-mail.h"
#include "move-keywords.h"
#include "release-log.h"
#include "release.h"

struct release {
	pool_t pool;
	bool retraction;
	/* what our field says; results is not created if there is none */
	struct verdict verdict;
	/* NULL = not known */
	const char *author;
	/* a release: it may be learned */
	bool learn;
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

static void read_author(struct release *release, struct mail *mail)
{
	const char *const *values, *author;

	if (release->verdict.author_domain == NULL ||
	    mail_get_headers(mail, "From", &values) <= 0)
		return;
	author = t_allowance_author_of(values, release->verdict.author_domain);
	release->author = p_strdup(release->pool, author);
}

static struct release *
release_create(struct authres_user *auser, struct mail *mail)
{
	struct release *release;
	pool_t pool;

	pool = pool_alloconly_create("authres release", 1024);
	release = p_new(pool, struct release, 1);
	release->pool = pool;
	T_BEGIN {
		if (read_verdict(release, mail, auser->set.authserv_ids) == 0)
			read_author(release, mail);
	} T_END;
	return release;
}

struct release *release_read(struct authres_user *auser, struct mail *mail,
			     const struct delivered_mail *delivered)
{
	struct release *release = release_create(auser, mail);
	struct allowance allowance;

	release->learn = strcmp(auser->set.learn, "lists") == 0 &&
		delivered->allowance_digest != 0 &&
		!move_keywords_say_phishing(mail, &auser->set) &&
		allowance_of_message(release->pool, &release->verdict,
				     release->author, &allowance) &&
		allowance_digest(&allowance) == delivered->allowance_digest;
	return release;
}

struct release *retraction_read(struct authres_user *auser, struct mail *mail)
{
	struct release *release = release_create(auser, mail);

	release->retraction = TRUE;
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
	struct allowance allowance;
	const char *error;
	int ret = 0;

	if (release->learn) {
		ret = allowance_learn_from_verdict(
			authres_user_get_allowances(auser, user),
			pool_datastack_create(), &release->verdict,
			release->author, ioloop_time, &allowance, &error);
	}
	if (ret < 0)
		release_log_dict_error(user->event, error);
	release_log_released(user->event, auser->set.log, &release->verdict,
			     ret > 0 ? &allowance : NULL, mailbox);
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
	const char *error;

	if (strcmp(auser->set.learn, "lists") != 0)
		return;
	for (unsigned int i = 0; i < N_ELEMENTS(kinds); i++) {
		int ret;

		if (!allowance_from_verdict(pool_datastack_create(),
					    &release->verdict, kinds[i],
					    release->author, &allowance))
			continue;
		ret = allowance_dict_remove(dict, &allowance, &error);
		if (ret < 0)
			release_log_dict_error(user->event, error);
		else if (ret > 0)
			release_log_retracted(user->event, auser->set.log,
					      &release->verdict, &allowance);
	}
}

void release_finish(struct authres_user *auser, struct mail_user *user,
		    const struct release *release, const char *mailbox)
{
	T_BEGIN {
		if (release->retraction)
			release_retract(auser, user, release);
		else
			release_allow(auser, user, release, mailbox);
	} T_END;
}
