/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "ioloop.h"
#include "time-util.h"
#include "smtp-address.h"
#include "mail-storage.h"
#include "authres-settings.h"
#include "history-dict.h"
#include "master-end.h"
#include "verdict.h"
#include "verifier-client.h"
#include "verifier-client-connection.h"
#include "delivery-history.h"
#include "delivery-log.h"
#include "delivery-transaction.h"

/* to the verifier, from the last message of this process */
static struct verifier_client_connection *kept_connection;

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
	delivery_history_send(&trans->history);
	pool_unref(&trans->pool);
}

void delivery_transaction_set_mail_from(struct delivery_transaction *trans,
					const struct smtp_address *mail_from)
{
	trans->request.mail_from = mail_from == NULL ? NULL :
		p_strdup(trans->pool, smtp_address_encode(mail_from));
}

static enum verifier_client_outcome
delivery_transaction_ask(struct delivery_transaction *trans, struct mail *mail,
			 const struct authres_settings *set,
			 struct verdict *verdict, const char **error_r)
{
	enum verifier_client_outcome outcome;
	struct istream *input;

	if (mail_get_stream(mail, NULL, NULL, &input) < 0) {
		*error_r = t_strdup_printf("Can't read the message: %s",
			mailbox_get_last_internal_error(mail->box, NULL));
		return VERIFIER_CLIENT_UNJUDGED;
	}
	i_stream_seek(input, 0);
	outcome = verifier_client_verify(trans->pool, set->socket_path,
					 &kept_connection, &trans->request,
					 input, verdict, error_r);
	i_stream_seek(input, 0);
	return outcome;
}

/* The field is to say that words alone came. */
static void
delivery_transaction_mark_minimal(struct delivery_transaction *trans,
				  struct verdict *verdict)
{
	struct check_result *result;

	array_foreach_modifiable(&verdict->results, result) {
		result->comment = p_strdup(trans->pool, "no details: the "
					   "verifier's first reply was "
					   "refused");
		break;
	}
}

static void
delivery_transaction_judge(struct delivery_transaction *trans,
			   struct mail *mail,
			   const struct authres_settings *set,
			   struct verdict *verdict, struct event *event)
{
	enum verifier_client_outcome outcome;
	const char *error;

	outcome = delivery_transaction_ask(trans, mail, set, verdict, &error);
	trans->verifier_error = p_strdup(trans->pool, error);
	if (master_is_ending()) {
		trans->interrupted = TRUE;
		verdict_init_temperror(trans->pool, verdict,
				       "Dovecot was reloaded or stopped");
		return;
	}
	switch (outcome) {
	case VERIFIER_CLIENT_VERDICT:
		if (error == NULL)
			break;
		e_error(event, "authres: %s - asked again for a verdict "
			"without details", error);
		delivery_transaction_mark_minimal(trans, verdict);
		break;
	case VERIFIER_CLIENT_ABSENT:
		e_error(event, "authres: %s - delivering without a verdict",
			error);
		verdict_init_temperror(trans->pool, verdict,
				       "verifier not available");
		break;
	case VERIFIER_CLIENT_UNJUDGED:
		e_error(event, "authres: %s - no verdict on this message",
			error);
		verdict_init_temperror(trans->pool, verdict,
				       "the verifier gave no verdict on this "
				       "message");
		verdict->unjudged = TRUE;
		break;
	}
}

const struct verdict *
delivery_transaction_get_verdict(struct delivery_transaction *trans,
				 struct mail *mail, const char *rcpt_to,
				 const struct authres_settings *set,
				 struct event *event)
{
	struct verdict *verdict;
	struct timeval begin;

	if (trans->verdict != NULL)
		return trans->verdict;

	trans->request.rcpt_to = p_strdup(trans->pool, rcpt_to);
	trans->request.received_time = time(NULL);
	trans->request.timeout_msecs = set->timeout_msecs;
	trans->request.history = history_is_on(set);
	trans->request.failure = trans->request.history &&
		set->failure_reports > 0;

	if (trans->received_mail != NULL)
		mail = trans->received_mail;
	verdict = p_new(trans->pool, struct verdict, 1);
	trans->verdict = verdict;
	io_loop_time_refresh();
	begin = ioloop_timeval;
	T_BEGIN {
		delivery_transaction_judge(trans, mail, set, verdict, event);
		delivery_log_checks(event, verdict);
	} T_END;
	io_loop_time_refresh();
	trans->verifier_msecs = I_MAX(0, timeval_diff_msecs(&ioloop_timeval,
							    &begin));
	return verdict;
}

void delivery_transaction_close_connection(void)
{
	verifier_client_disconnect(&kept_connection);
}
