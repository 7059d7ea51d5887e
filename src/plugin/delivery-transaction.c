/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ioloop.h"
#include "time-util.h"
#include "smtp-address.h"
#include "mail-storage.h"
#include "authres-settings.h"
#include "verdict.h"
#include "verifier-client.h"
#include "delivery-log.h"
#include "delivery-transaction.h"

struct delivery_transaction *
delivery_transaction_init(enum verify_protocol protocol)
{
	struct delivery_transaction *trans;
	pool_t pool;

	pool = pool_alloconly_create("authres delivery transaction", 2048);
	trans = p_new(pool, struct delivery_transaction, 1);
	trans->pool = pool;
	trans->request.protocol = protocol;
	return trans;
}

void delivery_transaction_deinit(struct delivery_transaction **_trans)
{
	struct delivery_transaction *trans = *_trans;

	if (trans == NULL)
		return;
	*_trans = NULL;
	pool_unref(&trans->pool);
}

void delivery_transaction_set_mail_from(struct delivery_transaction *trans,
					const struct smtp_address *mail_from)
{
	trans->request.mail_from = mail_from == NULL ? NULL :
		p_strdup(trans->pool, smtp_address_encode(mail_from));
}

static int
delivery_transaction_ask(struct delivery_transaction *trans, struct mail *mail,
			 const struct authres_settings *set,
			 struct verdict *verdict, const char **error_r)
{
	struct istream *input;
	int ret;

	if (mail_get_stream(mail, NULL, NULL, &input) < 0) {
		*error_r = t_strdup_printf("Can't read the message: %s",
			mailbox_get_last_internal_error(mail->box, NULL));
		return -1;
	}
	i_stream_seek(input, 0);
	ret = verifier_client_verify(trans->pool, set->socket_path,
				     &trans->request, input, verdict, error_r);
	i_stream_seek(input, 0);
	return ret;
}

const struct verdict *
delivery_transaction_get_verdict(struct delivery_transaction *trans,
				 struct mail *mail, const char *rcpt_to,
				 const struct authres_settings *set,
				 struct event *event)
{
	struct verdict *verdict;
	struct timeval begin;
	const char *error;

	if (trans->verdict != NULL)
		return trans->verdict;

	trans->request.rcpt_to = p_strdup(trans->pool, rcpt_to);
	trans->request.received_time = time(NULL);
	trans->request.timeout_msecs = set->timeout_msecs;

	if (trans->received_mail != NULL)
		mail = trans->received_mail;
	verdict = p_new(trans->pool, struct verdict, 1);
	trans->verdict = verdict;
	io_loop_time_refresh();
	begin = ioloop_timeval;
	T_BEGIN {
		if (delivery_transaction_ask(trans, mail, set, verdict,
					     &error) < 0) {
			e_error(event, "authres: %s - "
				"delivering without a verdict", error);
			trans->verifier_error = p_strdup(trans->pool, error);
			i_zero(verdict);
			verdict_init_temperror(trans->pool, verdict,
					       "verifier not available");
		}
		delivery_log_checks(event, verdict);
	} T_END;
	io_loop_time_refresh();
	trans->verifier_msecs = I_MAX(0, timeval_diff_msecs(&ioloop_timeval,
							    &begin));
	return verdict;
}
