/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ostream.h"
#include "str.h"
#include "iostream-ssl.h"
#include "master-service.h"
#include "smtp-address.h"
#include "smtp-submit.h"
#if DOVECOT_PREREQ(2, 4, 0)
#  include "settings.h"
#else
#  include "doveadm.h"
#  include "doveadm-settings.h"
#endif
#include "submission.h"

struct submission {
	pool_t pool;
	const struct smtp_submit_settings *set;
	struct smtp_submit_input input;
};

#if DOVECOT_PREREQ(2, 4, 0)
int submission_init(struct master_service *service,
		    const struct submission_settings *config ATTR_UNUSED,
		    struct submission **submission_r, const char **error_r)
{
	struct event *event = master_service_get_event(service);
	const struct smtp_submit_settings *set;
	struct submission *submission;
	pool_t pool;

	if (settings_get(event, &smtp_submit_setting_parser_info, 0, &set,
			 error_r) < 0)
		return -1;
	pool = pool_alloconly_create("submission", 512);
	submission = p_new(pool, struct submission, 1);
	submission->pool = pool;
	submission->set = set;
	submission->input.event_parent = event;
	*submission_r = submission;
	return 0;
}

static void submission_settings_free(struct submission *submission)
{
	settings_free(submission->set);
}
#else
int submission_init(struct master_service *service ATTR_UNUSED,
		    const struct submission_settings *config,
		    struct submission **submission_r,
		    const char **error_r ATTR_UNUSED)
{
	struct ssl_iostream_settings *ssl;
	struct smtp_submit_settings *set;
	struct submission *submission;
	pool_t pool;

	pool = pool_alloconly_create("submission", 1024);
	submission = p_new(pool, struct submission, 1);
	submission->pool = pool;
	set = p_new(pool, struct smtp_submit_settings, 1);
	set->hostname = config->hostname;
	set->submission_host = config->submission_host;
	set->sendmail_path = config->sendmail_path;
	set->submission_ssl = config->submission_ssl;
	set->submission_timeout = config->submission_timeout_secs;
	submission->set = set;
	ssl = p_new(pool, struct ssl_iostream_settings, 1);
	doveadm_get_ssl_settings(ssl, pool);
	submission->input.ssl = ssl;
	submission->input.allow_root = TRUE;
	*submission_r = submission;
	return 0;
}

static void
submission_settings_free(struct submission *submission ATTR_UNUSED)
{
}
#endif

static int
submission_address(const char *text, struct smtp_address **address_r,
		   const char **error_r)
{
	return smtp_address_parse_mailbox(pool_datastack_create(), text, 0,
					  address_r, error_r);
}

int submission_send(struct submission *submission, const char *mail_from,
		    const char *rcpt_to, const string_t *mail,
		    const char **error_r)
{
	struct smtp_address *from, *to;
	struct smtp_submit *submit;
	struct ostream *output;
	int ret;

	if (submission_address(mail_from, &from, error_r) < 0 ||
	    submission_address(rcpt_to, &to, error_r) < 0)
		return 0;
	submit = smtp_submit_init_simple(&submission->input, submission->set,
					 from);
	smtp_submit_add_rcpt(submit, to);
	output = smtp_submit_send(submit);
	/* a failure is smtp_submit_run()'s to tell */
	o_stream_nsend(output, str_data(mail), str_len(mail));
	ret = smtp_submit_run(submit, error_r);
	if (ret <= 0)
		*error_r = t_strdup(*error_r);
	smtp_submit_deinit(&submit);
	return ret;
}

const char *t_submission_place(const struct submission *submission)
{
	return *submission->set->submission_host != '\0' ?
		t_strconcat("submission_host ",
			    submission->set->submission_host, NULL) :
		t_strconcat("sendmail_path ", submission->set->sendmail_path,
			    NULL);
}

void submission_deinit(struct submission **_submission)
{
	struct submission *submission = *_submission;

	if (submission == NULL)
		return;
	*_submission = NULL;
	submission_settings_free(submission);
	pool_unref(&submission->pool);
}
