/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "master-service.h"
#include "mail-user.h"
#include "mail-storage.h"
#include "mail-storage-service.h"
#include "master-service-settings.h"
#include "raw-storage.h"
#include "stream-mail.h"

struct stream_mail {
	struct mail_user *user;
	bool own_user;
	struct mailbox *box;
	struct mailbox_transaction_context *trans;
	struct mail *mail;
};

/* What lmtp and dovecot-lda read the message with: making a user of our own for
   each message would cost more than all checks of a small one. */
static struct mail_user *raw_user_of(struct mail *original)
{
	struct mail_storage *storage = original->box->storage;

	return strcmp(storage->name, RAW_STORAGE_NAME) == 0 ?
		storage->user : NULL;
}

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

int stream_mail_open(struct mail_user *user, struct mail *original,
		     struct istream *input, time_t received_time,
		     const char *mail_from, struct stream_mail **source_r,
		     const char **error_r)
{
	struct stream_mail *source;

	source = i_new(struct stream_mail, 1);
	source->user = raw_user_of(original);
	if (source->user == NULL) {
		source->user = raw_user_create(user);
		source->own_user = TRUE;
	}
	if (raw_mailbox_alloc_stream(source->user, input, received_time,
				     mail_from, &source->box) < 0) {
		*error_r = t_strdup(
			mailbox_get_last_internal_error(source->box, NULL));
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
	mailbox_free(&source->box);
	if (source->own_user)
		mail_user_deinit(&source->user);
	i_free(source);
}

struct mail *stream_mail_get(struct stream_mail *source)
{
	return source->mail;
}
