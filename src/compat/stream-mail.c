/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "master-service.h"
#include "mail-user.h"
#include "mail-storage-private.h"
#include "mail-storage-service.h"
#include "master-service-settings.h"
#include "raw-storage.h"
#include "stream-mail.h"

struct stream_mail {
	/* NULL: that of the original is used */
	struct mail_user *user;
	struct mailbox *box;
	/* what the original's mailbox reads otherwise */
	struct istream *original_input;

	struct mailbox_transaction_context *trans;
	struct mail *mail;
};

static struct mail_user *raw_user_create(struct mail_user *user)
{
#if DOVECOT_PREREQ(2,4,0)
	struct mail_storage_service_user *service_user = user->service_user;

	return raw_storage_create_from_set(
		mail_storage_service_user_get_service_ctx(service_user),
		mail_storage_service_user_get_settings_instance(service_user));
#else
	void **sets = master_service_settings_get_others(master_service);

	return raw_storage_create_from_set(user->set_info, sets[0]);
#endif
}

/* The mailbox that lmtp and dovecot-lda made to read the message reads ours for
   a while: another user and mailbox for each message would cost more than all
   checks of a small one. */
static bool
stream_mail_use_original(struct stream_mail *source, struct mail *original,
			 struct istream *input)
{
	struct mailbox *box = original->box;

	if (strcmp(box->storage->name, RAW_STORAGE_NAME) != 0 ||
	    box->input == NULL)
		return FALSE;
	source->box = box;
	source->original_input = box->input;
	box->input = input;
	i_stream_ref(input);
	return TRUE;
}

static int
stream_mail_make_mailbox(struct stream_mail *source, struct mail_user *user,
			 struct mail *original, struct istream *input,
			 const char *mail_from, const char **error_r)
{
	time_t received_time;

	if (mail_get_received_date(original, &received_time) < 0)
		received_time = (time_t)-1;
	source->user = raw_user_create(user);
	if (raw_mailbox_alloc_stream(source->user, input, received_time,
				     mail_from, &source->box) < 0) {
		*error_r = t_strdup(
			mailbox_get_last_internal_error(source->box, NULL));
		return -1;
	}
	return 0;
}

int stream_mail_open(struct mail_user *user, struct mail *original,
		     struct istream *input, const char *mail_from,
		     struct stream_mail **source_r, const char **error_r)
{
	struct stream_mail *source;

	source = i_new(struct stream_mail, 1);
	if (!stream_mail_use_original(source, original, input) &&
	    stream_mail_make_mailbox(source, user, original, input, mail_from,
				     error_r) < 0) {
		stream_mail_close(&source);
		return -1;
	}
	source->trans = mailbox_transaction_begin(source->box, 0, __func__);
	source->mail = mail_alloc(source->trans, 0, NULL);
	mail_set_seq(source->mail, 1);
	*source_r = source;
	return 0;
}

void stream_mail_close(struct stream_mail **_source)
{
	struct stream_mail *source = *_source;

	if (source == NULL)
		return;
	*_source = NULL;

	if (source->mail != NULL)
		mail_free(&source->mail);
	if (source->trans != NULL)
		mailbox_transaction_rollback(&source->trans);
	if (source->user != NULL) {
		mailbox_free(&source->box);
		mail_user_deinit(&source->user);
	} else {
		i_stream_unref(&source->box->input);
		source->box->input = source->original_input;
	}
	i_free(source);
}

struct mail *stream_mail_get(struct stream_mail *source)
{
	return source->mail;
}
